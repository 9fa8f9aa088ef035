//! CodePay, both sides of the wire. Most messages of the gateway's are made here by the rule of the protocol note, written once
//! more; rule and `gateway_side` are held to the signed examples (`tests/vectors/codepay.json`), and `meet` has both sides
//! talk.

mod callback;
mod checkout;
mod codes;
mod gateway_side;
mod inspect;
mod inspect_mistakes;
mod meet;
mod refund;
mod reply;
mod settings;
mod terminal;
mod vectors;

use jiff::Timestamp;
use quittance_core::flat::Flat;
use quittance_core::gateway::CheckoutCall;
use quittance_core::gateway::codepay::gateway_side::{
    App, Merchant, Status, Trade, TransType, Who,
};
use quittance_core::gateway::codepay::{Account, GATEWAY_URL, Key, Keys, Settings};
use quittance_core::http::Reply;
use quittance_core::sign::PublicKey;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::{Currency, Money, Order, OrderKey, Proof};
use secrecy::SecretString;
use serde_json::{Map, Value, json};

const APP: &str = "wzTESTAPP00000001";
const MERCHANT: &str = "300000000001";
const STORE: &str = "4000000001";
const TERMINAL: &str = "TESTSN0000000001";
const ORDER_NO: &str = "SALE-0002";
const TRADE_NO: &str = "51230000012511240000001";

fn document() -> Value {
    serde_json::from_str(include_str!("../vectors/codepay.json")).unwrap()
}

/// A key of the vectors, by its name there.
fn material(name: &str) -> String {
    document()[name].as_str().unwrap().to_owned()
}

fn private(name: &str) -> PrivateKey {
    PrivateKey::read(&SecretString::from(material(name))).unwrap()
}

fn public(name: &str) -> PublicKey {
    PublicKey::read(&material(name))
        .and_then(PublicKey::for_rsa2)
        .unwrap()
}

/// A signed example.
fn vector(id: &str) -> Value {
    let document = document();
    let all = document["vectors"].as_array().unwrap();
    all.iter().find(|known| known["id"] == id).unwrap().clone()
}

fn wire(id: &str) -> Vec<u8> {
    vector(id)["wire"].as_str().unwrap().as_bytes().to_vec()
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

fn now() -> Timestamp {
    Timestamp::from_millisecond(1_764_000_001_000).unwrap()
}

fn settings() -> Settings {
    Settings {
        app_id: APP.into(),
        merchant_no: MERCHANT.into(),
        store_no: None,
        terminal: None,
        currency: None,
        keys: Keys::Rsa {
            private: material("merchant_private_key").into(),
            gateway: vec![Key {
                key: material("gateway_public_key").into(),
                until: None,
            }],
        },
        gateway_url: GATEWAY_URL.into(),
    }
}

fn account() -> Account {
    Account::new(settings()).unwrap()
}

fn order() -> Order {
    Order {
        key: OrderKey::new("main", ORDER_NO),
        amount: usd(3450),
        subject: "Café crème 咖啡 x2".into(),
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
        require: Proof::Signed,
    }
}

fn at_terminal() -> Order {
    Order {
        terminal: Some(TERMINAL.into()),
        ..order()
    }
}

fn call() -> CheckoutCall {
    CheckoutCall {
        notify_url: "https://shop.example/codepay/notify".into(),
        return_url: "https://shop.example/done".into(),
        client_ip: None,
        token: None,
        via_get: false,
        now: now(),
    }
}

/// The app, as the gateway knows it.
fn app() -> App {
    App {
        app_id: APP.into(),
        gateway: private("gateway_private_key"),
        merchant: public("merchant_public_key"),
        merchants: vec![Merchant {
            merchant_no: MERCHANT.into(),
            store_no: Some(STORE.into()),
            terminals: vec![TERMINAL.into()],
        }],
    }
}

/// The gateway's record of this sale, which waits at the terminal.
fn sale(order_no: &str, amount: Money) -> Trade {
    Trade {
        who: Who {
            app_id: APP.into(),
            merchant_no: MERCHANT.into(),
            store_no: Some(STORE.into()),
        },
        terminal_sn: Some(TERMINAL.into()),
        order_no: order_no.into(),
        trans_no: TRADE_NO.into(),
        orig_trans_no: None,
        trans_type: TransType::Sale,
        status: Status::Created,
        order_amount: amount,
        tip: Money::new(0, amount.currency),
        cashback: Money::new(0, amount.currency),
        trans_amount: amount,
        pay_scenario: Some("SWIPE_CARD".into()),
        payment: None,
        ended_at: None,
        ending: None,
        attach: None,
    }
}

/// The text that is signed, by the rule of note 1.4.
fn presign(message: &Map<String, Value>) -> String {
    let mut fields: Vec<(&String, String)> = message
        .iter()
        .filter(|(name, _)| *name != "sign")
        .filter_map(|(name, value)| match value {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some((name, text.clone())),
            other => Some((name, other.to_string())),
        })
        .collect();
    fields.sort();
    let joined: Vec<String> = fields
        .iter()
        .map(|(name, text)| format!("{name}={text}"))
        .collect();
    joined.join("&")
}

/// A message of the gateway's, signed.
fn sealed(message: Value) -> Vec<u8> {
    let Value::Object(mut message) = message else {
        panic!("no object")
    };
    let sign = private("gateway_private_key").sign_2(presign(&message).as_bytes());
    message.insert("sign".into(), sign.into());
    serde_json::to_vec(&message).unwrap()
}

/// The vector N1 with these fields in place of its own; `null` takes one out.
fn notify_with(changes: Value) -> Vec<u8> {
    let mut message: Map<String, Value> = serde_json::from_slice(&wire("N1")).unwrap();
    message.remove("sign");
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => message.remove(name),
            value => message.insert(name.clone(), value.clone()),
        };
    }
    sealed(message.into())
}

/// A signed answer of success with this data.
fn answer(data: Value) -> Reply {
    let message = json!({"code": "0", "msg": "success", "psn": "1", "data": data.to_string()});
    Reply::new(200, sealed(message))
}

/// A signed answer with this code.
fn refusal(code: &str, msg: &str) -> Reply {
    Reply::new(200, sealed(json!({"code": code, "msg": msg, "psn": "1"})))
}

/// What the gateway tells of an order, with these fields in place of the usual ones.
fn data_with(changes: Value) -> Value {
    let mut data = json!({
        "trans_no": TRADE_NO, "trans_type": 1, "trans_status": 2, "merchant_order_no": ORDER_NO,
        "price_currency": "USD", "order_amount": 34.5, "trans_amount": 34.5,
        "trans_end_time": "2025-11-24 16:01:00",
    });
    for (name, value) in changes.as_object().unwrap() {
        data[name] = value.clone();
    }
    data
}

/// What was sent, read back: the fields of a call.
fn sent(request: &quittance_core::http::Request) -> Flat {
    assert_eq!(request.url, format!("{GATEWAY_URL}/api/entry"));
    let message = Flat::parse(&request.body).unwrap();
    let object: Map<String, Value> = serde_json::from_slice(&request.body).unwrap();
    let sign = message.get("sign").unwrap().as_bytes();
    assert!(public("merchant_public_key").verify(presign(&object).as_bytes(), sign));
    message
}
