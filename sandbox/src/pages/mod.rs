//! The pages that people see. They wear the sandbox's own coat: a striped band, cool grey, and no gateway's logo or
//! colours.

mod acts;
mod buyer;
mod cashier;
mod faults;
mod list;
mod refunds;
mod statements;
mod terminal;
mod timeline;
mod trade;

pub(crate) use buyer::{back, closed, denied, error, held, left, not_found, paid};
pub(crate) use cashier::cashier;
pub(crate) use faults::read as read_faults;
pub(crate) use list::{Filter, list};
pub(crate) use refunds::{left as refunds_left, refunds};
pub(crate) use statements::statement;
pub(crate) use terminal::terminal;
pub(crate) use trade::trade;

use crate::gateway::Gateway;
use crate::order::Order;
use crate::routes::Inbound;
use crate::text::{ahead, beijing, utc};
use crate::trade::State;
use askama::Template;
use quittance_core::gateway::codepay::gateway_side::Ending;
use quittance_core::http::{Method, Reply};
use quittance_core::{Lang, Timestamp};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// The style of every page, inline.
const STYLE: &str = concat!(
    include_str!("../../../web/styles/tokens.css"),
    include_str!("../../../web/styles/sandbox.css")
);

/// Nothing is loaded but the style that is named here, and nothing runs; forms come back here only.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = data_encoding::BASE64.encode(&Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// The one script: it posts the form that stands before it.
const SUBMIT: &str = "document.forms[0].submit()";

/// The policy of the page that posts the return: its script, and its one form, which goes to the shop. Browsers hold
/// where the shop sends them on to the same rule, so any address is let pass.
static POSTING: LazyLock<String> = LazyLock::new(|| {
    let script = data_encoding::BASE64.encode(&Sha256::digest(SUBMIT));
    let scripted = format!("default-src 'none'; script-src 'sha256-{script}'");
    POLICY
        .replace("default-src 'none'", &scripted)
        .replace("form-action 'self'", "form-action http: https:")
});

/// What every page has: its language, the link to the other one, and the gateway that it is of, where it is of one.
pub(crate) struct Coat {
    pub(crate) gateway: Option<Gateway>,
    pub(crate) lang: Lang,
    pub(crate) switch: String,
}

/// A time as operators read it.
struct When {
    relative: String,
    exact: String,
    utc: String,
}

/// A trade's status in words.
struct Status {
    name: &'static str,
    class: &'static str,
}

impl Coat {
    /// For the answer to this request; the link leads to the same page. It names no path: `//host/` in one that a stranger
    /// made up would lead to that host.
    pub(crate) fn of(request: &Inbound) -> Coat {
        let query = match request.method {
            Method::Get => String::from_utf8_lossy(&request.query),
            Method::Post => "".into(),
        };
        let other = format!("lang={}", request.lang.other().word());
        let kept = query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
        let pairs: Vec<&str> = kept.chain([other.as_str()]).collect();
        Coat {
            gateway: None,
            lang: request.lang,
            switch: format!("?{}", pairs.join("&")),
        }
    }

    /// For a page that cannot be asked for again: the link leads there instead.
    pub(crate) fn leading_to(request: &Inbound, path: &str) -> Coat {
        Coat {
            gateway: None,
            lang: request.lang,
            switch: format!("{path}?lang={}", request.lang.other().word()),
        }
    }

    /// What people call its gateway.
    fn gateway_name(&self) -> Option<&'static str> {
        self.gateway.map(|gateway| gateway.name(self.lang))
    }

    /// The same, of this gateway.
    pub(crate) fn at(self, gateway: Gateway) -> Coat {
        Coat {
            gateway: Some(gateway),
            ..self
        }
    }
}

impl When {
    /// Of something that is to come.
    fn ahead(now: Timestamp, at: Timestamp, lang: Lang) -> When {
        When {
            relative: ahead(now, at, lang),
            exact: beijing(at),
            utc: utc(at),
        }
    }
}

impl Status {
    fn of(order: &Order, lang: Lang) -> Status {
        let paid = order.paid_at().is_some();
        let (en, zh, class) = match order.state() {
            None => ("no trade yet", "尚无交易", "muted"),
            Some(State::Waits) => ("unpaid", "等待付款", "slow"),
            Some(State::Paying) => ("in progress", "处理中", "slow"),
            Some(State::Paid) if order.is_back() => ("money went back", "已退回", "muted"),
            Some(State::Failed) => ("a try failed", "付款失败", "bad"),
            Some(State::Held) => ("held", "款项待收", "slow"),
            Some(State::Paid | State::Finished) => ("paid", "已付款", "good"),
            Some(State::Closed) if paid => ("refunded", "已全额退款", "muted"),
            Some(State::Closed) => match order.ending() {
                None => ("closed unpaid", "未付款关闭", "bad"),
                Some(Ending::Declined) => ("declined", "付款被拒绝", "bad"),
                Some(Ending::Cancelled) => ("cancelled", "已取消", "bad"),
                Some(Ending::TimedOut) => ("timed out", "等待超时", "bad"),
            },
            Some(State::Voided) => ("taken back", "已撤销", "muted"),
        };
        Status {
            name: lang.pick(en, zh),
            class,
        }
    }
}

/// On to another page: always a `GET`, whatever came in. From page to page the address is a bare path, so that the
/// policy's `form-action 'self'` holds under whatever name the browser reached the sandbox.
pub(crate) fn redirect(to: &str) -> Reply {
    let mut reply = Reply::new(303, "");
    reply.headers = vec![
        ("location".into(), to.into()),
        ("cache-control".into(), "no-store".into()),
    ];
    reply
}

fn html(status: u16, page: &impl Template) -> Reply {
    html_under(&POLICY, status, page)
}

fn html_under(policy: &str, status: u16, page: &impl Template) -> Reply {
    // Writing into a string cannot fail; if it ever did, an empty page is the honest answer.
    let mut reply = Reply::new(status, page.render().unwrap_or_default());
    let headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", policy),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("vary", "accept-language, cookie"),
        ("x-content-type-options", "nosniff"),
    ];
    reply.headers = headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    reply
}

/// The trade's number; nothing before there is one.
fn trade_no(order: &Order) -> &str {
    order
        .trade
        .as_ref()
        .map(|trade| trade.trade_no.as_str())
        .unwrap_or_default()
}
