//! A body of JSON, read less strictly than where it is believed: only to look at it, and every liberty is named.

use super::dialect::Dialect;
use super::edit;
use super::fault::Fault;
use super::guess::{Taken, decode};
use super::look::Overlooked;
use crate::charset::Charset;
use crate::flat::{self, Flat};
use crate::params::Params;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// So many wrappings are taken off.
const WRAPS_MAX: usize = 4;
/// A longer name is no name, not even of a stranger.
const NAME_BYTES_MAX: usize = 256;
/// The mark of UTF-8 that some editors and libraries put in front.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The readings of a body of JSON: one, unless the strict one refuses; none where there is no object in it.
pub(in crate::gateway) fn json_readings(dialect: &Dialect<'_>, wire: &[u8]) -> Vec<Overlooked> {
    let (mut faults, mut text) = (Vec::new(), wire);
    if Flat::parse(wire).is_err()
        && let Some(behind) = wire.strip_prefix(BYTE_ORDER_MARK)
    {
        faults.push(Fault::ByteOrderMark);
        text = behind;
    }
    let mut found = unwrapped(dialect, text.to_vec(), faults.clone());
    if std::str::from_utf8(text).is_err() {
        let gbk = Charset::Gbk.decode(text).ok().map(String::from);
        // Every byte is a character of it.
        let latin: String = text.iter().map(|byte| char::from(*byte)).collect();
        let texts = [("gbk", gbk), ("iso-8859-1", Some(latin))];
        for (charset, text) in texts {
            let faults = [faults.clone(), vec![Fault::SentIn(charset)]].concat();
            found.extend(
                text.map(|text| unwrapped(dialect, text.into_bytes(), faults))
                    .unwrap_or_default(),
            );
        }
    }
    found
}

/// The object, with whatever stands around it taken off.
fn unwrapped(dialect: &Dialect<'_>, mut text: Vec<u8>, mut faults: Vec<Fault>) -> Vec<Overlooked> {
    for _ in 0..=WRAPS_MAX {
        if let Some((fields, length)) = flat::first_object(&text) {
            let behind = text.get(length..).unwrap_or_default().trim_ascii();
            match behind {
                b"" => {}
                // A form whose only name is the whole object.
                b"=" => faults.push(Fault::JsonInForm),
                _ => faults.push(Fault::Trailing),
            }
            return object(dialect, &fields, faults);
        }
        let Some((fault, inner)) = unwrap(&text) else {
            break;
        };
        faults.push(fault);
        text = inner;
    }
    Vec::new()
}

/// What is inside, and what is around it.
fn unwrap(text: &[u8]) -> Option<(Fault, Vec<u8>)> {
    let text = text.trim_ascii();
    let string = |quoted: &[u8]| serde_json::from_slice::<String>(quoted).ok();
    if text.starts_with(b"\"") {
        return Some((Fault::JsonInString, string(text)?.into_bytes()));
    }
    // The same, copied without its quotes.
    if text.starts_with(b"{\\") {
        let inner = string(&[b"\"", text, b"\""].concat())?;
        return Some((Fault::JsonInString, inner.into_bytes()));
    }
    if text.starts_with(b"{") {
        let plain = edit::without_html(text);
        return (plain != text).then_some((Fault::HtmlPage, plain));
    }
    // A form of one field, whose name or value is the object.
    if Params::parse(text).is_ok_and(|params| params.len() > 1) {
        return None;
    }
    let (name, value) = match text.iter().position(|byte| *byte == b'=') {
        Some(equals) => (text.get(..equals)?, text.get(equals + 1..)?),
        None => (text, text),
    };
    let json = if value.is_empty() { name } else { value };
    let inner = decode(json, true);
    let json = inner.starts_with(b"{") && inner.len() < text.len();
    json.then_some((Fault::JsonInForm, inner))
}

/// The fields, of those with the same name the first ones or the last ones.
fn object(
    dialect: &Dialect<'_>,
    fields: &[(String, &RawValue)],
    mut faults: Vec<Fault>,
) -> Vec<Overlooked> {
    let fields: Vec<(String, &RawValue)> = fields
        .iter()
        .filter(|(name, _)| name.len() <= NAME_BYTES_MAX)
        .cloned()
        .collect();
    let taken = |fields: &[(String, &RawValue)]| {
        dialect.signed(Taken::from_json(fields, dialect.kind_signed))
    };
    let mut seen = BTreeSet::new();
    let twice = fields.iter().find(|(name, _)| !seen.insert(name));
    let Some((name, _)) = twice else {
        return vec![(faults, taken(&fields))];
    };
    faults.push(Fault::Twice(name.clone()));
    let first = without_later(fields.clone());
    let mut last = without_later(fields.into_iter().rev().collect());
    last.reverse();
    vec![(faults.clone(), taken(&first)), (faults, taken(&last))]
}

fn without_later(mut fields: Vec<(String, &RawValue)>) -> Vec<(String, &RawValue)> {
    let mut seen = BTreeSet::new();
    fields.retain(|(name, _)| seen.insert(name.clone()));
    fields
}
