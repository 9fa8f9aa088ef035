//! A signed payment request, brought to the gateway as a browser does (seed 001 4.2, 5.1).

use super::check::Check;
use super::gateway::{ANSWER_LIMIT, call, number, refused};
use super::report::Finding;
use super::{Case, Line};
use crate::setup::AccountSetup;
use quittance_core::Money;
use quittance_core::charset::Charset;
use quittance_core::facts::Proof;
use quittance_core::gateway::cashier::Cashier;
use quittance_core::gateway::{Checkout, CheckoutStart, FORM};
use quittance_core::http::{Reply, Request};
use quittance_core::money::Currency;
use quittance_core::order::{GatewayOptions, Order, OrderKey};
use quittance_core::params::Params;

/// Brings a signed request for 0.01 to the gateway as a browser does, and reads the page. No trade is made before a
/// buyer logs in.
pub(super) async fn pay_request(
    line: &Line<'_>,
    case: &Case<'_>,
    account: &AccountSetup,
    token: Option<String>,
) -> Finding {
    let gateway = account.account.gateway();
    if let Err(error) = gateway.read_cashier(&Reply::new(200, "")) {
        return Finding::not_done(Check::PayRequest, &error);
    }
    let mut call = call(line, case, account, token);
    let order = order(line, account);
    let start = gateway.checkout(&order, &call).or_else(|_| {
        // Some gateways take the request by a form only.
        call.via_get = false;
        gateway.checkout(&order, &call)
    });
    let request = match start {
        Ok(CheckoutStart::Ready(checkout)) => browser(checkout),
        Ok(CheckoutStart::Call { .. }) => None,
        Err(refusal) => return Finding::not_done(Check::PayRequest, &refusal),
    };
    let Some(request) = request else {
        let why = ("no browser brings requests to it", "付款请求不经浏览器提交");
        return Finding::skip(Check::PayRequest, why);
    };
    let page = match line.transport.send(request, ANSWER_LIMIT).await {
        Ok(reply) => gateway.read_cashier(&reply),
        Err(error) => Ok(Cashier::Unclear(error.to_string())),
    };
    match page {
        Ok(Cashier::Reached) => Finding::pass(
            Check::PayRequest,
            (
                "a signed request for 0.01 led to the cashier, not to an error page",
                "0.01 元的签名请求到达了收银台，没有错误页",
            ),
        ),
        Ok(Cashier::Refused(code)) => refused(Check::PayRequest, account, &code),
        Ok(Cashier::Unclear(said)) => refused(Check::PayRequest, account, &said),
        Err(error) => Finding::not_done(Check::PayRequest, &error),
    }
}

/// An order that is never journaled: its title holds Chinese text where the account can send it.
fn order(line: &Line<'_>, account: &AccountSetup) -> Order {
    let gateway = account.account.gateway();
    let currency = gateway.traits().currency.unwrap_or(Currency::CNY);
    let mut order = Order {
        key: OrderKey::new(account.name.as_str(), number(line)),
        amount: Money::new(1, currency),
        subject: "收讫 Quittance doctor".to_owned(),
        body: None,
        extra: None,
        method: None,
        bank: None,
        show_url: None,
        return_to: None,
        terminal: None,
        gateway_options: GatewayOptions::new(),
        expires_in_secs: None,
        token: line.clock.token(),
        require: Proof::Signed,
    };
    if gateway.admit(&order).is_err() {
        order.subject = "Quittance doctor".to_owned();
    }
    order
}

/// What a browser sends for a checkout.
fn browser(checkout: Checkout) -> Option<Request> {
    match checkout {
        Checkout::Redirect { url } => Some(Request::get(url)),
        Checkout::Form {
            url,
            charset,
            fields,
            ..
        } => {
            let charset = Charset::from_label(&charset)?;
            let mut params = Params::new();
            for (name, value) in &fields {
                params.push(name, &charset.encode(value).ok()?).ok()?;
            }
            Some(Request::post(url, FORM, params.to_wire().into_bytes()))
        }
        Checkout::Terminal { .. } => None,
    }
}
