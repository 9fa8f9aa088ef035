//! Several real processes on one PostgreSQL database, under a load that never stops: while the primary is killed
//! (`failover`), while checks become due by the thousand (`duplicates`), while one server after the other is replaced by
//! a newer one (`upgrade`). `docs/operations/postgres.md` carries what they found.

mod cluster;
mod duplicates;
mod failover;
mod load;
mod pauses;
mod upgrade;
mod verdict;

use super::Failed;
use std::path::PathBuf;
use std::time::Duration;

/// What a run is to do.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// The server's program.
    pub program: PathBuf,
    /// The URL of an empty database.
    pub database: String,
    /// How many servers.
    pub nodes: usize,
    /// New orders in a second.
    pub rate: u32,
    /// The beginning of all chance.
    pub seed: u64,
}

/// One of the runs.
#[derive(Clone, Debug)]
pub enum Run {
    /// Until this file of `scripts/failover` says that it is done.
    Failover(PathBuf),
    /// For so long.
    Duplicates(Duration),
    /// From this older program to the other, with so much time between two servers.
    Upgrade(PathBuf, Duration),
}

impl Run {
    /// A program or a file that is not there.
    #[must_use]
    pub fn missing(&self, wishes: &Wishes) -> Option<PathBuf> {
        let mut needed = vec![&wishes.program];
        match self {
            Run::Failover(file) | Run::Upgrade(file, _) => needed.push(file),
            Run::Duplicates(_) => {}
        }
        needed.into_iter().find(|file| !file.is_file()).cloned()
    }

    /// Runs it, and gives its figures.
    ///
    /// # Errors
    /// What is broken, or why it could not be run.
    pub async fn run(self, wishes: &Wishes) -> Result<String, Failed> {
        match self {
            Run::Failover(log) => failover::run(wishes, &log).await,
            Run::Duplicates(lasts) => duplicates::run(wishes, lasts).await,
            Run::Upgrade(old, between) => upgrade::run(wishes, &old, between).await,
        }
    }
}
