//! `kill -9` at random moments under load, also while the server starts; logs whose end is torn; a replay that is cut
//! (F-05, F-11, F-12).

use super::load::Load;
use super::server::{LOOK, Server};
use super::world::{Wants, World};
use super::{Failed, Outcome, Wishes, audit, check, replay, torn};
use std::sync::Arc;
use std::time::Duration;

/// A killed server serves again within this.
const RECOVERY: Duration = Duration::from_secs(5);
/// Orders in all.
const ORDERS: usize = 3_000;
/// Every so many kills one hits the server while it starts.
const AT_START: usize = 4;
/// Every so many kills the log's end is torn afterwards.
const TORN: usize = 7;
/// A server lives between so many milliseconds under load.
const LIVES_MS: std::ops::Range<u64> = 60..900;
/// A start is hit within so many milliseconds.
const STARTS_MS: std::ops::Range<u64> = 1..60;

/// Runs the part.
///
/// # Errors
/// What is broken.
pub async fn run(wishes: &Wishes) -> Result<Outcome, Failed> {
    let world = Arc::new(
        World::make(&Wants {
            program: &wishes.program,
            require: "confirmed",
            shop: true,
            seed: wishes.seed,
        })
        .await?,
    );
    let load = Load::new(&world, wishes.seed, ORDERS, true);
    let clock = world.clock().clone();
    let limit = clock.mono() + wishes.limit;
    let mut chance = fastrand::Rng::with_seed(wishes.seed);
    let mut outcome = Outcome::default();
    let mut starts = Vec::new();
    let (mut kills, mut at_start) = (0, 0);
    while kills < wishes.kills {
        if clock.mono() > limit {
            return Err(format!("only {kills} kills within {:?}", wishes.limit).into());
        }
        if kills % AT_START == AT_START - 1 {
            let server = Server::start(&world.site, &[])?;
            clock
                .sleep(Duration::from_millis(chance.u64(STARTS_MS)))
                .await;
            server.kill().await?;
            at_start += 1;
        } else {
            let (server, took) = serve(&world, &load).await?;
            starts.extend(took);
            let life = Duration::from_millis(chance.u64(LIVES_MS));
            let killing = async {
                clock.sleep(life).await;
                server.kill().await
            };
            let (sent, killed) = tokio::join!(load.run(), killing);
            sent.and(killed)?;
        }
        kills += 1;
        if kills % TORN == 0 {
            torn::tear(&world, &mut chance, &mut outcome).await?;
        }
        if kills % 10 == 0 {
            eprintln!("kill: {kills} of {}, {} acks", wishes.kills, load.acks());
        }
    }
    let replays = replay::run(&world, &mut outcome).await?;
    let truth = check::settled(&world, &load, &mut audit::auditor(&world), false).await?;
    starts.sort_unstable();
    outcome.line = format!(
        "kill: {} kills ({at_start} while starting, {replays} in a replay), {} orders, {} notifies, {} acks; \
         from start to first ack: median {} ms, most {} ms",
        kills + replays,
        truth.orders.len(),
        truth.callbacks.len(),
        load.acks(),
        starts.get(starts.len() / 2).map_or(0, Duration::as_millis),
        starts.last().map_or(0, Duration::as_millis),
    );
    Ok(outcome)
}

/// Starts the server and waits for its first ack; how long that took. Before anything was ever told there is no ack to
/// wait for.
async fn serve(world: &World, load: &Arc<Load>) -> Result<(Server, Option<Duration>), Failed> {
    let clock = world.clock();
    if load.acks() == 0 {
        return Ok((world.serve().await?, None));
    }
    let began = clock.mono();
    let mut server = Server::start(&world.site, &[])?;
    loop {
        let acked = load.probe().await.unwrap_or(false);
        let took = clock.mono().saturating_sub(began);
        if acked && took < RECOVERY {
            return Ok((server, Some(took)));
        }
        if let Some(ended) = server.ended()? {
            return Err(
                format!("after a kill the server ends ({ended}): {}", world.said()?).into(),
            );
        }
        if took >= RECOVERY {
            return Err(format!(
                "after a kill there is no ack for {took:?}: {}",
                world.said()?
            )
            .into());
        }
        clock.sleep(LOOK).await;
    }
}
