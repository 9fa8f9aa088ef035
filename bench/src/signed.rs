//! The first measurement: `require = "signed"`, so that nobody else is in the figure, beside the null handler. On
//! PostgreSQL it is made with one server and with several.

use crate::child::Running;
use crate::figure::Figure;
use crate::place::{Place, free_address, free_addresses};
use crate::report::Report;
use crate::rounds::{self, Round, Target, Under};
use crate::{Failed, Wishes, costs, load, machine, notifies, orders};
use quittance_server::clock::{Clock, SystemClock};
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
pub async fn measure(wishes: &Wishes, place: &Place, nodes: usize) -> Result<Report, Failed> {
    let form = usize::from(wishes.short);
    let stored = wishes.orders.unwrap_or(ORDERS[form]);
    let each = wishes.notifies.unwrap_or(NOTIFIES[form]);
    let count = wishes.rounds.unwrap_or(ROUNDS[form]);
    let paid = 1 + WARM + each * usize::from(count);
    if paid > stored || each == 0 {
        return Err(format!("{paid} notifies need as many orders, and {stored} are stored: ask for more --orders, or fewer --notifies").into());
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let addresses = free_addresses(nodes)?;
    let setup = place.settle("signed", &addresses, free_address()?)?;
    orders::make(&setup, &clock, stored).await?;
    place.rest().await?;

    let mut numbers = orders::spread(stored).take(paid);
    let mut choose = |count| numbers.by_ref().take(count).collect::<Vec<usize>>();
    let sign = |chosen: &[usize]| notifies::requests(&setup, &clock, addresses[0], chosen);
    let mut failed = BTreeSet::new();
    let (first, warm) = (choose(1), choose(WARM));
    let began = clock.mono();
    let mut servers = vec![Running::serve(place, 0).await?];
    let sent = load::send(&clock, &addresses[..1], &sign(&first)?, 1).await?;
    let start = clock.mono().saturating_sub(began);
    failed.extend(sent.unacked.iter().map(|at| first[*at]));
    for node in 1..nodes {
        servers.push(Running::serve(place, node).await?);
    }
    let sent = load::send(&clock, &addresses, &sign(&warm)?, WARM).await?;
    failed.extend(sent.unacked.iter().map(|at| warm[*at]));

    let nobody = Running::start(
        Command::new(std::env::current_exe()?)
            .arg("null")
            .arg("--config")
            .arg(place.settings(0)),
    )
    .await?;
    let nothing: SocketAddr = nobody
        .line()
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .parse()?;
    let null = Target {
        processes: vec![nobody.id()],
        addresses: vec![nothing],
        disk: place.disk(),
        store: Under::Nothing,
    };
    let target = Target {
        processes: servers.iter().map(Running::id).collect(),
        addresses: addresses.clone(),
        disk: place.disk(),
        store: place.under(),
    };
    eprintln!(
        "servers are the processes {:?}, the null handler is {}",
        target.processes,
        nobody.id()
    );
    let (mut nulls, mut rounds): (Vec<Round>, Vec<Round>) = (Vec::new(), Vec::new());
    for round in 1..=count {
        let chosen = choose(each);
        let requests = sign(&chosen)?;
        nulls.push(rounds::measure(&null, &clock, &requests, each * NULL_FACTOR).await?);
        let measured = rounds::measure(&target, &clock, &requests, each).await?;
        eprintln!(
            "round {round} of {count}: {} notifies per second",
            measured.rate
        );
        failed.extend(measured.unacked.iter().map(|at| chosen[*at]));
        rounds.push(measured);
    }
    let mut memory = Vec::new();
    for server in servers {
        memory.push(machine::memory_kib(server.id())? * 1_000 / 1_024);
        server.stop(&clock).await?;
    }

    let unpaid = orders::unpaid(&setup, &clock, orders::spread(stored).take(paid)).await?;
    let lost = unpaid
        .iter()
        .filter(|number| !failed.contains(number))
        .count();
    let figures = costs::compared(&nulls, &rounds);
    let (mut figures, under) = match target.store {
        Under::Postgres(_) => {
            let many = if nodes == 1 { "" } else { "s" };
            (figures, format!("PostgreSQL, {nodes} server{many}: "))
        }
        _ => (costs::judged(figures, wishes.short), String::new()),
    };
    figures.push(Figure::new("memory", "MiB", memory));
    let start = u64::try_from(start.as_micros())?;
    figures.push(Figure::new("from start to first ack", "ms", vec![start]));
    Ok(Report {
        title: format!(
            "{under}MD5 notifies for distinct orders, require = \"signed\", {} connections, {stored} orders stored",
            load::CONNECTIONS
        ),
        figures,
        sent: u64::try_from(paid)?,
        unacked: u64::try_from(failed.len())?,
        forgiven: if wishes.short {
            u64::try_from(paid)? / 100
        } else {
            0
        },
        lost: u64::try_from(lost)?,
    })
}
