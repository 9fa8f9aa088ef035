//! What CodePay says about a trade of the ledger.

use crate::altered;
use crate::asked::Asked;
use crate::trade::{State, Trade};
use quittance_core::gateway::codepay::gateway_side::{
    self, App, Payment, Status, TransType, notify_body,
};
use quittance_core::{Money, Timestamp};

/// The one card, and the one wallet, of the one buyer (as in vector N1).
const CARD: (&str, &str) = ("Visa", "411111******1111");
const WALLET: (&str, &str) = ("Alipay+", "buyer@example.com");

/// The gateway's status. It has no word for a try that failed while another may follow, for what is held or finished,
/// and no trade of it gets there.
pub(crate) fn status(state: State) -> Status {
    match state {
        State::Waits | State::Failed | State::Held => Status::Created,
        State::Paying => Status::Going,
        State::Paid | State::Finished => Status::Succeeded,
        State::Closed => Status::Failed,
        State::Voided => Status::Undone,
    }
}

/// The number of that status, as people read it.
pub(crate) fn word(state: State) -> &'static str {
    status(state).word()
}

/// The trade as the gateway's messages have it; `None` for another gateway's.
pub(crate) fn told(asked: &Asked, trade: &Trade) -> Option<gateway_side::Trade> {
    let none = |of: Money| Money::new(0, of.currency);
    let scenario = asked.push().map(|push| push.pay_scenario.clone());
    let (method, account) = match scenario.as_deref() {
        None | Some("SWIPE_CARD") => CARD,
        Some(_) => WALLET,
    };
    let channel_no = trade.bank_seq_no.clone();
    let told = gateway_side::Trade {
        who: match asked {
            Asked::CodePay(sale) => sale.who.clone(),
            Asked::PaidBack(back) => back.asked.who.clone(),
            Asked::Alipay(_) | Asked::Dinpay(_) => return None,
        },
        terminal_sn: asked.push().map(|push| push.terminal_sn.clone()),
        order_no: asked.number().to_owned(),
        trans_no: trade.trade_no.clone(),
        orig_trans_no: None,
        trans_type: TransType::Sale,
        status: status(trade.state),
        order_amount: asked.amount(),
        tip: none(asked.amount()),
        cashback: none(asked.amount()),
        trans_amount: asked.amount(),
        pay_scenario: scenario,
        payment: channel_no.map(|channel_no| Payment {
            method: method.to_owned(),
            account: account.to_owned(),
            channel_no,
        }),
        ended_at: trade.paid_at.or(trade.closed_at),
        ending: trade.ending,
        attach: None,
    };
    Some(match asked {
        Asked::PaidBack(back) => gateway_side::Trade {
            orig_trans_no: Some(back.orig_trans_no.clone()),
            trans_type: match back.asked.void {
                true => TransType::Void,
                false => TransType::Refund,
            },
            order_amount: back.order_amount,
            attach: back.asked.attach.clone(),
            ..told
        },
        Asked::CodePay(sale) => gateway_side::Trade {
            order_amount: sale.order_amount,
            tip: sale.tip,
            cashback: sale.cashback,
            attach: sale.attach.clone(),
            ..told
        },
        Asked::Alipay(_) | Asked::Dinpay(_) => told,
    })
}

/// The body of a notify. Its time is that of the attempt.
pub(crate) fn notify(
    asked: &Asked,
    trade: &Trade,
    app: &App,
    request_id: &str,
    now: Timestamp,
) -> Option<Vec<u8>> {
    Some(notify_body(app, &told(asked, trade)?, request_id, now))
}

/// The message without its signature, which stands last.
pub(crate) fn unsigned(wire: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(wire);
    match text.rfind(",\"sign\":\"") {
        Some(at) => format!("{}}}", &text[..at]).into_bytes(),
        None => wire.to_vec(),
    }
}

/// The message with another signature.
pub(crate) fn forged(wire: &[u8]) -> Vec<u8> {
    with(wire, "sign", |sign| {
        String::from_utf8_lossy(&altered::forged(sign.as_bytes())).into_owned()
    })
}

/// The message with this text in the place of another one. A quote inside of a value is written with a backslash, so that
/// the name stands nowhere else.
pub(crate) fn with(wire: &[u8], name: &str, change: impl FnOnce(&str) -> String) -> Vec<u8> {
    let text = String::from_utf8_lossy(wire);
    let start = format!(",\"{name}\":\"");
    let value = text.find(&start).map(|at| at + start.len());
    let Some((from, to)) = value.and_then(|from| Some((from, from + text[from..].find('"')?)))
    else {
        return wire.to_vec();
    };
    format!(
        "{}{}{}",
        &text[..from],
        change(&text[from..to]),
        &text[to..]
    )
    .into_bytes()
}

/// How an answer reads in a few words: whether it says yes, and its status or code.
pub(crate) fn verdict(reply: &[u8]) -> Option<(bool, String)> {
    let envelope: serde_json::Value = serde_json::from_slice(reply).ok()?;
    let code = envelope.get("code")?.as_str()?;
    if code != "0" {
        return Some((false, code.to_owned()));
    }
    let data = envelope.get("data").and_then(|data| data.as_str());
    let data = data.and_then(|data| serde_json::from_str::<serde_json::Value>(data).ok());
    let status = data.and_then(|data| data.get("trans_status")?.as_i64());
    Some((
        true,
        status.map_or("0".to_owned(), |status| format!("trans_status {status}")),
    ))
}
