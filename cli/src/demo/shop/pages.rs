//! The shop's pages, in the browser's language. Nothing is loaded and nothing runs.

use super::{ARTICLES, Article, Sale};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use quittance_core::Lang;
use quittance_server::http::pages::Dress;
use std::sync::LazyLock;

/// While an order waits to be paid, the list shows itself again after so many seconds.
const REFRESH_SECS: u32 = 3;

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
    articles: &'a [Article],
}

#[derive(Template)]
#[template(path = "shop/orders.html")]
struct Orders<'a> {
    lang: Lang,
    sales: &'a [Sale],
    refresh: Option<u32>,
}

#[derive(Template)]
#[template(path = "shop/message.html")]
struct Message<'a> {
    lang: Lang,
    title: &'a str,
    text: &'a str,
}

impl Sale {
    /// The state in one sentence.
    fn says<'a>(&self, lang: &'a Lang) -> &'a str {
        match (self.status.as_str(), self.attention) {
            ("paid", _) => lang.pick("✓ Paid. Thank you.", "✓ 已付款，谢谢惠顾。"),
            ("refunded" | "partially_refunded", _) => lang.pick("↩ Refunded.", "↩ 已退款。"),
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

    /// Whether the buyer can still go and pay.
    fn waits(&self) -> bool {
        self.status == "unpaid" && !self.attention
    }

    /// The class of the line's colour, which never stands alone.
    fn class(&self) -> &'static str {
        match self.status.as_str() {
            "paid" => "paid",
            "refunded" | "partially_refunded" => "",
            "unpaid" if !self.attention => "waiting",
            _ => "alarm",
        }
    }
}

/// What is for sale. Its forms come back here and lead on to Quittance's page.
pub fn home(lang: Lang, server_url: &str) -> Response {
    let page = Home {
        lang,
        articles: &ARTICLES,
    };
    DRESS.html(StatusCode::OK, &page, server_url)
}

/// What was sold.
pub fn orders(lang: Lang, sales: &[Sale]) -> Response {
    let refresh = sales.iter().any(Sale::waits).then_some(REFRESH_SECS);
    let page = Orders {
        lang,
        sales,
        refresh,
    };
    DRESS.html(StatusCode::OK, &page, "")
}

/// There is no such article.
pub fn sold_out(lang: Lang) -> Response {
    let title = lang.pick("There is no such article.", "没有这件商品。");
    let text = lang.pick("Please choose another one.", "请选择其他商品。");
    DRESS.html(StatusCode::NOT_FOUND, &Message { lang, title, text }, "")
}

/// The order could not be made.
pub fn no_order(lang: Lang) -> Response {
    let title = lang.pick(
        "The order could not be made. Nothing was charged.",
        "下单失败，未产生扣款。",
    );
    let text = lang.pick("Please try again in a moment.", "请稍后再试。");
    DRESS.html(StatusCode::BAD_GATEWAY, &Message { lang, title, text }, "")
}
