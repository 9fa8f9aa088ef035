//! Money: never invented, never lost, never swallowed.

use crate::desk::*;
use quittance_simulation::auditor::Promise;
use quittance_simulation::truth::{Closing, PaidBack, Refund};
use serde_json::{Value, json};

#[test]
fn a_claim_without_money_is_found() {
    for (trade_no, minor, to_us) in [("T2", 100, true), ("T1", 99, true), ("T1", 100, false)] {
        let mut desk = Desk::new();
        desk.order("A-1", 100);
        desk.pay("A-1", "T1", 100, to_us);
        desk.query(
            "A-1",
            "check",
            "paid",
            json!([payment("A-1", trade_no, minor, "queried")]),
        );
        breaks(
            &desk.look(),
            Promise::NeverPaidWithoutMoney,
            "no such money for us",
        );
    }
}

#[test]
fn a_claim_that_is_only_signed_needs_no_money_yet() {
    let mut desk = Desk::new();
    desk.order("A-1", 100);
    desk.notify(
        "A-1",
        b"x=1",
        json!([payment("A-1", "T1", 100, "signed")]),
        "fail",
    );
    assert_eq!(desk.look(), []);
}

#[test]
fn an_event_before_the_money_is_found() {
    let mut desk = Desk::paid();
    desk.truth.payments[0].at += 1;
    breaks(
        &desk.look(),
        Promise::NeverPaidWithoutMoney,
        "the gateway has 0 for us",
    );
}

#[test]
fn an_order_that_is_said_paid_without_money_is_found() {
    let mut desk = Desk::paid();
    desk.order("A-2", 100);
    desk.said.orders.push(order(
        "A-2",
        100,
        "paid",
        json!([trade("T7", 100, true)]),
        0,
    ));
    let found = desk.close();
    breaks(
        &found,
        Promise::NeverPaidWithoutMoney,
        "trade T7 of 100 CNY is counted",
    );
    breaks(
        &found,
        Promise::NeverPaidWithoutMoney,
        "the order itself calls the order of 100 CNY paid",
    );
}

/// Shows the deadline of an order under checks: twice the gap then in force, the call, and the slack.
#[test]
fn money_that_is_not_found_in_time_is_lost() {
    let mut desk = Desk::new();
    desk.order("A-1", 100);
    assert_eq!(desk.look(), []);
    desk.pay("A-1", "T1", 100, true);
    assert_eq!(desk.look(), []);
    desk.pass(2 * 30 + 10 + 300);
    assert_eq!(desk.look(), []);
    desk.pass(1);
    breaks(
        &desk.look(),
        Promise::NeverLost,
        "the journal does not know it",
    );
}

#[test]
fn money_that_a_check_finds_is_not_lost() {
    let mut desk = Desk::new();
    desk.order("A-1", 100);
    desk.pay("A-1", "T1", 100, true);
    assert_eq!(desk.look(), []);
    desk.pass(5);
    desk.query(
        "A-1",
        "check",
        "paid",
        json!([payment("A-1", "T1", 100, "queried")]),
    );
    assert_eq!(desk.look(), []);
    desk.pass(100_000);
    assert_eq!(desk.look(), []);
}

#[test]
fn while_there_are_faults_nothing_is_late() {
    let mut desk = Desk::new();
    desk.truth.calm_since = None;
    desk.order("A-1", 100);
    desk.pay("A-1", "T1", 100, true);
    desk.pass(1_000_000);
    assert_eq!(desk.look(), []);
    desk.truth.calm_since = Some(desk.truth.now);
    desk.pass(300);
    assert_eq!(desk.look(), []);
    desk.pass(100);
    breaks(&desk.look(), Promise::NeverLost, "does not know it");
}

/// Shows that money after a closing has until the next late check, and no longer.
#[test]
fn money_after_a_closing_has_until_the_late_check() {
    let mut desk = Desk::new();
    desk.order("A-1", 100);
    desk.query("A-1", "final", "not_found", json!([]));
    desk.about("A-1", "close", json!({"accepted": false}));
    desk.query("A-1", "last", "not_found", json!([]));
    assert_eq!(desk.look(), []);
    desk.pass(60);
    desk.pay("A-1", "T1", 100, true);
    assert_eq!(desk.look(), []);
    desk.pass(3_600 + 10 + 300 - 60);
    assert_eq!(desk.look(), []);
    desk.pass(1);
    breaks(&desk.look(), Promise::NeverLost, "does not know it");
}

/// Shows that where all checks are done nobody is late until a callback came.
#[test]
fn where_nobody_asks_any_more_a_callback_begins_the_time() {
    let mut desk = Desk::new();
    desk.order("A-1", 100);
    desk.query("A-1", "last", "not_found", json!([]));
    (0..3).for_each(|_| desk.query("A-1", "late", "not_found", json!([])));
    desk.pay("A-1", "T1", 100, true);
    desk.pass(1_000_000);
    assert_eq!(desk.look(), []);
    let body = form("A-1", "T1", "TRADE_SUCCESS");
    desk.notify(
        "A-1",
        &body,
        json!([payment("A-1", "T1", 100, "signed")]),
        "fail",
    );
    assert_eq!(desk.look(), []);
    desk.pass(3_600 + 2 * 1_800 + 10 + 300);
    assert_eq!(desk.look(), []);
    desk.pass(1);
    breaks(&desk.look(), Promise::NeverLost, "does not know it");
}

#[test]
fn a_known_trade_that_is_not_counted_is_lost() {
    let mut desk = Desk::paid();
    desk.said.orders[0] = order("A-1", 100, "unpaid", json!([trade("T1", 100, false)]), 2);
    breaks(
        &desk.close(),
        Promise::NeverLost,
        "fits, and is not counted",
    );
}

#[test]
fn a_status_that_does_not_follow_from_the_sums_is_found() {
    let mut desk = Desk::paid();
    desk.said.orders[0]["status"] = json!("unpaid");
    breaks(
        &desk.close(),
        Promise::NeverLost,
        "100 was received and 0 paid back",
    );
}

/// A paid order, half of which went back, of which a callback told and a query knew.
fn refunded(said: &str) -> Desk {
    let mut desk = Desk::paid();
    let at = desk.truth.now;
    desk.truth.refunds.push(Refund {
        by: PaidBack::ByHand,
        account: "main".into(),
        trade_no: "T1".into(),
        amount: 50,
        at,
    });
    let so_far = json!([payment("A-1", "T1", 100, "queried"),
        {"about": {"order_no": "A-1"}, "witness": "query", "proof": "queried", "claim": "refunded_so_far",
         "trade_no": "T1", "amount": {"minor": 50, "currency": "CNY"}}]);
    desk.query("A-1", "ask", "paid", so_far);
    let mut view = order(
        "A-1",
        100,
        "partially_refunded",
        json!([trade("T1", 100, true)]),
        3,
    );
    view["refunds"] =
        json!([{"refund_no": "", "trade_no": "T1", "amount": said, "status": "succeeded"}]);
    let sum = said.replace('.', "").trim_start_matches('0').to_owned();
    let event = desk.event("order.partially_refunded", &sum, 3, &view, json!({}));
    desk.tell(event);
    desk.said.orders[0] = view;
    desk
}

#[test]
fn refunds_agree() {
    assert_eq!(refunded("0.50").close(), []);
    breaks(
        &refunded("0.60").close(),
        Promise::NeverLost,
        "60 of trade T1 is said to be paid back",
    );
    breaks(
        &refunded("0.40").close(),
        Promise::NeverLost,
        "had been told of 50",
    );
    let mut desk = refunded("0.50");
    desk.said.orders[0]["status"] = json!("paid");
    breaks(&desk.close(), Promise::NeverLost, "50 paid back");
}

/// Closes an order for want of a trade, after money had stood there for so long.
fn closed_after(secs: i64, closings: Vec<Closing>) -> Desk {
    let mut desk = Desk::new();
    desk.order("A-1", 100);
    desk.pay("A-1", "T1", 100, true);
    desk.truth.closings = closings;
    desk.pass(secs);
    assert_eq!(desk.look(), []);
    desk.query("A-1", "last", "not_found", json!([]));
    desk
}

#[test]
fn a_closing_over_standing_money_is_found() {
    breaks(
        &closed_after(61, Vec::new()).look(),
        Promise::UnknownIsNeverUnpaid,
        "trade T1 of 100 CNY had stood",
    );
    // An answer may be under way, and stale, for so long.
    assert_eq!(closed_after(59, Vec::new()).look(), []);
    let closing = Closing {
        name: name("A-1"),
        at: BEGAN,
    };
    assert_eq!(closed_after(61, vec![closing]).look(), []);
}

#[test]
fn a_closing_without_a_word_of_the_gateway_is_found() {
    let mut desk = Desk::new();
    desk.order("A-1", 100);
    desk.query("A-1", "last", "unknown", json!([]));
    let view = order("A-1", 100, "closed", json!([]), 1);
    let event = desk.event("order.closed", "", 1, &view, json!({}));
    desk.tell(event);
    desk.said.orders.push(view);
    breaks(
        &desk.look(),
        Promise::UnknownIsNeverUnpaid,
        "no entry of the journal closed it",
    );
    breaks(
        &desk.close(),
        Promise::UnknownIsNeverUnpaid,
        "the order is \"closed\"",
    );
    let mut good = Desk::new();
    good.order("A-1", 100);
    good.query("A-1", "last", "not_found", json!([]));
    good.truth.receipts = desk.truth.receipts.clone();
    good.said = desk.said.clone();
    assert_eq!(good.close(), []);
}

/// Says that something does not fit: the discrepancy, and its event.
fn report(desk: &mut Desk, order_no: &str, kind: &str, subject: &str, view: &Value, sequence: i64) {
    let found = id("dsc_", ["main", order_no, kind, subject]);
    let shown = json!({"id": found, "account": "main", "order_no": order_no, "kind": kind, "subject": subject});
    let event = desk.event(
        "discrepancy.opened",
        &found,
        sequence,
        view,
        json!({"discrepancy": shown}),
    );
    desk.tell(event);
    desk.said.discrepancies.push(shown);
}

/// A paid order on which this money came too; `told` whether that was reported, as which kind about what.
fn extra(minor: i64, told: Option<(&str, &str)>) -> Desk {
    let mut desk = Desk::paid();
    desk.pay("A-1", "T2", minor, true);
    let body = form("A-1", "T2", "TRADE_SUCCESS");
    desk.notify(
        "A-1",
        &body,
        json!([payment("A-1", "T2", minor, "confirmed")]),
        "success",
    );
    let fits = minor == 100;
    let trades = json!([trade("T1", 100, true), trade("T2", minor, fits)]);
    let view = order(
        "A-1",
        100,
        "paid",
        trades,
        if told.is_some() { 4 } else { 3 },
    );
    let recorded = desk.event(
        "payment.recorded",
        "T2",
        3,
        &view,
        json!({"trade": trade("T2", minor, fits)}),
    );
    desk.tell(recorded);
    if let Some((kind, subject)) = told {
        report(&mut desk, "A-1", kind, subject, &view, 4);
    }
    desk.said.orders[0] = view;
    desk
}

#[test]
fn a_second_payment_is_reported() {
    assert_eq!(extra(100, Some(("duplicate_payment", "A-1"))).close(), []);
    breaks(
        &extra(100, None).close(),
        Promise::ExtraMoneyIsReported,
        "no discrepancy duplicate_payment about A-1",
    );
    let mut desk = extra(100, Some(("duplicate_payment", "A-1")));
    desk.said.events.pop();
    breaks(
        &desk.close(),
        Promise::ExtraMoneyIsReported,
        "no event discrepancy.opened",
    );
}

#[test]
fn a_wrong_amount_is_reported() {
    assert_eq!(extra(99, Some(("amount_mismatch", "T2"))).close(), []);
    breaks(
        &extra(99, None).close(),
        Promise::ExtraMoneyIsReported,
        "no discrepancy amount_mismatch about T2",
    );
}

#[test]
fn a_trade_at_two_orders_is_reported() {
    let reuse = |told: bool| {
        let mut desk = Desk::paid();
        desk.order("A-2", 100);
        desk.pay("A-2", "T1", 100, true);
        desk.query(
            "A-2",
            "check",
            "paid",
            json!([payment("A-2", "T1", 100, "queried")]),
        );
        let view = order(
            "A-2",
            100,
            "unpaid",
            json!([trade("T1", 100, false)]),
            1 + i64::from(told),
        );
        let recorded = desk.event(
            "payment.recorded",
            "T1",
            1,
            &view,
            json!({"trade": trade("T1", 100, false)}),
        );
        desk.tell(recorded);
        if told {
            report(&mut desk, "A-2", "trade_reuse", "T1", &view, 2);
        }
        desk.said.orders.push(view);
        desk.close()
    };
    assert_eq!(reuse(true), []);
    breaks(
        &reuse(false),
        Promise::ExtraMoneyIsReported,
        "no discrepancy trade_reuse about T1",
    );
}

#[test]
fn money_after_closing_is_reported() {
    let late = |told: bool| {
        let mut desk = Desk::new();
        desk.order("A-1", 100);
        desk.query("A-1", "last", "not_found", json!([]));
        let closed = order("A-1", 100, "closed", json!([]), 1);
        let event = desk.event("order.closed", "", 1, &closed, json!({}));
        desk.tell(event);
        assert_eq!(desk.look(), []);
        desk.pass(60);
        desk.pay("A-1", "T1", 100, true);
        desk.query(
            "A-1",
            "late",
            "paid",
            json!([payment("A-1", "T1", 100, "queried")]),
        );
        let view = order(
            "A-1",
            100,
            "paid",
            json!([trade("T1", 100, true)]),
            3 + i64::from(told),
        );
        let recorded = desk.event(
            "payment.recorded",
            "T1",
            2,
            &view,
            json!({"trade": trade("T1", 100, true)}),
        );
        let paid = desk.event("order.paid", "", 3, &view, json!({}));
        desk.tell(recorded);
        desk.tell(paid);
        if told {
            report(&mut desk, "A-1", "paid_after_close", "T1", &view, 4);
        }
        desk.said.orders.push(view);
        desk.close()
    };
    assert_eq!(late(true), []);
    breaks(
        &late(false),
        Promise::ExtraMoneyIsReported,
        "no discrepancy paid_after_close about T1",
    );
}

/// Says what the account itself has found.
fn report_of_account(desk: &mut Desk, kind: &str, subject: &str) {
    let found = id("dsc_", ["main", "", kind, subject]);
    desk.said.discrepancies.push(
        json!({"id": found, "account": "main", "order_no": null, "kind": kind, "subject": subject}),
    );
    let event = json!({"id": id("evt_", ["main", "", "discrepancy.opened", &found]), "type": "discrepancy.opened",
        "sequence": 1, "data": {"order": null}});
    desk.tell(event);
}

#[test]
fn money_for_an_order_that_nobody_made_is_reported() {
    let unknown = |told: bool| {
        let mut desk = Desk::paid();
        desk.pay("A-9", "T9", 100, true);
        let body = form("A-9", "T9", "TRADE_SUCCESS");
        desk.notify(
            "A-9",
            &body,
            json!([payment("A-9", "T9", 100, "confirmed")]),
            "success",
        );
        assert_eq!(desk.look(), []);
        desk.pass(901);
        if told {
            report_of_account(&mut desk, "unknown_order", "A-9");
        }
        desk.close()
    };
    assert_eq!(unknown(true), []);
    breaks(
        &unknown(false),
        Promise::ExtraMoneyIsReported,
        "no discrepancy unknown_order about A-9",
    );
}

#[test]
fn money_for_somebody_else_is_reported() {
    let other = |told: bool| {
        let mut desk = Desk::paid();
        desk.pay("A-1", "T3", 100, false);
        let body = form("A-1", "T3", "TRADE_SUCCESS");
        let header = json!({"kind": "notify", "account": "main", "order_no": "A-1", "verdict": "payee_mismatch",
            "answered": "fail", "data": {"trade_no": "T3"}});
        desk.write(header, Some(&body));
        desk.came(&body, true, false);
        if told {
            report_of_account(&mut desk, "payee_mismatch", "T3");
        }
        desk.close()
    };
    assert_eq!(other(true), []);
    breaks(
        &other(false),
        Promise::ExtraMoneyIsReported,
        "no discrepancy payee_mismatch about T3",
    );
}
