//! Critical names that do not belong into a callback (SEC-003b).
//!
//! Only the names of note 2.2 are signed and read here, so no other name can change what a callback says: a parameter
//! of the merchant's own, such as `order=5`, is left aside. Still, a message that carries the amount, status, number or
//! payee of another protocol is none that this gateway sends: it is no evidence and makes us ask.

use crate::gateway::foreign::CRITICAL;

/// Every name of a callback (note 2.2), sorted. What comes with a value is signed.
pub(super) const NAMES: [&str; 13] = [
    "bank_code",
    "bank_seq_no",
    "extra_return_param",
    "interface_version",
    "merchant_code",
    "notify_id",
    "notify_type",
    "order_amount",
    "order_no",
    "order_time",
    "trade_no",
    "trade_status",
    "trade_time",
];

/// Whether the name, which is none of [`NAMES`], is critical elsewhere.
pub(super) fn refuses(name: &str) -> bool {
    CRITICAL.contains(&name) || ELSEWHERE.contains(&name)
}

/// What Alipay's trades are told with, and the names of this gateway's own answers and requests.
const ELSEWHERE: [&str; 29] = [
    "batch_no",
    "buyer_email",
    "buyer_id",
    "detail_data",
    "error_code",
    "gmt_close",
    "gmt_payment",
    "gmt_refund",
    "input_charset",
    "is_success",
    "merchant_order_no",
    "out_trade_no",
    "price",
    "product_name",
    "qrcode",
    "quantity",
    "redo_flag",
    "refund_status",
    "resp_code",
    "result_desc",
    "result_details",
    "seller_email",
    "seller_id",
    "service_type",
    "sub_msg",
    "subject",
    "success_num",
    "total_fee",
    "use_coupon",
];
