//! What time brings: a wall clock that jumps, evidence that waits too long for its order, the daily anchor.

use crate::app::App;
use crate::clock::Mono;
use crate::store::StoreError;
use jiff::SignedDuration;
use quittance_core::Timestamp;
use quittance_core::entry::{Direction, Record, What};
use std::time::Duration;

/// Evidence that has been parked for so long is told.
pub const PARKED_WAIT: SignedDuration = SignedDuration::from_mins(10);
/// Wall clock and monotonic clock may part by so much before it is a jump.
const JUMP: SignedDuration = SignedDuration::from_secs(60);
/// After a jump nothing is closed for so long.
const WARY: Duration = Duration::from_secs(120);
const ANCHOR_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// So much parked evidence is told in one turn.
const OVERDUE_MAX: usize = 100;

/// The clocks as they were, and what is due by them.
pub struct Watch {
    wall: Timestamp,
    mono: Mono,
    wary_until: Mono,
    /// A jump that does not stand in the journal yet.
    jumped: SignedDuration,
    anchor_at: Mono,
}

impl Watch {
    /// Both clocks as they are now.
    pub fn new(app: &App) -> Watch {
        let mono = app.clock.mono();
        Watch {
            wall: app.clock.wall(),
            mono,
            wary_until: Duration::ZERO,
            jumped: SignedDuration::ZERO,
            anchor_at: mono + ANCHOR_EVERY,
        }
    }

    /// Looks at the clocks, at parked evidence, at the calendar.
    pub async fn look(&mut self, app: &App) -> Result<(), StoreError> {
        let (wall, mono) = (app.clock.wall(), app.clock.mono());
        let passed =
            SignedDuration::try_from(mono.saturating_sub(self.mono)).unwrap_or(SignedDuration::MAX);
        let jump = wall.duration_since(self.wall).saturating_sub(passed);
        (self.wall, self.mono) = (wall, mono);
        if jump.abs() > JUMP {
            tracing::warn!(
                secs = jump.as_secs(),
                "the wall clock jumped: nothing is closed for two minutes"
            );
            self.wary_until = mono + WARY;
            self.jumped = self.jumped.saturating_add(jump);
        }
        // A commit that fails must not make either forgotten.
        if !self.jumped.is_zero() {
            let secs = self.jumped.as_secs();
            let record = Record::new(Direction::Own, What::ClockJump { secs });
            app.record(vec![app.entry(record)]).await?;
            self.jumped = SignedDuration::ZERO;
            app.jumps.send_modify(|jumps| *jumps += 1);
        }
        if mono >= self.anchor_at {
            let record = Record::new(Direction::Own, What::Anchor {});
            app.record(vec![app.entry(record)]).await?;
            self.anchor_at = mono + ANCHOR_EVERY;
        }
        let parked_before = wall.checked_sub(PARKED_WAIT).unwrap_or(Timestamp::MIN);
        for key in app.store.overdue(parked_before, OVERDUE_MAX).await? {
            tracing::warn!(%key, "evidence has waited ten minutes and nobody made its order");
            let record = Record::new(Direction::Own, What::Overdue {}).about(&key);
            app.record(vec![app.entry(record)]).await?;
        }
        Ok(())
    }

    /// Whether the clock jumped a moment ago.
    pub fn wary(&self, app: &App) -> bool {
        app.clock.mono() < self.wary_until
    }

    /// Until when nothing is closed.
    pub fn wary_until(&self) -> Mono {
        self.wary_until
    }

    /// When the calendar wants to be looked at.
    pub fn next(&self) -> Mono {
        self.anchor_at
    }
}
