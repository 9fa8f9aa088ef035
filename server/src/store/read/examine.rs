//! What a doctor looks at: how things stand, and what came lately. Each part is bounded, whatever is stored.

use super::{body, discrepancy};
use crate::store::failure::Failure;
use crate::store::{Counts, Endpoint, Examined, Heard, marks, rows};
use quittance_core::Timestamp;
use quittance_core::entry::{Record, What};
use quittance_core::schedule::after;
use quittance_core::settings::Settings;
use quittance_core::{OrderKey, OrderState};
use rusqlite::{Connection, params};
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
pub(in crate::store) fn counts(conn: &Connection, now: Timestamp) -> Result<Counts, Failure> {
    let number = |sql: &str| -> Result<u64, Failure> {
        let count = conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(rows::number(count))
    };
    let late = after(now, -LATE).as_microsecond();
    let behind = conn
        .prepare_cached("SELECT count(*) FROM orders WHERE due_us IS NOT NULL AND due_us < ?1")?
        .query_row([late], |row| row.get(0))?;
    Ok(Counts {
        behind: rows::number(behind),
        frozen: number(&format!("SELECT count(*) FROM orders WHERE {FROZEN}"))?,
        discrepancies: number("SELECT count(*) FROM discrepancies WHERE closed = 0")?,
        dead: number("SELECT count(*) FROM deliveries WHERE state = 'dead'")?,
    })
}

/// As the index has it.
const FROZEN: &str = "instr(state, '\"frozen\":\"') > 0";

/// Everything.
pub(in crate::store) fn examine(
    conn: &Connection,
    settings: &Settings,
    now: Timestamp,
) -> Result<Examined, Failure> {
    let newest = marks::newest(conn)?;
    let head = newest.map_or(0, |(seq, _)| seq);
    let mut orders = BTreeMap::new();
    let mut heard = BTreeMap::new();
    for account in settings.accounts.keys() {
        orders.insert(account.clone(), newest_orders(conn, account)?);
        heard.insert(account.clone(), callbacks(conn, account, head)?);
    }
    Ok(Examined {
        chain: marks::chain(conn)?,
        seq: head,
        cursor: marks::cursor(conn)?,
        newest_at: marks::time(conn, head)?,
        counts: counts(conn, now)?,
        behind: behind(conn, now)?,
        frozen: frozen(conn)?,
        odd: odd(conn, head)?,
        discrepancies: open_discrepancies(conn)?,
        endpoints: endpoints(conn)?,
        orders,
        heard,
    })
}

fn key(row: &rusqlite::Row<'_>) -> rusqlite::Result<OrderKey> {
    Ok(OrderKey::new(
        row.get::<_, String>(0)?,
        row.get::<_, String>(1)?,
    ))
}

fn behind(conn: &Connection, now: Timestamp) -> Result<Vec<(OrderKey, Timestamp)>, Failure> {
    let mut statement = conn.prepare_cached(
        "SELECT account, order_no, due_us FROM orders INDEXED BY orders_due
         WHERE due_us IS NOT NULL AND due_us < ?1 ORDER BY due_us LIMIT ?2",
    )?;
    let late = after(now, -LATE).as_microsecond();
    let mut found = statement.query(params![late, rows::rows(NAMES_MAX)])?;
    let mut orders = Vec::new();
    while let Some(row) = found.next()? {
        orders.push((key(row)?, rows::time(row.get(2)?)?));
    }
    Ok(orders)
}

fn frozen(conn: &Connection) -> Result<Vec<OrderKey>, Failure> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT account, order_no FROM orders WHERE {FROZEN} ORDER BY account, order_no LIMIT ?1"
    ))?;
    let found = statement.query_map([rows::rows(NAMES_MAX)], key)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn open_discrepancies(conn: &Connection) -> Result<Vec<crate::store::FoundDiscrepancy>, Failure> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM discrepancies WHERE closed = 0 ORDER BY opened_us, id LIMIT ?1",
    )?;
    let found = statement.query_map([rows::rows(NAMES_MAX)], |row| row.get(0))?;
    let ids: Vec<String> = found.collect::<Result<_, _>>()?;
    let mut open = Vec::new();
    for id in ids {
        open.extend(discrepancy(conn, &id)?);
    }
    Ok(open)
}

fn endpoints(conn: &Connection) -> Result<BTreeMap<String, Endpoint>, Failure> {
    let mut found: BTreeMap<String, Endpoint> = BTreeMap::new();
    let mut statement = conn.prepare_cached(
        "SELECT endpoint, count(*), sum(attempts > 0), min(due_us), max(attempts) FROM deliveries
         WHERE due_us IS NOT NULL GROUP BY endpoint",
    )?;
    let mut pending = statement.query([])?;
    while let Some(row) = pending.next()? {
        let endpoint = found.entry(row.get(0)?).or_default();
        endpoint.pending = rows::number(row.get(1)?);
        endpoint.failing = rows::number(row.get(2)?);
    }
    for (sql, held) in [
        (
            "SELECT endpoint, count(*) FROM deliveries WHERE state = 'held' GROUP BY endpoint",
            true,
        ),
        (
            "SELECT endpoint, count(*) FROM deliveries WHERE state = 'dead' GROUP BY endpoint",
            false,
        ),
    ] {
        let mut statement = conn.prepare_cached(sql)?;
        let mut counted = statement.query([])?;
        while let Some(row) = counted.next()? {
            let endpoint = found.entry(row.get(0)?).or_default();
            let count = rows::number(row.get(1)?);
            match held {
                true => endpoint.held = count,
                false => endpoint.dead = count,
            }
        }
    }
    for (name, endpoint) in &mut found {
        endpoint.last = last_failure(conn, name)?;
    }
    Ok(found)
}

/// How the last try of the delivery ended that has been tried most, of those that are still owed or given up.
fn last_failure(conn: &Connection, endpoint: &str) -> Result<Option<String>, Failure> {
    let mut statement = conn.prepare_cached(
        "SELECT last FROM deliveries WHERE endpoint = ?1 AND (due_us IS NOT NULL OR state = 'dead')
         AND last IS NOT NULL ORDER BY attempts DESC LIMIT 1",
    )?;
    let mut found = statement.query([endpoint])?;
    Ok(match found.next()? {
        Some(row) => row.get(0)?,
        None => None,
    })
}

fn newest_orders(conn: &Connection, account: &str) -> Result<Vec<OrderState>, Failure> {
    let mut statement = conn.prepare_cached(
        "SELECT state, order_no FROM orders WHERE account = ?1
         ORDER BY created_us DESC, order_no DESC LIMIT ?2",
    )?;
    let mut found = statement.query(params![account, rows::rows(ORDERS_MAX)])?;
    let mut orders = Vec::new();
    while let Some(row) = found.next()? {
        let (text, order_no): (String, String) = (row.get(0)?, row.get(1)?);
        orders.push(rows::parse(
            &text,
            &format!("the order {account}/{order_no}"),
        )?);
    }
    Ok(orders)
}

/// Callbacks, second opinions and counted junk of an account up to this entry, the newest first.
pub(in crate::store) fn callbacks(
    conn: &Connection,
    account: &str,
    last: u64,
) -> Result<Vec<Heard>, Failure> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT seq, time_us, header FROM entries WHERE seq > ?1 AND seq <= ?4 AND account = ?2 AND {CALLBACKS}
         ORDER BY seq DESC LIMIT ?3"
    ))?;
    let from = rows::int(last.saturating_sub(ENTRIES_MAX));
    let found = statement.query(params![
        from,
        account,
        rows::rows(HEARD_MAX),
        rows::int(last)
    ])?;
    entries(conn, found)
}

fn odd(conn: &Connection, head: u64) -> Result<Vec<Heard>, Failure> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT seq, time_us, header FROM entries WHERE seq > ?1 AND {ODD} ORDER BY seq DESC LIMIT ?2"
    ))?;
    let from = rows::int(head.saturating_sub(ENTRIES_MAX));
    let found = statement.query(params![from, rows::rows(NAMES_MAX)])?;
    entries(conn, found)
}

fn entries(conn: &Connection, mut found: rusqlite::Rows<'_>) -> Result<Vec<Heard>, Failure> {
    let mut heard = Vec::new();
    while let Some(row) = found.next()? {
        let (seq, header): (u64, Vec<u8>) = (rows::number(row.get(0)?), row.get(2)?);
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
            body: body(conn, kept)?,
            record,
        });
    }
    Ok(heard)
}
