//! The signed examples of the protocol note, section 6.

use crate::*;
use quittance_core::Claim;
use quittance_core::gateway::{Address, Answer, Checkout, Gateway, Verdict};

/// Every example is signed by the rule, and no other: text and signature come out as printed.
#[test]
fn every_example_comes_out_as_printed() {
    for id in ["R1", "R2", "R3", "R4", "R5", "P1", "P2", "N1", "N2"] {
        let vector = vector(id);
        let message: Map<String, Value> = serde_json::from_slice(&wire(id)).unwrap();
        let text = presign(&message);
        assert_eq!(text, vector["presign"], "{id}");
        let side = vector["key"].as_str().unwrap();
        let sign = private(&format!("{side}_private_key")).sign_2(text.as_bytes());
        assert_eq!(sign, message["sign"], "{id}");
        let read = Flat::parse(&wire(id)).unwrap();
        let joined: Vec<String> = read
            .iter()
            .filter(|(name, text)| *name != "sign" && !text.is_empty())
            .map(|(name, text)| format!("{name}={text}"))
            .collect();
        assert_eq!(joined.join("&"), text, "{id}");
    }
}

/// R1: the question is sent as printed, to the byte of its signature.
#[test]
fn the_question_is_sent_as_printed() {
    let asked_at = Timestamp::from_millisecond(1_764_000_000_000).unwrap();
    let request = account().query("SALE-0001", asked_at).unwrap();
    assert_eq!(sent(&request), Flat::parse(&wire("R1")).unwrap());
}

/// P1: what a terminal's push is answered.
#[test]
fn a_push_is_answered() {
    let placed = account().read_checkout(&at_terminal(), &Reply::new(200, wire("P1")));
    let terminal = Checkout::Terminal {
        terminal: TERMINAL.into(),
        trade_no: Some(TRADE_NO.into()),
        terminal_status: Some("ONLINE".into()),
    };
    assert_eq!(
        (placed.accepted, placed.checkout),
        (Some(true), Some(terminal))
    );
}

/// P2: there is no such order.
#[test]
fn no_such_order_is_answered() {
    let answered = account().read_query(ORDER_NO, &Reply::new(200, wire("P2")));
    assert_eq!(answered.answer, Answer::NotFound);
    let reason = answered.reason.unwrap();
    assert_eq!(reason, "E04111: Merchant order number is invalid");
}

/// N1: paid, in dollars.
#[test]
fn a_payment_is_told() {
    let reading = account().read_notify(&wire("N1"), now());
    assert_eq!(reading.verdict, Verdict::Genuine, "{:?}", reading.reason);
    assert_eq!(reading.order_no.as_deref(), Some(ORDER_NO));
    assert_eq!(reading.trade_no.as_deref(), Some(TRADE_NO));
    let [told] = reading.evidence.as_slice() else {
        panic!("{:?}", reading.evidence)
    };
    assert_eq!(told.about, Address::OrderNo(ORDER_NO.into()));
    assert_eq!(told.proof, Proof::Signed);
    assert_eq!(
        told.claim,
        Claim::Payment {
            trade_no: TRADE_NO.into(),
            amount: usd(3450),
            payee: MERCHANT.into(),
        }
    );
    let paid_at = told.detail.paid_at.unwrap().to_string();
    assert_eq!(paid_at, "2025-11-24T16:01:00Z");
    assert_eq!(reading.personal[0].value, "411111******1111");
}

/// N2: canceled at the terminal. It is told why, and nothing is claimed.
#[test]
fn a_cancel_is_told() {
    let reading = account().read_notify(&wire("N2"), now());
    assert_eq!(reading.verdict, Verdict::Genuine);
    assert!(reading.evidence.is_empty());
    let reason = reading.reason.unwrap();
    assert_eq!(reason, "110 K026: Manual cancelation by operator");
}

/// The negative and neutral cases of the note.
#[test]
fn changed_examples_are_judged_as_printed() {
    let message: Map<String, Value> = serde_json::from_slice(&wire("N1")).unwrap();
    let changed = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut message = message.clone();
        change(&mut message);
        let bytes = serde_json::to_vec(&message).unwrap();
        account().read_notify(&bytes, now()).verdict
    };
    let set = |name: &'static str, value: Value| {
        move |message: &mut Map<String, Value>| {
            message.insert(name.into(), value.clone());
        }
    };
    assert_eq!(changed(&|_| {}), Verdict::Genuine);
    for (name, value) in [
        ("trans_amount", json!("34.50")),
        ("trans_status", json!(1)),
        ("x", json!("1")),
    ] {
        assert_eq!(changed(&set(name, value)), Verdict::BadSignature, "{name}");
    }
    let without_attach = changed(&|message| {
        message.remove("attach");
    });
    assert_eq!(without_attach, Verdict::Genuine);
    // The text without sign_type is another one, and its signature is none.
    let mut untyped = message.clone();
    untyped.remove("sign");
    let kind = untyped.remove("sign_type").unwrap();
    let sign = private("gateway_private_key").sign_2(presign(&untyped).as_bytes());
    untyped.insert("sign_type".into(), kind);
    untyped.insert("sign".into(), sign.into());
    let bytes = serde_json::to_vec(&untyped).unwrap();
    let verdict = account().read_notify(&bytes, now()).verdict;
    assert_eq!(verdict, Verdict::BadSignature);
    // The merchant's own key is not the gateway's.
    let text = presign(&message);
    let sign = message["sign"].as_str().unwrap().as_bytes();
    assert!(public("gateway_public_key").verify(text.as_bytes(), sign));
    assert!(!public("merchant_public_key").verify(text.as_bytes(), sign));
}
