//! What a terminal told the till.

use serde::{Deserialize, Serialize};

/// What a terminal told the till, as far as it told anything.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct TerminalReport<'a> {
    /// Its code.
    pub response_code: Option<&'a str>,
    /// Its text.
    pub response_msg: Option<&'a str>,
    /// What it said about the payment, as JSON.
    pub biz_data: Option<&'a str>,
}

/// What a terminal's word comes down to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TerminalResult {
    /// In one word.
    pub outcome: TerminalOutcome,
    /// The gateway's codes and its text.
    pub reason: Option<String>,
}

/// How a payment at a terminal ended, by the terminal's word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerminalOutcome {
    /// Somebody pressed cancel. The only outcome that may be taken as unpaid without asking.
    Canceled,
    /// The terminal says that it is paid.
    Success,
    /// The terminal says that it failed.
    Failed,
    /// The terminal, or nobody, answered in time.
    Timeout,
    /// Anything else.
    Unexpected,
}
