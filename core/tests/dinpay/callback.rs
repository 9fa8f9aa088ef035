//! What comes in unasked: only a whole, right, unambiguous message for us is evidence.

use crate::{
    KEY, MERCHANT, NOTIFY_ID, ORDER_NO, TRADE_NO, account, body, claims, cny, fields, merchant,
    now, pair_account, pair_merchant, payment, says_nothing, sealed, settings, time, trade, with,
    without,
};
use proptest::prelude::*;
use quittance_core::Claim;
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::gateway_side::{
    Merchant, Trade, TradeStatus, notify_body, return_fields,
};
use quittance_core::gateway::dinpay::{Account, Key, Settings};
use quittance_core::gateway::{Gateway, Reading, Verdict};
use quittance_core::params::Params;
use secrecy::SecretString;

fn wire() -> Vec<u8> {
    notify_body(&trade(), &merchant(), NOTIFY_ID)
}

fn genuine() -> Vec<(String, String)> {
    fields(&wire())
}

fn notify(wire: &[u8]) -> Reading {
    account(Charset::Utf8).read_notify(wire, now())
}

fn signed(fields: &[(String, String)]) -> Reading {
    notify(&sealed(fields))
}

/// SEC-029: every field that is changed, blanked or dropped after signing makes the signature wrong, and a wrong
/// signature says nothing at all.
#[test]
fn every_tampered_field_breaks_the_signature() {
    let message = Params::parse(&wire()).unwrap();
    for (name, _) in genuine() {
        for change in [Some("1"), Some(""), None] {
            let mut params = Params::new();
            for (known, value) in message.iter() {
                match change {
                    None if known == name => continue,
                    Some(change) if known == name => params.push(known, change.as_bytes()).unwrap(),
                    _ => params.push(known, value).unwrap(),
                }
            }
            let read = notify(params.to_wire().as_bytes());
            assert_eq!(read.verdict, Verdict::BadSignature, "{name} {change:?}");
            assert!(says_nothing(&read) && read.order_no.is_none() && !read.authentic());
        }
    }
}

/// SEC-007, SEC-012, SEC-020: only the account's own kind of signature passes, in its one writing.
#[test]
fn only_the_configured_kind_of_signature_passes() {
    let whole = String::from_utf8(wire()).unwrap();
    let (head, tail) = whole.split_once("&sign_type=").unwrap();
    let sign = tail.split_once("&sign=").unwrap().1;
    assert_eq!(notify(whole.as_bytes()).verdict, Verdict::Genuine);
    for kind in ["RSA-S", "RSA", "DSA", "none", "", "md5", "Md5", "MD5+"] {
        let wire = format!("{head}&sign_type={kind}&sign={sign}");
        let read = notify(wire.as_bytes());
        assert_eq!(read.verdict, Verdict::BadSignature, "{kind}");
    }
    let bad = Verdict::BadSignature;
    for (tail, expected) in [
        (format!("&sign={sign}"), bad),
        ("&sign_type=MD5".into(), bad),
        ("&sign_type=MD5&sign=".into(), bad),
        ("&sign_type=MD5&sign=null".into(), bad),
        (format!("&sign_type=MD5&sign={}", sign.to_uppercase()), bad),
        (format!("&sign_type=MD5&sign={sign}+"), bad),
        (format!("&sign_type=MD5&sign={}", "0".repeat(32)), bad),
        (
            format!("&sign_type=MD5&sign={sign}&sign={sign}"),
            Verdict::Malformed,
        ),
        (format!("&sign_type=MD5&sign[]={sign}"), Verdict::Malformed),
        (String::new(), bad),
    ] {
        let read = notify(format!("{head}{tail}").as_bytes());
        assert_eq!(read.verdict, expected, "{tail}");
        let reason = read.reason.unwrap_or_default();
        assert!(!reason.contains(sign), "SEC-017: the reason holds a sign");
    }
    assert_eq!(notify(b"").verdict, bad);
}

/// SEC-007: neither account believes the other's kind, and a pair does not believe its own private key.
#[test]
fn a_pair_and_a_shared_key_do_not_mix() {
    let by_pair = notify_body(&trade(), &pair_merchant(), NOTIFY_ID);
    assert_eq!(notify(&by_pair).verdict, Verdict::BadSignature);
    let pair = pair_account();
    assert_eq!(pair.read_notify(&by_pair, now()).verdict, Verdict::Genuine);
    assert_eq!(
        pair.read_notify(&wire(), now()).verdict,
        Verdict::BadSignature
    );
    let own = Merchant {
        key: quittance_core::gateway::dinpay::gateway_side::Key::RsaS {
            gateway: crate::private("merchant_private_key"),
            merchant: crate::public("merchant_public_key"),
        },
        ..merchant()
    };
    let by_us = notify_body(&trade(), &own, NOTIFY_ID);
    assert_eq!(
        pair.read_notify(&by_us, now()).verdict,
        Verdict::BadSignature
    );
    // A raw plus sign of the base64 arrives as a blank (note 1.4): refused, never repaired.
    let text = String::from_utf8(by_pair).unwrap();
    assert!(text.contains("%2B"));
    let raw = text.replace("%2B", "+");
    let read = pair.read_notify(raw.as_bytes(), now());
    assert_eq!(read.verdict, Verdict::BadSignature);
}

/// SEC-029: a critical field that is blank or missing is no evidence; what nobody reads may be missing.
#[test]
fn a_blank_critical_field_is_no_evidence() {
    for name in [
        "trade_status",
        "order_no",
        "trade_no",
        "order_amount",
        "notify_type",
        "interface_version",
        "merchant_code",
    ] {
        for fields in [with(&genuine(), name, ""), without(&genuine(), name)] {
            let read = signed(&fields);
            assert_eq!(read.verdict, Verdict::Ambiguous, "{name}");
            assert!(says_nothing(&read), "{name}");
            assert_eq!(
                read.order_no.is_some(),
                name != "order_no",
                "an order that is named can be asked for"
            );
        }
    }
    for name in [
        "extra_return_param",
        "bank_seq_no",
        "order_time",
        "trade_time",
        "notify_id",
    ] {
        for fields in [with(&genuine(), name, ""), without(&genuine(), name)] {
            let read = signed(&fields);
            assert_eq!(claims(&read.evidence), [payment()], "{name}");
        }
    }
    let read = signed(&with(&genuine(), "trade_time", "yesterday"));
    let detail = &read.evidence[0].detail;
    assert_eq!(
        (claims(&read.evidence), detail.paid_at),
        (vec![payment()], None)
    );
}

/// SEC-038, SEC-039, SEC-045, SEC-082: critical values in any other form than the strict one are no evidence.
#[test]
fn critical_values_are_strict() {
    let long = "1".repeat(65);
    let cases: [(&str, &[&str]); 7] = [
        (
            "order_amount",
            &[
                "1e2",
                "+1",
                "-0.01",
                " 1",
                "1.",
                ".01",
                "1.001",
                "0.00",
                "0",
                "01",
                "1,00",
                "０.０１",
            ],
        ),
        (
            "trade_no",
            &["a b", "a-b", "a%26", &long, "测", "a\n", "a_b"],
        ),
        (
            "order_no",
            &["a b", "a.b", "a-b", "../a", &long, "测", "a\n", "a'--"],
        ),
        (
            "trade_status",
            &[
                "success",
                "SUCCESS ",
                "TRADE_SUCCESS",
                "TRADE_FINISHED",
                "T",
                "PAID",
                "SUCCESSFUL",
                "测",
            ],
        ),
        ("notify_type", &["page_notify", "trade_status_sync", "x"]),
        ("interface_version", &["V3.1", "v3.0", "3.0", "V3.3"]),
        ("notify_id", &["a b", &"1".repeat(101), "测"]),
    ];
    for (name, values) in cases {
        for value in values {
            let read = signed(&with(&genuine(), name, value));
            assert_eq!(read.verdict, Verdict::Ambiguous, "{name} {value:?}");
            assert!(says_nothing(&read), "{name} {value:?}");
        }
    }
}

/// Note 2.2: amounts come as real traffic has them, not padded.
#[test]
fn amounts_come_with_up_to_two_decimals() {
    for (text, minor) in [
        ("1", 100),
        ("3", 300),
        ("0.1", 10),
        ("0.01", 1),
        ("200", 20_000),
        ("12.50", 1_250),
        ("99999999999.99", 9_999_999_999_999),
    ] {
        let read = signed(&with(&genuine(), "order_amount", text));
        let Claim::Payment { amount, .. } = &read.evidence[0].claim else {
            panic!("{text}")
        };
        assert_eq!(*amount, cny(minor), "{text}");
    }
}

/// Note 2.1, 2.2: only `SUCCESS` is money; a message that says so of nothing is genuine and claims nothing.
#[test]
fn only_success_is_paid() {
    for (status, paid) in [
        (TradeStatus::Success, true),
        (TradeStatus::Failed, false),
        (TradeStatus::Unpay, false),
    ] {
        let told = Trade { status, ..trade() };
        let read = notify(&notify_body(&told, &merchant(), NOTIFY_ID));
        assert_eq!(read.verdict, Verdict::Genuine, "{status:?}");
        assert_eq!(!read.evidence.is_empty(), paid, "{status:?}");
        assert_eq!(read.order_no.as_deref(), Some(ORDER_NO));
        let posted = return_fields(&told, &merchant(), NOTIFY_ID);
        let read = account(Charset::Utf8).read_return(&body(&posted), now());
        assert_eq!(read.verdict, Verdict::Genuine, "{status:?}");
        assert_eq!(!read.evidence.is_empty(), paid, "{status:?}");
    }
}

/// SEC-026, SEC-035: a payment for another merchant under our key moves nothing, and is named.
#[test]
fn another_payee_is_no_evidence() {
    for code in ["1000000002", "100000000", "10000000010", "x"] {
        let read = signed(&with(&genuine(), "merchant_code", code));
        assert_eq!(read.verdict, Verdict::PayeeMismatch, "{code}");
        assert!(says_nothing(&read) && read.authentic());
        assert!(read.reason.unwrap().contains("payee"));
    }
}

/// Note 2.2: parameters of the merchant's own address are left aside, whatever they say, and are never read (SEC-006).
#[test]
fn what_is_not_signed_changes_nothing() {
    let text = String::from_utf8(wire()).unwrap();
    let plain = notify(text.as_bytes());
    for extra in ["order=5", "a=1", "lang=zh&x=%26", "sign2=x", "empty="] {
        for with in [format!("{text}&{extra}"), format!("{extra}&{text}")] {
            assert_eq!(notify(with.as_bytes()), plain, "{extra}");
        }
    }
    let twice = format!("{text}&order_no=BIG");
    assert_eq!(notify(twice.as_bytes()).verdict, Verdict::Malformed);
}

/// SEC-003b: the amount, status, number or payee of another protocol makes us ask, signed or not.
#[test]
fn a_critical_name_of_another_protocol_makes_us_ask() {
    let text = String::from_utf8(wire()).unwrap();
    for name in [
        "total_fee",
        "out_trade_no",
        "currency",
        "amount",
        "status",
        "refund_status",
        "seller_id",
        "mch_id",
        "is_success",
        "result_code",
        "error_code",
        "money",
    ] {
        let read = notify(format!("{text}&{name}=1").as_bytes());
        assert_eq!(read.verdict, Verdict::Ambiguous, "{name}");
        assert!(says_nothing(&read) && read.reason.unwrap().contains(name));
        let blank = notify(format!("{text}&{name}=").as_bytes());
        assert_eq!(
            blank.verdict,
            Verdict::Genuine,
            "{name}: an empty one says nothing"
        );
    }
}

/// Fields that the gateway may send besides are signed where they have a value (note 2.2).
#[test]
fn the_bank_is_signed_where_it_is_told() {
    let told = Trade {
        bank_code: Some("ICBC".into()),
        ..trade()
    };
    let wire = String::from_utf8(notify_body(&told, &merchant(), NOTIFY_ID)).unwrap();
    assert_eq!(claims(&notify(wire.as_bytes()).evidence), [payment()]);
    let changed = wire.replace("bank_code=ICBC", "bank_code=CMB");
    assert_ne!(changed, wire);
    assert_eq!(notify(changed.as_bytes()).verdict, Verdict::BadSignature);
}

/// SEC-113: a previous key is believed until its end and named, and never signs.
#[test]
fn a_previous_key_is_believed_until_its_end() {
    let old = "an-older-key-of-the-shop";
    let mut rotated: Settings = settings(Charset::Utf8);
    rotated.keys.push(Key {
        key: SecretString::from(old),
        until: Some(time("2024-01-02T00:00:00Z")),
    });
    let account = Account::new(rotated).unwrap();
    let by_old = Merchant {
        key: SecretString::from(old).into(),
        ..merchant()
    };
    let wire = notify_body(&trade(), &by_old, NOTIFY_ID);
    let read = account.read_notify(&wire, now());
    assert_eq!(claims(&read.evidence), [payment()]);
    assert_eq!(read.previous_key.as_ref(), account.key_ids().get(1));
    assert!(read.previous_key.is_some());
    let late = account.read_notify(&wire, time("2024-01-02T00:00:00Z"));
    assert_eq!(late.verdict, Verdict::BadSignature);
    let current = notify_body(&trade(), &merchant(), NOTIFY_ID);
    let read = account.read_notify(&current, now());
    assert_eq!((read.verdict, read.previous_key), (Verdict::Genuine, None));
}

/// Nothing about a key is in what an account or a refusal prints.
#[test]
fn no_key_is_printed() {
    let account = account(Charset::Utf8);
    let read = account.read_notify(b"sign=1&sign_type=MD5&a=1", now());
    assert!(!format!("{account:?} {read:?} {:?}", account.key_ids()).contains(KEY));
    assert_eq!(account.payee(), MERCHANT);
    assert!(TRADE_NO.len() == 10);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Whatever comes, nothing panics and nothing is believed.
    #[test]
    fn junk_is_never_evidence(wire in prop::collection::vec(any::<u8>(), 0..300), is_return in any::<bool>()) {
        let account = account(Charset::Utf8);
        let read = match is_return {
            true => account.read_return(&wire, now()),
            false => account.read_notify(&wire, now()),
        };
        prop_assert!(says_nothing(&read) && !read.authentic());
    }

    /// SEC-032: a byte of the message that is changed is refused, or says the very same.
    #[test]
    fn a_changed_byte_is_refused(place in any::<prop::sample::Index>(), byte in 0x20_u8..0x7F) {
        let plain = wire();
        let mut changed = plain.clone();
        let place = place.index(changed.len());
        changed[place] = byte;
        let read = notify(&changed);
        let same = read == notify(&plain);
        prop_assert!(same || read.evidence.is_empty(), "{}", String::from_utf8_lossy(&changed));
    }
}
