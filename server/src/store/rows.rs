//! From columns to values and back.

use super::failure::Failure;
use super::sql::{Row, Sql};
use super::{DueDelivery, Held, Lease};
use quittance_core::Timestamp;
use quittance_core::derived::derive;
use quittance_core::discrepancy::DiscrepancyState;
use quittance_core::gateway::{Address, Personal};
use quittance_core::state::{AccountState, Delivery, DeliveryState, Parked};
use quittance_core::{OrderKey, OrderState};
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
pub(super) fn order(sql: &dyn Sql, key: &OrderKey) -> Result<Option<OrderState>, Failure> {
    let found = sql.one(
        "SELECT state FROM orders WHERE account = ?1 AND order_no = ?2",
        &[(&key.account).into(), (&key.order_no).into()],
    )?;
    found.map(|row| order_state(&row, 0, key)).transpose()
}

/// An order's projection from its column.
pub(super) fn order_state(row: &Row, column: usize, key: &OrderKey) -> Result<OrderState, Failure> {
    parse(&row.get::<String>(column)?, &format!("the order {key}"))
}

/// An order's key from two columns, the first of which is this one.
pub(super) fn order_key(row: &Row, column: usize) -> Result<OrderKey, Failure> {
    let (account, order_no): (String, String) = (row.get(column)?, row.get(column + 1)?);
    Ok(OrderKey::new(account, order_no))
}

/// The personal data that belongs to an order.
pub(super) fn personal(sql: &dyn Sql, key: &OrderKey) -> Result<Vec<Personal>, Failure> {
    let found = sql.all(
        "SELECT p.data FROM entries e INDEXED BY entries_of_order JOIN personal p ON p.seq = e.seq
         WHERE e.account = ?1 AND e.order_no = ?2 AND e.order_no IS NOT NULL ORDER BY e.seq",
        &[(&key.account).into(), (&key.order_no).into()],
    )?;
    let mut known = Vec::new();
    for row in found {
        add_personal(&mut known, &brought(&row, 0)?);
    }
    Ok(known)
}

/// The personal data that one entry brought, from its column.
pub(super) fn brought(row: &Row, column: usize) -> Result<Vec<Personal>, Failure> {
    parse(&row.get::<String>(column)?, "personal data")
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
pub(super) fn delivery(row: &Row) -> Result<Delivery, Failure> {
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

/// A due delivery from the columns [`DELIVERY`], with the event's body in the last one.
pub(super) fn due_delivery(row: &Row, claims: u32, fence: u64) -> Result<DueDelivery, Failure> {
    let delivery = delivery(row)?;
    let body: Option<Vec<u8>> = row.get(row.0.len() - 1)?;
    let held = Held::Delivery {
        event: delivery.event.clone(),
        endpoint: delivery.endpoint.clone(),
    };
    Ok(DueDelivery {
        delivery,
        body: body.unwrap_or_default(),
        claims,
        lease: Lease { held, fence },
    })
}

/// The first of what is due at several endpoints, each endpoint's in its order: they take turns, so that one that is behind
/// delays only itself.
pub(super) fn in_turns(due: Vec<Vec<DueDelivery>>, limit: usize) -> Vec<DueDelivery> {
    let turns = due
        .into_iter()
        .flat_map(|at_one| at_one.into_iter().enumerate());
    let mut turns: Vec<(usize, DueDelivery)> = turns.collect();
    turns.sort_by_key(|(turn, found)| (*turn, found.delivery.next_at));
    turns.truncate(limit);
    turns.into_iter().map(|(_, found)| found).collect()
}

/// A lease as its columns: its kind, and what is held.
pub(super) fn lease(lease: &Lease) -> (&'static str, &str, &str) {
    match &lease.held {
        Held::Order(key) => ("order", &key.account, &key.order_no),
        Held::Delivery { event, endpoint } => ("delivery", event, endpoint),
    }
}

/// An address as its two columns.
pub(super) fn address(about: &Address) -> (&'static str, &str) {
    match about {
        Address::OrderNo(number) => ("order", number),
        Address::TradeNo(number) => ("trade", number),
    }
}

/// Evidence that waits, from its column.
pub(super) fn parked(row: &Row, column: usize, by: &str, about: &str) -> Result<Parked, Failure> {
    let what = format!("the evidence about {by} {about}");
    parse(&row.get::<String>(column)?, &what)
}

/// An order's columns, as they follow from its state.
pub(super) struct DerivedRow {
    pub(super) state: String,
    pub(super) status: &'static str,
    pub(super) attention: bool,
    pub(super) due_us: Option<i64>,
    pub(super) unanswered: bool,
    pub(super) created_us: i64,
    /// Its discrepancies; `None` for what never had any, and has no rows to keep in step.
    pub(super) discrepancies: Option<Vec<Finding>>,
}

/// A row of the index of discrepancies.
pub(super) struct Finding {
    pub(super) id: String,
    pub(super) state: &'static str,
    pub(super) closed: bool,
    pub(super) opened_us: i64,
}

impl DerivedRow {
    pub(super) fn of(state: &OrderState) -> Result<DerivedRow, Failure> {
        let derived = derive(state);
        let findings = derived.discrepancies.iter().map(|found| {
            let opened_at = state.opened.get(&found.id).copied();
            let opened_at = opened_at.unwrap_or(state.created_at);
            Finding::new(&found.id, found.state, opened_at)
        });
        Ok(DerivedRow {
            state: json(state)?,
            status: derived.status.word(),
            attention: derived.attention,
            due_us: state.due_at().map(Timestamp::as_microsecond),
            unanswered: !state.unanswered.is_empty(),
            created_us: state.created_at.as_microsecond(),
            discrepancies: (!state.opened.is_empty()).then(|| findings.collect()),
        })
    }
}

impl Finding {
    fn new(id: &str, state: DiscrepancyState, opened_at: Timestamp) -> Finding {
        Finding {
            id: id.to_owned(),
            state: match state {
                DiscrepancyState::Open => "open",
                DiscrepancyState::Settled => "settled",
                DiscrepancyState::Resolved => "resolved",
            },
            closed: state != DiscrepancyState::Open,
            opened_us: opened_at.as_microsecond(),
        }
    }
}

/// An account's own discrepancies.
pub(super) fn account_discrepancies(state: &AccountState) -> Vec<Finding> {
    let found = state.discrepancies.iter();
    let finding = found.map(|(id, found)| Finding::new(id, found.state(), found.opened_at));
    finding.collect()
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
