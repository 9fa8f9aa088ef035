//! What the gateway answers and tells (note 1.5, 2.4, 2.5, 3), signed.

use super::super::trade::Status;
use super::super::{seal, words};
use super::{Code, Merchant};
use crate::flat::Flat;
use crate::gateway::wall;
use crate::http::Reply;
use crate::money::Money;
use jiff::Timestamp;
use serde_json::value::RawValue;

/// How somebody paid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    /// `Visa`.
    pub method: String,
    /// The masked number: `411111******1111`.
    pub account: String,
    /// The card processor's number.
    pub channel_no: String,
}

/// A transaction, as far as it is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    /// The gateway's number.
    pub trade_no: String,
    /// The merchant's number.
    pub order_no: String,
    /// The sale that it pays back, where it is a refund.
    pub of: Option<String>,
    /// How it stands.
    pub status: Status,
    /// What was ordered: of a refund, what goes back.
    pub amount: Money,
    /// The store.
    pub store_no: Option<String>,
    /// The terminal.
    pub terminal: Option<String>,
    /// What is echoed.
    pub attach: Option<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How it was paid.
    pub card: Option<Card>,
    /// Why it failed: code and text.
    pub error: Option<(String, String)>,
}

/// A value of a message: a text, or what is written as it is.
enum Json<'a> {
    Text(&'a str),
    Bare(String),
}

type Fields<'a> = Vec<(&'static str, Json<'a>)>;

impl Transaction {
    fn kind(&self) -> &'static str {
        match self.of {
            Some(_) => words::REFUNDED,
            None => words::SALE,
        }
    }

    /// What answers and notifications both have, but for the amounts.
    fn fields(&self) -> Fields<'_> {
        let mut fields: Fields<'_> = vec![
            ("trans_no", Json::Text(&self.trade_no)),
            ("trans_type", Json::Bare(self.kind().to_owned())),
            ("trans_status", Json::Bare(self.status.word().to_owned())),
            ("merchant_order_no", Json::Text(&self.order_no)),
            ("price_currency", Json::Text(self.amount.currency.code())),
        ];
        let optional = [
            ("store_no", &self.store_no),
            ("terminal_sn", &self.terminal),
            ("attach", &self.attach),
        ];
        let there = optional
            .into_iter()
            .filter_map(|(name, text)| Some((name, Json::Text(text.as_deref()?))));
        fields.extend(there);
        if self.terminal.is_some() && self.status == Status::Succeeded {
            fields.push(("pay_scenario", Json::Text("SWIPE_CARD")));
        }
        if let Some(card) = &self.card {
            fields.extend([
                ("pay_method_id", Json::Text(&card.method)),
                ("pay_user_account_id", Json::Text(&card.account)),
                ("pay_channel_trans_no", Json::Text(&card.channel_no)),
            ]);
        }
        if let Some((code, text)) = &self.error {
            fields.extend([
                ("trans_error_code", Json::Text(code)),
                ("trans_error_msg", Json::Text(text)),
            ]);
        }
        if let Some(at) = self.ended_at {
            let at = wall::write(at, &wall::clock(0));
            fields.push(("trans_end_time", Json::Bare(quoted(&at))));
        }
        fields
    }

    /// The amounts: what was paid besides is nothing here.
    fn amounts(&self) -> Vec<(&'static str, String)> {
        let (amount, nothing) = (stripped(self.amount), "0".to_owned());
        let mut amounts = vec![("order_amount", amount.clone()), ("trans_amount", amount)];
        if self.status == Status::Succeeded {
            let paid = amounts[0].1.clone();
            let none = [
                "tip_amount",
                "cashback_amount",
                "discount_bmopc",
                "discount_bpc",
            ];
            amounts.push(("paid_amount", paid));
            amounts.extend(none.map(|name| (name, nothing.clone())));
        }
        amounts
    }
}

/// The answer to a push that was taken (note 2.4).
#[must_use]
pub fn pushed_reply(
    merchant: &Merchant,
    psn: &str,
    (message_id, trade_no): (&str, &str),
    online: bool,
    amount: Money,
) -> Reply {
    let status = if online { "ONLINE" } else { "OFFLINE" };
    let data = object(vec![
        ("message_id", Json::Text(message_id)),
        ("trans_no", Json::Text(trade_no)),
        ("terminal_online_status", Json::Text(status)),
        ("trans_amount", Json::Bare(stripped(amount))),
    ]);
    success(merchant, psn, Some(&data))
}

/// The answer that leads to the hosted page (note 2.6).
#[must_use]
pub fn page_reply(merchant: &Merchant, psn: &str, trade_no: &str, url: &str) -> Reply {
    let data = object(vec![
        ("trans_no", Json::Text(trade_no)),
        ("pay_url", Json::Text(url)),
    ]);
    success(merchant, psn, Some(&data))
}

/// The answer to a query (note 2.5).
#[must_use]
pub fn transaction_reply(merchant: &Merchant, psn: &str, told: &Transaction) -> Reply {
    let mut fields = told.fields();
    let amounts = told.amounts().into_iter();
    fields.extend(amounts.map(|(name, amount)| (name, Json::Bare(amount))));
    if let Some(of) = &told.of {
        fields.push(("orig_trans_no", Json::Text(of)));
    }
    success(merchant, psn, Some(&object(fields)))
}

/// The answer to a refund that was taken in (note 2.5).
#[must_use]
pub fn refund_reply(merchant: &Merchant, psn: &str, trade_no: &str, amount: Money) -> Reply {
    let data = object(vec![
        ("trans_no", Json::Text(trade_no)),
        ("trans_amount", Json::Bare(stripped(amount))),
    ]);
    success(merchant, psn, Some(&data))
}

/// The answer to what was done and has nothing to tell.
#[must_use]
pub fn done_reply(merchant: &Merchant, psn: &str) -> Reply {
    success(merchant, psn, None)
}

/// The answer to what is refused; signed where it is known whose it is.
#[must_use]
pub fn error_reply(merchant: Option<&Merchant>, psn: &str, code: Code) -> Reply {
    let fields = vec![
        ("code", Json::Text(code.0)),
        ("msg", Json::Text(code.1)),
        ("psn", Json::Text(psn)),
    ];
    match merchant {
        Some(merchant) => Reply::new(200, sealed(merchant, fields)),
        None => Reply::new(200, object(fields)),
    }
}

/// The body of a notification (note 3): status and type are numbers, everything else is text.
#[must_use]
pub fn notify(
    merchant: &Merchant,
    told: &Transaction,
    now: Timestamp,
    request_id: &str,
) -> Vec<u8> {
    let mut fields = told.fields();
    let amounts = told.amounts().into_iter();
    fields.extend(amounts.map(|(name, amount)| (name, Json::Bare(quoted(&amount)))));
    let timestamp = quoted(&now.as_millisecond().to_string());
    fields.extend([
        ("app_id", Json::Text(&merchant.app_id)),
        ("merchant_no", Json::Text(&merchant.merchant_no)),
        ("charset", Json::Text("UTF-8")),
        ("format", Json::Text("JSON")),
        ("method", Json::Text(words::NOTIFY)),
        ("sign_type", Json::Text("RSA2")),
        ("version", Json::Text("1.0")),
        ("timestamp", Json::Bare(timestamp)),
        ("http_request_id", Json::Text(request_id)),
    ]);
    sealed(merchant, fields).into_bytes()
}

fn success(merchant: &Merchant, psn: &str, data: Option<&str>) -> Reply {
    let mut fields = vec![
        ("code", Json::Text(words::OK)),
        ("msg", Json::Text("success")),
        ("psn", Json::Text(psn)),
    ];
    fields.extend(data.map(|data| ("data", Json::Text(data))));
    Reply::new(200, sealed(merchant, fields))
}

/// The message with the gateway's signature behind it.
fn sealed(merchant: &Merchant, mut fields: Fields<'_>) -> String {
    let plain = |(name, value): &(&'static str, Json<'_>)| {
        let text = match value {
            Json::Text(text) => (*text).to_owned(),
            Json::Bare(json) => serde_json::from_str(json).unwrap_or_else(|_| json.clone()),
        };
        (*name, text)
    };
    let message: Flat = fields.iter().map(plain).collect();
    let sign = merchant.gateway_key.sign_2(&seal::presign(&message));
    fields.push(("sign", Json::Bare(quoted(&sign))));
    object(fields)
}

/// A JSON object, its fields in their order.
fn object(fields: Fields<'_>) -> String {
    let field = |(name, value): (&'static str, Json<'_>)| {
        let value = match value {
            Json::Text(text) => quoted(text),
            Json::Bare(json) => json,
        };
        format!("{}:{value}", quoted(name))
    };
    let fields: Vec<String> = fields.into_iter().map(field).collect();
    format!("{{{}}}", fields.join(","))
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    serde_json::value::to_raw_value(text)
        .map(|raw: Box<RawValue>| raw.get().to_owned())
        .unwrap_or_default()
}

/// An amount without the zeros at its end: `34.5`, `12` (note 3).
fn stripped(amount: Money) -> String {
    let decimal = amount.decimal();
    match decimal.contains('.') {
        true => decimal
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
        false => decimal,
    }
}
