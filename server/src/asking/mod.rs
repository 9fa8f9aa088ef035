//! Asking the gateway: the one way of every query about an order, and of every statement, whoever caused it.

mod budget;
mod statement;
mod waiting;

use crate::app::App;
use crate::metrics::AnswerLabels;
use crate::setup::AccountSetup;
use crate::store::{Lease, Snapshot, StoreError};
use data_encoding::HEXLOWER;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::facts::{Claim, Proof, Seen, Witness};
use quittance_core::gateway::{Answer, Answered, Evidence};
use quittance_core::http::Reply;
use quittance_core::schedule::Step;
use quittance_core::{Facts, Timestamp};
use sha2::{Digest, Sha256};
use std::time::Duration;

pub use budget::Budget;
pub use statement::{DayRead, read_day};
pub use waiting::{Waiters, Why, ask_now};

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
    let asked = app.clock.wall();
    let (answered, reply) = match gateway.query(&key.order_no, asked) {
        Ok(request) => match app.transport.send(request, LIMIT).await {
            Ok(reply) => (gateway.read_query(&key.order_no, &reply), Some(reply)),
            Err(error) => (Answered::unknown(error.to_string()), None),
        },
        Err(error) => (Answered::unknown(error.to_string()), None),
    };
    let answered = heard(answered, before, asked);
    let answer = answered.answer;
    let body = reply.as_ref().map_or(&[][..], |reply| &reply.body);
    let digest = HEXLOWER.encode(&Sha256::digest(body));
    let mut record = Record::new(
        Direction::Out,
        What::Query {
            step,
            answer,
            digest,
            // In whole microseconds, as every time of the journal.
            asked: Timestamp::from_microsecond(asked.as_microsecond()).ok(),
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
    let found = appended.order.as_ref().is_some_and(|order| {
        paid_by(&before.state.facts, None).is_none()
            && paid_by(&order.state.facts, Some(Witness::Query)).is_some()
    });
    if found {
        app.metrics.missed.get_or_create(&account.labels()).inc();
    }
    Ok((answer, appended.order))
}

/// When a payment was first told: by anybody, or by this witness.
#[must_use]
pub fn paid_by(facts: &Facts, witness: Option<Witness>) -> Option<Seen> {
    let payments = facts
        .iter()
        .filter(|(claim, _)| matches!(claim, Claim::Payment { .. }));
    payments
        .flat_map(|(_, sightings)| sightings)
        .filter(|(sighting, _)| witness.is_none_or(|witness| sighting.witness == witness))
        .map(|(_, seen)| *seen)
        .min_by_key(|seen| seen.seq)
}

/// What an answer says to a question of this time. Where the gateway does not answer any more, its no is none.
fn heard(answered: Answered, before: &Snapshot, asked: Timestamp) -> Answered {
    let answer = before.state.checks.heard(answered.answer, asked);
    if answer == answered.answer {
        return answered;
    }
    let told = answered.reason.as_deref().unwrap_or("unpaid");
    Answered {
        answer,
        reason: Some(format!(
            "{told}, which says nothing: the gateway's time to answer about this order is over"
        )),
        ..answered
    }
}

/// Whether an answer claims anything that no query has claimed before: only then its bytes are kept.
fn says_new(facts: &Facts, claims: &[Evidence]) -> bool {
    claims
        .iter()
        .any(|told| !facts.stands(&told.claim, Proof::Queried))
}
