//! The one book of what truly happened, written by everybody to whom it happened.

use crate::truth::{Micros, Truth};
use quittance_server::clock::{Clock, SystemClock};
use std::sync::{Arc, Mutex, PoisonError};

/// Truth, and the clock that it is told by.
pub struct Ledger {
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    truth: Mutex<Truth>,
}

impl Ledger {
    /// An empty book.
    #[must_use]
    pub fn new() -> Arc<Ledger> {
        Arc::new(Ledger {
            clock: Arc::new(SystemClock::new()),
            truth: Mutex::default(),
        })
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.clock.wall().as_microsecond()
    }

    /// Reads or writes it, at one moment.
    pub fn with<T>(&self, act: impl FnOnce(&mut Truth) -> T) -> T {
        let mut truth = self.truth.lock().unwrap_or_else(PoisonError::into_inner);
        truth.now = self.now();
        act(&mut truth)
    }
}
