//! The node's own task set: everything that runs beside a request. Dropping it is a crash.

use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// Tasks that live as long as the node, or until they end.
#[derive(Default)]
pub struct Tasks(Mutex<JoinSet<()>>);

impl Tasks {
    /// Starts a task; its result comes through the receiver, which nobody has to wait for.
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (done, result) = oneshot::channel();
        let mut set = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while set.try_join_next().is_some() {}
        set.spawn(async move {
            // Nobody waits any more: the work was done all the same.
            let _ = done.send(work.await);
        });
        result
    }

    /// Resolves when every task that was started has ended, and those that they started.
    pub async fn drain(&self) {
        // What ends may have begun more.
        loop {
            let mut running =
                std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
            if running.is_empty() {
                return;
            }
            while running.join_next().await.is_some() {}
        }
    }

    /// Ends every task where it stands.
    pub fn abort(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .abort_all();
    }
}
