//! When an account's statements are read: `statement_at`.

use super::section::{Reader, Section};
use jiff::civil::Time;
use quittance_core::gateway::Account;
use quittance_core::statement::StatementPolicy;

/// Half past two at night: the day before is booked by then, and few buyers are about.
const AT_SECS: i32 = 2 * 3_600 + 30 * 60;

/// The time of day by the gateway's clock; `None` where no statements are read.
pub(super) fn read(
    account: Option<&Account>,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<StatementPolicy> {
    let text = section.text("statement_at", reader);
    let clock = account?.gateway().statement_clock().ok();
    let at_secs = match text {
        None => AT_SECS,
        Some(text) => {
            let at = time(&text);
            if at.is_none() {
                reader.wrong(
                    section.path("statement_at"),
                    ("this is no time of day", "不是有效的时刻"),
                    (
                        "write hours and minutes by the gateway's clock in double quotes: \"02:30\"",
                        "请在双引号中写网关所在地的时和分，例如 \"02:30\"",
                    ),
                );
            }
            at?
        }
    };
    Some(StatementPolicy {
        utc_offset_secs: clock?,
        at_secs,
    })
}

/// Seconds after midnight of `HH:MM`.
fn time(text: &str) -> Option<i32> {
    let plain = text.len() == 5
        && text.bytes().enumerate().all(|(at, byte)| match at {
            2 => byte == b':',
            _ => byte.is_ascii_digit(),
        });
    let time = Time::strptime("%H:%M", text).ok().filter(|_| plain)?;
    Some(i32::from(time.hour()) * 3_600 + i32::from(time.minute()) * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_hours_and_minutes() {
        for (text, secs) in [("00:00", 0), ("02:30", 9_000), ("23:59", 86_340)] {
            assert_eq!(time(text), Some(secs), "{text}");
        }
        for text in [
            "", "2:30", "24:00", "02:60", "02:30:00", "0230", " 2:30", "02：30",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
