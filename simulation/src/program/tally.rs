//! What all worlds came to.

use super::Failure;
use quittance_simulation::reached::{LEFT_OUT, REQUIRED};
use quittance_simulation::world::Ended;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// From so many worlds on every required state must have been reached; a timed run that plays fewer fails.
const WORLDS_MIN: u64 = 2_000;
/// A timed run that plays fewer simulated years fails.
const YEARS_MIN: u64 = 20;
const YEAR_SECS: u64 = 31_556_952;
/// So many seeds of failed worlds are listed at the end.
const LISTED: usize = 100;

/// What all worlds came to.
#[derive(Default)]
pub struct Tally {
    /// The seeds of worlds that broke a promise.
    pub failed: Vec<u64>,
    worlds: u64,
    orders: usize,
    lasted: Duration,
    /// How often each fault struck, and in how many worlds.
    struck: BTreeMap<&'static str, (u64, u64)>,
    /// In how many worlds each state was reached.
    reached: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Takes one world in.
    pub fn take(&mut self, ended: &Ended) {
        self.worlds += 1;
        self.orders += ended.orders;
        self.lasted += ended.lasted;
        for (fault, times) in &ended.struck {
            let (all, worlds) = self.struck.entry(fault.word()).or_default();
            *all += u64::from(*times);
            *worlds += 1;
        }
        for state in &ended.reached {
            *self.reached.entry(state).or_default() += 1;
        }
        if !ended.broken.is_empty() || !ended.wrong.is_empty() {
            self.failed.push(ended.seed);
        }
    }

    /// What was played, in lines.
    pub fn summary(&self, took: Duration) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "faults: how often, in how many worlds");
        for (word, (times, worlds)) in &self.struck {
            let _ = writeln!(text, "  {word:<28} {times:>8} {worlds:>7}");
        }
        let _ = writeln!(text, "states: in how many worlds");
        for (state, worlds) in &self.reached {
            let _ = writeln!(text, "  {state:<36} {worlds:>7}");
        }
        for (state, why) in LEFT_OUT {
            let _ = writeln!(text, "  {state:<36}       - {why}");
        }
        let years = self.lasted.as_secs() * 10 / YEAR_SECS;
        let rate = u128::from(self.worlds) * 10_000 / took.as_millis().max(1);
        let _ = writeln!(
            text,
            "{} worlds, {} orders, {}.{} simulated years in {} s, {}.{} worlds/s",
            self.worlds,
            self.orders,
            years / 10,
            years % 10,
            took.as_secs(),
            rate / 10,
            rate % 10
        );
        text
    }

    /// Whether the worlds show what they were played for.
    pub fn judge(&self, timed: bool) -> Result<(), Failure> {
        let mut wrong = Vec::new();
        if !self.failed.is_empty() {
            let mut seeds = self.failed.clone();
            seeds.sort_unstable();
            let listed: Vec<String> = seeds.iter().take(LISTED).map(u64::to_string).collect();
            wrong.push(format!(
                "{} worlds broke a promise: seeds {}{}",
                seeds.len(),
                listed.join(" "),
                if seeds.len() > LISTED { " …" } else { "" }
            ));
        }
        if timed && (self.worlds < WORLDS_MIN || self.lasted.as_secs() < YEARS_MIN * YEAR_SECS) {
            wrong.push(format!(
                "too little was played: a timed run takes {WORLDS_MIN} worlds and {YEARS_MIN} years at least; give it more minutes, or a faster machine"
            ));
        }
        if self.worlds >= WORLDS_MIN {
            let missing = REQUIRED
                .iter()
                .filter(|(state, _)| !self.reached.contains_key(state));
            for (state, what) in missing {
                wrong.push(format!("never reached: {state} ({what})"));
            }
        }
        if wrong.is_empty() {
            println!("every promise was kept");
            return Ok(());
        }
        Err(Failure::Found(wrong.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(worlds: u64, lasted: Duration, timed: bool, states: &[&'static str]) -> String {
        let mut tally = Tally::default();
        for seed in 0..worlds {
            let mut ended = Ended::cut_short(seed, Vec::new());
            ended.lasted = lasted;
            ended.reached.extend(states);
            tally.take(&ended);
        }
        match tally.judge(timed) {
            Ok(()) => String::new(),
            Err(Failure::Found(what) | Failure::CannotRun(what)) => what,
        }
    }

    /// Shows that a long run must have reached every state, and says which it has not.
    #[test]
    fn a_state_that_was_never_reached_fails_a_long_run() {
        let all: Vec<&str> = REQUIRED.iter().map(|(state, _)| *state).collect();
        let days = Duration::from_secs(86_400 * 10);
        assert_eq!(judged(2_000, days, true, &all), "");
        let said = judged(2_000, days, false, &all[1..]);
        assert!(
            said.starts_with("never reached: ambiguous_string"),
            "{said}"
        );
        assert_eq!(judged(1_999, days, false, &all[1..]), "");
    }

    /// Shows that a timed run which plays too few worlds or too little time fails.
    #[test]
    fn a_timed_run_that_shows_too_little_fails() {
        let all: Vec<&str> = REQUIRED.iter().map(|(state, _)| *state).collect();
        for (worlds, days) in [(1_999, 10), (2_000, 3)] {
            let lasted = Duration::from_secs(86_400 * days);
            let said = judged(worlds, lasted, true, &all);
            assert!(said.starts_with("too little was played"), "{said}");
        }
    }

    /// Shows that a broken promise fails any run, and names the seed; a panic is one.
    #[test]
    fn a_broken_promise_fails() {
        let mut tally = Tally::default();
        tally.take(&Ended::cut_short(7, vec!["panicked".to_owned()]));
        let Err(Failure::Found(said)) = tally.judge(false) else {
            panic!("a failed world is no success");
        };
        assert_eq!(said, "1 worlds broke a promise: seeds 7");
    }
}
