//! The projection is what the journal makes of it: rebuilt, caught up, or folded by the plainest projection.

use crate::world::*;
use proptest::prelude::*;
use quittance_core::discrepancy::{DiscrepancyKind, ResolutionKind};
use quittance_core::entry::{
    Attempt, Callback, Direction, Entry, Outcome, Record, What, body_hash, chain_hash,
};
use quittance_core::facts::Proof;
use quittance_core::fold::{Memory, Refused, fold};
use quittance_core::gateway::{
    Address, Answer, Personal, RefundAnswer, RefundWay, TerminalOutcome, Verdict,
};
use quittance_core::refund::RefundWanted;
use quittance_core::schedule::Step;
use quittance_core::{Claim, OrderKey};
use quittance_server::store::{
    JournalFilter, NewEntry, Rebuilt, Store, Weigh, rebuild, rebuild_check, verify,
};
use rusqlite::{Connection, params};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// One thing that happens, made of small numbers so that things meet.
#[derive(Clone, Debug)]
pub struct Happening {
    what: u8,
    order: u8,
    trade: u8,
    choice: u8,
    secs: i64,
}

pub fn histories() -> impl Strategy<Value = Vec<Happening>> {
    let happening = (0..27_u8, 0..4_u8, 0..4_u8, 0..8_u8, 0..400_i64);
    let happening = happening.prop_map(|(what, order, trade, choice, secs)| Happening {
        what,
        order,
        trade,
        choice,
        secs,
    });
    prop::collection::vec(happening, 1..60)
}

fn entry_of(happening: &Happening, now: i64) -> NewEntry {
    let Happening {
        order,
        trade,
        choice,
        ..
    } = happening;
    let order_no = format!("A-{order}");
    let trade_no = format!("T{trade}");
    let about = Address::OrderNo(order_no.clone());
    let by_trade = Address::TradeNo(trade_no.clone());
    let key = key(&order_no);
    let amount = 100 + i64::from(*choice == 0);
    let callback = |claim| notify(now, &order_no, vec![told(about.clone(), claim)]);
    let order_entry = |what: What| entry(now, own(what).about(&key));
    let answer = [
        Answer::Unpaid,
        Answer::NotFound,
        Answer::Unknown,
        Answer::Paid,
    ][usize::from(choice % 4)];
    let step = [
        Step::Check,
        Step::Ask,
        Step::Final,
        Step::Last,
        Step::Late,
        Step::Wait,
    ][usize::from(choice % 6)];
    match happening.what {
        0..4 => {
            let mut entry = create(now, &order_no, 100);
            entry.personal = vec![buyer("", "client_ip", now)];
            entry
        }
        4 => checkout(now, &order_no),
        5..8 => {
            let mut entry = paid(now, &order_no, &trade_no, amount);
            entry.personal = vec![buyer(&trade_no, "buyer_id", now)];
            entry
        }
        8 => callback(Claim::RefundedSoFar {
            trade_no,
            amount: cny(30 * i64::from(*choice)),
        }),
        9 => callback(Claim::RefundMarked { trade_no }),
        10 => callback(Claim::GatewayClosed {
            reason: "timeout".into(),
        }),
        11 => {
            let claim = Claim::RefundItem {
                trade_no: trade_no.clone(),
                refund_no: format!("R{choice}"),
                amount: cny(60),
                succeeded: *choice > 1,
            };
            let mut entry = notify(now, "", vec![told(by_trade, claim)]);
            entry.record.order_no = None;
            entry
        }
        12 => {
            let record = Record::new(Direction::In, What::Received {}).about(&key);
            entry(now, record)
        }
        13 => {
            let digest = String::new();
            order_entry(What::Query {
                step,
                answer,
                digest,
                asked: None,
            })
        }
        14 => order_entry(What::Close { accepted: None }),
        15 => order_entry(What::CloseRequested {}),
        16 => order_entry(What::GivenUp {}),
        17 => match choice {
            0..3 => {
                let names = [vec![], vec![SHOP], vec![SHOP, "second"]];
                let settings = settings(&names[usize::from(*choice)]);
                entry(now, own(What::Settings(settings)))
            }
            _ => {
                let name = SHOP.to_owned();
                let enabled = choice % 2 == 0;
                entry(now, own(What::Endpoint { name, enabled }))
            }
        },
        18 => {
            let version = "1".to_owned();
            entry(now, own(What::Started { version }))
        }
        19 if *choice > 6 => order_entry(What::Cancel {}),
        19 if *choice > 5 => order_entry(What::Note {}),
        19 if *choice > 4 => order_entry(What::Placed {
            accepted: [Some(true), Some(false)][usize::from(*trade > 1)],
        }),
        19 if *choice > 3 => order_entry(What::TerminalResult {
            outcome: TerminalOutcome::Failed,
        }),
        19 => order_entry(What::Overdue {}),
        20 => {
            let kinds = [DiscrepancyKind::AmountMismatch, DiscrepancyKind::TradeReuse];
            let kind = kinds[usize::from(choice % 2)];
            let decisions = [ResolutionKind::Accept, ResolutionKind::Ignore];
            order_entry(What::Resolution {
                discrepancy: quittance_core::discrepancy::discrepancy_id(&key, kind, &trade_no),
                decision: decisions[usize::from(*choice > 5)],
                note: "so".into(),
            })
        }
        22 => order_entry(What::RefundRequested(RefundWanted {
            refund_no: format!("R{}", choice % 2),
            trade_no,
            amount: cny(40),
            reason: None,
            way: [RefundWay::Call, RefundWay::Page][usize::from(choice % 2)],
            wire_no: format!("W{}", choice % 2),
        })),
        23 => order_entry(What::RefundSent {
            refund_no: format!("R{}", choice % 2),
            wire_no: format!("W{}", choice % 2),
            accepted: [Some(true), Some(false), None][usize::from(choice % 3)],
        }),
        24 => order_entry(What::RefundNumbered {
            refund_no: format!("R{}", choice % 2),
            wire_no: format!("W{choice}"),
        }),
        25 => order_entry(What::RefundQuery {
            refund_no: format!("R{}", choice % 2),
            wire_no: format!("W{}", choice % 2),
            answer: [
                RefundAnswer::Succeeded,
                RefundAnswer::Failed,
                RefundAnswer::NotFound,
                RefundAnswer::Unknown,
            ][usize::from(choice % 4)],
            lapsed: *choice > 3,
            asked: at(now),
        }),
        21 => {
            let epoch = u64::from(*choice);
            entry(now, own(What::Adopted { epoch }))
        }
        _ if *choice < 4 => {
            let trade_no = Some(trade_no);
            let callback = Callback {
                trade_no,
                ..Callback::default()
            };
            let mut record = Record::new(Direction::In, What::Notify(callback)).about(&key);
            record.verdict = Some(Verdict::PayeeMismatch);
            entry(now, record)
        }
        _ => entry(now, own(What::Anchor {})),
    }
}

fn buyer(subject: &str, name: &str, now: i64) -> Personal {
    Personal {
        subject: subject.into(),
        name: name.into(),
        value: format!("value-{now}"),
    }
}

/// Lets a history happen; due deliveries are taken and their tries end in some way.
pub async fn happen(store: &dyn Store, history: &[Happening], mut now: i64) {
    for happening in history {
        now += happening.secs;
        store.append(vec![entry_of(happening, now)]).await.unwrap();
        store.take_steps(at(now), at(now + 60), 1).await.unwrap();
        let due = store.take_deliveries(at(now), at(now + 60), 2).await;
        for due in due.unwrap() {
            let outcomes = [Outcome::Delivered, Outcome::Failed, Outcome::Gone];
            let attempt = Attempt {
                event: due.delivery.event.clone(),
                endpoint: due.delivery.endpoint.clone(),
                attempt: due.delivery.attempts + 1,
                outcome: outcomes[usize::from(happening.choice % 3)],
                status: Some(500),
                retry_after_secs: None,
            };
            let record = Record::new(Direction::Out, What::Delivery(attempt));
            let ended = ending(entry(now, record), due.lease);
            store.append(vec![ended]).await.unwrap();
        }
    }
}

/// What the plainest projection makes of the journal's rows.
async fn plain(store: &dyn Store) -> Memory {
    let filter = JournalFilter {
        limit: 100_000,
        ..JournalFilter::default()
    };
    let mut memory = Memory::default();
    for row in store.journal(filter).await.unwrap().items {
        let record = Record::parse(&row.header).unwrap();
        let entry = Entry {
            seq: row.seq,
            at: row.at,
            record,
        };
        let Ok(()) = fold(&mut memory, &entry);
    }
    memory
}

/// Every row of every table but the journal's, as text.
fn rows(folder: &Path) -> Vec<String> {
    let conn = Connection::open(folder.join("quittance.db")).unwrap();
    let tables = [
        "orders",
        "trades",
        "parked",
        "accounts",
        "settings",
        "events",
        "event_bodies",
        "deliveries",
        "discrepancies",
        "leases",
        "personal",
        "meta",
    ];
    let mut all = Vec::new();
    for table in tables {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let width = statement.column_count();
        let mut found = statement.query([]).unwrap();
        let mut lines = Vec::new();
        while let Some(row) = found.next().unwrap() {
            let cells = (0..width).map(|cell| format!("{:?}", row.get_ref(cell).unwrap()));
            lines.push(format!(
                "{table}: {}",
                cells.collect::<Vec<_>>().join(" | ")
            ));
        }
        // Orders have row ids, which a rebuild gives in another order.
        lines.sort();
        all.extend(lines);
    }
    all
}

async fn check_history(history: &[Happening]) {
    let site = Site::inline();
    let store = site.ready().await;
    happen(&*store, history, 10).await;

    let memory = plain(&*store).await;
    for (key, state) in &memory.orders {
        let found = store.order(key).await.unwrap().unwrap();
        assert_eq!(found.state, *state, "{key}");
    }
    let events = store.events(None, None, 100_000).await.unwrap();
    let ids: Vec<String> = events.items.iter().map(|event| event.id.clone()).collect();
    let expected: Vec<String> = memory.events.iter().map(|event| event.id.clone()).collect();
    assert_eq!(ids, expected);
    for event in &events.items {
        for delivery in &event.deliveries {
            let key = (delivery.event.clone(), delivery.endpoint.clone());
            assert_eq!(memory.deliveries[&key], *delivery);
        }
    }
    assert_eq!(*store.settings().await.unwrap(), *memory.settings);
    drop(store);

    let folder = site.folder();
    let before = rows(folder);
    let checked = rebuild_check(&folder.into()).unwrap();
    assert_eq!(checked.before, checked.after);
    let rebuilt = rebuild(&folder.into(), Arc::new(Plain)).unwrap();
    assert_eq!(rebuilt, checked);
    assert_eq!(rows(folder), before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rebuild_finds_the_same_rows(history in histories()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(check_history(&history));
    }
}

/// What a callback says again about its payer takes no room and no time: an order with many repeats reads like one with
/// a single callback. What a later one says anew is kept.
#[tokio::test]
async fn personal_data_is_kept_once() {
    let site = Site::inline();
    let store = site.ready().await;
    let callback = |now: i64, names: &[&str]| {
        let mut entry = paid(now, "A-1", "T1", 100);
        entry.personal = names.iter().map(|name| buyer("T1", name, now)).collect();
        entry
    };
    put(&*store, vec![create(1, "A-1", 100)]).await;
    put(
        &*store,
        vec![callback(2, &["buyer_id"]), callback(3, &["buyer_id"])],
    )
    .await;
    put(&*store, vec![callback(4, &["buyer_id"])]).await;
    let later = put(&*store, vec![callback(5, &["buyer_email", "buyer_id"])]).await;
    put(&*store, vec![callback(6, &["buyer_email"])]).await;
    let expected = [buyer("T1", "buyer_email", 5), buyer("T1", "buyer_id", 2)];
    assert_eq!(later[0].order.as_ref().unwrap().personal, expected);
    let found = store.order(&key("A-1")).await.unwrap().unwrap();
    assert_eq!(found.personal, expected);
    drop(store);
    let kept = rows(site.folder());
    let kept = kept.iter().filter(|row| row.starts_with("personal: "));
    assert_eq!(kept.count(), 2);
}

pub fn fixed() -> Vec<Happening> {
    let happening = |n: u8| Happening {
        what: (n * 7) % 23,
        order: n % 4,
        trade: n % 3,
        choice: n % 8,
        secs: i64::from(n),
    };
    (0..36).map(happening).collect()
}

/// The entries are there, the projection has not seen the last of them: as after a crash of a store that folds later.
#[tokio::test]
async fn a_projection_behind_the_journal_catches_up() {
    let (first, second) = {
        let history = fixed();
        let (first, second) = history.split_at(20);
        (first.to_vec(), second.to_vec())
    };
    let site = Site::inline();
    let store = site.ready().await;
    happen(&*store, &first, 10).await;
    let seen = store.head().await.unwrap().seq;
    let other = TempDir::new().unwrap();
    let copy = other.path().join("quittance.db");
    let conn = Connection::open(site.folder().join("quittance.db")).unwrap();
    conn.execute("VACUUM INTO ?1", [copy.to_str()]).unwrap();
    happen(&*store, &second, 1_000).await;
    let whole = store.head().await.unwrap();
    assert!(whole.seq > seen + 5);

    conn.execute("ATTACH ?1 AS behind", [copy.to_str()])
        .unwrap();
    for table in ["entries", "bodies"] {
        let copy = format!("INSERT INTO behind.{table} SELECT * FROM main.{table} WHERE seq > ?1");
        conn.execute(&copy, [seen as i64]).unwrap();
    }
    drop(conn);
    let verified = verify(&other.path().into(), &[], None).unwrap().unwrap();
    assert_eq!((verified.seq, verified.cursor), (whole.seq, seen));

    let other = Site::Threaded(other);
    let caught_up = other.open();
    assert_eq!(caught_up.head().await.unwrap(), whole);
    let ours = rebuild_check(&site.folder().into()).unwrap();
    let theirs = rebuild_check(&other.folder().into()).unwrap();
    assert_eq!(ours, theirs);
    assert_eq!(theirs.before, theirs.after);
    assert_eq!(theirs.seq, whole.seq);
    // And it goes on from there.
    put(&*caught_up, vec![create(5_000, "A-99", 1)]).await;
}

/// `rebuild --check` sees a difference and leaves it; `rebuild` takes it away, also where nothing could be read.
#[tokio::test]
async fn a_wrong_projection_is_found_and_made_right() {
    let changes = [
        "UPDATE orders SET due_us = due_us + 1 WHERE order_no = 'A-1'",
        "UPDATE orders SET state = '{}' WHERE order_no = 'A-1'",
        "UPDATE settings SET state = '?'",
        "DELETE FROM trades",
        "DELETE FROM events",
        "DELETE FROM deliveries",
        "DELETE FROM discrepancies",
    ];
    for change in changes {
        let site = Site::inline();
        let store = site.ready().await;
        put(
            &*store,
            vec![
                create(1, "A-1", 100),
                checkout(1, "A-1"),
                create(1, "A-2", 100),
            ],
        )
        .await;
        put(&*store, vec![paid(2, "A-2", "T1", 99)]).await;
        drop(store);
        let right = rows(site.folder());
        let conn = Connection::open(site.folder().join("quittance.db")).unwrap();
        assert!(conn.execute(change, []).unwrap() > 0, "{change}");
        drop(conn);
        let wrong = rows(site.folder());
        let Rebuilt { before, after, .. } = rebuild_check(&site.folder().into()).unwrap();
        assert_ne!(before, after, "{change}");
        assert_eq!(rows(site.folder()), wrong, "{change}");
        let rebuilt = rebuild(&site.folder().into(), Arc::new(Plain)).unwrap();
        assert_eq!((rebuilt.before, rebuilt.after), (before, after), "{change}");
        assert_eq!(rows(site.folder()), right, "{change}");
        // The feed goes on with new places: cursors that were given stay good.
        let store = site.open();
        put(&*store, vec![create(3, "A-3", 5), paid(3, "A-3", "T3", 5)]).await;
        let page = store.events(None, Some("e2".into()), 10).await.unwrap();
        assert_eq!(page.items.len(), 2);
    }
}

/// Nobody asks about a frozen order: a callback that only a query could prove is not acked.
#[tokio::test]
async fn a_frozen_order_acks_nothing_that_only_a_query_proves() {
    let site = Site::inline();
    let store = site.ready().await;
    let mut demanding = order(&key("A-1"), 100);
    demanding.require = Proof::Queried;
    let what = What::Order(Box::new(demanding));
    put(&*store, vec![entry(1, own(what).about(&key("A-1")))]).await;
    let head = store.head().await.unwrap();
    drop(store);
    append_unreadable(site.folder(), head.seq + 1, head.hash, &key("A-1"));
    let store = site.open();
    let mut callback = paid(3, "A-1", "T1", 100);
    callback.record.answered = None;
    callback.weigh = Some(Weigh {
        ack: "success",
        opinion: true,
    });
    assert!(!append(&*store, callback).await.unwrap().acked);
    let steps = store.take_steps(at(9), at(60), 10).await.unwrap();
    assert!(steps.is_empty());
}

/// An entry of a later version: its order is frozen, the others go on.
#[tokio::test]
async fn an_entry_that_cannot_be_read_freezes_its_order() {
    let site = Site::inline();
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100), checkout(1, "A-1")]).await;
    put(&*store, vec![create(1, "A-2", 100), checkout(1, "A-2")]).await;
    let head = store.head().await.unwrap();
    drop(store);
    append_unreadable(site.folder(), head.seq + 1, head.hash, &key("A-1"));
    assert!(verify(&site.folder().into(), &[], None).unwrap().is_ok());

    let store = site.open();
    let frozen = store
        .order(&key("A-1"))
        .await
        .unwrap()
        .unwrap()
        .state
        .frozen;
    assert!(frozen.unwrap().contains("cannot be read"));
    let examined = store.examine(at(5)).await.unwrap();
    assert_eq!(
        (examined.counts.frozen, examined.frozen),
        (1, vec![key("A-1")])
    );
    let refused = append(&*store, checkout(2, "A-1")).await.unwrap_err();
    assert_eq!(refused, Refused::OrderFrozen);
    // What comes is still written down, here a reason to ask, but nothing is done about the order.
    let mut doubtful = notify(3, "A-1", Vec::new());
    doubtful.record.verdict = Some(Verdict::Ambiguous);
    let order = put(&*store, vec![doubtful, checkout(3, "A-2")]).await;
    let asked = order[0].order.as_ref().unwrap().state.checks.ask_at;
    assert_eq!(asked, Some(at(3)));
    let steps = store.take_steps(at(1_000), at(1_060), 10).await.unwrap();
    let keys: Vec<OrderKey> = steps
        .into_iter()
        .map(|due| due.snapshot.state.order.key)
        .collect();
    assert_eq!(keys, [key("A-2")]);
    drop(store);
    let checked = rebuild_check(&site.folder().into()).unwrap();
    assert_eq!(checked.before, checked.after);
}

fn append_unreadable(folder: &Path, seq: u64, prev: [u8; 32], key: &OrderKey) {
    let header = format!(
        r#"{{"account":"{}","direction":"own","kind":"later","order_no":"{}","parser":9}}"#,
        key.account, key.order_no
    );
    let nothing = body_hash(None);
    let time_us = at(2).as_microsecond();
    let hash = chain_hash(&prev, seq, time_us, 200, header.as_bytes(), &nothing);
    Connection::open(folder.join("quittance.db"))
        .unwrap()
        .execute(
            "INSERT INTO entries VALUES (?1, ?2, 200, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                seq as i64,
                time_us,
                header.as_bytes(),
                nothing,
                prev,
                hash,
                key.account,
                key.order_no
            ],
        )
        .unwrap();
}
