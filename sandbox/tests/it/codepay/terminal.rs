//! Payments at a terminal: queue, states, endings.

use super::counter::{Counter, MERCHANT, SPARE, TERMINAL, app, sale, settings, with};
use quittance_sandbox::codepay::Ending;
use serde_json::json;

/// The call only queues the order; a card makes it 0, the approval 2, and the merchant is told once.
#[test]
fn a_sale_goes_9_0_2() {
    let mut counter = Counter::new();
    let said = counter.push("A");
    assert_eq!(said.data["terminal_online_status"], "ONLINE");
    assert_eq!(said.data["trans_amount"].to_string(), "34.5");
    let trans_no = said.data["trans_no"].as_str().unwrap().to_owned();
    assert!(
        trans_no.len() == 23 && trans_no.starts_with('5'),
        "{trans_no}"
    );
    let first = counter.query("A");
    assert_eq!(first["trans_status"], 9);
    assert_eq!(first["trans_no"], trans_no);
    assert!(first.get("paid_amount").is_none() && first.get("trans_error_code").is_none());
    assert!(
        counter.told().is_empty(),
        "nobody is told of an order that waits"
    );

    assert_eq!(counter.press("start").status, 303);
    assert_eq!(counter.status("A"), 0);
    assert_eq!(
        counter.press("start").status,
        409,
        "a card lies there already"
    );
    assert!(counter.told().is_empty());

    assert_eq!(counter.press("approve").status, 303);
    let paid = counter.query("A");
    assert_eq!(
        (&paid["trans_status"], &paid["trans_type"]),
        (&json!(2), &json!(1))
    );
    for (name, value) in [
        ("order_amount", json!(34.5)),
        ("paid_amount", json!(34.5)),
        ("price_currency", json!("USD")),
        ("pay_method_id", json!("Visa")),
        ("trans_end_time", json!("2024-01-01 04:00:00")),
        ("terminal_sn", json!(TERMINAL)),
    ] {
        assert_eq!(paid[name], value, "{name}");
    }
    let told = counter.told();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["trans_status"], 2);
    assert_eq!(told[0]["order_amount"], "34.5");
    assert!(counter.told().is_empty());
    assert_eq!(
        counter.press("approve").status,
        409,
        "nothing is on the screen"
    );
}

/// Declined, cancelled (110), timed out (112): each ends in 1 with its code, and is told.
#[test]
fn failures_are_final_and_told() {
    for (button, code, text) in [
        ("decline", "TS-D2012", "Insufficient funds"),
        (
            "cancel",
            "110",
            "Operator cancellation[[K026]Manual cancelation by operator]",
        ),
        ("time-out", "112", "timeout"),
    ] {
        let mut counter = Counter::new();
        counter.push("A");
        assert_eq!(counter.press(button).status, 303);
        let asked = counter.query("A");
        assert_eq!(asked["trans_status"], 1, "{button}");
        assert_eq!(asked["trans_error_code"], code);
        assert!(asked["trans_error_msg"].as_str().unwrap().contains(text));
        let told = counter.told();
        assert_eq!(told.len(), 1, "{button}");
        assert_eq!(told[0]["trans_status"], 1);
        assert_eq!(told[0]["trans_error_code"], code);
        assert!(told[0].get("paid_amount").is_none());
        let now = counter.desk.now;
        assert!(
            counter
                .desk
                .sandbox
                .buyer_pays(now, MERCHANT, "A")
                .is_none()
        );
        assert_eq!(counter.status("A"), 1);
    }
}

/// First come, first served; what asks for it goes before all that have not begun.
#[test]
fn orders_wait_in_a_queue() {
    let mut counter = Counter::new();
    counter.push("A");
    counter.push("B");
    counter.press("start");
    let first = with(sale("C"), json!({ "order_queue_mode": "FILO" }));
    assert_eq!(counter.call("wisehub.cloud.pay.order", first).code(), "0");
    let terminals = counter.desk.sandbox.terminals();
    assert_eq!(terminals[0].queue, ["A", "C", "B"]);
    let (now, sandbox) = (counter.desk.now, &mut counter.desk.sandbox);
    assert!(
        sandbox.payment_starts(now, MERCHANT, "B").is_err(),
        "not its turn"
    );
    assert!(sandbox.buyer_pays(now, MERCHANT, "B").is_none());
    assert!(
        sandbox
            .payment_ends(now, MERCHANT, "B", Ending::Cancelled)
            .is_err()
    );
    counter.press("approve");
    counter.press("decline");
    assert_eq!((counter.status("A"), counter.status("C")), (2, 1));
    assert_eq!(counter.status("B"), 9);
    counter.press("approve");
    assert_eq!(counter.status("B"), 2);
}

/// An offline terminal keeps its queue, and nothing can be pressed; who wants that refused gets a refusal.
#[test]
fn a_terminal_goes_offline() {
    let mut counter = Counter::new();
    counter.push("A");
    assert_eq!(counter.press("offline").status, 303);
    assert_eq!(counter.press("approve").status, 409);
    let said = counter.push("B");
    assert_eq!(said.data["terminal_online_status"], "OFFLINE");
    let wary = with(
        sale("C"),
        json!({ "reject_trade_when_terminal_offline": true }),
    );
    assert_eq!(
        counter.call("wisehub.cloud.pay.order", wary.clone()).code(),
        "SIM_OFFLINE"
    );
    let gone = counter.call("order.query", json!({ "merchant_order_no": "C" }));
    assert_eq!(gone.code(), "E04111", "it was not made");
    let other = with(wary, json!({ "terminal_sn": SPARE }));
    assert_eq!(counter.call("wisehub.cloud.pay.order", other).code(), "0");
    assert_eq!(counter.press("online").status, 303);
    counter.press("approve");
    assert_eq!((counter.status("A"), counter.status("B")), (2, 9));
}

/// After so many seconds an order can no longer be paid: 1, without a code, and nobody is told.
#[test]
fn an_order_expires() {
    let mut counter = Counter::new();
    let short = with(sale("A"), json!({ "expires": 180 }));
    counter.call("wisehub.cloud.pay.order", short);
    counter.push("B");
    counter.desk.wait(179_000);
    assert_eq!(counter.status("A"), 9);
    let due = counter.desk.sandbox.next_due().unwrap();
    assert_eq!(due.duration_since(counter.desk.now).as_secs(), 1);
    counter.desk.wait(1_000);
    let over = counter.query("A");
    assert_eq!(over["trans_status"], 1);
    assert!(over.get("trans_error_code").is_none());
    assert!(counter.told().is_empty());
    assert_eq!(counter.desk.sandbox.terminals()[0].queue, ["B"]);
    counter.desk.wait(40 * 86_400_000);
    assert_eq!(counter.status("B"), 9, "without expires it waits for ever");
}

/// A merchant, and a terminal, belongs to one: the later is left out.
#[test]
fn numbers_belong_to_one_merchant() {
    let mut settings = settings();
    let mut twin = app();
    twin.app_id = "wzTWIN".into();
    let stranger = quittance_sandbox::codepay::Merchant {
        merchant_no: "300000000003".into(),
        store_no: None,
        terminals: vec![TERMINAL.into(), "OWN".into()],
    };
    let alipays = quittance_sandbox::codepay::Merchant {
        merchant_no: crate::desk::PARTNER.into(),
        terminals: vec!["LOST".into()],
        ..stranger.clone()
    };
    twin.merchants.extend([stranger, alipays]);
    settings.codepay.apps.push(twin);
    let sandbox = quittance_sandbox::Sandbox::new(settings);
    let terminals: Vec<(String, String)> = sandbox
        .terminals()
        .into_iter()
        .map(|view| (view.terminal_sn, view.merchant_no))
        .collect();
    let of = |terminal: &str, merchant: &str| (terminal.to_owned(), merchant.to_owned());
    assert_eq!(
        terminals,
        [
            of("OWN", "300000000003"),
            of(TERMINAL, MERCHANT),
            of(SPARE, MERCHANT)
        ]
    );
}

/// A page that was left open does nothing to the order that is on the screen now.
#[test]
fn an_old_page_presses_nothing() {
    let mut counter = Counter::new();
    counter.push("A");
    assert_eq!(
        counter.desk.trade("A").cashier,
        format!("/terminal/{TERMINAL}")
    );
    let path = format!("/terminal/{TERMINAL}");
    let html = crate::desk::text(&counter.desk.get(&path, ""));
    let (_, rest) = html.split_once("name=\"order\" value=\"").unwrap();
    let shown = rest.split_once('"').unwrap().0.to_owned();
    counter.press("cancel");
    counter.push("B");
    let old = format!("action=approve&order={shown}");
    assert_eq!(counter.desk.post(&path, "", &old).status, 409);
    assert_eq!(counter.status("B"), 9);
}
