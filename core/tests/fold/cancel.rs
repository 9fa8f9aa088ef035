//! A gateway whose Cancel undoes whatever happened: what it takes back is told as such.

use crate::world::{World, key, payment, yuan};
use quittance_core::derived::derive;
use quittance_core::discrepancy::{DiscrepancyKind, DiscrepancyState};
use quittance_core::entry::{Direction, Record, What};
use quittance_core::facts::{Claim, Proof};
use quittance_core::fold::{Refused, admit};
use quittance_core::status::Status;

fn cancel() -> Record {
    Record::new(Direction::Own, What::Cancel {}).about(&key())
}

/// The gateway says that money went back.
fn undone() -> Claim {
    Claim::RefundedSoFar {
        trade_no: "T1".into(),
        amount: yuan(100),
    }
}

fn world() -> World {
    let mut w = World::new();
    w.create(0, Proof::Signed, None);
    w.checkout(0);
    w
}

/// The order ends refunded, and somebody has to look, whatever was heard first.
#[test]
fn what_a_cancel_took_back_is_a_discrepancy() {
    for together in [true, false] {
        let mut w = world();
        w.put(10, cancel());
        if together {
            w.notify(11, Proof::Signed, vec![payment("T1", 100), undone()]);
        } else {
            w.notify(11, Proof::Signed, vec![undone()]);
            w.notify(12, Proof::Signed, vec![payment("T1", 100)]);
        }
        let derived = derive(&w.state());
        assert_eq!(derived.status, Status::Refunded);
        let [found] = &derived.discrepancies[..] else {
            panic!("{:?}", derived.discrepancies)
        };
        assert_eq!(
            (found.kind, found.state, found.subject.as_str()),
            (
                DiscrepancyKind::RefundedByCancel,
                DiscrepancyState::Open,
                "T1"
            )
        );
        assert!(derived.attention);
    }
}

/// A void that somebody else made is a refund like another; so is one that the merchant asked for after a Cancel in vain.
#[test]
fn without_a_cancel_it_is_a_refund() {
    let mut w = world();
    w.notify(11, Proof::Signed, vec![payment("T1", 100), undone()]);
    assert!(derive(&w.state()).discrepancies.is_empty());

    let mut w = world();
    w.put(10, cancel());
    let asked_for = Claim::RefundItem {
        trade_no: "T1".into(),
        refund_no: "R1".into(),
        amount: yuan(100),
        succeeded: true,
    };
    w.notify(11, Proof::Signed, vec![payment("T1", 100), asked_for]);
    let derived = derive(&w.state());
    assert_eq!(
        (derived.status, derived.discrepancies.len()),
        (Status::Refunded, 0)
    );
}

/// Nobody cancels an order whose money is known.
#[test]
fn a_paid_order_is_not_canceled() {
    let mut w = world();
    w.notify(11, Proof::Signed, vec![payment("T1", 100)]);
    let refused = admit(&mut w.rows, &cancel()).unwrap();
    assert!(matches!(refused, Some(Refused::OrderPaid)), "{refused:?}");
}
