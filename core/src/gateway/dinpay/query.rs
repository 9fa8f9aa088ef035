//! Asking for a trade: `single_trade_query` (note 3, vectors V5, V6, V9..V11).

use super::envelope::Envelope;
use super::trade::{self, Status, Told};
use super::{Account, words};
use crate::facts::{Proof, Witness};
use crate::gateway::{Answer, Answered, FORM};
use crate::http::{Reply, Request};
use crate::params::Params;
use crate::sabotage::{Defence, removed};

/// The question, by the merchant's number.
pub(super) fn request(account: &Account, order_no: &str) -> Request {
    let params = account.signed(&[
        ("service_type", words::QUERY),
        ("merchant_code", &account.settings.merchant_code),
        ("interface_version", words::VERSION),
        ("order_no", order_no),
    ]);
    let body = params.to_wire().into_bytes();
    Request::post(account.settings.query_url.clone(), FORM, body)
}

/// The answer about this order. What cannot be believed in full is unknown, and never unpaid.
///
/// `TRADE_IS_NOT_EXIST` within the query window means that the buyer never reached the cashier. Behind it, it says
/// nothing (note 3.1): who asks later must not take it for an answer.
pub(super) fn read(account: &Account, order_no: &str, reply: &Reply) -> Answered {
    let envelope = match Envelope::read(reply) {
        Ok(envelope) => envelope,
        Err(reason) => return Answered::unknown(reason),
    };
    match envelope.error.as_deref() {
        Some(words::NOT_EXIST) => return answered(Answer::NotFound, Some(words::NOT_EXIST)),
        Some(code) => return Answered::unknown(code),
        None => {}
    }
    match believed(account, order_no, &envelope) {
        Ok(told) => {
            let answer = match told.status {
                Status::Waiting | Status::Failed => Answer::Unpaid,
                Status::Paid => Answer::Paid,
            };
            Answered {
                evidence: told.evidence(order_no, Witness::Query, Proof::Queried),
                ..answered(answer, None)
            }
        }
        Err(reason) => Answered::unknown(reason),
    }
}

fn answered(answer: Answer, reason: Option<&str>) -> Answered {
    Answered {
        answer,
        reason: reason.map(str::to_owned),
        evidence: Vec::new(),
        personal: Vec::new(),
    }
}

/// What the answer tells, once it is bound to our question: this order, our payee, our signature. Every answer with a
/// trade is signed at this gateway, so one that is not says nothing, whatever its status.
fn believed(account: &Account, order_no: &str, envelope: &Envelope) -> Result<Told, String> {
    let trade = envelope
        .trade
        .as_ref()
        .ok_or_else(|| "the answer holds no trade".to_owned())?;
    if trade::order_no(trade).as_deref() != Some(order_no) && !removed(Defence::ReplyOrder) {
        return Err("the answer is about another order".to_owned());
    }
    check_signature(account, envelope, trade)?;
    trade::check_payee(account, trade).map_err(|fault| fault.to_string())?;
    trade::read(account, trade).map_err(|fault| fault.to_string())
}

/// Whether the answer carries our gateway's signature over all that the trade has.
pub(super) fn check_signature(
    account: &Account,
    envelope: &Envelope,
    trade: &Params,
) -> Result<(), String> {
    let signature = envelope.sign.as_deref().filter(|sign| !sign.is_empty());
    let Some(signature) = signature else {
        return match removed(Defence::UnsignedReply) {
            true => Ok(()),
            false => Err("unsigned: the answer has a trade and carries no signature".to_owned()),
        };
    };
    let kind = envelope.sign_type.as_deref().map(str::as_bytes);
    if let Err(reason) = account.seal.check_kind(kind) {
        return Err(format!("unsigned: the answer's {reason}"));
    }
    if !account.verifies(trade, signature.as_bytes(), None) && !removed(Defence::ReplySignature) {
        return Err("unsigned: the answer's signature is wrong".to_owned());
    }
    Ok(())
}
