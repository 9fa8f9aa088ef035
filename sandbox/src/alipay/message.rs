//! What Alipay says about a trade of the ledger.

use crate::trade::{State, Trade};
use quittance_core::Timestamp;
use quittance_core::gateway::alipay::gateway_side::{
    self, DirectPay, Merchant, TradeStatus, notify_body, return_query,
};
use quittance_core::http::Reply;

/// The one buyer of the sandbox.
pub(super) const BUYER_ID: &str = "2088000000000101";
pub(super) const BUYER_EMAIL: &str = "buyer@example.com";

/// The gateway's status. Nobody is told of a try that went wrong.
pub(crate) fn status(state: State) -> TradeStatus {
    match state {
        State::Waits | State::Paying | State::Failed => TradeStatus::WaitBuyerPay,
        State::Held => TradeStatus::Pending,
        State::Paid => TradeStatus::Success,
        State::Finished => TradeStatus::Finished,
        State::Closed | State::Voided => TradeStatus::Closed,
    }
}

/// The trade as the gateway's messages have it.
pub(super) fn told(asked: &DirectPay, trade: &Trade) -> gateway_side::Trade {
    gateway_side::Trade {
        request: asked.clone(),
        trade_no: trade.trade_no.clone(),
        buyer_id: BUYER_ID.to_owned(),
        buyer_email: BUYER_EMAIL.to_owned(),
        status: status(trade.state),
        gmt_create: trade.made_at,
        gmt_payment: trade.paid_at,
        gmt_close: trade.closed_at,
        refunded: trade.refunded,
        gmt_refund: trade.refunded_at,
    }
}

/// The body of a notify that leaves now.
pub(crate) fn notify(
    asked: &DirectPay,
    trade: &Trade,
    merchant: &Merchant,
    notify_id: &str,
    now: Timestamp,
) -> Vec<u8> {
    notify_body(&told(asked, trade), merchant, notify_id, now)
}

/// The query string of a return.
pub(crate) fn way_back(
    asked: &DirectPay,
    trade: &Trade,
    merchant: &Merchant,
    notify_id: &str,
    now: Timestamp,
) -> Vec<u8> {
    return_query(&told(asked, trade), merchant, notify_id, now).into_bytes()
}

/// The answer to `single_trade_query`.
pub(super) fn queried(
    asked: &DirectPay,
    trade: &Trade,
    merchant: &Merchant,
    now: Timestamp,
) -> Reply {
    gateway_side::query_reply(&told(asked, trade), merchant, now)
}
