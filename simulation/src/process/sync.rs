//! A sync that fails at its Nth call: the server ends by itself, acks nothing after it, and what the disk holds decides.
//! And one that takes five seconds: nobody waits for an answer longer than the hard stop (F-15, F-16).

use super::load::Load;
use super::server::Server;
use super::shim::Shim;
use super::world::{Wants, World};
use super::{Failed, Outcome, Wishes, audit, check};
use std::sync::Arc;
use std::time::Duration;

/// Every one of the first syncs: the making of the database, the schema, the genesis, the first commits.
const FIRST: std::ops::RangeInclusive<u64> = 1..=20;
/// And so many of the later ones.
const LATER: usize = 8;
const LATER_UNTIL: u64 = 300;
/// An answer that was on its way when the sync failed is there by then.
const UNDER_WAY_MICROS: i64 = 300_000;
/// The server's hard stop of a second, and what a busy machine adds.
const WAIT_MAX: Duration = Duration::from_millis(1_700);
/// The load reaches every number by then.
const HIT_WITHIN: Duration = Duration::from_secs(40);
/// The sync that takes long.
const SLOW_AT: u64 = 60;
const ORDERS: usize = 20_000;

/// Runs the part.
///
/// # Errors
/// What is broken.
pub async fn run(wishes: &Wishes) -> Result<Outcome, Failed> {
    let mut chance = fastrand::Rng::with_seed(wishes.seed);
    let later = (0..LATER).map(|_| chance.u64(FIRST.end() + 1..=LATER_UNTIL));
    let numbers: Vec<u64> = FIRST.chain(later).collect();
    let (mut outcome, mut acks, mut calls) = (Outcome::default(), 0, 0);
    for (done, at) in numbers.iter().enumerate() {
        let failed = |error| format!("with sync {at} failing: {error}");
        let (acked, counted) = fails(wishes, *at).await.map_err(failed)?;
        outcome.reach("fsync_error_exit");
        (acks, calls) = (acks + acked, calls + counted);
        if (done + 1) % 10 == 0 {
            eprintln!("sync: {} of {}", done + 1, numbers.len());
        }
    }
    let waited = slow(wishes).await?;
    outcome.line = format!(
        "sync: {} failed syncs of {calls} ended the server each time, {acks} acks before them stand; \
         with a sync of 5 s no answer took longer than {} ms",
        numbers.len(),
        waited.as_millis()
    );
    Ok(outcome)
}

async fn world(wishes: &Wishes) -> Result<(Arc<World>, Shim), Failed> {
    let world = World::make(&Wants {
        program: &wishes.program,
        require: "signed",
        shop: false,
        seed: wishes.seed,
    })
    .await?;
    let shim = Shim::build(world.site.folder()).await?;
    Ok((Arc::new(world), shim))
}

/// One world whose Nth sync fails; acks and syncs.
async fn fails(wishes: &Wishes, at: u64) -> Result<(usize, i64), Failed> {
    let (world, shim) = world(wishes).await?;
    let load = Load::new(&world, wishes.seed, ORDERS, false);
    let environment = shim.environment("FAIL", at)?;
    let mut server = start(&world, &environment)?;
    if server.ready(world.clock()).await?.is_some() {
        let sent = world.clock().within(HIT_WITHIN, load.run()).await;
        sent.ok_or("it was not reached, or the server lives on")??;
    }
    let ended = server.end(world.clock()).await?;
    if ended.code().is_none_or(|code| code == 0) {
        return Err(format!("the server ended so: {ended}").into());
    }
    let (calls, hit) = shim.report()?;
    let hit = hit.ok_or_else(|| {
        format!(
            "only {calls} syncs were made: {}",
            world.said().unwrap_or_default()
        )
    })?;
    let late = world.ledger.with(|truth| {
        let late = |at| at > hit + UNDER_WAY_MICROS;
        truth
            .callbacks
            .iter()
            .filter(|sent| sent.acked && late(sent.at))
            .count()
    });
    if late > 0 {
        return Err(format!("{late} acks came after it").into());
    }
    check::settled(&world, &load, &mut audit::auditor(&world), false).await?;
    Ok((load.acks(), calls))
}

/// A sync that takes five seconds; the longest wait of a gateway.
async fn slow(wishes: &Wishes) -> Result<Duration, Failed> {
    let (world, shim) = world(wishes).await?;
    let load = Load::new(&world, wishes.seed, ORDERS, false);
    let environment = shim.environment("SLEEP", SLOW_AT)?;
    let mut server = start(&world, &environment)?;
    let clock = world.clock();
    server
        .ready(clock)
        .await?
        .ok_or("with a slow sync the server does not start")?;
    // Over when an ack came after the long sync.
    let watching = async {
        loop {
            let after = shim.report()?.1.map(|hit| hit + 5_000_000);
            let acked = world.ledger.with(|truth| {
                let acked = truth.callbacks.iter().rev().find(|sent| sent.acked);
                acked.map(|sent| sent.at)
            });
            if after.is_some_and(|after| acked > Some(after)) {
                load.end();
                return Ok::<(), Failed>(());
            }
            clock.sleep(Duration::from_millis(50)).await;
        }
    };
    let both = async { tokio::join!(load.run(), watching) };
    let (sent, watched) = clock
        .within(HIT_WITHIN, both)
        .await
        .ok_or("nothing is acked after a slow sync")?;
    sent.and(watched)?;
    let waited = load.wait_max();
    if waited > WAIT_MAX {
        return Err(format!("with a sync of 5 s a gateway waited {waited:?} for an answer").into());
    }
    server.terminate(clock).await?;
    check::settled(&world, &load, &mut audit::auditor(&world), false).await?;
    Ok(waited)
}

fn start(world: &World, environment: &[(String, String)]) -> Result<Server, Failed> {
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    Server::start(&world.site, &environment)
}
