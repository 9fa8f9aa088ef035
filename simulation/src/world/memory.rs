//! The third seam with crash points: the real store on the real engine, whose node may die before and after a commit.

use super::Fates;
use super::life::Life;
use crate::fault::Fault;
use async_trait::async_trait;
use jiff::SignedDuration;
use quittance_core::gateway::Address;
use quittance_core::settings::Settings;
use quittance_core::state::{AccountState, Parked};
use quittance_core::{OrderKey, Timestamp};
use quittance_server::store::{
    Change, Counts, DatabaseStore, DiscrepancyFilter, DueDelivery, DueStep, EventRow, Examined,
    FoundDiscrepancy, Head, JournalFilter, JournalRow, NewEntry, OrderFilter, Outcome, Page,
    Snapshot, Store, StoreError,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::broadcast;

/// What the node remembers with.
pub struct Memory {
    /// The real store.
    pub store: DatabaseStore,
    /// Whose node it is.
    pub life: Arc<Life>,
    /// What strikes.
    pub fates: Arc<Fates>,
}

impl Memory {
    /// One commit, with what may happen around it.
    async fn commit<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.life.goes_on().await;
        if self.fates.strikes(Fault::CrashBeforeCommit) {
            self.life.dies().await;
        }
        let unknown = || StoreError::Database("the connection broke at the commit".to_owned());
        if self.fates.strikes(Fault::CommitLost) {
            return Err(unknown());
        }
        let done = work.await;
        self.life.goes_on().await;
        if self.fates.strikes(Fault::CrashAfterCommit) {
            self.life.dies().await;
        }
        if done.is_ok() && self.fates.strikes(Fault::CommitDone) {
            return Err(unknown());
        }
        done
    }
}

#[async_trait]
impl Store for Memory {
    async fn append(&self, entries: Vec<NewEntry>) -> Result<Vec<Outcome>, StoreError> {
        self.commit(self.store.append(entries)).await
    }

    async fn order(&self, key: &OrderKey) -> Result<Option<Snapshot>, StoreError> {
        self.store.order(key).await
    }

    async fn order_by_token(&self, token: &str) -> Result<Option<Snapshot>, StoreError> {
        self.store.order_by_token(token).await
    }

    async fn order_by_trade(
        &self,
        account: &str,
        trade_no: &str,
    ) -> Result<Option<Snapshot>, StoreError> {
        self.store.order_by_trade(account, trade_no).await
    }

    async fn orders(&self, filter: OrderFilter) -> Result<Page<Snapshot>, StoreError> {
        self.store.orders(filter).await
    }

    async fn under_way(&self, account: &str, paid_since: Timestamp) -> Result<u64, StoreError> {
        self.store.under_way(account, paid_since).await
    }

    async fn account(&self, name: &str) -> Result<AccountState, StoreError> {
        self.store.account(name).await
    }

    async fn parked(&self, account: &str, about: &Address) -> Result<Option<Parked>, StoreError> {
        self.store.parked(account, about).await
    }

    async fn journal(&self, filter: JournalFilter) -> Result<Page<JournalRow>, StoreError> {
        self.store.journal(filter).await
    }

    async fn events(
        &self,
        accounts: Option<BTreeSet<String>>,
        after: Option<String>,
        limit: usize,
    ) -> Result<Page<EventRow>, StoreError> {
        self.store.events(accounts, after, limit).await
    }

    async fn event(&self, id: &str) -> Result<Option<EventRow>, StoreError> {
        self.store.event(id).await
    }

    async fn discrepancies(
        &self,
        filter: DiscrepancyFilter,
    ) -> Result<Page<FoundDiscrepancy>, StoreError> {
        self.store.discrepancies(filter).await
    }

    async fn discrepancy(&self, id: &str) -> Result<Option<FoundDiscrepancy>, StoreError> {
        self.store.discrepancy(id).await
    }

    async fn take_steps(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueStep>, StoreError> {
        self.life.goes_on().await;
        let taken = self.store.take_steps(now, until, limit).await?;
        if taken.iter().any(|due| due.claims > 1) {
            self.fates.reached("lease_lost");
        }
        Ok(taken)
    }

    async fn take_deliveries(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        self.life.goes_on().await;
        self.store.take_deliveries(now, until, limit).await
    }

    async fn overdue(
        &self,
        parked_before: Timestamp,
        limit: usize,
    ) -> Result<Vec<OrderKey>, StoreError> {
        self.store.overdue(parked_before, limit).await
    }

    async fn next_due(&self, parked_wait: SignedDuration) -> Result<Option<Timestamp>, StoreError> {
        self.life.goes_on().await;
        self.store.next_due(parked_wait).await
    }

    async fn counts(&self, now: Timestamp) -> Result<Counts, StoreError> {
        self.store.counts(now).await
    }

    async fn examine(&self, now: Timestamp) -> Result<Examined, StoreError> {
        self.store.examine(now).await
    }

    async fn settings(&self) -> Result<Arc<Settings>, StoreError> {
        self.store.settings().await
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.store.head().await
    }

    async fn writable(&self) -> bool {
        self.store.writable().await
    }

    fn payer_salt(&self) -> [u8; 32] {
        self.store.payer_salt()
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.store.changes()
    }
}
