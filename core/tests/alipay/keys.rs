//! Key material and signatures by themselves: what is read, what is refused, and that one signature has one writing.

use crate::pairs::{document, material, private, public, rsa_settings, text};
use crate::{KEY, settings};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::{Account, Key, Keys, Settings};
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::sign::{KeyFault, Kind, PublicKey};
use secrecy::SecretString;

/// A key of 512 bits, which nobody uses.
const SHORT_PRIVATE: &str = "MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEAyvqqCFy+wYj8QXB+MTnGUQkJVQOSerfDT0HmOtn2pTsyn/YpQBM9jlqDkdE2q4uulaNCjciqtdqZkLIOTP9zUQIDAQABAkBBghqkLkKGNY6sFAE2I95EQvVXEZsRrgMDrlH+hl/avSgDNq5vAxagkkRNcc1hXHa47W5d7+gyjXD0OZCPByNNAiEA7DTGDFf061eSAq05QQaq+jBSq1pKvMFLev7A0zxdUeMCIQDb/RYq2oUbpMfW3gIPe6GPWr8j054AhDUG/yIhmrBcOwIhALDlYQDzilgKEC5y/nLlhHy0XeU4TMqJ1HZ7fXt1NMpTAiBqAGKdFZyL/HOa0nEVutHXfLebcM2ynAHdNDTjEmGmnwIhAOwBLCIgsfuQzL/hVZb3853lcHYDWLJHyCBFo3RSVs4Y";
const SHORT_PUBLIC: &str = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAM6wUA51P9bNzWPR5Urr2qABUSpvRcu/fz+4gMaZqfaYlm6Fs0KEl5Q4O73ABPsttUzRo9jd9fuL4vhkMSW7voMCAwEAAQ==";
const ED25519: &str = "MC4CAQAwBQYDK2VwBCIEIBN1rAMXIRkbieCcRhotpSe94I+7OSv+XtbK1fTJnKsd";

fn read_private(text: &str) -> Result<PrivateKey, KeyFault> {
    PrivateKey::read(&SecretString::from(text))
}

/// The base64 of a key of the vectors, on one line.
fn bare(name: &str) -> String {
    let text = material(name);
    text.lines().filter(|line| !line.starts_with('-')).collect()
}

fn pem(label: &str, base64: &str, end: &str) -> String {
    let lines = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap());
    let body: Vec<&str> = lines.collect();
    format!(
        "-----BEGIN {label}-----{end}{}{end}-----END {label}-----{end}",
        body.join(end)
    )
}

/// The key inside the wrapping of PKCS#8 or SPKI: PKCS#1.
fn unwrapped(base64: &str, wrapping: usize) -> String {
    STANDARD.encode(&STANDARD.decode(base64).unwrap()[wrapping..])
}

/// PEM or bare base64, PKCS#8 or PKCS#1, LF or CRLF, 1024 or 2048 bits: the same key in every writing.
#[test]
fn a_key_reads_the_same_in_every_writing() {
    for (bits, private_wrapping, public_wrapping) in [(1024, 26, 22), (2048, 26, 24)] {
        let whole = bare(&format!("merchant_rsa{bits}_private"));
        let inner = unwrapped(&whole, private_wrapping);
        let sign = private(&format!("merchant_rsa{bits}_private")).sign(b"text");
        for text in [
            whole.clone(),
            pem("PRIVATE KEY", &whole, "\n"),
            pem("PRIVATE KEY", &whole, "\r\n"),
            inner.clone(),
            pem("RSA PRIVATE KEY", &inner, "\n"),
            format!("\n{}\n", inner.replacen("MII", "MII\n", 1)),
        ] {
            assert_eq!(read_private(&text).unwrap().sign(b"text"), sign);
        }
        let whole = bare(&format!("merchant_rsa{bits}_public"));
        let inner = unwrapped(&whole, public_wrapping);
        let key = public(&format!("merchant_rsa{bits}_public"));
        assert!(key.verify(b"text", sign.as_bytes()));
        assert_eq!(key.kind(), Kind::Rsa);
        for text in [
            whole.clone(),
            pem("PUBLIC KEY", &whole, "\r\n"),
            inner.clone(),
            pem("RSA PUBLIC KEY", &inner, "\n"),
        ] {
            let same = PublicKey::read(&text).unwrap();
            assert_eq!((same.id(), &same), (key.id(), &key));
        }
        let private = private(&format!("merchant_rsa{bits}_private"));
        assert_eq!(private.public(), &key);
        assert_eq!(PublicKey::read(&key.text()).as_ref(), Ok(&key));
        assert_ne!(
            private.public(),
            &public(&format!("gateway_rsa{bits}_public"))
        );
    }
}

/// An RSA public key in DER.
fn der(modulus: &[u8], exponent: &[u8]) -> String {
    let number = |bytes: &[u8]| {
        let mut made = vec![0x02, 0x82];
        let zero = u8::from(bytes[0] > 0x7F);
        let length = u16::try_from(bytes.len() + usize::from(zero)).unwrap();
        // DER writes a short length in one byte.
        match u8::try_from(length) {
            Ok(short) if short < 0x80 => made = vec![0x02, short],
            Ok(short) => made = vec![0x02, 0x81, short],
            Err(_) => made.extend(length.to_be_bytes()),
        }
        made.extend(std::iter::repeat_n(0, usize::from(zero)));
        made.extend(bytes);
        made
    };
    let content = [number(modulus), number(exponent)].concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = match u8::try_from(content.len()) {
        Ok(short) => vec![0x30, 0x81, short],
        Err(_) => vec![0x30, 0x82, length[0], length[1]],
    };
    STANDARD.encode([head, content].concat())
}

/// SEC-010, SEC-011, SEC-021, SEC-022: wrong key material is refused with its cause, and never as something else.
#[test]
fn wrong_key_material_is_refused() {
    let (private, public) = (
        bare("merchant_rsa1024_private"),
        bare("merchant_rsa1024_public"),
    );
    let encrypted = pem("ENCRYPTED PRIVATE KEY", &private, "\n");
    let modulus = STANDARD.decode(&public).unwrap()[29..29 + 128].to_vec();
    let with_exponent = |exponent: &[u8]| der(&modulus, exponent);
    let changed = {
        let mut der = STANDARD.decode(&private).unwrap();
        der[300] ^= 1; // In the private exponent.
        STANDARD.encode(der)
    };
    let cases: [(&str, KeyFault, KeyFault); 15] = [
        ("", KeyFault::Empty, KeyFault::Empty),
        ("\n\r\n", KeyFault::Empty, KeyFault::Empty),
        ("not a key", KeyFault::Blank, KeyFault::Blank),
        (&format!("{private} "), KeyFault::Blank, KeyFault::Blank),
        (&format!("\t{public}"), KeyFault::Blank, KeyFault::Blank),
        (KEY, KeyFault::Unknown, KeyFault::Unknown),
        (
            "<gateway_public_key>",
            KeyFault::Unreadable,
            KeyFault::Unreadable,
        ),
        (&public[..120], KeyFault::Unknown, KeyFault::Unknown),
        (
            &public.replace('/', "_"),
            KeyFault::Unreadable,
            KeyFault::Unreadable,
        ),
        (
            "-----BEGIN PUBLIC KEY-----",
            KeyFault::Unreadable,
            KeyFault::Unreadable,
        ),
        (&encrypted, KeyFault::Encrypted, KeyFault::Encrypted),
        (
            &pem("CERTIFICATE", &public, "\n"),
            KeyFault::Certificate,
            KeyFault::Certificate,
        ),
        (
            &pem("EC PRIVATE KEY", &private, "\n"),
            KeyFault::Unknown,
            KeyFault::Unknown,
        ),
        (ED25519, KeyFault::Unknown, KeyFault::PrivateInPublicPlace),
        (
            &"A".repeat(20_000),
            KeyFault::Unreadable,
            KeyFault::Unreadable,
        ),
    ];
    for (text, as_private, as_public) in cases {
        assert_eq!(read_private(text).err(), Some(as_private), "{text:.60}");
        assert_eq!(PublicKey::read(text).err(), Some(as_public), "{text:.60}");
    }
    let one_sided: [(Option<KeyFault>, KeyFault); 5] = [
        (read_private(&public).err(), KeyFault::PublicInPrivatePlace),
        (
            read_private(&pem("PUBLIC KEY", &private, "\n")).err(),
            KeyFault::PublicInPrivatePlace,
        ),
        (
            PublicKey::read(&private).err(),
            KeyFault::PrivateInPublicPlace,
        ),
        (read_private(SHORT_PRIVATE).err(), KeyFault::TooShort),
        (read_private(&changed).err(), KeyFault::Inconsistent),
    ];
    for (found, expected) in one_sided {
        assert_eq!(found, Some(expected));
    }
    assert!(PublicKey::read(&with_exponent(&[3])).is_ok());
    assert!(PublicKey::read(&with_exponent(&[1, 0, 1])).is_ok());
    for (text, fault) in [
        (SHORT_PUBLIC.to_owned(), KeyFault::TooShort),
        (der(&modulus[..127], &[1, 0, 1]), KeyFault::TooShort),
        (der(&modulus.repeat(9), &[1, 0, 1]), KeyFault::TooLong),
        (with_exponent(&[1]), KeyFault::Exponent),
        (with_exponent(&[2]), KeyFault::Exponent),
        (with_exponent(&[1, 0, 0]), KeyFault::Exponent),
        (with_exponent(&[0]), KeyFault::Exponent),
    ] {
        assert_eq!(PublicKey::read(&text).err(), Some(fault), "{text:.60}");
    }
}

/// SEC-007, SEC-024: keys in each other's place refuse to start, each with its cause.
#[test]
fn keys_in_each_others_place_refuse_to_start() {
    let faults = |settings: Settings| -> Vec<(&'static str, Option<KeyFault>)> {
        let problems = Account::new(settings).unwrap_err();
        let told = format!("{problems:?}");
        assert!(
            !told.contains(&bare("merchant_rsa1024_private")[40..80]),
            "{told}"
        );
        problems
            .iter()
            .map(|problem| (problem.field, problem.key))
            .collect()
    };
    let rsa = |private: String, gateway: String| Settings {
        keys: Keys::Rsa {
            private: private.into(),
            gateway: vec![Key {
                key: gateway.into(),
                until: None,
            }],
        },
        ..settings(Charset::Utf8)
    };
    let (ours, theirs) = (
        material("merchant_rsa1024_private"),
        material("gateway_rsa1024_public"),
    );
    let own = unwrapped(&bare("merchant_rsa1024_public"), 22);
    assert!(Account::new(rsa(ours.clone(), theirs.clone())).is_ok());
    assert_eq!(
        faults(rsa(ours.clone(), own.clone())),
        [("gateway_public_key", Some(KeyFault::Own))]
    );
    assert_eq!(
        faults(rsa(theirs.clone(), ours.clone())),
        [
            ("private_key", Some(KeyFault::PublicInPrivatePlace)),
            ("gateway_public_key", Some(KeyFault::PrivateInPublicPlace)),
        ]
    );
    assert_eq!(
        faults(rsa(String::new(), String::new())),
        [
            ("private_key", Some(KeyFault::Empty)),
            ("gateway_public_key", Some(KeyFault::Empty)),
        ]
    );
    for (key, fault) in [
        (own, KeyFault::Own),
        (text(&document()["dsa"]["pub"]), KeyFault::Mixed),
    ] {
        let mut settings = rsa_settings(Charset::Utf8, 1024);
        let until = Some(crate::time("2030-01-01T00:00:00Z"));
        settings.keys.push(Key {
            key: key.into(),
            until,
        });
        assert_eq!(faults(settings), [("previous_keys", Some(fault))]);
    }
    for pasted in [theirs, ours] {
        let keys = Keys::Md5(vec![Key {
            key: pasted.into(),
            until: None,
        }]);
        let settings = Settings {
            keys,
            ..settings(Charset::Utf8)
        };
        assert_eq!(faults(settings), [("key", Some(KeyFault::PairAsShared))]);
    }
    let keys = Keys::Rsa {
        private: material("merchant_rsa1024_private").into(),
        gateway: vec![],
    };
    let settings = Settings {
        keys,
        ..settings(Charset::Utf8)
    };
    assert_eq!(faults(settings), [("gateway_public_key", None)]);
}

/// SEC-020, SEC-021: one writing of one signature. Everything else is no signature, and never an error that passes.
#[test]
fn a_signature_has_one_writing() {
    let document = document();
    let r3 = document["rsa"]
        .as_array()
        .unwrap()
        .iter()
        .find(|vector| vector["id"] == "R3");
    let (presign, sign) = (text(&r3.unwrap()["presign"]), text(&r3.unwrap()["sign"]));
    let key = public("gateway_rsa1024_public");
    let verifies = |sign: &str| key.verify(presign.as_bytes(), sign.as_bytes());
    assert!(verifies(&sign) && sign.ends_with("u4Q=") && sign.contains('+'));
    for wrong in [
        "",
        "=",
        "null",
        &sign.replace('+', " "),
        &sign.replace('+', "-").replace('/', "_"),
        sign.trim_end_matches('='),
        &format!("{sign}="),
        &format!("{sign}\n"),
        &format!(" {sign}"),
        &format!("{}\n{}", &sign[..64], &sign[64..]),
        // The last letter has bits that no byte takes.
        &sign.replace("u4Q=", "u4R="),
        &sign[4..],
        &format!("AAAA{sign}"),
        &format!("{sign}{sign}"),
        &sign.to_lowercase(),
        // No signature is as large as the modulus.
        &STANDARD.encode([0xFF; 128]),
        &STANDARD.encode([0; 128]),
        &"A".repeat(100_000),
    ] {
        assert!(!verifies(wrong), "{wrong:.80}");
    }
    assert!(!key.verify(&presign.as_bytes()[1..], sign.as_bytes()));
}

/// SEC-008, SEC-022: numbers that the private key made of anything but the one padding of the one digest. A reading
/// that looks for the digest where it expects it takes some of them.
#[test]
fn another_padding_is_no_signature() {
    let document = document();
    let r3 = document["rsa"]
        .as_array()
        .unwrap()
        .iter()
        .find(|vector| vector["id"] == "R3");
    let presign = text(&r3.unwrap()["presign"]);
    let key = public("gateway_rsa1024_public");
    let forged = document["rsa_forged"].as_array().unwrap();
    assert_eq!(forged.len(), 11);
    for forged in forged {
        let sign = text(&forged["sign"]);
        assert!(
            !key.verify(presign.as_bytes(), sign.as_bytes()),
            "{}",
            forged["what"]
        );
    }
}

/// D1: DER, r and s behind each other, and the case-escaped writing of the gateway's own sample; nothing between them.
#[test]
fn dsa_verifies_in_each_of_its_writings() {
    let document = document();
    let dsa = &document["dsa"];
    let presign = Charset::Gbk
        .encode(&text(&dsa["presign"]))
        .unwrap()
        .into_owned();
    let key = PublicKey::read(&text(&dsa["pub"])).unwrap();
    assert_eq!(key.kind(), Kind::Dsa);
    let raw = text(&dsa["rs_b64"]);
    for writing in ["der_b64", "rs_b64", "rs_escaped"] {
        let sign = text(&dsa[writing]);
        assert!(key.verify(&presign, sign.as_bytes()), "{writing}");
        assert!(!key.verify(&presign[1..], sign.as_bytes()), "{writing}");
    }
    let bytes = STANDARD.decode(&raw).unwrap();
    let (r, s) = bytes.split_at(20);
    let der = STANDARD.decode(text(&dsa["der_b64"])).unwrap();
    let escaped = text(&dsa["rs_escaped"]);
    for wrong in [
        String::new(),
        "_".into(),
        "A".repeat(4000),
        raw.replace("==", ""),
        raw.to_lowercase(),
        escaped.replacen("_y", "Y", 1),
        escaped.replacen("_y", "_Y", 1),
        format!("{escaped}_"),
        STANDARD.encode([s, r].concat()),
        STANDARD.encode([r, &[0; 20]].concat()),
        STANDARD.encode([&[0; 20], s].concat()),
        STANDARD.encode([0xFF; 40]),
        STANDARD.encode([0; 40]),
        STANDARD.encode(&bytes[..39]),
        STANDARD.encode([&bytes[..], &[0]].concat()),
        STANDARD.encode([&der[..], &[0]].concat()),
        STANDARD.encode(&der[..der.len() - 1]),
        STANDARD.encode([&[0x30, 0x81], &der[1..]].concat()),
    ] {
        assert!(!key.verify(&presign, wrong.as_bytes()), "{wrong:.80}");
    }
}

proptest! {
    /// Whatever stands in the place of a signature or of a key is an answer, never a panic.
    #[test]
    fn nothing_that_comes_panics(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        r in prop::collection::vec(any::<u8>(), 0..40),
        s in prop::collection::vec(any::<u8>(), 0..40),
        key in "[A-Za-z0-9+/=\\n -]{0,80}",
    ) {
        let dsa = PublicKey::read(&text(&document()["dsa"]["pub"])).unwrap();
        let rsa = public("gateway_rsa1024_public");
        let number = |bytes: &[u8]| [&[2, u8::try_from(bytes.len()).unwrap()], bytes].concat();
        let pair = [number(&r), number(&s)].concat();
        let der = [&[0x30, u8::try_from(pair.len()).unwrap()], &pair[..]].concat();
        for sign in [&bytes, &STANDARD.encode(&bytes).into_bytes(), &STANDARD.encode(der).into_bytes()] {
            prop_assert!(!dsa.verify(b"text", sign) && !rsa.verify(b"text", sign));
        }
        prop_assert!(PublicKey::read(&key).is_err() && read_private(&key).is_err());
    }
}

/// SEC-114: neither half of a pair is told by looking at it.
#[test]
fn keys_are_not_printed() {
    let account = Account::new(rsa_settings(Charset::Utf8, 1024)).unwrap();
    let told = format!("{account:?} {:?}", private("merchant_rsa1024_private"));
    assert!(!told.contains(&bare("merchant_rsa1024_private")[40..60]));
    assert!(told.len() < 1_000, "no numbers of a key either: {told}");
}
