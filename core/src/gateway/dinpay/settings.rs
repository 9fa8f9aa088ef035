//! The settings of an account, and what is wrong with them. Nothing is repaired silently.

use super::words;
use crate::charset::Charset;
use crate::gateway::keys::{self, Keys};
use crate::gateway::seal::Seal;
use crate::gateway::setting::{Problem, address, blank, problem};
use crate::sign::{KEY_CHARS_MIN, Kind, Place};
use secrecy::ExposeSecret;

/// How this gateway signs (note 1.4).
pub(super) const SIGNING: keys::Signing = keys::Signing {
    place: Place::Named,
    pair: Kind::RsaS,
};

/// One merchant contract as it is configured.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The number of the contract: 10 digits at Dinpay itself.
    pub merchant_code: String,
    /// The keys of its one kind of signature: MD5, or RSA-S with a pair on each side.
    pub keys: Keys,
    /// The charset of its payment requests: UTF-8 or GBK.
    pub charset: Charset,
    /// The page that shows what is bought, for orders that name none.
    pub show_url: Option<String>,
    /// Where buyers are sent: [`super::GATEWAY_URL`], or a white-label's.
    pub gateway_url: String,
    /// Where the gateway is asked: [`super::QUERY_URL`], or a white-label's.
    pub query_url: String,
}

/// The keys, read, where nothing is wrong with the settings.
///
/// # Errors
/// Everything that is wrong with them.
pub(super) fn check(settings: &Settings) -> Result<Seal, Vec<Problem>> {
    let mut found = Vec::new();
    let mut seal = None;
    if swapped(settings) {
        found.push(problem(
            "merchant_code",
            "merchant_code and key are swapped: the key is nothing but digits, the merchant code is not",
            "exchange the two values",
        ));
    } else {
        merchant_code(&settings.merchant_code, &mut found);
        seal = keys::read(&settings.keys, SIGNING, &mut found);
    }
    if settings.charset == Charset::Gb2312 {
        found.push(problem(
            "charset",
            "this gateway knows UTF-8 and GBK only",
            "write charset = \"gbk\", of which GB2312 is a part, or \"utf-8\"",
        ));
    }
    if let Some(url) = &settings.show_url {
        address("show_url", url, &mut found);
    }
    address("gateway_url", &settings.gateway_url, &mut found);
    address("query_url", &settings.query_url, &mut found);
    if !settings.query_url.is_empty() && settings.query_url == settings.gateway_url {
        found.push(problem(
            "query_url",
            "it is the gateway_url: buyers are sent to one address, questions go to another",
            "write the address of the query, such as https://query.dinpay.com/query",
        ));
    }
    match seal.filter(|_| found.is_empty()) {
        Some(seal) => Ok(seal),
        None => Err(found),
    }
}

/// Blanks around the two values do not hide that they are swapped.
fn swapped(settings: &Settings) -> bool {
    let code = settings.merchant_code.trim();
    let key_is_code = settings
        .keys
        .verifying()
        .first()
        .is_some_and(|first| words::is_merchant_code(first.key.expose_secret().trim()));
    key_is_code && !words::is_merchant_code(code) && code.len() >= KEY_CHARS_MIN
}

fn merchant_code(code: &str, found: &mut Vec<Problem>) {
    if let Some(place) = blank(code) {
        found.push(problem(
            "merchant_code",
            format!("the merchant code has a blank {place}; it is never trimmed silently"),
            "remove the blank",
        ));
    } else if !words::is_merchant_code(code) {
        found.push(problem(
            "merchant_code",
            "the merchant code is not 1 to 20 digits",
            "copy the merchant number of the contract from the gateway's merchant page: 10 digits",
        ));
    }
}
