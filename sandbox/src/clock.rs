//! The one seam through which the server learns the time.

use quittance_core::Timestamp;
use std::future::Future;
use std::time::Duration;

/// What the server knows of time. Tests and the simulation bring their own.
pub trait Clock: Send + Sync + 'static {
    /// The wall time now.
    fn wall(&self) -> Timestamp;
    /// Ends when the wall time has reached `at`.
    fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send;
}

/// The machine's clock.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemClock;

#[expect(
    clippy::disallowed_methods,
    reason = "this is the seam: the only place that reads the machine's clock"
)]
impl Clock for SystemClock {
    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep_until(&self, at: Timestamp) {
        let left = Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default();
        tokio::time::sleep(left).await;
    }
}
