//! What every part of the node shares: accounts, seams, counters.

use crate::asking::{Budget, Waiters};
use crate::callback::junk::Junk;
use crate::callback::opinion::Opinions;
use crate::clock::Clock;
use crate::http::pages::{Pace, Watchers};
use crate::metrics::Metrics;
use crate::setup::{AccountSetup, Setup};
use crate::store::{Appended, NewEntry, Outcome, Store, StoreError};
use crate::tasks::Tasks;
use crate::transport::Transport;
use crate::view::Viewer;
use data_encoding::HEXLOWER;
use quittance_core::entry::Record;
use quittance_core::gateway::{Evidence, Personal};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::watch;

/// Shared by the router and the workers of one node.
pub struct App {
    /// The settings.
    pub setup: Setup,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// Calls to others.
    pub transport: Arc<dyn Transport>,
    /// Durable memory.
    pub store: Arc<dyn Store>,
    /// Makes JSON.
    pub viewer: Viewer,
    /// Counters.
    pub metrics: Metrics,
    /// What runs beside requests.
    pub tasks: Tasks,
    /// Second opinions under way.
    pub opinions: Opinions,
    /// Those who wait for a query.
    pub waiters: Waiters,
    /// How often gateways are asked because of something from outside.
    pub budget: Budget,
    /// Those who watch an order's page.
    pub watchers: Watchers,
    /// How fast the direct-pay pages make orders.
    pub pace: Pace,
    /// How much junk was chained lately.
    pub junk: Junk,
    /// Held by the one who has the doctor call gateways and the shop.
    pub doctor: tokio::sync::Mutex<()>,
    /// How often the wall clock jumped: who sleeps until a time of it looks again.
    pub jumps: watch::Sender<u64>,
    stopping: watch::Sender<bool>,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        setup: Setup,
        clock: Arc<dyn Clock>,
        transport: Arc<dyn Transport>,
        store: Arc<dyn Store>,
    ) -> Arc<App> {
        let viewer = Viewer {
            public_url: setup.public_url.clone(),
        };
        Arc::new(App {
            setup,
            clock,
            transport,
            store,
            viewer,
            metrics: Metrics::new(),
            tasks: Tasks::default(),
            opinions: Opinions::default(),
            waiters: Waiters::default(),
            budget: Budget::default(),
            watchers: Watchers::default(),
            pace: Pace::default(),
            junk: Junk::default(),
            doctor: tokio::sync::Mutex::default(),
            jumps: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
        })
    }

    /// The account of this name.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<&Arc<AccountSetup>> {
        self.setup.accounts.get(name)
    }

    /// From now on nothing new is taken: callbacks get a non-ack, so that the gateway sends them again.
    pub fn drain(&self) {
        self.stopping.send_replace(true);
    }

    /// Whether the server is about to stop.
    #[must_use]
    pub fn draining(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Resolves when the server begins to stop.
    pub async fn stopping(&self) {
        // The sender lives as long as this value: waiting cannot fail.
        let _ = self
            .stopping
            .subscribe()
            .wait_for(|stopping| *stopping)
            .await;
    }

    /// A record at this moment, ready to be appended.
    #[must_use]
    pub fn entry(&self, record: Record) -> NewEntry {
        NewEntry {
            salt: self.clock.salt(),
            ..NewEntry::new(self.clock.wall(), record)
        }
    }

    /// Appends one entry.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn append(&self, entry: NewEntry) -> Result<Outcome, StoreError> {
        let outcomes = self.store.append(vec![entry]).await?;
        outcomes.into_iter().next().ok_or(StoreError::Closed)
    }

    /// Appends entries of which none can be refused, and gives the last one's place.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn record(&self, entries: Vec<NewEntry>) -> Result<Appended, StoreError> {
        let outcomes = self.store.append(entries).await?;
        match outcomes.into_iter().next_back() {
            Some(Ok(appended)) => Ok(appended),
            Some(Err(refused)) => Err(StoreError::Database(format!(
                "an observation was refused: {refused:?}"
            ))),
            None => Err(StoreError::Closed),
        }
    }

    /// Claims carry the payer as a hash salted per chain; who it is stays beside the journal.
    #[must_use]
    pub fn without_payer(&self, evidence: Vec<Evidence>, personal: &[Personal]) -> Vec<Evidence> {
        let payer = |trade_no: &str| {
            let found = personal
                .iter()
                .find(|p| p.subject == trade_no && p.name == "buyer_id")?;
            let salted = Sha256::new()
                .chain_update(self.store.payer_salt())
                .chain_update(found.value.as_bytes());
            Some(HEXLOWER.encode(&salted.finalize()[..16]))
        };
        let hashed = |mut told: Evidence| {
            told.detail.payer = told.claim.trade_no().and_then(payer);
            told
        };
        evidence.into_iter().map(hashed).collect()
    }
}
