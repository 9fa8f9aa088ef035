//! When something happened, and how long it did not.

use quittance_server::clock::Mono;
use std::time::Duration;

/// A time without.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pause {
    /// How long.
    pub length: Duration,
    /// When it was over.
    pub over: Mono,
}

/// The longest time without, of those that were over within this span; the first begins with the last time before the
/// span. `None` where nothing happened within. The times rise.
#[must_use]
pub fn longest(times: &[Mono], from: Mono, to: Mono) -> Option<Pause> {
    let first = times.partition_point(|at| *at <= from);
    let end = times.partition_point(|at| *at <= to);
    let mut before = first.checked_sub(1).map_or(from, |last| times[last]);
    let mut longest: Option<Pause> = None;
    for at in times.get(first..end).unwrap_or_default() {
        let length = at.saturating_sub(before);
        if longest.is_none_or(|known| length > known.length) {
            longest = Some(Pause { length, over: *at });
        }
        before = *at;
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: &[u64]) -> Vec<Mono> {
        secs.iter().copied().map(Duration::from_secs).collect()
    }

    fn check(times: &[u64], (from, to): (u64, u64), expected: Option<(u64, u64)>) {
        let found = longest(
            &secs(times),
            Duration::from_secs(from),
            Duration::from_secs(to),
        );
        let found = found.map(|pause| (pause.length.as_secs(), pause.over.as_secs()));
        assert_eq!(found, expected, "{times:?} within {from}..{to}");
    }

    #[test]
    fn the_longest_pause_is_found() {
        let times = [1, 2, 3, 9, 10, 30, 31];
        check(&times, (3, 20), Some((6, 9)));
        // It began before the span and was over within.
        check(&times, (5, 20), Some((6, 9)));
        // The longer one is over only behind the span.
        check(&times, (3, 29), Some((6, 9)));
        check(&times, (3, 31), Some((20, 30)));
        // Nothing happened within, or before.
        check(&times, (10, 29), None);
        check(&times, (31, 90), None);
        check(&[], (0, 9), None);
        check(&[7], (5, 9), Some((2, 7)));
    }
}
