//! Checking the chain: every hash is computed again from the bytes in the rows.

use super::database::Database;
use super::failure::Failure;
use super::marks;
use super::open::OpenError;
use super::sql::{Row, Sql};
use data_encoding::HEXLOWER;
use quittance_core::entry::{Hash, Parent, Record, What, body_hash, chain_hash};
use std::collections::BTreeMap;

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
    /// The id of the chain that the newest entry is in.
    pub chain: String,
    /// The newest entry's number.
    pub seq: u64,
    /// The newest entry's hash.
    pub hash: Hash,
    /// How many chains there are: one, or with several nodes one for each life of each.
    pub chains: u64,
    /// How many entries there are.
    pub entries: u64,
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

/// Walks every chain, beside a running server or without one. The inner result is the finding.
///
/// # Errors
/// [`OpenError`] where nothing could be checked.
pub fn verify(
    database: &Database,
    expect: Option<&Expect>,
) -> Result<Result<Verified, Broken>, OpenError> {
    database.read(|sql| walk(sql, expect))
}

/// The same in one moment of one database.
pub(super) fn walk(
    sql: &dyn Sql,
    expect: Option<&Expect>,
) -> Result<Result<Verified, Broken>, Failure> {
    let statement = format!(
        "SELECT e.seq, e.time_us, e.kind, e.header, e.body_hash, e.prev, e.hash, e.account,
                e.order_no, b.salt, b.body, {}
         FROM entries e LEFT JOIN bodies b ON b.seq = e.seq ORDER BY e.seq",
        sql.dialect().chain
    );
    let mut so_far = SoFar {
        verified: Verified {
            chain: String::new(),
            seq: 0,
            hash: [0; 32],
            chains: 0,
            entries: 0,
            bodies: 0,
            erased: 0,
            cursor: marks::cursor(sql)?,
        },
        tips: BTreeMap::new(),
    };
    let mut found = None;
    let walked = sql.each(&statement, &[], &mut |row| {
        if let Err(broken) = link(&row, &mut so_far, expect) {
            found = Some(broken);
            // No failure: it ends the walk.
            return Err(Failure::Cursor);
        }
        Ok(())
    });
    match (found, walked) {
        (Some(broken), _) => Ok(Err(broken)),
        (None, Ok(())) => {
            let heads = marks::heads(sql)?;
            Ok(end(expect, so_far, &heads))
        }
        (None, Err(failure)) => unreadable(failure, so_far.verified.seq + 1).map(Err),
    }
}

/// How far the walk is: in all, and in each chain.
struct SoFar {
    verified: Verified,
    tips: BTreeMap<String, (u64, Hash)>,
}

/// One row: its place, its hash, its body, and the copies of the header beside it.
fn link(row: &Row, so_far: &mut SoFar, expect: Option<&Expect>) -> Result<(), Broken> {
    let SoFar { verified, tips } = so_far;
    let awaited = verified.seq + 1;
    let columns = Columns::read(row).map_err(|error| broken(awaited, error.to_string()))?;
    let seq = columns.seq;
    let tip = tips.get(&columns.chain).copied();
    // Of several chains each has numbers of its own among those of all: only the hash before shows that none is missing.
    if seq != awaited && (columns.chain.is_empty() || seq < awaited) {
        return Err(broken(
            awaited,
            format!("is missing: {seq} follows {}", verified.seq),
        ));
    }
    let prev = tip.map_or([0; 32], |(_, hash)| hash);
    if columns.prev != prev {
        return Err(broken(seq, "`prev` is not the hash of the entry before"));
    }
    let hash = chain_hash(
        &prev,
        seq,
        columns.time_us,
        columns.kind,
        &columns.header,
        &columns.body_hash,
    );
    if columns.hash != hash {
        return Err(broken(
            seq,
            "`hash` is not that of its time, kind, header and body hash",
        ));
    }
    match &columns.body {
        Some((salt, body)) if body_hash(Some((salt, body))) != columns.body_hash => {
            return Err(broken(seq, "`body_hash` is not that of its salt and body"));
        }
        Some(_) => verified.bodies += 1,
        None if columns.body_hash != body_hash(None) => verified.erased += 1,
        None => {}
    }
    copies(&columns)?;
    if tip.is_none() {
        verified.chain = begins(&columns, tips)?;
        verified.chains += 1;
    } else if !columns.chain.is_empty() {
        columns.chain.clone_into(&mut verified.chain);
    }
    if let Some(expect) = expect.filter(|expect| expect.seq == Some(seq) && expect.hash != hash) {
        let what = format!(
            "its hash is {}, {} was expected",
            hex(&hash),
            hex(&expect.hash)
        );
        return Err(broken(seq, what));
    }
    verified.entries += 1;
    verified.seq = seq;
    verified.hash = hash;
    tips.insert(columns.chain, (seq, hash));
    Ok(())
}

/// The first entry of a chain names it, and where each chain ended that nobody had named so before.
fn begins(columns: &Columns, tips: &BTreeMap<String, (u64, Hash)>) -> Result<String, Broken> {
    let seq = columns.seq;
    let Some((chain, parents)) = genesis(&columns.header) else {
        return Err(broken(seq, "is no genesis"));
    };
    if !columns.chain.is_empty() && chain != columns.chain {
        return Err(broken(seq, "`chain` is not what its genesis says"));
    }
    for parent in parents {
        let known = tips.get(&parent.chain);
        if known.is_none_or(|(seq, hash)| *seq != parent.seq || hex(hash) != parent.hash) {
            let Parent { chain, seq, hash } = parent;
            return Err(broken(
                seq,
                format!("was the end of the chain {chain} with the hash {hash}, and is not here"),
            ));
        }
    }
    Ok(chain)
}

/// What can only be said at the end: whether a chain ends too early.
fn end(
    expect: Option<&Expect>,
    so_far: SoFar,
    heads: &BTreeMap<String, (u64, Hash)>,
) -> Result<Verified, Broken> {
    let SoFar { verified, tips } = so_far;
    let (seq, hash, cursor) = (verified.seq, verified.hash, verified.cursor);
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
    for (chain, (seq, hash)) in heads {
        if tips.get(chain) != Some(&(*seq, *hash)) {
            let what = format!(
                "is missing: it was the newest of the chain {chain}, with the hash {}",
                hex(hash)
            );
            return Err(broken(*seq, what));
        }
    }
    match expect {
        Some(Expect {
            seq: Some(known), ..
        }) if *known > seq => Err(broken(
            seq + 1,
            ends(&format!("entry {known} was expected")),
        )),
        Some(expect)
            if expect.seq.is_none() && !tips.values().any(|(_, tip)| *tip == expect.hash) =>
        {
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
struct Columns {
    seq: u64,
    time_us: i64,
    kind: u8,
    header: Vec<u8>,
    body_hash: Hash,
    prev: Hash,
    hash: Hash,
    account: Option<String>,
    order_no: Option<String>,
    body: Option<([u8; 16], Vec<u8>)>,
    /// Empty where there is one chain only.
    chain: String,
}

impl Columns {
    fn read(row: &Row) -> Result<Columns, Failure> {
        let salt: Option<[u8; 16]> = row.get(9)?;
        let body = match salt {
            Some(salt) => Some((salt, row.get(10)?)),
            None => None,
        };
        Ok(Columns {
            seq: row.get(0)?,
            time_us: row.get(1)?,
            kind: row.get(2)?,
            header: row.get(3)?,
            body_hash: row.get(4)?,
            prev: row.get(5)?,
            hash: row.get(6)?,
            account: row.get(7)?,
            order_no: row.get(8)?,
            body,
            chain: row.get(11)?,
        })
    }
}

/// The columns `account` and `order_no` say what the header says, in any version of its format.
fn copies(columns: &Columns) -> Result<(), Broken> {
    let header: serde_json::Value = serde_json::from_slice(&columns.header)
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

fn genesis(header: &[u8]) -> Option<(String, Vec<Parent>)> {
    match Record::parse(header).ok()?.what {
        What::Genesis { chain, parents, .. } => Some((chain, parents)),
        _ => None,
    }
}

/// A page that the database cannot read is a finding; a disk that cannot is not.
fn unreadable(failure: Failure, seq: u64) -> Result<Broken, Failure> {
    match failure {
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
