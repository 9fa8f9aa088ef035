//! What sends a buyer to the cashier, or an order to a terminal.

use crate::http::Request;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a checkout needs beyond the order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckoutCall {
    /// Where the gateway's server shall call.
    pub notify_url: String,
    /// Where the gateway shall send the browser.
    pub return_url: String,
    /// The buyer's IPv4 address, where the merchant told it.
    pub client_ip: Option<String>,
    /// The token of [`Gateway::checkout_token`](super::Gateway::checkout_token), just fetched, where the account needs
    /// one.
    pub token: Option<String>,
    /// A redirect to a signed URL instead of a form.
    pub via_get: bool,
    /// When the buyer is sent. Some gateways have it on the wire, and count their query window from it.
    pub now: Timestamp,
}

/// What sends the buyer to the cashier.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Checkout {
    /// A form that the buyer's browser posts, in this charset.
    Form {
        /// Always `POST`.
        method: String,
        /// The cashier's address.
        url: String,
        /// What the form declares as `accept-charset`.
        charset: String,
        /// Hidden fields in their order, as text.
        fields: Vec<(String, String)>,
    },
    /// An address to send the browser to.
    Redirect {
        /// The signed address.
        url: String,
    },
    /// The order is at a terminal, where the buyer pays.
    Terminal {
        /// The terminal's serial number.
        terminal: String,
        /// The gateway's number of the trade, where it told one.
        #[serde(skip_serializing_if = "Option::is_none")]
        trade_no: Option<String>,
        /// The gateway's word about the terminal, where it told one: `ONLINE`.
        #[serde(skip_serializing_if = "Option::is_none")]
        terminal_status: Option<String>,
    },
}

impl Checkout {
    /// Its kind, as the API and the journal name it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Checkout::Form { .. } => "form",
            Checkout::Redirect { .. } => TO_ADDRESS,
            Checkout::Terminal { .. } => TO_TERMINAL,
        }
    }
}

/// How a checkout begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CheckoutStart {
    /// The buyer can be sent.
    Ready(Checkout),
    /// Our server calls first, and the answer says where the buyer goes:
    /// [`Gateway::read_checkout`](super::Gateway::read_checkout).
    Call {
        /// The call.
        request: Request,
        /// Whether it sends the order to a terminal; else it is asked for an address.
        to_terminal: bool,
    },
}

impl CheckoutStart {
    /// The kind of the checkout that it leads to, as the API and the journal name it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            CheckoutStart::Ready(checkout) => checkout.kind(),
            CheckoutStart::Call { to_terminal, .. } if *to_terminal => TO_TERMINAL,
            CheckoutStart::Call { .. } => TO_ADDRESS,
        }
    }
}

/// The kind of a checkout at a terminal.
pub const TO_TERMINAL: &str = "terminal";

/// The kind of a checkout at an address that the browser is sent to.
const TO_ADDRESS: &str = "redirect";

/// What the gateway said to the call of a checkout.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// Whether it took the order; `None` where it said nothing that can be read.
    pub accepted: Option<bool>,
    /// The gateway's code, or why nothing could be read.
    pub reason: Option<String>,
    /// Where the buyer goes, if it took it.
    pub checkout: Option<Checkout>,
}

impl Placed {
    /// An answer that says nothing. The gateway may have the order all the same.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Placed {
        Placed {
            accepted: None,
            reason: Some(reason.into()),
            checkout: None,
        }
    }
}
