//! The third seam with crash points: the real store on the real engine, whose node may die before and after a commit,
//! stand still, or not reach the database.

use super::Fates;
use super::clock::{Spell, TrueClock};
use super::database::{Database, Watch};
use super::life::{Life, PAUSE_MAX, PAUSE_MIN};
use crate::fault::Fault;
use async_trait::async_trait;
use jiff::SignedDuration;
use quittance_core::fold::Refused;
use quittance_core::gateway::Address;
use quittance_core::settings::Settings;
use quittance_core::state::{AccountState, Parked};
use quittance_core::{OrderKey, Timestamp};
use quittance_server::store::{
    Change, Counts, DatabaseStore, DiscrepancyFilter, DueDelivery, DueStep, EventRow, Examined,
    FoundDiscrepancy, Head, Held, JournalFilter, JournalRow, Lease, NewEntry, OrderFilter, Outcome,
    Page, Snapshot, Store, StoreError,
};
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;

/// How long a node tries to reach the database before it says that it cannot.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// The shortest time in which a node does not reach the database.
pub const CUT_MIN: Duration = Duration::from_secs(2);
/// The longest.
pub const CUT_MAX: Duration = Duration::from_secs(1_200);
/// Changes that a slow listener may lag behind before it misses some and looks for itself.
const CHANGES: usize = 1_024;

/// What one life of a node remembers with.
pub struct Memory {
    /// The real store.
    pub store: Arc<DatabaseStore>,
    /// The database, as all nodes have it.
    pub database: Arc<Database>,
    /// The number of the node.
    pub node: usize,
    /// Whose node it is.
    pub life: Arc<Life>,
    /// Stands while the node does not reach the database.
    pub cut: Arc<Spell>,
    /// What strikes.
    pub fates: Arc<Fates>,
    /// True time.
    pub clock: Arc<TrueClock>,
    /// Who listens to what is committed.
    pub changes: broadcast::Sender<Change>,
}

impl Memory {
    /// Nobody listens yet.
    #[must_use]
    pub fn listeners() -> broadcast::Sender<Change> {
        broadcast::Sender::new(CHANGES)
    }

    /// How it hears of what others commit from now on.
    pub fn watch(&self) -> Watch {
        Watch {
            node: self.node,
            commits: self.database.commits(),
            changes: self.changes.clone(),
            life: self.life.clone(),
            cut: self.cut.clone(),
        }
    }

    /// One commit, with what may happen around it.
    async fn commit<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.reach().await?;
        if self.fates.strikes(Fault::CrashBeforeCommit) {
            self.life.dies().await;
        }
        let unknown = || StoreError::Database("the connection broke at the commit".to_owned());
        if self.fates.strikes(Fault::CommitLost) || self.is_cut_off() {
            return Err(unknown());
        }
        let done = self.own(work).await;
        self.may_stop();
        self.life.goes_on().await;
        if self.fates.strikes(Fault::CrashAfterCommit) {
            self.life.dies().await;
        }
        if done.is_ok() && (self.fates.strikes(Fault::CommitDone) || self.is_cut_off()) {
            return Err(unknown());
        }
        done
    }

    /// Reaches the database, or says after a while that it cannot.
    async fn reach(&self) -> Result<(), StoreError> {
        self.life.goes_on().await;
        if self.cut.stands() {
            self.clock.sleep(PATIENCE).await;
            self.life.goes_on().await;
        }
        match self.cut.stands() {
            true => Err(StoreError::Database("the database is away".to_owned())),
            false => Ok(()),
        }
    }

    /// Whether the line to the database breaks here, and for a while. One node has its database beside it.
    fn is_cut_off(&self) -> bool {
        if !self.database.is_shared() {
            return false;
        }
        let lasts = self.fates.strikes_for(Fault::CutOff, CUT_MIN, CUT_MAX);
        lasts.inspect(|lasts| self.cut.begin(*lasts)).is_some()
    }

    /// The node may stand still here.
    fn may_stop(&self) {
        if let Some(lasts) = self.fates.strikes_for(Fault::Paused, PAUSE_MIN, PAUSE_MAX) {
            self.life.pause(lasts);
        }
    }

    /// Work of this node: what is committed in its turns is its own, and heard at once.
    async fn own<T>(&self, work: impl Future<Output = T>) -> T {
        let mut commits = self.store.changes();
        let mut work = pin!(work);
        poll_fn(|context| {
            // What others committed since the turn before.
            while commits.try_recv().is_ok() {}
            let turn = work.as_mut().poll(context);
            while let Ok(change) = commits.try_recv() {
                self.database.committed(self.node, &change);
                // Nobody may be listening: that is no failure.
                let _ = self.changes.send(change);
            }
            turn
        })
        .await
    }

    /// Work that was taken: what was so before, and no end of it was recorded, was taken over.
    fn takes(&self, held: &Held, claims: u32) {
        let before = self.database.takes(self.node, held);
        if claims > 1 {
            self.fates.reached("lease_lost");
            if before.is_some_and(|before| before != self.node) {
                self.fates.reached("work_taken_over");
            }
        }
    }

    /// What was found under a lease that another node has taken since.
    fn fenced(&self, leases: &[Option<Lease>], outcomes: &[Outcome]) {
        let refused = |outcome: &Outcome| matches!(outcome, Err(Refused::LeaseLost));
        let theirs = |lease: &Lease| {
            let taker = self.database.taker(&lease.held);
            taker.is_some_and(|taker| taker != self.node)
        };
        let mut all = leases.iter().zip(outcomes);
        if all.any(|(lease, outcome)| refused(outcome) && lease.as_ref().is_some_and(theirs)) {
            self.fates.reached("fenced_write");
        }
    }
}

#[async_trait]
impl Store for Memory {
    async fn append(&self, entries: Vec<NewEntry>) -> Result<Vec<Outcome>, StoreError> {
        let leases: Vec<_> = entries.iter().map(|entry| entry.under.clone()).collect();
        let done = self.commit(self.store.append(entries)).await;
        if let Ok(outcomes) = &done {
            self.fenced(&leases, outcomes);
        }
        done
    }

    async fn order(&self, key: &OrderKey) -> Result<Option<Snapshot>, StoreError> {
        self.reach().await?;
        self.store.order(key).await
    }

    async fn order_by_token(&self, token: &str) -> Result<Option<Snapshot>, StoreError> {
        self.reach().await?;
        self.store.order_by_token(token).await
    }

    async fn order_by_trade(
        &self,
        account: &str,
        trade_no: &str,
    ) -> Result<Option<Snapshot>, StoreError> {
        self.reach().await?;
        self.store.order_by_trade(account, trade_no).await
    }

    async fn orders(&self, filter: OrderFilter) -> Result<Page<Snapshot>, StoreError> {
        self.reach().await?;
        self.store.orders(filter).await
    }

    async fn under_way(&self, account: &str, paid_since: Timestamp) -> Result<u64, StoreError> {
        self.reach().await?;
        self.store.under_way(account, paid_since).await
    }

    async fn account(&self, name: &str) -> Result<AccountState, StoreError> {
        self.reach().await?;
        self.store.account(name).await
    }

    async fn parked(&self, account: &str, about: &Address) -> Result<Option<Parked>, StoreError> {
        self.reach().await?;
        self.store.parked(account, about).await
    }

    async fn journal(&self, filter: JournalFilter) -> Result<Page<JournalRow>, StoreError> {
        self.reach().await?;
        self.store.journal(filter).await
    }

    async fn events(
        &self,
        accounts: Option<BTreeSet<String>>,
        after: Option<String>,
        limit: usize,
    ) -> Result<Page<EventRow>, StoreError> {
        self.reach().await?;
        self.store.events(accounts, after, limit).await
    }

    async fn event(&self, id: &str) -> Result<Option<EventRow>, StoreError> {
        self.reach().await?;
        self.store.event(id).await
    }

    async fn discrepancies(
        &self,
        filter: DiscrepancyFilter,
    ) -> Result<Page<FoundDiscrepancy>, StoreError> {
        self.reach().await?;
        self.store.discrepancies(filter).await
    }

    async fn discrepancy(&self, id: &str) -> Result<Option<FoundDiscrepancy>, StoreError> {
        self.reach().await?;
        self.store.discrepancy(id).await
    }

    async fn take_steps(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueStep>, StoreError> {
        self.reach().await?;
        let taken = self.store.take_steps(now, until, limit).await?;
        for due in &taken {
            self.takes(&due.lease.held, due.claims);
        }
        if !taken.is_empty() {
            self.may_stop();
        }
        Ok(taken)
    }

    async fn take_deliveries(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        self.reach().await?;
        let taken = self.store.take_deliveries(now, until, limit).await?;
        for due in &taken {
            self.takes(&due.lease.held, due.claims);
        }
        if !taken.is_empty() {
            self.may_stop();
        }
        Ok(taken)
    }

    async fn overdue(
        &self,
        parked_before: Timestamp,
        limit: usize,
    ) -> Result<Vec<OrderKey>, StoreError> {
        self.reach().await?;
        self.store.overdue(parked_before, limit).await
    }

    async fn next_due(&self, parked_wait: SignedDuration) -> Result<Option<Timestamp>, StoreError> {
        self.reach().await?;
        self.store.next_due(parked_wait).await
    }

    async fn counts(&self, now: Timestamp) -> Result<Counts, StoreError> {
        self.reach().await?;
        self.store.counts(now).await
    }

    async fn examine(&self, now: Timestamp) -> Result<Examined, StoreError> {
        self.reach().await?;
        self.store.examine(now).await
    }

    async fn settings(&self) -> Result<Arc<Settings>, StoreError> {
        self.store.settings().await
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.store.head().await
    }

    async fn writable(&self) -> bool {
        self.reach().await.is_ok() && self.store.writable().await
    }

    fn payer_salt(&self) -> [u8; 32] {
        self.store.payer_salt()
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }
}
