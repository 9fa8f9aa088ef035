//! What both modes, and all threads of the store, have in common: how jobs share a commit, and what its end means.

use super::batch::{Batch, Committed};
use super::failure::Failure;
use super::keys::Keys;
use super::open::Fatal;
use super::{Change, Head, StoreError};
use quittance_core::settings::Settings;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{broadcast, oneshot};

/// Changes that a slow listener may lag behind before it misses some and looks for itself.
const CHANGES: usize = 1_024;

/// Where entries are appended: one transaction at a time.
pub(super) trait Engine: Send {
    /// Whether others write beside it: then it has to know what a transaction looks at.
    fn shares(&self) -> bool;
    /// The newest entry of this node's own chain, and the settings in force.
    fn now(&self) -> (Head, Arc<Settings>);
    /// The salt for hashes of payers.
    fn payer_salt(&self) -> [u8; 32];
    /// Works in one transaction and commits. The work may be done several times: what the last time did stands. After an
    /// error nothing of it stands, and the head is as before. `keys` are rows that it is known to look at, where it shares.
    fn transact(
        &mut self,
        keys: Keys,
        work: &mut dyn FnMut(&mut Batch<'_>) -> Result<(), Failure>,
    ) -> Result<Committed, Failure>;
}

/// What both modes, and all threads, have in common.
pub(super) struct Shared {
    pub(super) changes: broadcast::Sender<Change>,
    pub(super) now: Mutex<(Head, Arc<Settings>)>,
    pub(super) payer_salt: [u8; 32],
    pub(super) full: AtomicBool,
    closed: AtomicBool,
    fatal: Fatal,
}

impl Shared {
    pub(super) fn new(engine: &dyn Engine, fatal: Fatal) -> Shared {
        Shared {
            changes: broadcast::Sender::new(CHANGES),
            now: Mutex::new(engine.now()),
            payer_salt: engine.payer_salt(),
            full: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            fatal,
        }
    }

    pub(super) fn open(&self) -> Result<(), StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        Ok(())
    }

    /// Runs jobs in one transaction and answers each after the commit. Where one of them spoils it, each has its own.
    pub(super) fn serve(&self, engine: &mut dyn Engine, mut jobs: Vec<Box<dyn Job>>) {
        let done = match self.open() {
            Ok(()) => {
                let keys = match engine.shares() {
                    true => jobs.iter().map(|job| job.keys()).collect(),
                    false => Keys::default(),
                };
                engine.transact(keys, &mut |batch| {
                    jobs.iter_mut().try_for_each(|job| job.run(batch))
                })
            }
            Err(_) => Err(Failure::Fatal("the store is closed".to_owned())),
        };
        let answer = match done {
            Ok(committed) => {
                self.publish(committed);
                Ok(())
            }
            Err(Failure::Database(_)) if jobs.len() > 1 => {
                return jobs
                    .into_iter()
                    .for_each(|job| self.serve(engine, vec![job]));
            }
            Err(failure) => {
                self.failed(&failure);
                Err(StoreError::from(failure))
            }
        };
        for job in jobs {
            job.finish(answer.clone());
        }
    }

    /// Makes a commit known, before anybody gets an answer.
    fn publish(&self, committed: Committed) {
        let Committed {
            head,
            settings,
            touched,
        } = committed;
        if touched.rows {
            self.full.store(false, Ordering::Release);
        }
        if touched.entries {
            *lock(&self.now) = (head, settings);
            // Nobody may be listening: that is no failure.
            let _ = self.changes.send(Change {
                orders: touched.orders.into_iter().collect(),
                events: touched.events,
            });
        }
    }

    fn failed(&self, failure: &Failure) {
        match failure {
            Failure::Fatal(what) => self.fail(what),
            Failure::Full | Failure::Away(_) => self.full.store(true, Ordering::Release),
            Failure::Busy(_) | Failure::Cursor | Failure::Database(_) => {}
        }
    }

    /// The disk, or the engine, has failed: nothing is answered from now on.
    pub(super) fn fail(&self, what: &str) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            (self.fatal)(what);
        }
    }
}

/// One verb that waits for a commit.
pub(super) trait Job: Send {
    /// What it is known to look at.
    fn keys(&self) -> Keys;
    /// Does it. It may be done again after a rollback: the last time counts.
    fn run(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure>;
    /// Answers: after the commit, or with why there was none.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A verb with whoever waits for its answer.
pub(super) struct Ticket<T, F, K> {
    pub(super) keys: K,
    pub(super) verb: F,
    pub(super) done: Option<T>,
    pub(super) reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F, K> Job for Ticket<T, F, K>
where
    T: Send,
    K: Fn() -> Keys + Send,
    F: Fn(&mut Batch<'_>) -> Result<T, Failure> + Send,
{
    fn keys(&self) -> Keys {
        (self.keys)()
    }

    fn run(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure> {
        self.done = Some((self.verb)(batch)?);
        Ok(())
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let Ticket { done, reply, .. } = *self;
        let answer = committed.and_then(|()| done.ok_or(StoreError::Closed));
        // Whoever asked may be gone: what was done stands.
        let _ = reply.send(answer);
    }
}

/// A lock that a panic elsewhere does not take away: what it guards is whole between transactions.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
