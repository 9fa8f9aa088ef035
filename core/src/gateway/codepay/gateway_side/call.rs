//! What a merchant calls: one path, a method by name (note 1.1, 2).

use super::super::{callback, seal, words};
use super::{BAD_FIELD, BAD_SIGN, Code, Merchant, NO_CALL, OTHER_MERCHANT, TIMESTAMP, UNKNOWN_APP};
use crate::flat::Flat;
use crate::money::{Currency, Money};
use jiff::{SignedDuration, Timestamp};

/// A call further away from the gateway's clock is refused (note 1.2).
const CLOCKS_APART_MAX: SignedDuration = SignedDuration::from_mins(15);

/// A call with whoever called.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Who.
    pub merchant: &'a Merchant,
    /// What.
    pub call: Call,
}

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Call {
    /// `wisehub.cloud.pay.order` of a sale.
    Push(Push),
    /// `pay.checkout`.
    Page(Page),
    /// `order.query`.
    Query(Number),
    /// `wisehub.cloud.pay.close`.
    Close {
        /// The order's number.
        order_no: String,
    },
    /// `order.revoker`.
    Revoke {
        /// The order's number.
        order_no: String,
    },
    /// `order.refund.submit`.
    Refund(RefundAsked),
    /// `order.refund.query`.
    RefundQuery(Number),
}

/// How a call names a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Number {
    /// By the merchant's number.
    Order(String),
    /// By the gateway's.
    Trade(String),
}

/// What both ways to pay have in common.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shared {
    /// The order's number.
    pub order_no: String,
    /// What is to be paid.
    pub amount: Money,
    /// The title.
    pub description: Option<String>,
    /// What is echoed.
    pub attach: Option<String>,
    /// For how many seconds it can be paid.
    pub expires_secs: Option<u32>,
    /// Where the result is told.
    pub notify_url: Option<String>,
    /// The store.
    pub store_no: Option<String>,
}

/// A sale pushed to a terminal (note 2.4).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Push {
    /// The order.
    pub shared: Shared,
    /// The terminal's serial number.
    pub terminal: String,
    /// Whether a terminal that is not there refuses it.
    pub reject_offline: bool,
}

/// A sale on the hosted page (note 2.6).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// The order.
    pub shared: Shared,
    /// Where the browser goes afterwards.
    pub return_url: Option<String>,
}

/// A refund without a terminal (note 2.5).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefundAsked {
    /// The sale.
    pub of: Number,
    /// The refund's own number.
    pub refund_no: String,
    /// How much goes back.
    pub amount: Money,
    /// Why.
    pub description: Option<String>,
    /// Where the result is told.
    pub notify_url: Option<String>,
}

/// Reads and verifies a call, JSON or a form.
///
/// # Errors
/// The code that the gateway answers with; where the app is known, with its merchant, so that the answer can be signed.
pub fn read_call<'a>(
    body: &[u8],
    now: Timestamp,
    merchant_of: &dyn Fn(&str) -> Option<&'a Merchant>,
) -> Result<Asked<'a>, (Code, Option<&'a Merchant>)> {
    let message = callback::parse(body).map_err(|_| (BAD_FIELD, None))?;
    let envelope = [
        ("format", "JSON"),
        ("charset", "UTF-8"),
        ("sign_type", "RSA2"),
        ("version", "1.0"),
    ];
    let fits = |(name, word): &(&str, &str)| message.get(name) == Some(word);
    let app_id = message.get("app_id").filter(|_| envelope.iter().all(fits));
    let app_id = app_id.ok_or((BAD_FIELD, None))?;
    let merchant = merchant_of(app_id).ok_or((UNKNOWN_APP, None))?;
    let refused = |code| (code, Some(merchant));
    check_time(&message, now).map_err(refused)?;
    let sign = seal::signature(&message).map_err(|_| refused(BAD_SIGN))?;
    if !merchant.merchant_key.verify(&seal::presign(&message), sign) {
        return Err(refused(BAD_SIGN));
    }
    if message.get("merchant_no") != Some(&merchant.merchant_no) {
        return Err(refused(OTHER_MERCHANT));
    }
    let call = call(&message).map_err(refused)?;
    Ok(Asked { merchant, call })
}

fn check_time(message: &Flat, now: Timestamp) -> Result<(), Code> {
    let told = message.get("timestamp").ok_or(BAD_FIELD)?;
    let at = told.parse().ok().filter(|_| told.len() == 13);
    let at = at.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    match at {
        None => Err(BAD_FIELD),
        Some(at) if now.duration_since(at).abs() > CLOCKS_APART_MAX => Err(TIMESTAMP),
        Some(_) => Ok(()),
    }
}

fn call(message: &Flat) -> Result<Call, Code> {
    match message.get("method").ok_or(BAD_FIELD)? {
        words::PUSH => push(message),
        words::PAGE => Ok(Call::Page(Page {
            shared: shared(message)?,
            // The seed calls it redirect_url (note 2.6).
            return_url: text(message, "return_url").or_else(|| text(message, "redirect_url")),
        })),
        words::QUERY => number(message, "").map(Call::Query),
        words::CLOSE => Ok(Call::Close {
            order_no: order_no(message)?,
        }),
        words::REVOKE => Ok(Call::Revoke {
            order_no: order_no(message)?,
        }),
        words::REFUND => Ok(Call::Refund(RefundAsked {
            of: number(message, "orig_")?,
            refund_no: order_no(message)?,
            amount: amount(message, "trans_amount")?,
            description: text(message, "description"),
            notify_url: text(message, "notify_url"),
        })),
        words::REFUND_QUERY => number(message, "").map(Call::RefundQuery),
        _ => Err(NO_CALL),
    }
}

fn push(message: &Flat) -> Result<Call, Code> {
    let terminal = message
        .get("terminal_sn")
        .filter(|terminal| words::is_terminal(terminal))
        .ok_or(BAD_FIELD)?;
    if message.get("message_receiving_application") != Some(words::REGISTER) {
        return Err(BAD_FIELD);
    }
    match message.get("trans_type") {
        Some(words::SALE) => Ok(Call::Push(Push {
            shared: shared(message)?,
            terminal: terminal.to_owned(),
            reject_offline: message.get("reject_trade_when_terminal_offline") == Some("true"),
        })),
        _ => Err(NO_CALL),
    }
}

fn shared(message: &Flat) -> Result<Shared, Code> {
    let expires = message.get("expires").map(str::parse).transpose();
    Ok(Shared {
        order_no: order_no(message)?,
        amount: amount(message, "order_amount")?,
        description: text(message, "description"),
        attach: text(message, "attach"),
        expires_secs: expires.map_err(|_| BAD_FIELD)?,
        notify_url: text(message, "notify_url"),
        store_no: text(message, "store_no"),
    })
}

fn order_no(message: &Flat) -> Result<String, Code> {
    let number = message.get("merchant_order_no");
    number
        .filter(|number| words::is_order_no(number))
        .map(str::to_owned)
        .ok_or(BAD_FIELD)
}

/// A transaction by either number; the names of an original's begin with `orig_`.
fn number(message: &Flat, before: &str) -> Result<Number, Code> {
    let order = message.get(&format!("{before}merchant_order_no"));
    let trade = message.get(&format!("{before}trans_no"));
    match (order, trade) {
        (Some(order), _) if words::is_order_no(order) => Ok(Number::Order(order.to_owned())),
        (None, Some(trade)) if words::is_trade_no(trade) => Ok(Number::Trade(trade.to_owned())),
        _ => Err(BAD_FIELD),
    }
}

fn amount(message: &Flat, name: &str) -> Result<Money, Code> {
    let currency = message.get("price_currency");
    let currency = currency.and_then(|code| Currency::parse(code).ok());
    let amount = message.get(name).zip(currency);
    amount
        .and_then(|(text, currency)| Money::parse(text, currency).ok())
        .filter(|amount| amount.minor > 0)
        .ok_or(BAD_FIELD)
}

fn text(message: &Flat, name: &str) -> Option<String> {
    message.get(name).map(str::to_owned)
}
