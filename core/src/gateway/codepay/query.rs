//! Asking for an order: `order.query` (note 2.5, vectors R1, P2).

use super::reply::Envelope;
use super::trade::{self, Status, Told};
use super::{Account, words};
use crate::facts::{Claim, Proof, Witness};
use crate::flat::Flat;
use crate::gateway::{Answer, Answered};
use crate::http::{Reply, Request};
use crate::sabotage::{Defence, removed};
use jiff::Timestamp;

/// The question, by the merchant's number.
pub(super) fn request(account: &Account, order_no: &str, now: Timestamp) -> Request {
    account.call(words::QUERY, &[("merchant_order_no", order_no)], now)
}

/// The answer about this order. What cannot be believed in full is unknown, and never unpaid.
pub(super) fn read(account: &Account, order_no: &str, reply: &Reply) -> Answered {
    let envelope = match Envelope::read(account, reply) {
        Ok(envelope) => envelope,
        Err(reason) => return Answered::unknown(reason),
    };
    if envelope.code == words::NOT_EXIST {
        return answered(Answer::NotFound, envelope.reason());
    }
    if let Some(reason) = envelope.reason() {
        return Answered::unknown(reason);
    }
    match believed(account, order_no, &envelope.data) {
        Ok(told) => tell(told, order_no, &envelope.data),
        Err(reason) => Answered::unknown(reason),
    }
}

/// What the answer tells, once it is bound to our question: this order, a sale, our payee.
pub(super) fn believed(account: &Account, order_no: &str, data: &Flat) -> Result<Told, String> {
    if trade::order_no(data) != Some(order_no) && !removed(Defence::ReplyOrder) {
        return Err("the answer is about another order".to_owned());
    }
    if data
        .get("trans_type")
        .is_some_and(|kind| kind != words::SALE)
    {
        return Err("the answer is not about a sale".to_owned());
    }
    trade::check_payee(account, data).map_err(|fault| fault.to_string())?;
    trade::read(account, data).map_err(|fault| fault.to_string())
}

fn tell(mut told: Told, order_no: &str, data: &Flat) -> Answered {
    let answer = match told.status {
        Status::Created | Status::Going => Answer::Unpaid,
        Status::Failed => Answer::Closed,
        Status::Succeeded | Status::Undone => Answer::Paid,
    };
    if told.status == Status::Failed {
        // The number can never be paid any more (note 2.2: it is a final state).
        told.claims.push(Claim::GatewayClosed {
            // One word, so that every telling is the same claim; why it failed is beside it.
            reason: "failed".to_owned(),
        });
    }
    let reason = told.reason.clone();
    let evidence = told.evidence(order_no, Witness::Query, Proof::Queried);
    Answered {
        personal: trade::personal(data, &evidence),
        evidence,
        ..answered(answer, reason)
    }
}

fn answered(answer: Answer, reason: Option<String>) -> Answered {
    Answered {
        answer,
        reason,
        evidence: Vec::new(),
        personal: Vec::new(),
    }
}
