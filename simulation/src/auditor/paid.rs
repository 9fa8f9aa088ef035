//! Never paid without money, and never closed on silence.
//!
//! A claim of a payment that is confirmed or queried, or counts at its account, must be one that the gateway has: order,
//! trade, amount, currency, to us. Whatever calls an order paid (or paid back) needs money at the gateway by then.
//!
//! A closing is right where the gateway closed the trade, or where no money was there. It is wrong where money had been
//! there for longer than an answer may be under way and stale, and the order had been sent to the cashier. That is
//! counted back from the look before the one that saw the closing, which is before the closing.

use super::header::{About, Amount, Entry};
use super::known::Known;
use super::money;
use super::money::Money;
use super::promise::{Broken, Promise};
use super::rules::{Rules, rank};
use super::stage::{SECOND, STALE_SECS};
use crate::truth::{Micros, Name};
use serde_json::Value;

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
    looked: Micros,
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
        let call = rules.get(&name.account).map_or(10, |rule| rule.call_secs);
        let margin_secs = STALE_SECS + 2 * call + 10;
        let limit = looked.saturating_sub(margin_secs * SECOND);
        if let Some(paid) = money.of(name).iter().find(|paid| {
            // Other money may be where nobody asks.
            let fits = order.asks(&Amount {
                minor: paid.amount,
                currency: paid.currency.clone(),
            });
            paid.to_us && fits && paid.at <= limit
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
