//! The real process under faults: the release program as an operator starts it, on sockets, killed, with a disk that
//! fails or is full, with an older backup put back. `docs/simulation.md` says what the virtual world leaves to this.

mod audit;
mod backup;
mod check;
mod client;
mod full;
mod gateway;
mod kill;
mod ledger;
mod load;
pub mod nodes;
mod replay;
mod server;
mod shim;
mod shop;
mod site;
mod sync;
mod torn;
mod world;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

pub use full::inside;

/// What is broken, or why a run could not be made, in words.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// States that a run must have reached, by their names in every report.
pub const STATES: [&str; 5] = [
    "fsync_error_exit",
    "disk_full_nack",
    "torn_journal_tail",
    "replay_crash",
    "restored_backup",
];

/// What a run is to do.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// The server's program.
    pub program: PathBuf,
    /// Kills under load.
    pub kills: usize,
    /// The beginning of all chance.
    pub seed: u64,
    /// No kill is begun after this.
    pub limit: Duration,
}

/// One of the parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// `kill -9` at random moments, also while it starts, and a log whose end is torn.
    Kill,
    /// A sync that fails, or takes long.
    Sync,
    /// A disk that is full.
    Full,
    /// A backup that is put back.
    Backup,
}

impl Part {
    /// Every part.
    pub const ALL: [Part; 4] = [Part::Kill, Part::Sync, Part::Full, Part::Backup];

    /// The states that only this part reaches.
    #[must_use]
    pub fn states(self) -> &'static [&'static str] {
        match self {
            Part::Kill => &["torn_journal_tail", "replay_crash"],
            Part::Sync => &["fsync_error_exit"],
            Part::Full => &["disk_full_nack"],
            Part::Backup => &["restored_backup"],
        }
    }

    /// Runs it.
    ///
    /// # Errors
    /// What is broken.
    pub async fn run(self, wishes: &Wishes) -> Result<Outcome, Failed> {
        match self {
            Part::Kill => kill::run(wishes).await,
            Part::Sync => sync::run(wishes).await,
            Part::Full => full::run(wishes).await,
            Part::Backup => backup::run(wishes).await,
        }
    }
}

/// What a part found when nothing was broken.
#[derive(Clone, Default, Debug)]
pub struct Outcome {
    /// One line with figures.
    pub line: String,
    /// How often each state was reached.
    pub reached: BTreeMap<String, u64>,
}

impl Outcome {
    /// Counts a state.
    pub fn reach(&mut self, state: &str) {
        *self.reached.entry(state.to_owned()).or_default() += 1;
    }
}
