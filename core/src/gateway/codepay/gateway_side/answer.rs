//! What the gateway answers to a call (note 1.5). Every answer has status 200 and is signed where the app is known: that
//! errors are signed too, and their HTTP status, is the simulator's choice.

use super::super::words;
use super::message::Message;
use super::{App, Refusal, Trade, or_none, utc, with_ending};
use crate::http::Reply;

/// The answer to `wisehub.cloud.pay.order`: it is in the terminal's queue. Which words `terminal_online_status` has is
/// not documented; these are vector P1's and its opposite.
#[must_use]
pub fn pushed_reply(app: &App, psn: &str, message_id: &str, trade: &Trade, online: bool) -> Reply {
    let status = if online { "ONLINE" } else { "OFFLINE" };
    let data = Message::new()
        .text("message_id", message_id)
        .text("trans_no", &trade.trans_no)
        .text("terminal_online_status", status)
        .sum("trans_amount", trade.trans_amount);
    accepted(app, psn, Some(&data))
}

/// The answer to `pay.checkout`: where the browser pays (note 2.6).
#[must_use]
pub fn checkout_reply(app: &App, psn: &str, pay_url: &str) -> Reply {
    let data = Message::new().text("pay_url", pay_url);
    accepted(app, psn, Some(&data))
}

/// The answer to `wisehub.cloud.pay.close`.
#[must_use]
pub fn close_reply(app: &App, psn: &str, message_id: &str, trans_no: &str) -> Reply {
    let data = Message::new()
        .text("message_id", message_id)
        .text("trans_no", trans_no);
    accepted(app, psn, Some(&data))
}

/// The answer to `order.revoker`, which has no payload.
#[must_use]
pub fn revoke_reply(app: &App, psn: &str) -> Reply {
    accepted(app, psn, None)
}

/// The answer to `order.refund.submit`.
#[must_use]
pub fn refund_reply(app: &App, psn: &str, trade: &Trade) -> Reply {
    let data = Message::new()
        .text("trans_no", &trade.trans_no)
        .sum("trans_amount", trade.trans_amount);
    accepted(app, psn, Some(&data))
}

/// The answer to `order.query`, and to `order.refund.query`, which names the payment too (note 2.5).
#[must_use]
pub fn query_reply(app: &App, psn: &str, trade: &Trade) -> Reply {
    let mut data = Message::new()
        .text("trans_no", &trade.trans_no)
        .text("orig_trans_no", or_none(&trade.orig_trans_no))
        .number("trans_type", trade.trans_type.word())
        .number("trans_status", trade.status.word())
        .text("merchant_order_no", &trade.order_no)
        .text("price_currency", trade.order_amount.currency.code());
    for (name, amount) in [
        ("order_amount", trade.order_amount),
        ("tip_amount", trade.tip),
        ("cashback_amount", trade.cashback),
        ("trans_amount", trade.trans_amount),
    ] {
        data = data.sum(name, amount);
    }
    data = data
        .text("attach", or_none(&trade.attach))
        .text("store_no", or_none(&trade.who.store_no))
        .text("terminal_sn", or_none(&trade.terminal_sn))
        .text("pay_scenario", or_none(&trade.pay_scenario));
    if let Some(payment) = &trade.payment {
        data = data
            .text("pay_channel_trans_no", &payment.channel_no)
            .text("pay_user_account_id", &payment.account)
            .text("pay_method_id", &payment.method)
            .sum("paid_amount", trade.trans_amount);
    }
    if let Some(at) = trade.ended_at {
        data = data.text("trans_end_time", utc(at));
    }
    accepted(app, psn, Some(&with_ending(data, trade)))
}

/// The answer to a call that is refused. Without an app there is no key to sign it with.
#[must_use]
pub fn error_reply(app: Option<&App>, psn: &str, refusal: &Refusal) -> Reply {
    let message = envelope(refusal.code, &refusal.msg, psn);
    enveloped(&match app {
        Some(app) => message.sealed(&app.gateway),
        None => message,
    })
}

/// A call that was executed. Its payload is JSON in a text, signed as that text.
fn accepted(app: &App, psn: &str, data: Option<&Message>) -> Reply {
    let data = data.map(Message::to_json).unwrap_or_default();
    let message = envelope(words::OK, "success", psn).text("data", data);
    enveloped(&message.sealed(&app.gateway))
}

fn envelope(code: &str, msg: &str, psn: &str) -> Message {
    Message::new()
        .text("code", code)
        .text("msg", msg)
        .text("psn", psn)
}

fn enveloped(message: &Message) -> Reply {
    let mut reply = Reply::new(200, message.to_json());
    reply.headers.push((
        "content-type".into(),
        "application/json;charset=UTF-8".into(),
    ));
    reply
}
