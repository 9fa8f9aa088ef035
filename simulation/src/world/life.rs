//! One life of the node, and where it may end: at the seams, so that nothing of a dead node gets out.

use crate::fault::Fault;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// One life of the node. When it is over, everything that still asks the world for something waits for ever.
///
/// Whoever waits for the end hears of it in the order of waiting, so that a world is the same each time.
#[derive(Debug, Default)]
pub struct Life {
    ended: AtomicBool,
    end: Notify,
}

impl Life {
    /// The end.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        self.end.notify_waiters();
    }

    /// Whether it is over.
    #[must_use]
    pub fn ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Resolves when it is over.
    pub async fn end_of_it(&self) {
        let end = self.end.notified();
        if !self.ended() {
            end.await;
        }
    }

    /// Goes on at once while it lasts, and never afterwards.
    pub async fn goes_on(&self) {
        if self.ended() {
            std::future::pending::<()>().await;
        }
    }

    /// Dies here.
    pub async fn dies(&self) {
        self.end();
        std::future::pending::<()>().await;
    }
}

/// How often each kind of crash may strike in one world: a node that only crashes does nothing else.
pub const CRASHES_MAX: u32 = 4;

/// Whether this kind is a crash.
#[must_use]
pub fn is_crash(fault: Fault) -> bool {
    matches!(
        fault,
        Fault::CrashBeforeCommit
            | Fault::CrashAfterCommit
            | Fault::CrashAfterOpinion
            | Fault::CrashAfterAck
            | Fault::CrashDelivering
            | Fault::CrashAsking
            | Fault::CrashStarting
    )
}
