//! `/pay/{token}`: the page whose form sends the buyer to the cashier.

use super::message::no_page;
use super::state::{Shows, expired};
use super::tiles::{Tile, Tiles};
use super::{DRESS, Visit, find, payee, see_other, shown, text};
use crate::app::App;
use crate::http::callbacks::form_body;
use crate::http::orders::checkout::{journal, sign};
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use quittance_core::Lang;
use quittance_core::choice::{Choice, of_word};
use quittance_core::gateway::Checkout;
use quittance_core::params::Params;
use quittance_core::schedule::Stage;
use serde::Deserialize;
use std::sync::Arc;

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

/// Showing the page is a checkout the first time; while the schedule of that one runs, showing it again changes
/// nothing, and neither does asking for its head, or another choice.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    method: Method,
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
    let Ok(checkout) = sign(&app, account, &order, choice, false) else {
        return see_other(&result);
    };
    let running = matches!(order.state.checks.stage, Stage::Progress { .. });
    let first = !running && method != Method::HEAD;
    if first && journal(&app, &order, &checkout).await.is_err() {
        return see_other(&result);
    }
    let Checkout::Form {
        url,
        charset,
        fields,
        ..
    } = &checkout
    else {
        return see_other(&result);
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
        url,
        charset,
        fields,
        choice: choice.map(|choice| (choice, Tile::of(choices, &choice))),
        tiles: Tiles::new(choices, |choice| choice.open_in(ordered), &word, None, lang),
    };
    DRESS.html(StatusCode::OK, &page, &form_targets(url))
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
    let word = Params::parse(&body).ok().and_then(|form| {
        let word = std::str::from_utf8(form.get("choice")?).ok()?;
        of_word(account.account.gateway().choices(), word)
    });
    let here = format!("{}/pay/{token}", app.setup.folder());
    see_other(&match word {
        Some(choice) => format!("{here}?choice={}", choice.word()),
        None => here,
    })
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
