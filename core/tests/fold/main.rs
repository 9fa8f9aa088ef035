//! The fold beside its main way: schedules, questions, conflicts, deliveries. Each was a bug once.

mod cancel;
mod refund;
mod scan;
mod statement;
mod window;
mod world;

use quittance_core::derived::derive;
use quittance_core::entry::{Attempt, Callback, Direction, Outcome, Record, What};
use quittance_core::facts::{Claim, Proof};
use quittance_core::fold::admit;
use quittance_core::gateway::{Address, Answer, Opinion, Verdict};
use quittance_core::schedule::Step;
use quittance_core::state::DeliveryState;
use quittance_core::status::Status;
use quittance_core::{Currency, Money};
use std::collections::BTreeSet;
use world::{World, at, key, payment, told, yuan};
fn so_far(t: &str, m: i64) -> Claim {
    Claim::RefundedSoFar {
        trade_no: t.into(),
        amount: yuan(m),
    }
}

fn events_of(claims: &[Claim]) -> BTreeSet<String> {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    for c in claims {
        w.notify(2, Proof::Confirmed, vec![c.clone()]);
    }
    w.rows
        .events
        .iter()
        .filter(|e| matches!(e.kind.word(), "payment.recorded" | "discrepancy.opened"))
        .map(|e| e.id.clone())
        .collect()
}

/// Shows that two amounts of one trade open the same discrepancies, whatever came first.
#[test]
fn conflicting_amounts_in_any_order() {
    assert_eq!(
        events_of(&[payment("T1", 50), payment("T1", 100)]),
        events_of(&[payment("T1", 100), payment("T1", 50)])
    );
}

/// Shows that an over-refund opens by every proven claim, not by the one that is shown.
#[test]
fn over_refund_in_any_order() {
    assert_eq!(
        events_of(&[payment("T1", 50), so_far("T1", 70), payment("T1", 100)]),
        events_of(&[payment("T1", 100), payment("T1", 50), so_far("T1", 70)])
    );
}

/// Shows that a question which the gateway did not answer stays due.
#[test]
fn a_marked_refund_survives_one_silent_query() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    w.notify(3, Proof::Confirmed, vec![payment("T1", 100)]);
    w.notify(
        100,
        Proof::Confirmed,
        vec![
            payment("T1", 100),
            Claim::RefundMarked {
                trade_no: "T1".into(),
            },
        ],
    );
    assert_eq!(w.state().checks.due(at(100)), Some(Step::Ask));
    w.query(101, Step::Ask, Answer::Unknown);
    assert!(
        w.state().checks.due_at().is_some(),
        "nobody will ever ask for the sum"
    );
}

/// Shows that a payment which only a query can prove is asked about before the order is given up.
#[test]
fn an_acked_payment_is_not_given_up_unasked() {
    let mut w = World::new();
    w.create(1, Proof::Queried, None);
    w.notify(2, Proof::Signed, vec![payment("T1", 100)]); // acked: only a query can prove it, and one is due
    w.query(3, Step::Ask, Answer::Unknown);
    let day = 86_401;
    assert_ne!(
        w.state().checks.due(at(day)),
        Some(Step::GiveUp),
        "given up without a call"
    );
}

/// Shows that evidence below the required proof is asked about when its order appears.
#[test]
fn parked_signed_evidence_makes_a_query_due_when_its_order_appears() {
    let mut w = World::new();
    w.notify(1, Proof::Signed, vec![payment("T1", 100)]);
    w.create(100, Proof::Confirmed, None);
    assert_eq!(w.state().checks.due(at(100)), Some(Step::Ask));
}
fn item(secs: i64, proof: Proof, w: &mut World) {
    let claim = Claim::RefundItem {
        trade_no: "T1".into(),
        refund_no: "b:T1".into(),
        amount: yuan(30),
        succeeded: true,
    };
    let mut r = Record::new(
        Direction::In,
        What::Notify(Callback {
            opinion: Some(Opinion::Unknown),
            ..Callback::default()
        }),
    );
    r.account = Some("main".into());
    r.verdict = Some(Verdict::Genuine);
    r.claims = vec![told(Address::TradeNo("T1".into()), proof, claim)];
    w.put(secs, r);
}

/// Shows that a claim addressed by its trade makes a query due for the order that owns it.
#[test]
fn an_unproven_batch_refund_makes_a_query_due() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    w.notify(3, Proof::Confirmed, vec![payment("T1", 100)]);
    item(100, Proof::Signed, &mut w);
    assert_eq!(w.state().checks.due(at(100)), Some(Step::Ask));
}

/// Shows the same for one that was taken in before a crash.
#[test]
fn a_batch_refund_taken_in_before_a_crash_becomes_a_query() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    w.notify(3, Proof::Confirmed, vec![payment("T1", 100)]);
    let claim = Claim::RefundItem {
        trade_no: "T1".into(),
        refund_no: "b:T1".into(),
        amount: yuan(30),
        succeeded: true,
    };
    let mut r = Record::new(Direction::In, What::Received {});
    r.account = Some("main".into());
    r.verdict = Some(Verdict::Genuine);
    r.claims = vec![told(Address::TradeNo("T1".into()), Proof::Signed, claim)];
    w.put(100, r);
    w.put(
        101,
        Record::new(
            Direction::Own,
            What::Started {
                version: "x".into(),
            },
        ),
    );
    assert_eq!(w.state().checks.due(at(101)), Some(Step::Ask));
}

/// Shows that no checkout takes back a closing that the merchant asked for.
#[test]
fn an_accepted_close_is_not_undone_by_a_page_view() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    w.put(
        10,
        Record::new(Direction::In, What::CloseRequested {}).about(&key()),
    );
    let again = Record::new(Direction::Out, What::Checkout { via: "form".into() }).about(&key());
    if admit(&mut w.rows, &again).unwrap().is_none() {
        w.put(11, again);
    }
    assert_eq!(
        w.state().checks.due(at(11)),
        Some(Step::Final),
        "the merchant's close is forgotten"
    );
}

/// Shows that checkouts again and again do not put off the next check.
#[test]
fn reloading_the_pay_page_does_not_put_off_the_checks_for_ever() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    let due = (0..20).any(|n| {
        let due = w.state().checks.due(at(2 + 4 * n)) == Some(Step::Check);
        w.checkout(2 + 4 * n);
        due
    });
    assert!(due, "80 seconds and no check was due");
}

/// Shows that what was held is due when the endpoint is in the settings again.
#[test]
fn held_deliveries_of_an_endpoint_that_comes_back() {
    let mut w = World::new();
    w.put(
        1,
        Record::new(
            Direction::Own,
            What::Endpoint {
                name: "shop".into(),
                enabled: false,
            },
        ),
    );
    w.create(2, Proof::Confirmed, None);
    w.notify(3, Proof::Confirmed, vec![payment("T1", 100)]);
    w.put(
        4,
        Record::new(Direction::Own, What::Settings(World::settings(true, &[]))),
    );
    w.put(
        5,
        Record::new(
            Direction::Own,
            What::Settings(World::settings(true, &["shop"])),
        ),
    );
    assert!(!w.rows.settings.endpoints["shop"].disabled);
    assert!(
        w.rows
            .deliveries
            .values()
            .all(|d| d.state == DeliveryState::Pending),
        "the endpoint is on and its debts are held"
    );
}

/// Shows that a gateway without a close operation gets its last query before an order is given up.
#[test]
fn no_close_operation_and_unknown_is_not_closed() {
    let mut w = World::new();
    w.put(
        0,
        Record::new(Direction::Own, What::Settings(World::settings(false, &[]))),
    );
    w.create(1, Proof::Confirmed, Some(300));
    w.checkout(2);
    for _ in 0..20 {
        let state = w.state();
        let Some(due) = state.checks.due_at() else {
            break;
        };
        let secs = due.as_second() - 1_700_000_000;
        if secs > 2_000 {
            break;
        }
        match state.checks.due(due) {
            Some(Step::GiveUp) => {
                w.put(
                    secs,
                    Record::new(Direction::Own, What::GivenUp {}).about(&key()),
                );
            }
            Some(step) => w.query(secs, step, Answer::Unknown),
            None => break,
        }
    }
    assert_ne!(w.status(), Status::Closed);
}

/// Shows that an accepted trade never counts in another currency.
#[test]
fn acceptance_never_adds_another_currency() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.notify(2, Proof::Confirmed, vec![payment("T1", 50)]);
    let id = derive(&w.state()).discrepancies[0].id.clone();
    w.put(
        3,
        Record::new(
            Direction::Own,
            What::Resolution {
                discrepancy: id,
                decision: quittance_core::discrepancy::ResolutionKind::Accept,
                note: "x".into(),
            },
        )
        .about(&key()),
    );
    assert_eq!(derive(&w.state()).received, 50);
    let usd = Claim::Payment {
        trade_no: "T1".into(),
        amount: Money::new(9_900, Currency::parse("USD").unwrap()),
        payee: "2088".into(),
    };
    w.notify(4, Proof::Confirmed, vec![usd]);
    assert_eq!(derive(&w.state()).received, 50);
}

/// Shows that a try that was under way does not bury an event that was asked for again.
#[test]
fn a_try_from_before_does_not_undo_a_redelivery() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.notify(2, Proof::Confirmed, vec![payment("T1", 100)]);
    let event = w.rows.events[0].id.clone();
    let tried = |attempt| {
        Record::new(
            Direction::Out,
            What::Delivery(Attempt {
                event: event.clone(),
                endpoint: "shop".into(),
                attempt,
                outcome: Outcome::Failed,
                status: Some(500),
                retry_after_secs: None,
            }),
        )
    };
    for n in 1..10 {
        w.put(n.into(), tried(n));
    }
    // The tenth is under way when somebody asks for the event again.
    w.put(
        20,
        Record::new(
            Direction::Own,
            What::Redelivery {
                event: event.clone(),
            },
        ),
    );
    w.put(21, tried(10));
    assert_eq!(
        w.rows.deliveries[&(event, "shop".to_owned())].state,
        DeliveryState::Pending
    );
}

/// Shows that asking ends where money came that does not pay the order.
#[test]
fn an_ignored_mismatch_is_not_asked_about_for_ever() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    w.notify(3, Proof::Confirmed, vec![payment("T1", 50)]);
    let id = derive(&w.state()).discrepancies[0].id.clone();
    w.put(
        4,
        Record::new(
            Direction::Own,
            What::Resolution {
                discrepancy: id,
                decision: quittance_core::discrepancy::ResolutionKind::Ignore,
                note: "x".into(),
            },
        )
        .about(&key()),
    );
    let mut asked = 0;
    while let Some(due) = w.state().checks.due_at() {
        let step = w.state().checks.due(due).unwrap();
        w.query(due.as_second() - 1_700_000_000, step, Answer::Paid);
        asked += 1;
        assert!(asked < 1_000, "for ever");
    }
}

/// Shows that an order whose trade is open at the gateway is checked, not given up.
#[test]
fn an_open_trade_at_the_gateway_is_not_given_up_without_a_call() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.query(2, Step::Wait, Answer::Unpaid); // the trade exists: WAIT_BUYER_PAY
    assert_ne!(w.state().checks.due(at(86_401)), Some(Step::GiveUp));
}

/// Shows that each telling of a refund without its amount is a reason to ask.
#[test]
fn a_second_partial_refund_is_asked_about_too() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    w.notify(3, Proof::Confirmed, vec![payment("T1", 100)]);
    let marked = || {
        vec![
            payment("T1", 100),
            Claim::RefundMarked {
                trade_no: "T1".into(),
            },
        ]
    };
    w.notify(100, Proof::Confirmed, marked());
    w.query(101, Step::Ask, Answer::Paid);
    assert_eq!(
        w.state().checks.due_at(),
        Some(at(160)),
        "an answer may be half a minute old: asked once more when old news is over"
    );
    w.query(160, Step::Ask, Answer::Paid);
    assert_eq!(w.state().checks.due_at(), None);
    w.notify(10_000, Proof::Confirmed, marked());
    assert_eq!(
        w.state().checks.due(at(10_000)),
        Some(Step::Ask),
        "the second refund is swallowed"
    );
}

/// Shows that an empty bucket puts a question off and does not drop it.
#[test]
fn an_empty_bucket_puts_a_question_off_and_does_not_drop_it() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    w.notify(3, Proof::Confirmed, vec![payment("T1", 100)]);
    for n in 0..20 {
        // the buyer replays re-cuts of his own return
        let mut r = Record::new(Direction::In, What::Notify(Callback::default())).about(&key());
        r.verdict = Some(Verdict::Ambiguous);
        w.put(10 + 6 * n, r);
        w.query(11 + 6 * n, Step::Ask, Answer::Paid);
    }
    w.notify(
        300,
        Proof::Confirmed,
        vec![
            payment("T1", 100),
            Claim::RefundMarked {
                trade_no: "T1".into(),
            },
        ],
    ); // acked
    assert!(
        w.state().checks.due_at().is_some(),
        "acked, and nobody will ever ask for the sum"
    );
}

fn automatic_closing() -> World {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    for secs in [7, 37, 97] {
        w.query(secs, Step::Check, Answer::NotFound);
    }
    assert_eq!(w.state().checks.due(at(97)), Some(Step::Close));
    w.put(
        98,
        Record::new(Direction::Out, What::Close { accepted: None }).about(&key()),
    );
    assert_eq!(w.state().checks.due(at(98)), Some(Step::Last));
    w
}

/// Shows that only an explicit no after the close closes.
#[test]
fn unknown_after_the_close_is_not_closed() {
    for answer in [Answer::Unknown, Answer::Unpaid] {
        let mut w = automatic_closing();
        w.query(99, Step::Last, answer);
        assert_eq!(w.status(), Status::Unpaid);
    }
}

/// Shows that an answer to a step that is no longer due closes nothing.
#[test]
fn a_checkout_while_the_last_query_is_under_way_keeps_the_order_open() {
    let mut w = automatic_closing();
    w.checkout(99);
    w.query(100, Step::Last, Answer::NotFound);
    assert_eq!(w.status(), Status::Unpaid);
}

/// Shows that an order is given up only while that is what is due.
#[test]
fn a_checkout_just_before_it_is_given_up_keeps_the_order_open() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    assert_eq!(w.state().checks.due(at(86_401)), Some(Step::GiveUp));
    w.checkout(86_401);
    w.put(
        86_402,
        Record::new(Direction::Own, What::GivenUp {}).about(&key()),
    );
    assert_eq!(w.status(), Status::Unpaid);
}

/// Shows that an open discrepancy holds the closing, and that a decision lets it go on.
#[test]
fn attention_holds_the_closing_until_somebody_decided() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    w.notify(3, Proof::Confirmed, vec![payment("T1", 50)]);
    for secs in [7, 37, 97] {
        w.query(secs, Step::Check, Answer::Unpaid);
    }
    assert_eq!(w.state().checks.due_at(), None);
    let id = derive(&w.state()).discrepancies[0].id.clone();
    let decision = quittance_core::discrepancy::ResolutionKind::RefundedElsewhere;
    w.put(
        200,
        Record::new(
            Direction::Own,
            What::Resolution {
                discrepancy: id,
                decision,
                note: "x".into(),
            },
        )
        .about(&key()),
    );
    assert_eq!(w.state().checks.due(at(200)), Some(Step::Close));
}

/// Shows that a callback that has its answer is settled.
#[test]
fn an_answered_callback_is_not_asked_about_at_the_next_start() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    let received = w.put(
        3,
        Record::new(Direction::In, What::Received {}).about(&key()),
    );
    let mut r = Record::new(
        Direction::In,
        What::Notify(Callback {
            received: Some(received),
            opinion: Some(Opinion::True),
            ..Callback::default()
        }),
    )
    .about(&key());
    r.verdict = Some(Verdict::Genuine);
    r.claims = vec![told(
        Address::OrderNo("A-1".into()),
        Proof::Confirmed,
        payment("T1", 100),
    )];
    w.put(4, r);
    w.put(
        5,
        Record::new(
            Direction::Own,
            What::Started {
                version: "x".into(),
            },
        ),
    );
    assert_eq!(w.state().checks.due_at(), None);
}
/// Shows the token bucket of questions from outside: one in five seconds, twenty an hour.
#[test]
fn questions_from_outside_are_bounded() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    w.notify(3, Proof::Confirmed, vec![payment("T1", 100)]);
    let mut asked: Vec<i64> = Vec::new();
    for secs in 10..3_600 {
        let mut r = Record::new(Direction::In, What::Notify(Callback::default())).about(&key());
        r.verdict = Some(Verdict::Ambiguous);
        w.put(secs, r);
        if w.state().checks.due(at(secs)) == Some(Step::Ask) {
            asked.push(secs);
            w.query(secs, Step::Ask, Answer::Paid);
        }
    }
    assert_eq!(asked.len(), 20);
    assert!(
        asked.windows(2).all(|two| two[1] - two[0] >= 5),
        "{asked:?}"
    );
}

/// Shows that questions which were asked before the wall clock went back put no later one off.
#[test]
fn a_clock_that_went_back_puts_no_question_off() {
    let mut w = World::new();
    let ambiguous = || {
        let mut r = Record::new(Direction::In, What::Notify(Callback::default())).about(&key());
        r.verdict = Some(Verdict::Ambiguous);
        r
    };
    w.create(90_000, Proof::Confirmed, None);
    w.checkout(90_001);
    w.notify(90_002, Proof::Confirmed, vec![payment("T1", 100)]);
    w.put(90_003, ambiguous());
    assert_eq!(w.state().checks.due(at(90_003)), Some(Step::Ask));
    w.query(90_003, Step::Ask, Answer::Paid);
    assert_eq!(w.state().checks.due_at(), None);
    w.put(
        100,
        Record::new(Direction::Own, What::ClockJump { secs: -89_903 }),
    );
    w.put(101, ambiguous());
    assert_eq!(w.state().checks.due(at(101)), Some(Step::Ask));
}

/// Shows that a question of a node whose clock is a little ahead counts for one whose clock is behind: what comes there a
/// moment later is asked about no sooner.
#[test]
fn a_question_by_a_clock_that_is_ahead_counts() {
    let mut w = World::new();
    let ambiguous = || {
        let mut r = Record::new(Direction::In, What::Notify(Callback::default())).about(&key());
        r.verdict = Some(Verdict::Ambiguous);
        r
    };
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    w.notify(3, Proof::Confirmed, vec![payment("T1", 100)]);
    w.put(101, ambiguous());
    w.query(101, Step::Ask, Answer::Paid);
    w.put(100, ambiguous());
    assert_eq!(w.state().checks.due_at(), Some(at(106)));
}

/// Shows that a clock which went back while nobody ran keeps no check waiting.
#[test]
fn a_clock_that_went_back_before_a_start_puts_no_check_off() {
    let mut w = World::new();
    w.create(90_000, Proof::Confirmed, None);
    w.checkout(90_001);
    let version = "x".to_owned();
    w.put(100, Record::new(Direction::Own, What::Started { version }));
    let due = w.state().checks.due_at().unwrap();
    assert!(due <= at(100 + 1_800), "{due}");
}

/// Shows that nothing is due at an endpoint that is switched off, whoever asks for it, until it is switched on.
#[test]
fn nothing_is_due_at_an_endpoint_that_is_off() {
    let mut w = World::new();
    let switch = |enabled| {
        let name = "shop".to_owned();
        Record::new(Direction::Own, What::Endpoint { name, enabled })
    };
    let all = |w: &World, state, due: Option<i64>| {
        assert_eq!(w.rows.deliveries.len(), 2);
        for delivery in w.rows.deliveries.values() {
            assert_eq!((delivery.state, delivery.next_at), (state, due.map(at)));
        }
    };
    w.put(1, switch(false));
    w.create(2, Proof::Confirmed, None);
    w.notify(3, Proof::Confirmed, vec![payment("T1", 100)]);
    all(&w, DeliveryState::Held, None);
    let event = w.rows.events[0].id.clone();
    w.put(4, Record::new(Direction::Own, What::Redelivery { event }));
    all(&w, DeliveryState::Held, None);
    w.put(5, switch(true));
    all(&w, DeliveryState::Pending, Some(5));
}

fn adopt(w: &mut World, secs: i64) -> u64 {
    let floor = quittance_core::fold::floor(&mut w.rows).unwrap();
    let epoch = quittance_core::epoch::next(floor, at(secs));
    w.put(secs, Record::new(Direction::Own, What::Adopted { epoch }));
    quittance_core::epoch::floor(epoch)
}

/// Shows that an order as an older copy has it is asked about before anything is done to it: its buyer may have paid
/// since. An emptied bucket of before the copy is no reason to wait.
#[test]
fn an_adopted_order_is_asked_about_and_not_given_up() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    let day = 24 * 3600 + 2;
    for secs in 0..40 {
        let mut hint = Record::new(Direction::In, What::Received {}).about(&key());
        hint.verdict = Some(Verdict::Ambiguous);
        w.put(day - 200 + secs, hint);
        w.put(
            day - 200 + secs,
            Record::new(
                Direction::Own,
                What::Started {
                    version: "1".into(),
                },
            ),
        );
    }
    assert_eq!(w.state().checks.due(at(day)), Some(Step::GiveUp));
    let floor = adopt(&mut w, day);
    assert_eq!(w.state().checks.due(at(day)), Some(Step::Ask));
    assert_eq!(w.state().sequence, 0, "nothing is told of it");
    w.query(day + 1, Step::Ask, Answer::Unpaid);
    assert_eq!(w.state().checks.due(at(day + 5)), Some(Step::Check));

    // What is told from now on is told above everything that can have been told after the copy was made.
    w.notify(day + 2, Proof::Confirmed, vec![payment("T1", 100)]);
    let told: Vec<u64> = w.rows.events.iter().map(|event| event.sequence).collect();
    assert_eq!(told, [floor + w.seq - 2, floor + 1, floor + 2]);
    assert_eq!(w.state().sequence, floor + 2);
}

/// Shows what an adoption leaves alone, and that each one begins above the one before.
#[test]
fn an_adoption_asks_about_what_is_not_at_its_end() {
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.notify(2, Proof::Confirmed, vec![payment("T1", 100)]);
    let first = adopt(&mut w, 100);
    assert_eq!(w.state().checks.due_at(), None, "it is paid");
    assert_eq!(w.state().sequence, 2, "nothing is told of it");

    // Money that does not fit is a question.
    w.notify(101, Proof::Confirmed, vec![payment("T2", 7)]);
    assert_eq!(w.state().sequence, first + 2);
    let again = adopt(&mut w, 100);
    assert!(again > first + 2);
    assert_eq!(w.state().checks.due(at(100)), Some(Step::Ask));

    // A closed order within its late checks.
    let mut w = automatic_closing();
    w.query(99, Step::Last, Answer::NotFound);
    assert_eq!(w.status(), Status::Closed);
    assert_eq!(w.state().checks.due(at(100)), None);
    adopt(&mut w, 100);
    assert_eq!(w.state().checks.due(at(100)), Some(Step::Ask));
    w.query(100, Step::Ask, Answer::NotFound);
    assert_eq!(w.state().checks.due_at(), Some(at(99 + 3600)));
}

/// Shows that an anchor after an adoption is no event that was told before it.
#[test]
fn anchors_of_two_epochs_differ() {
    let mut w = World::new();
    let anchor = || Record::new(Direction::Own, What::Anchor {});
    let mut copy = World {
        rows: w.rows.clone(),
        seq: w.seq,
    };
    w.put(10, anchor());
    w.put(20, anchor());
    adopt(&mut copy, 30);
    copy.put(40, anchor());
    let ids = |w: &World| -> BTreeSet<String> {
        let events = w.rows.events.iter();
        events.map(|event| event.id.clone()).collect()
    };
    assert_eq!((ids(&w).len(), ids(&copy).len()), (2, 2));
    assert!(ids(&w).is_disjoint(&ids(&copy)));
}
