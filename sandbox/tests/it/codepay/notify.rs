//! When notifications go out, what they carry, and what acknowledges them (protocol note codepay 3).

use super::counter::{Counter, MERCHANT, genuine, sale, with};
use quittance_sandbox::codepay::{ACK_SECS, GAPS_SECS};
use quittance_sandbox::{Ack, Kind};
use serde_json::{Value, json};
use std::time::Duration;

/// The first at once, then fourteen gaps: fifteen attempts in eleven hours, all about the same.
#[test]
fn fifteen_attempts_go_out() {
    assert_eq!(GAPS_SECS.iter().sum::<i64>(), 11 * 3_600);
    let mut counter = Counter::new();
    counter.paid("A");
    let start = counter.desk.now;
    let (mut at, mut bodies) = (0, Vec::new());
    for gap in GAPS_SECS.into_iter().map(Some).chain([None]) {
        assert_eq!(counter.desk.now.duration_since(start).as_secs(), at);
        let sent = counter.desk.answer(200, "fail");
        assert_eq!(sent.wait, Duration::from_secs(ACK_SECS));
        let header = sent
            .request
            .headers
            .iter()
            .find(|(name, _)| name == "content-type");
        assert_eq!(
            header.map(|(_, value)| value.as_str()),
            Some("application/json")
        );
        bodies.push(sent.request.body);
        let Some(gap) = gap else { break };
        counter.desk.wait(gap * 1_000 - 1);
        assert!(counter.desk.due().is_empty(), "{gap}");
        counter.desk.wait(1);
        at += gap;
    }
    assert_eq!(bodies.len(), 15);
    assert_eq!(counter.desk.sandbox.next_due(), None);
    let read: Vec<Value> = bodies
        .iter()
        .map(|body| serde_json::from_slice(body).unwrap())
        .collect();
    assert!(read.iter().all(genuine));
    let same = |name: &str| read.iter().all(|told| told[name] == read[0][name]);
    assert!(same("http_request_id") && same("trans_no") && same("trans_status"));
    assert!(!same("timestamp"), "each attempt has its own time");
}

/// Only status 200 and the bare word end the deliveries; white space around it is let pass.
#[test]
fn only_the_word_acknowledges() {
    for (status, body, acked) in [
        (200, "success", true),
        (200, " success\r\n", true),
        (200, "\tsuccess", true),
        (200, "SUCCESS", false),
        (200, "\"success\"", false),
        (200, "{\"code\":\"success\"}", false),
        (200, "success!", false),
        (200, "", false),
        (201, "success", false),
        (302, "success", false),
        (500, "success", false),
    ] {
        let mut counter = Counter::new();
        counter.paid("A");
        counter.desk.answer(status, body);
        let kept = counter.desk.sandbox.exchanges(MERCHANT, "A").pop().unwrap();
        let expected = if acked { Ack::Acked } else { Ack::Refused };
        assert_eq!(
            (kept.kind, kept.ack),
            (Kind::Notify, Some(expected)),
            "{status} {body:?}"
        );
        assert_eq!(kept.warning.is_some(), !acked);
        assert_eq!(counter.desk.sandbox.next_due().is_some(), !acked);
    }
    let mut counter = Counter::new();
    counter.paid("A");
    let sent = counter.desk.due().remove(0);
    let now = counter.desk.now;
    counter
        .desk
        .sandbox
        .settle(now, sent.id, Err("time-out".into()));
    assert!(counter.desk.sandbox.next_due().is_some());
}

/// Status and kind are numbers, everything else is a text; amounts have no zeros at their end; nothing is empty.
#[test]
fn a_notification_has_the_types_of_the_wire() {
    let mut counter = Counter::new();
    counter.call(
        "wisehub.cloud.pay.order",
        with(sale("A"), json!({ "order_amount": "12.00" })),
    );
    counter.press("approve");
    let told = counter.told().remove(0);
    for (name, value) in told.as_object().unwrap() {
        let number = ["trans_status", "trans_type"].contains(&name.as_str());
        assert_eq!(value.is_number(), number, "{name}");
        assert!(
            number || value.as_str().is_some_and(|text| !text.is_empty()),
            "{name}"
        );
    }
    assert_eq!(
        (&told["order_amount"], &told["tip_amount"]),
        (&json!("12"), &json!("0"))
    );
    assert_eq!(told["method"], "payment.result.notify");
    assert_eq!(
        told["timestamp"].as_str().unwrap(),
        counter.desk.now.as_millisecond().to_string()
    );
    assert!(told.get("attach").is_none() && told.get("trans_error_code").is_none());
    assert_eq!(told["http_request_id"].as_str().unwrap().len(), 20);
}

/// Without an address nobody is told; a person may have the newest sent again.
#[test]
fn some_are_not_told_and_some_twice() {
    let mut counter = Counter::new();
    counter.call(
        "wisehub.cloud.pay.order",
        with(sale("A"), json!({ "notify_url": null })),
    );
    counter.press("approve");
    assert!(counter.told().is_empty());
    counter.paid("B");
    assert_eq!(counter.told().len(), 1);
    let now = counter.desk.now;
    assert!(counter.desk.sandbox.resend(now, MERCHANT, "B"));
    assert_eq!(counter.told().len(), 1);
    let body = counter
        .desk
        .sandbox
        .genuine_notify(now, MERCHANT, "B")
        .unwrap();
    assert!(genuine(&serde_json::from_slice(&body).unwrap()));
}
