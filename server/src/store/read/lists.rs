//! Lists, by keyset: a page costs the same wherever it begins.

use crate::store::failure::Failure;
use crate::store::{
    DiscrepancyFilter, FoundDiscrepancy, JournalFilter, JournalRow, OrderFilter, Page, Snapshot,
};
use crate::store::{cursor, rows};
use quittance_core::entry::{Record, What};
use quittance_core::gateway::Address;
use quittance_core::{OrderKey, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Where an order stands in the list: created, account, number.
type Place = (i64, String, String);

/// Orders, newest first.
pub(in crate::store) fn orders(
    conn: &Connection,
    filter: &OrderFilter,
) -> Result<Page<Snapshot>, Failure> {
    let after: Option<Place> = filter.after.as_deref().map(cursor::read).transpose()?;
    let mut places: Vec<Place> = Vec::new();
    for account in each(filter.accounts.as_ref()) {
        places.extend(order_places(conn, filter, account, after.as_ref())?);
    }
    places.sort_unstable_by(|a, b| b.cmp(a));
    let next = cut(&mut places, filter.limit)?;
    let mut items = Vec::new();
    for (_, account, order_no) in places {
        items.extend(super::order(conn, &OrderKey::new(account, order_no))?);
    }
    Ok(Page { items, next })
}

/// About this order, or one of those entries.
const OF_ORDER: &str = "(order_no = ? OR seq IN (SELECT value FROM json_each(?)))";

/// The same, or a callback about none whose message has its number as a value. Numbers are written as they are in a
/// form.
const NAMED: &str = "(order_no = ? OR seq IN (SELECT value FROM json_each(?))
    OR (order_no IS NULL AND kind IN (6, 7) AND EXISTS (SELECT 1 FROM bodies
    WHERE bodies.seq = entries.seq
    AND instr(CAST(body || '&' AS BLOB), CAST('=' || ? || '&' AS BLOB)) > 0)))";

/// Entries, oldest first.
pub(in crate::store) fn journal(
    conn: &Connection,
    filter: &JournalFilter,
) -> Result<Page<JournalRow>, Failure> {
    let chain = crate::store::marks::chain(conn)?;
    let origins = match &filter.order {
        Some(key) => Origins::of(conn, key)?,
        None => Origins::default(),
    };
    let mut sql =
        Query::new("SELECT seq, time_us, kind, header, body_hash, prev, hash FROM entries WHERE 1");
    sql.and("seq > ?", [rows::int(filter.after).into()]);
    if let Some(key) = &filter.order {
        sql.and("account = ?", [key.account.clone().into()]);
        let about = key.order_no.clone();
        let told = rows::json(&origins.entries)?;
        match filter.unsigned {
            false => sql.and(OF_ORDER, [about.into(), told.into()]),
            true => sql.and(NAMED, [about.clone().into(), told.into(), about.into()]),
        }
    }
    if let Some(account) = &filter.account {
        sql.and("account = ?", [account.clone().into()]);
    }
    if let Some(from) = filter.from {
        sql.and("time_us >= ?", [whole_us_from(from).into()]);
    }
    if let Some(to) = filter.to {
        sql.and("time_us < ?", [whole_us_from(to).into()]);
    }
    let mut statement = conn.prepare_cached(&sql.limited("ORDER BY seq", filter.limit))?;
    let mut found = statement.query(params_from_iter(sql.values))?;
    let mut items = Vec::new();
    while let Some(row) = found.next()? {
        let (seq, header): (u64, Vec<u8>) = (rows::number(row.get(0)?), row.get(3)?);
        let (message, event_type) = beside(conn, seq, &header)?;
        items.push(JournalRow {
            chain: chain.clone(),
            seq,
            at: rows::time(row.get(1)?)?,
            kind: row.get(2)?,
            message,
            event_type,
            header,
            names: origins
                .entries
                .contains(&seq)
                .then(|| origins.names.clone()),
            body_hash: rows::hash(row, 4)?,
            prev: rows::hash(row, 5)?,
            hash: rows::hash(row, 6)?,
        });
    }
    let more = items.len() > filter.limit;
    items.truncate(filter.limit);
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| last.seq.to_string());
    Ok(Page { items, next })
}

/// Where an order's facts came from.
#[derive(Default)]
struct Origins {
    /// The entries that told them: statements, and callbacks about several orders, name no order themselves.
    entries: BTreeSet<u64>,
    /// The numbers by which claims mean this order.
    names: Arc<BTreeSet<Address>>,
}

impl Origins {
    fn of(conn: &Connection, key: &OrderKey) -> Result<Origins, Failure> {
        let Some(state) = rows::order(conn, key)? else {
            return Ok(Origins::default());
        };
        let facts = || state.facts.iter();
        let trades = facts().filter_map(|(claim, _)| claim.trade_no());
        let names = trades.map(|trade_no| Address::TradeNo(trade_no.to_owned()));
        let own = Address::OrderNo(key.order_no.clone());
        Ok(Origins {
            entries: facts()
                .flat_map(|(_, sightings)| sightings.values())
                .map(|seen| seen.seq)
                .collect(),
            names: Arc::new(names.chain([own]).collect()),
        })
    }
}

/// What belongs to an entry and stands beside it: the message of a callback or the text of a note, and the type of the
/// event that a delivery is about. A callback that was taken in before it was answered has its bytes in the entry that
/// took it in.
fn beside(
    conn: &Connection,
    seq: u64,
    header: &[u8],
) -> Result<(Option<Vec<u8>>, Option<String>), Failure> {
    let event = match Record::parse(header).map(|record| record.what) {
        Ok(What::Notify(callback) | What::Return(callback)) => {
            let kept = callback.received.unwrap_or(seq);
            return Ok((super::body(conn, kept)?, None));
        }
        Ok(What::Note {}) => return Ok((super::body(conn, seq)?, None)),
        Ok(What::Delivery(attempt)) => attempt.event,
        Ok(What::Redelivery { event }) => event,
        Ok(What::Abandoned {
            event: Some(event), ..
        }) => event,
        _ => return Ok((None, None)),
    };
    let word = conn
        .prepare_cached("SELECT type FROM events WHERE id = ?1")?
        .query_row([event], |row| row.get(0))
        .optional()?;
    Ok((None, word))
}

/// Where a discrepancy stands in the list: open ones first, then by time.
type Finding = (bool, i64, String);

/// Discrepancies, of orders and of accounts: the open ones first, of each the oldest first.
pub(in crate::store) fn discrepancies(
    conn: &Connection,
    filter: &DiscrepancyFilter,
) -> Result<Page<FoundDiscrepancy>, Failure> {
    let after: Option<Finding> = filter.after.as_deref().map(cursor::read).transpose()?;
    let mut places: Vec<Finding> = Vec::new();
    for account in each(filter.accounts.as_ref()) {
        places.extend(findings(conn, filter, account, after.as_ref())?);
    }
    places.sort_unstable();
    let next = cut(&mut places, filter.limit)?;
    let mut items = Vec::new();
    for (_, _, id) in places {
        items.extend(super::discrepancy(conn, &id)?);
    }
    Ok(Page { items, next })
}

fn order_places(
    conn: &Connection,
    filter: &OrderFilter,
    account: Option<&str>,
    after: Option<&Place>,
) -> Result<Vec<Place>, Failure> {
    let mut sql = Query::new("SELECT created_us, account, order_no FROM orders WHERE 1");
    if let Some(account) = account {
        sql.and("account = ?", [account.to_owned().into()]);
    }
    if let Some(status) = filter.status {
        sql.and("status = ?", [status.word().to_owned().into()]);
    }
    if let Some(from) = filter.from {
        sql.and("created_us >= ?", [whole_us_from(from).into()]);
    }
    if let Some(to) = filter.to {
        sql.and("created_us < ?", [whole_us_from(to).into()]);
    }
    if let Some(text) = &filter.text {
        let like: Value = containing(text).into();
        let condition = "(order_no LIKE ? ESCAPE '\\' OR subject LIKE ? ESCAPE '\\')";
        sql.and(condition, [like.clone(), like]);
    }
    if let Some((created_us, account, order_no)) = after.cloned() {
        let place = [created_us.into(), account.into(), order_no.into()];
        sql.and("(created_us, account, order_no) < (?, ?, ?)", place);
    }
    let order = "ORDER BY created_us DESC, account DESC, order_no DESC";
    let mut statement = conn.prepare_cached(&sql.limited(order, filter.limit))?;
    let found = statement.query_map(params_from_iter(sql.values), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn findings(
    conn: &Connection,
    filter: &DiscrepancyFilter,
    account: Option<&str>,
    after: Option<&Finding>,
) -> Result<Vec<Finding>, Failure> {
    let mut sql = Query::new("SELECT closed, opened_us, id FROM discrepancies WHERE 1");
    if let Some(account) = account {
        sql.and("account = ?", [account.to_owned().into()]);
    }
    if filter.open_only {
        sql.and("closed = 0", []);
    }
    if let Some((closed, opened_us, id)) = after.cloned() {
        let place = [Value::from(closed), opened_us.into(), id.into()];
        sql.and("(closed, opened_us, id) > (?, ?, ?)", place);
    }
    let order = "ORDER BY closed, opened_us, id";
    let mut statement = conn.prepare_cached(&sql.limited(order, filter.limit))?;
    let found = statement.query_map(params_from_iter(sql.values), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// A statement that grows by conditions. The text is made of constants only; what users gave is bound.
struct Query {
    text: String,
    values: Vec<Value>,
}

impl Query {
    fn new(text: &str) -> Query {
        Query {
            text: text.to_owned(),
            values: Vec::new(),
        }
    }

    fn and<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
        self.values.extend(values);
    }

    /// The text with one row more than asked for: it shows whether there is a next page.
    fn limited(&mut self, order: &str, limit: usize) -> String {
        self.values.push(rows::rows(limit.saturating_add(1)).into());
        format!("{} {order} LIMIT ?", self.text)
    }
}

/// One query for all accounts, or one for each: an account with few rows never searches through the others'.
fn each(accounts: Option<&BTreeSet<String>>) -> Vec<Option<&str>> {
    match accounts {
        None => vec![None],
        Some(accounts) => accounts
            .iter()
            .map(|account| Some(account.as_str()))
            .collect(),
    }
}

/// Cuts a list to its page; where there is more, the last place is where the next page begins.
fn cut<T: serde::Serialize>(places: &mut Vec<T>, limit: usize) -> Result<Option<String>, Failure> {
    let more = places.len() > limit;
    places.truncate(limit);
    let last = places.last().filter(|_| more);
    last.map(cursor::write).transpose()
}

/// The first whole microsecond that is not before this time: stored times are whole.
fn whole_us_from(at: Timestamp) -> i64 {
    let us = at.as_microsecond();
    match rows::time(us) {
        Ok(whole) if whole < at => us.saturating_add(1),
        _ => us,
    }
}

fn containing(text: &str) -> String {
    let mut like = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            like.push('\\');
        }
        like.push(letter);
    }
    like.push('%');
    like
}
