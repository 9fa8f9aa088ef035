//! Checking the chain: every hash is computed again from the bytes in the rows.

use super::failure::{Failure, classify};
use super::marks;
use super::open::{self, OpenError};
use super::read;
use super::rows;
use data_encoding::HEXLOWER;
use quittance_core::entry::{Hash, Record, What, body_hash, chain_hash};
use rusqlite::{Connection, Row};
use std::path::Path;

/// A head that is known from elsewhere: an anchor event, a metric, a note.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expect {
    /// The entry's number; without it, the newest entry is meant.
    pub seq: Option<u64>,
    /// Its hash.
    pub hash: Hash,
}

/// A chain that holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// The chain's id.
    pub chain: String,
    /// The newest entry's number, which is how many entries there are.
    pub seq: u64,
    /// The newest entry's hash.
    pub hash: Hash,
    /// Entries whose body is there, and fits.
    pub bodies: u64,
    /// Entries that had a body which was erased.
    pub erased: u64,
    /// The newest entry that the projection has seen.
    pub cursor: u64,
}

/// The first row that does not hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("entry {seq}: {what}")]
pub struct Broken {
    /// The entry.
    pub seq: u64,
    /// What is wrong with it.
    pub what: String,
}

impl Expect {
    /// Reads `SEQ:HASH`, or a hash alone, in hexadecimal.
    #[must_use]
    pub fn parse(text: &str) -> Option<Expect> {
        let (seq, hash) = match text.split_once(':') {
            Some((seq, hash)) => (Some(seq.parse().ok()?), hash),
            None => (None, text),
        };
        let hash = HEXLOWER.decode(hash.to_ascii_lowercase().as_bytes()).ok()?;
        Some(Expect {
            seq,
            hash: hash.try_into().ok()?,
        })
    }
}

/// Walks the whole chain, beside a running server or without one. The inner result is the finding.
///
/// # Errors
/// [`OpenError`] where nothing could be checked.
pub fn verify(
    folder: &Path,
    expect: Option<&Expect>,
) -> Result<Result<Verified, Broken>, OpenError> {
    let conn = open::reader(folder)?;
    Ok(read::at_once(&conn, |conn| walk(conn, expect))?)
}

fn walk(conn: &Connection, expect: Option<&Expect>) -> Result<Result<Verified, Broken>, Failure> {
    let mut statement = conn.prepare(
        "SELECT e.seq, e.time_us, e.kind, e.header, e.body_hash, e.prev, e.hash, e.account,
                e.order_no, b.salt, b.body
         FROM entries e LEFT JOIN bodies b ON b.seq = e.seq ORDER BY e.seq",
    )?;
    let mut found = statement.query([])?;
    let mut so_far = Verified {
        chain: String::new(),
        seq: 0,
        hash: [0; 32],
        bodies: 0,
        erased: 0,
        cursor: marks::cursor(conn)?,
    };
    loop {
        let row = match found.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(end(expect, so_far)),
            Err(error) => return unreadable(&error, so_far.seq + 1).map(Err),
        };
        if let Err(broken) = link(row, &mut so_far, expect) {
            return Ok(Err(broken));
        }
    }
}

/// One row: its place, its hash, its body, and the copies of the header beside it.
fn link(row: &Row<'_>, so_far: &mut Verified, expect: Option<&Expect>) -> Result<(), Broken> {
    let awaited = so_far.seq + 1;
    let columns = Columns::read(row).map_err(|error| broken(awaited, error.to_string()))?;
    let seq = columns.seq;
    if seq != awaited {
        return Err(broken(
            awaited,
            format!("is missing: {seq} follows {}", so_far.seq),
        ));
    }
    if columns.prev != so_far.hash {
        return Err(broken(seq, "`prev` is not the hash of the entry before"));
    }
    let hash = chain_hash(
        &so_far.hash,
        seq,
        columns.time_us,
        columns.kind,
        columns.header,
        &columns.body_hash,
    );
    if columns.hash != hash {
        return Err(broken(
            seq,
            "`hash` is not that of its time, kind, header and body hash",
        ));
    }
    match columns.body {
        Some((salt, body)) if body_hash(Some((&salt, body))) != columns.body_hash => {
            return Err(broken(seq, "`body_hash` is not that of its salt and body"));
        }
        Some(_) => so_far.bodies += 1,
        None if columns.body_hash != body_hash(None) => so_far.erased += 1,
        None => {}
    }
    copies(&columns)?;
    if seq == 1 {
        so_far.chain = genesis(columns.header).ok_or_else(|| broken(1, "is no genesis"))?;
    }
    if let Some(expect) = expect.filter(|expect| expect.seq == Some(seq) && expect.hash != hash) {
        let what = format!(
            "its hash is {}, {} was expected",
            hex(&hash),
            hex(&expect.hash)
        );
        return Err(broken(seq, what));
    }
    so_far.seq = seq;
    so_far.hash = hash;
    Ok(())
}

/// What can only be said at the end: whether the journal ends too early.
fn end(expect: Option<&Expect>, verified: Verified) -> Result<Verified, Broken> {
    let Verified {
        seq, hash, cursor, ..
    } = verified;
    let ends = |who: &str| format!("is missing: {who}, and the journal ends at {seq}");
    if seq == 0 {
        return Err(broken(1, "is missing: the journal is empty"));
    }
    if cursor > seq {
        return Err(broken(
            seq + 1,
            ends(&format!("the projection has seen entry {cursor}")),
        ));
    }
    match expect {
        Some(Expect {
            seq: Some(known), ..
        }) if *known > seq => Err(broken(
            seq + 1,
            ends(&format!("entry {known} was expected")),
        )),
        Some(expect) if expect.seq.is_none() && expect.hash != hash => {
            let what = format!(
                "its hash is {}, {} was expected of the head",
                hex(&hash),
                hex(&expect.hash)
            );
            Err(broken(seq, what))
        }
        _ => Ok(verified),
    }
}

/// One row's columns, of the right types and lengths.
struct Columns<'a> {
    seq: u64,
    time_us: i64,
    kind: u8,
    header: &'a [u8],
    body_hash: Hash,
    prev: Hash,
    hash: Hash,
    account: Option<String>,
    order_no: Option<String>,
    body: Option<([u8; 16], &'a [u8])>,
}

impl<'a> Columns<'a> {
    fn read(row: &'a Row<'_>) -> rusqlite::Result<Columns<'a>> {
        let salt: Option<[u8; 16]> = row.get(9)?;
        let body = match salt {
            Some(salt) => Some((salt, row.get_ref(10)?.as_blob()?)),
            None => None,
        };
        Ok(Columns {
            seq: rows::number(row.get(0)?),
            time_us: row.get(1)?,
            kind: row.get(2)?,
            header: row.get_ref(3)?.as_blob()?,
            body_hash: rows::hash(row, 4)?,
            prev: rows::hash(row, 5)?,
            hash: rows::hash(row, 6)?,
            account: row.get(7)?,
            order_no: row.get(8)?,
            body,
        })
    }
}

/// The columns `account` and `order_no` say what the header says, in any version of its format.
fn copies(columns: &Columns<'_>) -> Result<(), Broken> {
    let header: serde_json::Value = serde_json::from_slice(columns.header)
        .map_err(|error| broken(columns.seq, format!("its header is no JSON: {error}")))?;
    let said = |name: &str| header.get(name).and_then(|value| value.as_str());
    if said("account") != columns.account.as_deref() {
        return Err(broken(columns.seq, "`account` is not what its header says"));
    }
    if said("order_no") != columns.order_no.as_deref() {
        return Err(broken(
            columns.seq,
            "`order_no` is not what its header says",
        ));
    }
    Ok(())
}

fn genesis(header: &[u8]) -> Option<String> {
    match Record::parse(header).ok()?.what {
        What::Genesis { chain, .. } => Some(chain),
        _ => None,
    }
}

/// A page that SQLite cannot read is a finding; a disk that cannot is not.
fn unreadable(error: &rusqlite::Error, seq: u64) -> Result<Broken, Failure> {
    match classify(error) {
        Failure::Database(what) => Ok(broken(seq, format!("cannot be read: {what}"))),
        other => Err(other),
    }
}

fn broken(seq: u64, what: impl Into<String>) -> Broken {
    let what = what.into();
    Broken { seq, what }
}

fn hex(hash: &Hash) -> String {
    HEXLOWER.encode(hash)
}
