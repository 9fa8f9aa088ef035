//! Money that does not fit is reported: as a discrepancy, and as an event `discrepancy.opened`.
//!
//! Expected only where the server had a witness. For an order: claims that stand in the journal at the proof that
//! counts (that they stand there is the matter of acks and of time), and what a Cancel of ours took back of them. For the account: evidence that named an order which
//! nobody made, for longer than ten minutes; a genuine callback that was answered and names a payee, about a trade of
//! which no money went to us, unless the server found the message itself ambiguous.

use super::header::About;
use super::known::OrderFacts;
use super::money::is_accepted;
use super::promise::{Broken, Promise};
use super::stage::{SECOND, SLACK_SECS};
use super::told::word;
use super::wire::Form;
use super::{Closing, ids};
use crate::truth::Name;
use std::collections::BTreeSet;

/// Evidence waits so long for its order before anybody is told.
const PARKED_SECS: i64 = 600;

pub(super) fn check(context: &Closing<'_>, found: &mut Vec<Broken>) {
    let discrepancies: BTreeSet<&str> = context
        .said
        .discrepancies
        .iter()
        .map(|shown| word(shown, "id"))
        .collect();
    let events: BTreeSet<&str> = context
        .said
        .events
        .iter()
        .map(|event| word(event, "id"))
        .collect();
    let mut expect = |name: &Name, kind: &str, subject: &str, why: String| {
        let id = ids::discrepancy(&name.account, &name.order_no, kind, subject);
        let event = ids::event(&name.account, &name.order_no, "discrepancy.opened", &id);
        let missing = match (
            discrepancies.contains(id.as_str()),
            events.contains(event.as_str()),
        ) {
            (true, true) => return,
            (false, _) => "no discrepancy",
            (true, false) => "no event discrepancy.opened",
        };
        found.push(Broken::about(
            Promise::ExtraMoneyIsReported,
            name,
            format!("{why}: {missing} {kind} about {subject} tells it"),
        ));
    };
    for (name, order) in &context.known.orders {
        if order.made.is_some() {
            of_order(context, &events, name, order, &mut expect);
        } else if unknown(context, name, order) {
            let account = Name::new(&name.account, "");
            let why = format!(
                "evidence names the order {}, which nobody made",
                name.order_no
            );
            expect(&account, "unknown_order", &name.order_no, why);
        }
    }
    for (account, trade_no) in other_payees(context) {
        let why = format!("a callback told of trade {trade_no}, which paid somebody else");
        expect(&Name::new(&account, ""), "payee_mismatch", &trade_no, why);
    }
}

/// What the counting claims of one order must have opened.
fn of_order(
    context: &Closing<'_>,
    events: &BTreeSet<&str>,
    name: &Name,
    order: &OrderFacts,
    expect: &mut impl FnMut(&Name, &str, &str, String),
) {
    let Some(made) = &order.made else {
        return;
    };
    let closed_id = ids::event(&name.account, &name.order_no, "order.closed", "");
    let closed = order.gateway_closed || events.contains(closed_id.as_str());
    let mut received = 0_i64;
    for (trade_no, amount) in order.counting(context.rules, &name.account) {
        let paid = format!("trade {trade_no} paid {} {}", amount.minor, amount.currency);
        let like = amount.currency == made.currency;
        if !order.asks(amount) {
            let kind = if like {
                "amount_mismatch"
            } else {
                "currency_mismatch"
            };
            let why = format!("{paid} for an order of {} {}", made.minor, made.currency);
            expect(name, kind, trade_no, why);
        }
        if !context.known.owns(name, trade_no) {
            expect(
                name,
                "trade_reuse",
                trade_no,
                format!("{paid}, and is another order's"),
            );
            continue;
        }
        let counts = order.asks(amount) || (like && is_accepted(name, trade_no, &order.accepted));
        if counts {
            received += amount.minor;
        }
        let trade = (name.account.clone(), trade_no.to_owned());
        if context.money.undone().contains(&trade) && context.known.refunded.contains(&trade) {
            let why = format!("{paid}, and a Cancel took it back");
            expect(name, "refunded_by_cancel", trade_no, why);
        }
        if counts && closed {
            expect(
                name,
                "paid_after_close",
                trade_no,
                format!("{paid} on a closed order"),
            );
        }
    }
    // Claims that differ about one trade are one payment, of whichever amount.
    let several = order
        .counting(context.rules, &name.account)
        .map(|(trade_no, _)| trade_no)
        .collect::<BTreeSet<_>>()
        .len();
    if received > made.minor && several > 1 {
        let why = format!(
            "{received} received for an order of {} {}",
            made.minor, made.currency
        );
        expect(name, "duplicate_payment", &name.order_no, why);
    }
}

/// Whether evidence has waited for this order for so long that somebody must have been told.
fn unknown(context: &Closing<'_>, name: &Name, order: &OrderFacts) -> bool {
    let Some(calm) = context.truth.calm_since else {
        return false;
    };
    let parked = context.known.stands.keys().any(|(account, about, ..)| {
        *account == name.account
            && matches!(about, About::OrderNo(order_no) if *order_no == name.order_no)
    });
    let patience = (PARKED_SECS + SLACK_SECS) * SECOND;
    parked
        && order
            .told_at
            .is_some_and(|at| at.max(calm).saturating_add(patience) < context.truth.now)
}

/// Trades told of by genuine callbacks, of which no money went to us.
fn other_payees(context: &Closing<'_>) -> BTreeSet<(String, String)> {
    let mut trades = BTreeSet::new();
    for callback in &context.truth.callbacks {
        let after = context
            .lost_before
            .is_none_or(|before| callback.at > before);
        if !(callback.genuine && callback.answer.is_some() && after) {
            continue;
        }
        let form = Form::read(&callback.body);
        let Some(trade_no) = form.paid_trade().filter(|_| form.names_payee()) else {
            continue;
        };
        let mut names = context.money.names(&callback.account, trade_no).peekable();
        let elsewhere = names.peek().is_some()
            && names.all(|name| {
                context
                    .money
                    .of_trade(name, trade_no)
                    .all(|paid| !paid.to_us)
            });
        // Refused unread while the server stops, or ambiguous for another reason: then nobody could know.
        let heard = context.known.heard(&callback.account, &callback.body);
        let read = heard
            .iter()
            .any(|heard| matches!(heard.verdict.as_str(), "genuine" | "payee_mismatch"));
        if elsewhere && read {
            trades.insert((callback.account.clone(), trade_no.to_owned()));
        }
    }
    trades
}
