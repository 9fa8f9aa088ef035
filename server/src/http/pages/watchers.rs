//! Those who wait for an order's state to change, each on a connection of his own: bounded (SEC-098).

use crate::app::App;
use quittance_core::OrderKey;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// At once in all: a quarter of the connections that the server takes.
const WATCHERS_MAX: usize = 256;
/// At once for one order: some windows on some devices.
const WATCHERS_PER_ORDER_MAX: usize = 8;

/// How many wait, by order.
#[derive(Default)]
pub struct Watchers(Mutex<BTreeMap<OrderKey, usize>>);

/// The place of one who waits; free again when this is dropped.
pub(super) struct Place {
    app: Arc<App>,
    key: OrderKey,
}

impl Place {
    /// A place, if there is one.
    pub fn take(app: &Arc<App>, key: &OrderKey) -> Option<Place> {
        app.watchers.enter(key).then(|| Place {
            app: app.clone(),
            key: key.clone(),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.app.watchers.leave(&self.key);
    }
}

impl Watchers {
    fn enter(&self, key: &OrderKey) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = waiting.get(key).copied().unwrap_or_default();
        let all: usize = waiting.values().sum();
        let room = here < WATCHERS_PER_ORDER_MAX && all < WATCHERS_MAX;
        if room {
            waiting.insert(key.clone(), here + 1);
        }
        room
    }

    fn leave(&self, key: &OrderKey) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.get_mut(key) {
            Some(here) if *here > 1 => *here -= 1,
            _ => {
                waiting.remove(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_come_back() {
        let watchers = Watchers::default();
        let key = |n: usize| OrderKey::new("main", format!("A-{n}"));
        for _ in 0..WATCHERS_PER_ORDER_MAX {
            assert!(watchers.enter(&key(0)));
        }
        assert!(!watchers.enter(&key(0)), "one order has its share");
        let others = WATCHERS_MAX - WATCHERS_PER_ORDER_MAX;
        assert!((1..=others).all(|n| watchers.enter(&key(n))));
        assert!(!watchers.enter(&key(others + 1)), "all have theirs");
        watchers.leave(&key(0));
        assert!(watchers.enter(&key(others + 1)));
        for _ in 1..WATCHERS_PER_ORDER_MAX {
            watchers.leave(&key(0));
        }
        (1..=others + 1).for_each(|n| watchers.leave(&key(n)));
        assert!(watchers.0.lock().unwrap().is_empty());
    }
}
