//! One transaction over many jobs: what was read and written so far, and the journal's head as it will be.

mod append;
mod due;
mod flush;
mod projection;

pub(super) use append::refold;
pub(super) use projection::{account, parked};

use super::failure::Failure;
use super::rows;
use super::{Head, Render, Snapshot};
use quittance_core::OrderKey;
use quittance_core::entry::Hash;
use quittance_core::gateway::{Address, Personal};
use quittance_core::settings::Settings;
use quittance_core::state::{AccountState, Delivery, OrderState, Parked};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The rows and the head as the open transaction sees them. Each changed row is written once, in key order.
pub struct Batch<'a> {
    conn: &'a Connection,
    render: &'a dyn Render,
    head: Head,
    settings: Changed<Arc<Settings>>,
    orders: Cache<OrderKey, OrderState>,
    accounts: Cache<String, AccountState>,
    parked: Cache<(String, Address), Parked>,
    trades: Cache<(String, String), String>,
    deliveries: Cache<(String, String), Delivery>,
    personal: BTreeMap<OrderKey, Vec<Personal>>,
    touched: Touched,
}

/// What a batch changed, for those who wait.
#[derive(Default, Debug)]
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

/// A batch after its last job, ready for the commit.
pub(super) struct Finished {
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
        conn: &'a Connection,
        render: &'a dyn Render,
        head: Head,
        settings: Arc<Settings>,
    ) -> Batch<'a> {
        Batch {
            conn,
            render,
            head,
            settings: Changed::read(settings),
            orders: Cache::new(),
            accounts: Cache::new(),
            parked: Cache::new(),
            trades: Cache::new(),
            deliveries: Cache::new(),
            personal: BTreeMap::new(),
            touched: Touched::default(),
        }
    }

    /// Writes what is left, and the cursor.
    pub(super) fn finish(mut self) -> Result<Finished, Failure> {
        self.flush()?;
        if self.touched.entries {
            self.conn
                .prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES ('cursor', ?1)")?
                .execute([rows::int(self.head.seq)])?;
        }
        Ok(Finished {
            head: self.head,
            settings: self.settings.value,
            touched: self.touched,
        })
    }

    /// Finds out whether there is room: writes some, `commit` shows whether it holds.
    pub(super) fn probe(&mut self) -> Result<(), Failure> {
        // As much as a batch of callbacks needs; the pages stay in the file as a reserve.
        const ROOM: usize = 64 * 1024;
        self.conn
            .prepare_cached("INSERT OR REPLACE INTO room (id, space) VALUES (1, zeroblob(?1))")?
            .execute([rows::rows(ROOM)])?;
        self.touched.rows = true;
        Ok(())
    }

    /// Gives back what [`Batch::probe`] took.
    pub(super) fn give_back(&mut self) -> Result<(), Failure> {
        self.conn.prepare_cached("DELETE FROM room")?.execute([])?;
        Ok(())
    }

    /// Takes the whole projection away, its cursors of the feed too. Bodies, personal data and leases stay.
    pub(super) fn wipe(&mut self) -> Result<(), Failure> {
        for table in super::dump::TABLES {
            self.conn
                .execute(&format!("DELETE FROM {}", table.name), [])?;
        }
        self.touched.entries = true;
        Ok(())
    }

    /// The connection that the entries stand on.
    pub(super) fn source(&self) -> &'a Connection {
        self.conn
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
            let found = rows::personal(self.conn, key)?;
            self.personal.insert(key.clone(), found);
        }
        Ok(self.personal.get(key).map_or(&[], Vec::as_slice))
    }

    fn advance(&mut self, seq: u64, hash: Hash) {
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
