//! Why a call is refused: a code and a sentence (note 5).

use super::super::words;
use std::fmt;

/// A refusal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The code: one that is known, else one of the simulator's own.
    pub code: &'static str,
    /// What is said about it.
    pub msg: String,
}

/// A refused call, and the app whose key signs the refusal, where it is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// Who called, as far as the call says it.
    pub app_id: Option<String>,
}

impl Refusal {
    fn new(code: &'static str, msg: impl Into<String>) -> Refusal {
        Refusal {
            code,
            msg: msg.into(),
        }
    }

    /// A parameter is missing or of the wrong form.
    #[must_use]
    pub fn parameter(what: impl Into<String>) -> Refusal {
        Refusal::new("SIM_PARAMETER", what)
    }

    /// The app is not known.
    #[must_use]
    pub fn app() -> Refusal {
        Refusal::new("SIM_UNKNOWN_APP", "app_id is not known")
    }

    /// The call is too old, or of the future.
    #[must_use]
    pub fn timestamp() -> Refusal {
        let why = "timestamp is more than 15 minutes from the gateway's time";
        Refusal::new("SIM_TIMESTAMP", why)
    }

    /// The signature does not fit.
    #[must_use]
    pub fn sign() -> Refusal {
        Refusal::new("SIM_BAD_SIGN", "sign does not fit")
    }

    /// The merchant is not one of the app's.
    #[must_use]
    pub fn merchant() -> Refusal {
        let why = "merchant_no is none of this app's";
        Refusal::new("SIM_UNKNOWN_MERCHANT", why)
    }

    /// There is no such method.
    #[must_use]
    pub fn method() -> Refusal {
        Refusal::new("E07303", "API not authorised or does not exist")
    }

    /// The terminal is not one of the merchant's.
    #[must_use]
    pub fn terminal() -> Refusal {
        let why = "terminal_sn is none of this merchant's";
        Refusal::new("SIM_TERMINAL", why)
    }

    /// The terminal is offline, and the merchant wanted that refused.
    #[must_use]
    pub fn offline() -> Refusal {
        Refusal::new("SIM_OFFLINE", "the terminal is offline")
    }

    /// The gateway has no such number of its own.
    #[must_use]
    pub fn trans_no() -> Refusal {
        Refusal::new("E04110", "Transaction number is invalid")
    }

    /// There is no such order (vector P2), or its number cannot be one.
    #[must_use]
    pub fn order_no() -> Refusal {
        Refusal::new(words::NOT_EXIST, "Merchant order number is invalid")
    }

    /// The number was used before.
    #[must_use]
    pub fn repeated() -> Refusal {
        Refusal::new(words::REPEATED, "Merchant order number repeat")
    }

    /// More is to be paid back than is left.
    #[must_use]
    pub fn too_much() -> Refusal {
        Refusal::new("E04126", "Refund exceeds the limit")
    }

    /// What is to be taken back was not paid.
    #[must_use]
    pub fn nothing_to_reverse() -> Refusal {
        let why = "The transaction to reverse does not exist";
        Refusal::new("ET002", why)
    }

    /// A void takes back the whole payment, and something of it was paid back before (note 4, 5).
    #[must_use]
    pub fn cannot_void() -> Refusal {
        Refusal::new("119", "The transaction cannot be voided")
    }

    /// Close works in one status only (note 2.2).
    #[must_use]
    pub fn not_waiting() -> Refusal {
        let why = "only an order with trans_status 9 can be closed";
        Refusal::new("SIM_STATUS", why)
    }

    /// The simulator's memory is full.
    #[must_use]
    pub fn full() -> Refusal {
        Refusal::new("SIM_FULL", "the simulator holds no more orders")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.msg)
    }
}
