//! What an operator sees of a batch of refunds: the page that asks for the payment password, and what became of it.

use super::buyer::Message;
use super::{Coat, STYLE, html};
use crate::alipay::refunds::Batch;
use crate::codes;
use crate::gateway::Gateway;
use crate::sandbox::Sandbox;
use crate::text::amount;
use askama::Template;
use quittance_core::gateway::alipay::gateway_side::Code;
use quittance_core::http::Reply;
use quittance_core::{Currency, Lang, Money};

#[derive(Template)]
#[template(path = "sandbox/refunds.html")]
struct Page<'a> {
    coat: Coat,
    title: &'static str,
    payee: String,
    batch_no: &'a str,
    total: String,
    items: Vec<Item<'a>>,
    /// Whether the password is still wanted.
    asks: bool,
    wrong: bool,
    token: &'a str,
}

/// One refund of the batch.
struct Item<'a> {
    trade_no: &'a str,
    /// The title of what was bought.
    subject: &'a str,
    /// The token of its order's pages.
    order: &'a str,
    amount: String,
    reason: &'a str,
    /// What became of it: whether it was done, a word, and why.
    outcome: Option<(bool, &'static str, &'static str)>,
}

/// The page of this batch. `wrong`: the password was none, or the wrong one.
pub(crate) fn refunds(coat: Coat, sandbox: &Sandbox, batch: &Batch, wrong: bool) -> Reply {
    let lang = coat.lang;
    let asked = &batch.request;
    let outcomes = batch.outcomes.as_deref().unwrap_or_default();
    let items = asked.items.iter().enumerate().map(|(at, item)| {
        let order = sandbox
            .by_trade_no
            .get(&item.trade_no)
            .and_then(|key| sandbox.orders.get(key));
        Item {
            trade_no: &item.trade_no,
            subject: order.map_or("", |order| order.asked.title()),
            order: order.map_or("", |order| &order.token),
            amount: amount(item.amount),
            reason: &item.reason,
            outcome: outcomes.get(at).map(|outcome| said(outcome.refused, lang)),
        }
    });
    let total = asked.items.iter().map(|item| item.amount.minor).sum();
    let asks = batch.outcomes.is_none();
    let payee = sandbox.merchant(&asked.partner);
    html(
        200,
        &Page {
            title: match asks {
                true => lang.pick("Confirm these refunds", "确认退款"),
                false => lang.pick("What became of these refunds", "退款结果"),
            },
            payee: payee.map(|merchant| merchant.email).unwrap_or_default(),
            batch_no: &asked.batch_no,
            total: amount(Money::new(total, Currency::CNY)),
            items: items.collect(),
            asks,
            wrong: wrong && asks,
            token: &batch.token,
            coat,
        },
    )
}

fn said(refused: Option<Code>, lang: Lang) -> (bool, &'static str, &'static str) {
    match refused {
        None => (true, lang.pick("paid back", "已退款"), ""),
        Some(code) => (false, code.0, codes::cause(Gateway::Alipay, code.0, lang)),
    }
}

/// The page after the operator walked away. Nothing happened.
pub(crate) fn left(coat: Coat, token: &str) -> Reply {
    let lang = coat.lang;
    let line = lang.pick(
        "The batch still waits for the payment password. You can close this page, or go back and confirm.",
        "该批次仍在等待支付密码。您可以关闭本页，或返回确认。",
    );
    let page = format!("/refunds/{token}");
    let page = Message {
        title: lang.pick("You left. Nothing was paid back.", "您已离开，未退款。"),
        lines: &[line],
        link: Some((&page, lang.pick("Back to the refunds", "返回退款页面"))),
        ..Message::new(coat)
    };
    html(200, &page)
}
