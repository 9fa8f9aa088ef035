//! The keys of an account, ready to use: what signs what goes out, what verifies what comes in. Every key was read when
//! the account was made.

use super::keys::Key;
use crate::sign::{self, Kind, Place, PublicKey, rsa};
use jiff::Timestamp;
use secrecy::SecretString;

/// The keys of an account, ready to use.
#[derive(Debug)]
pub(super) struct Seal {
    /// What signs.
    own: Own,
    /// What verifies.
    current: Theirs,
    /// What verifies until its end, of the same kind.
    previous: Vec<(Theirs, Timestamp)>,
}

/// What signs what goes out.
#[derive(Clone, Debug)]
enum Own {
    Md5(SecretString, Place),
    /// SHA1withRSA.
    Rsa(rsa::PrivateKey),
    /// SHA256withRSA.
    Rsa2(rsa::PrivateKey),
    /// MD5withRSA.
    RsaS(rsa::PrivateKey),
}

/// What verifies what comes in.
#[derive(Clone, Debug)]
pub(super) enum Theirs {
    /// The shared key, and where it stands.
    Md5(SecretString, Place),
    /// The other side's public key.
    Public(PublicKey),
}

impl Theirs {
    /// What it verifies.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Theirs::Md5(..) => Kind::Md5,
            Theirs::Public(key) => key.kind(),
        }
    }

    /// Whether `sign` is a signature of the bytes.
    pub(super) fn verifies(&self, bytes: &[u8], sign: &[u8]) -> bool {
        match self {
            Theirs::Md5(key, place) => sign::md5_verify_at(*place, bytes, key, sign),
            Theirs::Public(key) => key.verify(bytes, sign),
        }
    }

    fn id(&self) -> String {
        match self {
            Theirs::Md5(key, _) => sign::key_id(key),
            Theirs::Public(key) => key.id(),
        }
    }
}

impl Seal {
    /// Of keys that both sides sign with, the current one first.
    pub(super) fn md5(keys: &[Key], place: Place) -> Option<Seal> {
        let own = Own::Md5(keys.first()?.key.clone(), place);
        let theirs = |key: &Key| (Theirs::Md5(key.key.clone(), place), key.until);
        Seal::of(own, keys.iter().map(theirs))
    }

    /// Of our private key and the gateway's public ones, the current one first.
    pub(super) fn pair(
        own: rsa::PrivateKey,
        gateway: Vec<(PublicKey, Option<Timestamp>)>,
        kind: Kind,
    ) -> Option<Seal> {
        let theirs = |(key, until)| (Theirs::Public(key), until);
        let own = match kind {
            Kind::RsaS => Own::RsaS(own),
            Kind::Rsa2 => Own::Rsa2(own),
            _ => Own::Rsa(own),
        };
        Seal::of(own, gateway.into_iter().map(theirs))
    }

    fn of(own: Own, mut theirs: impl Iterator<Item = (Theirs, Option<Timestamp>)>) -> Option<Seal> {
        let (current, _) = theirs.next()?;
        // A previous key without an end is refused where the settings are checked.
        let previous = theirs.filter_map(|(key, until)| Some((key, until?)));
        Some(Seal {
            own,
            current,
            previous: previous.collect(),
        })
    }

    /// The kind of every signature that comes in, whatever a message says (SEC-007).
    pub(super) fn kind(&self) -> Kind {
        self.current.kind()
    }

    /// The kind of every signature that goes out.
    pub(super) fn own_kind(&self) -> Kind {
        match &self.own {
            Own::Md5(..) => Kind::Md5,
            Own::Rsa(_) => Kind::Rsa,
            Own::Rsa2(_) => Kind::Rsa2,
            Own::RsaS(_) => Kind::RsaS,
        }
    }

    /// Whether this is the word of a message for the kind of signature that comes in. It is the account's, and never
    /// the message's own.
    pub(super) fn check_kind(&self, word: Option<&[u8]>) -> Result<(), &'static str> {
        match word {
            Some(word) if word == self.kind().word().as_bytes() => Ok(()),
            Some(_) => Err(match self.kind() {
                Kind::Md5 => "sign_type is not the account's (MD5)",
                Kind::Rsa => "sign_type is not the account's (RSA)",
                Kind::Rsa2 => "sign_type is not the account's (RSA2)",
                Kind::RsaS => "sign_type is not the account's (RSA-S)",
                Kind::Dsa => "sign_type is not the one of the gateway's key (DSA)",
            }),
            None => Err("sign_type is missing"),
        }
    }

    /// Our signature.
    pub(super) fn sign(&self, bytes: &[u8]) -> String {
        match &self.own {
            Own::Md5(key, place) => sign::md5_sign_at(*place, bytes, key),
            Own::Rsa(key) => key.sign(bytes),
            Own::Rsa2(key) => key.sign_2(bytes),
            Own::RsaS(key) => key.sign_s(bytes),
        }
    }

    /// The public half of our own key, where we have a pair; it verifies what we sign.
    pub(super) fn own_public(&self) -> Option<PublicKey> {
        match &self.own {
            Own::Md5(..) => None,
            Own::Rsa(key) => Some(key.public().clone()),
            Own::Rsa2(key) => key.public().clone().for_rsa2().ok(),
            Own::RsaS(key) => key.public().clone().for_rsa_s().ok(),
        }
    }

    /// The key that verifies now.
    pub(super) fn current(&self) -> &Theirs {
        &self.current
    }

    /// The keys that verified before.
    pub(super) fn previous(&self) -> impl Iterator<Item = &Theirs> {
        self.previous.iter().map(|(key, _)| key)
    }

    /// Those of them whose end has not come.
    fn previous_in_force(&self, now: Timestamp) -> impl Iterator<Item = &Theirs> {
        let in_force = self.previous.iter().filter(move |(_, until)| now < *until);
        in_force.map(|(key, _)| key)
    }

    /// Whether `sign` is a signature of the bytes by a key in force. An answer to our own question is not bound to a
    /// time: the question was asked just now. Every key is tried, so the time taken does not tell which one it was.
    pub(super) fn verifies(&self, bytes: &[u8], sign: &[u8], now: Option<Timestamp>) -> bool {
        self.previous
            .iter()
            .filter(|(_, until)| now.is_none_or(|now| now < *until))
            .fold(self.current.verifies(bytes, sign), |known, (key, _)| {
                known | key.verifies(bytes, sign)
            })
    }

    /// Names of all keys, which say nothing about them: our own pair's first.
    pub(super) fn ids(&self) -> Vec<String> {
        let own = self.own_public().as_ref().map(PublicKey::id);
        let theirs = std::iter::once(&self.current).chain(self.previous());
        own.into_iter().chain(theirs.map(Theirs::id)).collect()
    }

    /// The name of the previous key in force that a signature fits which is known to be valid; `None` where it is the
    /// current one's. For the journal: who still signs with the old key shows there (SEC-113).
    pub(super) fn previous_key(
        &self,
        bytes: impl FnOnce() -> Vec<u8>,
        sign: &[u8],
        now: Timestamp,
    ) -> Option<String> {
        let mut previous = self.previous_in_force(now).peekable();
        // Hardly any account has one: nothing is computed then.
        previous.peek()?;
        let bytes = bytes();
        previous
            .find(|key| key.verifies(&bytes, sign))
            .map(Theirs::id)
    }
}
