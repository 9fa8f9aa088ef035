//! MD5 with a key that both sides know (note alipay-mapi 1.5, note dinpay 1.4).

use ::md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// Where the key stands in what is hashed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Right behind the text, nothing between them: Alipay.
    Behind,
    /// Behind the text as a parameter of its own, `&key=`: Dinpay.
    Named,
    /// In front of the text. No gateway here has it so; it is a mistake that is looked for.
    Front,
}

/// `lowercase_hex(MD5(bytes + key))`, nothing between them.
#[must_use]
pub fn md5_sign(bytes: &[u8], key: &SecretString) -> String {
    md5_sign_at(Place::Behind, bytes, key)
}

/// The MD5 signature of the bytes with the key at this place, in small hexadecimal digits.
#[must_use]
pub fn md5_sign_at(place: Place, bytes: &[u8], key: &SecretString) -> String {
    let key = key.expose_secret().as_bytes();
    let parts: [&[u8]; 3] = match place {
        Place::Behind => [bytes, b"", key],
        Place::Named => [bytes, b"&key=", key],
        Place::Front => [key, b"", bytes],
    };
    let digest = parts
        .into_iter()
        .fold(Md5::new(), |hash, part| hash.chain_update(part));
    data_encoding::HEXLOWER.encode(&digest.finalize())
}

/// Whether `sign` is the MD5 signature of the bytes: byte-exact, lower case, compared in constant time (SEC-018..020).
#[must_use]
pub fn md5_verify(bytes: &[u8], key: &SecretString, sign: &[u8]) -> bool {
    md5_verify_at(Place::Behind, bytes, key, sign)
}

/// The same, with the key at this place.
#[must_use]
pub fn md5_verify_at(place: Place, bytes: &[u8], key: &SecretString, sign: &[u8]) -> bool {
    md5_sign_at(place, bytes, key).as_bytes().ct_eq(sign).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same key at another place makes another signature: a gateway's signature is not the other's.
    #[test]
    fn the_place_of_the_key_tells_signatures_apart() {
        let key = SecretString::from("0123456789abcdefghijklmnopqrstuv");
        let places = [Place::Behind, Place::Named, Place::Front];
        for place in places {
            let sign = md5_sign_at(place, b"a=1", &key);
            for other in places {
                let fits = md5_verify_at(other, b"a=1", &key, sign.as_bytes());
                assert_eq!(fits, place == other, "{place:?} {other:?}");
            }
        }
        let whole = SecretString::from(format!("&key={}", key.expose_secret()));
        assert_eq!(
            md5_sign_at(Place::Named, b"a=1", &key),
            md5_sign(b"a=1", &whole)
        );
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
    }
}
