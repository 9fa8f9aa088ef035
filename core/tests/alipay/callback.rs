//! What comes in unasked: only a whole, right, unambiguous message for us is evidence.

use crate::{
    EMAIL, KEY, NOTIFY_ID, ORDER_NO, PARTNER, TRADE_NO, account, claims, cny, fields, merchant,
    now, payment, refunded_trade, says_nothing, sealed, settings, time, trade, with, without,
};
use proptest::prelude::*;
use quittance_core::Claim;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{
    Merchant, Trade, TradeStatus, notify_body, return_query,
};
use quittance_core::gateway::alipay::{Account, Key, Seller, Settings};
use quittance_core::gateway::{Gateway, Reading, Verdict};
use quittance_core::params::Params;
use secrecy::SecretString;

fn genuine() -> Vec<(String, String)> {
    fields(&notify_body(
        &trade(Charset::Utf8),
        &merchant(),
        NOTIFY_ID,
        now(),
    ))
}

fn genuine_return() -> Vec<(String, String)> {
    fields(return_query(&trade(Charset::Utf8), &merchant(), NOTIFY_ID, now()).as_bytes())
}

fn notify(wire: &[u8]) -> Reading {
    account(Charset::Utf8).read_notify(wire, now())
}

fn signed(fields: &[(String, String)]) -> Reading {
    notify(&sealed(fields))
}

fn signed_return(fields: &[(String, String)]) -> Reading {
    account(Charset::Utf8).read_return(&sealed(fields), now())
}

/// SEC-016, SEC-029: every field that is changed, blanked or dropped after signing makes the signature wrong, and a
/// wrong signature says nothing at all.
#[test]
fn every_tampered_field_breaks_the_signature() {
    let wire = notify_body(&trade(Charset::Utf8), &merchant(), NOTIFY_ID, now());
    let names: Vec<String> = genuine().into_iter().map(|(name, _)| name).collect();
    for name in &names {
        for change in [Some("1"), Some(""), None] {
            let mut params = Params::new();
            for (known, value) in Params::parse(&wire).unwrap().iter() {
                match change {
                    None if known == name => continue,
                    Some(change) if known == name => {
                        let changed = if change == "1" && value == b"1" {
                            "2"
                        } else {
                            change
                        };
                        params.push(known, changed.as_bytes()).unwrap();
                    }
                    _ => params.push(known, value).unwrap(),
                }
            }
            let read = notify(params.to_wire().as_bytes());
            assert_eq!(read.verdict, Verdict::BadSignature, "{name} {change:?}");
            assert!(says_nothing(&read) && read.order_no.is_none() && !read.authentic());
        }
    }
}

/// SEC-007, SEC-012: only the account's own kind of signature passes, and only with a signature.
#[test]
fn only_the_configured_kind_of_signature_passes() {
    let wire = String::from_utf8(sealed(&genuine())).unwrap();
    let (head, tail) = wire.split_once("&sign=").unwrap();
    let signature = tail.split('&').next().unwrap();
    assert_eq!(notify(wire.as_bytes()).verdict, Verdict::Genuine);
    for kind in [
        "RSA", "RSA2", "DSA", "0001", "none", "", "md5", "Md5", "MD5+", "HMAC",
    ] {
        let wire = format!("{head}&sign={signature}&sign_type={kind}");
        assert_eq!(
            notify(wire.as_bytes()).verdict,
            Verdict::BadSignature,
            "{kind}"
        );
    }
    let bad = Verdict::BadSignature;
    for (tail, expected) in [
        (format!("&sign={signature}"), bad),
        ("&sign_type=MD5".into(), bad),
        ("&sign=&sign_type=MD5".into(), bad),
        ("&sign=null&sign_type=MD5".into(), bad),
        (
            format!("&sign={}&sign_type=MD5", signature.to_uppercase()),
            bad,
        ),
        (format!("&sign={signature}+&sign_type=MD5"), bad),
        (format!("&sign={}&sign_type=MD5", "0".repeat(32)), bad),
        (
            format!("&sign[]={signature}&sign_type=MD5"),
            Verdict::Malformed,
        ),
        (
            format!("&sign={signature}&sign={signature}&sign_type=MD5"),
            Verdict::Malformed,
        ),
        (String::new(), bad),
    ] {
        let read = notify(format!("{head}{tail}").as_bytes());
        assert_eq!(read.verdict, expected, "{tail}");
        assert!(
            !read.reason.unwrap_or_default().contains(signature),
            "SEC-017: the reason holds a signature"
        );
    }
    assert_eq!(notify(b"").verdict, bad);
}

/// SEC-029: a critical field that the gateway leaves blank or out is no evidence; free text may be missing.
#[test]
fn a_blank_critical_field_is_no_evidence() {
    for name in [
        "trade_status",
        "out_trade_no",
        "trade_no",
        "total_fee",
        "notify_type",
    ] {
        for fields in [with(&genuine(), name, ""), without(&genuine(), name)] {
            let read = signed(&fields);
            assert_eq!(read.verdict, Verdict::Ambiguous, "{name}");
            assert!(says_nothing(&read), "{name}");
            assert_eq!(
                read.order_no.is_some(),
                name != "out_trade_no",
                "an order that is named can be asked for"
            );
        }
    }
    for name in [
        "subject",
        "body",
        "extra_common_param",
        "buyer_email",
        "price",
        "gmt_create",
        "seller_email",
    ] {
        assert_eq!(
            claims(&signed(&with(&genuine(), name, "")).evidence),
            [payment()],
            "{name}"
        );
    }
    let read = signed(&without(&genuine(), "notify_id"));
    assert_eq!(
        (read.verdict, read.notify_id),
        (Verdict::Genuine, None),
        "SEC-013"
    );
    let read = signed(&with(&genuine(), "gmt_payment", "yesterday"));
    assert_eq!(
        (claims(&read.evidence), read.evidence[0].detail.paid_at),
        (vec![payment()], None)
    );
}

/// SEC-038, SEC-039, SEC-045, SEC-082: critical values in any other form than the strict one are no evidence.
#[test]
fn critical_values_are_strict() {
    let long = "1".repeat(65);
    for (name, values) in [
        (
            "total_fee",
            ["1e2", "+1", "-0.01", " 1", "1.", "1.001", "0.00", "０.０１"],
        ),
        (
            "trade_no",
            ["a b", "a-b", "a%26", &long, "测", "a\n", "a_b", "a&b=c"],
        ),
        (
            "out_trade_no",
            ["a b", "a.b", "../a", &long, "测", "a\n", "a'--", "a&b=c"],
        ),
        (
            "trade_status",
            [
                "trade_success",
                "TRADE_SUCCESS ",
                "SUCCESS",
                "T",
                "TRADE_SUCCESSFUL",
                "1",
                "测",
                "a&b=c",
            ],
        ),
        (
            "refund_status",
            [
                "refund_success",
                "REFUND_SUCCESS ",
                "SUCCESS",
                "T",
                "1",
                "REFUND",
                "测",
                "a&b=c",
            ],
        ),
        (
            "notify_id",
            [
                "a b",
                &"a".repeat(129),
                "测",
                "a\n",
                "a\u{7f}",
                "a\tb",
                " a",
                "a&b=c",
            ],
        ),
    ] {
        for value in values {
            let read = signed(&with(&genuine(), name, value));
            assert_eq!(read.verdict, Verdict::Ambiguous, "{name}={value:?}");
            assert!(says_nothing(&read), "{name}={value:?}");
        }
    }
}

/// SEC-026, SEC-035: a payee that is not ours moves nothing, on either way in; one that is not named is bound by the
/// key; a login alone binds only where the account knows its own.
#[test]
fn the_payee_must_be_ours() {
    for read in [
        signed(&with(&genuine(), "seller_id", "2088000000000002")),
        signed_return(&with(&genuine_return(), "seller_id", "2088000000000002")),
    ] {
        assert_eq!(read.verdict, Verdict::PayeeMismatch);
        assert!(says_nothing(&read) && read.authentic());
        assert_eq!(read.order_no.as_deref(), Some(ORDER_NO));
    }
    let unnamed = without(&without(&genuine(), "seller_id"), "seller_email");
    assert_eq!(claims(&signed(&unnamed).evidence), [payment()]);
    assert_eq!(
        signed(&without(&genuine(), "seller_id")).verdict,
        Verdict::Ambiguous
    );

    let check = |seller: Seller, name: &str, value: &str, expected: Verdict| {
        let account = Account::new(Settings {
            seller: Some(seller),
            ..settings(Charset::Utf8)
        })
        .unwrap();
        let read = account.read_notify(&sealed(&with(&genuine(), name, value)), now());
        assert_eq!(read.verdict, expected, "{name}={value}");
    };
    let email = || Seller::Email(EMAIL.into());
    check(email(), "seller_email", EMAIL, Verdict::Genuine);
    check(
        email(),
        "seller_email",
        &EMAIL.to_uppercase(),
        Verdict::Genuine,
    );
    check(email(), "seller_id", "", Verdict::Genuine);
    check(
        email(),
        "seller_email",
        "thief@example.com",
        Verdict::PayeeMismatch,
    );
    check(
        email(),
        "seller_id",
        "2088000000000002",
        Verdict::PayeeMismatch,
    );
    let other = || Seller::Id("2088000000000003".into());
    check(other(), "seller_id", "2088000000000003", Verdict::Genuine);
    check(other(), "seller_id", PARTNER, Verdict::PayeeMismatch);

    let thief = Merchant {
        key: SecretString::from("another key, 32 characters long!").into(),
        ..merchant()
    };
    let wire = notify_body(&trade(Charset::Utf8), &thief, NOTIFY_ID, now());
    assert_eq!(notify(&wire).verdict, Verdict::BadSignature);
}

/// Note 2.3, 2.4: what each status claims, with and without the marks of a refund.
#[test]
fn statuses_claim_what_the_note_says() {
    let marked = Claim::RefundMarked {
        trade_no: TRADE_NO.into(),
    };
    let in_full = Claim::RefundedSoFar {
        trade_no: TRADE_NO.into(),
        amount: cny(1),
    };
    let closed = Claim::GatewayClosed {
        reason: "trade_closed".into(),
    };
    let check = |fields: &[(String, String)], expected: Option<Vec<Claim>>| {
        let read = signed(fields);
        let verdict = if expected.is_some() {
            Verdict::Genuine
        } else {
            Verdict::Ambiguous
        };
        assert_eq!(
            (read.verdict, claims(&read.evidence)),
            (verdict, expected.unwrap_or_default()),
            "{fields:?}"
        );
    };
    let paid = genuine();
    let unpaid = without(&paid, "gmt_payment");
    for status in ["TRADE_SUCCESS", "TRADE_FINISHED"] {
        let paid = with(&paid, "trade_status", status);
        check(&paid, Some(vec![payment()]));
        check(
            &with(&paid, "refund_status", "REFUND_SUCCESS"),
            Some(vec![payment(), marked.clone()]),
        );
        check(
            &with(&paid, "gmt_refund", "2024-01-02 10:00:00"),
            Some(vec![payment(), marked.clone()]),
        );
        check(
            &with(&paid, "refund_status", "REFUND_CLOSED"),
            Some(vec![payment()]),
        );
    }
    let of = |fields: &[(String, String)]| with(fields, "trade_status", "TRADE_CLOSED");
    check(&of(&unpaid), Some(vec![closed]));
    check(&of(&paid), None);
    check(&with(&of(&paid), "refund_status", "REFUND_CLOSED"), None);
    check(
        &with(&of(&paid), "refund_status", "REFUND_SUCCESS"),
        Some(vec![payment(), in_full.clone()]),
    );
    check(
        &with(&of(&unpaid), "gmt_refund", "2024-01-02 10:00:00"),
        Some(vec![payment(), in_full]),
    );
    for status in ["WAIT_BUYER_PAY", "TRADE_PENDING"] {
        check(
            &with(&with(&unpaid, "trade_status", status), "trade_no", "a b"),
            None,
        );
        check(&with(&unpaid, "trade_status", status), Some(vec![]));
        check(
            &with(
                &with(&unpaid, "trade_status", status),
                "refund_status",
                "REFUND_SUCCESS",
            ),
            None,
        );
    }
}

/// Note 2.1: a return is sent after a payment only; one that says anything else is no evidence.
#[test]
fn a_return_says_that_it_was_paid() {
    assert_eq!(
        claims(&signed_return(&genuine_return()).evidence),
        [payment()]
    );
    for (name, value) in [
        ("is_success", "F"),
        ("is_success", ""),
        ("exterface", "other_service"),
        ("notify_type", "batch_refund_notify"),
        ("trade_status", "WAIT_BUYER_PAY"),
        ("trade_status", "TRADE_CLOSED"),
        ("refund_status", "REFUND_SUCCESS"),
        ("gmt_refund", "2024-01-02 10:00:00"),
        ("price", "0.01"),
    ] {
        let read = signed_return(&with(&genuine_return(), name, value));
        assert_eq!(read.verdict, Verdict::Ambiguous, "{name}={value}");
        assert!(says_nothing(&read), "{name}={value}");
    }
    let wire = sealed(&genuine_return());
    assert_ne!(
        notify(&wire).verdict,
        Verdict::Genuine,
        "a return posted to the notify address"
    );
    let wire = sealed(&genuine());
    let read = account(Charset::Utf8).read_return(&wire, now());
    assert_ne!(
        read.verdict,
        Verdict::Genuine,
        "a notify brought to the return address"
    );
}

/// SEC-080, SEC-081: bytes that are no text of the account's charset are no evidence, and the reason says so.
#[test]
fn another_charset_makes_us_ask() {
    let gbk = notify_body(&trade(Charset::Gbk), &merchant(), NOTIFY_ID, now());
    let read = notify(&gbk);
    assert_eq!(read.verdict, Verdict::Ambiguous);
    assert!(read.reason.unwrap().contains("charset"));
    assert_eq!(read.order_no.as_deref(), Some(ORDER_NO));
    assert_eq!(
        account(Charset::Gbk).read_notify(&gbk, now()).verdict,
        Verdict::Genuine
    );
}

/// SEC-113: a previous key is good for callbacks until its time, and not from then on.
#[test]
fn a_previous_key_ends() {
    let old = "old key of 32 characters, long !".replace(' ', "_");
    let until = Some(time("2024-01-03T00:00:00Z"));
    let mut settings = settings(Charset::Utf8);
    settings.keys.push(Key {
        key: SecretString::from(old.as_str()),
        until,
    });
    let account = Account::new(settings).unwrap();
    assert_eq!(account.key_ids().len(), 2);
    let wire = notify_body(
        &trade(Charset::Utf8),
        &Merchant {
            key: SecretString::from(old).into(),
            ..merchant()
        },
        NOTIFY_ID,
        now(),
    );
    let at = |time: &str| account.read_notify(&wire, crate::time(time));
    assert_eq!(at("2024-01-02T23:59:59Z").verdict, Verdict::Genuine);
    assert_eq!(at("2024-01-03T00:00:00Z").verdict, Verdict::BadSignature);
    // Who still signs with it is written down by the key's name.
    let named = at("2024-01-02T23:59:59Z").previous_key;
    assert_eq!(named.as_ref(), account.key_ids().get(1));
    let current = notify_body(&trade(Charset::Utf8), &merchant(), NOTIFY_ID, now());
    let late = account.read_notify(&current, time("2030-01-01T00:00:00Z"));
    assert_eq!((late.verdict, late.previous_key), (Verdict::Genuine, None));
    assert_eq!(account.read_notify(&current, now()).previous_key, None);
    assert!(!format!("{account:?}").contains(KEY));
}

/// Note 5.3: a batch whose items are out of format, doubled, or not as many as it says is no evidence.
#[test]
fn a_batch_of_refunds_is_strict() {
    let base: Vec<(String, String)> = [
        ("notify_time", "2024-01-02 10:00:10"),
        ("notify_type", "batch_refund_notify"),
        ("notify_id", NOTIFY_ID),
        ("batch_no", "20240102001"),
        ("success_num", "1"),
        (
            "result_details",
            "a1^0.01^SUCCESS$x@example.com^^0.01^SUCCESS#a2^5.00^TRADE_HAS_CLOSED",
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    assert_eq!(signed(&base).evidence.len(), 2, "a fee may follow an item");
    for (name, value) in [
        ("result_details", ""),
        ("result_details", "a1"),
        ("result_details", "a1^0.01"),
        ("result_details", "a1^0.01^SUCCESS#"),
        ("result_details", "a1^0.01^SUCCESS^x"),
        ("result_details", "a1^-1^SUCCESS"),
        ("result_details", "a 1^0.01^SUCCESS"),
        ("result_details", "a1^0.01^success"),
        ("result_details", "a1^0.01^SUCCESS#a1^0.01^SUCCESS"),
        ("success_num", "2"),
        ("success_num", "01"),
        ("batch_no", ""),
        ("batch_no", "2024"),
        ("total_fee", "0.01"),
        ("out_trade_no", ORDER_NO),
        ("trade_status", "TRADE_SUCCESS"),
    ] {
        let read = signed(&with(&base, name, value));
        assert_eq!(
            (read.verdict, read.evidence.len()),
            (Verdict::Ambiguous, 0),
            "{name}={value}"
        );
    }
    assert_ne!(signed_return(&base).verdict, Verdict::Genuine);
}

/// SEC-047: a notify about a refund never reads as a payment alone.
#[test]
fn a_refund_is_never_a_payment_alone() {
    let partly = Trade {
        refunded: cny(1),
        gmt_refund: Some(now()),
        status: TradeStatus::Success,
        ..trade(Charset::Utf8)
    };
    for trade in [partly, refunded_trade(Charset::Utf8)] {
        let read = notify(&notify_body(&trade, &merchant(), NOTIFY_ID, now()));
        assert_eq!(read.evidence.len(), 2);
    }
}

proptest! {
    /// No bytes make the readers panic, and bytes that nobody signed say nothing.
    #[test]
    fn random_bytes_say_nothing(wire in prop::collection::vec(any::<u8>(), 0..400)) {
        let account = account(Charset::Gbk);
        for read in [account.read_notify(&wire, now()), account.read_return(&wire, now())] {
            prop_assert!(!read.authentic() && says_nothing(&read));
        }
    }

    /// No values make the readers panic, even rightly signed.
    #[test]
    fn random_values_do_not_panic(
        name in "(trade_no|out_trade_no|total_fee|gmt_payment|trade_status|result_details|notify_type|seller_id)",
        value in "[ -~\u{80}-\u{ff}测]{0,40}",
        batch in any::<bool>(),
    ) {
        let kind = if batch { "batch_refund_notify" } else { "trade_status_sync" };
        let fields = with(&with(&genuine(), "notify_type", kind), &name, &value);
        let _ = signed(&fields);
        let _ = signed_return(&fields);
    }
}
