//! The keys of an account as they are configured, and what is wrong with them.
//!
//! Nothing is repaired silently: a blank that came along with a pasted key is the first cause of wrong signatures in
//! the seeds, so it refuses to start and says so (SEC-010, SEC-011).

use super::seal::Seal;
use super::setting::{Problem, blank, problem};
use crate::sign::{KEY_CHARS_MIN, KeyFault, Kind, Place, PublicKey, rsa};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

/// The keys of an account. Which they are decides the only kind of signature that it makes and believes (SEC-007).
///
/// There is no account that signs with DSA: the gateway's own demos refuse to (note alipay-mapi 1.6). A gateway whose
/// public key is a DSA key is believed by DSA signatures and no others, while we sign with RSA.
#[derive(Clone, Debug)]
pub enum Keys {
    /// Keys that both sides sign with: the first signs and verifies, the others are previous ones, accepted until
    /// their time (SEC-113).
    Md5(Vec<Key>),
    /// A pair on each side.
    Rsa {
        /// Our private key, PKCS#8 or PKCS#1, in PEM or bare base64. It signs what goes out.
        private: SecretString,
        /// The gateway's public keys, SPKI or PKCS#1: the first is the current one, the others are previous ones.
        gateway: Vec<Key>,
    },
}

impl Keys {
    /// The keys that verify what comes in, the current one first.
    #[must_use]
    pub fn verifying(&self) -> &[Key] {
        match self {
            Keys::Md5(keys) | Keys::Rsa { gateway: keys, .. } => keys,
        }
    }

    /// Adds a previous key of those that verify.
    pub fn push(&mut self, previous: Key) {
        match self {
            Keys::Md5(keys) | Keys::Rsa { gateway: keys, .. } => keys.push(previous),
        }
    }

    /// What the key of this number, the current one first, is called in the configuration.
    pub(super) fn named(&self, number: usize) -> &'static str {
        match number {
            0 => self.field(),
            _ => "previous_keys",
        }
    }

    /// What the current key that verifies is called in the configuration.
    fn field(&self) -> &'static str {
        match self {
            Keys::Md5(_) => "key",
            Keys::Rsa { .. } => "gateway_public_key",
        }
    }
}

/// A key that verifies what comes in.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub key: SecretString,
    /// Until when callbacks signed with it are accepted. Absent for the current key, and only for that.
    pub until: Option<Timestamp>,
}

/// How a gateway signs with the keys of an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signing {
    /// Where a key that both sides know stands.
    pub(super) place: Place,
    /// What a pair of RSA keys signs with: [`Kind::Rsa`], [`Kind::Rsa2`] or [`Kind::RsaS`].
    pub(super) pair: Kind,
}

/// Whether there is a key, the current one without an end and every previous one with.
fn times(keys: &Keys, found: &mut Vec<Problem>) {
    let field = keys.field();
    let Some((current, previous)) = keys.verifying().split_first() else {
        found.push(problem(
            field,
            "there is no key, so nothing could be verified",
            match keys {
                Keys::Md5(_) => "set the security key (MD5) of the contract",
                Keys::Rsa { .. } => "set the gateway's public key",
            },
        ));
        return;
    };
    if current.until.is_some() {
        found.push(problem(
            field,
            "the current key has an end",
            "give `until` to previous keys only",
        ));
    }
    for _ in previous.iter().filter(|old| old.until.is_none()) {
        found.push(problem(
            "previous_keys",
            "a previous key without an end would be accepted for ever",
            "set `until`: 48 hours after the change cover every resend",
        ));
    }
}

/// Reads every key once: no message waits for that. `None` where anything is wrong with them.
pub(super) fn read(keys: &Keys, signing: Signing, found: &mut Vec<Problem>) -> Option<Seal> {
    let before = found.len();
    times(keys, found);
    let seal = match keys {
        Keys::Md5(shared) => {
            for (number, shared) in shared.iter().enumerate() {
                key(keys.named(number), &shared.key, found);
            }
            Seal::md5(shared, signing.place)
        }
        Keys::Rsa { private, gateway } => {
            let own = match rsa::PrivateKey::read(private) {
                Ok(own) => Some(own),
                Err(fault) => {
                    found.push(wrong_key("private_key", fault));
                    None
                }
            };
            let mut theirs: Vec<(PublicKey, Option<Timestamp>)> = Vec::new();
            for (number, public) in gateway.iter().enumerate() {
                let first = theirs.first().map(|(first, _)| first);
                match public_key(&public.key, own.as_ref(), first, signing) {
                    Ok(key) => theirs.push((key, public.until)),
                    Err(fault) => found.push(wrong_key(keys.named(number), fault)),
                }
            }
            own.and_then(|own| Seal::pair(own, theirs, signing.pair))
        }
    };
    seal.filter(|_| found.len() == before)
}

/// One of the gateway's public keys: not our own, and of the kind of the first.
fn public_key(
    text: &SecretString,
    own: Option<&rsa::PrivateKey>,
    first: Option<&PublicKey>,
    signing: Signing,
) -> Result<PublicKey, KeyFault> {
    let key = PublicKey::read(text.expose_secret())?;
    if own.is_some_and(|own| *own.public() == key) {
        return Err(KeyFault::Own);
    }
    let key = match signing.pair {
        Kind::RsaS => key.for_rsa_s()?,
        Kind::Rsa2 => key.for_rsa2()?,
        _ => key,
    };
    match first {
        Some(first) if first.kind() != key.kind() => Err(KeyFault::Mixed),
        _ => Ok(key),
    }
}

fn key(field: &'static str, key: &SecretString, found: &mut Vec<Problem>) {
    let key = key.expose_secret();
    let (cause, fix) = if key.is_empty() {
        (
            "the key is empty".to_owned(),
            "set the security key (MD5) of the contract",
        )
    } else if is_of_a_pair(key) {
        found.push(wrong_key(field, KeyFault::PairAsShared));
        return;
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
            "copy the whole key from the gateway's page",
        )
    } else if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        (
            "the key has a character outside ASCII".to_owned(),
            "copy the key again; the gateways' keys are letters and digits",
        )
    } else {
        return;
    };
    found.push(problem(field, cause, fix));
}

/// Whether a key of a pair was put where a shared one belongs: a public one is known to everybody.
fn is_of_a_pair(key: &str) -> bool {
    PublicKey::read(key).is_ok() || PublicKey::read(key) == Err(KeyFault::PrivateInPublicPlace)
}

fn wrong_key(field: &'static str, fault: KeyFault) -> Problem {
    Problem {
        key: Some(fault),
        ..problem(field, fault.cause().en, fault.fix().en)
    }
}
