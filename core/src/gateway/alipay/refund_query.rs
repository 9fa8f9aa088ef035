//! Asking what became of a refund: `refund_fastpay_query` (note 5.3).
//!
//! The answer is no XML: it is url-encoded text, and the protocol leaves it unsigned. So it tells how the refund
//! stands and never becomes a claim; only an answer that is signed all the same does.

use super::batch::{self, Item};
use super::envelope::is_code;
use super::{Account, callback, refund, trade, words};
use crate::facts::{Proof, Witness};
use crate::gateway::{NotSupported, RefundAnswer, RefundAnswered};
use crate::http::{Reply, Request};
use crate::params::Params;

/// The answer about one refund is a line; a longer one is none.
const REPLY_BYTES_MAX: usize = 4 * 1024;

/// The question, about one trade of a batch.
pub(super) fn request(
    account: &Account,
    wire_no: &str,
    trade_no: &str,
) -> Result<Request, NotSupported> {
    refund::way(account).map_err(|_| refund::not_supported("refund_query"))?;
    Ok(Request::get(account.address(&account.signed(&[
        ("service", words::REFUND_QUERY),
        ("partner", &account.settings.partner),
        ("_input_charset", account.settings.charset.label()),
        ("batch_no", wire_no),
        ("trade_no", trade_no),
    ]))))
}

/// The answer about this refund. What cannot be believed in full is unknown.
pub(super) fn read(
    account: &Account,
    wire_no: &str,
    trade_no: &str,
    reply: &Reply,
) -> RefundAnswered {
    believed(account, wire_no, trade_no, reply).unwrap_or_else(|reason| RefundAnswered {
        answer: RefundAnswer::Unknown,
        reason: Some(reason),
        evidence: Vec::new(),
    })
}

fn believed(
    account: &Account,
    wire_no: &str,
    trade_no: &str,
    reply: &Reply,
) -> Result<RefundAnswered, String> {
    if reply.status != 200 {
        return Err("the HTTP status is not 200".to_owned());
    }
    if reply.body.len() > REPLY_BYTES_MAX {
        return Err("the answer is too long".to_owned());
    }
    let params = Params::parse(&reply.body).map_err(|error| error.to_string())?;
    let signed = check_signature(account, &params)?;
    let told = |name| trade::text(&params, name);
    match (
        told("is_success").as_deref(),
        told("error_code").as_deref(),
        told("result_details").as_deref(),
    ) {
        (Some("T"), None, Some(details)) => {
            let item = asked(wire_no, trade_no, details)?;
            outcome(wire_no, item, signed)
        }
        (Some("F"), Some("REFUND_NOT_EXIST"), None) => Ok(RefundAnswered {
            answer: RefundAnswer::NotFound,
            reason: Some("REFUND_NOT_EXIST".to_owned()),
            evidence: Vec::new(),
        }),
        (Some("F"), Some(code), None) if is_code(code) => Err(code.to_owned()),
        _ => Err("the answer is neither a success nor a failure of this gateway".to_owned()),
    }
}

/// Whether the answer is signed at all; a signature that is there must be right.
fn check_signature(account: &Account, params: &Params) -> Result<bool, String> {
    if params.get("sign").is_none_or(<[u8]>::is_empty) {
        return Ok(false);
    }
    callback::check_kind(account, params)?;
    match account.verifies(params, callback::signature(params)?, None) {
        true => Ok(true),
        false => Err("the answer's signature is wrong".to_owned()),
    }
}

/// The one item of the answer, `batch^trade^amount^RESULT`, bound to our question.
fn asked(wire_no: &str, trade_no: &str, details: &str) -> Result<Item, String> {
    let (batch_no, rest) = details
        .split_once('^')
        .ok_or("result_details is not in its format")?;
    let item = batch::item(rest).ok_or("result_details is not in its format")?;
    match batch_no == wire_no && item.trade_no == trade_no {
        true => Ok(item),
        false => Err("the answer is about another refund".to_owned()),
    }
}

fn outcome(wire_no: &str, item: Item, signed: bool) -> Result<RefundAnswered, String> {
    let (answer, reason) = if item.succeeded() {
        (RefundAnswer::Succeeded, None)
    } else if refund::is_refusal(&item.result) {
        (RefundAnswer::Failed, Some(item.result.clone()))
    } else {
        return Err(item.result);
    };
    let evidence = |item| batch::evidence(wire_no, item, Witness::Query, Proof::Queried);
    Ok(RefundAnswered {
        answer,
        reason,
        evidence: signed.then(|| evidence(item)).into_iter().collect(),
    })
}
