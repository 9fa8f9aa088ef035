//! The verbs that only read, each in one transaction: what they see is one moment.

mod examine;
mod lists;
mod waiting;

pub(super) use examine::{callbacks, counts, examine};
pub(super) use lists::{discrepancies, journal, orders};
pub(super) use waiting::{next_due, overdue, under_way};

use super::failure::Failure;
use super::{EventRow, FoundDiscrepancy, Page, Snapshot, cursor, rows};
use quittance_core::OrderKey;
use quittance_core::sabotage::{Defence, removed};
use quittance_core::state::{AccountState, Delivery};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// Reads in one moment.
pub(super) fn at_once<T>(
    conn: &Connection,
    read: impl FnOnce(&Connection) -> Result<T, Failure>,
) -> Result<T, Failure> {
    conn.prepare_cached("BEGIN")?.execute([])?;
    let _end = End(conn);
    read(conn)
}

/// The end of a reading transaction, however the reading ended. There is nothing to keep.
struct End<'a>(&'a Connection);

impl Drop for End<'_> {
    fn drop(&mut self) {
        let ended = self
            .0
            .prepare_cached("ROLLBACK")
            .and_then(|mut end| end.execute([]));
        if let Err(error) = ended {
            tracing::error!(%error, "a reading transaction could not be ended");
        }
    }
}

/// One order.
pub(super) fn order(conn: &Connection, key: &OrderKey) -> Result<Option<Snapshot>, Failure> {
    let Some(state) = rows::order(conn, key)? else {
        return Ok(None);
    };
    let personal = rows::personal(conn, key)?;
    Ok(Some(Snapshot { state, personal }))
}

/// The order whose buyer's pages have this name.
pub(super) fn order_by_token(conn: &Connection, token: &str) -> Result<Option<Snapshot>, Failure> {
    let key = conn
        .prepare_cached("SELECT account, order_no FROM orders WHERE token = ?1")?
        .query_row([token], |row| {
            Ok(OrderKey::new(
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
            ))
        })
        .optional()?;
    match key {
        Some(key) => order(conn, &key),
        None => Ok(None),
    }
}

/// The raw bytes of an entry, where it has some.
pub(super) fn body(conn: &Connection, seq: u64) -> Result<Option<Vec<u8>>, Failure> {
    let body = conn
        .prepare_cached("SELECT body FROM bodies WHERE seq = ?1")?
        .query_row([rows::int(seq)], |row| row.get(0))
        .optional()?;
    Ok(body)
}

/// The order that owns a trade.
pub(super) fn order_by_trade(
    conn: &Connection,
    account: &str,
    trade_no: &str,
) -> Result<Option<Snapshot>, Failure> {
    let owner: Option<String> = conn
        .prepare_cached("SELECT order_no FROM trades WHERE account = ?1 AND trade_no = ?2")?
        .query_row(params![account, trade_no], |row| row.get(0))
        .optional()?;
    match owner {
        Some(order_no) => order(conn, &OrderKey::new(account, order_no)),
        None => Ok(None),
    }
}

/// Events behind a cursor, oldest first.
pub(super) fn events(
    conn: &Connection,
    accounts: Option<&BTreeSet<String>>,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<EventRow>, Failure> {
    let after = after.map_or(Ok(0), cursor::read_feed)?;
    let newest: i64 = conn
        .prepare_cached("SELECT coalesce(max(pos), 0) FROM events")?
        .query_row([], |row| row.get(0))?;
    if after > newest {
        // From another database, or from before a backup was restored: to go on from here would skip events.
        return Err(Failure::Cursor);
    }
    let mut places: Vec<i64> = Vec::new();
    match accounts {
        None => places.extend(positions(conn, None, after, limit)?),
        Some(accounts) => {
            // The account with the empty name is the journal's own: only who may see all sees it.
            for account in accounts.iter().filter(|account| !account.is_empty()) {
                places.extend(positions(conn, Some(account), after, limit)?);
            }
        }
    }
    places.sort_unstable();
    let full = places.len() >= limit;
    places.truncate(limit);
    // Behind a page that is not full comes nothing up to this moment's newest event.
    let next = match places.last() {
        Some(last) if full => *last,
        None if full => after,
        _ => newest,
    };
    let items = places.into_iter().map(|pos| event_at(conn, pos));
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        next: Some(cursor::write_feed(next)),
    })
}

/// One event.
pub(super) fn event(conn: &Connection, id: &str) -> Result<Option<EventRow>, Failure> {
    let pos: Option<i64> = conn
        .prepare_cached("SELECT pos FROM events WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    pos.map(|pos| event_at(conn, pos)).transpose()
}

/// The order, or account, that a discrepancy belongs to.
pub(super) fn discrepancy(
    conn: &Connection,
    id: &str,
) -> Result<Option<FoundDiscrepancy>, Failure> {
    let found: Option<(String, String)> = conn
        .prepare_cached("SELECT account, order_no FROM discrepancies WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((account, order_no)) = found else {
        return Ok(None);
    };
    if !order_no.is_empty() {
        let state = rows::order(conn, &OrderKey::new(account, order_no))?;
        return Ok(state.map(|state| FoundDiscrepancy::Order(Box::new(state), id.to_owned())));
    }
    let text: Option<String> = conn
        .prepare_cached("SELECT state FROM accounts WHERE account = ?1")?
        .query_row([&account], |row| row.get(0))
        .optional()?;
    let Some(text) = text else {
        return Ok(None);
    };
    let mut state: AccountState = rows::parse(&text, &format!("the account {account}"))?;
    let found = state.discrepancies.remove(id);
    Ok(found.map(|found| FoundDiscrepancy::Account {
        account,
        id: id.to_owned(),
        found,
    }))
}

fn positions(
    conn: &Connection,
    account: Option<&str>,
    after: i64,
    limit: usize,
) -> Result<Vec<i64>, Failure> {
    let of_account = match account {
        None => "?3 IS NULL",
        Some(_) => "account = ?3",
    };
    let mut statement = conn.prepare_cached(&format!(
        "SELECT pos FROM events WHERE pos > ?1 AND {of_account} ORDER BY pos LIMIT ?2"
    ))?;
    let after = after + i64::from(removed(Defence::FeedComplete));
    let places =
        statement.query_map(params![after, rows::rows(limit), account], |row| row.get(0))?;
    Ok(places.collect::<Result<_, _>>()?)
}

fn event_at(conn: &Connection, pos: i64) -> Result<EventRow, Failure> {
    let (id, account, body): (String, String, Option<Vec<u8>>) = conn
        .prepare_cached(
            "SELECT e.id, e.account, b.body FROM events e LEFT JOIN event_bodies b ON b.pos = e.pos
             WHERE e.pos = ?1",
        )?
        .query_row([pos], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let deliveries = deliveries(conn, &id)?;
    Ok(EventRow {
        id,
        account,
        body: body.unwrap_or_default(),
        deliveries,
    })
}

fn deliveries(conn: &Connection, event: &str) -> Result<Vec<Delivery>, Failure> {
    let sql = format!(
        "SELECT {} FROM deliveries WHERE event = ?1 ORDER BY endpoint",
        rows::DELIVERY
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut found = statement.query([event])?;
    let mut deliveries = Vec::new();
    while let Some(row) = found.next()? {
        deliveries.push(rows::delivery(row)?);
    }
    Ok(deliveries)
}
