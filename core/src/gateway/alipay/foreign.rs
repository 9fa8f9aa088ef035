//! Critical names that do not belong into a callback (SEC-003b).
//!
//! Cutting a signing string in full cannot change a field, but it can add one out of a buyer's text: a
//! `total_amount` before `total_fee`. Nothing here reads such a field; still, a message that carries the amount,
//! status, number or payee of another profile is no evidence and makes us ask. Names that nobody knows are allowed:
//! the gateway says that it may add some.

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
        OTHER_PROTOCOLS.contains(&name) || own.contains(&name)
    }
}

/// Amounts, currencies, statuses, numbers and payees of requests, of answers and of other gateways' protocols.
const OTHER_PROTOCOLS: [&str; 75] = [
    // Amounts.
    "actual_amount",
    "amount",
    "buyer_pay_amount",
    "cash_fee",
    "coupon_fee",
    "fee",
    "invoice_amount",
    "money",
    "order_amount",
    "order_fee",
    "pay_amount",
    "point_amount",
    "real_amount",
    "really_price",
    "receipt_amount",
    "refund_amount",
    "refund_fee",
    "rmb_fee",
    "send_back_fee",
    "settlement_total_fee",
    "to_buyer_fee",
    "to_seller_fee",
    "total_amount",
    "trade_amount",
    "trans_amount",
    "txn_amount",
    // Currencies.
    "cash_fee_type",
    "currency",
    "currency_code",
    "fee_type",
    "pay_currency",
    "refund_currency",
    "settle_currency",
    "trans_currency",
    // Statuses.
    "additional_trade_status",
    "code",
    "err_code",
    "error",
    "order_status",
    "pay_status",
    "refund_state",
    "result",
    "result_code",
    "return_code",
    "state",
    "status",
    "sub_code",
    "trade_result",
    "trade_state",
    "trans_status",
    // Numbers.
    "order_id",
    "order_no",
    "order_sn",
    "out_biz_no",
    "out_order_no",
    "out_refund_no",
    "out_request_no",
    "out_trans_no",
    "merchant_order_no",
    "refund_id",
    "refund_no",
    "trade_id",
    "trans_no",
    "transaction_id",
    // Payees and services.
    "app_id",
    "auth_app_id",
    "mch_id",
    "merchant_code",
    "merchant_id",
    "merchant_no",
    "partner",
    "seller_account_name",
    "seller_user_id",
    "service",
    "store_no",
];

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
