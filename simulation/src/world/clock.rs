//! Time: one true clock, and the nodes' own, which somebody may set.

use super::life::Life;
use async_trait::async_trait;
use quittance_core::Timestamp;
use quittance_server::clock::{Clock, Mono};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// When every world begins: 2026-01-01T00:00:00Z, in microseconds.
pub const BEGINNING: i64 = 1_767_225_600_000_000;

/// True time. It stands still while anything works and leaps to the next deadline when everything waits.
#[derive(Debug)]
pub struct TrueClock {
    began: Instant,
    /// By how much the nodes' wall clock is off, in milliseconds.
    off_millis: AtomicI64,
    nonces: AtomicU64,
    seed: u64,
}

impl TrueClock {
    /// The clock of a world that begins now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    pub fn new(seed: u64) -> Arc<TrueClock> {
        Arc::new(TrueClock {
            began: Instant::now(),
            off_millis: AtomicI64::new(0),
            nonces: AtomicU64::new(0),
            seed,
        })
    }

    /// Since the beginning of the world.
    #[must_use]
    pub fn passed(&self) -> Duration {
        self.began.elapsed()
    }

    /// True time, in microseconds since 1970.
    #[must_use]
    pub fn micros(&self) -> i64 {
        BEGINNING + i64::try_from(self.passed().as_micros()).unwrap_or(i64::MAX - BEGINNING)
    }

    /// True time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        at(self.micros())
    }

    /// Sleeps for so long.
    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    pub async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    /// Sleeps until so much has passed since the beginning of the world.
    pub async fn until(&self, passed: Duration) {
        tokio::time::sleep_until(self.began + passed).await;
    }

    /// Somebody sets the nodes' wall clock.
    pub fn jump(&self, millis: i64) {
        self.off_millis.fetch_add(millis, Ordering::Relaxed);
    }

    /// By how much the nodes' wall clock is off.
    #[must_use]
    pub fn off_millis(&self) -> i64 {
        self.off_millis.load(Ordering::Relaxed)
    }
}

/// Something that stands until a time, and may begin anew.
#[derive(Debug)]
pub struct Spell {
    clock: Arc<TrueClock>,
    /// Since the beginning of the world, in microseconds.
    until: AtomicU64,
}

impl Spell {
    /// One that does not stand.
    #[must_use]
    pub fn new(clock: &Arc<TrueClock>) -> Spell {
        Spell {
            clock: clock.clone(),
            until: AtomicU64::new(0),
        }
    }

    /// It stands for so long from now on, or longer if it did so already.
    pub fn begin(&self, lasts: Duration) {
        let until = (self.clock.passed() + lasts).as_micros();
        let until = u64::try_from(until).unwrap_or(u64::MAX);
        self.until.fetch_max(until, Ordering::Relaxed);
    }

    /// Whether it stands.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.clock.passed() < self.end()
    }

    /// Resolves when it does not stand.
    pub async fn over(&self) {
        while self.stands() {
            self.clock.until(self.end()).await;
        }
    }

    fn end(&self) -> Duration {
        Duration::from_micros(self.until.load(Ordering::Relaxed))
    }
}

/// The clock of one life of a node: its monotonic time begins with it, and passes while it is paused.
#[derive(Debug)]
pub struct NodeClock {
    world: Arc<TrueClock>,
    life: Arc<Life>,
    /// By how much its wall clock is off the nodes' common one, in milliseconds.
    apart_millis: i64,
    began: Instant,
}

impl NodeClock {
    /// The clock of a node that starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    pub fn new(world: &Arc<TrueClock>, life: &Arc<Life>, apart_millis: i64) -> Arc<NodeClock> {
        Arc::new(NodeClock {
            world: world.clone(),
            life: life.clone(),
            apart_millis,
            began: Instant::now(),
        })
    }
}

#[async_trait]
impl Clock for NodeClock {
    fn wall(&self) -> Timestamp {
        at(self.world.micros() + (self.world.off_millis() + self.apart_millis) * 1_000)
    }

    fn mono(&self) -> Mono {
        self.began.elapsed()
    }

    async fn sleep_until(&self, at: Mono) {
        match self.began.checked_add(at) {
            Some(instant) => tokio::time::sleep_until(instant).await,
            None => std::future::pending().await,
        }
        self.life.goes_on().await;
    }

    fn nonce(&self) -> [u8; 32] {
        let number = self.world.nonces.fetch_add(1, Ordering::Relaxed);
        Sha256::new()
            .chain_update(b"nonce")
            .chain_update(self.world.seed.to_be_bytes())
            .chain_update(number.to_be_bytes())
            .finalize()
            .into()
    }
}

/// A moment of true time.
#[must_use]
pub fn at(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}
