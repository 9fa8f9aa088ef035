//! Waiting for a database, in real time: its threads are apart from everything that a simulation plays.

use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// What comes of it in time; `None` where nothing did.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a line is silent is no matter of the wall clock"
)]
pub(super) fn within<T>(
    runtime: &Runtime,
    limit: Duration,
    answer: impl Future<Output = T>,
) -> Option<T> {
    runtime.block_on(async { tokio::time::timeout(limit, answer).await.ok() })
}

/// How long something is tried again and again.
pub(super) struct Patience {
    began: Instant,
    limit: Duration,
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a database is away is no matter of the wall clock"
)]
impl Patience {
    pub(super) fn new(limit: Duration) -> Patience {
        Patience {
            began: Instant::now(),
            limit,
        }
    }

    /// Waits a while before the next try; `false` where it would be one too many.
    pub(super) fn pause(&self, pause: Duration) -> bool {
        let goes_on = self.began.elapsed() < self.limit;
        if goes_on {
            std::thread::sleep(pause);
        }
        goes_on
    }
}
