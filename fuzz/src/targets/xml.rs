//! Answers in XML, read by other means than the product's, as far as plain means can: no section, no reference but the
//! three that must be, no attribute.

use crate::target::Pairs;
use crate::world::KEY;
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use secrecy::SecretString;
use std::ops::Range;

/// Whether a document type stands before the first element.
pub(super) fn typed(input: &[u8]) -> bool {
    let lower = input.to_ascii_lowercase();
    let declared = match lower.starts_with(b"<?xml") {
        true => find(&lower, b"?>").unwrap_or(0),
        false => 0,
    };
    let root = find(&lower, b"<alipay").unwrap_or(lower.len());
    lower
        .get(declared..root)
        .is_some_and(|before| find(before, b"<!doctype").is_some())
}

/// What stands inside of this element and where that is, if it is there once and nothing outside of it is a section.
pub(super) fn inside(body: &[u8], node: &str) -> Option<Range<usize>> {
    let (open, shut) = (format!("<{node}>"), format!("</{node}>"));
    let start = find(body, open.as_bytes())? + open.len();
    let end = start + find(&body[start..], shut.as_bytes())?;
    let more = [&body[..start - open.len()], &body[end..]].concat();
    let again = [">", " ", "\n", "\t", "\r", "/"].map(|behind| format!("<{node}{behind}"));
    let plain = !again.iter().any(|other| told(&more, other)) && !told(&more, "<![");
    plain.then_some(start..end)
}

/// The fields inside of this element and where they stand.
pub(super) fn children(body: &[u8], node: &str) -> Option<(Params, Range<usize>)> {
    let place = inside(body, node)?;
    Some((fields(&body[place.clone()])?, place))
}

/// Elements without elements, one behind the other.
pub(super) fn fields(mut rest: &[u8]) -> Option<Params> {
    let mut fields = Params::new();
    while !rest.is_empty() {
        let opened = rest.strip_prefix(b"<")?;
        let (name, after) = opened.split_at(find(opened, b">")?);
        let after = &after[1..];
        let shut = [b"</", name, b">"].concat();
        let until = find(after, &shut)?;
        let text = &after[..until];
        if text.contains(&b'<') {
            return None;
        }
        fields
            .push(std::str::from_utf8(name).ok()?, &unescaped(text)?)
            .ok()?;
        rest = &after[until + shut.len()..];
    }
    Some(fields)
}

fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'&' {
            bytes.push(*first);
            continue;
        }
        let known = [(&b"amp;"[..], b'&'), (b"lt;", b'<'), (b"gt;", b'>')];
        let (name, byte) = known.into_iter().find(|(name, _)| rest.starts_with(name))?;
        bytes.push(byte);
        rest = &rest[name.len()..];
    }
    Some(bytes)
}

/// The fields inside of this element.
pub(super) fn pairs(body: &[u8], node: &str) -> Option<Pairs> {
    let (fields, _) = children(body, node)?;
    let pair = |(name, value): (&str, &[u8])| (name.to_owned(), value.to_vec());
    Some(fields.iter().map(pair).collect())
}

/// The answer with these fields inside of this element.
pub(super) fn with_pairs(body: &[u8], node: &str, pairs: Pairs) -> Option<Vec<u8>> {
    let (_, place) = children(body, node)?;
    let mut answer = body[..place.start].to_vec();
    for (name, value) in pairs {
        answer.extend_from_slice(format!("<{name}>").as_bytes());
        for byte in value {
            match byte {
                b'&' => answer.extend_from_slice(b"&amp;"),
                b'<' => answer.extend_from_slice(b"&lt;"),
                b'>' => answer.extend_from_slice(b"&gt;"),
                other => answer.push(other),
            }
        }
        answer.extend_from_slice(format!("</{name}>").as_bytes());
    }
    answer.extend_from_slice(&body[place.end..]);
    Some(answer)
}

/// The answer with the test key's signature of these fields, in place of whatever signature it had.
pub(super) fn with_sign(body: &[u8], fields: &Params) -> Option<Vec<u8>> {
    let sign = md5_sign(&presign(fields), &SecretString::from(KEY));
    signed_as(body, &sign)
}

/// The answer with this signature, in place of whatever signature it had.
pub(super) fn signed_as(body: &[u8], sign: &str) -> Option<Vec<u8>> {
    let start = find(body, b"<sign>")? + b"<sign>".len();
    let end = start + find(&body[start..], b"</sign>")?;
    Some([&body[..start], sign.as_bytes(), &body[end..]].concat())
}

/// Whether this word stands in it.
pub(super) fn told(body: &[u8], word: &str) -> bool {
    find(body, word.as_bytes()).is_some()
}

/// Where this part of it begins.
pub(super) fn find(body: &[u8], part: &[u8]) -> Option<usize> {
    body.windows(part.len()).position(|window| window == part)
}
