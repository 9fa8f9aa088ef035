//! What the buyer sees: cashier, success, and the pages that say why there is neither.

use super::{Coat, POSTING, STYLE, SUBMIT, html, html_under, trade_no};
use crate::codes;
use crate::denied::Denied;
use crate::gateway::Gateway;
use crate::order::Order;
use crate::sandbox::Refused;
use crate::text::{Shown, amount, shown};
use crate::trade::State;
use crate::way_back::{Form, WayBack};
use askama::Template;
use quittance_core::Lang;
use quittance_core::http::Reply;

/// How much of a refused request its page shows.
const REQUEST_BYTES_MAX: usize = 4 * 1024;

#[derive(Template)]
#[template(path = "sandbox/back.html")]
struct Back<'a> {
    coat: Coat,
    out_trade_no: &'a str,
    url: &'a str,
    charset: &'static str,
    fields: Vec<(String, String)>,
    token: &'a str,
}

#[derive(Template)]
#[template(path = "sandbox/paid.html")]
struct Paid<'a> {
    coat: Coat,
    title: &'static str,
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
    /// A second one.
    pub(super) other: Option<(&'a str, &'static str)>,
    pub(super) request: Option<String>,
}

/// The page that says how the payment ended and sends the browser back.
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
    let asked = &order.asked;
    html(
        200,
        &Paid {
            title: match (order.ending(), order.state()) {
                (Some(_), _) => lang.pick(
                    "The payment failed. Nothing was paid.",
                    "付款失败，未扣款。",
                ),
                (None, Some(State::Voided)) => {
                    lang.pick("The payment was taken back.", "付款已撤销。")
                }
                (None, _) => lang.pick("Payment succeeded.", "付款成功。"),
            },
            coat: coat.at(asked.gateway()),
            payee,
            amount: amount(asked.amount()),
            subject: asked.title(),
            out_trade_no: asked.number(),
            trade_no: trade_no(order),
            next,
            way_back,
            redirect_secs,
            held,
            token: &order.token,
        },
    )
}

/// The page that posts the return to the shop: by itself where scripts run, else by its button.
pub(crate) fn back(coat: Coat, order: &Order, form: &Form) -> Reply {
    let page = Back {
        coat: coat.at(order.asked.gateway()),
        out_trade_no: order.asked.number(),
        url: &form.url,
        charset: form.charset.label(),
        fields: form.fields(),
        token: &order.token,
    };
    html_under(&POSTING, 200, &page)
}

/// The page after the buyer walked away. Nothing happened.
pub(crate) fn left(coat: Coat, order: &Order) -> Reply {
    let lang = coat.lang;
    let cashier = format!("/cashier/{}", order.token);
    let back = (
        cashier.as_str(),
        lang.pick("Back to the cashier", "返回收银台"),
    );
    // CodePay's page knows where the shop is, and tells it nothing.
    let shop = order.asked.return_url();
    let shop = shop.filter(|_| order.asked.gateway() == Gateway::CodePay);
    let shop = shop.map(|url| (url, lang.pick("Back to the shop", "返回商家")));
    let line = lang.pick(
        "The trade still waits for its buyer. You can close this page, or go back and pay.",
        "交易仍在等待付款。您可以关闭本页，或返回付款。",
    );
    let page = Message {
        title: lang.pick(
            "You left the cashier. Nothing was paid.",
            "您已离开收银台，未付款。",
        ),
        lines: &[line],
        link: Some(back),
        other: shop,
        ..Message::new(coat)
    };
    html(200, &page)
}

/// The page of a trade that closed unpaid.
pub(crate) fn closed(coat: Coat, gateway: Gateway) -> Reply {
    let coat = coat.at(gateway);
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
pub(crate) fn held(coat: Coat, gateway: Gateway) -> Reply {
    let coat = coat.at(gateway);
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

/// The gateway's error page (seed 001 5.1; protocol note dinpay 1.5, whose sources do not show it). It leads nowhere: no
/// return, no notify.
pub(crate) fn error(coat: Coat, status: u16, refused: &Refused) -> Reply {
    let coat = coat.at(refused.gateway);
    let lang = coat.lang;
    let said = codes::explain(refused.gateway, refused.code, lang);
    let lines: Vec<&str> = said.iter().map(String::as_str).collect();
    let page = Message {
        title: match refused.gateway {
            Gateway::Alipay => lang.pick(
                "Debug error: please go back to where you came from and start again.",
                "调试错误，请回到请求来源地，重新发起请求。",
            ),
            // No browser comes to CodePay's address: this is what the control page shows of a call.
            Gateway::Dinpay | Gateway::CodePay => lang.pick(
                "The gateway does not take this payment request.",
                "网关未受理该付款请求。",
            ),
        },
        code: Some(refused.code),
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
            other: None,
            request: None,
        }
    }
}

fn request(refused: &Refused) -> String {
    let wire = refused.request.as_slice();
    let wire = wire.get(..REQUEST_BYTES_MAX).unwrap_or(wire);
    match shown(wire) {
        Shown::Text(text, _) | Shown::Base64(text) => text,
    }
}
