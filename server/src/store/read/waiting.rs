//! What waits, and until when. The cost grows with what is due and with what is leased, not with what is stored.

use crate::store::failure::Failure;
use crate::store::rows;
use crate::store::sql::{Param, Sql};
use jiff::SignedDuration;
use quittance_core::schedule::after;
use quittance_core::settings::Settings;
use quittance_core::{OrderKey, Timestamp};

/// Evidence parked at this time or before, that nobody has been told of.
pub(in crate::store) fn overdue(
    sql: &dyn Sql,
    parked_before: Timestamp,
    limit: usize,
) -> Result<Vec<OrderKey>, Failure> {
    let found = sql.all(
        "SELECT account, about FROM parked INDEXED BY parked_waiting
         WHERE overdue = 0 AND by = 'order' AND since_us <= ?1
         ORDER BY since_us, account, about LIMIT ?2",
        &[
            parked_before.as_microsecond().into(),
            rows::rows(limit).into(),
        ],
    )?;
    found.iter().map(|row| rows::order_key(row, 0)).collect()
}

/// How many orders are unpaid, or were first paid at this time or later. Whatever made an order paid is an entry of
/// that time, so only orders of newer entries are looked into.
pub(in crate::store) fn under_way(
    sql: &dyn Sql,
    account: &str,
    paid_since: Timestamp,
) -> Result<u64, Failure> {
    let unpaid: i64 = number(
        sql,
        "SELECT count(*) FROM orders WHERE account = ?1 AND status = 'unpaid'",
        &[account.into()],
    )?
    .unwrap_or(0);
    let before = number(
        sql,
        "SELECT seq FROM entries WHERE time_us < ?1 ORDER BY seq DESC LIMIT 1",
        &[paid_since.as_microsecond().into()],
    )?;
    let statement = format!(
        "SELECT {} FROM (SELECT DISTINCT order_no FROM entries
               WHERE seq > ?2 AND account = ?1 AND order_no IS NOT NULL) e
         CROSS JOIN orders o WHERE o.account = ?1 AND o.order_no = e.order_no
         AND o.status <> 'unpaid'",
        sql.dialect().paid_at
    );
    let mut paid = 0;
    let values = [account.into(), before.unwrap_or(0).into()];
    sql.each(&statement, &values, &mut |row| {
        let at: Option<String> = row.get(0)?;
        let at = at.and_then(|at| at.parse::<Timestamp>().ok());
        paid += u64::from(at.is_some_and(|at| at >= paid_since));
        Ok(())
    })?;
    Ok(rows::number(unpaid) + paid)
}

/// When the next thing is due that nobody holds. What is leased counts from the end of its lease.
pub(in crate::store) fn next_due(
    sql: &dyn Sql,
    settings: &Settings,
    parked_wait: SignedDuration,
) -> Result<Option<Timestamp>, Failure> {
    let mut earliest = vec![next_step(sql)?, next_leased_step(sql)?];
    for (name, _) in settings.endpoints.iter().filter(|(_, e)| !e.disabled) {
        earliest.push(next_delivery(sql, name)?);
        earliest.push(next_leased_delivery(sql, name)?);
    }
    let mut times = Vec::new();
    for us in earliest.into_iter().flatten() {
        times.push(rows::time(us)?);
    }
    if let Some(since) = next_parked(sql)? {
        times.push(after(rows::time(since)?, parked_wait));
    }
    Ok(times.into_iter().min())
}

fn next_step(sql: &dyn Sql) -> Result<Option<i64>, Failure> {
    number(
        sql,
        "SELECT due_us FROM orders o INDEXED BY orders_due
         WHERE due_us IS NOT NULL AND NOT EXISTS
             (SELECT 1 FROM leases WHERE kind = 'order' AND a = o.account AND b = o.order_no)
         ORDER BY due_us LIMIT 1",
        &[],
    )
}

fn next_leased_step(sql: &dyn Sql) -> Result<Option<i64>, Failure> {
    number(
        sql,
        "SELECT min(CASE WHEN l.until_us > o.due_us THEN l.until_us ELSE o.due_us END)
         FROM leases l CROSS JOIN orders o
         WHERE o.account = l.a AND o.order_no = l.b AND l.kind = 'order' AND o.due_us IS NOT NULL",
        &[],
    )
}

fn next_delivery(sql: &dyn Sql, endpoint: &str) -> Result<Option<i64>, Failure> {
    number(
        sql,
        "SELECT due_us FROM deliveries d INDEXED BY deliveries_due
         WHERE endpoint = ?1 AND due_us IS NOT NULL AND NOT EXISTS
             (SELECT 1 FROM leases WHERE kind = 'delivery' AND a = d.event AND b = d.endpoint)
         ORDER BY due_us LIMIT 1",
        &[endpoint.into()],
    )
}

fn next_leased_delivery(sql: &dyn Sql, endpoint: &str) -> Result<Option<i64>, Failure> {
    number(
        sql,
        "SELECT min(CASE WHEN l.until_us > d.due_us THEN l.until_us ELSE d.due_us END)
         FROM leases l CROSS JOIN deliveries d
         WHERE d.event = l.a AND d.endpoint = l.b
         AND l.kind = 'delivery' AND l.b = ?1 AND d.due_us IS NOT NULL",
        &[endpoint.into()],
    )
}

fn next_parked(sql: &dyn Sql) -> Result<Option<i64>, Failure> {
    number(
        sql,
        "SELECT min(since_us) FROM parked INDEXED BY parked_waiting
         WHERE overdue = 0 AND by = 'order'",
        &[],
    )
}

/// The one number that a statement finds.
fn number(sql: &dyn Sql, statement: &str, values: &[Param<'_>]) -> Result<Option<i64>, Failure> {
    let found = sql.one(statement, values)?;
    Ok(found.map(|row| row.get(0)).transpose()?.flatten())
}
