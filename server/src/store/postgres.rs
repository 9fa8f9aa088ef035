//! PostgreSQL: several nodes, one truth.
//!
//! Each life of a node has a chain of its own; the numbers of all their entries come from one sequence, drawn while
//! everything is locked that they depend on. So a refold in the order of the numbers finds what the nodes found.

mod engine;
mod failure;
mod locks;
mod puts;
mod schema;
mod session;
mod tables;
mod target;
mod url;
mod waiting;
mod watch;

pub(super) use engine::{PgEngine, rebuild};
pub(super) use session::Session;
pub(super) use target::{Found, Target};
pub use url::{PostgresUrl, UrlError};
pub(super) use watch::watch;

use super::failure::Failure;
use super::open::OpenError;
use super::sql::Sql;
use super::threads::Reader;

/// Opens for reading, beside running servers or without one.
pub(super) fn reader(url: &PostgresUrl) -> Result<Session, OpenError> {
    let session = Session::connect(url)?;
    match schema::known(&session)? {
        0 => Err(OpenError::Empty(url.to_string())),
        _ => {
            target::refuse_unfinished(&session, url)?;
            Ok(session)
        }
    }
}

/// Connections that are only read from. Each connects when it is asked first, and again when its line broke.
pub(super) fn readers(url: &PostgresUrl) -> Vec<Box<dyn Reader>> {
    let reader = |_| -> Box<dyn Reader> {
        Box::new(PgReader {
            url: url.clone(),
            session: None,
        })
    };
    (0..url.readers()).map(reader).collect()
}

struct PgReader {
    url: PostgresUrl,
    session: Option<Session>,
}

impl Reader for PgReader {
    fn read(
        &mut self,
        look: &mut dyn FnMut(&dyn Sql) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if let Some(session) = &self.session {
            match look(session) {
                // The line may have been dead for long: a new one is tried once.
                Err(Failure::Away(_)) => self.session = None,
                done => return done,
            }
        }
        let session = self.session.insert(Session::connect(&self.url)?);
        look(session)
    }
}
