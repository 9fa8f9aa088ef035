//! That telling everything again changed nothing.

use super::name_of;
use super::promise::{Broken, Promise};
use super::told::{refunded, word};
use crate::truth::{Said, Truth};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const OF_ORDER: [&str; 11] = [
    "status",
    "attention",
    "amount",
    "currency",
    "created_at",
    "expires_at",
    "paid_at",
    "closed_at",
    "refunds",
    "discrepancies",
    "sequence",
];
const OF_TRADE: [&str; 5] = ["trade_no", "amount", "currency", "payee", "counted"];

pub(super) fn check(before: &Said, after: &Said) -> Vec<Broken> {
    let mut found = Vec::new();
    let (orders, later) = (orders(before), orders(after));
    for (name, order) in &orders {
        let now = later.get(name);
        for field in OF_ORDER.into_iter().chain(["trades"]) {
            let was = order.get(field);
            let is = now.and_then(|now| now.get(field));
            if was != is {
                found.push(Broken {
                    promise: Promise::AnyOrderSameEnd,
                    about: name_of(order),
                    what: format!(
                        "replayed callbacks changed {field} from {} to {}",
                        text(was),
                        text(is)
                    ),
                });
            }
        }
    }
    for (name, order) in &later {
        if !orders.contains_key(name) {
            found.push(Broken {
                promise: Promise::AnyOrderSameEnd,
                about: name_of(order),
                what: "replayed callbacks made an order".to_owned(),
            });
        }
    }
    let lists = [
        ("event", events(before), events(after)),
        (
            "discrepancy",
            by_id(&before.discrepancies),
            by_id(&after.discrepancies),
        ),
    ];
    for (what, was, is) in lists {
        for id in was.keys().chain(is.keys()) {
            if was.get(id) != is.get(id) {
                let change = match (was.get(id), is.get(id)) {
                    (None, _) => "added",
                    (_, None) => "removed",
                    _ => "changed",
                };
                found.push(Broken::of(
                    Promise::AnyOrderSameEnd,
                    format!("replayed callbacks {change} the {what} {id}"),
                ));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Whether money went back that no order shows: its callbacks were lost, and nobody has asked since.
pub(super) fn untold_refund(truth: &Truth, said: &Said) -> bool {
    let back: i64 = truth.refunds.iter().map(|refund| refund.amount).sum();
    let shown: i64 = said.orders.iter().filter_map(refunded).sum();
    shown < back
}

/// Whether a paid order was paid once more and does not show it: every callback of that money was lost, and a paid order
/// is not asked about.
pub(super) fn untold_payment(truth: &Truth, said: &Said) -> bool {
    said.orders
        .iter()
        .filter(|order| order["paid_at"].is_string())
        .any(|order| {
            let shown: Vec<&str> = order["trades"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|trade| word(trade, "trade_no"))
                .collect();
            truth.payments.iter().any(|paid| {
                let of_order = paid.name.account == word(order, "account")
                    && paid.name.order_no == word(order, "order_no");
                let fits = paid.to_us && paid.currency == word(order, "currency");
                of_order && fits && !shown.contains(&&*paid.trade_no)
            })
        })
}

/// Orders by name, with what may not change.
fn orders(said: &Said) -> BTreeMap<String, Value> {
    let reduced = |order: &Value| {
        let mut kept = json!({"account": order.get("account"), "order_no": order.get("order_no")});
        for field in OF_ORDER {
            kept[field] = order.get(field).cloned().unwrap_or_default();
        }
        let trades = order.get("trades").and_then(Value::as_array);
        let trades = trades
            .into_iter()
            .flatten()
            .map(|trade| OF_TRADE.map(|field| trade.get(field).cloned().unwrap_or_default()));
        kept["trades"] = trades.map(|trade| json!(trade)).collect();
        kept
    };
    let named = |order: &Value| format!("{}/{}", word(order, "account"), word(order, "order_no"));
    said.orders
        .iter()
        .map(|order| (named(order), reduced(order)))
        .collect()
}

/// Events but for the daily word of the head, which time brings.
fn events(said: &Said) -> BTreeMap<&str, &Value> {
    let mut events = by_id(&said.events);
    events.retain(|_, event| word(event, "type") != "journal.anchor");
    events
}

fn by_id(values: &[Value]) -> BTreeMap<&str, &Value> {
    values
        .iter()
        .map(|value| (word(value, "id"), value))
        .collect()
}

fn text(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}
