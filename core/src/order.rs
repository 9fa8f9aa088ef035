//! The order: what is to be paid. Written once.

use crate::facts::Proof;
use crate::money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Further parameters of an order in its gateway's own words, by name. The gateway's folder knows and bounds them.
pub type GatewayOptions = BTreeMap<String, String>;

/// What names an order: the account, and the merchant's number within it. Compared byte by byte.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct OrderKey {
    /// The merchant's contract at one gateway.
    pub account: String,
    /// The merchant's number, `[A-Za-z0-9_-]{1,64}`.
    pub order_no: String,
}

impl OrderKey {
    /// The key of this order in this account.
    #[must_use]
    pub fn new(account: impl Into<String>, order_no: impl Into<String>) -> OrderKey {
        OrderKey {
            account: account.into(),
            order_no: order_no.into(),
        }
    }
}

impl std::fmt::Display for OrderKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.account, self.order_no)
    }
}

/// What is to be paid: written once, at creation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Account and number.
    #[serde(flatten)]
    pub key: OrderKey,
    /// What is to be paid.
    pub amount: Money,
    /// The title at the cashier.
    pub subject: String,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The merchant's own data, echoed by the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<String>,
    /// The payment method at the gateway, in the gateway's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The bank, in the gateway's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
    /// The page that shows what is bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_url: Option<String>,
    /// Where the buyer goes on to afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<String>,
    /// The terminal that shall ask for the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<String>,
    /// Further parameters in the gateway's own words. Those that say who the buyer is stand beside the journal.
    #[serde(default, skip_serializing_if = "GatewayOptions::is_empty")]
    pub gateway_options: GatewayOptions,
    /// How long the order may be paid, in seconds from its creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_secs: Option<i64>,
    /// The unguessable name of the buyer's pages: 128 bits, lower-case base32.
    pub token: String,
    /// The proof from which on a claim about this order counts: the account's policy when the order was made.
    pub require: Proof,
}

impl Order {
    /// The first field, in the contract's order, in which another request for the same number differs. Of `client_ip` and `expires_in` the first values stay.
    #[must_use]
    pub fn differs_in(&self, other: &Order) -> Option<&'static str> {
        let fields = [
            ("amount", self.amount.minor == other.amount.minor),
            ("currency", self.amount.currency == other.amount.currency),
            ("subject", self.subject == other.subject),
            ("body", self.body == other.body),
            ("extra", self.extra == other.extra),
            ("method", self.method == other.method),
            ("bank", self.bank == other.bank),
            ("show_url", self.show_url == other.show_url),
            ("return_to", self.return_to == other.return_to),
            ("terminal", self.terminal == other.terminal),
            (
                "gateway_options",
                self.gateway_options == other.gateway_options,
            ),
        ];
        fields
            .into_iter()
            .find(|(_, same)| !same)
            .map(|(name, _)| name)
    }
}
