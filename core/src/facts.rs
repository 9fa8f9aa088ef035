//! Facts: what is known of an order, as a set of claims that only grows.
//!
//! `join` is union. It is commutative, associative and idempotent, so the order of arrival and repetition cannot
//! matter; `tests/lattice.rs` shows it.

use crate::money::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How strongly a claim is proven, from weakest to strongest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Not authenticated, or ambiguous: journaled, never a fact, makes us ask.
    Hint,
    /// A valid signature under our configured algorithm and key, and unambiguous.
    Signed,
    /// Signed, and the gateway's `notify_verify` said `true`.
    Confirmed,
    /// The answer to our own request to the configured host.
    Queried,
}

/// Who told us.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// The buyer's browser, redirected back.
    Return,
    /// The gateway's server, calling ours.
    Notify,
    /// The gateway's answer to a question of ours.
    Query,
    /// The gateway's statement: what it booked on the account.
    Statement,
}

/// One normalised statement about a trade, a refund or a closing. Two claims that are equal say the same thing,
/// whoever says it; what differs from telling to telling is in [`Detail`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(tag = "claim", rename_all = "snake_case")]
pub enum Claim {
    /// A trade was paid.
    Payment {
        /// The gateway's number.
        trade_no: String,
        /// What was paid.
        amount: Money,
        /// The account's own identity at the gateway, checked at the door.
        payee: String,
    },
    /// One refund ended.
    RefundItem {
        /// The trade it is of.
        trade_no: String,
        /// The refund's number at the gateway.
        refund_no: String,
        /// What was to be refunded.
        amount: Money,
        /// Whether it was.
        succeeded: bool,
    },
    /// So much of a trade has been refunded until now: a watermark, never less than before.
    RefundedSoFar {
        /// The trade it is of.
        trade_no: String,
        /// The sum until now.
        amount: Money,
    },
    /// A refund of this trade exists, its amount is not told: makes a query due.
    RefundMarked {
        /// The trade it is of.
        trade_no: String,
    },
    /// The gateway says that the trade was closed unpaid.
    GatewayClosed {
        /// The gateway's own word for why, normalised by its folder.
        reason: String,
    },
    /// There is no such trade at the gateway and there will be none, or it has no close operation.
    GivenUp,
}

/// What one telling adds to a claim. Never decides anything.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Detail {
    /// The gateway's status word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_status: Option<String>,
    /// The payer as a hash salted per chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
    /// When the gateway says that money moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
}

/// Who told a claim, how strongly it was proven, and what that telling adds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Sighting {
    /// Who.
    pub witness: Witness,
    /// How strongly.
    pub proof: Proof,
    /// What it adds.
    #[serde(flatten)]
    pub detail: Detail,
}

/// When a sighting first came; of two, the earlier stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// The time of the entry.
    pub at: Timestamp,
    /// The entry's number in the journal.
    pub seq: u64,
}

/// The set of an order's claims, each with its sightings.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<Fact>", into = "Vec<Fact>")]
pub struct Facts(BTreeMap<Claim, BTreeMap<Sighting, Seen>>);

impl Facts {
    /// The facts of one sighting.
    #[must_use]
    pub fn of(claim: Claim, sighting: Sighting, seen: Seen) -> Facts {
        Facts(BTreeMap::from([(
            claim,
            BTreeMap::from([(sighting, seen)]),
        )]))
    }

    /// Union. A hint is never a fact and is left out.
    pub fn join(&mut self, other: &Facts) {
        self.join_where(other, |_, _| true);
    }

    /// Union with the part of `other` that is kept.
    pub fn join_where(&mut self, other: &Facts, keep: impl Fn(&Claim, &Sighting) -> bool) {
        for (claim, sightings) in &other.0 {
            let kept = |sighting: &Sighting| sighting.proof > Proof::Hint && keep(claim, sighting);
            for (sighting, seen) in sightings.iter().filter(|(sighting, _)| kept(sighting)) {
                let known = self.0.entry(claim.clone()).or_default();
                known
                    .entry(sighting.clone())
                    .and_modify(|first| *first = (*first).min(*seen))
                    .or_insert(*seen);
            }
        }
    }

    /// Every claim that stands at this proof or above, with all its sightings.
    pub fn counting(
        &self,
        require: Proof,
    ) -> impl Iterator<Item = (&Claim, &BTreeMap<Sighting, Seen>)> {
        self.0.iter().filter(move |(_, sightings)| {
            sightings.keys().any(|sighting| sighting.proof >= require)
        })
    }

    /// Whether this claim stands at this proof or above.
    #[must_use]
    pub fn stands(&self, claim: &Claim, require: Proof) -> bool {
        self.0
            .get(claim)
            .is_some_and(|sightings| sightings.keys().any(|sighting| sighting.proof >= require))
    }

    /// Whether a payment of this trade stands at this proof or above, of whatever amount.
    #[must_use]
    pub fn paid_by(&self, trade_no: &str, require: Proof) -> bool {
        self.counting(require).any(|(claim, _)| {
            matches!(claim, Claim::Payment { .. }) && claim.trade_no() == Some(trade_no)
        })
    }

    /// What a trade brought, by the best proof that there is.
    #[must_use]
    pub fn received(&self, trade_no: &str) -> Option<Money> {
        let paid = self.iter().filter_map(|(claim, seen)| match claim {
            Claim::Payment {
                trade_no: of,
                amount,
                ..
            } if of == trade_no => Some((seen.keys().map(|told| told.proof).max(), *amount)),
            _ => None,
        });
        paid.max_by_key(|(proof, _)| *proof)
            .map(|(_, amount)| amount)
    }

    /// Whether this claim was told at all.
    #[must_use]
    pub fn knows(&self, claim: &Claim) -> bool {
        self.0.contains_key(claim)
    }

    /// Every claim with its sightings.
    pub fn iter(&self) -> impl Iterator<Item = (&Claim, &BTreeMap<Sighting, Seen>)> {
        self.0.iter()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Claim {
    /// The trade that the claim is about.
    #[must_use]
    pub fn trade_no(&self) -> Option<&str> {
        match self {
            Claim::Payment { trade_no, .. }
            | Claim::RefundItem { trade_no, .. }
            | Claim::RefundedSoFar { trade_no, .. }
            | Claim::RefundMarked { trade_no } => Some(trade_no),
            Claim::GatewayClosed { .. } | Claim::GivenUp => None,
        }
    }
}

/// One claim as it is written down.
#[derive(Clone, Serialize, Deserialize)]
struct Fact {
    #[serde(flatten)]
    claim: Claim,
    sightings: Vec<Told>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Told {
    #[serde(flatten)]
    sighting: Sighting,
    #[serde(flatten)]
    seen: Seen,
}

impl From<Vec<Fact>> for Facts {
    fn from(written: Vec<Fact>) -> Facts {
        let sightings = |told: Vec<Told>| {
            told.into_iter()
                .map(|told| (told.sighting, told.seen))
                .collect()
        };
        Facts(
            written
                .into_iter()
                .map(|fact| (fact.claim, sightings(fact.sightings)))
                .collect(),
        )
    }
}

impl From<Facts> for Vec<Fact> {
    fn from(facts: Facts) -> Vec<Fact> {
        let told = |(sighting, seen)| Told { sighting, seen };
        let fact = |(claim, sightings): (Claim, BTreeMap<Sighting, Seen>)| Fact {
            claim,
            sightings: sightings.into_iter().map(told).collect(),
        };
        facts.0.into_iter().map(fact).collect()
    }
}
