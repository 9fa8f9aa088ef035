//! The seal: our signature on what goes out, theirs on what comes in (note 1.4..1.6). Every key was read when the
//! account was made.

use super::{Account, Key};
use crate::gateway::Checkout;
use crate::params::Params;
use crate::sign::{self, Kind, PublicKey, rsa};
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
    Md5(SecretString),
    Rsa(rsa::PrivateKey),
}

/// What verifies what comes in.
#[derive(Clone, Debug)]
pub(super) enum Theirs {
    /// The shared key.
    Md5(SecretString),
    /// The other side's public key.
    Public(PublicKey),
}

impl Theirs {
    /// What it verifies.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Theirs::Md5(_) => Kind::Md5,
            Theirs::Public(key) => key.kind(),
        }
    }

    /// Whether `sign` is a signature of the bytes.
    pub(super) fn verifies(&self, bytes: &[u8], sign: &[u8]) -> bool {
        match self {
            Theirs::Md5(key) => sign::md5_verify(bytes, key, sign),
            Theirs::Public(key) => key.verify(bytes, sign),
        }
    }

    fn id(&self) -> String {
        match self {
            Theirs::Md5(key) => sign::key_id(key),
            Theirs::Public(key) => key.id(),
        }
    }
}

impl Seal {
    /// Of keys that both sides sign with, the current one first.
    pub(super) fn md5(keys: &[Key]) -> Option<Seal> {
        let own = Own::Md5(keys.first()?.key.clone());
        let theirs = |key: &Key| (Theirs::Md5(key.key.clone()), key.until);
        Seal::of(own, keys.iter().map(theirs))
    }

    /// Of our private key and the gateway's public ones, the current one first.
    pub(super) fn rsa(
        own: rsa::PrivateKey,
        gateway: Vec<(PublicKey, Option<Timestamp>)>,
    ) -> Option<Seal> {
        let theirs = |(key, until)| (Theirs::Public(key), until);
        Seal::of(Own::Rsa(own), gateway.into_iter().map(theirs))
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
            Own::Md5(_) => Kind::Md5,
            Own::Rsa(_) => Kind::Rsa,
        }
    }

    /// Our signature.
    fn sign(&self, bytes: &[u8]) -> String {
        match &self.own {
            Own::Md5(key) => sign::md5_sign(bytes, key),
            Own::Rsa(key) => key.sign(bytes),
        }
    }

    /// The public half of our own key, where we have a pair.
    pub(super) fn own_public(&self) -> Option<&PublicKey> {
        match &self.own {
            Own::Md5(_) => None,
            Own::Rsa(key) => Some(key.public()),
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
    fn verifies(&self, bytes: &[u8], sign: &[u8], now: Option<Timestamp>) -> bool {
        self.previous
            .iter()
            .filter(|(_, until)| now.is_none_or(|now| now < *until))
            .fold(self.current.verifies(bytes, sign), |known, (key, _)| {
                known | key.verifies(bytes, sign)
            })
    }

    /// Names of all keys, which say nothing about them: our own pair's first.
    pub(super) fn ids(&self) -> Vec<String> {
        let own = self.own_public().map(PublicKey::id);
        let theirs = std::iter::once(&self.current).chain(self.previous());
        own.into_iter().chain(theirs.map(Theirs::id)).collect()
    }
}

impl Account {
    /// These fields in the account's charset, in their order, without the empty ones, with the signature of the
    /// current key behind them.
    ///
    /// A text that the charset cannot hold never gets here: [`super::checkout`] and [`super::refund`] refuse it, and
    /// every other field is ASCII. Should one do so all the same, it is left out and the gateway refuses the call.
    pub(super) fn signed(&self, fields: &[(&str, &str)]) -> Params {
        let mut params = self.unsigned(fields);
        let signature = self.seal.sign(&sign::presign(&params));
        for (name, value) in [
            ("sign", signature.as_str()),
            ("sign_type", self.seal.own_kind().word()),
        ] {
            let _ = params.push(name, value.as_bytes());
        }
        params
    }

    /// As [`Account::signed`], without a signature.
    pub(super) fn unsigned(&self, fields: &[(&str, &str)]) -> Params {
        let mut params = Params::new();
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            if let Ok(bytes) = self.settings.charset.encode(value) {
                let _ = params.push(name, &bytes);
            }
        }
        params
    }

    /// Whether the parameters carry this signature of a key in force: the current one, or a previous one before its
    /// end.
    pub(super) fn verifies(
        &self,
        params: &Params,
        signature: &[u8],
        now: Option<Timestamp>,
    ) -> bool {
        self.seal.verifies(&sign::presign(params), signature, now)
    }

    /// The name of the previous key in force that a signature fits which is known to be valid; `None` where it is the
    /// current one's. For the journal: who still signs with the old key shows there (SEC-113).
    pub(super) fn previous_key(
        &self,
        params: &Params,
        signature: &[u8],
        now: Timestamp,
    ) -> Option<String> {
        let mut previous = self.seal.previous_in_force(now).peekable();
        // Hardly any account has one: nothing is computed then.
        previous.peek()?;
        let bytes = sign::presign(params);
        previous
            .find(|key| key.verifies(&bytes, signature))
            .map(Theirs::id)
    }

    /// The address of a call by `GET`.
    pub(super) fn address(&self, params: &Params) -> String {
        format!("{}?{}", self.settings.gateway_url, params.to_wire())
    }

    /// The address of a call by `POST`. The gateway needs the charset before it can decode the body (note 1.3).
    pub(super) fn post_address(&self) -> String {
        format!(
            "{}?_input_charset={}",
            self.settings.gateway_url,
            self.settings.charset.label()
        )
    }

    /// What sends a browser to a page of the gateway: a form, or an address.
    pub(super) fn page(&self, params: &Params, via_get: bool) -> Checkout {
        if via_get {
            return Checkout::Redirect {
                url: self.address(params),
            };
        }
        let charset = self.settings.charset;
        let fields = params
            .iter()
            .map(|(name, value)| (name.to_owned(), charset.display(value)));
        Checkout::Form {
            method: "POST".to_owned(),
            url: self.post_address(),
            charset: charset.label().to_owned(),
            fields: fields.collect(),
        }
    }
}
