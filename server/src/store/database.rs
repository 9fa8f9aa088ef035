//! Which database: where the journal and its projection stand, and reading them beside a running server.

use super::failure::Failure;
use super::open::OpenError;
use super::postgres::{self, PostgresUrl, UrlError};
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

/// Why a text names no database. Says nothing of passwords.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadDatabase {
    /// It names no folder.
    #[error("this is no folder for the database")]
    Folder,
    /// It is meant as a URL, and is none.
    #[error("this is no URL of a PostgreSQL database: {0}")]
    Url(#[from] UrlError),
}

impl From<&Path> for Database {
    fn from(folder: &Path) -> Database {
        Database::Folder(folder.to_owned())
    }
}

impl Database {
    /// Reads `sqlite:DIR`, with a folder as seen from `base`, or `postgres://…`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, base: &Path) -> Result<Database, BadDatabase> {
        if PostgresUrl::is_meant(text) {
            return Ok(Database::Postgres(Box::new(PostgresUrl::parse(text)?)));
        }
        let folder = text.strip_prefix("sqlite:").filter(|folder| {
            let memory = folder.starts_with(':'); // What SQLite keeps in memory is gone when the server is.
            !folder.is_empty()
                && !folder.starts_with("//")
                && !memory
                && !folder.contains(['\0', '?'])
        });
        let folder = folder.ok_or(BadDatabase::Folder)?;
        Ok(Database::Folder(base.join(folder)))
    }

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
