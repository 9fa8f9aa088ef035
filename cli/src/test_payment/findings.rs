//! What an order and its journal tell of a test payment, as the guide wants it looked at (seed 001 4.2 to 4.4).

use crate::out::{field, items};
use quittance_core::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// What came of a test payment so far.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Findings {
    /// How the buyer was sent to the cashier: `form`, `redirect` or `terminal`. `None` before.
    pub via: Option<String>,
    /// When.
    pub sent_at: Option<Timestamp>,
    /// What the browser brought.
    pub returned: Option<Callback>,
    /// What the gateway's server brought.
    pub notified: Option<Callback>,
    /// The gateway's newest answer to a question: `paid`, `unpaid`, `not_found`, `closed`, `unknown`.
    pub answer: Option<String>,
    /// What each endpoint made of the event `order.paid`.
    pub deliveries: BTreeMap<String, Delivery>,
    /// The order's title.
    pub subject: String,
    /// The order's status.
    pub status: String,
    /// Whether something about the order does not fit.
    pub attention: bool,
    /// Who told of its trades: `return`, `notify`, `query`.
    pub witnesses: Vec<String>,
}

/// A return or a notify.
#[derive(Clone, PartialEq, Debug)]
pub struct Callback {
    /// Its number in the journal.
    pub seq: String,
    /// How long after the checkout it came, in milliseconds.
    pub after_ms: i64,
    /// Whether its sign fits and the gateway, where it was asked, called it its own.
    pub verified: bool,
    /// What it turned out to be.
    pub verdict: String,
    /// The three values of its verification.
    pub values: Value,
    /// The bytes that it was answered.
    pub answered: String,
    /// The title that it brought, where the gateway tells one back.
    pub title: Option<String>,
    /// Its entry: what it claims is told from it.
    pub entry: Value,
}

/// What an endpoint made of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// The event's id.
    pub event: String,
    /// How it ended: `delivered`, `failed`, `gone`.
    pub outcome: String,
    /// The HTTP status; empty where no answer came.
    pub status: String,
    /// How many tries there were.
    pub attempt: String,
}

impl Findings {
    /// Reads them.
    pub fn read(order: &Value, entries: &[Value]) -> Findings {
        let mut found = Findings {
            subject: field(order, "subject"),
            status: field(order, "status"),
            attention: field(order, "attention") == "true",
            ..Findings::default()
        };
        for trade in items(order, "trades") {
            let told = items(trade, "witnesses").iter();
            found.witnesses.extend(
                told.filter_map(Value::as_str)
                    .map(str::to_owned)
                    .filter(|witness| !witness.is_empty()),
            );
        }
        for entry in entries {
            found.take(entry);
        }
        found
    }

    fn take(&mut self, entry: &Value) {
        let data = entry.get("data").cloned().unwrap_or_default();
        match field(entry, "kind").as_str() {
            "checkout" => {
                self.via = Some(field(&data, "via"));
                self.sent_at = self.sent_at.or(at(entry));
            }
            "return" => better(&mut self.returned, self.sent_at, entry),
            "notify" => better(&mut self.notified, self.sent_at, entry),
            "query" => self.answer = Some(field(&data, "answer")),
            "delivery" if field(entry, "event_type") == "order.paid" => {
                let delivery = Delivery {
                    event: field(&data, "event"),
                    outcome: field(&data, "outcome"),
                    status: field(&data, "status"),
                    attempt: field(&data, "attempt"),
                };
                self.deliveries.insert(field(&data, "endpoint"), delivery);
            }
            _ => {}
        }
    }

    /// Whether the money stands.
    pub fn paid(&self) -> bool {
        self.status == "paid" && !self.attention
    }

    /// Whether the gateway has shown, in any way, that it knows the trade.
    pub fn trade_known(&self) -> bool {
        let answered = matches!(self.answer.as_deref(), Some("paid" | "unpaid" | "closed"));
        answered || !self.witnesses.is_empty()
    }

    /// The title as it came back, by whichever way.
    pub fn title(&self) -> Option<&str> {
        let callbacks = [&self.notified, &self.returned];
        let mut titles = callbacks.into_iter().flatten();
        titles.find_map(|callback| callback.title.as_deref())
    }

    /// Whether the title came back as it went; `None` where the gateway tells none.
    pub fn title_whole(&self) -> Option<bool> {
        self.title().map(|title| title == self.subject)
    }

    /// Whether the payment is known from questions alone, because no callback proved it.
    pub fn found_by_query_alone(&self) -> bool {
        !self.witnesses.is_empty() && self.witnesses.iter().all(|witness| witness == "query")
    }
}

/// Of several callbacks the first that verifies is told, and before it came the newest.
fn better(known: &mut Option<Callback>, sent_at: Option<Timestamp>, entry: &Value) {
    if known.as_ref().is_some_and(|known| known.verified) {
        return;
    }
    let values = entry.get("verification").cloned().unwrap_or_default();
    let verdict = field(entry, "verdict");
    let response = field(&values, "response");
    let after = sent_at.zip(at(entry));
    let after_ms = after.map_or(0, |(sent, came)| {
        came.as_millisecond() - sent.as_millisecond()
    });
    *known = Some(Callback {
        seq: field(entry, "seq"),
        after_ms,
        verified: verdict == "genuine" && matches!(response.as_str(), "true" | "not_asked"),
        verdict,
        values,
        answered: field(entry, "answered"),
        title: Some(field(entry, "subject")).filter(|title| !title.is_empty()),
        entry: entry.clone(),
    });
}

fn at(entry: &Value) -> Option<Timestamp> {
    field(entry, "time").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn callback(kind: &str, seq: u32, response: &str) -> Value {
        json!({
            "kind": kind, "seq": seq, "time": format!("2026-01-31T12:00:0{seq}.250Z"), "verdict": "genuine",
            "answered": "success", "subject": "茶", "verification": {"equal": true, "response": response},
        })
    }

    #[test]
    fn the_first_callback_that_verifies_is_told() {
        let order = json!({
            "subject": "茶", "status": "paid", "attention": false, "trades": [{"witnesses": ["notify", "query"]}],
        });
        let entries = [
            json!({"kind": "checkout", "time": "2026-01-31T12:00:00Z", "data": {"via": "form"}}),
            json!({"kind": "query", "data": {"answer": "unpaid"}}),
            callback("notify", 1, "unknown"),
            callback("notify", 2, "true"),
            callback("notify", 3, "not_asked"),
            json!({"kind": "delivery", "event_type": "payment.recorded", "data": {"endpoint": "shop", "outcome": "failed"}}),
            json!({"kind": "delivery", "event_type": "order.paid", "data": {"endpoint": "shop", "outcome": "failed", "status": 500, "attempt": 1}}),
            json!({"kind": "delivery", "event_type": "order.paid", "data": {"endpoint": "shop", "outcome": "delivered", "status": 204, "attempt": 2}}),
        ];
        let found = Findings::read(&order, &entries);
        let notify = found.notified.as_ref().unwrap();
        assert_eq!(
            (notify.seq.as_str(), notify.after_ms, notify.verified),
            ("2", 2_250, true)
        );
        assert_eq!(found.title_whole(), Some(true));
        assert_eq!(found.deliveries["shop"].status, "204");
        assert!(found.paid() && found.trade_known() && !found.found_by_query_alone());
        let early = Findings::read(&order, &entries[..3]);
        assert!(!early.notified.unwrap().verified);
        let unasked = Findings::read(&json!({"status": "unpaid"}), &entries[..1]);
        assert!(!unasked.trade_known() && unasked.title_whole().is_none());
    }
}
