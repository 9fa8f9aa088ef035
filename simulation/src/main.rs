//! The program: plays worlds, tells which promises were broken, and shows that the auditor notices.

mod program;

use clap::{ArgGroup, Parser};
use program::{Failure, Job, Limit};
use quittance_simulation::world::Scale;
use std::num::{NonZeroU32, NonZeroUsize};
use std::process::ExitCode;
use std::time::Duration;

/// Plays simulated worlds with everything that goes wrong in them, and audits what became of the money.
#[derive(Parser)]
#[command(
    after_help = "Example: quittance-simulation --seeds 1000 --from 1\nExit: 0 every promise was kept, 1 one was broken or not enough was shown, 2 it could not run.",
    group = ArgGroup::new("what").args(["sabotage", "prove_sabotage", "list_sabotage", "outage"])
)]
struct Args {
    /// How many worlds to play.
    #[arg(long, default_value_t = 100, conflicts_with = "minutes")]
    seeds: u64,
    /// Play as many worlds as fit into so many minutes; fewer than 2,000 worlds or 20 simulated years fail.
    #[arg(long, value_name = "M")]
    minutes: Option<NonZeroU32>,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// At most so many orders in each world.
    #[arg(long, default_value_t = Scale::default().orders)]
    orders: u32,
    /// At most so many days until the faults end.
    #[arg(long, default_value_t = Scale::default().days)]
    days: u32,
    /// How many worlds are played at once [default: the machine's cores].
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// Print the digest of everything that happened in each world, and nothing else.
    #[arg(long)]
    hashes: bool,
    /// Print everything that happened in each world.
    #[arg(long)]
    trace: bool,
    /// Tell the stories of an outage of two hours in which a gateway gives up sending.
    #[arg(long)]
    outage: bool,
    /// Take this defence away in every world: then promises must break. Needs the feature `sabotage`.
    #[arg(long, value_name = "WORD")]
    sabotage: Option<String>,
    /// Take the defences away one after the other, and fail if one of them is not missed in any world. Needs the
    /// feature `sabotage`.
    #[arg(long)]
    prove_sabotage: bool,
    /// List the words of the defences. Needs the feature `sabotage`.
    #[arg(long)]
    list_sabotage: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let job = Job {
        from: args.from,
        limit: match args.minutes {
            Some(minutes) => Limit::Time(Duration::from_secs(60) * minutes.get()),
            None => Limit::Seeds(args.seeds),
        },
        scale: Scale {
            orders: args.orders,
            days: args.days,
        },
        threads: args
            .threads
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get),
    };
    let done = if args.list_sabotage {
        program::list_defences()
    } else if args.prove_sabotage {
        program::prove(&job)
    } else if args.outage {
        program::tell_outages()
    } else if args.hashes {
        program::hashes(&job)
    } else {
        program::play_all(&job, args.sabotage.as_deref(), args.trace)
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Found(what)) => {
            println!("{what}");
            ExitCode::FAILURE
        }
        Err(Failure::CannotRun(why)) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
