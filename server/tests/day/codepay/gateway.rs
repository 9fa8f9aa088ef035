//! CodePay as these tests have it: orders at a terminal or on a page, told by signed JSON. It is the note's section 2 and
//! no more; what is on the wire is held to the signed examples in core's tests.

use quittance_core::flat::Flat;
use quittance_core::gateway::codepay::{Account, Settings};
use quittance_core::gateway::{Gateway as _, keys};
use quittance_core::http::{Reply, Request};
use quittance_core::settings::Policy;
use quittance_core::sign::rsa::PrivateKey;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;

pub const HOST: &str = "codepay.test";
pub const TERMINAL: &str = "TESTSN0000000001";
const APP: &str = "wzTESTAPP00000001";
const MERCHANT: &str = "300000000001";

/// A key of core's vectors.
fn material(name: &str) -> SecretString {
    let vectors = include_str!("../../../../core/tests/vectors/codepay.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    vectors[name].as_str().unwrap().into()
}

/// The merchant's account.
pub fn account() -> Account {
    let key = keys::Key {
        key: material("gateway_public_key"),
        until: None,
    };
    Account::new(Settings {
        app_id: APP.into(),
        merchant_no: MERCHANT.into(),
        store_no: None,
        terminal: None,
        currency: None,
        keys: keys::Keys::Rsa {
            private: material("merchant_private_key"),
            gateway: vec![key],
        },
        gateway_url: format!("http://{HOST}"),
    })
    .unwrap()
}

/// The policy that the settings make of such an account.
pub fn policy(account: &Account, before: &Policy) -> Policy {
    let traits = account.traits();
    Policy {
        gateway: traits.name.into(),
        payee: account.payee().into(),
        key_ids: account.key_ids(),
        wire: Some(account.wire()),
        require: traits.guide,
        cancel_unknown_secs: Some(7_200),
        close: traits.close,
        ..before.clone()
    }
}

/// An order at the gateway.
#[derive(Clone)]
struct Held {
    status: u8,
    amount: String,
    currency: String,
    error: Option<(&'static str, &'static str)>,
}

/// What goes wrong at the next calls of a method.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is done, and its answer is lost.
    Unheard,
    /// It is done, and its answer is not signed.
    Unsigned,
    /// It is not done: this code is the answer.
    Refused(&'static str),
    /// The buyer pays just before it is worked on.
    PaidBefore,
}

/// The gateway.
#[derive(Default)]
pub struct Gateway {
    orders: Mutex<BTreeMap<String, Held>>,
    /// By method.
    pub trouble: Mutex<BTreeMap<&'static str, Trouble>>,
}

impl Gateway {
    /// The method of a call.
    pub fn method(request: &Request) -> String {
        let message = Flat::parse(&request.body).unwrap();
        message.get("method").unwrap().to_owned()
    }

    /// What the gateway answers.
    pub fn answers(&self, request: &Request) -> Reply {
        let message = Flat::parse(&request.body).unwrap();
        let field = |name: &str| message.get(name).unwrap_or_default().to_owned();
        let (method, number) = (field("method"), field("merchant_order_no"));
        let trouble = self.trouble.lock().unwrap().get(&*method).copied();
        if let Some(Trouble::Refused(code)) = trouble {
            return refusal(code);
        }
        if trouble == Some(Trouble::PaidBefore) {
            self.pays(&number);
        }
        let mut orders = self.orders.lock().unwrap();
        let reply = match (method.as_str(), orders.get_mut(&number)) {
            ("wisehub.cloud.pay.order" | "pay.checkout", Some(held)) if held.status != 9 => {
                refusal("E04112")
            }
            ("wisehub.cloud.pay.order" | "pay.checkout", _) => {
                let held = Held {
                    status: 9,
                    amount: field("order_amount"),
                    currency: field("price_currency"),
                    error: None,
                };
                orders.entry(number.clone()).or_insert(held);
                answer(&json!({
                    "trans_no": trade_no(&number), "terminal_online_status": "ONLINE",
                    "pay_url": format!("http://{HOST}/page/{number}"),
                }))
            }
            (_, None) => refusal("E04111"),
            ("order.query", Some(held)) => answer(&held.told(&number)),
            ("wisehub.cloud.pay.close", Some(held)) if held.status == 9 => {
                held.status = 1;
                answer(&json!({"trans_no": trade_no(&number)}))
            }
            ("order.revoker", Some(held)) => {
                held.status = if held.status == 2 { 3 } else { 1 };
                sealed(json!({"code": "0", "msg": "success"}))
            }
            _ => refusal("ET007"),
        };
        match trouble {
            Some(Trouble::Unheard) => Reply::new(504, ""),
            Some(Trouble::Unsigned) => {
                let mut message: Map<String, Value> = serde_json::from_slice(&reply.body).unwrap();
                message.remove("sign");
                Reply::new(200, Value::from(message).to_string())
            }
            _ => reply,
        }
    }

    /// A till of the shop's sold this at its own terminal, and it is paid.
    pub fn sold_by_till(&self, number: &str, amount: &str) {
        let held = Held {
            status: 2,
            amount: amount.to_owned(),
            currency: "USD".to_owned(),
            error: None,
        };
        self.orders.lock().unwrap().insert(number.to_owned(), held);
    }

    /// The buyer pays.
    pub fn pays(&self, number: &str) {
        self.turn(number, 2, None);
    }

    /// Somebody presses cancel at the terminal.
    pub fn canceled(&self, number: &str) {
        let text = "Operator cancellation[[K026]Manual cancelation by operator]";
        self.turn(number, 1, Some(("110", text)));
    }

    fn turn(&self, number: &str, status: u8, error: Option<(&'static str, &'static str)>) {
        let mut orders = self.orders.lock().unwrap();
        let held = orders.get_mut(number).unwrap();
        (held.status, held.error) = (status, error);
    }

    /// The notification of an order as it stands, signed.
    pub fn notify(&self, number: &str) -> String {
        let held = self.orders.lock().unwrap()[number].clone();
        let mut message = held.told(number);
        for (name, value) in [
            ("app_id", APP),
            ("merchant_no", MERCHANT),
            ("method", "payment.result.notify"),
            ("sign_type", "RSA2"),
            ("charset", "UTF-8"),
        ] {
            message[name] = value.into();
        }
        String::from_utf8(sealed(message).body).unwrap()
    }
}

impl Held {
    fn told(&self, number: &str) -> Value {
        let mut told = json!({
            "trans_no": trade_no(number), "trans_type": 1, "trans_status": self.status, "merchant_order_no": number,
            "price_currency": self.currency, "order_amount": self.amount, "trans_amount": self.amount,
        });
        if let Some((code, text)) = self.error {
            told["trans_error_code"] = code.into();
            told["trans_error_msg"] = text.into();
        }
        told
    }
}

fn trade_no(number: &str) -> String {
    let digits = number.bytes().map(|byte| format!("{byte:03}"));
    format!("5123{}", digits.collect::<String>())
}

fn answer(data: &Value) -> Reply {
    sealed(json!({"code": "0", "msg": "success", "psn": "1", "data": data.to_string()}))
}

fn refusal(code: &str) -> Reply {
    sealed(json!({"code": code, "msg": "refused", "psn": "1"}))
}

/// A message of the gateway's, signed by the rule of note 1.4.
fn sealed(message: Value) -> Reply {
    let flat = Flat::parse(message.to_string().as_bytes()).unwrap();
    let fields: Vec<String> = flat
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("{name}={text}"))
        .collect();
    let key = PrivateKey::read(&material("gateway_private_key")).unwrap();
    let mut message = message;
    message["sign"] = key.sign_2(fields.join("&").as_bytes()).into();
    Reply::new(200, message.to_string())
}
