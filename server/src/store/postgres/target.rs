//! The database that a journal moves into: nothing is in it, or what an earlier run left.

use super::locks;
use super::schema;
use super::session::Session;
use super::url::PostgresUrl;
use crate::store::failure::Failure;
use crate::store::open::OpenError;
use crate::store::sql::{Param, Row, Sql, Value};
use crate::store::{Head, dump, marks, rows};
use bytes::Bytes;
use quittance_core::entry::Hash;
use std::pin::pin;
use std::time::Duration;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

/// How long one chunk may take, or one look at whole tables: 10 minutes.
const LONG: Duration = Duration::from_mins(10);
/// One move at a time. The lock is the session's, and ends with it.
const ONLY: &str = "SELECT pg_advisory_lock(3)";
/// Rows come in the order of a key from its index, so that the first of them comes at once.
const MOVER: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
    SET enable_sort = off; SET enable_hashjoin = off";
const MARK: &str =
    "INSERT INTO meta (name, value) VALUES ('migrating', 1) ON CONFLICT (name) DO NOTHING; COMMIT";
const MARKED: &str = "SELECT value FROM meta WHERE name = 'migrating'";
const COMPLETE: &str = "DELETE FROM meta WHERE name = 'migrating';
    UPDATE meta SET value = value + 1 WHERE name = 'world'; COMMIT";

/// The columns of a chunk of entries: those of the entry, its body, what it brought of personal data.
const ENTRY: &str = "seq, chain, time_us, kind, header, body_hash, prev, hash, account, order_no";
const ENTRY_AT: [usize; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const BODY_AT: [usize; 3] = [0, 10, 11];
const PERSONAL_AT: [usize; 2] = [0, 12];

/// What is in a database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::store) enum Found {
    /// No journal.
    Nothing,
    /// The beginning of one that moves: its newest entry.
    Unfinished(Option<(u64, Hash)>),
    /// A journal: the hash of its first entry.
    Journal(Hash),
}

/// A database that holds a journal that has not moved as a whole is nobody's to open.
pub(super) fn refuse_unfinished(session: &Session, url: &PostgresUrl) -> Result<(), OpenError> {
    match session.one(MARKED, &[])? {
        None => Ok(()),
        Some(_) => Err(OpenError::Unfinished(url.to_string())),
    }
}

/// The database as whoever moves a journal into it writes it.
pub(in crate::store) struct Target {
    session: Session,
}

impl Target {
    /// Connects; `None` where somebody else is at it.
    pub(in crate::store) fn connect(url: &PostgresUrl) -> Result<Option<Target>, OpenError> {
        let session = Session::connect(url)?;
        // An end that was just cut off is waited for.
        match session.run(ONLY) {
            Err(Failure::Busy(_)) => return Ok(None),
            done => done?,
        }
        session.run(MOVER)?;
        Ok(Some(Target { session }))
    }

    /// For looking at it.
    pub(in crate::store) fn sql(&self) -> &dyn Sql {
        &self.session
    }

    /// What is in it.
    pub(in crate::store) fn found(&self) -> Result<Found, OpenError> {
        if schema::known(&self.session)? == 0 {
            return Ok(Found::Nothing);
        }
        let newest = marks::newest(&self.session)?;
        if self.session.one(MARKED, &[])?.is_some() {
            return Ok(Found::Unfinished(newest));
        }
        let first = self
            .session
            .one("SELECT hash FROM entries ORDER BY seq LIMIT 1", &[])?;
        Ok(match first {
            Some(row) => Found::Journal(row.get(0)?),
            None => Found::Nothing,
        })
    }

    /// Makes the tables.
    pub(in crate::store) fn prepare(&self) -> Result<(), OpenError> {
        schema::migrate(&self.session)
    }

    /// Begins a transaction beside which no server begins, and says what is there.
    pub(in crate::store) fn begin(&self) -> Result<Found, OpenError> {
        locks::begin(&self.session, "", true)?;
        self.found()
    }

    /// Ends that transaction: from now on no server starts here until the move is complete.
    pub(in crate::store) fn mark(&self) -> Result<(), Failure> {
        self.session.run(MARK)
    }

    /// The greatest number in a column; 0 where there is none.
    pub(in crate::store) fn greatest(&self, table: &str, column: &str) -> Result<u64, Failure> {
        self.number(&format!("SELECT coalesce(max({column}), 0) FROM {table}"))
    }

    /// How many rows a table has.
    pub(in crate::store) fn count(&self, table: &str) -> Result<u64, Failure> {
        self.number(&format!("SELECT count(*) FROM {table}"))
    }

    fn number(&self, statement: &str) -> Result<u64, Failure> {
        let statement = self.session.prepared(statement)?;
        let found = self.session.client.query_one(&statement, &[]);
        let found = self.session.wait_for(LONG, found)?;
        Ok(rows::number(found.try_get(0)?))
    }

    /// Adds entries, with what belongs to them, in one transaction.
    pub(in crate::store) fn entries(&self, chunk: &[Row]) -> Result<(), Failure> {
        self.session.run("BEGIN")?;
        self.send("entries", ENTRY, &part(chunk, &ENTRY_AT))?;
        self.send("bodies", "seq, salt, body", &part(chunk, &BODY_AT))?;
        self.send("personal", "seq, data", &part(chunk, &PERSONAL_AT))?;
        self.patiently("COMMIT")
    }

    /// Adds rows as they are.
    pub(in crate::store) fn copy(
        &self,
        table: &str,
        columns: &str,
        chunk: &[Row],
    ) -> Result<(), Failure> {
        let rows = chunk.iter().map(|row| row.0.iter().map(Param::from));
        let rows: Vec<Vec<Param<'_>>> = rows.map(Iterator::collect).collect();
        self.send(table, columns, &rows)
    }

    fn send(&self, table: &str, columns: &str, rows: &[Vec<Param<'_>>]) -> Result<(), Failure> {
        let looked = format!("SELECT {columns} FROM {table} LIMIT 0");
        let looked = self.session.prepared(&looked)?;
        let types: Vec<Type> = looked.columns().iter().map(|c| c.type_().clone()).collect();
        let statement = format!("COPY {table} ({columns}) FROM STDIN (FORMAT binary)");
        self.session.wait_for(LONG, async {
            let sink = self.session.client.copy_in::<_, Bytes>(&statement).await?;
            let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
            for row in rows {
                writer.as_mut().write_raw(row.iter().copied()).await?;
            }
            writer.finish().await
        })?;
        Ok(())
    }

    /// Begins the last transaction, without anything of a projection.
    pub(in crate::store) fn begin_last(&self) -> Result<(), Failure> {
        let names: Vec<&str> = dump::TABLES.iter().map(|table| table.name).collect();
        let names = names.join(", ");
        self.patiently(&format!("BEGIN; TRUNCATE {names}"))
    }

    /// Writes down the chain's newest entry, the last number that is taken, and which entry tells of archives.
    pub(in crate::store) fn marks(
        &self,
        head: &Head,
        last: u64,
        archived: u64,
    ) -> Result<(), Failure> {
        let (seq, last) = (rows::int(head.seq), rows::int(last));
        self.session.one(
            "INSERT INTO chains (chain, seq, hash, named) VALUES (?1, ?2, ?3, 0) RETURNING seq",
            &[(&head.chain).into(), seq.into(), Param::Blob(&head.hash)],
        )?;
        self.session
            .one("SELECT setval('numbers', ?1)", &[last.into()])?;
        if archived > 0 {
            self.session.change(
                "INSERT INTO meta (name, value) VALUES ('archived', ?1)",
                &[rows::int(archived).into()],
            )?;
        }
        // Who plans the statements of a server knows the new tables from the beginning.
        self.patiently("ANALYZE")
    }

    /// Ends the last transaction: the journal is here.
    pub(in crate::store) fn complete(&self) -> Result<(), Failure> {
        self.patiently(COMPLETE)
    }

    /// Runs what may take long.
    fn patiently(&self, statements: &str) -> Result<(), Failure> {
        self.session
            .wait_for(LONG, self.session.client.batch_execute(statements))
    }
}

/// Some columns of rows, without the rows that have nothing in the second of them.
fn part<'a>(chunk: &'a [Row], columns: &[usize]) -> Vec<Vec<Param<'a>>> {
    let there = |row: &&Row| columns.get(1).and_then(|at| row.0.get(*at)) != Some(&Value::Null);
    let of = |row: &'a Row| {
        let values = columns.iter().filter_map(|at| row.0.get(*at));
        values.map(Param::from).collect()
    };
    chunk.iter().filter(there).map(of).collect()
}
