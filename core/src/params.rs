//! Ordered parameters: one strict parse of `application/x-www-form-urlencoded` bytes.
//!
//! The map that is verified is the map that is read (invariant I2). A duplicate name, a bad escape, a NUL, a foreign
//! separator or a name outside `[a-z0-9_]{1,40}` is refused, never repaired (SEC-075..079).

use crate::sabotage::{Defence, removed};
use std::ops::Range;

/// At most this many fields in one message (SEC-095).
pub const FIELDS_MAX: usize = 200;
/// At most this many bytes in one decoded value (SEC-095).
pub const VALUE_BYTES_MAX: usize = 8 * 1024;
/// At most this many bytes in one name (SEC-077).
pub const NAME_BYTES_MAX: usize = 40;

/// Names and values in the order in which they came, decoded once, in one buffer.
#[derive(Clone, PartialEq, Eq)]
pub struct Params {
    buffer: Vec<u8>,
    fields: Vec<(Range<usize>, Range<usize>)>,
    value_bytes_max: usize,
}

impl Default for Params {
    fn default() -> Params {
        Params::holding(VALUE_BYTES_MAX)
    }
}

/// Why bytes are no parameters. The order of the variants is the order of precedence within one field.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParamsError {
    /// More than [`FIELDS_MAX`] fields.
    #[error("more than {FIELDS_MAX} fields")]
    TooManyFields,
    /// A field without `=`.
    #[error("a field has no '='")]
    NoEquals,
    /// `%` without two hexadecimal digits, or a byte that a form never sends bare.
    #[error("a bad percent-escape, or a byte that must be escaped")]
    BadEscape,
    /// A NUL byte.
    #[error("a NUL byte")]
    Nul,
    /// A name outside `[a-z0-9_]{1,40}`.
    #[error("a field name outside [a-z0-9_]{{1,{NAME_BYTES_MAX}}}")]
    BadName,
    /// A value longer than it may be: [`VALUE_BYTES_MAX`], where nothing else is said.
    #[error("the value of {0} is longer than {1} bytes")]
    ValueTooLong(String, usize),
    /// The same name twice.
    #[error("the field {0} stands there twice")]
    Duplicate(String),
}

impl Params {
    /// No parameters yet.
    #[must_use]
    pub fn new() -> Params {
        Params::default()
    }

    /// No parameters yet, of which each may be so long: a report of a day is one value.
    #[must_use]
    pub fn holding(value_bytes_max: usize) -> Params {
        Params {
            buffer: Vec::new(),
            fields: Vec::new(),
            value_bytes_max,
        }
    }

    /// Reads form or query bytes. `&` is the only separator, `+` is a blank, escapes are decoded exactly once.
    ///
    /// # Errors
    /// [`ParamsError`] names the first thing that is not as a form sends it. Empty input is an empty list.
    pub fn parse(wire: &[u8]) -> Result<Params, ParamsError> {
        let mut params = Params {
            buffer: Vec::with_capacity(wire.len()),
            fields: Vec::with_capacity(32),
            value_bytes_max: VALUE_BYTES_MAX,
        };
        if wire.is_empty() {
            return Ok(params);
        }
        for field in wire.split(|byte| *byte == b'&') {
            if params.fields.len() == FIELDS_MAX {
                return Err(ParamsError::TooManyFields);
            }
            let equals = field
                .iter()
                .position(|byte| *byte == b'=')
                .ok_or(ParamsError::NoEquals)?;
            let name = params.decode(&field[..equals])?;
            let value = params.decode(&field[equals + 1..])?;
            params.admit(name, value)?;
        }
        Ok(params)
    }

    /// Adds one parameter behind the others.
    ///
    /// # Errors
    /// As [`Params::parse`]: bad name, value too long, duplicate, too many fields, NUL.
    pub fn push(&mut self, name: &str, value: &[u8]) -> Result<(), ParamsError> {
        if self.fields.len() == FIELDS_MAX {
            return Err(ParamsError::TooManyFields);
        }
        if value.contains(&0) {
            return Err(ParamsError::Nul);
        }
        let name = self.extend(name.as_bytes());
        let value = self.extend(value);
        self.admit(name, value)
    }

    /// The value of this name, as bytes in the charset of the message.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Every name and value, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.fields
            .iter()
            .map(|(name, value)| (self.name(name), &self.buffer[value.clone()]))
    }

    /// How many parameters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The parameters as a form body or query string: `+` for a blank, everything but `A-Za-z0-9*-._` escaped.
    #[must_use]
    pub fn to_wire(&self) -> String {
        let mut wire = String::with_capacity(self.buffer.len() * 2);
        for (name, value) in self.iter() {
            if !wire.is_empty() {
                wire.push('&');
            }
            escape(name.as_bytes(), &mut wire);
            wire.push('=');
            escape(value, &mut wire);
        }
        wire
    }

    fn name(&self, range: &Range<usize>) -> &str {
        std::str::from_utf8(&self.buffer[range.clone()]).unwrap_or_default()
    }

    fn extend(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.buffer.len();
        self.buffer.extend_from_slice(bytes);
        start..self.buffer.len()
    }

    fn decode(&mut self, field: &[u8]) -> Result<Range<usize>, ParamsError> {
        let start = self.buffer.len();
        let mut rest = field.iter();
        while let Some(byte) = rest.next() {
            let decoded = match byte {
                b'+' => b' ',
                b'%' => {
                    let high = rest.next().copied().and_then(hex_digit);
                    let low = rest.next().copied().and_then(hex_digit);
                    high.zip(low)
                        .map(|(high, low)| high * 16 + low)
                        .ok_or(ParamsError::BadEscape)?
                }
                b';' => return Err(ParamsError::BadEscape),
                byte if byte.is_ascii_graphic() => *byte,
                _ => return Err(ParamsError::BadEscape),
            };
            if decoded == 0 {
                return Err(ParamsError::Nul);
            }
            self.buffer.push(decoded);
        }
        Ok(start..self.buffer.len())
    }

    fn admit(&mut self, name: Range<usize>, value: Range<usize>) -> Result<(), ParamsError> {
        let bytes = &self.buffer[name.clone()];
        let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
        if !(1..=NAME_BYTES_MAX).contains(&bytes.len()) || !bytes.iter().all(plain) {
            return Err(ParamsError::BadName);
        }
        let text = self.name(&name);
        if value.len() > self.value_bytes_max {
            return Err(ParamsError::ValueTooLong(
                text.to_owned(),
                self.value_bytes_max,
            ));
        }
        if self.get(text).is_some() && !removed(Defence::DuplicateNames) {
            return Err(ParamsError::Duplicate(text.to_owned()));
        }
        self.fields.push((name, value));
        Ok(())
    }
}

impl std::fmt::Debug for Params {
    /// The names only: values hold signatures and buyers.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

fn escape(bytes: &[u8], wire: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in bytes {
        match byte {
            b' ' => wire.push('+'),
            b'*' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                wire.push(char::from(*byte))
            }
            _ => {
                wire.push('%');
                wire.push(char::from(DIGITS[usize::from(byte >> 4)]));
                wire.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(wire: &str, expected: Result<&[(&str, &str)], ParamsError>) {
        let read = Params::parse(wire.as_bytes());
        let read = read.as_ref().map(|params| {
            params
                .iter()
                .map(|(name, value)| (name, std::str::from_utf8(value).unwrap()))
                .collect::<Vec<_>>()
        });
        assert_eq!(
            read,
            expected.as_ref().map(|fields| fields.to_vec()),
            "{wire}"
        );
    }

    #[test]
    fn reads_a_form_once_and_strictly() {
        check("a=1&b=", Ok(&[("a", "1"), ("b", "")]));
        check("a=x+y%2Bz%26", Ok(&[("a", "x y+z&")]));
        check("a=%2526", Ok(&[("a", "%26")]));
        check("a==", Ok(&[("a", "=")]));
        check("", Ok(&[]));
        check("a=1&a=2", Err(ParamsError::Duplicate("a".into())));
        check("a=1&%61=2", Err(ParamsError::Duplicate("a".into())));
        check("a[]=1", Err(ParamsError::BadName));
        check("a.x=1", Err(ParamsError::BadName));
        check("A=1", Err(ParamsError::BadName));
        check("=1", Err(ParamsError::BadName));
        check("a=1;b=2", Err(ParamsError::BadEscape));
        check("a=1&amp;b=2", Err(ParamsError::BadEscape));
        check("a=1&&b=2", Err(ParamsError::NoEquals));
        check("a", Err(ParamsError::NoEquals));
        check("a=%zz", Err(ParamsError::BadEscape));
        check("a=%u4e2d", Err(ParamsError::BadEscape));
        check("a=%4", Err(ParamsError::BadEscape));
        check("a=%00", Err(ParamsError::Nul));
        check("a=1\n", Err(ParamsError::BadEscape));
        check("a=测", Err(ParamsError::BadEscape));
    }

    #[test]
    fn bounds_fields_and_lengths() {
        let many = (0..=FIELDS_MAX)
            .map(|n| format!("f{n}=1"))
            .collect::<Vec<_>>()
            .join("&");
        check(&many, Err(ParamsError::TooManyFields));
        check(
            &format!("a={}", "x".repeat(VALUE_BYTES_MAX + 1)),
            Err(ParamsError::ValueTooLong("a".into(), VALUE_BYTES_MAX)),
        );
        check(
            &format!("{}=1", "n".repeat(NAME_BYTES_MAX + 1)),
            Err(ParamsError::BadName),
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(values in prop::collection::vec(prop::collection::vec(1_u8.., 0..40), 0..20)) {
            let mut params = Params::new();
            for (n, value) in values.iter().enumerate() {
                params.push(&format!("f{n}"), value).unwrap();
            }
            let wire = params.to_wire();
            let again = Params::parse(wire.as_bytes()).unwrap();
            prop_assert_eq!(again.to_wire(), wire);
            prop_assert!(again.iter().eq(params.iter()));
        }

        #[test]
        fn parsing_never_panics(wire in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Params::parse(&wire);
        }
    }
}
