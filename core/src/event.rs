//! Events: what the merchant is told. They come out of the step from old to new facts, with ids made of their content.

use crate::derived::Derived;
use crate::ids::content_id;
use crate::order::OrderKey;
use crate::sabotage::{Defence, removed};
use crate::state::{AccountDiscrepancy, OrderState};
use crate::status::Status;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The types of events, by their names on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum EventType {
    /// A trade stands at the required proof, counted or not. Once per trade.
    #[serde(rename = "payment.recorded")]
    PaymentRecorded,
    /// Something does not fit. Once per kind and subject.
    #[serde(rename = "discrepancy.opened")]
    DiscrepancyOpened,
    /// The order is paid. Once in its life.
    #[serde(rename = "order.paid")]
    OrderPaid,
    /// The order is closed. Once in its life.
    #[serde(rename = "order.closed")]
    OrderClosed,
    /// The refunded sum grew and something stands.
    #[serde(rename = "order.partially_refunded")]
    OrderPartiallyRefunded,
    /// The refunded sum grew and nothing stands.
    #[serde(rename = "order.refunded")]
    OrderRefunded,
    /// The journal's head, once a day.
    #[serde(rename = "journal.anchor")]
    JournalAnchor,
}

impl EventType {
    /// The name on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            EventType::PaymentRecorded => "payment.recorded",
            EventType::DiscrepancyOpened => "discrepancy.opened",
            EventType::OrderPaid => "order.paid",
            EventType::OrderClosed => "order.closed",
            EventType::OrderPartiallyRefunded => "order.partially_refunded",
            EventType::OrderRefunded => "order.refunded",
            EventType::JournalAnchor => "journal.anchor",
        }
    }
}

/// One event as the fold makes it. Its body is rendered once, by the store, in the same transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// `evt_` and 26 characters, made of account, order, type and subject.
    pub id: String,
    /// The type.
    pub kind: EventType,
    /// Account and order number; the number is empty for an event of the account itself.
    pub key: OrderKey,
    /// What within the order it is about: a trade, a discrepancy's id, a sum.
    pub subject: String,
    /// The order's (or account's) own count, dense from 1, or from an epoch's floor. Shops act on the newest.
    pub sequence: u64,
    /// The time of the entry that it came from.
    pub at: Timestamp,
}

/// What an event is about, as it stands with the event.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// An order.
    Order(&'a OrderState, &'a Derived),
    /// A discrepancy of the account itself.
    Account(&'a AccountDiscrepancy),
    /// The journal.
    Journal,
}

/// The id of an event: `evt_` and the first 26 characters of lower-case unpadded base32 of
/// SHA-256(account, order_no, type, subject, each followed by a zero byte).
#[must_use]
pub fn event_id(key: &OrderKey, kind: EventType, subject: &str) -> String {
    content_id("evt_", key, kind.word(), subject)
}

/// The events that the step to `derived` makes, in their order; what was told is written down in the state. They are
/// counted on from the order's newest, or from the epoch's `floor`.
pub fn step(state: &mut OrderState, derived: &Derived, floor: u64, at: Timestamp) -> Vec<Event> {
    let mut told: Vec<(EventType, String)> = Vec::new();
    for trade in derived
        .trades
        .iter()
        .filter(|trade| trade.processed_at.is_some())
    {
        if state.told.trades.insert(trade.trade_no.clone()) {
            told.push((EventType::PaymentRecorded, trade.trade_no.clone()));
        }
    }
    for found in &derived.discrepancies {
        if !state.opened.contains_key(&found.id) {
            state.opened.insert(found.id.clone(), at);
            told.push((EventType::DiscrepancyOpened, found.id.clone()));
        }
    }
    let stands = derived.net() > 0 || (derived.received > 0 && removed(Defence::PaidNet));
    if stands && (!state.told.paid || removed(Defence::ToldOnce)) {
        state.told.paid = true;
        told.push((EventType::OrderPaid, String::new()));
    }
    if derived.status == Status::Closed && !state.told.closed {
        state.told.closed = true;
        told.push((EventType::OrderClosed, String::new()));
    }
    if derived.refunded > state.told.refunded {
        state.told.refunded = derived.refunded;
        let whole = derived.net() <= 0;
        let kind = if whole {
            EventType::OrderRefunded
        } else {
            EventType::OrderPartiallyRefunded
        };
        told.push((kind, derived.refunded.to_string()));
    }
    let mut number = |(kind, subject): (EventType, String)| {
        state.sequence = state.sequence.max(floor) + 1 + u64::from(removed(Defence::SequenceDense));
        let key = state.order.key.clone();
        Event {
            id: event_id(&key, kind, &subject),
            kind,
            key,
            subject,
            sequence: state.sequence,
            at,
        }
    };
    told.into_iter().map(&mut number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_content() {
        // Computed apart from this code: base32(sha256(b"main\0A-1\0order.paid\0\0")), lower case, 26 characters.
        let key = OrderKey::new("main", "A-1");
        assert_eq!(
            event_id(&key, EventType::OrderPaid, ""),
            "evt_ovriwi457b4bdoynxegoh2sljn"
        );
        assert_ne!(
            event_id(&key, EventType::OrderPaid, ""),
            event_id(&key, EventType::OrderClosed, "")
        );
        assert_ne!(
            event_id(&OrderKey::new("a", "bc"), EventType::OrderPaid, ""),
            event_id(&OrderKey::new("ab", "c"), EventType::OrderPaid, "")
        );
    }
}
