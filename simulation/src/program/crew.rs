//! Several threads play worlds, each world whole on one of them.

use super::defences::Chosen;
use quittance_simulation::world::{Ended, Scale, play};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// What is to be played.
#[derive(Clone, Copy)]
pub struct Job {
    /// The first seed.
    pub from: u64,
    /// When it is enough.
    pub limit: Limit,
    /// How large each world is.
    pub scale: Scale,
    /// How many are played at once.
    pub threads: usize,
}

/// When it is enough.
#[derive(Clone, Copy)]
pub enum Limit {
    /// After so many worlds.
    Seeds(u64),
    /// After so much time: no world begins later.
    Time(Duration),
}

/// How one world went.
pub enum World {
    /// It came to its end.
    Ended(Box<Ended>),
    /// It could not be played.
    Impossible {
        /// Its seed.
        seed: u64,
        /// Why.
        why: String,
    },
}

impl World {
    /// Its seed.
    pub fn seed(&self) -> u64 {
        match self {
            World::Ended(ended) => ended.seed,
            World::Impossible { seed, .. } => *seed,
        }
    }

    /// What was broken in it; `None` if nothing was.
    pub fn failed(&self) -> Option<Vec<String>> {
        let World::Ended(ended) = self else {
            return None;
        };
        let broken = ended.broken.iter().map(ToString::to_string);
        let all: Vec<String> = broken.chain(ended.wrong.iter().cloned()).collect();
        (!all.is_empty()).then_some(all)
    }
}

/// Real time, for how long a run lasts; no world sees it.
#[expect(clippy::disallowed_methods, reason = "outside every world")]
fn now() -> Instant {
    Instant::now()
}

/// Plays worlds until it is enough, or until `take` says so; it is told how each went, and how much time has passed.
pub fn crew(job: &Job, chosen: Chosen, mut take: impl FnMut(World, Duration) -> bool) {
    let began = now();
    let next = AtomicU64::new(0);
    let (tell, told) = mpsc::channel();
    listen_for_panics();
    std::thread::scope(|scope| {
        for _ in 0..job.threads {
            let (tell, next) = (tell.clone(), &next);
            scope.spawn(move || {
                chosen.choose();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let enough = match job.limit {
                        Limit::Seeds(seeds) => number >= seeds,
                        Limit::Time(time) => began.elapsed() >= time,
                    };
                    let Some(seed) = job.from.checked_add(number).filter(|_| !enough) else {
                        return;
                    };
                    if tell.send(one(seed, job.scale)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tell);
        // A thread that cannot tell any more ends.
        for world in told {
            if !take(world, began.elapsed()) {
                return;
            }
        }
    });
}

thread_local! {
    /// Panics of this thread, also of those parts of a world that others go on without.
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn listen_for_panics() {
    std::panic::set_hook(Box::new(|info| {
        PANICS.with_borrow_mut(|panics| panics.push(info.to_string()));
    }));
}

fn one(seed: u64, scale: Scale) -> World {
    let played = catch_unwind(AssertUnwindSafe(|| play(seed, scale)));
    let panics = PANICS.take();
    match played {
        Ok(Ok(mut ended)) => {
            ended.wrong.extend(panics);
            World::Ended(Box::new(ended))
        }
        Ok(Err(error)) => World::Impossible {
            seed,
            why: error.to_string(),
        },
        Err(_) => World::Ended(Box::new(Ended::cut_short(seed, panics))),
    }
}
