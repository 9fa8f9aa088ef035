//! What a query found out.

use super::{Evidence, Personal};
use crate::sabotage::{Defence, removed};
use serde::{Deserialize, Serialize};

/// What a query found out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Money was received, whatever became of it later.
    Paid,
    /// The trade exists and waits for the buyer.
    Unpaid,
    /// The gateway knows no such trade.
    NotFound,
    /// The trade was closed unpaid.
    Closed,
    /// No answer, or none that can be believed. Never "unpaid".
    Unknown,
}

/// The reading of an answer to a query.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// In one word.
    pub answer: Answer,
    /// Why it is what it is, where that needs saying.
    pub reason: Option<String>,
    /// The claims, at [`Proof::Queried`](crate::facts::Proof::Queried).
    pub evidence: Vec<Evidence>,
    /// What must not stand in a header.
    pub personal: Vec<Personal>,
}

impl Answered {
    /// An answer that says nothing.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Answered {
        Answered {
            answer: match removed(Defence::UnknownIsNotUnpaid) {
                true => Answer::Unpaid,
                false => Answer::Unknown,
            },
            reason: Some(reason.into()),
            evidence: Vec::new(),
            personal: Vec::new(),
        }
    }
}
