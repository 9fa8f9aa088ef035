//! Alipay classic, both sides of the wire.
//!
//! The gateway of these tests is `gateway_side`, the one that the sandbox uses; what it and the merchant's side agree
//! on is held to the signed examples of the protocol note (`tests/vectors/alipay.json`).

mod callback;
mod checkout;
mod codes;
mod gateway_side;
mod inspect;
mod inspect_pairs;
mod keys;
mod options;
mod pairs;
mod recut;
mod refund;
mod reply;
mod settings;
mod statement;
mod timestamp;
mod vectors;

use jiff::Timestamp;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{DirectPay, Merchant, Trade, TradeStatus};
use quittance_core::gateway::alipay::{Account, Key, Keys, Settings};
use quittance_core::gateway::{Evidence, Reading, RefundWay};
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use quittance_core::{Claim, Currency, Money, Order, OrderKey, Proof};
use secrecy::SecretString;

const PARTNER: &str = "2088000000000001";
const EMAIL: &str = "seller@example.com";
const KEY: &str = "0123456789abcdefghijklmnopqrstuv";
const ORDER_NO: &str = "20240101-0001";
const TRADE_NO: &str = "2024010100001000010000000001";
const NOTIFY_ID: &str = "70fec0c2730b27528665af4517c27b95";
const GATEWAY: &str = "https://mapi.alipay.com/gateway.do";

fn key() -> SecretString {
    SecretString::from(KEY)
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    time("2024-01-01T04:00:06Z")
}

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

fn settings(charset: Charset) -> Settings {
    Settings {
        partner: PARTNER.into(),
        keys: Keys::Md5(vec![Key {
            key: key(),
            until: None,
        }]),
        charset,
        seller: None,
        show_url: None,
        refunds: Some(RefundWay::Page),
        gateway_url: GATEWAY.into(),
    }
}

fn account(charset: Charset) -> Account {
    Account::new(settings(charset)).unwrap()
}

fn merchant() -> Merchant {
    Merchant {
        partner: PARTNER.into(),
        key: key().into(),
        email: EMAIL.into(),
        advanced: true,
    }
}

fn order() -> Order {
    Order {
        key: OrderKey::new("main", ORDER_NO),
        amount: cny(1),
        subject: "测试商品".into(),
        body: None,
        extra: None,
        method: None,
        bank: None,
        show_url: None,
        return_to: None,
        terminal: None,
        gateway_options: Default::default(),
        expires_in_secs: None,
        token: "token".into(),
        require: Proof::Confirmed,
    }
}

/// The request that stands behind the vectors M5..M9 and M13.
fn request(charset: Charset) -> DirectPay {
    DirectPay {
        partner: PARTNER.into(),
        charset,
        out_trade_no: ORDER_NO.into(),
        subject: "测试商品".into(),
        total_fee: cny(1),
        body: Some("Hello".into()),
        extra_common_param: Some("会员充值".into()),
        show_url: None,
        paymethod: None,
        defaultbank: None,
        anti_phishing_key: None,
        exter_invoke_ip: None,
        it_b_pay: None,
        notify_url: None,
        return_url: None,
        options: Default::default(),
    }
}

/// The trade that stands behind the vectors M5..M9 and M13: paid.
fn trade(charset: Charset) -> Trade {
    Trade {
        request: request(charset),
        trade_no: TRADE_NO.into(),
        buyer_id: "2088000000000101".into(),
        buyer_email: "buyer@example.com".into(),
        status: TradeStatus::Success,
        gmt_create: time("2024-01-01T03:59:30Z"),
        gmt_payment: Some(time("2024-01-01T04:00:04Z")),
        gmt_close: None,
        refunded: cny(0),
        gmt_refund: None,
    }
}

/// The trade, paid back in full.
fn refunded_trade(charset: Charset) -> Trade {
    let at = Some(time("2024-01-02T02:00:00Z"));
    Trade {
        status: TradeStatus::Closed,
        gmt_close: at,
        refunded: cny(1),
        gmt_refund: at,
        ..trade(charset)
    }
}

/// The claim that follows from the vectors.
fn payment() -> Claim {
    Claim::Payment {
        trade_no: TRADE_NO.into(),
        amount: cny(1),
        payee: PARTNER.into(),
    }
}

fn claims(evidence: &[Evidence]) -> Vec<Claim> {
    evidence
        .iter()
        .map(|evidence| evidence.claim.clone())
        .collect()
}

/// The fields in UTF-8, signed anew.
fn sealed(fields: &[(String, String)]) -> Vec<u8> {
    let mut params = Params::new();
    for (name, value) in fields {
        params.push(name, value.as_bytes()).unwrap();
    }
    let signature = md5_sign(&presign(&params), &key());
    params.push("sign", signature.as_bytes()).unwrap();
    params.push("sign_type", b"MD5").unwrap();
    params.to_wire().into_bytes()
}

/// The fields of a wire, without its signature.
fn fields(wire: &[u8]) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
    Params::parse(wire)
        .unwrap()
        .iter()
        .filter(|(name, _)| !matches!(*name, "sign" | "sign_type"))
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect()
}

/// The fields with one of them set, or added at the end.
fn with(fields: &[(String, String)], name: &str, value: &str) -> Vec<(String, String)> {
    let mut fields = fields.to_vec();
    match fields.iter_mut().find(|(known, _)| known == name) {
        Some(field) => field.1 = value.to_owned(),
        None => fields.push((name.to_owned(), value.to_owned())),
    }
    fields
}

/// The fields without one of them.
fn without(fields: &[(String, String)], name: &str) -> Vec<(String, String)> {
    fields
        .iter()
        .filter(|(known, _)| known != name)
        .cloned()
        .collect()
}

/// A reading that is no evidence.
fn says_nothing(reading: &Reading) -> bool {
    reading.evidence.is_empty() && reading.personal.is_empty()
}
