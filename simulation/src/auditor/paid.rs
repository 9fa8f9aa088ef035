//! Never paid without money, and never closed on silence.
//!
//! A claim of a payment that is confirmed or queried, or counts at its account, must be one that the gateway has: order,
//! trade, amount, currency, to us. Whatever calls an order paid (or paid back) needs money at the gateway by then.
//!
//! A closing is right where the gateway closed the trade, or where no money was there. It is wrong where money had been
//! there for longer than an answer may be under way and stale, and the order had been sent to the cashier. That is
//! counted back from the look before the one that saw the closing, which is before the closing. Where the gateway answers
//! for a time only, the answer may be older than the closing; then it is counted back from the last question that was
//! answered. Nobody could know better where the server's clock was wrong since the order was made, or where the gateway
//! had the order from another program, earlier than from the server.

use super::header::{About, Amount, Entry};
use super::known::{Known, OrderFacts};
use super::money;
use super::money::Money;
use super::promise::{Broken, Promise};
use super::rules::{Rules, rank};
use super::stage::{SECOND, STALE_SECS};
use crate::truth::{Micros, Name, Truth};
use serde_json::Value;

/// A buyer who is sent takes no longer to get there.
const SENDING_SECS: i64 = 60;

/// Every payment that an entry claims strongly enough is one that happened.
pub(super) fn claims(
    rules: &Rules,
    known: &Known,
    money: &Money,
    entry: &Entry,
    found: &mut Vec<Broken>,
) {
    let Some(account) = entry.header.account.as_deref() else {
        return;
    };
    for claim in &entry.header.claims {
        let (Some((trade_no, amount)), About::OrderNo(order_no)) = (claim.payment(), &claim.about)
        else {
            continue;
        };
        let name = Name::new(account, order_no);
        let proof = rank(&claim.proof);
        let counts = known
            .orders
            .get(&name)
            .is_some_and(|order| proof >= order.required(rules, account, amount));
        let happened = || {
            money.of_trade(&name, trade_no).any(|paid| {
                paid.to_us && paid.amount == amount.minor && paid.currency == amount.currency
            })
        };
        if (proof >= 2 || counts) && !happened() {
            found.push(Broken::about(
                Promise::NeverPaidWithoutMoney,
                &name,
                format!(
                    "entry {} holds for {} that trade {trade_no} paid {} {}, and the gateway has no such money for us",
                    entry.seq, claim.proof, amount.minor, amount.currency
                ),
            ));
        }
    }
}

/// Closings that this look saw first; `looked` is when the look before was.
pub(super) fn closings(
    rules: &Rules,
    known: &Known,
    money: &Money,
    (truth, looked): (&Truth, Micros),
    found: &mut Vec<Broken>,
) {
    for name in &known.fresh_closings {
        let Some(order) = known.orders.get(name) else {
            continue;
        };
        let exempt = order.checkouts == 0 && !order.gateway_closed;
        if exempt || money.closed(name).is_some() {
            continue;
        }
        let rule = rules.get(&name.account);
        let call = rule.map_or(10, |rule| rule.call_secs);
        let margin_secs = STALE_SECS + 2 * call + 10;
        let answered = match rule.and_then(|rule| rule.window_secs) {
            None => looked,
            Some(_) if !could_know(rules, truth, name, order) => continue,
            Some(_) => order.told_unpaid.unwrap_or(looked).min(looked),
        };
        let limit = answered.saturating_sub(margin_secs * SECOND);
        if let Some(paid) = money.of(name).iter().find(|paid| {
            // Other money may be where nobody asks.
            let fits = order.asks(&Amount {
                minor: paid.amount,
                currency: paid.currency.clone(),
            });
            // So may be what was told of another order before: the gateway has it there.
            let tellings = money.of_account(&name.account);
            let mut before = tellings.filter(|told| told.trade_no == paid.trade_no);
            let first = before.all(|told| told.name == *name || told.at > paid.at);
            paid.to_us && fits && first && paid.at <= limit
        }) {
            found.push(Broken::about(
                Promise::UnknownIsNeverUnpaid,
                name,
                format!(
                    "a closing was recorded, while trade {} of {} {} had stood at the gateway for more than {margin_secs} s",
                    paid.trade_no, paid.amount, paid.currency
                ),
            ));
        }
    }
}

/// Whether what the gateway answered for a time only could be understood: by a clock that was right, and about the order
/// as the server had sent it.
fn could_know(rules: &Rules, truth: &Truth, name: &Name, order: &OrderFacts) -> bool {
    order
        .sent
        .is_some_and(|(first, _)| answers_since(rules, truth, name, first))
}

/// Whether the server's clock was right, and the gateway answers about the order for as long as if its buyer had been
/// sent then, or longer.
pub(super) fn answers_since(rules: &Rules, truth: &Truth, name: &Name, sent: i64) -> bool {
    let made = truth.orders.iter().find(|order| order.name == *name);
    if !made.is_some_and(|made| truth.clock_right_since(made.at)) {
        return false;
    }
    let secs = rules.get(&name.account).and_then(|rule| rule.window_secs);
    let least = sent.saturating_add((secs.unwrap_or_default() - SENDING_SECS) * SECOND);
    truth
        .answered_until
        .get(name)
        .is_some_and(|until| *until >= least)
}

/// An order as it is shown, by whatever place, must not be called paid without money until then.
pub(super) fn shown(
    known: &Known,
    money: &Money,
    order: &Value,
    place: &str,
    until: Micros,
    found: &mut Vec<Broken>,
) {
    let status = order
        .get("status")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !matches!(status, "paid" | "partially_refunded" | "refunded") {
        return;
    }
    let Some(name) = super::name_of(order) else {
        return found.push(Broken::of(
            Promise::NeverPaidWithoutMoney,
            format!("{place} calls an order {status} without naming it"),
        ));
    };
    let text = |field| order.get(field).and_then(Value::as_str).unwrap_or_default();
    let currency = text("currency");
    let Some(amount) = money::minor(text("amount"), currency) else {
        return found.push(Broken::about(
            Promise::NeverPaidWithoutMoney,
            &name,
            format!(
                "{place} has no amount that can be read: {:?}",
                text("amount")
            ),
        ));
    };
    let none = std::collections::BTreeSet::new();
    let accepted = known
        .orders
        .get(&name)
        .map_or(&none, |order| &order.accepted);
    let received = money.received(&name, (amount, currency), accepted, until);
    // A person may take less for enough.
    let enough = if accepted.is_empty() { amount } else { 1 };
    if received < enough {
        found.push(Broken::about(
            Promise::NeverPaidWithoutMoney,
            &name,
            format!(
                "{place} calls the order of {amount} {currency} {status}, and the gateway has {received} for us"
            ),
        ));
    }
}
