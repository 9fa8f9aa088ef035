//! What happens when the disk, another process, or a crash gets in the way.
//!
//! A full disk and a failing commit are beside the store itself (`src/store/sqlite/tests.rs`), where the connection is
//! in reach.

use crate::world::*;
use quittance_core::derived::derive;
use quittance_core::status::Status;
use quittance_server::store::{
    DatabaseStore, JournalFilter, Location, OpenError, Store, StoreError, journal_rows, rebuild,
    rebuild_check, verify,
};
use rusqlite::Connection;
use std::future::poll_fn;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use tempfile::TempDir;

/// Names the folder in the process whose files may not grow.
const SMALL_DISK: &str = "QUITTANCE_TEST_SMALL_DISK";

#[tokio::test]
async fn a_second_opener_is_refused_until_the_first_is_gone() {
    let site = Site::threaded();
    let store = site.ready().await;
    let folder = site.folder().to_owned();
    let second = DatabaseStore::threaded(&folder, opening(2));
    let refused = second.err().unwrap();
    assert_eq!(refused, OpenError::Locked(folder.clone()));
    assert!(refused.to_string().contains("stop that one first"));
    let second = DatabaseStore::inline(&Location::Folder(folder.clone()), opening(2));
    assert_eq!(second.err().unwrap(), OpenError::Locked(folder.clone()));
    let rebuilding = rebuild(&folder.as_path().into(), Arc::new(Plain)).unwrap_err();
    assert_eq!(rebuilding, OpenError::Locked(folder.clone()));
    // Reading and checking go on beside it.
    assert!(verify(&folder.as_path().into(), &[], None).unwrap().is_ok());
    rebuild_check(&folder.as_path().into()).unwrap();
    drop(store);
    site.open();
}

#[tokio::test]
async fn an_older_binary_refuses_a_newer_schema() {
    let site = Site::inline();
    site.ready().await;
    let conn = Connection::open(site.folder().join("quittance.db")).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    let location = Location::Folder(site.folder().to_owned());
    let refused = DatabaseStore::inline(&location, opening(1)).err().unwrap();
    assert_eq!(
        refused,
        OpenError::Newer {
            found: 99,
            known: 3
        }
    );
    assert!(refused.to_string().contains("a newer quittance"));
    assert!(verify(&site.folder().into(), &[], None).is_err());
    assert!(rebuild_check(&site.folder().into()).is_err());
}

#[tokio::test]
async fn where_there_is_no_database_readers_make_none() {
    let folder = TempDir::new().unwrap();
    let missing = OpenError::Missing(folder.path().to_owned());
    assert_eq!(
        verify(&folder.path().into(), &[], None).unwrap_err(),
        missing
    );
    assert_eq!(rebuild_check(&folder.path().into()).unwrap_err(), missing);
    let rebuilding = rebuild(&folder.path().into(), Arc::new(Plain)).unwrap_err();
    assert_eq!(rebuilding, missing);
    let rows = journal_rows(&folder.path().into(), &JournalFilter::default()).unwrap_err();
    assert_eq!(rows, missing);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_journal_that_lost_its_end_is_not_gone_on_with() {
    let changes = [
        "DELETE FROM entries WHERE seq = 3",
        "UPDATE entries SET time_us = time_us + 1 WHERE seq = 3",
    ];
    for change in changes {
        let site = Site::inline();
        let store = site.ready().await;
        put(&*store, vec![create(1, "A-1", 100)]).await;
        drop(store);
        let conn = Connection::open(site.folder().join("quittance.db")).unwrap();
        conn.execute(change, []).unwrap();
        drop(conn);
        let location = Location::Folder(site.folder().to_owned());
        let refused = DatabaseStore::inline(&location, opening(1)).err().unwrap();
        assert!(matches!(refused, OpenError::Damaged(_)), "{refused}");
    }
}

/// F-02, F-05, F-06: a crash before the commit leaves nothing, one after it leaves everything. The yields of the
/// inline store are the places where it may fall.
#[tokio::test]
async fn a_crash_falls_before_or_after_the_commit() {
    let store = Site::Memory.ready().await;
    let head = store.head().await.unwrap().seq;
    for (polls, appended) in [(0, 0), (1, 0), (2, 2)] {
        let order_no = format!("A-{polls}");
        let entries = vec![
            create(1, &order_no, 100),
            paid(2, &order_no, &order_no, 100),
        ];
        let mut append = Box::pin(store.append(entries));
        for _ in 0..polls {
            let ready = poll_fn(|context| Poll::Ready(append.as_mut().poll(context).is_ready()));
            assert!(!ready.await);
        }
        drop(append);
        assert_eq!(store.head().await.unwrap().seq, head + appended);
        let found = store.order(&key(&order_no)).await.unwrap();
        let status = found.map(|found| derive(&found.state).status);
        assert_eq!(status, (appended > 0).then_some(Status::Paid));
    }
}

/// F-19: while another process holds the database, nothing is acknowledged; afterwards everything goes on, once.
#[tokio::test]
async fn a_database_held_by_another_process_is_waited_for_and_then_refused() {
    let site = Site::threaded();
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let head = store.head().await.unwrap();
    let other = Connection::open(site.folder().join("quittance.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = store.append(vec![paid(2, "A-1", "T1", 100)]).await;
    assert!(
        matches!(refused, Err(StoreError::Database(_))),
        "{refused:?}"
    );
    assert_eq!(store.head().await.unwrap(), head);
    // Reading goes on.
    assert!(store.order(&key("A-1")).await.unwrap().is_some());
    other.execute_batch("ROLLBACK").unwrap();
    put(&*store, vec![paid(3, "A-1", "T1", 100)]).await;
    assert_eq!(told_events(&*store).await.len(), 2);
}

/// F-15: a write that fails for another reason than a full disk. The operating system's limit on the size of files
/// stands in for the failing disk: it makes SQLite say `SQLITE_IOERR_WRITE`.
#[test]
fn a_failed_write_ends_the_store_and_nothing_acknowledged_is_lost() {
    let folder = TempDir::new().unwrap();
    let program = std::env::current_exe().unwrap();
    let script = r#"trap "" XFSZ; ulimit -f 8000; exec "$0" --exact faults::on_a_disk_that_fails --nocapture"#;
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(program)
        .env(SMALL_DISK, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let acknowledged = said
        .lines()
        .find_map(|line| line.split_once("acknowledged "))
        .map(|(_, count)| count.parse::<i64>().unwrap())
        .unwrap();
    assert!(acknowledged > 10, "{acknowledged}");

    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(all_are_there(folder.path(), acknowledged));
}

async fn all_are_there(folder: &Path, acknowledged: i64) {
    let store = DatabaseStore::inline(&Location::Folder(folder.to_owned()), opening(1)).unwrap();
    for number in 0..acknowledged {
        let found = store.order(&key(&format!("A-{number}"))).await.unwrap();
        let status = derive(&found.unwrap().state).status;
        assert_eq!(status, Status::Paid, "{number} of {acknowledged}");
    }
    // What was not acknowledged is there whole, or not at all.
    let filter = JournalFilter {
        limit: 100_000,
        ..JournalFilter::default()
    };
    let entries = store.journal(filter).await.unwrap().items.len();
    assert_eq!(entries % 2, 0);
    drop(store);
    assert!(verify(&folder.into(), &[], None).unwrap().is_ok());
    let checked = rebuild_check(&folder.into()).unwrap();
    assert_eq!(checked.before, checked.after);
}

/// The other process of the test above; on its own it does nothing.
#[tokio::test]
async fn on_a_disk_that_fails() {
    let Some(folder) = std::env::var_os(SMALL_DISK) else {
        return;
    };
    let fatal: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = fatal.clone();
    let hook = Box::new(move |what: &str| heard.lock().unwrap().push(what.to_owned()));
    let store = DatabaseStore::threaded(Path::new(&folder), opening_with(1, hook)).unwrap();
    put(&store, vec![settings_entry(0)]).await;
    let mut acknowledged = 0;
    let error = loop {
        let order_no = format!("A-{acknowledged}");
        let entries = vec![
            create(1, &order_no, 100),
            paid(2, &order_no, &order_no, 100),
        ];
        match store.append(entries).await {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Closed), "{error:?}");
    let again = store.append(vec![create(1, "A-last", 1)]).await;
    assert!(matches!(again, Err(StoreError::Closed)), "{again:?}");
    let read = store.order(&key("A-0")).await;
    assert!(matches!(read, Err(StoreError::Closed)), "{read:?}");
    assert!(!store.writable().await);
    let heard = fatal.lock().unwrap();
    assert_eq!(heard.len(), 1, "{heard:?}");
    // 778 is SQLITE_IOERR_WRITE.
    assert!(heard[0].contains("778"), "{heard:?}");
    println!("acknowledged {acknowledged}");
}
