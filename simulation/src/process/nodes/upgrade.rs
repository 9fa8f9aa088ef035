//! One server after the other is replaced by a newer one, as docs/operations/postgres.md tells operators to.

use super::Wishes;
use super::cluster::Cluster;
use super::load::{Habits, Load};
use super::pauses::longest;
use super::verdict::held;
use crate::process::Failed;
use crate::process::server::Server;
use crate::process::site::GAPS_SECS;
use quittance_server::clock::Mono;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const HABITS: Habits = Habits {
    paid: |_| true,
    twice: |number| number % 3 == 0,
    back: |number| number % 5 == 0,
    pays_within: Duration::from_secs(10),
};

/// How many servers were new, from when until when.
struct Phase {
    new: usize,
    from: Mono,
    to: Mono,
}

/// Runs it.
///
/// # Errors
/// What is broken, or why it could not be run.
pub async fn run(wishes: &Wishes, old: &Path, between: Duration) -> Result<String, Failed> {
    let cluster = Arc::new(Cluster::make(wishes, old, &GAPS_SECS).await?);
    let mut servers = cluster.start().await?;
    let load = Load::new(&cluster, HABITS, wishes.rate, wishes.seed);
    let phases = load
        .beside(replaced(&cluster, &mut servers, &wishes.program, between))
        .await?;
    cluster.all_live(&mut servers)?;
    let book = load.book();
    let mut text = format!("{:<20}{:>7}{:>16}\n", "servers", "acks", "longest pause");
    let acks: Vec<Mono> = book.acks.iter().map(|(at, _)| *at).collect();
    for Phase { new, from, to } in phases {
        let pause = longest(&acks, from, to).ok_or("a phase without an ack")?;
        writeln!(
            text,
            "{:<20}{:>7}{:>13} ms",
            format!("{} old, {new} new", wishes.nodes - new),
            acks.iter().filter(|at| (from..to).contains(*at)).count(),
            pause.length.as_millis(),
        )?;
    }
    let held = held(&cluster, servers, &book).await?;
    write!(
        text,
        "{} orders, all paid; {} notifies acked, {} answered `fail`, {} not answered; {} in the journal\n\
         {} events, {} webhooks taken by the shop; the chains verify, and the fold yields the same",
        book.acked.len(),
        book.acks.len(),
        book.fails.len(),
        book.silences.len(),
        held.notifies,
        held.events,
        held.webhooks,
    )?;
    Ok(text)
}

/// Replaces one after the other; each phase is as long as the time between.
async fn replaced(
    cluster: &Cluster,
    servers: &mut Vec<Server>,
    new: &Path,
    between: Duration,
) -> Result<Vec<Phase>, Failed> {
    let clock = cluster.clock();
    let mut phases = Vec::new();
    for count in 0..=cluster.sites.len() {
        let from = clock.mono();
        clock.sleep(between).await;
        let to = clock.mono();
        phases.push(Phase {
            new: count,
            from,
            to,
        });
        if let Some(site) = cluster.sites.get(count) {
            servers.remove(0).terminate(clock).await?;
            let newer = site.with(new)?;
            servers.push(cluster.serve(&newer).await?);
        }
    }
    Ok(phases)
}
