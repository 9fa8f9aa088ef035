//! Alipay's own words: how the node is told of an account, what browsers bring to the cashier, what notifies say.

use super::contract::Contract;
use super::rogue::{Forgery, Told, beijing, fields};
use super::signing::{Side, gateway_pair};
use quittance_core::Lang;
use quittance_core::charset::Charset;
use quittance_core::gateway::RefundWay;
use quittance_core::gateway::alipay::gateway_side::Key;
use quittance_core::gateway::alipay::{Account, Extras, Keys, Settings, StatementService};
use quittance_core::http::Method;
use quittance_core::params::Params;
use quittance_sandbox::{Inbound, Merchant};
use secrecy::SecretString;
use serde_json::Value;

/// The word that acks.
pub const ACK: &str = "success";
/// A seller who is none of the world's.
pub const OTHER_PAYEE: &str = "2088999999999999";
/// Where buyers and questions go.
pub const PATH: &str = "/gateway.do";

/// What is agreed upon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// Whether its product is the advanced one; the basic one's payments are final at once.
    pub advanced: bool,
    /// Who makes the gateway pay back, where that can be asked for.
    pub refunds: Option<RefundWay>,
    /// The service by which its statements are read, where they are.
    pub statement: Option<StatementService>,
}

/// The merchant as the gateway knows it.
pub fn merchant(contract: &Contract, terms: Terms) -> Merchant {
    let key = match contract.pairs {
        true => {
            let (gateway, merchant) = gateway_pair();
            Key::Rsa { gateway, merchant }
        }
        false => SecretString::from(contract.key).into(),
    };
    Merchant {
        partner: contract.partner.to_owned(),
        key,
        email: format!("{}@example.com", contract.account),
        advanced: terms.advanced,
    }
}

/// The account as the node has it.
pub fn account(contract: &Contract, terms: Terms, keys: Keys) -> Account {
    let account = Account::new(Settings {
        partner: contract.partner.to_owned(),
        keys,
        charset: Charset::Utf8,
        seller: None,
        show_url: None,
        refunds: terms.refunds,
        gateway_url: format!("http://gateway.test{PATH}"),
    })
    .expect("the world's settings are right");
    let extras = Extras {
        statement: terms.statement,
        ..Extras::default()
    };
    account
        .with_extras(extras)
        .expect("nothing is asked for besides")
}

/// A browser goes to an address.
pub fn cashier(said: &Value) -> Option<Inbound> {
    let url = url::Url::parse(said["url"].as_str()?).ok()?;
    Some(visit(&url))
}

/// What a browser brings that goes to this address of the gateway.
pub fn visit(url: &url::Url) -> Inbound {
    Inbound {
        method: Method::Get,
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().as_bytes().to_vec(),
        body: Vec::new(),
        lang: Lang::En,
    }
}

/// A payment that another program of the merchant asks for.
pub fn from_elsewhere(contract: &Contract, order_no: &str, amount: &str) -> Option<Inbound> {
    let notify = format!("http://pay.test/notify/{}", contract.account);
    let asked = fields([
        ("service", "create_direct_pay_by_user"),
        ("partner", contract.partner),
        ("_input_charset", "utf-8"),
        ("notify_url", &notify),
        ("out_trade_no", order_no),
        ("subject", "a thing of another program"),
        ("payment_type", "1"),
        ("seller_id", contract.partner),
        ("total_fee", amount),
    ])?;
    Some(Inbound {
        method: Method::Get,
        path: PATH.to_owned(),
        query: contract.signed(Side::Merchant, asked),
        body: Vec::new(),
        lang: Lang::En,
    })
}

/// A notify that tells of money for this seller.
pub fn notify(told: &Told<'_>, payee: &str) -> Option<Params> {
    let now = beijing(told.at);
    fields([
        ("buyer_id", "2088000000000101"),
        ("gmt_payment", &now),
        ("notify_id", told.notify_id),
        ("notify_time", &now),
        ("notify_type", "trade_status_sync"),
        ("out_trade_no", told.order_no),
        ("payment_type", "1"),
        ("seller_id", payee),
        ("subject", "something"),
        ("total_fee", told.amount),
        ("trade_no", told.trade_no),
        ("trade_status", "TRADE_SUCCESS"),
    ])
}

/// One cent was paid for something whose title the buyer chose; the same string, cut so that it tells the whole amount
/// (SEC-001).
pub fn cut_anew(contract: &Contract, forgery: &Forgery) -> Option<Params> {
    let trade_no = forgery.long_trade_no(1);
    let tail = format!("x&total_fee=0.01&trade_no={trade_no}&trade_status=TRADE_SUCCESS");
    fields([
        ("buyer_id", "2088000000000101"),
        ("notify_id", &forgery.notify_id),
        ("notify_time", &beijing(forgery.at)),
        ("notify_type", "trade_status_sync"),
        ("out_trade_no", &forgery.order_no),
        ("payment_type", "1"),
        ("seller_id", contract.partner),
        ("subject", "a cent"),
        ("total_fee", &forgery.amount),
        ("trade_no", &trade_no),
        ("trade_status", "TRADE_SUCCESS"),
        ("tz", &tail),
    ])
}

/// As before, but the buyer's text is a field of its own, which then stands there twice: once with the whole amount,
/// once with the cent. Sorted by name, the string is the one that the gateway signed (SEC-075).
pub fn named_twice(contract: &Contract, forgery: &Forgery) -> Option<Vec<u8>> {
    let time = beijing(forgery.at);
    let trade_no = forgery.long_trade_no(2);
    let before = [
        ("buyer_id", "2088000000000101"),
        ("notify_id", &forgery.notify_id),
        ("notify_time", &time),
        ("notify_type", "trade_status_sync"),
        ("out_trade_no", &forgery.order_no),
        ("payment_type", "1"),
        ("seller_id", contract.partner),
    ];
    let after = [
        ("total_fee", "0.01"),
        ("trade_no", trade_no.as_str()),
        ("trade_status", "TRADE_SUCCESS"),
    ];
    let title = format!("S&total_fee={}", forgery.amount);
    let of_gateway = fields(
        before
            .into_iter()
            .chain([("subject", title.as_str())])
            .chain(after),
    )?;
    let (sign, kind) = contract.signature(Side::Gateway, &of_gateway);
    let forged = before
        .into_iter()
        .chain([("subject", "S"), ("total_fee", forgery.amount.as_str())])
        .chain(after)
        .chain([("sign", sign.as_str()), ("sign_type", kind)]);
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    Some(body.extend_pairs(forged).finish().into_bytes())
}
