//! Dinpay as the tests of both binaries have it: a cashier, its notifies and returns, its answers. What is on the wire
//! is made by core's `gateway_side`, which is held to the signed examples of the protocol note.

use quittance_core::Timestamp;
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::gateway_side::{
    self, Call, DirectPay, Habits, Key, Merchant, NOT_EXIST, Trade, TradeStatus,
};
use quittance_core::gateway::dinpay::{Account, Keys, QUERY_WINDOW, Settings};
use quittance_core::gateway::{Gateway as _, keys};
use quittance_core::http::{Reply, Request};
use quittance_core::params::Params;
use quittance_core::settings::Policy;
use quittance_core::sign::PublicKey;
use quittance_core::sign::rsa::PrivateKey;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;

pub const MERCHANT: &str = "1000000001";
const KEY: &str = "simkey_Vector_0001";
/// The hosts of the cashier and of the query.
pub const HOST: &str = "dinpay.test";

/// How merchant and gateway sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signs {
    Md5,
    RsaS,
}

/// The gateway.
pub struct Gateway {
    merchant: Merchant,
    trades: Mutex<BTreeMap<String, Trade>>,
}

/// A key of core's vectors.
fn material(name: &str) -> SecretString {
    let vectors = include_str!("../../../core/tests/vectors/dinpay.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    vectors[name].as_str().unwrap().into()
}

/// The merchant's account.
pub fn account(signs: Signs, charset: Charset) -> Account {
    let key = |key: SecretString| keys::Key { key, until: None };
    let keys = match signs {
        Signs::Md5 => Keys::Md5(vec![key(KEY.into())]),
        Signs::RsaS => Keys::Rsa {
            private: material("merchant_private_key"),
            gateway: vec![key(material("platform_public_key"))],
        },
    };
    Account::new(Settings {
        merchant_code: MERCHANT.into(),
        keys,
        charset,
        show_url: None,
        gateway_url: format!("http://{HOST}/gateway"),
        query_url: format!("http://{HOST}/query"),
    })
    .unwrap()
}

/// The policy that the settings make of such an account.
pub fn policy(account: &Account, gaps_secs: &[i64]) -> Policy {
    let traits = account.traits();
    Policy {
        gateway: traits.name.into(),
        payee: account.payee().into(),
        key_ids: account.key_ids(),
        wire: Some(account.wire()),
        require: traits.guide,
        require_above: None,
        gaps_secs: gaps_secs.into(),
        scan_secs: None,
        cancel_unknown_secs: None,
        late_secs: vec![3_600, 18_000, 64_800],
        close: traits.close,
        query_window_secs: traits.query_window.map(|window| window.as_secs()),
        statement: None,
    }
}

impl Gateway {
    pub fn new(signs: Signs) -> Gateway {
        let key = match signs {
            Signs::Md5 => Key::Md5(KEY.into()),
            Signs::RsaS => Key::RsaS {
                gateway: PrivateKey::read(&material("platform_private_key")).unwrap(),
                merchant: PublicKey::read(material("merchant_public_key").expose_secret()).unwrap(),
            },
        };
        Gateway {
            merchant: Merchant {
                merchant_code: MERCHANT.into(),
                key,
                without: Default::default(),
                habits: Habits::default(),
            },
            trades: Mutex::default(),
        }
    }

    /// The buyer's browser posts a form of the merchant's: from now on there is a trade.
    pub fn takes(&self, form: &Value) -> DirectPay {
        let url = url::Url::parse(form["url"].as_str().unwrap()).unwrap();
        let charset = match form["charset"].as_str().unwrap() {
            "utf-8" => Charset::Utf8,
            "gbk" => Charset::Gbk,
            other => panic!("{other}"),
        };
        let mut params = Params::new();
        for field in form["fields"].as_array().unwrap() {
            let value = charset.encode(field[1].as_str().unwrap()).unwrap();
            params.push(field[0].as_str().unwrap(), &value).unwrap();
        }
        let query = url.query().unwrap_or_default().as_bytes();
        let read = self.read(query, params.to_wire().as_bytes());
        let Call::DirectPay(request) = read else {
            panic!("no payment request: {read:?}");
        };
        let mut trades = self.trades.lock().unwrap();
        let trade = Trade {
            trade_no: format!("{}", 1_000_004_817 + trades.len()),
            trade_time: request.ordered_at,
            request: (*request).clone(),
            bank_seq_no: None,
            bank_code: None,
            status: TradeStatus::Unpay,
        };
        trades.insert(request.order_no.clone(), trade);
        *request
    }

    fn read(&self, query: &[u8], body: &[u8]) -> Call {
        let known = |code: &str| (code == MERCHANT).then(|| self.merchant.clone());
        gateway_side::read_call(query, body, &known).unwrap()
    }

    /// The buyer pays. Nobody is told by this.
    pub fn pays(&self, order_no: &str, now: Timestamp) {
        self.change(order_no, |trade| {
            trade.status = TradeStatus::Success;
            trade.trade_time = now;
        });
    }

    /// Something about a trade is another thing.
    pub fn change(&self, order_no: &str, how: impl FnOnce(&mut Trade)) {
        how(self.trades.lock().unwrap().get_mut(order_no).unwrap());
    }

    fn trade(&self, order_no: &str) -> Trade {
        self.trades.lock().unwrap()[order_no].clone()
    }

    /// The notify: the same bytes each time, with the one notify_id of the trade.
    pub fn notify(&self, order_no: &str) -> Vec<u8> {
        let trade = self.trade(order_no);
        gateway_side::notify_body(&trade, &self.merchant, &notify_id(&trade))
    }

    /// A notify signed by this gateway, as if it were of another contract.
    pub fn notify_of(&self, order_no: &str, merchant_code: &str) -> Vec<u8> {
        let other = Merchant {
            merchant_code: merchant_code.into(),
            ..self.merchant.clone()
        };
        let trade = self.trade(order_no);
        gateway_side::notify_body(&trade, &other, &notify_id(&trade))
    }

    /// What the gateway's page has the browser post to the return address.
    pub fn returned(&self, order_no: &str) -> Vec<u8> {
        let trade = self.trade(order_no);
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let fields = gateway_side::return_fields(&trade, &self.merchant, &notify_id(&trade));
        form.extend_pairs(fields);
        form.finish().into_bytes()
    }

    /// Where the gateway sends them: what the request said.
    pub fn addresses(&self, order_no: &str) -> (String, String) {
        let request = self.trade(order_no).request;
        (request.notify_url, request.return_url.unwrap())
    }

    /// Answers a question: within the window, with what is known.
    pub fn answers(&self, request: &Request, now: Timestamp) -> Reply {
        let Call::SingleTradeQuery { order_no, .. } = self.read(b"", &request.body) else {
            panic!("no question: {request:?}");
        };
        let trades = self.trades.lock().unwrap();
        let open = |trade: &&Trade| now.duration_since(trade.request.ordered_at) <= QUERY_WINDOW;
        match trades.get(&order_no).filter(open) {
            Some(trade) => gateway_side::query_reply(trade, &self.merchant),
            None => gateway_side::error_reply(NOT_EXIST),
        }
    }
}

fn notify_id(trade: &Trade) -> String {
    format!("{:0>32}", trade.trade_no)
}
