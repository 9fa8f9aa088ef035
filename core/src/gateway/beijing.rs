//! The gateway's clock: `yyyy-MM-dd HH:mm:ss` in Beijing time (note 2.1), which has been eight hours ahead of UTC
//! without a change since 1991.

use super::wall;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// How a report writes a row's time.
const REPORT_FORMAT: &str = "%Y年%m月%d日 %H:%M:%S";

/// The instant as the gateway writes it.
pub(super) fn write(at: Timestamp) -> String {
    wall::write(at, &zone())
}

/// The instant as a report writes it: `2024年01月01日 12:00:04`.
pub(super) fn write_in_report(at: Timestamp) -> String {
    zone().to_datetime(at).strftime(REPORT_FORMAT).to_string()
}

/// The day of the instant, as it stands at the head of a batch's number (note 5.3): `20240101`.
pub(super) fn day(at: Timestamp) -> String {
    zone().to_datetime(at).strftime("%Y%m%d").to_string()
}

/// What the gateway wrote, as an instant; `None` for every other form.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    wall::read(text, &zone())
}

/// What a report wrote, in either form, as an instant.
pub(super) fn read_in_report(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime(REPORT_FORMAT, text);
    match civil.and_then(|civil| zone().to_timestamp(civil)) {
        Ok(at) => (write_in_report(at) == text).then_some(at),
        Err(_) => read(text),
    }
}

fn zone() -> TimeZone {
    wall::clock(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written reads back as the same second; anything else reads as nothing.
    #[test]
    fn reads_what_the_gateway_writes_and_nothing_else() {
        let at: Timestamp = "2024-01-01T04:00:04Z".parse().unwrap();
        assert_eq!(write(at), "2024-01-01 12:00:04");
        assert_eq!(read("2024-01-01 12:00:04"), Some(at));
        assert_eq!(day("2024-01-01T15:59:59Z".parse().unwrap()), "20240101");
        assert_eq!(day("2024-01-01T16:00:00Z".parse().unwrap()), "20240102");
        for wrong in [
            "",
            "2024-01-01",
            "2024-1-01 12:00:04 ",
            "2024-13-01 12:00:04",
            "2024-02-30 12:00:04",
            "2024-01-01 24:00:00",
            "2024-01-01T12:00:04",
            "2024-01-01 12:00:04Z",
            "０２4-01-01 12:00",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    /// A report's own form reads as the same second, the usual form does too, and nothing between them.
    #[test]
    fn reads_the_times_of_a_report() {
        let at: Timestamp = "2024-01-01T04:00:04Z".parse().unwrap();
        assert_eq!(write_in_report(at), "2024年01月01日 12:00:04");
        for text in ["2024年01月01日 12:00:04", "2024-01-01 12:00:04"] {
            assert_eq!(read_in_report(text), Some(at), "{text}");
        }
        for wrong in [
            "",
            "2024年1月1日 12:00:04",
            "2024年01月01日  12:00:04",
            "2024年01月01日 12:00",
            "2024年02月30日 12:00:04",
            "2024年01-01 12:00:04",
            "+2024年01月01日 12:00:04",
            "2024年01月01日 12:00:04 ",
        ] {
            assert_eq!(read_in_report(wrong), None, "{wrong}");
        }
    }
}
