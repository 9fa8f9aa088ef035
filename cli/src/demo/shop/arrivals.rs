//! How often each event came. The shop's book does not need it; people who look, and the stories, do.

use super::event::Event;
use std::collections::VecDeque;

/// So many events are remembered; the oldest are forgotten.
const EVENTS_MAX: usize = 1000;

/// The events that came since the shop opened, newest first.
#[derive(Clone, Default, Debug)]
pub struct Arrivals {
    events: VecDeque<Arrival>,
}

#[derive(Clone, Debug)]
struct Arrival {
    event_id: String,
    kind: String,
    account: String,
    order_no: String,
    times: u32,
}

impl Arrivals {
    /// Counts one delivery.
    pub fn count(&mut self, event: &Event) {
        let known = self
            .events
            .iter_mut()
            .find(|seen| seen.event_id == event.id);
        if let Some(seen) = known {
            seen.times += 1;
            return;
        }
        self.events.push_front(Arrival {
            event_id: event.id.clone(),
            kind: event.kind.clone(),
            account: event.order.account.clone(),
            order_no: event.order.order_no.clone(),
            times: 1,
        });
        self.events.truncate(EVENTS_MAX);
    }

    /// Those of one order.
    pub fn of_order(&self, account: &str, order_no: &str) -> Arrivals {
        let mut events = self.events.clone();
        events.retain(|seen| seen.account == account && seen.order_no == order_no);
        Arrivals { events }
    }

    /// How often each event of this type came: one number per event.
    pub fn of_kind(&self, kind: &str) -> Vec<u32> {
        let of_kind = self.events.iter().filter(|seen| seen.kind == kind);
        of_kind.map(|seen| seen.times).collect()
    }

    /// How often this event came.
    pub fn times(&self, event_id: &str) -> u32 {
        let found = self.events.iter().find(|seen| seen.event_id == event_id);
        found.map_or(0, |seen| seen.times)
    }

    /// Whether any event came more than once.
    pub fn doubled(&self) -> bool {
        self.events.iter().any(|seen| seen.times > 1)
    }
}
