//! Opening a database: with what, and why it may fail.

use super::failure::Failure;
use super::{Genesis, Render};
use std::path::PathBuf;
use std::sync::Arc;

/// What is called when the disk fails. Nothing may be answered after it: in production it ends the process.
pub type Fatal = Box<dyn Fn(&str) + Send + Sync>;

/// What a store is opened with.
pub struct Opening {
    /// Makes the bodies of events.
    pub render: Arc<dyn Render>,
    /// With what a new journal begins.
    pub genesis: Genesis,
    /// What to do when the disk fails.
    pub fatal: Fatal,
}

/// Why a database could not be opened.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process works on the folder.
    #[error(
        "the folder {0} is in use by another quittance (a `serve` or a `journal` command): stop that one first, or give this one another `database`"
    )]
    Locked(PathBuf),
    /// There is no database.
    #[error(
        "there is no database in {0}: `database` in the settings names the folder, `quittance serve` makes it"
    )]
    Missing(PathBuf),
    /// There is a database, and no journal in it.
    #[error(
        "there is no journal in {0}: `database` in the settings names the database, `quittance serve` begins it"
    )]
    Empty(String),
    /// A journal that moves from SQLite has not arrived as a whole.
    #[error(
        "the move of a journal from SQLite to {0} is not complete: run the same `quittance migrate` again, it goes on from where it was; or give the name of another database"
    )]
    Unfinished(String),
    /// The oldest entries were moved away.
    #[error(
        "the entries up to {0} are in archives, and the orders can only be made anew from all of them: put the archives back first, the newest first, with `quittance journal restore FILE`"
    )]
    Archived(u64),
    /// An archive cannot be used.
    #[error("the archive {file} cannot be used: {why}")]
    Archive {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// A newer quittance wrote it.
    #[error(
        "the database has the schema version {found}, this quittance knows {known}: it was written by a newer quittance; run that one, or restore the backup from before the upgrade"
    )]
    Newer {
        /// The version found.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// This quittance is older than what it needs: a mistake of the build.
    #[error(
        "SQLite {0} is linked, 3.51.3 or newer is needed: build quittance with the bundled SQLite"
    )]
    OldSqlite(String),
    /// What is there contradicts itself.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    /// There is no room for it.
    #[error("the disk is full")]
    Full,
    /// The folder or the database failed.
    #[error("the database cannot be opened: {0}")]
    Failed(String),
}

impl From<Failure> for OpenError {
    fn from(failure: Failure) -> OpenError {
        match failure {
            Failure::Full => OpenError::Full,
            other => OpenError::Failed(other.to_string()),
        }
    }
}
