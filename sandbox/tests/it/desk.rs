//! A merchant at its desk: signs requests, reads what comes back, moves the clock by hand.

use quittance_core::http::{Method, Reply};
use quittance_core::params::Params;
use quittance_core::sign;
use quittance_core::{Lang, Timestamp};
use quittance_sandbox::{Answer, Inbound, Merchant, Outgoing, Sandbox, SandboxSettings, TradeView};
use secrecy::SecretString;

pub const PARTNER: &str = "2088000000000001";
pub const BASIC: &str = "2088000000000002";
pub const KEY: &str = "0123456789abcdefghijklmnopqrstuv";
pub const NOTIFY_URL: &str = "http://shop.example.com/alipay/notify_url";
pub const RETURN_URL: &str = "http://shop.example.com/alipay/return_url";

/// A sandbox with an advanced and a basic merchant, and the time.
pub struct Desk {
    pub sandbox: Sandbox,
    pub now: Timestamp,
}

/// Settings with both merchants.
pub fn settings() -> SandboxSettings {
    let merchant = |partner: &str, advanced| Merchant {
        partner: partner.into(),
        key: SecretString::from(KEY).into(),
        email: "seller@example.com".into(),
        advanced,
    };
    SandboxSettings::new(
        vec![merchant(PARTNER, true), merchant(BASIC, false)],
        "http://sandbox.test/",
    )
}

/// Fields as a signed query string.
pub fn signed(fields: &[(&str, &str)]) -> String {
    let mut params = Params::new();
    for (name, value) in fields {
        params.push(name, value.as_bytes()).unwrap();
    }
    let sign = sign::md5_sign(&sign::presign(&params), &SecretString::from(KEY));
    params.push("sign", sign.as_bytes()).unwrap();
    params.push("sign_type", b"MD5").unwrap();
    params.to_wire()
}

/// The fields of a payment request, with some replaced or, where the value is empty, left out.
pub fn payment<'a>(order: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("service", "create_direct_pay_by_user"),
        ("partner", PARTNER),
        ("seller_email", "seller@example.com"),
        ("_input_charset", "utf-8"),
        ("payment_type", "1"),
        ("out_trade_no", order),
        ("subject", "测试商品"),
        ("total_fee", "0.01"),
        ("notify_url", NOTIFY_URL),
        ("return_url", RETURN_URL),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields.retain(|(_, value)| !value.is_empty());
    fields
}

/// The value of one field of a form or query string, as text.
pub fn field(wire: &[u8], name: &str) -> String {
    let params = Params::parse(wire).unwrap();
    String::from_utf8(params.get(name).unwrap_or_default().to_vec()).unwrap()
}

/// Whether a callback carries the right signature.
pub fn genuine(wire: &[u8]) -> bool {
    let params = Params::parse(wire).unwrap();
    let sign = params.get("sign").unwrap_or_default();
    sign::md5_verify(&sign::presign(&params), &SecretString::from(KEY), sign)
}

pub fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

impl Desk {
    pub fn new() -> Desk {
        Desk::with(settings())
    }

    pub fn with(settings: SandboxSettings) -> Desk {
        Desk {
            sandbox: Sandbox::new(settings),
            now: "2024-01-01T04:00:00Z".parse().unwrap(),
        }
    }

    pub fn wait(&mut self, millis: i64) {
        self.now = self
            .now
            .checked_add(jiff::SignedDuration::from_millis(millis))
            .unwrap();
    }

    pub fn get(&mut self, path: &str, query: &str) -> Reply {
        self.ask(path, query).reply
    }

    /// The same, with how long the reply is held back.
    pub fn ask(&mut self, path: &str, query: &str) -> Answer {
        let request = Inbound {
            method: Method::Get,
            path: path.into(),
            query: query.into(),
            body: b"ignored=1".to_vec(),
            lang: Lang::En,
        };
        self.sandbox.handle(self.now, &request)
    }

    pub fn post(&mut self, path: &str, query: &str, body: &str) -> Reply {
        let request = Inbound {
            method: Method::Post,
            path: path.into(),
            query: query.into(),
            body: body.into(),
            lang: Lang::En,
        };
        self.sandbox.handle(self.now, &request).reply
    }

    pub fn checkout(&mut self, order: &str, changes: &[(&str, &str)]) -> Reply {
        self.get("/gateway.do", &signed(&payment(order, changes)))
    }

    /// The path of the cashier page that a checkout leads to.
    pub fn cashier(&mut self, order: &str) -> String {
        let reply = self.checkout(order, &[]);
        assert_eq!(reply.status, 303, "{}", text(&reply));
        reply
            .header("location")
            .unwrap()
            .strip_prefix("http://sandbox.test")
            .unwrap()
            .to_owned()
    }

    /// Asks and pays; gives the address of the return.
    pub fn paid(&mut self, order: &str) -> String {
        self.cashier(order);
        self.sandbox.buyer_pays(self.now, PARTNER, order).unwrap()
    }

    pub fn call(&mut self, service: &str, fields: &[(&str, &str)]) -> String {
        let mut all = vec![
            ("service", service),
            ("partner", PARTNER),
            ("_input_charset", "utf-8"),
        ];
        all.extend_from_slice(fields);
        text(&self.get("/gateway.do", &signed(&all)))
    }

    pub fn query(&mut self, order: &str) -> String {
        self.call("single_trade_query", &[("out_trade_no", order)])
    }

    pub fn verify(&mut self, partner: &str, notify_id: &str) -> String {
        let query = format!("service=notify_verify&partner={partner}&notify_id={notify_id}");
        text(&self.get("/gateway.do", &query))
    }

    pub fn due(&mut self) -> Vec<Outgoing> {
        self.sandbox.take_due(self.now)
    }

    /// Takes the one notify that is due and answers it.
    pub fn answer(&mut self, status: u16, body: &str) -> Outgoing {
        let mut due = self.due();
        assert_eq!(due.len(), 1);
        let outgoing = due.remove(0);
        self.sandbox
            .settle(self.now, outgoing.id, Ok(Reply::new(status, body)));
        outgoing
    }

    pub fn trade(&self, order: &str) -> TradeView {
        self.sandbox
            .trades()
            .into_iter()
            .find(|trade| trade.out_trade_no == order)
            .unwrap()
    }
}
