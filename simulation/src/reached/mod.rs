//! States that worlds must have reached, or the run has shown nothing about them. What can be read from the truth, the
//! journal and the server's own words is read from there; the rest the world marks where it happens.

use crate::truth::{Name, Said, Truth};
use crate::world::LATE_SECS;
use rusqlite::Connection;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Every state that a long run must have reached, and what it is.
pub const REQUIRED: &[(&str, &str)] = &[
    (
        "ambiguous_string",
        "a signed string that can be cut in two ways came in",
    ),
    (
        "notify_id_burnt_by_us",
        "we died after asking about a notify, and its one answer was gone",
    ),
    (
        "notify_id_burnt_by_other",
        "somebody else had asked about a notify before us",
    ),
    (
        "verify_timeout",
        "the gateway's word about a notify came too late",
    ),
    (
        "verify_timeout_then_query_paid",
        "no word about a notify, and the query after it found the money",
    ),
    ("return_before_notify", "the browser was first"),
    ("notify_before_return", "the gateway's server was first"),
    ("poll_first", "our own query was first"),
    (
        "notice_before_order",
        "money was told before the shop made its order",
    ),
    ("trade_reuse", "one trade was told for two orders"),
    ("second_payment", "an order was paid twice"),
    ("paid_after_close", "money came for a closed order"),
    (
        "closed_means_unpaid",
        "TRADE_CLOSED of a trade that was never paid",
    ),
    (
        "finished_after_success",
        "a trade that had been told as paid was told as final",
    ),
    (
        "finished_at_once",
        "TRADE_FINISHED of the basic product was the first word of the money",
    ),
    (
        "paid_after_pending",
        "money that was held for a frozen seller became his",
    ),
    (
        "closed_means_refund",
        "TRADE_CLOSED of a trade whose money went back",
    ),
    (
        "partial_refund_then_full",
        "money went back in parts until nothing was left",
    ),
    (
        "refund_before_pay",
        "the refund was told no later than the payment",
    ),
    (
        "refund_untold",
        "money went back, and every message about it was lost",
    ),
    ("amount_mismatch", "another amount was paid"),
    (
        "payee_mismatch",
        "money under our key went to somebody else",
    ),
    (
        "stale_query",
        "the gateway answered with how things had been",
    ),
    (
        "commit_unknown",
        "nobody knew whether a commit had happened",
    ),
    ("replay_crash", "the node died while it started"),
    (
        "lease_lost",
        "a step was taken again after the one who had it died",
    ),
    (
        "outbox_resend_same_id",
        "an event came again, with the same id",
    ),
    ("shop_2xx_lost", "a shop said 2xx and lost what it got"),
    (
        "dead_letter",
        "an event that no try could deliver was sent again by hand",
    ),
    (
        "key_overlap_used",
        "a notify was signed with the key before the current one",
    ),
    (
        "refund_beyond_refused",
        "more was wanted back than was left, and did not leave",
    ),
    (
        "refund_unknown",
        "a refund went out, and nobody knew whether it had arrived",
    ),
    (
        "refund_sent_again",
        "the gateway knew nothing of a refund, and it went out again",
    ),
    (
        "refund_renumbered",
        "a refund's number was of another day, and it got a new one",
    ),
    (
        "refund_found_by_query",
        "a refund was done, and the question about it was the first to tell",
    ),
    (
        "signed_with_a_pair",
        "a notify with an RSA signature was acked",
    ),
    (
        "paid_by_statement",
        "no callback and no answer told of money, and a statement did",
    ),
    (
        "statement_asks",
        "a statement that proves nothing made an order be asked about",
    ),
    (
        "statement_refund",
        "a statement told of money that went back",
    ),
    (
        "statement_unread",
        "a statement could not be read, or not be believed",
    ),
    ("clock_back", "the wall clock went back"),
    (
        "server_down_longer_than_the_schedule",
        "the node was down for longer than an order's schedule",
    ),
    (
        "notify_after_the_schedule",
        "a notify came when nothing was left to be asked about its order",
    ),
    (
        "notify_at_the_old_route",
        "a notify came to an address that the node no longer names",
    ),
    (
        "waited_while_both_were_lost",
        "no callback came, and the asking for somebody who waits found the money",
    ),
];

/// States that these worlds do not reach, and who does.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("fsync_error_exit", "a real process: see the crash harness"),
    ("disk_full_nack", "a real process: see the crash harness"),
    ("torn_journal_tail", "a real process: see the crash harness"),
    ("fenced_write", "several nodes: not built yet"),
    ("breaker_open", "not built yet"),
    (
        "cancel_refunded",
        "no gateway so far takes money back by a cancel",
    ),
    (
        "currency_mismatch",
        "this gateway has one currency; a foreign name is refused at the door",
    ),
];

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
            _ => None,
        });
    }
    for order in &said.orders {
        if text(order, "status") == "refunded" && in_parts(truth, order) {
            states.insert("partial_refund_then_full");
        }
    }
    let mut orders: BTreeMap<Name, Told> = BTreeMap::new();
    let mut rows = journal.prepare("SELECT header FROM entries ORDER BY seq")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let header: Vec<u8> = row.get(0)?;
        // The auditor names a header that cannot be read.
        if let Ok(header) = serde_json::from_slice::<Value>(&header) {
            take(&header, &mut orders, &mut states);
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

fn take(header: &Value, orders: &mut BTreeMap<Name, Told>, states: &mut BTreeSet<&'static str>) {
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
