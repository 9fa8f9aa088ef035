//! The store: the journal is the truth, everything else is its projection.
//!
//! A dozen verbs with plain values in and out. Under them a batch folds entries over tables, which stand in SQLite or in
//! PostgreSQL. One conformance suite (`tests/store/conformance.rs`) runs on every store.

mod archive;
mod batch;
mod cursor;
mod database;
mod dump;
mod erase;
mod failure;
mod genesis;
mod keys;
mod maintain;
mod marks;
mod migrate;
mod open;
mod postgres;
mod read;
mod rows;
mod shared;
mod sql;
mod sqlite;
mod stored;
mod tables;
mod threads;
mod verify;

pub use archive::{ARCHIVE_AGE_MIN, ArchiveError, Archived, archive, restore};
pub use database::{BadDatabase, Database};
pub use erase::{Erase, EraseError, Erased, erase, erase_in_archive};
pub use genesis::{FORMAT, Genesis};
pub use maintain::{
    Adopted, Message, Rebuilt, adopt, examine, journal_heard, journal_message, journal_rows,
    journal_settings, rebuild, rebuild_check,
};
pub use migrate::{MigrateError, Migrated, Moving, Progress, Watcher, migrate};
pub use open::{Fatal, OpenError, Opening};
pub use postgres::{PostgresUrl, UrlError};
pub use sqlite::{Location, memory};
pub use stored::DatabaseStore;
pub use verify::{Broken, Expect, Verified, verify};

use async_trait::async_trait;
use jiff::SignedDuration;
use quittance_core::entry::{Hash, Record};
use quittance_core::event::{About, Event};
use quittance_core::fold::Refused;
use quittance_core::gateway::{Address, Personal};
use quittance_core::schedule::Step;
use quittance_core::settings::Settings;
use quittance_core::state::{AccountDiscrepancy, AccountState, Delivery, OrderState, Parked};
use quittance_core::status::Status;
use quittance_core::{OrderKey, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::broadcast;

/// How long due work is nobody else's. Longer than any call takes.
pub const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// What is to be written: a record with what belongs to it.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// When it happened, by the server's wall clock.
    pub at: Timestamp,
    /// What happened.
    pub record: Record,
    /// The raw bytes, kept apart from the header so that they can be erased.
    pub body: Option<Vec<u8>>,
    /// 16 random bytes for the body's hash.
    pub salt: [u8; 16],
    /// Personal data, kept beside the journal. Of one subject and name the first value stays.
    pub personal: Vec<Personal>,
    /// The lease under which this is written, if it is work that one node does for all of them.
    pub under: Option<Lease>,
    /// Whether the lease ends with it.
    pub ends: bool,
    /// For a signed callback that nobody weighed yet: weigh its claims in the transaction that writes them down.
    pub weigh: Option<Weigh>,
}

/// How a callback is answered that the store weighs itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weigh {
    /// The word that acks it; where it does not count, the answer is `fail`.
    pub ack: &'static str,
    /// Whether the gateway can be asked for its word: then a callback that needs it is refused,
    /// [`Refused::OpinionWanted`].
    pub opinion: bool,
}

impl NewEntry {
    /// A record with nothing beside it.
    #[must_use]
    pub fn new(at: Timestamp, record: Record) -> NewEntry {
        NewEntry {
            at,
            record,
            body: None,
            salt: [0; 16],
            personal: Vec::new(),
            under: None,
            ends: false,
            weigh: None,
        }
    }

    /// The same with the raw bytes.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> NewEntry {
        self.body = Some(body.into());
        self
    }

    /// The same with personal data.
    #[must_use]
    pub fn with_personal(mut self, personal: Vec<Personal>) -> NewEntry {
        self.personal = personal;
        self
    }

    /// The same as part of leased work that goes on.
    #[must_use]
    pub fn under(mut self, lease: &Lease) -> NewEntry {
        self.under = Some(lease.clone());
        self
    }

    /// The same as the recorded end of leased work.
    #[must_use]
    pub fn ending(mut self, lease: Option<Lease>) -> NewEntry {
        self.under = lease;
        self.ends = true;
        self
    }
}

/// What became of one record.
pub type Outcome = Result<Appended, Refused>;

/// A record that stands in the journal.
#[derive(Clone, Debug)]
pub struct Appended {
    /// Its number.
    pub seq: u64,
    /// The order that it concerns, as it stands after it.
    pub order: Option<Snapshot>,
    /// Whether a callback that was weighed is acked.
    pub acked: bool,
}

/// An order with the personal data that belongs to it.
#[derive(Clone, PartialEq, Debug)]
pub struct Snapshot {
    /// The projection.
    pub state: OrderState,
    /// Buyer ids, e-mails, the client's address.
    pub personal: Vec<Personal>,
}

/// What can be leased.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Held {
    /// The due step of an order.
    Order(OrderKey),
    /// A delivery.
    Delivery {
        /// The event's id.
        event: String,
        /// The endpoint's name.
        endpoint: String,
    },
}

/// One leased item: it is nobody else's until the lease ends. Leases live outside the journal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Lease {
    /// What is held.
    pub held: Held,
    /// A number that no other lease has. Where somebody else has taken the same meanwhile, what this holder found is
    /// refused, [`Refused::LeaseLost`].
    pub fence: u64,
}

/// A step that is due for an order.
#[derive(Clone, Debug)]
pub struct DueStep {
    /// The order.
    pub snapshot: Snapshot,
    /// What is due.
    pub step: Step,
    /// How often it was taken without a recorded end, this time included.
    pub claims: u32,
    /// Whose it is until its end is recorded.
    pub lease: Lease,
}

/// A delivery that is due.
#[derive(Clone, Debug)]
pub struct DueDelivery {
    /// The debt.
    pub delivery: Delivery,
    /// The event's body, as rendered once.
    pub body: Vec<u8>,
    /// How often it was taken without a recorded end, this time included.
    pub claims: u32,
    /// Whose it is until its end is recorded.
    pub lease: Lease,
}

/// Which orders to list, newest first.
#[derive(Clone, Default, Debug)]
pub struct OrderFilter {
    /// Only of these accounts; `None` means all.
    pub accounts: Option<BTreeSet<String>>,
    /// Only in this status.
    pub status: Option<Status>,
    /// Only created at or after.
    pub from: Option<Timestamp>,
    /// Only created before.
    pub to: Option<Timestamp>,
    /// Only with this text in number or subject.
    pub text: Option<String>,
    /// Behind this cursor.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// Which entries to list, oldest first.
#[derive(Clone, Default, Debug)]
pub struct JournalFilter {
    /// Only about this order: its own entries, and those of the account that its facts came from.
    pub order: Option<OrderKey>,
    /// And callbacks without a valid signature that name that order: nobody's word, and so in no order's journal. Finding
    /// them reads all entries: it is for people who look for a mistake.
    pub unsigned: bool,
    /// Only of this account.
    pub account: Option<String>,
    /// Only written at or after, by the server's wall clock.
    pub from: Option<Timestamp>,
    /// Only written before.
    pub to: Option<Timestamp>,
    /// Only behind this number.
    pub after: u64,
    /// At most so many.
    pub limit: usize,
}

/// Which discrepancies to list.
#[derive(Clone, Default, Debug)]
pub struct DiscrepancyFilter {
    /// Only of these accounts; `None` means all.
    pub accounts: Option<BTreeSet<String>>,
    /// Only those that are open.
    pub open_only: bool,
    /// Behind this cursor.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next part begins; `None` at the end (the event feed's is never `None`).
    pub next: Option<String>,
}

/// An entry as it stands in the journal.
#[derive(Clone, PartialEq, Debug)]
pub struct JournalRow {
    /// The chain's id.
    pub chain: String,
    /// Its number.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// The kind's number.
    pub kind: u8,
    /// The header's bytes.
    pub header: Vec<u8>,
    /// The message of a callback, or the text of a note, where it is kept.
    pub message: Option<Vec<u8>>,
    /// The type of the event that it is about, for a delivery.
    pub event_type: Option<String>,
    /// SHA-256(salt ‖ body).
    pub body_hash: Hash,
    /// The hash of the entry before.
    pub prev: Hash,
    /// Its own hash.
    pub hash: Hash,
    /// Where an order's entries are listed and this one tells of several orders: the numbers that are this order's.
    pub names: Option<Arc<BTreeSet<Address>>>,
}

/// An event as it stands in the feed.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// Its id.
    pub id: String,
    /// Its account; empty for the journal's own.
    pub account: String,
    /// Its body, as rendered once: what webhooks carry.
    pub body: Vec<u8>,
    /// The debts to endpoints.
    pub deliveries: Vec<Delivery>,
}

/// A discrepancy wherever it belongs.
#[derive(Clone, Debug)]
pub enum FoundDiscrepancy {
    /// Of an order: the order, and the discrepancy's id.
    Order(Box<OrderState>, String),
    /// Of an account.
    Account {
        /// The account.
        account: String,
        /// The discrepancy's id.
        id: String,
        /// What it is.
        found: AccountDiscrepancy,
    },
}

/// The journal's head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The chain's id.
    pub chain: String,
    /// The newest entry's number.
    pub seq: u64,
    /// The newest entry's hash.
    pub hash: Hash,
}

/// What an operator has to look at, in numbers.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Orders with a step that has been due for more than two minutes.
    pub behind: u64,
    /// Orders that are frozen: an entry could not be applied.
    pub frozen: u64,
    /// Discrepancies that are open.
    pub discrepancies: u64,
    /// Deliveries that were given up.
    pub dead: u64,
}

/// What is owed to an endpoint, in numbers.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// Deliveries that are due now or later.
    pub pending: u64,
    /// Of those, the ones that were tried and failed.
    pub failing: u64,
    /// Deliveries that wait for the endpoint to be switched on.
    pub held: u64,
    /// Deliveries that were given up.
    pub dead: u64,
    /// How a try that failed ended.
    pub last: Option<String>,
}

/// An entry that a doctor looks at.
#[derive(Clone, PartialEq, Debug)]
pub struct Heard {
    /// Its number.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub record: Record,
    /// The bytes that it is about; `None` where none were kept, or they were erased.
    pub body: Option<Vec<u8>>,
}

/// What a doctor looks at: how things stand, and what came lately. Every list is bounded.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The chain's id.
    pub chain: String,
    /// The newest entry's number.
    pub seq: u64,
    /// The newest entry that the projection has seen.
    pub cursor: u64,
    /// When the newest entry was written.
    pub newest_at: Timestamp,
    /// In numbers.
    pub counts: Counts,
    /// Orders with a step that has been due for more than two minutes, and since when; the oldest first.
    pub behind: Vec<(OrderKey, Timestamp)>,
    /// Orders that are frozen.
    pub frozen: Vec<OrderKey>,
    /// Jumps of the clock, and what was laid aside; the newest first.
    pub odd: Vec<Heard>,
    /// Discrepancies that are open, the oldest first.
    pub discrepancies: Vec<FoundDiscrepancy>,
    /// What is owed, by endpoint.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// The newest orders of each account of the journal's settings, the newest first.
    pub orders: BTreeMap<String, Vec<OrderState>>,
    /// Callbacks, second opinions and counted junk of each of them, the newest first.
    pub heard: BTreeMap<String, Vec<Heard>>,
    /// Where the journal stands in a database server: how that keeps it.
    pub cluster: Option<Cluster>,
}

/// How a database server keeps what is committed, as it says itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cluster {
    /// Whether a commit is synced to the disk, and pages are whole after a crash.
    pub synced: bool,
    /// `synchronous_commit` on our connections.
    pub commits: String,
    /// `synchronous_standby_names`: for whom a commit waits; empty for nobody.
    pub standbys: String,
    /// How many servers copy from it.
    pub copying: u64,
    /// Whether our connection comes over a network without TLS.
    pub in_clear: bool,
    /// For how many connections more there is room.
    pub free: u64,
}

/// What a commit changed, for those who wait.
#[derive(Clone, Debug)]
pub struct Change {
    /// Orders that were written.
    pub orders: Arc<[OrderKey]>,
    /// Whether events were published.
    pub events: bool,
}

/// Why the store did not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no room on the disk: nothing was written, and the store will try again later.
    #[error("the disk is full: nothing was written")]
    Full,
    /// The store is shutting down, or has failed and the process is about to end.
    #[error("the store is closed")]
    Closed,
    /// A cursor that this store never gave.
    #[error("the cursor is not one that this server gave")]
    BadCursor,
    /// The database said no in a way that is not expected.
    #[error("the database failed: {0}")]
    Database(String),
}

/// Makes the body of an event, once, inside the transaction that publishes it.
pub trait Render: Send + Sync {
    /// The JSON bytes of an event. `head` is the journal's head for an anchor.
    fn event(&self, event: &Event, about: About<'_>, personal: &[Personal], head: &Head)
    -> Vec<u8>;

    /// The body of an event without personal data; `None` where it has none.
    fn without_personal(&self, body: &[u8]) -> Option<Vec<u8>>;
}

/// The third seam: durable memory.
#[async_trait]
pub trait Store: Send + Sync {
    /// Appends records and folds them, in one transaction for all of them; resolves after the commit. A record that
    /// is refused is left out, the others stand.
    async fn append(&self, entries: Vec<NewEntry>) -> Result<Vec<Outcome>, StoreError>;
    /// One order.
    async fn order(&self, key: &OrderKey) -> Result<Option<Snapshot>, StoreError>;
    /// The order whose buyer's pages have this name.
    async fn order_by_token(&self, token: &str) -> Result<Option<Snapshot>, StoreError>;
    /// The order that owns a trade.
    async fn order_by_trade(
        &self,
        account: &str,
        trade_no: &str,
    ) -> Result<Option<Snapshot>, StoreError>;
    /// Orders, newest first.
    async fn orders(&self, filter: OrderFilter) -> Result<Page<Snapshot>, StoreError>;
    /// How many orders of the account the gateway may still speak of unasked: the unpaid ones, and those first paid at
    /// this time or later.
    async fn under_way(&self, account: &str, paid_since: Timestamp) -> Result<u64, StoreError>;
    /// What the journal says of an account beyond its orders.
    async fn account(&self, name: &str) -> Result<AccountState, StoreError>;
    /// Evidence that waits under this address.
    async fn parked(&self, account: &str, about: &Address) -> Result<Option<Parked>, StoreError>;
    /// Entries, oldest first.
    async fn journal(&self, filter: JournalFilter) -> Result<Page<JournalRow>, StoreError>;
    /// Events behind a cursor, oldest first. `next` is where the next poll goes on, also behind an empty page.
    async fn events(
        &self,
        accounts: Option<BTreeSet<String>>,
        after: Option<String>,
        limit: usize,
    ) -> Result<Page<EventRow>, StoreError>;
    /// One event.
    async fn event(&self, id: &str) -> Result<Option<EventRow>, StoreError>;
    /// Discrepancies, of orders and of accounts.
    async fn discrepancies(
        &self,
        filter: DiscrepancyFilter,
    ) -> Result<Page<FoundDiscrepancy>, StoreError>;
    /// The order, or account, that a discrepancy belongs to.
    async fn discrepancy(&self, id: &str) -> Result<Option<FoundDiscrepancy>, StoreError>;
    /// Takes due steps of orders that nobody holds, until `until`.
    async fn take_steps(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueStep>, StoreError>;
    /// Takes due deliveries that nobody holds, until `until`.
    async fn take_deliveries(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueDelivery>, StoreError>;
    /// Evidence parked before this time that nobody has been told of: account and order number.
    async fn overdue(
        &self,
        parked_before: Timestamp,
        limit: usize,
    ) -> Result<Vec<OrderKey>, StoreError>;
    /// When the next thing is due that nobody holds: a step, a delivery, parked evidence (`parked_wait` after it came).
    async fn next_due(&self, parked_wait: SignedDuration) -> Result<Option<Timestamp>, StoreError>;
    /// What an operator has to look at, in numbers. The cost grows with what is wrong, not with what is stored.
    async fn counts(&self, now: Timestamp) -> Result<Counts, StoreError>;
    /// What a doctor looks at.
    async fn examine(&self, now: Timestamp) -> Result<Examined, StoreError>;
    /// The settings in force.
    async fn settings(&self) -> Result<Arc<Settings>, StoreError>;
    /// The head of the journal.
    async fn head(&self) -> Result<Head, StoreError>;
    /// Whether entries can be written: tries, when the disk was full.
    async fn writable(&self) -> bool;
    /// The salt for hashes of payers, secret and fixed per chain.
    fn payer_salt(&self) -> [u8; 32];
    /// What each commit changed, from now on.
    fn changes(&self) -> broadcast::Receiver<Change>;
}
