//! The settings of an account, and what is wrong with them.
//!
//! Nothing is repaired silently: a blank that came along with a pasted key is the first cause of wrong signatures in
//! the seeds, so it refuses to start and says so (SEC-010, SEC-011).

use super::words;
use crate::charset::Charset;
use crate::gateway::RefundWay;
use crate::sign::KEY_CHARS_MIN;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

/// One merchant contract as it is configured.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The 16 digits of the contract, beginning 2088.
    pub partner: String,
    /// The keys: the first signs and verifies, the others are previous ones, accepted until their time (SEC-113).
    pub keys: Vec<Key>,
    /// The charset of everything that is sent and received.
    pub charset: Charset,
    /// The payee, where it is not the partner.
    pub seller: Option<Seller>,
    /// The page that shows what is bought, for orders that name none.
    pub show_url: Option<String>,
    /// How this contract pays back: on the gateway's page with the payment password, by our own call where the gateway
    /// has allowed that, or not at all (note 5.3).
    pub refunds: Option<RefundWay>,
    /// The base of every call to the gateway: `https://mapi.alipay.com/gateway.do`.
    pub gateway_url: String,
}

/// A key that both sides sign with.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub key: SecretString,
    /// Until when callbacks signed with it are accepted. Absent for the current key, and only for that.
    pub until: Option<Timestamp>,
}

/// The payee of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seller {
    /// By its number, `seller_id`.
    Id(String),
    /// By its login, `seller_email`. Its number must then be the partner's: a payee with another number is named by
    /// that number.
    Email(String),
}

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
}

/// Everything that is wrong with the settings; empty means good.
pub(super) fn problems(settings: &Settings) -> Vec<Problem> {
    let mut found = Vec::new();
    if swapped(settings) {
        found.push(problem(
            "partner",
            "partner and key are swapped: the key is 16 digits beginning 2088, the partner is not",
            "exchange the two values",
        ));
    } else {
        partner(&settings.partner, &mut found);
        keys(&settings.keys, &mut found);
    }
    seller(settings.seller.as_ref(), &mut found);
    if let Some(url) = &settings.show_url {
        address("show_url", url, &mut found);
    }
    address("gateway_url", &settings.gateway_url, &mut found);
    found
}

fn problem(field: &'static str, cause: impl Into<String>, fix: impl Into<String>) -> Problem {
    Problem {
        field,
        cause: cause.into(),
        fix: fix.into(),
    }
}

/// Blanks around the two values do not hide that they are swapped.
fn swapped(settings: &Settings) -> bool {
    let partner = settings.partner.trim();
    let key_is_partner = settings
        .keys
        .first()
        .is_some_and(|first| words::is_partner(first.key.expose_secret().trim()));
    key_is_partner && !words::is_partner(partner) && partner.len() >= KEY_CHARS_MIN
}

fn partner(partner: &str, found: &mut Vec<Problem>) {
    if let Some(place) = blank(partner) {
        found.push(problem(
            "partner",
            format!("the partner has a blank {place}; it is never trimmed silently"),
            "remove the blank",
        ));
    } else if !words::is_partner(partner) {
        found.push(problem(
            "partner",
            "the partner is not 16 digits beginning 2088",
            "copy the partner id (PID) of the contract from the gateway's merchant page",
        ));
    }
}

fn keys(keys: &[Key], found: &mut Vec<Problem>) {
    let Some((current, previous)) = keys.split_first() else {
        found.push(problem(
            "key",
            "there is no key, so nothing could be verified",
            "set the security key (MD5) of the contract",
        ));
        return;
    };
    key("key", &current.key, found);
    if current.until.is_some() {
        found.push(problem(
            "key",
            "the current key has an end",
            "give `until` to previous keys only",
        ));
    }
    for old in previous {
        key("previous_keys", &old.key, found);
        if old.until.is_none() {
            found.push(problem(
                "previous_keys",
                "a previous key without an end would be accepted for ever",
                "set `until`: 48 hours after the change cover every resend",
            ));
        }
    }
}

fn key(field: &'static str, key: &SecretString, found: &mut Vec<Problem>) {
    let key = key.expose_secret();
    let (cause, fix) = if key.is_empty() {
        (
            "the key is empty".to_owned(),
            "set the security key (MD5) of the contract",
        )
    } else if let Some(place) = blank(key) {
        (
            format!("the key has a blank {place}; it is never trimmed silently"),
            "remove the blank; a file must not end with a line break",
        )
    } else if key.contains("${") || (key.starts_with('<') && key.ends_with('>')) {
        (
            "the key is a placeholder that was never filled in".to_owned(),
            "use { env = … } or { file = … } to read it from outside",
        )
    } else if key.chars().count() < KEY_CHARS_MIN {
        (
            format!("the key is shorter than {KEY_CHARS_MIN} characters"),
            "copy the whole key; the gateway's keys have 32 characters",
        )
    } else if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        (
            "the key has a character outside ASCII".to_owned(),
            "copy the key again; the gateway's keys are letters and digits",
        )
    } else if words::is_partner(key) {
        (
            "the key is a partner id".to_owned(),
            "set the security key (MD5) of the contract",
        )
    } else {
        return;
    };
    found.push(problem(field, cause, fix));
}

fn seller(seller: Option<&Seller>, found: &mut Vec<Problem>) {
    match seller {
        Some(Seller::Id(id)) if !words::is_partner(id) => found.push(problem(
            "seller_id",
            "the seller id is not 16 digits beginning 2088",
            "correct it, or leave it out: the payee is then the partner",
        )),
        Some(Seller::Email(email))
            if !(1..=100).contains(&email.len())
                || !email.bytes().all(|byte| byte.is_ascii_graphic())
                || email.contains(['&', '=']) =>
        {
            found.push(problem(
                "seller_email",
                "the seller's login is not 1 to 100 printable ASCII characters without & and =",
                "correct it, or leave it out: the payee is then the partner",
            ));
        }
        _ => {}
    }
}

fn address(field: &'static str, url: &str, found: &mut Vec<Problem>) {
    if let Some(fault) = words::url_fault(url) {
        found.push(problem(
            field,
            format!("the address {fault}"),
            "write an absolute address such as https://shop.example.com/path and nothing behind it",
        ));
    }
}

/// Where a blank stands, if one does.
fn blank(text: &str) -> Option<&'static str> {
    if text.starts_with(char::is_whitespace) {
        Some("at its beginning")
    } else if text.ends_with(char::is_whitespace) {
        Some("at its end")
    } else {
        text.contains(char::is_whitespace).then_some("inside")
    }
}
