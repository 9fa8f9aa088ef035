//! The pages that people see. They wear the sandbox's own coat: a striped band, and no gateway's logo or colours.

use crate::buyer::WayBack;
use crate::order::{Key, Order, TradeView};
use crate::sandbox::Refused;
use askama::Template;
use quittance_core::gateway::alipay::gateway_side::Code;
use quittance_core::http::Reply;
use quittance_core::{Money, Timestamp};
use std::collections::VecDeque;

/// Nothing is loaded and nothing runs; forms come back here only.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "sandbox/cashier.html")]
struct Cashier<'a> {
    payee: &'a str,
    amount: String,
    subject: &'a str,
    body: Option<&'a str>,
    out_trade_no: &'a str,
    trade_no: &'a str,
    show_url: Option<&'a str>,
    bank: Option<&'a str>,
    method: Option<&'a str>,
    action: String,
}

#[derive(Template)]
#[template(path = "sandbox/paid.html")]
struct Paid<'a> {
    payee: &'a str,
    amount: String,
    out_trade_no: &'a str,
    trade_no: &'a str,
    way_back: Option<String>,
    /// After how many seconds the browser goes back by itself; only on the first showing.
    redirect_secs: Option<u32>,
}

#[derive(Template)]
#[template(path = "sandbox/message.html")]
struct Message<'a> {
    en: &'a str,
    zh: &'a str,
    next_en: &'a str,
    next_zh: &'a str,
    code: Option<&'static str>,
    link: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "sandbox/index.html")]
struct Index {
    rows: Vec<Row>,
    hidden: usize,
    refusals: Vec<(String, String, &'static str)>,
    speed: u32,
}

struct Row {
    view: TradeView,
    warnings: Vec<String>,
    amount: String,
    refunded: Option<String>,
    next: Option<(i64, String)>,
}

/// The page where the buyer pays.
pub(crate) fn cashier(key: &Key, order: &Order, payee: &str) -> Reply {
    let asked = &order.request;
    html(
        200,
        &Cashier {
            payee,
            amount: amount(asked.total_fee),
            subject: &asked.subject,
            body: asked.body.as_deref(),
            out_trade_no: &key.out_trade_no,
            trade_no: trade_no(order),
            show_url: asked.show_url.as_deref(),
            bank: asked.defaultbank.as_deref(),
            method: asked.paymethod.as_deref(),
            action: format!("/cashier/{}", order.token),
        },
    )
}

/// The page that says so and sends the browser back.
pub(crate) fn paid(order: &Order, payee: &str, way_back: WayBack, secs: u32) -> Reply {
    let first = matches!(way_back, WayBack::Ready { first: true, .. });
    let way_back = match way_back {
        WayBack::Ready { url, .. } => Some(url),
        WayBack::None | WayBack::Lost | WayBack::Held => None,
    };
    html(
        200,
        &Paid {
            payee,
            amount: amount(order.request.total_fee),
            out_trade_no: &order.request.out_trade_no,
            trade_no: trade_no(order),
            way_back,
            redirect_secs: first.then_some(secs),
        },
    )
}

/// The page after the buyer walked away. Nothing happened.
pub(crate) fn left(cashier: &str) -> Reply {
    html(
        200,
        &Message {
            en: "You left the cashier. Nothing was paid.",
            zh: "您已离开收银台，未付款。",
            next_en: "The trade still waits for its buyer. You can close this page, or go back and pay.",
            next_zh: "交易仍在等待付款。您可以关闭本页，或返回付款。",
            code: None,
            link: Some(cashier),
        },
    )
}

/// The page of a trade that closed unpaid.
pub(crate) fn closed() -> Reply {
    html(
        200,
        &Message {
            en: "This trade is closed. It was not paid.",
            zh: "交易已关闭，未付款。",
            next_en: "It can no longer be paid. Order again at the shop.",
            next_zh: "该交易不能再付款，请在商家处重新下单。",
            code: None,
            link: None,
        },
    )
}

/// The gateway's error page (seed 001 5.1). It leads nowhere: no return, no notify.
pub(crate) fn error(code: Code) -> Reply {
    html(
        400,
        &Message {
            en: "Debug error: please go back to where you came from and start again.",
            zh: "调试错误，请回到请求来源地，重新发起请求。",
            next_en: "Error code",
            next_zh: "错误代码",
            code: Some(code.0),
            link: None,
        },
    )
}

/// There is nothing at this address.
pub(crate) fn not_found() -> Reply {
    html(
        404,
        &Message {
            en: "There is no such page in the sandbox.",
            zh: "沙箱中没有此页面。",
            next_en: "Start from the shop, or look at the list of trades at the address without a path.",
            next_zh: "请从商家页面开始，或访问首页查看交易列表。",
            code: None,
            link: None,
        },
    )
}

/// The list of trades: these rows, and how many more there are.
pub(crate) fn index(
    now: Timestamp,
    trades: Vec<TradeView>,
    hidden: usize,
    refusals: &VecDeque<Refused>,
    speed: u32,
) -> Reply {
    let row = |view: TradeView| Row {
        amount: amount(view.amount),
        refunded: (view.refunded.minor > 0).then(|| amount(view.refunded)),
        next: view
            .next_resend
            .map(|at| (at.duration_since(now).as_secs().max(0), whole_second(at))),
        warnings: view
            .warnings
            .iter()
            .map(|warning| warning.say(quittance_core::Lang::En))
            .collect(),
        view,
    };
    html(
        200,
        &Index {
            rows: trades.into_iter().map(row).collect(),
            hidden,
            refusals: refusals
                .iter()
                .rev()
                .map(|refused| {
                    (
                        whole_second(refused.at),
                        refused.service.clone(),
                        refused.code.0,
                    )
                })
                .collect(),
            speed,
        },
    )
}

/// On to another page: always a `GET`, whatever came in. From page to page the address is a bare path, so that the
/// policy's `form-action 'self'` holds under whatever name the browser reached the sandbox.
pub(crate) fn redirect(to: &str) -> Reply {
    let mut reply = Reply::new(303, "");
    reply.headers = vec![
        ("location".into(), to.into()),
        ("cache-control".into(), "no-store".into()),
    ];
    reply
}

fn html(status: u16, page: &impl Template) -> Reply {
    // Writing into a string cannot fail; if it ever did, an empty page is the honest answer.
    let mut reply = Reply::new(status, page.render().unwrap_or_default());
    let headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", POLICY),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ];
    reply.headers = headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    reply
}

/// The amount with its currency written out: `¥0.01 CNY`. The classic protocol knows no other currency.
fn amount(money: Money) -> String {
    format!("¥{money}")
}

fn trade_no(order: &Order) -> &str {
    order
        .trade
        .as_ref()
        .map(|trade| trade.trade_no.as_str())
        .unwrap_or_default()
}

fn whole_second(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second())
        .unwrap_or(at)
        .to_string()
}
