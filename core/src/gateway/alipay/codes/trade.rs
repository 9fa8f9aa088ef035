//! What queries and closings are refused with (note 5.1, 5.2).

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "TRADE_NOT_EXIST",
        ("There is no such trade.", "交易不存在。"),
        (
            "The buyer never reached the cashier, so no trade was made (inferred); or the number is wrong, or of another partner.",
            "买家从未进入收银台，因此没有创建交易（推断）；或单号有误、属于另一个 partner。",
        ),
        (
            "After a checkout that nobody went through with, nothing: the order is asked about again and then closed. Otherwise check the number and the account.",
            "若买家只是没有继续付款，则无需处理：系统会继续查询，最后关闭订单。否则请核对单号和账户。",
        ),
    ),
    Explanation::new(
        "TRADE_STATUS_NOT_AVAILD",
        (
            "The trade's status does not allow this. (The gateway spells the code so.)",
            "交易状态不允许此操作。（网关即如此拼写该代码。）",
        ),
        (
            "Only a trade in WAIT_BUYER_PAY can be closed; this one is paid or closed already.",
            "只有 WAIT_BUYER_PAY 状态的交易可以关闭，而该交易已付款或已关闭。",
        ),
        (
            "Nothing: the query that follows tells how the trade stands.",
            "无需处理：随后的查询会给出交易的实际状态。",
        ),
    ),
    Explanation::new(
        "GENERAL_FAILTURE",
        (
            "The gateway failed in a way that it does not name. (It spells the code so.)",
            "网关出现未说明的一般性失败。（网关即如此拼写该代码。）",
        ),
        (
            "A fault inside the gateway, or a request that it could not work on.",
            "网关内部故障，或请求无法处理。",
        ),
        (
            "Nothing at once: the question is asked again on schedule. If it stays, tell the gateway's support.",
            "暂无需处理：系统会按计划再次请求；持续出现请联系支付宝技术支持。",
        ),
    ),
];
