//! The store on SQLite: the engine behind a thread of its own, or run inline for tests and the simulation.

mod shared;
#[cfg(test)]
mod tests;
mod threads;

use self::shared::{Shared, Ticket, lock};
use self::threads::Threads;
use super::batch::Batch;
use super::engine::{Engine, Genesis};
use super::failure::Failure;
use super::open::{Location, OpenError};
use super::{
    Change, Counts, DiscrepancyFilter, DueDelivery, DueStep, EventRow, Examined, FoundDiscrepancy,
    Head, JournalFilter, JournalRow, NewEntry, OrderFilter, Outcome, Page, Render, Snapshot, Store,
    StoreError, batch, read,
};
use async_trait::async_trait;
use quittance_core::gateway::Address;
use quittance_core::settings::Settings;
use quittance_core::state::{AccountState, Parked};
use quittance_core::{OrderKey, Timestamp};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use tokio::sync::{broadcast, oneshot};

/// What is called when the disk fails. Nothing may be answered after it: in production it ends the process.
pub type Fatal = Box<dyn Fn(&str) + Send + Sync>;

/// What a store is opened with.
pub struct Opening {
    /// Makes the bodies of events.
    pub render: Arc<dyn Render>,
    /// With what a new journal begins.
    pub genesis: Genesis,
    /// What to do when the disk fails.
    pub fatal: Fatal,
}

/// The store on SQLite.
pub struct SqliteStore {
    mode: Mode,
    shared: Arc<Shared>,
}

enum Mode {
    Threaded(Threads),
    Inline(Box<Mutex<Engine>>),
}

impl SqliteStore {
    /// The store of a server: one thread writes, with group commit, others read.
    ///
    /// # Errors
    /// [`OpenError`] says what to do.
    pub fn threaded(folder: PathBuf, opening: Opening) -> Result<SqliteStore, OpenError> {
        let location = Location::Folder(folder.clone());
        let engine = Engine::open(&location, opening.render, &opening.genesis)?;
        let shared = Arc::new(Shared::new(&engine, opening.fatal));
        let mode = Mode::Threaded(Threads::start(&folder, engine, &shared)?);
        Ok(SqliteStore { mode, shared })
    }

    /// The same in the caller's task, with a yield before and after each commit: where a crash may fall.
    ///
    /// # Errors
    /// [`OpenError`] says what to do.
    pub fn inline(location: &Location, opening: Opening) -> Result<SqliteStore, OpenError> {
        let engine = Engine::open(location, opening.render, &opening.genesis)?;
        let shared = Arc::new(Shared::new(&engine, opening.fatal));
        let mode = Mode::Inline(Box::new(Mutex::new(engine)));
        Ok(SqliteStore { mode, shared })
    }

    /// Runs a verb inside a transaction; resolves after the commit.
    async fn write<T: Send + 'static>(
        &self,
        verb: impl Fn(&mut Batch<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.shared.open()?;
        let (reply, answer) = oneshot::channel();
        let ticket = Box::new(Ticket {
            verb,
            done: None,
            reply,
        });
        match &self.mode {
            Mode::Threaded(threads) => threads.write(ticket).await?,
            Mode::Inline(engine) => {
                tokio::task::yield_now().await;
                self.shared.serve(&mut lock(engine), vec![ticket]);
                tokio::task::yield_now().await;
            }
        }
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Reads what was committed, in one moment.
    async fn read<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.shared.open()?;
        let done = match &self.mode {
            Mode::Threaded(threads) => threads.read(verb).await?,
            Mode::Inline(engine) => read::at_once(lock(engine).conn(), verb),
        };
        if let Err(Failure::Fatal(what)) = &done {
            self.shared.fail(what);
        }
        Ok(done?)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn append(&self, entries: Vec<NewEntry>) -> Result<Vec<Outcome>, StoreError> {
        self.write(move |batch| batch.append(&entries)).await
    }

    async fn order(&self, key: &OrderKey) -> Result<Option<Snapshot>, StoreError> {
        let key = key.clone();
        self.read(move |conn| read::order(conn, &key)).await
    }

    async fn order_by_token(&self, token: &str) -> Result<Option<Snapshot>, StoreError> {
        let token = token.to_owned();
        self.read(move |conn| read::order_by_token(conn, &token))
            .await
    }

    async fn order_by_trade(
        &self,
        account: &str,
        trade_no: &str,
    ) -> Result<Option<Snapshot>, StoreError> {
        let (account, trade_no) = (account.to_owned(), trade_no.to_owned());
        self.read(move |conn| read::order_by_trade(conn, &account, &trade_no))
            .await
    }

    async fn orders(&self, filter: OrderFilter) -> Result<Page<Snapshot>, StoreError> {
        self.read(move |conn| read::orders(conn, &filter)).await
    }

    async fn under_way(&self, account: &str, paid_since: Timestamp) -> Result<u64, StoreError> {
        let account = account.to_owned();
        self.read(move |conn| read::under_way(conn, &account, paid_since))
            .await
    }

    async fn account(&self, name: &str) -> Result<AccountState, StoreError> {
        let name = name.to_owned();
        self.read(move |conn| Ok(batch::account(conn, &name)?.unwrap_or_default()))
            .await
    }

    async fn parked(&self, account: &str, about: &Address) -> Result<Option<Parked>, StoreError> {
        let (account, about) = (account.to_owned(), about.clone());
        self.read(move |conn| batch::parked(conn, &account, &about))
            .await
    }

    async fn journal(&self, filter: JournalFilter) -> Result<Page<JournalRow>, StoreError> {
        self.read(move |conn| read::journal(conn, &filter)).await
    }

    async fn events(
        &self,
        accounts: Option<BTreeSet<String>>,
        after: Option<String>,
        limit: usize,
    ) -> Result<Page<EventRow>, StoreError> {
        self.read(move |conn| read::events(conn, accounts.as_ref(), after.as_deref(), limit))
            .await
    }

    async fn event(&self, id: &str) -> Result<Option<EventRow>, StoreError> {
        let id = id.to_owned();
        self.read(move |conn| read::event(conn, &id)).await
    }

    async fn discrepancies(
        &self,
        filter: DiscrepancyFilter,
    ) -> Result<Page<FoundDiscrepancy>, StoreError> {
        self.read(move |conn| read::discrepancies(conn, &filter))
            .await
    }

    async fn discrepancy(&self, id: &str) -> Result<Option<FoundDiscrepancy>, StoreError> {
        let id = id.to_owned();
        self.read(move |conn| read::discrepancy(conn, &id)).await
    }

    async fn take_steps(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueStep>, StoreError> {
        self.write(move |batch| batch.take_steps(now, until, limit))
            .await
    }

    async fn take_deliveries(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        self.write(move |batch| batch.take_deliveries(now, until, limit))
            .await
    }

    async fn overdue(
        &self,
        parked_before: Timestamp,
        limit: usize,
    ) -> Result<Vec<OrderKey>, StoreError> {
        self.read(move |conn| read::overdue(conn, parked_before, limit))
            .await
    }

    async fn next_due(
        &self,
        parked_wait: jiff::SignedDuration,
    ) -> Result<Option<Timestamp>, StoreError> {
        let settings = self.settings().await?;
        self.read(move |conn| read::next_due(conn, &settings, parked_wait))
            .await
    }

    async fn counts(&self, now: Timestamp) -> Result<Counts, StoreError> {
        self.read(move |conn| read::counts(conn, now)).await
    }

    async fn examine(&self, now: Timestamp) -> Result<Examined, StoreError> {
        let settings = self.settings().await?;
        self.read(move |conn| read::examine(conn, &settings, now))
            .await
    }

    async fn settings(&self) -> Result<Arc<Settings>, StoreError> {
        self.shared.open()?;
        Ok(lock(&self.shared.now).1.clone())
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.shared.open()?;
        Ok(lock(&self.shared.now).0.clone())
    }

    async fn writable(&self) -> bool {
        if self.shared.open().is_err() {
            return false;
        }
        if !self.shared.full.load(Ordering::Acquire) {
            return true;
        }
        let room = self.write(|batch| batch.probe()).await;
        room.is_ok() && self.write(|batch| batch.give_back()).await.is_ok()
    }

    fn payer_salt(&self) -> [u8; 32] {
        self.shared.payer_salt
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.shared.changes.subscribe()
    }
}
