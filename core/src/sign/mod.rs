//! Signatures of the gateways: the signing string, and a file for each kind of signature.
//!
//! Source: protocol note alipay-mapi 1.4, 1.5 and 1.6. Dinpay builds its string the same way (note dinpay 1.4).
//!
//! Who computes: MD5, SHA-1 and DSA come from RustCrypto's crates. RSA with SHA-1 is verified by aws-lc-rs, which reads
//! PKCS#1 strictly (SEC-022), and signed by the `rsa` crate, since aws-lc-rs makes no signatures with SHA-1 or 1024-bit
//! keys; what that means for our private key (SEC-023) stands in [`rsa`]. RSA with SHA-256 is verified and signed by the same two. RSA with MD5 is the `rsa` crate's on both
//! sides: [`rsa_s`] says why that is strict too.

mod dsa;
mod fault;
mod material;
mod md5;
mod public;
pub mod rsa;
pub mod rsa2;
pub mod rsa_s;

pub use fault::KeyFault;
pub use md5::{Place, md5_sign, md5_sign_at, md5_verify, md5_verify_at};
pub use public::PublicKey;

use crate::params::Params;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use sha2::Digest;

/// A key shorter than this many characters refuses to start (SEC-010).
pub const KEY_CHARS_MIN: usize = 16;
/// No signature is longer: one by an RSA key of 8192 bits has 1368 characters.
const SIGN_CHARS_MAX: usize = 2048;

/// What a signature is made with. An account has one, and a message never chooses its own (SEC-007).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A key that both sides know, behind the text.
    Md5,
    /// SHA1withRSA, PKCS#1 v1.5.
    Rsa,
    /// SHA256withRSA, PKCS#1 v1.5.
    Rsa2,
    /// MD5withRSA, PKCS#1 v1.5.
    RsaS,
    /// SHA1withDSA.
    Dsa,
}

impl Kind {
    /// The word of `sign_type`, letter case included.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Md5 => "MD5",
            Kind::Rsa => "RSA",
            Kind::Rsa2 => "RSA2",
            Kind::RsaS => "RSA-S",
            Kind::Dsa => "DSA",
        }
    }
}

/// The bytes that are signed: every parameter but `sign`, `sign_type` and those with an empty value, sorted by name
/// in byte order, joined as `name=value` with `&`, values raw.
#[must_use]
pub fn presign(params: &Params) -> Vec<u8> {
    let mut fields: Vec<(&str, &[u8])> = params
        .iter()
        .filter(|(name, value)| !value.is_empty() && *name != "sign" && *name != "sign_type")
        .collect();
    fields.sort_unstable_by_key(|(name, _)| *name);
    join(&fields)
}

/// `name=value` joined with `&`, as they stand.
pub(crate) fn join<N: AsRef<[u8]>>(fields: &[(N, &[u8])]) -> Vec<u8> {
    let length = |(name, value): &(N, &[u8])| name.as_ref().len() + value.len() + 2;
    let mut bytes = Vec::with_capacity(fields.iter().map(length).sum());
    for (number, (name, value)) in fields.iter().enumerate() {
        if number > 0 {
            bytes.push(b'&');
        }
        bytes.extend_from_slice(name.as_ref());
        bytes.push(b'=');
        bytes.extend_from_slice(value);
    }
    bytes
}

/// A name for a key that says nothing about it: the start of a hash under its own prefix. For the journal.
#[must_use]
pub fn key_id(key: &SecretString) -> String {
    id_of(key.expose_secret().as_bytes())
}

fn id_of(key: &[u8]) -> String {
    let digest = sha2::Sha256::new()
        .chain_update(b"quittance key id\0")
        .chain_update(key)
        .finalize();
    data_encoding::HEXLOWER.encode(&digest[..6])
}

/// The bytes of a signature in base64: one line in the standard alphabet with its padding, and no other writing of the
/// same bytes (SEC-020).
fn unbase64(sign: &[u8]) -> Option<Vec<u8>> {
    (sign.len() <= SIGN_CHARS_MAX)
        .then(|| STANDARD.decode(sign).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(fields: &[(&str, &str)]) -> Params {
        let mut params = Params::new();
        for (name, value) in fields {
            params.push(name, value.as_bytes()).unwrap();
        }
        params
    }

    #[test]
    fn sorts_by_bytes_and_drops_what_is_not_signed() {
        let signed = params(&[
            ("b", "2"),
            ("a", "0"),
            ("_c", "x y"),
            ("empty", ""),
            ("sign", "s"),
            ("sign_type", "MD5"),
        ]);
        assert_eq!(presign(&signed), b"_c=x y&a=0&b=2");
    }

    #[test]
    fn base64_has_one_writing() {
        assert_eq!(unbase64(b"+/8A").unwrap(), [0xFB, 0xFF, 0]);
        assert_eq!(unbase64(b"+/8=").unwrap(), [0xFB, 0xFF]);
        for other in [
            "-_8A", "+/8", "+/9=", "+/8==", " +/8A", "+/8A\n", "+/ 8A", "+/8A=", "=", " /8A",
        ] {
            assert_eq!(unbase64(other.as_bytes()), None, "{other:?}");
        }
        assert_eq!(unbase64(&[b'A'; SIGN_CHARS_MAX + 4]), None);
    }

    #[test]
    fn a_key_id_tells_keys_apart() {
        let ids = [
            "0123456789abcdefghijklmnopqrstuv",
            "another key, 32 characters long!",
        ]
        .map(|key| key_id(&SecretString::from(key)));
        assert_ne!(ids[0], ids[1]);
    }
}
