//! SHA256withRSA, PKCS#1 v1.5, in base64 on one line: what CodePay calls `RSA2` (note codepay 1.4).
//!
//! aws-lc-rs verifies, as it does for [`super::rsa`], and signs, which that module cannot leave to it for its short keys. Such
//! a signature is the same whoever makes it: it holds nothing random.

use super::rsa::{self, PrivateKey};
use super::{KeyFault, unbase64};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

impl PrivateKey {
    /// The signature of these bytes as `RSA2`, in base64. Empty as [`PrivateKey::sign`] is.
    #[must_use]
    pub fn sign_2(&self, bytes: &[u8]) -> String {
        let Some(key) = &self.modern else {
            let digest: [u8; 32] = Sha256::digest(bytes).into();
            return self.sign_digest(::rsa::Pkcs1v15Sign::new::<Sha256>(), &digest);
        };
        let mut signature = vec![0; key.public_modulus_len()];
        let signed = key.sign_digest(&RSA_PKCS1_SHA256, &digest(&SHA256, bytes), &mut signature);
        signed.map_or_else(|_| String::new(), |()| STANDARD.encode(signature))
    }
}

/// A public key that verifies `RSA2`. It has 2048 bits or more.
#[derive(Clone)]
pub struct PublicKey {
    key: Arc<ParsedPublicKey>,
    whole: rsa::PublicKey,
}

impl PublicKey {
    /// Of a key that was read and checked.
    pub(super) fn of(whole: rsa::PublicKey) -> Result<PublicKey, KeyFault> {
        let (modulus, exponent) = rsa::PublicKey::numbers(whole.der())?;
        let numbers = PublicKeyComponents {
            n: &modulus,
            e: &exponent,
        };
        let key = numbers
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .map_err(|_| KeyFault::TooShort)?;
        Ok(PublicKey {
            key: Arc::new(key),
            whole,
        })
    }

    /// Whether `sign` is a signature of the bytes, in strict base64.
    #[must_use]
    pub fn verify(&self, bytes: &[u8], sign: &[u8]) -> bool {
        unbase64(sign).is_some_and(|signature| self.key.verify_sig(bytes, &signature).is_ok())
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
        f.write_str("rsa2::PublicKey")
    }
}
