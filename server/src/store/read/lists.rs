//! Lists, by keyset: a page costs the same wherever it begins.

use crate::store::failure::Failure;
use crate::store::sql::{Param, Row, Sql, Value};
use crate::store::{
    DiscrepancyFilter, FoundDiscrepancy, JournalFilter, JournalRow, OrderFilter, Page, Snapshot,
};
use crate::store::{cursor, rows};
use quittance_core::entry::{Record, What};
use quittance_core::gateway::Address;
use quittance_core::{OrderKey, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Where an order stands in the list: created, account, number.
type Place = (i64, String, String);

/// Orders, newest first.
pub(in crate::store) fn orders(
    sql: &dyn Sql,
    filter: &OrderFilter,
) -> Result<Page<Snapshot>, Failure> {
    let after: Option<Place> = filter.after.as_deref().map(cursor::read).transpose()?;
    let mut places: Vec<Place> = Vec::new();
    for account in each(filter.accounts.as_ref()) {
        places.extend(order_places(sql, filter, account, after.as_ref())?);
    }
    places.sort_unstable_by(|a, b| b.cmp(a));
    let next = cut(&mut places, filter.limit)?;
    let mut items = Vec::new();
    for (_, account, order_no) in places {
        items.extend(super::order(sql, &OrderKey::new(account, order_no))?);
    }
    Ok(Page { items, next })
}

/// Entries, oldest first.
pub(in crate::store) fn journal(
    sql: &dyn Sql,
    filter: &JournalFilter,
) -> Result<Page<JournalRow>, Failure> {
    let chain = crate::store::marks::chain(sql)?;
    let origins = match &filter.order {
        Some(key) => Origins::of(sql, key)?,
        None => Origins::default(),
    };
    let dialect = sql.dialect();
    let mut query = Query::new(&format!(
        "SELECT seq, time_us, kind, header, body_hash, prev, hash, {} FROM entries WHERE seq > ",
        dialect.chain
    ));
    query.value(rows::int(filter.after));
    query.and("seq <=", sql.settled()?);
    if let Some(key) = &filter.order {
        query.and("account =", key.account.clone());
        // About this order, or one of those entries.
        query.text(" AND (order_no = ");
        let about = query.value(key.order_no.clone());
        query.text(" OR seq IN ");
        query.bind(&rows::json(&origins.entries)?[..], |told| {
            dialect.numbers(told)
        });
        if filter.unsigned {
            // Or a callback about none whose message has its number as a value. Numbers are written as they are in a form.
            query.text(
                " OR (order_no IS NULL AND kind IN (6, 7) AND EXISTS
                 (SELECT 1 FROM bodies WHERE bodies.seq = entries.seq AND ",
            );
            query.text(&dialect.named(&about));
            query.text("))");
        }
        query.text(")");
    }
    if let Some(account) = &filter.account {
        query.and("account =", account.clone());
    }
    if let Some(from) = filter.from {
        query.and("time_us >=", whole_us_from(from));
    }
    if let Some(to) = filter.to {
        query.and("time_us <", whole_us_from(to));
    }
    let mut items = Vec::new();
    for row in query.limited("ORDER BY seq", filter.limit).all(sql)? {
        let (seq, header): (u64, Vec<u8>) = (row.get(0)?, row.get(3)?);
        let (message, event_type) = beside(sql, seq, &header)?;
        let own: String = row.get(7)?;
        items.push(JournalRow {
            chain: if own.is_empty() { chain.clone() } else { own },
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
            body_hash: row.get(4)?,
            prev: row.get(5)?,
            hash: row.get(6)?,
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
    fn of(sql: &dyn Sql, key: &OrderKey) -> Result<Origins, Failure> {
        let Some(state) = rows::order(sql, key)? else {
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
    sql: &dyn Sql,
    seq: u64,
    header: &[u8],
) -> Result<(Option<Vec<u8>>, Option<String>), Failure> {
    let event = match Record::parse(header).map(|record| record.what) {
        Ok(What::Notify(callback) | What::Return(callback)) => {
            let kept = callback.received.unwrap_or(seq);
            return Ok((super::body(sql, kept)?, None));
        }
        Ok(What::Note {}) => return Ok((super::body(sql, seq)?, None)),
        Ok(What::Delivery(attempt)) => attempt.event,
        Ok(What::Redelivery { event }) => event,
        Ok(What::Abandoned {
            event: Some(event), ..
        }) => event,
        _ => return Ok((None, None)),
    };
    let found = sql.one("SELECT type FROM events WHERE id = ?1", &[(&event).into()])?;
    Ok((None, found.map(|row| row.get(0)).transpose()?))
}

/// Where a discrepancy stands in the list: open ones first, then by time.
type Finding = (bool, i64, String);

/// Discrepancies, of orders and of accounts: the open ones first, of each the oldest first.
pub(in crate::store) fn discrepancies(
    sql: &dyn Sql,
    filter: &DiscrepancyFilter,
) -> Result<Page<FoundDiscrepancy>, Failure> {
    let after: Option<Finding> = filter.after.as_deref().map(cursor::read).transpose()?;
    let mut places: Vec<Finding> = Vec::new();
    for account in each(filter.accounts.as_ref()) {
        places.extend(findings(sql, filter, account, after.as_ref())?);
    }
    places.sort_unstable();
    let next = cut(&mut places, filter.limit)?;
    let mut items = Vec::new();
    for (_, _, id) in places {
        items.extend(super::discrepancy(sql, &id)?);
    }
    Ok(Page { items, next })
}

fn order_places(
    sql: &dyn Sql,
    filter: &OrderFilter,
    account: Option<&str>,
    after: Option<&Place>,
) -> Result<Vec<Place>, Failure> {
    let mut query = Query::new("SELECT created_us, account, order_no FROM orders WHERE true");
    if let Some(account) = account {
        query.and("account =", account.to_owned());
    }
    if let Some(status) = filter.status {
        query.and("status =", status.word().to_owned());
    }
    if let Some(from) = filter.from {
        query.and("created_us >=", whole_us_from(from));
    }
    if let Some(to) = filter.to {
        query.and("created_us <", whole_us_from(to));
    }
    if let Some(text) = &filter.text {
        let like = sql.dialect().like;
        query.text(" AND ");
        query.bind(&containing(text)[..], |found| {
            format!("(order_no {like} {found} ESCAPE '\\' OR subject {like} {found} ESCAPE '\\')")
        });
    }
    if let Some((created_us, account, order_no)) = after.cloned() {
        query.text(" AND (created_us, account, order_no) < ");
        query.tuple([created_us.into(), account.into(), order_no.into()]);
    }
    let order = "ORDER BY created_us DESC, account DESC, order_no DESC";
    let found = query.limited(order, filter.limit).all(sql)?;
    let place = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    found.iter().map(place).collect()
}

fn findings(
    sql: &dyn Sql,
    filter: &DiscrepancyFilter,
    account: Option<&str>,
    after: Option<&Finding>,
) -> Result<Vec<Finding>, Failure> {
    let mut query = Query::new("SELECT closed, opened_us, id FROM discrepancies WHERE true");
    if let Some(account) = account {
        query.and("account =", account.to_owned());
    }
    if filter.open_only {
        query.text(" AND closed = 0");
    }
    if let Some((closed, opened_us, id)) = after.cloned() {
        query.text(" AND (closed, opened_us, id) > ");
        query.tuple([i64::from(closed).into(), opened_us.into(), id.into()]);
    }
    let order = "ORDER BY closed, opened_us, id";
    let found = query.limited(order, filter.limit).all(sql)?;
    let finding = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    found.iter().map(finding).collect()
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

    fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Binds a value here, and says under which name.
    fn value(&mut self, value: impl Into<Value>) -> String {
        let mut name = String::new();
        self.bind(value, |param| {
            param.clone_into(&mut name);
            param.to_owned()
        });
        name
    }

    /// Binds a value and writes what is said about it.
    fn bind(&mut self, value: impl Into<Value>, said: impl FnOnce(&str) -> String) {
        self.values.push(value.into());
        let text = said(&format!("?{}", self.values.len()));
        self.text.push_str(&text);
    }

    /// One condition more: a column with an operator, and the value.
    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        self.text(" AND ");
        self.text(condition);
        self.text(" ");
        self.value(value);
    }

    fn tuple<const N: usize>(&mut self, values: [Value; N]) {
        for (at, value) in values.into_iter().enumerate() {
            self.text(if at == 0 { "(" } else { ", " });
            self.value(value);
        }
        self.text(")");
    }

    /// With one row more than asked for: it shows whether there is a next page.
    fn limited(mut self, order: &str, limit: usize) -> Query {
        self.text(&format!(" {order} LIMIT "));
        self.value(rows::rows(limit.saturating_add(1)));
        self
    }

    fn all(&self, sql: &dyn Sql) -> Result<Vec<Row>, Failure> {
        let values: Vec<Param<'_>> = self.values.iter().map(Param::from).collect();
        sql.all(&self.text, &values)
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
