//! Notifications and returns: what is believed, and what is not.

use crate::*;
use proptest::prelude::*;
use quittance_core::Claim;
use quittance_core::gateway::{Gateway, Reading, Verdict};

fn read(changes: Value) -> Reading {
    account().read_notify(&notify_with(changes), now())
}

fn payment(minor: i64) -> Claim {
    Claim::Payment {
        trade_no: TRADE_NO.into(),
        amount: usd(minor),
        payee: MERCHANT.into(),
    }
}

fn claims(reading: &Reading) -> Vec<Claim> {
    let told = reading.evidence.iter();
    told.map(|told| told.claim.clone()).collect()
}

/// Note 2.2: 2 is money, 3 is money that went back, everything else claims nothing here.
#[test]
fn statuses_claim_what_the_note_says() {
    let undone = vec![
        payment(3450),
        Claim::RefundedSoFar {
            trade_no: TRADE_NO.into(),
            amount: usd(3450),
        },
    ];
    for (status, expected) in [
        (json!(2), vec![payment(3450)]),
        (json!("2"), vec![payment(3450)]),
        (json!(3), undone),
        (json!(0), vec![]),
        (json!(9), vec![]),
        (json!(1), vec![]),
    ] {
        let reading = read(json!({"trans_status": status}));
        assert_eq!(reading.verdict, Verdict::Genuine, "{status}");
        assert_eq!(claims(&reading), expected, "{status}");
        assert_eq!(reading.reason.is_some(), status == 1, "{status}");
    }
    for status in [
        json!(4),
        json!("02"),
        json!(" 2"),
        json!(2.0),
        json!(true),
        Value::Null,
    ] {
        let reading = read(json!({"trans_status": status}));
        assert_eq!(reading.verdict, Verdict::Ambiguous, "{status}");
        assert!(reading.evidence.is_empty());
    }
}

/// The order's money is the base amount: a tip on top is not, and what was not transacted is not either.
#[test]
fn the_amount_is_the_orders_and_no_more_than_was_transacted() {
    for (changes, minor) in [
        (
            json!({"order_amount": "34.50", "trans_amount": "34.5"}),
            3450,
        ),
        (json!({"trans_amount": "40", "tip_amount": "5.5"}), 3450),
        (json!({"trans_amount": "20"}), 2000),
        (json!({"order_amount": null, "trans_amount": "34.5"}), 3450),
        (json!({"trans_amount": null}), 3450),
    ] {
        assert_eq!(
            claims(&read(changes.clone())),
            [payment(minor)],
            "{changes}"
        );
    }
    for changes in [
        json!({"order_amount": "34.501"}),
        json!({"order_amount": "3.45e1"}),
        json!({"order_amount": "-34.5"}),
        json!({"order_amount": "34,5"}),
        json!({"order_amount": null, "trans_amount": null}),
        json!({"price_currency": "XXX"}),
        json!({"price_currency": null}),
        json!({"price_currency": "JPY"}),
        json!({"trans_no": null}),
        json!({"trans_no": "a b"}),
        json!({"merchant_order_no": "A/1"}),
        json!({"merchant_order_no": "A".repeat(33)}),
        json!({"trans_type": 4}),
        json!({"trans_type": null}),
        json!({"method": "order.query"}),
        json!({"app_id": null}),
        json!({"merchant_no": null}),
    ] {
        let reading = read(changes.clone());
        assert_eq!(reading.verdict, Verdict::Ambiguous, "{changes}");
        assert!(reading.evidence.is_empty() && reading.reason.is_some());
    }
}

/// SEC-026: validly signed for somebody else moves nothing here.
#[test]
fn another_payee_is_told() {
    for changes in [
        json!({"app_id": "wzOTHER"}),
        json!({"merchant_no": "300000000002"}),
    ] {
        let reading = read(changes);
        assert_eq!(reading.verdict, Verdict::PayeeMismatch);
        assert!(reading.evidence.is_empty());
    }
}

/// SEC-001: a text that an `&` could cut in another way proves nothing.
#[test]
fn a_text_that_can_be_cut_in_two_ways_proves_nothing() {
    let reading = read(json!({"attach": "a&trans_status=2"}));
    assert_eq!(reading.verdict, Verdict::Ambiguous);
}

/// SEC-007, SEC-075: the kind is the account's, a name twice is no message, and neither is what is no JSON.
#[test]
fn what_is_not_signed_as_agreed_is_nobodys_word() {
    for changes in [
        json!({"sign_type": "RSA"}),
        json!({"sign_type": "NONE"}),
        json!({"sign_type": null}),
    ] {
        assert_eq!(read(changes).verdict, Verdict::BadSignature);
    }
    let whole = String::from_utf8(wire("N1")).unwrap();
    let twice = whole.replacen('{', "{\"trans_status\":1,", 1);
    for (body, verdict) in [
        (twice.as_str(), Verdict::Malformed),
        ("{}", Verdict::BadSignature),
        ("{", Verdict::Malformed),
        ("[1]", Verdict::Malformed),
        ("", Verdict::BadSignature),
    ] {
        let reading = account().read_notify(body.as_bytes(), now());
        assert_eq!(reading.verdict, verdict, "{body}");
    }
    let unsigned = whole.replace("\"sign\":", "\"unsigned\":");
    let reading = account().read_notify(unsigned.as_bytes(), now());
    assert_eq!(reading.verdict, Verdict::BadSignature);
}

/// One sender was seen that writes the fields as a form.
#[test]
fn a_form_is_read_alike() {
    let message: Map<String, Value> = serde_json::from_slice(&wire("N1")).unwrap();
    let mut form = quittance_core::params::Params::new();
    for (name, value) in &message {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        form.push(name, text.as_bytes()).unwrap();
    }
    let reading = account().read_notify(form.to_wire().as_bytes(), now());
    assert_eq!(
        (reading.verdict, claims(&reading)),
        (Verdict::Genuine, vec![payment(3450)])
    );
}

/// How old a notification is says nothing: it is sent for twelve hours, and again by hand.
#[test]
fn age_is_no_ground_to_refuse() {
    for later in [
        "2025-11-24T16:01:00Z",
        "2031-01-01T00:00:00Z",
        "2000-01-01T00:00:00Z",
    ] {
        let reading = account().read_notify(&wire("N1"), later.parse().unwrap());
        assert_eq!(reading.verdict, Verdict::Genuine, "{later}");
    }
}

/// A refund or a void has a number of its own, which is no order's.
#[test]
fn a_refund_is_no_payment() {
    for kind in [2, 3] {
        let reading = read(json!({"trans_type": kind, "merchant_order_no": "RFND-0001"}));
        assert_eq!(reading.verdict, Verdict::Genuine);
        assert_eq!(
            (reading.order_no.as_deref(), reading.evidence.len()),
            (None, 0)
        );
    }
}

/// The browser brings no proof, whatever it brings.
#[test]
fn a_return_is_nobodys_word() {
    for query in [
        "",
        "trans_status=2",
        "merchant_order_no=SALE-0002&trans_status=2",
    ] {
        let reading = account().read_return(query.as_bytes(), now());
        assert!(!reading.authentic() && reading.evidence.is_empty());
        assert_eq!(reading.order_no, None);
    }
}

proptest! {
    /// Hostile bytes are never a panic and never evidence.
    #[test]
    fn anything_may_come(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let reading = account().read_notify(&bytes, now());
        prop_assert!(!reading.authentic() && reading.evidence.is_empty());
    }

    /// Any change of a signed message that is still JSON makes the signature wrong, or was no change.
    #[test]
    fn a_changed_message_is_not_believed(at in 0usize..600, byte in 0x20u8..0x7f) {
        let mut bytes = wire("N1");
        let at = at % bytes.len();
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        let reading = account().read_notify(&bytes, now());
        let same = Flat::parse(&bytes).ok() == Flat::parse(&wire("N1")).ok();
        prop_assert!(same || reading.evidence.is_empty(), "{}", String::from_utf8_lossy(&bytes));
    }
}
