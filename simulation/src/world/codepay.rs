//! CodePay's own words: how the node is told of an account, where buyers pay, what notifications say. An order is pushed to
//! a terminal, or paid on the hosted page; the node calls the gateway for either. A Cancel undoes whatever happened.

use super::alipay::visit;
use super::contract::Contract;
use super::rogue::{Forgery, Told, fields};
use super::signing::Side;
use quittance_core::Lang;
use quittance_core::gateway::codepay::{Account, Keys, Settings};
use quittance_core::http::Method;
use quittance_core::params::Params;
use quittance_core::sign::PublicKey;
use quittance_core::sign::rsa::PrivateKey;
use quittance_sandbox::Inbound;
use quittance_sandbox::codepay::{App, ENTRY_PATH, Merchant, keys};
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// The word that acks.
pub const ACK: &str = "success";
/// A merchant who is none of the world's.
pub const OTHER_PAYEE: &str = "300000000009";
/// The method of a question about an order.
pub const QUERY: &str = "order.query";
/// The method that undoes whatever happened.
pub const REVOKE: &str = "order.revoker";
/// What a scan of the guide asks: every 30 seconds, ten times.
pub const SCAN_GAPS_SECS: [i64; 10] = [30; 10];
/// How long after the checkout a scan goes on at most, in seconds.
pub const SCAN_SECS: i64 = 600;
/// For how long the final query may go unanswered before Cancel is sent all the same, in seconds.
pub const CANCEL_UNKNOWN_SECS: i64 = 7_200;

/// The merchant's app.
const APP_ID: &str = "wzSIMULATED000001";
/// So many terminals stand in his shops: more than orders wait at once, so that none has to wait for another.
const TERMINALS: u32 = 64;
/// The wire's times: UTC.
const TIME_FORMAT: &str = "%Y-%m-%d %H:%M:%S";

/// The app as the gateway knows it.
pub fn app(contract: &Contract) -> App {
    let merchant = PublicKey::read(keys::MERCHANT_PUBLIC_KEY).and_then(PublicKey::for_rsa2);
    App {
        app_id: APP_ID.to_owned(),
        gateway: private(Side::Gateway),
        merchant: merchant.expect("the test pair is a pair"),
        merchants: vec![Merchant {
            merchant_no: contract.partner.to_owned(),
            store_no: None,
            terminals: (0..TERMINALS).map(serial).collect(),
        }],
    }
}

/// Both private keys, read once: the merchant's, and the gateway's.
static PRIVATE: LazyLock<[PrivateKey; 2]> = LazyLock::new(|| {
    [keys::MERCHANT_PRIVATE_KEY, keys::GATEWAY_PRIVATE_KEY]
        .map(|key| PrivateKey::read(&key.into()).expect("the test pair is a pair"))
});

/// The key that this side signs with.
pub fn private(side: Side) -> PrivateKey {
    let [merchant, gateway] = &*PRIVATE;
    match side {
        Side::Merchant => merchant.clone(),
        Side::Gateway => gateway.clone(),
    }
}

fn serial(number: u32) -> String {
    format!("SN{number:08}")
}

/// Where this order is paid: at a terminal, or on the hosted page.
pub fn terminal(order_no: &str, salt: u32) -> Option<String> {
    let mixed = order_no.bytes().fold(salt, |mixed, byte| {
        (mixed ^ u32::from(byte)).wrapping_mul(16_777_619)
    });
    let mixed = mixed >> 8;
    mixed
        .is_multiple_of(2)
        .then(|| serial(mixed / 2 % TERMINALS))
}

/// The account as the node has it.
pub fn account(contract: &Contract, keys: Keys) -> Account {
    Account::new(Settings {
        app_id: APP_ID.to_owned(),
        merchant_no: contract.partner.to_owned(),
        store_no: None,
        terminal: None,
        currency: None,
        keys,
        gateway_url: "http://gateway.test".to_owned(),
    })
    .expect("the world's settings are right")
}

/// The browser goes to the hosted page; at a terminal it goes nowhere, and the order is there already.
pub fn cashier(said: &Value) -> Option<Inbound> {
    match said["kind"].as_str()? {
        "terminal" => Some(Inbound {
            method: Method::Get,
            path: format!("/terminal/{}", said["terminal"].as_str()?),
            query: Vec::new(),
            body: Vec::new(),
            lang: Lang::En,
        }),
        _ => {
            let url = url::Url::parse(said["url"].as_str()?).ok()?;
            Some(visit(&url))
        }
    }
}

/// A payment that another program of the merchant asks for.
pub fn from_elsewhere(
    contract: &Contract,
    order_no: &str,
    amount: &str,
    now: jiff::Timestamp,
) -> Option<Inbound> {
    let notify = format!("http://pay.test/notify/{}", contract.account);
    let timestamp = now.as_millisecond().to_string();
    let asked = fields([
        ("app_id", APP_ID),
        ("charset", "UTF-8"),
        ("format", "JSON"),
        ("method", "pay.checkout"),
        ("version", "1.0"),
        ("timestamp", &timestamp),
        ("merchant_no", contract.partner),
        ("merchant_order_no", order_no),
        ("order_amount", amount),
        ("price_currency", "CNY"),
        ("description", "a thing of another program"),
        ("notify_url", &notify),
    ])?;
    Some(Inbound {
        method: Method::Post,
        path: ENTRY_PATH.to_owned(),
        query: Vec::new(),
        body: contract.signed(Side::Merchant, asked),
        lang: Lang::En,
    })
}

/// A notification that tells of money for this merchant, in this currency.
pub fn notify(told: &Told<'_>, payee: &str, currency: &str) -> Option<Params> {
    let timestamp = told.at.as_millisecond().to_string();
    let ended = told.at.strftime(TIME_FORMAT).to_string();
    fields([
        ("app_id", APP_ID),
        ("charset", "UTF-8"),
        ("format", "JSON"),
        ("http_request_id", told.notify_id),
        ("merchant_no", payee),
        ("merchant_order_no", told.order_no),
        ("method", "payment.result.notify"),
        ("order_amount", told.amount),
        ("price_currency", currency),
        ("timestamp", &timestamp),
        ("trans_amount", told.amount),
        ("trans_end_time", &ended),
        ("trans_no", told.trade_no),
        ("trans_status", "2"),
        ("trans_type", "1"),
        ("version", "1.0"),
    ])
}

/// One cent was paid for something whose echo the buyer chose; the same string, cut so that it tells the whole amount
/// (SEC-001).
pub fn cut_anew(contract: &Contract, forgery: &Forgery) -> Option<Params> {
    let trade_no = forgery.long_trade_no(1);
    let told = Told {
        order_no: &forgery.order_no,
        trade_no: &trade_no,
        amount: &forgery.amount,
        notify_id: &forgery.notify_id,
        at: forgery.at,
    };
    let mut cut = notify(&told, contract.partner, "CNY")?;
    let tail = format!("x&order_amount=0.01&trans_amount=0.01&trans_no={trade_no}");
    cut.push("zz", tail.as_bytes()).ok()?;
    Some(cut)
}

/// A genuine notification of one cent, with the fields of another order put before its own (SEC-075).
pub fn named_twice(contract: &Contract, forgery: &Forgery) -> Option<Vec<u8>> {
    let trade_no = forgery.long_trade_no(2);
    let told = Told {
        order_no: "CENT",
        trade_no: &trade_no,
        amount: "0.01",
        notify_id: &forgery.notify_id,
        at: forgery.at,
    };
    let genuine = contract.signed(Side::Gateway, notify(&told, contract.partner, "CNY")?);
    let genuine = String::from_utf8(genuine).ok()?;
    let forged = format!(
        "{{\"merchant_order_no\":\"{}\",\"order_amount\":\"{amount}\",\"trans_amount\":\"{amount}\",{}",
        forgery.order_no,
        genuine.strip_prefix('{')?,
        amount = forgery.amount,
    );
    Some(forged.into_bytes())
}

/// The JSON of these fields, with the signature of this side.
pub fn sealed(side: Side, fields: &Params) -> Vec<u8> {
    let mut message = Map::new();
    for (name, value) in fields.iter().filter(|(name, _)| !is_signature(name)) {
        let text = String::from_utf8_lossy(value).into_owned();
        message.insert(name.to_owned(), text.into());
    }
    message.insert("sign_type".to_owned(), "RSA2".into());
    let sign = private(side).sign_2(presign(&message).as_bytes());
    message.insert("sign".to_owned(), sign.into());
    Value::Object(message).to_string().into_bytes()
}

/// The bytes that are signed: every field with a value but `sign`, by name.
fn presign(message: &Map<String, Value>) -> String {
    let mut parts: Vec<String> = message
        .iter()
        .map(|(name, value)| (name, text_of(value)))
        .filter(|(name, text)| *name != "sign" && !text.is_empty())
        .map(|(name, text)| format!("{name}={text}"))
        .collect();
    parts.sort();
    parts.join("&")
}

fn is_signature(name: &str) -> bool {
    matches!(name, "sign" | "sign_type")
}

/// The fields of a JSON message, as texts, in their order; `None` where it is none.
pub fn read(body: &[u8]) -> Option<Vec<(String, String)>> {
    let Value::Object(message) = serde_json::from_slice(body).ok()? else {
        return None;
    };
    let fields = message.into_iter();
    Some(
        fields
            .map(|(name, value)| (name, text_of(&value)))
            .collect(),
    )
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The same message without its signature.
pub fn unsigned(body: &[u8]) -> Vec<u8> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(mut message)) => {
            message.remove("sign");
            Value::Object(message).to_string().into_bytes()
        }
        _ => body.to_vec(),
    }
}

/// The same message with this in the place of its signature.
pub fn resigned(body: &[u8], sign: &str) -> Vec<u8> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(mut message)) => {
            message.insert("sign".to_owned(), sign.into());
            Value::Object(message).to_string().into_bytes()
        }
        _ => body.to_vec(),
    }
}
