//! A journal moves from SQLite to PostgreSQL, and nothing of it is another one there.

use crate::rebuild::{Happening, fixed, happen, histories};
use crate::world::{Plain, Site, create, opening, paid, postgres, put, settings_entry};
use proptest::test_runner::{Config, TestRunner};
use quittance_core::status::Status;
use quittance_server::store::{
    Database, DatabaseStore, EventRow, JournalFilter, JournalRow, MigrateError, Migrated, Moving,
    OpenError, OrderFilter, PostgresUrl, Progress, Snapshot, Store, adopt, journal_rows,
    rebuild_check, verify,
};
use rusqlite::Connection;
use std::ops::ControlFlow;
use std::sync::Arc;
use tempfile::TempDir;

/// A journal in SQLite, in a chain that no life in PostgreSQL has.
fn source(site: &Site) -> Arc<dyn Store> {
    let mut opening = opening(77);
    opening.genesis.chain = "sqlite".into();
    site.open_with(opening)
}

async fn lived(history: &[Happening]) -> Site {
    let site = Site::inline();
    let store = source(&site);
    put(&*store, vec![settings_entry(0)]).await;
    happen(&*store, history, 10).await;
    site
}

/// Many small entries, in few commits.
async fn long(orders: usize) -> Site {
    let site = Site::inline();
    let store = source(&site);
    put(&*store, vec![settings_entry(0)]).await;
    let numbers: Vec<usize> = (0..orders).collect();
    for some in numbers.chunks(500) {
        let made = some.iter().map(|n| create(1, &format!("L-{n}"), 100));
        let paid = some
            .iter()
            .map(|n| paid(2, &format!("L-{n}"), &format!("T-{n}"), 100));
        put(&*store, made.chain(paid).collect()).await;
    }
    site
}

fn migrate(
    site: &Site,
    url: &PostgresUrl,
    watch: impl FnMut(Progress) -> ControlFlow<()> + Send,
) -> Result<Migrated, MigrateError> {
    let mut watch = watch;
    quittance_server::store::migrate(site.folder(), url, Arc::new(Plain), &mut watch)
}

fn whole(site: &Site, url: &PostgresUrl) -> Result<Migrated, MigrateError> {
    migrate(site, url, |_| ControlFlow::Continue(()))
}

/// Everything that a store tells.
#[derive(PartialEq, Debug)]
struct Told {
    journal: Vec<JournalRow>,
    orders: Vec<Snapshot>,
    events: Vec<(String, Vec<u8>, String)>,
    next: Option<String>,
}

async fn told(store: &dyn Store, journal: Vec<JournalRow>) -> Told {
    let orders = OrderFilter {
        limit: 100_000,
        ..OrderFilter::default()
    };
    let events = store.events(None, None, 100_000).await.unwrap();
    let event = |event: EventRow| (event.id, event.body, format!("{:?}", event.deliveries));
    Told {
        journal,
        orders: store.orders(orders).await.unwrap().items,
        events: events.items.into_iter().map(event).collect(),
        next: events.next,
    }
}

fn journal(database: &Database) -> Vec<JournalRow> {
    let filter = JournalFilter {
        limit: 100_000,
        ..JournalFilter::default()
    };
    journal_rows(database, &filter).unwrap().items
}

async fn moves(history: &[Happening]) {
    let site = lived(history).await;
    // One body was erased.
    let conn = Connection::open(site.folder().join("quittance.db")).unwrap();
    conn.execute(
        "DELETE FROM bodies WHERE seq = (SELECT max(seq) FROM bodies WHERE seq > 1)",
        [],
    )
    .unwrap();
    drop(conn);

    let folder = Database::from(site.folder());
    let store = source(&site);
    let before = told(&*store, journal(&folder)).await;
    let salt = store.payer_salt();
    drop(store);
    let url = Box::new(postgres().await);
    let moved = whole(&site, &url).unwrap();
    let database = Database::Postgres(url.clone());
    let (here, there) = (
        verify(&folder, &[], None).unwrap().unwrap(),
        verify(&database, &[], None).unwrap().unwrap(),
    );
    assert_eq!(here, there);
    assert_eq!(
        (moved.entries, moved.earlier, moved.head.seq, moved.bodies),
        (here.entries, 0, here.seq, here.bodies)
    );
    let (ours, theirs) = (
        rebuild_check(&folder).unwrap(),
        rebuild_check(&database).unwrap(),
    );
    assert_eq!((ours.before, ours.after), (theirs.before, theirs.after));
    assert_eq!((ours.before, ours.before), (moved.dump, ours.after));

    // A node opens on it, and goes on.
    let site = Site::Postgres(url.clone());
    let journal_there = journal(&database);
    let store = site.open();
    let after = told(&*store, journal_there).await;
    assert!(before == after, "{before:?} became {after:?}");
    assert_eq!(store.payer_salt(), salt);
    let newest = here.seq.max(feed(&before.next));
    let made = put(&*store, vec![create(100_000, "Z-1", 100)]).await;
    assert!(made[0].seq > newest);
    let settings = settings_entry(100_001);
    let paid = paid(100_002, "Z-1", "T-Z", 100);
    let done = put(&*store, vec![settings, paid]).await;
    let order = done[1].order.clone().unwrap();
    let status = quittance_core::derived::derive(&order.state).status;
    assert_eq!(status, Status::Paid);
    let news = store.events(None, before.next.clone(), 100).await.unwrap();
    assert_eq!(news.items.len(), 2, "{:?}", news.items);
    assert!(feed(&news.next) > feed(&before.next));
    let parents = journal(&database)
        .into_iter()
        .filter(|row| row.kind == 1 && row.chain != "sqlite");
    let parents: Vec<String> = parents
        .map(|row| String::from_utf8(row.header).unwrap())
        .collect();
    assert_eq!(parents.len(), 1);
    assert!(parents[0].contains(r#""chain":"sqlite""#), "{parents:?}");
    drop(store);
    let holds = verify(&database, &[], None).unwrap().unwrap();
    assert_eq!(holds.chains, 2);
    let checked = rebuild_check(&database).unwrap();
    assert_eq!(checked.before, checked.after);
}

/// The place of a cursor of the feed.
fn feed(cursor: &Option<String>) -> u64 {
    cursor.as_deref().unwrap()[1..].parse().unwrap()
}

#[test]
fn every_history_moves_as_it_is() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(moves(&fixed()));
    let mut runner = TestRunner::new(Config {
        cases: 8,
        failure_persistence: None,
        ..Config::default()
    });
    let run = runner.run(&histories(), |history| {
        runtime.block_on(moves(&history));
        Ok(())
    });
    run.unwrap();
}

/// An epoch has begun: what is told after the move comes above it too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_counts_go_on_above_an_epoch() {
    let site = lived(&fixed()).await;
    let folder = Database::from(site.folder());
    let adopted = adopt(&folder, Arc::new(Plain), &opening(1).genesis).unwrap();
    let url = postgres().await;
    whole(&site, &url).unwrap();
    let store = Site::Postgres(Box::new(url)).open();
    let before = store.events(None, None, 10_000).await.unwrap().next;
    put(&*store, vec![create(9_000, "Z-1", 5)]).await;
    put(&*store, vec![paid(9_001, "Z-1", "T-Z", 5)]).await;
    let news = store.events(None, before, 10).await.unwrap();
    assert!(!news.items.is_empty());
    assert!(feed(&news.next) > quittance_core::epoch::floor(adopted.epoch));
}

/// Cut off after each chunk, and while it compares: the next run goes on, and no server starts in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_was_cut_off_goes_on() {
    let site = long(2_600).await;
    let url = postgres().await;
    let database = Database::Postgres(Box::new(url.clone()));
    let mut stops = Vec::new();
    let moved = loop {
        // One more chunk of entries in each run, then one step further.
        let (mut before, mut told) = (None, 0);
        let known = stops.len();
        let moved = migrate(&site, &url, |progress| {
            let new = !stops.contains(&progress) && progress.done > 0;
            told += 1;
            if new && before.is_none() {
                before = Some(progress);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        match before {
            Some(progress) => {
                assert_eq!(moved.unwrap_err(), MigrateError::Stopped);
                stops.push(progress);
            }
            None => break moved.unwrap(),
        }
        assert!(told > 0 && stops.len() > known && stops.len() < 50);
        let refused = DatabaseStore::postgres(&url, opening(3)).err().unwrap();
        assert_eq!(refused, OpenError::Unfinished(url.to_string()));
        assert_eq!(verify(&database, &[], None).unwrap_err(), refused);
        assert!(refused.to_string().contains("quittance migrate"));
    };
    let entries = stops.iter().filter(|stop| stop.step == Moving::Entries);
    assert_eq!(
        entries.map(|stop| stop.done).collect::<Vec<_>>(),
        [2_000, 4_000, moved.entries]
    );
    assert_eq!(
        (moved.earlier, moved.orders),
        (moved.entries, 2_600),
        "{stops:?}"
    );
    let holds = verify(&database, &[], None).unwrap().unwrap();
    assert_eq!((holds.entries, holds.seq), (moved.entries, moved.head.seq));
    let again = whole(&site, &url).unwrap_err();
    assert_eq!(again, MigrateError::Moved(url.to_string()));
    assert!(DatabaseStore::postgres(&url, opening(3)).is_ok());
    assert_eq!(whole(&site, &url).unwrap_err(), again);
}

/// What changed in between is noticed: the source goes on, or lost what the target has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_changed_in_between_is_noticed() {
    let site = long(100).await;
    let url = postgres().await;
    let cut = |progress: Progress| match progress.step {
        Moving::Orders => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    assert_eq!(
        migrate(&site, &url, cut).unwrap_err(),
        MigrateError::Stopped
    );
    // A server ran on it meanwhile: what it wrote comes too.
    let store = source(&site);
    put(&*store, vec![paid(50, "L-1", "T-more", 7)]).await;
    drop(store);
    assert_eq!(
        migrate(&site, &url, cut).unwrap_err(),
        MigrateError::Stopped
    );
    let conn = Connection::open(site.folder().join("quittance.db")).unwrap();
    conn.execute("DELETE FROM bodies WHERE seq = 105", [])
        .unwrap();
    let refused = whole(&site, &url).unwrap_err();
    assert!(matches!(refused, MigrateError::Differs(_)), "{refused}");
    assert!(refused.to_string().contains("drop that database"));
    let refused = DatabaseStore::postgres(&url, opening(3)).err().unwrap();
    assert_eq!(refused, OpenError::Unfinished(url.to_string()));
    let url = postgres().await;
    let moved = whole(&site, &url).unwrap();
    assert_eq!((moved.orders, moved.erased), (100, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_move_is_refused_with_what_to_do() {
    let site = long(3).await;
    // Another journal is there.
    let other = Site::postgres().await;
    drop(other.ready().await);
    let Site::Postgres(other_url) = &other else {
        panic!()
    };
    let database = Database::Postgres(other_url.clone());
    let before = journal(&database);
    let refused = whole(&site, other_url).unwrap_err();
    assert_eq!(refused, MigrateError::Other(other_url.to_string()));
    assert!(refused.to_string().contains("empty database"));
    assert_eq!(journal(&database), before);
    // Another journal has begun to move there.
    let url = postgres().await;
    let cut = |progress: Progress| match progress.step {
        Moving::Events => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    assert_eq!(
        migrate(&site, &url, cut).unwrap_err(),
        MigrateError::Stopped
    );
    let another = Site::inline();
    drop(another.ready().await);
    assert_eq!(
        whole(&another, &url).unwrap_err(),
        MigrateError::Other(url.to_string())
    );
    // A server runs on the folder.
    let store = source(&site);
    let locked = MigrateError::Open(OpenError::Locked(site.folder().to_owned()));
    assert_eq!(whole(&site, &url).unwrap_err(), locked);
    drop(store);
    // There is no journal.
    let nothing = TempDir::new().unwrap();
    let missing = MigrateError::Open(OpenError::Missing(nothing.path().to_owned()));
    let nothing = Site::Inline(nothing);
    assert_eq!(whole(&nothing, &url).unwrap_err(), missing);
    // A byte was changed.
    let conn = Connection::open(site.folder().join("quittance.db")).unwrap();
    conn.execute("UPDATE entries SET account = 'x' WHERE seq = 4", [])
        .unwrap();
    drop(conn);
    let broken = whole(&site, &url).unwrap_err();
    assert!(matches!(broken, MigrateError::Broken(_)), "{broken}");
}
