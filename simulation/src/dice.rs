//! Chance that can be had again: the same seed and name give the same numbers.

use sha2::{Digest, Sha256};
use std::time::Duration;

/// A stream of numbers of its own, so that one part of the world that draws more often changes no other part.
#[derive(Clone, Debug)]
pub struct Dice(fastrand::Rng);

impl Dice {
    /// The stream of this name in the world of this seed.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Dice {
        let digest = Sha256::new()
            .chain_update(seed.to_be_bytes())
            .chain_update(name)
            .finalize();
        let mut start = [0; 8];
        start.copy_from_slice(&digest[..8]);
        Dice(fastrand::Rng::with_seed(u64::from_be_bytes(start)))
    }

    /// Whether something that happens so many times of a hundred happens now.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.0.u32(0..100) < percent
    }

    /// A number from `least` to `greatest`.
    pub fn from_to(&mut self, least: u64, greatest: u64) -> u64 {
        self.0.u64(least..=greatest)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.usize(0..end)
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.0.usize(0..of.len())]
    }

    /// A time between these, in milliseconds.
    pub fn wait(&mut self, least: Duration, greatest: Duration) -> Duration {
        let millis = |of: Duration| u64::try_from(of.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.from_to(millis(least), millis(greatest)))
    }

    /// A time of any size between these: as often some seconds as some hours.
    pub fn wide_wait(&mut self, least: Duration, greatest: Duration) -> Duration {
        let steps = 20;
        let (mut low, mut high) = (least, greatest);
        for _ in 0..self.from_to(0, steps) {
            let half = low + (high - low) / 2;
            if half - low < Duration::from_millis(100) {
                break;
            }
            high = half;
        }
        low = low.min(high);
        self.wait(low, high)
    }
}
