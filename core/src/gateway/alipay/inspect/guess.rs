//! What may have been signed: fields, how they are put together, and the key. Every guess is really hashed, or really
//! verified where only the other side can sign.

use super::super::seal::Theirs;
use crate::params::{FIELDS_MAX, Params};
use crate::sign;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;

/// One parameter as it came and as it is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Field {
    pub(super) name: Vec<u8>,
    /// The value as it stands on the wire.
    pub(super) raw: Vec<u8>,
    /// The value that is signed.
    pub(super) value: Vec<u8>,
}

/// Where the key stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Right behind the text, as the protocol says.
    Behind,
    /// Behind the text as a parameter of its own, `&key=`, as other gateways do it.
    Named,
    /// In front of the text.
    Front,
}

/// One way in which the signature may have been made.
#[derive(Clone, Debug)]
pub(super) struct Guess {
    /// Without `sign` and `sign_type`, in the order in which they came.
    pub(super) fields: Vec<Field>,
    pub(super) sorted: bool,
    /// Whether parameters with an empty value are signed.
    pub(super) empty: bool,
    pub(super) key: Theirs,
    pub(super) place: Place,
}

impl Guess {
    /// The bytes that are signed under this guess, without the key.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut fields: Vec<(&[u8], &[u8])> = self
            .fields
            .iter()
            .filter(|field| self.empty || !field.value.is_empty())
            .map(|field| (field.name.as_slice(), field.value.as_slice()))
            .collect();
        if self.sorted {
            fields.sort_by_key(|(name, _)| *name);
        }
        sign::join(&fields)
    }

    /// The signature under this guess, where we can make it: with a key that both sides know.
    pub(super) fn sign(&self) -> Option<String> {
        let Theirs::Md5(key) = &self.key else {
            return None;
        };
        let mut text = self.text();
        Some(match self.place {
            Place::Behind => sign::md5_sign(&text, key),
            Place::Named => {
                text.extend_from_slice(b"&key=");
                sign::md5_sign(&text, key)
            }
            Place::Front => {
                let turned = [key.expose_secret().as_bytes(), &text].concat();
                sign::md5_sign(&turned, &SecretString::from(""))
            }
        })
    }

    /// Whether the signature that came fits this guess.
    pub(super) fn fits(&self, came: &Came) -> bool {
        match (&self.key, self.sign()) {
            (Theirs::Md5(_), Some(sign)) => sign == came.hex,
            (key, _) => key.verifies(&self.text(), &came.base64),
        }
    }

    /// How many bytes a signature has to go through.
    pub(super) fn cost(&self) -> usize {
        let length = |field: &Field| field.name.len() + field.value.len() + 2;
        self.fields.iter().map(length).sum()
    }
}

/// A signature as it came, without what became of it on the way.
#[derive(Clone, Debug)]
pub(super) struct Came {
    /// As MD5 is written: small letters, nothing around them.
    pub(super) hex: String,
    /// As base64 is written: a blank inside was a plus sign.
    pub(super) base64: Vec<u8>,
}

impl Came {
    /// Of the bytes of a `sign`.
    pub(super) fn of(sign: &[u8]) -> Came {
        let trimmed = sign.trim_ascii();
        let plus = |byte: &u8| if *byte == b' ' { b'+' } else { *byte };
        Came {
            hex: String::from_utf8_lossy(&trimmed.to_ascii_lowercase()).into_owned(),
            base64: trimmed.iter().map(plus).collect(),
        }
    }

    /// Whether it may be a signature by this key at all: MD5 has 32 characters, the others have more.
    pub(super) fn may_be_of(&self, key: &Theirs) -> bool {
        match key {
            Theirs::Md5(_) => self.hex.len() == 32,
            Theirs::Public(_) => self.base64.len() > 32,
        }
    }
}

/// A message taken apart for the search: with less strictness than where it is believed.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    /// Everything but the signature and its kind.
    pub(super) fields: Vec<Field>,
    pub(super) sign: Vec<u8>,
    /// The kind of the signature, where one is named.
    pub(super) kind: Option<Vec<u8>>,
}

impl Taken {
    /// Form or query bytes. What the strict reading refuses stays as it stands; where that one accepts, both agree.
    pub(super) fn from_wire(wire: &[u8]) -> Taken {
        let mut taken = Taken {
            fields: Vec::new(),
            sign: Vec::new(),
            kind: None,
        };
        let parts = wire
            .split(|byte| *byte == b'&')
            .filter(|part| !part.is_empty());
        for part in parts.take(FIELDS_MAX) {
            let equals = part.iter().position(|byte| *byte == b'=');
            let (name, raw) = match equals {
                Some(place) => (&part[..place], &part[place + 1..]),
                None => (part, &part[part.len()..]),
            };
            taken.admit(Field {
                name: decode(name, true),
                raw: raw.to_vec(),
                value: decode(raw, true),
            });
        }
        taken
    }

    /// Parameters that were read already, with a signature that stands elsewhere.
    pub(super) fn from_params(params: &Params, sign: &str, kind: Option<&str>) -> Taken {
        let field = |(name, value): (&str, &[u8])| Field {
            name: name.as_bytes().to_vec(),
            raw: value.to_vec(),
            value: value.to_vec(),
        };
        Taken {
            fields: params.iter().map(field).collect(),
            sign: sign.as_bytes().to_vec(),
            kind: kind.map(|kind| kind.as_bytes().to_vec()),
        }
    }

    /// Of parameters with the same name the first one.
    pub(super) fn with_first(mut self) -> Taken {
        let mut seen = BTreeSet::new();
        self.fields.retain(|field| seen.insert(field.name.clone()));
        self
    }

    /// Of parameters with the same name the last one.
    pub(super) fn with_last(mut self) -> Taken {
        self.fields.reverse();
        let mut last = self.with_first();
        last.fields.reverse();
        last
    }

    fn admit(&mut self, field: Field) {
        match field.name.as_slice() {
            b"sign" => self.sign = field.value,
            b"sign_type" => self.kind = Some(field.value),
            _ => self.fields.push(field),
        }
    }

    /// As the protocol signs it, with this key.
    pub(super) fn guess(&self, key: &Theirs) -> Guess {
        Guess {
            fields: self.fields.clone(),
            sorted: true,
            empty: false,
            key: key.clone(),
            place: Place::Behind,
        }
    }
}

/// Escapes decoded once; what is no escape stays.
pub(super) fn decode(bytes: &[u8], plus_is_blank: bool) -> Vec<u8> {
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
    use proptest::prelude::*;

    /// The search looks at the same message as the verification, and never panics where that one refuses.
    fn agree(wire: &[u8]) {
        let taken = Taken::from_wire(wire);
        let Ok(params) = Params::parse(wire) else {
            return;
        };
        let key = Theirs::Md5(SecretString::from("a key"));
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
