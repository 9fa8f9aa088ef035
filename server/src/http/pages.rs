//! The buyer's pages. They show state and amount only, in English and Chinese, and work without script.

use super::orders::checkout::check_out;
use crate::app::App;
use crate::asking;
use crate::store::Snapshot;
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use quittance_core::gateway::Checkout;
use quittance_core::status::{Status, derive};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// A page that waits shows itself again after this many seconds.
const REFRESH_SECS: u32 = 2;
/// And so often: a minute in all.
const REFRESHES_MAX: u32 = 30;
/// How long a page waits for the gateway before it shows itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// The language of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lang {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

/// Why a return shows no order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unreadable {
    /// No such account.
    Address,
    /// No parameters.
    Missing,
    /// Parameters that no gateway sends.
    Malformed,
    /// A signature that is missing or wrong, or another payee.
    Signature,
    /// Genuine, and the order is not known here.
    NoOrder,
    /// It took too long.
    Busy,
}

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
    token: &'a str,
    refresh: Option<(u32, u32)>,
    orders_url: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "pay/message.html")]
struct Message<'a> {
    lang: Lang,
    title: &'a str,
    text: &'a str,
    link: Option<&'a str>,
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
}

/// The page whose form sends the buyer to the cashier. Showing it is a checkout.
async fn confirm(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let lang = Lang::of(&headers);
    let Some((order, account)) = find(&app, &token).await else {
        return no_page(lang);
    };
    let result = format!("/pay/{token}/result");
    let checkout = match check_out(&app, account, &order, false).await {
        Ok(checkout) => checkout,
        Err(_) => return see_other(&result),
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
    html(StatusCode::OK, &page, Some(url))
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    n: u32,
    #[serde(default)]
    asked: bool,
}

/// What became of it. While nothing is known, the gateway is asked, and the page shows itself again.
async fn result(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Query(shown_before): Query<Shown>,
    headers: HeaderMap,
) -> Response {
    let lang = Lang::of(&headers);
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
        token: &token,
        refresh,
        orders_url: account.orders_url.as_deref(),
    };
    html(StatusCode::OK, &page, None)
}

/// "Payment completed": asks the gateway now, then shows what is known.
async fn completed(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some((order, account)) = find(&app, &token).await else {
        return no_page(Lang::of(&headers));
    };
    let asked = asking::ask_now(&app, account, &order.state.order.key);
    app.clock.within(PATIENCE, asked).await;
    see_other(&format!("/pay/{token}/result?n={REFRESHES_MAX}&asked=true"))
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

async fn find<'a>(app: &'a App, token: &str) -> Option<(Snapshot, &'a crate::setup::AccountSetup)> {
    let order = app.store.order_by_token(token).await.ok().flatten()?;
    let account = app.account(&order.state.order.key.account)?;
    Some((order, account))
}

/// A page for a return that leads nowhere: readable, and it says which part is wrong.
pub fn not_readable(lang: Lang, why: Unreadable, link: Option<String>) -> Response {
    let (en, zh) = match why {
        Unreadable::Address => (
            "The address names no account of this shop.",
            "该地址不属于本商家的任何账户。",
        ),
        Unreadable::Missing => (
            "The link carries no parameters.",
            "该链接没有携带任何参数。",
        ),
        Unreadable::Malformed => (
            "Its parameters are not as a payment company sends them.",
            "链接参数的格式不正确。",
        ),
        Unreadable::Signature => (
            "Its signature is missing, wrong or not for this shop.",
            "链接的签名缺失、错误或不属于本商家。",
        ),
        Unreadable::NoOrder => (
            "The order that it names is not known here yet.",
            "链接所指的订单在此尚不存在。",
        ),
        Unreadable::Busy => (
            "The check takes longer than usual. Please look at your order in a moment.",
            "验证时间较长，请稍后查看订单。",
        ),
    };
    let title = lang.pick(
        "This link carries no valid payment result. Your order is not affected.",
        "该链接不含有效的支付结果，您的订单不受影响。",
    );
    html(
        StatusCode::OK,
        &Message {
            lang,
            title,
            text: lang.pick(en, zh),
            link: link.as_deref(),
        },
        None,
    )
}

fn no_page(lang: Lang) -> Response {
    let title = lang.pick("There is no such page.", "没有这个页面。");
    let text = lang.pick(
        "Please go back to the shop and look at your order there.",
        "请回到商家网站查看您的订单。",
    );
    html(
        StatusCode::NOT_FOUND,
        &Message {
            lang,
            title,
            text,
            link: None,
        },
        None,
    )
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

/// A page under a policy that lets nothing in; `form_action` is where its form goes, if not to us.
fn html(status: StatusCode, page: &impl Template, form_action: Option<&str>) -> Response {
    let Ok(text) = page.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let target = form_action
        .and_then(|address| url::Url::parse(address).ok())
        .map(|address| address.origin().ascii_serialization());
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {}",
        target.unwrap_or_default()
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::VARY, "accept-language"),
        (header::CONTENT_SECURITY_POLICY, policy.trim_end()),
    ];
    (status, headers, text).into_response()
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

impl Lang {
    /// The language that the browser asks for first, of the two that we speak.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Lang {
        let wanted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let first = wanted
            .split(',')
            .map(str::trim)
            .find(|tag| tag.starts_with("zh") || tag.starts_with("en"));
        if first.is_some_and(|tag| tag.starts_with("zh")) {
            Lang::Zh
        } else {
            Lang::En
        }
    }

    /// The text of this language.
    #[must_use]
    pub fn pick<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        match self {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    /// The tag in the page's head.
    #[must_use]
    pub fn tag(&self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh-CN",
        }
    }
}
