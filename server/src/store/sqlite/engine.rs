//! The engine: one connection, one transaction at a time. Synchronous; it holds all the SQL of writing.

use super::failure::of_commit;
use super::open::{self, Location, Lock};
use super::tables::SqliteTables;
use crate::store::batch::{Batch, Committed, refold};
use crate::store::failure::Failure;
use crate::store::keys::Keys;
use crate::store::open::OpenError;
use crate::store::shared::Engine;
use crate::store::{Genesis, Head, Render, marks};
use quittance_core::entry::Hash;
use quittance_core::settings::Settings;
use rusqlite::Connection;
use std::sync::Arc;

/// Entries per transaction when the projection catches up.
const CATCH_UP: usize = 1_000;
/// Pages in the log from which on they are moved into the database: 64 MiB. A page that is written often is moved once.
const LOG_PAGES_MAX: i64 = 16_384;

/// The journal and its projection on one SQLite connection.
pub(in crate::store) struct SqliteEngine {
    conn: Connection,
    render: Arc<dyn Render>,
    head: Head,
    settings: Arc<Settings>,
    payer_salt: [u8; 32],
    /// Last, so that the connection is closed before the folder is free for others.
    _lock: Option<Lock>,
}

impl SqliteEngine {
    /// Opens, begins the journal where there is none, and folds what the projection has not seen.
    ///
    /// # Errors
    /// [`OpenError`] says what to do.
    pub(in crate::store) fn open(
        location: &Location,
        render: Arc<dyn Render>,
        genesis: &Genesis,
    ) -> Result<SqliteEngine, OpenError> {
        let mut engine = SqliteEngine::new(location, render, genesis.payer_salt)?;
        engine.settings = marks::settings(&engine.conn)?;
        engine.head.chain = genesis.chain.clone();
        match marks::newest(&engine.conn)? {
            None => engine.begin(genesis)?,
            Some((seq, hash)) => {
                engine.payer_salt = marks::payer_salt(&engine.conn)?;
                engine.resume(seq, hash)?;
                engine.catch_up()?;
                engine.tidy()?;
            }
        }
        Ok(engine)
    }

    /// Opens a journal that must be there, and folds what the projection has not seen.
    pub(in crate::store) fn open_existing(
        location: &Location,
        render: Arc<dyn Render>,
    ) -> Result<SqliteEngine, OpenError> {
        let mut engine = SqliteEngine::open_to_rebuild(location, render)?;
        engine.settings = marks::settings(&engine.conn)?;
        engine.payer_salt = marks::payer_salt(&engine.conn)?;
        engine.catch_up()?;
        engine.tidy()?;
        Ok(engine)
    }

    /// Opens a journal whose projection is about to be made anew, and is not looked at.
    pub(in crate::store) fn open_to_rebuild(
        location: &Location,
        render: Arc<dyn Render>,
    ) -> Result<SqliteEngine, OpenError> {
        let mut engine = SqliteEngine::new(location, render, [0; 32])?;
        let (seq, hash) = marks::newest(&engine.conn)?
            .ok_or_else(|| OpenError::Damaged("it has no entry".to_owned()))?;
        engine.resume(seq, hash)?;
        Ok(engine)
    }

    fn new(
        location: &Location,
        render: Arc<dyn Render>,
        payer_salt: [u8; 32],
    ) -> Result<SqliteEngine, OpenError> {
        let (conn, lock) = open::writer(location)?;
        Ok(SqliteEngine {
            conn,
            render,
            head: Head {
                chain: String::new(),
                seq: 0,
                hash: [0; 32],
            },
            settings: Arc::default(),
            payer_salt,
            _lock: lock,
        })
    }

    /// The newest entry.
    pub(in crate::store) fn head(&self) -> &Head {
        &self.head
    }

    /// The connection, for reading between transactions.
    pub(in crate::store) fn conn(&self) -> &Connection {
        &self.conn
    }

    /// From now on what is deleted is overwritten, not only forgotten.
    pub(in crate::store) fn delete_for_good(&self) -> Result<(), Failure> {
        Ok(self.conn.execute_batch("PRAGMA secure_delete = ON")?)
    }

    /// Empties the log, in which pages stand as they were. A reader may keep it from being emptied: the next start does it.
    pub(in crate::store) fn leave_nothing(&self) {
        match self.log_pages("PRAGMA wal_checkpoint(TRUNCATE)") {
            Ok(0) => {}
            Ok(left) => tracing::warn!(left, "somebody reads: the log is not empty yet"),
            Err(why) => tracing::warn!(%why, "the log could not be emptied yet"),
        }
    }

    /// Makes the projection anew from the journal, in one transaction.
    pub(in crate::store) fn rebuild(&mut self) -> Result<(), Failure> {
        let head = self.head.clone();
        self.head.seq = 0;
        self.settings = Arc::default();
        let done = self.in_transaction(|batch, source| {
            batch.wipe()?;
            while refold(batch, source, head.seq, CATCH_UP)? == CATCH_UP {}
            Ok(())
        });
        done.map(|_| ())
    }

    fn begin(&mut self, genesis: &Genesis) -> Result<(), OpenError> {
        let entry = genesis.entry(Vec::new());
        self.in_transaction(|batch, _| batch.append(std::slice::from_ref(&entry)).map(|_| ()))?;
        Ok(())
    }

    /// Goes on behind the newest entry, if that one is whole.
    fn resume(&mut self, seq: u64, hash: Hash) -> Result<(), OpenError> {
        self.head.chain = marks::chain(&self.conn)?;
        if !marks::sound(&self.conn, seq)? {
            return Err(OpenError::Damaged(format!(
                "the hash of the newest entry, {seq}, does not fit its row; `quittance journal verify` says more"
            )));
        }
        self.head.seq = seq;
        self.head.hash = hash;
        Ok(())
    }

    /// Folds what the projection has not seen.
    fn catch_up(&mut self) -> Result<(), OpenError> {
        let newest = self.head.clone();
        let mut cursor = marks::cursor(&self.conn)?;
        if cursor > newest.seq {
            return Err(OpenError::Damaged(format!(
                "the projection has seen entry {cursor}, the journal ends at {}: entries are missing",
                newest.seq
            )));
        }
        while cursor < newest.seq {
            self.head.seq = cursor;
            self.in_transaction(|batch, source| {
                refold(batch, source, newest.seq, CATCH_UP).map(|_| ())
            })?;
            cursor = self.head.seq;
        }
        self.head = newest;
        Ok(())
    }

    /// Takes away leases of what is no longer due: who held them is gone, and their count belongs to nothing.
    fn tidy(&mut self) -> Result<(), OpenError> {
        let tables = SqliteTables { conn: &self.conn };
        match tables.release_what_is_not_due() {
            // They do no harm: a full disk is no reason not to start.
            Ok(()) | Err(Failure::Full) => Ok(()),
            Err(failure) => Err(failure.into()),
        }
    }

    /// One transaction: begins, works, writes what is left, commits. Head and settings change only with the commit.
    fn in_transaction(
        &mut self,
        work: impl FnOnce(&mut Batch<'_>, &Connection) -> Result<(), Failure>,
    ) -> Result<Committed, Failure> {
        let done = self.attempt(work);
        match done {
            Ok(committed) => {
                self.head = committed.head.clone();
                self.settings = committed.settings.clone();
                Ok(committed)
            }
            Err(failure) => {
                self.roll_back()?;
                Err(failure)
            }
        }
    }

    fn attempt(
        &mut self,
        work: impl FnOnce(&mut Batch<'_>, &Connection) -> Result<(), Failure>,
    ) -> Result<Committed, Failure> {
        // Left open only by a panic in the middle of a job.
        self.roll_back()?;
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut tables = SqliteTables { conn: &self.conn };
        let (head, settings) = (self.head.clone(), self.settings.clone());
        let mut batch = Batch::new(&mut tables, &*self.render, head, settings);
        work(&mut batch, &self.conn)?;
        let committed = batch.finish()?;
        let done = self.conn.prepare_cached("COMMIT")?.execute([]);
        done.map_err(|error| of_commit(&error))?;
        Ok(committed)
    }

    /// SQLite rolls back by itself after some errors; what it did not, is done here.
    fn roll_back(&mut self) -> Result<(), Failure> {
        if self.conn.is_autocommit() {
            return Ok(());
        }
        let rolled_back = self.conn.execute_batch("ROLLBACK");
        rolled_back.map_err(|error| Failure::Fatal(format!("a rollback failed: {error}")))
    }

    /// Moves the log into the database when it has grown. The commit stands already, so a full disk only puts it off;
    /// a failed sync is fatal, as everywhere, which SQLite's own checkpoints would hide.
    fn move_log(&self, pages_max: i64) -> Result<(), Failure> {
        let moved = match self.log_pages("PRAGMA wal_checkpoint(NOOP)") {
            Ok(pages) if pages >= pages_max => self.log_pages("PRAGMA wal_checkpoint(PASSIVE)"),
            other => other,
        };
        match moved {
            Err(Failure::Fatal(what)) => Err(Failure::Fatal(what)),
            Err(other) => {
                tracing::warn!(why = %other, "the log could not be moved into the database yet");
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    fn log_pages(&self, checkpoint: &str) -> Result<i64, Failure> {
        let mut statement = self.conn.prepare_cached(checkpoint)?;
        let left =
            statement.query_row([], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?))?;
        Ok(left)
    }
}

impl Engine for SqliteEngine {
    fn shares(&self) -> bool {
        false
    }

    fn now(&self) -> (Head, Arc<Settings>) {
        (self.head.clone(), self.settings.clone())
    }

    fn payer_salt(&self) -> [u8; 32] {
        self.payer_salt
    }

    fn transact(
        &mut self,
        _: Keys,
        work: &mut dyn FnMut(&mut Batch<'_>) -> Result<(), Failure>,
    ) -> Result<Committed, Failure> {
        let done = self.in_transaction(|batch, _| work(batch));
        if matches!(done, Err(Failure::Full)) {
            // What the log holds may fit into the database's own free pages; then the log has room again.
            self.move_log(0)?;
        }
        let committed = done?;
        self.move_log(LOG_PAGES_MAX)?;
        Ok(committed)
    }
}
