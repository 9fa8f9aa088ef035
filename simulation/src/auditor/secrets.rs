//! No secret is in a header, an event, or anything that the server says.

use super::header::Entry;
use super::promise::{Broken, Promise};
use super::rules::Rules;
use crate::truth::Said;

/// The name of what holds a secret, never the secret.
pub(super) fn in_text(rules: &Rules, text: &str, place: &str, found: &mut Vec<Broken>) {
    for (number, secret) in rules.secrets.iter().enumerate() {
        if text.contains(secret.as_str()) {
            found.push(Broken::of(
                Promise::SecretsStayIn,
                format!("{place} holds secret number {number}"),
            ));
        }
    }
}

pub(super) fn in_header(rules: &Rules, entry: &Entry, found: &mut Vec<Broken>) {
    let text = String::from_utf8_lossy(&entry.raw);
    in_text(
        rules,
        &text,
        &format!("the header of entry {}", entry.seq),
        found,
    );
}

pub(super) fn in_said(rules: &Rules, said: &Said, found: &mut Vec<Broken>) {
    let places = [
        ("an order", &said.orders),
        ("an event of the feed", &said.events),
        ("a discrepancy", &said.discrepancies),
    ];
    for (place, values) in places {
        for value in values {
            in_text(rules, &value.to_string(), place, found);
        }
    }
}
