//! The timestamp against phishing: `query_timestamp` (note 4, vector M15).
//!
//! An account whose contract has it on sends a key of the gateway with every checkout. The key lives 30 seconds, so it
//! is fetched when the buyer is about to be sent.

use super::envelope::Envelope;
use super::{Account, query};
use crate::http::{Reply, Request};

/// The note's key has 20 characters.
const KEY_CHARS_MAX: usize = 64;

/// The question. It is unsigned.
pub(super) fn request(account: &Account) -> Request {
    Request::get(account.address(&account.unsigned(&[
        ("service", "query_timestamp"),
        ("partner", &account.settings.partner),
        ("_input_charset", account.settings.charset.label()),
    ])))
}

/// The key in the answer. It goes into what we sign, so only a signed one is taken, and only what looks like one.
///
/// # Errors
/// Says why there is none: the gateway's code, or what is wrong with the answer.
pub(super) fn read(account: &Account, reply: &Reply) -> Result<String, String> {
    let envelope = Envelope::read(reply, account.settings.charset)?;
    if let Some(code) = envelope.error {
        return Err(code);
    }
    let children = match &envelope.business {
        Some(business) if business.name == "timestamp" => &business.children,
        _ => return Err("the answer holds no timestamp".to_owned()),
    };
    if !query::check_signature(account, &envelope, children)? {
        return Err("unsigned: the answer carries no signature".to_owned());
    }
    let key = children.get("encrypt_key").unwrap_or_default();
    let base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    if children.len() != 1 || !(1..=KEY_CHARS_MAX).contains(&key.len()) || !key.iter().all(base64) {
        return Err("the answer holds no key, or more than a key".to_owned());
    }
    Ok(String::from_utf8_lossy(key).into_owned())
}
