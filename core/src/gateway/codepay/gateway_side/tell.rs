//! What the gateway tells unasked: the notification to the merchant's server (note 3).

use super::super::words;
use super::message::{Message, stripped};
use super::{App, Trade, or_none, utc, with_ending};
use crate::money::Money;
use jiff::Timestamp;

/// The body of a notification, signed. Fields and their order as in vectors N1 and N2: of a payment that was made all
/// amounts are told, of one that was not only what was asked for.
#[must_use]
pub fn notify_body(app: &App, trade: &Trade, http_request_id: &str, now: Timestamp) -> Vec<u8> {
    let who = &trade.who;
    let message = Message::new()
        .text("app_id", &who.app_id)
        .text("charset", "UTF-8")
        .text("format", "JSON")
        .text("method", words::NOTIFY)
        .text("sign_type", "RSA2")
        .text("version", "1.0")
        .text("merchant_no", &who.merchant_no)
        .text("store_no", or_none(&who.store_no))
        .text("terminal_sn", or_none(&trade.terminal_sn))
        .text("timestamp", now.as_millisecond().to_string())
        .text("http_request_id", http_request_id)
        .text("merchant_order_no", &trade.order_no)
        .text("trans_no", &trade.trans_no)
        .number("trans_type", trade.trans_type.word())
        .number("trans_status", trade.status.word())
        .text("price_currency", trade.order_amount.currency.code())
        .text("order_amount", stripped(trade.order_amount));
    let mut message = amounts(message, trade);
    if let Some(at) = trade.ended_at {
        message = message.text("trans_end_time", utc(at));
    }
    with_ending(message, trade)
        .text("attach", or_none(&trade.attach))
        .sealed(&app.gateway)
        .to_json()
        .into_bytes()
}

fn amounts(message: Message, trade: &Trade) -> Message {
    let transacted = stripped(trade.trans_amount);
    let Some(payment) = &trade.payment else {
        return message.text("trans_amount", transacted);
    };
    let none = stripped(Money::new(0, trade.order_amount.currency));
    message
        .text("tip_amount", stripped(trade.tip))
        .text("cashback_amount", stripped(trade.cashback))
        .text("trans_amount", &transacted)
        .text("paid_amount", &transacted)
        .text("discount_bmopc", &none)
        .text("discount_bpc", &none)
        .text("pay_scenario", or_none(&trade.pay_scenario))
        .text("pay_method_id", &payment.method)
        .text("pay_user_account_id", &payment.account)
        .text("pay_channel_trans_no", &payment.channel_no)
}
