//! Ending an unpaid order: `wisehub.cloud.pay.close` takes it back from its terminal while nobody pays there;
//! `order.revoker`, Cancel Order, undoes whatever happened, and pays a paid one back (note 2.5; seed 002 4.2).

use super::reply::Envelope;
use super::{Account, words};
use crate::gateway::{CloseCall, Closing};
use crate::http::{Reply, Request};

/// The call: the gentle one where it will do and there is a terminal to take the order back from, else Cancel.
pub(super) fn request(account: &Account, call: &CloseCall<'_>) -> Request {
    let terminal = call.terminal.or(account.settings.terminal.as_deref());
    match terminal.filter(|_| call.gently) {
        Some(terminal) => account.call(
            words::CLOSE,
            &[
                (
                    "store_no",
                    account.settings.store_no.as_deref().unwrap_or_default(),
                ),
                ("terminal_sn", terminal),
                ("message_receiving_application", words::REGISTER),
                ("merchant_order_no", call.order_no),
            ],
            call.now,
        ),
        None => account.call(
            words::REVOKE,
            &[("merchant_order_no", call.order_no)],
            call.now,
        ),
    }
}

/// What the gateway said. Only the query after it is believed.
pub(super) fn read(account: &Account, reply: &Reply) -> Closing {
    match Envelope::read(account, reply) {
        Ok(envelope) => Closing {
            accepted: match (envelope.ok(), envelope.decided()) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            },
            reason: envelope.reason(),
        },
        Err(reason) => Closing {
            accepted: None,
            reason: Some(reason),
        },
    }
}
