//! What is kept of a call, and what its answer carries.

use super::counter::{Counter, MERCHANT, STORE, page, sale, with};
use quittance_sandbox::Kind;
use serde_json::json;

/// Every call about an order is kept with its bytes, in order.
#[test]
fn every_call_is_kept() {
    let mut counter = Counter::new();
    counter.paid("A");
    counter.told();
    counter.query("A");
    let back = json!({
        "orig_merchant_order_no": "A", "merchant_order_no": "R", "price_currency": "USD",
        "order_amount": "34.50", "trans_amount": "1.00",
    });
    counter.call("order.refund.submit", back);
    counter.call("order.refund.query", json!({ "merchant_order_no": "R" }));
    counter.call("order.revoker", json!({ "merchant_order_no": "A" }));
    let kinds = |number: &str| {
        let kept = counter.desk.sandbox.exchanges(MERCHANT, number);
        kept.iter().map(|known| known.kind).collect::<Vec<_>>()
    };
    assert_eq!(
        kinds("A"),
        [Kind::Checkout, Kind::Notify, Kind::Query, Kind::Revoke]
    );
    assert_eq!(kinds("R"), [Kind::Refund, Kind::RefundQuery]);
    let first = &counter.desk.sandbox.exchanges(MERCHANT, "A")[0];
    assert!(first.request.starts_with(b"{") && first.reply.starts_with(b"{\"code\":\"0\""));
    assert_eq!(
        (first.target.as_str(), first.status),
        ("/api/entry", Some(200))
    );
}

/// Each call has a number of its own; what is echoed comes back; tip and cashback are on top.
#[test]
fn an_answer_carries_what_was_asked() {
    let mut counter = Counter::new();
    let rich = json!({
        "attach": "a & b = \"c\" 咖啡", "store_no": STORE, "tip_amount": "3.00", "cashback_amount": "20",
    });
    let first = counter.call("wisehub.cloud.pay.order", with(sale("A"), rich));
    assert_eq!(first.data["trans_amount"].to_string(), "57.5");
    let asked = counter.query("A");
    for (name, value) in [
        ("attach", json!("a & b = \"c\" 咖啡")),
        ("store_no", json!(STORE)),
        ("order_amount", json!(34.5)),
        ("tip_amount", json!(3)),
        ("cashback_amount", json!(20)),
        ("trans_amount", json!(57.5)),
        ("pay_scenario", json!("SWIPE_CARD")),
    ] {
        assert_eq!(asked[name], value, "{name}");
    }
    counter.press("approve");
    let told = counter.told();
    assert_eq!(told[0]["attach"], "a & b = \"c\" 咖啡");
    assert_eq!(
        (&told[0]["tip_amount"], &told[0]["paid_amount"]),
        (&json!("3"), &json!("57.5"))
    );
    let psn = |counter: &mut Counter| {
        let said = counter.call("order.query", json!({ "merchant_order_no": "A" }));
        said.envelope["psn"].as_str().unwrap().to_owned()
    };
    let (one, two) = (psn(&mut counter), psn(&mut counter));
    assert!(
        one != two && one.len() == 20 && one.starts_with("0101040000"),
        "{one}"
    );
}

/// A code to scan is no card; a currency without cents has none.
#[test]
fn ways_and_currencies_differ() {
    let mut counter = Counter::new();
    let scan =
        json!({ "pay_scenario": "BSCANQR_PAY", "price_currency": "JPY", "order_amount": "3450" });
    counter.call("wisehub.cloud.pay.order", with(sale("A"), scan));
    counter.press("approve");
    let asked = counter.query("A");
    assert_eq!(
        (&asked["pay_method_id"], &asked["order_amount"]),
        (&json!("Alipay+"), &json!(3450))
    );
    assert_eq!(counter.told()[0]["order_amount"], "3450");
    counter.call(
        "pay.checkout",
        with(page("B"), json!({ "order_amount": "100.00" })),
    );
    assert_eq!(
        counter.query("B")["order_amount"].to_string(),
        "100",
        "no trailing zeros of the whole part go"
    );
}
