//! Callbacks without a valid signature, and those that the account's filter keeps out. They cost a bounded place in the journal, and never a call to the gateway.

use super::{Reading, Taken, entry_of};
use crate::app::App;
use crate::clock::Mono;
use crate::metrics::AccountLabels;
use crate::setup::AccountSetup;
use quittance_core::entry::{Callback, Direction, Record, What};
use quittance_core::facts::Witness;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// So many are chained singly per account and minute.
const CHAINED_MAX: u32 = 60;
/// So much of each one's body is kept.
const BODY_BYTES_MAX: usize = 8 * 1024;
const WINDOW: Duration = Duration::from_secs(60);

/// How much junk each account had in its present minute.
#[derive(Default)]
pub struct Junk(Mutex<BTreeMap<String, Window>>);

#[derive(Default)]
struct Window {
    ends: Mono,
    chained: u32,
    summarised: u64,
}

enum Place {
    Chained,
    Summarised { first: bool, ends: Mono },
}

impl Junk {
    fn place(&self, account: &str, now: Mono) -> Place {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(account.to_owned()).or_default();
        if now >= window.ends {
            *window = Window {
                ends: now + WINDOW,
                chained: 0,
                summarised: window.summarised,
            };
        }
        if window.chained < CHAINED_MAX {
            window.chained += 1;
            return Place::Chained;
        }
        window.summarised += 1;
        Place::Summarised {
            first: window.summarised == 1,
            ends: window.ends,
        }
    }

    fn take_summarised(&self, account: &str) -> u64 {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        windows
            .get_mut(account)
            .map_or(0, |window| std::mem::take(&mut window.summarised))
    }
}

/// Answers at once; what is written down comes after the answer.
pub fn put_aside(
    app: &Arc<App>,
    account: &AccountSetup,
    witness: Witness,
    reading: Reading,
    mut wire: Vec<u8>,
) -> Taken {
    let taken = Taken {
        acked: false,
        verdict: reading.verdict,
        reason: reading.reason.clone(),
        seq: None,
        order: None,
        opinion: None,
    };
    match app.junk.place(&account.name, app.clock.mono()) {
        Place::Chained => {
            wire.truncate(BODY_BYTES_MAX);
            let entry = entry_of(
                app,
                account,
                witness,
                reading,
                Some(Callback::default()),
                false,
            )
            .with_body(wire);
            let node = app.clone();
            app.tasks.spawn(async move {
                if let Err(error) = node.record(vec![entry]).await {
                    tracing::warn!(%error, "a refused callback could not be journaled");
                }
            });
        }
        Place::Summarised { first, ends } => {
            app.metrics
                .junk
                .get_or_create(&AccountLabels {
                    account: account.name.clone(),
                })
                .inc();
            if first {
                summarise_at(app, account.name.clone(), ends);
            }
        }
    }
    taken
}

/// At the end of the minute, or when the server stops before it, one entry counts the rest.
fn summarise_at(app: &Arc<App>, account: String, ends: Mono) {
    let node = app.clone();
    app.tasks.spawn(async move {
        tokio::select! {
            biased;
            () = node.stopping() => {}
            () = node.clock.sleep_until(ends) => {}
        }
        let count = node.junk.take_summarised(&account);
        let mut record = Record::new(Direction::In, What::Junk { count });
        record.account = Some(account);
        if let Err(error) = node.record(vec![node.entry(record)]).await {
            tracing::warn!(%error, "a summary of refused callbacks could not be journaled");
        }
    });
}
