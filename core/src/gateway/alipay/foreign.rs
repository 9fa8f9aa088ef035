//! Critical names that do not belong into a callback (SEC-003b).
//!
//! Cutting a signing string in full cannot change a field, but it can add one out of a buyer's text: a
//! `total_amount` before `total_fee`. Nothing here reads such a field; still, a message that carries the amount,
//! status, number or payee of another profile is no evidence and makes us ask. Names that nobody knows are allowed:
//! the gateway says that it may add some.

use crate::gateway::foreign::CRITICAL;

/// Which callback it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Profile {
    /// Note 2.1.
    Return,
    /// Note 2.2.
    Notify,
    /// Note 5.3.
    BatchRefund,
}

impl Profile {
    /// Whether the name is critical and of another profile.
    pub(super) fn refuses(self, name: &str) -> bool {
        let own: &[&str] = match self {
            Profile::Return => &NOT_IN_RETURN,
            Profile::Notify => &NOT_IN_NOTIFY,
            Profile::BatchRefund => &NOT_IN_BATCH_REFUND,
        };
        CRITICAL.contains(&name) || own.contains(&name)
    }
}

/// A return is sent after a payment and knows neither a refund nor a closing, nor another amount than `total_fee`.
const NOT_IN_RETURN: [&str; 18] = [
    "batch_no",
    "batch_num",
    "detail_data",
    "discount",
    "gmt_close",
    "gmt_payment",
    "gmt_refund",
    "is_total_fee_adjust",
    "out_channel_amount",
    "out_channel_inst",
    "out_channel_type",
    "price",
    "quantity",
    "refund_date",
    "refund_status",
    "result_details",
    "success_num",
    "use_coupon",
];

/// A notify about a trade has no `is_success`, and nothing of a batch.
const NOT_IN_NOTIFY: [&str; 8] = [
    "batch_no",
    "batch_num",
    "detail_data",
    "exterface",
    "is_success",
    "refund_date",
    "result_details",
    "success_num",
];

/// A notify about a batch of refunds names its trades inside `result_details` only.
const NOT_IN_BATCH_REFUND: [&str; 15] = [
    "detail_data",
    "discount",
    "exterface",
    "gmt_close",
    "gmt_payment",
    "gmt_refund",
    "is_success",
    "out_trade_no",
    "price",
    "quantity",
    "refund_date",
    "refund_status",
    "total_fee",
    "trade_no",
    "trade_status",
];
