//! Orders at a gateway that answers questions for a time only, and closes nothing.

use crate::desk::*;
use quittance_simulation::auditor::{AccountRule, Broken, Promise};
use serde_json::json;

const WINDOW_SECS: i64 = 12 * 3_600;

/// A checked-out order of 1.00 whose buyer got to the gateway.
fn ordered() -> Desk {
    let mut desk = Desk::with(AccountRule {
        require: "signed".into(),
        can_close: false,
        window_secs: Some(WINDOW_SECS),
        ..rule()
    });
    desk.order("A_1", 100);
    let until = desk.truth.now + WINDOW_SECS * 1_000_000;
    desk.truth.answered_until.insert(name("A_1"), until);
    desk
}

/// A question that was sent now, and its answer.
fn asked(desk: &mut Desk, step: &str, answer: &str) {
    let at = jiff::Timestamp::from_microsecond(desk.truth.now).unwrap();
    let data = json!({"step": step, "answer": answer, "digest": "", "asked": at.to_string()});
    desk.about("A_1", "query", data);
}

#[test]
fn nothing_is_asked_outside_of_the_time() {
    let late = |step: &str, secs: i64| {
        let mut desk = ordered();
        desk.pass(secs);
        asked(&mut desk, step, "unknown");
        desk.look()
    };
    for step in ["check", "late", "ask"] {
        assert_eq!(late(step, WINDOW_SECS), []);
        let found = late(step, WINDOW_SECS + 1);
        breaks(&found, Promise::BoundedWork, "had ceased to answer");
    }
    // A person may ask at any time.
    assert_eq!(late("wait", WINDOW_SECS + 1), []);
}

#[test]
fn an_order_is_given_up_by_an_answer() {
    let given_up = |answer: &str| {
        let mut desk = ordered();
        desk.pass(3_600);
        asked(&mut desk, "check", answer);
        desk.about("A_1", "given_up", json!({}));
        desk.look()
    };
    assert_eq!(given_up("not_found"), []);
    let found = given_up("unknown");
    breaks(&found, Promise::UnknownIsNeverUnpaid, "gives up an order");
}

/// An order that was given up a day later, by an answer of this age, while money came at this time.
fn given_up(paid: i64, answered: i64, change: impl FnOnce(&mut Desk)) -> Vec<Broken> {
    let mut desk = ordered();
    change(&mut desk);
    desk.truth.calm_since = None;
    let mut steps = [(paid, true), (answered, false)];
    steps.sort_unstable();
    for (at, pays) in steps {
        let passed = (desk.truth.now - BEGAN) / 1_000_000;
        desk.pass(at - passed);
        match pays {
            true => desk.pay("A_1", "T1", 100, true),
            false => asked(&mut desk, "check", "not_found"),
        }
    }
    desk.pass(24 * 3_600);
    desk.look();
    desk.about("A_1", "given_up", json!({}));
    desk.look()
}

#[test]
fn the_answer_that_gives_an_order_up_knew_of_its_money() {
    let nothing = |_: &mut Desk| {};
    // The money came behind the answer: nobody could know.
    assert_eq!(given_up(7_200, 3_600, nothing), []);
    let found = given_up(3_600, 7_200, nothing);
    breaks(&found, Promise::UnknownIsNeverUnpaid, "had stood");
    // The clock was wrong, or the gateway had the order from elsewhere: the time was not the one that is known.
    let wrong = |desk: &mut Desk| desk.truth.clock_set.push((BEGAN, 86_400_000));
    assert_eq!(given_up(3_600, 7_200, wrong), []);
    let earlier = |desk: &mut Desk| {
        desk.truth.answered_until.insert(name("A_1"), BEGAN);
    };
    assert_eq!(given_up(3_600, 7_200, earlier), []);
}

#[test]
fn money_is_found_by_the_last_question() {
    let lost = |paid: i64, secs: i64| {
        let mut desk = ordered();
        // The schedule ends: seven checks that find nothing.
        for gap in rule().gaps_secs {
            desk.pass(gap);
            asked(&mut desk, "check", "not_found");
        }
        desk.look();
        desk.pass(paid);
        desk.pay("A_1", "T1", 100, true);
        desk.look();
        desk.pass(secs);
        desk.look()
    };
    let hour = 3_600;
    assert_eq!(lost(hour, 10 * hour), []);
    breaks(&lost(hour, 12 * hour), Promise::NeverLost, "does not know");
    // Behind the last question only a callback tells.
    assert_eq!(lost(11 * hour, 12 * hour), []);
}
