//! How things stand, from the journal and its projection: what does not get on, and who is not told.

use super::Case;
use super::check::Check;
use super::report::Finding;
use crate::store::{Endpoint, Examined, FoundDiscrepancy};
use quittance_core::derived::derive;
use quittance_core::entry::What;
use quittance_core::facts::{Claim, Witness};
use quittance_core::status::Status;
use quittance_core::{OrderState, Timestamp};
use std::fmt::Display;

/// A payment that was found by asking is nobody's failure before a notify had this time to come.
const NOTIFY_SECS: i64 = 60;
/// So many names are told.
const NAMES_MAX: usize = 5;

/// Orders that do not get on.
pub(super) fn orders(case: &Case<'_>, examined: &Examined) -> Vec<Finding> {
    let wanted = |account: &str| case.wants(account);
    let mut found = Vec::new();
    let frozen = examined.frozen.iter().filter(|key| wanted(&key.account));
    let frozen: Vec<_> = frozen.collect();
    if !frozen.is_empty() {
        found.push(Finding::fail(
            Check::Orders,
            "frozen",
            (
                format!("an entry of the journal could not be applied to {}", names(&frozen)),
                format!("账本中有记录无法应用于 {}", names(&frozen)),
            ),
            (
                "run this quittance's newest version, then `quittance journal rebuild`; if they stay frozen, report it with `quittance doctor --bundle`",
                "请换用最新版本后运行 `quittance journal rebuild`；若仍冻结，请用 `quittance doctor --bundle` 反馈",
            ),
        ));
    }
    let laid_aside: Vec<String> = examined
        .odd
        .iter()
        .filter(|heard| matches!(heard.record.what, What::Abandoned { event: None, .. }))
        .filter_map(|heard| heard.record.key())
        .filter(|key| wanted(&key.account))
        .map(|key| key.to_string())
        .collect();
    if !laid_aside.is_empty() {
        found.push(Finding::warn(
            Check::Orders,
            "laid_aside",
            (
                format!("a step was laid aside for {}", names(&laid_aside)),
                format!("有步骤被搁置：{}", names(&laid_aside)),
            ),
            (
                "ask the gateway about them: `quittance order verify ACCOUNT/NUMBER`",
                "请向网关查询：`quittance order verify 账户/订单号`",
            ),
        ));
    }
    for (account, orders) in examined.orders.iter().filter(|(name, _)| wanted(name)) {
        let unheard: Vec<String> = orders
            .iter()
            .filter(|order| believes_nothing(order))
            .map(|order| order.order.key.order_no.clone())
            .collect();
        if !unheard.is_empty() {
            found.push(
                Finding::fail(
                    Check::Orders,
                    "claim_does_not_count",
                    (
                        format!("a rightly signed message says that these are paid, and it does not count yet: {}", names(&unheard)),
                        format!("有签名正确的消息称以下订单已付款，但尚未计入：{}", names(&unheard)),
                    ),
                    (
                        "the gateway has not confirmed it: see the check `opinions`, and ask now with `quittance order verify`",
                        "网关尚未确认：请看检查项 opinions，并用 `quittance order verify` 立即查询",
                    ),
                )
                .of(account),
            );
        }
    }
    if found.is_empty() {
        found.push(Finding::pass(
            Check::Orders,
            (
                "none is frozen, laid aside or in doubt",
                "没有冻结、搁置或存疑的订单",
            ),
        ));
    }
    found
}

/// Whether a payment is claimed and the order is unpaid for want of proof. One that does not fit is a discrepancy.
fn believes_nothing(order: &OrderState) -> bool {
    let derived = derive(order);
    derived.status == Status::Unpaid
        && !derived.attention
        && order
            .facts
            .iter()
            .any(|(claim, _)| matches!(claim, Claim::Payment { .. }))
}

/// What is due is done in time.
pub(super) fn schedule(examined: &Examined) -> Finding {
    let Some((oldest, since)) = examined.behind.first() else {
        return Finding::pass(Check::Schedule, ("nothing is overdue", "没有逾期的查询"));
    };
    let count = examined.counts.behind;
    Finding::fail(
        Check::Schedule,
        "behind",
        (
            format!(
                "{count} orders wait for a question that was due more than two minutes ago; {oldest} since {since}"
            ),
            format!("有 {count} 笔订单的查询已逾期两分钟以上；{oldest} 自 {since} 起"),
        ),
        (
            "see that the server runs (own-port) and that the gateway answers (query); it catches up by itself then",
            "请确认服务在运行（own-port）且网关有应答（query）；之后会自动补上",
        ),
    )
}

/// What is owed to the shop.
pub(super) fn deliveries(examined: &Examined) -> Vec<Finding> {
    let found: Vec<Finding> = examined
        .endpoints
        .iter()
        .filter_map(|(name, endpoint)| delivery(name, endpoint))
        .collect();
    match found.is_empty() {
        false => found,
        true => vec![Finding::pass(
            Check::Deliveries,
            (
                "nothing failed, nothing waits for an endpoint to be switched on",
                "没有失败或被搁置的推送",
            ),
        )],
    }
}

fn delivery(name: &str, endpoint: &Endpoint) -> Option<Finding> {
    let last = endpoint.last.as_deref().unwrap_or("-");
    let Endpoint {
        dead,
        failing,
        held,
        ..
    } = endpoint;
    if *dead > 0 {
        return Some(Finding::fail(
            Check::Deliveries,
            "dead",
            (
                format!("{dead} events were given up for the endpoint {name} ({last})"),
                format!("接收地址 {name} 有 {dead} 个事件已放弃推送（{last}）"),
            ),
            (
                "mend the endpoint (see the check `webhook`), then `quittance events redeliver ID` for each of `quittance events list`",
                "请先修好接收地址（见检查项 webhook），再对 `quittance events list` 中的事件执行 `quittance events redeliver ID`",
            ),
        ));
    }
    if *failing > 0 {
        return Some(Finding::fail(
            Check::Deliveries,
            "failing",
            (
                format!(
                    "{failing} events are being tried again for the endpoint {name}; the last try: {last}"
                ),
                format!("接收地址 {name} 有 {failing} 个事件正在重试；最近一次：{last}"),
            ),
            (
                "find the error in the shop's own log: the endpoint must answer 2xx within 15 seconds once it has stored the event's id",
                "请在商户自己的日志中查找错误：接收地址须在 15 秒内存好事件 id 并回答 2xx",
            ),
        ));
    }
    (*held > 0).then(|| {
        Finding::warn(
            Check::Deliveries,
            "held",
            (
                format!("{held} events wait: the endpoint {name} is switched off"),
                format!("有 {held} 个事件在等待：接收地址 {name} 已停用"),
            ),
            (
                format!("switch it on: `quittance events endpoint enable {name}`"),
                format!("请启用：`quittance events endpoint enable {name}`"),
            ),
        )
    })
}

/// Discrepancies that nobody has looked at.
pub(super) fn discrepancies(case: &Case<'_>, examined: &Examined) -> Finding {
    let told = |found: &FoundDiscrepancy| match found {
        FoundDiscrepancy::Order(order, id) => {
            let derived = derive(order);
            let kind = derived
                .discrepancies
                .iter()
                .find(|one| one.id == *id)
                .map_or("", |one| one.kind.word());
            (
                order.order.key.account.clone(),
                format!("{kind} {}", order.order.key),
            )
        }
        FoundDiscrepancy::Account { account, found, .. } => (
            account.clone(),
            format!("{} {account}: {}", found.kind.word(), found.subject),
        ),
    };
    let open: Vec<String> = examined
        .discrepancies
        .iter()
        .map(told)
        .filter(|(account, _)| case.wants(account))
        .map(|(_, text)| text)
        .collect();
    if open.is_empty() {
        return Finding::pass(Check::Discrepancies, ("none is open", "没有未处理的差异"));
    }
    let count = match case.only {
        Some(_) => open.len() as u64,
        None => examined.counts.discrepancies,
    };
    Finding::warn(
        Check::Discrepancies,
        "open",
        (
            format!("{count} are open: {}", names(&open)),
            format!("有 {count} 项未处理：{}", names(&open)),
        ),
        (
            "look at each with `quittance explain` and its order, then refund or resolve it",
            "请逐一用 `quittance explain` 和订单核对，然后退款或作出处理",
        ),
    )
}

/// How a payment became known.
enum Known {
    /// A notify came.
    Notified,
    /// It was found by asking, and a notify had its time to come.
    Missed,
}

/// Whether notifies arrive: of the newest payments, how many had to be found by asking.
pub(super) fn notifies(account: &str, orders: &[OrderState], now: Timestamp) -> Finding {
    let known: Vec<(Known, &str)> = orders
        .iter()
        .filter_map(|order| Some((known(order, now)?, order.order.key.order_no.as_str())))
        .collect();
    let missed: Vec<&str> = known
        .iter()
        .filter(|(known, _)| matches!(known, Known::Missed))
        .map(|(_, number)| *number)
        .collect();
    let (all, count) = (known.len(), missed.len());
    let newest_missed = matches!(known.first(), Some((Known::Missed, _)));
    let cause = (
        format!(
            "of the last {all} payments {count} had to be found by asking: no notify came for {}",
            names(&missed)
        ),
        format!(
            "最近 {all} 笔付款中有 {count} 笔是主动查询得知的：没有收到 {} 的异步通知",
            names(&missed)
        ),
    );
    let fix = (
        "run `quittance doctor --online`: the checks `inbound` and `address-changed` tell why the gateway does not get through; a firewall or a login in front is the usual reason",
        "请运行 `quittance doctor --online`：检查项 inbound 和 address-changed 会说明网关为何无法访问；常见原因是防火墙或登录跳转",
    );
    let found = match (all, count) {
        (0, _) => Finding::skip(
            Check::Notifies,
            ("there is no payment to look at yet", "还没有付款可供检查"),
        ),
        (_, 0) => Finding::pass(
            Check::Notifies,
            (
                format!("a notify came for each of the last {all} payments"),
                format!("最近 {all} 笔付款都收到了异步通知"),
            ),
        ),
        _ if newest_missed => Finding::fail(Check::Notifies, "missed", cause, fix),
        _ => Finding::warn(Check::Notifies, "some_missed", cause, fix),
    };
    found.of(account)
}

/// Whether notifies have stopped: the newest payment was found by asking.
pub(super) fn notifies_stopped(examined: &Examined, account: &str, now: Timestamp) -> bool {
    let orders = examined.orders.get(account).into_iter().flatten();
    let newest = orders.filter_map(|order| known(order, now)).next();
    matches!(newest, Some(Known::Missed))
}

fn known(order: &OrderState, now: Timestamp) -> Option<Known> {
    let mut first = None;
    for (claim, sightings) in order.facts.iter() {
        if !matches!(claim, Claim::Payment { .. }) {
            continue;
        }
        for (sighting, seen) in sightings {
            if sighting.witness == Witness::Notify {
                return Some(Known::Notified);
            }
            first = Some(first.map_or(seen.at, |first: Timestamp| first.min(seen.at)));
        }
    }
    let waited = now.duration_since(first?).as_secs();
    (waited >= NOTIFY_SECS).then_some(Known::Missed)
}

/// A few names, and how many more.
pub(super) fn names<T: Display>(all: &[T]) -> String {
    let mut told: Vec<String> = all.iter().take(NAMES_MAX).map(T::to_string).collect();
    if all.len() > NAMES_MAX {
        told.push(format!("… (+{})", all.len() - NAMES_MAX));
    }
    told.join(", ")
}
