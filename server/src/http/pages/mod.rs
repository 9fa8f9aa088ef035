//! The buyer's pages. They show state and amount only, in English and Chinese, and work without script.

mod dress;
mod message;

pub use dress::{Dress, Visit, remember_language};
pub use message::{Unreadable, not_readable};

use super::orders::checkout::{check_out, sign};
use crate::app::App;
use crate::asking;
use crate::store::Snapshot;
use askama::Template;
use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use message::no_page;
use quittance_core::Lang;
use quittance_core::derived::derive;
use quittance_core::gateway::Checkout;
use quittance_core::schedule::Stage;
use quittance_core::status::Status;
use serde::Deserialize;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// A page that waits shows itself again after this many seconds.
const REFRESH_SECS: u32 = 2;
/// And so often: a minute in all.
const REFRESHES_MAX: u32 = 30;
/// How long a page waits for the gateway before it shows itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// The clothes of the buyer's pages.
static DRESS: LazyLock<Dress> = LazyLock::new(|| {
    Dress::new(
        concat!(
            include_str!("../../../../web/styles/tokens.css"),
            include_str!("../../../../web/styles/pay.css")
        ),
        "",
    )
});

#[derive(Template)]
#[template(path = "pay/confirm.html")]
struct Confirm<'a> {
    lang: Lang,
    payee: &'a str,
    amount: String,
    subject: &'a str,
    url: &'a str,
    charset: &'a str,
    fields: &'a [(String, String)],
}

#[derive(Template)]
#[template(path = "pay/result.html")]
struct ResultPage<'a> {
    lang: Lang,
    state: Shows,
    amount: String,
    time: String,
    order_no: &'a str,
    /// The order's page, without what follows its token.
    here: String,
    refresh: Option<(u32, u32)>,
    /// Where the buyer goes on to: the order's own `return_to`, or the account's `orders_url`.
    onward: Option<&'a str>,
}

/// What the result page says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shows {
    Paid,
    Checking,
    TimedOut,
    NotYet,
    Closed,
    Attention,
    Refunded,
}

/// The routes of the buyer's pages.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/pay/{token}", get(confirm))
        .route("/pay/{token}/result", get(result))
        .route("/pay/{token}/completed", post(completed))
        .layer(middleware::from_fn(remember_language))
}

/// The page whose form sends the buyer to the cashier. Showing it is a checkout the first time; while the schedule of
/// that one runs, showing it again changes nothing, and neither does asking for its head.
async fn confirm(
    State(app): State<Arc<App>>,
    method: Method,
    token: Result<Path<String>, PathRejection>,
    Visit { lang }: Visit,
) -> Response {
    let token = text(token);
    let Some((order, account)) = find(&app, &token).await else {
        return no_page(lang);
    };
    let result = format!("{}/pay/{token}/result", app.setup.folder());
    let derived = derive(&order.state);
    if derived.status != Status::Unpaid || derived.attention || order.state.frozen.is_some() {
        return see_other(&result);
    }
    let running = matches!(order.state.checks.stage, Stage::Progress { .. });
    let checkout = if running || method == Method::HEAD {
        sign(&app, account, &order, false)
    } else {
        check_out(&app, account, &order, false).await
    };
    let Ok(checkout) = checkout else {
        return see_other(&result);
    };
    let Checkout::Form {
        url,
        charset,
        fields,
        ..
    } = &checkout
    else {
        return see_other(&result);
    };
    let ordered = &order.state.order;
    let page = Confirm {
        lang,
        payee: account
            .payee_name
            .as_deref()
            .unwrap_or(&account.policy.payee),
        amount: shown(ordered.amount),
        subject: &ordered.subject,
        url,
        charset,
        fields,
    };
    DRESS.html(StatusCode::OK, &page, &form_targets(url))
}

#[derive(Default, Deserialize)]
struct Shown {
    #[serde(default)]
    n: u32,
    #[serde(default)]
    asked: bool,
}

/// What became of it. While nothing is known, the gateway is asked, and the page shows itself again.
async fn result(
    State(app): State<Arc<App>>,
    token: Result<Path<String>, PathRejection>,
    shown_before: Result<Query<Shown>, QueryRejection>,
    Visit { lang }: Visit,
) -> Response {
    let token = text(token);
    // What is not as we wrote it into our own links is a first showing.
    let shown_before = shown_before.map(|Query(shown)| shown).unwrap_or_default();
    let Some((mut order, account)) = find(&app, &token).await else {
        return no_page(lang);
    };
    let waiting = |order: &Snapshot| {
        let derived = derive(&order.state);
        derived.status == Status::Unpaid && !derived.attention
    };
    if waiting(&order) && shown_before.n < REFRESHES_MAX {
        let asked = asking::ask_now(&app, account, &order.state.order.key);
        app.clock.within(PATIENCE, asked).await;
        if let Some((again, _)) = find(&app, &token).await {
            order = again;
        }
    }
    let state = state_of(&order, &shown_before);
    let refresh = (state == Shows::Checking).then_some((REFRESH_SECS, shown_before.n + 1));
    let derived = derive(&order.state);
    let refunded = quittance_core::Money::new(derived.refunded, order.state.order.amount.currency);
    let ordered = &order.state.order;
    let page = ResultPage {
        lang,
        state,
        amount: shown(if state == Shows::Refunded {
            refunded
        } else {
            ordered.amount
        }),
        time: order
            .state
            .paid_at
            .map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
            .unwrap_or_default(),
        order_no: &ordered.key.order_no,
        here: format!("{}/pay/{token}", app.setup.folder()),
        refresh,
        onward: ordered
            .return_to
            .as_deref()
            .or(account.orders_url.as_deref()),
    };
    DRESS.html(StatusCode::OK, &page, "")
}

/// "Payment completed": asks the gateway now, then shows what is known.
async fn completed(
    State(app): State<Arc<App>>,
    token: Result<Path<String>, PathRejection>,
    Visit { lang }: Visit,
) -> Response {
    let token = text(token);
    let Some((order, account)) = find(&app, &token).await else {
        return no_page(lang);
    };
    let asked = asking::ask_now(&app, account, &order.state.order.key);
    app.clock.within(PATIENCE, asked).await;
    let folder = app.setup.folder();
    see_other(&format!(
        "{folder}/pay/{token}/result?n={REFRESHES_MAX}&asked=true"
    ))
}

fn state_of(order: &Snapshot, before: &Shown) -> Shows {
    let derived = derive(&order.state);
    match derived.status {
        Status::Paid => Shows::Paid,
        Status::Refunded | Status::PartiallyRefunded => Shows::Refunded,
        _ if derived.attention => Shows::Attention,
        Status::Closed => Shows::Closed,
        Status::Unpaid if before.n < REFRESHES_MAX => Shows::Checking,
        Status::Unpaid if before.asked => Shows::NotYet,
        Status::Unpaid => Shows::TimedOut,
    }
}

/// The token in an address. One that is no text leads to no page.
fn text(token: Result<Path<String>, PathRejection>) -> String {
    token.map(|Path(token)| token).unwrap_or_default()
}

async fn find<'a>(app: &'a App, token: &str) -> Option<(Snapshot, &'a crate::setup::AccountSetup)> {
    let order = app.store.order_by_token(token).await.ok().flatten()?;
    let account = app.account(&order.state.order.key.account)?;
    Some((order, account))
}

/// On to another page of ours, or of the cashier.
pub fn see_other(address: &str) -> Response {
    let location = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    (
        StatusCode::SEE_OTHER,
        [
            (header::LOCATION, location),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
    )
        .into_response()
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

/// The amount as people read it: the currency written out.
fn shown(amount: quittance_core::Money) -> String {
    let sign = if amount.currency == quittance_core::Currency::CNY {
        "¥"
    } else {
        ""
    };
    format!("{sign}{amount}")
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
