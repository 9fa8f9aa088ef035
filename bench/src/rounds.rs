//! A round: the counters before, the load, the counters after.

use crate::Failed;
use crate::load::{self, Load};
use crate::machine::{self, Commits, Disk, Processors};
use quittance_server::clock::Clock;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

/// Fsyncs when the log begins anew: of the log before it is moved, of the database, of the log's new head.
const RESTART_FSYNCS: u64 = 3;

/// A process under load.
pub struct Target<'a> {
    /// Its number.
    pub process: u32,
    /// Where it listens.
    pub address: SocketAddr,
    /// A folder on the disk that is measured.
    pub folder: &'a Path,
    /// The folder of its database, if it has one.
    pub database: Option<&'a Path>,
}

/// What a round cost. Costs are for all of its requests.
pub struct Round {
    /// Requests.
    pub count: u64,
    /// Numbers of those that were not acked.
    pub unacked: Vec<usize>,
    /// Requests in a second.
    pub rate: u64,
    /// Processor time of the process, in nanoseconds.
    pub cpu_nanos: u64,
    /// Half of the answers came within so many microseconds.
    pub p50_micros: u64,
    /// 99 of 100 answers came within so many microseconds.
    pub p99_micros: u64,
    /// What the process had written.
    pub written: u64,
    /// What the disk wrote, for whomever.
    pub disk: Disk,
    /// Transactions.
    pub commits: u64,
    /// Fsyncs: one in each transaction, and those of the log's restarts.
    pub fsyncs: u64,
    /// Thousandths of the machine that the host gave to others.
    pub stolen: u64,
    /// Thousandths of the machine that other processes took: neither the one under load nor this one.
    pub others: u64,
}

/// Sends `count` requests and measures.
///
/// # Errors
/// A process that ended, a counter that is missing.
pub async fn measure(
    target: &Target<'_>,
    clock: &Arc<dyn Clock>,
    requests: &Arc<[Vec<u8>]>,
    count: usize,
) -> Result<Round, Failed> {
    machine::sync(target.folder)?;
    let before = Counters::read(target)?;
    let load = load::send(clock, target.address, requests, count).await?;
    let after = Counters::read(target)?;
    machine::sync(target.folder)?;
    let disk = machine::disk(target.folder)?;
    Ok(round(&before, &after, disk, load))
}

struct Counters {
    usage: machine::Usage,
    own: machine::Usage,
    disk: Disk,
    commits: Commits,
    processors: Processors,
}

impl Counters {
    fn read(target: &Target<'_>) -> Result<Counters, Failed> {
        Ok(Counters {
            usage: machine::usage(target.process)?,
            own: machine::usage(std::process::id())?,
            disk: machine::disk(target.folder)?,
            commits: match target.database {
                Some(database) => machine::commits(database)?,
                None => Commits::default(),
            },
            processors: machine::processors()?,
        })
    }
}

fn round(before: &Counters, after: &Counters, disk: Disk, load: Load) -> Round {
    let count = u64::try_from(load.waits_micros.len()).unwrap_or(u64::MAX);
    let micros = u64::try_from(load.took.as_micros())
        .unwrap_or(u64::MAX)
        .max(1);
    let cpu_nanos = after.usage.cpu_nanos - before.usage.cpu_nanos;
    let own_nanos = after.own.cpu_nanos - before.own.cpu_nanos;
    let commits = after.commits.commits - before.commits.commits;
    let restarts = after.commits.restarts - before.commits.restarts;
    let (was, is) = (&before.processors, &after.processors);
    let ticks = (is.total - was.total).max(1);
    // A tick is 10 ms on every Linux that /proc/stat speaks of.
    let ours = (cpu_nanos + own_nanos) / 10_000_000;
    Round {
        count,
        unacked: load.unacked,
        rate: count * 1_000_000 / micros,
        cpu_nanos,
        p50_micros: part(&load.waits_micros, 50),
        p99_micros: part(&load.waits_micros, 99),
        written: after.usage.written - before.usage.written,
        disk: Disk {
            writes: disk.writes - before.disk.writes,
            bytes: disk.bytes - before.disk.bytes,
            flushes: disk.flushes - before.disk.flushes,
        },
        commits,
        fsyncs: commits + restarts * RESTART_FSYNCS,
        stolen: (is.stolen - was.stolen) * 1_000 / ticks,
        others: (is.busy - was.busy).saturating_sub(ours) * 1_000 / ticks,
    }
}

/// The value below which so many of a hundred lie. The values are in order.
fn part(sorted: &[u64], percent: usize) -> u64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}
