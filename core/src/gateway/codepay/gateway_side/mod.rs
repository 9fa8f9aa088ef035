//! The gateway's side of the wire: reads and verifies what merchants call, writes and signs what it answers and tells.
//! Pure, so that a simulator is nothing but a ledger around it.
//!
//! The checks of a call come in the order that the protocol note proposes for a simulator (7): the envelope, the app, the
//! time, the signature, the merchant, then what is asked for. Codes that are not public begin with `SIM_`, so that nobody takes
//! them for the gateway's (note 5).

mod call;
mod tell;

pub use super::trade::Status;
pub use call::{Asked, Call, Number, Page, Push, RefundAsked, Shared, read_call};
pub use tell::{
    Card, Transaction, done_reply, error_reply, notify, page_reply, pushed_reply, refund_reply,
    transaction_reply,
};

use crate::sign::PublicKey;
use crate::sign::rsa::PrivateKey;

/// A merchant that has a contract, as the gateway knows him.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// The id of his app.
    pub app_id: String,
    /// His number.
    pub merchant_no: String,
    /// What signs answers and notifications.
    pub gateway_key: PrivateKey,
    /// What verifies his calls, an RSA key of 2048 bits or more.
    pub merchant_key: PublicKey,
}

/// A code that a call is refused with, and its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code(pub &'static str, pub &'static str);

/// There is no such order, or its number is none (note 5).
pub const NOT_EXIST: Code = Code("E04111", "Merchant order number is invalid");
/// There is no such transaction (note 5).
pub const NO_TRADE: Code = Code("E04110", "Transaction number is invalid");
/// The number was used before (note 5).
pub const REPEATED: Code = Code("E04112", "Merchant order number repeat");
/// More than there is to pay back (note 5).
pub const TOO_MUCH: Code = Code("E04126", "Refund amount exceeds the limit");
/// There is nothing to close or to undo (note 5).
pub const NOT_PENDING: Code = Code("ET007", "No pending transactions");
/// There is no such call (note 5).
pub const NO_CALL: Code = Code("E07303", "API is not authorized or does not exist");
/// A field is missing or out of format. Its real code is not public.
pub const BAD_FIELD: Code = Code("SIM_BAD_FIELD", "A field is missing or not in its format");
/// Nobody has this app. Its real code is not public.
pub const UNKNOWN_APP: Code = Code("SIM_UNKNOWN_APP", "The app is not known");
/// The time of the call is more than 15 minutes away. Its real code is not public.
pub const TIMESTAMP: Code = Code("SIM_TIMESTAMP", "The timestamp is out of range");
/// The signature is wrong. Its real code is not public.
pub const BAD_SIGN: Code = Code("SIM_BAD_SIGN", "The signature is wrong");
/// The app belongs to another merchant. Its real code is not public.
pub const OTHER_MERCHANT: Code = Code("SIM_OTHER_MERCHANT", "The merchant is not the app's");
/// The terminal is not known, or not there, and the call would not wait. Its real code is not public.
pub const OFFLINE: Code = Code("SIM_OFFLINE", "The terminal is offline");
