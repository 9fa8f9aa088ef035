//! Opening a database: the folder, its lock, the connection's settings, and what can be wrong with them.

use super::schema;
use crate::store::open::OpenError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The oldest SQLite that is trusted with the journal (3.51.3): before it, a log being reset could lose commits.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// How long a statement waits for another process's lock. A callback has to be answered within a second.
const BUSY_TIMEOUT: Duration = Duration::from_millis(800);
/// Statements kept prepared: more than the store has.
const STATEMENTS: usize = 128;
const DATABASE: &str = "quittance.db";
const LOCK: &str = "lock";

/// Where the database lives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Location {
    /// In this folder, which is made when it is missing.
    Folder(PathBuf),
    /// Nowhere: for tests.
    Memory,
    /// In this process's memory, under this name, for as long as somebody has it open: what a simulated node finds
    /// again after a crash.
    Named(String),
}

/// The folder's lock. It is the operating system's and ends with the process, whatever happens to it.
#[derive(Debug)]
pub(super) struct Lock(
    #[expect(dead_code, reason = "the lock lasts as long as the file is open")] File,
);

impl Lock {
    /// Takes the lock of an existing folder.
    pub(super) fn take(folder: &Path) -> Result<Lock, OpenError> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(LOCK))
            .map_err(|error| failed(folder, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked(folder.to_owned())),
            Err(TryLockError::Error(error)) => Err(failed(folder, &error)),
        }
    }
}

/// Opens for writing and brings the schema up to date.
pub(super) fn writer(location: &Location) -> Result<(Connection, Option<Lock>), OpenError> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(OpenError::OldSqlite(rusqlite::version().to_owned()));
    }
    let (mut conn, lock) = match location {
        Location::Memory => (Connection::open_in_memory()?, None),
        Location::Named(name) => {
            let flags = OpenFlags::default() | OpenFlags::SQLITE_OPEN_URI;
            let conn = Connection::open_with_flags(memory(name), flags)?;
            (conn, None)
        }
        Location::Folder(folder) => {
            make(folder)?;
            let lock = Lock::take(folder)?;
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let conn = Connection::open_with_flags(folder.join(DATABASE), flags)?;
            (conn, Some(lock))
        }
    };
    tune(&conn)?;
    let mode = write_ahead(&conn)?;
    if lock.is_some() && mode != "wal" {
        return Err(OpenError::Failed(format!(
            "the folder's file system allows only the journal mode {mode}, not WAL: use a local disk"
        )));
    }
    // Checkpoints are the engine's own: SQLite's automatic ones swallow their errors. The writer keeps up to 16 MiB of
    // pages, so that it does not read again what it wrote a moment ago.
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384;",
    )?;
    schema::migrate(&mut conn)?;
    Ok((conn, lock))
}

/// The address of a database in this process's memory.
#[must_use]
pub fn memory(name: &str) -> String {
    format!("file:/{name}?vfs=memdb")
}

/// Opens for reading, beside a running server or without one.
pub(in crate::store) fn reader(folder: &Path) -> Result<Connection, OpenError> {
    let path = folder.join(DATABASE);
    if !path.is_file() {
        return Err(OpenError::Missing(folder.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    tune(&conn)?;
    schema::known(&conn)?;
    Ok(conn)
}

/// A projection of its own, beside the live one: a temporary database that needs no memory for all of it.
pub(in crate::store) fn scratch() -> Result<Connection, OpenError> {
    let mut conn = Connection::open("")?;
    tune(&conn)?;
    schema::migrate(&mut conn)?;
    Ok(conn)
}

/// Switches to a write-ahead log and says which journal mode is in force. SQLite says the new mode first and commits the
/// switch after that: whoever stops reading at the answer does not hear that the disk failed.
fn write_ahead(conn: &Connection) -> Result<String, OpenError> {
    let mut statement = conn.prepare("PRAGMA journal_mode = WAL")?;
    let mut answer = statement.query([])?;
    let mut mode = String::new();
    while let Some(row) = answer.next()? {
        mode = row.get(0)?;
    }
    Ok(mode)
}

fn tune(conn: &Connection) -> Result<(), OpenError> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.execute_batch("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;")?;
    // A plan is made once: without this SQLite makes it anew whenever a bound value changes.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// The folder holds personal data: nobody but its owner looks in.
fn make(folder: &Path) -> Result<(), OpenError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| failed(folder, &error))
}

fn failed(folder: &Path, error: &std::io::Error) -> OpenError {
    OpenError::Failed(format!("{}: {error}", folder.display()))
}
