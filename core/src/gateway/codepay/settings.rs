//! The settings of an account, and what is wrong with them. Nothing is repaired silently.

use super::words;
use crate::gateway::keys::{self, Keys};
use crate::gateway::seal::Seal;
use crate::gateway::setting::{Problem, address, blank, problem};
use crate::money::Currency;
use crate::sign::{Kind, Place};

/// How this gateway signs (note 1.4). It has no shared key.
pub(super) const SIGNING: keys::Signing = keys::Signing {
    place: Place::Behind,
    pair: Kind::Rsa2,
};

/// One merchant contract as it is configured.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The id of the payment app: `wz` and 16 characters in what was seen.
    pub app_id: String,
    /// The merchant's number: 12 digits in samples.
    pub merchant_no: String,
    /// The number of the store, where orders belong to one.
    pub store_no: Option<String>,
    /// The serial number of the terminal for orders that name none.
    pub terminal: Option<String>,
    /// The only currency of its orders, where there is but one.
    pub currency: Option<Currency>,
    /// A pair of RSA keys on each side.
    pub keys: Keys,
    /// Where the gateway is: [`super::GATEWAY_URL`] without a path, or the sandbox.
    pub gateway_url: String,
}

/// The keys, read, where nothing is wrong with the settings.
///
/// # Errors
/// Everything that is wrong with them.
pub(super) fn check(settings: &Settings) -> Result<Seal, Vec<Problem>> {
    let mut found = Vec::new();
    if settings.app_id == settings.merchant_no && !settings.app_id.is_empty() {
        found.push(problem(
            "app_id",
            "app_id and merchant_no are the same",
            "copy each from the gateway's dashboard: the app's id begins with wz, the merchant's number is 12 digits",
        ));
    }
    number("app_id", &settings.app_id, &mut found);
    number("merchant_no", &settings.merchant_no, &mut found);
    if let Some(store_no) = &settings.store_no {
        number("store_no", store_no, &mut found);
    }
    let terminal = settings.terminal.as_deref();
    if terminal.is_some_and(|terminal| !words::is_terminal(terminal)) {
        found.push(problem(
            "terminal",
            "it is no serial number: 1 to 32 letters and digits",
            "copy the number from the terminal's back or from the dashboard",
        ));
    }
    address("gateway_url", &settings.gateway_url, &mut found);
    if settings.gateway_url.ends_with('/') || settings.gateway_url.ends_with(words::ENTRY) {
        found.push(problem(
            "gateway_url",
            "the path of the calls, /api/entry, is put behind it",
            "write the address without a path and without a slash at its end",
        ));
    }
    if matches!(settings.keys, Keys::Md5(_)) {
        found.push(problem(
            "private_key",
            "this gateway signs with RSA2: there is no shared key",
            "set private_key and gateway_public_key",
        ));
    }
    let seal = keys::read(&settings.keys, SIGNING, &mut found);
    match seal.filter(|_| found.is_empty()) {
        Some(seal) => Ok(seal),
        None => Err(found),
    }
}

fn number(field: &'static str, text: &str, found: &mut Vec<Problem>) {
    if let Some(place) = blank(text) {
        found.push(problem(
            field,
            format!("it has a blank {place}; it is never trimmed silently"),
            "remove the blank",
        ));
    } else if !(1..=32).contains(&text.len())
        || !text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        found.push(problem(
            field,
            "it is not 1 to 32 letters and digits",
            "copy it from the gateway's dashboard",
        ));
    }
}
