//! Sorting what SQLite says.

use crate::store::failure::Failure;
use crate::store::open::OpenError;
use rusqlite::ErrorCode;
use rusqlite::ffi;

/// What a failed commit is: whatever is neither a full disk nor somebody else's lock leaves it open what the disk holds
/// now.
pub(super) fn of_commit(error: &rusqlite::Error) -> Failure {
    match classify(error) {
        Failure::Database(what) => Failure::Fatal(what),
        other => other,
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

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> OpenError {
        Failure::from(error).into()
    }
}
