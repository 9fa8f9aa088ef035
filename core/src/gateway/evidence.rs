//! Claims with what they are about and how they are known.

use crate::facts::{Claim, Detail, Proof, Witness};
use serde::{Deserialize, Serialize};

/// A claim with what it is about and how it is known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// Which order it concerns.
    pub about: Address,
    /// Who told it.
    pub witness: Witness,
    /// How strongly it is proven.
    pub proof: Proof,
    /// What is claimed.
    #[serde(flatten)]
    pub claim: Claim,
    /// What this telling adds.
    #[serde(flatten)]
    pub detail: Detail,
}

/// How a piece of evidence names its order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// By the merchant's number.
    OrderNo(String),
    /// By the gateway's number of a trade that is known.
    TradeNo(String),
}

/// Personal data that came with a message: kept beside the journal, never in a header.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Personal {
    /// What it belongs to: a trade number, or empty for the order itself.
    pub subject: String,
    /// `buyer_id`, `buyer_email`, `client_ip`.
    pub name: String,
    /// The value.
    pub value: String,
}
