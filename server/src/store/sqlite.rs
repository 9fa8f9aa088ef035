//! SQLite: one server per folder, one thread that writes.

mod engine;
mod failure;
mod open;
mod schema;
mod sql;
mod tables;
#[cfg(test)]
mod tests;

pub(super) use engine::SqliteEngine;
pub use open::{Location, memory};
pub(super) use open::{reader, scratch};
pub(super) use sql::at_once;
pub(super) use tables::SqliteTables;

use super::failure::Failure;
use super::open::OpenError;
use super::sql::Sql;
use super::threads::Reader;
use rusqlite::Connection;
use std::path::Path;

/// Readers: a long list does not hold up a page.
const READERS: usize = 2;

/// Connections that are only read from.
pub(super) fn readers(folder: &Path) -> Result<Vec<Box<dyn Reader>>, OpenError> {
    let mut readers: Vec<Box<dyn Reader>> = Vec::new();
    for _ in 0..READERS {
        readers.push(Box::new(reader(folder)?));
    }
    Ok(readers)
}

impl Reader for Connection {
    fn read(
        &mut self,
        look: &mut dyn FnMut(&dyn Sql) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        at_once(self, |conn| look(conn))
    }
}
