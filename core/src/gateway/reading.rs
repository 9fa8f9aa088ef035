//! The reading of a callback.

use super::{Evidence, Personal};
use serde::{Deserialize, Serialize};

/// Lists of addresses, or of ranges such as `110.75.128.0/19`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotifySources {
    /// Those of the guide.
    pub seed: &'static [&'static str],
    /// Those of the gateway's later documents.
    pub modern: &'static [&'static str],
}

/// What a callback turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Signed by the gateway for this account, and unambiguous. Its claims are at [`Proof::Signed`](crate::facts::Proof::Signed).
    Genuine,
    /// A valid signature over a map that could be cut in another way, or with critical values out of format: no
    /// evidence, but a reason to ask (SEC-001..004).
    Ambiguous,
    /// Validly signed for another payee (SEC-026).
    PayeeMismatch,
    /// The signature is missing, of another kind, or wrong.
    BadSignature,
    /// Not as this gateway sends it.
    Malformed,
    /// From an address outside of the account's filter; not looked into.
    ForeignSource,
}

impl Verdict {
    /// The word in counters.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Genuine => "genuine",
            Verdict::Ambiguous => "ambiguous",
            Verdict::PayeeMismatch => "payee_mismatch",
            Verdict::BadSignature => "bad_signature",
            Verdict::Malformed => "malformed",
            Verdict::ForeignSource => "foreign_source",
        }
    }
}

/// The reading of one callback. Verification and parsing are one step: this is the only thing that the rest accepts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// What it turned out to be.
    pub verdict: Verdict,
    /// Why, in plain words, naming no secret and no expected signature.
    pub reason: Option<String>,
    /// The order that it names, where its signature was valid.
    pub order_no: Option<String>,
    /// The trade that it names, where its signature was valid.
    pub trade_no: Option<String>,
    /// The token for [`Gateway::second_opinion`](super::Gateway::second_opinion), where there is one.
    pub notify_id: Option<String>,
    /// The name of the key that its signature fits, where that is a previous one.
    pub previous_key: Option<String>,
    /// The claims. Empty unless genuine; empty too where a genuine callback claims nothing (pending, failed).
    pub evidence: Vec<Evidence>,
    /// What must not stand in a header.
    pub personal: Vec<Personal>,
}

impl Reading {
    /// A reading that is no evidence.
    #[must_use]
    pub fn refused(verdict: Verdict, reason: impl Into<String>) -> Reading {
        Reading {
            verdict,
            reason: Some(reason.into()),
            order_no: None,
            trade_no: None,
            notify_id: None,
            previous_key: None,
            evidence: Vec::new(),
            personal: Vec::new(),
        }
    }

    /// Whether the callback was made by someone who holds the key.
    #[must_use]
    pub fn authentic(&self) -> bool {
        !matches!(
            self.verdict,
            Verdict::BadSignature | Verdict::Malformed | Verdict::ForeignSource
        )
    }
}

/// What the gateway said when asked whether it sent a callback.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    /// Exactly `true`.
    True,
    /// `false`: unknown, expired, used, or blocked. Never "forged".
    False,
    /// Anything else, or nothing.
    Unknown,
}
