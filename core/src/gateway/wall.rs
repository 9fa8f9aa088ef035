//! `yyyy-MM-dd HH:mm:ss` on a gateway's clock, which is so many hours ahead of UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, offset};

const FORMAT: &str = "%Y-%m-%d %H:%M:%S";

/// The clock of a gateway.
pub(super) fn clock(hours_ahead: i8) -> TimeZone {
    TimeZone::fixed(offset(hours_ahead))
}

/// The instant as the gateway writes it.
pub(super) fn write(at: Timestamp, clock: &TimeZone) -> String {
    clock.to_datetime(at).strftime(FORMAT).to_string()
}

/// What the gateway wrote, as an instant; `None` for every other form.
pub(super) fn read(text: &str, clock: &TimeZone) -> Option<Timestamp> {
    let shaped = text.len() == 19
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            10 => byte == b' ',
            13 | 16 => byte == b':',
            _ => byte.is_ascii_digit(),
        });
    let civil = shaped
        .then(|| DateTime::strptime(FORMAT, text).ok())
        .flatten()?;
    clock.to_timestamp(civil).ok()
}
