//! The store's own threads: one writes, with group commit, others read.

use super::StoreError;
use super::failure::Failure;
use super::shared::{Engine, Job, Shared, lock};
use super::sql::Sql;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Jobs that one commit takes at most: enough to share a sync, few enough that the first does not wait for long.
const BATCH_MAX: usize = 256;
/// Jobs that may wait before callers have to.
const QUEUE_MAX: usize = 1_024;
/// A connection that is only read from.
pub(super) trait Reader: Send {
    /// Reads, in one moment where that can matter. It may be done again: what the last time found is told.
    fn read(
        &mut self,
        look: &mut dyn FnMut(&dyn Sql) -> Result<(), Failure>,
    ) -> Result<(), Failure>;
}

type Read = Box<dyn FnOnce(&mut dyn Reader) + Send>;

/// The queues to the threads. Dropped, they end, and with them what the engine holds.
pub(super) struct Threads {
    writes: Option<mpsc::Sender<Box<dyn Job>>>,
    reads: Option<mpsc::Sender<Read>>,
    handles: Vec<JoinHandle<()>>,
    /// Dropped, it ends whoever looks for what other nodes write.
    watch: Option<oneshot::Sender<()>>,
}

impl Threads {
    pub(super) fn start(
        engine: Box<dyn Engine>,
        connections: Vec<Box<dyn Reader>>,
        shared: &Arc<Shared>,
    ) -> Threads {
        let (reads, queue) = mpsc::channel(QUEUE_MAX);
        let queue = Arc::new(Mutex::new(queue));
        let mut handles = Vec::new();
        for connection in connections {
            let (queue, shared) = (queue.clone(), shared.clone());
            handles.push(spawn(move || readers(connection, &queue, &shared)));
        }
        let (writes, queue) = mpsc::channel(QUEUE_MAX);
        let shared = shared.clone();
        handles.push(spawn(move || writer(engine, queue, &shared)));
        Threads {
            writes: Some(writes),
            reads: Some(reads),
            handles,
            watch: None,
        }
    }

    /// Runs beside the others until they end.
    pub(super) fn watch(&mut self, look: impl FnOnce(oneshot::Receiver<()>) + Send + 'static) {
        let (watch, stop) = oneshot::channel();
        self.watch = Some(watch);
        self.handles.push(spawn(move || look(stop)));
    }

    pub(super) async fn write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let writes = self.writes.as_ref().ok_or(StoreError::Closed)?;
        writes.send(job).await.map_err(|_| StoreError::Closed)
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        verb: impl Fn(&dyn Sql) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Result<T, Failure>, StoreError> {
        let reads = self.reads.as_ref().ok_or(StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let job: Read = Box::new(move |connection| {
            // Whoever asked may be gone.
            let _ = reply.send(found(connection, verb));
        });
        reads.send(job).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)
    }
}

/// What a verb finds through a reader.
pub(super) fn found<T>(
    reader: &mut dyn Reader,
    verb: impl Fn(&dyn Sql) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut found = None;
    reader.read(&mut |sql| {
        found = Some(verb(sql)?);
        Ok(())
    })?;
    found.ok_or_else(|| Failure::Database("a reader did not look".to_owned()))
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.writes.take();
        self.reads.take();
        self.watch.take();
        for handle in self.handles.drain(..) {
            // A thread that panicked has said so by its alarm.
            let _ = handle.join();
        }
    }
}

/// Waits for one job, takes what is queued behind it, and gives all of them one commit.
fn writer(mut engine: Box<dyn Engine>, mut queue: mpsc::Receiver<Box<dyn Job>>, shared: &Shared) {
    let _alarm = Alarm(shared);
    while let Some(first) = queue.blocking_recv() {
        let mut jobs = vec![first];
        while jobs.len() < BATCH_MAX
            && let Ok(job) = queue.try_recv()
        {
            jobs.push(job);
        }
        shared.serve(&mut *engine, jobs);
    }
}

fn readers(mut connection: Box<dyn Reader>, queue: &Mutex<mpsc::Receiver<Read>>, shared: &Shared) {
    let _alarm = Alarm(shared);
    loop {
        let next = lock(queue).blocking_recv();
        let Some(job) = next else {
            return;
        };
        job(&mut *connection);
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
    reason = "databases block: they have threads of their own, and nothing else has"
)]
fn spawn(work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    std::thread::spawn(work)
}

/// Does work that waits for a database on a thread of its own, and waits for that.
pub(super) fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let done = std::thread::scope(|scope| scope.spawn(work).join());
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
