//! One transaction over many jobs: what was read and written so far, and the journal's head as it will be.

mod append;
mod flush;
mod projection;

pub(super) use append::refold;

use super::failure::Failure;
use super::sql::{Param, Sql};
use super::tables::Tables;
use super::{DueDelivery, DueStep, Head, Render, Snapshot};
use quittance_core::entry::Hash;
use quittance_core::gateway::{Address, Personal};
use quittance_core::settings::Settings;
use quittance_core::state::{AccountState, Delivery, OrderState, Parked};
use quittance_core::{OrderKey, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The rows and the head as the open transaction sees them. Each changed row is written once, in key order.
pub struct Batch<'a> {
    tables: &'a mut dyn Tables,
    render: &'a dyn Render,
    head: Head,
    settings: Changed<Arc<Settings>>,
    orders: Cache<OrderKey, OrderState>,
    accounts: Cache<String, AccountState>,
    parked: Cache<(String, Address), Parked>,
    trades: Cache<(String, String), String>,
    deliveries: Cache<(String, String), Delivery>,
    personal: BTreeMap<OrderKey, Vec<Personal>>,
    /// When the two newest entries that passed through this batch were written; the newest one's is being folded.
    passed: [Option<Timestamp>; 2],
    touched: Touched,
}

/// What a batch changed, for those who wait.
#[derive(Clone, Default, Debug)]
pub(super) struct Touched {
    /// Orders that were written.
    pub(super) orders: BTreeSet<OrderKey>,
    /// Whether events were published.
    pub(super) events: bool,
    /// Whether entries were appended.
    pub(super) entries: bool,
    /// Whether anything was written that needs room.
    pub(super) rows: bool,
}

/// What a commit made of the journal, or will once it stands.
#[derive(Clone)]
pub(super) struct Committed {
    pub(super) head: Head,
    pub(super) settings: Arc<Settings>,
    pub(super) touched: Touched,
}

type Cache<K, V> = BTreeMap<K, Changed<Option<V>>>;

/// A value with whether the tables know it.
struct Changed<T> {
    value: T,
    dirty: bool,
}

impl<T> Changed<T> {
    fn read(value: T) -> Changed<T> {
        Changed {
            value,
            dirty: false,
        }
    }

    fn written(value: T) -> Changed<T> {
        Changed { value, dirty: true }
    }
}

impl<'a> Batch<'a> {
    /// Begins where the last commit ended. The transaction is the caller's.
    pub(super) fn new(
        tables: &'a mut dyn Tables,
        render: &'a dyn Render,
        head: Head,
        settings: Arc<Settings>,
    ) -> Batch<'a> {
        Batch {
            tables,
            render,
            head,
            settings: Changed::read(settings),
            orders: Cache::new(),
            accounts: Cache::new(),
            parked: Cache::new(),
            trades: Cache::new(),
            deliveries: Cache::new(),
            personal: BTreeMap::new(),
            passed: [None, None],
            touched: Touched::default(),
        }
    }

    /// Writes what is left, and the cursor.
    pub(super) fn finish(mut self) -> Result<Committed, Failure> {
        if self.touched.entries {
            self.tables.put_cursor(self.head.seq, self.head.hash)?;
        }
        self.flush()?;
        Ok(Committed {
            head: self.head,
            settings: self.settings.value,
            touched: self.touched,
        })
    }

    /// The end of a refold: what is left is written, and no chain has grown.
    pub(super) fn refolded(mut self) -> Result<(), Failure> {
        self.flush()
    }

    /// Takes due steps of orders that nobody holds.
    pub fn take_steps(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueStep>, Failure> {
        self.flush()?;
        let steps = self.tables.take_steps(now, until, limit)?;
        self.touched.rows |= !steps.is_empty();
        Ok(steps)
    }

    /// Takes due deliveries that nobody holds.
    pub fn take_deliveries(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueDelivery>, Failure> {
        self.flush()?;
        let settings = self.settings.value.clone();
        let on = settings.endpoints.iter().filter(|(_, e)| !e.disabled);
        let names: Vec<&str> = on.map(|(name, _)| &**name).collect();
        let taken = self.tables.take_deliveries(&names, now, until, limit)?;
        self.touched.rows |= !taken.is_empty();
        Ok(taken)
    }

    /// Finds out whether there is room: writes some, `commit` shows whether it holds.
    pub(super) fn probe(&mut self) -> Result<(), Failure> {
        self.touched.rows = true;
        self.tables.probe()
    }

    /// Gives back what [`Batch::probe`] took.
    pub(super) fn give_back(&mut self) -> Result<(), Failure> {
        self.tables.give_back()
    }

    /// Takes the whole projection away, its cursors of the feed too. Bodies, personal data and leases stay.
    pub(super) fn wipe(&mut self) -> Result<(), Failure> {
        self.touched.entries = true;
        self.tables.wipe()
    }

    /// The tables for reading across rows, as they are with all that was done so far.
    pub(super) fn sql(&mut self) -> Result<&dyn Sql, Failure> {
        self.flush()?;
        self.tables.sql()
    }

    /// Changes rows in ways that no entry tells of alone, and says how many.
    pub(super) fn change(&mut self, statement: &str, values: &[Param<'_>]) -> Result<u64, Failure> {
        self.touched.rows = true;
        self.tables.change(statement, values)
    }

    /// An event's body without personal data; `None` where it has none.
    pub(super) fn without_personal(&self, body: &[u8]) -> Option<Vec<u8>> {
        self.render.without_personal(body)
    }

    /// The tables themselves, for what no verb does.
    #[cfg(test)]
    pub(super) fn tables(&mut self) -> &mut dyn Tables {
        self.tables
    }

    fn snapshot(&mut self, key: &OrderKey) -> Result<Option<Snapshot>, Failure> {
        let Some(state) = quittance_core::fold::Projection::order(self, key)? else {
            return Ok(None);
        };
        let personal = self.personal(key)?.to_vec();
        Ok(Some(Snapshot { state, personal }))
    }

    /// The personal data of an order, read once.
    fn personal(&mut self, key: &OrderKey) -> Result<&[Personal], Failure> {
        if !self.personal.contains_key(key) {
            let found = self.tables.personal(key)?;
            self.personal.insert(key.clone(), found);
        }
        Ok(self.personal.get(key).map_or(&[], Vec::as_slice))
    }

    fn advance(&mut self, seq: u64, hash: Hash, at: Option<Timestamp>) {
        self.passed = [self.passed[1], at];
        self.head.seq = seq;
        self.head.hash = hash;
        self.touched.entries = true;
        self.touched.rows = true;
    }

    /// Forgets what was only read or is written: a refold of a long journal stays small.
    fn forget(&mut self) -> Result<(), Failure> {
        self.flush()?;
        self.orders.clear();
        self.accounts.clear();
        self.parked.clear();
        self.trades.clear();
        self.deliveries.clear();
        self.personal.clear();
        self.touched.orders.clear();
        Ok(())
    }
}
