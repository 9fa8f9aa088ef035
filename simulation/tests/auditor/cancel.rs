//! A gateway whose Cancel undoes whatever happened: it goes out after a long silence too, it is written down before, and what it
//! takes back is told.

use crate::desk::*;
use quittance_simulation::auditor::{AccountRule, Broken, Promise};
use quittance_simulation::truth::{PaidBack, Refund};
use serde_json::json;

const HOURS_2: i64 = 7_200;

fn ordered() -> Desk {
    let mut desk = Desk::with(AccountRule {
        require: "signed".into(),
        cancel_unknown_secs: Some(HOURS_2),
        ..rule()
    });
    desk.order("A-1", 100);
    desk.truth.calm_since = None;
    desk
}

/// So many final queries in vain, then the close.
fn closes_after(finals: u32, change: impl FnOnce(&mut Desk)) -> Vec<Broken> {
    let mut desk = ordered();
    desk.query("A-1", "check", "unknown", json!([]));
    for _ in 0..finals {
        desk.pass(1_800);
        desk.query("A-1", "final", "unknown", json!([]));
    }
    change(&mut desk);
    desk.about("A-1", "cancel", json!({}));
    desk.about("A-1", "close", json!({"accepted": null}));
    desk.look()
}

#[test]
fn a_close_after_a_long_silence_is_no_haste() {
    let nothing = |_: &mut Desk| {};
    assert_eq!(closes_after(4, nothing), []);
    let hasty = "closes after a query without an answer";
    breaks(
        &closes_after(3, nothing),
        Promise::UnknownIsNeverUnpaid,
        hasty,
    );
    // A day in which nobody asked is no silence, and an answer ends one.
    let found = closes_after(3, |desk| desk.pass(86_400));
    breaks(&found, Promise::UnknownIsNeverUnpaid, hasty);
    let found = closes_after(4, |desk| {
        desk.query("A-1", "final", "not_found", json!([]));
        desk.query("A-1", "final", "unknown", json!([]));
    });
    breaks(&found, Promise::UnknownIsNeverUnpaid, hasty);
}

/// Money that came just before a Cancel, which took it back: as the journal knows it, and as it is told.
fn undone(written: bool, told: bool) -> Vec<Broken> {
    let mut desk = ordered();
    desk.query("A-1", "final", "not_found", json!([]));
    if written {
        desk.about("A-1", "cancel", json!({}));
    }
    desk.pay("A-1", "T1", 100, true);
    let at = desk.truth.now;
    desk.truth.refunds.push(Refund {
        account: "main".into(),
        trade_no: "T1".into(),
        amount: 100,
        by: PaidBack::ByCancel,
        at,
    });
    desk.about("A-1", "close", json!({"accepted": true}));
    let so_far = json!([payment("A-1", "T1", 100, "queried"),
        {"about": {"order_no": "A-1"}, "witness": "query", "proof": "queried", "claim": "refunded_so_far",
         "trade_no": "T1", "amount": {"minor": 100, "currency": "CNY"}}]);
    desk.query("A-1", "last", "paid", so_far);
    let mut view = order("A-1", 100, "refunded", json!([trade("T1", 100, true)]), 3);
    view["refunds"] =
        json!([{"refund_no": "", "trade_no": "T1", "amount": "1.00", "status": "succeeded"}]);
    let recorded = json!({"trade": trade("T1", 100, true)});
    let recorded = desk.event("payment.recorded", "T1", 1, &view, recorded);
    desk.tell(recorded);
    let kind = if told {
        "refunded_by_cancel"
    } else {
        "over_refund"
    };
    let found = id("dsc_", ["main", "A-1", kind, "T1"]);
    desk.said.discrepancies.push(
        json!({"id": found, "account": "main", "order_no": "A-1", "kind": kind, "subject": "T1",
        "state": "open", "opened_at": "2026-01-01T00:00:00Z", "detail": ""}),
    );
    let opened = json!({"discrepancy": {"id": found, "kind": kind}});
    let opened = desk.event("discrepancy.opened", &found, 2, &view, opened);
    desk.tell(opened);
    let refunded = desk.event("order.refunded", "100", 3, &view, json!({}));
    desk.tell(refunded);
    desk.said.orders.push(view);
    desk.pass(1);
    desk.close()
}

#[test]
fn what_a_cancel_took_back_is_written_down_before_and_told() {
    assert_eq!(undone(true, true), []);
    let found = undone(false, true);
    breaks(
        &found,
        Promise::AckMeansStored,
        "no entry told of it before",
    );
    let found = undone(true, false);
    breaks(&found, Promise::ExtraMoneyIsReported, "refunded_by_cancel");
}

/// Checks of a scan, so many, so many seconds apart.
fn scanned(checks: u32, every: i64) -> Vec<Broken> {
    let mut desk = Desk::with(AccountRule {
        require: "signed".into(),
        gaps_secs: vec![30; 10],
        scan_secs: Some(600),
        ..rule()
    });
    desk.order("A-1", 100);
    for _ in 0..checks {
        desk.pass(every);
        desk.query("A-1", "check", "unknown", json!([]));
    }
    desk.look()
}

#[test]
fn a_scan_is_counted() {
    assert_eq!(scanned(10, 30), []);
    // One more ends its time.
    assert_eq!(scanned(11, 55), []);
    for (checks, every) in [(12, 30), (4, 10), (10, 25)] {
        let found = scanned(checks, every);
        breaks(&found, Promise::BoundedWork, "of a scan");
    }
}
