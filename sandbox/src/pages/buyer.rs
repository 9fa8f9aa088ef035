//! What the buyer sees: cashier, success, and the pages that say why there is neither.

use super::{Coat, STYLE, html, trade_no};
use crate::buyer::WayBack;
use crate::codes;
use crate::control::Denied;
use crate::order::Order;
use crate::sandbox::Refused;
use crate::text::{Shown, amount, shown};
use askama::Template;
use quittance_core::Lang;
use quittance_core::http::Reply;

/// How much of a refused request its page shows.
const REQUEST_BYTES_MAX: usize = 4 * 1024;

/// Our own drawings of the ways to pay: a house with columns, a purse, a card, a note. They stand for no company.
const HOUSE: &str = "M3 10 12 4l9 6zM5 10v8M10 10v8M14 10v8M19 10v8M3 20h18";
const PURSE: &str = "M4 7h15a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM4 7l11-3v3M16 13h4";
const CARD: &str = "M3 6h18v12H3zM3 10h18M6 15h4";
const NOTE: &str = "M3 7h18v10H3zM12 10a2 2 0 1 0 .01 0M6 12h.01M18 12h.01";

#[derive(Template)]
#[template(path = "sandbox/cashier.html")]
struct Cashier<'a> {
    coat: Coat,
    payee: &'a str,
    amount: String,
    subject: &'a str,
    body: Option<&'a str>,
    out_trade_no: &'a str,
    trade_no: &'a str,
    show_url: Option<&'a str>,
    method: Option<(&'static str, &'a str)>,
    token: &'a str,
}

#[derive(Template)]
#[template(path = "sandbox/paid.html")]
struct Paid<'a> {
    coat: Coat,
    payee: &'a str,
    amount: String,
    subject: &'a str,
    out_trade_no: &'a str,
    trade_no: &'a str,
    next: String,
    way_back: Option<String>,
    /// After how many seconds the browser goes back by itself; only on the first showing.
    redirect_secs: Option<u32>,
    held: bool,
    token: &'a str,
}

#[derive(Template)]
#[template(path = "sandbox/message.html")]
pub(super) struct Message<'a> {
    pub(super) coat: Coat,
    pub(super) title: &'a str,
    pub(super) code: Option<&'static str>,
    pub(super) lines: &'a [&'a str],
    pub(super) link: Option<(&'a str, &'static str)>,
    pub(super) request: Option<String>,
}

/// The page where the buyer pays.
pub(crate) fn cashier(coat: Coat, order: &Order, payee: &str) -> Reply {
    let asked = &order.request;
    let method = method(
        asked.paymethod.as_deref(),
        asked.defaultbank.as_deref(),
        coat.lang,
    );
    html(
        200,
        &Cashier {
            coat,
            payee,
            amount: amount(asked.total_fee),
            subject: &asked.subject,
            body: asked.body.as_deref(),
            out_trade_no: &asked.out_trade_no,
            trade_no: trade_no(order),
            show_url: asked.show_url.as_deref(),
            method,
            token: &order.token,
        },
    )
}

/// The page that says so and sends the browser back.
pub(crate) fn paid(coat: Coat, order: &Order, payee: &str, way_back: WayBack, secs: u32) -> Reply {
    let lang = coat.lang;
    let said = |en: &str, zh: &str| lang.pick(en, zh).to_owned();
    let mut redirect_secs = None;
    let (next, way_back, held) = match way_back {
        WayBack::Ready { url, first: true } => {
            redirect_secs = Some(secs);
            let next = match lang {
                Lang::En => format!("You go back to the shop in {secs} seconds."),
                Lang::Zh => format!("{secs} 秒后自动返回商家网站。"),
            };
            (next, Some(url), false)
        }
        WayBack::Ready { url, first: false } => {
            let next = said(
                "This page sends you back by itself only once.",
                "本页只自动跳转一次。",
            );
            (next, Some(url), false)
        }
        WayBack::Held => {
            let next = said(
                "The shop is told first, as this sandbox was asked to do. Then this page leads you back.",
                "按沙箱设置，先通知商家，随后本页再带您返回。",
            );
            (next, None, true)
        }
        WayBack::Lost => {
            let next = said(
                "This page does not lead back to the shop, as this sandbox was asked to do. You can close it.",
                "按沙箱设置，本页不返回商家。您可以关闭本页。",
            );
            (next, None, false)
        }
        WayBack::None => {
            let next = said(
                "The shop gave no address to go back to. You can close this page.",
                "商家未提供返回地址，您可以关闭本页。",
            );
            (next, None, false)
        }
    };
    html(
        200,
        &Paid {
            coat,
            payee,
            amount: amount(order.request.total_fee),
            subject: &order.request.subject,
            out_trade_no: &order.request.out_trade_no,
            trade_no: trade_no(order),
            next,
            way_back,
            redirect_secs,
            held,
            token: &order.token,
        },
    )
}

/// The page after the buyer walked away. Nothing happened.
pub(crate) fn left(coat: Coat, token: &str) -> Reply {
    let lang = coat.lang;
    let line = lang.pick(
        "The trade still waits for its buyer. You can close this page, or go back and pay.",
        "交易仍在等待付款。您可以关闭本页，或返回付款。",
    );
    let cashier = format!("/cashier/{token}");
    let page = Message {
        title: lang.pick(
            "You left the cashier. Nothing was paid.",
            "您已离开收银台，未付款。",
        ),
        lines: &[line],
        link: Some((&cashier, lang.pick("Back to the cashier", "返回收银台"))),
        ..Message::new(coat)
    };
    html(200, &page)
}

/// The page of a trade that closed unpaid.
pub(crate) fn closed(coat: Coat) -> Reply {
    let lang = coat.lang;
    let line = lang.pick(
        "It can no longer be paid. Order again at the shop.",
        "该交易不能再付款，请在商家处重新下单。",
    );
    let page = Message {
        title: lang.pick(
            "This trade is closed. It was not paid.",
            "交易已关闭，未付款。",
        ),
        lines: &[line],
        ..Message::new(coat)
    };
    html(200, &page)
}

/// The page of a trade whose money is held.
pub(crate) fn held(coat: Coat) -> Reply {
    let lang = coat.lang;
    let line = lang.pick(
        "Do not pay again. The seller's account is frozen; the shop learns of the payment when it is free again.",
        "请勿重复付款。卖家账户被冻结，解冻后商家才会收到付款通知。",
    );
    let page = Message {
        title: lang.pick(
            "You have paid. The seller does not have the money yet.",
            "您已付款，卖家尚未收到款项。",
        ),
        lines: &[line],
        ..Message::new(coat)
    };
    html(200, &page)
}

/// The gateway's error page (seed 001 5.1). It leads nowhere: no return, no notify.
pub(crate) fn error(coat: Coat, status: u16, refused: &Refused) -> Reply {
    let lang = coat.lang;
    let said = codes::explain(refused.code, lang);
    let lines: Vec<&str> = said.iter().map(String::as_str).collect();
    let page = Message {
        title: lang.pick(
            "Debug error: please go back to where you came from and start again.",
            "调试错误，请回到请求来源地，重新发起请求。",
        ),
        code: Some(refused.code.0),
        lines: &lines,
        request: Some(request(refused)),
        ..Message::new(coat)
    };
    html(status, &page)
}

/// What a person asked for cannot be done.
pub(crate) fn denied(coat: Coat, denied: Denied, back: &str) -> Reply {
    let lang = coat.lang;
    let said = denied.say(lang);
    let page = Message {
        title: said.title,
        lines: &[&said.why, said.fix],
        link: Some((back, lang.pick("Back", "返回"))),
        ..Message::new(coat)
    };
    html(409, &page)
}

/// There is nothing at this address, or nothing that this form could mean.
pub(crate) fn not_found(coat: Coat) -> Reply {
    let lang = coat.lang;
    let line = lang.pick(
        "Start from the shop, or look at the list of all trades.",
        "请从商家页面开始，或查看全部交易。",
    );
    let page = Message {
        title: lang.pick(
            "There is no such page in the sandbox.",
            "沙箱中没有此页面。",
        ),
        lines: &[line],
        ..Message::new(coat)
    };
    html(404, &page)
}

impl<'a> Message<'a> {
    /// A page that says nothing yet.
    pub(super) fn new(coat: Coat) -> Message<'a> {
        Message {
            coat,
            title: "",
            code: None,
            lines: &[],
            link: None,
            request: None,
        }
    }
}

/// What the order asked to be paid by: a drawing and a name.
fn method<'a>(
    method: Option<&'a str>,
    bank: Option<&'a str>,
    lang: Lang,
) -> Option<(&'static str, &'a str)> {
    if let Some(bank) = bank {
        return Some((HOUSE, codes::bank(bank, lang)));
    }
    let method = method?;
    let icon = match method {
        "bankPay" => HOUSE,
        "cartoon" | "creditPay" => CARD,
        "CASH" => NOTE,
        _ => PURSE,
    };
    Some((icon, codes::method(method, lang)))
}

fn request(refused: &Refused) -> String {
    let wire = refused.request.as_slice();
    let wire = wire.get(..REQUEST_BYTES_MAX).unwrap_or(wire);
    match shown(wire) {
        Shown::Text(text, _) | Shown::Base64(text) => text,
    }
}
