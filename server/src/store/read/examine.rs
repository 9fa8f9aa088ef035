//! What a doctor looks at: how things stand, and what came lately. Each part is bounded, whatever is stored.

use super::{body, discrepancy};
use crate::store::failure::Failure;
use crate::store::sql::{Param, Row, Sql};
use crate::store::{Cluster, Counts, Endpoint, Examined, Heard, marks, rows};
use quittance_core::Timestamp;
use quittance_core::entry::{Record, What};
use quittance_core::schedule::after;
use quittance_core::settings::Settings;
use quittance_core::{OrderKey, OrderState};
use std::collections::BTreeMap;

/// A step that has been due for longer than this is late: workers take what is due at once.
const LATE: jiff::SignedDuration = jiff::SignedDuration::from_secs(120);
/// So many of the newest entries are looked through.
const ENTRIES_MAX: u64 = 20_000;
/// So many callbacks of an account are kept, the newest first.
const HEARD_MAX: usize = 40;
/// So many of an account's orders, the newest first.
const ORDERS_MAX: usize = 100;
/// So many names of a list: enough to go and look.
const NAMES_MAX: usize = 20;

/// The kinds of callbacks that were answered, of second opinions, and of junk that was only counted.
const CALLBACKS: &str = "kind IN (6, 7, 8, 17)";
/// The kinds of a jump of the clock, and of what was laid aside.
const ODD: &str = "kind IN (19, 21)";

/// How things stand, in numbers.
pub(in crate::store) fn counts(sql: &dyn Sql, now: Timestamp) -> Result<Counts, Failure> {
    let count = |statement: &str, values: &[Param<'_>]| -> Result<u64, Failure> {
        let found = sql.one(statement, values)?;
        found.map_or(Ok(0), |row| row.get(0))
    };
    let late = after(now, -LATE).as_microsecond();
    Ok(Counts {
        behind: count(
            "SELECT count(*) FROM orders WHERE due_us IS NOT NULL AND due_us < ?1",
            &[late.into()],
        )?,
        frozen: count(
            &format!("SELECT count(*) FROM orders WHERE {}", sql.dialect().frozen),
            &[],
        )?,
        discrepancies: count("SELECT count(*) FROM discrepancies WHERE closed = 0", &[])?,
        dead: count("SELECT count(*) FROM deliveries WHERE state = 'dead'", &[])?,
    })
}

/// Everything.
pub(in crate::store) fn examine(
    sql: &dyn Sql,
    settings: &Settings,
    now: Timestamp,
) -> Result<Examined, Failure> {
    let newest = marks::newest(sql)?;
    let head = newest.map_or(0, |(seq, _)| seq);
    let mut orders = BTreeMap::new();
    let mut heard = BTreeMap::new();
    for account in settings.accounts.keys() {
        orders.insert(account.clone(), newest_orders(sql, account)?);
        heard.insert(account.clone(), callbacks(sql, account, head)?);
    }
    Ok(Examined {
        chain: marks::chain(sql)?,
        seq: head,
        cursor: marks::cursor(sql)?,
        newest_at: marks::time(sql, head)?,
        counts: counts(sql, now)?,
        behind: behind(sql, now)?,
        frozen: frozen(sql)?,
        odd: odd(sql, head)?,
        discrepancies: open_discrepancies(sql)?,
        endpoints: endpoints(sql)?,
        orders,
        heard,
        cluster: cluster(sql)?,
    })
}

/// What a database server says of itself. Whoever it is asked by may read all of this.
const CLUSTER: &str = "SELECT
    (current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on')::int4,
    current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
    (SELECT count(*) FROM pg_stat_replication),
    (SELECT count(*) FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND NOT ssl
        AND NOT inet_server_addr() <<= ANY ('{127.0.0.0/8,::1}'::inet[])),
    greatest(0, current_setting('max_connections')::int8
        - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'))";

fn cluster(sql: &dyn Sql) -> Result<Option<Cluster>, Failure> {
    if !sql.dialect().many_chains {
        return Ok(None);
    }
    let cluster = |row: Row| {
        Ok(Cluster {
            synced: row.get(0)?,
            commits: row.get(1)?,
            standbys: row.get(2)?,
            copying: row.get(3)?,
            in_clear: row.get(4)?,
            free: row.get(5)?,
        })
    };
    sql.one(CLUSTER, &[])?.map(cluster).transpose()
}

fn behind(sql: &dyn Sql, now: Timestamp) -> Result<Vec<(OrderKey, Timestamp)>, Failure> {
    let late = after(now, -LATE).as_microsecond();
    let found = sql.all(
        "SELECT account, order_no, due_us FROM orders INDEXED BY orders_due
         WHERE due_us IS NOT NULL AND due_us < ?1 ORDER BY due_us LIMIT ?2",
        &[late.into(), rows::rows(NAMES_MAX).into()],
    )?;
    let late = |row: &Row| Ok((rows::order_key(row, 0)?, rows::time(row.get(2)?)?));
    found.iter().map(late).collect()
}

fn frozen(sql: &dyn Sql) -> Result<Vec<OrderKey>, Failure> {
    let statement = format!(
        "SELECT account, order_no FROM orders WHERE {} ORDER BY account, order_no LIMIT ?1",
        sql.dialect().frozen
    );
    let found = sql.all(&statement, &[rows::rows(NAMES_MAX).into()])?;
    found.iter().map(|row| rows::order_key(row, 0)).collect()
}

fn open_discrepancies(sql: &dyn Sql) -> Result<Vec<crate::store::FoundDiscrepancy>, Failure> {
    let found = sql.all(
        "SELECT id FROM discrepancies WHERE closed = 0 ORDER BY opened_us, id LIMIT ?1",
        &[rows::rows(NAMES_MAX).into()],
    )?;
    let mut open = Vec::new();
    for row in found {
        open.extend(discrepancy(sql, &row.get::<String>(0)?)?);
    }
    Ok(open)
}

fn endpoints(sql: &dyn Sql) -> Result<BTreeMap<String, Endpoint>, Failure> {
    let mut found: BTreeMap<String, Endpoint> = BTreeMap::new();
    let pending = sql.all(
        "SELECT endpoint, count(*), count(CASE WHEN attempts > 0 THEN 1 END) FROM deliveries
         WHERE due_us IS NOT NULL GROUP BY endpoint",
        &[],
    )?;
    for row in pending {
        let endpoint = found.entry(row.get(0)?).or_default();
        endpoint.pending = row.get(1)?;
        endpoint.failing = row.get(2)?;
    }
    let held = "SELECT endpoint, count(*) FROM deliveries WHERE state = 'held' GROUP BY endpoint";
    for row in sql.all(held, &[])? {
        found.entry(row.get(0)?).or_default().held = row.get(1)?;
    }
    let dead = "SELECT endpoint, count(*) FROM deliveries WHERE state = 'dead' GROUP BY endpoint";
    for row in sql.all(dead, &[])? {
        found.entry(row.get(0)?).or_default().dead = row.get(1)?;
    }
    for (name, endpoint) in &mut found {
        endpoint.last = last_failure(sql, name)?;
    }
    Ok(found)
}

/// How the last try of the delivery ended that has been tried most, of those that are still owed or given up.
fn last_failure(sql: &dyn Sql, endpoint: &str) -> Result<Option<String>, Failure> {
    let found = sql.one(
        "SELECT last FROM deliveries WHERE endpoint = ?1 AND (due_us IS NOT NULL OR state = 'dead')
         AND last IS NOT NULL ORDER BY attempts DESC LIMIT 1",
        &[endpoint.into()],
    )?;
    found.map(|row| row.get(0)).transpose()
}

fn newest_orders(sql: &dyn Sql, account: &str) -> Result<Vec<OrderState>, Failure> {
    let found = sql.all(
        "SELECT state, account, order_no FROM orders WHERE account = ?1
         ORDER BY created_us DESC, order_no DESC LIMIT ?2",
        &[account.into(), rows::rows(ORDERS_MAX).into()],
    )?;
    let state = |row: &Row| rows::order_state(row, 0, &rows::order_key(row, 1)?);
    found.iter().map(state).collect()
}

/// Callbacks, second opinions and counted junk of an account up to this entry, the newest first.
pub(in crate::store) fn callbacks(
    sql: &dyn Sql,
    account: &str,
    last: u64,
) -> Result<Vec<Heard>, Failure> {
    let found = sql.all(
        &format!(
            "SELECT seq, time_us, header FROM entries
             WHERE seq > ?1 AND seq <= ?4 AND account = ?2 AND {CALLBACKS}
             ORDER BY seq DESC LIMIT ?3"
        ),
        &[
            rows::int(last.saturating_sub(ENTRIES_MAX)).into(),
            account.into(),
            rows::rows(HEARD_MAX).into(),
            rows::int(last).into(),
        ],
    )?;
    entries(sql, found)
}

fn odd(sql: &dyn Sql, head: u64) -> Result<Vec<Heard>, Failure> {
    let found = sql.all(
        &format!(
            "SELECT seq, time_us, header FROM entries WHERE seq > ?1 AND {ODD}
             ORDER BY seq DESC LIMIT ?2"
        ),
        &[
            rows::int(head.saturating_sub(ENTRIES_MAX)).into(),
            rows::rows(NAMES_MAX).into(),
        ],
    )?;
    entries(sql, found)
}

fn entries(sql: &dyn Sql, found: Vec<Row>) -> Result<Vec<Heard>, Failure> {
    let mut heard = Vec::new();
    for row in found {
        let (seq, header): (u64, Vec<u8>) = (row.get(0)?, row.get(2)?);
        // A header of a later version says nothing here; `journal verify` tells whether it is damaged.
        let Ok(record) = Record::parse(&header) else {
            continue;
        };
        let kept = match &record.what {
            What::Notify(callback) | What::Return(callback) => callback.received.unwrap_or(seq),
            _ => seq,
        };
        heard.push(Heard {
            seq,
            at: rows::time(row.get(1)?)?,
            body: body(sql, kept)?,
            record,
        });
    }
    Ok(heard)
}
