//! The status of an order: a word for what follows from its facts.

use serde::{Deserialize, Serialize};

/// The status of an order, by sums over its counted trades. Facts are monotone, the status is not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing was received and nothing was closed.
    Unpaid,
    /// The order's amount stands received.
    Paid,
    /// Something was paid back.
    PartiallyRefunded,
    /// All that was received was paid back.
    Refunded,
    /// Nothing was received and a closing stands.
    Closed,
}

impl Status {
    /// The word in the API and in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Status::Unpaid => "unpaid",
            Status::Paid => "paid",
            Status::PartiallyRefunded => "partially_refunded",
            Status::Refunded => "refunded",
            Status::Closed => "closed",
        }
    }
}
