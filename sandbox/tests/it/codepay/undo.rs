//! Close and revoke, the gateway's two ways to undo an order (protocol note codepay 2.5).

use super::counter::{Counter, MERCHANT, SPARE, TERMINAL, sale, with};
use quittance_core::{Currency, Money};
use serde_json::{Value, json};

fn close(number: &str) -> Value {
    json!({
        "terminal_sn": TERMINAL, "message_receiving_application": "CodePay Register",
        "merchant_order_no": number,
    })
}

fn revoke(number: &str) -> Value {
    json!({ "merchant_order_no": number })
}

/// Close works in 9 only; the order leaves the queue and reads 1, and nobody is told.
#[test]
fn close_takes_an_order_that_waits() {
    let mut counter = Counter::new();
    let made = counter.push("A").data;
    let other = with(close("A"), json!({ "terminal_sn": SPARE }));
    assert_eq!(
        counter.call("wisehub.cloud.pay.close", other).code(),
        "E04111"
    );
    let closed = counter.call("wisehub.cloud.pay.close", close("A"));
    assert_eq!(closed.code(), "0");
    assert_eq!(closed.data["trans_no"], made["trans_no"]);
    assert!(closed.data["message_id"].is_string());
    assert_eq!(counter.status("A"), 1);
    assert!(counter.desk.sandbox.terminals()[0].queue.is_empty());
    assert!(counter.told().is_empty());
    counter.push("B");
    counter.press("start");
    assert_eq!(
        counter.call("wisehub.cloud.pay.close", close("B")).code(),
        "SIM_STATUS"
    );
    assert_eq!(counter.status("B"), 0);
    counter.press("approve");
    assert_eq!(
        counter.call("wisehub.cloud.pay.close", close("B")).code(),
        "SIM_STATUS"
    );
    assert_eq!(counter.status("B"), 2);
    assert_eq!(
        counter
            .call("wisehub.cloud.pay.close", close("NONE"))
            .code(),
        "E04111"
    );
    counter.open("WEB");
    assert_eq!(
        counter.call("wisehub.cloud.pay.close", close("WEB")).code(),
        "E04111",
        "at no terminal"
    );
    assert_eq!(
        counter.call("wisehub.cloud.pay.order", sale("A")).code(),
        "E04112",
        "a closed number is used up"
    );
}

/// Revoke works in every state: what waits or is in progress is closed, what failed stays so, what is paid goes back.
#[test]
fn revoke_undoes_whatever_happened() {
    let mut counter = Counter::new();
    for (number, buttons, status) in [
        ("WAITS", &[][..], 1),
        ("PAYING", &["start"], 1),
        ("FAILED", &["cancel"], 1),
        ("PAID", &["start", "approve"], 3),
    ] {
        counter.push(number);
        for button in buttons {
            assert_eq!(counter.press(button).status, 303, "{number} {button}");
        }
        counter.told();
        let said = counter.call("order.revoker", revoke(number));
        assert_eq!((said.code(), &said.data), ("0", &Value::Null), "{number}");
        assert_eq!(counter.status(number), status, "{number}");
        let told = counter.told();
        assert_eq!(told.len(), usize::from(number == "PAID"), "{number}");
        assert_eq!(
            counter.call("order.revoker", revoke(number)).code(),
            "0",
            "{number} again"
        );
        assert_eq!(counter.status(number), status, "{number}");
        assert!(counter.told().is_empty(), "{number}");
        assert!(counter.desk.sandbox.terminals()[0].queue.is_empty());
    }
    let view = counter.desk.trade("PAID");
    assert_eq!((view.status, view.refunded.minor), (Some("3"), 3_450));
    assert_eq!(
        counter.call("order.revoker", revoke("NONE")).code(),
        "E04111"
    );
}

/// What was refunded in part goes back whole by a revoke, and no more than that.
#[test]
fn revoke_takes_what_is_left() {
    let mut counter = Counter::new();
    counter.paid("A");
    let part = json!({
        "orig_merchant_order_no": "A", "merchant_order_no": "R", "price_currency": "USD",
        "order_amount": "34.50", "trans_amount": "10.00",
    });
    assert_eq!(counter.call("order.refund.submit", part).code(), "0");
    counter.call("order.revoker", revoke("A"));
    let view = counter.desk.trade("A");
    let usd = Currency::parse("USD").unwrap();
    assert_eq!(
        (view.status, view.refunded),
        (Some("3"), Money::new(3_450, usd))
    );
    assert_eq!(
        counter.call("order.revoker", revoke("R")).code(),
        "ET002",
        "a refund is not undone"
    );
}

/// The race of the seed: the customer pays in the moment in which the merchant cancels. Whoever comes first, the end is
/// sure: closed and never paid, or paid and gone back.
#[test]
fn a_cancel_races_a_payment() {
    let mut counter = Counter::new();
    counter.push("A");
    counter.press("start");
    counter.call("order.revoker", revoke("A"));
    assert_eq!(counter.press("approve").status, 409);
    let now = counter.desk.now;
    assert!(
        counter
            .desk
            .sandbox
            .buyer_pays(now, MERCHANT, "A")
            .is_none()
    );
    assert_eq!(counter.status("A"), 1);
    counter.paid("B");
    counter.call("order.revoker", revoke("B"));
    assert_eq!(counter.status("B"), 3);
    let told: Vec<Value> = counter
        .told()
        .iter()
        .map(|told| told["trans_status"].clone())
        .collect();
    assert_eq!(told, [json!(2), json!(3)]);
}
