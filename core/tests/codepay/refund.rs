//! Refunds by call (note 2.5).

use crate::*;
use quittance_core::Claim;
use quittance_core::gateway::{
    Gateway, Refund, RefundAnswer, RefundAnswered, RefundCall, RefundWay,
};

const WIRE_NO: &str = "0123456789abcdef0123456789abcdef";

fn refund() -> Refund {
    Refund {
        trade_no: TRADE_NO.into(),
        amount: usd(1000),
        received: Some(usd(3450)),
        reason: Some("1 of 2 returned".into()),
    }
}

fn read(changes: Value) -> RefundAnswered {
    let mut data = json!({
        "trans_no": "52", "trans_type": 3, "trans_status": 2, "merchant_order_no": WIRE_NO, "orig_trans_no": TRADE_NO,
        "price_currency": "USD", "order_amount": 34.5, "trans_amount": 10, "trans_end_time": "2025-11-24 17:00:00",
    });
    for (name, value) in changes.as_object().unwrap() {
        data[name] = value.clone();
    }
    account().read_refund_query(WIRE_NO, TRADE_NO, &answer(data))
}

/// R4, but for the sale's own number: what goes out.
#[test]
fn a_refund_is_asked_for() {
    let account = account();
    assert_eq!(account.refunds(), Ok(RefundWay::Call));
    assert_eq!(account.admit_refund(&refund()), Ok(()));
    let one = [refund()];
    let call = RefundCall {
        wire_no: WIRE_NO,
        refunds: &one,
        notify_url: "https://shop.example/codepay/notify",
        now: now(),
    };
    let message = sent(&account.refund(&call).unwrap());
    for (name, text) in [
        ("method", "order.refund.submit"),
        ("orig_trans_no", TRADE_NO),
        ("merchant_order_no", WIRE_NO),
        ("order_amount", "34.50"),
        ("trans_amount", "10.00"),
        ("price_currency", "USD"),
        ("description", "1 of 2 returned"),
        ("notify_url", "https://shop.example/codepay/notify"),
    ] {
        assert_eq!(message.get(name), Some(text), "{name}");
    }
    let two = [refund(), refund()];
    let both = RefundCall {
        refunds: &two,
        ..call.clone()
    };
    assert!(account.refund(&both).is_err() && account.refund_page(&call, true).is_err());
}

/// The number is ours, the same for the same seed on every day, and fits the gateway.
#[test]
fn a_number_is_the_same_for_ever() {
    let account = account();
    let later = "2030-01-01T00:00:00Z".parse().unwrap();
    let number = account.refund_wire_no(b"main/A/R1/0", now());
    assert_eq!(number, account.refund_wire_no(b"main/A/R1/0", later));
    assert_ne!(number, account.refund_wire_no(b"main/A/R2/0", now()));
    assert_eq!(number.len(), 32);
    assert!(account.refund_wire_no_holds(&number, later));
}

#[test]
fn a_refund_that_does_not_fit_is_refused() {
    for (change, field) in [
        (
            Refund {
                trade_no: "a b".into(),
                ..refund()
            },
            "trade_no",
        ),
        (
            Refund {
                reason: Some("a&b".into()),
                ..refund()
            },
            "reason",
        ),
        (
            Refund {
                reason: Some("x".repeat(129)),
                ..refund()
            },
            "reason",
        ),
    ] {
        assert_eq!(account().admit_refund(&change).unwrap_err().field, field);
    }
}

/// Taking it in is not doing it; a number that it has had before is asked about.
#[test]
fn an_answer_to_a_refund_is_noted() {
    let read = |reply: &Reply| account().read_refund(reply).accepted;
    assert_eq!(read(&answer(json!({"trans_no": "52"}))), Some(true));
    assert_eq!(read(&refusal("E04126", "exceeds")), Some(false));
    for code in ["E04112", "E04131", "SYS1", "E07303"] {
        assert_eq!(read(&refusal(code, "")), None, "{code}");
    }
    assert_eq!(read(&Reply::new(200, r#"{"code":"0"}"#)), None);
}

/// What became of it, with the amount that went back and not the sale's.
#[test]
fn what_became_of_a_refund() {
    let item = |succeeded| Claim::RefundItem {
        trade_no: TRADE_NO.into(),
        refund_no: WIRE_NO.into(),
        amount: usd(1000),
        succeeded,
    };
    for (status, expected, claim) in [
        (2, RefundAnswer::Succeeded, Some(item(true))),
        (1, RefundAnswer::Failed, Some(item(false))),
        (0, RefundAnswer::Pending, None),
        (9, RefundAnswer::Pending, None),
    ] {
        let answered = read(json!({"trans_status": status}));
        assert_eq!(answered.answer, expected, "{status}");
        let told = answered.evidence.first().map(|told| told.claim.clone());
        assert_eq!(told, claim, "{status}");
    }
    for changes in [
        json!({"merchant_order_no": "other"}),
        json!({"orig_trans_no": "99"}),
        json!({"trans_type": 1}),
        json!({"trans_status": 7}),
        json!({"trans_amount": "x"}),
    ] {
        let answered = read(changes.clone());
        assert_eq!(answered.answer, RefundAnswer::Unknown, "{changes}");
        assert!(answered.evidence.is_empty());
    }
    let missing = refusal("E04111", "Merchant order number is invalid");
    let answered = account().read_refund_query(WIRE_NO, TRADE_NO, &missing);
    assert_eq!(answered.answer, RefundAnswer::NotFound);
    let asked = sent(&account().refund_query(WIRE_NO, TRADE_NO, now()).unwrap());
    assert_eq!(asked.get("method"), Some("order.refund.query"));
    assert_eq!(asked.get("merchant_order_no"), Some(WIRE_NO));
}
