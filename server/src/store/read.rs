//! The verbs that only read, written once for every database.

mod examine;
mod lists;
mod waiting;

pub(super) use examine::{callbacks, counts, examine};
pub(super) use lists::{discrepancies, journal, orders};
pub(super) use waiting::{next_due, overdue, under_way};

use super::failure::Failure;
use super::sql::Sql;
use super::tables::Which;
use super::{EventRow, FoundDiscrepancy, Lease, Page, Snapshot, cursor, rows};
use quittance_core::gateway::Address;
use quittance_core::sabotage::{Defence, removed};
use quittance_core::state::{AccountState, Delivery, Parked};
use quittance_core::{OrderKey, Timestamp};
use std::collections::BTreeSet;

/// One order.
pub(super) fn order(sql: &dyn Sql, key: &OrderKey) -> Result<Option<Snapshot>, Failure> {
    let Some(state) = rows::order(sql, key)? else {
        return Ok(None);
    };
    let personal = rows::personal(sql, key)?;
    Ok(Some(Snapshot { state, personal }))
}

/// The order whose buyer's pages have this name.
pub(super) fn order_by_token(sql: &dyn Sql, token: &str) -> Result<Option<Snapshot>, Failure> {
    let found = sql.one(
        "SELECT account, order_no FROM orders WHERE token = ?1",
        &[token.into()],
    )?;
    match found {
        Some(row) => order(sql, &rows::order_key(&row, 0)?),
        None => Ok(None),
    }
}

/// The raw bytes of an entry, where it has some.
pub(super) fn body(sql: &dyn Sql, seq: u64) -> Result<Option<Vec<u8>>, Failure> {
    let found = sql.one(
        "SELECT body FROM bodies WHERE seq = ?1",
        &[rows::int(seq).into()],
    )?;
    found.map(|row| row.get(0)).transpose()
}

/// Keys of orders by how they stand, in their order.
pub(super) fn keys(sql: &dyn Sql, which: Which) -> Result<Vec<OrderKey>, Failure> {
    let (from, condition) = match which {
        Which::Unanswered => ("orders", "unanswered = 1"),
        Which::Waiting => ("orders INDEXED BY orders_due", "due_us IS NOT NULL"),
        Which::Active => (
            "orders",
            "(status = 'unpaid' OR attention = 1 OR due_us IS NOT NULL)",
        ),
    };
    let statement = format!(
        "SELECT account, order_no FROM {from} WHERE {condition} ORDER BY account, order_no"
    );
    let mut keys = Vec::new();
    sql.each(&statement, &[], &mut |row| {
        keys.push(rows::order_key(&row, 0)?);
        Ok(())
    })?;
    Ok(keys)
}

/// Debts that are to be tried, now or later.
pub(super) fn pending(sql: &dyn Sql) -> Result<Vec<Delivery>, Failure> {
    let statement = format!(
        "SELECT {} FROM deliveries WHERE due_us IS NOT NULL ORDER BY event, endpoint",
        rows::DELIVERY
    );
    sql.all(&statement, &[])?
        .iter()
        .map(rows::delivery)
        .collect()
}

/// Debts to this endpoint that are held.
pub(super) fn held(sql: &dyn Sql, endpoint: &str) -> Result<Vec<Delivery>, Failure> {
    let statement = format!(
        "SELECT {} FROM deliveries WHERE endpoint = ?1 AND state = 'held' ORDER BY event",
        rows::DELIVERY
    );
    sql.all(&statement, &[endpoint.into()])?
        .iter()
        .map(rows::delivery)
        .collect()
}

/// When the newest entry before this number was written, if that can be read.
pub(super) fn written_before(sql: &dyn Sql, seq: u64) -> Result<Option<Timestamp>, Failure> {
    let found = sql.one(
        "SELECT time_us FROM entries WHERE seq < ?1 ORDER BY seq DESC LIMIT 1",
        &[rows::int(seq).into()],
    )?;
    let time_us = found.and_then(|row| row.get(0).ok());
    Ok(time_us.and_then(|us| Timestamp::from_microsecond(us).ok()))
}

/// Whether somebody's work is still this holder's.
pub(super) fn holds(sql: &dyn Sql, lease: &Lease) -> Result<bool, Failure> {
    let (kind, a, b) = rows::lease(lease);
    let found = sql.one(
        "SELECT fence FROM leases WHERE kind = ?1 AND a = ?2 AND b = ?3",
        &[kind.into(), a.into(), b.into()],
    )?;
    let fence: Option<u64> = found.map(|row| row.get(0)).transpose()?;
    Ok(fence == Some(lease.fence))
}

/// A number that is kept under a name; 0 where there is none.
pub(super) fn mark(sql: &dyn Sql, name: &str) -> Result<u64, Failure> {
    let found = sql.one("SELECT value FROM meta WHERE name = ?1", &[name.into()])?;
    found.map_or(Ok(0), |row| row.get(0))
}

/// The order that owns a trade.
pub(super) fn order_by_trade(
    sql: &dyn Sql,
    account: &str,
    trade_no: &str,
) -> Result<Option<Snapshot>, Failure> {
    match trade_owner(sql, account, trade_no)? {
        Some(order_no) => order(sql, &OrderKey::new(account, order_no)),
        None => Ok(None),
    }
}

/// The number of the order that owns a trade.
pub(super) fn trade_owner(
    sql: &dyn Sql,
    account: &str,
    trade_no: &str,
) -> Result<Option<String>, Failure> {
    let found = sql.one(
        "SELECT order_no FROM trades WHERE account = ?1 AND trade_no = ?2",
        &[account.into(), trade_no.into()],
    )?;
    found.map(|row| row.get(0)).transpose()
}

/// An account's own state.
pub(super) fn account(sql: &dyn Sql, name: &str) -> Result<Option<AccountState>, Failure> {
    let found = sql.one(
        "SELECT state FROM accounts WHERE account = ?1",
        &[name.into()],
    )?;
    found
        .map(|row| rows::parse(&row.get::<String>(0)?, &format!("the account {name}")))
        .transpose()
}

/// Evidence that waits under an address.
pub(super) fn parked(
    sql: &dyn Sql,
    account: &str,
    about: &Address,
) -> Result<Option<Parked>, Failure> {
    let (by, number) = rows::address(about);
    let found = sql.one(
        "SELECT state FROM parked WHERE account = ?1 AND by = ?2 AND about = ?3",
        &[account.into(), by.into(), number.into()],
    )?;
    found
        .map(|row| rows::parked(&row, 0, by, number))
        .transpose()
}

/// Events behind a cursor, oldest first.
pub(super) fn events(
    sql: &dyn Sql,
    accounts: Option<&BTreeSet<String>>,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<EventRow>, Failure> {
    let after = after.map_or(Ok(0), cursor::read_feed)?;
    let newest = |up_to: i64| -> Result<i64, Failure> {
        let found = sql.one(
            "SELECT coalesce(max(pos), 0) FROM events WHERE pos <= ?1",
            &[up_to.into()],
        )?;
        found.map_or(Ok(0), |row| row.get(0))
    };
    // What one reader took for settled another one may not yet: he is behind it, and nothing is wrong with his cursor.
    let settled = newest(sql.settled()?)?.max(after);
    if after > newest(i64::MAX)? {
        // From another database, or from before a backup was restored: to go on from here would skip events.
        return Err(Failure::Cursor);
    }
    let newest = settled;
    let mut places: Vec<i64> = Vec::new();
    match accounts {
        None => places.extend(positions(sql, None, after, newest, limit)?),
        Some(accounts) => {
            // The account with the empty name is the journal's own: only who may see all sees it.
            for account in accounts.iter().filter(|account| !account.is_empty()) {
                places.extend(positions(sql, Some(account), after, newest, limit)?);
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
    let items = places.into_iter().map(|pos| event_at(sql, pos));
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        next: Some(cursor::write_feed(next)),
    })
}

/// One event.
pub(super) fn event(sql: &dyn Sql, id: &str) -> Result<Option<EventRow>, Failure> {
    let found = sql.one("SELECT pos FROM events WHERE id = ?1", &[id.into()])?;
    found.map(|row| event_at(sql, row.get(0)?)).transpose()
}

/// The order, or account, that a discrepancy belongs to.
pub(super) fn discrepancy(sql: &dyn Sql, id: &str) -> Result<Option<FoundDiscrepancy>, Failure> {
    let found = sql.one(
        "SELECT account, order_no FROM discrepancies WHERE id = ?1",
        &[id.into()],
    )?;
    let Some(found) = found else {
        return Ok(None);
    };
    let OrderKey {
        account: name,
        order_no,
    } = rows::order_key(&found, 0)?;
    if !order_no.is_empty() {
        let state = rows::order(sql, &OrderKey::new(name, order_no))?;
        return Ok(state.map(|state| FoundDiscrepancy::Order(Box::new(state), id.to_owned())));
    }
    let state = account(sql, &name)?;
    let found = state.and_then(|mut state| state.discrepancies.remove(id));
    Ok(found.map(|found| FoundDiscrepancy::Account {
        account: name,
        id: id.to_owned(),
        found,
    }))
}

fn positions(
    sql: &dyn Sql,
    account: Option<&str>,
    after: i64,
    newest: i64,
    limit: usize,
) -> Result<Vec<i64>, Failure> {
    let after = after + i64::from(removed(Defence::FeedComplete));
    let (after, newest, limit) = (after.into(), newest.into(), rows::rows(limit).into());
    let found = match account {
        None => sql.all(
            "SELECT pos FROM events WHERE pos > ?1 AND pos <= ?2 ORDER BY pos LIMIT ?3",
            &[after, newest, limit],
        )?,
        Some(account) => sql.all(
            "SELECT pos FROM events WHERE pos > ?1 AND pos <= ?2 AND account = ?4
             ORDER BY pos LIMIT ?3",
            &[after, newest, limit, account.into()],
        )?,
    };
    found.iter().map(|row| row.get(0)).collect()
}

fn event_at(sql: &dyn Sql, pos: i64) -> Result<EventRow, Failure> {
    let found = sql.one(
        "SELECT e.id, e.account, b.body FROM events e LEFT JOIN event_bodies b ON b.pos = e.pos
         WHERE e.pos = ?1",
        &[pos.into()],
    )?;
    let missing = || Failure::damaged(format_args!("the event at {pos} is missing"));
    let found = found.ok_or_else(missing)?;
    let (id, body): (String, Option<Vec<u8>>) = (found.get(0)?, found.get(2)?);
    Ok(EventRow {
        deliveries: deliveries(sql, &id)?,
        id,
        account: found.get(1)?,
        body: body.unwrap_or_default(),
    })
}

/// What is owed, or was, because of an event.
pub(super) fn deliveries(sql: &dyn Sql, event: &str) -> Result<Vec<Delivery>, Failure> {
    let statement = format!(
        "SELECT {} FROM deliveries WHERE event = ?1 ORDER BY endpoint",
        rows::DELIVERY
    );
    let found = sql.all(&statement, &[event.into()])?;
    found.iter().map(rows::delivery).collect()
}
