//! Dinpay, the classic platform, both sides of the wire.
//!
//! The gateway of these tests is `gateway_side`, the one that a simulator uses; what it and the merchant's side agree on
//! is held to the signed examples of the protocol note (`tests/vectors/dinpay.json`).

mod callback;
mod checkout;
mod codes;
mod gateway_side;
mod inspect;
mod meet;
mod options;
mod recut;
mod reply;
mod settings;
mod signing;
mod vectors;

use jiff::Timestamp;
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::gateway_side::{
    self as gateway, DirectPay, Habits, Merchant, Trade, TradeStatus,
};
use quittance_core::gateway::dinpay::{Account, GATEWAY_URL, Key, Keys, QUERY_URL, Settings};
use quittance_core::gateway::{CheckoutCall, Evidence, Reading};
use quittance_core::params::Params;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::sign::{Place, PublicKey, md5_sign_at, presign};
use quittance_core::{Claim, Currency, Money, Order, OrderKey, Proof};
use secrecy::SecretString;
use serde_json::Value;

const MERCHANT: &str = "1000000001";
const KEY: &str = "simkey_Vector_0001";
const ORDER_NO: &str = "SIM20240102030405";
const TRADE_NO: &str = "1000004817";
const NOTIFY_ID: &str = "0123456789abcdef0123456789abcdef";

fn document() -> Value {
    serde_json::from_str(include_str!("../vectors/dinpay.json")).unwrap()
}

/// A key of the vectors, by its name there.
fn material(name: &str) -> String {
    document()[name].as_str().unwrap().to_owned()
}

fn private(name: &str) -> PrivateKey {
    PrivateKey::read(&SecretString::from(material(name))).unwrap()
}

/// A public key of the vectors, for RSA-S.
fn public(name: &str) -> PublicKey {
    PublicKey::read(&material(name))
        .and_then(PublicKey::for_rsa_s)
        .unwrap()
}

fn key() -> SecretString {
    SecretString::from(KEY)
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// 2024-01-02 03:04:05 in Beijing: the `order_time` of the vectors.
fn now() -> Timestamp {
    time("2024-01-01T19:04:05Z")
}

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

fn settings(charset: Charset) -> Settings {
    Settings {
        merchant_code: MERCHANT.into(),
        keys: Keys::Md5(vec![Key {
            key: key(),
            until: None,
        }]),
        charset,
        show_url: None,
        gateway_url: GATEWAY_URL.into(),
        query_url: QUERY_URL.into(),
    }
}

fn pair_settings(charset: Charset) -> Settings {
    Settings {
        keys: Keys::Rsa {
            private: material("merchant_private_key").into(),
            gateway: vec![Key {
                key: material("platform_public_key").into(),
                until: None,
            }],
        },
        ..settings(charset)
    }
}

fn account(charset: Charset) -> Account {
    Account::new(settings(charset)).unwrap()
}

fn pair_account() -> Account {
    Account::new(pair_settings(Charset::Utf8)).unwrap()
}

fn merchant() -> Merchant {
    Merchant {
        merchant_code: MERCHANT.into(),
        key: key().into(),
        without: Default::default(),
        habits: Habits::default(),
    }
}

fn pair_merchant() -> Merchant {
    Merchant {
        key: gateway::Key::RsaS {
            gateway: private("platform_private_key"),
            merchant: public("merchant_public_key"),
        },
        ..merchant()
    }
}

/// The order behind the vectors V1, V2 and V7.
fn order() -> Order {
    Order {
        key: OrderKey::new("main", ORDER_NO),
        amount: cny(1201),
        subject: "测试 商品 A+B".into(),
        body: None,
        extra: Some("uid=42".into()),
        method: None,
        bank: Some("ICBC".into()),
        show_url: None,
        return_to: None,
        terminal: None,
        gateway_options: [
            ("redo_flag", "1"),
            ("extend_param", "customer_name^Li|customer_idNumber^1"),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into(),
        expires_in_secs: None,
        token: "token".into(),
        require: Proof::Signed,
    }
}

/// How the buyer of the vectors is sent.
fn call() -> CheckoutCall {
    CheckoutCall {
        notify_url: "http://127.0.0.1:8080/dinpay/notify?a=1".into(),
        return_url: "http://127.0.0.1:8080/dinpay/return".into(),
        client_ip: Some("192.168.1.25".into()),
        token: None,
        via_get: false,
        now: now(),
    }
}

/// The same, as the gateway reads it.
fn request(charset: Charset) -> DirectPay {
    DirectPay {
        merchant_code: MERCHANT.into(),
        charset,
        notify_url: call().notify_url,
        return_url: Some(call().return_url),
        order_no: ORDER_NO.into(),
        order_time: "2024-01-02 03:04:05".into(),
        ordered_at: now(),
        order_amount: "12.01".into(),
        amount: cny(1201),
        product_name: "测试 商品 A+B".into(),
        product_desc: None,
        show_url: None,
        bank_code: Some("ICBC".into()),
        pay_type: None,
        client_ip: Some("192.168.1.25".into()),
        extra_return_param: Some("uid=42".into()),
        options: order().gateway_options,
    }
}

/// The trade behind the vectors V3, V6, V8 and V10: paid.
fn trade() -> Trade {
    Trade {
        request: request(Charset::Utf8),
        trade_no: TRADE_NO.into(),
        bank_seq_no: Some("20240102030506001".into()),
        bank_code: None,
        status: TradeStatus::Success,
        trade_time: paid_at(),
    }
}

/// 2024-01-02 03:05:06 in Beijing.
fn paid_at() -> Timestamp {
    time("2024-01-01T19:05:06Z")
}

/// The claim that follows from the vectors.
fn payment() -> Claim {
    Claim::Payment {
        trade_no: TRADE_NO.into(),
        amount: cny(1201),
        payee: MERCHANT.into(),
    }
}

fn claims(evidence: &[Evidence]) -> Vec<Claim> {
    evidence
        .iter()
        .map(|evidence| evidence.claim.clone())
        .collect()
}

/// The MD5 signature of these bytes at this gateway.
fn md5(bytes: &[u8]) -> String {
    md5_sign_at(Place::Named, bytes, &key())
}

/// The fields, signed anew over all of them.
fn sealed(fields: &[(String, String)]) -> Vec<u8> {
    let mut params = Params::new();
    for (name, value) in fields {
        params.push(name, value.as_bytes()).unwrap();
    }
    let signature = md5(&presign(&params));
    params.push("sign_type", b"MD5").unwrap();
    params.push("sign", signature.as_bytes()).unwrap();
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

/// Pairs as the body of a form.
fn body(fields: &[(String, String)]) -> Vec<u8> {
    let mut params = Params::new();
    for (name, value) in fields {
        params.push(name, value.as_bytes()).unwrap();
    }
    params.to_wire().into_bytes()
}

/// A reading that is no evidence.
fn says_nothing(reading: &Reading) -> bool {
    reading.evidence.is_empty() && reading.personal.is_empty()
}
