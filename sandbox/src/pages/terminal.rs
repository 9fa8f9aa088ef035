//! A terminal of CodePay's: what is on its screen, what waits behind it, and its buttons.

use super::{Coat, STYLE, html, trade_no};
use crate::asked::Asked;
use crate::codepay::Terminal;
use crate::gateway::Gateway;
use crate::order::{Key, Order};
use crate::sandbox::Sandbox;
use crate::text::{amount, relative};
use crate::trade::State;
use askama::Template;
use quittance_core::http::Reply;
use quittance_core::{Lang, Timestamp};

/// How many orders behind the first one are listed.
const BEHIND_MAX: usize = 20;

#[derive(Template)]
#[template(path = "sandbox/terminal.html")]
struct Page<'a> {
    coat: Coat,
    terminal_sn: &'a str,
    merchant_no: &'a str,
    online: bool,
    screen: Option<Screen<'a>>,
    behind: Vec<Behind<'a>>,
    /// How many more there are.
    more: usize,
}

/// The order whose turn it is.
struct Screen<'a> {
    what: &'static str,
    title: &'a str,
    amount: String,
    number: &'a str,
    trade_no: &'a str,
    /// Whether a card was presented.
    reading: bool,
    /// Whether a card can be presented: a sale.
    sale: bool,
    closes: Option<String>,
    token: &'a str,
}

/// One that waits.
struct Behind<'a> {
    what: &'static str,
    number: &'a str,
    amount: String,
    token: &'a str,
}

/// The page of this terminal.
pub(crate) fn terminal(
    coat: Coat,
    sandbox: &Sandbox,
    now: Timestamp,
    terminal_sn: &str,
    terminal: &Terminal,
) -> Reply {
    let coat = coat.at(Gateway::CodePay);
    let lang = coat.lang;
    let order = |key: &Key| sandbox.orders.get(key);
    let mut waiting = terminal.queue.iter().filter_map(order);
    let screen = waiting.next().map(|order| screen(order, now, lang));
    let behind: Vec<Behind> = waiting
        .map(|order| Behind {
            what: what(&order.asked, lang),
            number: order.asked.number(),
            amount: amount(order.asked.amount()),
            token: &order.token,
        })
        .collect();
    let more = behind.len().saturating_sub(BEHIND_MAX);
    let page = Page {
        coat,
        terminal_sn,
        merchant_no: &terminal.merchant_no,
        online: terminal.online,
        screen,
        behind: behind.into_iter().take(BEHIND_MAX).collect(),
        more,
    };
    html(200, &page)
}

fn screen(order: &Order, now: Timestamp, lang: Lang) -> Screen<'_> {
    Screen {
        what: what(&order.asked, lang),
        title: order.asked.title(),
        amount: amount(order.asked.amount()),
        number: order.asked.number(),
        trade_no: trade_no(order),
        reading: order.state() == Some(State::Paying),
        sale: !order.is_back(),
        closes: order.closes_at.map(|at| relative(now, at, lang)),
        token: &order.token,
    }
}

/// What is to be done with it.
fn what(asked: &Asked, lang: Lang) -> &'static str {
    match asked {
        Asked::PaidBack(back) if back.asked.void => lang.pick("Void", "撤销"),
        Asked::PaidBack(_) => lang.pick("Refund", "退款"),
        _ => lang.pick("Sale", "消费"),
    }
}
