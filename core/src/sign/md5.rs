//! MD5 with a key that both sides know (note 1.5).

use ::md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

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

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
