//! What a gateway booked.

use super::Evidence;
use jiff::Timestamp;

/// A part of an account's statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatementCall {
    /// From this instant on.
    pub from: Timestamp,
    /// Up to this one, which is not in it.
    pub to: Timestamp,
    /// Which part, from 1: a page, or what the protocol asks for apart.
    pub part: u32,
}

/// The reading of a part of a statement. What the gateway booked of an order's payment is told as its payment; the fold
/// counts it where it is the order's very amount, and has everything else asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stated {
    /// How many rows are in it; `None` where it cannot be read or believed.
    pub rows: Option<u32>,
    /// The gateway's code, or why it is what it is.
    pub reason: Option<String>,
    /// Whether another part follows.
    pub more: bool,
    /// The claims: at [`Proof::Queried`](crate::facts::Proof::Queried) where the rows are signed, else at [`Proof::Hint`](crate::facts::Proof::Hint).
    pub evidence: Vec<Evidence>,
}

impl Stated {
    /// A part that says nothing.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Stated {
        Stated {
            rows: None,
            reason: Some(reason.into()),
            more: false,
            evidence: Vec::new(),
        }
    }
}
