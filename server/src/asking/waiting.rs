//! Queries for those who wait on a page or with `?wait=`.

use super::query;
use crate::app::App;
use crate::clock::Mono;
use crate::setup::AccountSetup;
use quittance_core::OrderKey;
use quittance_core::gateway::Answer;
use quittance_core::schedule::Step;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Somebody who waits for longer than this for the account's turn gets no answer instead.
const PATIENCE: Duration = Duration::from_secs(5);

/// When those who wait have asked for long enough, somebody who presses is still heard, at most so often.
const PRESS_EVERY: Duration = Duration::from_secs(5);

/// Queries for those who wait: one at a time per order, shared by all, and not too often.
#[derive(Default)]
pub struct Waiters(Mutex<BTreeMap<OrderKey, Waiting>>);

struct Waiting {
    began: Mono,
    last: Mono,
    ended: Option<Mono>,
    pressed: Option<Mono>,
    under_way: Option<watch::Receiver<Option<Answer>>>,
}

/// Ends a query that is under way, however it ends.
struct Ended<'a>(&'a App, &'a OrderKey);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.waiters.ended(self.1, self.0.clock.mono());
    }
}

enum Turn {
    Ask(watch::Sender<Option<Answer>>),
    Share(watch::Receiver<Option<Answer>>),
    Later(Mono),
}

/// Why a question is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// A page or a call waits, and asks again and again.
    Waits,
    /// Somebody pressed "Payment completed", or called for a verification: one question.
    Pressed,
}

/// Asks for somebody who waits, or shares the answer of a query that is under way; where one has just ended, the next
/// comes a little later, so that the answer is never older than the question. `None` when this order has been asked
/// about for long enough, or was a moment ago.
pub async fn ask_now(
    app: &Arc<App>,
    account: &AccountSetup,
    key: &OrderKey,
    why: Why,
) -> Option<Answer> {
    loop {
        match app.waiters.turn(account, key, why, app.clock.mono())? {
            Turn::Later(at) => app.clock.sleep_until(at).await,
            Turn::Share(mut under_way) => {
                let answer = under_way
                    .wait_for(Option::is_some)
                    .await
                    .map_or(None, |answer| *answer);
                return Some(answer.unwrap_or(Answer::Unknown));
            }
            Turn::Ask(done) => {
                // In the node's own task set: the answer is kept even if whoever waits goes away.
                let (node, account, key) = (app.clone(), account.clone(), key.clone());
                let asked = app.tasks.spawn(async move {
                    let turn = Ended(&node, &key);
                    let answer = match node.budget.within(&*node.clock, &account.name, PATIENCE) {
                        Some(at) => {
                            node.clock.sleep_until(at).await;
                            ask(&node, &account, &key, why).await
                        }
                        None => Answer::Unknown,
                    };
                    drop(turn);
                    // Nobody else may be waiting.
                    let _ = done.send(Some(answer));
                    answer
                });
                return Some(asked.await.unwrap_or(Answer::Unknown));
            }
        }
    }
}

async fn ask(app: &App, account: &AccountSetup, key: &OrderKey, why: Why) -> Answer {
    let Ok(Some(before)) = app.store.order(key).await else {
        return Answer::Unknown;
    };
    // Asked in vain, again and again; whoever presses may still learn that it is paid.
    if why == Why::Waits && before.state.checks.over(app.clock.wall()) {
        return Answer::Unknown;
    }
    match query(app, account, &before, Step::Wait, None).await {
        Ok((answer, _)) => answer,
        Err(error) => {
            tracing::error!(account = account.name, order_no = key.order_no, %error, "an answer could not be stored");
            Answer::Unknown
        }
    }
}

impl Waiters {
    fn turn(&self, account: &AccountSetup, key: &OrderKey, why: Why, now: Mono) -> Option<Turn> {
        let wait = account.wait;
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, known| {
            known.under_way.is_some() || now.saturating_sub(known.last) < wait.total
        });
        let fresh = Waiting {
            began: now,
            last: now,
            ended: None,
            pressed: None,
            under_way: None,
        };
        let known = waiting.entry(key.clone()).or_insert(fresh);
        if now.saturating_sub(known.began) <= wait.total {
            known.last = now;
        } else {
            let rested = known.pressed.is_none_or(|at| now >= at + PRESS_EVERY);
            if why == Why::Waits || !(rested || known.under_way.is_some()) {
                return None;
            }
        }
        if let Some(under_way) = &known.under_way {
            return Some(Turn::Share(under_way.clone()));
        }
        if let Some(at) = known
            .ended
            .map(|ended| ended + wait.every)
            .filter(|at| now < *at)
        {
            return Some(Turn::Later(at));
        }
        if why == Why::Pressed {
            known.pressed = Some(now);
        }
        let (done, under_way) = watch::channel(None);
        known.under_way = Some(under_way);
        Some(Turn::Ask(done))
    }

    /// Whether this order has been asked about for as long as those who wait may ask.
    #[must_use]
    pub fn asked_long_enough(&self, account: &AccountSetup, key: &OrderKey, now: Mono) -> bool {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.get(key).is_some_and(|known| {
            let total = account.wait.total;
            now.saturating_sub(known.began) > total && now.saturating_sub(known.last) < total
        })
    }

    fn ended(&self, key: &OrderKey, now: Mono) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = waiting.get_mut(key) {
            known.under_way = None;
            known.ended = Some(now);
        }
    }
}
