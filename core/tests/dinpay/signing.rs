//! RSA-S by itself: what is verified, what is refused, and that the two hashes of RSA are not each other's.

use crate::{material, private, public};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use quittance_core::sign::{KeyFault, Kind, PublicKey};
use serde_json::Value;

/// SEC-021, SEC-022: nothing but the one signature verifies: not a changed byte, another length, another writing.
#[test]
fn only_the_exact_signature_verifies() {
    let sign = private("platform_private_key").sign_s(b"text");
    let key = public("platform_public_key");
    assert!(key.verify(b"text", sign.as_bytes()));
    assert!(!key.verify(b"Text", sign.as_bytes()));
    let bytes = STANDARD.decode(&sign).unwrap();
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let changed = STANDARD.encode(changed);
        assert!(!key.verify(b"text", changed.as_bytes()), "byte {place}");
    }
    let long = [&bytes[..], &[0]].concat();
    let padded = [&[0], &bytes[..]].concat();
    for other in [
        STANDARD.encode(&bytes[1..]),
        STANDARD.encode(long),
        STANDARD.encode(padded),
        STANDARD.encode([0xFF; 128]),
        STANDARD.encode([0; 128]),
        String::new(),
        format!("{sign}\n"),
        format!(" {sign}"),
        sign.trim_end_matches('=').to_owned(),
        sign.replace('/', "_").replace('+', "-"),
    ] {
        assert!(!key.verify(b"text", other.as_bytes()), "{other:?}");
    }
}

/// SEC-008: a signature of one hash is none of the other's, under the same key.
#[test]
fn the_two_hashes_are_not_each_others() {
    let own = private("merchant_private_key");
    let sha1 = own.public();
    let md5 = sha1.clone().for_rsa_s().unwrap();
    assert_eq!((sha1.kind(), md5.kind()), (Kind::Rsa, Kind::RsaS));
    assert_eq!((Kind::Rsa.word(), Kind::RsaS.word()), ("RSA", "RSA-S"));
    let (by_sha1, by_md5) = (own.sign(b"text"), own.sign_s(b"text"));
    let verified = [
        sha1.verify(b"text", by_sha1.as_bytes()),
        sha1.verify(b"text", by_md5.as_bytes()),
        md5.verify(b"text", by_sha1.as_bytes()),
        md5.verify(b"text", by_md5.as_bytes()),
    ];
    assert_eq!(verified, [true, false, false, true]);
    assert_eq!(sha1.id(), md5.id(), "it is the same key");
    assert_eq!(md5.text(), sha1.text());
    assert_eq!(md5.clone().for_rsa_s(), Ok(md5));
}

/// A DSA key makes no RSA-S.
#[test]
fn a_key_of_another_kind_is_refused() {
    let other: Value = serde_json::from_str(include_str!("../vectors/alipay.json")).unwrap();
    let dsa = PublicKey::read(other["dsa"]["pub"].as_str().unwrap()).unwrap();
    assert_eq!(dsa.for_rsa_s(), Err(KeyFault::NotRsa));
    let private = material("platform_private_key");
    assert_eq!(
        PublicKey::read(&private),
        Err(KeyFault::PrivateInPublicPlace)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever is signed verifies with the other half, and the signature comes out the same.
    #[test]
    fn what_is_signed_verifies(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let key = private("merchant_private_key");
        let sign = key.sign_s(&text);
        prop_assert_eq!(&sign, &key.sign_s(&text));
        prop_assert!(public("merchant_public_key").verify(&text, sign.as_bytes()));
    }
}
