//! What strikes when, and what was seen.

use crate::dice::Dice;
use crate::fault::{Fault, Swarm};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often each kind of fault that takes a node away may strike in one world: a node that only dies, or stands still,
/// does nothing else.
const AWAY_MAX: u32 = 4;

/// The faults of one world, and the states that it has reached.
#[derive(Debug)]
pub struct Fates {
    swarm: Swarm,
    calm: AtomicBool,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    dice: Dice,
    struck: BTreeMap<Fault, u32>,
    reached: BTreeSet<&'static str>,
}

impl Fates {
    /// Of the world of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Fates {
        Fates::of(seed, Swarm::draw(&mut Dice::new(seed, "swarm")))
    }

    /// Of a world in which nothing goes wrong by chance.
    #[must_use]
    pub fn none(seed: u64) -> Fates {
        Fates::of(seed, Swarm::default())
    }

    fn of(seed: u64, swarm: Swarm) -> Fates {
        Fates {
            swarm,
            calm: AtomicBool::new(false),
            seen: Mutex::new(Seen {
                dice: Dice::new(seed, "fates"),
                struck: BTreeMap::new(),
                reached: BTreeSet::new(),
            }),
        }
    }

    /// The faults that this world has.
    #[must_use]
    pub fn swarm(&self) -> &Swarm {
        &self.swarm
    }

    /// Whether this fault strikes here and now; counted, if it does.
    pub fn strikes(&self, fault: Fault) -> bool {
        if self.calm() {
            return false;
        }
        let percent = match self.swarm.percent(fault) {
            0 => return false,
            // What is passed hundreds of times in a world strikes rarely each time.
            percent if takes_away(fault) => percent.div_ceil(20),
            percent if matches!(fault, Fault::CommitDone | Fault::CommitLost) => {
                percent.div_ceil(10)
            }
            percent => percent,
        };
        let mut seen = self.seen();
        let spent = takes_away(fault)
            && seen
                .struck
                .get(&fault)
                .is_some_and(|often| *often >= AWAY_MAX);
        if spent || !seen.dice.chance(percent) {
            return false;
        }
        *seen.struck.entry(fault).or_default() += 1;
        seen.reached.extend(state_of(fault));
        true
    }

    /// The same of a fault that lasts: for how long, if it strikes.
    pub fn strikes_for(
        &self,
        fault: Fault,
        least: Duration,
        greatest: Duration,
    ) -> Option<Duration> {
        let strikes = self.strikes(fault);
        strikes.then(|| self.seen().dice.wide_wait(least, greatest))
    }

    /// Whether this fault stands for as long as there are faults, in a world that has much of it; counted.
    pub fn stands(&self, fault: Fault) -> bool {
        let stands = self.swarm.percent(fault) > 50 && !self.calm();
        if stands {
            self.struck(fault);
        }
        stands
    }

    /// Counts one that strikes by a plan of its own.
    pub fn struck(&self, fault: Fault) {
        *self.seen().struck.entry(fault).or_default() += 1;
    }

    /// Notes a state that the world has reached.
    pub fn reached(&self, state: &'static str) {
        self.seen().reached.insert(state);
    }

    /// From now on nothing goes wrong.
    pub fn calm_down(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    /// Whether nothing goes wrong any more.
    #[must_use]
    pub fn calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    /// What struck how often, and the states reached.
    #[must_use]
    pub fn tell(&self) -> (BTreeMap<Fault, u32>, BTreeSet<&'static str>) {
        let seen = self.seen();
        (seen.struck.clone(), seen.reached.clone())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether this kind takes a node away: it dies, stands still, or does not reach the database.
fn takes_away(fault: Fault) -> bool {
    matches!(
        fault,
        Fault::CrashBeforeCommit
            | Fault::CrashAfterCommit
            | Fault::CrashAfterOpinion
            | Fault::CrashAfterAck
            | Fault::CrashDelivering
            | Fault::CrashAsking
            | Fault::CrashStarting
            | Fault::Paused
            | Fault::CutOff
    )
}

/// The state that a world is in once this fault struck.
fn state_of(fault: Fault) -> Option<&'static str> {
    match fault {
        Fault::QueryStale => Some("stale_query"),
        Fault::CommitDone | Fault::CommitLost => Some("commit_unknown"),
        _ => None,
    }
}
