//! The way of a callback: bytes → reading → second opinion → one commit → ack. Read it downwards.
//!
//! Counting and acking are as docs/callbacks.md says: `success` once the claim is durable and counts, stands counted
//! already, or can only be proven by a query that is durably due; otherwise `fail`, and a query is due.

pub mod junk;
pub mod opinion;
mod standing;

use crate::app::App;
use crate::asking::paid_by;
use crate::metrics::CallbackLabels;
use crate::setup::AccountSetup;
use crate::store::{NewEntry, Snapshot, StoreError, Weigh};
use opinion::{Asked, Turn};
use quittance_core::entry::{Callback, Direction, Record, What};
use quittance_core::facts::{Proof, Witness};
use quittance_core::gateway::{Opinion, Reading, Verdict};
use quittance_core::sabotage::{Defence, removed};
use std::net::IpAddr;
use std::sync::Arc;

/// What became of a callback.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Whether the gateway may forget it.
    pub acked: bool,
    /// What it turned out to be.
    pub verdict: Verdict,
    /// Why, where it is no evidence.
    pub reason: Option<String>,
    /// Its number in the journal; `None` where it is written down after the answer, or not singly.
    pub seq: Option<u64>,
    /// The order that it concerns, as it stands after it.
    pub order: Option<Snapshot>,
    /// What the gateway said when asked whether it sent this.
    pub opinion: Option<Opinion>,
}

/// A callback as it came.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// By which way.
    pub witness: Witness,
    /// The parameters: a query string or a body.
    pub wire: Vec<u8>,
    /// Who called, for the log and the account's filter. No address is ever a proof.
    pub client: Option<IpAddr>,
}

/// Takes one callback: verified, journaled, folded. When this returns `acked`, the evidence is durable.
pub async fn take(app: &Arc<App>, account: &AccountSetup, arrival: Arrival) -> Taken {
    let Arrival {
        witness,
        wire,
        client,
    } = arrival;
    let gateway = account.account.gateway();
    let now = app.clock.wall();
    let reading = match witness {
        // Returns come from browsers, and may come from anywhere.
        Witness::Notify if !account.hears(client) => Reading::refused(
            Verdict::ForeignSource,
            "it came from an address outside of the account's notify_sources",
        ),
        Witness::Return => gateway.read_return(&wire, now),
        _ => gateway.read_notify(&wire, now),
    };
    let (verdict, reason) = (reading.verdict, reading.reason.clone());
    let taken = match verdict {
        Verdict::BadSignature | Verdict::Malformed | Verdict::ForeignSource => {
            Ok(junk::put_aside(app, account, witness, reading, wire))
        }
        Verdict::Ambiguous | Verdict::PayeeMismatch => {
            refuse(app, account, witness, reading, wire).await
        }
        Verdict::Genuine => genuine(app, account, witness, reading, wire).await,
    };
    let taken = taken.unwrap_or_else(|error| {
        tracing::error!(account = account.name, %error, "a callback could not be stored: not acked");
        Taken { acked: removed(Defence::AckOnlyStored), verdict, reason, seq: None, order: None, opinion: None }
    });
    tell(app, account, witness, client, &taken);
    taken
}

/// Genuine: signed under our key, unambiguous, for this payee.
async fn genuine(
    app: &Arc<App>,
    account: &AccountSetup,
    witness: Witness,
    mut reading: Reading,
    wire: Vec<u8>,
) -> Result<Taken, StoreError> {
    reading.evidence = app.without_payer(reading.evidence, &reading.personal);
    if account.policy.signature_suffices()
        && let Some(taken) = weighed(app, account, witness, &reading, &wire).await?
    {
        return Ok(taken);
    }
    let standing = standing::look(app, account, &reading.evidence).await?;
    let heard = if standing::wants_opinion(&standing, account) && reading.notify_id.is_some() {
        hear(app, account, witness, &reading, wire).await?
    } else {
        Heard {
            received: None,
            body: Some(wire),
            asked: None,
            settled: false,
        }
    };
    let opinion = heard.asked.as_ref().map(|asked| asked.opinion);
    let proof = if opinion == Some(Opinion::True) {
        Proof::Confirmed
    } else {
        Proof::Signed
    };
    // Whatever made the gateway not say true, the claim may stand by now: by another witness, or by a twin of this.
    let standing = if heard.settled || (proof < standing.require && opinion.is_some()) {
        standing::look(app, account, &reading.evidence).await?
    } else {
        standing
    };
    let acked = standing.acks(proof) || removed(Defence::AckOnlyCounted);
    for told in &mut reading.evidence {
        told.proof = proof;
    }
    let callback = Callback {
        received: heard.received,
        opinion,
        ..named(&reading)
    };
    let mut entries = heard
        .asked
        .as_ref()
        .and_then(|asked| asked.entry(app, account, &reading))
        .into_iter()
        .collect::<Vec<_>>();
    let personal = std::mem::take(&mut reading.personal);
    let mut entry =
        entry_of(app, account, witness, reading, Some(callback), acked).with_personal(personal);
    entry.body = heard.body;
    entries.push(entry);
    if acked && removed(Defence::CommitBeforeAck) {
        let (node, verdict) = (app.clone(), Verdict::Genuine);
        app.tasks.spawn(async move { node.record(entries).await });
        return Ok(Taken {
            acked,
            verdict,
            reason: None,
            seq: None,
            order: None,
            opinion,
        });
    }
    let appended = app.record(entries).await?;
    Ok(Taken {
        acked,
        verdict: Verdict::Genuine,
        reason: None,
        seq: Some(appended.seq),
        order: appended.order,
        opinion,
    })
}

/// Where a signature is proof enough, nothing is looked up before: the store weighs the claims in the transaction that
/// writes them down. `None` for an order that was made when more was required.
async fn weighed(
    app: &Arc<App>,
    account: &AccountSetup,
    witness: Witness,
    reading: &Reading,
    wire: &[u8],
) -> Result<Option<Taken>, StoreError> {
    let mut reading = reading.clone();
    for told in &mut reading.evidence {
        told.proof = Proof::Signed;
    }
    let callback = named(&reading);
    let gateway = account.account.gateway();
    let personal = std::mem::take(&mut reading.personal);
    let mut entry = entry_of(app, account, witness, reading, Some(callback), false)
        .with_body(wire)
        .with_personal(personal);
    if witness != Witness::Return {
        entry.record.answered = None;
    }
    entry.weigh = Some(Weigh {
        ack: gateway.ack(),
        opinion: gateway.traits().second_opinion,
    });
    match app.append(entry).await? {
        Ok(appended) => Ok(Some(Taken {
            acked: appended.acked,
            verdict: Verdict::Genuine,
            reason: None,
            seq: Some(appended.seq),
            order: appended.order,
            opinion: None,
        })),
        Err(_) => Ok(None),
    }
}

/// What was learnt before the claim is written down.
struct Heard {
    received: Option<u64>,
    body: Option<Vec<u8>>,
    asked: Option<Asked>,
    /// Whether the claim came to stand while we were about to ask.
    settled: bool,
}

/// Takes the callback in and asks the gateway about it, both at once: should we crash now, the entry makes us query.
async fn hear(
    app: &Arc<App>,
    account: &AccountSetup,
    witness: Witness,
    reading: &Reading,
    wire: Vec<u8>,
) -> Result<Heard, StoreError> {
    let turn = opinion::enter(app, account, reading);
    // A twin may have had his turn, and his commit, since we looked: then there is nothing left to ask.
    if matches!(turn, Turn::Lead(_))
        && standing::look(app, account, &reading.evidence)
            .await?
            .counted
    {
        return Ok(Heard {
            received: None,
            body: Some(wire),
            asked: None,
            settled: true,
        });
    }
    let taken_in = entry_of(app, account, witness, reading.clone(), None, false);
    let taken_in = taken_in
        .with_body(wire)
        .with_personal(reading.personal.clone());
    let (received, asked) =
        tokio::join!(app.record(vec![taken_in]), opinion::ask(app, account, turn));
    Ok(Heard {
        received: Some(received?.seq),
        body: None,
        asked: Some(asked),
        settled: false,
    })
}

/// Signed under our key and yet no evidence: journaled, and a reason to ask; never acked.
async fn refuse(
    app: &Arc<App>,
    account: &AccountSetup,
    witness: Witness,
    reading: Reading,
    wire: Vec<u8>,
) -> Result<Taken, StoreError> {
    let (verdict, reason) = (reading.verdict, reading.reason.clone());
    let callback = named(&reading);
    let entry = entry_of(app, account, witness, reading, Some(callback), false).with_body(wire);
    let appended = app.record(vec![entry]).await?;
    Ok(Taken {
        acked: false,
        verdict,
        reason,
        seq: Some(appended.seq),
        order: appended.order,
        opinion: None,
    })
}

/// What the entry of an answered callback keeps of its reading.
fn named(reading: &Reading) -> Callback {
    Callback {
        trade_no: reading.trade_no.clone(),
        key: reading.previous_key.clone(),
        ..Callback::default()
    }
}

/// The entry of a callback: taken in (`None`), or answered.
fn entry_of(
    app: &App,
    account: &AccountSetup,
    witness: Witness,
    reading: Reading,
    answered: Option<Callback>,
    acked: bool,
) -> NewEntry {
    let ack = if acked {
        account.account.gateway().ack()
    } else {
        "fail"
    };
    let answer = match witness {
        Witness::Return => "303",
        _ => ack,
    };
    let what = match (answered, witness) {
        (None, _) => What::Received {},
        (Some(callback), Witness::Return) => What::Return(callback),
        (Some(callback), _) => What::Notify(callback),
    };
    let mut record = Record::new(Direction::In, what);
    record.answered = (!matches!(record.what, What::Received {})).then(|| answer.to_owned());
    record.account = Some(account.name.clone());
    record.order_no = reading.order_no;
    record.witness = Some(witness);
    record.verdict = Some(reading.verdict);
    record.reason = reading.reason;
    record.claims = reading.evidence;
    app.entry(record)
}

/// One line per callback, and one count.
fn tell(
    app: &App,
    account: &AccountSetup,
    witness: Witness,
    client: Option<IpAddr>,
    taken: &Taken,
) {
    let Taken {
        acked,
        verdict,
        reason,
        seq,
        order,
        opinion,
    } = taken;
    let order_no = order
        .as_ref()
        .map(|order| order.state.order.key.order_no.as_str());
    tracing::info!(
        account = account.name,
        order_no,
        seq,
        ?witness,
        ?verdict,
        reason,
        ?opinion,
        acked,
        ?client,
        "callback"
    );
    let labels = CallbackLabels {
        account: account.name.clone(),
        witness: if witness == Witness::Return {
            "return"
        } else {
            "notify"
        },
        verdict: verdict.word(),
        acked: if *acked { "true" } else { "false" },
    };
    app.metrics.callbacks.get_or_create(&labels).inc();
    if witness == Witness::Notify && first_and_late(taken) {
        app.metrics.late.get_or_create(&account.labels()).inc();
    }
}

/// Whether this notify is the first one that tells of a payment, and that payment had been found by asking.
fn first_and_late(taken: &Taken) -> bool {
    let (Some(seq), Some(order)) = (taken.seq, &taken.order) else {
        return false;
    };
    let facts = &order.state.facts;
    let told = paid_by(facts, Some(Witness::Notify));
    let asked = paid_by(facts, Some(Witness::Query));
    told.is_some_and(|told| told.seq == seq) && asked.is_some_and(|asked| asked.seq < seq)
}
