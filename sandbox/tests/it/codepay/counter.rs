//! A shop with a contract at CodePay: signs calls and reads answers by hand.

use crate::desk::{self, Desk};
use quittance_core::http::{Method, Reply};
use quittance_core::sign::PublicKey;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::{Lang, Timestamp};
use quittance_sandbox::codepay::{App, ENTRY_PATH, Merchant, keys};
use quittance_sandbox::{Answer, Inbound, Outgoing, SandboxSettings};
use serde_json::{Map, Value, json};

pub const APP: &str = "wzTESTAPP00000001";
pub const MERCHANT: &str = "300000000001";
pub const OTHER: &str = "300000000002";
pub const STORE: &str = "4000000001";
pub const TERMINAL: &str = "TESTSN0000000001";
pub const SPARE: &str = "TESTSN0000000002";
pub const NOTIFY_URL: &str = "http://shop.example.com/codepay/notify";
pub const RETURN_URL: &str = "http://shop.example.com/codepay/return";

/// A desk with all gateways, and a till at CodePay.
pub struct Counter {
    pub desk: Desk,
}

fn public(text: &str) -> PublicKey {
    PublicKey::read(text).and_then(PublicKey::for_rsa2).unwrap()
}

pub fn app() -> App {
    let merchant = |number: &str, terminals: &[&str]| Merchant {
        merchant_no: number.into(),
        store_no: Some(STORE.into()),
        terminals: terminals.iter().map(|sn| (*sn).to_owned()).collect(),
    };
    App {
        app_id: APP.into(),
        gateway: PrivateKey::read(&keys::GATEWAY_PRIVATE_KEY.into()).unwrap(),
        merchant: public(keys::MERCHANT_PUBLIC_KEY),
        merchants: vec![merchant(MERCHANT, &[TERMINAL, SPARE]), merchant(OTHER, &[])],
    }
}

/// Settings with Alipay's merchants and this app of CodePay's.
pub fn settings() -> SandboxSettings {
    let mut settings = desk::settings();
    settings.codepay.apps = vec![app()];
    settings
}

/// The text of a value as it is signed.
fn signed_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The bytes that are signed (protocol note codepay 1.4), built here a second time.
fn presign(message: &Map<String, Value>) -> String {
    let mut parts: Vec<String> = message
        .iter()
        .filter(|(name, _)| *name != "sign")
        .filter_map(|(name, value)| Some(format!("{name}={}", signed_text(value)?)))
        .collect();
    parts.sort();
    parts.join("&")
}

/// A signed call at this time, with these fields over the envelope; null leaves one out.
pub fn call_at(now: Timestamp, method: &str, fields: Value) -> Map<String, Value> {
    let mut message = json!({
        "app_id": APP, "charset": "UTF-8", "format": "JSON", "sign_type": "RSA2", "version": "1.0",
        "timestamp": now.as_millisecond().to_string(), "method": method, "merchant_no": MERCHANT,
    });
    let message = message.as_object_mut().unwrap();
    for (name, value) in fields.as_object().unwrap() {
        message.insert(name.clone(), value.clone());
    }
    message.retain(|_, value| !value.is_null());
    let key = PrivateKey::read(&keys::MERCHANT_PRIVATE_KEY.into()).unwrap();
    if !message.contains_key("sign") {
        let sign = key.sign_2(presign(message).as_bytes());
        message.insert("sign".into(), sign.into());
    }
    message.clone()
}

/// Whether the gateway's key signed it.
pub fn genuine(message: &Value) -> bool {
    let key = public(keys::GATEWAY_PUBLIC_KEY);
    let message = message.as_object().unwrap();
    let sign = message.get("sign").and_then(Value::as_str);
    sign.is_some_and(|sign| key.verify(presign(message).as_bytes(), sign.as_bytes()))
}

/// The fields of a sale at the terminal.
pub fn sale(number: &str) -> Value {
    json!({
        "terminal_sn": TERMINAL, "message_receiving_application": "CodePay Register", "trans_type": 1,
        "merchant_order_no": number, "order_amount": "34.50", "price_currency": "USD",
        "pay_scenario": "SWIPE_CARD", "notify_url": NOTIFY_URL, "description": "Two coffees",
    })
}

/// The fields of a payment on the hosted page.
pub fn page(number: &str) -> Value {
    json!({
        "merchant_order_no": number, "order_amount": "21.00", "price_currency": "USD",
        "notify_url": NOTIFY_URL, "return_url": RETURN_URL, "description": "Mug",
    })
}

/// Fields with others over them.
pub fn with(mut fields: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        fields[name] = value.clone();
    }
    fields
}

/// An answer: its envelope, and the payload, null where there is none.
pub struct Said {
    pub envelope: Value,
    pub data: Value,
}

impl Said {
    pub fn of(reply: &Reply) -> Said {
        let envelope: Value = serde_json::from_slice(&reply.body).unwrap();
        let data = envelope.get("data").and_then(Value::as_str);
        let data = data.map(|data| serde_json::from_str(data).unwrap());
        Said {
            data: data.unwrap_or_default(),
            envelope,
        }
    }

    pub fn code(&self) -> &str {
        self.envelope["code"].as_str().unwrap()
    }
}

impl Counter {
    pub fn new() -> Counter {
        Counter {
            desk: Desk::with(settings()),
        }
    }

    pub fn ask(&mut self, path: &str, body: &str) -> Answer {
        let request = Inbound {
            method: Method::Post,
            path: path.into(),
            query: Vec::new(),
            body: body.into(),
            lang: Lang::En,
        };
        self.desk.sandbox.handle(self.desk.now, &request)
    }

    /// Calls, and gives the answer as it came.
    pub fn call_raw(&mut self, method: &str, fields: Value) -> Answer {
        let body = Value::from(call_at(self.desk.now, method, fields)).to_string();
        self.ask(ENTRY_PATH, &body)
    }

    /// Calls; the answer is signed.
    pub fn call(&mut self, method: &str, fields: Value) -> Said {
        let reply = self.call_raw(method, fields).reply;
        assert_eq!(reply.status, 200);
        let said = Said::of(&reply);
        assert!(genuine(&said.envelope), "{}", said.envelope);
        said
    }

    /// Pushes a sale to the terminal.
    pub fn push(&mut self, number: &str) -> Said {
        let said = self.call("wisehub.cloud.pay.order", sale(number));
        assert_eq!(said.code(), "0", "{}", said.envelope);
        said
    }

    /// Opens the hosted page, and gives its path.
    pub fn open(&mut self, number: &str) -> String {
        let said = self.call("pay.checkout", page(number));
        let url = said.data["pay_url"].as_str().unwrap();
        url.strip_prefix("http://sandbox.test").unwrap().to_owned()
    }

    pub fn query(&mut self, number: &str) -> Value {
        self.call("order.query", json!({ "merchant_order_no": number }))
            .data
    }

    /// `trans_status` of an order.
    pub fn status(&mut self, number: &str) -> i64 {
        self.query(number)["trans_status"].as_i64().unwrap()
    }

    /// Presses a button of the terminal.
    pub fn press(&mut self, button: &str) -> Reply {
        let path = format!("/terminal/{TERMINAL}");
        self.desk.post(&path, "", &format!("action={button}"))
    }

    /// Pushes a sale, and the customer pays.
    pub fn paid(&mut self, number: &str) {
        self.push(number);
        assert_eq!(self.press("approve").status, 303);
    }

    /// The messages that are due, each of them signed, after which all of them are acknowledged.
    pub fn told(&mut self) -> Vec<Value> {
        let due = self.desk.due();
        let read = |outgoing: Outgoing| {
            let now = self.desk.now;
            let ack = Ok(Reply::new(200, "success"));
            self.desk.sandbox.settle(now, outgoing.id, ack);
            serde_json::from_slice::<Value>(&outgoing.request.body).unwrap()
        };
        let told: Vec<Value> = due.into_iter().map(read).collect();
        assert!(told.iter().all(genuine), "{told:?}");
        told
    }
}
