//! Statements: bookings pay, ask, or wait; and the reading of an account goes on.

use crate::world::{World, at, key, payment, told};
use quittance_core::Timestamp;
use quittance_core::derived::derive;
use quittance_core::entry::{Direction, Record, StatementRead, What};
use quittance_core::facts::{Claim, Proof, Witness};
use quittance_core::gateway::{Address, Answer};
use quittance_core::schedule::Step;
use quittance_core::settings::Settings;
use quittance_core::statement::{Reading, StatementPolicy};
use quittance_core::status::Status;

const POLICY: StatementPolicy = StatementPolicy {
    utc_offset_secs: 8 * 3_600,
    at_secs: 9_000,
};
/// The worlds begin on the 15th in Beijing.
const DAY: &str = "2023-11-14";

fn world() -> World {
    let mut world = World::new();
    let mut settings: Settings = World::settings(true, &["shop"]);
    settings.accounts.get_mut("main").unwrap().statement = Some(POLICY);
    world.put(0, Record::new(Direction::Own, What::Settings(settings)));
    world
}

fn part(rows: Option<u32>, complete: bool, proof: Proof, claims: Vec<Claim>) -> Record {
    let what = What::Statement(StatementRead {
        day: DAY.parse().unwrap(),
        part: 1,
        rows,
        others: 0,
        complete,
        digest: String::new(),
        asked: at(0),
    });
    let mut record = Record::new(Direction::Out, what);
    record.account = Some("main".into());
    record.witness = Some(Witness::Statement);
    let booked = |claim: Claim| {
        let about = match &claim {
            Claim::Payment { .. } => Address::OrderNo("A-1".into()),
            _ => Address::TradeNo("T1".into()),
        };
        let mut told = told(about, proof, claim);
        told.witness = Witness::Statement;
        told
    };
    record.claims = claims.into_iter().map(booked).collect();
    record
}

fn read(proof: Proof, claims: Vec<Claim>) -> Record {
    part(Some(1), true, proof, claims)
}

fn asked_at(world: &World) -> Option<Timestamp> {
    world.state().checks.ask_at
}

/// The payment that nobody else ever told.
#[test]
fn a_booking_of_the_very_amount_pays() {
    let mut w = world();
    w.create(1, Proof::Queried, None);
    w.put(9, read(Proof::Queried, vec![payment("T1", 100)]));
    assert_eq!(w.status(), Status::Paid);
    let trade = derive(&w.state()).trades.remove(0);
    assert_eq!(trade.witnesses, [Witness::Statement].into());
    assert_eq!(asked_at(&w), None, "nothing is left to ask");
}

/// A closed order is paid all the same, and that is told as for any late payment.
#[test]
fn a_booking_pays_a_closed_order() {
    let mut w = world();
    w.create(1, Proof::Confirmed, Some(60));
    w.put(
        61,
        Record::new(Direction::Own, What::GivenUp {}).about(&key()),
    );
    assert_eq!(w.status(), Status::Closed);
    w.put(70, read(Proof::Queried, vec![payment("T1", 100)]));
    assert_eq!(w.status(), Status::Paid);
    assert!(derive(&w.state()).attention);
}

/// What was booked is less where a coupon paid a part, or a fee was kept: the gateway says what was paid.
#[test]
fn a_booking_of_another_amount_is_a_reason_to_ask() {
    let mut w = world();
    w.create(1, Proof::Confirmed, None);
    w.put(9, read(Proof::Queried, vec![payment("T1", 95)]));
    let derived = derive(&w.state());
    assert_eq!((derived.status, derived.attention), (Status::Unpaid, false));
    assert_eq!(derived.trades, []);
    assert_eq!(asked_at(&w), Some(at(9)));
    // Once the gateway has told the whole, the booking is news no more.
    w.notify(10, Proof::Confirmed, vec![payment("T1", 100)]);
    w.query(11, Step::Ask, Answer::Paid);
    assert_eq!(asked_at(&w), None);
    w.put(12, read(Proof::Queried, vec![payment("T1", 95)]));
    assert_eq!((w.status(), asked_at(&w)), (Status::Paid, None));
    assert!(!derive(&w.state()).attention);
}

/// A statement that nobody signed proves nothing.
#[test]
fn an_unsigned_booking_is_a_reason_to_ask() {
    let mut w = world();
    w.create(1, Proof::Signed, None);
    w.put(9, read(Proof::Hint, vec![payment("T1", 100)]));
    assert_eq!(w.status(), Status::Unpaid);
    assert_eq!(asked_at(&w), Some(at(9)));
}

/// An order whose schedule is over is asked about again.
#[test]
fn a_hint_wakes_an_order_that_rests() {
    let mut w = world();
    w.create(1, Proof::Signed, Some(60));
    w.put(
        61,
        Record::new(Direction::Own, What::GivenUp {}).about(&key()),
    );
    w.put(200_000, read(Proof::Hint, vec![payment("T1", 100)]));
    assert_eq!(asked_at(&w), Some(at(200_000)));
}

/// Money that went back is asked about, now and once more when old news is over.
#[test]
fn a_booked_refund_is_asked_about() {
    let mut w = world();
    w.create(1, Proof::Confirmed, None);
    w.notify(2, Proof::Confirmed, vec![payment("T1", 100)]);
    let refund = Claim::RefundMarked {
        trade_no: "T1".into(),
    };
    w.put(9, read(Proof::Queried, vec![refund]));
    assert_eq!(asked_at(&w), Some(at(9)));
    w.query(10, Step::Ask, Answer::Paid);
    assert_eq!(asked_at(&w), Some(at(69)));
    assert_eq!(w.status(), Status::Paid);
}

/// A booking for an order that nobody made waits for it; one of another amount is then a reason to ask, as it would be
/// had the order come first.
#[test]
fn a_booking_waits_for_its_order() {
    let mut w = world();
    w.put(1, read(Proof::Queried, vec![payment("T1", 100)]));
    w.create(2, Proof::Queried, None);
    assert_eq!(w.status(), Status::Paid);

    let mut w = world();
    w.put(1, read(Proof::Queried, vec![payment("T1", 95)]));
    w.create(2, Proof::Queried, None);
    assert_eq!((w.status(), asked_at(&w)), (Status::Unpaid, Some(at(2))));
    assert_eq!(derive(&w.state()).trades, []);
}

fn reading(world: &World) -> Option<Reading> {
    world
        .rows
        .accounts
        .get("main")
        .and_then(|account| account.statement)
}

/// The first day is read once more at the next turn; parts before the last change nothing; a failure is tried again.
#[test]
fn the_reading_goes_on() {
    let mut w = world();
    assert_eq!(reading(&w), None);
    w.put(1, part(Some(1), false, Proof::Queried, vec![]));
    assert_eq!(reading(&w), None);
    w.put(2, part(None, false, Proof::Queried, vec![]));
    let failed = reading(&w).unwrap();
    assert_eq!((failed.failures, failed.next_at), (1, at(62)));
    // Somebody tries by hand, before the turn.
    w.put(3, part(None, false, Proof::Queried, vec![]));
    assert_eq!(reading(&w), Some(failed));
    w.put(62, part(Some(1), true, Proof::Queried, vec![]));
    let again = reading(&w).unwrap();
    assert_eq!((again.day.to_string().as_str(), again.failures), (DAY, 0));
    assert_eq!(
        again.next_at,
        POLICY.begin("2023-11-16".parse().unwrap()) + jiff::SignedDuration::from_secs(9_000)
    );
}

/// Where the settings have no statements any more, one that was under way changes nothing.
#[test]
fn nothing_is_due_where_statements_are_off() {
    let mut w = World::new();
    w.put(1, part(None, false, Proof::Queried, vec![]));
    assert_eq!(reading(&w), None);
}

/// The wall clock went back by a week: the next day is not a week away.
#[test]
fn a_clock_that_went_back_is_followed() {
    let mut w = world();
    w.put(604_800, part(Some(1), true, Proof::Queried, vec![]));
    w.put(604_801, part(None, false, Proof::Queried, vec![]));
    let ahead = reading(&w).unwrap();
    assert!(ahead.next_at > at(600_000));
    w.put(
        10,
        Record::new(Direction::Own, What::ClockJump { secs: -604_800 }),
    );
    let back = reading(&w).unwrap();
    assert!(back.next_at <= at(10 + 86_400));
    assert_eq!(back.day.to_string(), DAY);
}
