//! Checking the chain: every hash is computed again from the bytes in the rows.

use super::archive::{self, Cut};
use super::database::Database;
use super::failure::Failure;
use super::marks;
use super::open::OpenError;
use super::sql::{Row, Sql};
use super::tables::EntryRow;
use data_encoding::HEXLOWER;
use quittance_core::entry::{Hash, Parent, Record, What, body_hash, chain_hash};
use std::collections::BTreeMap;
use std::path::PathBuf;

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
    /// How many entries were walked through.
    pub entries: u64,
    /// The newest entry that is in an archive which was not looked into; 0 where there is none.
    pub archived: u64,
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

/// Walks every chain, beside a running server or without one: first through archives, the oldest first, if any are given;
/// then through what the database has. The inner result is the finding.
///
/// # Errors
/// [`OpenError`] where nothing could be checked.
pub fn verify(
    database: &Database,
    archives: &[PathBuf],
    expect: Option<&Expect>,
) -> Result<Result<Verified, Broken>, OpenError> {
    let mut walk = Walk::of_archives(expect);
    for file in archives {
        if let Err(broken) = archive::walk(file, &mut walk)? {
            return Ok(Err(broken));
        }
    }
    let walk = (!archives.is_empty()).then_some(walk);
    database.read(|sql| walk_on(sql, walk, expect))
}

/// Walks through all that the database has, in one moment of it.
pub(super) fn walk(sql: &dyn Sql) -> Result<Result<Verified, Broken>, Failure> {
    walk_on(sql, None, None)
}

/// The same behind archives, if some were walked through.
fn walk_on(
    sql: &dyn Sql,
    archives: Option<Walk<'_>>,
    expect: Option<&Expect>,
) -> Result<Result<Verified, Broken>, Failure> {
    let cut = archive::cut(sql)?;
    let mut walk = Walk::new(expect);
    walk.gapless = !sql.dialect().many_chains;
    walk.verified.cursor = marks::cursor(sql)?;
    let mut before = archives;
    let statement = format!(
        "SELECT {} FROM entries e LEFT JOIN bodies b ON b.seq = e.seq ORDER BY e.seq",
        Columns::named(sql)
    );
    let mut found = None;
    let walked = sql.each(&statement, &[], &mut |row| {
        let step = match Columns::read(&row) {
            Ok(columns) => walk.step(columns, cut.as_ref(), &mut before),
            Err(error) => Err(broken(walk.verified.seq + 1, error.to_string())),
        };
        if let Err(broken) = step {
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
            Ok(end(expect, walk, cut.as_ref(), &heads))
        }
        (None, Err(failure)) => unreadable(failure, walk.verified.seq + 1).map(Err),
    }
}

/// A walk through the journal: how far it is in all, and in each chain.
pub(super) struct Walk<'a> {
    pub(super) verified: Verified,
    /// Each chain's newest entry so far.
    pub(super) tips: BTreeMap<String, (u64, Hash)>,
    /// What a genesis said of where other chains stood.
    pub(super) named: BTreeMap<String, u64>,
    /// The hash of the first entry of all, where it was walked through.
    pub(super) first: Option<Hash>,
    /// Whether the numbers have no gaps: one node drew them.
    gapless: bool,
    /// Whether the first entry is counted elsewhere: it is in the first archive too, without its body.
    in_archives: bool,
    expect: Option<&'a Expect>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(expect: Option<&'a Expect>) -> Walk<'a> {
        Walk {
            verified: Verified {
                chain: String::new(),
                seq: 0,
                hash: [0; 32],
                chains: 0,
                entries: 0,
                archived: 0,
                bodies: 0,
                erased: 0,
                cursor: 0,
            },
            tips: BTreeMap::new(),
            named: BTreeMap::new(),
            first: None,
            gapless: false,
            in_archives: false,
            expect,
        }
    }

    /// One through archives, whose first entry is the database's.
    pub(super) fn of_archives(expect: Option<&'a Expect>) -> Walk<'a> {
        Walk {
            in_archives: true,
            ..Walk::new(expect)
        }
    }

    /// Where the chains stand, except those that ended and of which a genesis says so. `continues` says whether a chain has
    /// entries behind this.
    pub(super) fn ends(&self, continues: impl Fn(&str) -> bool) -> Vec<Parent> {
        let open = self.tips.iter().filter(|(chain, (seq, _))| {
            self.named.get(*chain) != Some(seq) || continues(chain.as_str())
        });
        let parent = |(chain, (seq, hash)): (&String, &(u64, Hash))| Parent {
            chain: chain.clone(),
            seq: *seq,
            hash: hex(hash),
        };
        open.map(parent).collect()
    }

    /// Goes on behind entries that are not looked at.
    pub(super) fn skip(&mut self, through: u64, ends: &[Parent]) -> Result<(), Broken> {
        self.tips.clear();
        self.named.clear();
        for Parent { chain, seq, hash } in ends {
            let hash = HEXLOWER.decode(hash.as_bytes()).ok();
            let hash = hash.and_then(|bytes| Hash::try_from(bytes).ok());
            let hash = hash.ok_or_else(|| broken(*seq, "is said to have a hash that is none"))?;
            self.tips.insert(chain.clone(), (*seq, hash));
        }
        if let [only] = ends {
            self.verified.chain.clone_from(&only.chain);
        }
        self.verified.seq = through;
        self.verified.archived = through;
        self.verified.chains = u64::try_from(ends.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// One row of the database. Where the oldest part is in archives, the first row behind it goes on where they end.
    fn step(
        &mut self,
        columns: Columns,
        cut: Option<&Cut>,
        before: &mut Option<Walk<'_>>,
    ) -> Result<(), Broken> {
        let seq = columns.row.seq;
        if let Some(cut) = cut.filter(|cut| self.verified.seq < cut.through) {
            match seq {
                1 => {}
                _ if seq <= cut.through => {
                    return Err(broken(seq, "stands here, and is in an archive as well"));
                }
                _ => self.behind(cut, before.take())?,
            }
        } else if before.take().is_some() {
            return Err(broken(seq, "nothing was moved from here into an archive"));
        }
        self.link(&columns)
    }

    /// Goes on behind the archives: with what was found in them, or what is said of them.
    fn behind(&mut self, cut: &Cut, archives: Option<Walk<'_>>) -> Result<(), Broken> {
        let first = self.first.as_ref().map(hex);
        if first.as_ref() != Some(&cut.first) {
            return Err(broken(
                1,
                "is not the one whose journal was moved into archives",
            ));
        }
        let Some(archives) = archives else {
            return self.skip(cut.through, &cut.ends);
        };
        archives.reaches(cut)?;
        let found = archives.verified;
        self.verified.entries += found.entries;
        self.verified.bodies += found.bodies;
        self.verified.erased += found.erased;
        self.verified.chains = found.chains;
        self.verified.archived = found.archived;
        self.verified.seq = found.seq;
        self.tips = archives.tips;
        Ok(())
    }

    /// Whether archives that were walked through end where the database says that it begins.
    pub(super) fn reaches(&self, cut: &Cut) -> Result<(), Broken> {
        let seq = self.verified.seq;
        if seq != cut.through {
            let through = cut.through;
            let what = format!(
                "is missing: the archives end at {seq}, and the database begins behind {through}"
            );
            return Err(broken(seq.min(through) + 1, what));
        }
        for Parent { chain, seq, hash } in &cut.ends {
            let known = self.tips.get(chain);
            if known.is_none_or(|(known, found)| known != seq || hex(found) != *hash) {
                let what = format!(
                    "was in the chain {chain} with the hash {hash}, and is not in the archives"
                );
                return Err(broken(*seq, what));
            }
        }
        Ok(())
    }

    /// One entry: its place, its hash, its body, and the copies of the header beside it.
    pub(super) fn link(&mut self, columns: &Columns) -> Result<(), Broken> {
        let awaited = self.verified.seq + 1;
        let seq = columns.row.seq;
        // Where there is one chain, its genesis alone says which.
        let mut chain = match columns.chain.is_empty() {
            true => self.verified.chain.clone(),
            false => columns.chain.clone(),
        };
        let tip = self.tips.get(&chain).copied();
        // Of several chains each has numbers of its own among those of all: only the hash before shows that none is missing.
        if seq != awaited && (self.gapless || seq < awaited) {
            return Err(broken(
                awaited,
                format!("is missing: {seq} follows {}", self.verified.seq),
            ));
        }
        let prev = tip.map_or([0; 32], |(_, hash)| hash);
        if columns.row.prev != prev {
            return Err(broken(seq, "`prev` is not the hash of the entry before"));
        }
        let hash = chain_hash(
            &prev,
            seq,
            columns.row.time_us,
            columns.row.kind,
            &columns.row.header,
            &columns.row.body_hash,
        );
        if columns.row.hash != hash {
            return Err(broken(
                seq,
                "`hash` is not that of its time, kind, header and body hash",
            ));
        }
        match &columns.row.body {
            Some((salt, body)) if body_hash(Some((salt, body))) != columns.row.body_hash => {
                return Err(broken(seq, "`body_hash` is not that of its salt and body"));
            }
            _ if seq == 1 && self.in_archives => {}
            Some(_) => self.verified.bodies += 1,
            None if columns.row.body_hash != body_hash(None) => self.verified.erased += 1,
            None => {}
        }
        copies(&columns.row)?;
        if tip.is_none() {
            chain = self.begins(columns)?;
            self.verified.chains += 1;
        }
        let expect = self.expect;
        if let Some(expect) = expect.filter(|expect| expect.seq == Some(seq) && expect.hash != hash)
        {
            let what = format!(
                "its hash is {}, {} was expected",
                hex(&hash),
                hex(&expect.hash)
            );
            return Err(broken(seq, what));
        }
        if seq == 1 {
            self.first = Some(hash);
        }
        self.verified.entries += u64::from(seq > 1 || !self.in_archives);
        self.verified.seq = seq;
        self.verified.hash = hash;
        self.verified.chain.clone_from(&chain);
        self.tips.insert(chain, (seq, hash));
        Ok(())
    }

    /// The first entry of a chain names it, and where each chain ended that nobody had named so before.
    fn begins(&mut self, columns: &Columns) -> Result<String, Broken> {
        let seq = columns.row.seq;
        let Some((chain, parents)) = genesis(&columns.row.header) else {
            return Err(broken(seq, "is no genesis"));
        };
        if !columns.chain.is_empty() && chain != columns.chain {
            return Err(broken(seq, "`chain` is not what its genesis says"));
        }
        for Parent {
            chain,
            seq: end,
            hash,
        } in parents
        {
            let known = self.tips.get(&chain);
            if known.is_none_or(|(seq, known)| *seq != end || hex(known) != hash) {
                return Err(broken(
                    seq,
                    format!(
                        "{end} was the end of the chain {chain} with the hash {hash}, and is not here"
                    ),
                ));
            }
            self.named.insert(chain, end);
        }
        Ok(chain)
    }
}

/// What can only be said at the end: whether a chain ends too early.
fn end(
    expect: Option<&Expect>,
    walk: Walk<'_>,
    cut: Option<&Cut>,
    heads: &BTreeMap<String, (u64, Hash)>,
) -> Result<Verified, Broken> {
    let Walk { verified, tips, .. } = walk;
    let (seq, hash, cursor) = (verified.seq, verified.hash, verified.cursor);
    let ends = |who: &str| format!("is missing: {who}, and the journal ends at {seq}");
    if seq == 0 {
        return Err(broken(1, "is missing: the journal is empty"));
    }
    let through = cut.map_or(0, |cut| cut.through);
    if seq <= through {
        return Err(broken(
            through + 1,
            ends("those up to the one before are in an archive"),
        ));
    }
    if cursor > seq {
        return Err(broken(
            seq + 1,
            ends(&format!("the projection has seen entry {cursor}")),
        ));
    }
    for (chain, (seq, hash)) in heads {
        // Of a chain that ended in an archive a genesis there says so.
        let unseen = *seq <= through && !tips.contains_key(chain);
        if !unseen && tips.get(chain) != Some(&(*seq, *hash)) {
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
        Some(Expect {
            seq: Some(known), ..
        }) if *known > 1 && *known <= verified.archived => Err(broken(
            *known,
            "is in an archive: name the file with --archive to have it compared",
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

/// An entry as a row has it, of the right types and lengths.
pub(super) struct Columns {
    pub(super) row: EntryRow,
    /// Empty where there is one chain only.
    pub(super) chain: String,
}

impl Columns {
    /// The columns that [`Columns::read`] reads, of `entries e` and `bodies b`.
    pub(super) fn named(sql: &dyn Sql) -> String {
        let entry = "e.seq, e.time_us, e.kind, e.header, e.body_hash, e.prev, e.hash, e.account, e.order_no";
        format!("{entry}, b.salt, b.body, {}", sql.dialect().chain)
    }

    /// Reads a row whose columns are in this order: those of the entry, the body's two, the chain.
    pub(super) fn read(row: &Row) -> Result<Columns, Failure> {
        let salt: Option<[u8; 16]> = row.get(9)?;
        let body = match salt {
            Some(salt) => Some((salt, row.get(10)?)),
            None => None,
        };
        Ok(Columns {
            row: EntryRow {
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
            },
            chain: row.get(11)?,
        })
    }
}

/// The columns `account` and `order_no` say what the header says, in any version of its format.
fn copies(row: &EntryRow) -> Result<(), Broken> {
    let header: serde_json::Value = serde_json::from_slice(&row.header)
        .map_err(|error| broken(row.seq, format!("its header is no JSON: {error}")))?;
    let said = |name: &str| header.get(name).and_then(|value| value.as_str());
    if said("account") != row.account.as_deref() {
        return Err(broken(row.seq, "`account` is not what its header says"));
    }
    if said("order_no") != row.order_no.as_deref() {
        return Err(broken(row.seq, "`order_no` is not what its header says"));
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

pub(super) fn broken(seq: u64, what: impl Into<String>) -> Broken {
    let what = what.into();
    Broken { seq, what }
}

pub(super) fn hex(hash: &Hash) -> String {
    HEXLOWER.encode(hash)
}
