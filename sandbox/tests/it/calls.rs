//! What merchants' servers call, and how the gateway refuses.

use crate::desk::{BASIC, Desk, PARTNER, field, payment, signed, text};
use quittance_core::{Currency, Money};
use quittance_sandbox::Faults;

fn refused(desk: &mut Desk, order: &str, changes: &[(&str, &str)], code: &str) {
    let reply = desk.checkout(order, changes);
    let html = text(&reply);
    assert_eq!(reply.status, 400, "{html}");
    assert!(html.contains("Debug error: please go back"), "{html}");
    assert!(html.contains(&format!("Error code {code}")), "{html}");
}

/// Seed 001 5.1: page services answer with the debug page and the code.
#[test]
fn a_wrong_payment_request_shows_the_debug_page() {
    let mut desk = Desk::new();
    refused(
        &mut desk,
        "A",
        &[("partner", "2088000000000009")],
        "ILLEGAL_PARTNER",
    );
    refused(
        &mut desk,
        "A",
        &[("service", "create_direct_pay")],
        "ILLEGAL_SERVICE",
    );
    refused(
        &mut desk,
        "A",
        &[("total_fee", "0.001")],
        "ILLEGAL_FEE_PARAM",
    );
    refused(
        &mut desk,
        "A",
        &[("seller_email", "someone@example.com")],
        "SELLER_NOT_EXIST",
    );
    refused(
        &mut desk,
        "A",
        &[("it_b_pay", "16d")],
        "ILLEGAL_OUTTIME_ARGUMENT",
    );
    // Seed 001 5.2 C: addresses carry no parameters of their own.
    for name in ["notify_url", "return_url", "show_url"] {
        refused(
            &mut desk,
            "A",
            &[(name, "http://shop.example.com/x?id=1")],
            "ILLEGAL_ARGUMENT",
        );
        refused(
            &mut desk,
            "A",
            &[(name, "javascript:alert(1)")],
            "ILLEGAL_ARGUMENT",
        );
    }
    let tampered = signed(&payment("A", &[])).replace("0.01", "0.02");
    assert!(text(&desk.get("/gateway.do", &tampered)).contains("ILLEGAL_SIGN"));
    assert!(
        text(&desk.get("/gateway.do", "")).contains("ILLEGAL_SERVICE"),
        "all parameters lost"
    );
    assert!(desk.sandbox.trades().is_empty());
    assert!(
        text(&desk.get("/", "")).contains("ILLEGAL_PARTNER"),
        "the index shows what was refused"
    );
}

/// Seed 001 5.1: API services answer with the failure envelope.
#[test]
fn a_wrong_api_call_gets_the_failure_envelope() {
    let mut desk = Desk::new();
    let bad = text(&desk.get(
        "/gateway.do",
        "service=single_trade_query&partner=2088000000000001&_input_charset=utf-8&out_trade_no=A&sign=0&sign_type=MD5",
    ));
    assert!(
        bad.contains("<is_success>F</is_success><error>ILLEGAL_SIGN</error>"),
        "{bad}"
    );
    assert!(
        desk.call("close_trade", &[])
            .contains("<error>ILLEGAL_ARGUMENT</error>")
    );
    assert!(
        desk.query("nowhere")
            .contains("<error>TRADE_NOT_EXIST</error>")
    );
}

/// Seed 001 5.1: TRADE_DATA_MATCH_ERROR while unpaid, TRADE_NOT_ALLOWED_PAY once paid or closed.
#[test]
fn the_same_number_may_come_again_unpaid_and_unchanged() {
    let mut desk = Desk::new();
    let page = desk.cashier("A");
    assert_eq!(desk.cashier("A"), page);
    desk.get(&page, "");
    assert_eq!(desk.cashier("A"), page);
    refused(
        &mut desk,
        "A",
        &[("total_fee", "0.02")],
        "TRADE_DATA_MATCH_ERROR",
    );
    refused(
        &mut desk,
        "A",
        &[("subject", "other")],
        "TRADE_DATA_MATCH_ERROR",
    );
    refused(
        &mut desk,
        "A",
        &[("it_b_pay", "1h")],
        "TRADE_DATA_MATCH_ERROR",
    );
    assert_eq!(desk.trade("A").amount.minor, 1);
    desk.sandbox.buyer_pays(desk.now, PARTNER, "A");
    refused(&mut desk, "A", &[], "TRADE_NOT_ALLOWED_PAY");
    refused(
        &mut desk,
        "A",
        &[("total_fee", "0.02")],
        "TRADE_NOT_ALLOWED_PAY",
    );
    // The number is the merchant's own: another merchant may use it.
    assert_eq!(
        desk.checkout("A", &[("partner", BASIC), ("total_fee", "9.99")])
            .status,
        303
    );
}

/// Protocol note 5.2: only a trade that waits for its buyer can be closed; nobody is notified of it.
#[test]
fn close_trade_closes_what_waits_for_the_buyer() {
    let mut desk = Desk::new();
    let page = desk.cashier("A");
    let close = |desk: &mut Desk, order: &str| desk.call("close_trade", &[("out_order_no", order)]);
    assert!(
        close(&mut desk, "A").contains("TRADE_NOT_EXIST"),
        "the buyer has not come yet"
    );
    desk.get(&page, "");
    let closed = close(&mut desk, "A");
    assert!(closed.contains("<is_success>T</is_success>"), "{closed}");
    assert!(close(&mut desk, "A").contains("TRADE_STATUS_NOT_AVAILD"));
    assert!(
        desk.query("A")
            .contains("<trade_status>TRADE_CLOSED</trade_status>")
    );
    assert!(text(&desk.get(&page, "")).contains("This trade is closed"));
    assert!(text(&desk.post(&page, "", "action=pay")).contains("This trade is closed"));
    assert_eq!(desk.sandbox.buyer_pays(desk.now, PARTNER, "A"), None);
    refused(&mut desk, "A", &[], "TRADE_NOT_ALLOWED_PAY");
    desk.paid("B");
    assert!(close(&mut desk, "B").contains("TRADE_STATUS_NOT_AVAILD"));
    desk.answer(200, "success");
    assert_eq!(
        desk.sandbox.next_due(),
        None,
        "seed 003 (4): an unpaid closing tells nobody"
    );
}

/// The trade number wins over the merchant's number, and names only the merchant's own trades.
#[test]
fn a_query_names_the_trade_by_either_number() {
    let mut desk = Desk::new();
    desk.paid("A");
    desk.cashier("B");
    let number = desk.trade("A").trade_no.unwrap();
    let both = desk.call(
        "single_trade_query",
        &[("trade_no", &number), ("out_trade_no", "B")],
    );
    assert!(both.contains("<out_trade_no>A</out_trade_no>"), "{both}");
    let other = signed(&[
        ("service", "single_trade_query"),
        ("partner", BASIC),
        ("_input_charset", "utf-8"),
        ("trade_no", &number),
    ]);
    assert!(text(&desk.get("/gateway.do", &other)).contains("TRADE_NOT_EXIST"));
    assert!(
        desk.call("single_trade_query", &[("trade_no", "0")])
            .contains("TRADE_NOT_EXIST")
    );
}

/// Protocol note 1.1: it_b_pay closes an unpaid trade, as a due item and lazily at any look.
#[test]
fn the_time_limit_closes_an_unpaid_trade() {
    let mut desk = Desk::new();
    for order in ["A", "B", "C"] {
        desk.checkout(order, &[("it_b_pay", "5m")]);
        desk.sandbox.buyer_opens(desk.now, PARTNER, order).unwrap();
    }
    desk.sandbox.buyer_pays(desk.now, PARTNER, "C").unwrap();
    desk.answer(200, "success");
    desk.wait(299_999);
    assert_eq!(
        desk.sandbox
            .next_due()
            .unwrap()
            .duration_since(desk.now)
            .as_millis(),
        1
    );
    assert!(desk.query("A").contains("WAIT_BUYER_PAY"));
    desk.wait(1);
    assert!(desk.query("B").contains("<trade_status>TRADE_CLOSED<"));
    assert_eq!(
        desk.sandbox.buyer_pays(desk.now, PARTNER, "A"),
        None,
        "closed at the very moment"
    );
    assert!(desk.due().is_empty());
    assert_eq!(desk.sandbox.next_due(), None);
    assert_eq!(desk.trade("B").status, Some("TRADE_CLOSED"));
    assert_eq!(desk.trade("C").status, Some("TRADE_SUCCESS"));
}

/// Seed 001 5.2 and seed 003 (12): one minute, one shot; protocol note 3.1: the three words.
#[test]
fn notify_verify_answers_exactly_one_word() {
    let mut desk = Desk::new();
    desk.paid("A");
    let id = field(&desk.due().remove(0).request.body, "notify_id");
    assert!(
        id.len() == 32 && id.bytes().all(|byte| b"0123456789abcdef".contains(&byte)),
        "{id}"
    );
    assert_eq!(desk.verify(BASIC, &id), "false");
    assert_eq!(desk.verify(PARTNER, "0123"), "false");
    assert_eq!(desk.verify("", &id), "invalid");
    assert_eq!(desk.verify(PARTNER, ""), "invalid");
    assert_eq!(desk.verify(PARTNER, "%zz"), "invalid");
    let posted = desk.post(
        "/gateway.do",
        "",
        &format!("service=notify_verify&partner={PARTNER}&notify_id={id}"),
    );
    assert_eq!(text(&posted), "true");
    assert_eq!(desk.verify(PARTNER, &id), "false");
}

/// A test may switch queries off for one order, also before it exists.
#[test]
fn queries_can_be_answered_with_nothing() {
    let mut desk = Desk::new();
    desk.sandbox
        .set_own_faults(PARTNER, "A", Faults::query_down())
        .unwrap();
    desk.paid("A");
    desk.paid("B");
    assert_eq!(desk.query("A"), "");
    assert!(desk.query("B").contains("TRADE_SUCCESS"));
    desk.sandbox.clear_own_faults(PARTNER, "A");
    assert!(desk.query("A").contains("TRADE_SUCCESS"));
}

/// Protocol note 2.3 and 2.4: refunds add up, the last one closes the trade, each tells the merchant.
#[test]
fn refunds_are_marked_and_told() {
    let mut desk = Desk::new();
    let cny = |minor| Money::new(minor, Currency::CNY);
    assert_eq!(
        desk.sandbox
            .refund(desk.now, PARTNER, "A", cny(1))
            .unwrap_err()
            .0,
        "TRADE_NOT_EXIST"
    );
    desk.checkout("A", &[("total_fee", "1.00")]);
    desk.sandbox.buyer_opens(desk.now, PARTNER, "A").unwrap();
    assert_eq!(
        desk.sandbox
            .refund(desk.now, PARTNER, "A", cny(1))
            .unwrap_err()
            .0,
        "TRADE_STATUS_ERROR"
    );
    desk.sandbox.buyer_pays(desk.now, PARTNER, "A").unwrap();
    let payment = desk.answer(200, "success").request.body;
    for wrong in [0, -1, 101, i64::MAX, i64::MIN] {
        let code = desk
            .sandbox
            .refund(desk.now, PARTNER, "A", cny(wrong))
            .unwrap_err();
        assert_eq!(code.0, "REASON_TRADE_REFUND_FEE_ERR", "{wrong}");
    }
    desk.sandbox
        .refund(desk.now, PARTNER, "A", cny(40))
        .unwrap();
    let part = desk.answer(200, "success").request.body;
    assert_eq!(field(&part, "trade_status"), "TRADE_SUCCESS");
    assert_eq!(field(&part, "refund_status"), "REFUND_SUCCESS");
    assert_ne!(field(&part, "notify_id"), field(&payment, "notify_id"));
    assert!(
        desk.query("A")
            .contains("<to_buyer_fee>0.40</to_buyer_fee>")
    );
    desk.sandbox
        .refund(desk.now, PARTNER, "A", cny(60))
        .unwrap();
    let whole = desk.answer(200, "success").request.body;
    assert_eq!(field(&whole, "trade_status"), "TRADE_CLOSED");
    assert_eq!(desk.trade("A").refunded, cny(100));
    assert_eq!(
        desk.sandbox
            .refund(desk.now, PARTNER, "A", cny(1))
            .unwrap_err()
            .0,
        "TRADE_STATUS_ERROR"
    );
    // The basic product has no refunds.
    desk.checkout("B", &[("partner", BASIC)]);
    desk.sandbox.buyer_pays(desk.now, BASIC, "B");
    assert_eq!(
        desk.sandbox
            .refund(desk.now, BASIC, "B", cny(1))
            .unwrap_err()
            .0,
        "TRADE_STATUS_ERROR"
    );
}
