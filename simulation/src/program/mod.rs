//! What the program does with worlds.

mod crew;
mod defences;
mod tally;

pub use crew::{Job, Limit};
pub use defences::{list as list_defences, prove};

use crew::{World, crew};
use defences::Chosen;
use indicatif::{ProgressBar, ProgressStyle};
use quittance_simulation::world::{Cut, Scale, play_outage};
use std::time::Duration;
use tally::Tally;

/// So many failed worlds are told whole; of more, only their number is of use.
const TOLD: usize = 5;

/// Why the program does not end well.
pub enum Failure {
    /// Something is wrong with what was played.
    Found(String),
    /// It could not be played.
    CannotRun(String),
}

/// Plays the worlds and tells of those that broke a promise.
///
/// # Errors
/// When one did, or when too little was played to show anything.
pub fn play_all(job: &Job, sabotage: Option<&str>, trace: bool) -> Result<(), Failure> {
    let chosen = Chosen::of(sabotage)?;
    let bar = bar(job);
    let mut tally = Tally::default();
    let mut cannot = None;
    crew(job, chosen, |world, passed| {
        match &world {
            World::Ended(ended) => {
                if trace {
                    bar.suspend(|| tell_notes(ended));
                }
                tally.take(ended);
            }
            World::Impossible { seed, why } => {
                cannot = Some(format!("seed {seed} could not be played: {why}"));
                return false;
            }
        }
        if let Some(failed) = world.failed() {
            if tally.failed.len() <= TOLD {
                bar.suspend(|| tell_failed(&failed, &world, job.scale));
            } else if tally.failed.len() == TOLD + 1 {
                bar.suspend(|| println!("more worlds failed; their seeds come at the end"));
            }
        }
        match job.limit {
            Limit::Seeds(_) => bar.inc(1),
            Limit::Time(_) => bar.set_position(passed.as_secs()),
        }
        true
    });
    let took = bar.elapsed();
    bar.finish_and_clear();
    if let Some(why) = cannot {
        return Err(Failure::CannotRun(why));
    }
    print!("{}", tally.summary(took));
    tally.judge(matches!(job.limit, Limit::Time(_)))
}

/// Plays the worlds and prints the digest of each, in the order of their seeds.
///
/// # Errors
/// When a world could not be played.
pub fn hashes(job: &Job) -> Result<(), Failure> {
    let mut digests = std::collections::BTreeMap::new();
    let mut cannot = None;
    crew(job, Chosen::NOTHING, |world, _| match world {
        World::Ended(ended) => {
            digests.insert(ended.seed, data_encoding::HEXLOWER.encode(&ended.trace));
            true
        }
        World::Impossible { seed, why } => {
            cannot = Some(format!("seed {seed} could not be played: {why}"));
            false
        }
    });
    for (seed, digest) in digests {
        println!("{seed} {digest}");
    }
    cannot.map_or(Ok(()), |why| Err(Failure::CannotRun(why)))
}

/// Tells the story of an outage of two hours, for the node and for the network.
///
/// # Errors
/// When a promise was broken in it, or it could not be played.
pub fn tell_outages() -> Result<(), Failure> {
    for cut in [Cut::Node, Cut::Network] {
        let outage = play_outage(cut, None).map_err(|why| Failure::CannotRun(why.to_string()))?;
        println!(
            "cut off: {cut:?}\n{}",
            outage.ended.story.unwrap_or_default()
        );
        let broken: Vec<String> = outage
            .ended
            .broken
            .iter()
            .map(ToString::to_string)
            .collect();
        if !broken.is_empty() || outage.order["status"] != "paid" {
            return Err(Failure::Found(format!("the money is lost: {broken:?}")));
        }
    }
    Ok(())
}

fn bar(job: &Job) -> ProgressBar {
    let (length, shown) = match job.limit {
        Limit::Seeds(seeds) => (seeds, "{bar:40} {pos}/{len} worlds, {per_sec}, {eta} left"),
        Limit::Time(time) => (time.as_secs(), "{bar:40} {pos}/{len} s"),
    };
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template(shown) {
        bar.set_style(style);
    }
    bar
}

/// What was broken, what happened to that order, and how to see it again.
fn tell_failed(failed: &[String], world: &World, scale: Scale) {
    let Scale { orders, days } = scale;
    let seed = world.seed();
    println!("seed {seed}:");
    for what in failed {
        println!("  {what}");
    }
    if let World::Ended(ended) = world
        && let Some(story) = &ended.story
    {
        println!("{story}");
    }
    println!(
        "again: cargo run --release -p quittance-simulation -- --seeds 1 --from {seed} --orders {orders} --days {days}\n\
         and with --trace, everything that happened in that world"
    );
}

fn tell_notes(ended: &quittance_simulation::world::Ended) {
    let began = ended.notes.first().map_or(0, |(at, _)| *at);
    for (at, line) in &ended.notes {
        let passed = Duration::from_micros((at - began).unsigned_abs());
        let secs = passed.as_secs();
        println!(
            "{:>3}:{:02}:{:02}.{:03} {line}",
            secs / 3_600,
            secs / 60 % 60,
            secs % 60,
            passed.subsec_millis()
        );
    }
}
