//! An entry of the journal as its document describes it.

use serde::Deserialize;
use serde_json::Value;

/// One row, its header read.
pub(super) struct Entry {
    pub(super) seq: i64,
    pub(super) time_us: i64,
    pub(super) raw: Vec<u8>,
    pub(super) header: Header,
    pub(super) hash: [u8; 32],
    pub(super) body: Option<Vec<u8>>,
}

/// The header. What is not needed is not read.
#[derive(Deserialize, Default)]
pub(super) struct Header {
    #[serde(default)]
    pub(super) account: Option<String>,
    #[serde(default)]
    pub(super) order_no: Option<String>,
    #[serde(default)]
    pub(super) verdict: Option<String>,
    #[serde(default)]
    pub(super) answered: Option<String>,
    #[serde(default)]
    pub(super) claims: Vec<Claim>,
    pub(super) kind: String,
    #[serde(default)]
    pub(super) data: Value,
}

/// One normalised claim.
#[derive(Deserialize, Clone)]
pub(super) struct Claim {
    pub(super) about: About,
    pub(super) proof: String,
    pub(super) claim: String,
    #[serde(default)]
    pub(super) trade_no: Option<String>,
    #[serde(default)]
    pub(super) refund_no: Option<String>,
    #[serde(default)]
    pub(super) amount: Option<Amount>,
    #[serde(default)]
    pub(super) payee: Option<String>,
    #[serde(default)]
    pub(super) succeeded: Option<bool>,
    #[serde(default)]
    pub(super) reason: Option<String>,
}

/// What a claim is about.
#[derive(Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub(super) enum About {
    OrderNo(String),
    TradeNo(String),
}

/// An amount in minor units.
#[derive(Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Amount {
    pub(super) minor: i64,
    pub(super) currency: String,
}

/// What makes two claims the same: everything but who told it, how strongly, and what the telling adds.
pub(super) type Same = (
    String,
    About,
    (String, Option<String>, Option<String>, Option<Amount>),
    (Option<String>, Option<bool>, Option<String>),
);

impl Claim {
    pub(super) fn same(&self, account: &str) -> Same {
        (
            account.to_owned(),
            self.about.clone(),
            (
                self.claim.clone(),
                self.trade_no.clone(),
                self.refund_no.clone(),
                self.amount.clone(),
            ),
            (self.payee.clone(), self.succeeded, self.reason.clone()),
        )
    }

    /// The trade and the amount, of a payment.
    pub(super) fn payment(&self) -> Option<(&str, &Amount)> {
        (self.claim == "payment").then_some((self.trade_no.as_deref()?, self.amount.as_ref()?))
    }

    /// The trade, of anything that tells of a refund.
    pub(super) fn refund_of(&self) -> Option<&str> {
        self.trade_no
            .as_deref()
            .filter(|_| self.claim.starts_with("refund"))
    }
}

impl Header {
    /// When a question was sent, by the server's clock.
    pub(super) fn asked(&self) -> Option<i64> {
        let asked: jiff::Timestamp = self.text("asked")?.parse().ok()?;
        Some(asked.as_microsecond())
    }

    /// A text of the data.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name)?.as_str()
    }
}
