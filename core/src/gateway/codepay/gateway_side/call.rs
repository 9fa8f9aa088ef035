//! A merchant's call, as the gateway checks and reads it (note 1.2, 2, 7).

use super::super::{callback, seal, words};
use super::field::Fields;
use super::{
    App, Call, Merchant, Named, PayBack, Place, Push, Queue, Refusal, Refused, Sale,
    TIMESTAMP_WINDOW, Who,
};
use crate::money::Money;
use jiff::Timestamp;

/// The envelope's fixed words (note 1.2). Basic authentication, `sign_type` `NONE`, is not played.
const FIXED: [(&str, &str); 4] = [
    ("format", "JSON"),
    ("charset", "UTF-8"),
    ("sign_type", "RSA2"),
    ("version", "1.0"),
];
/// The ways to pay (note 2.3).
const SCENARIOS: [&str; 3] = ["SWIPE_CARD", "SCANQR_PAY", "BSCANQR_PAY"];

/// Checks a call as the gateway would, in the order of note section 7 (presence, app, time, signature, merchant,
/// business), and reads it. What it is about, the simulator's ledger has to know.
///
/// `body` is a flat JSON object or a form with the same fields (note 1.1).
///
/// # Errors
/// Why it is refused, and by which app's key that is signed.
pub fn read_call(
    body: &[u8],
    now: Timestamp,
    app: &dyn Fn(&str) -> Option<App>,
) -> Result<Call, Refused> {
    let read = callback::parse(body);
    let message = read.map_err(|why| Refused {
        refusal: Refusal::parameter(format!("the body cannot be read: {why}")),
        app_id: None,
    })?;
    let fields = Fields(&message);
    let refused = |refusal| Refused {
        refusal,
        app_id: fields.plain("app_id").map(str::to_owned),
    };
    checked(fields, now, app).map_err(refused)
}

fn checked(
    fields: Fields<'_>,
    now: Timestamp,
    app: &dyn Fn(&str) -> Option<App>,
) -> Result<Call, Refusal> {
    let app_id = fields.needed("app_id")?;
    for (name, word) in FIXED {
        if fields.needed(name)? != word {
            return Err(Refusal::parameter(format!("{name} is not {word}")));
        }
    }
    let sign = fields.needed("sign")?;
    let timestamp = fields.needed("timestamp")?;
    let method = fields.needed("method")?;
    let merchant_no = fields.needed("merchant_no")?;
    let app = app(app_id).ok_or_else(Refusal::app)?;
    if !is_near(timestamp, now) {
        return Err(Refusal::timestamp());
    }
    let key = app.merchant.clone().for_rsa2();
    let bytes = seal::presign(fields.0);
    if !key.is_ok_and(|key| key.verify(&bytes, sign.as_bytes())) {
        return Err(Refusal::sign());
    }
    let merchant = app.merchant_of(merchant_no).ok_or_else(Refusal::merchant)?;
    let who = Who {
        app_id: app_id.to_owned(),
        merchant_no: merchant_no.to_owned(),
        store_no: store(fields, merchant)?,
    };
    business(fields, method, who, merchant)
}

/// Whether the time of a call is the gateway's, give or take the window: 13 digits.
fn is_near(timestamp: &str, now: Timestamp) -> bool {
    let millis = timestamp.parse::<i64>().ok();
    let at = millis
        .filter(|_| timestamp.len() == 13 && timestamp.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|millis| Timestamp::from_millisecond(millis).ok());
    at.is_some_and(|at| now.duration_since(at).abs() <= TIMESTAMP_WINDOW)
}

fn store(fields: Fields<'_>, merchant: &Merchant) -> Result<Option<String>, Refusal> {
    let named = fields.number("store_no")?;
    let known = merchant.store_no.as_ref();
    match named {
        Some(named) if known.is_some_and(|known| *known != named) => {
            Err(Refusal::parameter("store_no is none of this merchant's"))
        }
        named => Ok(named),
    }
}

fn business(
    fields: Fields<'_>,
    method: &str,
    who: Who,
    merchant: &Merchant,
) -> Result<Call, Refusal> {
    match method {
        words::PUSH => pushed(fields, who, merchant),
        words::CLOSE => {
            receiver(fields)?;
            Ok(Call::Close {
                terminal_sn: terminal(fields, merchant)?,
                order_no: fields.needed_order_no()?,
                who,
            })
        }
        words::QUERY => {
            let named = named(fields, "merchant_order_no", "trans_no")?;
            Ok(Call::Query { who, named })
        }
        words::REVOKE => {
            let order_no = fields.needed_order_no()?;
            Ok(Call::Revoke { who, order_no })
        }
        words::REFUND => refund(fields, who),
        words::REFUND_QUERY => {
            let named = named(fields, "merchant_order_no", "trans_no")?;
            Ok(Call::RefundQuery { who, named })
        }
        words::PAGE => checkout(fields, who),
        _ => Err(Refusal::method()),
    }
}

/// `wisehub.cloud.pay.order`: a sale, a void or a refund (note 2.1, 2.4).
fn pushed(fields: Fields<'_>, who: Who, merchant: &Merchant) -> Result<Call, Refusal> {
    receiver(fields)?;
    let push = Push {
        terminal_sn: terminal(fields, merchant)?,
        queue: match fields.word("order_queue_mode", &["FIFO", "FILO"])? {
            Some("FILO") => Queue::Filo,
            _ => Queue::Fifo,
        },
        online_only: fields.flag("reject_trade_when_terminal_offline")?,
        pay_scenario: fields
            .word("pay_scenario", &SCENARIOS)?
            .unwrap_or(SCENARIOS[0])
            .to_owned(),
    };
    let void = match fields.needed("trans_type")? {
        words::SALE => return sale(fields, who, Place::Terminal(push)),
        words::VOID => true,
        words::REFUNDED => false,
        other => {
            let why = format!("trans_type {other} is not played: 1 sale, 2 void, 3 refund");
            return Err(Refusal::parameter(why));
        }
    };
    let currency = fields.currency()?;
    let original = fields.order_no("orig_merchant_order_no")?;
    let original = original.ok_or_else(|| {
        Refusal::parameter("orig_merchant_order_no is missing: an unreferenced one is not played")
    })?;
    Ok(Call::PayBack(Box::new(PayBack {
        order_no: fields.needed_order_no()?,
        original: Named::OrderNo(original),
        void,
        amount: Some(fields.needed_amount("order_amount", currency)?),
        order_amount: None,
        push: Some(push),
        description: fields.text("description")?,
        attach: fields.text("attach")?,
        notify_url: fields.url("notify_url")?,
        who,
    })))
}

fn refund(fields: Fields<'_>, who: Who) -> Result<Call, Refusal> {
    let currency = fields.currency()?;
    let original = named(fields, "orig_merchant_order_no", "orig_trans_no")?;
    Ok(Call::PayBack(Box::new(PayBack {
        order_no: fields.needed_order_no()?,
        original,
        void: false,
        amount: Some(fields.needed_amount("trans_amount", currency)?),
        order_amount: fields.amount("order_amount", currency)?,
        push: None,
        description: fields.text("description")?,
        attach: fields.text("attach")?,
        notify_url: fields.url("notify_url")?,
        who,
    })))
}

/// The hosted page. The seed calls the way back `redirect_url` (note 2.6).
fn checkout(fields: Fields<'_>, who: Who) -> Result<Call, Refusal> {
    let return_url = match fields.url("return_url")? {
        None => fields.url("redirect_url")?,
        named => named,
    };
    sale(fields, who, Place::Page { return_url })
}

fn sale(fields: Fields<'_>, who: Who, place: Place) -> Result<Call, Refusal> {
    let currency = fields.currency()?;
    let none = Money::new(0, currency);
    Ok(Call::Sale(Box::new(Sale {
        order_no: fields.needed_order_no()?,
        order_amount: fields.needed_amount("order_amount", currency)?,
        tip: fields.amount("tip_amount", currency)?.unwrap_or(none),
        cashback: fields.amount("cashback_amount", currency)?.unwrap_or(none),
        description: fields.text("description")?,
        attach: fields.text("attach")?,
        notify_url: fields.url("notify_url")?,
        expires_secs: fields.expires()?,
        place,
        who,
    })))
}

fn receiver(fields: Fields<'_>) -> Result<(), Refusal> {
    match fields.needed("message_receiving_application")? == words::REGISTER {
        true => Ok(()),
        false => {
            let why = format!("message_receiving_application is not {}", words::REGISTER);
            Err(Refusal::parameter(why))
        }
    }
}

fn terminal(fields: Fields<'_>, merchant: &Merchant) -> Result<String, Refusal> {
    let named = fields.needed("terminal_sn")?;
    let mut terminals = merchant.terminals.iter();
    terminals
        .find(|known| *known == named)
        .cloned()
        .ok_or_else(Refusal::terminal)
}

/// What names a trade: the gateway's number where it is there, else the merchant's.
fn named(fields: Fields<'_>, order_no: &str, trans_no: &str) -> Result<Named, Refusal> {
    if let Some(trans_no) = fields.number(trans_no)? {
        return Ok(Named::TransNo(trans_no));
    }
    let number = fields.order_no(order_no)?.map(Named::OrderNo);
    let why = || Refusal::parameter(format!("{order_no} or {trans_no} is missing"));
    number.ok_or_else(why)
}
