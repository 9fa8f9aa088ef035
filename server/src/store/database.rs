//! Which database: where the journal and its projection stand, and reading them beside a running server.

use super::failure::Failure;
use super::open::OpenError;
use super::postgres::{self, PostgresUrl};
use super::sql::Sql;
use super::sqlite;
use super::threads;
use std::path::{Path, PathBuf};

/// Where the journal and its projection stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Database {
    /// In SQLite, in this folder.
    Folder(PathBuf),
    /// In PostgreSQL, for one node or several.
    Postgres(Box<PostgresUrl>),
}

impl From<&Path> for Database {
    fn from(folder: &Path) -> Database {
        Database::Folder(folder.to_owned())
    }
}

impl Database {
    /// The folder on this machine, where there is one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Database::Folder(folder) => Some(folder),
            Database::Postgres(_) => None,
        }
    }

    /// Reads in one moment, beside a running server or without one.
    pub(super) fn read<T: Send>(
        &self,
        look: impl FnOnce(&dyn Sql) -> Result<T, Failure> + Send,
    ) -> Result<T, OpenError> {
        match self {
            Database::Folder(folder) => {
                let conn = sqlite::reader(folder)?;
                Ok(sqlite::at_once(&conn, |conn| look(conn))?)
            }
            Database::Postgres(url) => threads::apart(|| Ok(postgres::reader(url)?.at_once(look)?)),
        }
    }
}

impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Database::Folder(folder) => folder.display().fmt(f),
            Database::Postgres(url) => url.fmt(f),
        }
    }
}
