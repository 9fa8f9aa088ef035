//! What risk control refuses (note 5).

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "TRANSACTION_REJECTED_001",
        ("Risk control refused the payment.", "交易被风控拒绝。"),
        (
            "The buyer's network looks suspicious to the gateway.",
            "网关认为付款人的网络有风险。",
        ),
        (
            "Let the buyer pay over another network, or ask the gateway.",
            "请让买家更换网络付款，或联系智付。",
        ),
    ),
    Explanation::new(
        "VIOLATE_DAY_MAXAMOUNT",
        (
            "The sum of the day would be too high.",
            "超过单日累计金额上限。",
        ),
        (
            "The contract, or the buyer, has a limit for a day.",
            "商户或付款人有单日金额限制。",
        ),
        (
            "Let the buyer pay tomorrow or in another way, or ask the gateway for a higher limit.",
            "请让买家次日或换一种方式付款，或向智付申请提高限额。",
        ),
    ),
    Explanation::new(
        "VIOLATE_DAY_MAXCOUNT",
        (
            "There would be too many payments in a day.",
            "超过单日累计笔数上限。",
        ),
        (
            "The contract, or the buyer, has a limit for a day.",
            "商户或付款人有单日笔数限制。",
        ),
        (
            "Let the buyer pay tomorrow or in another way, or ask the gateway for a higher limit.",
            "请让买家次日或换一种方式付款，或向智付申请提高限额。",
        ),
    ),
    Explanation::new(
        "VIOLATE_MONTH_MAXCOUNT",
        (
            "There would be too many payments in a month.",
            "超过单月累计笔数上限。",
        ),
        (
            "The contract, or the buyer, has a limit for a month.",
            "商户或付款人有单月笔数限制。",
        ),
        (
            "Let the buyer pay in another way, or ask the gateway for a higher limit.",
            "请让买家换一种方式付款，或向智付申请提高限额。",
        ),
    ),
    Explanation::new(
        "VIOLATE_SING_MAXAMOUNT",
        (
            "The payment is too high. (The gateway spells the code so.)",
            "超过单笔金额上限。（网关即如此拼写该代码。）",
        ),
        (
            "The contract has a limit for one payment.",
            "商户有单笔金额限制。",
        ),
        (
            "Divide the order, or ask the gateway for a higher limit.",
            "请拆分订单，或向智付申请提高限额。",
        ),
    ),
    Explanation::new(
        "VIOLATE_WITHCARD_SINGLE_OVER",
        (
            "The payment is too high for this card.",
            "超过该银行卡的单笔限额。",
        ),
        (
            "The bank has a limit for one payment with a card.",
            "银行对单笔刷卡金额有限制。",
        ),
        (
            "Let the buyer pay with another card or in another way.",
            "请让买家更换银行卡或支付方式。",
        ),
    ),
];
