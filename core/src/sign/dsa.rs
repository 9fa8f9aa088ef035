//! SHA1withDSA, to verify only (note 1.6): the gateway's demos refuse to make such signatures, and nobody needs ours.

use super::{KeyFault, unbase64};
use ::dsa::pkcs8::der::Decode;
use ::dsa::pkcs8::spki::SubjectPublicKeyInfoRef;
use ::dsa::pkcs8::{EncodePublicKey, ObjectIdentifier};
use ::dsa::signature::hazmat::PrehashVerifier;
use ::dsa::{BoxedUint, Signature, VerifyingKey};
use sha1::{Digest, Sha1};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// `id-dsa`.
pub(super) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");

/// A public key, read and checked once.
#[derive(Clone)]
pub struct PublicKey {
    key: Arc<VerifyingKey>,
    der: Arc<[u8]>,
    /// The length of r, and of s, where they stand raw behind each other.
    half: usize,
}

impl PublicKey {
    /// Reads an SPKI key from its DER. That y belongs to the group is checked there; that the group is more than the
    /// one is checked here.
    pub(super) fn decode(wrapped: SubjectPublicKeyInfoRef<'_>) -> Result<PublicKey, KeyFault> {
        let key = VerifyingKey::try_from(wrapped).map_err(|_| KeyFault::Inconsistent)?;
        let (q, g) = (key.components().q(), key.components().g());
        if g.as_ref() == &BoxedUint::one() {
            return Err(KeyFault::Inconsistent);
        }
        let half = q.bit_width_vartime().div_ceil(8) as usize;
        let der = key
            .to_public_key_der()
            .map_err(|_| KeyFault::Inconsistent)?;
        Ok(PublicKey {
            der: der.as_bytes().into(),
            key: Arc::new(key),
            half,
        })
    }

    /// Whether `sign` is a signature of the bytes: DER, or r and s behind each other (40 bytes), in strict base64 that
    /// may be case-escaped.
    #[must_use]
    pub fn verify(&self, bytes: &[u8], sign: &[u8]) -> bool {
        let read = || {
            let signature = unbase64(&unescaped(sign)?)?;
            match signature.split_at_checked(self.half) {
                Some((r, s)) if s.len() == self.half => {
                    let number = |bytes| BoxedUint::from_be_slice_vartime(bytes);
                    Signature::from_components(number(r), number(s))
                }
                _ => Signature::from_der(&signature).ok(),
            }
        };
        let digest = Sha1::digest(bytes);
        read().is_some_and(|signature| self.key.verify_prehash(&digest, &signature).is_ok())
    }

    /// The key in one writing, whatever it was read from.
    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &PublicKey) -> bool {
        self.der == other.der
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dsa::PublicKey")
    }
}

/// Base64 as it is, or with every capital letter written as `_` and the small one, as the gateway's own sample has it.
/// A text of both writings is none.
fn unescaped(sign: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !sign.contains(&b'_') {
        return Some(Cow::Borrowed(sign));
    }
    let mut plain = Vec::with_capacity(sign.len());
    let mut rest = sign.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'_' => plain.push(
                rest.next()
                    .filter(|letter| letter.is_ascii_lowercase())?
                    .to_ascii_uppercase(),
            ),
            capital if capital.is_ascii_uppercase() => return None,
            byte => plain.push(*byte),
        }
    }
    Some(Cow::Owned(plain))
}
