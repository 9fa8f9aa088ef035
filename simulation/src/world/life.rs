//! One life of a node, and where it may end or stand still: at the seams, so that nothing of a dead node gets out, and
//! nothing of a paused one before its time.

use super::clock::{Spell, TrueClock};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// The shortest pause: longer than any lease.
pub const PAUSE_MIN: Duration = Duration::from_secs(61);
/// The longest.
pub const PAUSE_MAX: Duration = Duration::from_secs(600);

/// One life of a node. When it is over, everything that still asks the world for something waits for ever; while it is
/// paused, until the pause is over.
///
/// Whoever waits for the end hears of it in the order of waiting, so that a world is the same each time.
#[derive(Debug)]
pub struct Life {
    ended: AtomicBool,
    end: Notify,
    pause: Spell,
}

impl Life {
    /// A life that begins.
    #[must_use]
    pub fn new(clock: &Arc<TrueClock>) -> Life {
        Life {
            ended: AtomicBool::new(false),
            end: Notify::new(),
            pause: Spell::new(clock),
        }
    }

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

    /// For so long nothing of it goes on, as if its process were stopped; then it goes on where it stood.
    pub fn pause(&self, lasts: Duration) {
        self.pause.begin(lasts);
    }

    /// Whether it stands still.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.pause.stands()
    }

    /// Goes on at once while it lasts, behind a pause when that is over, and never afterwards.
    pub async fn goes_on(&self) {
        if !self.ended() {
            self.pause.over().await;
        }
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
