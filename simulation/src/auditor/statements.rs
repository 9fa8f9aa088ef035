//! What a day's statement told is known.
//!
//! Where an entry says that a day was read to its end, every payment that the gateway booked on that day, and had booked
//! when it was asked, stands in the journal. The days are the gateway's, by true time; a payment that came less than
//! [`MARGIN_SECS`] before the look before may have been booked behind the question. A gateway that is late with its own
//! books is asked again the day after, and what nobody signed proves nothing.

use super::header::Entry;
use super::known::Known;
use super::money::Money;
use super::promise::{Broken, Promise};
use super::rules::Rules;
use super::stage::SECOND;
use crate::truth::{Micros, Name, Truth};

/// As long as the questions of one reading may take together.
const MARGIN_SECS: i64 = 300;
/// Beijing's clock.
const AHEAD_SECS: i64 = 8 * 3_600;
const DAY_SECS: i64 = 86_400;

/// One entry, read at a look; `looked` is when the look before was.
pub(super) fn check(
    rules: &Rules,
    known: &Known,
    money: &Money,
    (truth, looked): (&Truth, Micros),
    entry: &Entry,
    found: &mut Vec<Broken>,
) {
    let header = &entry.header;
    let complete = header.data.get("complete") == Some(&serde_json::Value::Bool(true));
    let (Some(account), true, true) = (&header.account, header.kind == "statement", complete)
    else {
        return;
    };
    if !rules.get(account).is_some_and(|rule| rule.statements) {
        return;
    }
    let Some(begin) = header.text("day").and_then(begin_of) else {
        return found.push(Broken::of(
            Promise::JournalIsWhole,
            format!("entry {} names no day", entry.seq),
        ));
    };
    let asked = looked.saturating_sub(MARGIN_SECS * SECOND);
    let empty = |(of, at): &(String, Micros)| of == account && *at >= asked;
    if truth.empty_statements.iter().any(empty) {
        return;
    }
    let until = (begin + DAY_SECS * SECOND).min(asked);
    for paid in money.of_account(account) {
        let booked = paid.to_us && paid.booked && (begin..until).contains(&paid.at);
        if booked && made(known, &paid.name, asked) && !stands(known, &paid.name, &paid.trade_no) {
            found.push(Broken::about(
                Promise::NeverLost,
                &paid.name,
                format!(
                    "entry {} read a day to its end on which trade {} was booked, and nothing tells of it",
                    entry.seq, paid.trade_no
                ),
            ));
        }
    }
}

/// Whether the order was there when the statement was asked for: money of other orders is not ours.
fn made(known: &Known, name: &Name, asked: Micros) -> bool {
    let order = known.orders.get(name);
    order.is_some_and(|order| order.made.as_ref().is_some_and(|made| made.at <= asked))
}

/// Whether anything that is proven tells of the trade.
fn stands(known: &Known, name: &Name, trade_no: &str) -> bool {
    known.orders.get(name).is_some_and(|order| {
        let mut told = order.payments.keys().chain(order.booked.keys());
        told.any(|(known, _)| known == trade_no)
    })
}

/// The first instant of a day of the gateway's clock, in microseconds of true time.
fn begin_of(day: &str) -> Option<Micros> {
    let midnight = format!("{day}T00:00:00Z");
    let utc: jiff::Timestamp = midnight.parse().ok()?;
    Some(utc.as_microsecond() - AHEAD_SECS * SECOND)
}
