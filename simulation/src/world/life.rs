//! One life of the node, and where it may end: at the seams, so that nothing of a dead node gets out.

use crate::fault::Fault;
use tokio::sync::watch;

/// One life of the node. When it is over, everything that still asks the world for something waits for ever.
#[derive(Debug)]
pub struct Life(watch::Sender<bool>);

impl Life {
    /// A life that begins.
    #[must_use]
    pub fn new() -> Life {
        Life(watch::Sender::new(false))
    }

    /// The end.
    pub fn end(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is over.
    #[must_use]
    pub fn ended(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves when it is over.
    pub async fn end_of_it(&self) {
        // The sender lives as long as this value: waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|ended| *ended).await;
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
