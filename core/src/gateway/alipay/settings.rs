//! The settings of an account, and what is wrong with them. Nothing is repaired silently.

use super::words;
use crate::charset::Charset;
use crate::gateway::RefundWay;
use crate::gateway::keys::{self, Keys};
use crate::gateway::seal::Seal;
use crate::gateway::setting::{Problem, address, blank, problem};
use crate::sign::{KEY_CHARS_MIN, Kind, Place};
use secrecy::ExposeSecret;

/// How this gateway signs (note 1.5, 1.6).
pub(super) const SIGNING: keys::Signing = keys::Signing {
    place: Place::Behind,
    pair: Kind::Rsa,
};

/// One merchant contract as it is configured.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The 16 digits of the contract, beginning 2088.
    pub partner: String,
    /// The keys of its one kind of signature.
    pub keys: Keys,
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

/// The payee of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seller {
    /// By its number, `seller_id`.
    Id(String),
    /// By its login, `seller_email`. Its number must then be the partner's: a payee with another number is named by
    /// that number.
    Email(String),
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
            "partner",
            "partner and key are swapped: the key is 16 digits beginning 2088, the partner is not",
            "exchange the two values",
        ));
    } else {
        partner(&settings.partner, &mut found);
        seal = keys::read(&settings.keys, SIGNING, &mut found);
        key_is_partner(&settings.keys, &mut found);
    }
    seller(settings.seller.as_ref(), &mut found);
    if let Some(url) = &settings.show_url {
        address("show_url", url, &mut found);
    }
    address("gateway_url", &settings.gateway_url, &mut found);
    match seal.filter(|_| found.is_empty()) {
        Some(seal) => Ok(seal),
        None => Err(found),
    }
}

/// Blanks around the two values do not hide that they are swapped.
fn swapped(settings: &Settings) -> bool {
    let partner = settings.partner.trim();
    let key_is_partner = settings
        .keys
        .verifying()
        .first()
        .is_some_and(|first| words::is_partner(first.key.expose_secret().trim()));
    key_is_partner && !words::is_partner(partner) && partner.len() >= KEY_CHARS_MIN
}

fn key_is_partner(keys: &Keys, found: &mut Vec<Problem>) {
    for (number, key) in keys.verifying().iter().enumerate() {
        if words::is_partner(key.key.expose_secret()) {
            found.push(problem(
                keys.named(number),
                "the key is a partner id",
                "set the security key (MD5) of the contract",
            ));
        }
    }
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
