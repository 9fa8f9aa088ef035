//! A message that the gateway writes: its fields in their order, texts and what JSON has bare, and the signature behind
//! them (note 1.4, 1.5, 3).

use super::super::seal;
use crate::flat::Flat;
use crate::money::Money;
use crate::sign::rsa::PrivateKey;
use serde_json::Value;

/// Names and values in the order in which they are written.
#[derive(Clone, Default)]
pub(super) struct Message(Vec<(&'static str, Field)>);

/// A value of a message.
#[derive(Clone)]
enum Field {
    /// A string.
    Text(String),
    /// A number, by its digits.
    Number(String),
}

impl Field {
    /// What stands for it in the text that is signed.
    fn signed(&self) -> &str {
        match self {
            Field::Text(text) | Field::Number(text) => text,
        }
    }

    fn json(&self) -> String {
        match self {
            Field::Text(text) => quoted(text),
            Field::Number(digits) => digits.clone(),
        }
    }
}

impl Message {
    pub(super) fn new() -> Message {
        Message::default()
    }

    /// The same message with a text behind the others, unless that is empty: empty ones are not sent (note 1.4).
    pub(super) fn text(mut self, name: &'static str, value: impl Into<String>) -> Message {
        let value = value.into();
        if !value.is_empty() {
            self.0.push((name, Field::Text(value)));
        }
        self
    }

    /// The same message with a number behind the others.
    pub(super) fn number(mut self, name: &'static str, digits: impl Into<String>) -> Message {
        self.0.push((name, Field::Number(digits.into())));
        self
    }

    /// The same message with an amount as a number behind the others, as `data` has it (note 1.5).
    pub(super) fn sum(self, name: &'static str, amount: Money) -> Message {
        self.number(name, stripped(amount))
    }

    /// The same message with the signature of this key behind the others.
    pub(super) fn sealed(self, key: &PrivateKey) -> Message {
        let fields = self.0.iter();
        let message: Flat = fields
            .map(|(name, value)| (*name, value.signed()))
            .collect();
        let sign = key.sign_2(&seal::presign(&message));
        self.text("sign", sign)
    }

    /// Its JSON text.
    pub(super) fn to_json(&self) -> String {
        let field = |(name, value): &(&str, Field)| format!("{}:{}", quoted(name), value.json());
        let fields: Vec<String> = self.0.iter().map(field).collect();
        format!("{{{}}}", fields.join(","))
    }
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The amount without trailing zeros: `34.5`, `12` (note 0, 3).
pub(super) fn stripped(amount: Money) -> String {
    let text = amount.decimal();
    match text.contains('.') {
        true => {
            let bare = text.trim_end_matches('0');
            bare.strip_suffix('.').unwrap_or(bare).to_owned()
        }
        false => text,
    }
}
