//! What the server does by itself: due steps of orders, deliveries, parked evidence, the daily anchor, statements.
//!
//! One loop looks for what is due and sleeps until the next due time or a wake-up; there are no ticks. Calls run
//! beside it, bounded in number, each holding a lease. Statements have a loop of their own for each account that reads
//! them.

mod delivering;
pub mod reading;
mod refunding;
mod stepping;
mod watching;

use crate::app::App;
use crate::clock::until;
use crate::store::{LEASE, StoreError};
use quittance_core::Timestamp;
use quittance_core::sabotage::{Defence, removed};
use quittance_core::schedule::after;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use watching::Watch;

/// Queries and closes under way at once.
const STEPS_MAX: usize = 32;
/// Deliveries under way at once.
const DELIVERIES_MAX: usize = 64;
/// An item taken more often than this without a recorded end is laid aside.
const CLAIMS_MAX: u32 = 3;
/// How long to wait when the store says no.
const PAUSE: Duration = Duration::from_secs(1);

/// Calls under way, by kind.
#[derive(Default)]
struct Running {
    steps: AtomicUsize,
    deliveries: AtomicUsize,
    ended: Notify,
}

/// One of the places, given back however the work ends: one that panics must not keep it.
struct Place(Arc<Running>, fn(&Running) -> &AtomicUsize);

impl Drop for Place {
    fn drop(&mut self) {
        (self.1)(&self.0).fetch_sub(1, Ordering::AcqRel);
        self.0.ended.notify_one();
    }
}

/// Runs until the server stops.
pub async fn run(app: Arc<App>) {
    let running = Arc::new(Running::default());
    let mut watch = Watch::new(&app);
    let mut changes = app.store.changes();
    loop {
        let next = match turn(&app, &running, &mut watch).await {
            Ok(next) => next,
            Err(StoreError::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, "the workers cannot read what is due; they try again in a moment");
                app.clock.mono() + PAUSE
            }
        };
        tokio::select! {
            biased;
            () = app.stopping() => return,
            () = running.ended.notified() => {}
            // Falling behind is a reason to look, like any change.
            _ = changes.recv() => {}
            () = app.clock.sleep_until(next) => {}
        }
    }
}

/// Takes what is due and starts it; says when to look again.
async fn turn(
    app: &Arc<App>,
    running: &Arc<Running>,
    watch: &mut Watch,
) -> Result<Duration, StoreError> {
    watch.look(app).await?;
    let now = app.clock.wall();
    let held = match removed(Defence::Leases) {
        true => after(now, jiff::SignedDuration::from_secs(1)),
        false => after(now, LEASE),
    };
    let free = STEPS_MAX.saturating_sub(running.steps.load(Ordering::Acquire));
    if free > 0 && (!watch.wary(app) || removed(Defence::ClockPause)) {
        for due in app.store.take_steps(now, held, free).await? {
            running.steps.fetch_add(1, Ordering::AcqRel);
            let (node, place) = (
                app.clone(),
                Place(running.clone(), |running| &running.steps),
            );
            app.tasks.spawn(async move {
                let _place = place;
                stepping::step(&node, due).await;
            });
        }
    }
    let free = DELIVERIES_MAX.saturating_sub(running.deliveries.load(Ordering::Acquire));
    if free > 0 {
        for due in app.store.take_deliveries(now, held, free).await? {
            running.deliveries.fetch_add(1, Ordering::AcqRel);
            let (node, place) = (
                app.clone(),
                Place(running.clone(), |running| &running.deliveries),
            );
            app.tasks.spawn(async move {
                let _place = place;
                delivering::deliver(&node, due).await;
            });
        }
    }
    let next_due = app.store.next_due(watching::PARKED_WAIT).await?;
    Ok(look_again(app, running, watch, next_due))
}

/// When to look again. What is due and cannot be taken (every place is in use, or the clock jumped) must not make the
/// loop turn round and round: the end of a call, or of the wary time, wakes it.
fn look_again(
    app: &App,
    running: &Running,
    watch: &Watch,
    next_due: Option<Timestamp>,
) -> Duration {
    let mono = app.clock.mono();
    let full = running.steps.load(Ordering::Acquire) >= STEPS_MAX
        || running.deliveries.load(Ordering::Acquire) >= DELIVERIES_MAX;
    let due = match next_due {
        Some(_) if full => Duration::MAX,
        Some(at) if watch.wary(app) => (mono + until(app.clock.wall(), at)).max(watch.wary_until()),
        Some(at) => mono + until(app.clock.wall(), at),
        None => Duration::MAX,
    };
    due.min(watch.next())
}
