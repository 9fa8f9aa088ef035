//! The real process under faults: starts the release server and ends it in every way that a machine can.

use clap::{Parser, ValueEnum};
use quittance_simulation::process::{self, Failed, Outcome, Part, STATES, Wishes};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// The real process under faults: kills, failing syncs, a full disk, a restored backup.
#[derive(Parser)]
#[command(name = "crash", version)]
struct Program {
    /// The server's program, built for release
    #[arg(long, value_name = "FILE", default_value = "target/release/quittance")]
    program: PathBuf,
    /// Kills under load
    #[arg(long, value_name = "N", default_value_t = 60)]
    kills: usize,
    /// No kill is begun after so many minutes
    #[arg(long, value_name = "N", default_value_t = 3)]
    minutes: u64,
    /// The beginning of all chance; another one each time where it is left out
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Only one part
    #[arg(long, value_name = "PART")]
    only: Option<Only>,
    /// The part with the small disk, where mounts are seen by nobody else. The program starts it by itself
    #[arg(long, hide = true, value_name = "DIR")]
    inside: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Only {
    Kill,
    Sync,
    Full,
    Backup,
}

fn main() -> ExitCode {
    let program = Program::parse();
    match run(&program) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crash: {error}");
            ExitCode::from(1)
        }
    }
}

fn run(program: &Program) -> Result<(), Failed> {
    let seed = program.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let wishes = Wishes {
        program: program.program.clone(),
        kills: program.kills,
        seed,
        limit: Duration::from_secs(program.minutes * 60),
    };
    if !wishes.program.is_file() {
        let missing = wishes.program.display();
        return Err(format!("{missing} is missing: run `cargo build --release`").into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    if let Some(folder) = &program.inside {
        return runtime.block_on(process::inside(&wishes, folder));
    }
    let parts = match program.only {
        None => Part::ALL.to_vec(),
        Some(Only::Kill) => vec![Part::Kill],
        Some(Only::Sync) => vec![Part::Sync],
        Some(Only::Full) => vec![Part::Full],
        Some(Only::Backup) => vec![Part::Backup],
    };
    println!("seed {seed}");
    let reached = runtime
        .block_on(both(&wishes, &parts))
        .map_err(|error| format!("{error}\nWith the same chance again: --seed {seed}"))?;
    let wanted = parts.iter().flat_map(|part| part.states());
    let missing: Vec<&str> = wanted
        .copied()
        .filter(|state| !reached.contains_key(*state))
        .collect();
    let counts = STATES.map(|state| {
        format!(
            "{state} {}",
            reached.get(state).copied().unwrap_or_default()
        )
    });
    println!("reached: {}", counts.join(", "));
    match missing.is_empty() {
        true => Ok(()),
        false => Err(format!("never reached: {}", missing.join(", ")).into()),
    }
}

/// The kills beside everything else: they wait for much, and so do the others.
async fn both(wishes: &Wishes, parts: &[Part]) -> Result<BTreeMap<String, u64>, Failed> {
    let (kills, others): (Vec<Part>, Vec<Part>) =
        parts.iter().partition(|part| **part == Part::Kill);
    let (killed, rest) = tokio::try_join!(one_by_one(wishes, &kills), one_by_one(wishes, &others))?;
    let mut reached = BTreeMap::new();
    for outcome in [killed, rest].into_iter().flatten() {
        for (state, count) in outcome.reached {
            *reached.entry(state).or_default() += count;
        }
    }
    Ok(reached)
}

async fn one_by_one(wishes: &Wishes, parts: &[Part]) -> Result<Vec<Outcome>, Failed> {
    let mut outcomes = Vec::new();
    for part in parts {
        eprintln!("{part:?} begins");
        let outcome = part.run(wishes).await?;
        println!("{}", outcome.line);
        outcomes.push(outcome);
    }
    Ok(outcomes)
}
