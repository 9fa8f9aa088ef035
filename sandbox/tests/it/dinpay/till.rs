//! A shop with a contract at Dinpay: what it sends and what it reads is the merchant's side of the core.

use crate::desk::{self, Desk, text};
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::{Account, Key, Keys, Settings};
use quittance_core::gateway::{Answered, Checkout, CheckoutCall, CheckoutStart, Gateway, Reading};
use quittance_core::http::{Reply, Request};
use quittance_core::params::Params;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::sign::{Place, PublicKey, md5_sign_at, presign};
use quittance_core::{Claim, Currency, Money, Order, OrderKey, Proof};
use quittance_sandbox::dinpay::{self, GATEWAY_PATH, Habits, Merchant, QUERY_PATH};
use quittance_sandbox::{Outgoing, SandboxSettings};
use secrecy::SecretString;
use serde_json::Value;

pub const MERCHANT: &str = "1000000001";
pub const KEY: &str = "simkey_Vector_0001";
pub const NOTIFY_URL: &str = "http://shop.example.com/dinpay/notify";
pub const RETURN_URL: &str = "http://shop.example.com/dinpay/return";

/// A desk with both gateways, and the merchant's side of one account at Dinpay.
pub struct Till {
    pub desk: Desk,
    pub account: Account,
    charset: Charset,
}

/// A key of the signed examples, by its name there.
fn material(name: &str) -> String {
    let vectors = include_str!("../../../../core/tests/vectors/dinpay.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    vectors[name].as_str().unwrap().to_owned()
}

/// The merchant as the gateway has him, with the key that both sides sign with.
pub fn merchant() -> Merchant {
    Merchant {
        merchant_code: MERCHANT.into(),
        key: SecretString::from(KEY).into(),
        without: Default::default(),
        habits: Habits::default(),
    }
}

/// Settings with Alipay's merchants and this one of Dinpay's.
pub fn settings(merchant: Merchant) -> SandboxSettings {
    let mut settings = desk::settings();
    settings.dinpay.merchants = vec![merchant];
    settings
}

fn account(keys: Keys, charset: Charset) -> Account {
    let settings = Settings {
        merchant_code: MERCHANT.into(),
        keys,
        charset,
        show_url: None,
        gateway_url: format!("http://sandbox.test{GATEWAY_PATH}"),
        query_url: format!("http://sandbox.test{QUERY_PATH}"),
    };
    Account::new(settings).unwrap()
}

fn lasting(key: &str) -> Key {
    Key {
        key: SecretString::from(key),
        until: None,
    }
}

/// An order of 0.01 yuan.
pub fn order(number: &str) -> Order {
    Order {
        key: OrderKey::new("dinpay", number),
        amount: Money::new(1, Currency::CNY),
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
        require: Proof::Signed,
    }
}

/// Fields as a body that is signed with the shared key.
pub fn signed(fields: &[(&str, &str)]) -> String {
    let mut params = Params::new();
    for (name, value) in fields {
        params.push(name, value.as_bytes()).unwrap();
    }
    let sign = md5_sign_at(Place::Named, &presign(&params), &SecretString::from(KEY));
    params.push("sign_type", b"MD5").unwrap();
    params.push("sign", sign.as_bytes()).unwrap();
    params.to_wire()
}

/// The fields of a payment request, with some replaced or, where the value is empty, left out.
pub fn payment<'a>(number: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("merchant_code", MERCHANT),
        ("service_type", "direct_pay"),
        ("interface_version", "V3.0"),
        ("input_charset", "UTF-8"),
        ("notify_url", NOTIFY_URL),
        ("return_url", RETURN_URL),
        ("order_no", number),
        ("order_time", "2024-01-01 12:00:00"),
        ("order_amount", "0.01"),
        ("product_name", "book"),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields.retain(|(_, value)| !value.is_empty());
    fields
}

/// The money that a reading is evidence of.
pub fn money(reading: &Reading) -> Vec<Money> {
    let claims = reading.evidence.iter().map(|evidence| &evidence.claim);
    let paid = claims.filter_map(|claim| match claim {
        Claim::Payment { amount, .. } => Some(*amount),
        _ => None,
    });
    paid.collect()
}

impl Till {
    pub fn new() -> Till {
        Till::with(settings(merchant()), Charset::Utf8)
    }

    /// The account signs with the shared key, in this charset.
    pub fn with(settings: SandboxSettings, charset: Charset) -> Till {
        Till {
            desk: Desk::with(settings),
            account: account(Keys::Md5(vec![lasting(KEY)]), charset),
            charset,
        }
    }

    /// Each side has a pair: RSA-S.
    pub fn with_pair() -> Till {
        let private = PrivateKey::read(&material("platform_private_key").into()).unwrap();
        let keys = Keys::Rsa {
            private: material("merchant_private_key").into(),
            gateway: vec![lasting(&material("platform_public_key"))],
        };
        let merchant = Merchant {
            key: dinpay::Key::RsaS {
                gateway: private,
                merchant: PublicKey::read(&material("merchant_public_key")).unwrap(),
            },
            ..merchant()
        };
        Till {
            desk: Desk::with(settings(merchant)),
            account: account(keys, Charset::Utf8),
            charset: Charset::Utf8,
        }
    }

    /// The browser posts the form that the merchant's side makes of this order.
    pub fn send(&mut self, order: &Order) -> Reply {
        let call = CheckoutCall {
            notify_url: NOTIFY_URL.into(),
            return_url: RETURN_URL.into(),
            client_ip: None,
            token: None,
            via_get: false,
            now: self.desk.now,
        };
        let CheckoutStart::Ready(Checkout::Form { url, fields, .. }) =
            self.account.checkout(order, &call).unwrap()
        else {
            panic!("no form")
        };
        let mut params = Params::new();
        for (name, value) in &fields {
            let bytes = self.charset.encode(value).unwrap();
            params.push(name, &bytes).unwrap();
        }
        let path = url.strip_prefix("http://sandbox.test").unwrap();
        let (path, query) = path.split_once('?').unwrap();
        self.desk.post(path, query, &params.to_wire())
    }

    /// The path of the cashier that this order's form leads to.
    pub fn cashier(&mut self, number: &str) -> String {
        let reply = self.send(&order(number));
        assert_eq!(reply.status, 303, "{}", text(&reply));
        let to = reply.header("location").unwrap();
        to.strip_prefix("http://sandbox.test").unwrap().to_owned()
    }

    /// The success page that paying at the cashier leads to.
    pub fn paid(&mut self, number: &str) -> String {
        let cashier = self.cashier(number);
        let reply = self.desk.post(&cashier, "", "action=pay");
        assert_eq!(reply.status, 303, "{}", text(&reply));
        reply.header("location").unwrap().to_owned()
    }

    /// Takes the one notify that is due and answers it.
    pub fn answer(&mut self, status: u16, body: &str) -> Outgoing {
        self.desk.answer(status, body)
    }

    pub fn read_notify(&self, request: &Request) -> Reading {
        self.account.read_notify(&request.body, self.desk.now)
    }

    pub fn read_return(&self, request: &Request) -> Reading {
        self.account.read_return(&request.body, self.desk.now)
    }

    /// Asks as the merchant's side does, and gives the answer as it came.
    pub fn ask(&mut self, number: &str) -> Reply {
        let request = self.account.query(number, self.desk.now).unwrap();
        let path = request.url.strip_prefix("http://sandbox.test").unwrap();
        let body = String::from_utf8(request.body).unwrap();
        self.desk.post(path, "", &body)
    }

    /// The same, as the merchant's side reads it.
    pub fn asked(&mut self, number: &str) -> Answered {
        let reply = self.ask(number);
        self.account.read_query(number, &reply)
    }
}
