//! Explaining a message: the steps are those of the reading.

use crate::*;
use quittance_core::gateway::Gateway;
use quittance_core::gateway::inspection::{Exchange, Inspection, Outcome, Subject};

fn inspect(exchange: Exchange, wire: &[u8]) -> Inspection {
    account().inspect(&Subject {
        exchange,
        wire,
        now: now(),
        others: &[],
    })
}

fn failed(inspection: &Inspection) -> Vec<&'static str> {
    let steps = inspection.steps.iter();
    steps
        .filter(|step| step.outcome == Outcome::Failed)
        .map(|step| step.name)
        .collect()
}

#[test]
fn a_good_message_passes_every_step() {
    let notify = inspect(Exchange::Notify, &wire("N1"));
    assert!(notify.holds() && notify.signed());
    assert_eq!(notify.evidence.len(), 1);
    let signing = notify.signing.unwrap();
    assert_eq!(signing.text, vector("N1")["presign"].as_str().unwrap());
    let reply = inspect(Exchange::Reply, &answer(data_with(json!({}))).body);
    assert!(reply.holds(), "{:?}", reply.steps);
    assert_eq!(reply.evidence.len(), 1);
}

#[test]
fn the_step_that_fails_is_named() {
    let whole = String::from_utf8(wire("N1")).unwrap();
    let changed = whole.replace("\"trans_amount\":\"34.5\"", "\"trans_amount\":\"34.50\"");
    for (wire, expected) in [
        (changed.into_bytes(), "signature"),
        (b"{".to_vec(), "parse"),
        (notify_with(json!({"sign_type": "RSA"})), "sign_type"),
        (notify_with(json!({"method": "order.query"})), "method"),
        (notify_with(json!({"attach": "a&b"})), "unambiguous"),
        (notify_with(json!({"merchant_no": "1"})), "payee"),
        (notify_with(json!({"trans_status": 7})), "claim"),
    ] {
        let inspection = inspect(Exchange::Notify, &wire);
        assert!(
            failed(&inspection).contains(&expected),
            "{expected}: {:?}",
            failed(&inspection)
        );
        let read = account().read_notify(&wire, now());
        assert!(read.evidence.is_empty());
    }
    let refused = inspect(
        Exchange::Reply,
        &refusal("E07303", "API not authorised").body,
    );
    assert!(failed(&refused).contains(&"answer"));
    assert_eq!(failed(&inspect(Exchange::Reply, b"<html>")), ["parse"]);
    assert_eq!(failed(&inspect(Exchange::Reply, b"{}")), ["answer"]);
    assert_eq!(failed(&inspect(Exchange::Return, b"")), ["signature"]);
}

/// No secret is in what is shown.
#[test]
fn no_private_key_is_shown() {
    let shown = format!("{:?}", inspect(Exchange::Notify, &wire("N1")));
    assert!(!shown.contains(&material("merchant_private_key")[40..80]));
}
