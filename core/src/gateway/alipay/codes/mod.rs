//! What the gateway's codes mean (seed 001 5.1; note 5.2, 5.3, 5.5, 6). Of many codes the documents give no more than
//! the name: there the words say what the name says (inferred). Nothing is decided by any of them.

mod common;
mod guide;
mod older;
mod pay;
mod refund;
mod report;
mod royalty;
mod trade;

use super::NAME;
use crate::codes::{CodeGroup, Codes};
use crate::lang::Words;

/// All of them, each once: codes that several services answer with stand in the first group that has them.
pub const CODES: Codes = Codes {
    speaker: NAME,
    groups: &[
        CodeGroup::new(
            ("Codes of the integration guide", "集成教程所列的错误代码"),
            guide::CODES,
        ),
        CodeGroup::new(("Payment requests", "付款请求的错误代码"), pay::CODES),
        CodeGroup::new(("Royalties", "分润的错误代码"), royalty::CODES),
        CodeGroup::new(
            (
                "Payment requests, older lists",
                "付款请求的错误代码（早期列表）",
            ),
            older::CODES,
        ),
        CodeGroup::new(("All services", "各接口通用的错误代码"), common::CODES),
        CodeGroup::new(
            ("Queries and closing", "查询与关闭交易的错误代码"),
            trade::CODES,
        ),
        CodeGroup::new(("Refunds", "退款的错误代码"), refund::CODES),
        CodeGroup::new(("Account reports", "账务明细的错误代码"), report::CODES),
    ],
    spellings: SPELLINGS,
    no_service: &[
        "ILLEGAL_EXTERFACE",
        "ILLEGAL_PARTNER_EXTERFACE",
        "EXTERFACE_IS_CLOSED",
    ],
    ask: Words::new((
        "Ask Alipay's technical support through the merchant centre. Tell the code, the partner, the order number and the time; never send the key. (The guide names a support form, a forum and the hotline 0571-88158090; they are historic.)",
        "请通过支付宝商家服务中心联系技术支持，提供错误代码、partner、订单号和时间，切勿发送 key。（教程所列的技术支持表单、论坛和热线 0571-88158090 仅供参考，属历史信息。）",
    )),
};

/// The gateway misspells some codes; people look for the right spelling. `INVALID_CHARACTER_SET` is in no document that
/// was read, and taken for `ILLEGAL_CHARSET` (note 6.3, inferred).
const SPELLINGS: &[(&str, &str)] = &[
    ("ROYALTY_FORMAT_ERROR", "ROYALTY_FORAMT_ERROR"),
    ("GENERAL_FAILURE", "GENERAL_FAILTURE"),
    ("TRADE_STATUS_NOT_AVAILABLE", "TRADE_STATUS_NOT_AVAILD"),
    ("TRADE_STATUS_NOT_AVAIL", "TRADE_STATUS_NOT_AVAILD"),
    ("PARAMETER_IS_NULL", "PARAMTER_IS_NULL"),
    (
        "EBANK_CREDIT_GW_RULE_NOT_OPEN",
        "EBANK_CERDIT_GW_RULE_NOT_OPEN",
    ),
    (
        "DUPLICATE_TRADE_NO_IN_SAME_BATCH",
        "DUBL_TRADE_NO_IN_SAME_BATCH",
    ),
    ("DUPLICATE_ROYALTY_IN_DETAIL", "DUBL_ROYALTY_IN_DETAIL"),
    ("EXPARTNER_INFO_INCORRECT", "EXPARTNER_INFO_UNCORRECT"),
    ("INVALID_CHARACTER_SET", "ILLEGAL_CHARSET"),
];
