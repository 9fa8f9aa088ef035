//! What waits, and until when. The cost grows with what is due and with what is leased, not with what is stored.

use crate::store::failure::Failure;
use crate::store::rows;
use jiff::SignedDuration;
use quittance_core::schedule::after;
use quittance_core::settings::Settings;
use quittance_core::{OrderKey, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// Evidence parked at this time or before, that nobody has been told of.
pub(in crate::store) fn overdue(
    conn: &Connection,
    parked_before: Timestamp,
    limit: usize,
) -> Result<Vec<OrderKey>, Failure> {
    let mut statement = conn.prepare_cached(
        "SELECT account, about FROM parked INDEXED BY parked_waiting
         WHERE overdue = 0 AND by = 'order' AND since_us <= ?1
         ORDER BY since_us, account, about LIMIT ?2",
    )?;
    let found = statement.query_map(
        params![parked_before.as_microsecond(), rows::rows(limit)],
        |row| {
            Ok(OrderKey::new(
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
            ))
        },
    )?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// How many orders are unpaid, or were first paid at this time or later. Whatever made an order paid is an entry of
/// that time, so only orders of newer entries are looked into.
pub(in crate::store) fn under_way(
    conn: &Connection,
    account: &str,
    paid_since: Timestamp,
) -> Result<u64, Failure> {
    let unpaid: i64 = conn
        .prepare_cached("SELECT count(*) FROM orders WHERE account = ?1 AND status = 'unpaid'")?
        .query_row([account], |row| row.get(0))?;
    let before: Option<i64> = conn
        .prepare_cached("SELECT seq FROM entries WHERE time_us < ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([paid_since.as_microsecond()], |row| row.get(0))
        .optional()?;
    let mut statement = conn.prepare_cached(
        "SELECT json_extract(o.state, '$.paid_at')
         FROM (SELECT DISTINCT order_no FROM entries
               WHERE seq > ?2 AND account = ?1 AND order_no IS NOT NULL) e
         CROSS JOIN orders o ON o.account = ?1 AND o.order_no = e.order_no
         WHERE o.status <> 'unpaid'",
    )?;
    let mut found = statement.query(params![account, before.unwrap_or(0)])?;
    let mut paid = 0;
    while let Some(row) = found.next()? {
        let at: Option<String> = row.get(0)?;
        let at = at.and_then(|at| at.parse::<Timestamp>().ok());
        paid += u64::from(at.is_some_and(|at| at >= paid_since));
    }
    Ok(rows::number(unpaid) + paid)
}

/// When the next thing is due that nobody holds. What is leased counts from the end of its lease.
pub(in crate::store) fn next_due(
    conn: &Connection,
    settings: &Settings,
    parked_wait: SignedDuration,
) -> Result<Option<Timestamp>, Failure> {
    let mut earliest = vec![next_step(conn)?, next_leased_step(conn)?];
    for (name, _) in settings.endpoints.iter().filter(|(_, e)| !e.disabled) {
        earliest.push(next_delivery(conn, name)?);
        earliest.push(next_leased_delivery(conn, name)?);
    }
    let mut times = Vec::new();
    for us in earliest.into_iter().flatten() {
        times.push(rows::time(us)?);
    }
    if let Some(since) = next_parked(conn)? {
        times.push(after(rows::time(since)?, parked_wait));
    }
    Ok(times.into_iter().min())
}

fn next_step(conn: &Connection) -> Result<Option<i64>, Failure> {
    let found = conn
        .prepare_cached(
            "SELECT due_us FROM orders o INDEXED BY orders_due
             WHERE due_us IS NOT NULL AND NOT EXISTS
                 (SELECT 1 FROM leases WHERE kind = 'order' AND a = o.account AND b = o.order_no)
             ORDER BY due_us LIMIT 1",
        )?
        .query_row([], |row| row.get(0));
    Ok(found.optional()?)
}

fn next_leased_step(conn: &Connection) -> Result<Option<i64>, Failure> {
    let mut statement = conn.prepare_cached(
        "SELECT min(max(l.until_us, o.due_us)) FROM leases l
         CROSS JOIN orders o ON o.account = l.a AND o.order_no = l.b
         WHERE l.kind = 'order' AND o.due_us IS NOT NULL",
    )?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

fn next_delivery(conn: &Connection, endpoint: &str) -> Result<Option<i64>, Failure> {
    let found = conn
        .prepare_cached(
            "SELECT due_us FROM deliveries d INDEXED BY deliveries_due
             WHERE endpoint = ?1 AND due_us IS NOT NULL AND NOT EXISTS
                 (SELECT 1 FROM leases WHERE kind = 'delivery' AND a = d.event AND b = d.endpoint)
             ORDER BY due_us LIMIT 1",
        )?
        .query_row([endpoint], |row| row.get(0));
    Ok(found.optional()?)
}

fn next_leased_delivery(conn: &Connection, endpoint: &str) -> Result<Option<i64>, Failure> {
    let mut statement = conn.prepare_cached(
        "SELECT min(max(l.until_us, d.due_us)) FROM leases l
         CROSS JOIN deliveries d ON d.event = l.a AND d.endpoint = l.b
         WHERE l.kind = 'delivery' AND l.b = ?1 AND d.due_us IS NOT NULL",
    )?;
    Ok(statement.query_row([endpoint], |row| row.get(0))?)
}

fn next_parked(conn: &Connection) -> Result<Option<i64>, Failure> {
    let mut statement = conn.prepare_cached(
        "SELECT min(since_us) FROM parked INDEXED BY parked_waiting
         WHERE overdue = 0 AND by = 'order'",
    )?;
    Ok(statement.query_row([], |row| row.get(0))?)
}
