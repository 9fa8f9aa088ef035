//! The projection of one order: what the fold makes of the journal.

use crate::discrepancy::{DiscrepancyKind, DiscrepancyState, Resolution};
use crate::facts::Facts;
use crate::order::Order;
use crate::refund::RefundState;
use crate::schedule::{Checks, Step};
use crate::statement;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An order and all that the journal says of it. Made by the fold, from entries and nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderState {
    /// What is to be paid.
    pub order: Order,
    /// When it was made.
    pub created_at: Timestamp,
    /// What is known.
    pub facts: Facts,
    /// Trades that a person accepted although they did not fit.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub accepted: BTreeSet<String>,
    /// Trades named by claims of this order that belong to another order.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub reused: BTreeSet<String>,
    /// What people decided, by discrepancy id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resolutions: BTreeMap<String, Resolution>,
    /// When each discrepancy opened, by its id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub opened: BTreeMap<String, Timestamp>,
    /// What the merchant has been told.
    #[serde(default)]
    pub told: Told,
    /// When and what to ask next.
    pub checks: Checks,
    /// The refunds that the merchant asked for, by his numbers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refunds: BTreeMap<String, RefundState>,
    /// Callbacks that were taken in and have no answer yet, by journal number.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unanswered: BTreeSet<u64>,
    /// When the order was last sent to a terminal, if it was. The gateway may have refused it: then it is as if not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_at: Option<Timestamp>,
    /// Whether the gateway was asked to undo whatever had happened, or was about to be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub canceled: bool,
    /// How many notes the shop has written.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub notes: u32,
    /// When the order was first paid, by the entry's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// When the order was first closed, by the entry's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// The number of the newest event of this order; dense from 1, or from the floor of the epoch it came in.
    pub sequence: u64,
    /// Why the order is frozen: an entry that the fold could not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<String>,
}

impl OrderState {
    /// A new order, of which nothing is known.
    #[must_use]
    pub fn new(order: Order, created_at: Timestamp) -> OrderState {
        OrderState {
            order,
            created_at,
            facts: Facts::default(),
            accepted: BTreeSet::new(),
            reused: BTreeSet::new(),
            resolutions: BTreeMap::new(),
            opened: BTreeMap::new(),
            told: Told::default(),
            checks: Checks::new(created_at, None),
            refunds: BTreeMap::new(),
            unanswered: BTreeSet::new(),
            pushed_at: None,
            canceled: false,
            notes: 0,
            paid_at: None,
            closed_at: None,
            sequence: 0,
            frozen: None,
        }
    }

    /// When the order may no longer be paid, if it was made with a limit.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        let secs = self.order.expires_in_secs?;
        self.created_at
            .checked_add(jiff::SignedDuration::from_secs(secs))
            .ok()
    }

    /// When something is due next. For a frozen order nothing is: what its facts are is not known.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        let refunds = self.refunds.values().filter_map(|refund| refund.next_at);
        let due = self.checks.due_at().into_iter().chain(refunds).min();
        due.filter(|_| self.frozen.is_none())
    }

    /// What is due at this time. A question about the order goes before its refunds.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<Step> {
        let refund = || self.due_refund(now).map(|_| Step::Refund);
        let due = self.checks.due(now).or_else(refund);
        due.filter(|_| self.frozen.is_none())
    }

    /// The refund that is to be sent, or asked about, at this time: the one that has waited longest.
    #[must_use]
    pub fn due_refund(&self, now: Timestamp) -> Option<(&str, &RefundState)> {
        let due = self
            .refunds
            .iter()
            .filter(|(_, refund)| refund.next_at.is_some_and(|at| at <= now));
        due.min_by_key(|(_, refund)| refund.next_at)
            .map(|(refund_no, refund)| (refund_no.as_str(), refund))
    }
}

/// A count of none is not written.
pub(crate) fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What the merchant has been told of an order.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// That it is paid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paid: bool,
    /// That it is closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// The refunded sum, in minor units.
    #[serde(default)]
    pub refunded: i64,
    /// The trades that were recorded.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub trades: BTreeSet<String>,
}

/// What the journal says of an account beyond its orders. The account without a name is the journal's own: its
/// `sequence` is the floor behind which all counts go on ([`crate::epoch`]).
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountState {
    /// The number of the newest event of the account itself.
    pub sequence: u64,
    /// Its own discrepancies, by id.
    #[serde(default)]
    pub discrepancies: BTreeMap<String, AccountDiscrepancy>,
    /// How far the reading of its statements has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<statement::Reading>,
}

/// A discrepancy that belongs to no order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountDiscrepancy {
    /// `payee_mismatch` or `unknown_order`.
    pub kind: DiscrepancyKind,
    /// The order's number, or the trade's, as the message named it.
    pub subject: String,
    /// When it opened.
    pub opened_at: Timestamp,
    /// What is wrong, in one sentence.
    pub detail: String,
    /// Whether it went away by itself: the order appeared.
    #[serde(default)]
    pub settled: bool,
    /// What a person decided.
    #[serde(default)]
    pub resolution: Option<Resolution>,
}

impl AccountDiscrepancy {
    /// How it stands.
    #[must_use]
    pub fn state(&self) -> DiscrepancyState {
        match self {
            AccountDiscrepancy {
                resolution: Some(_),
                ..
            } => DiscrepancyState::Resolved,
            AccountDiscrepancy { settled: true, .. } => DiscrepancyState::Settled,
            _ => DiscrepancyState::Open,
        }
    }
}

/// Evidence that waits for its order to appear.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Parked {
    /// The claims.
    pub facts: Facts,
    /// When the first of them came.
    pub since: Timestamp,
    /// Whether somebody has been told.
    #[serde(default)]
    pub overdue: bool,
}

/// The debt to tell one endpoint of one event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// The event.
    pub event: String,
    /// The endpoint's name.
    pub endpoint: String,
    /// The account whose event it is.
    pub account: String,
    /// The order that the event is about; empty for an event of the account.
    pub order_no: String,
    /// Tries that ended.
    pub attempts: u32,
    /// How it stands.
    pub state: DeliveryState,
    /// When the next try is due; `None` unless pending.
    pub next_at: Option<Timestamp>,
    /// How the last try ended, in a few words.
    #[serde(default)]
    pub last: Option<String>,
}

/// How a delivery stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// A try is due.
    Pending,
    /// The endpoint is switched off.
    Held,
    /// The endpoint answered 2xx.
    Delivered,
    /// Every try failed: somebody has to look and ask for it again.
    Dead,
}
