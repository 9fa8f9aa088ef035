//! A round: the counters before, the load, the counters after.

use crate::Failed;
use crate::cluster::{Cluster, Did};
use crate::load::{self, Load};
use crate::machine::{self, Commits, Disk, Processors, TICK_NANOS};
use quittance_server::clock::Clock;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Fsyncs when the log begins anew: of the log before it is moved, of the database, of the log's new head.
const RESTART_FSYNCS: u64 = 3;

/// Processes under load.
pub struct Target<'a> {
    /// Their numbers.
    pub processes: Vec<u32>,
    /// Where they listen.
    pub addresses: Vec<SocketAddr>,
    /// A folder on the disk that is measured.
    pub disk: &'a Path,
    /// What they store in.
    pub store: Under<'a>,
}

/// What is under a process.
pub enum Under<'a> {
    /// Nothing.
    Nothing,
    /// SQLite in this folder.
    Sqlite(PathBuf),
    /// A database in this cluster.
    Postgres(&'a Cluster),
}

/// What a round cost. Costs are for all of its requests.
pub struct Round {
    /// Requests.
    pub count: u64,
    /// Numbers of those that were not acked.
    pub unacked: Vec<usize>,
    /// Requests in a second.
    pub rate: u64,
    /// Processor time of the processes, in nanoseconds.
    pub cpu_nanos: u64,
    /// Processor time of PostgreSQL, in nanoseconds.
    pub cluster_nanos: Option<u64>,
    /// Half of the answers came within so many microseconds.
    pub p50_micros: u64,
    /// 99 of 100 answers came within so many microseconds.
    pub p99_micros: u64,
    /// What the processes had written, PostgreSQL's among them.
    pub written: u64,
    /// What PostgreSQL's log of transactions grew by.
    pub log: Option<u64>,
    /// What the disk wrote, for whomever.
    pub disk: Disk,
    /// Transactions that wrote.
    pub commits: u64,
    /// Fsyncs of SQLite: one in each transaction, and those of the log's restarts.
    pub fsyncs: Option<u64>,
    /// Thousandths of the machine that the host gave to others.
    pub stolen: u64,
    /// Thousandths of the machine that other processes took: neither those under load nor this one.
    pub others: u64,
}

/// Sends `count` requests and measures. A round on PostgreSQL begins behind a checkpoint and ends with one: so each of them
/// pays for every page that it changed, once in the log and once in its place.
///
/// # Errors
/// A process that ended, a counter that is missing.
pub async fn measure(
    target: &Target<'_>,
    clock: &Arc<dyn Clock>,
    requests: &Arc<[Vec<u8>]>,
    count: usize,
) -> Result<Round, Failed> {
    target.checkpoint().await?;
    machine::sync(target.disk)?;
    let before = Counters::read(target).await?;
    let load = load::send(clock, &target.addresses, requests, count).await?;
    target.checkpoint().await?;
    let after = Counters::read(target).await?;
    machine::sync(target.disk)?;
    let disk = machine::disk(target.disk)?;
    Ok(round(target, &before, &after, disk, load))
}

impl Target<'_> {
    async fn checkpoint(&self) -> Result<(), Failed> {
        match &self.store {
            Under::Postgres(cluster) => cluster.checkpoint().await,
            Under::Nothing | Under::Sqlite(_) => Ok(()),
        }
    }
}

struct Counters {
    usage: machine::Usage,
    own: machine::Usage,
    disk: Disk,
    sqlite: Commits,
    cluster: Did,
    processors: Processors,
}

impl Counters {
    async fn read(target: &Target<'_>) -> Result<Counters, Failed> {
        let (mut sqlite, mut cluster) = (Commits::default(), Did::default());
        match &target.store {
            Under::Nothing => {}
            Under::Sqlite(folder) => sqlite = machine::commits(folder)?,
            Under::Postgres(found) => cluster = found.did().await?,
        }
        Ok(Counters {
            usage: machine::usages(&target.processes)?,
            own: machine::usage(std::process::id())?,
            disk: machine::disk(target.disk)?,
            sqlite,
            cluster,
            processors: machine::processors()?,
        })
    }
}

fn round(
    target: &Target<'_>,
    before: &Counters,
    after: &Counters,
    disk: Disk,
    load: Load,
) -> Round {
    let count = u64::try_from(load.waits_micros.len()).unwrap_or(u64::MAX);
    let micros = u64::try_from(load.took.as_micros())
        .unwrap_or(u64::MAX)
        .max(1);
    let cpu_nanos = after.usage.cpu_nanos - before.usage.cpu_nanos;
    let own_nanos = after.own.cpu_nanos - before.own.cpu_nanos;
    let (did, had) = (&after.cluster, &before.cluster);
    let cluster_nanos = did.usage.cpu_nanos - had.usage.cpu_nanos;
    let commits = after.sqlite.commits - before.sqlite.commits + did.commits - had.commits;
    let restarts = after.sqlite.restarts - before.sqlite.restarts;
    let (was, is) = (&before.processors, &after.processors);
    let ticks = (is.total - was.total).max(1);
    let ours = (cpu_nanos + own_nanos + cluster_nanos) / TICK_NANOS;
    let sqlite = matches!(target.store, Under::Sqlite(_));
    let postgres = matches!(target.store, Under::Postgres(_));
    Round {
        count,
        unacked: load.unacked,
        rate: count * 1_000_000 / micros,
        cpu_nanos,
        cluster_nanos: postgres.then_some(cluster_nanos),
        p50_micros: part(&load.waits_micros, 50),
        p99_micros: part(&load.waits_micros, 99),
        written: after.usage.written - before.usage.written + did.usage.written - had.usage.written,
        log: postgres.then(|| did.log - had.log),
        disk: Disk {
            writes: disk.writes - before.disk.writes,
            bytes: disk.bytes - before.disk.bytes,
            flushes: disk.flushes - before.disk.flushes,
        },
        commits,
        fsyncs: sqlite.then_some(commits + restarts * RESTART_FSYNCS),
        stolen: (is.stolen - was.stolen) * 1_000 / ticks,
        others: (is.busy - was.busy).saturating_sub(ours) * 1_000 / ticks,
    }
}

/// The value below which so many of a hundred lie. The values are in order.
fn part(sorted: &[u64], percent: usize) -> u64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}
