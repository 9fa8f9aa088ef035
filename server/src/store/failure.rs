//! Why the engine could not do it, as far as it decides what happens next.

use super::StoreError;
use rusqlite::ErrorCode;
use rusqlite::ffi;

/// A failure inside the engine. Its kind decides: try later, tell the caller, or end the process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// No room on the disk: rolled back, worth trying again later.
    Full,
    /// The disk, or a commit, failed in a way after which memory and disk may disagree: nothing may be answered.
    Fatal(String),
    /// Another process holds the database: rolled back, worth trying again later.
    Busy(String),
    /// A cursor that this store never gave.
    Cursor,
    /// Anything else: this job failed, others may go on.
    Database(String),
}

impl Failure {
    /// A row that says something that cannot be.
    pub(super) fn damaged(what: impl std::fmt::Display) -> Failure {
        Failure::Database(format!(
            "{what}; `quittance journal verify` says more, `quittance journal rebuild` makes the rows anew"
        ))
    }

    /// What a failed commit is: whatever is neither a full disk nor somebody else's lock leaves it open what the
    /// disk holds now.
    pub(super) fn of_commit(error: &rusqlite::Error) -> Failure {
        match classify(error) {
            Failure::Database(what) => Failure::Fatal(what),
            other => other,
        }
    }
}

/// Sorts an error of SQLite.
///
/// ENOSPC comes as `SQLITE_FULL` from every write to the database and its log. The one exception is the log's index
/// (`-shm`): a failure to extend it is `SQLITE_IOERR_SHMSIZE`. That file is never durable, so nothing is in doubt.
#[must_use]
pub fn classify(error: &rusqlite::Error) -> Failure {
    let rusqlite::Error::SqliteFailure(cause, _) = error else {
        return Failure::Database(error.to_string());
    };
    match cause.code {
        ErrorCode::DiskFull => Failure::Full,
        _ if cause.extended_code == ffi::SQLITE_IOERR_SHMSIZE => Failure::Full,
        ErrorCode::SystemIoFailure => {
            Failure::Fatal(format!("{error} (SQLite's code {})", cause.extended_code))
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Failure::Busy(format!("another process holds the database: {error}"))
        }
        _ => Failure::Database(format!("{error} (SQLite's code {})", cause.extended_code)),
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        classify(&error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> StoreError {
        match failure {
            Failure::Full => StoreError::Full,
            Failure::Fatal(_) => StoreError::Closed,
            Failure::Cursor => StoreError::BadCursor,
            Failure::Busy(what) | Failure::Database(what) => StoreError::Database(what),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Full => f.write_str("the disk is full"),
            Failure::Cursor => f.write_str("the cursor is not one that this server gave"),
            Failure::Busy(what) | Failure::Fatal(what) | Failure::Database(what) => {
                f.write_str(what)
            }
        }
    }
}
