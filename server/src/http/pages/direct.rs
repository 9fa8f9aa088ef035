//! `/direct/{account}`: the direct-pay page, for shops without orders of their own. The buyer says what for and how
//! much, and an order is made as the merchant API would make it.

use super::faults::{Faults, words};
use super::message::{Message, no_page};
use super::origin::from_us;
use super::tiles::Tiles;
use super::{DRESS, Visit, payee, see_other, shown, text};
use crate::app::App;
use crate::http::callbacks::form_body;
use crate::http::orders::create::{CreateOrder, Placed, Unplaced, checked, place};
use crate::http::peer;
use crate::setup::{AccountSetup, DirectPay};
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use quittance_core::choice::of_word;
use quittance_core::gateway::Fault;
use quittance_core::order::GatewayOptions;
use quittance_core::params::Params;
use quittance_core::{Currency, Lang, Money};
use std::sync::Arc;
use std::time::Duration;

#[derive(Template)]
#[template(path = "pay/direct.html")]
struct Direct<'a> {
    lang: Lang,
    switch: String,
    here: String,
    payee: &'a str,
    currency: Currency,
    input: &'a Input,
    faults: &'a Faults,
    /// Between what amounts, where the account says so.
    range: Option<String>,
    tiles: Tiles,
}

/// What the buyer wrote.
#[derive(Default)]
struct Input {
    title: String,
    amount: String,
    remark: String,
    choice: String,
}

/// The empty form.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
    Visit { lang }: Visit,
) -> Response {
    let Some(account) = open_account(&app, name) else {
        return no_page(lang);
    };
    let empty = (&Input::default(), &Faults::default());
    form(&app, account, lang, StatusCode::OK, empty)
}

/// The form that was filled in: an order and its page, or the form again with what is wrong.
pub(super) async fn pay(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
    Visit { lang }: Visit,
    request: Request,
) -> Response {
    let Some(account) = open_account(&app, name) else {
        return no_page(lang);
    };
    if !from_us(&app.setup.public_url, request.headers()) {
        return sent_from_elsewhere(&app, account, lang);
    }
    let client = peer::client(&app.setup, request.extensions(), request.headers());
    let Some(input) = form_body(&app, request)
        .await
        .and_then(|body| Input::read(&body))
    else {
        return cannot_be_read(&app, account, lang);
    };
    let (wanted, mut faults) = input.wish(account, lang);
    if !faults.any()
        && let Err(Unplaced::Refused(refusal)) = checked(&app, account, &wanted)
    {
        faults = Faults::of(&refusal, lang);
    }
    if faults.any() {
        let again = (&input, &faults);
        return form(&app, account, lang, StatusCode::UNPROCESSABLE_ENTITY, again);
    }
    // Only what makes an order is counted: mistakes may be mended.
    if let Err(wait) = app.pace.take(app.clock.mono(), &account.name, client) {
        return slow_down(&app, account, lang, &input, wait);
    }
    match place(&app, account, &wanted).await {
        Ok(Placed::New(order) | Placed::Standing(order)) => {
            let (folder, token) = (app.setup.folder(), &order.state.order.token);
            see_other(&format!("{folder}/pay/{token}"))
        }
        Err(unplaced) => {
            tracing::error!(account = account.name, ?unplaced, "no order was made");
            let faults = Faults::page(lang.pick(
                "The payment could not be prepared. Nothing was charged; please try again in a moment.",
                "暂时无法创建付款，未扣款，请稍后再试。",
            ));
            let again = (&input, &faults);
            form(&app, account, lang, StatusCode::SERVICE_UNAVAILABLE, again)
        }
    }
}

/// The account in the address, where its page is open.
fn open_account(
    app: &App,
    name: Result<Path<String>, PathRejection>,
) -> Option<&Arc<AccountSetup>> {
    app.account(&text(name))
        .filter(|account| account.direct_pay.is_some())
}

fn address(app: &App, account: &AccountSetup) -> String {
    format!("{}/direct/{}", app.setup.folder(), account.name)
}

fn form(
    app: &App,
    account: &AccountSetup,
    lang: Lang,
    status: StatusCode,
    (input, faults): (&Input, &Faults),
) -> Response {
    let choices = account.account.gateway().choices();
    let page = Direct {
        lang,
        switch: format!("?lang={}", lang.other().word()),
        here: address(app, account),
        payee: payee(account),
        currency: currency(account),
        input,
        faults,
        range: account.direct_pay.and_then(|limits| range(limits, lang)),
        tiles: Tiles::new(
            choices,
            |_| true,
            &input.choice,
            faults.choice.clone(),
            lang,
        ),
    };
    let mut response = DRESS.html(status, &page, "");
    // With `no-referrer` browsers would send this form as from nowhere. The address is no secret, and stays with us.
    let ours_only = HeaderValue::from_static("same-origin");
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, ours_only);
    response
}

fn slow_down(
    app: &App,
    account: &AccountSetup,
    lang: Lang,
    input: &Input,
    wait: Duration,
) -> Response {
    let faults = Faults::page(lang.pick(
        "Too many payments were begun from here. Please wait a minute and send the form again.",
        "操作过于频繁，请稍等一分钟后再提交。",
    ));
    let again = (input, &faults);
    let mut response = form(app, account, lang, StatusCode::TOO_MANY_REQUESTS, again);
    let secs = HeaderValue::from(wait.as_secs() + 1);
    response.headers_mut().insert(header::RETRY_AFTER, secs);
    response
}

fn sent_from_elsewhere(app: &App, account: &AccountSetup, lang: Lang) -> Response {
    let title = lang.pick(
        "This form came from another website.",
        "该表单来自其他网站。",
    );
    let text = lang.pick(
        "Nothing was begun. If you want to pay this shop, open its page and fill in the form there.",
        "未创建任何付款。如需向该商家付款，请打开付款页面填写。",
    );
    back_to_the_form(app, account, lang, StatusCode::FORBIDDEN, (title, text))
}

fn cannot_be_read(app: &App, account: &AccountSetup, lang: Lang) -> Response {
    let title = lang.pick("The form cannot be read.", "无法读取表单内容。");
    let text = lang.pick(
        "It is too long, or not as a browser sends it. Nothing was begun; please fill it in again.",
        "内容过长，或不是浏览器正常提交的表单。未创建任何付款，请重新填写。",
    );
    back_to_the_form(app, account, lang, StatusCode::BAD_REQUEST, (title, text))
}

fn back_to_the_form(
    app: &App,
    account: &AccountSetup,
    lang: Lang,
    status: StatusCode,
    (title, text): (&str, &str),
) -> Response {
    let here = address(app, account);
    let to = lang.pick("To the form", "打开付款页面");
    let page = Message {
        lang,
        switch: &format!("{here}?lang={}", lang.other().word()),
        title,
        text,
        link: Some((to, &here)),
    };
    DRESS.html(status, &page, "")
}

/// What the gateway takes, or yuan where it takes several.
fn currency(account: &AccountSetup) -> Currency {
    let traits = account.account.gateway().traits();
    traits.currency.unwrap_or(Currency::CNY)
}

/// Between what amounts this page takes payments; `None` where only the gateway's own rules hold.
fn range(limits: DirectPay, lang: Lang) -> Option<String> {
    let (en, zh) = match (limits.min.map(shown), limits.max.map(shown)) {
        (Some(min), Some(max)) => (
            format!("From {min} to {max}."),
            format!("金额须在 {min} 至 {max} 之间。"),
        ),
        (Some(min), None) => (format!("{min} or more."), format!("金额不得低于 {min}。")),
        (None, Some(max)) => (format!("{max} at most."), format!("金额不得超过 {max}。")),
        (None, None) => return None,
    };
    Some(lang.pick(&en, &zh).to_owned())
}

impl Input {
    /// The fields of the form, each once at most, and no others.
    fn read(body: &[u8]) -> Option<Input> {
        let mut input = Input::default();
        for (name, value) in Params::parse(body).ok()?.iter() {
            let field = match name {
                "title" => &mut input.title,
                "amount" => &mut input.amount,
                "remark" => &mut input.remark,
                "choice" => &mut input.choice,
                _ => return None,
            };
            // Blanks around what was typed mean nothing.
            std::str::from_utf8(value).ok()?.trim().clone_into(field);
        }
        Some(input)
    }

    /// The order that the buyer wants, and what is wrong with his words before the gateway's rules are asked.
    fn wish(&self, account: &AccountSetup, lang: Lang) -> (CreateOrder, Faults) {
        let mut faults = Faults::default();
        let choices = account.account.gateway().choices();
        let choice = of_word(choices, &self.choice);
        if choice.is_none() && !self.choice.is_empty() {
            faults.choice = Some(words(Fault::NotTaken, lang));
        }
        if self.title.is_empty() {
            faults.title = Some(words(Fault::Missing, lang));
        }
        let currency = currency(account);
        if self.amount.is_empty() {
            faults.amount = Some(words(Fault::Missing, lang));
        } else if let Ok(amount) = Money::parse(&self.amount, currency) {
            let limits = account.direct_pay.filter(|limits| !limits.admit(amount));
            faults.amount = limits.and_then(|limits| range(limits, lang));
        } else {
            let plain = lang.pick(
                "Please write plain digits, such as 12.50.",
                "请只填写数字，例如 12.50。",
            );
            faults.amount = Some(plain.to_owned());
        }
        let wanted = CreateOrder {
            account: account.name.clone(),
            order_no: None,
            subject: self.title.clone(),
            amount: self.amount.clone(),
            currency: currency.code().to_owned(),
            body: Some(self.remark.clone()),
            method: choice.map(|choice| choice.method.to_owned()),
            bank: choice.and_then(|choice| choice.bank).map(str::to_owned),
            extra: None,
            show_url: None,
            return_to: None,
            expires_in: None,
            client_ip: None,
            terminal: None,
            gateway_options: GatewayOptions::new(),
        };
        (wanted, faults)
    }
}
