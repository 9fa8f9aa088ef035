//! What shops are told: once, signed, all of it; and that replays change nothing.

use crate::desk::*;
use data_encoding::HEXLOWER;
use quittance_simulation::auditor::{Auditor, Promise};
use serde_json::json;

#[test]
fn one_id_with_two_bodies_is_found() {
    let mut desk = Desk::paid();
    let mut again = desk.said.events[1].clone();
    desk.receipt(&again);
    assert_eq!(desk.look(), [], "the same again is no harm");
    again["timestamp"] = json!("2026-01-01T00:00:01Z");
    desk.receipt(&again);
    breaks(
        &desk.look(),
        Promise::NeverTwice,
        "another body than before",
    );
}

#[test]
fn an_order_paid_twice_is_found() {
    let mut desk = Desk::paid();
    let mut again = desk.said.events[1].clone();
    again["id"] = json!("evt_abcdefghijklmnopqrstuvwxyz");
    desk.receipt(&again);
    let found = desk.look();
    breaks(&found, Promise::NeverTwice, "a shop would count it twice");
    breaks(
        &found,
        Promise::NeverTwice,
        "does not follow from its content",
    );
}

#[test]
fn a_wrong_signature_is_found() {
    let mut desk = Desk::paid();
    desk.truth.receipts[0].signed = false;
    breaks(&desk.look(), Promise::ShopsAreTold, "wrong signature");
}

#[test]
fn a_gap_or_a_double_in_the_feed_is_found() {
    let mut desk = Desk::paid();
    let twice = desk.said.events[1].clone();
    desk.said.events.push(twice);
    breaks(&desk.close(), Promise::NeverTwice, "is in it twice");
    let mut desk = Desk::paid();
    desk.said.events.remove(0);
    let found = desk.close();
    breaks(&found, Promise::NeverTwice, "has the sequence 2 behind 0");
    breaks(&found, Promise::NeverLost, "which is not in the feed");
    breaks(
        &found,
        Promise::ShopsAreTold,
        "no event payment.recorded T1",
    );
}

#[test]
fn a_feed_that_says_something_else_than_the_webhook_is_found() {
    let mut desk = Desk::paid();
    desk.said.events[0]["timestamp"] = json!("2027-01-01T00:00:00Z");
    breaks(
        &desk.close(),
        Promise::NeverTwice,
        "is not what the shop was told",
    );
}

#[test]
fn an_event_that_never_reached_the_shop_is_found() {
    let mut desk = Desk::paid();
    desk.truth.receipts[1].answered = Some(500);
    breaks(
        &desk.close(),
        Promise::ShopsAreTold,
        "never was taken there with 2xx",
    );
    // Ten tries in vain are the end of a debt.
    let mut desk = Desk::paid();
    desk.truth.receipts[1].answered = Some(500);
    let event = desk.said.events[1]["id"].clone();
    let tenth = json!({"event": event, "endpoint": "shop", "attempt": 10, "outcome": "failed"});
    desk.about("A-1", "delivery", tenth);
    assert_eq!(desk.close(), []);
    // But what was delivered was.
    let delivered =
        json!({"event": event, "endpoint": "shop", "attempt": 11, "outcome": "delivered"});
    desk.about("A-1", "delivery", delivered);
    breaks(
        &desk.close(),
        Promise::ShopsAreTold,
        "is recorded as delivered",
    );
}

#[test]
fn the_told_head_is_the_head() {
    let anchored = |flip: bool| {
        let mut desk = Desk::paid();
        let seq = desk.write(json!({"kind": "anchor", "data": {}}), None);
        let hash: Vec<u8> = desk
            .journal
            .query_row("SELECT hash FROM entries WHERE seq = ?1", [seq], |row| {
                row.get(0)
            })
            .unwrap();
        let mut hash = HEXLOWER.encode(&hash);
        if flip {
            hash = hash.chars().rev().collect();
        }
        let event = json!({"id": id("evt_", ["", "", "journal.anchor", &seq.to_string()]), "type": "journal.anchor",
            "sequence": seq, "data": {"order": null, "head": {"chain": "c1", "seq": seq, "hash": hash}}});
        desk.tell(event);
        desk.close()
    };
    assert_eq!(anchored(false), []);
    breaks(
        &anchored(true),
        Promise::JournalIsWhole,
        "as the hash of entry 5",
    );
}

#[test]
fn replays_may_add_witnesses_and_nothing_else() {
    let before = Desk::paid().said;
    let mut after = before.clone();
    after.orders[0]["checks"] = json!({"done": 3});
    after.orders[0]["trades"][0]["witnesses"] = json!(["notify", "return"]);
    assert_eq!(Auditor::unchanged(&before, &after), []);
    after.orders[0]["status"] = json!("refunded");
    breaks(
        &Auditor::unchanged(&before, &after),
        Promise::AnyOrderSameEnd,
        "status from \"paid\" to \"refunded\"",
    );
    let mut after = before.clone();
    after.events.pop();
    after.discrepancies.push(json!({"id": "dsc_1"}));
    let found = Auditor::unchanged(&before, &after);
    breaks(&found, Promise::AnyOrderSameEnd, "removed the event");
    breaks(
        &found,
        Promise::AnyOrderSameEnd,
        "added the discrepancy dsc_1",
    );
}

#[test]
fn a_finding_is_told_once() {
    let mut desk = Desk::paid();
    desk.truth.receipts[0].signed = false;
    assert_eq!(desk.look().len(), 1);
    assert_eq!(desk.look(), []);
}
