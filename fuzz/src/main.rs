//! The program: the kept inputs of every target, then new ones for a while. Exit codes: 0 every property held, 1 one
//! was broken or too little was tried, 2 it could not run.

use clap::Parser;
use quittance_fuzz::run::{Plan, replay, run};
use quittance_fuzz::{Target, corpus, targets};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Feeds hostile inputs to everything of Quittance that reads what strangers send.
#[derive(Parser)]
#[command(name = "quittance-fuzz", version)]
struct Program {
    /// For how many seconds new inputs are made, all targets together
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only this target; may be given more than once
    #[arg(long)]
    target: Vec<String>,
    /// Where new inputs come from: the same seed makes the same ones
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Tries this one input again and says what came of it; its folder names the target, unless --target does
    #[arg(long)]
    replay: Option<PathBuf>,
}

fn main() -> ExitCode {
    let program = Program::parse();
    let ended = match &program.replay {
        Some(file) => again(file, &program.target),
        None => all(&program),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::from(2)
    })
}

fn all(program: &Program) -> Result<ExitCode, String> {
    let chosen: Vec<Target> = match program.target.as_slice() {
        [] => targets::ALL.to_vec(),
        names => names
            .iter()
            .map(|name| find(name))
            .collect::<Result<_, _>>()?,
    };
    let plan = Plan {
        time: Duration::from_secs(program.seconds),
        seed: program.seed,
        corpus: corpus::folder(),
        failures: corpus::failures(),
    };
    let reports = run(&chosen, &plan, &|report| println!("{report}"));
    let runs: u64 = reports.iter().map(|report| report.runs).sum();
    let bad = reports.iter().filter(|report| report.fault.is_some());
    let bad = bad.count();
    println!(
        "{runs} runs over {} targets with seed {}; {bad} of them went wrong",
        chosen.len(),
        program.seed
    );
    Ok(ExitCode::from(u8::from(bad > 0)))
}

fn again(file: &Path, named: &[String]) -> Result<ExitCode, String> {
    let folder = file.parent().and_then(Path::file_name);
    let folder = folder.map(|name| name.to_string_lossy().into_owned());
    let name = named.first().cloned().or(folder).unwrap_or_default();
    let tried = replay(&find(&name)?, file);
    match tried.map_err(|error| format!("{}: {error}", file.display()))? {
        Ok(outcome) => {
            let word = if outcome.accepted {
                "accepted"
            } else {
                "refused"
            };
            println!("{name}: {word}; every property held");
            Ok(ExitCode::SUCCESS)
        }
        Err(said) => {
            println!("{name}: FAILED {said}");
            Ok(ExitCode::from(1))
        }
    }
}

fn find(name: &str) -> Result<Target, String> {
    let known = targets::ALL.iter().find(|target| target.name == name);
    known.copied().ok_or_else(|| {
        let names: Vec<&str> = targets::ALL.iter().map(|target| target.name).collect();
        format!(
            "no target is named {name:?}; there are {}",
            names.join(", ")
        )
    })
}
