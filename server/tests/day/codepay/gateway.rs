//! CodePay as these tests have it: orders at a terminal or on a page. What is on the wire is made by core's `gateway_side`,
//! which is held to the signed examples of the protocol note.

use quittance_core::flat::Flat;
use quittance_core::gateway::codepay::gateway_side::{
    self, Call, Code, Merchant, NOT_EXIST, NOT_PENDING, Number, Page, Push, REPEATED, Status,
    Transaction,
};
use quittance_core::gateway::codepay::{Account, Settings};
use quittance_core::gateway::{Gateway as _, keys};
use quittance_core::http::{Reply, Request};
use quittance_core::settings::Policy;
use quittance_core::sign::PublicKey;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::{Currency, Money, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;

pub const HOST: &str = "codepay.test";
pub const TERMINAL: &str = "TESTSN0000000001";
const APP: &str = "wzTESTAPP00000001";
const MERCHANT: &str = "300000000001";
const PSN: &str = "1";

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

/// What goes wrong at the next calls of a method.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is done, and its answer is lost.
    Unheard,
    /// It is done, and its answer is not signed.
    Unsigned,
    /// It is not done: this code is the answer.
    Refused(Code),
    /// The buyer pays just before it is worked on.
    PaidBefore,
}

/// The gateway.
pub struct Gateway {
    merchant: Merchant,
    orders: Mutex<BTreeMap<String, Transaction>>,
    /// By method.
    pub trouble: Mutex<BTreeMap<&'static str, Trouble>>,
}

impl Gateway {
    pub fn new() -> Gateway {
        let public = PublicKey::read(material("merchant_public_key").expose_secret());
        Gateway {
            merchant: Merchant {
                app_id: APP.into(),
                merchant_no: MERCHANT.into(),
                gateway_key: PrivateKey::read(&material("gateway_private_key")).unwrap(),
                merchant_key: public.and_then(PublicKey::for_rsa2).unwrap(),
            },
            orders: Mutex::default(),
            trouble: Mutex::default(),
        }
    }

    /// The method of a call.
    pub fn method(request: &Request) -> String {
        let message = Flat::parse(&request.body).unwrap();
        message.get("method").unwrap().to_owned()
    }

    /// What the gateway answers.
    pub fn answers(&self, request: &Request, now: Timestamp) -> Reply {
        let known = |app_id: &str| (app_id == APP).then_some(&self.merchant);
        let call = match gateway_side::read_call(&request.body, now, &known) {
            Ok(asked) => asked.call,
            Err((code, merchant)) => return gateway_side::error_reply(merchant, PSN, code),
        };
        let method = Gateway::method(request);
        let trouble = self.trouble.lock().unwrap().get(&*method).copied();
        if let Some(Trouble::Refused(code)) = trouble {
            return self.refusal(code);
        }
        if let (Some(Trouble::PaidBefore), Call::Close { order_no } | Call::Revoke { order_no }) =
            (trouble, &call)
        {
            self.pays(order_no);
        }
        let reply = self.worked_on(call);
        match trouble {
            Some(Trouble::Unheard) => Reply::new(504, ""),
            Some(Trouble::Unsigned) => {
                let message = Flat::parse(&reply.body).unwrap();
                let unsigned = message.iter().filter(|(name, _)| *name != "sign");
                Reply::new(200, unsigned.collect::<Flat>().to_json())
            }
            _ => reply,
        }
    }

    fn worked_on(&self, call: Call) -> Reply {
        let merchant = &self.merchant;
        let mut orders = self.orders.lock().unwrap();
        match call {
            Call::Push(Push { shared, .. }) | Call::Page(Page { shared, .. })
                if orders
                    .get(&shared.order_no)
                    .is_some_and(|held| held.status != Status::Created) =>
            {
                self.refusal(REPEATED)
            }
            Call::Push(Push {
                shared, terminal, ..
            }) => {
                let held = made(&shared.order_no, shared.amount, Some(terminal));
                let held = orders.entry(shared.order_no).or_insert(held);
                let numbers = ("7000000001", held.trade_no.as_str());
                gateway_side::pushed_reply(merchant, PSN, numbers, true, held.amount)
            }
            Call::Page(Page { shared, .. }) => {
                let url = format!("http://{HOST}/page/{}", shared.order_no);
                let held = made(&shared.order_no, shared.amount, None);
                let held = orders.entry(shared.order_no).or_insert(held);
                gateway_side::page_reply(merchant, PSN, &held.trade_no, &url)
            }
            Call::Query(Number::Order(order_no)) => match orders.get(&order_no) {
                Some(held) => gateway_side::transaction_reply(merchant, PSN, held),
                None => self.refusal(NOT_EXIST),
            },
            Call::Close { order_no } => match orders.get_mut(&order_no) {
                Some(held) if held.status == Status::Created => {
                    held.status = Status::Failed;
                    gateway_side::done_reply(merchant, PSN)
                }
                _ => self.refusal(NOT_PENDING),
            },
            Call::Revoke { order_no } => match orders.get_mut(&order_no) {
                Some(held) => {
                    held.status = match held.status {
                        Status::Succeeded => Status::Undone,
                        _ => Status::Failed,
                    };
                    gateway_side::done_reply(merchant, PSN)
                }
                None => self.refusal(NOT_EXIST),
            },
            Call::Query(Number::Trade(_)) | Call::Refund(_) | Call::RefundQuery(_) => {
                panic!("not asked for in these tests")
            }
        }
    }

    fn refusal(&self, code: Code) -> Reply {
        gateway_side::error_reply(Some(&self.merchant), PSN, code)
    }

    /// A till of the shop's sold this at its own terminal, and it is paid.
    pub fn sold_by_till(&self, number: &str, amount: &str) {
        let amount = Money::parse(amount, Currency::parse("USD").unwrap()).unwrap();
        let held = made(number, amount, Some(TERMINAL.into()));
        self.orders.lock().unwrap().insert(number.to_owned(), held);
        self.pays(number);
    }

    /// The buyer pays.
    pub fn pays(&self, number: &str) {
        self.turn(number, Status::Succeeded, None);
    }

    /// Somebody presses cancel at the terminal.
    pub fn canceled(&self, number: &str) {
        let text = "Operator cancellation[[K026]Manual cancelation by operator]";
        self.turn(number, Status::Failed, Some(("110".into(), text.into())));
    }

    fn turn(&self, number: &str, status: Status, error: Option<(String, String)>) {
        let mut orders = self.orders.lock().unwrap();
        let held = orders.get_mut(number).unwrap();
        (held.status, held.error) = (status, error);
    }

    /// The notification of an order as it stands, signed.
    pub fn notify(&self, number: &str, now: Timestamp) -> Vec<u8> {
        let held = &self.orders.lock().unwrap()[number];
        gateway_side::notify(&self.merchant, held, now, "1")
    }
}

fn made(order_no: &str, amount: Money, terminal: Option<String>) -> Transaction {
    let digits = order_no.bytes().map(|byte| format!("{byte:03}"));
    Transaction {
        trade_no: format!("5123{}", digits.collect::<String>()),
        order_no: order_no.to_owned(),
        of: None,
        status: Status::Created,
        amount,
        store_no: None,
        terminal,
        attach: None,
        ended_at: None,
        card: None,
        error: None,
    }
}
