//! States of orders at a gateway that answers questions for a time only, and stops sending soon.

use super::text;
use crate::truth::{Name, Said, Truth};
use serde_json::Value;
use std::collections::BTreeMap;

/// After the last of its sends the gateway is silent: so long after the payment, in seconds (5, 10, 20, 30 and 30
/// minutes).
const SENDS_SECS: i64 = 95 * 60;
const SECOND: i64 = 1_000_000;

/// The orders whose time ends, and what the journal told of them.
pub(super) struct Windowed<'a> {
    truth: &'a Truth,
    orders: BTreeMap<Name, Told>,
}

#[derive(Default)]
struct Told {
    sent: bool,
    paid: bool,
    given_up: bool,
}

impl<'a> Windowed<'a> {
    /// None was told of yet.
    pub(super) fn new(truth: &'a Truth) -> Windowed<'a> {
        Windowed {
            truth,
            orders: BTreeMap::new(),
        }
    }

    /// Whether one is unpaid, and nothing more is to be asked about it.
    pub(super) fn left_unpaid(&self, said: &Said) -> Option<&'static str> {
        let left = said.orders.iter().any(|order| {
            let name = Name::new(text(order, "account"), text(order, "order_no"));
            let rests = order["checks"]["next_at"].is_null() && text(order, "status") == "unpaid";
            rests && self.truth.answered_until.contains_key(&name)
        });
        left.then_some("windowed_unpaid")
    }

    /// What an entry makes of what was told before it.
    pub(super) fn take(&mut self, header: &Value) -> Option<&'static str> {
        let claims = header["claims"].as_array().map_or(&[][..], Vec::as_slice);
        let payment = claims
            .iter()
            .find(|claim| text(claim, "claim") == "payment" && text(claim, "proof") != "hint");
        let order_no = payment
            .and_then(|claim| claim["about"]["order_no"].as_str())
            .or(header["order_no"].as_str())?;
        let name = Name::new(text(header, "account"), order_no);
        if !self.truth.answered_until.contains_key(&name) {
            return None;
        }
        let told = self.orders.entry(name.clone()).or_default();
        let kind = text(header, "kind");
        match kind {
            "checkout" => told.sent = true,
            "given_up" if told.sent => {
                told.given_up = true;
                return Some("windowed_given_up");
            }
            _ => {}
        }
        let trade_no = text(payment?, "trade_no");
        let first = !std::mem::replace(&mut told.paid, true);
        match kind {
            "notify" | "return" if told.given_up => Some("windowed_late_callback"),
            "notify" if first => Some("windowed_paid_by_notify"),
            "return" if first => Some("windowed_paid_by_return"),
            "query" if first => {
                let asked: jiff::Timestamp = text(&header["data"], "asked").parse().ok()?;
                let mut payments = self.truth.payments.iter();
                let paid = payments.find(|paid| paid.name == name && paid.trade_no == trade_no)?;
                let silent = asked.as_microsecond() - paid.at > SENDS_SECS * SECOND;
                silent.then_some("windowed_found_after_the_resends")
            }
            _ => None,
        }
    }
}
