//! Pages that say one thing: a link that leads nowhere, a page that does not exist.

use super::DRESS;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use quittance_core::Lang;

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
#[template(path = "pay/message.html")]
struct Message<'a> {
    lang: Lang,
    title: &'a str,
    text: &'a str,
    link: Option<&'a str>,
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
    DRESS.html(
        StatusCode::OK,
        &Message {
            lang,
            title,
            text: lang.pick(en, zh),
            link: link.as_deref(),
        },
        "",
    )
}

pub(super) fn no_page(lang: Lang) -> Response {
    let title = lang.pick("There is no such page.", "没有这个页面。");
    let text = lang.pick(
        "Please go back to the shop and look at your order there.",
        "请回到商家网站查看您的订单。",
    );
    DRESS.html(
        StatusCode::NOT_FOUND,
        &Message {
            lang,
            title,
            text,
            link: None,
        },
        "",
    )
}
