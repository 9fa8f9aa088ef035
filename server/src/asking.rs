//! Asking the gateway about an order: the one way of every query, whoever caused it.

use crate::app::App;
use crate::clock::Mono;
use crate::metrics::AnswerLabels;
use crate::setup::AccountSetup;
use crate::store::{Lease, Snapshot, StoreError};
use data_encoding::HEXLOWER;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::facts::{Proof, Witness};
use quittance_core::gateway::{Answer, Answered, Evidence};
use quittance_core::http::Reply;
use quittance_core::schedule::Step;
use quittance_core::{Facts, OrderKey};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How long the gateway may take to answer a query or a close.
pub const LIMIT: Duration = Duration::from_secs(10);

/// Asks, journals the answer, folds it. Gives what was said and the order as it stands now.
///
/// # Errors
/// Those of the store; a gateway that says nothing is [`Answer::Unknown`], not an error.
pub async fn query(
    app: &App,
    account: &AccountSetup,
    before: &Snapshot,
    step: Step,
    lease: Option<Lease>,
) -> Result<(Answer, Option<Snapshot>), StoreError> {
    let gateway = account.account.gateway();
    let key = &before.state.order.key;
    let (answered, reply) = match gateway.query(&key.order_no) {
        Ok(request) => match app.transport.send(request, LIMIT).await {
            Ok(reply) => (gateway.read_query(&key.order_no, &reply), Some(reply)),
            Err(error) => (Answered::unknown(error.to_string()), None),
        },
        Err(error) => (Answered::unknown(error.to_string()), None),
    };
    let answer = answered.answer;
    let body = reply.as_ref().map_or(&[][..], |reply| &reply.body);
    let digest = HEXLOWER.encode(&Sha256::digest(body));
    let mut record = Record::new(
        Direction::Out,
        What::Query {
            step,
            answer,
            digest,
        },
    )
    .about(key);
    record.witness = Some(Witness::Query);
    record.reason = answered.reason;
    record.claims = app.without_payer(answered.evidence, &answered.personal);
    let news = says_new(&before.state.facts, &record.claims);
    let mut entry = app
        .entry(record)
        .with_personal(answered.personal)
        .ending(lease);
    entry.body = reply.filter(|_| news).map(|reply: Reply| reply.body);
    let appended = app.record(vec![entry]).await?;
    tracing::info!(
        account = account.name,
        order_no = key.order_no,
        seq = appended.seq,
        ?step,
        ?answer,
        "query"
    );
    app.metrics
        .queries
        .get_or_create(&AnswerLabels {
            account: account.name.clone(),
            answer: format!("{answer:?}"),
        })
        .inc();
    Ok((answer, appended.order))
}

/// Whether an answer claims anything that no query has claimed before: only then its bytes are kept.
fn says_new(facts: &Facts, claims: &[Evidence]) -> bool {
    claims
        .iter()
        .any(|told| !facts.stands(&told.claim, Proof::Queried))
}

/// Queries for those who wait: one at a time per order, shared by all, and not too often.
#[derive(Default)]
pub struct Asking(Mutex<BTreeMap<OrderKey, Waiting>>);

struct Waiting {
    began: Mono,
    last: Mono,
    ended: Option<Mono>,
    under_way: Option<watch::Receiver<Option<Answer>>>,
}

enum Turn {
    Ask(watch::Sender<Option<Answer>>),
    Share(watch::Receiver<Option<Answer>>),
    Later(Mono),
}

/// Asks for somebody who waits, or shares the answer of a query that is under way; where one has just ended, the next
/// comes a little later, so that the answer is never older than the question. `None` when this order has been asked
/// about for long enough.
pub async fn ask_now(app: &Arc<App>, account: &AccountSetup, key: &OrderKey) -> Option<Answer> {
    loop {
        match app.asking.turn(account, key, app.clock.mono())? {
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
                    let answer = ask(&node, &account, &key).await;
                    node.asking.ended(&key, node.clock.mono());
                    // Nobody else may be waiting.
                    let _ = done.send(Some(answer));
                    answer
                });
                return Some(asked.await.unwrap_or(Answer::Unknown));
            }
        }
    }
}

async fn ask(app: &App, account: &AccountSetup, key: &OrderKey) -> Answer {
    let Ok(Some(before)) = app.store.order(key).await else {
        return Answer::Unknown;
    };
    match query(app, account, &before, Step::Wait, None).await {
        Ok((answer, _)) => answer,
        Err(error) => {
            tracing::error!(account = account.name, order_no = key.order_no, %error, "an answer could not be stored");
            Answer::Unknown
        }
    }
}

impl Asking {
    fn turn(&self, account: &AccountSetup, key: &OrderKey, now: Mono) -> Option<Turn> {
        let wait = account.wait;
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, known| {
            known.under_way.is_some() || now.saturating_sub(known.last) < wait.total
        });
        let fresh = Waiting {
            began: now,
            last: now,
            ended: None,
            under_way: None,
        };
        let known = waiting.entry(key.clone()).or_insert(fresh);
        if now.saturating_sub(known.began) > wait.total {
            return None;
        }
        known.last = now;
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
        let (done, under_way) = watch::channel(None);
        known.under_way = Some(under_way);
        Some(Turn::Ask(done))
    }

    fn ended(&self, key: &OrderKey, now: Mono) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = waiting.get_mut(key) {
            known.under_way = None;
            known.ended = Some(now);
        }
    }
}
