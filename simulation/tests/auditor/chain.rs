//! The journal is whole, acks are stored, work is bounded.

use crate::desk::*;
use quittance_simulation::auditor::{Above, AccountRule, Auditor, Promise};
use serde_json::json;

#[test]
fn a_whole_day_breaks_nothing() {
    let mut desk = Desk::paid();
    assert_eq!(desk.look(), []);
    assert_eq!(desk.close(), []);
}

/// Shows that whichever byte of whichever column is flipped, it is found.
#[test]
fn one_flipped_byte_anywhere_is_found() {
    let columns = [
        ("entries", "header"),
        ("entries", "body_hash"),
        ("entries", "prev"),
        ("entries", "hash"),
        ("bodies", "salt"),
        ("bodies", "body"),
    ];
    let mut flipped = 0;
    for (table, column) in columns {
        let desk = Desk::paid();
        let read = format!("SELECT seq, {column} FROM {table}");
        let mut statement = desk.journal.prepare(&read).unwrap();
        let cells: Vec<(i64, Vec<u8>)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let write = format!("UPDATE {table} SET {column} = ?2 WHERE seq = ?1");
        for (seq, bytes) in cells {
            for index in 0..bytes.len() {
                let mut other = bytes.clone();
                other[index] ^= 1;
                desk.journal.execute(&write, (seq, &other)).unwrap();
                let found = Auditor::new(vec![rule()]).look(&desk.truth, &desk.journal);
                breaks(&found, Promise::JournalIsWhole, "");
                flipped += 1;
            }
            desk.journal.execute(&write, (seq, &bytes)).unwrap();
        }
        assert_eq!(
            Auditor::new(vec![rule()]).look(&desk.truth, &desk.journal),
            []
        );
    }
    assert!(flipped > 1_000, "{flipped}");
    for change in [
        "time_us = time_us + 1",
        "kind = kind + 1",
        "account = 'b'",
        "order_no = 'b'",
        "seq = seq + 100",
    ] {
        for seq in 1..=4 {
            let desk = Desk::paid();
            desk.journal
                .execute(
                    &format!("UPDATE entries SET {change} WHERE seq = ?1"),
                    [seq],
                )
                .unwrap();
            let found = Auditor::new(vec![rule()]).look(&desk.truth, &desk.journal);
            breaks(&found, Promise::JournalIsWhole, "");
        }
    }
}

/// Shows that a change behind the auditor's back is found at the end at the latest.
#[test]
fn what_was_read_already_is_read_again_at_the_end() {
    let mut desk = Desk::paid();
    assert_eq!(desk.look(), []);
    desk.journal
        .execute("UPDATE entries SET time_us = 1 WHERE seq = 2", [])
        .unwrap();
    assert_eq!(desk.look(), []);
    breaks(&desk.close(), Promise::JournalIsWhole, "hash of entry 2");
}

#[test]
fn a_committed_entry_never_vanishes() {
    let mut desk = Desk::paid();
    assert_eq!(desk.look(), []);
    desk.journal
        .execute_batch("DELETE FROM bodies WHERE seq = 4; DELETE FROM entries WHERE seq = 4")
        .unwrap();
    breaks(
        &desk.look(),
        Promise::JournalIsWhole,
        "entry 4 stood, and has vanished",
    );
}

#[test]
fn a_missing_entry_and_a_body_without_one_are_found() {
    let desk = Desk::paid();
    desk.journal
        .execute("DELETE FROM entries WHERE seq = 3", [])
        .unwrap();
    let found = Auditor::new(vec![rule()]).look(&desk.truth, &desk.journal);
    breaks(
        &found,
        Promise::JournalIsWhole,
        "entry 2 is followed by entry 4",
    );
    let mut desk = Desk::paid();
    desk.journal
        .execute("INSERT INTO bodies VALUES (99, x'00', x'00')", [])
        .unwrap();
    breaks(&desk.close(), Promise::JournalIsWhole, "body of entry 99");
}

/// Shows that a restored backup is no broken chain, once the auditor is told.
#[test]
fn a_restored_backup_is_read_anew() {
    let mut desk = Desk::paid();
    assert_eq!(desk.look(), []);
    desk.journal
        .execute_batch("DELETE FROM bodies WHERE seq = 4; DELETE FROM entries WHERE seq = 4")
        .unwrap();
    desk.auditor.restored();
    assert_eq!(desk.look(), []);
}

#[test]
fn an_ack_without_an_entry_is_found() {
    let mut desk = Desk::paid();
    desk.came(&form("A-1", "T9", "WAIT_BUYER_PAY"), true, true);
    breaks(
        &desk.look(),
        Promise::AckMeansStored,
        "no entry holds its bytes",
    );
}

/// Shows that bytes which an entry `received` holds count as those of the `notify` that answers it.
#[test]
fn the_bytes_may_stand_where_the_callback_was_taken_in() {
    let mut desk = Desk::new();
    desk.order("A-1", 100);
    desk.pay("A-1", "T1", 100, true);
    let body = form("A-1", "T1", "TRADE_SUCCESS");
    let signed = json!({"kind": "received", "account": "main", "order_no": "A-1", "verdict": "genuine",
        "claims": [payment("A-1", "T1", 100, "signed")], "data": {}});
    let seq = desk.write(signed, Some(&body));
    desk.write(
        json!({"kind": "notify", "account": "main", "order_no": "A-1", "verdict": "genuine", "answered": "success",
               "claims": [payment("A-1", "T1", 100, "confirmed")], "data": {"received": seq, "opinion": "true"}}),
        None,
    );
    desk.came(&body, true, true);
    assert_eq!(desk.look(), []);
}

#[test]
fn an_ack_below_the_required_proof_is_found() {
    let body = form("A-1", "T1", "TRADE_SUCCESS");
    let acked = |rule: AccountRule| {
        let mut desk = Desk::with(rule);
        desk.order("A-1", 100);
        desk.pay("A-1", "T1", 100, true);
        desk.notify(
            "A-1",
            &body,
            json!([payment("A-1", "T1", 100, "signed")]),
            "success",
        );
        desk.look()
    };
    breaks(&acked(rule()), Promise::AckMeansStored, "only signed");
    // Where only a query can prove it, the query is due.
    assert_eq!(
        acked(AccountRule {
            require: "queried".into(),
            ..rule()
        }),
        []
    );
    assert_eq!(
        acked(AccountRule {
            require: "signed".into(),
            ..rule()
        }),
        []
    );
}

#[test]
fn an_ack_that_claims_nothing_of_a_payment_is_found() {
    let mut desk = Desk::new();
    desk.order("A-1", 100);
    desk.pay("A-1", "T1", 100, true);
    desk.notify(
        "A-1",
        &form("A-1", "T1", "WAIT_BUYER_PAY"),
        json!([]),
        "success",
    );
    assert_eq!(desk.look(), [], "what claims nothing may be acked");
    desk.notify(
        "A-1",
        &form("A-1", "T1", "TRADE_SUCCESS"),
        json!([]),
        "success",
    );
    breaks(&desk.look(), Promise::AckMeansStored, "does not claim it");
}

#[test]
fn a_forgery_is_never_acked() {
    let mut desk = Desk::paid();
    let body = form("A-1", "T8", "TRADE_SUCCESS");
    desk.came(&body, false, false);
    assert_eq!(desk.look(), []);
    desk.came(&body, false, true);
    breaks(
        &desk.look(),
        Promise::NeverUnverified,
        "never sent to this account",
    );
}

#[test]
fn a_busy_loop_of_queries_is_found() {
    let ask = |count: i64| {
        let mut desk = Desk::new();
        desk.order("A-1", 100);
        for _ in 0..count {
            desk.pass(1);
            desk.query("A-1", "wait", "unknown", json!([]));
        }
        desk.look()
    };
    assert_eq!(ask(400), []);
    breaks(&ask(401), Promise::BoundedWork, "more than 400 queries");
}

#[test]
fn a_secret_in_a_header_a_receipt_or_an_order_is_found() {
    let mut desk = Desk::paid();
    desk.about("A-1", "close", json!({"accepted": SECRET}));
    breaks(&desk.look(), Promise::SecretsStayIn, "header of entry 5");
    let mut desk = Desk::paid();
    desk.said.orders[0]["extra"] = json!(format!("key={SECRET}"));
    breaks(&desk.close(), Promise::SecretsStayIn, "an order");
    let mut desk = Desk::paid();
    let view = order("A-1", 100, "paid", json!([]), 3);
    let event = desk.event("order.closed", "", 3, &view, json!({"key": SECRET}));
    desk.receipt(&event);
    breaks(&desk.look(), Promise::SecretsStayIn, "the webhook");
}

#[test]
fn an_order_that_the_shop_made_stands_in_the_journal() {
    let mut desk = Desk::paid();
    let mut lost = desk.truth.orders[0].clone();
    lost.name = name("A-2");
    desk.truth.orders.push(lost);
    breaks(&desk.look(), Promise::NeverLost, "has no entry");
    breaks(&desk.close(), Promise::NeverLost, "does not show it");
}

/// Shows that an amount above the limit needs the higher proof, and one below it does not.
#[test]
fn a_higher_amount_needs_a_higher_proof() {
    let above = Above {
        minor: 99,
        currency: "CNY".into(),
        require: "confirmed".into(),
    };
    let rule = AccountRule {
        require: "signed".into(),
        above: Some(above),
        ..rule()
    };
    let acked = |minor: i64| {
        let mut desk = Desk::with(rule.clone());
        desk.order("A-1", minor);
        desk.pay("A-1", "T1", minor, true);
        let body = form("A-1", "T1", "TRADE_SUCCESS");
        desk.notify(
            "A-1",
            &body,
            json!([payment("A-1", "T1", minor, "signed")]),
            "success",
        );
        desk.look()
    };
    assert_eq!(acked(99), []);
    breaks(&acked(100), Promise::AckMeansStored, "only signed");
}

/// Shows that the desk, and so the auditor who agrees with it, makes ids as they are published.
#[test]
fn ids_are_made_as_published() {
    let paid = id("evt_", ["main", "A-1", "order.paid", ""]);
    assert_eq!(paid, "evt_ovriwi457b4bdoynxegoh2sljn");
}
