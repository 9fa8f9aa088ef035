//! The buttons of a trade's page: those that its gateway knows, pressable where they do something.

use crate::control::Action;
use crate::gateway::Gateway;
use crate::order::{Key, Order};
use crate::sandbox::Sandbox;
use crate::trade::State;
use quittance_core::Lang;

/// A button, and what it does.
pub(super) struct Act {
    pub(super) word: &'static str,
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) possible: bool,
}

/// The buttons of this order.
pub(super) fn acts(sandbox: &Sandbox, key: &Key, order: &Order, lang: Lang) -> Vec<Act> {
    let state = order.state();
    let paid = order.paid_at().is_some();
    let waits = state.is_some_and(State::payable);
    let at_terminal = order.asked.push().is_some();
    let at_codepay = order.asked.gateway() == Gateway::CodePay;
    let at_hand = sandbox.is_at_hand(key);
    let due = |id: &u64| {
        sandbox
            .deliveries
            .get(id)
            .is_some_and(|delivery| delivery.due.is_some())
    };
    let owed = order.deliveries.last();
    let act = |word, possible, en: [&'static str; 2], zh: [&'static str; 2]| {
        let [name, what] = match lang {
            Lang::En => en,
            Lang::Zh => zh,
        };
        Act {
            word,
            name,
            what,
            possible,
        }
    };
    let all = vec![
        act(
            "pay",
            (waits || state.is_none()) && (at_hand || !at_codepay),
            [
                "Pay",
                match at_terminal {
                    true => "The customer pays at the terminal, and the notify goes out.",
                    false => {
                        "The buyer pays at the cashier, and the notify goes out. The browser does not come back by this."
                    }
                },
            ],
            [
                "付款",
                match at_terminal {
                    true => "模拟顾客在终端付款并发出通知。",
                    false => "模拟买家在收银台付款并发出通知；浏览器不会因此返回商家。",
                },
            ],
        ),
        act(
            "start",
            at_hand && state == Some(State::Waits),
            [
                "Present a card",
                "The buyer begins to pay: trans_status 0. The order can no longer be closed; cancelling it still works.",
            ],
            [
                "出示银行卡",
                "买家开始付款：trans_status 为 0。此后不能关闭订单，但仍可撤销。",
            ],
        ),
        act(
            "decline",
            at_hand,
            [
                "Decline",
                "The buyer's bank refuses: trans_status 1, and the shop is told. This number can never be paid.",
            ],
            [
                "拒绝",
                "买家的银行拒绝付款：trans_status 为 1，并通知商家。该订单号不能再付款。",
            ],
        ),
        act(
            "cancel",
            at_hand,
            [
                "Cancel by user",
                "Somebody presses cancel at the terminal: trans_status 1 with code 110, and the shop is told.",
            ],
            [
                "用户取消",
                "有人在终端上取消：trans_status 为 1，代码 110，并通知商家。",
            ],
        ),
        act(
            "time-out",
            at_hand,
            [
                "Time out",
                "Nobody presents a card in time: trans_status 1 with code 112, and the shop is told.",
            ],
            [
                "等待超时",
                "无人在时限内出示银行卡：trans_status 为 1，代码 112，并通知商家。",
            ],
        ),
        act(
            "fail",
            waits,
            [
                "Fail",
                "The buyer's bank refuses the payment. Nobody is told of it, and the buyer may try again.",
            ],
            [
                "付款失败",
                "买家的银行拒绝付款：不通知任何人，买家可再次付款。",
            ],
        ),
        act(
            "pay-late",
            state == Some(State::Closed) && !paid,
            [
                "Pay after close",
                "Money comes for a trade that was closed unpaid: it becomes paid, and the notify goes out.",
            ],
            [
                "关闭后付款",
                "交易已关闭却仍收到款项：交易变为已付款，并发出通知。",
            ],
        ),
        act(
            "pay-frozen",
            waits || state.is_none(),
            [
                "Pay, seller frozen",
                "The buyer pays while the seller's account is frozen: TRADE_PENDING. The merchant has nothing yet and is not told.",
            ],
            [
                "付款（卖家冻结）",
                "买家付款时卖家账户被冻结：TRADE_PENDING。商家尚未收到款项，也不会收到通知。",
            ],
        ),
        act(
            "release",
            state == Some(State::Held),
            [
                "Release",
                "The seller's account is free again: the held money is the merchant's, and the notify goes out.",
            ],
            ["解冻", "卖家账户解冻：款项到账，并发出通知。"],
        ),
        act(
            "finish",
            state == Some(State::Paid),
            [
                "Finish",
                "The time for refunds is over, as three months later: TRADE_FINISHED, told by another notify.",
            ],
            [
                "结束",
                "退款期结束（如三个月后）：TRADE_FINISHED，并另发一条通知。",
            ],
        ),
        act(
            "close",
            state == Some(State::Waits),
            [
                "Close",
                "Closes the unpaid trade, as its time limit would. The shop is not told.",
            ],
            ["关闭", "关闭未付款的交易，如同超时一样；不通知商家。"],
        ),
        act(
            "refund",
            state == Some(State::Paid),
            [
                "Refund",
                match at_codepay {
                    true => {
                        "Pays money back by an order of its own, and tells the shop of that one."
                    }
                    false => {
                        "Pays money back, and tells the shop with another notify. All of it closes the trade."
                    }
                },
            ],
            [
                "退款",
                match at_codepay {
                    true => "以单独的退款订单退还款项，并通知商家。",
                    false => "退还款项，并另发一条通知；全额退款后交易关闭。",
                },
            ],
        ),
        act(
            "resend",
            owed.map_or(order.told.is_some(), due),
            [
                "Re-send now",
                "Sends the newest notify at once, also one that was acknowledged. The schedule goes on from there.",
            ],
            [
                "立即重发",
                "马上重发最近一条通知（已确认的也会再发），之后按计划继续。",
            ],
        ),
    ];
    let is_its = |act: &Act| Action::of_word(act.word).is_some_and(|it| it.is_of(&order.asked));
    all.into_iter().filter(is_its).collect()
}
