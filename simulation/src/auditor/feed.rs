//! The feed at rest. It holds each event once, numbered without gaps; it is what the shops were told; every event reached
//! every endpoint with a 2xx at least once; what an order shows was told.
//!
//! Events of an account itself name neither account nor subject: they are known by the id that their discrepancy gives.
//! An endpoint that is switched off, and a debt of which every try failed, owe nothing more.

use super::promise::{Broken, Promise};
use super::told::{Inbox, word};
use super::{Closing, ids, name_of};
use crate::truth::Name;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Inbox {
    /// The feed at rest: whole, once, and told to everybody.
    pub(super) fn feed(&mut self, context: &Closing<'_>, found: &mut Vec<Broken>) {
        let accounts = account_events(context);
        let mut seen = BTreeSet::new();
        let mut counts: BTreeMap<Name, i64> = BTreeMap::new();
        for event in &context.said.events {
            let id = word(event, "id");
            let place = format!("the feed's event {id}");
            if !seen.insert(id) {
                found.push(Broken::of(
                    Promise::NeverTwice,
                    format!("{place} is in it twice"),
                ));
                continue;
            }
            match self.bodies.get(id) {
                Some((_, told)) if told != event => found.push(Broken::of(
                    Promise::NeverTwice,
                    format!("{place} is not what the shop was told"),
                )),
                Some(_) => {}
                None => {
                    let (known, money) = (context.known, context.money);
                    self.event(known, money, event, &place, context.truth.now, found);
                }
            }
            let order = event.pointer("/data/order").and_then(name_of);
            let name = order.or_else(|| accounts.get(id).cloned());
            if let Some(name) = name {
                dense(context, &mut counts, &name, event, &place, found);
                self.everybody(context, &name, id, found);
            }
        }
        if context.lost_before.is_none() {
            for id in self.bodies.keys().filter(|id| !seen.contains(id.as_str())) {
                found.push(Broken::of(
                    Promise::NeverLost,
                    format!("a shop was told {id}, which is not in the feed"),
                ));
            }
        }
        must_be_told(context, &seen, &counts, found);
    }

    /// Every endpoint of the account got the event, and what is recorded as delivered was.
    fn everybody(&self, context: &Closing<'_>, name: &Name, id: &str, found: &mut Vec<Broken>) {
        let endpoints = context.rules.get(&name.account).map(|rule| &rule.endpoints);
        for endpoint in endpoints.into_iter().flatten() {
            let key = (id.to_owned(), endpoint.clone());
            let tries = context.known.deliveries.get(&key);
            let reached = self.reached.contains(&(endpoint.clone(), id.to_owned()));
            let excused = context.known.off.contains(endpoint)
                || tries.is_some_and(|tries| tries.dead)
                || context.truth.calm_since.is_none()
                || context.lost_before.is_some();
            let recorded = tries.is_some_and(|tries| tries.delivered);
            if reached || (excused && !recorded) || context.lost_before.is_some() {
                continue;
            }
            let how = if recorded {
                "is recorded as delivered to"
            } else {
                "is not recorded as delivered to"
            };
            found.push(Broken {
                promise: Promise::ShopsAreTold,
                about: Some(name.clone()),
                what: format!("event {id} {how} {endpoint}, and never was taken there with 2xx"),
            });
        }
    }
}

/// Numbers of one order are 1, 2, 3, … in the feed's order; behind a backup they only grow.
fn dense(
    context: &Closing<'_>,
    counts: &mut BTreeMap<Name, i64>,
    name: &Name,
    event: &Value,
    place: &str,
    found: &mut Vec<Broken>,
) {
    let sequence = event
        .get("sequence")
        .and_then(Value::as_i64)
        .unwrap_or_default();
    let last = counts.entry(name.clone()).or_default();
    let good = if context.lost_before.is_some() {
        sequence > *last
    } else {
        sequence == *last + 1
    };
    if !good {
        found.push(Broken::about(
            Promise::NeverTwice,
            name,
            format!("{place} has the sequence {sequence} behind {last}"),
        ));
    }
    *last = sequence;
}

/// What an order shows must have been told: paid, closed, every counted trade, and the number of its newest event.
fn must_be_told(
    context: &Closing<'_>,
    seen: &BTreeSet<&str>,
    counts: &BTreeMap<Name, i64>,
    found: &mut Vec<Broken>,
) {
    for order in &context.said.orders {
        let Some(name) = name_of(order) else {
            continue;
        };
        let mut must: Vec<(&str, String)> = Vec::new();
        match word(order, "status") {
            "paid" | "partially_refunded" => must.push(("order.paid", String::new())),
            "closed" => must.push(("order.closed", String::new())),
            _ => {}
        }
        let trades = order.get("trades").and_then(Value::as_array);
        for trade in trades.into_iter().flatten() {
            if trade.get("counted") == Some(&Value::Bool(true)) {
                must.push(("payment.recorded", word(trade, "trade_no").to_owned()));
            }
        }
        for (kind, subject) in must {
            let id = ids::event(&name.account, &name.order_no, kind, &subject);
            if !seen.contains(id.as_str()) {
                found.push(Broken::about(
                    Promise::ShopsAreTold,
                    &name,
                    format!(
                        "the order is {}, and no event {kind} {subject} tells it",
                        word(order, "status")
                    ),
                ));
            }
        }
        let newest = order
            .get("sequence")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        let told = counts.get(&name).copied().unwrap_or_default();
        if newest != told {
            found.push(Broken::about(
                Promise::ShopsAreTold,
                &name,
                format!("the order's newest event has the number {newest}, the feed's {told}"),
            ));
        }
    }
}

/// Events of accounts themselves, by the discrepancy that gives their id. The name has no order number.
fn account_events(context: &Closing<'_>) -> BTreeMap<String, Name> {
    let own = context
        .said
        .discrepancies
        .iter()
        .filter(|found| found.get("order_no").is_none_or(Value::is_null));
    own.map(|found| {
        let account = word(found, "account");
        let id = ids::event(account, "", "discrepancy.opened", word(found, "id"));
        (id, Name::new(account, ""))
    })
    .collect()
}
