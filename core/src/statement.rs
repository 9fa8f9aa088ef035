//! When an account's statements are read, day after day. Deadlines are data: the fold keeps them, a worker obeys.
//!
//! A statement is what the gateway booked on the account within one day of its own clock. The day before is read once a
//! day, and the newest day that was read is read again the day after: what was booked late is in it then. A server that
//! stood still reads the days that it missed, one after the other. Nothing is ever read to know what is due.

use crate::schedule::after;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// A day that lies further back is not read by itself any more.
pub const DAYS_MAX: i32 = 31;
/// The gaps after each failure, in seconds; the last one repeats.
const RETRY_SECS: [i64; 4] = [60, 300, 1_800, 3_600];
/// After so many failures the day is left behind, so that it cannot keep back the days after it.
pub const TRIES_MAX: u32 = 12;

/// When an account's statements are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StatementPolicy {
    /// The gateway's clock, in seconds ahead of UTC: its days begin by it.
    pub utc_offset_secs: i32,
    /// When the day before is read, in seconds after midnight of that clock.
    pub at_secs: i32,
}

/// How far the reading of an account's statements has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reading {
    /// The day to be read next.
    pub day: Date,
    /// When.
    pub next_at: Timestamp,
    /// How often that failed.
    #[serde(default)]
    pub failures: u32,
}

impl StatementPolicy {
    /// The day of the instant by the gateway's clock.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Date {
        self.zone().to_datetime(at).date()
    }

    /// The first instant of a day.
    #[must_use]
    pub fn begin(&self, day: Date) -> Timestamp {
        self.instant(day.to_datetime(Time::midnight()))
    }

    /// The first instant behind a day.
    #[must_use]
    pub fn end(&self, day: Date) -> Timestamp {
        after(self.begin(day), SignedDuration::from_hours(24))
    }

    /// What is to be read next, and when. Of an account whose statements were never read: the day before, now.
    #[must_use]
    pub fn next(&self, reading: Option<Reading>, now: Timestamp) -> Reading {
        let yesterday = self.before(self.day(now), 1);
        match reading {
            None => Reading {
                day: yesterday,
                next_at: now,
                failures: 0,
            },
            Some(reading) => Reading {
                day: reading.day.max(self.before(yesterday, DAYS_MAX - 1)),
                ..reading
            },
        }
    }

    /// A day was read to its end, at this time. `reading` is what was to be read; of any other day nothing follows.
    #[must_use]
    pub fn read(&self, reading: Reading, day: Date, at: Timestamp) -> Reading {
        if day != reading.day {
            return reading;
        }
        self.go_on(day, at)
    }

    /// A day could not be read, at this time.
    #[must_use]
    pub fn failed(&self, reading: Reading, day: Date, at: Timestamp) -> Reading {
        if day != reading.day {
            return reading;
        }
        let failures = reading.failures.saturating_add(1);
        if failures >= TRIES_MAX {
            return self.go_on(day, at);
        }
        let number = usize::try_from(failures - 1).unwrap_or(usize::MAX);
        let gap = RETRY_SECS.get(number).or(RETRY_SECS.last());
        Reading {
            day,
            next_at: after(at, SignedDuration::from_secs(gap.copied().unwrap_or(3_600))),
            failures,
        }
    }

    /// The wall clock went back: nothing waits for longer than it would if it began to wait now.
    #[must_use]
    pub fn rein_in(&self, reading: Reading, at: Timestamp) -> Reading {
        Reading {
            day: reading.day.min(self.before(self.day(at), 1)),
            next_at: reading.next_at.min(self.next_turn(at)),
            ..reading
        }
    }

    /// The day after it, where that is over; else the same day once more, at the next turn.
    fn go_on(&self, day: Date, at: Timestamp) -> Reading {
        let yesterday = self.before(self.day(at), 1);
        let (day, next_at) = match day < yesterday {
            true => (self.before(day, -1), at),
            false => (day, self.next_turn(at)),
        };
        Reading {
            day,
            next_at,
            failures: 0,
        }
    }

    /// The next time of day at which statements are read.
    fn next_turn(&self, at: Timestamp) -> Timestamp {
        let of = |day| {
            after(
                self.begin(day),
                SignedDuration::from_secs(i64::from(self.at_secs)),
            )
        };
        let today = of(self.day(at));
        match today > at {
            true => today,
            false => after(today, SignedDuration::from_hours(24)),
        }
    }

    fn before(&self, day: Date, days: i32) -> Date {
        day.saturating_sub(days.days())
    }

    fn zone(&self) -> TimeZone {
        TimeZone::fixed(Offset::from_seconds(self.utc_offset_secs).unwrap_or(Offset::UTC))
    }

    fn instant(&self, civil: DateTime) -> Timestamp {
        self.zone()
            .to_timestamp(civil)
            .unwrap_or(if civil.year() < 0 {
                Timestamp::MIN
            } else {
                Timestamp::MAX
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BEIJING: StatementPolicy = StatementPolicy {
        utc_offset_secs: 8 * 3_600,
        at_secs: 9_000,
    };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// A new account begins with the day before; a day that was read is read once more, together with the next.
    #[test]
    fn every_day_is_read_twice() {
        let now = at("2026-11-26T04:00:00Z"); // Noon in Beijing.
        let first = BEIJING.next(None, now);
        assert_eq!((first.day, first.next_at), (day("2026-11-25"), now));
        let again = BEIJING.read(first, first.day, now);
        let turn = at("2026-11-26T18:30:00Z"); // 02:30 on the 27th.
        assert_eq!((again.day, again.next_at), (day("2026-11-25"), turn));
        let new = BEIJING.read(again, again.day, turn);
        assert_eq!((new.day, new.next_at), (day("2026-11-26"), turn));
        let rest = BEIJING.read(new, new.day, turn);
        assert_eq!(rest.day, day("2026-11-26"));
        assert_eq!(rest.next_at, at("2026-11-27T18:30:00Z"));
    }

    /// The days that a server missed follow one another at once, and those that lie too far back are left out.
    #[test]
    fn what_was_missed_is_read() {
        let before = Reading {
            day: day("2026-09-01"),
            next_at: at("2026-09-02T18:30:00Z"),
            failures: 3,
        };
        let now = at("2026-11-26T04:00:00Z");
        let mut reading = BEIJING.next(Some(before), now);
        assert_eq!(reading.day, day("2026-10-26"));
        let mut days = 0;
        while reading.next_at <= now {
            days += 1;
            reading = BEIJING.read(reading, reading.day, now);
        }
        assert_eq!((days, reading.day), (DAYS_MAX, day("2026-11-25")));
    }

    /// A day that cannot be read is tried with growing gaps and does not keep back the next one for ever.
    #[test]
    fn a_failing_day_is_left_behind() {
        let mut now = at("2026-11-26T04:00:00Z");
        let mut reading = BEIJING.next(None, now);
        let begin = now;
        for _ in 1..TRIES_MAX {
            reading = BEIJING.failed(reading, reading.day, now);
            assert_eq!(reading.day, day("2026-11-25"));
            assert!(reading.next_at > now);
            now = reading.next_at;
        }
        assert!(now.duration_since(begin) < SignedDuration::from_hours(12));
        reading = BEIJING.failed(reading, reading.day, now);
        assert_eq!(reading.next_at, at("2026-11-26T18:30:00Z"));
        assert_eq!(reading.failures, 0);
    }

    /// A statement that somebody fetched by hand does not disturb the turn.
    #[test]
    fn another_day_changes_nothing() {
        let now = at("2026-11-26T04:00:00Z");
        let reading = BEIJING.next(None, now);
        assert_eq!(BEIJING.read(reading, day("2026-11-01"), now), reading);
        assert_eq!(BEIJING.failed(reading, day("2026-11-01"), now), reading);
    }

    proptest! {
        /// Nothing is due before it is, whatever the clock says; what was read goes on to a later time or a later day;
        /// and after a clock that went back nothing waits for longer than a day.
        #[test]
        fn reading_goes_on(
            day in -5_000..30_000_i64,
            secs in -400_000_000..4_000_000_000_i64,
            failures in 0..40_u32,
            at_secs in 0..86_400_i32,
            offset in -12..=14_i32,
        ) {
            let policy = StatementPolicy { utc_offset_secs: offset * 3_600, at_secs };
            let at = Timestamp::from_second(secs).unwrap();
            let due = Timestamp::from_second(day * 86_400).unwrap();
            let reading = Reading { day: policy.day(due), next_at: due, failures };
            let read = policy.read(reading, reading.day, at);
            prop_assert!(read.next_at > at || read.day > reading.day);
            let failed = policy.failed(reading, reading.day, at);
            prop_assert!(failed.next_at > at || failed.day > reading.day);
            let reined = policy.rein_in(reading, at);
            prop_assert!(reined.next_at <= at + SignedDuration::from_hours(24));
            prop_assert!(policy.end(reined.day) <= at);
            let next = policy.next(Some(reading), at);
            prop_assert!(policy.end(next.day) > at - SignedDuration::from_hours(24 * 32));
        }
    }
}
