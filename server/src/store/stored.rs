//! The store over an engine: behind threads of its own, or run inline for tests and the simulation.

use super::batch::Batch;
use super::database::Database;
use super::failure::Failure;
use super::keys::Keys;
use super::open::{OpenError, Opening};
use super::postgres::{self, PgEngine, PostgresUrl};
use super::shared::{Shared, Ticket, lock};
use super::sql::Sql;
use super::sqlite::{self, Location, SqliteEngine};
use super::threads::{self, Threads};
use super::{
    Change, Counts, DiscrepancyFilter, DueDelivery, DueStep, EventRow, Examined, FoundDiscrepancy,
    Head, JournalFilter, JournalRow, NewEntry, OrderFilter, Outcome, Page, Snapshot, Store,
    StoreError, read,
};
use async_trait::async_trait;
use quittance_core::gateway::Address;
use quittance_core::settings::Settings;
use quittance_core::state::{AccountState, Parked};
use quittance_core::{OrderKey, Timestamp};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use tokio::sync::{broadcast, oneshot};

/// The store in a database.
pub struct DatabaseStore {
    mode: Mode,
    shared: Arc<Shared>,
}

enum Mode {
    Threaded(Threads),
    Inline(Box<Mutex<SqliteEngine>>),
}

impl DatabaseStore {
    /// The store of a server.
    ///
    /// # Errors
    /// [`OpenError`] says what to do.
    pub fn open(database: &Database, opening: Opening) -> Result<DatabaseStore, OpenError> {
        match database {
            Database::Folder(folder) => DatabaseStore::threaded(folder, opening),
            Database::Postgres(url) => DatabaseStore::postgres(url, opening),
        }
    }

    /// The store of a server on SQLite: one thread writes, with group commit, others read.
    ///
    /// # Errors
    /// [`OpenError`] says what to do.
    pub fn threaded(folder: &Path, opening: Opening) -> Result<DatabaseStore, OpenError> {
        let location = Location::Folder(folder.to_owned());
        let engine = SqliteEngine::open(&location, opening.render, &opening.genesis)?;
        let shared = Arc::new(Shared::new(&engine, opening.fatal));
        let threads = Threads::start(Box::new(engine), sqlite::readers(folder)?, &shared);
        Ok(DatabaseStore {
            mode: Mode::Threaded(threads),
            shared,
        })
    }

    /// The store of one of several servers on PostgreSQL: one thread writes, with group commit, others read, one looks for
    /// what other nodes write.
    ///
    /// # Errors
    /// [`OpenError`] says what to do.
    pub fn postgres(url: &PostgresUrl, opening: Opening) -> Result<DatabaseStore, OpenError> {
        let Opening {
            render,
            genesis,
            fatal,
        } = opening;
        let engine = threads::apart(|| PgEngine::open(url, render, &genesis))?;
        let shared = Arc::new(Shared::new(&engine, fatal));
        let mut threads = Threads::start(Box::new(engine), postgres::readers(url), &shared);
        let (url, watched) = (url.clone(), shared.clone());
        threads.watch(move |stop| postgres::watch(&url, &watched, stop));
        Ok(DatabaseStore {
            mode: Mode::Threaded(threads),
            shared,
        })
    }

    /// The same on SQLite in the caller's task, with a yield before and after each commit: where a crash may fall.
    ///
    /// # Errors
    /// [`OpenError`] says what to do.
    pub fn inline(location: &Location, opening: Opening) -> Result<DatabaseStore, OpenError> {
        let engine = SqliteEngine::open(location, opening.render, &opening.genesis)?;
        let shared = Arc::new(Shared::new(&engine, opening.fatal));
        let mode = Mode::Inline(Box::new(Mutex::new(engine)));
        Ok(DatabaseStore { mode, shared })
    }

    /// Runs a verb inside a transaction; resolves after the commit.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        keys: impl Fn() -> Keys + Send + 'static,
        verb: impl Fn(&mut Batch<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.shared.open()?;
        let (reply, answer) = oneshot::channel();
        let ticket = Box::new(Ticket {
            keys,
            verb,
            done: None,
            reply,
        });
        match &self.mode {
            Mode::Threaded(threads) => threads.write(ticket).await?,
            Mode::Inline(engine) => {
                tokio::task::yield_now().await;
                self.shared.serve(&mut *lock(engine), vec![ticket]);
                tokio::task::yield_now().await;
            }
        }
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Reads what was committed.
    async fn read<T: Send + 'static>(
        &self,
        verb: impl Fn(&dyn Sql) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.shared.open()?;
        let done = match &self.mode {
            Mode::Threaded(threads) => threads.read(verb).await?,
            Mode::Inline(engine) => sqlite::at_once(lock(engine).conn(), |conn| verb(conn)),
        };
        if let Err(Failure::Fatal(what)) = &done {
            self.shared.fail(what);
        }
        Ok(done?)
    }
}

#[async_trait]
impl Store for DatabaseStore {
    async fn append(&self, entries: Vec<NewEntry>) -> Result<Vec<Outcome>, StoreError> {
        let entries = Arc::new(entries);
        let named = entries.clone();
        let keys = move || Keys::of(&named);
        self.write(keys, move |batch| batch.append(&entries)).await
    }

    async fn order(&self, key: &OrderKey) -> Result<Option<Snapshot>, StoreError> {
        let key = key.clone();
        self.read(move |sql| read::order(sql, &key)).await
    }

    async fn order_by_token(&self, token: &str) -> Result<Option<Snapshot>, StoreError> {
        let token = token.to_owned();
        self.read(move |sql| read::order_by_token(sql, &token))
            .await
    }

    async fn order_by_trade(
        &self,
        account: &str,
        trade_no: &str,
    ) -> Result<Option<Snapshot>, StoreError> {
        let (account, trade_no) = (account.to_owned(), trade_no.to_owned());
        self.read(move |sql| read::order_by_trade(sql, &account, &trade_no))
            .await
    }

    async fn orders(&self, filter: OrderFilter) -> Result<Page<Snapshot>, StoreError> {
        self.read(move |sql| read::orders(sql, &filter)).await
    }

    async fn under_way(&self, account: &str, paid_since: Timestamp) -> Result<u64, StoreError> {
        let account = account.to_owned();
        self.read(move |sql| read::under_way(sql, &account, paid_since))
            .await
    }

    async fn account(&self, name: &str) -> Result<AccountState, StoreError> {
        let name = name.to_owned();
        self.read(move |sql| Ok(read::account(sql, &name)?.unwrap_or_default()))
            .await
    }

    async fn parked(&self, account: &str, about: &Address) -> Result<Option<Parked>, StoreError> {
        let (account, about) = (account.to_owned(), about.clone());
        self.read(move |sql| read::parked(sql, &account, &about))
            .await
    }

    async fn journal(&self, filter: JournalFilter) -> Result<Page<JournalRow>, StoreError> {
        self.read(move |sql| read::journal(sql, &filter)).await
    }

    async fn events(
        &self,
        accounts: Option<BTreeSet<String>>,
        after: Option<String>,
        limit: usize,
    ) -> Result<Page<EventRow>, StoreError> {
        self.read(move |sql| read::events(sql, accounts.as_ref(), after.as_deref(), limit))
            .await
    }

    async fn event(&self, id: &str) -> Result<Option<EventRow>, StoreError> {
        let id = id.to_owned();
        self.read(move |sql| read::event(sql, &id)).await
    }

    async fn discrepancies(
        &self,
        filter: DiscrepancyFilter,
    ) -> Result<Page<FoundDiscrepancy>, StoreError> {
        self.read(move |sql| read::discrepancies(sql, &filter))
            .await
    }

    async fn discrepancy(&self, id: &str) -> Result<Option<FoundDiscrepancy>, StoreError> {
        let id = id.to_owned();
        self.read(move |sql| read::discrepancy(sql, &id)).await
    }

    async fn take_steps(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueStep>, StoreError> {
        self.write(Keys::default, move |batch| {
            batch.take_steps(now, until, limit)
        })
        .await
    }

    async fn take_deliveries(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        self.write(Keys::default, move |batch| {
            batch.take_deliveries(now, until, limit)
        })
        .await
    }

    async fn overdue(
        &self,
        parked_before: Timestamp,
        limit: usize,
    ) -> Result<Vec<OrderKey>, StoreError> {
        self.read(move |sql| read::overdue(sql, parked_before, limit))
            .await
    }

    async fn next_due(
        &self,
        parked_wait: jiff::SignedDuration,
    ) -> Result<Option<Timestamp>, StoreError> {
        let settings = self.settings().await?;
        self.read(move |sql| read::next_due(sql, &settings, parked_wait))
            .await
    }

    async fn counts(&self, now: Timestamp) -> Result<Counts, StoreError> {
        self.read(move |sql| read::counts(sql, now)).await
    }

    async fn examine(&self, now: Timestamp) -> Result<Examined, StoreError> {
        let settings = self.settings().await?;
        self.read(move |sql| read::examine(sql, &settings, now))
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
        let room = self.write(Keys::default, |batch| batch.probe()).await;
        room.is_ok()
            && self
                .write(Keys::default, |batch| batch.give_back())
                .await
                .is_ok()
    }

    fn payer_salt(&self) -> [u8; 32] {
        self.shared.payer_salt
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.shared.changes.subscribe()
    }
}
