//! What comes over the whole world by a timetable: power cuts, nodes that stand still or do not reach the database,
//! clocks that are set, renamed addresses, a shop that is gone for days, people who look on.

use super::World;
use super::contract::ENDPOINTS;
use super::host::Host;
use super::life::{PAUSE_MAX, PAUSE_MIN};
use super::memory::{CUT_MAX, CUT_MIN};
use crate::dice::Dice;
use crate::fault::Fault;
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);
/// How far apart two nodes get new settings.
const APART_MIN: Duration = Duration::from_secs(1);
const APART_MAX: Duration = Duration::from_secs(3 * 3_600);
/// How far somebody may set a clock, in seconds.
const JUMPS_SECS: [i64; 8] = [-86_400, -3_600, -61, -5, 5, 61, 3_600, 86_400];

/// Lets it all come over the world, until the faults end.
pub fn begin(world: &Arc<World>, seed: u64, lasts: Duration) {
    let has = |fault| world.fates.swarm().percent(fault) > 0;
    let mut dice = Dice::new(seed, "weather");
    if has(Fault::Outage) || has(Fault::CrashBeforeCommit) {
        for _ in 0..dice.from_to(1, 3) {
            let at = dice.wide_wait(Duration::from_secs(1), lasts);
            plan(world, at, World::power_cut);
        }
    }
    for fault in [Fault::Paused, Fault::CutOff] {
        if !has(fault) {
            continue;
        }
        for _ in 0..dice.from_to(1, 3) {
            let at = dice.wide_wait(Duration::from_secs(1), lasts);
            plan(world, at, move |world| world.takes_away(fault));
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
        let apart = world
            .hosts
            .iter()
            .map(|_| dice.wide_wait(APART_MIN, APART_MAX));
        let apart: Vec<Duration> = apart.collect();
        let then = world.clone();
        world.spawn(async move {
            then.clock.until(at).await;
            then.rolls_out(&apart).await;
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
    /// Of several nodes all go, or one.
    fn power_cut(&self) {
        self.note("power cut");
        let several = self.hosts.len() > 1;
        match several && self.with_dice(|dice| dice.chance(50)) {
            true => self.any_host().kill(),
            false => self.kill_all(),
        }
    }

    /// A node stands still, or does not reach the database.
    fn takes_away(&self, fault: Fault) {
        let host = self.any_host();
        let (least, greatest) = match fault {
            Fault::Paused => (PAUSE_MIN, PAUSE_MAX),
            _ => (CUT_MIN, CUT_MAX),
        };
        let lasts = self.with_dice(|dice| dice.wide_wait(least, greatest));
        let struck = match fault {
            Fault::Paused => host.pause(lasts),
            // One node has its database beside it.
            _ if self.hosts.len() == 1 => false,
            _ => {
                host.cut.begin(lasts);
                true
            }
        };
        if struck {
            self.fates.struck(fault);
            let (name, secs) = (self.name_of(host), lasts.as_secs());
            self.note(&format!("{name}: {} for {secs} s", fault.word()));
        }
    }

    fn any_host(&self) -> &Host {
        let number = match self.hosts.len() {
            1 => 0,
            several => self.with_dice(|dice| dice.below(several)),
        };
        &self.hosts[number]
    }

    /// New settings, node by node: each begins anew with them, and a while later the next one.
    async fn rolls_out(&self, apart: &[Duration]) {
        if self.fates.calm() {
            return;
        }
        let renamed = self.rename_notifies();
        self.fates.struck(Fault::RouteRenamed);
        for (host, apart) in self.hosts.iter().zip(apart) {
            host.rename_notifies(renamed);
            host.stop(&self.clock).await;
            self.clock.sleep(*apart).await;
            // Nobody waits for the others any more.
            if self.fates.calm() {
                return;
            }
        }
    }

    /// Every node that still has old settings begins anew with the newest.
    pub(super) fn roll_out(&self) {
        let renamed = self.renamed();
        for host in &self.hosts {
            host.rename_notifies(renamed);
            if host.began_with().is_some_and(|began| began < renamed) {
                host.kill();
            }
        }
    }

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
