//! Several real processes on one PostgreSQL database: starts release servers, keeps them busy, and holds what they say
//! against what was acked.

use clap::{Parser, Subcommand};
use quittance_simulation::process::nodes::{Run, Wishes};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Several real processes on one PostgreSQL database, whose URL is in QUITTANCE_TEST_POSTGRES. It must be empty.
#[derive(Parser)]
#[command(name = "nodes", version)]
struct Program {
    /// The server's program, built for release
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "target/release/quittance"
    )]
    program: PathBuf,
    /// Servers
    #[arg(long, global = true, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=16))]
    servers: u8,
    /// New orders in a second
    #[arg(long, global = true, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rate: u32,
    /// The beginning of all chance; another one each time where it is left out
    #[arg(long, global = true, value_name = "S")]
    seed: Option<u64>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Until `scripts/failover` has killed the primary often enough; exit code 1 where an acked notify is lost
    Failover {
        /// Where it tells of its kills
        #[arg(
            long,
            env = "QUITTANCE_FAILOVER_LOG",
            value_name = "FILE",
            hide_env_values = true
        )]
        log: PathBuf,
    },
    /// Checks by the thousand; exit code 1 where a hundredth of them is done twice
    Duplicates {
        /// For so long
        #[arg(long, value_name = "N", default_value_t = 10)]
        minutes: u64,
    },
    /// Replaces one server after the other by a newer one
    Upgrade {
        /// The older program
        #[arg(long, value_name = "FILE")]
        old: PathBuf,
        /// Seconds before the first one, between two, and after the last
        #[arg(long, value_name = "N", default_value_t = 20)]
        between: u64,
    },
}

fn main() -> ExitCode {
    let program = Program::parse();
    let Ok(database) = std::env::var("QUITTANCE_TEST_POSTGRES") else {
        eprintln!(
            "nodes: QUITTANCE_TEST_POSTGRES is not set: use scripts/nodes, scripts/failover load or scripts/upgrade"
        );
        return ExitCode::from(2);
    };
    let seed = program.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let wishes = Wishes {
        program: program.program,
        database,
        nodes: program.servers.into(),
        rate: program.rate,
        seed,
    };
    let run = match program.command {
        Command::Failover { log } => Run::Failover(log),
        Command::Duplicates { minutes } => Run::Duplicates(Duration::from_secs(minutes * 60)),
        Command::Upgrade { old, between } => Run::Upgrade(old, Duration::from_secs(between)),
    };
    if let Some(missing) = run.missing(&wishes) {
        eprintln!("nodes: {} is missing: build it first", missing.display());
        return ExitCode::from(2);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let ran = match runtime {
        Ok(runtime) => runtime.block_on(run.run(&wishes)),
        Err(error) => Err(error.into()),
    };
    match ran {
        Ok(figures) => {
            println!("seed {seed}\n{figures}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("nodes: {error}\nWith the same chance again: --seed {seed}");
            ExitCode::from(1)
        }
    }
}
