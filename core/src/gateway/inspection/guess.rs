//! What may have been signed: fields, how they are put together, and the key. Every guess is really hashed, or really
//! verified where only the other side can sign.

use super::came::Came;
use crate::flat;
use crate::gateway::seal::Theirs;
use crate::params::{FIELDS_MAX, Params};
use crate::sign;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// How a value is written on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::gateway) enum Shape {
    /// In a form, or in XML.
    Form,
    /// As a string of JSON.
    Text,
    /// As a number of JSON.
    Number,
    /// As the `null` of JSON, which is not signed.
    Null,
    /// As anything else of JSON.
    Other,
}

/// One parameter as it came and as it is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::gateway) struct Field {
    pub(in crate::gateway) name: Vec<u8>,
    /// The value as it stands on the wire, a string of JSON without its quotes.
    pub(in crate::gateway) raw: Vec<u8>,
    /// The value that is signed.
    pub(in crate::gateway) value: Vec<u8>,
    pub(in crate::gateway) shape: Shape,
    /// Whether it is an amount of money.
    pub(in crate::gateway) money: bool,
}

impl Field {
    /// A value that stands on the wire as it is signed.
    pub(in crate::gateway) fn plain(name: &[u8], value: &[u8]) -> Field {
        Field {
            name: name.to_vec(),
            raw: value.to_vec(),
            value: value.to_vec(),
            shape: Shape::Form,
            money: false,
        }
    }

    /// A value of JSON.
    fn json(name: &str, value: &RawValue) -> Field {
        let raw = value.get();
        let (shape, raw) = match raw.as_bytes() {
            [b'"', inner @ .., b'"'] => (Shape::Text, inner),
            [b'n', ..] => (Shape::Null, raw.as_bytes()),
            [b'-' | b'0'..=b'9', ..] => (Shape::Number, raw.as_bytes()),
            _ => (Shape::Other, raw.as_bytes()),
        };
        Field {
            raw: raw.to_vec(),
            value: flat::text(value).unwrap_or_default().into_bytes(),
            shape,
            ..Field::plain(name.as_bytes(), b"")
        }
    }
}

/// One way in which the signature may have been made.
#[derive(Clone, Debug)]
pub(in crate::gateway) struct Guess {
    /// Without `sign`, in the order in which they came.
    pub(in crate::gateway) fields: Vec<Field>,
    pub(in crate::gateway) sorted: bool,
    /// Whether parameters with an empty value are signed.
    pub(in crate::gateway) empty: bool,
    /// Whether parameters that are `null` are signed.
    pub(in crate::gateway) nulls: bool,
    pub(in crate::gateway) key: Theirs,
}

impl Guess {
    /// The bytes that are signed under this guess, without the key.
    pub(in crate::gateway) fn text(&self) -> Vec<u8> {
        let mut fields: Vec<(&[u8], &[u8])> = self
            .fields
            .iter()
            .filter(|field| match field.shape {
                Shape::Null => self.nulls,
                _ => self.empty || !field.value.is_empty(),
            })
            .map(|field| (field.name.as_slice(), field.value.as_slice()))
            .collect();
        if self.sorted {
            fields.sort_by_key(|(name, _)| *name);
        }
        sign::join(&fields)
    }

    /// The signature under this guess, where we can make it: with a key that both sides know.
    pub(in crate::gateway) fn sign(&self) -> Option<String> {
        match &self.key {
            Theirs::Md5(key, place) => Some(sign::md5_sign_at(*place, &self.text(), key)),
            Theirs::Public(_) => None,
        }
    }

    /// Whether the signature that came fits this guess.
    pub(in crate::gateway) fn fits(&self, came: &Came) -> bool {
        match (&self.key, self.sign()) {
            (Theirs::Md5(..), Some(sign)) => sign == came.hex,
            (key, _) => key.verifies(&self.text(), &came.base64),
        }
    }

    /// How many bytes a signature has to go through.
    pub(in crate::gateway) fn cost(&self) -> usize {
        let length = |field: &Field| field.name.len() + field.value.len() + 2;
        self.fields.iter().map(length).sum()
    }
}

/// A message taken apart for the search: with less strictness than where it is believed.
#[derive(Clone, Debug)]
pub(in crate::gateway) struct Taken {
    /// Everything but the signature; its kind too where that is not signed.
    pub(in crate::gateway) fields: Vec<Field>,
    pub(in crate::gateway) sign: Vec<u8>,
    /// The kind of the signature, where one is named.
    pub(in crate::gateway) kind: Option<Vec<u8>>,
}

impl Taken {
    /// Form or query bytes, of a gateway that signs the kind of the signature or does not. What the strict reading
    /// refuses stays as it stands; where that one accepts, both agree.
    pub(in crate::gateway) fn from_wire(wire: &[u8], kind_signed: bool) -> Taken {
        let mut taken = Taken::empty();
        let parts = wire
            .split(|byte| *byte == b'&')
            .filter(|part| !part.is_empty());
        for part in parts.take(FIELDS_MAX) {
            let equals = part.iter().position(|byte| *byte == b'=');
            let (name, raw) = match equals {
                Some(place) => (&part[..place], &part[place + 1..]),
                None => (part, &part[part.len()..]),
            };
            let field = Field {
                raw: raw.to_vec(),
                ..Field::plain(&decode(name, true), &decode(raw, true))
            };
            taken.admit(field, kind_signed);
        }
        taken
    }

    /// Fields of JSON, of a gateway that signs the kind of the signature or does not. What is called like the signature
    /// in other letter case is neither signed nor one.
    pub(in crate::gateway) fn from_json(
        fields: &[(String, &RawValue)],
        kind_signed: bool,
    ) -> Taken {
        let mut taken = Taken::empty();
        let other = |name: &str| name != "sign" && name.eq_ignore_ascii_case("sign");
        for (name, value) in fields.iter().filter(|(name, _)| !other(name)) {
            taken.admit(Field::json(name, value), kind_signed);
        }
        taken
    }

    fn empty() -> Taken {
        Taken {
            fields: Vec::new(),
            sign: Vec::new(),
            kind: None,
        }
    }

    /// Parameters that were read already, with a signature that stands elsewhere.
    pub(in crate::gateway) fn from_params(
        params: &Params,
        sign: &str,
        kind: Option<&str>,
    ) -> Taken {
        let field = |(name, value): (&str, &[u8])| Field::plain(name.as_bytes(), value);
        Taken {
            fields: params.iter().map(field).collect(),
            sign: sign.as_bytes().to_vec(),
            kind: kind.map(|kind| kind.as_bytes().to_vec()),
        }
    }

    /// Of parameters with the same name the first one.
    pub(in crate::gateway) fn with_first(mut self) -> Taken {
        let mut seen = BTreeSet::new();
        self.fields.retain(|field| seen.insert(field.name.clone()));
        self
    }

    /// Of parameters with the same name the last one.
    pub(in crate::gateway) fn with_last(mut self) -> Taken {
        self.fields.reverse();
        let mut last = self.with_first();
        last.fields.reverse();
        last
    }

    /// The value of this name.
    pub(in crate::gateway) fn value(&self, name: &str) -> Option<&[u8]> {
        let mut fields = self.fields.iter();
        let found = fields.find(|field| field.name == name.as_bytes())?;
        Some(&found.value)
    }

    fn admit(&mut self, field: Field, kind_signed: bool) {
        match field.name.as_slice() {
            b"sign" => self.sign = field.value,
            b"sign_type" => {
                self.kind = Some(field.value.clone());
                self.fields.extend(kind_signed.then_some(field));
            }
            _ => self.fields.push(field),
        }
    }

    /// As the protocol signs it, with this key.
    pub(in crate::gateway) fn guess(&self, key: &Theirs) -> Guess {
        Guess {
            fields: self.fields.clone(),
            sorted: true,
            empty: false,
            nulls: false,
            key: key.clone(),
        }
    }
}

/// Escapes decoded once; what is no escape stays.
pub(in crate::gateway) fn decode(bytes: &[u8], plus_is_blank: bool) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(byte) = bytes.get(place) {
        let pair = (digit(bytes.get(place + 1)), digit(bytes.get(place + 2)));
        match (byte, pair) {
            (b'%', (Some(high), Some(low))) => {
                decoded.push(u8::try_from(high * 16 + low).unwrap_or_default());
                place += 2;
            }
            (b'+', _) if plus_is_blank => decoded.push(b' '),
            _ => decoded.push(*byte),
        }
        place += 1;
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::Place;
    use proptest::prelude::*;
    use secrecy::SecretString;

    /// The search looks at the same message as the verification, and never panics where that one refuses.
    fn agree(wire: &[u8]) {
        let taken = Taken::from_wire(wire, false);
        let Ok(params) = Params::parse(wire) else {
            return;
        };
        let key = Theirs::Md5(SecretString::from("a key"), Place::Behind);
        assert_eq!(taken.guess(&key).text(), sign::presign(&params));
        assert_eq!(taken.sign, params.get("sign").unwrap_or_default());
        assert_eq!(taken.kind.as_deref(), params.get("sign_type"));
    }

    proptest! {
        #[test]
        fn agrees_with_the_strict_reading(
            names in prop::collection::btree_set("[a-c]{1,2}|sign|sign_type", 0..8),
            value in "([a-z%+=]|%[2-7][0-9a-f]){0,12}",
        ) {
            let pairs: Vec<String> = names.iter().map(|name| format!("{name}={value}")).collect();
            agree(pairs.join("&").as_bytes());
        }

        #[test]
        fn never_panics(wire in prop::collection::vec(any::<u8>(), 0..300)) {
            agree(&wire);
        }
    }
}
