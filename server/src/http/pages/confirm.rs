//! `/pay/{token}`: the page whose form sends the buyer to the cashier.

use super::message::{Message, no_page};
use super::state::{Shows, expired};
use super::tiles::{Tile, Tiles};
use super::{DRESS, Visit, find, payee, see_other, shown, text};
use crate::app::App;
use crate::http::callbacks::form_body;
use crate::http::orders::checkout::{Unsent, begin, call_of, journal, sign, token as fetch};
use crate::http::peer;
use crate::setup::AccountSetup;
use crate::store::Snapshot;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::{Extensions, HeaderMap, Method, StatusCode};
use axum::response::Response;
use quittance_core::Lang;
use quittance_core::choice::{Choice, of_word};
use quittance_core::gateway::{Checkout, CheckoutCall, CheckoutStart, Fault};
use quittance_core::params::Params;
use serde::Deserialize;
use std::net::IpAddr;
use std::sync::Arc;

/// The code where a checkout needs the buyer's IPv4 address and has none.
const NO_ADDRESS: &str = "ILLEGAL_EXTER_INVOKE_IP";

#[derive(Template)]
#[template(path = "pay/confirm.html")]
struct Confirm<'a> {
    lang: Lang,
    switch: String,
    /// The order's page.
    here: String,
    payee: &'a str,
    amount: String,
    subject: &'a str,
    order_no: &'a str,
    url: &'a str,
    charset: &'a str,
    fields: &'a [(String, String)],
    choice: Option<(Choice, Tile)>,
    tiles: Tiles,
}

/// What the buyer has chosen, in our own links.
#[derive(Default, Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    choice: String,
}

/// Showing the page is a checkout the first time, where its form goes to the cashier; while the schedule of that one runs,
/// showing it again changes nothing, and neither does asking for its head, or another choice. Where the gateway answers
/// questions for some hours from the time in the form only, it is a checkout again some minutes later. Where the account's
/// checkouts need a token, which lives for seconds, or the gateway is called for them, the form comes to us first: see
/// [`send`].
pub(super) async fn show(
    State(app): State<Arc<App>>,
    method: Method,
    extensions: Extensions,
    headers: HeaderMap,
    token: Result<Path<String>, PathRejection>,
    chosen: Result<Query<Chosen>, QueryRejection>,
    Visit { lang }: Visit,
) -> Response {
    let token = text(token);
    let chosen = chosen.map(|Query(chosen)| chosen).unwrap_or_default();
    let Some((order, account)) = find(&app, &token).await else {
        return no_page(lang);
    };
    let here = format!("{}/pay/{token}", app.setup.folder());
    let result = format!("{here}/result");
    if Shows::settled(&order.state).is_some() || expired(&order.state, Some(app.clock.wall())) {
        return see_other(&result);
    }
    let ordered = &order.state.order;
    let choices = account.account.gateway().choices();
    let choice = of_word(choices, &chosen.choice).filter(|choice| choice.open_in(ordered));
    let call = call_of(&app, account, &order, false);
    let call = buyers(&app, account, call, &extensions, &headers);
    let Sending {
        url,
        charset,
        fields,
        leads_to,
    } = match account.account.gateway().checkout_token(&call) {
        Err(refusal) => return not_sent(Unsent::Refused(refusal), &here, lang),
        Ok(Some(request)) => Sending::through_us(&here, choice, &form_targets(&request.url)),
        Ok(None) => match sign(account, &order, choice, &call) {
            Err(refusal) => return not_sent(Unsent::Refused(refusal), &here, lang),
            Ok(CheckoutStart::Call { request, .. }) => {
                Sending::through_us(&here, choice, &form_targets(&request.url))
            }
            Ok(CheckoutStart::Ready(checkout)) => {
                let first = !running(account, &order, &call) && method != Method::HEAD;
                if first && journal(&app, &order, checkout.kind()).await.is_err() {
                    return see_other(&result);
                }
                match Sending::to_cashier(checkout) {
                    Some(sending) => sending,
                    None => return see_other(&result),
                }
            }
        },
    };
    let word = choice.map(|choice| choice.word()).unwrap_or_default();
    let page = Confirm {
        lang,
        switch: switch(choice, lang),
        here,
        payee: payee(account),
        amount: shown(ordered.amount),
        subject: &ordered.subject,
        order_no: &ordered.key.order_no,
        url: &url,
        charset: &charset,
        fields: &fields,
        choice: choice.map(|choice| (choice, Tile::of(choices, &choice))),
        tiles: Tiles::new(choices, |choice| choice.open_in(ordered), &word, None, lang),
    };
    DRESS.html(StatusCode::OK, &page, &leads_to)
}

/// Where the form of the page leads.
struct Sending {
    url: String,
    charset: String,
    fields: Vec<(String, String)>,
    /// Where it may end up, in the words of the page's policy.
    leads_to: String,
}

impl Sending {
    /// To us: the token of the checkout is fetched when the buyer goes, however long he looked at the page.
    fn through_us(here: &str, choice: Option<Choice>, leads_to: &str) -> Sending {
        let chosen = choice.map(|choice| ("choice".to_owned(), choice.word()));
        Sending {
            url: format!("{here}/checkout"),
            charset: "utf-8".to_owned(),
            fields: chosen.into_iter().collect(),
            leads_to: leads_to.to_owned(),
        }
    }

    /// To the cashier, signed already.
    fn to_cashier(checkout: Checkout) -> Option<Sending> {
        let Checkout::Form {
            url,
            charset,
            fields,
            ..
        } = checkout
        else {
            return None;
        };
        Some(Sending {
            leads_to: form_targets(&url),
            url,
            charset,
            fields,
        })
    }
}

/// The buyer chooses how to pay: the same page, with the choice in what is signed. What is not on the list is no choice.
pub(super) async fn choose(
    State(app): State<Arc<App>>,
    token: Result<Path<String>, PathRejection>,
    Visit { lang }: Visit,
    request: Request,
) -> Response {
    let token = text(token);
    let Some((_, account)) = find(&app, &token).await else {
        return no_page(lang);
    };
    let body = form_body(&app, request).await.unwrap_or_default();
    let here = format!("{}/pay/{token}", app.setup.folder());
    see_other(&match chosen_in(&body, account) {
        Some(choice) => format!("{here}?choice={}", choice.word()),
        None => here,
    })
}

fn chosen_in(body: &[u8], account: &AccountSetup) -> Option<Choice> {
    let form = Params::parse(body).ok()?;
    let word = std::str::from_utf8(form.get("choice")?).ok()?;
    of_word(account.account.gateway().choices(), word)
}

/// The buyer goes, where something has to be fetched first: the token of the account's checkouts, or where the gateway
/// wants him. He is on his way at once, by a redirect, since a form would need a script or a second button to go on; or he
/// is at a terminal already, and waits on the result page.
pub(super) async fn send(
    State(app): State<Arc<App>>,
    token: Result<Path<String>, PathRejection>,
    Visit { lang }: Visit,
    request: Request,
) -> Response {
    let token = text(token);
    let Some((order, account)) = find(&app, &token).await else {
        return no_page(lang);
    };
    let here = format!("{}/pay/{token}", app.setup.folder());
    let result = format!("{here}/result");
    if Shows::settled(&order.state).is_some() || expired(&order.state, Some(app.clock.wall())) {
        return see_other(&result);
    }
    let call = call_of(&app, account, &order, true);
    let mut call = buyers(&app, account, call, request.extensions(), request.headers());
    let client = peer::client(&app.setup, request.extensions(), request.headers());
    let body = form_body(&app, request).await.unwrap_or_default();
    let choice = chosen_in(&body, account).filter(|choice| choice.open_in(&order.state.order));
    call.token = match fetch(&app, account, &call).await {
        Ok(token) => token,
        Err(unsent) => return not_sent(unsent, &here, lang),
    };
    let start = match sign(account, &order, choice, &call) {
        Ok(start) => start,
        Err(_) => return see_other(&result),
    };
    // The settings changed since the page was shown: its form leads to the cashier now.
    let called = matches!(start, CheckoutStart::Call { .. });
    if !called && call.token.is_none() {
        return see_other(&here);
    }
    // Whoever holds the order's link makes us call the gateway: not as often as he likes.
    if called
        && app
            .pace
            .take(app.clock.mono(), &account.name, client)
            .is_err()
    {
        return slow_down(&here, lang);
    }
    // A call begins a payment each time; a form that is shown again does not.
    let begins = called || !running(account, &order, &call);
    if begins && journal(&app, &order, start.kind()).await.is_err() {
        return see_other(&result);
    }
    match begin(&app, account, &order, start).await {
        Ok(Checkout::Redirect { url }) => see_other(&url),
        Ok(Checkout::Form { .. } | Checkout::Terminal { .. }) => see_other(&result),
        Err(unsent) => not_sent(unsent, &here, lang),
    }
}

/// Whether the schedule of an earlier checkout still runs, and is good for this one too.
fn running(account: &AccountSetup, order: &Snapshot, call: &CheckoutCall) -> bool {
    order.state.checks.covers(call.now, &account.policy)
}

/// Where the gateway demands the buyer's address: on a page of ours he is whoever looks at it; what the shop said of
/// him counts where that is no IPv4 address. A live gateway is never told a local one: it is that of a proxy which the
/// settings do not name.
fn buyers(
    app: &App,
    account: &AccountSetup,
    mut call: CheckoutCall,
    extensions: &Extensions,
    headers: &HeaderMap,
) -> CheckoutCall {
    if matches!(account.account.gateway().checkout_token(&call), Ok(None)) {
        return call;
    }
    let Some(IpAddr::V4(ip)) = peer::client(&app.setup, extensions, headers) else {
        return call;
    };
    let local = ip.is_loopback() || ip.is_private() || ip.is_link_local();
    if account.live && local {
        tracing::warn!(account = account.name, %ip, "no buyer comes from a local address: name the proxy in trusted_proxies");
        return call;
    }
    call.client_ip = Some(ip.to_string());
    call
}

/// Why the buyer stays here, in his language.
fn not_sent(unsent: Unsent, here: &str, lang: Lang) -> Response {
    let (status, title, text) = match unsent {
        Unsent::Refused(refusal) => match refusal.fault {
            Fault::Code(code) if code == NO_ADDRESS => (
                StatusCode::UNPROCESSABLE_ENTITY,
                lang.pick(
                    "This payment cannot be begun over your connection.",
                    "无法通过您当前的网络发起付款。",
                ),
                match lang {
                    Lang::En => format!(
                        "The payment company asks for the IPv4 address of your connection, and it has none ({code}). \
                         Nothing was charged. Please open this page over another network, or ask the shop."
                    ),
                    Lang::Zh => format!(
                        "支付公司要求提供您的 IPv4 地址，而当前网络没有（{code}）。未扣款。请换一个网络打开本页，或联系商家。"
                    ),
                },
            ),
            Fault::Code(code) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                lang.pick("This payment cannot be begun.", "暂时无法发起付款。"),
                match lang {
                    Lang::En => format!(
                        "The payment company would not take it as the shop sends it ({code}). Nothing was charged. \
                         Please tell the shop."
                    ),
                    Lang::Zh => {
                        format!("支付公司不接受商家发送的内容（{code}）。未扣款，请联系商家。")
                    }
                },
            ),
            _ => return see_other(&format!("{here}/result")),
        },
        Unsent::Unwritten(_) => return see_other(&format!("{here}/result")),
        Unsent::NotTaken(_) => (
            StatusCode::CONFLICT,
            lang.pick("This payment cannot be begun.", "暂时无法发起付款。"),
            lang.pick(
                "The payment company would not take it. Please tell the shop.",
                "支付公司未接受本次付款，请联系商家。",
            )
            .to_owned(),
        ),
        Unsent::Unanswered(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            lang.pick(
                "The payment company does not answer.",
                "支付公司暂时没有响应。",
            ),
            lang.pick(
                "Please try again in a moment: it is the same order, and is paid once.",
                "请稍后重试：仍是同一笔订单，不会重复付款。",
            )
            .to_owned(),
        ),
        Unsent::NoToken(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            lang.pick(
                "The payment company does not answer.",
                "支付公司暂时没有响应。",
            ),
            lang.pick(
                "Nothing was charged. Please try again in a moment.",
                "未扣款，请稍后再试。",
            )
            .to_owned(),
        ),
    };
    let page = Message {
        lang,
        switch: &format!("{here}?lang={}", lang.other().word()),
        title,
        text: &text,
        link: Some((lang.pick("Try again", "重试"), here)),
    };
    DRESS.html(status, &page, "")
}

/// The buyer presses too often.
fn slow_down(here: &str, lang: Lang) -> Response {
    let page = Message {
        lang,
        switch: &format!("{here}?lang={}", lang.other().word()),
        title: lang.pick("Too many tries.", "操作过于频繁。"),
        text: lang.pick(
            "Nothing was sent this time. Please wait a minute and try again.",
            "本次未发送任何请求，请一分钟后再试。",
        ),
        link: Some((lang.pick("Try again", "重试"), here)),
    };
    DRESS.html(StatusCode::TOO_MANY_REQUESTS, &page, "")
}

/// The page in the other language, with the same choice.
fn switch(choice: Option<Choice>, lang: Lang) -> String {
    let lang = lang.other().word();
    match choice {
        Some(choice) => format!("?choice={}&lang={lang}", choice.word()),
        None => format!("?lang={lang}"),
    }
}

/// Where a form to this address may end up. Browsers hold the redirects that follow a form to its page's policy too,
/// and a gateway hands the buyer on to another host of its domain: `mapi.` to the cashier.
fn form_targets(address: &str) -> String {
    let Ok(url) = url::Url::parse(address) else {
        return String::new();
    };
    let origin = url.origin().ascii_serialization();
    let parent = url.domain().and_then(|host| host.split_once('.'));
    match parent {
        Some((_, parent)) if parent.contains('.') => {
            format!("{origin} {}://*.{parent}", url.scheme())
        }
        _ => origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows that a cashier on another host of the gateway's domain is within the policy, and no other domain is.
    #[test]
    fn a_form_may_follow_the_gateway_through_its_domain() {
        for (address, expected) in [
            (
                "https://mapi.alipay.com/gateway.do",
                "https://mapi.alipay.com https://*.alipay.com",
            ),
            ("http://127.0.0.1:8090/gateway.do", "http://127.0.0.1:8090"),
            ("http://[::1]:8090/gateway.do", "http://[::1]:8090"),
            ("http://localhost:8090/gateway.do", "http://localhost:8090"),
            ("https://gateway.example/pay", "https://gateway.example"),
        ] {
            assert_eq!(form_targets(address), expected);
        }
    }
}
