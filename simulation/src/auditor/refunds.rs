//! Refunds that the shop asks for.
//!
//! - By the journal: what was asked for of a trade, and not refused by the gateway, is never more than the trade brought.
//! - By the truth: what a Cancel took back, an entry told of before it went out; and never more went back because of the server than the shop wanted, however often it asked.
//! - At rest: what the server took in is shown; what is its own to do has come to its end, and as much went back as is
//!   shown to have succeeded.

use super::header::{Amount, Entry};
use super::known::Known;
use super::money::{Money, minor};
use super::promise::{Broken, Promise};
use super::told::word;
use super::{Closing, name_of};
use crate::truth::{Name, Truth};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the journal tells of refunds.
#[derive(Default)]
pub(super) struct Refunds {
    wanted: BTreeMap<(Name, String), Wanted>,
}

struct Wanted {
    trade_no: String,
    amount: Amount,
    wire_no: String,
    refused: bool,
}

impl Refunds {
    /// Judges one entry.
    pub(super) fn judge(&mut self, money: &Money, entry: &Entry, found: &mut Vec<Broken>) {
        let header = &entry.header;
        let Some(account) = header.account.as_deref() else {
            return;
        };
        for claim in header
            .claims
            .iter()
            .filter(|claim| claim.succeeded == Some(false))
        {
            let told = (claim.trade_no.as_deref(), claim.refund_no.as_deref());
            for (_, wanted) in self
                .wanted
                .iter_mut()
                .filter(|((name, _), _)| name.account == account)
            {
                wanted.refused |= told == (Some(&wanted.trade_no), Some(&wanted.wire_no));
            }
        }
        let (Some(order_no), Some(refund_no)) =
            (header.order_no.as_deref(), header.text("refund_no"))
        else {
            return;
        };
        let key = (Name::new(account, order_no), refund_no.to_owned());
        if header.kind == "refund_requested" {
            return self.request(money, key, entry, found);
        }
        let Some(wanted) = self.wanted.get_mut(&key) else {
            return;
        };
        match header.kind.as_str() {
            "refund_numbered" => {
                wanted.wire_no = header.text("wire_no").unwrap_or_default().to_owned();
            }
            "refund_sent" => {
                wanted.refused |= header.data.get("accepted") == Some(&Value::Bool(false));
            }
            "refund_query" if header.text("wire_no") == Some(&wanted.wire_no) => {
                wanted.refused |= header.text("answer") == Some("failed");
            }
            _ => {}
        }
    }

    fn request(
        &mut self,
        money: &Money,
        key: (Name, String),
        entry: &Entry,
        found: &mut Vec<Broken>,
    ) {
        let data = &entry.header.data;
        let amount = data.get("amount").cloned().unwrap_or_default();
        let Ok(amount) = serde_json::from_value::<Amount>(amount) else {
            return;
        };
        let name = key.0.clone();
        let wanted = Wanted {
            trade_no: entry.header.text("trade_no").unwrap_or_default().to_owned(),
            amount,
            wire_no: entry.header.text("wire_no").unwrap_or_default().to_owned(),
            refused: false,
        };
        let trade_no = wanted.trade_no.clone();
        self.wanted.insert(key, wanted);
        let of_trade = self.wanted.iter().filter(|((of, _), wanted)| {
            *of == name && wanted.trade_no == trade_no && !wanted.refused
        });
        let sum: i64 = of_trade.map(|(_, wanted)| wanted.amount.minor).sum();
        let brought = money
            .of_trade(&name, &trade_no)
            .map(|paid| paid.amount)
            .max();
        if sum > brought.unwrap_or_default() {
            found.push(Broken::about(
                Promise::NeverTwice,
                &name,
                format!(
                    "entry {} asks for {sum} of trade {trade_no} back in all; it brought {brought:?}",
                    entry.seq
                ),
            ));
        }
    }
}

/// At any moment: nothing goes back by a Cancel that was not written down before.
pub(super) fn written(known: &Known, money: &Money, found: &mut Vec<Broken>) {
    for (account, trade_no) in money.undone() {
        let canceled = |name: &Name| known.orders.get(name).is_some_and(|order| order.canceled);
        if !money.names(account, trade_no).any(canceled) {
            found.push(Broken::of(
                Promise::AckMeansStored,
                format!("a Cancel took trade {trade_no} back, and no entry told of it before"),
            ));
        }
    }
}

/// At any moment: never more goes back than the shop wanted.
pub(super) fn check(truth: &Truth, money: &Money, found: &mut Vec<Broken>) {
    for ((account, trade_no), went_back) in money.back_by_us() {
        let names: Vec<&Name> = money.names(account, trade_no).collect();
        let wishes = truth
            .wishes
            .iter()
            .filter(|wish| names.contains(&&wish.name));
        let wanted: i64 = wishes.map(|wish| wish.amount).sum();
        if *went_back > wanted {
            found.push(Broken::of(
                Promise::NeverTwice,
                format!(
                    "{went_back} of trade {trade_no} went back because of the server; {wanted} was wanted"
                ),
            ));
        }
    }
}

/// At rest.
pub(super) fn close(context: &Closing<'_>, found: &mut Vec<Broken>) {
    let mut went_back: BTreeMap<Name, i64> = BTreeMap::new();
    for (trade, amount) in context.money.back_by_us() {
        if let Some(order_no) = context.known.owners.get(trade) {
            *went_back.entry(Name::new(&trade.0, order_no)).or_default() += amount;
        }
    }
    for order in &context.said.orders {
        let Some(name) = name_of(order) else {
            continue;
        };
        let currency = word(order, "currency");
        let asked_for: Vec<&Value> = order["refunds"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|refund| refund["requested_at"].is_string())
            .collect();
        let taken = context
            .truth
            .wishes
            .iter()
            .filter(|wish| wish.taken && wish.name == name);
        for wish in taken {
            let shown = asked_for.iter().any(|refund| {
                word(refund, "refund_no") == wish.refund_no
                    && minor(word(refund, "amount"), currency) == Some(wish.amount)
            });
            if !shown && context.lost_before.is_none() {
                found.push(Broken::about(
                    Promise::NeverLost,
                    &name,
                    format!("refund {} was taken in and is not shown", wish.refund_no),
                ));
            }
        }
        let by_a_person = |refund: &Value| {
            let wants_person = context
                .rules
                .get(&name.account)
                .is_some_and(|rule| rule.refunds_by_person);
            wants_person && matches!(word(refund, "status"), "requested" | "sent")
        };
        for refund in &asked_for {
            let ended = matches!(word(refund, "status"), "succeeded" | "failed");
            if !ended && !by_a_person(refund) {
                found.push(Broken::about(
                    Promise::NeverLost,
                    &name,
                    format!(
                        "refund {} is still {}",
                        word(refund, "refund_no"),
                        word(refund, "status")
                    ),
                ));
            }
        }
        let said: i64 = asked_for
            .iter()
            .filter(|refund| word(refund, "status") == "succeeded")
            .filter_map(|refund| minor(word(refund, "amount"), currency))
            .sum();
        let truly = went_back.get(&name).copied().unwrap_or_default();
        if said != truly && context.lost_before.is_none() {
            found.push(Broken::about(
                Promise::NeverLost,
                &name,
                format!("{truly} went back because of the server, its refunds say {said}"),
            ));
        }
    }
}
