//! Why the engine could not do it, as far as it decides what happens next.

use super::StoreError;

/// A failure inside the engine. Its kind decides: try later, tell the caller, or end the process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// No room on the disk: rolled back, worth trying again later.
    Full,
    /// The disk, or a commit, failed in a way after which memory and disk may disagree: nothing may be answered.
    Fatal(String),
    /// Another process holds the database: rolled back, worth trying again later.
    Busy(String),
    /// The database cannot be reached, or does not answer: nothing was written, worth trying again later.
    Away(String),
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
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> StoreError {
        match failure {
            Failure::Full => StoreError::Full,
            Failure::Fatal(_) => StoreError::Closed,
            Failure::Cursor => StoreError::BadCursor,
            Failure::Busy(what) | Failure::Away(what) | Failure::Database(what) => {
                StoreError::Database(what)
            }
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Full => f.write_str("the disk is full"),
            Failure::Cursor => f.write_str("the cursor is not one that this server gave"),
            Failure::Busy(what)
            | Failure::Away(what)
            | Failure::Fatal(what)
            | Failure::Database(what) => f.write_str(what),
        }
    }
}
