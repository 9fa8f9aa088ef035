//! The keys of a contract: which kind of signature it has, and what that kind needs.

use super::secret;
use super::section::{Reader, Section, missing};
use quittance_core::gateway::keys::{Key, Keys};
use quittance_core::sign::Kind;
use secrecy::SecretString;
use toml::Value;

/// More keys than this are no rotation. Every callback with a wrong signature is tried against all of them.
const PREVIOUS_KEYS_MAX: usize = 4;

/// Every setting here that belongs to one kind.
const NAMES: [&str; 4] = ["key", "private_key", "gateway_public_key", "previous_keys"];

/// How the contracts of a gateway sign, and where their merchants find the keys.
pub(super) struct Scheme {
    /// The word and the kind of a pair of keys on each side.
    pub pair: (&'static str, Kind),
    /// What to do where `key` is missing, of the other kind, MD5; `None` where there is only the pair.
    pub key_fix: Option<(&'static str, &'static str)>,
    /// What to do where `gateway_public_key` is missing.
    pub public_key_fix: (&'static str, &'static str),
    /// How the end of a previous key is written, and how far away it should be.
    pub until_fix: (&'static str, &'static str),
}

/// Reads `sign_type` and the keys of that kind. What is missing is a problem, and no key here; `None` where the kind is
/// wrong, since nothing can be said about the keys then.
pub(super) fn read(
    scheme: &Scheme,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<Keys> {
    let kinds = match scheme.key_fix {
        Some(_) => vec![("MD5", Kind::Md5), scheme.pair],
        None => vec![scheme.pair],
    };
    let kind = section.choice("sign_type", &kinds, reader);
    if kind.is_none() && reader.is_wrong(&section.path("sign_type")) {
        for name in NAMES {
            section.take(name);
        }
        return None;
    }
    // Where nothing is said, it is the first of them.
    let usual = kinds.first().map_or(Kind::Md5, |(_, kind)| *kind);
    Some(match kind.unwrap_or(usual) {
        Kind::Md5 => {
            misplaced(section, "private_key", scheme.pair.0, reader);
            misplaced(section, "gateway_public_key", scheme.pair.0, reader);
            Keys::Md5(verifying("key", scheme, section, reader))
        }
        _ => {
            match scheme.key_fix {
                Some(_) => misplaced(section, "key", "MD5", reader),
                None => unshared(section, scheme.pair.0, reader),
            }
            let private = private_key(section, reader).unwrap_or_default();
            let gateway = verifying("gateway_public_key", scheme, section, reader);
            Keys::Rsa { private, gateway }
        }
    })
}

/// A key that nobody has, for an account that is never used.
pub(super) fn of_nobody() -> Keys {
    Keys::Md5(vec![Key {
        key: SecretString::from("the-kind-of-signature-is-unknown"),
        until: None,
    }])
}

/// A shared key where there is none.
fn unshared(section: &mut Section, kind: &str, reader: &mut Reader<'_>) {
    let cause = (
        format!("this gateway has no shared key: it signs with {kind}"),
        format!("该网关没有共享密钥，使用 {kind} 签名"),
    );
    let fix = (
        "remove it, and set private_key and gateway_public_key",
        "请删除此项，改为设置 private_key 和 gateway_public_key",
    );
    section.lacks(&["key"], cause, fix, reader);
}

/// A key of the other kind: most often `sign_type` was forgotten.
fn misplaced(section: &mut Section, name: &'static str, kind: &str, reader: &mut Reader<'_>) {
    if section.take(name).is_some() {
        reader.wrong(
            section.path(name),
            (
                format!("this belongs to accounts with sign_type = \"{kind}\", and this account has another"),
                format!("此项属于 sign_type = \"{kind}\" 的账户，而本账户不是"),
            ),
            (
                format!("set sign_type = \"{kind}\" if the contract signs so, else remove this"),
                format!("签约方式如为 {kind}，请设 sign_type = \"{kind}\"，否则请删除此项"),
            ),
        );
    }
}

/// The keys that verify what comes in: the current one, then those from before a rotation, each with its end.
fn verifying(
    name: &'static str,
    scheme: &Scheme,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Vec<Key> {
    let current = key(name, scheme, section, reader).map(|key| Key { key, until: None });
    let previous = previous_keys(name, scheme, section, reader);
    current.into_iter().chain(previous).collect()
}

fn key(
    name: &'static str,
    scheme: &Scheme,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<SecretString> {
    let path = section.path(name);
    match (section.take(name), name) {
        (Some(value), "key") => secret::read(path, value, reader),
        (Some(value), _) => secret::read_public_key(path, value, reader),
        (None, name) => {
            let fix = scheme.key_fix.filter(|_| name == "key");
            missing(path, fix.unwrap_or(scheme.public_key_fix), reader);
            None
        }
    }
}

fn private_key(section: &mut Section, reader: &mut Reader<'_>) -> Option<SecretString> {
    let path = section.path("private_key");
    let Some(value) = section.take("private_key") else {
        let fix = (
            "set the merchant's private key: private_key = { file = \"secrets/merchant_private.pem\" }",
            "请设置商户私钥：private_key = { file = \"secrets/merchant_private.pem\" }",
        );
        missing(path, fix, reader);
        return None;
    };
    secret::read_private_key(path, value, reader)
}

/// Keys from before a rotation, each with its end.
fn previous_keys(
    name: &'static str,
    scheme: &Scheme,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Vec<Key> {
    let Some(values) = section.list("previous_keys", reader) else {
        return Vec::new();
    };
    if values.len() > PREVIOUS_KEYS_MAX {
        reader.wrong(
            section.path("previous_keys"),
            (
                format!("there are more than {PREVIOUS_KEYS_MAX} previous keys"),
                format!("旧密钥超过 {PREVIOUS_KEYS_MAX} 个"),
            ),
            ("remove those that have ended", "请删除已到期的旧密钥"),
        );
    }
    let keys = values
        .into_iter()
        .filter_map(|(path, value)| reader.section(path, value));
    keys.collect::<Vec<_>>()
        .into_iter()
        .filter_map(|section| previous_key(name, scheme, section, reader))
        .collect()
}

fn previous_key(
    name: &'static str,
    scheme: &Scheme,
    mut section: Section,
    reader: &mut Reader<'_>,
) -> Option<Key> {
    let secret = key(name, scheme, &mut section, reader);
    let until = until(scheme, &mut section, reader);
    section.finish(reader);
    Some(Key {
        key: secret?,
        until: Some(until?),
    })
}

fn until(
    scheme: &Scheme,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<jiff::Timestamp> {
    let fix = scheme.until_fix;
    let path = section.path("until");
    let text = match section.take("until") {
        None => {
            missing(path, fix, reader);
            return None;
        }
        Some(Value::Datetime(moment)) => moment.to_string(), // TOML has moments of its own; they say the same.
        Some(value) => reader.text(path.clone(), value)?,
    };
    let until = text.parse();
    if until.is_err() {
        reader.wrong(
            path,
            ("this is no moment with a time zone", "不是带时区的时间"),
            fix,
        );
    }
    until.ok()
}
