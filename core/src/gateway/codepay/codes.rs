//! What the gateway's codes mean (note 5). Its own lists could not be had: each meaning here is from other people's
//! programs and what was seen; what usually causes it and what to do are said from that (inferred). The envelope, a failed
//! transaction and a terminal share one vocabulary.

use super::NAME;
use crate::codes::{CodeGroup, Codes, Explanation};
use crate::lang::Words;

/// All of them, each once.
pub const CODES: Codes = Codes {
    speaker: NAME,
    groups: &[
        CodeGroup::new(("Order numbers and transactions", "订单号与交易"), ORDERS),
        CodeGroup::new(("Refunds and voids", "退款与撤销"), REFUNDS),
        CodeGroup::new(("Terminals", "终端"), TERMINALS),
        CodeGroup::new(("Card processors", "收单机构"), PROCESSORS),
        CodeGroup::new(("The gateway itself", "网关自身"), GATEWAY),
    ],
    spellings: &[],
    no_service: &[],
    ask: Words::new((
        "Ask CodePay's support. Tell the code, the app id, the merchant's number, the order number and psn, the serial number of the call; never send a private key.",
        "请联系 CodePay 技术支持，提供错误代码、app_id、商户号、订单号和调用流水号 psn，切勿发送私钥。",
    )),
};

const NEW_NUMBER: (&str, &str) = (
    "Nothing where the order is open: it is asked about. After a close, make a new order with a new number.",
    "订单未关闭时无需处理，系统会查询；关闭之后请用新的订单号重新下单。",
);

const ORDERS: &[Explanation] = &[
    Explanation::new(
        "E04110",
        ("The transaction number is not valid.", "交易号无效。"),
        (
            "The number is mistyped, or belongs to another merchant.",
            "交易号有误，或属于其他商户。",
        ),
        (
            "Take the trade number from the order; it begins with 5 and has 22 or 23 digits.",
            "请使用订单中的交易号：以 5 开头，22 或 23 位数字。",
        ),
    ),
    Explanation::new(
        "E04111",
        (
            "The order number is not valid, or the gateway has no such order.",
            "订单号无效，或网关没有该订单。",
        ),
        (
            "Nobody has sent this order to the gateway: no terminal took it and no page was opened.",
            "该订单从未送达网关：没有推送到终端，也没有打开付款页。",
        ),
        (
            "Nothing: it says that nobody has paid. Send the order again under the same number.",
            "无需处理：这表示尚未付款。可用同一订单号重新发送。",
        ),
    ),
    Explanation::new(
        "E04112",
        ("The order number was used before.", "订单号重复。"),
        (
            "The number was paid, closed or cancelled, or it came with another amount.",
            "该订单号已付款、已关闭或已撤销，或金额不同。",
        ),
        NEW_NUMBER,
    ),
    Explanation::new(
        "E04131",
        ("The transaction number was used before.", "交易号重复。"),
        (
            "The same refund or void was sent twice.",
            "同一退款或撤销提交了两次。",
        ),
        (
            "Nothing: what became of the first one is asked about.",
            "无需处理：系统会查询第一次的结果。",
        ),
    ),
];

const REFUNDS: &[Explanation] = &[
    Explanation::new(
        "E04126",
        (
            "The refund exceeds what may be paid back.",
            "退款超过可退金额。",
        ),
        (
            "Earlier refunds have taken a part of it, some of them perhaps at the terminal.",
            "此前已有退款，可能是在终端上进行的。",
        ),
        (
            "Look at the order's refunds, and ask for what is left.",
            "请查看订单的退款记录，只退剩余金额。",
        ),
    ),
    Explanation::new(
        "E04130",
        (
            "The refund exceeds the limit of one transaction.",
            "超过单笔退款限额。",
        ),
        (
            "The contract has a limit for refunds.",
            "合同约定了退款限额。",
        ),
        (
            "Pay back in several parts, or have the limit raised.",
            "请分次退款，或申请提高限额。",
        ),
    ),
    Explanation::new(
        "E04132",
        ("A partial refund is not allowed.", "不允许部分退款。"),
        (
            "The payment method or the contract pays back in whole only.",
            "该支付方式或合同只支持全额退款。",
        ),
        ("Pay the whole amount back.", "请全额退款。"),
    ),
    Explanation::new(
        "ET002",
        (
            "The transaction that is to be undone does not exist.",
            "要撤销的交易不存在。",
        ),
        (
            "The original number is wrong, or it was never paid.",
            "原交易号有误，或从未付款。",
        ),
        ("Look at the order's trades.", "请查看订单的交易。"),
    ),
    Explanation::new(
        "ET003",
        ("The transaction does not exist.", "交易不存在。"),
        (
            "The number is wrong, or belongs to another merchant or terminal.",
            "交易号有误，或属于其他商户或终端。",
        ),
        ("Look at the order's trades.", "请查看订单的交易。"),
    ),
    Explanation::new(
        "ET007",
        ("There is no pending transaction.", "没有待处理的交易。"),
        ("The batch is empty, or was closed.", "批次为空或已结算。"),
        (
            "Use a refund in the place of a void.",
            "请改用退款，而不是撤销。",
        ),
    ),
    Explanation::new(
        "ET008",
        (
            "The transaction is settled and cannot be reversed.",
            "交易已结算，不能撤销。",
        ),
        (
            "Its batch was closed. A void works before that only.",
            "批次已结算，撤销只能在结算之前。",
        ),
        ("Use a refund.", "请使用退款。"),
    ),
    Explanation::new(
        "119",
        ("The transaction cannot be voided.", "交易不能撤销。"),
        (
            "It is settled, or was undone already.",
            "已结算，或已经撤销。",
        ),
        ("Use a refund.", "请使用退款。"),
    ),
];

const TERMINALS: &[Explanation] = &[
    Explanation::new(
        "106",
        (
            "The terminal does not let this application call it.",
            "终端不允许该应用调用。",
        ),
        (
            "app_id is missing or wrong in the call, or the app is not installed for this merchant (M009).",
            "调用中缺少 app_id 或有误，或该商户未安装该应用（M009）。",
        ),
        (
            "Send app_id, and have the app enabled for the terminal. The order is asked about.",
            "请发送 app_id，并为终端开通该应用。系统会查询订单。",
        ),
    ),
    Explanation::new(
        "110",
        ("Canceled at the terminal.", "已在终端取消。"),
        (
            "The operator or the customer pressed cancel (K026).",
            "操作员或顾客按了取消（K026）。",
        ),
        (
            "Nothing was charged. The order is still watched; pay again under the same number while it is open.",
            "未扣款。系统仍会关注该订单；未关闭之前可用同一订单号重新付款。",
        ),
    ),
    Explanation::new(
        "112",
        ("The terminal waited in vain.", "终端等待超时。"),
        (
            "Nobody presented a card in time, or the connection was lost.",
            "未及时刷卡，或连接中断。",
        ),
        (
            "Do not take it for unpaid: the gateway is asked.",
            "请勿当作未付款，系统会向网关查询。",
        ),
    ),
    Explanation::new(
        "202",
        ("A parameter of the call is wrong.", "调用参数有误。"),
        (
            "The amount or another field is not as the terminal reads it (M003).",
            "金额或其他字段不符合终端要求（M003）。",
        ),
        (
            "The text names the field. Amounts are in whole units with decimals, never in cents.",
            "请看返回文本中的字段名。金额以元为单位带小数，不是分。",
        ),
    ),
];

const PROCESSORS: &[Explanation] = &[
    Explanation::new(
        "CF008",
        (
            "Fiserv: the transaction is completed.",
            "Fiserv：交易已完成。",
        ),
        ("It is too late for a void.", "已不能撤销。"),
        ("Use a refund.", "请使用退款。"),
    ),
    Explanation::new(
        "TS-D2012",
        (
            "TSYS: not enough money on the card.",
            "TSYS：卡内余额不足。",
        ),
        ("The card's bank declined.", "发卡行拒绝。"),
        ("Ask for another card.", "请换一张卡。"),
    ),
    Explanation::new(
        "TS-D0005",
        ("TSYS: a return is not allowed.", "TSYS：不允许退货退款。"),
        ("The sale is not settled yet.", "原交易尚未结算。"),
        (
            "Void it, or wait for the settlement.",
            "请撤销，或等结算之后再退款。",
        ),
    ),
    Explanation::new(
        "TS-D0004",
        ("TSYS: a void is not allowed.", "TSYS：不允许撤销。"),
        ("The sale is settled already.", "原交易已结算。"),
        ("Use a refund.", "请使用退款。"),
    ),
];

const GATEWAY: &[Explanation] = &[Explanation::new(
    "E07303",
    (
        "The contract does not include this call, or there is no such call.",
        "未开通该接口，或接口不存在。",
    ),
    (
        "The app lacks a right, or gateway_url is another environment's. It says nothing about a payment.",
        "应用缺少权限，或 gateway_url 属于其他环境。与付款结果无关。",
    ),
    (
        "Have the call enabled for the app, and look at gateway_url.",
        "请为应用开通该接口，并检查 gateway_url。",
    ),
)];
