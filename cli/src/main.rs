//! The program `quittance`: a demo to see, a server to run, and the commands of the people who keep it.
//!
//! One file per command; this one is the table of contents. Exit codes: 0 all is well, 1 something wrong was found,
//! 2 it could not run, 70 the server's disk failed.

mod client;
mod context;
mod database;
mod demo;
mod doctor;
mod ending;
mod events;
mod explain;
mod init;
mod inspect;
mod journal;
mod migrate;
mod order;
mod out;
mod pair;
mod sandbox;
mod serve;
mod shutdown;
mod statement;
mod test_payment;
mod timeline;

use clap::{Parser, Subcommand};
use context::{Common, Context};
use ending::Stop;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  quittance demo                         see it work, with nothing to configure
  quittance init                         a settings file that says where each value is found
  quittance serve --config quittance.toml
  quittance order list --status unpaid

Exit codes: 0 all is well, 1 something wrong was found, 2 it could not run.";

/// Quittance confirms payments: it hears the gateways out, asks them, and tells your shop exactly what is paid.
#[derive(Parser)]
#[command(name = "quittance", version, after_help = EXAMPLES)]
struct Program {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

#[derive(Subcommand)]
enum Command {
    /// Starts a server, a sandbox gateway and a small shop, and prints where to click
    Demo(demo::Demo),
    /// Writes a commented settings file, with fresh secrets beside it
    Init(init::Init),
    /// Runs the server
    Serve(serve::Serve),
    /// Runs the sandbox gateways alone: Alipay's and Dinpay's side of the wire, where no money moves
    Sandbox(Box<sandbox::Sandboxed>),
    /// Orders of the running server
    Order(Box<order::Orders>),
    /// What the shop is told: events and the endpoints that they go to
    Events(events::Events),
    /// What gateways booked: reads an account's statement of a day now
    Statement(statement::Statements),
    /// Finds out why an order does not update: settings, machine, journal; with --online the gateways, us from outside, the shop
    Doctor(doctor::Doctor),
    /// Explains an error code: what it means, what usually causes it, what to do
    Explain(explain::Explain),
    /// Explains a callback or an answer: what was signed, what does not fit, and which mistake would explain it
    Inspect(inspect::Inspect),
    /// Pays one cent, guided, in five steps: from the account alone to the shop's webhook
    TestPayment(test_payment::TestPayment),
    /// The journal in the database: verify, show, rebuild, archive, erase
    Journal(journal::Journals),
    /// Moves the journal from SQLite to PostgreSQL; the server must be stopped
    Migrate(migrate::Migrate),
}

fn main() -> ExitCode {
    let program = Program::parse();
    let context = Context::new(program.common);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(run(program.command, &context)),
        Err(error) => Err(Stop::unable(error.to_string())),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            out::error(stop.text());
            ExitCode::from(stop.code())
        }
    }
}

async fn run(command: Command, context: &Context) -> Result<(), Stop> {
    match command {
        Command::Demo(demo) => demo.run(context).await,
        Command::Init(init) => init.run(context),
        Command::Serve(serve) => serve.run(context).await,
        Command::Sandbox(sandbox) => sandbox.run(context).await,
        Command::Order(orders) => orders.run(context).await,
        Command::Events(events) => events.run(context).await,
        Command::Statement(statements) => statements.run(context).await,
        Command::Doctor(doctor) => doctor.run(context).await,
        Command::Explain(explain) => explain.run(context),
        Command::Inspect(inspect) => inspect.run(context).await,
        Command::TestPayment(test) => test.run(context).await,
        Command::Journal(journal) => journal.run(context),
        Command::Migrate(migrate) => migrate.run(context),
    }
}
