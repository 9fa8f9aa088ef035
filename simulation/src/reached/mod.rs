//! States that worlds must have reached, or the run has shown nothing about them. What can be read from the truth, the
//! journal and the server's own words is read from there; the rest the world marks where it happens.

mod list;
mod window;

pub use list::{LEFT_OUT, REQUIRED};

use crate::truth::{Name, Said, Truth};
use crate::world::{FOURTH, LATE_SECS};
use rusqlite::Connection;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// So many checks has a scan.
const SCAN_CHECKS: usize = 10;

/// What the journal told of one order, in its order.
#[derive(Default)]
struct Told {
    made: bool,
    returned: bool,
    notified: bool,
    queried_paid: bool,
    paid: bool,
    /// A genuine callback stands without the gateway's word.
    unheard: bool,
    /// Late checks that got an answer.
    late: usize,
    /// The gateway knew nothing of these refunds.
    refunds_not_found: BTreeSet<String>,
    /// The money was told as paid, and not yet final.
    success: bool,
    /// A refund was told.
    refund_told: bool,
    /// Where the gateway was called for a checkout: whether a terminal asks for the payment.
    placed: Option<bool>,
    /// Checks since the newest checkout.
    checks: usize,
}

/// The states that this world has reached, as far as they can be read.
///
/// # Errors
/// Where the journal cannot be read.
pub fn states(
    truth: &Truth,
    journal: &Connection,
    said: &Said,
) -> Result<BTreeSet<&'static str>, rusqlite::Error> {
    let mut states = BTreeSet::new();
    for discrepancy in &said.discrepancies {
        states.extend(match text(discrepancy, "kind") {
            "trade_reuse" => Some("trade_reuse"),
            "duplicate_payment" => Some("second_payment"),
            "paid_after_close" => Some("paid_after_close"),
            "amount_mismatch" => Some("amount_mismatch"),
            "payee_mismatch" => Some("payee_mismatch"),
            "currency_mismatch" => Some("currency_mismatch"),
            "refunded_by_cancel" => Some("cancel_refunded"),
            _ => None,
        });
    }
    for order in &said.orders {
        if text(order, "status") == "refunded" && in_parts(truth, order) {
            states.insert("partial_refund_then_full");
        }
    }
    let mut orders: BTreeMap<Name, Told> = BTreeMap::new();
    let mut scans = false;
    let mut windowed = window::Windowed::new(truth);
    states.extend(windowed.left_unpaid(said));
    let mut rows = journal.prepare("SELECT header FROM entries ORDER BY seq")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let header: Vec<u8> = row.get(0)?;
        // The auditor names a header that cannot be read.
        if let Ok(header) = serde_json::from_slice::<Value>(&header) {
            if text(&header, "kind") == "settings" {
                scans = header["data"]["accounts"][FOURTH]["scan_secs"].is_number();
            }
            take(&header, scans, &mut orders, &mut states);
            states.extend(windowed.take(&header));
        }
    }
    Ok(states)
}

/// Whether the money of one of this order's trades went back in several steps.
fn in_parts(truth: &Truth, order: &Value) -> bool {
    let trades = order["trades"].as_array().into_iter().flatten();
    trades.map(|trade| text(trade, "trade_no")).any(|trade_no| {
        let steps = truth.refunds.iter();
        steps.filter(|step| step.trade_no == trade_no).count() > 1
    })
}

fn take(
    header: &Value,
    scans: bool,
    orders: &mut BTreeMap<Name, Told>,
    states: &mut BTreeSet<&'static str>,
) {
    if text(header, "verdict") == "ambiguous" {
        states.insert("ambiguous_string");
    }
    let claims = header["claims"].as_array().map_or(&[][..], Vec::as_slice);
    if text(header, "kind") == "statement" {
        return at_statement(header, claims, orders, states);
    }
    let about = claims
        .iter()
        .find_map(|claim| claim["about"]["order_no"].as_str())
        .or(header["order_no"].as_str());
    let Some(order_no) = about else {
        return;
    };
    let told = orders
        .entry(Name::new(text(header, "account"), order_no))
        .or_default();
    let says = |word: &str| {
        claims
            .iter()
            .any(|claim| text(claim, "gateway_status") == word)
    };
    let closed = says("TRADE_CLOSED");
    if says("TRADE_FINISHED") {
        states.extend(match (told.success, told.paid) {
            (true, _) => Some("finished_after_success"),
            (false, false) => Some("finished_at_once"),
            (false, true) => None,
        });
    }
    told.success |= says("TRADE_SUCCESS");
    let claims = |word: &str| {
        claims
            .iter()
            .any(|claim| text(claim, "claim").starts_with(word))
    };
    let genuine = text(header, "verdict") == "genuine";
    match text(header, "kind") {
        "order" => told.made = true,
        "return" if genuine => {
            if told.notified && !told.returned {
                states.insert("notify_before_return");
            }
            told.returned = true;
        }
        "notify" if genuine => {
            states.extend(at_notify(told));
            told.notified = true;
            told.unheard |= text(&header["data"], "opinion") == "unknown";
        }
        "checkout" => {
            told.checks = 0;
            told.placed = Some(text(&header["data"], "via") == "terminal");
        }
        "cancel" if scans && told.checks >= SCAN_CHECKS => {
            states.insert("scan_gave_up");
        }
        "query" => states.extend(at_query(told, &header["data"])),
        "refund_numbered" => {
            states.insert("refund_renumbered");
        }
        "refund_sent" | "refund_query" => states.extend(at_refund(told, header)),
        _ => {}
    }
    if claims("gateway_closed") {
        states.insert("closed_means_unpaid");
    }
    if claims("refund") {
        told.refund_told = true;
        if closed {
            states.insert("closed_means_refund");
        }
        if !told.paid {
            states.insert("refund_before_pay");
        }
    }
    let account = text(header, "account");
    if claims("payment") && !told.paid && account == FOURTH {
        states.extend(told.placed.map(|at_terminal| match at_terminal {
            true => "terminal_paid",
            false => "hosted_paid",
        }));
    }
    told.paid |= claims("payment");
}

/// What a genuine notify makes of what was told before it.
fn at_notify(told: &Told) -> Vec<&'static str> {
    let first = !told.notified;
    let found = [
        (!told.made, "notice_before_order"),
        (told.returned && first, "return_before_notify"),
        (told.queried_paid && first && !told.returned, "poll_first"),
        (told.late >= LATE_SECS.len(), "notify_after_the_schedule"),
    ];
    found
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, word)| *word)
        .collect()
}

/// What the answer to a query makes of what was told before it.
fn at_query(told: &mut Told, data: &Value) -> Vec<&'static str> {
    let (step, answer) = (text(data, "step"), text(data, "answer"));
    let mut found = Vec::new();
    told.checks += usize::from(step == "check");
    if step == "late" && answer != "unknown" {
        told.late += 1;
    }
    if answer == "paid" && !told.queried_paid {
        told.queried_paid = true;
        if told.unheard {
            found.push("verify_timeout_then_query_paid");
        }
        if step == "wait" && !told.notified && !told.returned {
            found.push("waited_while_both_were_lost");
        }
    }
    found
}

/// What a statement makes of what was told before it.
fn at_statement(
    header: &Value,
    claims: &[Value],
    orders: &mut BTreeMap<Name, Told>,
    states: &mut BTreeSet<&'static str>,
) {
    if header["data"]["rows"].is_null() {
        states.insert("statement_unread");
    }
    for claim in claims {
        if text(claim, "proof") == "hint" {
            states.insert("statement_asks");
            continue;
        }
        if text(claim, "claim") == "refund_marked" {
            states.insert("statement_refund");
        }
        let Some(order_no) = claim["about"]["order_no"].as_str() else {
            continue;
        };
        let name = Name::new(text(header, "account"), order_no);
        let told = orders.entry(name).or_default();
        if told.made && !told.paid {
            states.insert("paid_by_statement");
        }
        told.paid = true;
    }
}

/// What was done about a refund.
fn at_refund(told: &mut Told, header: &Value) -> Option<&'static str> {
    let data = &header["data"];
    let refund_no = text(data, "refund_no");
    if text(header, "kind") == "refund_query" {
        return match text(data, "answer") {
            "not_found" => {
                told.refunds_not_found.insert(refund_no.to_owned());
                None
            }
            "succeeded" if !told.refund_told => Some("refund_found_by_query"),
            _ => None,
        };
    }
    // A person who goes to the gateway's page says nothing, and gives no reason.
    if header["reason"].is_string() && data["accepted"].is_null() {
        return Some("refund_unknown");
    }
    let again = told.refunds_not_found.contains(refund_no);
    (again && data["accepted"].is_boolean()).then_some("refund_sent_again")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
