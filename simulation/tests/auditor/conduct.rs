//! What the server does step by step, and the questions that it owes.

use crate::desk::*;
use data_encoding::HEXLOWER;
use quittance_simulation::auditor::{Broken, Promise};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A checked-out order of 1.00.
fn ordered() -> Desk {
    let mut desk = Desk::new();
    desk.order("A-1", 100);
    desk
}

/// A query of the journal, sent now.
fn asked(desk: &mut Desk, step: &str) {
    let at = jiff::Timestamp::from_microsecond(desk.truth.now).unwrap();
    let data = json!({"step": step, "answer": "unknown", "digest": "", "asked": at.to_string()});
    desk.about("A-1", "query", data);
}

#[test]
fn unpaid_is_what_a_reply_says() {
    let digest = HEXLOWER.encode(&Sha256::digest("WAIT_BUYER_PAY"));
    let unpaid = |said: bool| {
        let mut desk = ordered();
        if said {
            desk.truth.waiting.insert(digest.clone());
        }
        let data = json!({"step": "check", "answer": "unpaid", "digest": digest});
        desk.about("A-1", "query", data);
        desk.look()
    };
    assert_eq!(unpaid(true), []);
    breaks(
        &unpaid(false),
        Promise::UnknownIsNeverUnpaid,
        "does not say so",
    );
}

#[test]
fn nothing_is_closed_on_silence() {
    let closed = |answer: &str, anew: i64| {
        let mut desk = ordered();
        desk.pass(3_000);
        desk.query("A-1", "final", answer, json!([]));
        // What callbacks caused is no query of the schedule.
        desk.query("A-1", "ask", "not_found", json!([]));
        if anew > 0 {
            desk.about("A-1", "checkout", json!({"via": "form"}));
            desk.pass(anew);
        }
        desk.about("A-1", "close", json!({"accepted": true}));
        desk.look()
    };
    assert_eq!(closed("not_found", 0), []);
    let what = "closes after a query without an answer";
    breaks(&closed("unknown", 0), Promise::UnknownIsNeverUnpaid, what);
    breaks(&closed("unknown", 16), Promise::UnknownIsNeverUnpaid, what);
    // The close was under way when the schedule began anew.
    assert_eq!(closed("unknown", 10), []);
}

#[test]
fn money_that_does_not_fit_holds_the_closing() {
    let closed = |secs: i64, decided: bool| {
        let mut desk = ordered();
        desk.pay("A-1", "T1", 70, true);
        let body = form("A-1", "T1", "TRADE_SUCCESS");
        let claims = json!([payment("A-1", "T1", 70, "confirmed")]);
        desk.notify("A-1", &body, claims, "success");
        if decided {
            let decision = json!({"discrepancy": "dsc_1", "decision": "ignore"});
            desk.about("A-1", "resolution", decision);
        }
        desk.pass(secs);
        desk.query("A-1", "final", "not_found", json!([]));
        desk.about("A-1", "close", json!({"accepted": true}));
        desk.look()
    };
    breaks(
        &closed(16, false),
        Promise::ExtraMoneyIsReported,
        "nobody has decided",
    );
    assert_eq!(closed(16, true), []);
    // The close was under way when the money was told.
    assert_eq!(closed(10, false), []);
}

#[test]
fn nobody_is_sent_to_the_cashier_of_a_paid_order() {
    let mut desk = Desk::paid();
    assert_eq!(desk.look(), []);
    desk.about("A-1", "checkout", json!({"via": "form"}));
    breaks(
        &desk.look(),
        Promise::NeverTwice,
        "to the cashier of a paid order",
    );
}

#[test]
fn nothing_is_begun_after_the_clock_leapt_ahead() {
    let stepped = |jump: i64, secs: i64, step: Option<&str>| {
        let mut desk = ordered();
        desk.write(json!({"kind": "clock_jump", "data": {"secs": jump}}), None);
        desk.pass(secs);
        match step {
            Some(step) => asked(&mut desk, step),
            None => {
                desk.about("A-1", "given_up", json!({}));
            }
        }
        desk.look()
    };
    let hasty = Promise::UnknownIsNeverUnpaid;
    breaks(&stepped(3_600, 3, Some("check")), hasty, "query check");
    breaks(&stepped(3_600, 3, None), hasty, "given_up");
    assert_eq!(stepped(3_600, 120, Some("check")), []);
    // Somebody waits at the page; and what was sent before a jump back seems to be sent behind it.
    assert_eq!(stepped(3_600, 3, Some("wait")), []);
    assert_eq!(stepped(-3_600, 3, Some("check")), []);
}

/// Shows that no node is held to a jump that was told of late, by itself or another, nor to one that came before it was up.
#[test]
fn the_leap_itself_counts() {
    let stepped = |told_after: i64, up_behind_it: bool| {
        let mut desk = ordered();
        let leapt = desk.truth.now - 3_600_000_000;
        desk.truth.clock_set.push((leapt, 3_600_000));
        desk.truth.up_since = leapt + if up_behind_it { 1 } else { -1 };
        desk.pass(told_after);
        desk.write(json!({"kind": "clock_jump", "data": {"secs": 3_600}}), None);
        desk.pass(3);
        asked(&mut desk, "check");
        desk.look()
    };
    let hasty = Promise::UnknownIsNeverUnpaid;
    breaks(&stepped(0, false), hasty, "query check");
    breaks(&stepped(100, false), hasty, "query check");
    assert_eq!(stepped(600, false), []);
    assert_eq!(stepped(0, true), []);
}

#[test]
fn questions_in_a_burst_are_found() {
    let burst = |gap: i64, times: u32| {
        let mut desk = ordered();
        for _ in 0..times {
            asked(&mut desk, "ask");
            desk.pass(gap);
        }
        desk.look()
    };
    assert_eq!(burst(1, 2), []);
    assert_eq!(burst(5, 20), []);
    breaks(&burst(1, 3), Promise::BoundedWork, "question number 3");
}

fn delivered(tries: &[(i64, &str, Value)]) -> Desk {
    let mut desk = Desk::paid();
    for (attempt, outcome, status) in tries {
        let data = json!({"event": "evt_1", "endpoint": "shop", "attempt": attempt, "outcome": outcome, "status": status});
        desk.about("A-1", "delivery", data);
    }
    desk
}

#[test]
fn a_delivery_is_one_and_was_taken() {
    let good = [
        (1, "failed", json!(500)),
        (2, "failed", json!(null)),
        (3, "delivered", json!(204)),
    ];
    assert_eq!(delivered(&good).look(), []);
    breaks(
        &delivered(&[(1, "delivered", json!(500))]).look(),
        Promise::ShopsAreTold,
        "which answered 500",
    );
    let twice = [(1, "failed", json!(500)), (1, "failed", json!(500))];
    breaks(
        &delivered(&twice).look(),
        Promise::BoundedWork,
        "two were under way",
    );
    // Asked for again, the numbers begin again.
    let mut again = delivered(&twice[..1]);
    again.about("A-1", "redelivery", json!({"event": "evt_1"}));
    let data = json!({"event": "evt_1", "endpoint": "shop", "attempt": 1, "outcome": "failed"});
    again.about("A-1", "delivery", data);
    assert_eq!(again.look(), []);
}

/// A callback of which the gateway says that it did not send it; then something else happens, so much later.
fn denied(proof: &str, secs: i64, asks: bool) -> Desk {
    let mut desk = ordered();
    let claims = json!([payment("A-1", "T1", 100, proof)]);
    desk.write(
        json!({"kind": "notify", "account": "main", "order_no": "A-1", "verdict": "genuine", "answered": "fail",
               "claims": claims, "data": {"opinion": "false"}}),
        Some(&form("A-1", "T1", "TRADE_SUCCESS")),
    );
    if asks {
        desk.pass(2);
        desk.query("A-1", "ask", "unknown", json!([]));
    }
    checked_out_after(&mut desk, secs);
    desk
}

fn checked_out_after(desk: &mut Desk, secs: i64) {
    desk.pass(secs);
    desk.about("A-1", "checkout", json!({"via": "form"}));
}

/// What is found after so long, and where a question looks late by then, after as long as it takes to be held.
fn at_last(mut desk: Desk) -> Vec<Broken> {
    assert_eq!(desk.look(), []);
    checked_out_after(&mut desk, 241);
    desk.look()
}

const NOT_ASKED: &str = "the gateway was not asked";

#[test]
fn a_denied_callback_makes_a_question() {
    breaks(
        &at_last(denied("signed", 241, false)),
        Promise::NeverLost,
        NOT_ASKED,
    );
    assert_eq!(at_last(denied("signed", 239, false)), []);
    assert_eq!(at_last(denied("signed", 241, true)), []);
    // What is no claim makes none.
    assert_eq!(at_last(denied("hint", 241, false)), []);
}

/// Shows that a question which came late is held all the same, and that none is where the clock turns out to have been
/// set.
#[test]
fn what_looks_late_is_held_later() {
    let mut asked = denied("signed", 241, false);
    asked.query("A-1", "ask", "unknown", json!([]));
    breaks(&at_last(asked), Promise::NeverLost, NOT_ASKED);
    let mut jumped = denied("signed", 241, false);
    jumped.write(json!({"kind": "clock_jump", "data": {"secs": 241}}), None);
    assert_eq!(at_last(jumped), []);
    let mut both = denied("signed", 241, false);
    both.query("A-1", "ask", "unknown", json!([]));
    both.write(json!({"kind": "clock_jump", "data": {"secs": 241}}), None);
    assert_eq!(at_last(both), []);
}

/// Shows that a clock which is set puts a question off: by a pause, and where it went back, by the last gap too.
#[test]
fn a_jump_puts_a_question_off() {
    let jumped = |jump: i64, secs: i64| {
        let mut desk = denied("signed", 0, false);
        desk.write(json!({"kind": "clock_jump", "data": {"secs": jump}}), None);
        checked_out_after(&mut desk, secs);
        at_last(desk)
    };
    assert_eq!(jumped(100, 359), []);
    breaks(&jumped(100, 361), Promise::NeverLost, NOT_ASKED);
    assert_eq!(jumped(-100, 2_159), []);
    breaks(&jumped(-100, 2_161), Promise::NeverLost, NOT_ASKED);
}

#[test]
fn a_start_asks_about_what_was_not_answered() {
    let started = |answered: bool, asks: bool| {
        let mut desk = ordered();
        let claims = json!([payment("A-1", "T1", 100, "signed")]);
        let seq = desk.write(
            json!({"kind": "received", "account": "main", "order_no": "A-1", "verdict": "genuine",
                   "claims": claims, "data": {}}),
            Some(&form("A-1", "T1", "TRADE_SUCCESS")),
        );
        if answered {
            desk.write(
                json!({"kind": "notify", "account": "main", "order_no": "A-1", "verdict": "genuine",
                       "answered": "fail", "claims": [], "data": {"received": seq, "opinion": "timeout"}}),
                None,
            );
        }
        // While it is down it asks nobody.
        desk.pass(9_000);
        desk.write(json!({"kind": "started", "data": {"version": "1"}}), None);
        desk.pass(2);
        if asks {
            desk.query("A-1", "ask", "unknown", json!([]));
        }
        checked_out_after(&mut desk, 241);
        at_last(desk)
    };
    assert_eq!(started(true, false), []);
    assert_eq!(started(false, true), []);
    breaks(&started(false, false), Promise::NeverLost, NOT_ASKED);
}
