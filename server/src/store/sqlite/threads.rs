//! The store's own threads: one writes, with group commit, others read.

use super::shared::{Job, Shared, lock};
use crate::store::StoreError;
use crate::store::engine::Engine;
use crate::store::failure::Failure;
use crate::store::open::{self, OpenError};
use crate::store::read;
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Jobs that one commit takes at most: enough to share a sync, few enough that the first does not wait for long.
const BATCH_MAX: usize = 256;
/// Jobs that may wait before callers have to.
const QUEUE_MAX: usize = 1_024;
/// Readers: a long list does not hold up a page.
const READERS: usize = 2;

type Read = Box<dyn FnOnce(&Connection) + Send>;

/// The queues to the threads. Dropped, they end, and with them the folder's lock.
pub(super) struct Threads {
    writes: Option<mpsc::Sender<Box<dyn Job>>>,
    reads: Option<mpsc::Sender<Read>>,
    handles: Vec<JoinHandle<()>>,
}

impl Threads {
    pub(super) fn start(
        folder: &Path,
        engine: Engine,
        shared: &Arc<Shared>,
    ) -> Result<Threads, OpenError> {
        let (reads, queue) = mpsc::channel(QUEUE_MAX);
        let queue = Arc::new(Mutex::new(queue));
        let mut handles = Vec::new();
        for _ in 0..READERS {
            let conn = open::reader(folder)?;
            let (queue, shared) = (queue.clone(), shared.clone());
            handles.push(spawn(move || readers(&conn, &queue, &shared)));
        }
        let (writes, queue) = mpsc::channel(QUEUE_MAX);
        let shared = shared.clone();
        handles.push(spawn(move || writer(engine, queue, &shared)));
        Ok(Threads {
            writes: Some(writes),
            reads: Some(reads),
            handles,
        })
    }

    pub(super) async fn write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let writes = self.writes.as_ref().ok_or(StoreError::Closed)?;
        writes.send(job).await.map_err(|_| StoreError::Closed)
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Result<T, Failure>, StoreError> {
        let reads = self.reads.as_ref().ok_or(StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let job: Read = Box::new(move |conn| {
            // Whoever asked may be gone.
            let _ = reply.send(read::at_once(conn, verb));
        });
        reads.send(job).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.writes.take();
        self.reads.take();
        for handle in self.handles.drain(..) {
            // A thread that panicked has said so by its alarm.
            let _ = handle.join();
        }
    }
}

/// Waits for one job, takes what is queued behind it, and gives all of them one commit.
fn writer(mut engine: Engine, mut queue: mpsc::Receiver<Box<dyn Job>>, shared: &Shared) {
    let _alarm = Alarm(shared);
    while let Some(first) = queue.blocking_recv() {
        let mut jobs = vec![first];
        while jobs.len() < BATCH_MAX
            && let Ok(job) = queue.try_recv()
        {
            jobs.push(job);
        }
        shared.serve(&mut engine, jobs);
    }
}

fn readers(conn: &Connection, queue: &Mutex<mpsc::Receiver<Read>>, shared: &Shared) {
    let _alarm = Alarm(shared);
    loop {
        let next = lock(queue).blocking_recv();
        let Some(job) = next else {
            return;
        };
        job(conn);
    }
}

/// A thread that ends by a panic ends the store.
struct Alarm<'a>(&'a Shared);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail("a thread of the store panicked");
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "SQLite blocks: it has threads of its own, and nothing else has"
)]
fn spawn(work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    std::thread::spawn(work)
}
