//! MD5withRSA, PKCS#1 v1.5, in base64 on one line: what Dinpay calls `RSA-S` (note dinpay 1.4). MD5 is historic, and
//! this is the gateway's choice: nobody else's messages are believed under it.
//!
//! aws-lc-rs knows no MD5 here, so the `rsa` crate verifies. It computes the whole padding, compares every byte of it
//! and parses nothing, so there is no room for a forger either (SEC-022); it works with public values only. Signing is
//! that of [`super::rsa`], with its blinding.

use super::rsa::{self, PrivateKey};
use super::{KeyFault, unbase64};
use ::rsa::BoxedUint;
use md5::{Digest, Md5};
use std::fmt;
use std::sync::Arc;

impl PrivateKey {
    /// The signature of these bytes as `RSA-S`, in base64. Empty as [`PrivateKey::sign`] is.
    #[must_use]
    pub fn sign_s(&self, bytes: &[u8]) -> String {
        let digest: [u8; 16] = Md5::digest(bytes).into();
        self.sign_digest(::rsa::Pkcs1v15Sign::new::<Md5>(), &digest)
    }
}

/// A public key that verifies `RSA-S`.
#[derive(Clone)]
pub struct PublicKey {
    key: Arc<::rsa::PublicKey>,
    whole: rsa::PublicKey,
}

impl PublicKey {
    /// Of a key that was read and checked.
    pub(super) fn of(whole: rsa::PublicKey) -> Result<PublicKey, KeyFault> {
        let (modulus, exponent) = rsa::PublicKey::numbers(whole.der())?;
        let [modulus, exponent] =
            [modulus, exponent].map(|bytes| BoxedUint::from_be_slice_vartime(&bytes));
        let key = ::rsa::PublicKey::new(modulus, exponent).map_err(|_| KeyFault::Inconsistent)?;
        Ok(PublicKey {
            key: Arc::new(key),
            whole,
        })
    }

    /// Whether `sign` is a signature of the bytes, in strict base64.
    #[must_use]
    pub fn verify(&self, bytes: &[u8], sign: &[u8]) -> bool {
        let digest = Md5::digest(bytes);
        unbase64(sign).is_some_and(|signature| {
            let scheme = ::rsa::Pkcs1v15Sign::new::<Md5>();
            self.key.verify(scheme, &digest, &signature).is_ok()
        })
    }

    /// The key in one writing, whatever it was read from.
    pub(super) fn der(&self) -> &[u8] {
        self.whole.der()
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &PublicKey) -> bool {
        self.whole == other.whole
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rsa_s::PublicKey")
    }
}
