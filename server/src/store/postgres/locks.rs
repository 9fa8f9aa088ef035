//! Locking what a transaction looks at, and reading it.
//!
//! Rows that are not there yet cannot be locked, and evidence about an order that nobody made must not slip past the entry
//! that makes it. So every key is locked by its hash, in the hashes' order, by PostgreSQL's own advisory locks, which end
//! with the transaction. Rows themselves are locked in key order against those who take due work (`FOR UPDATE SKIP
//! LOCKED`), who hold no hashes and wait for nobody.

use super::session::Session;
use super::tables::Loaded;
use crate::store::failure::Failure;
use crate::store::keys::Keys;
use crate::store::sql::{Row, Value};
use crate::store::{Held, rows};
use quittance_core::OrderKey;
use quittance_core::gateway::Address;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use tokio::try_join;
use tokio_postgres::types::ToSql;

/// What all orders depend on: shared by every writer, or one writer's alone.
const WORLD: i64 = 1;

/// Before numbers are drawn, everybody can see that none up to here will be: what the feed shows ends there.
const MARK: &str = "SELECT pg_advisory_xact_lock_shared((b >> 31)::int4, (b & 2147483647)::int4)
    FROM (SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS b FROM numbers) bound";
const DRAW: &str = "SELECT nextval('numbers') FROM generate_series(1, $1::int8)";
const WORLD_NOW: &str = "SELECT value FROM meta WHERE name = 'world'";

/// How keys are locked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum How {
    /// First: waits for others.
    Waiting,
    /// Behind other keys: where somebody has one, the transaction begins anew, with all of them in order.
    AtOnce,
}

/// Begins a transaction of its own chain, and keeps out whoever must not write beside it. Gives what `world` says.
pub(super) fn begin(session: &Session, chain: &str, alone: bool) -> Result<u64, Failure> {
    let world = match alone {
        true => "SELECT pg_advisory_xact_lock($1)",
        false => "SELECT pg_advisory_xact_lock_shared($1)",
    };
    let world = session.prepared(world)?;
    let own = session.prepared("SELECT pg_advisory_xact_lock($1)")?;
    let (mark, now) = (session.prepared(MARK)?, session.prepared(WORLD_NOW)?);
    let client = &session.client;
    let chain = hash("chain", chain, "");
    let given: [&(dyn ToSql + Sync); 1] = [&WORLD];
    let chained: [&(dyn ToSql + Sync); 1] = [&chain];
    let (_, _, _, _, found) = session.wait(async {
        try_join!(
            client.batch_execute("BEGIN"),
            client.query(&world, &given),
            client.query(&own, &chained),
            client.query(&mark, &[]),
            client.query(&now, &[]),
        )
    })?;
    let now: i64 = match found.first() {
        Some(row) => row.try_get(0)?,
        None => 0,
    };
    Ok(rows::number(now))
}

/// Locks the keys that are not locked yet and reads what stands under them. Draws numbers, which are then in the order of
/// the locks. `false` where a key is somebody else's.
pub(super) fn load(
    session: &Session,
    loaded: &mut Loaded,
    keys: &Keys,
    how: How,
) -> Result<bool, Failure> {
    let orders: Vec<&OrderKey> = keys.orders.iter().collect();
    let account: Vec<&str> = orders.iter().map(|key| &*key.account).collect();
    let order_no: Vec<&str> = orders.iter().map(|key| &*key.order_no).collect();
    let (owner, trade_no): (Vec<&str>, Vec<&str>) = keys
        .trades
        .iter()
        .map(|(account, trade_no)| (&**account, &**trade_no))
        .unzip();
    let names: Vec<&str> = keys.accounts.iter().map(|name| &**name).collect();
    let events: Vec<&str> = keys.events.iter().map(|event| &**event).collect();
    let mut held = [Vec::new(), Vec::new(), Vec::new()];
    for one in &keys.held {
        let columns = match one {
            Held::Order(key) => ["order", &*key.account, &*key.order_no],
            Held::Delivery { event, endpoint } => ["delivery", &**event, &**endpoint],
        };
        for (column, value) in held.iter_mut().zip(columns) {
            column.push(value);
        }
    }
    // Each entry, and up to two events of it.
    let numbers = i64::try_from(keys.entries.saturating_mul(3)).unwrap_or(i64::MAX);

    let hashes: Vec<i64> = hashes(keys).into_iter().collect();
    let (lock, wait) = match how {
        How::Waiting => (
            "SELECT pg_advisory_xact_lock(k) IS NOT NULL FROM unnest($1::int8[]) k",
            "",
        ),
        How::AtOnce => (
            "SELECT pg_try_advisory_xact_lock(k) FROM unnest($1::int8[]) k",
            "NOWAIT",
        ),
    };
    let lock = session.prepared(lock)?;
    let draw = session.prepared(DRAW)?;
    let find_orders = session.prepared(&format!(
        "SELECT o.account, o.order_no, o.state FROM unnest($1::text[], $2::text[]) k(a, b)
         JOIN orders o ON o.account = k.a AND o.order_no = k.b
         ORDER BY o.account, o.order_no FOR UPDATE OF o {wait}"
    ))?;
    let find_personal = session.prepared(
        "SELECT e.account, e.order_no, p.data FROM unnest($1::text[], $2::text[]) k(a, b)
         JOIN entries e ON e.account = k.a AND e.order_no = k.b AND e.order_no IS NOT NULL
         JOIN personal p ON p.seq = e.seq ORDER BY e.seq",
    )?;
    let find_parked = session.prepared(
        "SELECT p.account, p.about, p.state FROM unnest($1::text[], $2::text[]) k(a, b)
         JOIN parked p ON p.account = k.a AND p.about = k.b AND p.by = $3",
    )?;
    let find_trades = session.prepared(
        "SELECT t.account, t.trade_no, t.order_no FROM unnest($1::text[], $2::text[]) k(a, b)
         JOIN trades t ON t.account = k.a AND t.trade_no = k.b",
    )?;
    let find_accounts =
        session.prepared("SELECT account, state FROM accounts WHERE account = ANY($1::text[])")?;
    let find_deliveries = session.prepared(&format!(
        "SELECT {} FROM deliveries WHERE event = ANY($1::text[])
         ORDER BY event, endpoint FOR UPDATE {wait}",
        rows::DELIVERY
    ))?;
    let find_leases = session.prepared(&format!(
        "SELECT l.kind, l.a, l.b, l.fence FROM unnest($1::text[], $2::text[], $3::text[]) k(k, a, b)
         JOIN leases l ON l.kind = k.k AND l.a = k.a AND l.b = k.b
         ORDER BY l.kind, l.a, l.b FOR UPDATE OF l {wait}"
    ))?;
    let client = &session.client;
    let of_orders: [&(dyn ToSql + Sync); 2] = [&account, &order_no];
    let of_trades: [&(dyn ToSql + Sync); 2] = [&owner, &trade_no];
    let at_orders: [&(dyn ToSql + Sync); 3] = [&account, &order_no, &"order"];
    let at_trades: [&(dyn ToSql + Sync); 3] = [&owner, &trade_no, &"trade"];
    let (locks, count): ([&(dyn ToSql + Sync); 1], [&(dyn ToSql + Sync); 1]) =
        ([&hashes], [&numbers]);
    let (named, told): ([&(dyn ToSql + Sync); 1], [&(dyn ToSql + Sync); 1]) = ([&names], [&events]);
    let of_leases: [&(dyn ToSql + Sync); 3] = [&held[0], &held[1], &held[2]];
    let (locked, drawn, orders, personal, by_order, by_trade, trades, accounts, deliveries, leases) =
        session.wait(async {
            try_join!(
                client.query(&lock, &locks),
                client.query(&draw, &count),
                client.query(&find_orders, &of_orders),
                client.query(&find_personal, &of_orders),
                client.query(&find_parked, &at_orders),
                client.query(&find_parked, &at_trades),
                client.query(&find_trades, &of_trades),
                client.query(&find_accounts, &named),
                client.query(&find_deliveries, &told),
                client.query(&find_leases, &of_leases),
            )
        })?;
    for row in &locked {
        if !row.try_get::<_, bool>(0)? {
            return Ok(false);
        }
    }
    // What was drawn before these keys were locked is too early for them.
    if !hashes.is_empty() {
        loaded.numbers.clear();
    }
    for row in &drawn {
        loaded.numbers.push(rows::number(row.try_get(0)?));
    }
    for key in &keys.orders {
        loaded.orders.insert(key.clone(), None);
        loaded.personal.insert(key.clone(), Vec::new());
    }
    for row in shared(&orders)? {
        let key = rows::order_key(&row, 0)?;
        let state = rows::order_state(&row, 2, &key)?;
        loaded.orders.insert(key, Some(state));
    }
    for row in shared(&personal)? {
        let known = loaded
            .personal
            .entry(rows::order_key(&row, 0)?)
            .or_default();
        rows::add_personal(known, &rows::brought(&row, 2)?);
    }
    for (found, about) in [
        (&by_order, Address::OrderNo as fn(String) -> Address),
        (&by_trade, Address::TradeNo),
    ] {
        for row in shared(found)? {
            let (account, number): (String, String) = (row.get(0)?, row.get(1)?);
            let parked = rows::parked(&row, 2, "number", &number)?;
            loaded.parked.insert((account, about(number)), parked);
        }
    }
    for key in &keys.trades {
        loaded.trades.insert(key.clone(), None);
    }
    for row in shared(&trades)? {
        let key = (row.get(0)?, row.get(1)?);
        loaded.trades.insert(key, Some(row.get(2)?));
    }
    for name in &keys.accounts {
        loaded.accounts.insert(name.clone(), None);
    }
    for row in shared(&accounts)? {
        let name: String = row.get(0)?;
        let state = rows::parse(&row.get::<String>(1)?, &format!("the account {name}"))?;
        loaded.accounts.insert(name, Some(state));
    }
    for event in &keys.events {
        loaded.deliveries.insert(event.clone(), Vec::new());
    }
    for row in shared(&deliveries)? {
        let owed = rows::delivery(&row)?;
        loaded
            .deliveries
            .entry(owed.event.clone())
            .or_default()
            .push(owed);
    }
    for one in &keys.held {
        loaded.fences.insert(one.clone(), None);
    }
    for row in shared(&leases)? {
        let (kind, a, b): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let held = match &*kind {
            "order" => Held::Order(OrderKey::new(a, b)),
            _ => Held::Delivery {
                event: a,
                endpoint: b,
            },
        };
        loaded.fences.insert(held, Some(row.get(3)?));
    }
    Ok(true)
}

/// Rows as the shared code reads them.
fn shared(found: &[tokio_postgres::Row]) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for row in found {
        let columns = (0..row.len()).map(|column| row.try_get::<_, Value>(column));
        rows.push(Row(columns.collect::<Result<_, _>>()?));
    }
    Ok(rows)
}

/// Sorted, so that everybody waits in the same order.
fn hashes(keys: &Keys) -> BTreeSet<i64> {
    let orders = keys.orders.iter();
    let orders = orders.map(|key| hash("order", &key.account, &key.order_no));
    let trades = keys.trades.iter();
    let trades = trades.map(|(account, trade_no)| hash("trade", account, trade_no));
    let accounts = keys.accounts.iter().map(|name| hash("account", name, ""));
    let events = keys.events.iter().map(|event| hash("event", event, ""));
    orders.chain(trades).chain(accounts).chain(events).collect()
}

fn hash(kind: &str, a: &str, b: &str) -> i64 {
    let mut hash = Sha256::new();
    for part in [kind, a, b] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let bytes: [u8; 32] = hash.finalize().into();
    let first = bytes.first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(first)
}
