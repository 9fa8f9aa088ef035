//! Sorting what PostgreSQL says.

use crate::store::failure::Failure;
use crate::store::open::OpenError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// What follows from an error outside a commit: nothing of the transaction stands.
pub(super) fn classify(error: &Error) -> Failure {
    let Some(said) = error.as_db_error() else {
        return Failure::Away(told(error));
    };
    let code = said.code();
    let what = format!("{} (SQLSTATE {})", said.message(), code.code());
    match code {
        &SqlState::DISK_FULL => Failure::Full,
        // Somebody else was in the way.
        &SqlState::T_R_SERIALIZATION_FAILURE
        | &SqlState::T_R_DEADLOCK_DETECTED
        | &SqlState::LOCK_NOT_AVAILABLE
        | &SqlState::QUERY_CANCELED => Failure::Busy(what),
        // The server ends, begins, or is a standby now: another one may be there in a moment.
        &SqlState::ADMIN_SHUTDOWN
        | &SqlState::CRASH_SHUTDOWN
        | &SqlState::CANNOT_CONNECT_NOW
        | &SqlState::READ_ONLY_SQL_TRANSACTION
        | &SqlState::TOO_MANY_CONNECTIONS
        | &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Failure::Away(what),
        code if code.code().starts_with("08") || code.code().starts_with("57P") => {
            Failure::Away(what)
        }
        _ => Failure::Database(what),
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        classify(&error)
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> OpenError {
        Failure::from(error).into()
    }
}

/// An error with what caused it.
fn told(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
