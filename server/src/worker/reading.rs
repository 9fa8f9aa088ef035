//! The accounts' statements, each at its turn: one day of one account at a time.

use crate::app::App;
use crate::asking::read_day;
use crate::clock::{Mono, until};
use crate::setup::AccountSetup;
use crate::store::StoreError;
use quittance_core::statement::{Reading, StatementPolicy};
use std::sync::Arc;
use std::time::Duration;

/// How long to wait when the store says no: the gateway has been asked in vain.
const PAUSE: Duration = Duration::from_secs(600);

/// Reads the statements of one account until the server stops.
pub async fn run(app: Arc<App>, account: Arc<AccountSetup>, policy: StatementPolicy) {
    let mut jumps = app.jumps.subscribe();
    loop {
        // A day that is left in the middle is read again, and of it only the rest is new.
        let turned = tokio::select! {
            biased;
            () = app.stopping() => return,
            turned = turn(&app, &account, policy) => turned,
        };
        let next = match turned {
            Ok(next) => next,
            Err(StoreError::Closed) => return,
            Err(error) => {
                tracing::warn!(account = account.name, %error, "a statement could not be recorded; it is read again");
                app.clock.mono() + PAUSE
            }
        };
        tokio::select! {
            biased;
            () = app.stopping() => return,
            // The sender lives as long as the app: waiting cannot fail.
            _ = jumps.changed() => {}
            () = app.clock.sleep_until(next) => {}
        }
    }
}

/// Reads the day that is due, if one is; says when to look again.
async fn turn(
    app: &App,
    account: &AccountSetup,
    policy: StatementPolicy,
) -> Result<Mono, StoreError> {
    let reading = next(app, account, policy).await?;
    let now = app.clock.wall();
    if reading.next_at <= now {
        let read = read_day(app, account, policy, reading.day).await?;
        if let Some(reason) = read.failed {
            tracing::warn!(account = account.name, day = %reading.day, reason, "a statement could not be read; it is tried again");
        }
        let then = next(app, account, policy).await?;
        return Ok(app.clock.mono() + until(app.clock.wall(), then.next_at));
    }
    Ok(app.clock.mono() + until(now, reading.next_at))
}

/// What is to be read next, by the journal.
async fn next(
    app: &App,
    account: &AccountSetup,
    policy: StatementPolicy,
) -> Result<Reading, StoreError> {
    let state = app.store.account(&account.name).await?;
    Ok(policy.next(state.statement, app.clock.wall()))
}
