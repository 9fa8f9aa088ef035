//! Money that goes back, and what the gateway says about it.

use super::Evidence;
use crate::money::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who makes the gateway pay money back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundWay {
    /// Our server asks, and the gateway does it.
    Call,
    /// A person confirms it on a page of the gateway.
    Page,
}

/// Money to be paid back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refund {
    /// The trade it is of.
    pub trade_no: String,
    /// How much.
    pub amount: Money,
    /// What the trade brought, where that is known. Some gateways have it on the wire.
    pub received: Option<Money>,
    /// Why. It goes to the gateway.
    pub reason: Option<String>,
}

/// What goes to the gateway at once, under one number.
#[derive(Clone, Debug)]
pub struct RefundCall<'a> {
    /// Our number on the wire.
    pub wire_no: &'a str,
    /// At least one, each of another trade.
    pub refunds: &'a [Refund],
    /// Where the gateway's server shall tell the outcome.
    pub notify_url: &'a str,
    /// When it goes out.
    pub now: Timestamp,
}

/// What the gateway said to [`Gateway::refund`](super::Gateway::refund). Taking it in is not doing it: the outcome comes
/// later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refunding {
    /// Whether it took the refund in; `None` where it said nothing that can be read, or has had this number before.
    pub accepted: Option<bool>,
    /// The gateway's code, or why nothing could be read.
    pub reason: Option<String>,
}

/// What became of a refund, as the gateway says when it is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundAnswer {
    /// Paid back.
    Succeeded,
    /// Refused for good.
    Failed,
    /// Taken in, not done yet.
    Pending,
    /// The gateway knows no refund under this number.
    NotFound,
    /// No answer, or none that can be believed.
    Unknown,
}

/// The reading of an answer to [`Gateway::refund_query`](super::Gateway::refund_query).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefundAnswered {
    /// In one word.
    pub answer: RefundAnswer,
    /// The gateway's code, or why it is what it is.
    pub reason: Option<String>,
    /// The claims, at [`Proof::Queried`](crate::facts::Proof::Queried); none where the protocol leaves the answer unsigned.
    pub evidence: Vec<Evidence>,
}
