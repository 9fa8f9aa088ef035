//! The first seam: time and chance.

use async_trait::async_trait;
use quittance_core::Timestamp;
use std::time::Duration;

/// An instant of the monotonic clock, since the clock was made.
pub type Mono = Duration;

/// Where the server gets time and random bytes from. Tests and the simulation bring their own.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The wall clock, UTC. May jump.
    fn wall(&self) -> Timestamp;
    /// The monotonic clock. Never goes back.
    fn mono(&self) -> Mono;
    /// Resolves when the monotonic clock has reached this instant.
    async fn sleep_until(&self, at: Mono);
    /// 32 bytes that nobody can guess.
    fn nonce(&self) -> [u8; 32];
}

impl dyn Clock + '_ {
    /// 16 random bytes.
    #[must_use]
    pub fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        salt.copy_from_slice(&self.nonce()[..16]);
        salt
    }

    /// 128 random bits as 26 characters of lower-case base32.
    #[must_use]
    pub fn token(&self) -> String {
        data_encoding::BASE32_NOPAD
            .encode(&self.salt())
            .to_lowercase()
    }

    /// Sleeps for so long.
    pub async fn sleep(&self, wait: Duration) {
        self.sleep_until(self.mono().saturating_add(wait)).await;
    }

    /// What the work yields, or `None` when it took longer than this.
    pub async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T> + Send,
    ) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.sleep(limit) => None,
        }
    }
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    began: tokio::time::Instant,
}

impl SystemClock {
    /// The machine's clock; its monotonic time begins now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    pub fn new() -> SystemClock {
        SystemClock {
            began: tokio::time::Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> SystemClock {
        SystemClock::new()
    }
}

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn mono(&self) -> Mono {
        self.began.elapsed()
    }

    async fn sleep_until(&self, at: Mono) {
        // A sleep beyond what the timer can hold is a sleep for ever.
        match self.began.checked_add(at) {
            Some(instant) => tokio::time::sleep_until(instant).await,
            None => std::future::pending().await,
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    fn nonce(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        if getrandom::fill(&mut bytes).is_err() {
            // Without chance every token could be guessed; there is nothing sensible to go on with.
            std::process::abort();
        }
        bytes
    }
}

/// A wait in a form that both clocks of the machine understand; negative waits are none.
#[must_use]
pub fn until(now: Timestamp, at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default()
}
