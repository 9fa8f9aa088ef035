//! What a transaction reads and writes: rows by key, whatever database they stand in.

use super::failure::Failure;
use super::sql::{Param, Sql};
use super::{DueDelivery, DueStep, Lease};
use quittance_core::entry::Hash;
use quittance_core::event::Event;
use quittance_core::gateway::{Address, Personal};
use quittance_core::settings::Settings;
use quittance_core::state::{AccountState, Delivery, OrderState, Parked};
use quittance_core::{OrderKey, Timestamp};

/// A row of the journal, with the raw bytes that belong to it.
#[derive(Clone, Debug)]
pub(super) struct EntryRow {
    pub(super) seq: u64,
    pub(super) time_us: i64,
    pub(super) kind: u8,
    pub(super) header: Vec<u8>,
    pub(super) body_hash: Hash,
    pub(super) prev: Hash,
    pub(super) hash: Hash,
    pub(super) account: Option<String>,
    pub(super) order_no: Option<String>,
    /// The salt, and the bytes.
    pub(super) body: Option<([u8; 16], Vec<u8>)>,
}

/// Orders that are looked for by how they stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Which {
    /// With callbacks that have no answer yet.
    Unanswered,
    /// For which something is due, now or later.
    Waiting,
    /// About which something may still happen.
    Active,
}

/// What became of an event that was given its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Published {
    /// Nothing: it stands in the feed already.
    Before,
    /// It has the body that was rendered when it happened.
    Told,
    /// It stands here, and its body is to be rendered.
    Untold(u64),
}

/// The tables inside one open transaction.
///
/// A [`Batch`](super::batch::Batch) reads each row once and puts each changed row once, in key order; what it looks for
/// across rows, or takes, it asks for after a flush only.
pub(super) trait Tables {
    /// The number of the next entry, behind this one.
    fn next_seq(&mut self, newest: u64) -> Result<u64, Failure>;

    fn order(&mut self, key: &OrderKey) -> Result<Option<OrderState>, Failure>;
    fn personal(&mut self, key: &OrderKey) -> Result<Vec<Personal>, Failure>;
    fn account(&mut self, name: &str) -> Result<Option<AccountState>, Failure>;
    fn parked(&mut self, account: &str, about: &Address) -> Result<Option<Parked>, Failure>;
    fn trade_owner(&mut self, account: &str, trade_no: &str) -> Result<Option<String>, Failure>;
    /// When the newest entry before this number was written.
    fn written_before(&mut self, seq: u64) -> Result<Option<Timestamp>, Failure>;
    /// What is owed, or was, because of an event, in the order of the endpoints' names.
    fn deliveries(&mut self, event: &str) -> Result<Vec<Delivery>, Failure>;
    /// Whether somebody's work is still this holder's.
    fn holds(&mut self, lease: &Lease) -> Result<bool, Failure>;

    /// Keys of orders, in their order.
    fn orders(&mut self, which: Which) -> Result<Vec<OrderKey>, Failure>;
    /// Debts that are to be tried, now or later.
    fn pending(&mut self) -> Result<Vec<Delivery>, Failure>;
    /// Debts to this endpoint that are held.
    fn held(&mut self, endpoint: &str) -> Result<Vec<Delivery>, Failure>;

    fn put_entry(&mut self, entry: EntryRow) -> Result<(), Failure>;
    fn put_personal(&mut self, seq: u64, personal: &[Personal]) -> Result<(), Failure>;
    fn put_settings(&mut self, settings: &Settings) -> Result<(), Failure>;
    fn put_order(&mut self, state: &OrderState) -> Result<(), Failure>;
    fn put_account(&mut self, name: &str, state: &AccountState) -> Result<(), Failure>;
    /// Writes what waits under an address, or (`None`) takes it away.
    fn put_parked(
        &mut self,
        account: &str,
        about: &Address,
        parked: Option<&Parked>,
    ) -> Result<(), Failure>;
    fn put_trade(&mut self, account: &str, trade_no: &str, order_no: &str) -> Result<(), Failure>;
    fn put_delivery(&mut self, delivery: &Delivery) -> Result<(), Failure>;
    /// Gives an event its place in the feed, behind all others and behind `floor`.
    fn publish(&mut self, event: &Event, floor: u64) -> Result<Published, Failure>;
    /// What is told of the event at this place.
    fn put_event_body(&mut self, pos: u64, event: &str, body: Vec<u8>) -> Result<(), Failure>;
    /// The newest entry that the projection has seen.
    fn put_cursor(&mut self, seq: u64, hash: Hash) -> Result<(), Failure>;
    /// What was put so far can be looked for from now on.
    fn flushed(&mut self) -> Result<(), Failure>;

    /// Takes due steps of orders that nobody holds.
    fn take_steps(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueStep>, Failure>;
    /// Takes due deliveries to these endpoints that nobody holds. Endpoints take turns, so that one that is behind delays
    /// only itself.
    fn take_deliveries(
        &mut self,
        endpoints: &[&str],
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueDelivery>, Failure>;
    /// Ends a lease: the end of the work stands in the journal.
    fn release(&mut self, lease: &Lease) -> Result<(), Failure>;
    /// No lease lasts longer than to `until`.
    fn shorten_leases(&mut self, until: Timestamp) -> Result<(), Failure>;

    /// Takes the whole projection away. Bodies, personal data and leases stay.
    fn wipe(&mut self) -> Result<(), Failure>;
    /// Finds out whether there is room: writes some; the commit shows whether it holds.
    fn probe(&mut self) -> Result<(), Failure>;
    /// Gives back what [`Tables::probe`] took.
    fn give_back(&mut self) -> Result<(), Failure>;

    /// The tables for reading across rows; what was put so far has to be flushed.
    fn sql(&mut self) -> Result<&dyn Sql, Failure>;
    /// Changes rows in ways that no entry tells of alone, and says how many.
    fn change(&mut self, statement: &str, values: &[Param<'_>]) -> Result<u64, Failure>;

    /// Runs a statement that no verb needs.
    #[cfg(test)]
    fn aside(&mut self, statement: &str) -> Result<(), Failure>;
}
