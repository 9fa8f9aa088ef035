//! What the merchant is told: events of accounts, debts to endpoints, their tries.

use super::Projection;
use crate::Timestamp;
use crate::discrepancy::{DiscrepancyKind, discrepancy_id};
use crate::entry::{Attempt, Entry, Outcome};
use crate::event::{About, Event, EventType, event_id};
use crate::order::OrderKey;
use crate::schedule::delivery_retry;
use crate::settings::Settings;
use crate::state::{AccountDiscrepancy, Delivery, DeliveryState};

/// The account that is the journal's own.
const JOURNAL: &str = "";

/// Every endpoint that hears this account owes itself the event. One that is switched off gets it later.
pub(super) fn owe<P: Projection>(
    rows: &mut P,
    event: &Event,
    settings: &Settings,
) -> Result<(), P::Error> {
    for (name, endpoint) in settings
        .endpoints
        .iter()
        .filter(|(_, endpoint)| endpoint.hears(&event.key.account))
    {
        let (state, next_at) = turn(endpoint.disabled, event.at);
        rows.put_delivery(Delivery {
            event: event.id.clone(),
            endpoint: name.clone(),
            account: event.key.account.clone(),
            order_no: event.key.order_no.clone(),
            attempts: 0,
            state,
            next_at,
            last: None,
        })?;
    }
    Ok(())
}

/// A try ended.
pub(super) fn attempted<P: Projection>(
    rows: &mut P,
    entry: &Entry,
    attempt: &Attempt,
) -> Result<(), P::Error> {
    let Some(mut delivery) = rows.delivery(&attempt.event, &attempt.endpoint)? else {
        return Ok(());
    };
    let status = attempt.status.map(|status| format!("HTTP {status}"));
    delivery.last = entry.record.reason.clone().or(status);
    if attempt.outcome == Outcome::Failed && attempt.attempt != delivery.attempts + 1 {
        // It was under way when somebody asked for all tries anew.
        return rows.put_delivery(delivery);
    }
    delivery.attempts = delivery.attempts.max(attempt.attempt);
    let retry = delivery_retry(
        &attempt.event,
        attempt.attempt,
        entry.at,
        attempt.retry_after_secs,
    );
    (delivery.state, delivery.next_at) = match (attempt.outcome, retry) {
        (Outcome::Delivered, _) => (DeliveryState::Delivered, None),
        (Outcome::Gone, _) => (DeliveryState::Held, None),
        (Outcome::Failed, Some(next_at)) => (DeliveryState::Pending, Some(next_at)),
        (Outcome::Failed, None) => (DeliveryState::Dead, None),
    };
    rows.put_delivery(delivery)?;
    if attempt.outcome == Outcome::Gone {
        switch(rows, entry.at, &attempt.endpoint, false)?;
    }
    Ok(())
}

/// Switches an endpoint off, or on again: what was held is then due.
pub(super) fn switch<P: Projection>(
    rows: &mut P,
    at: Timestamp,
    name: &str,
    enabled: bool,
) -> Result<(), P::Error> {
    let mut settings = Settings::clone(&*rows.settings()?);
    let Some(endpoint) = settings.endpoints.get_mut(name) else {
        return Ok(());
    };
    endpoint.disabled = !enabled;
    rows.put_settings(settings)?;
    if enabled {
        release(rows, at, name)?;
    }
    Ok(())
}

/// What was held is due.
pub(super) fn release<P: Projection>(
    rows: &mut P,
    at: Timestamp,
    name: &str,
) -> Result<(), P::Error> {
    for mut delivery in rows.held(name)? {
        (delivery.state, delivery.next_at) = turn(false, at);
        rows.put_delivery(delivery)?;
    }
    Ok(())
}

/// The wall clock went back: the next try comes no later than if the last one had ended now.
pub(super) fn rein_in<P: Projection>(
    rows: &mut P,
    at: Timestamp,
    mut delivery: Delivery,
) -> Result<(), P::Error> {
    let latest = delivery_retry(&delivery.event, delivery.attempts, at, None).unwrap_or(at);
    delivery.next_at = delivery.next_at.map(|next| next.min(latest));
    rows.put_delivery(delivery)
}

/// An event is due again everywhere, from the first try on.
pub(super) fn redeliver<P: Projection>(
    rows: &mut P,
    at: Timestamp,
    event: &str,
) -> Result<(), P::Error> {
    let settings = rows.settings()?;
    for name in rows.endpoints_of(event)? {
        let Some(mut delivery) = rows.delivery(event, &name)? else {
            continue;
        };
        let disabled = settings
            .endpoints
            .get(&name)
            .is_none_or(|endpoint| endpoint.disabled);
        delivery.attempts = 0;
        (delivery.state, delivery.next_at) = turn(disabled, at);
        rows.put_delivery(delivery)?;
    }
    Ok(())
}

/// A debt is due, or held while its endpoint is switched off.
fn turn(disabled: bool, at: Timestamp) -> (DeliveryState, Option<Timestamp>) {
    if disabled {
        (DeliveryState::Held, None)
    } else {
        (DeliveryState::Pending, Some(at))
    }
}

/// A debt is laid aside: somebody has to look.
pub(super) fn bury<P: Projection>(
    rows: &mut P,
    event: &str,
    endpoint: &str,
    why: &str,
) -> Result<(), P::Error> {
    let Some(mut delivery) = rows.delivery(event, endpoint)? else {
        return Ok(());
    };
    delivery.state = DeliveryState::Dead;
    delivery.next_at = None;
    delivery.last = Some(why.to_owned());
    rows.put_delivery(delivery)
}

/// Opens a discrepancy of the account itself, once per kind and subject.
pub(super) fn open<P: Projection>(
    rows: &mut P,
    at: Timestamp,
    account: &str,
    kind: DiscrepancyKind,
    subject: &str,
    detail: String,
) -> Result<(), P::Error> {
    let key = OrderKey::new(account, "");
    let id = discrepancy_id(&key, kind, subject);
    let mut state = rows.account(account)?;
    if state.discrepancies.contains_key(&id) {
        return Ok(());
    }
    let subject = subject.to_owned();
    let found = AccountDiscrepancy {
        kind,
        subject,
        opened_at: at,
        detail,
        settled: false,
        resolution: None,
    };
    state.discrepancies.insert(id.clone(), found.clone());
    state.sequence = state.sequence.max(floor(rows)?) + 1;
    let sequence = state.sequence;
    rows.put_account(account, state)?;
    let event = Event {
        id: event_id(&key, EventType::DiscrepancyOpened, &id),
        kind: EventType::DiscrepancyOpened,
        key,
        subject: id,
        sequence,
        at,
    };
    publish(rows, event, About::Account(&found))
}

/// An order appeared for which evidence had been parked: the account's `unknown_order` went away by itself.
pub(super) fn appeared<P: Projection>(rows: &mut P, key: &OrderKey) -> Result<(), P::Error> {
    let id = discrepancy_id(
        &OrderKey::new(&*key.account, ""),
        DiscrepancyKind::UnknownOrder,
        &key.order_no,
    );
    let mut state = rows.account(&key.account)?;
    if let Some(found) = state.discrepancies.get_mut(&id) {
        found.settled = true;
        rows.put_account(&key.account, state)?;
    }
    Ok(())
}

/// The number behind which all counts go on: that of the newest epoch, kept by the account without a name.
///
/// # Errors
/// Those of the projection.
pub fn floor<P: Projection>(rows: &mut P) -> Result<u64, P::Error> {
    Ok(rows.account(JOURNAL)?.sequence)
}

/// An epoch begins.
pub(super) fn raise_floor<P: Projection>(rows: &mut P, floor: u64) -> Result<(), P::Error> {
    let mut state = rows.account(JOURNAL)?;
    state.sequence = state.sequence.max(floor);
    rows.put_account(JOURNAL, state)
}

/// Tells the journal's head: its number, counted from the epoch's floor, is in its subject, number and hash of the entry
/// in the body that the store renders.
pub(super) fn anchor<P: Projection>(rows: &mut P, entry: &Entry) -> Result<(), P::Error> {
    let key = OrderKey::new(JOURNAL, "");
    let number = floor(rows)? + entry.seq;
    let subject = number.to_string();
    let event = Event {
        id: event_id(&key, EventType::JournalAnchor, &subject),
        kind: EventType::JournalAnchor,
        key,
        subject,
        sequence: number,
        at: entry.at,
    };
    publish(rows, event, About::Journal)
}

fn publish<P: Projection>(rows: &mut P, event: Event, about: About<'_>) -> Result<(), P::Error> {
    let settings = rows.settings()?;
    owe(rows, &event, &settings)?;
    rows.emit(event, about)
}
