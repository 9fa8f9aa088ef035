//! The kinds of discrepancies: what does not fit, and what a person does about it.

use quittance_core::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "duplicate_payment",
        (
            "More was received than the order asks for.",
            "收到的金额超过订单应付金额。",
        ),
        (
            "The buyer paid twice, such as in two windows.",
            "买家重复付款，例如在两个窗口中各付一次。",
        ),
        (
            "Pay the second trade back; once refunds take the excess back it settles by itself.",
            "请退还第二笔交易；超出部分退还后差异自动了结。",
        ),
    ),
    Explanation::new(
        "paid_after_close",
        (
            "The order was closed, and money came all the same.",
            "订单关闭之后又收到付款。",
        ),
        (
            "The buyer had the cashier open while the order closed.",
            "订单关闭时买家仍停留在收银台。",
        ),
        ("Deliver, or pay the money back.", "请发货，或退还款项。"),
    ),
    Explanation::new(
        "refunded_by_cancel",
        (
            "The buyer paid while the order was being canceled, and the gateway paid it back.",
            "买家在订单撤销过程中付了款，款项已由网关退回。",
        ),
        (
            "The gateway's Cancel undoes whatever happened: the last question found no payment, and one came before the Cancel did.",
            "网关的撤销会撤回已发生的一切：最后一次查询未见付款，而付款在撤销之前到达。",
        ),
        (
            "Deliver nothing, and tell the buyer that the money is on its way back; take back what was handed over at a counter. Then resolve it.",
            "请勿发货，并告知买家款项正在退回；若已在柜台交货，请收回商品。处理后将其了结。",
        ),
    ),
    Explanation::new(
        "amount_mismatch",
        (
            "A trade has another amount than the order, and is not counted.",
            "交易金额与订单不符，未计入付款。",
        ),
        (
            "The price was changed at the gateway, somebody tampered with the checkout, or the order number was used elsewhere too.",
            "网关侧修改了价格、有人篡改了付款请求，或订单号在别处也用过。",
        ),
        (
            "Pay the money back, or accept the trade if the amount is agreed.",
            "请退还款项；若已约定该金额，可接受该交易。",
        ),
    ),
    Explanation::new(
        "currency_mismatch",
        (
            "A trade is in another currency than the order, and is not counted.",
            "交易币种与订单不符，未计入付款。",
        ),
        (
            "The order number was used for an order in another currency.",
            "订单号被用于另一币种的订单。",
        ),
        (
            "Look at the trade at the gateway, and pay the money back.",
            "请在网关查看该交易并退还款项。",
        ),
    ),
    Explanation::new(
        "trade_reuse",
        (
            "A trade was named that belongs to another order.",
            "所报交易属于另一笔订单。",
        ),
        (
            "One payment is presented for two orders: a fault, or a fraud.",
            "同一笔付款被用于两笔订单：可能是差错，也可能是欺诈。",
        ),
        (
            "Deliver nothing for the second order; look at the trade at the gateway.",
            "第二笔订单不要发货，请在网关查看该交易。",
        ),
    ),
    Explanation::new(
        "over_refund",
        ("More was paid back than was received.", "退款超过收款。"),
        (
            "A refund was made at the gateway's site beside one that was made here.",
            "除在此退款外，又在网关网站上退过款。",
        ),
        (
            "Compare the refunds with the gateway's list.",
            "请与网关的退款记录核对。",
        ),
    ),
    Explanation::new(
        "conflicting_evidence",
        (
            "Two pieces of evidence differ about the same trade.",
            "关于同一笔交易的两份证据互相矛盾。",
        ),
        (
            "The gateway told two amounts or payees of one trade, or one message was not the gateway's.",
            "网关对同一交易报告了不同的金额或收款方，或其中一条消息并非来自网关。",
        ),
        (
            "Look at the trade at the gateway; `quittance journal show` lists both messages.",
            "请在网关查看该交易；`quittance journal show` 列出了两条消息。",
        ),
    ),
    Explanation::new(
        "payee_mismatch",
        (
            "A message is rightly signed, but for another payee.",
            "消息签名正确，但收款方不是本账户。",
        ),
        (
            "Two accounts share a key, or a notify address of one is set at the other.",
            "两个账户共用密钥，或通知地址互相填错。",
        ),
        (
            "Check seller_id, seller_email and notify_url of the accounts.",
            "请检查各账户的 seller_id、seller_email 和 notify_url。",
        ),
    ),
    Explanation::new(
        "unknown_order",
        (
            "Money came for an order that nobody made here.",
            "收到付款，但此处没有该订单。",
        ),
        (
            "Another system uses the same partner, or the database is older than the order.",
            "另有系统使用同一 partner，或数据库早于该订单。",
        ),
        (
            "If the order was made elsewhere, nothing; otherwise find the buyer at the gateway and pay the money back.",
            "若订单在别处创建则无需处理；否则请在网关查找付款人并退款。",
        ),
    ),
];
