//! The null handler: what a request costs that does nothing, on the server's own listener.

use crate::Failed;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::post;
use quittance_server::clock::{Clock, SystemClock};
use quittance_server::config;
use quittance_server::node::Node;
use quittance_server::serve;
use quittance_server::store::{DatabaseStore, Genesis, Location, Opening};
use quittance_server::transport::HttpTransport;
use quittance_server::view::Viewer;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Options of the null handler.
#[derive(clap::Args)]
pub struct Null {
    /// The server's settings
    #[arg(long)]
    config: PathBuf,
}

impl Null {
    /// Serves until it is killed: `serve` of the server with another router, on a runtime like the server's.
    ///
    /// # Errors
    /// Settings or an address that cannot be used.
    pub fn run(self) -> Result<(), Failed> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(self.serve())
    }

    async fn serve(self) -> Result<(), Failed> {
        let (setup, _) = config::load(&self.config, &|_| None)
            .map_err(|error| error.say(quittance_core::Lang::En))?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let opening = Opening {
            render: Arc::new(Viewer {
                public_url: setup.public_url.clone(),
            }),
            genesis: Genesis::new(&*clock),
            fatal: Box::new(|what| eprintln!("{what}")),
        };
        let store = Arc::new(DatabaseStore::inline(&Location::Memory, opening)?);
        let transport = Arc::new(HttpTransport::new(clock.clone())?);
        let mut node = Node::start(setup, clock, transport, store).await?;
        node.router = Router::new().route("/notify/{account}", post(success));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("The null handler listens on {}", listener.local_addr()?);
        serve::serve(node, listener, std::future::pending()).await;
        Ok(())
    }
}

/// Reads the whole form, as the server must, and acks it unread.
async fn success(Path(_account): Path<String>, form: Bytes) -> (StatusCode, &'static str) {
    match form.is_empty() {
        false => (StatusCode::OK, "success"),
        true => (StatusCode::BAD_REQUEST, "fail"),
    }
}
