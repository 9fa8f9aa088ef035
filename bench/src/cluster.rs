//! A database of its own in the PostgreSQL cluster that the benchmark was given, and what that cluster did.

use crate::Failed;
use crate::machine::{self, Usage};
use std::path::{Path, PathBuf};
use tokio::task::JoinSet;
use tokio_postgres::types::FromSqlOwned;
use tokio_postgres::{Client, NoTls};

/// Where the cluster is told: `scripts/postgres run` sets it.
const GIVEN: &str = "QUITTANCE_TEST_POSTGRES";
/// Where the log of transactions ends, in bytes since the cluster was made.
const WRITTEN: &str = "SELECT (pg_current_wal_insert_lsn() - '0/0')::int8";
/// Transactions that wrote are numbered; each took the next number.
const NUMBERED: &str = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::int8";

/// The database. It lies in the cluster until [`Cluster::end`].
pub struct Cluster {
    line: Line,
    given: String,
    name: String,
    url: String,
    postmaster: u32,
    folder: PathBuf,
}

/// What a cluster did since it was made.
#[derive(Clone, Copy, Default)]
pub struct Did {
    /// Of all its processes.
    pub usage: Usage,
    /// Bytes in its log.
    pub log: u64,
    /// Transactions that wrote.
    pub commits: u64,
}

impl Cluster {
    /// Makes the database.
    ///
    /// # Errors
    /// No cluster, or one on another machine.
    pub async fn make() -> Result<Cluster, Failed> {
        let missing = |_| format!("{GIVEN} names no cluster: run scripts/bench, which starts one");
        let given = std::env::var(GIVEN).map_err(missing)?;
        let name = format!("bench_{}", std::process::id());
        let admin = Line::connect(&given).await?;
        admin.run(&format!("CREATE DATABASE {name}")).await?;
        let (place, options) = given.split_once('?').unwrap_or((&given, ""));
        let (place, _) = place.rsplit_once('/').ok_or("the cluster's URL is none")?;
        let url = format!("{place}/{name}?{options}");
        let line = Line::connect(&url).await?;
        let backend: i32 = line.ask("SELECT pg_backend_pid()").await?;
        let folder: String = line.ask("SELECT current_setting('data_directory')").await?;
        let postmaster = machine::parent(u32::try_from(backend)?)?;
        Ok(Cluster {
            line,
            given,
            name,
            url,
            postmaster,
            folder: PathBuf::from(folder),
        })
    }

    /// The database as the settings name it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder of the cluster's data.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the cluster did until now.
    ///
    /// # Errors
    /// A cluster that is gone, or not on this machine.
    pub async fn did(&self) -> Result<Did, Failed> {
        Ok(Did {
            usage: machine::family(self.postmaster)?,
            log: u64::try_from(self.line.ask::<i64>(WRITTEN).await?)?,
            commits: u64::try_from(self.line.ask::<i64>(NUMBERED).await?)?,
        })
    }

    /// Tidies up behind many new rows, as the cluster would by itself a minute later.
    ///
    /// # Errors
    /// A cluster that is gone.
    pub async fn tidy(&self) -> Result<(), Failed> {
        self.line.run("VACUUM (ANALYZE)").await
    }

    /// Writes every changed page to its place.
    ///
    /// # Errors
    /// A cluster that is gone.
    pub async fn checkpoint(&self) -> Result<(), Failed> {
        self.line.run("CHECKPOINT").await
    }

    /// Bytes of the database on the disk, the cluster's log not counted.
    ///
    /// # Errors
    /// A cluster that is gone.
    pub async fn bytes(&self) -> Result<u64, Failed> {
        let size = "SELECT pg_database_size(current_database())";
        Ok(u64::try_from(self.line.ask::<i64>(size).await?)?)
    }

    /// Takes the database away.
    ///
    /// # Errors
    /// A cluster that is gone.
    pub async fn end(self) -> Result<(), Failed> {
        let Cluster { given, name, .. } = self;
        let admin = Line::connect(&given).await?;
        let drop = format!("DROP DATABASE {name} WITH (FORCE)");
        admin.run(&drop).await
    }
}

/// A connection. Dropped, it ends.
struct Line {
    client: Client,
    _task: JoinSet<Result<(), tokio_postgres::Error>>,
}

impl Line {
    async fn connect(url: &str) -> Result<Line, Failed> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        let mut task = JoinSet::new();
        task.spawn(connection);
        Ok(Line {
            client,
            _task: task,
        })
    }

    async fn run(&self, statement: &str) -> Result<(), Failed> {
        Ok(self.client.batch_execute(statement).await?)
    }

    async fn ask<T: FromSqlOwned>(&self, question: &str) -> Result<T, Failed> {
        Ok(self.client.query_one(question, &[]).await?.try_get(0)?)
    }
}
