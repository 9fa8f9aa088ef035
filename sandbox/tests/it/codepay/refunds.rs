//! Money back: refunds by call, void and refund at the terminal.

use super::counter::{Counter, MERCHANT, NOTIFY_URL, page, sale, with};
use crate::desk::text;
use serde_json::{Value, json};

fn refund(number: &str, amount: &str) -> Value {
    json!({
        "orig_merchant_order_no": "A", "merchant_order_no": number, "price_currency": "USD",
        "order_amount": "34.50", "trans_amount": amount, "notify_url": NOTIFY_URL,
    })
}

/// A refund is an order of its own; the payment stays 2 and knows how much went. More than that is refused.
#[test]
fn refunds_are_summed_against_the_payment() {
    let mut counter = Counter::new();
    counter.paid("A");
    counter.told();
    let trans_no = counter.query("A")["trans_no"].clone();
    let said = counter.call("order.refund.submit", refund("R1", "10.00"));
    assert_eq!(said.code(), "0", "{}", said.envelope);
    assert_eq!(said.data["trans_amount"].to_string(), "10");
    assert_ne!(said.data["trans_no"], trans_no);
    let told = counter.told();
    assert_eq!(told.len(), 1);
    for (name, value) in [
        ("merchant_order_no", json!("R1")),
        ("trans_type", json!(3)),
        ("trans_status", json!(2)),
        ("order_amount", json!("34.5")),
        ("trans_amount", json!("10")),
    ] {
        assert_eq!(told[0][name], value, "{name}");
    }
    let asked = counter
        .call("order.refund.query", json!({ "merchant_order_no": "R1" }))
        .data;
    assert_eq!(
        (&asked["trans_type"], &asked["trans_status"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(asked["orig_trans_no"], trans_no);
    assert_eq!(counter.status("R1"), 2, "the query of orders knows it too");
    let by_trans = json!({ "trans_no": asked["trans_no"] });
    assert_eq!(counter.call("order.refund.query", by_trans).data, asked);
    for (number, amount, code) in [
        ("R2", "24.51", "E04126"),
        ("R1", "10.00", "E04112"),
        ("A", "1.00", "E04112"),
        ("R2", "24.50", "0"),
        ("R3", "0.01", "E04126"),
    ] {
        let said = counter.call("order.refund.submit", refund(number, amount));
        assert_eq!(said.code(), code, "{number} {amount}");
    }
    assert_eq!(counter.status("A"), 2);
    assert_eq!(counter.desk.trade("A").refunded.minor, 3_450);
}

/// What cannot be refunded, and what names nothing.
#[test]
fn refunds_of_nothing_are_refused() {
    let mut counter = Counter::new();
    let code = |counter: &mut Counter, changes: Value| {
        let said = counter.call("order.refund.submit", with(refund("R", "1.00"), changes));
        said.code().to_owned()
    };
    assert_eq!(code(&mut counter, json!({})), "E04111");
    counter.push("A");
    assert_eq!(code(&mut counter, json!({})), "ET002");
    counter.press("approve");
    for (changes, expected) in [
        (json!({ "order_amount": "34.49" }), "SIM_PARAMETER"),
        (json!({ "price_currency": "EUR" }), "SIM_PARAMETER"),
        (json!({ "trans_amount": "0.00" }), "SIM_PARAMETER"),
        (json!({ "trans_amount": null }), "SIM_PARAMETER"),
        (json!({ "orig_merchant_order_no": null }), "SIM_PARAMETER"),
        (json!({ "orig_trans_no": "5000" }), "E04110"),
        (json!({}), "0"),
        (
            json!({ "orig_merchant_order_no": "R", "merchant_order_no": "RR" }),
            "ET002",
        ),
    ] {
        assert_eq!(code(&mut counter, changes.clone()), expected, "{changes}");
    }
    let of_sale = counter.call("order.refund.query", json!({ "merchant_order_no": "A" }));
    assert_eq!(of_sale.code(), "E04111", "a payment is no refund");
}

/// A void and a refund that are pushed to the terminal wait there; a void takes back the whole payment, which reads 3.
#[test]
fn a_terminal_takes_back() {
    let mut counter = Counter::new();
    counter.paid("A");
    counter.told();
    let pushed = |number: &str, kind: u8, amount: &str| {
        with(
            sale(number),
            json!({ "trans_type": kind, "orig_merchant_order_no": "A", "order_amount": amount }),
        )
    };
    let said = counter.call("wisehub.cloud.pay.order", pushed("V1", 2, "30.00"));
    assert_eq!(said.code(), "119", "a void is whole");
    assert_eq!(
        counter
            .call("wisehub.cloud.pay.order", pushed("R1", 3, "4.50"))
            .code(),
        "0"
    );
    assert_eq!(
        counter
            .call("wisehub.cloud.pay.order", pushed("V2", 2, "34.50"))
            .code(),
        "0"
    );
    assert_eq!(counter.status("R1"), 9);
    assert_eq!(
        counter.desk.trade("A").refunded.minor,
        0,
        "nobody has approved it"
    );
    let html = text(&counter.desk.get("/terminal/TESTSN0000000001", ""));
    assert!(
        html.contains("Refund") && html.contains("the money goes back"),
        "{html}"
    );
    counter.press("approve");
    assert_eq!((counter.status("R1"), counter.status("A")), (2, 2));
    counter.press("approve");
    assert_eq!(counter.status("V2"), 1, "something went back meanwhile");
    assert_eq!(
        counter
            .call("wisehub.cloud.pay.order", pushed("V3", 2, "34.50"))
            .code(),
        "119"
    );

    let mut counter = Counter::new();
    counter.paid("A");
    counter.told();
    assert_eq!(
        counter
            .call("wisehub.cloud.pay.order", pushed("V", 2, "34.50"))
            .code(),
        "0"
    );
    counter.press("approve");
    assert_eq!((counter.status("V"), counter.status("A")), (2, 3));
    let told = counter.told();
    assert_eq!((told.len(), &told[0]["trans_type"]), (1, &json!(2)));
    assert_eq!(
        counter
            .call("order.refund.submit", refund("R", "1.00"))
            .code(),
        "ET002"
    );
    assert_eq!(counter.desk.trade("A").refunded.minor, 3_450);
}

/// A pushed refund that is cancelled at the terminal pays nothing back.
#[test]
fn a_pushed_refund_can_be_cancelled() {
    let mut counter = Counter::new();
    counter.paid("A");
    let pushed = json!({ "trans_type": 3, "orig_merchant_order_no": "A" });
    counter.call("wisehub.cloud.pay.order", with(sale("R"), pushed));
    counter.press("cancel");
    assert_eq!((counter.status("R"), counter.status("A")), (1, 2));
    assert_eq!(counter.desk.trade("A").refunded.minor, 0);
}

/// The control page refunds as the gateway's own desk does: an order of its own, told at the payment's address.
#[test]
fn a_person_refunds_at_the_control_page() {
    let mut counter = Counter::new();
    counter.call("pay.checkout", page("A"));
    let now = counter.desk.now;
    let cashier = counter.desk.trade("A").cashier;
    let trade = cashier.replace("/cashier/", "/trades/");
    counter.desk.sandbox.buyer_pays(now, MERCHANT, "A");
    counter.told();
    assert_eq!(
        counter
            .desk
            .post(&trade, "", "action=refund&amount=22.00")
            .status,
        409
    );
    assert_eq!(
        counter
            .desk
            .post(&trade, "", "action=refund&amount=1.00")
            .status,
        303
    );
    let told = counter.told();
    assert_eq!(
        (&told[0]["trans_type"], &told[0]["trans_amount"]),
        (&json!(3), &json!("1"))
    );
    let number = told[0]["merchant_order_no"].as_str().unwrap();
    let asked = counter.call("order.refund.query", json!({ "merchant_order_no": number }));
    assert_eq!(asked.data["trans_status"], 2);
    assert_eq!(counter.desk.post(&trade, "", "action=refund").status, 303);
    assert_eq!(counter.desk.trade("A").refunded.minor, 2_100);
    assert_eq!(counter.status("A"), 2);
}
