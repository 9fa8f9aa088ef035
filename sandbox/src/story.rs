//! The one sentence that explains an order.

use crate::ack::Ack;
use crate::asked::Asked;
use crate::exchange::{Exchange, Kind};
use crate::order::{Order, Step};
use crate::text::{ahead, amount, beijing_clock, relative};
use crate::trade::State;
use quittance_core::gateway::codepay::gateway_side::Ending;
use quittance_core::{Lang, Timestamp};

/// What happened to this order, in one sentence; `resend` is when its next notify is due.
pub(crate) fn story(
    order: &Order,
    resend: Option<Timestamp>,
    now: Timestamp,
    lang: Lang,
) -> String {
    let Some(trade) = &order.trade else {
        return lang
            .pick(
                "The shop asked for the payment; the buyer has not opened the cashier, so there is no trade yet.",
                "商家已发起付款请求；买家尚未打开收银台，交易还不存在。",
            )
            .to_owned();
    };
    let Some(paid_at) = trade.paid_at else {
        return unpaid(order, now, lang);
    };
    if let Asked::PaidBack(back) = &order.asked {
        let what = match lang {
            Lang::En => format!(
                "{} went back for order {}",
                amount(back.amount),
                back.original.out_trade_no
            ),
            Lang::Zh => format!(
                "已向订单 {} 退回 {}",
                back.original.out_trade_no,
                amount(back.amount)
            ),
        };
        let told = notified(order, resend, now, lang);
        return format!(
            "{what}{}{told}{}",
            lang.pick("; ", "；"),
            lang.pick(".", "。")
        );
    }
    let late = order.changes.iter().any(|c| c.step == Step::PaidLate);
    let mut parts = vec![match late {
        true => at(
            lang,
            "Paid {} at the gateway, after the trade was closed",
            "{} 在交易关闭后仍付款成功",
            paid_at,
        ),
        false => at(lang, "Paid {} at the gateway", "{} 在网关付款成功", paid_at),
    }];
    parts.push(notified(order, resend, now, lang));
    parts.extend(returned(order, lang));
    parts.extend(asked(order, paid_at, lang));
    if trade.refunded.minor > 0 {
        let sum = amount(trade.refunded);
        parts.push(match lang {
            Lang::En => format!("{sum} was refunded"),
            Lang::Zh => format!("已退款 {sum}"),
        });
    }
    let end = lang.pick(".", "。");
    parts.join(lang.pick("; ", "；")) + end
}

fn unpaid(order: &Order, now: Timestamp, lang: Lang) -> String {
    if let Some((ending, when)) = ended(order) {
        let (en, zh) = match ending {
            Ending::Declined => (
                "Declined {}; nothing was paid, and the shop is told.",
                "{} 付款被拒绝，未扣款，并会通知商家。",
            ),
            Ending::Cancelled => (
                "Cancelled at the terminal {} (110); nothing was paid, and the shop is told.",
                "{} 在终端上取消（110），未扣款，并会通知商家。",
            ),
            Ending::TimedOut => (
                "Nobody presented a card in time {} (112); the shop is told.",
                "{} 终端等待超时（112），未扣款，并会通知商家。",
            ),
        };
        return at(lang, en, zh, when);
    }
    let held = order
        .changes
        .iter()
        .rev()
        .find(|change| change.step == Step::Held);
    if let Some(held) = held.filter(|_| order.state() == Some(State::Held)) {
        return at(
            lang,
            "The buyer paid {}; the seller's account is frozen, so the merchant has nothing yet, and nobody is told.",
            "买家于 {} 付款；卖家账户被冻结，商家尚未收到款项，也不会收到通知。",
            held.at,
        );
    }
    let failed = order.changes.iter().rev().find(|c| c.step == Step::Failed);
    if let Some(failed) = failed.filter(|_| order.state() == Some(State::Failed)) {
        return at(
            lang,
            "A try to pay failed {}; nobody is told, and the buyer may try again.",
            "{} 付款失败；网关不会通知商家，买家可再次付款。",
            failed.at,
        );
    }
    let closed = order.changes.iter().rev().find_map(|change| {
        matches!(change.step, Step::Closed | Step::Expired).then_some((change.step, change.at))
    });
    match closed.filter(|_| order.state() == Some(State::Closed)) {
        Some((Step::Expired, when)) => at(
            lang,
            "Nobody paid in time; the trade closed {}.",
            "超时未付款，交易于 {} 关闭。",
            when,
        ),
        Some((_, when)) => at(lang, "Closed unpaid {}.", "{} 未付款关闭。", when),
        None => {
            let closes = order.closes_at.map_or_else(String::new, |at| {
                let when = relative(now, at, lang);
                match lang {
                    Lang::En => format!(", and closes {when}"),
                    Lang::Zh => format!("，{when}关闭"),
                }
            });
            let (en, zh) = match (order.asked.push(), order.state()) {
                (Some(_), Some(State::Paying)) => {
                    ("The terminal reads a card", "终端正在处理银行卡")
                }
                (Some(_), _) => ("The terminal waits for the customer", "终端等待顾客付款"),
                (None, _) => ("The cashier waits for the buyer", "收银台等待买家付款"),
            };
            let waits = lang.pick(en, zh);
            format!("{waits}{closes}{}", lang.pick(".", "。"))
        }
    }
}

/// How a payment ended without money at a terminal or on the hosted page.
fn ended(order: &Order) -> Option<(Ending, Timestamp)> {
    order
        .changes
        .iter()
        .rev()
        .find_map(|change| match change.step {
            Step::Ended(ending) => Some((ending, change.at)),
            _ => None,
        })
}

/// What became of the newest notify.
fn notified(order: &Order, resend: Option<Timestamp>, now: Timestamp, lang: Lang) -> String {
    let said = |en: &str, zh: &str| lang.pick(en, zh).to_owned();
    let told = of_kind(order, Kind::Notify).collect::<Vec<_>>();
    let with = |ack| {
        told.iter()
            .filter(move |told| told.ack == Some(ack))
            .count()
    };
    let (lost, refused) = (with(Ack::Lost), with(Ack::Refused));
    let failed = match (lang, lost, refused) {
        (_, 0, 0) => None,
        (Lang::En, lost, 0) => Some(format!("notify lost ×{lost}")),
        (Lang::Zh, lost, 0) => Some(format!("通知丢失 {lost} 次")),
        (Lang::En, 0, refused) => Some(format!("notify refused by the shop ×{refused}")),
        (Lang::Zh, 0, refused) => Some(format!("通知被商家拒绝 {refused} 次")),
        (Lang::En, lost, refused) => Some(format!("notify lost ×{lost} and refused ×{refused}")),
        (Lang::Zh, lost, refused) => Some(format!("通知丢失 {lost} 次、被拒绝 {refused} 次")),
    };
    let acked = told.iter().rev().find(|told| told.ack == Some(Ack::Acked));
    let end = match (acked, resend) {
        (_, Some(next)) => {
            let when = ahead(now, next, lang);
            match (lang, told.is_empty()) {
                (Lang::En, true) => format!("its notify goes out {when}"),
                (Lang::En, false) => format!("it goes out again {when}"),
                (Lang::Zh, true) => format!("{when}发出通知"),
                (Lang::Zh, false) => format!("{when}重发"),
            }
        }
        (Some(told), None) if failed.is_some() => {
            at(lang, "then acknowledged {}", "之后于 {} 确认收到", told.at)
        }
        (Some(told), None) => at(
            lang,
            "the shop acknowledged the notify {}",
            "商家于 {} 确认收到通知",
            told.at,
        ),
        (None, None) if order.asked.notify_url().is_none() => {
            said("the shop gave no notify_url", "商家未提供 notify_url")
        }
        (None, None) if with(Ack::Pending) > 0 => said("a notify is on its way", "通知正在发送"),
        (None, None) => said("it does not come again by itself", "不再自动重发"),
    };
    match failed {
        Some(failed) => format!("{failed}{}{end}", lang.pick(", ", "，")),
        None => end,
    }
}

/// What became of the return.
fn returned(order: &Order, lang: Lang) -> Option<String> {
    let back = of_kind(order, Kind::Return).last();
    match back {
        Some(back) if back.ack == Some(Ack::Lost) => Some(
            lang.pick("the return was lost", "买家未能返回商家")
                .to_owned(),
        ),
        Some(back) => Some(at(
            lang,
            "the buyer was sent back {}",
            "买家于 {} 返回商家",
            back.at,
        )),
        None if order.way_back_held => Some(
            lang.pick("the return waits for the notify", "返回须等待通知")
                .to_owned(),
        ),
        None => None,
    }
}

/// Whether the shop found out by asking.
fn asked(order: &Order, paid_at: Timestamp, lang: Lang) -> Option<String> {
    let gateway = order.asked.gateway();
    let tells = |q: &&Exchange| q.at >= paid_at && gateway.tells_paid(&q.reply);
    if let Some(told) = of_kind(order, Kind::Query).find(tells) {
        return Some(at(
            lang,
            "a query told the shop {}",
            "商家于 {} 通过查询得知",
            told.at,
        ));
    }
    // A statement stands with the orders that it tells of; nobody has to believe one without a signature.
    let told = of_kind(order, Kind::Statement).find(|s| s.faults.is_empty())?;
    Some(at(
        lang,
        "a statement told the shop {}",
        "商家于 {} 通过账单得知",
        told.at,
    ))
}

fn of_kind(order: &Order, kind: Kind) -> impl DoubleEndedIterator<Item = &Exchange> {
    order
        .exchanges
        .iter()
        .filter(move |known| known.kind == kind)
}

fn at(lang: Lang, en: &str, zh: &str, at: Timestamp) -> String {
    lang.pick(en, zh).replace("{}", &beijing_clock(at))
}
