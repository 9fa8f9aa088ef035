//! Spans of time: `5s`, `30m`, `24h`.

use super::section::Reader;
use std::time::Duration;
use toml::Value;

/// Reads one span and notes what is wrong with it. A unit is always written: a bare number could mean anything.
pub(super) fn read(path: String, value: Value, reader: &mut Reader<'_>) -> Option<Duration> {
    let span = value.as_str().and_then(parse);
    if span.is_none() {
        reader.wrong(
            path,
            ("this is no span of time", "不是有效的时间长度"),
            (
                "write a whole number of at most 6 digits and s, m or h in double quotes: \"30s\"",
                "请在双引号中写整数（最多 6 位）加单位 s、m 或 h，例如 \"30s\"",
            ),
        );
    }
    span
}

/// A span of at least a second.
fn parse(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let secs = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        _ => return None,
    };
    let digits = text.strip_suffix(unit)?;
    // At most six digits: no product below can overflow, and nobody waits for longer.
    if !(1..=6).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    (number > 0).then(|| Duration::from_secs(number * secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        for (text, secs) in [("5s", 5), ("030s", 30), ("3m", 180), ("24h", 86_400)] {
            assert_eq!(parse(text), Some(Duration::from_secs(secs)), "{text}");
        }
        for text in [
            "", "s", "5", "0s", "-5s", "+5s", " 5s", "5 s", "5S", "5d", "1.5h", "1h30m",
            "1234567s", "５s", "5秒",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
