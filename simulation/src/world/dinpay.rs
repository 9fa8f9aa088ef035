//! Dinpay's own words: how the node is told of an account, what browsers bring to the cashier, what notifies say. It
//! takes money for as long as somebody pays, closes nothing, pays nothing back by request, and answers questions for
//! twelve hours.

use super::contract::Contract;
use super::rogue::{Forgery, Told, beijing, fields};
use super::signing::{Side, gateway_pair};
use quittance_core::Lang;
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::gateway_side::{Habits, Key, Merchant};
use quittance_core::gateway::dinpay::{Account, Keys, Settings};
use quittance_core::http::Method;
use quittance_core::params::Params;
use quittance_sandbox::Inbound;
use secrecy::SecretString;
use serde_json::Value;
use std::collections::BTreeSet;

/// The word that acks.
pub const ACK: &str = "SUCCESS";
/// A merchant who is none of the world's.
pub const OTHER_PAYEE: &str = "1999999999";
/// So long after the time that an order was sent with the gateway answers questions about it, in seconds.
pub const WINDOW_SECS: i64 = 12 * 3_600;
/// Where buyers go.
const PAY_PATH: &str = "/dinpay/gateway";
/// Where questions go.
pub const QUERY_PATH: &str = "/dinpay/query";

/// The merchant as the gateway knows it.
pub fn merchant(contract: &Contract) -> Merchant {
    let key = match contract.pairs {
        true => {
            let (gateway, merchant) = gateway_pair();
            Key::RsaS { gateway, merchant }
        }
        false => Key::Md5(SecretString::from(contract.key)),
    };
    Merchant {
        merchant_code: contract.partner.to_owned(),
        key,
        without: BTreeSet::new(),
        habits: Habits::default(),
    }
}

/// The account as the node has it.
pub fn account(contract: &Contract, keys: Keys) -> Account {
    Account::new(Settings {
        merchant_code: contract.partner.to_owned(),
        keys,
        charset: Charset::Utf8,
        show_url: None,
        gateway_url: format!("http://gateway.test{PAY_PATH}"),
        query_url: format!("http://gateway.test{QUERY_PATH}"),
    })
    .expect("the world's settings are right")
}

/// A browser posts a form.
pub fn cashier(said: &Value) -> Option<Inbound> {
    let url = url::Url::parse(said["url"].as_str()?).ok()?;
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    for field in said["fields"].as_array()? {
        body.append_pair(field[0].as_str()?, field[1].as_str()?);
    }
    Some(Inbound {
        method: Method::Post,
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().as_bytes().to_vec(),
        body: body.finish().into_bytes(),
        lang: Lang::En,
    })
}

/// A payment that another program of the merchant asks for.
pub fn from_elsewhere(
    contract: &Contract,
    order_no: &str,
    amount: &str,
    now: jiff::Timestamp,
) -> Option<Inbound> {
    let notify = format!("http://pay.test/notify/{}", contract.account);
    let asked = fields([
        ("merchant_code", contract.partner),
        ("service_type", "direct_pay"),
        ("interface_version", "V3.0"),
        ("input_charset", "UTF-8"),
        ("notify_url", &notify),
        ("order_no", order_no),
        ("order_time", &beijing(now)),
        ("order_amount", amount),
        ("product_name", "a thing of another program"),
    ])?;
    Some(Inbound {
        method: Method::Post,
        path: PAY_PATH.to_owned(),
        query: b"input_charset=UTF-8".to_vec(),
        body: contract.signed(Side::Merchant, asked),
        lang: Lang::En,
    })
}

/// A notify that tells of money for this merchant.
pub fn notify(told: &Told<'_>, payee: &str) -> Option<Params> {
    let now = beijing(told.at);
    fields([
        ("merchant_code", payee),
        ("notify_type", "offline_notify"),
        ("notify_id", told.notify_id),
        ("interface_version", "V3.0"),
        ("order_no", told.order_no),
        ("order_time", &now),
        ("order_amount", told.amount),
        ("trade_no", told.trade_no),
        ("trade_time", &now),
        ("trade_status", "SUCCESS"),
    ])
}

/// One cent was paid for something whose echo the buyer chose; the same string, cut so that it tells the whole amount
/// (SEC-001): the echo stands first, and ends where what was signed behind it begins.
pub fn cut_anew(contract: &Contract, forgery: &Forgery) -> Option<Params> {
    let (now, trade_no) = (beijing(forgery.at), forgery.short_trade_no());
    let notify_id = forgery.notify_id.as_str();
    let tail = format!(
        "{now}&interface_version=V3.0&merchant_code={}&notify_id={notify_id}&notify_type=offline_notify\
         &order_amount=0.01&order_no=CENT&order_time={now}&trade_no={trade_no}&trade_status=SUCCESS&trade_time={now}",
        contract.partner
    );
    fields([
        ("extra_return_param", "x"),
        ("interface_version", "V3.0"),
        ("merchant_code", contract.partner),
        ("notify_id", notify_id),
        ("notify_type", "offline_notify"),
        ("order_amount", &forgery.amount),
        ("order_no", &forgery.order_no),
        ("order_time", &now),
        ("trade_no", &trade_no),
        ("trade_status", "SUCCESS"),
        ("trade_time", &tail),
    ])
}

/// When the order was sent, as a request to the cashier says, and whose it is. `None` for a request of another kind.
pub fn ordered(request: &Inbound) -> Option<(String, String, jiff::Timestamp)> {
    if request.path != PAY_PATH {
        return None;
    }
    let value = |name: &str| {
        let found = url::form_urlencoded::parse(&request.body).find(|(found, _)| found == name);
        found.map(|(_, value)| value.into_owned())
    };
    let time = value("order_time")?.replace(' ', "T") + "+08:00";
    Some((
        value("merchant_code")?,
        value("order_no")?,
        time.parse().ok()?,
    ))
}
