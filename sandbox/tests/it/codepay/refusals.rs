//! What is refused, in the order of the checks (protocol note codepay 7).

use super::counter::{Counter, MERCHANT, OTHER, RETURN_URL, Said, call_at, page, sale, with};
use crate::desk::text;
use quittance_core::params::Params;
use quittance_sandbox::codepay::ENTRY_PATH;
use serde_json::{Value, json};

/// The code of a sale with these changes, none of which need be signed rightly.
fn code(counter: &mut Counter, changes: Value) -> String {
    let said = Said::of(
        &counter
            .call_raw("wisehub.cloud.pay.order", with(sale("A"), changes))
            .reply,
    );
    said.code().to_owned()
}

/// Each fault is found before those behind it: fields, app, time, signature, merchant, business.
#[test]
fn faults_are_found_in_order() {
    let mut counter = Counter::new();
    // From the last check to the first: each change adds an earlier fault to those that are there.
    let mut changes = json!({ "order_amount": "0.00" });
    assert_eq!(code(&mut counter, changes.clone()), "SIM_PARAMETER");
    for (name, value, expected) in [
        ("merchant_no", "300000000009", "SIM_UNKNOWN_MERCHANT"),
        ("sign", "AAAA", "SIM_BAD_SIGN"),
        ("timestamp", "1000000000000", "SIM_TIMESTAMP"),
        ("app_id", "wzNOBODY", "SIM_UNKNOWN_APP"),
        ("version", "2.0", "SIM_PARAMETER"),
    ] {
        changes[name] = value.into();
        assert_eq!(code(&mut counter, changes.clone()), expected, "{name}");
    }
}

/// A call may be 15 minutes from the gateway's time, in either direction, and not a millisecond more.
#[test]
fn the_time_of_a_call_is_near() {
    let mut counter = Counter::new();
    let now = counter.desk.now.as_millisecond();
    for (off, near) in [
        (900_000, true),
        (900_001, false),
        (-900_000, true),
        (-900_001, false),
    ] {
        let changes = json!({ "timestamp": (now + off).to_string() });
        let said = code(&mut counter, changes);
        assert_eq!(said == "0", near, "{off}: {said}");
    }
    for wrong in [
        json!("17040816"),
        json!(""),
        json!("+704081600000"),
        json!("170408160000x"),
    ] {
        assert_ne!(code(&mut counter, json!({ "timestamp": wrong })), "0");
    }
    assert_eq!(
        code(&mut counter, json!({ "timestamp": now })),
        "0",
        "digits are a text too"
    );
}

/// Everything that a sale must name, and what it must not be.
#[test]
fn a_sale_is_whole() {
    let mut counter = Counter::new();
    for name in [
        "app_id",
        "format",
        "charset",
        "sign_type",
        "version",
        "timestamp",
        "method",
        "merchant_no",
        "terminal_sn",
        "message_receiving_application",
        "trans_type",
        "merchant_order_no",
        "order_amount",
        "price_currency",
    ] {
        assert_eq!(
            code(&mut counter, json!({ name: null })),
            "SIM_PARAMETER",
            "{name}"
        );
    }
    for (changes, expected) in [
        (json!({ "method": "pay.nothing" }), "E07303"),
        (json!({ "sign_type": "NONE" }), "SIM_PARAMETER"),
        (json!({ "charset": "GBK" }), "SIM_PARAMETER"),
        (json!({ "terminal_sn": "NOBODYS" }), "SIM_TERMINAL"),
        (json!({ "merchant_no": OTHER }), "SIM_TERMINAL"),
        (
            json!({ "message_receiving_application": "WISECASHIER" }),
            "SIM_PARAMETER",
        ),
        (json!({ "trans_type": 4 }), "SIM_PARAMETER"),
        (json!({ "merchant_order_no": "a b" }), "E04111"),
        (json!({ "merchant_order_no": "x".repeat(33) }), "E04111"),
        (json!({ "order_amount": "1.234" }), "SIM_PARAMETER"),
        (json!({ "order_amount": "1e2" }), "SIM_PARAMETER"),
        (
            json!({ "price_currency": "JPY", "order_amount": "1.5" }),
            "SIM_PARAMETER",
        ),
        (json!({ "price_currency": "usd" }), "SIM_PARAMETER"),
        (json!({ "pay_scenario": "CASH_PAY" }), "SIM_PARAMETER"),
        (json!({ "order_queue_mode": "LIFO" }), "SIM_PARAMETER"),
        (json!({ "expires": 0 }), "SIM_PARAMETER"),
        (json!({ "expires": "soon" }), "SIM_PARAMETER"),
        (json!({ "notify_url": "/notify" }), "SIM_PARAMETER"),
        (json!({ "store_no": "4000000009" }), "SIM_PARAMETER"),
        (json!({ "description": "😀" }), "SIM_PARAMETER"),
    ] {
        assert_eq!(code(&mut counter, changes.clone()), expected, "{changes}");
    }
    assert!(counter.desk.sandbox.trades().is_empty());
    let refused = text(&counter.desk.get("/", ""));
    assert!(
        refused.contains("SIM_PARAMETER") && refused.contains("CodePay wisehub.cloud.pay.order")
    );
}

/// A body that is none: nobody to sign for, and no panic.
#[test]
fn a_body_that_cannot_be_read_is_refused() {
    let mut counter = Counter::new();
    for body in [
        "",
        "{",
        "[]",
        "{\"app_id\":1}",
        "{\"a\":{}}",
        "\u{0}",
        "{\"app_id\":\"x\",\"app_id\":\"y\"}",
        "a=1&a=2",
    ] {
        let reply = counter.ask(ENTRY_PATH, body).reply;
        let said = Said::of(&reply);
        assert_eq!(
            (reply.status, said.code()),
            (200, "SIM_PARAMETER"),
            "{body}"
        );
        assert!(said.envelope.get("sign").is_none(), "{body}");
    }
    let get = counter.desk.get(ENTRY_PATH, "");
    assert_eq!(Said::of(&get).code(), "SIM_PARAMETER");
}

/// A duplicate name is two messages under one signature.
#[test]
fn a_duplicate_name_is_refused() {
    let mut counter = Counter::new();
    let message = Value::from(call_at(
        counter.desk.now,
        "order.query",
        json!({ "merchant_order_no": "A" }),
    ));
    let twice = message
        .to_string()
        .replacen('{', "{\"merchant_order_no\":\"B\",", 1);
    assert_eq!(
        Said::of(&counter.ask(ENTRY_PATH, &twice).reply).code(),
        "SIM_PARAMETER"
    );
}

/// The Java SDK posts a form with the same fields (note 1.1), and newer documents have an address for each method.
#[test]
fn forms_and_paths_below_are_taken_too() {
    let mut counter = Counter::new();
    let message = call_at(counter.desk.now, "pay.checkout", page("A"));
    let mut form = Params::new();
    for (name, value) in &message {
        form.push(name, value.as_str().unwrap().as_bytes()).unwrap();
    }
    let said = Said::of(&counter.ask(ENTRY_PATH, &form.to_wire()).reply);
    assert_eq!(said.code(), "0", "{}", said.envelope);
    let ask = Value::from(call_at(
        counter.desk.now,
        "order.query",
        json!({ "merchant_order_no": "A" }),
    ));
    for path in ["/api/entry/orderquery", "/api/entry/", "/api/entry/a/b"] {
        assert_eq!(
            Said::of(&counter.ask(path, &ask.to_string()).reply).code(),
            "0",
            "{path}"
        );
    }
    assert_eq!(
        counter.ask("/api/entryx", &ask.to_string()).reply.status,
        404
    );
}

/// One merchant's numbers are nobody else's.
#[test]
fn merchants_do_not_see_each_other() {
    let mut counter = Counter::new();
    counter.open("A");
    let trans_no = counter.query("A")["trans_no"].clone();
    for (fields, expected) in [
        (json!({ "merchant_order_no": "A" }), "E04111"),
        (json!({ "trans_no": trans_no }), "E04110"),
    ] {
        let others = with(fields, json!({ "merchant_no": OTHER }));
        assert_eq!(counter.call("order.query", others).code(), expected);
    }
    let theirs = with(
        page("A"),
        json!({ "merchant_no": OTHER, "order_amount": "5.00" }),
    );
    assert_eq!(counter.call("pay.checkout", theirs).code(), "0");
    let now = counter.desk.now;
    counter.desk.sandbox.buyer_pays(now, OTHER, "A");
    assert_eq!(counter.status("A"), 9);
    let back = counter.desk.sandbox.buyer_pays(now, MERCHANT, "A");
    assert_eq!(back.as_deref(), Some(RETURN_URL));
}
