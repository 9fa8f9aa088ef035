//! One trade: its timeline, what can be done with it, what goes wrong with it, and every byte that was exchanged.

use super::acts::{Act, acts};
use super::faults::Form;
use super::timeline::{Line, copy, lines, outcome, word};
use super::{Coat, STYLE, Status, When, html};
use crate::asked::Asked;
use crate::codes;
use crate::exchange::{Exchange, Kind};
use crate::order::{Key, Order, TradeView};
use crate::sandbox::Sandbox;
use crate::story::story;
use crate::text::{Shown, amount, beginning, beijing, relative, utc};
use askama::Template;
use quittance_core::http::{Method, Reply};
use quittance_core::{Lang, Timestamp};

/// How many exchanges the page shows byte for byte, the newest; the API has them all.
const EXCHANGES_SHOWN: usize = 60;
/// How many bytes of one side are shown.
const BYTES_SHOWN: usize = 4 * 1024;

#[derive(Template)]
#[template(path = "sandbox/trade.html")]
struct Page<'a> {
    coat: Coat,
    view: TradeView,
    status: Status,
    amount: String,
    /// What the documents of its gateway call the merchant's number.
    partner_word: &'static str,
    /// What the buyer chose to pay by.
    chosen: Option<&'a str>,
    story: String,
    next: Option<When>,
    lines: Vec<Line>,
    hint: &'static str,
    acts: Vec<Act>,
    own: &'static str,
    form: Form,
    form_action: String,
    exchanges: Vec<Raw>,
    /// The page where it is paid.
    cashier: Option<String>,
    /// Whether that is a terminal's.
    at_terminal: bool,
    /// The page of the payment that it pays back, and its number.
    original: Option<(String, &'a str)>,
    api: String,
    token: &'a str,
}

/// One exchange with the bytes of both sides.
struct Raw {
    number: u64,
    word: String,
    exact: String,
    utc: String,
    relative: String,
    outcome: String,
    warning: Option<String>,
    request: String,
    reply: String,
}

/// The page of this trade.
pub(crate) fn trade(
    coat: Coat,
    sandbox: &Sandbox,
    now: Timestamp,
    key: &Key,
    order: &Order,
) -> Reply {
    let gateway = order.asked.gateway();
    let coat = coat.at(gateway);
    let lang = coat.lang;
    let view = sandbox.view(key, order);
    let own = sandbox.own_faults(&key.partner, &key.out_trade_no);
    let shown = order.exchanges.iter().rev().take(EXCHANGES_SHOWN);
    let path = format!("{}/{}", key.partner, key.out_trade_no);
    html(
        200,
        &Page {
            status: Status::of(order, lang),
            amount: amount(view.amount),
            partner_word: gateway.partner_word(),
            chosen: order.chosen.as_deref().map(|code| codes::choice(code, lang)),
            story: story(order, view.next_resend, now, lang),
            next: view.next_resend.map(|at| When::ahead(now, at, lang)),
            lines: lines(order, now, lang),
            hint: lang.pick(
                "Times are Beijing time, as on the wire (CodePay's wire has UTC). A line ends with ✓ where the answer was right and with ✕ where it was not; a dotted line never arrived; ⚑ marks what the sandbox did on purpose. Touch a line to see its bytes.",
                "时间均为北京时间，与报文一致（CodePay 报文为 UTC）。✓ 表示应答正确，✕ 表示应答不正确，点线表示未送达，⚑ 表示沙箱有意为之。点击连线可查看原始内容。",
            ),
            acts: acts(sandbox, key, order, lang),
            own: match own {
                Some(_) => lang.pick(
                    "This order has faults of its own; those of all orders do not touch it.",
                    "本订单单独设置了故障，不受全部订单的设置影响。",
                ),
                None => lang.pick(
                    "This order has no faults of its own: what is shown here is set for all orders. Setting anything here makes it its own.",
                    "本订单没有单独设置，以下为全部订单的设置；在此保存后仅对本订单生效。",
                ),
            },
            form: Form::of_one(sandbox.faults_of(key), gateway, lang),
            form_action: format!("/trades/{}/faults", order.token),
            exchanges: shown.map(|known| raw(order, known, now, lang)).collect(),
            cashier: (view.cashier != format!("/trades/{}", order.token)).then(|| view.cashier.clone()),
            at_terminal: order.asked.push().is_some(),
            original: original(sandbox, order),
            api: format!("/api/trades/{path}"),
            token: &order.token,
            view,
            coat,
        },
    )
}

/// The payment that this pays back.
fn original<'a>(sandbox: &'a Sandbox, order: &Order) -> Option<(String, &'a str)> {
    let Asked::PaidBack(back) = &order.asked else {
        return None;
    };
    let payment = sandbox.orders.get(&back.original)?;
    Some((format!("/trades/{}", payment.token), payment.asked.number()))
}

fn raw(order: &Order, exchange: &Exchange, now: Timestamp, lang: Lang) -> Raw {
    let (_, outcome) = outcome(exchange, lang);
    let method = match exchange.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let line = format!("{method} {}", exchange.target);
    let reply = match (exchange.status, exchange.kind) {
        (Some(status), _) => both(&status.to_string(), &exchange.reply, BYTES_SHOWN, lang),
        (None, Kind::Return) => lang
            .pick(
                "The browser carries it: what the shop answered does not pass through here.",
                "由浏览器携带：商家的应答不经过沙箱。",
            )
            .to_owned(),
        (None, _) => "–".to_owned(),
    };
    Raw {
        number: exchange.number,
        word: word(exchange, copy(order, exchange), lang),
        exact: beijing(exchange.at),
        utc: utc(exchange.at),
        relative: relative(now, exchange.at, lang),
        outcome,
        warning: exchange.warning.as_ref().map(|warning| warning.say(lang)),
        request: both(&line, &exchange.request, BYTES_SHOWN, lang),
        reply,
    }
}

/// A first line, and under it so many bytes of the body.
pub(super) fn both(line: &str, body: &[u8], bytes_max: usize, lang: Lang) -> String {
    if body.is_empty() {
        return line.to_owned();
    }
    let (part, text) = beginning(body, bytes_max);
    let (text, note) = match text {
        Shown::Text(text, charset) if charset.label() == "utf-8" => (text, String::new()),
        Shown::Text(text, charset) => (text, format!(" ({})", charset.label().to_uppercase())),
        Shown::Base64(text) => (text, " (Base64)".to_owned()),
    };
    let cut = match body.len().saturating_sub(part.len()) {
        0 => String::new(),
        more => match lang {
            Lang::En => format!("\n… {more} more bytes: see the JSON"),
            Lang::Zh => format!("\n… 另有 {more} 字节，见 JSON"),
        },
    };
    format!("{line}{note}\n\n{text}{cut}")
}
