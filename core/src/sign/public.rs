//! The other side's public key. Whether it is one of RSA or of DSA it says itself; which hash goes with RSA is the
//! gateway's.

use super::material::{Label, Material};
use super::{KeyFault, Kind, dsa, id_of, rsa, rsa_s, rsa2};
use ::rsa::pkcs8::der::Decode;
use ::rsa::pkcs8::spki::SubjectPublicKeyInfoRef;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;

/// A public key, read and checked once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PublicKey {
    /// SHA1withRSA.
    Rsa(rsa::PublicKey),
    /// SHA256withRSA.
    Rsa2(rsa2::PublicKey),
    /// MD5withRSA.
    RsaS(rsa_s::PublicKey),
    /// SHA1withDSA.
    Dsa(dsa::PublicKey),
}

impl PublicKey {
    /// Reads an SPKI key, or a PKCS#1 one of RSA, from PEM or bare base64.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<PublicKey, KeyFault> {
        let material = Material::read(text)?;
        let der = material.der.expose_secret();
        if material.label == Some(Label::Private) || rsa::is_private(der) {
            return Err(KeyFault::PrivateInPublicPlace);
        }
        match SubjectPublicKeyInfoRef::from_der(der) {
            Ok(wrapped) if wrapped.algorithm.oid == dsa::OID => {
                dsa::PublicKey::decode(wrapped).map(PublicKey::Dsa)
            }
            _ => rsa::PublicKey::decode(der).map(PublicKey::Rsa),
        }
    }

    /// The same key, for a gateway that signs with MD5withRSA.
    ///
    /// # Errors
    /// [`KeyFault::NotRsa`] for a key of DSA.
    pub fn for_rsa_s(self) -> Result<PublicKey, KeyFault> {
        match self {
            PublicKey::Rsa(key) => rsa_s::PublicKey::of(key).map(PublicKey::RsaS),
            PublicKey::RsaS(key) => Ok(PublicKey::RsaS(key)),
            PublicKey::Rsa2(_) | PublicKey::Dsa(_) => Err(KeyFault::NotRsa),
        }
    }

    /// The same key, for a gateway that signs with SHA256withRSA.
    ///
    /// # Errors
    /// [`KeyFault::NotRsa`] for a key of DSA, [`KeyFault::TooShort`] for one below 2048 bits.
    pub fn for_rsa2(self) -> Result<PublicKey, KeyFault> {
        match self {
            PublicKey::Rsa(key) => rsa2::PublicKey::of(key).map(PublicKey::Rsa2),
            PublicKey::Rsa2(key) => Ok(PublicKey::Rsa2(key)),
            PublicKey::RsaS(_) | PublicKey::Dsa(_) => Err(KeyFault::NotRsa),
        }
    }

    /// What it verifies.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            PublicKey::Rsa(_) => Kind::Rsa,
            PublicKey::Rsa2(_) => Kind::Rsa2,
            PublicKey::RsaS(_) => Kind::RsaS,
            PublicKey::Dsa(_) => Kind::Dsa,
        }
    }

    /// Whether `sign` is a signature of the bytes by the key's other half.
    #[must_use]
    pub fn verify(&self, bytes: &[u8], sign: &[u8]) -> bool {
        match self {
            PublicKey::Rsa(key) => key.verify(bytes, sign),
            PublicKey::Rsa2(key) => key.verify(bytes, sign),
            PublicKey::RsaS(key) => key.verify(bytes, sign),
            PublicKey::Dsa(key) => key.verify(bytes, sign),
        }
    }

    /// The key in base64 on one line, as the gateway's pages show it.
    #[must_use]
    pub fn text(&self) -> String {
        STANDARD.encode(self.der())
    }

    /// A name for the key, the same however it is written. For the journal.
    #[must_use]
    pub fn id(&self) -> String {
        id_of(self.der())
    }

    fn der(&self) -> &[u8] {
        match self {
            PublicKey::Rsa(key) => key.der(),
            PublicKey::Rsa2(key) => key.der(),
            PublicKey::RsaS(key) => key.der(),
            PublicKey::Dsa(key) => key.der(),
        }
    }
}
