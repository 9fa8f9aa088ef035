//! How often a gateway is asked because of something from outside, per account: a token bucket.

use crate::clock::{Clock, Mono};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One token comes back in this time: fifty queries a second.
const EVERY: Duration = Duration::from_millis(20);
/// So many may be taken at once.
const BURST: u32 = 50;

/// Per account, the instant at which its bucket will be full again.
#[derive(Default)]
pub struct Budget(Mutex<BTreeMap<String, Mono>>);

impl Budget {
    /// Takes a token, and says when it may be used; takes none, and says `None`, if that is further away than `wait`.
    #[must_use]
    pub fn within(&self, clock: &dyn Clock, account: &str, wait: Duration) -> Option<Mono> {
        let now = clock.mono();
        let mut full_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = full_at.entry(account.to_owned()).or_default();
        let full = (*known).max(now);
        let at = full.saturating_sub(EVERY * BURST).max(now);
        if at - now > wait {
            return None;
        }
        *known = full + EVERY;
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use quittance_core::Timestamp;

    /// A clock that stands where it was put.
    struct Standing(Mono);

    #[async_trait]
    impl Clock for Standing {
        fn wall(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
        fn mono(&self) -> Mono {
            self.0
        }
        async fn sleep_until(&self, _: Mono) {}
        fn nonce(&self) -> [u8; 32] {
            [0; 32]
        }
    }

    #[test]
    fn a_burst_passes_and_the_rest_is_spread() {
        let (budget, now) = (Budget::default(), Duration::from_secs(7));
        let taken = |account, wait| budget.within(&Standing(now), account, wait);
        let at: Vec<Mono> = (0..150)
            .filter_map(|_| taken("main", Duration::MAX))
            .collect();
        assert!(at[..=50].iter().all(|at| *at == now));
        assert!(at[50..].windows(2).all(|two| two[1] - two[0] == EVERY));
        assert_eq!(
            taken("main", Duration::from_secs(1)),
            None,
            "the next is too far away"
        );
        assert_eq!(
            taken("other", Duration::ZERO),
            Some(now),
            "accounts do not share"
        );
        let later = Standing(now + Duration::from_secs(60));
        assert_eq!(
            budget.within(&later, "main", Duration::ZERO),
            Some(later.0),
            "it fills again"
        );
    }
}
