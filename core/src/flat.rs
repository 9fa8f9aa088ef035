//! A message of names and texts as one flat JSON object, read strictly: bounded, UTF-8, and no name twice (SEC-075).
//!
//! Signatures are made over texts, so every value is kept as one: a string unescaped, a number by the digits that came,
//! `true` and `false` as such, an object or a list by the JSON that came. What is `null` is not there.

use crate::sabotage::{Defence, removed};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// No message has more fields.
const FIELDS_MAX: usize = 200;
/// No name is longer, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// No value is longer, in bytes.
const VALUE_BYTES_MAX: usize = 64 * 1024;

/// Names and texts, sorted by name as bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Flat(BTreeMap<String, String>);

/// Why bytes are no such message.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FlatError {
    /// It is no JSON object, or not whole.
    #[error("it is not one JSON object in UTF-8: {0}")]
    NotJson(String),
    /// A name stands there twice: two readers may read two things.
    #[error("the field {0} stands there twice")]
    Duplicate(String),
    /// More fields than any message has.
    #[error("more than {FIELDS_MAX} fields")]
    TooManyFields,
    /// A name that no message has.
    #[error(
        "a field name that is not 1 to {NAME_BYTES_MAX} printable ASCII characters without & and ="
    )]
    BadName,
    /// A value that is too long.
    #[error("the field {0} is longer than {VALUE_BYTES_MAX} bytes")]
    TooLong(String),
}

impl Flat {
    /// Reads a message.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(bytes: &[u8]) -> Result<Flat, FlatError> {
        let Fields(fields) = serde_json::from_slice(bytes)
            .map_err(|error| FlatError::NotJson(format!("{:?} error", error.classify())))?;
        if fields.len() > FIELDS_MAX {
            return Err(FlatError::TooManyFields);
        }
        let (mut read, mut seen) = (BTreeMap::new(), BTreeSet::new());
        for (name, raw) in fields {
            let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'&' | b'=');
            if !(1..=NAME_BYTES_MAX).contains(&name.len()) || !name.bytes().all(plain) {
                return Err(FlatError::BadName);
            }
            if !seen.insert(name.clone()) && !removed(Defence::DuplicateNames) {
                return Err(FlatError::Duplicate(name));
            }
            let Some(text) = text(raw) else {
                continue;
            };
            if text.len() > VALUE_BYTES_MAX {
                return Err(FlatError::TooLong(name));
            }
            read.insert(name, text);
        }
        Ok(Flat(read))
    }

    /// The text of this name; `None` too where it is empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// All of them, sorted by name as bytes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The message as JSON, every value a string.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // A map of strings has nothing that JSON cannot say.
        serde_json::to_vec(&self.0).unwrap_or_default()
    }
}

impl<N: Into<String>, T: Into<String>> FromIterator<(N, T)> for Flat {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(fields: I) -> Flat {
        let fields = fields.into_iter();
        Flat(
            fields
                .map(|(name, text)| (name.into(), text.into()))
                .collect(),
        )
    }
}

/// The names alone: a value may say who somebody is.
impl fmt::Debug for Flat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The fields of the JSON object at the beginning, in their order and none of them looked into, and how many bytes it
/// has. Nothing else is judged: names may stand there twice, and anything behind it.
pub(crate) fn first_object(bytes: &[u8]) -> Option<(Vec<(String, &RawValue)>, usize)> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<Fields<'_>>();
    let Fields(fields) = values.next()?.ok()?;
    Some((fields, values.byte_offset()))
}

/// A value as the text that is signed; `None` for `null`.
pub(crate) fn text(raw: &RawValue) -> Option<String> {
    let raw = raw.get();
    match raw.as_bytes().first() {
        // It was read as JSON already, so a string reads as one.
        Some(b'"') => Some(serde_json::from_str(raw).unwrap_or_default()),
        Some(b'n') => None,
        _ => Some(raw.to_owned()),
    }
}

/// The fields in their order, none of them looked into.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry::<String, &RawValue>()? {
                    if fields.len() > FIELDS_MAX {
                        return Err(A::Error::custom("too many fields"));
                    }
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<(String, String)>, FlatError> {
        let flat = Flat::parse(json.as_bytes())?;
        let own = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        Ok(flat.iter().map(own).collect())
    }

    /// Every value is the text that is signed.
    #[test]
    fn values_are_kept_as_texts() {
        let json = r#" {"b":"x\"\u0041茶","a":34.50,"B":1e2,"t":true,"n":null,"e":"","o":{"x": [1, 2]},"l":[ 1 ]} "#;
        let found = read(json).unwrap();
        let expected = [
            ("B", "1e2"),
            ("a", "34.50"),
            ("b", "x\"A茶"),
            ("e", ""),
            ("l", "[ 1 ]"),
            ("o", "{\"x\": [1, 2]}"),
            ("t", "true"),
        ];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(found, expected);
        let flat = Flat::parse(json.as_bytes()).unwrap();
        assert_eq!((flat.get("e"), flat.get("n")), (None, None));
        assert!(!format!("{flat:?}").contains("34.50"));
    }

    /// SEC-075: of two values of one name, nobody can say which was meant, however the name is written.
    #[test]
    fn a_name_twice_is_no_message() {
        for json in [
            r#"{"a":"1","a":"1"}"#,
            r#"{"a":"1","\u0061":"2"}"#,
            r#"{"a":null,"a":"2"}"#,
        ] {
            assert_eq!(read(json), Err(FlatError::Duplicate("a".into())), "{json}");
        }
    }

    #[test]
    fn what_is_no_message_is_told() {
        for json in [
            "",
            "[]",
            "\"a\"",
            "{",
            "{\"a\":1}x",
            "{\"a\":01}",
            "{'a':1}",
            "null",
            "{\"a\":\"\u{1}\"}",
        ] {
            assert!(matches!(read(json), Err(FlatError::NotJson(_))), "{json}");
        }
        assert!(matches!(
            Flat::parse(b"{\"a\":\"\xff\"}"),
            Err(FlatError::NotJson(_))
        ));
        for name in ["", "a&b", "a=b", "a b", "名", &"n".repeat(65)] {
            assert_eq!(read(&format!("{{\"{name}\":1}}")), Err(FlatError::BadName));
        }
        let many: Vec<String> = (0..=FIELDS_MAX).map(|n| format!("\"a{n}\":1")).collect();
        let many = format!("{{{}}}", many.join(","));
        assert_eq!(read(&many), Err(FlatError::TooManyFields));
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(VALUE_BYTES_MAX + 1));
        assert_eq!(read(&long), Err(FlatError::TooLong("a".into())));
    }

    #[test]
    fn what_is_written_reads_back() {
        let flat: Flat = [("b", "茶 \"&\""), ("a", "")].into_iter().collect();
        assert_eq!(flat.to_json(), r#"{"a":"","b":"茶 \"&\""}"#.as_bytes());
        assert_eq!(Flat::parse(&flat.to_json()), Ok(flat));
    }
}
