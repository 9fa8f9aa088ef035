//! What shops are told, as it arrives. One id is one body for ever; ids follow from their content; an order is told paid
//! once, and closed once; signatures are right. What is told at rest is in [`super::feed`].

use super::known::Known;
use super::money::{self, Money};
use super::promise::{Broken, Promise};
use super::rules::Rules;
use super::{ids, name_of, paid, secrets};
use crate::truth::{Micros, Name, Truth};
use data_encoding::HEXLOWER;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that reached shops.
#[derive(Default)]
pub(super) struct Inbox {
    receipts: usize,
    /// What each id stood for: the body, and what it says.
    pub(super) bodies: BTreeMap<String, (Vec<u8>, Value)>,
    once: BTreeMap<(Name, String), String>,
    /// Endpoint and event, where the shop answered 2xx.
    pub(super) reached: BTreeSet<(String, String)>,
}

impl Inbox {
    /// A backup was put back: what was told since may be told anew, with other words.
    pub(super) fn restored(&mut self) {
        *self = Inbox {
            receipts: self.receipts,
            ..Inbox::default()
        };
    }

    /// New receipts.
    pub(super) fn read(
        &mut self,
        rules: &Rules,
        known: &Known,
        money: &Money,
        truth: &Truth,
        found: &mut Vec<Broken>,
    ) {
        let receipts = truth.receipts.get(self.receipts..).unwrap_or_default();
        self.receipts = truth.receipts.len();
        for receipt in receipts {
            let place = format!("the webhook {} at {}", receipt.id, receipt.endpoint);
            if !receipt.signed {
                found.push(Broken::of(
                    Promise::ShopsAreTold,
                    format!("{place} has a wrong signature"),
                ));
            }
            if receipt
                .answered
                .is_some_and(|status| (200..300).contains(&status))
            {
                self.reached
                    .insert((receipt.endpoint.clone(), receipt.id.clone()));
            }
            match self.bodies.get(&receipt.id) {
                Some((body, _)) if *body == receipt.body => continue,
                Some(_) => {
                    found.push(Broken::of(
                        Promise::NeverTwice,
                        format!("{place} has another body than before under the same id"),
                    ));
                    continue;
                }
                None => {}
            }
            let text = String::from_utf8_lossy(&receipt.body);
            secrets::in_text(rules, &text, &place, found);
            let Ok(event) = serde_json::from_str::<Value>(&text) else {
                found.push(Broken::of(
                    Promise::ShopsAreTold,
                    format!("{place} is no JSON"),
                ));
                continue;
            };
            if word(&event, "id") != receipt.id {
                found.push(Broken::of(
                    Promise::NeverTwice,
                    format!("{place} has the id {:?} inside", word(&event, "id")),
                ));
            }
            self.event(known, money, &event, &place, receipt.at, found);
            self.bodies
                .insert(receipt.id.clone(), (receipt.body.clone(), event));
        }
    }

    /// One event, wherever it is seen first.
    pub(super) fn event(
        &mut self,
        known: &Known,
        money: &Money,
        event: &Value,
        place: &str,
        until: Micros,
        found: &mut Vec<Broken>,
    ) {
        let (id, kind) = (word(event, "id"), word(event, "type"));
        let order = event
            .pointer("/data/order")
            .filter(|order| order.is_object());
        if kind == "journal.anchor" {
            let sequence = event
                .get("sequence")
                .and_then(Value::as_i64)
                .unwrap_or_default();
            if id != ids::event("", "", kind, &sequence.to_string()) {
                found.push(odd_id(place));
            }
            let told = event.pointer("/data/head/hash").and_then(Value::as_str);
            // After an adopted backup the sequence counts on from an epoch's floor; the entry's number is the head's.
            let seq = event
                .pointer("/data/head/seq")
                .and_then(Value::as_i64)
                .unwrap_or_default();
            let hash = known.anchors.get(&seq).map(|hash| HEXLOWER.encode(hash));
            if told != hash.as_deref() {
                found.push(Broken::of(
                    Promise::JournalIsWhole,
                    format!("{place} tells {told:?} as the hash of entry {seq}, which is {hash:?}"),
                ));
            }
            return;
        }
        let Some(order) = order else {
            return;
        };
        let Some(name) = name_of(order) else {
            return found.push(odd_id(place));
        };
        match subject(event, kind, order) {
            Some(subject) if id == ids::event(&name.account, &name.order_no, kind, &subject) => {}
            _ => found.push(Broken {
                about: Some(name.clone()),
                ..odd_id(place)
            }),
        }
        if matches!(kind, "order.paid" | "order.closed") {
            let key = (name.clone(), kind.to_owned());
            let first = self.once.entry(key).or_insert_with(|| id.to_owned());
            if first != id {
                found.push(Broken::about(
                    Promise::NeverTwice,
                    &name,
                    format!("{kind} was told as {first} and as {id}: a shop would count it twice"),
                ));
            }
        }
        if kind == "order.paid"
            && word(order, "status") != "paid"
            && word(order, "status") != "partially_refunded"
        {
            found.push(Broken::about(
                Promise::NeverPaidWithoutMoney,
                &name,
                format!(
                    "{place} says order.paid of an order that is {}",
                    word(order, "status")
                ),
            ));
        }
        let closed = known
            .orders
            .get(&name)
            .is_some_and(|order| order.closed.is_some());
        if kind == "order.closed" && !closed {
            found.push(Broken::about(
                Promise::UnknownIsNeverUnpaid,
                &name,
                format!("{place} says order.closed, and no entry of the journal closed it"),
            ));
        }
        paid::shown(known, money, order, place, until, found);
    }
}

/// What within its order an event is about.
fn subject(event: &Value, kind: &str, order: &Value) -> Option<String> {
    let inside = |path: &str| {
        event
            .pointer(path)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    match kind {
        "order.paid" | "order.closed" => Some(String::new()),
        "payment.recorded" => inside("/data/trade/trade_no"),
        "discrepancy.opened" => inside("/data/discrepancy/id"),
        "order.partially_refunded" | "order.refunded" => Some(refunded(order)?.to_string()),
        _ => None,
    }
}

/// What was paid back of an order's counted trades, as its JSON says. Where it does not say, it is what its refunds show:
/// of each trade at most its amount.
pub(super) fn refunded(order: &Value) -> Option<i64> {
    let currency = word(order, "currency");
    if let Some(said) = order.get("refunded").and_then(Value::as_str) {
        return money::minor(said, currency);
    }
    let list = |name| order.get(name).and_then(Value::as_array);
    let mut sum = 0_i64;
    for trade in list("trades")? {
        if trade.get("counted") != Some(&Value::Bool(true)) {
            continue;
        }
        let mut back = 0_i64;
        for refund in list("refunds")? {
            let of_it = refund.get("trade_no") == trade.get("trade_no");
            if of_it && word(refund, "status") == "succeeded" {
                back += money::minor(word(refund, "amount"), currency)?;
            }
        }
        sum += back.min(money::minor(word(trade, "amount"), currency)?);
    }
    Some(sum)
}

fn odd_id(place: &str) -> Broken {
    Broken::of(
        Promise::NeverTwice,
        format!("{place} has an id that does not follow from its content"),
    )
}

/// A text of a JSON object; empty where there is none.
pub(super) fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
