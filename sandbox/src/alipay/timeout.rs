//! `it_b_pay`: how long a trade may stay unpaid.

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// The longest limit, and the one that holds where none was asked for (protocol note 1.1).
const DAYS_MAX: i64 = 15;
const BEIJING: Offset = Offset::constant(8);

/// When a trade that was made at `created` closes unpaid. `None` where the text is no limit that the gateway takes:
/// `1m` to `15d` in whole minutes, hours or days, or `1c` for the end of the day in Beijing.
pub(crate) fn closes_at(limit: Option<&str>, created: Timestamp) -> Option<Timestamp> {
    match limit {
        None => created
            .checked_add(SignedDuration::from_hours(DAYS_MAX * 24))
            .ok(),
        Some("1c") => {
            let tomorrow = BEIJING.to_datetime(created).date().tomorrow().ok()?;
            BEIJING.to_timestamp(tomorrow.at(0, 0, 0, 0)).ok()
        }
        Some(text) => created
            .checked_add(SignedDuration::from_mins(minutes(text)?))
            .ok(),
    }
}

fn minutes(text: &str) -> Option<i64> {
    let (unit_minutes, number) = [(1, 'm'), (60, 'h'), (24 * 60, 'd')]
        .into_iter()
        .find_map(|(minutes, unit)| Some((minutes, text.strip_suffix(unit)?)))?;
    // Five digits hold fifteen days in minutes; more could only be out of range.
    if !(1..=5).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let minutes = number.parse::<i64>().ok()? * unit_minutes;
    (1..=DAYS_MAX * 24 * 60)
        .contains(&minutes)
        .then_some(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(limit: Option<&str>, expected: Option<&str>) {
        let created: Timestamp = "2024-01-01T04:00:00Z".parse().unwrap();
        let expected = expected.map(|text| text.parse::<Timestamp>().unwrap());
        assert_eq!(closes_at(limit, created), expected, "{limit:?}");
    }

    #[test]
    fn reads_every_unit_and_refuses_the_rest() {
        check(None, Some("2024-01-16T04:00:00Z"));
        check(Some("1m"), Some("2024-01-01T04:01:00Z"));
        check(Some("90m"), Some("2024-01-01T05:30:00Z"));
        check(Some("2h"), Some("2024-01-01T06:00:00Z"));
        check(Some("15d"), Some("2024-01-16T04:00:00Z"));
        check(Some("1c"), Some("2024-01-01T16:00:00Z"));
        for bad in [
            "", "m", "0m", "1.5h", "16d", "361h", "21601m", "-1m", "+1m", "1s", "2c", "1 m",
            "999999m", "１m",
        ] {
            check(Some(bad), None);
        }
    }
}
