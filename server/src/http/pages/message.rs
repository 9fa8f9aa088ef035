//! Pages that say one thing: a link that leads nowhere, a page that does not exist.

use super::{DRESS, Visit, find, text};
use crate::app::App;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use quittance_core::Lang;
use serde::Deserialize;
use std::sync::Arc;

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
pub(super) struct Message<'a> {
    pub lang: Lang,
    pub switch: &'a str,
    pub title: &'a str,
    pub text: &'a str,
    /// What to do, and where.
    pub link: Option<(&'a str, &'a str)>,
}

impl Unreadable {
    const ALL: [Unreadable; 6] = [
        Unreadable::Address,
        Unreadable::Missing,
        Unreadable::Malformed,
        Unreadable::Signature,
        Unreadable::NoOrder,
        Unreadable::Busy,
    ];

    fn word(self) -> &'static str {
        match self {
            Unreadable::Address => "address",
            Unreadable::Missing => "missing",
            Unreadable::Malformed => "malformed",
            Unreadable::Signature => "signature",
            Unreadable::NoOrder => "no-order",
            Unreadable::Busy => "busy",
        }
    }

    fn says(self, lang: Lang) -> &'static str {
        let (en, zh) = match self {
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
        lang.pick(en, zh)
    }
}

/// A page for a return that leads nowhere: readable, and it says which part is wrong. `token` is that of the order
/// whose own return address it came to. The page in the other language has an address of its own: the return is not
/// taken in a second time.
pub fn not_readable(folder: &str, lang: Lang, why: Unreadable, token: Option<&str>) -> Response {
    let order = token
        .map(|token| format!("order={token}&"))
        .unwrap_or_default();
    let (word, other) = (why.word(), lang.other().word());
    let title = lang.pick(
        "This link carries no valid payment result. Your order is not affected.",
        "该链接不含有效的支付结果，您的订单不受影响。",
    );
    let link = token.map(|token| format!("{folder}/pay/{token}/result"));
    let to = lang.pick("See the payment", "查看付款结果");
    let page = Message {
        lang,
        switch: &format!("{folder}/unreadable/{word}?{order}lang={other}"),
        title,
        text: why.says(lang),
        link: link.as_deref().map(|link| (to, link)),
    };
    DRESS.html(StatusCode::OK, &page, "")
}

/// What our own links say.
#[derive(Default, Deserialize)]
pub(super) struct About {
    #[serde(default)]
    order: String,
}

/// The same page again, in the other language.
pub(super) async fn unreadable(
    State(app): State<Arc<App>>,
    why: Result<Path<String>, PathRejection>,
    about: Result<Query<About>, QueryRejection>,
    Visit { lang }: Visit,
) -> Response {
    let word = text(why);
    let Some(why) = Unreadable::ALL.into_iter().find(|why| why.word() == word) else {
        return no_page(lang);
    };
    let about = about.map(|Query(about)| about).unwrap_or_default();
    let order = find(&app, &about.order).await;
    let token = order.as_ref().map(|(order, _)| &*order.state.order.token);
    not_readable(&app.setup.folder(), lang, why, token)
}

pub(super) fn no_page(lang: Lang) -> Response {
    let title = lang.pick("There is no such page.", "没有这个页面。");
    let text = lang.pick(
        "Please go back to the shop and look at your order there.",
        "请回到商家网站查看您的订单。",
    );
    let page = Message {
        lang,
        switch: &format!("?lang={}", lang.other().word()),
        title,
        text,
        link: None,
    };
    DRESS.html(StatusCode::NOT_FOUND, &page, "")
}
