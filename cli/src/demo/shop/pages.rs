//! The shop's pages, in the browser's language. Nothing is loaded and nothing runs.

use super::Urls;
use super::arrivals::Arrivals;
use super::book::Sale;
use super::shelf::{Article, GOODS, SAMPLES, WAYS, Way};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use quittance_core::{Lang, Money};
use quittance_server::http::pages::Dress;
use std::sync::LazyLock;

/// While an order waits to be paid, the list shows itself again after so many seconds.
const REFRESH_SECS: u32 = 3;
/// But only while it is this young, in seconds: nobody waits in front of an old one.
const FRESH_SECS: i64 = 600;

/// The clothes of the shop's pages.
static DRESS: LazyLock<Dress> = LazyLock::new(|| {
    Dress::new(
        concat!(
            include_str!("../../../../web/styles/tokens.css"),
            include_str!("../../../../web/styles/shop.css")
        ),
        "",
    )
});

#[derive(Template)]
#[template(path = "shop/home.html")]
struct Home<'a> {
    lang: Lang,
    here: &'a str,
    balance: String,
    goods: &'a [Article],
    samples: &'a [Article],
    ways: &'a [Way],
    /// The page that plays the counter's terminal.
    terminal: &'a str,
}

#[derive(Template)]
#[template(path = "shop/orders.html")]
struct Orders<'a> {
    lang: Lang,
    here: &'a str,
    lines: &'a [Line<'a>],
    refresh: Option<u32>,
}

#[derive(Template)]
#[template(path = "shop/message.html")]
struct Message<'a> {
    lang: Lang,
    here: &'a str,
    title: &'a str,
    text: &'a str,
}

/// An order as the list shows it.
struct Line<'a> {
    sale: &'a Sale,
    /// How often the event came that was credited.
    times: u32,
}

impl Line<'_> {
    /// The state in one sentence.
    fn says<'a>(&self, lang: &'a Lang) -> &'a str {
        match (self.sale.status.as_str(), self.sale.attention) {
            ("paid", _) => lang.pick("✓ Paid. Thank you.", "✓ 已付款，谢谢惠顾。"),
            ("refunded", _) => lang.pick("↩ Refunded.", "↩ 已退款。"),
            ("partially_refunded", _) => lang.pick("↩ Partly refunded.", "↩ 已部分退款。"),
            (_, true) => lang.pick(
                "! A payment is being looked at. Please do not pay again.",
                "! 有一笔付款正在核对，请勿重复付款。",
            ),
            ("closed", _) => lang.pick(
                "✕ Closed. If you have paid, we know of it and will refund or deliver.",
                "✕ 已关闭。如已付款，我们已收到通知，将为您退款或发货。",
            ),
            _ => lang.pick("… Waiting for the payment.", "… 等待付款。"),
        }
    }

    /// What the payment brought, and that it brought it once.
    fn credited(&self, lang: &Lang) -> Option<String> {
        let credit = self.sale.credit.as_ref()?;
        let mut text = match (self.sale.top_up, lang) {
            (true, Lang::En) => format!("{} added to your balance.", shown(credit.amount)),
            (true, Lang::Zh) => format!("已向您的余额充入 {}。", shown(credit.amount)),
            (false, _) => lang
                .pick("Released for delivery.", "已安排发货。")
                .to_owned(),
        };
        if self.times > 1 {
            text.push_str(&match lang {
                Lang::En => format!(" We were told {} times and credited it once.", self.times),
                Lang::Zh => format!("同一事件收到 {} 次，只入账一次。", self.times),
            });
        }
        Some(text)
    }

    fn amount(&self) -> String {
        shown(self.sale.amount)
    }

    fn paid(&self) -> bool {
        self.sale.status == "paid"
    }

    /// Whether the buyer can still go and pay.
    fn waits(&self) -> bool {
        self.sale.status == "unpaid" && !self.sale.attention
    }

    /// The class of the line's colour, which never stands alone.
    fn class(&self) -> &'static str {
        match self.sale.status.as_str() {
            "paid" => "paid",
            "refunded" | "partially_refunded" => "",
            "unpaid" if !self.sale.attention => "waiting",
            _ => "alarm",
        }
    }
}

/// What is for sale. Its forms come back here and lead on to Quittance's page.
pub fn home(lang: Lang, balance: Money, urls: &Urls) -> Response {
    let page = Home {
        lang,
        here: "/",
        balance: shown(balance),
        goods: &GOODS,
        samples: &SAMPLES,
        ways: &WAYS,
        terminal: &urls.terminal,
    };
    DRESS.html(StatusCode::OK, &page, &urls.server)
}

/// What was sold.
pub fn orders(lang: Lang, arrivals: &Arrivals, sales: &[Sale], now_secs: i64) -> Response {
    let line = |sale| Line {
        sale,
        times: times(arrivals, sale),
    };
    let lines: Vec<Line<'_>> = sales.iter().map(line).collect();
    let watched =
        |line: &Line<'_>| line.waits() && now_secs.saturating_sub(line.sale.made_at) < FRESH_SECS;
    let page = Orders {
        lang,
        here: "/orders",
        lines: &lines,
        refresh: lines.iter().any(watched).then_some(REFRESH_SECS),
    };
    DRESS.html(StatusCode::OK, &page, "")
}

/// There is no such article.
pub fn sold_out(lang: Lang) -> Response {
    let title = lang.pick("There is no such article.", "没有这件商品。");
    let text = lang.pick("Please choose another one.", "请选择其他商品。");
    message(StatusCode::NOT_FOUND, lang, title, text)
}

/// There is no such page.
pub fn nowhere(lang: Lang) -> Response {
    let title = lang.pick("There is no such page.", "没有这个页面。");
    let text = lang.pick("Nothing has happened.", "没有进行任何操作。");
    message(StatusCode::NOT_FOUND, lang, title, text)
}

/// The order could not be made.
pub fn no_order(lang: Lang) -> Response {
    let title = lang.pick(
        "The order could not be made. Nothing was charged.",
        "下单失败，未产生扣款。",
    );
    let text = lang.pick("Please try again in a moment.", "请稍后再试。");
    message(StatusCode::BAD_GATEWAY, lang, title, text)
}

/// The book cannot be read or written.
pub fn closed_book(lang: Lang) -> Response {
    let title = lang.pick(
        "The shop cannot open its book. Nothing was charged.",
        "商城暂时无法读写订单，未产生扣款。",
    );
    let text = lang.pick("Please try again in a moment.", "请稍后再试。");
    message(StatusCode::SERVICE_UNAVAILABLE, lang, title, text)
}

fn message(status: StatusCode, lang: Lang, title: &str, text: &str) -> Response {
    let page = Message {
        lang,
        here: "/",
        title,
        text,
    };
    DRESS.html(status, &page, "")
}

fn times(arrivals: &Arrivals, sale: &Sale) -> u32 {
    let credit = sale.credit.as_ref();
    credit.map_or(0, |credit| arrivals.times(&credit.event_id))
}

/// The amount as people read it: the currency written out.
fn shown(amount: Money) -> String {
    format!("¥{amount}")
}
