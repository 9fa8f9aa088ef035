//! The fold: from entries to the projection. It reads entries and nothing else, so a refold finds the same.
//!
//! [`admit()`] decides the few order-sensitive steps before an entry is written; [`fold`]
//! is total: an entry that it cannot apply freezes its order and the rest flows.

mod admit;
mod evidence;
mod memory;
mod refund;
mod standing;
mod statement;
mod telling;

use admit::acceptable;
pub use admit::{Refused, admit};
pub use memory::Memory;
pub use standing::{Standing, standing};
pub use telling::floor;

use crate::derived::{Derived, derive};
use crate::discrepancy::{DiscrepancyKind, Resolution, ResolutionKind};
use crate::entry::{Entry, Record, What};
use crate::event::{About, Event};
use crate::facts::{Claim, Detail, Proof, Sighting, Witness};
use crate::gateway::{Address, Answer, Evidence, Opinion, TO_TERMINAL, Verdict};
use crate::order::{Order, OrderKey};
use crate::sabotage::{Defence, removed};
use crate::schedule::{CLOCKS_APART, Checks, Step};
use crate::settings::{Policy, Settings};
use crate::state::{AccountState, Delivery, OrderState, Parked};
use crate::status::Status;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the fold reads and writes: rows by key, nothing more. Every store keeps these; [`Memory`] is the plainest.
pub trait Projection {
    /// Why the rows could not be read or written.
    type Error;
    /// The settings as the newest entry has them.
    fn settings(&mut self) -> Result<Arc<Settings>, Self::Error>;
    /// Puts new settings in force.
    fn put_settings(&mut self, settings: Settings) -> Result<(), Self::Error>;
    /// One order.
    fn order(&mut self, key: &OrderKey) -> Result<Option<OrderState>, Self::Error>;
    /// Writes an order with what follows from it.
    fn put_order(&mut self, state: OrderState, derived: &Derived) -> Result<(), Self::Error>;
    /// Orders with callbacks that have no answer yet.
    fn unanswered(&mut self) -> Result<Vec<OrderKey>, Self::Error>;
    /// Orders for which something is due, now or later.
    fn waiting(&mut self) -> Result<Vec<OrderKey>, Self::Error>;
    /// Orders about which something may still happen: unpaid ones, those for which something is due, those with an open
    /// discrepancy.
    fn active(&mut self) -> Result<Vec<OrderKey>, Self::Error>;
    /// Debts that are to be tried, now or later.
    fn pending(&mut self) -> Result<Vec<Delivery>, Self::Error>;
    /// One account's own state.
    fn account(&mut self, name: &str) -> Result<AccountState, Self::Error>;
    /// Writes an account's own state.
    fn put_account(&mut self, name: &str, state: AccountState) -> Result<(), Self::Error>;
    /// Evidence parked under this address.
    fn parked(&mut self, account: &str, about: &Address) -> Result<Option<Parked>, Self::Error>;
    /// Parks evidence, or (`None`) takes it away.
    fn put_parked(
        &mut self,
        account: &str,
        about: &Address,
        parked: Option<Parked>,
    ) -> Result<(), Self::Error>;
    /// The order that owns a trade.
    fn trade_owner(&mut self, account: &str, trade_no: &str)
    -> Result<Option<String>, Self::Error>;
    /// Makes an order the owner of a trade that has none.
    fn own_trade(
        &mut self,
        account: &str,
        trade_no: &str,
        order_no: &str,
    ) -> Result<(), Self::Error>;
    /// One debt to one endpoint.
    fn delivery(&mut self, event: &str, endpoint: &str) -> Result<Option<Delivery>, Self::Error>;
    /// Writes a debt.
    fn put_delivery(&mut self, delivery: Delivery) -> Result<(), Self::Error>;
    /// The endpoints that owe, or have had, this event.
    fn endpoints_of(&mut self, event: &str) -> Result<Vec<String>, Self::Error>;
    /// Every debt to this endpoint that is held.
    fn held(&mut self, endpoint: &str) -> Result<Vec<Delivery>, Self::Error>;
    /// When the entry before this number was written; `None` where these rows do not know it.
    fn written_before(&mut self, _seq: u64) -> Result<Option<crate::Timestamp>, Self::Error> {
        Ok(None)
    }
    /// Publishes an event, with what it is about. Its place in the feed is behind all others, and
    /// behind the epoch's floor.
    fn emit(&mut self, event: Event, about: About<'_>) -> Result<(), Self::Error>;
}

/// Applies one entry to the projection. Content that cannot be applied freezes its order instead of failing.
///
/// # Errors
/// Only those of the projection.
pub fn fold<P: Projection>(rows: &mut P, entry: &Entry) -> Result<(), P::Error> {
    let record = &entry.record;
    match &record.what {
        What::Settings(settings) => put_settings(rows, entry.at, settings),
        What::Order(order) => create(rows, entry, order),
        What::Checkout { via } => change(rows, entry, |state, policy| {
            state.pushed_at = (via == TO_TERMINAL).then_some(entry.at);
            state.checks.start(entry.at, policy);
        }),
        What::Placed { accepted } if *accepted == Some(false) => {
            change(rows, entry, |state, _| state.pushed_at = None)
        }
        What::TerminalResult { .. } => change(rows, entry, |state, policy| {
            let status = derive(state).status;
            state.checks.reported(entry.at, status, policy);
        }),
        What::Cancel {} => change(rows, entry, |state, _| state.canceled = true),
        What::CloseRequested {} => {
            change(rows, entry, |state, _| state.checks.begin_closing(entry.at))
        }
        What::Received {} => {
            evidence::join(rows, entry)?;
            for key in concerned(rows, record)? {
                change_at(rows, &key, entry.at, |state, _| {
                    state.unanswered.insert(entry.seq);
                })?;
            }
            Ok(())
        }
        What::Notify(callback) | What::Return(callback) => {
            evidence::join(rows, entry)?;
            if record.verdict == Some(Verdict::PayeeMismatch) {
                return payee_mismatch(rows, entry, callback.trade_no.as_deref());
            }
            for key in concerned(rows, record)? {
                // Most callbacks leave nothing open: what they told is settled already.
                let open = rows.order(&key)?.is_some_and(|state| {
                    callback.received.is_some() || evidence::unsettled(&state, record)
                });
                if !open {
                    continue;
                }
                change_at(rows, &key, entry.at, |state, policy| {
                    state
                        .unanswered
                        .retain(|seq| callback.received != Some(*seq));
                    let denied = callback.opinion == Some(Opinion::False);
                    if evidence::unsettled(state, record) && !(denied && removed(Defence::OneShot))
                    {
                        let status = derive(state).status;
                        state.checks.unsettled(entry.at, status, policy);
                    }
                    if evidence::tells_of_refund(record.claims.iter().map(|told| &told.claim)) {
                        state.checks.doubt(entry.at);
                    }
                })?;
            }
            Ok(())
        }
        What::Query {
            step,
            answer,
            asked,
            ..
        } => query_answered(rows, entry, *step, *answer, asked.unwrap_or(entry.at)),
        What::Close { accepted } => change(rows, entry, |state, policy| {
            if *accepted == Some(true) && removed(Defence::LastQuery) {
                give_up(state, entry);
            }
            let expires_at = state.expires_at();
            state.checks.answered(
                Step::Close,
                Answer::Unknown,
                entry.at,
                entry.at,
                expires_at,
                policy,
            );
        }),
        What::GivenUp {} => given_up(rows, entry),
        What::Delivery(attempt) => telling::attempted(rows, entry, attempt),
        What::Endpoint { name, enabled } => telling::switch(rows, entry.at, name, *enabled),
        What::Redelivery { event } => telling::redeliver(rows, entry.at, event),
        What::Resolution {
            discrepancy,
            decision,
            note,
        } => {
            let resolution = Resolution {
                kind: *decision,
                note: note.clone(),
                at: entry.at,
            };
            resolve(rows, entry, discrepancy, resolution)
        }
        What::Started { .. } => started(rows, entry),
        What::Overdue {} => overdue(rows, entry),
        What::Abandoned { event, endpoint } => {
            abandoned(rows, entry, event.as_deref(), endpoint.as_deref())
        }
        What::Anchor {} => telling::anchor(rows, entry),
        What::Adopted { epoch } => adopted(rows, entry, *epoch),
        What::Note {} => noted(rows, record),
        What::RefundRequested(wanted) => refund::requested(rows, entry, wanted),
        What::RefundNumbered { refund_no, wire_no } => {
            refund::change(rows, entry, refund_no, |refund, _| refund.renumber(wire_no))
        }
        What::RefundSent {
            refund_no,
            wire_no,
            accepted,
        } => refund::change(rows, entry, refund_no, |refund, policy| {
            if refund.wire_no() == wire_no {
                refund.sent(*accepted, entry.at, policy);
            }
        }),
        What::RefundQuery { refund_no, .. } => refund::answered(rows, entry, refund_no),
        What::Statement(read) => statement::stated(rows, entry, read),
        What::ClockJump { secs } if *secs < 0 => {
            let by = SignedDuration::from_secs(secs.saturating_neg());
            clock_went_back(rows, entry.at, by)
        }
        What::Genesis { .. }
        | What::SecondOpinion { .. }
        | What::Junk { .. }
        | What::Placed { .. }
        | What::ClockJump { .. }
        | What::Erased { .. }
        | What::Archived { .. } => Ok(()),
    }
}

/// Freezes an order: an entry about it could not be read. The rest of the journal flows.
///
/// # Errors
/// Only those of the projection.
pub fn freeze<P: Projection>(rows: &mut P, key: &OrderKey, why: &str) -> Result<(), P::Error> {
    if let Some(mut state) = rows.order(key)? {
        state.frozen = Some(why.to_owned());
        state.checks.next_at = None;
        state.checks.ask_at = None;
        let derived = derive(&state);
        rows.put_order(state, &derived)?;
    }
    Ok(())
}

/// What was switched off stays so, and an account that left the settings keeps its last policy: its orders go on.
fn put_settings<P: Projection>(
    rows: &mut P,
    at: crate::Timestamp,
    settings: &Settings,
) -> Result<(), P::Error> {
    let before = rows.settings()?;
    let mut after = settings.clone();
    for (name, endpoint) in &mut after.endpoints {
        endpoint.disabled = before
            .endpoints
            .get(name)
            .is_some_and(|known| known.disabled);
    }
    for (name, policy) in &before.accounts {
        after
            .accounts
            .entry(name.clone())
            .or_insert_with(|| policy.clone());
    }
    let back: Vec<String> = after
        .endpoints
        .keys()
        .filter(|name| !before.endpoints.contains_key(*name))
        .cloned()
        .collect();
    rows.put_settings(after)?;
    // What was held when an endpoint left is due when it is there again.
    back.iter()
        .try_for_each(|name| telling::release(rows, at, name))
}

/// What waits must not wait until the clock has caught up with itself.
fn clock_went_back<P: Projection>(
    rows: &mut P,
    at: crate::Timestamp,
    by: SignedDuration,
) -> Result<(), P::Error> {
    for key in rows.waiting()? {
        change_at(rows, &key, at, |state, policy| {
            let expires_at = state.expires_at();
            state.checks.rein_in(at, by, expires_at, policy);
            for refund in state.refunds.values_mut() {
                refund.rein_in(at, policy);
            }
        })?;
    }
    for delivery in rows.pending()? {
        telling::rein_in(rows, at, delivery)?;
    }
    statement::rein_in(rows, at)
}

/// An older copy is the journal from now on. Shops have heard of what came after it: counts go on far above, and the
/// event about it, which everybody hears, has the first place in the feed that no cursor of before is behind. Gateways
/// know what came after it: they are asked about every order that is not at its end.
fn adopted<P: Projection>(rows: &mut P, entry: &Entry, epoch: u64) -> Result<(), P::Error> {
    telling::raise_floor(rows, crate::epoch::floor(epoch))?;
    for key in rows.active()? {
        change_at(rows, &key, entry.at, |state, policy| {
            if state.frozen.is_none() {
                let status = derive(state).status;
                let created_at = state.created_at;
                state.checks.adopted(entry.at, created_at, status, policy);
                for refund in state.refunds.values_mut() {
                    refund.lose_sight(entry.at);
                }
            }
        })?;
    }
    telling::anchor(rows, entry)
}

/// The orders that a record names, or whose trades its claims name.
fn concerned<P: Projection>(rows: &mut P, record: &Record) -> Result<BTreeSet<OrderKey>, P::Error> {
    let mut keys = match &record.account {
        Some(account) => addressed(rows, account, &record.claims)?,
        None => BTreeSet::new(),
    };
    keys.extend(record.key());
    Ok(keys)
}

fn create<P: Projection>(rows: &mut P, entry: &Entry, order: &Order) -> Result<(), P::Error> {
    let mut state = OrderState::new(order.clone(), entry.at);
    state.checks = Checks::new(entry.at, state.expires_at());
    let about = Address::OrderNo(order.key.order_no.clone());
    let parked = rows.parked(&order.key.account, &about)?;
    if let Some(parked) = parked.filter(|_| !removed(Defence::ParkedJoins)) {
        rows.put_parked(&order.key.account, &about, None)?;
        evidence::adopt(rows, &mut state, &parked.facts)?;
        telling::appeared(rows, &order.key)?;
        let require = state.order.require;
        let refund = evidence::tells_of_refund(state.facts.iter().map(|(claim, _)| claim));
        // Of what waited, a booking of another amount is not among the order's facts.
        let stands = |(claim, _)| state.facts.stands(claim, require);
        let open = refund || !state.facts.iter().chain(parked.facts.iter()).all(stands);
        let settings = rows.settings()?;
        if let Some(policy) = settings.accounts.get(&order.key.account).filter(|_| open) {
            let status = derive(&state).status;
            state.checks.unsettled(entry.at, status, policy);
        }
        if refund {
            state.checks.doubt(entry.at);
        }
    }
    settle(rows, state, entry.at)
}

fn query_answered<P: Projection>(
    rows: &mut P,
    entry: &Entry,
    step: Step,
    answer: Answer,
    asked: crate::Timestamp,
) -> Result<(), P::Error> {
    evidence::join(rows, entry)?;
    change(rows, entry, |state, policy| {
        let answer = state.checks.heard(answer, asked);
        let gone = step == Step::Last && answer == Answer::NotFound;
        if gone
            && derive(state).status == Status::Unpaid
            && state.checks.due(entry.at) == Some(Step::Last)
        {
            give_up(state, entry);
        }
        // An answer that does not know of money which is known is old news: what was asked stays a question.
        let old = matches!(answer, Answer::Unpaid | Answer::NotFound) && derive(state).received > 0;
        let answer = if old { Answer::Unknown } else { answer };
        let expires_at = state.expires_at();
        state
            .checks
            .answered(step, answer, asked, entry.at, expires_at, policy);
    })
}

fn given_up<P: Projection>(rows: &mut P, entry: &Entry) -> Result<(), P::Error> {
    change(rows, entry, |state, _| {
        if derive(state).status == Status::Unpaid
            && state.checks.due(entry.at) == Some(Step::GiveUp)
        {
            give_up(state, entry);
        }
    })
}

/// The acceptance of a closing without a word from the gateway: recorded, and obeyed by every refold.
fn give_up(state: &mut OrderState, entry: &Entry) {
    let sighting = Sighting {
        witness: Witness::Query,
        proof: Proof::Queried,
        detail: Detail::default(),
    };
    evidence::add(state, Claim::GivenUp, sighting, entry);
}

fn resolve<P: Projection>(
    rows: &mut P,
    entry: &Entry,
    id: &str,
    resolution: Resolution,
) -> Result<(), P::Error> {
    if entry.record.order_no.is_some() {
        return change(rows, entry, |state, _| {
            let found = derive(state)
                .discrepancies
                .into_iter()
                .find(|found| found.id == id);
            if let Some(found) = found
                .filter(|found| resolution.kind == ResolutionKind::Accept && acceptable(found.kind))
            {
                state.accepted.insert(found.subject);
            }
            state.resolutions.entry(id.to_owned()).or_insert(resolution);
        });
    }
    let Some(name) = &entry.record.account else {
        return Ok(());
    };
    let mut account = rows.account(name)?;
    if let Some(found) = account.discrepancies.get_mut(id) {
        found.resolution.get_or_insert(resolution);
    }
    rows.put_account(name, account)
}

fn started<P: Projection>(rows: &mut P, entry: &Entry) -> Result<(), P::Error> {
    // Nobody saw what became of the wall clock meanwhile. Where it is not behind the newest entry, whatever waits began to
    // wait no later than now, and looking at all of it would change nothing. What is asked at once below must not be put
    // off again.
    let newest = rows.written_before(entry.seq)?;
    if newest.is_none_or(|newest| entry.at < crate::schedule::after(newest, -CLOCKS_APART)) {
        clock_went_back(rows, entry.at, SignedDuration::ZERO)?;
    }
    for key in rows.unanswered()? {
        let Some(mut state) = rows.order(&key)? else {
            continue;
        };
        state.unanswered.clear();
        if !removed(Defence::StartupQuery) {
            state.checks.ask(entry.at);
        }
        settle(rows, state, entry.at)?;
    }
    Ok(())
}

fn overdue<P: Projection>(rows: &mut P, entry: &Entry) -> Result<(), P::Error> {
    let Some(key) = entry.record.key() else {
        return Ok(());
    };
    let about = Address::OrderNo(key.order_no.clone());
    let Some(mut parked) = rows.parked(&key.account, &about)? else {
        return Ok(());
    };
    parked.overdue = true;
    rows.put_parked(&key.account, &about, Some(parked))?;
    if removed(Defence::UnknownOrderReported) {
        return Ok(());
    }
    let detail = format!(
        "proven evidence names the order {}, which nobody made",
        key.order_no
    );
    telling::open(
        rows,
        entry.at,
        &key.account,
        DiscrepancyKind::UnknownOrder,
        &key.order_no,
        detail,
    )
}

fn payee_mismatch<P: Projection>(
    rows: &mut P,
    entry: &Entry,
    trade_no: Option<&str>,
) -> Result<(), P::Error> {
    let named = entry.record.account.as_ref();
    let Some(account) = named.filter(|_| !removed(Defence::PayeeReported)) else {
        return Ok(());
    };
    let subject = trade_no
        .or(entry.record.order_no.as_deref())
        .unwrap_or_default();
    let detail = "a callback under our key names another payee; it moves nothing here".to_owned();
    telling::open(
        rows,
        entry.at,
        account,
        DiscrepancyKind::PayeeMismatch,
        subject,
        detail,
    )
}

fn abandoned<P: Projection>(
    rows: &mut P,
    entry: &Entry,
    event: Option<&str>,
    endpoint: Option<&str>,
) -> Result<(), P::Error> {
    if let (Some(event), Some(endpoint)) = (event, endpoint) {
        return telling::bury(rows, event, endpoint, "no end of three tries was recorded");
    }
    change(rows, entry, |state, policy| {
        if state.due(entry.at) == Some(Step::Refund) {
            refund::put_off(state, entry.at, policy);
        } else if let Some(step) = state.checks.due(entry.at) {
            let expires_at = state.expires_at();
            state.checks.answered(
                step,
                Answer::Unknown,
                entry.at,
                entry.at,
                expires_at,
                policy,
            );
        }
    })
}

/// Nothing follows from a note; only their number is bounded.
fn noted<P: Projection>(rows: &mut P, record: &Record) -> Result<(), P::Error> {
    if let Some(mut state) = order_of(rows, record)? {
        state.notes = state.notes.saturating_add(1);
        let derived = derive(&state);
        rows.put_order(state, &derived)?;
    }
    Ok(())
}

/// Loads the entry's order, changes it, and draws every conclusion. An order that nobody made is no order to change.
fn change<P: Projection>(
    rows: &mut P,
    entry: &Entry,
    how: impl FnOnce(&mut OrderState, &Policy),
) -> Result<(), P::Error> {
    match entry.record.key() {
        Some(key) => change_at(rows, &key, entry.at, how),
        None => Ok(()),
    }
}

fn change_at<P: Projection>(
    rows: &mut P,
    key: &OrderKey,
    at: crate::Timestamp,
    how: impl FnOnce(&mut OrderState, &Policy),
) -> Result<(), P::Error> {
    let Some(mut state) = rows.order(key)? else {
        return Ok(());
    };
    let settings = rows.settings()?;
    let Some(policy) = settings.accounts.get(&state.order.key.account) else {
        return Ok(());
    };
    how(&mut state, policy);
    settle(rows, state, at)
}

/// Draws every conclusion from an order's new facts: events, times, schedule.
fn settle<P: Projection>(
    rows: &mut P,
    mut state: OrderState,
    at: crate::Timestamp,
) -> Result<(), P::Error> {
    crate::refund::conclude(&mut state, at);
    let derived = derive(&state);
    let floor = telling::floor(rows)?;
    let events = crate::event::step(&mut state, &derived, floor, at);
    let newly_closed = derived.status == Status::Closed && state.closed_at.is_none();
    if newly_closed {
        state.closed_at = Some(at);
    }
    if derived.received > 0 && state.paid_at.is_none() {
        state.paid_at = Some(at);
    }
    let settings = rows.settings()?;
    if let Some(policy) = settings.accounts.get(&state.order.key.account) {
        state
            .checks
            .settle(derived.status, derived.attention, newly_closed, at, policy);
    }
    for event in events {
        telling::owe(rows, &event, &settings)?;
        rows.emit(event, About::Order(&state, &derived))?;
    }
    rows.put_order(state, &derived)
}

fn order_of<P: Projection>(rows: &mut P, record: &Record) -> Result<Option<OrderState>, P::Error> {
    match record.key() {
        Some(key) => rows.order(&key),
        None => Ok(None),
    }
}

/// The orders that the evidence of a record concerns, as far as they are known.
fn addressed<P: Projection>(
    rows: &mut P,
    account: &str,
    claims: &[Evidence],
) -> Result<BTreeSet<OrderKey>, P::Error> {
    let mut keys = BTreeSet::new();
    for told in claims {
        if let Some(order_no) = evidence::order_no(rows, account, &told.about)? {
            keys.insert(OrderKey::new(account, order_no));
        }
    }
    Ok(keys)
}
