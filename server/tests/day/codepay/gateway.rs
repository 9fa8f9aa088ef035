//! CodePay as these tests have it: orders at a terminal or on a page. What is on the wire is made by core's `gateway_side`,
//! which is held to the signed examples of the protocol note.

use quittance_core::flat::Flat;
use quittance_core::gateway::codepay::gateway_side::{
    self, App, Call, Ending, Merchant, Named, Place, Refusal, Sale, Status, Trade, TransType, Who,
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
#[derive(Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It is done, and its answer is lost.
    Unheard,
    /// It is done, and its answer is not signed.
    Unsigned,
    /// It is not done: this code is the answer.
    Refused(Refusal),
    /// The buyer pays just before it is worked on.
    PaidBefore,
}

/// The gateway.
pub struct Gateway {
    app: App,
    orders: Mutex<BTreeMap<String, Trade>>,
    /// By method.
    pub trouble: Mutex<BTreeMap<&'static str, Trouble>>,
}

impl Gateway {
    pub fn new() -> Gateway {
        let public = PublicKey::read(material("merchant_public_key").expose_secret());
        Gateway {
            app: App {
                app_id: APP.into(),
                gateway: PrivateKey::read(&material("gateway_private_key")).unwrap(),
                merchant: public.unwrap(),
                merchants: vec![Merchant {
                    merchant_no: MERCHANT.into(),
                    store_no: None,
                    terminals: vec![TERMINAL.into()],
                }],
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
        let known = |app_id: &str| (app_id == APP).then(|| self.app.clone());
        let call = match gateway_side::read_call(&request.body, now, &known) {
            Ok(call) => call,
            Err(refused) => return self.refusal(&refused.refusal),
        };
        let method = Gateway::method(request);
        let trouble = self.trouble.lock().unwrap().get(&*method).cloned();
        if let Some(Trouble::Refused(refusal)) = &trouble {
            return self.refusal(refusal);
        }
        if let (
            Some(Trouble::PaidBefore),
            Call::Close { order_no, .. } | Call::Revoke { order_no, .. },
        ) = (&trouble, &call)
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
        let app = &self.app;
        let mut orders = self.orders.lock().unwrap();
        match call {
            Call::Sale(sale) => {
                let held = orders.entry(sale.order_no.clone());
                let held = held.or_insert_with(|| made(&sale));
                if held.status != Status::Created {
                    return self.refusal(&Refusal::repeated());
                }
                match sale.place {
                    Place::Terminal(_) => {
                        gateway_side::pushed_reply(app, PSN, "7000000001", held, true)
                    }
                    Place::Page { .. } => {
                        let url = format!("http://{HOST}/page/{}", sale.order_no);
                        gateway_side::checkout_reply(app, PSN, &url)
                    }
                }
            }
            Call::Query {
                named: Named::OrderNo(order_no),
                ..
            } => match orders.get(&order_no) {
                Some(held) => gateway_side::query_reply(app, PSN, held),
                None => self.refusal(&Refusal::order_no()),
            },
            Call::Close { order_no, .. } => match orders.get_mut(&order_no) {
                Some(held) if held.status == Status::Created => {
                    held.status = Status::Failed;
                    gateway_side::close_reply(app, PSN, "7000000002", &held.trans_no)
                }
                _ => self.refusal(&Refusal::not_waiting()),
            },
            Call::Revoke { order_no, .. } => match orders.get_mut(&order_no) {
                Some(held) => {
                    held.status = match held.status {
                        Status::Succeeded => Status::Undone,
                        _ => Status::Failed,
                    };
                    gateway_side::revoke_reply(app, PSN)
                }
                None => self.refusal(&Refusal::order_no()),
            },
            Call::Query { .. } | Call::PayBack(_) | Call::RefundQuery { .. } => {
                panic!("not asked for in these tests")
            }
        }
    }

    fn refusal(&self, refusal: &Refusal) -> Reply {
        gateway_side::error_reply(Some(&self.app), PSN, refusal)
    }

    /// A till of the shop's sold this at its own terminal, and it is paid.
    pub fn sold_by_till(&self, number: &str, amount: &str) {
        let amount = Money::parse(amount, Currency::parse("USD").unwrap()).unwrap();
        let held = sold(number, amount, Some(TERMINAL.into()));
        self.orders.lock().unwrap().insert(number.to_owned(), held);
        self.pays(number);
    }

    /// The buyer pays.
    pub fn pays(&self, number: &str) {
        self.turn(number, Status::Succeeded, None);
    }

    /// Somebody presses cancel at the terminal.
    pub fn canceled(&self, number: &str) {
        self.turn(number, Status::Failed, Some(Ending::Cancelled));
    }

    fn turn(&self, number: &str, status: Status, ending: Option<Ending>) {
        let mut orders = self.orders.lock().unwrap();
        let held = orders.get_mut(number).unwrap();
        (held.status, held.ending) = (status, ending);
    }

    /// The notification of an order as it stands, signed.
    pub fn notify(&self, number: &str, now: Timestamp) -> Vec<u8> {
        let held = &self.orders.lock().unwrap()[number];
        gateway_side::notify_body(&self.app, held, "1", now)
    }
}

fn made(sale: &Sale) -> Trade {
    let terminal = match &sale.place {
        Place::Terminal(push) => Some(push.terminal_sn.clone()),
        Place::Page { .. } => None,
    };
    sold(&sale.order_no, sale.total(), terminal)
}

fn sold(order_no: &str, amount: Money, terminal: Option<String>) -> Trade {
    let digits = order_no.bytes().map(|byte| format!("{byte:03}"));
    Trade {
        who: Who {
            app_id: APP.into(),
            merchant_no: MERCHANT.into(),
            store_no: None,
        },
        terminal_sn: terminal,
        order_no: order_no.to_owned(),
        trans_no: format!("5123{}", digits.collect::<String>()),
        orig_trans_no: None,
        trans_type: TransType::Sale,
        status: Status::Created,
        order_amount: amount,
        tip: Money::new(0, amount.currency),
        cashback: Money::new(0, amount.currency),
        trans_amount: amount,
        pay_scenario: None,
        payment: None,
        ended_at: None,
        ending: None,
        attach: None,
    }
}
