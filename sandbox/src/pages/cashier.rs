//! The cashier, and what the buyer may choose there.

use super::{Coat, STYLE, html, trade_no};
use crate::asked::Asked;
use crate::codes;
use crate::dinpay::choices;
use crate::gateway::Gateway;
use crate::order::Order;
use crate::text::amount;
use crate::trade::State;
use askama::Template;
use quittance_core::Lang;
use quittance_core::choice::ChoiceKind;
use quittance_core::http::Reply;

/// Our own drawings of the ways to pay: a house with columns, a purse, a card, a note, squares to scan. They stand for no
/// company.
const HOUSE: &str = "M3 10 12 4l9 6zM5 10v8M10 10v8M14 10v8M19 10v8M3 20h18";
const PURSE: &str = "M4 7h15a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM4 7l11-3v3M16 13h4";
const CARD: &str = "M3 6h18v12H3zM3 10h18M6 15h4";
const SQUARES: &str = "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2M20 14v2M14 20h2M18 18h2v2";
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
    /// What the buyer may choose, in groups.
    groups: Vec<Group>,
    /// Whether the last try failed.
    failed: bool,
    /// Whether the buyer's bank can refuse here, for good.
    declines: bool,
    token: &'a str,
}

/// Choices that belong together.
struct Group {
    name: &'static str,
    icon: &'static str,
    choices: Vec<Choice>,
}

/// One of them.
struct Choice {
    code: &'static str,
    name: &'static str,
    on: bool,
}

/// The page where the buyer pays.
pub(crate) fn cashier(coat: Coat, order: &Order, payee: &str) -> Reply {
    let asked = &order.asked;
    let (method, groups) = match asked {
        Asked::Alipay(asked) => {
            let (way, bank) = (asked.paymethod.as_deref(), asked.defaultbank.as_deref());
            (method(way, bank, coat.lang), Vec::new())
        }
        Asked::Dinpay(_) => ways(order, coat.lang),
        Asked::CodePay(_) | Asked::PaidBack(_) => {
            (Some((CARD, coat.lang.pick("Card", "银行卡"))), Vec::new())
        }
    };
    html(
        200,
        &Cashier {
            payee,
            amount: amount(asked.amount()),
            subject: asked.title(),
            body: asked.details(),
            out_trade_no: asked.number(),
            trade_no: trade_no(order),
            show_url: asked.show_url(),
            method,
            groups,
            failed: order.state() == Some(State::Failed),
            declines: asked.gateway() == Gateway::CodePay,
            token: &order.token,
            coat: coat.at(asked.gateway()),
        },
    )
}

/// What an order of Dinpay's is paid by, where that is settled, else what the buyer may choose. The first choice is
/// ticked, or the one that he made before.
fn ways(order: &Order, lang: Lang) -> (Option<(&'static str, &str)>, Vec<Group>) {
    let offered = choices::offered(&order.asked);
    let codes = || {
        offered
            .iter()
            .flat_map(|(_, all)| all.iter().copied().map(choices::code))
    };
    match (codes().count(), &order.chosen) {
        (0, Some(bank)) => return (Some((HOUSE, codes::choice(bank, lang))), Vec::new()),
        (1, _) => {
            let only = offered
                .iter()
                .find_map(|(group, all)| Some((drawing(group.kind), all.first()?.name(lang))));
            return (only, Vec::new());
        }
        _ => {}
    }
    let chosen = order.chosen.as_deref();
    let ticked = codes()
        .find(|code| chosen == Some(*code))
        .or_else(|| codes().next());
    let groups = offered.iter().map(|(group, all)| Group {
        name: group.name(lang),
        icon: drawing(group.kind),
        choices: all
            .iter()
            .map(|choice| Choice {
                code: choices::code(choice),
                name: choice.name(lang),
                on: ticked == Some(choices::code(choice)),
            })
            .collect(),
    });
    (None, groups.collect())
}

fn drawing(kind: ChoiceKind) -> &'static str {
    match kind {
        ChoiceKind::Bank | ChoiceKind::CompanyBank => HOUSE,
        ChoiceKind::DebitCard => CARD,
        ChoiceKind::Code => SQUARES,
        ChoiceKind::Balance => PURSE,
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
