//! Refunds that the merchant asks for: bounded by what was received, sent under one number until their end is known.

use crate::world::{World, at, key, payment, told, yuan};
use quittance_core::Money;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::facts::{Claim, Proof};
use quittance_core::fold::{Refused, admit};
use quittance_core::gateway::{Address, Answer, RefundAnswer, RefundWay};
use quittance_core::refund::{RefundStage, RefundState, RefundWanted, left_of};
use quittance_core::schedule::Step;
use quittance_core::status::Status;

const DAY: i64 = 86_400;

fn wanted(refund_no: &str, trade_no: &str, minor: i64, way: RefundWay) -> RefundWanted {
    RefundWanted {
        refund_no: refund_no.to_owned(),
        trade_no: trade_no.to_owned(),
        amount: yuan(minor),
        reason: None,
        way,
        wire_no: format!("w-{refund_no}"),
    }
}

fn request(wanted: RefundWanted) -> Record {
    Record::new(Direction::In, What::RefundRequested(wanted)).about(&key())
}

fn sent(refund_no: &str, wire_no: &str, accepted: Option<bool>) -> Record {
    let what = What::RefundSent {
        refund_no: refund_no.to_owned(),
        wire_no: wire_no.to_owned(),
        accepted,
    };
    Record::new(Direction::Out, what).about(&key())
}

fn numbered(refund_no: &str, wire_no: &str) -> Record {
    let what = What::RefundNumbered {
        refund_no: refund_no.to_owned(),
        wire_no: wire_no.to_owned(),
    };
    Record::new(Direction::Out, what).about(&key())
}

fn answer(
    refund_no: &str,
    wire_no: &str,
    answer: RefundAnswer,
    asked: i64,
    lapsed: bool,
) -> Record {
    let what = What::RefundQuery {
        refund_no: refund_no.to_owned(),
        wire_no: wire_no.to_owned(),
        answer,
        lapsed,
        asked: at(asked),
    };
    Record::new(Direction::Out, what).about(&key())
}

fn item(refund_no: &str, minor: i64, succeeded: bool) -> Claim {
    Claim::RefundItem {
        trade_no: "T1".to_owned(),
        refund_no: refund_no.to_owned(),
        amount: yuan(minor),
        succeeded,
    }
}

fn so_far(minor: i64) -> Claim {
    Claim::RefundedSoFar {
        trade_no: "T1".to_owned(),
        amount: yuan(minor),
    }
}

impl World {
    /// An order of one yuan, paid by T1.
    fn paid() -> World {
        let mut world = World::new();
        world.create(0, Proof::Confirmed, None);
        world.checkout(1);
        world.notify(2, Proof::Confirmed, vec![payment("T1", 100)]);
        world
    }

    fn refused(&mut self, record: &Record) -> Option<Refused> {
        admit(&mut self.rows, record).unwrap()
    }

    fn refund(&self, refund_no: &str) -> RefundState {
        self.state().refunds[refund_no].clone()
    }

    fn left(&self) -> Option<Money> {
        left_of(&self.state(), "T1")
    }
}

#[test]
fn what_is_under_way_counts_until_it_is_refused() {
    let mut world = World::paid();
    world.put(10, request(wanted("R1", "T1", 60, RefundWay::Call)));
    assert_eq!(world.left(), Some(yuan(40)));
    let more = request(wanted("R2", "T1", 41, RefundWay::Call));
    let too_much = Refused::RefundTooMuch { left: yuan(40) };
    assert_eq!(world.refused(&more), Some(too_much));
    world.put(11, sent("R1", "w-R1", Some(false)));
    assert!(matches!(
        world.refund("R1").stage,
        RefundStage::Failed { .. }
    ));
    assert_eq!(world.refused(&more), None);
    assert_eq!(world.status(), Status::Paid, "a command moves no money");
}

#[test]
fn money_that_went_back_at_the_gateway_is_left_out_of_what_is_left() {
    let mut world = World::paid();
    world.notify(5, Proof::Confirmed, vec![so_far(70)]);
    assert_eq!(world.left(), Some(yuan(30)));
    world.put(10, request(wanted("R1", "T1", 30, RefundWay::Call)));
    assert_eq!(world.left(), Some(yuan(0)));
    // Whether the sum that was told before knows of it, only the gateway can say.
    world.notify(20, Proof::Confirmed, vec![item("w-R1", 30, true)]);
    assert_eq!(world.state().due(at(20)), Some(Step::Ask));
    world.notify(30, Proof::Confirmed, vec![so_far(100)]);
    assert_eq!(world.left(), Some(yuan(0)));
    assert_eq!(world.status(), Status::Refunded);
}

#[test]
fn only_proven_trades_of_the_order_are_paid_back() {
    let mut world = World::new();
    world.create(0, Proof::Confirmed, None);
    world.checkout(1);
    world.notify(2, Proof::Signed, vec![payment("T1", 100)]);
    let refund = request(wanted("R1", "T1", 1, RefundWay::Call));
    assert_eq!(world.refused(&refund), Some(Refused::TradeUnknown));
    world.query(3, Step::Ask, Answer::Paid);
    world.notify(4, Proof::Confirmed, vec![payment("T1", 100)]);
    assert_eq!(world.refused(&refund), None);
    // The second trade of a duplicate payment, and one of another amount.
    world.notify(5, Proof::Confirmed, vec![payment("T2", 100)]);
    world.notify(6, Proof::Confirmed, vec![payment("T3", 7)]);
    for (trade_no, minor) in [("T2", 100), ("T3", 7)] {
        let whole = request(wanted("R2", trade_no, minor, RefundWay::Call));
        assert_eq!(world.refused(&whole), None, "{trade_no}");
        let more = request(wanted("R2", trade_no, minor + 1, RefundWay::Call));
        assert!(world.refused(&more).is_some(), "{trade_no}");
    }
}

#[test]
fn the_same_again_is_an_answer() {
    let mut world = World::paid();
    world.put(10, request(wanted("R1", "T1", 60, RefundWay::Call)));
    for (minor, differs) in [(60, None), (61, Some("amount"))] {
        let again = request(wanted("R1", "T1", minor, RefundWay::Call));
        let exists = Refused::RefundExists { differs };
        assert_eq!(world.refused(&again), Some(exists));
    }
}

#[test]
fn a_claim_about_its_number_is_its_end() {
    for (succeeded, status) in [(true, Status::PartiallyRefunded), (false, Status::Paid)] {
        let mut world = World::paid();
        world.put(10, request(wanted("R1", "T1", 60, RefundWay::Call)));
        assert_eq!(world.state().due(at(10)), Some(Step::Refund));
        world.put(11, sent("R1", "w-R1", Some(true)));
        assert_eq!(world.refund("R1").stage, RefundStage::Sent);
        world.notify(12, Proof::Confirmed, vec![item("w-R1", 60, succeeded)]);
        assert!(!world.refund("R1").open());
        assert_eq!(world.state().due_at(), None);
        assert_eq!(world.status(), status);
    }
}

#[test]
fn an_unsigned_yes_ends_nothing_until_a_signed_sum_has_room_for_it() {
    let mut world = World::paid();
    world.put(10, request(wanted("R1", "T1", 60, RefundWay::Call)));
    world.put(11, sent("R1", "w-R1", Some(true)));
    world.put(20, answer("R1", "w-R1", RefundAnswer::Succeeded, 20, false));
    assert_eq!(world.refund("R1").stage, RefundStage::Sent);
    assert_eq!(world.status(), Status::Paid);
    assert_eq!(
        world.state().due(at(20)),
        Some(Step::Ask),
        "the trade is asked about"
    );
    world.notify(21, Proof::Confirmed, vec![so_far(59)]);
    assert!(world.refund("R1").open());
    world.notify(22, Proof::Confirmed, vec![so_far(60)]);
    assert!(matches!(
        world.refund("R1").stage,
        RefundStage::Succeeded { .. }
    ));
    assert_eq!(world.status(), Status::PartiallyRefunded);
}

#[test]
fn what_may_have_gone_out_is_asked_about_and_keeps_its_number() {
    let mut world = World::paid();
    world.put(10, request(wanted("R1", "T1", 60, RefundWay::Call)));
    world.put(11, sent("R1", "w-R1", None));
    assert_eq!(world.refund("R1").stage, RefundStage::Unknown);
    let number = numbered("R1", "another");
    assert_eq!(world.refused(&number), Some(Refused::RefundUnderWay));
    // Said so soon it may be older than the sending.
    world.put(20, answer("R1", "w-R1", RefundAnswer::NotFound, 20, false));
    assert_eq!(world.refund("R1").stage, RefundStage::Unknown);
    world.put(90, answer("R1", "w-R1", RefundAnswer::NotFound, 90, false));
    assert_eq!(world.refund("R1").stage, RefundStage::Requested);
    assert_eq!(world.refused(&number), None);
    world.put(95, number);
    // An answer about the number of before says nothing about this one.
    world.put(96, answer("R1", "w-R1", RefundAnswer::Failed, 96, false));
    assert_eq!(world.refund("R1").stage, RefundStage::Requested);
    world.put(97, sent("R1", "another", Some(true)));
    // But money that moved under it is money.
    world.notify(98, Proof::Confirmed, vec![item("w-R1", 60, true)]);
    assert!(matches!(
        world.refund("R1").stage,
        RefundStage::Succeeded { .. }
    ));
}

#[test]
fn a_person_goes_to_the_page_again_when_the_number_of_that_day_came_to_nothing() {
    let mut world = World::paid();
    world.put(10, request(wanted("R1", "T1", 60, RefundWay::Page)));
    assert_eq!(
        world.refund("R1").next_at,
        None,
        "nothing but a person moves it"
    );
    world.put(20, sent("R1", "w-R1", None));
    assert_eq!(world.refund("R1").stage, RefundStage::Sent);
    assert!(world.refund("R1").next_at.is_some());
    let not_found = |asked, lapsed| answer("R1", "w-R1", RefundAnswer::NotFound, asked, lapsed);
    world.put(3_600, not_found(3_600, false));
    assert_eq!(world.refund("R1").stage, RefundStage::Sent);
    world.put(DAY, not_found(DAY, true));
    assert_eq!(world.refund("R1").stage, RefundStage::Requested);
    assert_eq!(world.refund("R1").next_at, None);
}

#[test]
fn a_silent_gateway_is_asked_less_and_less_often() {
    let mut world = World::paid();
    world.put(10, request(wanted("R1", "T1", 60, RefundWay::Call)));
    world.put(11, sent("R1", "w-R1", Some(true)));
    let mut asked = 0;
    let mut now = 11;
    while now < 11 + 10 * DAY {
        let due = world.refund("R1").next_at.unwrap();
        now = due.as_second() - at(0).as_second();
        world.put(now, answer("R1", "w-R1", RefundAnswer::Unknown, now, true));
        asked += 1;
    }
    assert!((1_440..1_500).contains(&asked), "{asked}");
    assert_eq!(world.refund("R1").stage, RefundStage::Sent);
}

#[test]
fn after_a_backup_nothing_is_sent_again_unasked() {
    let mut world = World::paid();
    world.put(10, request(wanted("R1", "T1", 30, RefundWay::Call)));
    world.put(11, request(wanted("R2", "T1", 30, RefundWay::Page)));
    world.put(20, Record::new(Direction::Own, What::Adopted { epoch: 1 }));
    assert_eq!(world.refund("R1").stage, RefundStage::Unknown);
    assert_eq!(world.refund("R1").next_at, Some(at(20)));
    assert_eq!(world.refund("R2").stage, RefundStage::Requested);
}

#[test]
fn evidence_of_a_refund_may_come_before_anything_was_sent() {
    let mut world = World::paid();
    let mut early = Record::new(Direction::In, What::Notify(Default::default())).about(&key());
    early.claims = vec![told(
        Address::TradeNo("T1".to_owned()),
        Proof::Confirmed,
        item("w-R1", 60, true),
    )];
    world.put(5, early);
    assert_eq!(world.status(), Status::PartiallyRefunded);
    world.put(10, request(wanted("R1", "T1", 40, RefundWay::Call)));
    assert!(!world.refund("R1").open(), "its number stands already");
}
