//! A small shop that answers webhooks as it is told to.

use crate::program::Merchant;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use quittance_core::webhook::Secret;
use quittance_server::clock::{Clock, SystemClock};
use secrecy::SecretString;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// How it answers.
#[derive(Clone, Copy)]
pub enum Manner {
    /// 200 to what is signed, 401 to the rest.
    Right,
    /// 500 to everything.
    Broken,
    /// 200 to everything.
    Gullible,
}

/// The shop's manner, to be changed at any time.
pub type Manners = Arc<Mutex<Manner>>;

/// Starts it, and writes it into the merchant's settings.
pub async fn open(merchant: &Merchant, tasks: &mut JoinSet<()>) -> Manners {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let manners: Manners = Arc::new(Mutex::new(Manner::Right));
    let router = Router::new()
        .route("/hook", post(told))
        .with_state(manners.clone());
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    let text = std::fs::read_to_string(merchant.config()).unwrap();
    let webhook =
        format!("[[webhooks]]\nname = \"shop\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\n");
    std::fs::write(merchant.config(), format!("{text}{webhook}")).unwrap();
    manners
}

async fn told(State(manners): State<Manners>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let manner = *manners.lock().unwrap();
    let header = |name: &str| headers[name].to_str().unwrap();
    let verified = Secret::parse(&SecretString::from(SECRET)).unwrap().verify(
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
        &body,
        SystemClock::new().wall().as_second(),
    );
    match (manner, verified) {
        (Manner::Broken, _) => StatusCode::INTERNAL_SERVER_ERROR,
        (Manner::Gullible, _) | (Manner::Right, Ok(())) => StatusCode::OK,
        (Manner::Right, Err(_)) => StatusCode::UNAUTHORIZED,
    }
}
