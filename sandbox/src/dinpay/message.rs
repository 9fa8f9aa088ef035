//! What Dinpay says about a trade of the ledger.

use crate::trade::{State, Trade};
use quittance_core::gateway::dinpay::gateway_side::{
    self, DirectPay, Merchant, TradeStatus, notify_body, return_fields,
};
use quittance_core::http::Reply;
use quittance_core::params::Params;

/// The gateway's status. It has no word for what is in progress, held, finished, closed or taken back, and no trade of it gets there.
pub(crate) fn status(state: State) -> TradeStatus {
    match state {
        State::Waits | State::Paying | State::Held | State::Closed | State::Voided => {
            TradeStatus::Unpay
        }
        State::Failed => TradeStatus::Failed,
        State::Paid | State::Finished => TradeStatus::Success,
    }
}

/// The trade as the gateway's messages have it. The bank's code is not told: the gateway's own samples verify a fixed
/// list of fields without it, so a shop made from them would refuse it (protocol note dinpay 2.2).
fn told(asked: &DirectPay, trade: &Trade) -> gateway_side::Trade {
    gateway_side::Trade {
        request: asked.clone(),
        trade_no: trade.trade_no.clone(),
        bank_seq_no: trade.bank_seq_no.clone(),
        bank_code: None,
        status: status(trade.state),
        trade_time: trade.paid_at.unwrap_or(trade.made_at),
    }
}

/// The body of a notify. It is the same at every attempt: no time stands in it.
pub(crate) fn notify(
    asked: &DirectPay,
    trade: &Trade,
    merchant: &Merchant,
    notify_id: &str,
) -> Vec<u8> {
    notify_body(&told(asked, trade), merchant, notify_id)
}

/// The body of the form that brings the browser back.
pub(crate) fn way_back(
    asked: &DirectPay,
    trade: &Trade,
    merchant: &Merchant,
    notify_id: &str,
) -> Vec<u8> {
    let charset = merchant.habits.charset;
    let mut params = Params::new();
    for (name, value) in return_fields(&told(asked, trade), merchant, notify_id) {
        // The gateway's side wrote it in this charset, and no field twice.
        let bytes = charset.encode(&value).unwrap_or_default();
        let _ = params.push(&name, &bytes);
    }
    params.to_wire().into_bytes()
}

/// The answer to `single_trade_query`.
pub(super) fn queried(asked: &DirectPay, trade: &Trade, merchant: &Merchant) -> Reply {
    gateway_side::query_reply(&told(asked, trade), merchant)
}
