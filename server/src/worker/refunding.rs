//! One due refund of one order: it is sent, or the gateway is asked what became of it.

use crate::app::App;
use crate::asking::LIMIT;
use crate::setup::AccountSetup;
use crate::store::{DueStep, Lease, StoreError};
use quittance_core::Timestamp;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::facts::Witness;
use quittance_core::gateway::{RefundAnswer, RefundAnswered, RefundCall, RefundWay, Refunding};
use quittance_core::refund::{RefundStage, RefundState};
use quittance_core::sabotage::{Defence, removed};

/// Does what is due and records its end, which ends the lease.
pub async fn refund(app: &App, account: &AccountSetup, due: &DueStep) -> Result<(), StoreError> {
    let Some((refund_no, refund)) = due.snapshot.state.due_refund(app.clock.wall()) else {
        return Ok(());
    };
    // One that was taken before, and of which no end was recorded, may have gone out: it is asked about first.
    let fresh = refund.stage == RefundStage::Requested && due.claims <= 1;
    let fresh = fresh || sent_blindly(refund);
    if fresh && refund.way == RefundWay::Call {
        send(app, account, due, refund_no, refund).await
    } else {
        ask(app, account, due, refund_no, refund).await
    }
}

async fn send(
    app: &App,
    account: &AccountSetup,
    due: &DueStep,
    refund_no: &str,
    refund: &RefundState,
) -> Result<(), StoreError> {
    let gateway = account.account.gateway();
    let now = app.clock.wall();
    let wire_no = number(app, account, due, refund_no, refund, now).await?;
    let wanted = [refund.wanted(&due.snapshot.state.facts)];
    let notify_url = account.notify_address(&app.setup.public_url);
    let call = RefundCall {
        wire_no: &wire_no,
        refunds: &wanted,
        notify_url: &notify_url,
        now,
    };
    let (refunding, reply) = match gateway.refund(&call) {
        Ok(request) => match app.transport.send(request, LIMIT).await {
            Ok(reply) => (gateway.read_refund(&reply), Some(reply.body)),
            Err(error) => (said(None, &error), None),
        },
        // It cannot go out at all: the contract has changed since it was asked for.
        Err(error) => (said(Some(false), &error), None),
    };
    let accepted = refunding.accepted;
    let mut record = about(
        due,
        What::RefundSent {
            refund_no: refund_no.to_owned(),
            wire_no,
            accepted,
        },
    );
    record.reason = refunding.reason;
    let mut entry = app.entry(record).ending(lease(due));
    entry.body = reply;
    let seq = app.record(vec![entry]).await?.seq;
    tracing::info!(
        account = account.name,
        refund_no,
        seq,
        ?accepted,
        "refund sent"
    );
    Ok(())
}

/// Whether a refund goes out again, as if it were a new one, although nobody knows what became of it.
fn sent_blindly(refund: &RefundState) -> bool {
    refund.stage == RefundStage::Unknown && removed(Defence::RefundNumber)
}

/// The number that the refund goes out under: its own, or a new one where that can go out no more. A new one is durable
/// before it leaves.
async fn number(
    app: &App,
    account: &AccountSetup,
    due: &DueStep,
    refund_no: &str,
    refund: &RefundState,
    now: Timestamp,
) -> Result<String, StoreError> {
    let gateway = account.account.gateway();
    if gateway.refund_wire_no_holds(refund.wire_no(), now) && !sent_blindly(refund) {
        return Ok(refund.wire_no().to_owned());
    }
    let key = &due.snapshot.state.order.key;
    let seed = format!("{key}/{refund_no}/{}", refund.wire_nos.len());
    let wire_no = gateway.refund_wire_no(seed.as_bytes(), now);
    let what = What::RefundNumbered {
        refund_no: refund_no.to_owned(),
        wire_no: wire_no.clone(),
    };
    let entry = app.entry(about(due, what)).under(&due.lease);
    app.record(vec![entry]).await?;
    Ok(wire_no)
}

async fn ask(
    app: &App,
    account: &AccountSetup,
    due: &DueStep,
    refund_no: &str,
    refund: &RefundState,
) -> Result<(), StoreError> {
    let gateway = account.account.gateway();
    let asked = app.clock.wall();
    let (wire_no, trade_no) = (refund.wire_no(), refund.trade_no.as_str());
    let (answered, reply) = match gateway.refund_query(wire_no, trade_no, app.clock.wall()) {
        Ok(request) => match app.transport.send(request, LIMIT).await {
            Ok(reply) => {
                let answered = gateway.read_refund_query(wire_no, trade_no, &reply);
                (answered, Some(reply.body))
            }
            Err(error) => (unknown(&error), None),
        },
        Err(error) => (unknown(&error), None),
    };
    let answer = answered.answer;
    let mut record = about(
        due,
        What::RefundQuery {
            refund_no: refund_no.to_owned(),
            wire_no: wire_no.to_owned(),
            answer,
            lapsed: !gateway.refund_wire_no_holds(wire_no, asked),
            // In whole microseconds, as every time of the journal.
            asked: Timestamp::from_microsecond(asked.as_microsecond()).unwrap_or(asked),
        },
    );
    record.witness = Some(Witness::Query);
    record.reason = answered.reason;
    record.claims = answered.evidence;
    let ended = matches!(answer, RefundAnswer::Succeeded | RefundAnswer::Failed);
    let mut entry = app.entry(record).ending(lease(due));
    entry.body = reply.filter(|_| ended);
    let seq = app.record(vec![entry]).await?.seq;
    tracing::info!(
        account = account.name,
        refund_no,
        seq,
        ?answer,
        "refund query"
    );
    Ok(())
}

fn about(due: &DueStep, what: What) -> Record {
    Record::new(Direction::Out, what).about(&due.snapshot.state.order.key)
}

fn said(accepted: Option<bool>, error: &dyn std::error::Error) -> Refunding {
    Refunding {
        accepted,
        reason: Some(error.to_string()),
    }
}

fn unknown(error: &dyn std::error::Error) -> RefundAnswered {
    RefundAnswered {
        answer: RefundAnswer::Unknown,
        reason: Some(error.to_string()),
        evidence: Vec::new(),
    }
}

fn lease(due: &DueStep) -> Option<Lease> {
    Some(due.lease.clone())
}
