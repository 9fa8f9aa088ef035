//! A run over many targets: two at a time, each for its share of the time.

use crate::corpus::{self, Kept};
use crate::hunt::{Failure, Hunt, keep};
use crate::target::Target;
use crate::watch;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How many targets run at once.
const THREADS: usize = 2;

/// What a run is told.
#[derive(Clone, Debug)]
pub struct Plan {
    /// For how long new inputs are made, all targets together.
    pub time: Duration,
    /// Where they come from: the same seed makes the same ones, as many as there is time for.
    pub seed: u64,
    /// The kept inputs.
    pub corpus: PathBuf,
    /// Where failing inputs are written.
    pub failures: PathBuf,
}

/// How the run of one target ended.
#[derive(Debug)]
pub struct Report {
    /// The target.
    pub target: &'static str,
    /// How many inputs were tried, the kept ones included.
    pub runs: u64,
    /// How many of them per second.
    pub per_second: u64,
    /// How many new inputs were kept, each for an outcome that none before it had.
    pub found: usize,
    /// What is wrong, if anything is.
    pub fault: Option<Fault>,
}

/// What makes a run end with 1.
#[derive(Debug)]
pub enum Fault {
    /// An input broke a property; the file holds the least of it.
    Failed(Failure, PathBuf),
    /// Fewer inputs were tried than the target's floor.
    Slow(u64),
    /// The corpus could not be read, or a failing input not be written.
    Io(io::Error),
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (target, runs, per_second) = (self.target, self.runs, self.per_second);
        let found = self.found;
        write!(
            f,
            "{target:<9} {runs:>9} runs {per_second:>8}/s {found:>5} new features"
        )?;
        match &self.fault {
            None => Ok(()),
            Some(Fault::Slow(floor)) => write!(f, "\n  too few: at least {floor} were expected"),
            Some(Fault::Io(error)) => write!(f, "\n  {error}"),
            Some(Fault::Failed(failure, path)) => write!(
                f,
                "\n  FAILED {}\n  again: cargo run -p quittance-fuzz -- --target {target} --replay {}",
                failure.said.replace('\n', "\n  "),
                path.display()
            ),
        }
    }
}

/// Runs the targets; `told` hears of each as it ends. Gives the reports in the order of the targets.
pub fn run(targets: &[Target], plan: &Plan, told: &(dyn Fn(&Report) + Sync)) -> Vec<Report> {
    let share = plan.time.saturating_mul(THREADS as u32) / (targets.len().max(THREADS) as u32);
    let next = AtomicUsize::new(0);
    let ended = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(target) = targets.get(number) else {
                        return;
                    };
                    let report = hunt(target, plan, share);
                    told(&report);
                    let mut ended = ended.lock().unwrap_or_else(|broken| broken.into_inner());
                    ended.push((number, report));
                }
            });
        }
    });
    let mut ended = ended
        .into_inner()
        .unwrap_or_else(|broken| broken.into_inner());
    ended.sort_by_key(|(number, _)| *number);
    ended.into_iter().map(|(_, report)| report).collect()
}

/// One target for its share of the time, and at least one new input.
fn hunt(target: &Target, plan: &Plan, share: Duration) -> Report {
    let mut hunt = Hunt::new(target, plan.seed);
    let begun = watch::now();
    let fault = match corpus::load(&plan.corpus, target.name) {
        Ok(corpus) => tries(&mut hunt, &corpus, || begun.elapsed() < share)
            .err()
            .map(|failure| kept(&plan.failures, target, failure)),
        Err(error) => Some(Fault::Io(error)),
    };
    let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    let per_second = hunt.runs().saturating_mul(1_000_000) / micros.max(1);
    let floor = target.floor.saturating_mul(share.as_secs());
    Report {
        target: target.name,
        runs: hunt.runs(),
        per_second,
        found: hunt.found(),
        fault: fault.or((hunt.runs() < floor).then_some(Fault::Slow(floor))),
    }
}

fn tries(hunt: &mut Hunt<'_>, corpus: &[Kept], goes_on: impl Fn() -> bool) -> Result<(), Failure> {
    hunt.replay(corpus)?;
    loop {
        hunt.step()?;
        if !goes_on() {
            return Ok(());
        }
    }
}

fn kept(folder: &Path, target: &Target, failure: Failure) -> Fault {
    match keep(folder, target, &failure) {
        Ok(path) => Fault::Failed(failure, path),
        Err(error) => Fault::Io(error),
    }
}

/// Tries the input in this file again.
///
/// # Errors
/// Where it cannot be read.
pub fn replay(target: &Target, file: &Path) -> io::Result<Result<crate::Outcome, String>> {
    Ok(watch::run(target, &std::fs::read(file)?))
}
