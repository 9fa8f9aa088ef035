//! What comes over the whole world by a timetable: power cuts, clocks that are set, renamed addresses, a shop that is
//! gone for days, people who look on.

use super::World;
use super::contract::ENDPOINTS;
use crate::dice::Dice;
use crate::fault::Fault;
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);
/// How far somebody may set a clock, in seconds.
const JUMPS_SECS: [i64; 8] = [-86_400, -3_600, -61, -5, 5, 61, 3_600, 86_400];

/// Lets it all come over the world, until the faults end.
pub fn begin(world: &Arc<World>, seed: u64, lasts: Duration) {
    let has = |fault| world.fates.swarm().percent(fault) > 0;
    let mut dice = Dice::new(seed, "weather");
    if has(Fault::Outage) || has(Fault::CrashBeforeCommit) {
        for _ in 0..dice.from_to(1, 3) {
            let at = dice.wide_wait(Duration::from_secs(1), lasts);
            plan(world, at, |world| {
                world.note("power cut");
                world.host.kill();
            });
        }
    }
    if has(Fault::ClockJump) {
        for _ in 0..dice.from_to(1, 4) {
            let at = dice.wide_wait(Duration::from_secs(1), lasts);
            let secs = *dice.pick(&JUMPS_SECS);
            plan(world, at, move |world| world.set_clock(secs));
        }
    }
    if has(Fault::RouteRenamed) {
        let at = dice.wide_wait(Duration::from_secs(1), lasts);
        plan(world, at, |world| {
            world.rename_notifies();
            world.fates.struck(Fault::RouteRenamed);
            world.host.kill();
        });
    }
    if has(Fault::ShopGone) {
        let at = dice.wide_wait(Duration::from_secs(1), lasts);
        // Longer than the schedule of deliveries, as often as not.
        let back = at + dice.wait(HOUR, HOUR * 110);
        let endpoint = *dice.pick(&ENDPOINTS);
        plan(world, at, move |world| {
            world.fates.struck(Fault::ShopGone);
            world.leave(endpoint, Some(back));
        });
    }
    for _ in 0..dice.from_to(3, 8) {
        let at = dice.wide_wait(Duration::from_secs(1), lasts);
        plan(world, at, World::look_about);
    }
}

fn plan(world: &Arc<World>, at: Duration, what: impl FnOnce(&World) + Send + 'static) {
    let then = world.clone();
    world.spawn(async move {
        then.clock.until(at).await;
        if !then.fates.calm() {
            what(&then);
        }
    });
}

impl World {
    fn set_clock(&self, secs: i64) {
        self.fates.struck(Fault::ClockJump);
        if secs < 0 {
            self.fates.reached("clock_back");
        }
        self.set_clock_by(secs * 1_000);
        self.note(&format!("the clock is set by {secs} s"));
    }

    fn look_about(&self) {
        self.look();
    }
}
