//! What every store must do. Each function takes a site and knows nothing of SQL.

use crate::examining::*;
use crate::weighing::*;
use crate::world::*;
use jiff::SignedDuration;
use quittance_core::OrderKey;
use quittance_core::derived::derive;
use quittance_core::discrepancy::ResolutionKind;
use quittance_core::entry::{Attempt, Callback, Direction, Outcome, Record, What};
use quittance_core::facts::Claim;
use quittance_core::fold::Refused;
use quittance_core::gateway::{Address, Answer, Personal, Verdict};
use quittance_core::schedule::Step;
use quittance_core::state::DeliveryState;
use quittance_core::status::Status;
use quittance_server::store::{
    DiscrepancyFilter, FoundDiscrepancy, Held, JournalFilter, Lease, NewEntry, OrderFilter, Store,
    StoreError,
};
use std::collections::BTreeSet;
use tokio::task::JoinSet;

macro_rules! on_every_store {
    ($($test:ident),* $(,)?) => {
        mod inline_memory {
            $(#[tokio::test] async fn $test() { super::$test(crate::world::Site::Memory).await })*
        }
        mod inline_folder {
            $(#[tokio::test] async fn $test() { super::$test(crate::world::Site::inline()).await })*
        }
        mod threaded_folder {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(crate::world::Site::threaded()).await })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(crate::world::Site::postgres().await).await })*
        }
    };
}

on_every_store!(
    the_same_order_again_is_an_answer,
    a_refused_record_is_left_out_and_the_others_stand,
    a_fact_makes_one_event,
    forty_copies_at_once_make_one_payment,
    a_trade_pays_one_order_only,
    parked_evidence_joins_its_order,
    parked_evidence_becomes_overdue_once,
    a_step_is_taken_by_one_taker,
    a_lease_ends_by_time_or_by_an_entry,
    no_lease_outlasts_a_clock_that_went_back,
    a_lease_of_what_is_not_due_ends_with_the_process,
    takers_at_once_never_share,
    a_start_makes_open_callbacks_due,
    the_feed_never_skips_while_writers_write,
    the_feed_keeps_to_accounts,
    cursors_are_checked,
    orders_are_listed_newest_first,
    orders_under_way_are_counted,
    the_journal_is_listed,
    what_stands_beside_an_entry_is_listed_with_it,
    callbacks_without_a_signature_are_found_on_demand,
    notes_are_bounded,
    a_discrepancy_is_found_and_accepted,
    an_accounts_own_discrepancy_is_found,
    deliveries_are_tried_and_ended,
    a_gone_endpoint_is_held_until_enabled,
    a_redelivery_is_due_again,
    a_disabled_endpoint_keeps_nobody_awake,
    settings_keep_what_was_disabled,
    personal_data_is_rendered_with_its_own_entry,
    the_first_personal_value_stays,
    the_payer_salt_outlives_the_process,
    everything_is_there_again_after_reopening,
    commits_are_told,
    identifiers_compare_bytewise,
    an_anchor_tells_its_own_hash,
    an_adopted_copy_goes_on_above_what_was_told,
    a_signed_callback_is_weighed_where_it_is_written,
    a_callback_that_needs_more_is_not_written,
    a_callback_that_only_a_query_proves_is_acked_when_one_is_due,
    what_is_wrong_is_counted_and_named,
    callbacks_are_found_with_their_bytes,
);

const SOON: SignedDuration = SignedDuration::from_secs(600);

async fn the_same_order_again_is_an_answer(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let same = append(&*store, create(2, "A-1", 100)).await.unwrap_err();
    assert!(matches!(same, Refused::OrderExists { differs: None, .. }));
    let other = append(&*store, create(3, "A-1", 101)).await.unwrap_err();
    let Refused::OrderExists { differs, state } = other else {
        panic!("{other:?}")
    };
    assert_eq!(differs, Some("amount"));
    assert_eq!(state.created_at, at(1));
    let found = store.order(&key("A-1")).await.unwrap().unwrap();
    assert_eq!(found.state, *state);
    let by_token = store.order_by_token("token-main-A-1").await.unwrap();
    assert_eq!(by_token.unwrap(), found);
    assert_eq!(store.order_by_token("token").await.unwrap(), None);
    assert_eq!(store.order(&key("A-2")).await.unwrap(), None);
}

async fn a_refused_record_is_left_out_and_the_others_stand(site: Site) {
    let store = site.ready().await;
    let before = store.head().await.unwrap().seq;
    let entries = vec![
        create(1, "A-1", 100),
        checkout(1, "nobody-made-it"),
        paid(2, "A-1", "T1", 100),
    ];
    let outcomes = store.append(entries).await.unwrap();
    assert_eq!(outcomes[1].clone().unwrap_err(), Refused::OrderUnknown);
    assert_eq!(outcomes[0].as_ref().unwrap().seq, before + 1);
    let last = outcomes[2].as_ref().unwrap();
    assert_eq!(last.seq, before + 2);
    let state = &last.order.as_ref().unwrap().state;
    assert_eq!(derive(state).status, Status::Paid);
    assert_eq!(store.head().await.unwrap().seq, before + 2);
}

async fn a_fact_makes_one_event(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    put(&*store, vec![paid(2, "A-1", "T1", 100)]).await;
    put(&*store, vec![paid(3, "A-1", "T1", 100)]).await;
    assert_eq!(
        told_events(&*store).await,
        ["payment.recorded", "order.paid"]
    );
    let state = store.order(&key("A-1")).await.unwrap().unwrap().state;
    assert_eq!((state.sequence, state.paid_at), (2, Some(at(2))));
}

async fn forty_copies_at_once_make_one_payment(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let mut copies = JoinSet::new();
    for copy in 0..40 {
        let store = store.clone();
        copies.spawn(async move {
            let appended = append(&*store, paid(copy, "A-1", "T1", 100)).await.unwrap();
            derive(&appended.order.unwrap().state).status
        });
    }
    while let Some(status) = copies.join_next().await {
        assert_eq!(status.unwrap(), Status::Paid);
    }
    assert_eq!(
        told_events(&*store).await,
        ["payment.recorded", "order.paid"]
    );
    // Genesis, settings, the order, and each copy on its own.
    assert_eq!(numbers(&*store).await.len(), 43);
}

async fn a_trade_pays_one_order_only(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100), create(1, "A-2", 100)]).await;
    put(&*store, vec![paid(2, "A-1", "T1", 100)]).await;
    put(&*store, vec![paid(3, "A-2", "T1", 100)]).await;
    let second = store.order(&key("A-2")).await.unwrap().unwrap().state;
    let derived = derive(&second);
    assert_eq!((derived.status, derived.attention), (Status::Unpaid, true));
    assert!(second.reused.contains("T1"));
}

async fn parked_evidence_joins_its_order(site: Site) {
    let store = site.ready().await;
    let about = Address::OrderNo("A-1".into());
    put(&*store, vec![paid(1, "A-1", "T1", 100)]).await;
    let parked = store.parked(ACCOUNT, &about).await.unwrap().unwrap();
    assert_eq!((parked.since, parked.overdue), (at(1), false));
    assert_eq!(store.parked("other", &about).await.unwrap(), None);
    let created = put(&*store, vec![create(2, "A-1", 100)]).await.remove(0);
    assert_eq!(derive(&created.order.unwrap().state).status, Status::Paid);
    assert_eq!(store.parked(ACCOUNT, &about).await.unwrap(), None);

    // Evidence that names a trade only waits for the trade.
    let about = Address::TradeNo("T2".into());
    let refund = quittance_core::Claim::RefundedSoFar {
        trade_no: "T2".into(),
        amount: cny(100),
    };
    let mut record = notify(3, "", vec![told(about.clone(), refund)]);
    record.record.order_no = None;
    put(&*store, vec![record, create(3, "A-2", 100)]).await;
    assert!(store.parked(ACCOUNT, &about).await.unwrap().is_some());
    let joined = put(&*store, vec![paid(4, "A-2", "T2", 100)])
        .await
        .remove(0);
    let status = derive(&joined.order.unwrap().state).status;
    assert_eq!(status, Status::Refunded);
    assert_eq!(store.parked(ACCOUNT, &about).await.unwrap(), None);
}

async fn parked_evidence_becomes_overdue_once(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![paid(100, "A-1", "T1", 100)]).await;
    assert_eq!(store.next_due(SOON).await.unwrap(), Some(at(700)));
    assert_eq!(store.overdue(at(99), 10).await.unwrap(), []);
    assert_eq!(store.overdue(at(100), 10).await.unwrap(), [key("A-1")]);
    let overdue = own(What::Overdue {}).about(&key("A-1"));
    put(&*store, vec![entry(700, overdue)]).await;
    assert_eq!(store.overdue(at(900), 10).await.unwrap(), []);
    assert_eq!(told_events(&*store).await, ["discrepancy.opened"]);
    // It still joins when its order appears, and the finding goes away by itself.
    put(&*store, vec![create(701, "A-1", 100)]).await;
    let open = DiscrepancyFilter {
        open_only: true,
        limit: 10,
        ..DiscrepancyFilter::default()
    };
    assert!(store.discrepancies(open).await.unwrap().items.is_empty());
}

async fn a_step_is_taken_by_one_taker(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(0, "A-1", 100), checkout(1, "A-1")]).await;
    assert_eq!(store.next_due(SOON).await.unwrap(), Some(at(6)));
    assert!(
        store
            .take_steps(at(5), at(65), 10)
            .await
            .unwrap()
            .is_empty()
    );
    let taken = store.take_steps(at(6), at(66), 10).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].step, taken[0].claims), (Step::Check, 1));
    assert_eq!(taken[0].snapshot.state.order.key, key("A-1"));
    assert!(
        store
            .take_steps(at(7), at(67), 10)
            .await
            .unwrap()
            .is_empty()
    );
    // Nobody holds it again when the lease ends.
    assert_eq!(store.next_due(SOON).await.unwrap(), Some(at(66)));
}

async fn a_lease_ends_by_time_or_by_an_entry(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(0, "A-1", 100), checkout(1, "A-1")]).await;
    let mut leases = Vec::new();
    for (round, claims) in [(1, 1), (2, 2), (3, 3)] {
        let now = at(round * 100);
        let taken = store.take_steps(now, at(round * 100 + 100), 10).await;
        let due = taken.unwrap().remove(0);
        assert_eq!(due.claims, claims, "round {round}");
        leases.push(due.lease);
    }
    let query = What::Query {
        step: Step::Check,
        answer: Answer::Unpaid,
        digest: String::new(),
        asked: None,
    };
    let answered = Record::new(Direction::Out, query).about(&key("A-1"));
    let before = numbers(&*store).await.len();
    // Whoever was away until somebody else had taken it writes nothing, whether it would end the work or go on with it.
    let late = entry(301, answered.clone()).under(&leases[0]);
    assert_eq!(append(&*store, late).await.unwrap_err(), Refused::LeaseLost);
    for lease in [leases[1].clone(), leases[2].clone()] {
        let ended = ending(entry(301, answered.clone()), lease.clone());
        let holds = lease == leases[2];
        assert_eq!(append(&*store, ended).await.is_ok(), holds);
    }
    // Nor does who has ended it already.
    let again = ending(entry(302, answered), leases.remove(2));
    assert_eq!(
        append(&*store, again).await.unwrap_err(),
        Refused::LeaseLost
    );
    assert_eq!(numbers(&*store).await.len(), before + 1);
    assert_eq!(store.next_due(SOON).await.unwrap(), Some(at(331)));
    let taken = store.take_steps(at(331), at(400), 10).await.unwrap();
    assert_eq!(taken[0].claims, 1, "the lease was deleted by its end");
}

async fn no_lease_outlasts_a_clock_that_went_back(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(0, "A-1", 100), checkout(1, "A-1")]).await;
    let ahead = 86_400;
    let version = "0".to_owned();
    let jumped = What::ClockJump { secs: -ahead };
    let taken = store.take_steps(at(ahead), at(ahead + 60), 10).await;
    assert_eq!(taken.unwrap().len(), 1);
    for (now, seen) in [(100, What::Started { version }), (200, jumped)] {
        let seen = Record::new(Direction::Own, seen);
        put(&*store, vec![entry(now, seen)]).await;
        let taken = store.take_steps(at(now + 59), at(now + 119), 10).await;
        assert!(taken.unwrap().is_empty(), "who holds it may be at work");
        let taken = store.take_steps(at(now + 60), at(ahead), 10).await;
        assert_eq!(taken.unwrap().len(), 1);
    }
}

async fn a_lease_of_what_is_not_due_ends_with_the_process(site: Site) {
    if !site.durable() {
        return;
    }
    let store = site.ready().await;
    for order_no in ["A-1", "A-2"] {
        put(
            &*store,
            vec![create(0, order_no, 100), checkout(1, order_no)],
        )
        .await;
    }
    let taken = store.take_steps(at(10), at(20), 10).await.unwrap();
    assert_eq!(taken.len(), 2);
    // A callback settles one of them before the check ends, which it never does.
    put(&*store, vec![paid(11, "A-1", "T1", 100)]).await;
    drop(store);
    let store = site.open();
    for order_no in ["A-1", "A-2"] {
        let mut doubtful = notify(30, order_no, Vec::new());
        doubtful.record.verdict = Some(Verdict::Ambiguous);
        put(&*store, vec![doubtful]).await;
    }
    let taken = store.take_steps(at(30), at(60), 10).await.unwrap();
    let mut claims: Vec<(String, u32)> = taken
        .into_iter()
        .map(|due| (due.snapshot.state.order.key.order_no, due.claims))
        .collect();
    claims.sort();
    assert_eq!(claims, [("A-1".to_owned(), 1), ("A-2".to_owned(), 2)]);
}

async fn takers_at_once_never_share(site: Site) {
    let store = site.ready().await;
    for number in 0..30 {
        let order_no = format!("A-{number}");
        put(
            &*store,
            vec![create(0, &order_no, 100), checkout(1, &order_no)],
        )
        .await;
    }
    let mut takers = JoinSet::new();
    for _ in 0..8 {
        let store = store.clone();
        takers.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let taken = store.take_steps(at(10), at(100), 3).await.unwrap();
                if taken.is_empty() {
                    return mine;
                }
                mine.extend(taken.into_iter().map(|due| due.snapshot.state.order.key));
            }
        });
    }
    let mut all = Vec::new();
    while let Some(mine) = takers.join_next().await {
        all.extend(mine.unwrap());
    }
    let distinct: BTreeSet<OrderKey> = all.iter().cloned().collect();
    assert_eq!((all.len(), distinct.len()), (30, 30));
}

async fn a_start_makes_open_callbacks_due(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(0, "A-1", 100)]).await;
    let received = Record::new(Direction::In, What::Received {}).about(&key("A-1"));
    let seq = put(&*store, vec![entry(1, received.clone())]).await[0].seq;
    let version = "1".to_owned();
    // In one transaction with another callback, so that what is not yet in the tables counts too.
    let started = own(What::Started { version });
    let second = entry(2, received);
    put(&*store, vec![second, entry(2, started)]).await;
    let taken = store.take_steps(at(2), at(60), 10).await.unwrap();
    assert_eq!(taken[0].step, Step::Ask);
    assert!(taken[0].snapshot.state.unanswered.is_empty(), "{seq}");
}

async fn the_feed_never_skips_while_writers_write(site: Site) {
    let store = site.ready().await;
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let store = store.clone();
        writers.spawn(async move {
            for number in 0..10 {
                let order_no = format!("W{writer}-{number}");
                let trade_no = format!("T{writer}-{number}");
                put(&*store, vec![create(1, &order_no, 100)]).await;
                put(&*store, vec![paid(2, &order_no, &trade_no, 100)]).await;
            }
        });
    }
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let done = writers.is_empty();
        let page = store.events(None, cursor.clone(), 3).await.unwrap();
        assert!(page.next.is_some());
        cursor = page.next;
        if done && page.items.is_empty() {
            break;
        }
        // What repeats for ever is no feed.
        assert!(seen.len() <= 80, "{seen:?}");
        seen.extend(page.items.into_iter().map(|event| event.id));
        while let Some(ended) = writers.try_join_next() {
            ended.unwrap();
        }
        tokio::task::yield_now().await;
    }
    let whole = store.events(None, None, 1_000).await.unwrap();
    let whole: Vec<String> = whole.items.into_iter().map(|event| event.id).collect();
    assert_eq!(whole.len(), 80);
    assert_eq!(seen, whole);
    assert_eq!(store.event(&seen[7]).await.unwrap().unwrap().id, seen[7]);
    assert!(store.event("evt_unknown").await.unwrap().is_none());
}

async fn the_feed_keeps_to_accounts(site: Site) {
    let store = site.ready().await;
    let other = OrderKey::new("other", "B-1");
    put(
        &*store,
        vec![create(1, "A-1", 100), create_in(1, &other, 5)],
    )
    .await;
    put(&*store, vec![paid(2, "A-1", "T1", 100)]).await;
    put(&*store, vec![entry(3, own(What::Anchor {}))]).await;
    let only = |name: &str| Some(BTreeSet::from([name.to_owned()]));
    let main = store.events(only(ACCOUNT), None, 10).await.unwrap();
    assert_eq!(main.items.len(), 2);
    assert!(main.items.iter().all(|event| event.account == ACCOUNT));
    let none = store.events(only("other"), None, 10).await.unwrap();
    assert!(none.items.is_empty());
    let hidden = store.events(only(""), None, 10).await.unwrap();
    assert!(
        hidden.items.is_empty(),
        "the journal's own are for all or none"
    );
    let all = store.events(None, None, 10).await.unwrap();
    assert_eq!(all.items.len(), 3);
    // Behind an empty page the next poll goes on where this one ended.
    assert_eq!(none.next, all.next);
    let empty = store.events(None, all.next.clone(), 10).await.unwrap();
    assert_eq!((empty.items.len(), empty.next), (0, all.next));
    let nobody = store.events(Some(BTreeSet::new()), None, 10).await.unwrap();
    assert!(nobody.items.is_empty());
}

async fn cursors_are_checked(site: Site) {
    let store = site.ready().await;
    for cursor in [
        "",
        "e",
        "e-1",
        "e01",
        "e+1",
        "x1",
        "e1 ",
        "e99999",
        "e99999999999999999999",
    ] {
        let answer = store.events(None, Some(cursor.into()), 10).await;
        assert!(matches!(answer, Err(StoreError::BadCursor)), "{cursor}");
    }
    for cursor in ["", "!", "e1", "bm8"] {
        let filter = OrderFilter {
            after: Some(cursor.into()),
            limit: 5,
            ..OrderFilter::default()
        };
        let answer = store.orders(filter).await;
        assert!(matches!(answer, Err(StoreError::BadCursor)), "{cursor}");
        let filter = DiscrepancyFilter {
            after: Some(cursor.into()),
            limit: 5,
            ..DiscrepancyFilter::default()
        };
        let answer = store.discrepancies(filter).await;
        assert!(matches!(answer, Err(StoreError::BadCursor)), "{cursor}");
    }
}

async fn orders_are_listed_newest_first(site: Site) {
    let store = site.ready().await;
    for number in 0..7 {
        // Three of them in the same second: their numbers decide.
        put(
            &*store,
            vec![create(number / 3, &format!("A-{number}"), 100)],
        )
        .await;
    }
    put(
        &*store,
        vec![create_in(9, &OrderKey::new("other", "B%1"), 7)],
    )
    .await;
    put(&*store, vec![paid(10, "A-3", "T1", 100)]).await;
    let all = ["B%1", "A-6", "A-5", "A-4", "A-3", "A-2", "A-1", "A-0"];
    for limit in [1, 2, 3, 8, 50] {
        let mut filter = OrderFilter {
            limit,
            ..OrderFilter::default()
        };
        let mut seen = Vec::new();
        loop {
            let page = store.orders(filter.clone()).await.unwrap();
            assert!(page.items.len() <= limit);
            seen.extend(
                page.items
                    .into_iter()
                    .map(|found| found.state.order.key.order_no),
            );
            filter.after = page.next;
            if filter.after.is_none() {
                break;
            }
        }
        assert_eq!(seen, all, "in pages of {limit}");
    }
    let check = async |filter: OrderFilter, expected: &[&str]| {
        let page = store
            .orders(OrderFilter {
                limit: 50,
                ..filter
            })
            .await;
        let found = page.unwrap().items.into_iter();
        let found: Vec<String> = found.map(|found| found.state.order.key.order_no).collect();
        assert_eq!(found, expected);
    };
    let any = OrderFilter::default;
    let status = Some(Status::Paid);
    check(OrderFilter { status, ..any() }, &["A-3"]).await;
    let accounts = Some(BTreeSet::from(["other".to_owned()]));
    check(OrderFilter { accounts, ..any() }, &["B%1"]).await;
    let accounts = Some(BTreeSet::from(["other".to_owned(), ACCOUNT.to_owned()]));
    check(OrderFilter { accounts, ..any() }, &all).await;
    let accounts = Some(BTreeSet::new());
    check(OrderFilter { accounts, ..any() }, &[]).await;
    let (from, to) = (Some(at(1)), Some(at(2)));
    check(OrderFilter { from, to, ..any() }, &["A-5", "A-4", "A-3"]).await;
    let text = Some("for A-4".into());
    check(OrderFilter { text, ..any() }, &["A-4"]).await;
    let text = Some("%".into());
    check(OrderFilter { text, ..any() }, &["B%1"]).await;
    let text = Some("' OR 1".into());
    check(OrderFilter { text, ..any() }, &[]).await;
}

/// What the gateway may still speak of: unpaid orders whatever their age, paid ones since a time, of one account.
async fn orders_under_way_are_counted(site: Site) {
    let store = site.ready().await;
    let count = |since: i64| {
        let store = store.clone();
        async move { store.under_way(ACCOUNT, at(since)).await.unwrap() }
    };
    assert_eq!(count(0).await, 0);
    put(
        &*store,
        vec![
            create(1, "unpaid", 100),
            create(2, "early", 100),
            create(3, "late", 100),
            create(4, "closed", 100),
            create_in(5, &OrderKey::new("other", "unpaid"), 100),
            paid(100, "early", "T1", 100),
            paid(200, "late", "T2", 100),
            // Heard of again, but paid before.
            paid(300, "early", "T1", 100),
            notify(
                400,
                "closed",
                vec![told(
                    Address::OrderNo("closed".into()),
                    Claim::GatewayClosed {
                        reason: "timeout".into(),
                    },
                )],
            ),
        ],
    )
    .await;
    assert_eq!(count(0).await, 3);
    assert_eq!(count(100).await, 3);
    assert_eq!(count(101).await, 2);
    assert_eq!(count(200).await, 2);
    assert_eq!(count(201).await, 1);
    assert_eq!(store.under_way("nobody", at(0)).await.unwrap(), 0);
}

async fn the_journal_is_listed(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100), create(1, "A-2", 100)]).await;
    put(&*store, vec![paid(2, "A-1", "T1", 100)]).await;
    let list = async |order, after, limit| {
        let filter = JournalFilter {
            order,
            after,
            limit,
            ..JournalFilter::default()
        };
        let page = store.journal(filter).await.unwrap();
        let seqs: Vec<u64> = page.items.iter().map(|row| row.seq).collect();
        (seqs, page.next)
    };
    let all = numbers(&*store).await;
    let [first, second, third, fourth, fifth] = all[..] else {
        panic!("{all:?}")
    };
    let page = (vec![first, second, third], Some(third.to_string()));
    assert_eq!(list(None, 0, 3).await, page);
    assert_eq!(list(None, third, 3).await, (vec![fourth, fifth], None));
    assert_eq!(
        list(Some(key("A-1")), 0, 9).await,
        (vec![third, fifth], None)
    );
    assert_eq!(list(Some(key("A-9")), 0, 9).await, (vec![], None));
    let filter = JournalFilter {
        limit: 1,
        after: fourth,
        ..JournalFilter::default()
    };
    let row = store.journal(filter).await.unwrap().items.remove(0);
    let head = store.head().await.unwrap();
    assert_eq!(
        (row.seq, row.hash, row.chain),
        (head.seq, head.hash, head.chain)
    );
    assert_eq!((row.at, What::kind_name(row.kind)), (at(2), "notify"));
    let between = async |account: &str, from, to| {
        let filter = JournalFilter {
            account: Some(account.into()),
            from: Some(at(from)),
            to: Some(at(to)),
            limit: 9,
            ..JournalFilter::default()
        };
        let page = store.journal(filter).await.unwrap();
        page.items.iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    assert_eq!(between(ACCOUNT, 1, 3).await, [third, fourth, fifth]);
    assert_eq!(between(ACCOUNT, 1, 2).await, [third, fourth]);
    assert_eq!(between(ACCOUNT, 2, 3).await, [fifth]);
    assert!(between("other", 0, 9).await.is_empty());
}

async fn what_stands_beside_an_entry_is_listed_with_it(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let mut received = entry(2, Record::new(Direction::In, What::Received {}));
    received.body = Some(b"as it came".to_vec());
    let earlier = put(&*store, vec![received]).await[0].seq;
    let mut answered = paid(3, "A-1", "T1", 100);
    answered.body = None;
    answered.record.what = What::Notify(Callback {
        received: Some(earlier),
        ..Callback::default()
    });
    let mut note = entry(4, own(What::Note {}).about(&key("A-1")));
    note.body = Some(b"a note".to_vec());
    put(&*store, vec![answered, note]).await;
    let lease = store.take_deliveries(at(5), at(60), 1).await.unwrap();
    let told = What::Delivery(Attempt {
        event: lease[0].delivery.event.clone(),
        endpoint: lease[0].delivery.endpoint.clone(),
        attempt: 1,
        outcome: Outcome::Delivered,
        status: Some(200),
        retry_after_secs: None,
    });
    put(&*store, vec![entry(6, own(told).about(&key("A-1")))]).await;
    let filter = JournalFilter {
        order: Some(key("A-1")),
        limit: 9,
        ..JournalFilter::default()
    };
    let rows = store.journal(filter).await.unwrap().items;
    let beside: Vec<_> = rows
        .iter()
        .map(|row| (row.message.as_deref(), row.event_type.as_deref()))
        .collect();
    let expected: [(Option<&[u8]>, Option<&str>); 4] = [
        (None, None),
        (Some(b"as it came"), None),
        (Some(b"a note"), None),
        (None, Some("payment.recorded")),
    ];
    assert_eq!(beside, expected);
}

async fn callbacks_without_a_signature_are_found_on_demand(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let junk = |message: &[u8]| {
        let mut record = Record::new(Direction::In, What::Notify(Callback::default()));
        record.account = Some(ACCOUNT.into());
        record.verdict = Some(Verdict::BadSignature);
        let mut junk = entry(2, record);
        junk.body = Some(message.to_vec());
        junk
    };
    let messages: [&[u8]; 5] = [
        b"out_trade_no=A-1&sign=x",
        b"sign=x&out_trade_no=A-1",
        b"out_trade_no=A-10&sign=x",
        b"subject=\xff\x00&out_trade_no=A-1",
        b"A-1",
    ];
    put(&*store, messages.map(junk).to_vec()).await;
    let found = async |unsigned| {
        let filter = JournalFilter {
            order: Some(key("A-1")),
            unsigned,
            limit: 9,
            ..JournalFilter::default()
        };
        let page = store.journal(filter).await.unwrap();
        page.items.iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    let all = numbers(&*store).await;
    assert_eq!(found(false).await, [all[2]]);
    assert_eq!(found(true).await, [all[2], all[3], all[4], all[6]]);
}

async fn notes_are_bounded(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let note = |number: &str| {
        let mut note = entry(2, own(What::Note {}).about(&key(number)));
        note.body = Some(b"a note".to_vec());
        note
    };
    put(&*store, vec![note("A-1"); 100]).await;
    let more = append(&*store, note("A-1")).await;
    assert_eq!(more.unwrap_err(), Refused::TooManyNotes);
    let nobodys = append(&*store, note("A-9")).await;
    assert_eq!(nobodys.unwrap_err(), Refused::OrderUnknown);
}

async fn a_discrepancy_is_found_and_accepted(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100), create(1, "A-2", 100)]).await;
    put(&*store, vec![paid(2, "A-1", "T1", 99)]).await;
    put(&*store, vec![paid(3, "A-2", "T2", 98)]).await;
    let filter = DiscrepancyFilter {
        limit: 1,
        ..DiscrepancyFilter::default()
    };
    let first = store.discrepancies(filter.clone()).await.unwrap();
    let FoundDiscrepancy::Order(state, id) = &first.items[0] else {
        panic!("{first:?}")
    };
    assert_eq!(state.order.key, key("A-1"));
    let second = DiscrepancyFilter {
        after: first.next.clone(),
        ..filter.clone()
    };
    let second = store.discrepancies(second).await.unwrap();
    assert_eq!((second.items.len(), second.next), (1, None));

    let decide = |decision| {
        let note = "agreed".to_owned();
        let discrepancy = id.clone();
        let what = What::Resolution {
            discrepancy,
            decision,
            note,
        };
        entry(4, own(what).about(&key("A-1")))
    };
    let accepted = append(&*store, decide(ResolutionKind::Accept)).await;
    let state = accepted.unwrap().order.unwrap().state;
    assert_eq!(derive(&state).status, Status::Paid);
    let again = append(&*store, decide(ResolutionKind::Accept)).await;
    assert_eq!(again.unwrap_err(), Refused::DiscrepancyResolved);
    let open = DiscrepancyFilter {
        open_only: true,
        limit: 9,
        ..filter
    };
    assert_eq!(store.discrepancies(open).await.unwrap().items.len(), 1);
    assert!(store.discrepancy(id).await.unwrap().is_some());
    assert!(store.discrepancy("dsc_unknown").await.unwrap().is_none());
    let only = DiscrepancyFilter {
        accounts: Some(BTreeSet::from(["other".to_owned()])),
        limit: 9,
        ..DiscrepancyFilter::default()
    };
    assert!(store.discrepancies(only).await.unwrap().items.is_empty());
}

async fn an_accounts_own_discrepancy_is_found(site: Site) {
    let store = site.ready().await;
    let callback = Callback {
        trade_no: Some("T9".into()),
        ..Callback::default()
    };
    let mut record = Record::new(Direction::In, What::Notify(callback));
    record.account = Some(ACCOUNT.into());
    record.verdict = Some(Verdict::PayeeMismatch);
    put(&*store, vec![entry(1, record.clone()), entry(2, record)]).await;
    let filter = DiscrepancyFilter {
        limit: 9,
        ..DiscrepancyFilter::default()
    };
    let mut found = store.discrepancies(filter).await.unwrap().items;
    assert_eq!(found.len(), 1);
    let FoundDiscrepancy::Account { account, id, found } = found.remove(0) else {
        panic!("{found:?}")
    };
    assert_eq!((&*account, &*found.subject), (ACCOUNT, "T9"));
    assert!(store.discrepancy(&id).await.unwrap().is_some());
    assert_eq!(told_events(&*store).await, ["discrepancy.opened"]);
}

/// One paid order, and its two events owed to the shop.
async fn owing(store: &dyn Store) -> Vec<Lease> {
    put(
        store,
        vec![create(1, "A-1", 100), paid(2, "A-1", "T1", 100)],
    )
    .await;
    let taken = store.take_deliveries(at(2), at(60), 10).await.unwrap();
    let leases = taken.into_iter().map(|due| {
        assert_eq!((due.claims, due.delivery.attempts), (1, 0));
        assert_eq!(json(&due.body)["id"], *due.delivery.event);
        due.lease
    });
    leases.collect()
}

fn tried(secs: i64, lease: &Lease, attempt: u32, outcome: Outcome) -> NewEntry {
    let Held::Delivery { event, endpoint } = &lease.held else {
        panic!("{lease:?}")
    };
    let attempt = Attempt {
        event: event.clone(),
        endpoint: endpoint.clone(),
        attempt,
        outcome,
        status: None,
        retry_after_secs: None,
    };
    let record = Record::new(Direction::Out, What::Delivery(attempt));
    ending(entry(secs, record), lease.clone())
}

async fn state_of(store: &dyn Store, lease: &Lease) -> DeliveryState {
    let Held::Delivery { event, .. } = &lease.held else {
        panic!("{lease:?}")
    };
    store.event(event).await.unwrap().unwrap().deliveries[0].state
}

async fn deliveries_are_tried_and_ended(site: Site) {
    let store = site.ready().await;
    let leases = owing(&*store).await;
    assert_eq!(leases.len(), 2);
    assert!(
        store
            .take_deliveries(at(3), at(60), 10)
            .await
            .unwrap()
            .is_empty()
    );
    put(&*store, vec![tried(3, &leases[0], 1, Outcome::Delivered)]).await;
    put(&*store, vec![tried(3, &leases[1], 1, Outcome::Failed)]).await;
    assert_eq!(
        state_of(&*store, &leases[0]).await,
        DeliveryState::Delivered
    );
    assert_eq!(state_of(&*store, &leases[1]).await, DeliveryState::Pending);
    // Five seconds and up to a fifth more.
    assert!(
        store
            .take_deliveries(at(7), at(60), 10)
            .await
            .unwrap()
            .is_empty()
    );
    let again = store.take_deliveries(at(9), at(60), 10).await.unwrap();
    assert_eq!(
        (again.len(), again[0].claims, again[0].delivery.attempts),
        (1, 1, 1)
    );
    // Taken again and again without an end, and then laid aside.
    let third = store.take_deliveries(at(60), at(90), 10).await.unwrap();
    assert_eq!(third[0].claims, 2);
    let abandoned = What::Abandoned {
        event: Some(third[0].delivery.event.clone()),
        endpoint: Some(SHOP.into()),
    };
    put(
        &*store,
        vec![ending(entry(91, own(abandoned)), third[0].lease.clone())],
    )
    .await;
    assert_eq!(state_of(&*store, &leases[1]).await, DeliveryState::Dead);
}

async fn a_gone_endpoint_is_held_until_enabled(site: Site) {
    let store = site.ready().await;
    let leases = owing(&*store).await;
    put(&*store, vec![tried(3, &leases[0], 1, Outcome::Gone)]).await;
    assert!(store.settings().await.unwrap().endpoints[SHOP].disabled);
    assert_eq!(state_of(&*store, &leases[0]).await, DeliveryState::Held);
    // What comes now is held; what was pending is not taken either.
    put(&*store, vec![create(4, "A-2", 5), paid(4, "A-2", "T2", 5)]).await;
    assert!(
        store
            .take_deliveries(at(500), at(600), 10)
            .await
            .unwrap()
            .is_empty()
    );
    let unknown = What::Endpoint {
        name: "nobody".into(),
        enabled: true,
    };
    let refused = append(&*store, entry(5, own(unknown))).await;
    assert_eq!(refused.unwrap_err(), Refused::EndpointUnknown);
    let enable = What::Endpoint {
        name: SHOP.into(),
        enabled: true,
    };
    put(&*store, vec![entry(600, own(enable))]).await;
    let due = store.take_deliveries(at(600), at(700), 10).await.unwrap();
    assert_eq!(due.len(), 4);
}

async fn a_redelivery_is_due_again(site: Site) {
    let store = site.ready().await;
    let leases = owing(&*store).await;
    put(&*store, vec![tried(3, &leases[0], 1, Outcome::Delivered)]).await;
    let redeliver = |event: &str| {
        entry(
            9,
            own(What::Redelivery {
                event: event.into(),
            }),
        )
    };
    let refused = append(&*store, redeliver("evt_unknown")).await;
    assert_eq!(refused.unwrap_err(), Refused::EventUnknown);
    let Held::Delivery { event, .. } = &leases[0].held else {
        panic!()
    };
    put(&*store, vec![redeliver(event)]).await;
    let due = store.take_deliveries(at(9), at(60), 10).await.unwrap();
    assert_eq!((due.len(), due[0].delivery.attempts), (1, 0));
    assert_eq!(due[0].delivery.event, *event);
}

async fn a_disabled_endpoint_keeps_nobody_awake(site: Site) {
    let store = site.ready().await;
    put(
        &*store,
        vec![create(1, "A-1", 100), paid(2, "A-1", "T1", 100)],
    )
    .await;
    assert_eq!(store.next_due(SOON).await.unwrap(), Some(at(2)));
    let disable = What::Endpoint {
        name: SHOP.into(),
        enabled: false,
    };
    put(&*store, vec![entry(3, own(disable))]).await;
    assert_eq!(store.next_due(SOON).await.unwrap(), None);
}

async fn settings_keep_what_was_disabled(site: Site) {
    let store = site.ready().await;
    let disable = What::Endpoint {
        name: SHOP.into(),
        enabled: false,
    };
    put(&*store, vec![entry(3, own(disable))]).await;
    let two = What::Settings(settings(&[SHOP, "second"]));
    put(&*store, vec![entry(4, own(two))]).await;
    let endpoints = store.settings().await.unwrap().endpoints.clone();
    assert!(endpoints[SHOP].disabled);
    assert!(!endpoints["second"].disabled);
}

fn buyer(name: &str, value: &str) -> Personal {
    Personal {
        subject: "T1".into(),
        name: name.into(),
        value: value.into(),
    }
}

async fn personal_data_is_rendered_with_its_own_entry(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let mut callback = paid(2, "A-1", "T1", 100);
    callback.personal = vec![buyer("buyer_id", "2088001")];
    let order = put(&*store, vec![callback.clone()]).await.remove(0).order;
    assert_eq!(order.unwrap().personal, callback.personal);
    let event = store.events(None, None, 1).await.unwrap().items.remove(0);
    assert_eq!(json(&event.body)["personal"][0], "buyer_id=2088001");
    let journal = JournalFilter {
        limit: 99,
        ..JournalFilter::default()
    };
    for row in store.journal(journal).await.unwrap().items {
        let header = String::from_utf8(row.header).unwrap();
        assert!(!header.contains("2088001"), "{header}");
    }
}

async fn the_first_personal_value_stays(site: Site) {
    let store = site.ready().await;
    let mut first = create(1, "A-1", 100);
    first.personal = vec![buyer("buyer_email", "a@b.cn")];
    let mut second = paid(2, "A-1", "T1", 100);
    second.personal = vec![buyer("buyer_email", "x@y.cn"), buyer("buyer_id", "1")];
    put(&*store, vec![first, second]).await;
    let found = store.order(&key("A-1")).await.unwrap().unwrap();
    let expected = [buyer("buyer_email", "a@b.cn"), buyer("buyer_id", "1")];
    assert_eq!(found.personal, expected);
}

async fn the_payer_salt_outlives_the_process(site: Site) {
    let store = site.open_with(opening(1));
    put(&*store, vec![settings_entry(0)]).await;
    assert_eq!(store.payer_salt(), [1; 32]);
    let head = store.head().await.unwrap();
    assert_eq!(head.chain, "chain-1");
    if site.durable() {
        drop(store);
        let other = site.open_with(opening(9));
        assert_eq!(other.payer_salt(), [1; 32]);
        let now = other.head().await.unwrap();
        match site.one_chain() {
            true => assert_eq!(now, head),
            false => assert_eq!(now.chain, "chain-9"),
        }
    }
}

async fn everything_is_there_again_after_reopening(site: Site) {
    if !site.durable() {
        return;
    }
    let store = site.ready().await;
    let leases = owing(&*store).await;
    put(&*store, vec![create(3, "A-2", 5)]).await;
    let head = store.head().await.unwrap();
    let before = (
        store.order(&key("A-1")).await.unwrap(),
        store.settings().await.unwrap(),
        store.next_due(SOON).await.unwrap(),
    );
    drop(store);
    let store = site.open();
    assert_eq!(store.head().await.unwrap() == head, site.one_chain());
    let after = (
        store.order(&key("A-1")).await.unwrap(),
        store.settings().await.unwrap(),
        store.next_due(SOON).await.unwrap(),
    );
    assert_eq!(before, after);
    // Who held the items is gone, and the count goes on when the lease has ended.
    let taken = store.take_deliveries(at(60), at(90), 10).await.unwrap();
    assert_eq!((taken.len(), taken[0].claims), (leases.len(), 2));
}

async fn commits_are_told(site: Site) {
    let store = site.ready().await;
    let mut changes = store.changes();
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let first = changes.try_recv().unwrap();
    assert_eq!(
        (&first.orders[..], first.events),
        (&[key("A-1")][..], false)
    );
    put(&*store, vec![paid(2, "A-1", "T1", 100)]).await;
    assert!(changes.try_recv().unwrap().events);
    let refused = append(&*store, checkout(3, "nobody")).await;
    assert!(refused.is_err());
    store.take_steps(at(4), at(5), 10).await.unwrap();
    assert!(changes.try_recv().is_err(), "nothing was written");
    assert!(store.writable().await);
}

async fn identifiers_compare_bytewise(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "a-1", 100), create(1, "A-1", 200)]).await;
    let lower = store.order(&key("a-1")).await.unwrap().unwrap();
    assert_eq!(lower.state.order.amount, cny(100));
    put(
        &*store,
        vec![paid(2, "a-1", "t1", 100), paid(2, "A-1", "T1", 200)],
    )
    .await;
    for order_no in ["a-1", "A-1"] {
        let state = store.order(&key(order_no)).await.unwrap().unwrap().state;
        assert_eq!(derive(&state).status, Status::Paid);
    }
}

/// A cursor and a sequence that somebody has seen after the copy was made: nothing new is behind the one or below the
/// other.
async fn an_adopted_copy_goes_on_above_what_was_told(site: Site) {
    let store = site.ready().await;
    put(
        &*store,
        vec![
            create(1, "A-1", 100),
            create(1, "A-2", 100),
            paid(2, "A-2", "T2", 100),
        ],
    )
    .await;
    let seen = Some("e5000".to_owned());
    let behind = store.events(None, seen.clone(), 10).await;
    assert!(matches!(behind, Err(StoreError::BadCursor)));
    put(&*store, vec![entry(3, own(What::Adopted { epoch: 7 }))]).await;
    let floor = quittance_core::epoch::floor(7);
    let due = store.take_steps(at(3), at(60), 10).await.unwrap();
    let taken = due
        .iter()
        .map(|due| (&due.snapshot.state.order.key, due.step));
    assert_eq!(taken.collect::<Vec<_>>(), [(&key("A-1"), Step::Ask)]);

    put(&*store, vec![paid(4, "A-1", "T1", 100)]).await;
    let page = store.events(None, seen, 10).await.unwrap();
    let told = page.items.iter().map(|event| {
        let body = json(&event.body);
        let kind = body["type"].as_str().unwrap().to_owned();
        (kind, body["sequence"].as_u64().unwrap())
    });
    let all = numbers(&*store).await;
    let adopted = all[all.len() - 2];
    let expected = [
        ("journal.anchor", floor + adopted),
        ("payment.recorded", floor + 1),
        ("order.paid", floor + 2),
    ];
    let expected = expected.map(|(kind, sequence)| (kind.to_owned(), sequence));
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let next = page.next.unwrap();
    let next: u64 = next.strip_prefix('e').unwrap().parse().unwrap();
    assert!(next >= floor + 3, "{next}");
}

async fn an_anchor_tells_its_own_hash(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![entry(1, own(What::Anchor {}))]).await;
    let event = store.events(None, None, 9).await.unwrap().items.remove(0);
    let head = store.head().await.unwrap();
    let body = json(&event.body);
    assert_eq!(event.account, "");
    assert_eq!(body["head"], head.seq);
    assert_eq!(body["hash"], data_encoding::HEXLOWER.encode(&head.hash));
    // Endpoints that hear every account are told.
    let due = store.take_deliveries(at(1), at(2), 9).await.unwrap();
    assert_eq!(due.len(), 1);
}
