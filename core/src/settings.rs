//! The part of the settings that the fold needs. It enters the journal as an entry whenever it changed.

use crate::charset::Charset;
use crate::facts::Proof;
use crate::money::Money;
use crate::sabotage::{Defence, removed};
use crate::schedule::after;
use crate::statement::StatementPolicy;
use crate::window::Window;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Policies of the accounts and endpoints of the merchant. No secret is in here.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// By account name.
    pub accounts: BTreeMap<String, Policy>,
    /// By endpoint name.
    pub endpoints: BTreeMap<String, Endpoint>,
}

/// How an account's evidence counts and how its orders are asked about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Policy {
    /// The gateway's name.
    pub gateway: String,
    /// The account's own identity there.
    pub payee: String,
    /// Names of the keys in force, which tell nothing about them.
    pub key_ids: Vec<String>,
    /// How its messages are written. Absent in journals from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<Wire>,
    /// The proof from which on a claim counts.
    pub require: Proof,
    /// A higher proof for higher amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_above: Option<RequireAbove>,
    /// The gaps between checks, in seconds.
    pub gaps_secs: Vec<i64>,
    /// How long after its checkout an order is checked at most, in seconds, where its checks end by themselves whatever
    /// `expires_at` says: the strategy `scan`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan_secs: Option<i64>,
    /// How long the final query may go unanswered before the close is sent all the same, in seconds, where it ever is:
    /// at gateways whose close pays a paid order back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_unknown_secs: Option<i64>,
    /// The gaps from the closing to each late check, in seconds from the one before.
    pub late_secs: Vec<i64>,
    /// Whether the gateway can close a trade.
    pub close: bool,
    /// How long after its last checkout an order can be asked about, where that ends. What the gateway answers to a
    /// question sent later says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_window_secs: Option<i64>,
    /// When the account's statements are read, where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<StatementPolicy>,
}

/// How an account's messages are written. The gateway keeps to what an order was sent with, so a change of this makes
/// later callbacks about it unreadable.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Wire {
    /// The charset of everything that is sent and received.
    pub charset: Charset,
    /// The kind of the gateway's signatures, as the wire has it: `MD5`, `RSA`.
    pub sign_type: String,
}

/// The two-witness rule: above this amount, this proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RequireAbove {
    /// From more than this on.
    pub amount: Money,
    /// The proof.
    pub proof: Proof,
}

/// One of the merchant's endpoints.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Endpoint {
    /// Only events of these accounts; `None` means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<BTreeSet<String>>,
    /// It answered 410 Gone, or was switched off by command: deliveries are held.
    #[serde(default)]
    pub disabled: bool,
}

impl Policy {
    /// Whether a signature is proof enough, whatever the amount.
    #[must_use]
    pub fn signature_suffices(&self) -> bool {
        self.require <= Proof::Signed && self.require_above.is_none()
    }

    /// The proof that an amount needs.
    #[must_use]
    pub fn require_for(&self, amount: Money) -> Proof {
        if removed(Defence::RequiredProof) {
            return Proof::Signed;
        }
        match self.require_above {
            Some(above)
                if amount.currency == above.amount.currency
                    && amount.minor > above.amount.minor =>
            {
                above.proof.max(self.require)
            }
            _ => self.require,
        }
    }

    /// The gap before the check of this number (from 0).
    #[must_use]
    pub fn gap(&self, number: usize) -> Option<SignedDuration> {
        self.gaps_secs
            .get(number)
            .copied()
            .map(SignedDuration::from_secs)
    }

    /// The last gap.
    #[must_use]
    pub fn last_gap(&self) -> SignedDuration {
        SignedDuration::from_secs(self.gaps_secs.last().copied().unwrap_or(1_800))
    }

    /// How long to wait when nothing could be learnt: the last gap, or where a scan asks in short ones, all of its time.
    #[must_use]
    pub fn silence_gap(&self) -> SignedDuration {
        let scan = SignedDuration::from_secs(self.scan_secs.unwrap_or_default());
        self.last_gap().max(scan)
    }

    /// Until when an order is checked whose buyer is sent now, where the strategy ends it.
    #[must_use]
    pub fn scan_until(&self, at: Timestamp) -> Option<Timestamp> {
        let length = SignedDuration::from_secs(self.scan_secs?);
        Some(after(at, length))
    }

    /// Until when an order can be asked about whose buyer is sent now, where that ends.
    #[must_use]
    pub fn query_window(&self, at: Timestamp) -> Option<Window> {
        let secs = self
            .query_window_secs
            .filter(|_| !removed(Defence::QueryWindow))?;
        Some(Window::from(at, secs))
    }

    /// The gap before the late check of this number (from 0), counted from the one before.
    #[must_use]
    pub fn late_gap(&self, number: usize) -> Option<SignedDuration> {
        self.late_secs
            .get(number)
            .copied()
            .map(SignedDuration::from_secs)
    }
}

impl Endpoint {
    /// Whether the endpoint is told of this account's events.
    #[must_use]
    pub fn hears(&self, account: &str) -> bool {
        self.accounts
            .as_ref()
            .is_none_or(|accounts| accounts.contains(account))
    }
}
