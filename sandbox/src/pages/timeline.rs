//! The timeline of an order: who told whom what, as lines between lanes.

use crate::ack::Ack;
use crate::codepay::{Ending, message};
use crate::exchange::{Exchange, Kind};
use crate::gateway::Gateway;
use crate::order::{Change, Order, Step};
use crate::remark::Fault;
use crate::text::{amount, beijing, beijing_clock, relative, utc};
use quittance_core::params::Params;
use quittance_core::{Lang, Timestamp};

/// How many lines are drawn, the newest.
const LINES_MAX: usize = 60;

/// One line between lanes, or one mark on the gateway's.
pub(super) struct Line {
    pub(super) number: u64,
    /// Whether its bytes stand below.
    pub(super) anchor: bool,
    pub(super) clock: String,
    pub(super) exact: String,
    pub(super) relative: String,
    pub(super) utc: String,
    /// From which lane to which: buyer, gateway, merchant.
    pub(super) lane: &'static str,
    /// How it ended, as shape and colour.
    pub(super) class: &'static str,
    pub(super) word: String,
    /// How it ended, in words.
    pub(super) outcome: String,
    pub(super) faults: Vec<String>,
}

/// The lines of this order, oldest first.
pub(super) fn lines(order: &Order, now: Timestamp, lang: Lang) -> Vec<Line> {
    let told = order.exchanges.iter();
    let called = order.asked.gateway() == Gateway::CodePay;
    let told = told.map(|known| told_line(known, copy(order, known), called, now, lang));
    let changed = order.changes.iter();
    let changed = changed.map(|change| change_line(change, order, now, lang));
    let mut lines: Vec<Line> = told.chain(changed).collect();
    lines.sort_by_key(|line| line.number);
    lines.split_off(lines.len().saturating_sub(LINES_MAX))
}

/// An exchange's word with its attempt: `notify 2`, `notify 1 (copy 2 of 3)`.
pub(super) fn word(exchange: &Exchange, copy: Option<(usize, u32)>, lang: Lang) -> String {
    let (en, zh) = match exchange.kind {
        Kind::Checkout => ("checkout", "付款请求"),
        Kind::Return => ("return", "页面返回"),
        Kind::Notify if tells_batch(exchange) => ("batch refund notify", "批量退款通知"),
        Kind::Notify if tells_refund(exchange) => ("refund notify", "退款通知"),
        Kind::Notify => ("notify", "通知"),
        Kind::NotifyVerify => ("verify", "验证"),
        Kind::Query => ("query", "查询"),
        Kind::Close => ("close", "关闭"),
        Kind::Revoke => ("cancel order", "撤销订单"),
        Kind::Refund => ("refund", "退款请求"),
        Kind::RefundQuery => ("refund query", "退款查询"),
        Kind::Statement => ("statement", "账单"),
    };
    let name = lang.pick(en, zh);
    match (exchange.attempt, copy) {
        (0, _) => name.to_owned(),
        (attempt, None) => format!("{name} {attempt}"),
        (attempt, Some((nth, of))) => format!("{name} {attempt} ({nth}/{of})"),
    }
}

/// Whether a notify is about a refund: an order may owe one about the payment beside it.
fn tells_refund(exchange: &Exchange) -> bool {
    let params = Params::parse(&exchange.request).unwrap_or_default();
    params.get("refund_status").is_some()
}

/// Whether a notify is about a batch of refunds.
fn tells_batch(exchange: &Exchange) -> bool {
    let params = Params::parse(&exchange.request).unwrap_or_default();
    params.get("batch_no").is_some()
}

/// Which copy of its attempt this is, where there are several.
pub(super) fn copy(order: &Order, exchange: &Exchange) -> Option<(usize, u32)> {
    let of = exchange.faults.iter().find_map(|fault| match fault {
        Fault::Copied(of) => Some(*of),
        _ => None,
    })?;
    // Copies have consecutive numbers and the same bytes.
    let same = |known: &&Exchange| {
        known.kind == Kind::Notify && known.at == exchange.at && known.request == exchange.request
    };
    let nth = order
        .exchanges
        .iter()
        .filter(same)
        .take_while(|known| known.number <= exchange.number)
        .count();
    Some((nth, of))
}

/// How an exchange ended: as a class, and in a few words.
pub(super) fn outcome(exchange: &Exchange, lang: Lang) -> (&'static str, String) {
    let said = |en: &str, zh: &str| lang.pick(en, zh).to_owned();
    match (exchange.kind, exchange.ack) {
        (_, Some(Ack::Lost)) => ("lost", said("lost", "丢失")),
        (_, Some(Ack::Pending)) => ("pending", said("on its way", "发送中")),
        (_, Some(Ack::Acked)) => ("ok", said("✓ acknowledged", "✓ 已确认")),
        (_, Some(Ack::Refused)) => {
            let why = exchange.warning.as_ref().map(|warning| warning.say(lang));
            let why = why.unwrap_or_default();
            (
                "refused",
                format!("✕ {}{why}", lang.pick("refused: ", "未确认：")),
            )
        }
        // CodePay's calls are answered in JSON.
        (kind, None) if kind != Kind::Return && exchange.reply.starts_with(b"{") => {
            match message::verdict(&exchange.reply) {
                Some((true, word)) => ("ok", format!("✓ {word}")),
                Some((false, word)) => ("refused", format!("✕ {word}")),
                None => ("refused", "✕ JSON".to_owned()),
            }
        }
        (Kind::Checkout, None) if exchange.status.is_some_and(|status| status >= 400) => {
            answered(exchange)
        }
        (Kind::Checkout, None) => ("ok", said("✓ let in", "✓ 已受理")),
        // The page on which it is confirmed.
        (Kind::Refund, None) if exchange.status == Some(303) => {
            ("ok", said("✓ let in", "✓ 已受理"))
        }
        (Kind::RefundQuery, None) if exchange.status == Some(200) => refund_told(exchange),
        (Kind::Return, None) => ("ok", said("✓ browser sent", "✓ 已跳转")),
        (Kind::Statement, None) => match answered(exchange) {
            ("ok", _) => ("ok", said("✓ booked", "✓ 已入账")),
            failed => failed,
        },
        _ => answered(exchange),
    }
}

/// What the gateway answered to a merchant's server.
fn answered(exchange: &Exchange) -> (&'static str, String) {
    let reply = String::from_utf8_lossy(&exchange.reply);
    let between = |from: &str, to: &str| {
        let (_, rest) = reply.split_once(from)?;
        Some(rest.split_once(to)?.0.to_owned())
    };
    if exchange.status != Some(200) {
        let status = exchange.status.unwrap_or_default();
        return ("refused", format!("✕ {status}"));
    }
    if exchange.kind == Kind::NotifyVerify {
        return match reply.as_ref() {
            "true" => ("ok", "✓ true".to_owned()),
            "false" | "invalid" => ("refused", format!("✕ {reply}")),
            _ => ("refused", "✕ HTML".to_owned()),
        };
    }
    let code = between("<error>", "</error>").or_else(|| between("<error_code>", "</error_code>"));
    if let Some(code) = code {
        return ("refused", format!("✕ {code}"));
    }
    if !reply.contains("<is_success>T</is_success>") {
        return ("refused", "✕ HTML".to_owned());
    }
    let status = between("<trade_status>", "</trade_status>");
    ("ok", format!("✓ {}", status.as_deref().unwrap_or("T")))
}

/// What the answer to a question about a refund says, which is no XML: the last word of it.
fn refund_told(exchange: &Exchange) -> (&'static str, String) {
    let params = Params::parse(&exchange.reply).unwrap_or_default();
    let text = |name| params.get(name).map(String::from_utf8_lossy);
    match (text("result_details"), text("error_code")) {
        (Some(details), _) => {
            let words = details
                .split('#')
                .filter_map(|item| item.rsplit('^').next());
            ("ok", format!("✓ {}", words.collect::<Vec<_>>().join(", ")))
        }
        (None, Some(code)) => ("refused", format!("✕ {code}")),
        (None, None) => ("refused", "✕ HTML".to_owned()),
    }
}

/// `called` is whether a merchant's server asks for the payment, and not a browser.
fn told_line(
    exchange: &Exchange,
    copy: Option<(usize, u32)>,
    called: bool,
    now: Timestamp,
    lang: Lang,
) -> Line {
    let (class, outcome) = outcome(exchange, lang);
    let lane = match exchange.kind {
        Kind::Checkout if called => "mg",
        Kind::Checkout => "bg",
        Kind::Return => "bm",
        Kind::Notify => "gm",
        Kind::NotifyVerify
        | Kind::Query
        | Kind::Close
        | Kind::Revoke
        | Kind::Refund
        | Kind::RefundQuery
        | Kind::Statement => "mg",
    };
    let faults = exchange
        .faults
        .iter()
        .filter(|fault| **fault != Fault::Lost);
    Line {
        anchor: true,
        lane,
        class,
        word: word(exchange, copy, lang),
        outcome,
        faults: faults.map(|fault| fault.say(lang)).collect(),
        ..line(exchange.number, exchange.at, now, lang)
    }
}

fn change_line(change: &Change, order: &Order, now: Timestamp, lang: Lang) -> Line {
    let said = |en: &str, zh: &str| lang.pick(en, zh).to_owned();
    let sum = amount(order.asked.amount());
    let (lane, word) = match (change.step, lang) {
        (Step::Opened, _) if order.asked.gateway() == Gateway::CodePay => {
            ("g", said("order made", "订单已创建"))
        }
        (Step::Opened, _) => ("bg", said("opens the cashier", "打开收银台")),
        (Step::Paid, Lang::En) => ("bg", format!("pays {sum}")),
        (Step::Paid, Lang::Zh) => ("bg", format!("付款 {sum}")),
        (Step::Started, _) => ("bg", said("presents a card", "出示银行卡")),
        (Step::Ended(Ending::Declined), _) => ("bg", said("is declined", "被银行拒绝")),
        (Step::Ended(Ending::Cancelled), _) => ("bg", said("cancels (110)", "取消（110）")),
        (Step::Ended(Ending::TimedOut), _) => {
            ("g", said("no card in time (112)", "等待超时（112）"))
        }
        (Step::Voided, _) => ("g", said("taken back whole", "全额撤销")),
        (Step::PaidBack, Lang::En) => ("g", format!("{sum} went back")),
        (Step::PaidBack, Lang::Zh) => ("g", format!("已退回 {sum}")),
        (Step::Failed, _) => ("bg", said("a try to pay fails", "付款失败")),
        (Step::PaidLate, Lang::En) => ("bg", format!("pays {sum} after the closing")),
        (Step::PaidLate, Lang::Zh) => ("bg", format!("关闭后付款 {sum}")),
        (Step::Held, Lang::En) => ("bg", format!("pays {sum}; held, the seller is frozen")),
        (Step::Held, Lang::Zh) => ("bg", format!("付款 {sum}；卖家账户冻结，款项待收")),
        (Step::Released, _) => (
            "g",
            said("the seller is free again: paid", "卖家账户解冻：款项到账"),
        ),
        (Step::Finished, _) => (
            "g",
            said("time for refunds over: finished", "退款期结束：交易完成"),
        ),
        (Step::Closed, _) => ("g", said("closed unpaid", "未付款关闭")),
        (Step::Expired, _) => ("g", said("time over: closed", "超时关闭")),
        (Step::Refunded(sum), Lang::En) => ("g", format!("refunded {}", amount(sum))),
        (Step::Refunded(sum), Lang::Zh) => ("g", format!("退款 {}", amount(sum))),
        (Step::NotRefunded(sum, code), Lang::En) => {
            ("g", format!("refund of {} refused: {code}", amount(sum)))
        }
        (Step::NotRefunded(sum, code), Lang::Zh) => {
            ("g", format!("退款 {} 被拒绝：{code}", amount(sum)))
        }
    };
    Line {
        lane,
        word,
        ..line(change.number, change.at, now, lang)
    }
}

fn line(number: u64, at: Timestamp, now: Timestamp, lang: Lang) -> Line {
    Line {
        number,
        anchor: false,
        clock: beijing_clock(at),
        exact: beijing(at),
        relative: relative(now, at, lang),
        utc: utc(at),
        lane: "g",
        class: "note",
        word: String::new(),
        outcome: String::new(),
        faults: Vec::new(),
    }
}
