//! Asking for a trade: `single_trade_query` (note 5.1, vectors M12 and M13).

use super::Account;
use super::envelope::Envelope;
use super::trade::{self, Fault, Status, Told};
use crate::facts::{Proof, Witness};
use crate::gateway::{Answer, Answered};
use crate::http::{Reply, Request};
use crate::params::Params;
use crate::sabotage::{Defence, removed};

/// The question, by the merchant's number.
pub(super) fn request(account: &Account, order_no: &str) -> Request {
    Request::get(account.address(&account.signed(&[
        ("service", "single_trade_query"),
        ("partner", &account.settings.partner),
        ("_input_charset", account.settings.charset.label()),
        ("out_trade_no", order_no),
    ])))
}

/// The answer about this order. What cannot be believed in full is unknown, and never unpaid.
pub(super) fn read(account: &Account, order_no: &str, reply: &Reply) -> Answered {
    let envelope = match Envelope::read(reply, account.settings.charset) {
        Ok(envelope) => envelope,
        Err(reason) => return Answered::unknown(reason),
    };
    match envelope.error.as_deref() {
        Some("TRADE_NOT_EXIST") => return answered(Answer::NotFound, Some("TRADE_NOT_EXIST")),
        Some(code) => return Answered::unknown(code),
        None => {}
    }
    match believed(account, order_no, &envelope) {
        Ok((told, trade)) => {
            let answer = match told.status {
                Status::Waiting => Answer::Unpaid,
                Status::Closed if told.closes() => Answer::Closed,
                Status::Paid | Status::Closed => Answer::Paid,
            };
            Answered {
                evidence: told.evidence(order_no, Witness::Query, Proof::Queried),
                personal: trade::personal(account, trade),
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

/// What the answer tells, once it is bound to our question: this order, our payee, a signature where it claims
/// anything.
fn believed<'a>(
    account: &Account,
    order_no: &str,
    envelope: &'a Envelope,
) -> Result<(Told, &'a Params), String> {
    let trade = match &envelope.business {
        Some(business) if business.name == "trade" => &business.children,
        _ => return Err("the answer holds no trade".to_owned()),
    };
    if trade::order_no(trade).as_deref() != Some(order_no) && !removed(Defence::ReplyOrder) {
        return Err("the answer is about another order".to_owned());
    }
    let signed = check_signature(account, envelope, trade)?;
    trade::check_payee(account, trade).map_err(|fault| fault.to_string())?;
    let told = tell(account, trade).map_err(|fault| fault.to_string())?;
    if !signed && !told.claims.is_empty() && !removed(Defence::UnsignedReply) {
        return Err(UNSIGNED.to_owned());
    }
    Ok((told, trade))
}

/// What is wrong with a claim that nobody signed.
pub(super) const UNSIGNED: &str = "unsigned: the answer claims something and carries no signature";

/// What the trade in an answer tells.
pub(super) fn tell(account: &Account, trade: &Params) -> Result<Told, Fault> {
    let refunded = match trade::amount(trade, "to_buyer_fee") {
        Ok(None) => trade::amount(trade, "refund_fee"),
        told => told,
    };
    let told = trade::read(account, trade, refunded?)?;
    let kept = trade::amount(trade, "to_seller_fee")?;
    if told.closes() && kept.is_some_and(|sum| sum.minor > 0) {
        return Err(Fault::Unclear(
            "the trade is closed, and its money is with the seller".to_owned(),
        ));
    }
    Ok(told)
}

/// Whether the answer is signed at all; a signature that is there must be right.
pub(super) fn check_signature(
    account: &Account,
    envelope: &Envelope,
    trade: &Params,
) -> Result<bool, String> {
    let Some(signature) = &envelope.sign else {
        return Ok(false);
    };
    let kind = envelope.sign_type.as_deref().map(str::as_bytes);
    if let Err(reason) = account.seal.check_kind(kind) {
        return Err(format!("unsigned: the answer's {reason}"));
    }
    if !account.verifies(trade, signature.as_bytes(), None) && !removed(Defence::ReplySignature) {
        return Err("unsigned: the answer's signature is wrong".to_owned());
    }
    Ok(true)
}
