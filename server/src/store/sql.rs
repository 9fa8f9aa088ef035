//! SQL as far as reading goes, in the words that both databases share: the verbs that only read are written once.
//!
//! Parameters are `?1`, `?2`; the differences that remain have names in [`Dialect`]. Integers, times (microseconds) and
//! flags (0, 1) are whole numbers in both, texts compare bytewise.

use super::failure::Failure;
use super::rows;
use quittance_core::entry::Hash;

/// A value on its way into a statement.
#[derive(Clone, Copy, Debug)]
pub(super) enum Param<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl From<i64> for Param<'_> {
    fn from(number: i64) -> Self {
        Param::Int(number)
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Param::Text(text)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(text: &'a String) -> Self {
        Param::Text(text)
    }
}

/// A value as a row has it.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
    /// Nothing that any table of ours can hold: damage.
    Foreign,
}

impl<'a> From<&'a Value> for Param<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null | Value::Foreign => Param::Null,
            Value::Int(number) => Param::Int(*number),
            Value::Text(text) => Param::Text(text),
            Value::Blob(bytes) => Param::Blob(bytes),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

/// One row.
#[derive(Clone, Debug)]
pub(super) struct Row(pub(super) Vec<Value>);

impl Row {
    /// One column, counted from 0.
    pub(super) fn get<T: FromValue>(&self, column: usize) -> Result<T, Failure> {
        let value = self.0.get(column).unwrap_or(&Value::Null);
        T::from_value(value)
            .ok_or_else(|| Failure::damaged(format_args!("column {column} holds no such value")))
    }
}

/// What a column can be read as.
pub(super) trait FromValue: Sized {
    /// `None` where the column holds something else.
    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<i64> {
        match value {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }
}

impl FromValue for u64 {
    fn from_value(value: &Value) -> Option<u64> {
        i64::from_value(value).map(rows::number)
    }
}

impl FromValue for u32 {
    fn from_value(value: &Value) -> Option<u32> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for u8 {
    fn from_value(value: &Value) -> Option<u8> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Option<bool> {
        i64::from_value(value).map(|number| number != 0)
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Option<String> {
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Option<Vec<u8>> {
        match value {
            Value::Blob(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
}

impl FromValue for Hash {
    fn from_value(value: &Value) -> Option<Hash> {
        match value {
            Value::Blob(bytes) => bytes.as_slice().try_into().ok(),
            _ => None,
        }
    }
}

impl FromValue for [u8; 16] {
    fn from_value(value: &Value) -> Option<[u8; 16]> {
        match value {
            Value::Blob(bytes) => bytes.as_slice().try_into().ok(),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Option<T>> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// What is said differently in each database.
pub(super) struct Dialect {
    /// Whether a text has the words `"frozen":"` in it: the expression that the index has, of the column `state`.
    pub(super) frozen: &'static str,
    /// The whole numbers of a JSON array, as a list to look into; `{}` is the parameter.
    pub(super) numbers: &'static str,
    /// Finding a pattern in a text, whatever the case of ASCII letters.
    pub(super) like: &'static str,
    /// Whether the bytes in `body` have `=`, this text and an end behind it; `{}` is the parameter.
    pub(super) named: &'static str,
    /// The text at the top of the JSON of `o.state` under `paid_at`.
    pub(super) paid_at: &'static str,
    /// The chain's id of an entry; empty where there is one chain only.
    pub(super) chain: &'static str,
    /// Whether there are several chains: one for each life of each node.
    pub(super) many_chains: bool,
}

impl Dialect {
    /// The list of whole numbers in the JSON text that this parameter is.
    pub(super) fn numbers(&self, param: &str) -> String {
        self.numbers.replace("{}", param)
    }

    /// The condition that a message names the number that this parameter is.
    pub(super) fn named(&self, param: &str) -> String {
        self.named.replace("{}", param)
    }
}

/// A database to read from, in one moment.
pub(super) trait Sql {
    /// How it says what the two say differently.
    fn dialect(&self) -> &'static Dialect;

    /// The number up to which everything is committed: nothing that somebody is still writing can come before it.
    fn settled(&self) -> Result<i64, Failure>;

    /// Shows every row that the statement finds, one after the other.
    fn each(
        &self,
        sql: &str,
        values: &[Param<'_>],
        visit: &mut dyn FnMut(Row) -> Result<(), Failure>,
    ) -> Result<(), Failure>;

    /// Every row.
    fn all(&self, sql: &str, values: &[Param<'_>]) -> Result<Vec<Row>, Failure> {
        let mut found = Vec::new();
        self.each(sql, values, &mut |row| {
            found.push(row);
            Ok(())
        })?;
        Ok(found)
    }

    /// The first row.
    fn one(&self, sql: &str, values: &[Param<'_>]) -> Result<Option<Row>, Failure> {
        Ok(self.all(sql, values)?.into_iter().next())
    }
}
