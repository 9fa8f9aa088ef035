//! The gateway's side: what it tells is as printed, and what it takes is signed, in time and whole.

use crate::*;
use quittance_core::gateway::codepay::gateway_side::{
    self as gateway, BAD_FIELD, BAD_SIGN, Call, Card, Code, NO_CALL, NOT_EXIST, Number,
    OTHER_MERCHANT, Status, TIMESTAMP, Transaction, UNKNOWN_APP, read_call,
};

fn asked(body: &[u8], now: Timestamp) -> Result<Call, Code> {
    let merchant = merchant();
    let known = |app_id: &str| (app_id == APP).then_some(&merchant);
    let read = read_call(body, now, &known);
    read.map(|asked| asked.call).map_err(|(code, _)| code)
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

/// A call of the merchant's with these fields in place of R1's, signed.
fn called(changes: Value) -> Vec<u8> {
    let mut message: Map<String, Value> = serde_json::from_slice(&wire("R1")).unwrap();
    message.remove("sign");
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => message.remove(name),
            value => message.insert(name.clone(), value.clone()),
        };
    }
    let sign = private("merchant_private_key").sign_2(presign(&message).as_bytes());
    message.insert("sign".into(), sign.into());
    serde_json::to_vec(&message).unwrap()
}

fn told() -> Transaction {
    Transaction {
        trade_no: TRADE_NO.into(),
        order_no: ORDER_NO.into(),
        of: None,
        status: Status::Succeeded,
        amount: usd(3450),
        store_no: Some(STORE.into()),
        terminal: Some(TERMINAL.into()),
        attach: None,
        ended_at: Some("2025-11-24T16:01:00Z".parse().unwrap()),
        card: Some(Card {
            method: "Visa".into(),
            account: "411111******1111".into(),
            channel_no: "900000000001".into(),
        }),
        error: None,
    }
}

/// P1, P2, N1, N2: signature for signature, and field for field but for one that is empty.
#[test]
fn what_it_tells_is_as_printed() {
    let merchant = merchant();
    let numbers = ("7000000001", TRADE_NO);
    let pushed = gateway::pushed_reply(&merchant, "11241600010000000001", numbers, true, usd(3450));
    assert_eq!(pushed.body, wire("P1"));
    let missing = gateway::error_reply(Some(&merchant), "11241600020000000002", NOT_EXIST);
    assert_eq!(missing.body, wire("P2"));
    let paid = gateway::notify(
        &merchant,
        &told(),
        at(1_764_000_060_123),
        "11241601001234567890",
    );
    let canceled = Transaction {
        trade_no: "51230000012511240000002".into(),
        order_no: "SALE-0003".into(),
        status: Status::Failed,
        amount: usd(500),
        ended_at: Some("2025-11-24T16:01:30Z".parse().unwrap()),
        card: None,
        error: Some((
            "110".into(),
            "Operator cancellation[[K026]Manual cancelation by operator]".into(),
        )),
        ..told()
    };
    let canceled = gateway::notify(
        &merchant,
        &canceled,
        at(1_764_000_090_456),
        "11241601309876543210",
    );
    for (made, id) in [(paid, "N1"), (canceled, "N2")] {
        let fields = |bytes: &[u8]| {
            let mut fields: Map<String, Value> = serde_json::from_slice(bytes).unwrap();
            fields.retain(|_, value| value != "");
            fields
        };
        assert_eq!(fields(&made), fields(&wire(id)), "{id}");
    }
}

/// R1 to R4 are understood, and R5 is no call.
#[test]
fn what_is_printed_is_understood() {
    let query = asked(&wire("R1"), at(1_764_000_000_000));
    assert_eq!(query, Ok(Call::Query(Number::Order("SALE-0001".into()))));
    let Ok(Call::Push(push)) = asked(&wire("R2"), at(1_764_000_001_000)) else {
        panic!("no push")
    };
    assert_eq!(
        (push.terminal.as_str(), push.reject_offline),
        (TERMINAL, false)
    );
    assert_eq!(push.shared.amount, usd(3450));
    let title = "Café crème 咖啡 x2 & tip=no";
    assert_eq!(push.shared.description.as_deref(), Some(title));
    assert_eq!(push.shared.expires_secs, Some(180));
    let Ok(Call::Page(page)) = asked(&wire("R3"), at(1_764_000_002_000)) else {
        panic!("no page")
    };
    assert_eq!(
        page.return_url.as_deref(),
        Some("https://shop.example/done")
    );
    assert_eq!(page.shared.amount, usd(2100));
    let Ok(Call::Refund(refund)) = asked(&wire("R4"), at(1_764_000_003_000)) else {
        panic!("no refund")
    };
    assert_eq!(refund.of, Number::Order("SALE-0002".into()));
    assert_eq!(
        (refund.refund_no.as_str(), refund.amount),
        ("RFND-0001", usd(1000))
    );
    assert_eq!(asked(&wire("R5"), now()), Err(BAD_FIELD));
}

/// Each check of a call has its code, and they come in their order.
#[test]
fn what_it_does_not_take_has_a_code() {
    let time = at(1_764_000_000_000);
    for (body, code) in [
        (b"[]".to_vec(), BAD_FIELD),
        (called(json!({"format": "XML"})), BAD_FIELD),
        (called(json!({"sign_type": "NONE"})), BAD_FIELD),
        (called(json!({"app_id": "wzOTHER"})), UNKNOWN_APP),
        (called(json!({"timestamp": "1764000000"})), BAD_FIELD),
        (called(json!({"timestamp": "1763999099999"})), TIMESTAMP),
        (called(json!({"timestamp": "1764000900001"})), TIMESTAMP),
        (
            called(json!({"merchant_no": "300000000002"})),
            OTHER_MERCHANT,
        ),
        (called(json!({"method": "batch.close"})), NO_CALL),
        (called(json!({"merchant_order_no": "a b"})), BAD_FIELD),
        (called(json!({"merchant_order_no": null})), BAD_FIELD),
        (called(json!({"method": "pay.checkout"})), BAD_FIELD),
        (
            called(json!({"method": "pay.checkout", "price_currency": "USD", "order_amount": "0"})),
            BAD_FIELD,
        ),
        (
            called(
                json!({"method": "wisehub.cloud.pay.order", "terminal_sn": "T1", "trans_type": "1"}),
            ),
            BAD_FIELD,
        ),
    ] {
        assert_eq!(
            asked(&body, time),
            Err(code),
            "{}",
            String::from_utf8_lossy(&body)
        );
    }
    let whole = String::from_utf8(wire("R1")).unwrap();
    for (old, new) in [("SALE-0001", "SALE-0002"), ("\"sign\":", "\"unsigned\":")] {
        assert_eq!(
            asked(whole.replace(old, new).as_bytes(), time),
            Err(BAD_SIGN)
        );
    }
    // 15 minutes on either side are taken, and a form is read alike.
    for ms in [1_764_000_900_000, 1_763_999_100_000] {
        assert!(asked(&wire("R1"), at(ms)).is_ok());
    }
    let message = Flat::parse(&wire("R1")).unwrap();
    let mut form = quittance_core::params::Params::new();
    for (name, text) in message.iter() {
        form.push(name, text.as_bytes()).unwrap();
    }
    assert!(asked(form.to_wire().as_bytes(), time).is_ok());
}

/// An error about an app that nobody has cannot be signed.
#[test]
fn an_unknown_app_gets_no_signature() {
    let reply = gateway::error_reply(None, "1", UNKNOWN_APP);
    let message = Flat::parse(&reply.body).unwrap();
    assert_eq!(
        (message.get("code"), message.get("sign")),
        (Some("SIM_UNKNOWN_APP"), None)
    );
}
