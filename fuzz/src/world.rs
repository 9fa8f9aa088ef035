//! The merchants of the targets. Nobody has these keys.

use crate::target::Pairs;
use jiff::Timestamp;
use quittance_core::charset::Charset;
use quittance_core::gateway::RefundWay;
use quittance_core::gateway::alipay::gateway_side::Merchant;
use quittance_core::gateway::alipay::{Account, Key, Keys, Seller, Settings};
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use secrecy::SecretString;
use std::sync::LazyLock;

/// The contract.
pub(crate) const PARTNER: &str = "2088000000000001";
/// The login of the contract.
pub(crate) const EMAIL: &str = "seller@example.com";
/// The key that the mutator signs with.
pub(crate) const KEY: &str = "0123456789abcdefghijklmnopqrstuv";
/// The key before it, still in force for the account that has one.
pub(crate) const PREVIOUS: &str = "previous0123456789abcdefghijklmn";
/// A key whose time is over.
const EXPIRED: &str = "expired00123456789abcdefghijklmn";
/// A key that nothing in the corpus or the mutator's words was ever signed with.
const STRANGER: &str = "astranger123456789abcdefghijklmn";
/// The order that is asked for.
pub(crate) const ORDER_NO: &str = "20240101-0001";

/// An account of the test world with the keys that it takes now.
pub(crate) struct Contract {
    /// The account.
    pub(crate) account: Account,
    /// The keys in force.
    pub(crate) keys: Vec<SecretString>,
}

/// In UTF-8 without a seller; in GBK with a login and older keys; in GB2312 under a key that nobody signs with, so
/// nothing may ever be believed.
pub(crate) static CONTRACTS: LazyLock<[Contract; 3]> = LazyLock::new(|| {
    [
        contract(Charset::Utf8, None, &[KEY]),
        contract(
            Charset::Gbk,
            Some(Seller::Email(EMAIL.into())),
            &[KEY, PREVIOUS, EXPIRED],
        ),
        contract(
            Charset::Gb2312,
            Some(Seller::Id(PARTNER.into())),
            &[STRANGER],
        ),
    ]
});

/// The contract under whose key nothing was ever signed.
pub(crate) fn is_stranger(contract: &Contract) -> bool {
    std::ptr::eq(contract, &raw const CONTRACTS[2])
}

fn contract(charset: Charset, seller: Option<Seller>, keys: &[&str]) -> Contract {
    let hours = |hours: i64| now() + jiff::SignedDuration::from_hours(hours);
    let ends = |key: &str| match key {
        PREVIOUS => Some(hours(1)),
        EXPIRED => Some(hours(-1)),
        _ => None,
    };
    let settings = Settings {
        partner: PARTNER.into(),
        keys: Keys::Md5(
            keys.iter()
                .map(|key| Key {
                    key: SecretString::from(*key),
                    until: ends(key),
                })
                .collect(),
        ),
        charset,
        seller,
        show_url: None,
        refunds: Some(RefundWay::Page),
        gateway_url: "https://mapi.alipay.com/gateway.do".into(),
    };
    let in_force = keys.iter().filter(|key| **key != EXPIRED);
    Contract {
        account: Account::new(settings).expect("the settings of the test world are good"),
        keys: in_force.map(|key| SecretString::from(*key)).collect(),
    }
}

/// The time of the test world.
pub(crate) fn now() -> Timestamp {
    Timestamp::constant(1_704_081_606, 0)
}

/// The merchant as the gateway knows it.
pub(crate) fn merchant() -> Merchant {
    Merchant {
        partner: PARTNER.into(),
        key: SecretString::from(KEY).into(),
        email: EMAIL.into(),
        advanced: true,
    }
}

/// The pairs of a form.
pub(crate) fn form_pairs(form: &[u8]) -> Option<Pairs> {
    let form = Params::parse(form).ok()?;
    let pair = |(name, value): (&str, &[u8])| (name.to_owned(), value.to_vec());
    Some(form.iter().map(pair).collect())
}

/// The form of these pairs; what is no parameter is left out.
pub(crate) fn form_of(_: &[u8], pairs: Pairs) -> Option<Vec<u8>> {
    let mut form = Params::new();
    for (name, value) in pairs {
        let _ = form.push(&name, &value);
    }
    Some(form.to_wire().into_bytes())
}

/// A form signed with the test key, in place of whatever signature it had.
pub(crate) fn sign_again(form: &[u8]) -> Option<Vec<u8>> {
    let mut signed = Params::new();
    let read = Params::parse(form).ok()?;
    for (name, value) in read.iter().filter(|(name, _)| !name.starts_with("sign")) {
        signed.push(name, value).ok()?;
    }
    let signature = md5_sign(&presign(&signed), &SecretString::from(KEY));
    signed.push("sign", signature.as_bytes()).ok()?;
    signed.push("sign_type", b"MD5").ok()?;
    Some(signed.to_wire().into_bytes())
}

/// What a form says, read by other means than the product's.
pub(crate) mod reference {
    use super::{SecretString, md5_sign};
    use std::collections::BTreeMap;

    /// Decoded names and values.
    pub(crate) type Fields = BTreeMap<Vec<u8>, Vec<u8>>;

    /// `None` where a name stands there twice or an escape is none.
    pub(crate) fn fields(wire: &[u8]) -> Option<Fields> {
        let mut fields = Fields::new();
        for pair in wire
            .split(|byte| *byte == b'&')
            .filter(|_| !wire.is_empty())
        {
            let cut = pair.iter().position(|byte| *byte == b'=')?;
            let (name, value) = (decoded(&pair[..cut])?, decoded(&pair[cut + 1..])?);
            if fields.insert(name, value).is_some() {
                return None;
            }
        }
        Some(fields)
    }

    fn decoded(text: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            at += 1;
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digits = std::str::from_utf8(text.get(at..at + 2)?).ok()?;
                    at += 2;
                    // `from_str_radix` would take a sign.
                    let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                    hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten()?
                }
                other => *other,
            });
        }
        Some(bytes)
    }

    /// The signature that these fields should have under this key.
    pub(crate) fn signature(fields: &Fields, key: &SecretString) -> String {
        let signed = fields
            .iter()
            .filter(|(name, value)| !value.is_empty() && *name != b"sign" && *name != b"sign_type");
        let parts: Vec<Vec<u8>> = signed
            .map(|(name, value)| [name, &b"="[..], value].concat())
            .collect();
        md5_sign(&parts.join(&b'&'), key)
    }
}
