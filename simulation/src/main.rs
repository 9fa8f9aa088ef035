//! The program: plays worlds, one seed after the other, and tells which promises were broken.

use clap::Parser;
use indicatif::ProgressBar;
use quittance_simulation::world::{Ended, Scale, play};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// Plays simulated worlds with everything that goes wrong in them, and audits what became of the money.
#[derive(Parser)]
#[command(after_help = "Example: quittance-simulation --seeds 1000 --from 1")]
struct Args {
    /// How many worlds to play.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// At most so many orders in each world.
    #[arg(long, default_value_t = Scale::default().orders)]
    orders: u32,
    /// At most so many days until the faults end.
    #[arg(long, default_value_t = Scale::default().days)]
    days: u32,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let scale = Scale {
        orders: args.orders,
        days: args.days,
    };
    let bar = ProgressBar::new(args.seeds);
    let mut struck: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut reached: BTreeMap<&'static str, u64> = BTreeMap::new();
    let (mut failed, mut orders, mut secs) = (0_u64, 0, 0);
    for seed in args.from..args.from.saturating_add(args.seeds) {
        let ended = match play(seed, scale) {
            Ok(ended) => ended,
            Err(error) => {
                eprintln!("seed {seed} could not be played: {error}");
                return ExitCode::from(2);
            }
        };
        for (fault, times) in &ended.struck {
            *struck.entry(fault.word()).or_default() += u64::from(*times);
        }
        for state in &ended.reached {
            *reached.entry(state).or_default() += 1;
        }
        orders += ended.orders;
        secs += ended.lasted.as_secs();
        if !ended.broken.is_empty() || !ended.wrong.is_empty() {
            failed += 1;
            bar.suspend(|| tell(&ended, scale));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    println!(
        "{} worlds, {orders} orders, {} simulated days",
        args.seeds,
        secs / 86_400
    );
    for (word, times) in &struck {
        println!("  fault  {word}: {times}");
    }
    for (state, worlds) in &reached {
        println!("  state  {state}: in {worlds} worlds");
    }
    if failed > 0 {
        println!("{failed} worlds broke a promise");
        return ExitCode::FAILURE;
    }
    println!("every promise was kept");
    ExitCode::SUCCESS
}

/// What was broken, what happened to that order, and how to see it again.
fn tell(ended: &Ended, scale: Scale) {
    let Scale { orders, days } = scale;
    println!("seed {}:", ended.seed);
    for broken in &ended.broken {
        println!("  {broken}");
    }
    for wrong in &ended.wrong {
        println!("  {wrong}");
    }
    if let Some(story) = &ended.story {
        println!("{story}");
    }
    println!(
        "again: cargo run --release -p quittance-simulation -- --seeds 1 --from {} --orders {orders} --days {days}",
        ended.seed
    );
}
