//! What may not fit: the kinds, how each stands, what people decide.

use crate::ids::content_id;
use crate::order::OrderKey;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The kinds of discrepancies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscrepancyKind {
    /// More was received than the order asks for.
    DuplicatePayment,
    /// A payment and a closing both stand.
    PaidAfterClose,
    /// A payment that a Cancel of ours took back.
    RefundedByCancel,
    /// A trade of another amount.
    AmountMismatch,
    /// A trade in another currency.
    CurrencyMismatch,
    /// A trade that already belongs to another order.
    TradeReuse,
    /// More was paid back than was received.
    OverRefund,
    /// Two counting claims differ about one trade.
    ConflictingEvidence,
    /// A callback validly signed for another payee.
    PayeeMismatch,
    /// Evidence for an order that nobody made.
    UnknownOrder,
}

impl DiscrepancyKind {
    /// The word in the API and in ids.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DiscrepancyKind::DuplicatePayment => "duplicate_payment",
            DiscrepancyKind::PaidAfterClose => "paid_after_close",
            DiscrepancyKind::RefundedByCancel => "refunded_by_cancel",
            DiscrepancyKind::AmountMismatch => "amount_mismatch",
            DiscrepancyKind::CurrencyMismatch => "currency_mismatch",
            DiscrepancyKind::TradeReuse => "trade_reuse",
            DiscrepancyKind::OverRefund => "over_refund",
            DiscrepancyKind::ConflictingEvidence => "conflicting_evidence",
            DiscrepancyKind::PayeeMismatch => "payee_mismatch",
            DiscrepancyKind::UnknownOrder => "unknown_order",
        }
    }
}

/// How a discrepancy stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscrepancyState {
    /// Somebody needs to look.
    Open,
    /// Refunds took the excess back, or the order appeared.
    Settled,
    /// A person decided.
    Resolved,
}

impl DiscrepancyState {
    /// The word in the API and in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DiscrepancyState::Open => "open",
            DiscrepancyState::Settled => "settled",
            DiscrepancyState::Resolved => "resolved",
        }
    }
}

/// What a person decided about a discrepancy. Nobody can mark an order paid; a person can accept a trade.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Resolution {
    /// What was decided.
    pub kind: ResolutionKind,
    /// Why.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

/// The decisions that a person can take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResolutionKind {
    /// The trade pays the order although it does not fit.
    Accept,
    /// The money went back on another way.
    RefundedElsewhere,
    /// Nothing is to be done.
    Ignore,
}

impl ResolutionKind {
    /// The word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ResolutionKind::Accept => "accept",
            ResolutionKind::RefundedElsewhere => "refunded_elsewhere",
            ResolutionKind::Ignore => "ignore",
        }
    }
}

/// The id of a discrepancy: `dsc_` and 26 characters, made of account, order, kind and subject as event ids are.
#[must_use]
pub fn discrepancy_id(key: &OrderKey, kind: DiscrepancyKind, subject: &str) -> String {
    content_id("dsc_", key, kind.word(), subject)
}
