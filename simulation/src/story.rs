//! The story of one order: what happened to it, line by line, for whoever has to understand a failed run.
//!
//! True time and the journal's wall clock are shown as they are, from the first true moment on: where the server's clock
//! was set, its lines stand elsewhere than what they answer.

use crate::truth::{Callback, Micros, Name, PaidBack, Receipt, Truth};
use rusqlite::Connection;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Who tells a line. Of two at the same time, who comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Shop,
    Gateway,
    Journal,
    Wire,
}

/// A readable timeline of what happened to that order, one line each, oldest first.
#[must_use]
pub fn story(about: &Name, truth: &Truth, journal: &Connection) -> String {
    let mut lines = told_by_truth(about, truth);
    match told_by_journal(about, truth, journal) {
        Ok(more) => lines.extend(more),
        Err(error) => lines.push((truth.now, Who::Journal, format!("cannot be read: {error}"))),
    }
    // Lines of one time and teller stay as they were told.
    lines.sort_by_key(|(at, who, _)| (*at, *who));
    let began = lines.first().map_or(truth.now, |(at, ..)| *at);
    let mut story = format!("The story of {about}\n");
    for (at, who, what) in lines {
        let who = match who {
            Who::Shop => "shop",
            Who::Gateway => "gateway",
            Who::Journal => "journal",
            Who::Wire => "wire",
        };
        let _ = writeln!(story, "{}  {who:<8} {what}", relative(at - began));
    }
    story
}

/// `+00:00:05`, with the days in front where there are any.
fn relative(micros: Micros) -> String {
    let secs = micros.div_euclid(1_000_000);
    let (days, rest) = (secs / 86_400, secs % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60);
    match days {
        0 => format!("+{clock}"),
        _ => format!("+{days}d {clock}"),
    }
}

fn told_by_truth(about: &Name, truth: &Truth) -> Vec<(Micros, Who, String)> {
    let mut lines = Vec::new();
    let mut trades = BTreeSet::new();
    for order in truth.orders.iter().filter(|order| order.name == *about) {
        let what = format!("made the order of {} {}", order.amount, order.currency);
        lines.push((order.at, Who::Shop, what));
    }
    for paid in truth.payments.iter().filter(|paid| paid.name == *about) {
        trades.insert(paid.trade_no.as_str());
        let to = if paid.to_us { "us" } else { "somebody else" };
        let what = format!(
            "trade {} paid {} {} to {to}",
            paid.trade_no, paid.amount, paid.currency
        );
        lines.push((paid.at, Who::Gateway, what));
    }
    let ours =
        |account: &str, trade_no: &str| account == about.account && trades.contains(trade_no);
    for back in truth
        .refunds
        .iter()
        .filter(|back| ours(&back.account, &back.trade_no))
    {
        let what = match back.by {
            PaidBack::ByCancel => format!("trade {} undone, {} back", back.trade_no, back.amount),
            _ => format!("trade {} paid {} back", back.trade_no, back.amount),
        };
        lines.push((back.at, Who::Gateway, what));
    }
    for closing in truth
        .closings
        .iter()
        .filter(|closing| closing.name == *about)
    {
        lines.push((
            closing.at,
            Who::Gateway,
            "closed the trade without money".to_owned(),
        ));
    }
    for callback in &truth.callbacks {
        if callback.account == about.account && names(&callback.body, about, &trades) {
            lines.push((callback.at, Who::Wire, told_callback(callback)));
        }
    }
    for receipt in &truth.receipts {
        if let Some(what) = told_receipt(receipt, about) {
            lines.push((receipt.at, Who::Shop, what));
        }
    }
    if let Some(calm) = truth.calm_since {
        lines.push((calm, Who::Wire, "the last fault ended".to_owned()));
    }
    lines
}

/// Whether a callback's form speaks of the order or of one of its trades.
fn names(body: &[u8], about: &Name, trades: &BTreeSet<&str>) -> bool {
    fields(body)
        .iter()
        .any(|(name, value)| match name.as_str() {
            "out_trade_no" | "order_no" | "merchant_order_no" => *value == about.order_no,
            "trade_no" | "trans_no" => trades.contains(value.as_str()),
            "result_details" => trades.iter().any(|trade_no| value.contains(trade_no)),
            _ => false,
        })
}

/// What a callback tells, as a form or as JSON.
fn fields(body: &[u8]) -> Vec<(String, String)> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(message)) => {
            let text = |value: Value| value.as_str().map_or(value.to_string(), str::to_owned);
            let fields = message.into_iter();
            fields.map(|(name, value)| (name, text(value))).collect()
        }
        _ => url::form_urlencoded::parse(body).into_owned().collect(),
    }
}

fn told_callback(callback: &Callback) -> String {
    let kind = if callback.genuine {
        "a notify"
    } else {
        "a forged notify"
    };
    let told = fields(&callback.body);
    let mut told = told.iter();
    let status = told
        .find(|(name, _)| name == "trade_status" || name == "trans_status")
        .map_or_else(String::new, |(_, status)| format!(" of {status}"));
    let answer = match (&callback.answer, callback.acked) {
        (None, _) => "never answered".to_owned(),
        (Some(_), true) => "acked".to_owned(),
        (Some(answer), false) => format!("answered {:?}", String::from_utf8_lossy(answer)),
    };
    format!("{kind}{status}, {answer}")
}

fn told_receipt(receipt: &Receipt, about: &Name) -> Option<String> {
    let event: Value = serde_json::from_slice(&receipt.body).ok()?;
    let order = event.pointer("/data/order")?;
    if text(order, "account") != about.account || text(order, "order_no") != about.order_no {
        return None;
    }
    let answered = receipt.answered.map_or_else(
        || "no answer arrived".to_owned(),
        |status| format!("answered {status}"),
    );
    let kept = if receipt.kept { "kept" } else { "not kept" };
    let signed = if receipt.signed {
        ""
    } else {
        ", wrongly signed"
    };
    Some(format!(
        "{} was told {} (number {}, {}): {answered}, {kept}{signed}",
        receipt.endpoint,
        text(&event, "type"),
        event.get("sequence").unwrap_or(&Value::Null),
        text(order, "status"),
    ))
}

/// Entries of the order, those whose claims name one of its trades, and what concerns all.
fn told_by_journal(
    about: &Name,
    truth: &Truth,
    journal: &Connection,
) -> rusqlite::Result<Vec<(Micros, Who, String)>> {
    let trades: Vec<&str> = truth
        .payments
        .iter()
        .filter(|paid| paid.name == *about)
        .map(|paid| paid.trade_no.as_str())
        .collect();
    let began = truth
        .orders
        .iter()
        .map(|order| order.at)
        .min()
        .unwrap_or(truth.now);
    let mut statement = journal.prepare("SELECT seq, time_us, header FROM entries ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let (seq, at): (i64, i64) = (row.get(0)?, row.get(1)?);
        let header: Value = serde_json::from_slice(&row.get::<_, Vec<u8>>(2)?).unwrap_or_default();
        let own = text(&header, "account") == about.account
            && (text(&header, "order_no") == about.order_no
                || claims(&header).any(|claim| trades.contains(&text(claim, "trade_no"))));
        let everybody = matches!(text(&header, "kind"), "started" | "clock_jump") && at >= began;
        if own || everybody {
            lines.push((at, Who::Journal, format!("{seq}: {}", told_entry(&header))));
        }
    }
    Ok(lines)
}

fn told_entry(header: &Value) -> String {
    let data = header.get("data").unwrap_or(&Value::Null);
    let mut told = match text(header, "kind") {
        "order" => "the order was made".to_owned(),
        "checkout" => format!("the buyer was sent to the cashier by {}", text(data, "via")),
        "received" => "a callback was taken in".to_owned(),
        "notify" => "a notify was answered".to_owned(),
        "return" => "a return was answered".to_owned(),
        "second_opinion" => format!(
            "asked whether the gateway sent it: {}",
            text(data, "opinion")
        ),
        "query" => format!(
            "asked the gateway ({}): {}",
            text(data, "step"),
            text(data, "answer")
        ),
        "close" => format!(
            "asked the gateway to close, accepted: {}",
            data.get("accepted").unwrap_or(&Value::Null)
        ),
        "refund_requested" => format!(
            "refund {} of {} was asked for, as {}",
            text(data, "refund_no"),
            text(data, "trade_no"),
            text(data, "wire_no")
        ),
        "refund_numbered" => format!(
            "refund {} goes out as {}",
            text(data, "refund_no"),
            text(data, "wire_no")
        ),
        "refund_sent" => format!(
            "refund {} went out as {}, accepted: {}",
            text(data, "refund_no"),
            text(data, "wire_no"),
            data.get("accepted").unwrap_or(&Value::Null)
        ),
        "refund_query" => format!(
            "asked what became of refund {} as {}: {}",
            text(data, "refund_no"),
            text(data, "wire_no"),
            text(data, "answer")
        ),
        "cancel" => "is about to have the gateway undo whatever happened".to_owned(),
        "close_requested" => "the shop asked for the closing".to_owned(),
        "given_up" => "gave the order up without a call".to_owned(),
        "delivery" => format!(
            "told {} of {}: {}",
            text(data, "endpoint"),
            text(data, "event"),
            text(data, "outcome")
        ),
        "resolution" => format!(
            "a person decided {} about {}",
            text(data, "decision"),
            text(data, "discrepancy")
        ),
        "started" => "the server started".to_owned(),
        "clock_jump" => format!(
            "the clock jumped by {} s",
            data.get("secs").unwrap_or(&Value::Null)
        ),
        "overdue" => "its evidence has waited too long".to_owned(),
        "abandoned" => "a step was laid aside".to_owned(),
        other => other.replace('_', " "),
    };
    for (name, words) in [
        ("verdict", "verdict"),
        ("answered", "answered"),
        ("reason", "because"),
    ] {
        if let Some(value) = header.get(name).and_then(Value::as_str) {
            let _ = write!(told, ", {words} {value:?}");
        }
    }
    for claim in claims(header) {
        let _ = write!(
            told,
            "; {} says {}",
            text(claim, "proof"),
            text(claim, "claim")
        );
        if let Some(trade_no) = claim.get("trade_no").and_then(Value::as_str) {
            let _ = write!(told, " of {trade_no}");
        }
        if let Some(amount) = claim.get("amount") {
            let minor = amount.get("minor").unwrap_or(&Value::Null);
            let _ = write!(told, ", {minor} {}", text(amount, "currency"));
        }
    }
    told
}

fn claims(header: &Value) -> impl Iterator<Item = &Value> {
    header
        .get("claims")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
