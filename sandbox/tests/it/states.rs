//! The states of a trade beyond paid and closed (protocol note 2.3): held for a frozen seller, and finished.

use crate::desk::{BASIC, Desk, PARTNER, field, text};
use quittance_core::Lang;
use quittance_core::http::Method;
use quittance_sandbox::{Code, Inbound};

/// The note's inference: a payment to a frozen seller is pending, is told to nobody, does not expire, cannot be closed
/// or paid again; once the seller is free the merchant has the money and is told, and the buyer can go back.
#[test]
fn money_for_a_frozen_seller_is_held() {
    let mut desk = Desk::new();
    let cashier = desk.cashier("A");
    desk.sandbox
        .buyer_pays_frozen(desk.now, PARTNER, "A")
        .unwrap();
    assert!(desk.due().is_empty(), "no notify for a pending trade");
    let reply = desk.query("A");
    assert!(
        reply.contains("<trade_status>TRADE_PENDING</trade_status>"),
        "{reply}"
    );
    assert!(
        reply.contains("<to_seller_fee>0.00</to_seller_fee>") && !reply.contains("gmt_payment"),
        "{reply}"
    );
    let page = text(&desk.get(&cashier, ""));
    assert!(page.contains("Do not pay again"), "{page}");
    let close = desk.call("close_trade", &[("out_order_no", "A")]);
    assert!(close.contains("<is_success>F</is_success>"), "{close}");
    let refused = Err(Code("TRADE_NOT_ALLOWED_PAY"));
    let again = desk.sandbox.buyer_pays_frozen(desk.now, PARTNER, "A");
    assert_eq!(again, refused);
    assert_eq!(desk.sandbox.buyer_pays(desk.now, PARTNER, "A"), None);
    desk.wait(40 * 24 * 3_600_000);
    assert_eq!(desk.trade("A").status, Some("TRADE_PENDING"));
    assert!(desk.query("A").contains("TRADE_PENDING"), "it never closes");

    desk.sandbox.release(desk.now, PARTNER, "A").unwrap();
    let told = desk.answer(200, "success");
    assert_eq!(field(&told.request.body, "trade_status"), "TRADE_SUCCESS");
    let back = text(&desk.get(&cashier.replace("/cashier/", "/paid/"), ""));
    assert!(back.contains("/alipay/return_url?"), "{back}");
    let twice = desk.sandbox.release(desk.now, PARTNER, "A");
    assert_eq!(twice, Err(Code("TRADE_STATUS_ERROR")));
    let nobody = desk.sandbox.release(desk.now, PARTNER, "Z");
    assert_eq!(nobody, Err(Code("TRADE_NOT_EXIST")));
}

/// Note 2.3: when the time for refunds is over, `TRADE_SUCCESS` becomes `TRADE_FINISHED`, is told, and is the end. A
/// trade of the basic product is finished as soon as it is paid.
#[test]
fn a_paid_trade_is_finished_at_last() {
    let mut desk = Desk::new();
    let unpaid = |desk: &mut Desk| desk.sandbox.finish(desk.now, PARTNER, "A");
    assert_eq!(unpaid(&mut desk), Err(Code("TRADE_NOT_EXIST")));
    desk.cashier("A");
    desk.sandbox.buyer_opens(desk.now, PARTNER, "A").unwrap();
    assert_eq!(unpaid(&mut desk), Err(Code("TRADE_STATUS_ERROR")));
    desk.sandbox.buyer_pays(desk.now, PARTNER, "A").unwrap();
    let paid = desk.answer(200, "success");
    desk.wait(90 * 24 * 3_600_000);
    desk.sandbox.finish(desk.now, PARTNER, "A").unwrap();
    let finished = desk.answer(200, "success");
    let told = |name| field(&finished.request.body, name);
    assert_eq!(told("trade_status"), "TRADE_FINISHED");
    assert_eq!(
        told("gmt_payment"),
        field(&paid.request.body, "gmt_payment")
    );
    assert_ne!(told("notify_id"), field(&paid.request.body, "notify_id"));
    assert!(
        desk.query("A")
            .contains("<trade_status>TRADE_FINISHED</trade_status>")
    );
    let ended = desk.sandbox.finish(desk.now, PARTNER, "A");
    assert_eq!(ended, Err(Code("TRADE_STATUS_ERROR")));
    let sum = desk.trade("A").amount;
    let refund = desk.sandbox.refund(desk.now, PARTNER, "A", sum);
    assert_eq!(refund, Err(Code("TRADE_STATUS_ERROR")));

    desk.checkout("B", &[("partner", BASIC)]);
    desk.sandbox.buyer_pays(desk.now, BASIC, "B").unwrap();
    assert_eq!(desk.trade("B").status, Some("TRADE_FINISHED"));
    let again = desk.sandbox.finish(desk.now, BASIC, "B");
    assert_eq!(again, Err(Code("TRADE_STATUS_ERROR")));
}

/// The buttons of the control page do the same, and say why they cannot.
#[test]
fn buttons_hold_release_and_finish() {
    let mut desk = Desk::new();
    let page = desk.cashier("A").replace("/cashier/", "/trades/");
    let mut press = |word: &str, lang: Lang| {
        let reply = desk.post(&page, "", &format!("action={word}"));
        let shown = Inbound {
            method: Method::Get,
            path: page.clone(),
            query: Vec::new(),
            body: Vec::new(),
            lang,
        };
        let shown = desk.sandbox.handle(desk.now, &shown).reply;
        (reply.status, text(&reply), text(&shown))
    };
    for (word, says) in [
        ("release", "No money is held"),
        ("finish", "cannot be finished"),
    ] {
        let (status, why, _) = press(word, Lang::En);
        assert_eq!(status, 409, "{word}");
        assert!(why.contains(says), "{why}");
    }
    for (word, status, en, zh) in [
        ("pay-frozen", "TRADE_PENDING", "nobody is told", "冻结"),
        (
            "release",
            "TRADE_SUCCESS",
            "the seller is free again",
            "解冻",
        ),
        (
            "finish",
            "TRADE_FINISHED",
            "time for refunds over",
            "退款期结束",
        ),
    ] {
        let (code, _, shown) = press(word, Lang::En);
        assert_eq!(code, 303, "{word}");
        assert!(shown.contains(&format!(">{status}<")), "{shown}");
        assert!(shown.contains(en), "{en}: {shown}");
        let (again, _, shown) = press(word, Lang::Zh);
        assert_eq!(again, 409, "{word}");
        assert!(shown.contains(zh), "{zh}: {shown}");
    }
}
