//! What a durable notify costs: `docs/performance.md` says what is measured and how to read it.
//!
//! The release server and a null handler on the same listener code run as processes of their own; this one signs
//! notifies ahead of time, sends them, and reads the kernel's counters of the two before and after. Linux only.

mod child;
mod cluster;
mod confirmed;
mod costs;
mod figure;
mod load;
mod machine;
mod notifies;
mod null;
mod orders;
mod place;
mod report;
mod rounds;
mod scale;
mod signed;
mod table;

use clap::{Parser, Subcommand, ValueEnum};
use place::{Kind, Place, Site};
use report::Report;
use std::process::ExitCode;

/// Why a run could not be made, in words.
type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Measures what a durable notify costs.
#[derive(Parser)]
#[command(name = "quittance-bench", version)]
struct Program {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    wishes: Wishes,
}

#[derive(Subcommand)]
enum Part {
    /// The null handler: reads a form and says success. The measurement starts it by itself
    #[command(hide = true)]
    Null(null::Null),
    /// How the costs grow with what is stored, on SQLite and on PostgreSQL
    Scale(scale::Scale),
}

/// What is measured.
#[derive(clap::Args, Clone)]
struct Wishes {
    /// A minute's worth, which judges only counters that no neighbour can spoil
    #[arg(long)]
    short: bool,
    /// Orders that are stored before the first notify: 200000, in the short form 20000
    #[arg(long, value_name = "N")]
    orders: Option<usize>,
    /// Rounds of null handler and server: 7, in the short form 3
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=99))]
    rounds: Option<u8>,
    /// Notifies in a round: 20000, in the short form 4000
    #[arg(long, value_name = "N")]
    notifies: Option<usize>,
    /// Only one of the two measurements
    #[arg(long, value_name = "WHICH", conflicts_with = "postgres")]
    only: Option<Which>,
    /// The first measurement on PostgreSQL, in the cluster that `scripts/postgres` gives
    #[arg(long)]
    postgres: bool,
    /// Servers on the one database: 1 or 2, where it is left out first the one, then the other
    #[arg(long, value_name = "N", requires = "postgres", value_parser = clap::value_parser!(u8).range(1..=9))]
    nodes: Option<u8>,
    #[command(flatten)]
    site: Site,
    /// JSON instead of tables
    #[arg(long)]
    json: bool,
}

/// The measurements.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// `require = "signed"`
    Signed,
    /// `require = "confirmed"`
    Confirmed,
}

fn main() -> ExitCode {
    let program = Program::parse();
    if !cfg!(target_os = "linux") {
        eprintln!("The benchmark reads /proc and /sys: it runs on Linux only.");
        return ExitCode::from(2);
    }
    let done = match program.part {
        Some(Part::Null(null)) => null.run().map(|()| true),
        Some(Part::Scale(scale)) => alone(scale.measure()),
        None => alone(measure(&program.wishes)),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("The benchmark could not run: {error}");
            ExitCode::from(2)
        }
    }
}

/// One thread sends: what it takes from the machine is the same for both handlers.
fn alone(measured: impl Future<Output = Result<bool, Failed>>) -> Result<bool, Failed> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(measured)
}

/// Measures, prints, and says whether every gate held.
async fn measure(wishes: &Wishes) -> Result<bool, Failed> {
    let mut reports = Vec::new();
    if wishes.postgres {
        let nodes = wishes.nodes.map_or(vec![1, 2], |nodes| vec![nodes]);
        for nodes in nodes {
            let place = Place::make(&wishes.site, Kind::Postgres).await?;
            reports.push(signed::measure(wishes, &place, usize::from(nodes)).await?);
            place.end().await?;
        }
    } else {
        if wishes.only != Some(Which::Confirmed) {
            let place = Place::make(&wishes.site, Kind::Sqlite).await?;
            reports.push(signed::measure(wishes, &place, 1).await?);
        }
        if wishes.only != Some(Which::Signed) {
            let place = Place::make(&wishes.site, Kind::Sqlite).await?;
            reports.push(confirmed::measure(wishes, &place).await?);
        }
    }
    if wishes.json {
        println!("{:#}", report::json(&reports));
    } else {
        reports.iter().for_each(|report| println!("{report}"));
    }
    Ok(reports.iter().all(Report::holds))
}
