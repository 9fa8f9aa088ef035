//! SHA1withRSA, PKCS#1 v1.5, in base64 on one line (note 1.6). Keys of 1024 bits are historic and still in use.
//!
//! **Verifying** is aws-lc-rs's: a fixed padding is compared, nothing in it is parsed, so there is no room for a
//! forger who was lucky with the exponent (SEC-022). It works with public values only.
//!
//! **Signing** is the `rsa` crate's from 0.10 on, whose arithmetic takes the same time whatever the key is; earlier
//! versions did not (RUSTSEC-2023-0071, SEC-023). It checks its result before giving it out, so a fault of the machine
//! leaks no prime. Its second defence is blinding: the message is multiplied with a number that an onlooker does not
//! know, so that time says nothing about what was raised to the secret power. The core has no chance in it, so that
//! number is derived from the private key and the message, as RFC 6979 does it for DSA: nobody without the key can
//! tell it, the same message has the same one and so teaches nothing new, and the signature comes out the same.

use super::material::{Label, Material};
use super::{KeyFault, unbase64};
use ::rsa::pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};
use ::rsa::pkcs8::der::Decode;
use ::rsa::pkcs8::spki::SubjectPublicKeyInfoRef;
use ::rsa::pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use ::rsa::rand_core::{TryCryptoRng, TryRng};
use aws_lc_rs::rsa::{KeyPair, PublicKeyComponents};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

/// Shorter keys can be factored.
const BITS_MIN: usize = 1024;
/// Longer ones only cost time.
const BITS_MAX: usize = 8192;
/// `rsaEncryption`, the only algorithm of a key that signs with PKCS#1 v1.5.
pub(super) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A private key, read and checked once.
#[derive(Clone)]
pub struct PrivateKey {
    key: Arc<::rsa::PrivateKey>,
    /// What blinding numbers are derived from.
    blinding: Arc<SecretBox<[u8; 32]>>,
    /// The same key where it has 2048 bits or more, for signatures of the newer kind: several times as fast.
    pub(super) modern: Option<Arc<KeyPair>>,
    public: super::PublicKey,
}

impl PrivateKey {
    /// Reads a PKCS#8 or PKCS#1 key from PEM or bare base64.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &SecretString) -> Result<PrivateKey, KeyFault> {
        let material = Material::read(text.expose_secret())?;
        let der = material.der.expose_secret();
        if material.label == Some(Label::Public) || PublicKey::numbers(der).is_ok() {
            return Err(KeyFault::PublicInPrivatePlace);
        }
        let inner = match PrivateKeyInfoRef::from_der(der) {
            Ok(wrapped) if wrapped.algorithm.oid == OID => wrapped.private_key.as_bytes(),
            Ok(_) => return Err(KeyFault::Unknown),
            Err(_) => der,
        };
        let numbers = RsaPrivateKeyRef::from_der(inner).map_err(|_| KeyFault::Unknown)?;
        let public = PublicKey::of(
            numbers.modulus.as_bytes(),
            numbers.public_exponent.as_bytes(),
        )?;
        let blinding: [u8; 32] = Sha256::new()
            .chain_update(b"quittance rsa blinding\0")
            .chain_update(numbers.private_exponent.as_bytes())
            .finalize()
            .into();
        // The crate multiplies the primes and compares.
        let key = ::rsa::PrivateKey::try_from(numbers).map_err(|_| KeyFault::Inconsistent)?;
        Ok(PrivateKey {
            key: Arc::new(key),
            modern: KeyPair::from_der(inner).ok().map(Arc::new),
            blinding: Arc::new(SecretBox::new(Box::new(blinding))),
            public: super::PublicKey::Rsa(public),
        })
    }

    /// The signature of these bytes, in base64. Empty where the computation failed its own check: the other side then
    /// refuses the call, and nothing about the key has left.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> String {
        let digest: [u8; 20] = Sha1::digest(bytes).into();
        self.sign_digest(::rsa::Pkcs1v15Sign::new::<Sha1>(), &digest)
    }

    /// The signature of a digest under its scheme.
    pub(super) fn sign_digest(&self, scheme: ::rsa::Pkcs1v15Sign, digest: &[u8]) -> String {
        let mut numbers = Blinding {
            secret: self.blinding.expose_secret(),
            digest,
            count: 0,
        };
        self.key
            .sign_with_rng(&mut numbers, scheme, digest)
            .map(|signature| STANDARD.encode(signature))
            .unwrap_or_default()
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &super::PublicKey {
        &self.public
    }
}

/// Says nothing about the key.
impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rsa::PrivateKey")
    }
}

/// A public key, read and checked once.
#[derive(Clone)]
pub struct PublicKey(ParsedPublicKey);

impl PublicKey {
    /// Reads an SPKI or PKCS#1 key from its DER.
    pub(super) fn decode(der: &[u8]) -> Result<PublicKey, KeyFault> {
        let (modulus, exponent) = PublicKey::numbers(der)?;
        PublicKey::of(&modulus, &exponent)
    }

    /// Modulus and exponent, big-endian without leading zeros.
    pub(super) fn numbers(der: &[u8]) -> Result<(Vec<u8>, Vec<u8>), KeyFault> {
        let inner = match SubjectPublicKeyInfoRef::from_der(der) {
            Ok(wrapped) if wrapped.algorithm.oid == OID => wrapped
                .subject_public_key
                .as_bytes()
                .ok_or(KeyFault::Unknown)?,
            Ok(_) => return Err(KeyFault::Unknown),
            Err(_) => der,
        };
        let key = RsaPublicKeyRef::from_der(inner).map_err(|_| KeyFault::Unknown)?;
        let bytes = |number: ::rsa::pkcs1::UintRef<'_>| number.as_bytes().to_vec();
        Ok((bytes(key.modulus), bytes(key.public_exponent)))
    }

    /// A key of these numbers, where no forger has it too easy (SEC-022).
    fn of(modulus: &[u8], exponent: &[u8]) -> Result<PublicKey, KeyFault> {
        let zeros = modulus.first().map_or(0, |first| first.leading_zeros());
        match (modulus.len() * 8).saturating_sub(zeros as usize) {
            ..BITS_MIN => return Err(KeyFault::TooShort),
            BITS_MIN..=BITS_MAX => {}
            _ => return Err(KeyFault::TooLong),
        }
        if exponent == [1] || exponent.last().is_none_or(|last| last % 2 == 0) {
            return Err(KeyFault::Exponent);
        }
        PublicKeyComponents {
            n: modulus,
            e: exponent,
        }
        .to_parsed_public_key(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY)
        .map(PublicKey)
        .map_err(|_| KeyFault::Inconsistent)
    }

    /// Whether `sign` is a signature of the bytes, in strict base64.
    #[must_use]
    pub fn verify(&self, bytes: &[u8], sign: &[u8]) -> bool {
        unbase64(sign).is_some_and(|signature| self.0.verify_sig(bytes, &signature).is_ok())
    }

    /// The key in one writing, whatever it was read from.
    pub(super) fn der(&self) -> &[u8] {
        self.0.as_ref()
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &PublicKey) -> bool {
        self.der() == other.der()
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rsa::PublicKey")
    }
}

/// Whether this is a private key of either form.
pub(super) fn is_private(der: &[u8]) -> bool {
    PrivateKeyInfoRef::from_der(der).is_ok() || RsaPrivateKeyRef::from_der(der).is_ok()
}

/// Numbers that only the holder of the private key can tell: SHA-256 over a secret of its own, the message's digest
/// and a count. Only the digest's length differs, and with it the whole: no two messages share a number.
struct Blinding<'a> {
    secret: &'a [u8; 32],
    digest: &'a [u8],
    count: u64,
}

impl TryRng for Blinding<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for part in bytes.chunks_mut(32) {
            self.count += 1;
            let block = Sha256::new()
                .chain_update(self.secret)
                .chain_update(self.digest)
                .chain_update(self.count.to_be_bytes())
                .finalize();
            part.copy_from_slice(&block[..part.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Blinding<'_> {}
