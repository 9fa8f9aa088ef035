//! The control page: every trade, and what goes wrong with all of them.

use super::faults::{Form, summary};
use super::statements::{Entry, entries};
use super::{Coat, STYLE, Status, When, html};
use crate::codepay::TerminalView;
use crate::codes;
use crate::gateway::Gateway;
use crate::order::{Key, Order, TradeView};
use crate::remark::Warning;
use crate::sandbox::Sandbox;
use crate::text::{amount, beijing};
use crate::trade::State;
use askama::Template;
use quittance_core::http::Reply;
use quittance_core::params::Params;
use quittance_core::{Lang, Timestamp};
use std::cmp::Reverse;

/// How many orders one page lists, the newest first.
const ROWS_MAX: usize = 40;
/// How many warnings of one order the list shows, the newest.
const WARNINGS_MAX: usize = 2;
/// How many refused calls the list shows, the newest.
const REFUSALS_SHOWN: usize = 20;
/// A filter's text is no longer than an order number.
const TEXT_CHARS_MAX: usize = 64;

const STATUSES: [(&str, &str, &str); 5] = [
    ("", "all", "全部"),
    ("none", "no trade yet", "尚无交易"),
    ("waiting", "unpaid", "等待付款"),
    ("paid", "paid", "已付款"),
    (
        "closed",
        "closed, refunded or taken back",
        "已关闭、退款或撤销",
    ),
];

const ONLY: [(&str, &str, &str); 4] = [
    ("", "all", "全部"),
    ("owed", "with a notify to come", "还有通知待发"),
    ("warned", "with warnings", "有警告"),
    ("faults", "with faults of their own", "单独设置了故障"),
];

/// What of the list is wanted: it stands in the address.
#[derive(Clone, Default, Debug)]
pub(crate) struct Filter {
    gateway: String,
    status: String,
    only: String,
    q: String,
    /// Orders older than this one.
    before: Option<u64>,
}

#[derive(Template)]
#[template(path = "sandbox/list.html")]
struct List<'a> {
    coat: Coat,
    about: String,
    /// What goes wrong with all orders, in a few words.
    all: Option<String>,
    empty: String,
    /// The gateways to choose from; empty where merchants have contracts with one only.
    gateways: Vec<(&'static str, &'static str)>,
    statuses: Vec<(&'static str, &'static str)>,
    onlies: Vec<(&'static str, &'static str)>,
    filter: &'a Filter,
    rows: Vec<Row>,
    older: Option<String>,
    form: Form,
    terminals: Vec<TerminalView>,
    statements: Vec<Entry>,
    refusals: Vec<Refusal<'a>>,
}

struct Row {
    gateway: &'static str,
    view: TradeView,
    token: String,
    status: Status,
    amount: String,
    refunded: Option<String>,
    next: Option<When>,
    warnings: Vec<String>,
    /// Its own faults, in a few words.
    faults: Option<String>,
}

struct Refusal<'a> {
    number: u64,
    when: String,
    gateway: &'static str,
    service: &'a str,
    code: &'static str,
    cause: &'static str,
}

/// The list of trades.
pub(crate) fn list(coat: Coat, sandbox: &Sandbox, now: Timestamp, filter: &Filter) -> Reply {
    let lang = coat.lang;
    let mut wanted: Vec<(&Key, &Order)> = sandbox
        .orders
        .iter()
        .filter(|(key, order)| filter.admits(sandbox, key, order))
        .collect();
    wanted.sort_unstable_by_key(|(_, order)| Reverse(order.made));
    let older = (wanted.len() > ROWS_MAX)
        .then(|| wanted.get(ROWS_MAX - 1))
        .flatten()
        .map(|(_, last)| filter.older(last.made));
    let rows: Vec<Row> = wanted
        .iter()
        .take(ROWS_MAX)
        .map(|(key, order)| row(sandbox, now, key, order, lang))
        .collect();
    let words = |table: &[(&'static str, &'static str, &'static str)]| {
        table
            .iter()
            .map(|(word, en, zh)| (*word, lang.pick(en, zh)))
            .collect()
    };
    let refusal = |refused| Refusal::of(refused, lang);
    html(
        200,
        &List {
            coat,
            about: about(sandbox, lang),
            all: (!sandbox.faults().is_none()).then(|| summary(sandbox.faults(), lang)),
            empty: empty(sandbox, lang),
            gateways: gateways(sandbox, lang),
            statuses: words(&STATUSES),
            onlies: words(&ONLY),
            filter,
            rows,
            older,
            form: Form::of_all(sandbox.faults(), lang),
            terminals: sandbox.terminals(),
            statements: entries(sandbox, lang),
            refusals: sandbox
                .refusals
                .iter()
                .rev()
                .take(REFUSALS_SHOWN)
                .map(refusal)
                .collect(),
        },
    )
}

impl Filter {
    /// Reads a query string; what it does not know it leaves alone.
    pub(crate) fn of(query: &[u8]) -> Filter {
        let params = Params::parse(query).unwrap_or_default();
        let text = |name| {
            let value = String::from_utf8_lossy(params.get(name).unwrap_or_default());
            value.chars().take(TEXT_CHARS_MAX).collect::<String>()
        };
        Filter {
            gateway: text("gateway"),
            status: text("status"),
            only: text("only"),
            q: text("q"),
            before: text("before").parse().ok(),
        }
    }

    fn admits(&self, sandbox: &Sandbox, key: &Key, order: &Order) -> bool {
        let gateway = self.gateway.is_empty() || self.gateway == order.asked.gateway().word();
        let status = match self.status.as_str() {
            "none" => order.state().is_none(),
            "waiting" => matches!(
                order.state(),
                Some(State::Waits | State::Paying | State::Failed | State::Held)
            ),
            "paid" => matches!(order.state(), Some(State::Paid | State::Finished)),
            "closed" => matches!(order.state(), Some(State::Closed | State::Voided)),
            _ => true,
        };
        let only = match self.only.as_str() {
            "owed" => !order.deliveries.is_empty(),
            "warned" => order.exchanges.iter().any(|known| known.warning.is_some()),
            "faults" => sandbox
                .own_faults(&key.partner, &key.out_trade_no)
                .is_some(),
            _ => true,
        };
        let q = self.q.trim();
        let number = order.trade.as_ref().map(|trade| trade.trade_no.as_str());
        let named = q.is_empty()
            || key.out_trade_no.contains(q)
            || order.asked.title().contains(q)
            || number.is_some_and(|number| number.contains(q));
        let older = self.before.is_none_or(|before| order.made < before);
        gateway && status && only && named && older
    }

    /// The address of what comes behind this order.
    fn older(&self, last: u64) -> String {
        let mut params = Params::new();
        for (name, value) in [
            ("gateway", &self.gateway),
            ("status", &self.status),
            ("only", &self.only),
            ("q", &self.q),
        ] {
            if !value.is_empty() {
                // A filter of text came through the parser: it holds no NUL and is short.
                let _ = params.push(name, value.as_bytes());
            }
        }
        let _ = params.push("before", last.to_string().as_bytes());
        format!("/?{}", params.to_wire())
    }
}

fn row(sandbox: &Sandbox, now: Timestamp, key: &Key, order: &Order, lang: Lang) -> Row {
    let view = sandbox.view(key, order);
    let mut newest: Vec<&Warning> = view.warnings.iter().rev().collect();
    newest.dedup();
    newest.truncate(WARNINGS_MAX);
    Row {
        gateway: view.gateway.name(lang),
        token: order.token.clone(),
        status: Status::of(order, lang),
        amount: amount(view.amount),
        refunded: (view.refunded.minor > 0).then(|| amount(view.refunded)),
        next: view.next_resend.map(|at| When::ahead(now, at, lang)),
        warnings: newest.iter().map(|warning| warning.say(lang)).collect(),
        faults: sandbox
            .own_faults(&key.partner, &key.out_trade_no)
            .map(|own| summary(own, lang)),
        view,
    }
}

impl Refusal<'_> {
    fn of(refused: &crate::sandbox::Refused, lang: Lang) -> Refusal<'_> {
        Refusal {
            number: refused.number,
            when: beijing(refused.at),
            service: &refused.service,
            gateway: refused.gateway.name(lang),
            code: refused.code,
            cause: codes::cause(refused.gateway, refused.code, lang),
        }
    }
}

fn about(sandbox: &Sandbox, lang: Lang) -> String {
    let speed = sandbox.settings.speed;
    match lang {
        Lang::En => format!(
            "Notifies that nobody acknowledged are sent again at speed ×{speed}. Times are Beijing time, as on the wire."
        ),
        Lang::Zh => format!("未确认的通知按 {speed} 倍速度重发。时间均为北京时间，与报文一致。"),
    }
}

fn gateways(sandbox: &Sandbox, lang: Lang) -> Vec<(&'static str, &'static str)> {
    let here = sandbox.gateways();
    if here.len() < 2 {
        return Vec::new();
    }
    let known = here
        .iter()
        .map(|gateway| (gateway.word(), gateway.name(lang)));
    std::iter::once(("", lang.pick("all", "全部")))
        .chain(known)
        .collect()
}

fn empty(sandbox: &Sandbox, lang: Lang) -> String {
    if !sandbox.orders.is_empty() {
        return lang
            .pick("No trade is like that.", "没有符合条件的交易。")
            .to_owned();
    }
    let ways = sandbox.gateways().into_iter().map(|gateway| match gateway {
        Gateway::Alipay => lang.pick(
            "Send a signed request to /gateway.do (Alipay).",
            "支付宝：请向 /gateway.do 发送签名请求。",
        ),
        Gateway::Dinpay => lang.pick(
            "Post a form to /dinpay/gateway (Dinpay).",
            "智付：请向 /dinpay/gateway 提交表单。",
        ),
        Gateway::CodePay => lang.pick(
            "Post a signed call to /api/entry (CodePay).",
            "CodePay：请向 /api/entry 提交签名请求。",
        ),
    });
    let none = lang.pick("No payment was asked for yet.", "尚无付款请求。");
    let space = lang.pick(" ", "");
    std::iter::once(none)
        .chain(ways)
        .collect::<Vec<_>>()
        .join(space)
}
