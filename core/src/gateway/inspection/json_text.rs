//! Texts as libraries of JSON write them: escapes, numbers, blanks.

/// Numbers with more digits in front of the point are no amounts.
const WHOLE_DIGITS_MAX: usize = 15;
/// Nobody writes a number with more digits, or a larger exponent.
const DIGITS_MAX: usize = 40;

/// The text as it stands between quotes; `ascii` escapes every other character, `slash` the slash.
pub(super) fn escaped(text: &str, ascii: bool, slash: bool) -> Vec<u8> {
    let mut made = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c {
            '"' => made.push_str("\\\""),
            '\\' => made.push_str("\\\\"),
            '\n' => made.push_str("\\n"),
            '\r' => made.push_str("\\r"),
            '\t' => made.push_str("\\t"),
            '/' if slash => made.push_str("\\/"),
            c if c < ' ' || ascii && !c.is_ascii() => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    made.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => made.push(c),
        }
    }
    made.into_bytes()
}

/// The text that stands between quotes so; `None` where it has no escapes, or wrong ones.
pub(super) fn unescaped(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.contains(&b'\\') {
        return None;
    }
    let text: String = serde_json::from_slice(&[b"\"", bytes, b"\""].concat()).ok()?;
    Some(text.into_bytes())
}

/// An object or a list without the blanks between its parts.
pub(super) fn compact(bytes: &[u8]) -> Option<Vec<u8>> {
    if !matches!(bytes.trim_ascii().first(), Some(b'{' | b'[')) {
        return None;
    }
    let (mut inside, mut escape) = (false, false);
    let mut made = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if inside || !byte.is_ascii_whitespace() {
            made.push(*byte);
        }
        if *byte == b'"' && !escape {
            inside = !inside;
        }
        escape = inside && *byte == b'\\' && !escape;
    }
    Some(made)
}

/// A number without the zeros at its end, written out.
pub(super) fn shortest(number: &[u8]) -> Option<Vec<u8>> {
    let (whole, fraction) = digits(number)?;
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{whole}{point}{fraction}").into_bytes())
}

/// A number with so many digits behind the point, of which at least one is a zero at the end.
pub(super) fn padded(number: &[u8], places: usize) -> Option<Vec<u8>> {
    let (whole, fraction) = digits(number)?;
    (fraction.len() < places).then(|| format!("{whole}.{fraction:0<places$}").into_bytes())
}

/// The digits on both sides of the point, with the sign and without zeros that say nothing.
fn digits(number: &[u8]) -> Option<(String, String)> {
    let text = std::str::from_utf8(number).ok()?;
    let (minus, text) = match text.strip_prefix('-') {
        Some(text) => ("-", text),
        None => ("", text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i8>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut all = format!("{whole}{fraction}");
    let plain = !whole.is_empty() && all.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || all.len() > DIGITS_MAX {
        return None;
    }
    let point = i32::try_from(whole.len()).ok()? + i32::from(exponent);
    let point = match usize::try_from(point) {
        Ok(point) => point,
        Err(_) => {
            all = format!("{}{all}", "0".repeat(point.unsigned_abs() as usize));
            0
        }
    };
    let all = format!("{all:0<point$}");
    let (whole, fraction) = all.split_at(point);
    let whole = whole.trim_start_matches('0');
    if whole.len() > WHOLE_DIGITS_MAX {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    Some((format!("{minus}{whole}"), fraction.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_written_out() {
        let short =
            |text: &str| shortest(text.as_bytes()).map(|made| String::from_utf8(made).unwrap());
        for (number, expected) in [
            ("34.50", "34.5"),
            ("1.0", "1"),
            ("0.10", "0.1"),
            ("-1.20", "-1.2"),
            ("1e2", "100"),
            ("1.5E-3", "0.0015"),
            ("12E-1", "1.2"),
            ("0", "0"),
            ("007", "7"),
        ] {
            assert_eq!(short(number).as_deref(), Some(expected));
        }
        for other in [
            "",
            ".",
            "a",
            "1.2.3",
            "1e999",
            "51230000012511240000001",
            "+1",
            "1e",
        ] {
            assert_eq!(short(other), None, "{other}");
        }
        assert_eq!(padded(b"0.1", 2).unwrap(), b"0.10");
        assert_eq!(padded(b"1", 2).unwrap(), b"1.00");
        assert_eq!((padded(b"34.55", 2), padded(b"x", 2)), (None, None));
    }

    #[test]
    fn texts_are_escaped() {
        let made = |ascii, slash| String::from_utf8(escaped("茶/\"\n\u{1}", ascii, slash)).unwrap();
        assert_eq!(made(false, false), r#"茶/\"\n\u0001"#);
        assert_eq!(made(true, true), r#"\u8336\/\"\n\u0001"#);
        let compacted = compact(br#"{ "a b": [1, "\" c"] }"#).unwrap();
        assert_eq!(compacted, br#"{"a b":[1,"\" c"]}"#);
        assert_eq!(compact(b"a b"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), number in "[-0-9.eE]{0,20}") {
            let _ = (unescaped(&bytes), compact(&bytes), shortest(&bytes), padded(&bytes, 2));
            let _ = (shortest(number.as_bytes()), padded(number.as_bytes(), 3));
        }

        #[test]
        fn escapes_are_undone(text in any::<String>(), ascii: bool, slash: bool) {
            let made = escaped(&text, ascii, slash);
            if made != text.as_bytes() {
                let plain = unescaped(&made).map(|plain| plain == text.as_bytes());
                prop_assert_eq!(plain, Some(true));
            }
        }
    }
}
