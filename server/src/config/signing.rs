//! The keys of an Alipay contract: which kind of signature it has, and what that kind needs.

use super::secret;
use super::section::{Reader, Section, missing};
use quittance_core::gateway::alipay::{Key, Keys};
use quittance_core::sign::Kind;
use secrecy::SecretString;
use toml::Value;

/// More keys than this are no rotation. Every callback with a wrong signature is tried against all of them.
const PREVIOUS_KEYS_MAX: usize = 4;

/// Every setting here that belongs to one kind.
const NAMES: [&str; 4] = ["key", "private_key", "gateway_public_key", "previous_keys"];

/// Reads `sign_type` and the keys of that kind. What is missing is a problem, and no key here; `None` where the kind is
/// wrong, since nothing can be said about the keys then.
pub(super) fn read(section: &mut Section, reader: &mut Reader<'_>) -> Option<Keys> {
    let kinds = [("MD5", Kind::Md5), ("RSA", Kind::Rsa)];
    let kind = section.choice("sign_type", &kinds, &[], reader);
    if kind.is_none() && reader.is_wrong(&section.path("sign_type")) {
        for name in NAMES {
            section.take(name);
        }
        return None;
    }
    Some(match kind {
        Some(Kind::Rsa) => {
            misplaced(section, "key", "MD5", reader);
            let private = private_key(section, reader).unwrap_or_default();
            let gateway = verifying("gateway_public_key", section, reader);
            Keys::Rsa { private, gateway }
        }
        _ => {
            misplaced(section, "private_key", "RSA", reader);
            misplaced(section, "gateway_public_key", "RSA", reader);
            Keys::Md5(verifying("key", section, reader))
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
fn verifying(name: &'static str, section: &mut Section, reader: &mut Reader<'_>) -> Vec<Key> {
    let current = key(name, section, reader).map(|key| Key { key, until: None });
    let previous = previous_keys(name, section, reader);
    current.into_iter().chain(previous).collect()
}

fn key(name: &'static str, section: &mut Section, reader: &mut Reader<'_>) -> Option<SecretString> {
    let path = section.path(name);
    match (section.take(name), name) {
        (Some(value), "key") => secret::read(path, value, reader),
        (Some(value), _) => secret::read_public_key(path, value, reader),
        (None, "key") => {
            let fix = (
                "set the security key (MD5) of the contract: key = { env = \"ALIPAY_KEY\" }",
                "请设置签约的安全校验码（MD5 密钥）：key = { env = \"ALIPAY_KEY\" }",
            );
            missing(path, fix, reader);
            None
        }
        (None, _) => {
            let fix = (
                "set the gateway's public key: gateway_public_key = { file = \"secrets/alipay_public.pem\" }",
                "请设置支付宝公钥：gateway_public_key = { file = \"secrets/alipay_public.pem\" }",
            );
            missing(path, fix, reader);
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
fn previous_keys(name: &'static str, section: &mut Section, reader: &mut Reader<'_>) -> Vec<Key> {
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
        .filter_map(|section| previous_key(name, section, reader))
        .collect()
}

fn previous_key(name: &'static str, mut section: Section, reader: &mut Reader<'_>) -> Option<Key> {
    let secret = key(name, &mut section, reader);
    let until = until(&mut section, reader);
    section.finish(reader);
    Some(Key {
        key: secret?,
        until: Some(until?),
    })
}

fn until(section: &mut Section, reader: &mut Reader<'_>) -> Option<jiff::Timestamp> {
    let fix = (
        "write the end of the key as \"2026-01-01T00:00:00Z\": 48 hours after the change cover every resend",
        "请写旧密钥的截止时间，例如 \"2026-01-01T00:00:00Z\"：更换后 48 小时足以覆盖所有重发",
    );
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
