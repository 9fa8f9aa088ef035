//! What the program does with a journal beside, or without, a running server.

use super::archive::cut;
use super::batch::{Batch, refold};
use super::database::Database;
use super::dump::dump;
use super::failure::Failure;
use super::keys::Keys;
use super::open::OpenError;
use super::postgres::{self, PgEngine, PostgresUrl};
use super::shared::Engine;
use super::sql::Sql;
use super::sqlite::{self, Location, SqliteEngine, SqliteTables};
use super::threads;
use super::{Examined, Genesis, Head, Heard, JournalFilter, JournalRow, Page, Render, marks, read};
use quittance_core::Timestamp;
use quittance_core::entry::{Direction, Hash, Record, What};
use quittance_core::epoch;
use quittance_core::event::{About, Event};
use quittance_core::fold::floor;
use quittance_core::gateway::Personal;
use quittance_core::settings::Settings;
use std::sync::Arc;

/// Entries at a time when the projection is made anew for a comparison.
const CHUNK: usize = 1_000;

/// What a rebuild found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rebuilt {
    /// The dump's hash of the projection as it was found.
    pub before: Hash,
    /// The dump's hash of the projection as the journal makes it.
    pub after: Hash,
    /// The newest entry that both have seen.
    pub seq: u64,
}

/// An entry with the raw bytes that it is about.
#[derive(Clone, PartialEq, Debug)]
pub struct Message {
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub record: Record,
    /// The bytes; `None` where none were kept, or they were erased.
    pub body: Option<Vec<u8>>,
}

/// Entries, oldest first, read beside a running server or without one.
///
/// # Errors
/// [`OpenError`] says what to do.
pub fn journal_rows(
    database: &Database,
    filter: &JournalFilter,
) -> Result<Page<JournalRow>, OpenError> {
    database.read(|sql| read::journal(sql, filter))
}

/// The settings in force as the journal has them, read beside a running server or without one.
///
/// # Errors
/// [`OpenError`] says what to do.
pub fn journal_settings(database: &Database) -> Result<Arc<Settings>, OpenError> {
    database.read(marks::settings)
}

/// What a doctor looks at, read beside a running server or without one.
///
/// # Errors
/// [`OpenError`] says what to do.
pub fn examine(database: &Database, now: Timestamp) -> Result<Examined, OpenError> {
    database.read(|sql| read::examine(sql, &*marks::settings(sql)?, now))
}

/// An account's callbacks, second opinions and counted junk up to this entry, the newest first, read beside a running
/// server or without one.
///
/// # Errors
/// [`OpenError`] says what to do.
pub fn journal_heard(
    database: &Database,
    account: &str,
    last: u64,
) -> Result<Vec<Heard>, OpenError> {
    database.read(|sql| {
        let newest = marks::newest(sql)?.map_or(0, |(seq, _)| seq);
        read::callbacks(sql, account, last.min(newest))
    })
}

/// A message that an entry kept, read beside a running server or without one. Where a callback was taken in before it
/// was answered, its bytes are in the entry that took it in, and found there.
///
/// # Errors
/// [`OpenError`] says what to do.
pub fn journal_message(database: &Database, seq: u64) -> Result<Option<Message>, OpenError> {
    let filter = JournalFilter {
        after: seq.saturating_sub(1),
        limit: 1,
        ..JournalFilter::default()
    };
    let (page, own) =
        database.read(|sql| Ok((read::journal(sql, &filter)?, read::body(sql, seq)?)))?;
    let Some(row) = page.items.into_iter().find(|row| row.seq == seq) else {
        return Ok(None);
    };
    let record = Record::parse(&row.header).map_err(|error| {
        OpenError::Damaged(format!(
            "the header of the entry {seq} cannot be read: {error}"
        ))
    })?;
    let earlier = match &record.what {
        What::Notify(callback) | What::Return(callback) => callback.received,
        _ => None,
    };
    let body = match (own, earlier) {
        (None, Some(earlier)) => database.read(|sql| read::body(sql, earlier))?,
        (own, _) => own,
    };
    Ok(Some(Message {
        at: row.at,
        record,
        body,
    }))
}

/// Makes the projection anew from the journal. The server must be stopped. Events keep the bodies that were rendered
/// when they happened; one that has none is rendered by `render`.
///
/// # Errors
/// [`OpenError`] says what to do.
pub fn rebuild(database: &Database, render: Arc<dyn Render>) -> Result<Rebuilt, OpenError> {
    let folder = match database {
        Database::Folder(folder) => folder,
        Database::Postgres(url) => return rebuilt_in(url, &*render, true),
    };
    // Only what exists is rebuilt: nothing is begun here.
    drop(sqlite::reader(folder)?);
    let location = Location::Folder(folder.clone());
    let mut engine = SqliteEngine::open_to_rebuild(&location, render)?;
    whole(engine.conn())?;
    let before = dump(engine.conn())?;
    engine.rebuild()?;
    Ok(Rebuilt {
        before,
        after: dump(engine.conn())?,
        seq: engine.head().seq,
    })
}

/// Only a journal that is all there can be folded again.
pub(super) fn whole(sql: &dyn Sql) -> Result<(), OpenError> {
    match cut(sql)? {
        None => Ok(()),
        Some(cut) => Err(OpenError::Archived(cut.through)),
    }
}

fn rebuilt_in(
    url: &PostgresUrl,
    render: &dyn Render,
    in_place: bool,
) -> Result<Rebuilt, OpenError> {
    let (before, after, seq) = threads::apart(|| postgres::rebuild(url, render, in_place))?;
    Ok(Rebuilt { before, after, seq })
}

/// Works on a journal that must be there, as the only one that does, and takes away for good what the work deletes. The
/// server must be stopped; on PostgreSQL servers that run wait meanwhile.
pub(super) fn alone<T: Send, E: From<OpenError> + Send>(
    database: &Database,
    render: Arc<dyn Render>,
    genesis: &Genesis,
    work: impl FnOnce(&mut dyn Engine) -> Result<T, E> + Send,
) -> Result<T, E> {
    match database {
        Database::Folder(folder) => {
            drop(sqlite::reader(folder)?);
            let location = Location::Folder(folder.clone());
            let mut engine = SqliteEngine::open_existing(&location, render)?;
            engine.delete_for_good().map_err(OpenError::from)?;
            let done = work(&mut engine)?;
            engine.leave_nothing();
            Ok(done)
        }
        Database::Postgres(url) => threads::apart(|| {
            drop(postgres::reader(url)?);
            let mut engine = PgEngine::open(url, render, genesis)?;
            engine.unhurried().map_err(OpenError::from)?;
            let done = work(&mut engine)?;
            engine.leave_nothing();
            Ok(done)
        }),
    }
}

/// What adopting an older copy of the journal did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adopted {
    /// The entry that says so.
    pub seq: u64,
    /// The epoch that began.
    pub epoch: u64,
    /// When the copy's newest entry was written: what came later is not in it.
    pub known_until: Timestamp,
    /// Orders about which the gateways are asked.
    pub orders: usize,
}

/// Adopts an older copy that was put back as the journal from now on, at the time of `genesis`. The server must be stopped.
///
/// # Errors
/// [`OpenError`] says what to do.
pub fn adopt(
    database: &Database,
    render: Arc<dyn Render>,
    genesis: &Genesis,
) -> Result<Adopted, OpenError> {
    match database {
        Database::Folder(folder) => {
            drop(sqlite::reader(folder)?);
            let location = Location::Folder(folder.clone());
            let mut engine = SqliteEngine::open_existing(&location, render)?;
            let known_until = marks::time(engine.conn(), engine.head().seq)?;
            Ok(adopt_in(&mut engine, known_until, genesis.at)?)
        }
        Database::Postgres(url) => threads::apart(|| {
            drop(postgres::reader(url)?);
            let mut engine = PgEngine::open(url, render, genesis)?;
            let known_until = engine.known_until()?;
            Ok(adopt_in(&mut engine, known_until, genesis.at)?)
        }),
    }
}

/// One entry, and from then on numbers that nobody has seen.
fn adopt_in(
    engine: &mut dyn Engine,
    known_until: Timestamp,
    now: Timestamp,
) -> Result<Adopted, Failure> {
    let mut epoch = 0;
    let committed = engine.transact(Keys::default(), &mut |batch| {
        epoch = epoch::next(floor(batch)?, now);
        let record = Record::new(Direction::Own, What::Adopted { epoch });
        batch.append_own(now, record).map(|_| ())
    })?;
    Ok(Adopted {
        seq: committed.head.seq,
        epoch,
        known_until,
        orders: committed.touched.orders.len(),
    })
}

/// Makes the projection anew beside the live one, without touching it, and compares. The server may run.
///
/// # Errors
/// [`OpenError`] says what to do.
pub fn rebuild_check(database: &Database) -> Result<Rebuilt, OpenError> {
    let folder = match database {
        Database::Folder(folder) => folder,
        Database::Postgres(url) => return rebuilt_in(url, &Blank, false),
    };
    let live = sqlite::reader(folder)?;
    whole(&live)?;
    let scratch = sqlite::scratch()?;
    let rebuilt = sqlite::at_once(&live, |live| {
        let seq = marks::cursor(live)?;
        let head = Head {
            chain: marks::chain(live)?,
            seq: 0,
            hash: [0; 32],
        };
        let transaction = scratch.unchecked_transaction()?;
        let mut tables = SqliteTables { conn: &transaction };
        let mut batch = Batch::new(&mut tables, &Blank, head, Arc::default());
        while refold(&mut batch, live, seq, CHUNK)? == CHUNK {}
        batch.finish()?;
        let after = dump(&*transaction)?;
        let before = dump(live)?;
        Ok(Rebuilt { before, after, seq })
    })?;
    Ok(rebuilt)
}

/// Renders nothing: bodies are no part of the comparison.
struct Blank;

impl Render for Blank {
    fn event(&self, _: &Event, _: About<'_>, _: &[Personal], _: &Head) -> Vec<u8> {
        Vec::new()
    }

    fn without_personal(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}
