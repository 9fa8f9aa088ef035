//! Several nodes on one PostgreSQL database: one truth, whoever wrote it.

use crate::world::{
    ACCOUNT, Plain, SHOP, Site, append, at, checkout, create, ending, entry, json, key, notify,
    numbers, opening, opening_with, order, own, paid, payment, put, settings_entry,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use quittance_core::derived::derive;
use quittance_core::entry::{Attempt, Direction, Outcome, Record, What};
use quittance_core::fold::Refused;
use quittance_core::gateway::Address;
use quittance_core::schedule::Step;
use quittance_core::status::Status;
use quittance_server::store::{
    Database, DatabaseStore, Expect, NewEntry, OpenError, PostgresUrl, Store, StoreError, rebuild,
    rebuild_check, verify,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tokio::task::JoinSet;

const SOON: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

fn database(site: &Site) -> Database {
    let Site::Postgres(url) = site else {
        panic!("these tests are PostgreSQL's")
    };
    Database::Postgres(url.clone())
}

/// So many nodes on one new database, with the settings of this world in force.
async fn nodes(count: usize) -> (Site, Vec<Arc<dyn Store>>) {
    let site = Site::postgres().await;
    let nodes: Vec<Arc<dyn Store>> = (0..count).map(|_| site.open()).collect();
    put(&*nodes[0], vec![settings_entry(0)]).await;
    (site, nodes)
}

/// Statements of the cluster's own, beside the store.
async fn beside(site: &Site, statements: &str) {
    crate::world::run(site, statements).await;
}

/// Every node takes every callback of the same orders, in another order each: one payment, one event each, and nobody
/// waits for anybody in a circle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_nodes_hammer_the_same_orders() {
    const ORDERS: usize = 20;
    let (site, nodes) = nodes(4).await;
    let mut hammering = JoinSet::new();
    for (place, node) in nodes.iter().enumerate() {
        for turn in 0..ORDERS {
            let node = node.clone();
            hammering.spawn(async move {
                // Each node begins elsewhere, and half of them go backwards.
                let number = match place % 2 {
                    0 => (turn + place * 5) % ORDERS,
                    _ => (ORDERS * 2 - turn - place) % ORDERS,
                };
                let (a, b) = (
                    format!("A-{number}"),
                    format!("A-{}", (number + 1) % ORDERS),
                );
                let _ = append(&*node, create(1, &a, 100)).await;
                // Two orders in one callback: what it looks at is locked together, whether it is there yet or not.
                let of = |order_no: &str| {
                    let about = Address::OrderNo(order_no.to_owned());
                    payment(about, &format!("T-{order_no}"), 100)
                };
                let both = vec![of(&a), of(&b)];
                for _ in 0..3 {
                    append(&*node, notify(2, &a, both.clone())).await.unwrap();
                }
            });
        }
    }
    while let Some(done) = hammering.join_next().await {
        done.unwrap();
    }
    for number in 0..ORDERS {
        let found = nodes[0].order(&key(&format!("A-{number}"))).await.unwrap();
        assert_eq!(derive(&found.unwrap().state).status, Status::Paid);
    }
    let events = nodes[3].events(None, None, 10_000).await.unwrap().items;
    let ids: BTreeSet<&String> = events.iter().map(|event| &event.id).collect();
    assert_eq!((events.len(), ids.len()), (ORDERS * 2, ORDERS * 2));
    holds(&site, 4);
}

/// What one node wrote, the next one finds, and whoever waits at a third hears of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_hears_what_another_wrote() {
    let (site, nodes) = nodes(3).await;
    let mut heard = nodes[2].changes();
    put(&*nodes[0], vec![create(1, "A-1", 100)]).await;
    put(&*nodes[1], vec![paid(2, "A-1", "T1", 100)]).await;
    loop {
        let change = heard.recv().await.unwrap();
        if change.orders.contains(&key("A-1")) && change.events {
            break;
        }
    }
    let found = nodes[2].order(&key("A-1")).await.unwrap().unwrap();
    assert_eq!(derive(&found.state).status, Status::Paid);
    // Settings are one thing for all of them.
    let off = What::Endpoint {
        name: SHOP.to_owned(),
        enabled: false,
    };
    put(&*nodes[0], vec![entry(3, own(off))]).await;
    while !nodes[2].settings().await.unwrap().endpoints[SHOP].disabled {
        tokio::task::yield_now().await;
    }
    put(
        &*nodes[1],
        vec![create(4, "A-2", 100), paid(5, "A-2", "T2", 100)],
    )
    .await;
    assert!(
        nodes[2]
            .take_deliveries(at(9), at(60), 9)
            .await
            .unwrap()
            .is_empty()
    );
    holds(&site, 3);
}

/// A node that was away while its lease ran out and somebody else did the work writes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_lease_of_another_node_writes_nothing() {
    let (site, nodes) = nodes(2).await;
    put(&*nodes[0], vec![create(0, "A-1", 100), checkout(1, "A-1")]).await;
    let away = nodes[0]
        .take_steps(at(6), at(66), 9)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(away.step, Step::Check);
    assert!(
        nodes[1]
            .take_steps(at(65), at(125), 9)
            .await
            .unwrap()
            .is_empty()
    );
    let other = nodes[1]
        .take_steps(at(66), at(126), 9)
        .await
        .unwrap()
        .remove(0);
    assert_eq!((other.claims, other.step), (2, Step::Check));
    let answered = |lease| {
        let query = What::Query {
            step: Step::Check,
            answer: quittance_core::gateway::Answer::Unpaid,
            digest: String::new(),
            asked: None,
        };
        let record = Record::new(Direction::Out, query).about(&key("A-1"));
        ending(entry(67, record), lease)
    };
    let late = append(&*nodes[0], answered(away.lease.clone())).await;
    assert_eq!(late.unwrap_err(), Refused::LeaseLost);
    append(&*nodes[1], answered(other.lease)).await.unwrap();
    let late = append(&*nodes[0], answered(away.lease)).await;
    assert_eq!(late.unwrap_err(), Refused::LeaseLost);
    holds(&site, 2);
}

/// Due work is taken by one node each, however many look for it at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_never_share_due_work() {
    const ORDERS: usize = 120;
    let (_site, nodes) = nodes(4).await;
    for number in 0..ORDERS {
        let order_no = format!("A-{number}");
        put(
            &*nodes[number % 4],
            vec![create(0, &order_no, 100), checkout(1, &order_no)],
        )
        .await;
    }
    let mut takers = JoinSet::new();
    for node in &nodes {
        for _ in 0..2 {
            let node = node.clone();
            takers.spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let taken = node.take_steps(at(6), at(66), 7).await.unwrap();
                    if taken.is_empty() && node.next_due(SOON).await.unwrap() > Some(at(6)) {
                        return mine;
                    }
                    mine.extend(taken.into_iter().map(|due| due.lease));
                }
            });
        }
    }
    let (mut held, mut fences, mut taken) = (BTreeSet::new(), BTreeSet::new(), 0);
    while let Some(mine) = takers.join_next().await {
        for lease in mine.unwrap() {
            taken += 1;
            held.insert(lease.held);
            fences.insert(lease.fence);
        }
    }
    assert_eq!((taken, held.len(), fences.len()), (ORDERS, ORDERS, ORDERS));
}

/// Readers of the feed go on from where they were while four nodes write: nobody misses an event, or hears one twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_feed_shows_nothing_that_something_can_precede() {
    const ORDERS: usize = 40;
    let (_site, nodes) = nodes(4).await;
    let mut writers = JoinSet::new();
    for (place, node) in nodes.iter().enumerate() {
        let node = node.clone();
        writers.spawn(async move {
            for number in 0..ORDERS {
                let order_no = format!("A-{place}-{number}");
                let trade = format!("T-{order_no}");
                put(
                    &*node,
                    vec![create(1, &order_no, 100), paid(2, &order_no, &trade, 100)],
                )
                .await;
            }
        });
    }
    let mut readers = JoinSet::new();
    for node in &nodes {
        let node = node.clone();
        readers.spawn(async move {
            let (mut after, mut seen) = (None, Vec::new());
            while seen.len() < 4 * ORDERS * 2 {
                let page = node.events(None, after, 7).await.unwrap();
                seen.extend(page.items.into_iter().map(|event| event.id));
                after = page.next;
            }
            seen
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    let mut lists = Vec::new();
    while let Some(seen) = readers.join_next().await {
        lists.push(seen.unwrap());
    }
    assert!(
        lists.iter().all(|list| *list == lists[0]),
        "all see one order"
    );
    let different: BTreeSet<&String> = lists[0].iter().collect();
    assert_eq!(different.len(), 4 * ORDERS * 2);
}

/// Entries in any order through any of three nodes: what stands is what a refold in the order of the numbers makes.
#[test]
fn whoever_writes_a_refold_finds_the_same() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let history = prop::collection::vec((0..3_usize, 0..4_u8, 0..5_u8), 1..40);
    let mut runner = TestRunner::new(Config {
        cases: 6,
        failure_persistence: None,
        ..Config::default()
    });
    let run = runner.run(&history, |history| {
        runtime.block_on(async {
            let (site, nodes) = nodes(3).await;
            let mut happening = JoinSet::new();
            for (secs, (node, number, what)) in history.into_iter().enumerate() {
                let node = nodes[node].clone();
                let secs = i64::try_from(secs).unwrap() + 1;
                happening.spawn(async move { happen(&*node, secs, number, what).await });
            }
            while let Some(done) = happening.join_next().await {
                done.unwrap();
            }
            holds(&site, 3);
            let database = database(&site);
            drop(nodes);
            let rebuilt = rebuild(&database, Arc::new(Plain)).unwrap();
            assert_eq!(rebuilt.before, rebuilt.after);
            let site_after = site.open();
            assert!(!numbers(&*site_after).await.is_empty());
        });
        Ok(())
    });
    run.unwrap();
}

async fn happen(node: &dyn Store, secs: i64, number: u8, what: u8) {
    let order_no = format!("A-{number}");
    let trade = |of: u8| format!("T-{of}");
    let by_trade = |of| payment(Address::TradeNo(trade(of)), &trade(of), 100);
    let new = match what {
        0 => create(secs, &order_no, 100),
        1 => checkout(secs, &order_no),
        2 => paid(secs, &order_no, &trade(number), 100),
        // The next order's trade under this order's number, or under nobody's.
        3 => paid(secs, &order_no, &trade(number + 1), 100),
        _ => notify(secs, &order_no, vec![by_trade(number)]),
    };
    let _ = append(node, new).await;
    if let Some(due) = node
        .take_deliveries(at(secs), at(secs + 60), 1)
        .await
        .unwrap()
        .pop()
    {
        let attempt = Attempt {
            event: due.delivery.event,
            endpoint: due.delivery.endpoint,
            attempt: due.delivery.attempts + 1,
            outcome: if number == 0 {
                Outcome::Failed
            } else {
                Outcome::Delivered
            },
            status: Some(200),
            retry_after_secs: None,
        };
        let record = Record::new(Direction::Out, What::Delivery(attempt));
        append(node, ending(entry(secs, record), due.lease))
            .await
            .unwrap();
    }
}

/// What somebody takes out of the database, or puts into it, is found: in a chain, at its end, or a whole chain.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tampering_with_any_chain_is_found() {
    let breaks = [
        ("UPDATE entries SET time_us = time_us + 1 WHERE kind = 3", "`hash`"),
        ("DELETE FROM entries WHERE kind = 2", "entry before"),
        ("DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)", "newest of the chain"),
        ("UPDATE bodies SET body = 'x' WHERE seq > 1", "`body_hash`"),
        ("UPDATE entries SET chain = 'x' WHERE kind = 1 AND seq > 1", "genesis says"),
        ("DELETE FROM entries WHERE chain = (SELECT chain FROM entries WHERE kind = 1 ORDER BY seq LIMIT 1);
          DELETE FROM chains WHERE chain NOT IN (SELECT chain FROM entries)", "was the end of the chain"),
    ];
    for (statement, told) in breaks {
        let (site, nodes) = nodes(2).await;
        put(&*nodes[0], vec![create(1, "A-1", 100)]).await;
        put(&*nodes[1], vec![paid(2, "A-1", "T1", 100)]).await;
        let third = site.open();
        put(&*third, vec![create(3, "A-2", 100)]).await;
        let head = third.head().await.unwrap();
        let expect = Expect {
            seq: None,
            hash: head.hash,
        };
        let database = database(&site);
        let verified = verify(&database, &[], Some(&expect)).unwrap().unwrap();
        assert_eq!((verified.chains, verified.seq), (3, head.seq));
        beside(&site, statement).await;
        let broken = verify(&database, &[], None).unwrap().unwrap_err();
        assert!(broken.what.contains(told), "{statement}: {broken}");
    }
}

/// The line breaks in the middle of everything, again and again: each callback is acknowledged or refused, what was
/// acknowledged stands, and stands once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_line_loses_nothing_that_was_acknowledged() {
    let (site, nodes) = nodes(2).await;
    let mut writers = JoinSet::new();
    let (tries, mut tried) = tokio::sync::mpsc::channel(1);
    for (place, node) in nodes.iter().enumerate() {
        let (node, tries) = (node.clone(), tries.clone());
        writers.spawn(async move {
            let mut acked = Vec::new();
            for number in 0..60 {
                tries.send(()).await.unwrap();
                let order_no = format!("A-{place}-{number}");
                let made: Result<_, StoreError> =
                    node.append(vec![create(1, &order_no, 100)]).await;
                if made.is_ok_and(|outcomes| outcomes[0].is_ok()) {
                    acked.push(order_no);
                }
            }
            acked
        });
    }
    let ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    drop(tries);
    let mut count = 0;
    while tried.recv().await.is_some() {
        count += 1;
        if count % 15 == 0 {
            beside(&site, ends).await;
        }
    }
    let mut acked = Vec::new();
    while let Some(done) = writers.join_next().await {
        acked.extend(done.unwrap());
    }
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    let fresh = site.open();
    for order_no in &acked {
        assert!(
            fresh.order(&key(order_no)).await.unwrap().is_some(),
            "{order_no}"
        );
        *made.entry(order_no.clone()).or_default() += 1;
    }
    assert!(made.values().all(|times| *times == 1));
    assert!(acked.len() > 20, "most went through: {}", acked.len());
    holds(&site, 3);
}

/// The line is as the URL says: plain, in TLS with anybody, or with whom these authorities vouch for and nobody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_is_what_sslmode_says() {
    let site = Site::postgres().await;
    let Site::Postgres(url) = &site else {
        panic!("these tests are PostgreSQL's")
    };
    let authorities = std::env::var("QUITTANCE_TEST_POSTGRES_CA").unwrap();
    let by_name = url.to_string().replace("127.0.0.1", "localhost");
    let open = |place: &str, options: &str, life| {
        let url = PostgresUrl::parse(&format!("{place}?{options}")).unwrap();
        DatabaseStore::postgres(&url, opening(life))
    };
    let plain_if = |plain: bool| {
        let not = if plain { "" } else { "NOT " };
        format!(
            "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid)
             WHERE a.application_name = 'quittance' AND a.datname = current_database() AND {not}s.ssl)
             THEN RAISE EXCEPTION 'the line is not as it was asked for'; END IF; END $$"
        )
    };
    let known = format!("sslrootcert={authorities}");
    let ways = [
        (url.to_string(), "sslmode=disable".to_owned(), true),
        (url.to_string(), String::new(), false),
        (url.to_string(), "sslmode=require".to_owned(), false),
        (url.to_string(), format!("sslmode=verify-ca&{known}"), false),
        (
            url.to_string(),
            format!("sslmode=verify-full&{known}"),
            false,
        ),
        (by_name, format!("sslmode=verify-full&{known}"), false),
    ];
    for (life, (place, options, plain)) in (101..).zip(ways) {
        let store = open(&place, &options, life).unwrap();
        put(&store, vec![settings_entry(0)]).await;
        beside(&site, &plain_if(plain)).await;
        drop(store);
    }
    // The system's authorities know nothing of a cluster that was made for this test.
    let refused = open(&url.to_string(), "sslmode=verify-full", 120)
        .err()
        .unwrap();
    assert!(matches!(refused, OpenError::Failed(_)), "{refused}");
}

#[test]
fn a_url_is_told_without_its_password() {
    let text = "postgres://shop:CANARY@db1:5433,db2:5434/pay?sslmode=require&pool=2";
    let url = PostgresUrl::parse(text).unwrap();
    assert_eq!(url.to_string(), "postgres://shop@db1:5433,db2:5434/pay");
    assert!(!format!("{url:?}").contains("CANARY"));
    assert!(url.has_password());
    for wrong in [
        "postgres://shop:CANARY@db:many/pay",
        "postgres://shop:CANARY@db/pay?sslmode=sometimes",
        "postgres://shop:CANARY@db/pay?sslmode=verify-ca",
        "postgres://shop:CANARY@db/pay?pool=none",
        "postgres://shop:CANARY@db/pay?sslcert=me.pem",
        "postgres://shop:CANARY@db/pay?no_such_option=1",
    ] {
        let error = PostgresUrl::parse(wrong).unwrap_err().to_string();
        assert!(!error.contains("CANARY"), "{error}");
    }
}

/// A commit whose answer is lost, whether it was made or not: the node looks it up, tells its caller what is true, and
/// writes nothing twice (F-20).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_in_doubt_is_looked_up() {
    let site = Site::postgres().await;
    let Site::Postgres(url) = &site else {
        panic!("these tests are PostgreSQL's")
    };
    let mut tasks = JoinSet::new();
    let (address, cut) = crate::line::between(url, &mut tasks).await;
    let port = |url: &str| {
        url.rsplit(':')
            .next()
            .unwrap()
            .split('/')
            .next()
            .unwrap()
            .to_owned()
    };
    let through = url.to_string().replace(&port(&url.to_string()), &address);
    let through = PostgresUrl::parse(&format!("{through}?sslmode=disable")).unwrap();
    let store = DatabaseStore::postgres(&through, opening(200)).unwrap();
    put(&store, vec![settings_entry(0)]).await;
    for (number, made) in [true, false, true, false].into_iter().enumerate() {
        let order_no = format!("A-{number}");
        cut.next_commit(made);
        let appended = put(&store, vec![create(1, &order_no, 100)]).await;
        assert!(cut.done(), "the line was cut");
        let listed = numbers(&store).await;
        assert_eq!(
            listed.last(),
            Some(&appended[0].seq),
            "written once: {listed:?}"
        );
        assert_eq!(listed.len(), number + 3);
    }
    // The database stays away until the caller has his refusal. What comes next finds that the commit stands, and is work of
    // its own all the same.
    cut.next_commit(true);
    cut.turn_away(true);
    let refused = store.append(vec![create(2, "A-refused", 100)]).await;
    assert!(
        matches!(refused, Err(StoreError::Database(_))),
        "{refused:?}"
    );
    let next = async { append(&store, create(3, "A-next", 100)).await };
    let back = async {
        cut.one_more_refused().await;
        cut.turn_away(false);
    };
    let (next, ()) = tokio::join!(next, back);
    assert!(next.is_ok(), "{next:?}");
    for order_no in ["A-refused", "A-next"] {
        assert!(store.order(&key(order_no)).await.unwrap().is_some());
    }
    assert_eq!(numbers(&store).await.len(), 8);
    holds(&site, 1);
}

/// An order whose content a second node asks for differently is refused there, as everywhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_order_at_two_nodes_is_one() {
    let (_site, nodes) = nodes(2).await;
    let mut racing = JoinSet::new();
    for (place, node) in nodes.iter().enumerate() {
        let node = node.clone();
        let mut new = order(&key("A-1"), 100 + i64::try_from(place).unwrap());
        new.token = format!("token-{place}");
        let new: NewEntry = entry(1, own(What::Order(Box::new(new))).about(&key("A-1")));
        racing.spawn(async move { append(&*node, new).await.is_ok() });
    }
    let mut made = 0;
    while let Some(done) = racing.join_next().await {
        made += usize::from(done.unwrap());
    }
    assert_eq!(made, 1);
    let page = nodes[0].events(None, None, 9).await.unwrap();
    assert!(
        page.items
            .iter()
            .all(|event| json(&event.body)["order"] != ACCOUNT)
    );
}

/// Every chain holds, and the projection is what a refold of all of them makes.
fn holds(site: &Site, chains: u64) {
    let database = database(site);
    let verified = verify(&database, &[], None).unwrap().unwrap();
    assert_eq!(verified.chains, chains);
    let checked = rebuild_check(&database).unwrap();
    assert_eq!(checked.before, checked.after);
}

/// What a doctor asks the database server, on connections as ours are.
#[tokio::test]
async fn the_database_server_says_how_it_keeps_commits() {
    let (site, nodes) = nodes(1).await;
    let cluster = nodes[0].examine(at(1)).await.unwrap().cluster.unwrap();
    assert_eq!((&*cluster.standbys, cluster.copying), ("", 0));
    assert!(!cluster.in_clear);
    assert!(cluster.free > 0);
    drop(nodes);
    let own = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = local',
        current_database()); END $$";
    beside(&site, own).await;
    let cluster = site.open().examine(at(2)).await.unwrap().cluster.unwrap();
    assert_eq!(cluster.commits, "local");
}

/// A standby that lacked the newest commits has become primary: who heard of them as committed writes nothing there (F-21).
#[tokio::test]
async fn a_database_that_went_back_is_written_no_more() {
    let site = Site::postgres().await;
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = told.clone();
    let fatal = move |what: &str| heard.lock().unwrap().push(what.to_owned());
    let store = site.open_with(opening_with(240, Box::new(fatal)));
    put(&*store, vec![settings_entry(0)]).await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();";
    beside(&site, cut).await;
    put(&*store, vec![create(2, "A-2", 100)]).await;

    let back = "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries);
        UPDATE chains SET (seq, hash) = (SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1);";
    beside(&site, &format!("{back} {cut}")).await;
    let refused = store.append(vec![create(3, "A-3", 100)]).await;
    assert!(matches!(refused, Err(StoreError::Closed)), "{refused:?}");
    let said = told.lock().unwrap().concat();
    assert!(
        said.contains("went back") && said.contains("journal adopt"),
        "{said}"
    );
    assert!(!store.writable().await);
    assert!(verify(&database(&site), &[], None).unwrap().is_ok());
}
