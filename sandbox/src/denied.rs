//! Why something cannot be done: a word for programs, and what people are told.

use crate::gateway::Gateway;
use quittance_core::Lang;

/// Why it cannot be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Denied {
    /// No such order.
    NoOrder,
    /// No such terminal.
    NoTerminal,
    /// Its gateway has nothing of the kind.
    NotThere(Gateway),
    /// It is paid, or closed.
    NotPayable,
    /// It is not closed unpaid.
    NotClosed,
    /// No money is held.
    NotHeld,
    /// It is not paid under the advanced product, or finished already.
    NotFinishable,
    /// It is not waiting for its buyer.
    NotWaiting,
    /// It is over, or its terminal is offline or has another one on its screen.
    NotAtHand,
    /// It is unpaid, refunded in full, or of the basic product.
    NotRefundable,
    /// More than is left, or nothing.
    BadSum,
    /// No notify was made yet, or it is on its way.
    NothingToSend,
    /// A setting of this name is out of its range.
    BadFault(&'static str),
    /// Too many orders have faults of their own.
    NoPlace,
}

/// What happened, why, and what to do.
pub(crate) struct Saying {
    pub(crate) title: &'static str,
    pub(crate) why: String,
    pub(crate) fix: &'static str,
}

impl Denied {
    /// A word for programs.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Denied::NoOrder => "trade_unknown",
            Denied::NoTerminal => "terminal_unknown",
            Denied::NotThere(_) => "not_there",
            Denied::NotPayable => "not_payable",
            Denied::NotClosed => "not_closed",
            Denied::NotHeld => "not_held",
            Denied::NotFinishable => "not_finishable",
            Denied::NotWaiting => "not_waiting",
            Denied::NotAtHand => "not_at_hand",
            Denied::NotRefundable => "not_refundable",
            Denied::BadSum => "bad_sum",
            Denied::NothingToSend => "nothing_to_send",
            Denied::BadFault(_) => "invalid_faults",
            Denied::NoPlace => "too_many",
        }
    }

    /// What there is to say about it.
    pub(crate) fn say(self, lang: Lang) -> Saying {
        let saying = |en: [&'static str; 3], zh: [&'static str; 3]| {
            let [title, why, fix] = match lang {
                Lang::En => en,
                Lang::Zh => zh,
            };
            let why = match self {
                Denied::BadFault(field) => why.replace("{}", field),
                Denied::NotThere(gateway) => why.replace("{}", gateway.name(lang)),
                _ => why.to_owned(),
            };
            Saying { title, why, fix }
        };
        match self {
            Denied::NoOrder => saying(
                [
                    "There is no such order",
                    "No payment request with this partner and number was let in.",
                    "Send the buyer to the gateway first; the list shows what was refused.",
                ],
                [
                    "没有这笔订单",
                    "没有收到该 partner 和订单号的有效付款请求。",
                    "请先让买家跳转到网关；被拒绝的请求见交易列表。",
                ],
            ),
            Denied::NoTerminal => saying(
                [
                    "There is no such terminal",
                    "No merchant here has a terminal of this serial number.",
                    "The sandbox printed the serial numbers when it started.",
                ],
                [
                    "没有这台终端",
                    "没有商户拥有该序列号的终端。",
                    "终端序列号见沙箱启动时的输出。",
                ],
            ),
            Denied::NotThere(_) => saying(
                [
                    "This gateway has no such thing",
                    "{} does not do this to a trade.",
                    "The trade's page has the buttons that its gateway knows.",
                ],
                [
                    "该网关没有此操作",
                    "{}的交易不支持此操作。",
                    "交易页面列出了该网关支持的操作。",
                ],
            ),
            Denied::NotPayable => saying(
                [
                    "It cannot be paid",
                    "The trade is paid or closed already.",
                    "Use \"pay after close\" for a closed one, or make a new order.",
                ],
                [
                    "无法付款",
                    "交易已付款或已关闭。",
                    "已关闭的交易可使用“关闭后付款”，或重新下单。",
                ],
            ),
            Denied::NotClosed => saying(
                [
                    "No money can come late",
                    "The trade is not closed unpaid.",
                    "Close it first.",
                ],
                [
                    "无法在关闭后付款",
                    "交易并未以未付款状态关闭。",
                    "请先关闭交易。",
                ],
            ),
            Denied::NotHeld => saying(
                [
                    "No money is held",
                    "The trade is not one that was paid while the seller's account was frozen.",
                    "Use \"pay, seller frozen\" on an unpaid trade first.",
                ],
                [
                    "没有冻结中的款项",
                    "该交易并非在卖家账户冻结期间付款。",
                    "请先对未付款的交易使用“付款（卖家冻结）”。",
                ],
            ),
            Denied::NotFinishable => saying(
                [
                    "It cannot be finished",
                    "Only a trade that reads TRADE_SUCCESS becomes TRADE_FINISHED: paid under the advanced product, not refunded in full.",
                    "Pay it first. Under the basic product it is finished as soon as it is paid.",
                ],
                [
                    "无法结束",
                    "只有 TRADE_SUCCESS 的交易（高级即时到账，未全额退款）会变为 TRADE_FINISHED。",
                    "请先付款；普通即时到账付款后即为 TRADE_FINISHED。",
                ],
            ),
            Denied::NotWaiting => saying(
                [
                    "It cannot be closed",
                    "Only a trade that waits for its buyer can be closed.",
                    "Open its cashier page first, or refund it if it is paid.",
                ],
                [
                    "无法关闭",
                    "只有等待付款的交易可以关闭。",
                    "请先打开收银台；已付款的交易请退款。",
                ],
            ),
            Denied::NotAtHand => saying(
                [
                    "Nothing can be done there now",
                    "The payment is over, its terminal is offline, or another one is on the terminal's screen.",
                    "Look at the terminal's page: bring it online, and end what is before this one.",
                ],
                [
                    "现在无法操作",
                    "付款已结束、终端离线，或终端正在处理另一笔订单。",
                    "请打开终端页面：恢复在线，并先处理排在前面的订单。",
                ],
            ),
            Denied::NotRefundable => saying(
                [
                    "It cannot be refunded",
                    "It is unpaid, refunded in full, taken back, or of Alipay's basic product (TRADE_FINISHED).",
                    "Pay it first, or use a partner of Alipay with the advanced product.",
                ],
                [
                    "无法退款",
                    "交易未付款、已全额退款或撤销，或属于支付宝普通即时到账（TRADE_FINISHED）。",
                    "请先付款，或使用支付宝高级即时到账的 partner。",
                ],
            ),
            Denied::BadSum => saying(
                [
                    "This sum cannot be refunded",
                    "It is no amount above zero, or more than is left of the payment.",
                    "Give an amount such as 0.01, or none for all that is left.",
                ],
                [
                    "退款金额无效",
                    "金额须大于零，且不超过可退余额。",
                    "请填写如 0.01 的金额，不填则全额退款。",
                ],
            ),
            Denied::NothingToSend => saying(
                [
                    "There is no notify to send",
                    "None was made yet, or it is on its way right now.",
                    "Pay or refund first, and check that the request had a notify_url.",
                ],
                [
                    "没有可重发的通知",
                    "尚未产生通知，或通知正在发送中。",
                    "请先付款或退款，并检查请求中是否带有 notify_url。",
                ],
            ),
            Denied::BadFault(_) => saying(
                [
                    "These faults cannot be set",
                    "The setting {} is no number or amount that it can have.",
                    "Delays go up to 86400 s, copies from 1 to 20, a slow verify up to 600 s, old news up to 2678400 s; amounts look like 0.02.",
                ],
                [
                    "无法设置这些故障",
                    "{} 的值无效。",
                    "延迟不超过 86400 秒，份数为 1 至 20，验证缓慢不超过 600 秒，陈旧不超过 2678400 秒；金额形如 0.02。",
                ],
            ),
            Denied::NoPlace => saying(
                [
                    "No place for these faults",
                    "10000 orders have faults of their own already.",
                    "Clear some of them, or set the faults of all orders.",
                ],
                [
                    "无法再单独设置故障",
                    "已有 10000 个订单单独设置了故障。",
                    "请先清除一部分，或改为设置全部订单的故障。",
                ],
            ),
        }
    }
}
