//! The sums at rest. Every order that the shop made is there; each of its payments that the journal knows at the proof
//! that counts, that fits and is the order's own, is counted; nothing else is. What is said to be paid back is no more
//! than the gateway paid back, and no less than what the server had a witness of: the claims that count, or, an hour and
//! two of the last gaps after a genuine callback told of a refund, what had gone back by the time of that callback. The
//! status is what the design makes of these sums.
//!
//! Money of which nobody could tell the server is judged by time, in [`super::pace`].

use super::header::{About, Amount};
use super::known::OrderFacts;
use super::money::{is_accepted, minor};
use super::promise::{Broken, Promise};
use super::stage::{SECOND, SLACK_SECS, STALE_SECS};
use super::told::{refunded, word};
use super::wire::Form;
use super::{Closing, name_of};
use crate::truth::{Micros, Name};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Per trade: what counting claims say was paid back, by items and as a watermark.
type Claimed = BTreeMap<(String, String), (i64, i64)>;
/// Per trade: when a callback last told of a refund, answered long enough ago.
type Marked = BTreeMap<(String, String), Micros>;

pub(super) fn check(context: &Closing<'_>, found: &mut Vec<Broken>) {
    let said: BTreeMap<Name, &Value> = context
        .said
        .orders
        .iter()
        .filter_map(|order| Some((name_of(order)?, order)))
        .collect();
    for wanted in &context.truth.orders {
        let excused = context
            .lost_before
            .is_some_and(|before| wanted.at <= before);
        match said.get(&wanted.name) {
            None if !excused => found.push(Broken::about(
                Promise::NeverLost,
                &wanted.name,
                "the shop made this order, and the server does not show it".to_owned(),
            )),
            Some(order) => {
                let shown = (
                    minor(word(order, "amount"), word(order, "currency")),
                    word(order, "currency"),
                );
                if shown != (Some(wanted.amount), wanted.currency.as_str()) {
                    found.push(Broken::about(
                        Promise::NeverLost,
                        &wanted.name,
                        format!(
                            "the shop asked for {} {}, the order shows {shown:?}",
                            wanted.amount, wanted.currency
                        ),
                    ));
                }
            }
            None => {}
        }
    }
    let (claimed, marked) = (claimed(context), marked(context));
    for (name, order) in said {
        let Some(facts) = context.known.orders.get(&name) else {
            found.push(Broken::about(
                Promise::JournalIsWhole,
                &name,
                "the order is shown, and the journal has no entry of it".to_owned(),
            ));
            continue;
        };
        super::paid::shown(
            context.known,
            context.money,
            order,
            "the order itself",
            context.truth.now,
            found,
        );
        let Some(received) = trades(context, &name, facts, order, found) else {
            continue;
        };
        let back = refunded(order).unwrap_or_default();
        refunds(context, &name, order, &claimed, &marked, found);
        status(&name, facts, order, received, back, found);
    }
}

/// Known trades are counted, counted trades are known. Gives what was received.
fn trades(
    context: &Closing<'_>,
    name: &Name,
    facts: &OrderFacts,
    order: &Value,
    found: &mut Vec<Broken>,
) -> Option<i64> {
    let currency = word(order, "currency");
    let mut received = 0_i64;
    let mut counted = BTreeSet::new();
    for trade in order.get("trades")?.as_array()? {
        let trade_no = word(trade, "trade_no");
        if trade.get("counted") != Some(&Value::Bool(true)) {
            continue;
        }
        let amount = Amount {
            minor: minor(word(trade, "amount"), word(trade, "currency"))?,
            currency: word(trade, "currency").to_owned(),
        };
        counted.insert(trade_no);
        received += amount.minor;
        let fits = facts.asks(&amount)
            || (amount.currency == currency && is_accepted(name, trade_no, &facts.accepted));
        let happened = context.money.of_trade(name, trade_no).any(|paid| {
            paid.to_us && paid.amount == amount.minor && paid.currency == amount.currency
        });
        if !fits || !happened || !context.known.owns(name, trade_no) {
            found.push(Broken::about(
                Promise::NeverPaidWithoutMoney,
                name,
                format!(
                    "trade {trade_no} of {} {} is counted: fits the order: {fits}, stands at the gateway: {happened}, \
                     is this order's: {}",
                    amount.minor,
                    amount.currency,
                    context.known.owns(name, trade_no)
                ),
            ));
        }
    }
    for (trade_no, amount) in facts.counting(context.rules, &name.account) {
        let fits = facts.asks(amount) || is_accepted(name, trade_no, &facts.accepted);
        if fits && context.known.owns(name, trade_no) && !counted.contains(trade_no) {
            found.push(Broken::about(
                Promise::NeverLost,
                name,
                format!(
                    "trade {trade_no} of {} {} stands in the journal, fits, and is not counted",
                    amount.minor, amount.currency
                ),
            ));
        }
    }
    Some(received)
}

/// The refunded sum of each counted trade lies between what was told and what went back.
fn refunds(
    context: &Closing<'_>,
    name: &Name,
    order: &Value,
    claimed: &Claimed,
    marked: &Marked,
    found: &mut Vec<Broken>,
) {
    let currency = word(order, "currency");
    let list = |field| {
        order
            .get(field)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    for trade in list("trades") {
        let trade_no = word(trade, "trade_no");
        let key = (name.account.clone(), trade_no.to_owned());
        if trade.get("counted") != Some(&Value::Bool(true)) {
            continue;
        }
        let said: i64 = list("refunds")
            .filter(|refund| {
                word(refund, "trade_no") == trade_no && word(refund, "status") == "succeeded"
            })
            .filter_map(|refund| minor(word(refund, "amount"), currency))
            .sum();
        let most = context
            .money
            .back(&name.account, trade_no, context.truth.now);
        let (items, so_far) = claimed.get(&key).copied().unwrap_or_default();
        let one_trade = context
            .money
            .of(name)
            .iter()
            .all(|paid| paid.trade_no == trade_no);
        let by_mark = marked.get(&key).filter(|_| one_trade).map(|at| {
            context.money.back(
                &name.account,
                trade_no,
                at.saturating_sub(STALE_SECS * SECOND),
            )
        });
        let least = items.max(so_far).max(by_mark.unwrap_or_default());
        if said > most || said < least {
            found.push(Broken::about(
                Promise::NeverLost,
                name,
                format!(
                    "{said} of trade {trade_no} is said to be paid back; the gateway paid back {most}, and the server \
                     had been told of {least}"
                ),
            ));
        }
    }
}

fn status(
    name: &Name,
    facts: &OrderFacts,
    order: &Value,
    received: i64,
    back: i64,
    found: &mut Vec<Broken>,
) {
    let said = word(order, "status");
    let amount = facts.made.as_ref().map_or(0, |made| made.minor);
    let net = received - back;
    let good = match received {
        0 if facts.gateway_closed => said == "closed",
        0 if facts.closed.is_some() => matches!(said, "closed" | "unpaid"),
        0 => said == "unpaid",
        _ if net <= 0 => said == "refunded",
        _ if net < amount.min(received) => said == "partially_refunded",
        _ => said == "paid",
    };
    if good {
        return;
    }
    let promise = if said == "closed" {
        Promise::UnknownIsNeverUnpaid
    } else {
        Promise::NeverLost
    };
    found.push(Broken::about(
        promise,
        name,
        format!("the order is {said:?}: of {amount} asked for {received} was received and {back} paid back"),
    ));
}

/// What counting claims say was paid back.
fn claimed(context: &Closing<'_>) -> Claimed {
    let mut sums = Claimed::new();
    for ((account, about, (claim, trade_no, _, amount), (_, succeeded, _)), rank) in
        &context.known.stands
    {
        let (Some(trade_no), Some(amount)) = (trade_no, amount) else {
            continue;
        };
        let key = (account.clone(), trade_no.clone());
        let owner = match about {
            About::OrderNo(order_no) => Some(order_no),
            About::TradeNo(_) => context.known.owners.get(&key),
        };
        let order = owner.and_then(|owner| context.known.orders.get(&Name::new(account, owner)));
        if order.is_none_or(|order| *rank < order.required(context.rules, account, amount)) {
            continue;
        }
        let sum = sums.entry(key).or_default();
        match claim.as_str() {
            "refund_item" if *succeeded == Some(true) => sum.0 += amount.minor,
            "refunded_so_far" => sum.1 = amount.minor.max(sum.1),
            _ => {}
        }
    }
    sums
}

/// Callbacks that told of a refund without its amount, long enough ago for the question that follows.
fn marked(context: &Closing<'_>) -> Marked {
    let mut marked = Marked::new();
    let Some(calm) = context.truth.calm_since else {
        return marked;
    };
    for callback in &context.truth.callbacks {
        let Some(rule) = context.rules.get(&callback.account) else {
            continue;
        };
        let patience = 3_600 + 2 * rule.gap(usize::MAX) + rule.call_secs + SLACK_SECS;
        let asked = calm.max(callback.at).saturating_add(patience * SECOND) < context.truth.now;
        let after = context
            .lost_before
            .is_none_or(|before| callback.at > before);
        if !(callback.genuine && callback.answer.is_some() && asked && after) {
            continue;
        }
        let form = Form::read(&callback.body);
        let heard = context.known.heard(&callback.account, &callback.body);
        if let Some(trade_no) = form.get("trade_no")
            && form.tells_refund()
            && heard.iter().any(|heard| heard.verdict == "genuine")
        {
            let key = (callback.account.clone(), trade_no.to_owned());
            let at = marked.entry(key).or_insert(callback.at);
            *at = callback.at.max(*at);
        }
    }
    marked
}
