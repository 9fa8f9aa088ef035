//! The first measurement: `require = "signed"`, so that nobody else is in the figure, beside the null handler.

use crate::child::Running;
use crate::figure::Figure;
use crate::place::{ACCOUNT, Place, free_address};
use crate::report::Report;
use crate::rounds::{self, Round, Target};
use crate::{Failed, Wishes, costs, load, machine, notifies, orders};
use quittance_server::clock::{Clock, SystemClock};
use quittance_server::setup::Setup;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::process::Command;

/// Orders stored, in the full form and the short.
const ORDERS: [usize; 2] = [200_000, 20_000];
/// Rounds.
const ROUNDS: [u8; 2] = [7, 3];
/// Notifies in a round.
const NOTIFIES: [usize; 2] = [20_000, 4_000];
/// Notifies before the first round, which fill caches and pools.
const WARM: usize = 1_000;
/// Requests to the null handler for one notify, so that its rounds take long enough to be read.
const NULL_FACTOR: usize = 3;

/// Measures.
///
/// # Errors
/// Whatever keeps it from measuring.
pub async fn measure(wishes: &Wishes, place: &Place) -> Result<Report, Failed> {
    let form = usize::from(wishes.short);
    let stored = wishes.orders.unwrap_or(ORDERS[form]);
    let each = wishes.notifies.unwrap_or(NOTIFIES[form]);
    let count = wishes.rounds.unwrap_or(ROUNDS[form]);
    let paid = 1 + WARM + each * usize::from(count);
    if paid > stored || each == 0 {
        return Err(format!("{paid} notifies need as many orders, and {stored} are stored: ask for more --orders, or fewer --notifies").into());
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let address = free_address()?;
    let setup = place.settle("signed", address, free_address()?)?;
    eprintln!("making {stored} orders");
    orders::make(&setup, &clock, stored).await?;
    machine::sync(place.folder())?;

    let mut numbers = orders::spread(stored).take(paid);
    let began = clock.mono();
    let server = serve(place).await?;
    let first = sign(&setup, &clock, address, numbers.by_ref().take(1))?;
    let mut unacked = load::send(&clock, address, &first, 1).await?.unacked.len();
    let start = clock.mono().saturating_sub(began);
    let warm = sign(&setup, &clock, address, numbers.by_ref().take(WARM))?;
    unacked += load::send(&clock, address, &warm, WARM)
        .await?
        .unacked
        .len();

    let nobody = Running::start(
        Command::new(std::env::current_exe()?)
            .arg("null")
            .arg("--config")
            .arg(place.settings()),
    )
    .await?;
    let nothing: SocketAddr = nobody
        .line()
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .parse()?;
    let folder = place.folder();
    let database = place.database();
    let null = Target {
        process: nobody.id(),
        address: nothing,
        folder,
        database: None,
    };
    let target = Target {
        process: server.id(),
        address,
        folder,
        database: Some(&database),
    };
    eprintln!(
        "the server's process is {}, the null handler's {}",
        server.id(),
        nobody.id()
    );
    let (mut nulls, mut rounds): (Vec<Round>, Vec<Round>) = (Vec::new(), Vec::new());
    let mut failed = BTreeSet::new();
    for round in 1..=count {
        let chosen: Vec<usize> = numbers.by_ref().take(each).collect();
        let requests = sign(&setup, &clock, address, chosen.iter().copied())?;
        nulls.push(rounds::measure(&null, &clock, &requests, each * NULL_FACTOR).await?);
        let measured = rounds::measure(&target, &clock, &requests, each).await?;
        eprintln!(
            "round {round} of {count}: {} notifies per second",
            measured.rate
        );
        failed.extend(measured.unacked.iter().map(|at| chosen[*at]));
        rounds.push(measured);
    }
    let memory = machine::memory_kib(server.id())?;
    server.stop(&clock).await?;

    eprintln!("looking every order up");
    let unpaid = orders::unpaid(&setup, &clock, orders::spread(stored).take(paid)).await?;
    let lost = unpaid
        .iter()
        .filter(|number| !failed.contains(number))
        .count();
    let mut figures = costs::compared(&nulls, &rounds, wishes.short);
    figures.push(Figure::new("memory", "MiB", vec![memory * 1_000 / 1_024]));
    let start = u64::try_from(start.as_micros())?;
    figures.push(Figure::new("from start to first ack", "ms", vec![start]));
    Ok(Report {
        title: format!(
            "MD5 notifies for distinct orders, require = \"signed\", {} connections, {stored} orders stored",
            load::CONNECTIONS
        ),
        figures,
        sent: u64::try_from(paid)?,
        unacked: u64::try_from(unacked + failed.len())?,
        forgiven: if wishes.short {
            u64::try_from(paid)? / 100
        } else {
            0
        },
        lost: u64::try_from(lost)?,
    })
}

/// Starts the server as an operator does.
///
/// # Errors
/// Where it does not listen.
pub async fn serve(place: &Place) -> Result<Running, Failed> {
    let settings = place.settings();
    let mut command = Command::new(place.server());
    command
        .args(["--lang", "en", "serve", "--config"])
        .arg(settings);
    Running::start(&mut command).await
}

/// The requests that pay these orders.
fn sign(
    setup: &Setup,
    clock: &Arc<dyn Clock>,
    to: SocketAddr,
    numbers: impl Iterator<Item = usize>,
) -> Result<Arc<[Vec<u8>]>, Failed> {
    let path = format!("/notify/{ACCOUNT}");
    let requests = numbers.map(|number| {
        let order = orders::order(number, setup, String::new())?;
        let form = notifies::payment(&order, number, clock.wall());
        Ok(load::request(&path, to, &form))
    });
    requests.collect::<Result<Vec<_>, Failed>>().map(Arc::from)
}
