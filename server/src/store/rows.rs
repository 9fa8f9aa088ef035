//! From columns to values and back.

use super::failure::Failure;
use quittance_core::Timestamp;
use quittance_core::entry::Hash;
use quittance_core::gateway::Personal;
use quittance_core::state::{Delivery, DeliveryState};
use quittance_core::{OrderKey, OrderState};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The columns that [`delivery`] reads, in its order.
pub(super) const DELIVERY: &str =
    "event, endpoint, account, order_no, attempts, state, due_us, last";

/// SQLite's integers are signed. Numbers of ours never come near the difference.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number that was written as [`int`].
pub(super) fn number(int: i64) -> u64 {
    u64::try_from(int).unwrap_or(0)
}

/// How many rows to ask for.
pub(super) fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// An instant from whole microseconds.
pub(super) fn time(us: i64) -> Result<Timestamp, Failure> {
    Timestamp::from_microsecond(us)
        .map_err(|_| Failure::damaged(format_args!("{us} is no time that the calendar knows")))
}

/// A hash from its column.
pub(super) fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<Hash> {
    row.get::<_, [u8; 32]>(column)
}

/// The JSON text of a projection's row.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::Database(error.to_string()))
}

/// Reads a projection's row back.
pub(super) fn parse<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::damaged(format_args!("the row of {what} cannot be read: {error}"))
    })
}

/// One order's projection.
pub(super) fn order(conn: &Connection, key: &OrderKey) -> Result<Option<OrderState>, Failure> {
    let text: Option<String> = conn
        .prepare_cached("SELECT state FROM orders WHERE account = ?1 AND order_no = ?2")?
        .query_row(params![key.account, key.order_no], |row| row.get(0))
        .optional()?;
    text.map(|text| parse(&text, &format!("the order {key}")))
        .transpose()
}

/// The personal data that belongs to an order.
pub(super) fn personal(conn: &Connection, key: &OrderKey) -> Result<Vec<Personal>, Failure> {
    let mut statement = conn.prepare_cached(
        "SELECT p.data FROM entries e INDEXED BY entries_of_order JOIN personal p ON p.seq = e.seq
         WHERE e.account = ?1 AND e.order_no = ?2 AND e.order_no IS NOT NULL ORDER BY e.seq",
    )?;
    let mut found = statement.query(params![key.account, key.order_no])?;
    let mut known = Vec::new();
    while let Some(row) = found.next()? {
        let text: String = row.get(0)?;
        let brought: Vec<Personal> = parse(&text, "personal data")?;
        add_personal(&mut known, &brought);
    }
    Ok(known)
}

/// Adds what an entry brought to what is known, and gives what of it is new: sorted, and of one subject and name the
/// first value stays.
pub(super) fn add_personal(known: &mut Vec<Personal>, brought: &[Personal]) -> Vec<Personal> {
    let mut news = Vec::new();
    for new in brought {
        let place =
            known.binary_search_by(|old| (&old.subject, &old.name).cmp(&(&new.subject, &new.name)));
        if let Err(place) = place {
            known.insert(place, new.clone());
            news.push(new.clone());
        }
    }
    news
}

/// A delivery from the columns [`DELIVERY`].
pub(super) fn delivery(row: &Row<'_>) -> Result<Delivery, Failure> {
    let word: String = row.get(5)?;
    let due_us: Option<i64> = row.get(6)?;
    Ok(Delivery {
        event: row.get(0)?,
        endpoint: row.get(1)?,
        account: row.get(2)?,
        order_no: row.get(3)?,
        attempts: row.get(4)?,
        state: delivery_state(&word)?,
        next_at: due_us.map(time).transpose()?,
        last: row.get(7)?,
    })
}

/// The word for how a delivery stands.
pub(super) fn delivery_word(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Pending => "pending",
        DeliveryState::Held => "held",
        DeliveryState::Delivered => "delivered",
        DeliveryState::Dead => "dead",
    }
}

fn delivery_state(word: &str) -> Result<DeliveryState, Failure> {
    match word {
        "pending" => Ok(DeliveryState::Pending),
        "held" => Ok(DeliveryState::Held),
        "delivered" => Ok(DeliveryState::Delivered),
        "dead" => Ok(DeliveryState::Dead),
        _ => Err(Failure::damaged(format_args!("no delivery is `{word}`"))),
    }
}
