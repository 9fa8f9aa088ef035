//! What this gateway does not do: no second opinion (note 2.2: no verify endpoint is known), no closing, no refund by
//! request (note 3.4: refunds are made on the gateway's merchant page), no statement, no token before a checkout.

use super::NAME;
use crate::gateway::{
    Closing, NotSupported, RefundAnswer, RefundAnswered, Refunding, Refusal, Stated,
};

/// Why there is nothing in an answer to what was never asked.
const REASON: &str = "this gateway has no such call";

/// A flow that the gateway lacks.
pub(super) fn lacks<T>(flow: &'static str) -> Result<T, NotSupported> {
    Err(NotSupported {
        gateway: NAME,
        flow,
    })
}

/// The answer to a closing.
pub(super) fn closing() -> Closing {
    Closing {
        accepted: None,
        reason: Some(REASON.to_owned()),
    }
}

/// Whether a refund can be sent.
pub(super) fn admit_refund() -> Result<(), Refusal> {
    Err(Refusal {
        field: "account",
        fault: crate::gateway::Fault::NotTaken,
        detail: "this gateway pays nothing back by request".to_owned(),
        help: "pay back on the gateway's merchant page".to_owned(),
    })
}

/// The answer to a refund.
pub(super) fn refunding() -> Refunding {
    Refunding {
        accepted: None,
        reason: Some(REASON.to_owned()),
    }
}

/// The answer to a question about a refund.
pub(super) fn refund() -> RefundAnswered {
    RefundAnswered {
        answer: RefundAnswer::Unknown,
        reason: Some(REASON.to_owned()),
        evidence: Vec::new(),
    }
}

/// A part of a statement.
pub(super) fn stated() -> Stated {
    Stated::unknown(REASON)
}
