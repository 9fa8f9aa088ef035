//! Epochs: from where the counts go on after an older copy of the journal was put back.
//!
//! What happened after the copy was made is unknown here, and shops have heard of it. So no count may say a number again
//! that they have seen: `sequence` and the places of the feed go on from far above everything that can have been told.

use jiff::Timestamp;

/// Numbers in one epoch. An epoch is at least a second, and nobody tells a million events in one.
const NUMBERS: u64 = 1 << 20;
/// 2020-01-01T00:00:00Z, in seconds: older than every journal.
const BEGAN: i64 = 1_577_836_800;
/// With [`NUMBERS`] behind it, the greatest number that every reader of JSON can read exactly (2^53).
const EPOCH_MAX: u64 = (1 << 33) - 1;

/// The epoch that begins at `now`, for a journal whose counts went on from `floor` so far: seconds since 2020, and never
/// one that was there before. A count of adoptions would not do: of two copies, one put back after the other, both
/// would begin the same epoch.
#[must_use]
pub fn next(floor: u64, now: Timestamp) -> u64 {
    let secs = u64::try_from(now.as_second() - BEGAN).unwrap_or(0);
    secs.min(EPOCH_MAX).max(floor / NUMBERS + 1)
}

/// The number behind which an epoch's numbers come.
#[must_use]
pub fn floor(epoch: u64) -> u64 {
    epoch.saturating_mul(NUMBERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each epoch begins above the one before, whatever the clock says, and stays readable for everybody.
    #[test]
    fn epochs_only_grow() {
        let at = |secs| Timestamp::from_second(secs).unwrap();
        let first = next(0, at(BEGAN + 1_000));
        assert_eq!(first, 1_000);
        // The clock stands, or went back.
        for now in [BEGAN + 1_000, BEGAN, 0, -1] {
            assert_eq!(next(floor(first), at(now)), first + 1);
        }
        // The same copy, put back twice: the second epoch is above the first although the journal knows of none.
        assert!(floor(next(0, at(BEGAN + 1_001))) >= floor(first) + NUMBERS);
        let last = floor(next(0, Timestamp::MAX)) + NUMBERS;
        assert_eq!(last, 1 << 53);
    }
}
