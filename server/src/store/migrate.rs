//! From SQLite to PostgreSQL: a journal moves, with all that was made of it, into an empty database.
//!
//! Entries go over in chunks, in the order of their numbers, each with its body and its personal data in one transaction;
//! a move that was cut off goes on behind the newest entry that is there. What the journal was folded to goes over as it
//! stands, in the last transaction, which compares both sides before it commits. Until then no server starts on it.

use super::dump::{TABLES, Table, dump};
use super::failure::Failure;
use super::open::OpenError;
use super::postgres::{Found, PostgresUrl, Target};
use super::sql::{Param, Row, Sql, Value};
use super::sqlite::{self, Location, SqliteEngine};
use super::verify::{Broken, Verified, walk};
use super::{Head, Render, read, rows, threads};
use quittance_core::entry::Hash;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// Rows that go over at a time.
const CHUNK: usize = 2_000;
/// Bytes of rows from which on a chunk is full: 16 MiB.
const CHUNK_BYTES: usize = 16 << 20;

/// The columns of an entry, of its body, and of what it brought of personal data.
const ENTRIES: &str =
    "SELECT e.seq, ?2, e.time_us, e.kind, e.header, e.body_hash, e.prev, e.hash, e.account,
        e.order_no, b.salt, b.body, p.data
    FROM entries e LEFT JOIN bodies b ON b.seq = e.seq LEFT JOIN personal p ON p.seq = e.seq
    WHERE e.seq > ?1 ORDER BY e.seq";
/// Bodies of events that the feed has. One that no event has belongs to nothing.
const BODIES: &str = "SELECT b.pos, b.id, b.body FROM event_bodies b
    JOIN events e ON e.pos = b.pos AND e.id = b.id WHERE b.pos > ?1 ORDER BY b.pos";

/// What a move is busy with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moving {
    /// Computes every hash of the source again.
    Checking,
    /// Copies entries, with their bodies and personal data.
    Entries,
    /// Copies what events said.
    Events,
    /// Copies orders, and what else the journal was folded to.
    Orders,
    /// Compares both sides.
    Comparing,
}

/// How far a move is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// What it is busy with.
    pub step: Moving,
    /// Rows that are there; those of an earlier run count.
    pub done: u64,
    /// Rows that there will be.
    pub total: u64,
}

/// What was moved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Migrated {
    /// The newest entry, on both sides.
    pub head: Head,
    /// Entries.
    pub entries: u64,
    /// Entries that an earlier run had moved.
    pub earlier: u64,
    /// Entries whose body is there.
    pub bodies: u64,
    /// Entries that had a body which was erased.
    pub erased: u64,
    /// Entries that brought personal data which is there.
    pub personal: u64,
    /// Orders.
    pub orders: u64,
    /// Events of the feed.
    pub events: u64,
    /// The dump's hash of both projections.
    pub dump: Hash,
}

/// Why a journal was not moved.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MigrateError {
    /// One of the databases cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The source does not hold.
    #[error(
        "the journal in SQLite is broken, and was not moved: {0}; `quittance journal verify` says more"
    )]
    Broken(Broken),
    /// The target has another journal in it.
    #[error(
        "there is another journal in {0}: nothing was written; give the name of an empty database"
    )]
    Other(String),
    /// The target has this journal in it already.
    #[error(
        "this journal is in {0} already, and complete: set `database` to it and start the server there; to move the journal once more, give the name of an empty database"
    )]
    Moved(String),
    /// Somebody else moves a journal there.
    #[error(
        "another `quittance migrate` works on {0}: wait for its end; where none runs any more, the database takes note of that within some minutes"
    )]
    Running(String),
    /// What came over is not what was there.
    #[error(
        "the copy is not what SQLite has: {0}; no server starts on it: drop that database and move the journal into an empty one"
    )]
    Differs(String),
    /// Whoever watches ended it. The next run goes on from here.
    #[error(
        "the move was ended before it was complete: run it again, it goes on from where it was"
    )]
    Stopped,
}

impl From<Failure> for MigrateError {
    fn from(failure: Failure) -> MigrateError {
        MigrateError::Open(failure.into())
    }
}

/// What is told how far a move is, and may end it.
pub type Watcher<'a> = &'a mut (dyn FnMut(Progress) -> ControlFlow<()> + Send);

/// Moves the journal in a SQLite folder into a PostgreSQL database that is empty, or that an earlier run did not
/// complete. The source stays as it is, and is locked until the end. `render` makes the bodies of events that the source
/// has not told yet. `watch` is called behind each chunk.
///
/// # Errors
/// [`MigrateError`] says what to do.
pub fn migrate(
    folder: &Path,
    url: &PostgresUrl,
    render: Arc<dyn Render>,
    watch: Watcher<'_>,
) -> Result<Migrated, MigrateError> {
    threads::apart(|| {
        // Only what exists is moved: nothing is begun here.
        drop(sqlite::reader(folder)?);
        let location = Location::Folder(folder.to_owned());
        let engine = SqliteEngine::open_existing(&location, render)?;
        let source = Source {
            sql: engine.conn(),
            head: engine.head(),
        };
        let target = Target::connect(url)?.ok_or_else(|| MigrateError::Running(url.to_string()))?;
        Move {
            source,
            target,
            watch,
        }
        .run(&url.to_string())
    })
}

/// The journal that moves.
#[derive(Clone, Copy)]
struct Source<'a> {
    sql: &'a dyn Sql,
    head: &'a Head,
}

impl Source<'_> {
    fn hash(&self, seq: u64) -> Result<Option<Hash>, Failure> {
        let found = self.sql.one(
            "SELECT hash FROM entries WHERE seq = ?1",
            &[rows::int(seq).into()],
        )?;
        found.map(|row| row.get(0)).transpose()
    }

    /// Whether what the target has is the beginning of this journal, or nothing.
    fn judge(&self, found: &Found, place: &str) -> Result<(), MigrateError> {
        let (same, complete) = match found {
            Found::Nothing | Found::Unfinished(None) => return Ok(()),
            Found::Unfinished(Some((seq, hash))) => (self.hash(*seq)? == Some(*hash), false),
            Found::Journal(first) => (self.hash(1)? == Some(*first), true),
        };
        match (same, complete) {
            (true, false) => Ok(()),
            (true, true) => Err(MigrateError::Moved(place.to_owned())),
            (false, _) => Err(MigrateError::Other(place.to_owned())),
        }
    }
}

/// A move under way.
struct Move<'a> {
    source: Source<'a>,
    target: Target,
    watch: Watcher<'a>,
}

impl Move<'_> {
    fn run(mut self, place: &str) -> Result<Migrated, MigrateError> {
        // Before anything is written there, and again under the lock that a server begins with.
        self.source.judge(&self.target.found()?, place)?;
        self.tell(Moving::Checking, 0, self.source.head.seq)?;
        let holds = walk(self.source.sql)?.map_err(MigrateError::Broken)?;
        self.target.prepare()?;
        self.source.judge(&self.target.begin()?, place)?;
        self.target.mark()?;
        let earlier = self.entries()?;
        self.events()?;
        self.target.begin_last()?;
        self.orders()?;
        self.marks()?;
        let mut migrated = self.compared(&holds)?;
        self.target.complete()?;
        migrated.earlier = earlier;
        Ok(migrated)
    }

    fn tell(&mut self, step: Moving, done: u64, total: u64) -> Result<(), MigrateError> {
        match (self.watch)(Progress { step, done, total }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(MigrateError::Stopped),
        }
    }

    /// The journal, behind what an earlier run moved. Says how much that was.
    fn entries(&mut self) -> Result<u64, MigrateError> {
        let earlier = self.target.greatest("entries", "seq")?;
        let (sql, head) = (self.source.sql, self.source.head);
        let from = [rows::int(earlier).into(), (&head.chain).into()];
        self.tell(Moving::Entries, earlier, head.seq)?;
        each_chunk(sql, ENTRIES, &from, &mut |chunk| {
            self.target.entries(chunk)?;
            let newest = chunk.last().map_or(Ok(head.seq), |row| row.get(0))?;
            self.tell(Moving::Entries, newest, head.seq)
        })?;
        Ok(earlier)
    }

    /// What events said, behind what an earlier run moved.
    fn events(&mut self) -> Result<(), MigrateError> {
        let sql = self.source.sql;
        let total = count(sql, "events")?;
        let mut done = self.target.count("event_bodies")?;
        let from = [rows::int(self.target.greatest("event_bodies", "pos")?).into()];
        self.tell(Moving::Events, done, total)?;
        each_chunk(sql, BODIES, &from, &mut |chunk| {
            self.target.copy("event_bodies", "pos, id, body", chunk)?;
            done += size(chunk);
            self.tell(Moving::Events, done, total)
        })
    }

    /// The projection, as it stands in the source now.
    fn orders(&mut self) -> Result<(), MigrateError> {
        let sql = self.source.sql;
        let mut total = 0;
        for Table { name, .. } in TABLES {
            total += count(sql, name)?;
        }
        let mut done = 0;
        self.tell(Moving::Orders, done, total)?;
        for Table { name, columns, key } in TABLES {
            let statement = format!("SELECT {columns} FROM {name} ORDER BY {key}");
            each_chunk(sql, &statement, &[], &mut |chunk| {
                self.target.copy(name, columns, chunk)?;
                done += size(chunk);
                self.tell(Moving::Orders, done, total)
            })?;
        }
        Ok(())
    }

    /// The chain, which the genesis of the next one names, the number behind which all others come, and which entry tells of
    /// archives.
    fn marks(&self) -> Result<(), MigrateError> {
        let sql = self.source.sql;
        let newest = sql.one("SELECT coalesce(max(pos), 0) FROM events", &[])?;
        let newest: u64 = newest.map_or(Ok(0), |row| row.get(0))?;
        // An epoch may have begun in which nothing was told yet.
        let floor = read::account(sql, "")?.map_or(0, |state| state.sequence);
        let last = newest.max(floor).max(self.source.head.seq);
        let archived = read::mark(sql, "archived")?;
        Ok(self.target.marks(self.source.head, last, archived)?)
    }

    /// Both sides say the same, or nothing of it stands.
    fn compared(&mut self, holds: &Verified) -> Result<Migrated, MigrateError> {
        let Source { sql, head } = self.source;
        self.tell(Moving::Comparing, 0, holds.entries)?;
        let moved = walk(self.target.sql())?;
        let moved = moved.map_err(|broken| MigrateError::Differs(broken.to_string()))?;
        let same = |what: &str, there: u64, here: u64| match there == here {
            true => Ok(there),
            false => Err(MigrateError::Differs(format!(
                "{what}: {there} in SQLite, {here} in PostgreSQL"
            ))),
        };
        let counted = |table: &str| -> Result<u64, MigrateError> {
            same(table, count(sql, table)?, self.target.count(table)?)
        };
        same("the newest entry", holds.seq, moved.seq)?;
        if (&holds.hash, &holds.chain) != (&moved.hash, &moved.chain) {
            return Err(MigrateError::Differs("the newest entry".to_owned()));
        }
        let migrated = Migrated {
            head: head.clone(),
            entries: same("entries", holds.entries, moved.entries)?,
            earlier: 0,
            bodies: same("bodies", holds.bodies, moved.bodies)?,
            erased: same("erased bodies", holds.erased, moved.erased)?,
            personal: counted("personal")?,
            orders: counted("orders")?,
            events: counted("events")?,
            dump: dump(sql)?,
        };
        let told = self.target.count("event_bodies")?;
        same("bodies of events", migrated.events, told)?;
        match dump(self.target.sql())? == migrated.dump {
            true => Ok(migrated),
            false => Err(MigrateError::Differs("the orders".to_owned())),
        }
    }
}

/// Shows all rows that a statement finds, so many at a time.
fn each_chunk(
    sql: &dyn Sql,
    statement: &str,
    given: &[Param<'_>],
    visit: &mut dyn FnMut(&[Row]) -> Result<(), MigrateError>,
) -> Result<(), MigrateError> {
    let (mut chunk, mut bytes) = (Vec::new(), 0);
    let mut failed = None;
    let read = sql.each(statement, given, &mut |row| {
        for value in &row.0 {
            bytes += weight(value)?;
        }
        chunk.push(row);
        if chunk.len() < CHUNK && bytes < CHUNK_BYTES {
            return Ok(());
        }
        bytes = 0;
        visit(&std::mem::take(&mut chunk)).map_err(|error| {
            failed = Some(error);
            // No failure of the source: it ends the reading.
            Failure::Cursor
        })
    });
    if let Some(error) = failed {
        return Err(error);
    }
    read?;
    match chunk.is_empty() {
        true => Ok(()),
        false => visit(&chunk),
    }
}

/// About how many bytes a value is.
fn weight(value: &Value) -> Result<usize, Failure> {
    match value {
        Value::Null | Value::Int(_) => Ok(8),
        Value::Text(text) => Ok(text.len()),
        Value::Blob(bytes) => Ok(bytes.len()),
        Value::Foreign => Err(Failure::damaged("a row holds what no table of ours can")),
    }
}

fn size(chunk: &[Row]) -> u64 {
    u64::try_from(chunk.len()).unwrap_or(u64::MAX)
}

fn count(sql: &dyn Sql, table: &str) -> Result<u64, Failure> {
    let found = sql.one(&format!("SELECT count(*) FROM {table}"), &[])?;
    found.map_or(Ok(0), |row| row.get(0))
}
