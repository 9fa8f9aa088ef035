//! Closing an unpaid trade: `close_trade` (note 5.2, vector M14).

use super::Account;
use super::envelope::Envelope;
use crate::gateway::Closing;
use crate::http::{Reply, Request};

/// The question, in the seller's role. This service has a name of its own for the order's number.
pub(super) fn request(account: &Account, order_no: &str) -> Request {
    Request::get(account.address(&account.signed(&[
        ("service", "close_trade"),
        ("partner", &account.settings.partner),
        ("_input_charset", account.settings.charset.label()),
        ("out_order_no", order_no),
        ("trade_role", "S"),
    ])))
}

/// The answer. It carries no signature, and nothing is believed because of it: a query follows.
pub(super) fn read(account: &Account, reply: &Reply) -> Closing {
    match Envelope::read(reply, account.settings.charset) {
        Ok(Envelope { error: None, .. }) => Closing {
            accepted: Some(true),
            reason: None,
        },
        Ok(Envelope {
            error: Some(code), ..
        }) => Closing {
            accepted: Some(false),
            reason: Some(code),
        },
        Err(reason) => Closing {
            accepted: None,
            reason: Some(reason.to_owned()),
        },
    }
}
