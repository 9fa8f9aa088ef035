//! Erasing: raw messages and personal data leave, and the chain still verifies.
//!
//! A body goes with its salt; the hash of both stays in the entry. What events say of a buyer is taken out of them, and
//! they stay in the feed. What an entry's header says stays for good: there is nothing of a person in it.

use super::archive::{BadFile, about, cut, rewrite};
use super::batch::Batch;
use super::database::Database;
use super::failure::Failure;
use super::keys::Keys;
use super::maintain::alone;
use super::open::OpenError;
use super::sql::{Param, Sql};
use super::{Genesis, Render, rows};
use quittance_core::entry::{Direction, Record, What};
use quittance_core::{OrderKey, Timestamp};
use std::path::Path;
use std::sync::Arc;

/// What is erased.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Erase {
    /// All that was said of one order, also where a message names others too: a day's statement goes as a whole.
    Order(OrderKey),
    /// All that is older, except of orders that are not at rest: about which something is due, or a person has to look.
    Before(Timestamp),
}

/// What was erased.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Erased {
    /// The entry that says so.
    pub seq: u64,
    /// Raw messages that were taken away.
    pub bodies: u64,
    /// Entries whose personal data was taken away.
    pub personal: u64,
    /// Events that told of a buyer, and no longer do.
    pub events: u64,
    /// The newest entry that is in archives, where there are any: what they hold is still there.
    pub archived: Option<u64>,
}

/// Why nothing was erased.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EraseError {
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Nobody made such an order.
    #[error("there is no order {0}: nothing was erased")]
    Unknown(OrderKey),
}

impl From<Failure> for EraseError {
    fn from(failure: Failure) -> EraseError {
        EraseError::Open(failure.into())
    }
}

/// Rows that are deleted at a time.
const CHUNK: usize = 1_000;
/// Orders that are not at rest, as a condition on `o`.
const AT_WORK: &str = "(o.due_us IS NOT NULL OR o.unanswered = 1 OR o.attention = 1)";

/// Erases, at the time of `genesis`, and writes down that it did. The server must be stopped.
///
/// # Errors
/// [`EraseError`] says what to do.
pub fn erase(
    database: &Database,
    render: Arc<dyn Render>,
    genesis: &Genesis,
    what: &Erase,
) -> Result<Erased, EraseError> {
    if let Erase::Order(key) = what
        && database.read(|sql| rows::order(sql, key))?.is_none()
    {
        return Err(EraseError::Unknown(key.clone()));
    }
    alone(database, render, genesis, |engine| {
        let mut erased = Erased::default();
        engine.transact(Keys::default(), &mut |batch| {
            erased = erase_in(batch, genesis.at, what)?;
            Ok(())
        })?;
        Ok(erased)
    })
}

fn erase_in(batch: &mut Batch<'_>, now: Timestamp, what: &Erase) -> Result<Erased, Failure> {
    let sql = batch.sql()?;
    let dialect = sql.dialect();
    let archived = cut(sql)?.map(|cut| cut.through);
    let found = match what {
        Erase::Order(key) => of_order(sql, key)?,
        Erase::Before(before) => older(sql, *before)?,
    };
    let (mut bodies, mut personal, mut events) = (0, 0, 0);
    for some in found.entries.chunks(CHUNK) {
        let (list, some) = (dialect.numbers("?1"), rows::json(&some)?);
        let mut delete = |table: &str| {
            let statement = format!("DELETE FROM {table} WHERE seq IN {list}");
            batch.change(&statement, &[(&some).into()])
        };
        bodies += delete("bodies")?;
        personal += delete("personal")?;
    }
    for pos in found.events {
        let pos: Param<'_> = rows::int(pos).into();
        let told = batch
            .sql()?
            .one("SELECT body FROM event_bodies WHERE pos = ?1", &[pos])?;
        let told: Option<Vec<u8>> = told.map(|row| row.get(0)).transpose()?;
        if let Some(less) = told.and_then(|body| batch.without_personal(&body)) {
            events += batch.change(
                "UPDATE event_bodies SET body = ?2 WHERE pos = ?1",
                &[pos, Param::Blob(&less)],
            )?;
        }
    }
    let before = match what {
        Erase::Before(before) => Some(*before),
        Erase::Order(_) => None,
    };
    let record = Record::new(
        Direction::Own,
        What::Erased {
            before,
            bodies,
            personal,
            events,
        },
    );
    let record = match what {
        Erase::Order(key) => record.about(key),
        Erase::Before(_) => record,
    };
    Ok(Erased {
        seq: batch.append_own(now, record)?,
        bodies,
        personal,
        events,
        archived,
    })
}

/// Entries with something to erase, and places of events.
struct Found {
    entries: Vec<u64>,
    events: Vec<u64>,
}

fn numbers(sql: &dyn Sql, statement: &str, values: &[Param<'_>]) -> Result<Vec<u64>, Failure> {
    sql.all(statement, values)?
        .iter()
        .map(|row| row.get(0))
        .collect()
}

/// What was said of an order: in entries about it, and in those of its account that name it or one of its trades.
fn of_order(sql: &dyn Sql, key: &OrderKey) -> Result<Found, Failure> {
    let state = rows::order(sql, key)?;
    let about: [Param<'_>; 2] = [(&key.account).into(), (&key.order_no).into()];
    let mut entries = numbers(
        sql,
        "SELECT seq FROM entries WHERE account = ?1 AND order_no = ?2 AND order_no IS NOT NULL",
        &about,
    )?;
    let trades = state.iter().flat_map(|state| &state.told.trades);
    let trades = trades.map(String::as_str);
    let named: Vec<&str> = trades.chain([&*key.order_no]).collect();
    let others = "SELECT e.seq, b.body FROM entries e JOIN bodies b ON b.seq = e.seq
        WHERE e.account = ?1 AND e.order_no IS NULL ORDER BY e.seq";
    sql.each(others, &about[..1], &mut |row| {
        let body: Vec<u8> = row.get(1)?;
        if named.iter().any(|name| names(&body, name)) {
            entries.push(row.get(0)?);
        }
        Ok(())
    })?;
    let events = numbers(
        sql,
        "SELECT pos FROM events WHERE account = ?1 AND order_no = ?2",
        &about,
    )?;
    Ok(Found { entries, events })
}

fn older(sql: &dyn Sql, before: Timestamp) -> Result<Found, Failure> {
    let before = [before.as_microsecond().into()];
    // The body of the first entry is no message: it is the salt for hashes of payers.
    let entries = format!(
        "SELECT e.seq FROM entries e
         LEFT JOIN orders o ON o.account = e.account AND o.order_no = e.order_no AND {AT_WORK}
         WHERE e.seq > 1 AND e.time_us < ?1 AND o.account IS NULL AND
             (EXISTS (SELECT 1 FROM bodies b WHERE b.seq = e.seq)
              OR EXISTS (SELECT 1 FROM personal p WHERE p.seq = e.seq)) ORDER BY e.seq"
    );
    let events = format!(
        "SELECT e.pos FROM events e
         LEFT JOIN orders o ON o.account = e.account AND o.order_no = e.order_no AND {AT_WORK}
         WHERE e.at_us < ?1 AND o.account IS NULL AND NOT EXISTS
             (SELECT 1 FROM deliveries d WHERE d.event = e.id AND d.due_us IS NOT NULL) ORDER BY e.pos"
    );
    Ok(Found {
        entries: numbers(sql, &entries, &before)?,
        events: numbers(sql, &events, &before)?,
    })
}

/// Whether a message has this number in it, and not as a part of a longer one.
fn names(body: &[u8], number: &str) -> bool {
    let number = number.as_bytes();
    let part = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let mut places = body.windows(number.len().max(1)).enumerate();
    places.any(|(at, found)| {
        let before = at.checked_sub(1).and_then(|before| body.get(before));
        found == number && !part(before) && !part(body.get(at + number.len()))
    })
}

/// Erases in the file of an archive, which is written anew. Says how many entries had something to erase. The database is
/// not looked at: of an order the messages that name it go, and those that name one of its trades alone stay.
///
/// # Errors
/// [`OpenError::Archive`]: the file is as it was.
pub fn erase_in_archive(file: &Path, what: &Erase) -> Result<u64, OpenError> {
    let erased = rewrite(file, |line| match what {
        Erase::Before(before) => line.time_us < before.as_microsecond(),
        Erase::Order(key) => {
            let (account, order_no) = about(&line.header);
            account.as_ref() == Some(&key.account)
                && match order_no {
                    Some(order_no) => order_no == key.order_no,
                    None => line.bytes().is_some_and(|body| names(&body, &key.order_no)),
                }
        }
    });
    erased.map_err(|bad: BadFile| bad.into())
}
