//! What is wrong with a setting, and the checks that every gateway's settings have in common.
//!
//! Nothing is repaired silently: a blank that came along with a pasted key is the first cause of wrong signatures in
//! the seeds, so it refuses to start and says so (SEC-010, SEC-011).

use crate::sign::KeyFault;

/// So much of an unknown name is repeated to whoever sent it.
const NAME_CHARS_SHOWN: usize = 40;

/// A setting that refuses to start.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: {cause}. {fix}")]
pub struct Problem {
    /// The setting, by its name in the configuration.
    pub field: &'static str,
    /// What is wrong and why it matters.
    pub cause: String,
    /// What to do.
    pub fix: String,
    /// What is wrong with key material, where that is it; it has words in both languages.
    pub key: Option<KeyFault>,
}

/// What is wrong with one further parameter of requests, of an account or of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OptionFault {
    /// Its name, as it was given.
    pub name: String,
    /// What it must be, in English.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

impl OptionFault {
    pub(super) fn new(name: &str, (en, zh): (impl Into<String>, impl Into<String>)) -> OptionFault {
        OptionFault {
            name: name.chars().take(NAME_CHARS_SHOWN).collect(),
            en: en.into(),
            zh: zh.into(),
        }
    }
}

pub(super) fn problem(
    field: &'static str,
    cause: impl Into<String>,
    fix: impl Into<String>,
) -> Problem {
    Problem {
        field,
        cause: cause.into(),
        fix: fix.into(),
        key: None,
    }
}

/// A problem where an address is none.
pub(super) fn address(field: &'static str, url: &str, found: &mut Vec<Problem>) {
    if let Some(fault) = url_fault(url) {
        found.push(problem(
            field,
            format!("the address {fault}"),
            "write an absolute address such as https://shop.example.com/path and nothing behind it",
        ));
    }
}

/// Where a blank stands, if one does.
pub(super) fn blank(text: &str) -> Option<&'static str> {
    if text.starts_with(char::is_whitespace) {
        Some("at its beginning")
    } else if text.ends_with(char::is_whitespace) {
        Some("at its end")
    } else {
        text.contains(char::is_whitespace).then_some("inside")
    }
}

/// What is wrong with an address that must be absolute and without a query string, or nothing.
pub(super) fn url_fault(url: &str) -> Option<&'static str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest else {
        return Some("does not begin with http:// or https://");
    };
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some("has a blank, a control character or a character outside ASCII");
    }
    if rest.is_empty() || rest.starts_with(['/', '?', '#', ':']) {
        return Some("names no host");
    }
    if rest.contains('?') {
        return Some("has a query string");
    }
    rest.contains('#').then_some("has a fragment")
}
