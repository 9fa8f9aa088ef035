//! A server's surroundings: its gateway, its shop, its site, the book of what happened.

use super::Failed;
use super::client::{Client, PATIENCE};
use super::gateway::Gateway;
use super::ledger::Ledger;
use super::server::Server;
use super::shop;
use super::site::{GAPS_SECS, SQLITE, Site, Surroundings};
use crate::truth::Said;
use quittance_server::clock::Clock;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// What a part wants of its world.
pub struct Wants<'a> {
    /// The server's program.
    pub program: &'a Path,
    /// The proof that the account requires: `signed` or `confirmed`.
    pub require: &'a str,
    /// Whether a shop is told.
    pub shop: bool,
    /// The beginning of all chance.
    pub seed: u64,
}

/// Everything around one server.
pub struct World {
    /// Where the server lives.
    pub site: Site,
    /// Where buyers pay.
    pub gateway: Gateway,
    /// What truly happened.
    pub ledger: Arc<Ledger>,
    client: Client,
    has_shop: bool,
    require: String,
    // The sockets' tasks, and the folder: both end with the world.
    _tasks: JoinSet<()>,
    _folder: Option<TempDir>,
}

impl World {
    /// In a folder of its own, removed at the end.
    ///
    /// # Errors
    /// Where the system does not let us.
    pub async fn make(wants: &Wants<'_>) -> Result<World, Failed> {
        let folder = tempfile::Builder::new()
            .prefix("quittance-crash-")
            .tempdir()?;
        let path = folder.path().to_owned();
        World::within(wants, &path, Some(folder)).await
    }

    /// In this folder.
    ///
    /// # Errors
    /// Where the system does not let us.
    pub async fn within(
        wants: &Wants<'_>,
        path: &Path,
        folder: Option<TempDir>,
    ) -> Result<World, Failed> {
        let mut tasks = JoinSet::new();
        let ledger = Ledger::new();
        let gateway = Gateway::start(&mut tasks).await?;
        let shop = match wants.shop {
            true => Some(shop::start(&mut tasks, &ledger, wants.seed).await?),
            false => None,
        };
        let around = Surroundings {
            gateway: &gateway.url,
            require: wants.require,
            shop: shop.as_deref(),
            database: SQLITE,
            public_url: None,
            gaps_secs: &GAPS_SECS,
        };
        let site = Site::make(wants.program, path, &around)?;
        Ok(World {
            site,
            gateway,
            ledger,
            client: Client::new(PATIENCE)?,
            has_shop: shop.is_some(),
            require: wants.require.to_owned(),
            _tasks: tasks,
            _folder: folder,
        })
    }

    /// The machine's clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.ledger.clock
    }

    /// Whether a shop is told.
    #[must_use]
    pub fn has_shop(&self) -> bool {
        self.has_shop
    }

    /// The proof that the account requires.
    #[must_use]
    pub fn require(&self) -> &str {
        &self.require
    }

    /// Starts the server and waits until it takes callbacks.
    ///
    /// # Errors
    /// Where it does not.
    pub async fn serve(&self) -> Result<Server, Failed> {
        let mut server = Server::start(&self.site, &[])?;
        match server.ready(self.clock()).await? {
            Some(()) => Ok(server),
            None => Err(format!("the server ended at its start: {}", self.said()?).into()),
        }
    }

    /// One call of the merchant API: status and body.
    ///
    /// # Errors
    /// A connection that breaks, an answer that is no JSON.
    pub async fn api(&self, path: &str, body: Option<String>) -> Result<(u16, Value), Failed> {
        self.client.api(&self.site.url, path, body).await
    }

    /// Everything that the server says.
    ///
    /// # Errors
    /// A connection that breaks, an answer that is no list.
    pub async fn says(&self) -> Result<Said, Failed> {
        self.client.says(&self.site.url).await
    }

    /// Sends a callback as the gateway does: status and body.
    ///
    /// # Errors
    /// A connection that breaks.
    pub async fn notify(&self, account: &str, body: &[u8]) -> Result<(u16, Vec<u8>), Failed> {
        self.client.notify(&self.site.url, account, body).await
    }

    /// The newest lines that the server wrote.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn said(&self) -> Result<String, Failed> {
        self.site.said()
    }
}
