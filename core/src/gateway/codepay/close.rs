//! Ending an unpaid order: `wisehub.cloud.pay.close` takes it back from its terminal while nobody pays there;
//! `order.revoker`, Cancel Order, undoes whatever happened, and pays a paid one back (note 2.5; seed 002 4.2).

use super::options::Way;
use super::reply::Envelope;
use super::{Account, checkout, words};
use crate::gateway::{CloseCall, CloseRequest, Closing};
use crate::http::Reply;

/// The call: the gentle one where it will do and the order waits at a terminal, else Cancel.
pub(super) fn request(account: &Account, call: &CloseCall<'_>) -> CloseRequest {
    let order_no = ("merchant_order_no", call.order.key.order_no.as_str());
    let waits_at = match checkout::way(account, call.order) {
        Ok(Way::Terminal) => checkout::terminal(account, call.order),
        _ => None,
    };
    match waits_at.filter(|_| call.gently) {
        Some(terminal) => {
            let store_no = account.settings.store_no.as_deref().unwrap_or_default();
            let fields = [
                ("store_no", store_no),
                ("terminal_sn", terminal),
                ("message_receiving_application", words::REGISTER),
                order_no,
            ];
            CloseRequest {
                request: account.call(words::CLOSE, &fields, call.now),
                pays_back: false,
            }
        }
        None => CloseRequest {
            request: account.call(words::REVOKE, &[order_no], call.now),
            pays_back: true,
        },
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
