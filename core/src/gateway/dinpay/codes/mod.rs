//! What the gateway's codes mean (note 5). The note gives a line for each; what usually causes it and what to do are
//! said from that (inferred). Nothing is decided by any of them but `TRADE_IS_NOT_EXIST`.

mod address;
mod identity;
mod order;
mod risk;
mod signing;
mod system;
mod trade;

use super::NAME;
use crate::codes::{CodeGroup, Codes};
use crate::lang::Words;

/// All of them, each once.
pub const CODES: Codes = Codes {
    speaker: NAME,
    groups: &[
        CodeGroup::new(
            ("Signature, merchant and service", "签名、商户与接口"),
            signing::CODES,
        ),
        CodeGroup::new(("Addresses", "地址"), address::CODES),
        CodeGroup::new(("The order's fields", "订单字段"), order::CODES),
        CodeGroup::new(("Order numbers and trades", "订单号与交易"), trade::CODES),
        CodeGroup::new(
            ("Buyers of cross-border orders", "跨境订单的身份信息"),
            identity::CODES,
        ),
        CodeGroup::new(("Risk control and limits", "风控与限额"), risk::CODES),
        CodeGroup::new(("The gateway itself", "网关自身"), system::CODES),
    ],
    spellings: SPELLINGS,
    no_service: &[],
    ask: Words::new((
        "Ask Dinpay's technical support through the merchant console. Tell the code, the merchant code, the order number and the time; never send a key.",
        "请通过智付商家后台联系技术支持，提供错误代码、商家号、订单号和时间，切勿发送密钥。",
    )),
};

/// The gateway misspells some codes; people look for the right spelling. One sample prints a code with a slip of its own
/// (note 5).
const SPELLINGS: &[(&str, &str)] = &[
    ("OREDER_NO_IS_TOO_LONG", "ORDER_NO_IS_TOO_LONG"),
    ("UNKNOWN_ERROR", "UNKNOW_ERROR"),
    ("CONSUMER_NAME_IS_NULL", "CONCUMER_NAME_IS_NULL"),
    ("CONSUMER_IDNO_IS_NULL", "CONCUMER_IDNO_IS_NULL"),
    ("CONSUMER_IDNO_IS_INVALID", "CONCUMER_IDNO_IS_INVALID"),
    ("ILLEGAL_CONSUMER_IDNO", "ILLEGAL_CONCUMER_IDNO"),
    ("VIOLATE_SINGLE_MAXAMOUNT", "VIOLATE_SING_MAXAMOUNT"),
];
