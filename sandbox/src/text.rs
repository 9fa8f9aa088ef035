//! Bytes, times and amounts as people and programs read them.

use jiff::Timestamp;
use jiff::tz::Offset;
use quittance_core::charset::Charset;
use quittance_core::{Lang, Money};

/// Beijing is eight hours ahead of UTC all year.
const BEIJING: Offset = Offset::constant(8);

/// Bytes as they can be shown without losing one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Shown {
    /// Text of this charset, that written again gives the same bytes.
    Text(String, Charset),
    /// Nothing that is text.
    Base64(String),
}

/// Text where the bytes are UTF-8 or GBK to the last one, else Base64. Control characters other than line ends and
/// tabs are no text.
pub(crate) fn shown(bytes: &[u8]) -> Shown {
    let plain = |text: &str| {
        text.chars()
            .all(|c| !c.is_control() || matches!(c, '\r' | '\n' | '\t'))
    };
    // Decoding is strict: what would not come back unchanged is refused.
    let read = |charset: Charset| {
        let text = charset.decode(bytes).ok()?.into_owned();
        plain(&text).then_some(Shown::Text(text, charset))
    };
    read(Charset::Utf8)
        .or_else(|| read(Charset::Gbk))
        .unwrap_or_else(|| Shown::Base64(data_encoding::BASE64.encode(bytes)))
}

/// The first bytes as they can be shown; a character that the cut would break is left out.
pub(crate) fn beginning(bytes: &[u8], bytes_max: usize) -> (&[u8], Shown) {
    let Some(part) = bytes.get(..bytes_max) else {
        return (bytes, shown(bytes));
    };
    (0..4)
        .filter_map(|less| part.get(..bytes_max.checked_sub(less)?))
        .map(|part| (part, shown(part)))
        .find(|(_, text)| matches!(text, Shown::Text(..)))
        .unwrap_or_else(|| (part, shown(part)))
}

/// The time as the wire writes it, in Beijing.
pub(crate) fn beijing(at: Timestamp) -> String {
    BEIJING
        .to_datetime(at)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// The same without the day.
pub(crate) fn beijing_clock(at: Timestamp) -> String {
    BEIJING.to_datetime(at).strftime("%H:%M:%S").to_string()
}

/// The time in UTC to the whole second.
pub(crate) fn utc(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second())
        .unwrap_or(at)
        .to_string()
}

/// How long ago, or how far ahead: `12 s ago`, `in 2 min`.
pub(crate) fn relative(now: Timestamp, at: Timestamp, lang: Lang) -> String {
    let secs = at.duration_since(now).as_secs();
    let (count, en, zh) = match secs.unsigned_abs() {
        secs @ 0..120 => (secs, "s", "秒"),
        secs @ 120..7_200 => (secs / 60, "min", "分钟"),
        secs @ 7_200..172_800 => (secs / 3_600, "h", "小时"),
        secs => (secs / 86_400, "days", "天"),
    };
    match (lang, at > now) {
        (Lang::En, true) => format!("in {count} {en}"),
        (Lang::En, false) => format!("{count} {en} ago"),
        (Lang::Zh, true) => format!("{count} {zh}后"),
        (Lang::Zh, false) => format!("{count} {zh}前"),
    }
}

/// When something comes that is due: `in 2 min`, `now`.
pub(crate) fn ahead(now: Timestamp, at: Timestamp, lang: Lang) -> String {
    if at > now {
        relative(now, at, lang)
    } else {
        lang.pick("now", "马上").to_owned()
    }
}

/// The amount with its currency written out: `¥0.01 CNY`, `$34.50 USD`, `35 JPY`.
pub(crate) fn amount(money: Money) -> String {
    let sign = match money.currency.code() {
        "CNY" => "¥",
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        _ => "",
    };
    format!("{sign}{money}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_without_losing_one() {
        for (bytes, expected) in [
            (
                &b"success\r\n"[..],
                Shown::Text("success\r\n".into(), Charset::Utf8),
            ),
            ("测试".as_bytes(), Shown::Text("测试".into(), Charset::Utf8)),
            (
                b"\xb2\xe2\xca\xd4",
                Shown::Text("测试".into(), Charset::Gbk),
            ),
            (b"", Shown::Text(String::new(), Charset::Utf8)),
            (b"\xff\xfe", Shown::Base64("//4=".into())),
            // GBK has two ways to write the euro sign.
            (b"\xa2\xe3", Shown::Base64("ouM=".into())),
            (b"a\0b", Shown::Base64("YQBi".into())),
            (b"\x1b[31m", Shown::Base64("G1szMW0=".into())),
        ] {
            assert_eq!(shown(bytes), expected);
        }
    }

    #[test]
    fn times_are_told_from_both_sides() {
        let now: Timestamp = "2024-01-01T04:00:00Z".parse().unwrap();
        for (at, en, zh) in [
            ("2024-01-01T04:00:00Z", "0 s ago", "0 秒前"),
            ("2024-01-01T04:01:59Z", "in 119 s", "119 秒后"),
            ("2024-01-01T03:50:00Z", "10 min ago", "10 分钟前"),
            ("2024-01-01T19:00:00Z", "in 15 h", "15 小时后"),
            ("2023-12-25T04:00:00Z", "7 days ago", "7 天前"),
        ] {
            let at = at.parse().unwrap();
            assert_eq!(relative(now, at, Lang::En), en);
            assert_eq!(relative(now, at, Lang::Zh), zh);
        }
        assert_eq!(beijing(now), "2024-01-01 12:00:00");
    }
}
