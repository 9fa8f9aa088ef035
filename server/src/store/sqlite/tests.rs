//! Faults that need the connection itself.

use super::SqliteEngine;
use super::failure::{classify, of_commit};
use super::open::Location;
use crate::store::batch::Batch;
use crate::store::failure::Failure;
use crate::store::keys::Keys;
use crate::store::shared::{Job, Shared, Ticket};
use crate::store::{
    DatabaseStore, Fatal, Genesis, Head, JournalFilter, NewEntry, Opening, Render, Store,
    StoreError,
};
use quittance_core::Timestamp;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::event::{About, Event};
use quittance_core::gateway::Personal;
use rusqlite::ffi;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use tokio::sync::oneshot;

struct Blank;

impl Render for Blank {
    fn event(&self, _: &Event, _: About<'_>, _: &[Personal], _: &Head) -> Vec<u8> {
        Vec::new()
    }

    fn without_personal(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + secs).unwrap()
}

fn open(folder: &TempDir, fatal: Fatal) -> DatabaseStore {
    let genesis = Genesis {
        chain: "c".into(),
        payer_salt: [1; 32],
        salt: [1; 16],
        at: at(0),
    };
    let render = Arc::new(Blank);
    let opening = Opening {
        render,
        genesis,
        fatal,
    };
    DatabaseStore::threaded(folder.path(), opening).unwrap()
}

fn never() -> Fatal {
    Box::new(|what| panic!("{what}"))
}

fn junk(bytes: usize) -> NewEntry {
    let record = Record::new(Direction::In, What::Junk { count: 1 });
    NewEntry {
        salt: [2; 16],
        ..NewEntry::new(at(1), record).with_body(vec![b'x'; bytes])
    }
}

async fn pages_max(store: &DatabaseStore, pages: i64) {
    let set = move |batch: &mut Batch<'_>| {
        let set = format!("PRAGMA max_page_count = {pages}");
        batch.tables().aside(&set)
    };
    store.write(Keys::default, set).await.unwrap();
}

/// F-13: a full disk is said, leaves nothing half-written, and is over when there is room again.
#[tokio::test]
async fn a_full_disk_is_said_and_gone_on_after() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder, never());
    store.append(vec![junk(10)]).await.unwrap();
    let head = store.head().await.unwrap();
    let mut changes = store.changes();
    pages_max(&store, 1).await;
    assert!(store.writable().await, "nothing has failed yet");
    // The first entry would fit, the second does not: neither is written.
    let full = store.append(vec![junk(10), junk(200_000)]).await;
    assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    assert_eq!(store.head().await.unwrap(), head);
    assert!(!store.writable().await, "there is still no room");
    assert!(changes.try_recv().is_err());
    // Reading goes on.
    let filter = JournalFilter {
        limit: 9,
        ..JournalFilter::default()
    };
    let rows = store.journal(filter).await.unwrap().items;
    assert_eq!(rows.len(), 2);

    pages_max(&store, 1_000_000).await;
    assert!(store.writable().await);
    let outcomes = store.append(vec![junk(10), junk(200_000)]).await.unwrap();
    assert_eq!(outcomes[1].as_ref().unwrap().seq, head.seq + 2);
    drop(store);
    let verified = crate::store::verify(&folder.path().into(), &[], None)
        .unwrap()
        .unwrap();
    assert_eq!(verified.seq, head.seq + 2);
}

/// A commit that fails for any other reason: nobody is answered as if it had not, the hook is called, all is closed.
#[tokio::test]
async fn a_failed_commit_closes_the_store() {
    let folder = TempDir::new().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = calls.clone();
    let fatal = Box::new(move |_: &str| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let store = open(&folder, fatal);
    let head = store.head().await.unwrap();
    // A constraint that is only looked at by the commit itself.
    let spoil = |batch: &mut Batch<'_>| {
        batch.append(&[junk(1)])?;
        let sql = "PRAGMA defer_foreign_keys = ON; INSERT INTO bodies VALUES (999, x'00', x'00');";
        batch.tables().aside(sql)
    };
    let failed = store.write(Keys::default, spoil).await;
    assert!(matches!(failed, Err(StoreError::Closed)), "{failed:?}");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    let after = store.append(vec![junk(1)]).await;
    assert!(matches!(after, Err(StoreError::Closed)), "{after:?}");
    assert!(store.head().await.is_err());
    assert!(store.settings().await.is_err());
    assert!(!store.writable().await);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    drop(store);
    let store = open(&folder, never());
    assert_eq!(store.head().await.unwrap(), head);
}

/// One job that cannot be done spoils nobody else's.
#[test]
fn a_failing_job_fails_alone() {
    type Answer = oneshot::Receiver<Result<u64, StoreError>>;
    fn ticket(
        verb: impl Fn(&mut Batch<'_>) -> Result<u64, Failure> + Send + 'static,
    ) -> (Box<dyn Job>, Answer) {
        let (reply, answer) = oneshot::channel();
        let done = None;
        let keys = Keys::default;
        let ticket = Ticket {
            keys,
            verb,
            done,
            reply,
        };
        (Box::new(ticket), answer)
    }
    let genesis = Genesis {
        chain: "c".into(),
        payer_salt: [1; 32],
        salt: [1; 16],
        at: at(0),
    };
    let mut engine = SqliteEngine::open(&Location::Memory, Arc::new(Blank), &genesis).unwrap();
    let shared = Shared::new(&engine, never());
    let append = |batch: &mut Batch<'_>| {
        let outcome = batch.append(&[junk(1)])?.remove(0);
        Ok(outcome.map_or(0, |appended| appended.seq))
    };
    let (first, mut first_answer) = ticket(append);
    let (wrong, mut wrong_answer) = ticket(move |batch| {
        append(batch)?;
        Err(Failure::Database("no".into()))
    });
    let (last, mut last_answer) = ticket(append);
    shared.serve(&mut engine, vec![first, wrong, last]);
    assert_eq!(first_answer.try_recv().unwrap().unwrap(), 2);
    let wrong = wrong_answer.try_recv().unwrap();
    assert!(matches!(wrong, Err(StoreError::Database(_))), "{wrong:?}");
    assert_eq!(last_answer.try_recv().unwrap().unwrap(), 3);
    assert_eq!(engine.head().seq, 3);
}

/// A panic in the middle of a job is no commit: the thread's alarm closes the store.
#[tokio::test]
async fn a_panic_closes_the_store() {
    let folder = TempDir::new().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = calls.clone();
    let fatal = Box::new(move |_: &str| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let store = open(&folder, fatal);
    let failed = store
        .write(Keys::default, |_| -> Result<(), Failure> {
            panic!("on purpose")
        })
        .await;
    assert!(matches!(failed, Err(StoreError::Closed)), "{failed:?}");
    drop(store);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

/// What SQLite says, and what follows from it.
#[test]
fn errors_are_sorted() {
    let sorted = |code: i32| {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        (classify(&error), of_commit(&error))
    };
    for code in [ffi::SQLITE_FULL, ffi::SQLITE_IOERR_SHMSIZE] {
        assert_eq!(sorted(code), (Failure::Full, Failure::Full), "{code}");
    }
    for code in [
        ffi::SQLITE_IOERR,
        ffi::SQLITE_IOERR_READ,
        ffi::SQLITE_IOERR_WRITE,
        ffi::SQLITE_IOERR_FSYNC,
        ffi::SQLITE_IOERR_DIR_FSYNC,
        ffi::SQLITE_IOERR_TRUNCATE,
        ffi::SQLITE_IOERR_SHMMAP,
    ] {
        let (anywhere, commit) = sorted(code);
        assert!(matches!(anywhere, Failure::Fatal(_)), "{code}");
        assert!(matches!(commit, Failure::Fatal(_)), "{code}");
    }
    for code in [
        ffi::SQLITE_BUSY,
        ffi::SQLITE_BUSY_SNAPSHOT,
        ffi::SQLITE_LOCKED,
    ] {
        let (anywhere, commit) = sorted(code);
        assert!(matches!(anywhere, Failure::Busy(_)), "{code}");
        assert!(matches!(commit, Failure::Busy(_)), "{code}");
    }
    for code in [
        ffi::SQLITE_CONSTRAINT,
        ffi::SQLITE_CORRUPT,
        ffi::SQLITE_NOMEM,
    ] {
        let (anywhere, commit) = sorted(code);
        assert!(matches!(anywhere, Failure::Database(_)), "{code}");
        assert!(matches!(commit, Failure::Fatal(_)), "{code}");
    }
}
