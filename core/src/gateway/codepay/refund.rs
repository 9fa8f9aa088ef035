//! Paying money back by a call: `order.refund.submit`, and `order.refund.query` for what became of it (note 2.5, vector R4).
//! A refund is an order of its own, with a number of ours.

use super::reply::Envelope;
use super::trade::{self, Status};
use super::{Account, words};
use crate::facts::{Claim, Detail, Proof, Witness};
use crate::flat::Flat;
use crate::gateway::{
    Address, Evidence, Fault, Refund, RefundAnswer, RefundAnswered, RefundCall, Refunding, Refusal,
};
use crate::http::{Reply, Request};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// So many bytes of the hash make a number of 32 hexadecimal digits.
const NUMBER_BYTES: usize = 16;
/// A reason has at most so many characters. What the gateway takes is not documented (inferred).
const REASON_CHARS_MAX: usize = 128;

/// Whether the refund can be sent to this gateway.
pub(super) fn admit(refund: &Refund) -> Result<(), Refusal> {
    if !words::is_trade_no(&refund.trade_no) {
        return Err(Refusal {
            field: "trade_no",
            fault: Fault::NotTaken,
            detail: "it is no number of a trade at this gateway".to_owned(),
            help: "use the trade_no that the order shows".to_owned(),
        });
    }
    let reason = refund.reason.as_deref();
    reason.map_or(Ok(()), |reason| {
        super::checkout::free_text("reason", reason, REASON_CHARS_MAX)
    })
}

/// The number on the wire. The same seed has the same one for ever: this gateway's numbers belong to no day.
pub(super) fn wire_no(seed: &[u8]) -> String {
    let digest = Sha256::digest(seed);
    let number = digest.iter().take(NUMBER_BYTES).copied();
    data_encoding::HEXLOWER.encode(&number.collect::<Vec<u8>>())
}

/// The call. Only one refund goes out at once: a call is of one trade.
pub(super) fn request(account: &Account, call: &RefundCall<'_>) -> Option<Request> {
    let [refund] = call.refunds else {
        return None;
    };
    let amount = refund.amount.decimal();
    let received = refund.received.map(|received| received.decimal());
    Some(account.call(
        words::REFUND,
        &[
            ("orig_trans_no", &refund.trade_no),
            ("merchant_order_no", call.wire_no),
            ("price_currency", refund.amount.currency.code()),
            ("order_amount", received.as_deref().unwrap_or_default()),
            ("trans_amount", &amount),
            ("description", refund.reason.as_deref().unwrap_or_default()),
            ("notify_url", call.notify_url),
        ],
        call.now,
    ))
}

/// What the gateway said. Taking it in is not doing it.
pub(super) fn read(account: &Account, reply: &Reply) -> Refunding {
    match Envelope::read(account, reply) {
        Ok(envelope) => {
            // It has had this number before: the query tells what became of it.
            let repeated =
                [words::REPEATED, words::REPEATED_TRADE].contains(&envelope.code.as_str());
            Refunding {
                accepted: match (envelope.ok(), envelope.decided() && !repeated) {
                    (true, _) => Some(true),
                    (false, true) => Some(false),
                    (false, false) => None,
                },
                reason: envelope.reason(),
            }
        }
        Err(reason) => Refunding {
            accepted: None,
            reason: Some(reason),
        },
    }
}

/// The question what became of a refund.
pub(super) fn query(account: &Account, wire_no: &str, now: Timestamp) -> Request {
    account.call(words::REFUND_QUERY, &[("merchant_order_no", wire_no)], now)
}

/// The answer about this refund. What cannot be believed in full is unknown.
pub(super) fn read_query(
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
    let envelope = Envelope::read(account, reply)?;
    if envelope.code == words::NOT_EXIST {
        return Ok(RefundAnswered {
            answer: RefundAnswer::NotFound,
            reason: envelope.reason(),
            evidence: Vec::new(),
        });
    }
    if let Some(reason) = envelope.reason() {
        return Err(reason);
    }
    let data = &envelope.data;
    if trade::order_no(data) != Some(wire_no) {
        return Err("the answer is about another refund".to_owned());
    }
    if data.get("orig_trans_no").is_some_and(|of| of != trade_no) {
        return Err("the answer is about a refund of another trade".to_owned());
    }
    let kind = data.get("trans_type");
    if kind.is_some_and(|kind| ![words::REFUNDED, words::VOID].contains(&kind)) {
        return Err("the answer is not about a refund".to_owned());
    }
    let word = data.get("trans_status").ok_or("trans_status is missing")?;
    let answer = match Status::of(word) {
        Some(Status::Succeeded) => RefundAnswer::Succeeded,
        Some(Status::Failed | Status::Undone) => RefundAnswer::Failed,
        Some(status) if status.waits() => RefundAnswer::Pending,
        _ => return Err("trans_status is not in the list of this gateway".to_owned()),
    };
    let evidence = match answer {
        RefundAnswer::Pending => Vec::new(),
        answer => vec![item(wire_no, trade_no, data, answer)?],
    };
    Ok(RefundAnswered {
        answer,
        reason: words::reason(data.get("trans_error_code"), data.get("trans_error_msg")),
        evidence,
    })
}

fn item(
    wire_no: &str,
    trade_no: &str,
    data: &Flat,
    answer: RefundAnswer,
) -> Result<Evidence, String> {
    // The transacted amount is what went back; the base amount may be the sale's.
    let amount = trade::amount(data).map_err(|fault| fault.to_string())?;
    let ended = data.get("trans_end_time");
    Ok(Evidence {
        about: Address::TradeNo(trade_no.to_owned()),
        witness: Witness::Query,
        proof: Proof::Queried,
        claim: Claim::RefundItem {
            trade_no: trade_no.to_owned(),
            refund_no: wire_no.to_owned(),
            amount,
            succeeded: answer == RefundAnswer::Succeeded,
        },
        detail: Detail {
            gateway_status: data.get("trans_status").map(str::to_owned),
            payer: None,
            paid_at: ended
                .and_then(|time| crate::gateway::wall::read(time, &crate::gateway::wall::clock(0))),
        },
    })
}
