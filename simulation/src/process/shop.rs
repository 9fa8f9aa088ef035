//! The shop: takes webhooks on a socket, keeps every receipt, and sometimes says no.

use super::Failed;
use super::ledger::Ledger;
use super::site::WEBHOOK_SECRET;
use crate::truth::Receipt;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use standardwebhooks::Webhook;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// One event in so many is answered 500 once, and not kept: a second time would put the next try off for minutes.
const REFUSED: usize = 20;

struct Shop {
    ledger: Arc<Ledger>,
    // The specification's own library.
    published: Webhook,
    chance: Mutex<fastrand::Rng>,
    refused: Mutex<BTreeSet<String>>,
}

impl Shop {
    fn refuses(&self, id: &str) -> bool {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        chance.usize(..REFUSED) == 0 && refused.insert(id.to_owned())
    }
}

/// Starts it; gives the address of its endpoint.
///
/// # Errors
/// Where no address is free.
pub async fn start(
    tasks: &mut JoinSet<()>,
    ledger: &Arc<Ledger>,
    seed: u64,
) -> Result<String, Failed> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hooks", listener.local_addr()?);
    let shop = Arc::new(Shop {
        ledger: ledger.clone(),
        published: Webhook::new(WEBHOOK_SECRET)?,
        chance: Mutex::new(fastrand::Rng::with_seed(seed)),
        refused: Mutex::default(),
    });
    let router = Router::new().route("/hooks", post(take)).with_state(shop);
    tasks.spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            eprintln!("the shop ended: {error}");
        }
    });
    Ok(url)
}

async fn take(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok());
    let id = id.unwrap_or_default().to_owned();
    let signed = shop.published.verify(&body, &headers).is_ok();
    let refused = shop.refuses(&id);
    let answer = if refused {
        StatusCode::INTERNAL_SERVER_ERROR
    } else {
        StatusCode::OK
    };
    shop.ledger.with(|truth| {
        let at = truth.now;
        truth.receipts.push(Receipt {
            endpoint: "shop".to_owned(),
            id,
            signed,
            body: body.to_vec(),
            answered: Some(answer.as_u16()),
            kept: !refused,
            at,
        });
    });
    answer
}
