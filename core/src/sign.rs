//! Signing strings and MD5 signatures of the classic gateways.
//!
//! Source: protocol note alipay-mapi 1.4 and 1.5. Dinpay builds its string the same way.

use crate::params::Params;
use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// A key shorter than this many characters refuses to start (SEC-010).
pub const KEY_CHARS_MIN: usize = 16;

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

/// `lowercase_hex(MD5(bytes + key))`, nothing between them.
#[must_use]
pub fn md5_sign(bytes: &[u8], key: &SecretString) -> String {
    let digest = Md5::new()
        .chain_update(bytes)
        .chain_update(key.expose_secret().as_bytes())
        .finalize();
    data_encoding::HEXLOWER.encode(&digest)
}

/// Whether `sign` is the MD5 signature of the bytes: byte-exact, lower case, compared in constant time (SEC-018..020).
#[must_use]
pub fn md5_verify(bytes: &[u8], key: &SecretString, sign: &[u8]) -> bool {
    md5_sign(bytes, key).as_bytes().ct_eq(sign).into()
}

/// A name for a key that says nothing about it: the start of a hash under its own prefix. For the journal.
#[must_use]
pub fn key_id(key: &SecretString) -> String {
    let digest = sha2::Sha256::new()
        .chain_update(b"quittance key id\0")
        .chain_update(key.expose_secret().as_bytes())
        .finalize();
    data_encoding::HEXLOWER.encode(&digest[..6])
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
    fn only_the_exact_signature_passes() {
        let key = SecretString::from("0123456789abcdefghijklmnopqrstuv");
        let sign = md5_sign(b"a=1", &key);
        assert!(md5_verify(b"a=1", &key, sign.as_bytes()));
        for wrong in [
            "",
            "0",
            &sign[1..],
            &sign.to_uppercase(),
            &format!("{sign} "),
            &"0".repeat(32),
        ] {
            assert!(!md5_verify(b"a=1", &key, wrong.as_bytes()), "{wrong}");
        }
        assert_ne!(
            key_id(&key),
            key_id(&SecretString::from("another key, 32 characters long!"))
        );
    }
}
