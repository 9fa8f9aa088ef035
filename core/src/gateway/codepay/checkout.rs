//! Checkout: the order is pushed to a terminal (note 2.4; seed 002 3.2), or the gateway is asked for the address of a page
//! (note 2.6; seed 002 3.3). Both are calls of ours under the order's own number, and both may be sent again.
//!
//! **Inferred:** the lengths of `description` and `attach` (the pages that say them could not be had).

use super::options::{self, Way};
use super::reply::Envelope;
use super::{Account, trade, words};
use crate::gateway::{Checkout, CheckoutCall, CheckoutStart, Fault, Placed, Refusal};
use crate::http::Reply;
use crate::order::Order;

/// A title has at most so many characters (inferred).
const SUBJECT_CHARS_MAX: usize = 128;
/// What is echoed has at most so many (inferred).
const EXTRA_CHARS_MAX: usize = 128;
/// An order may be paid for five minutes at the least, and fifteen days at the most.
const EXPIRES_SECS: std::ops::RangeInclusive<i64> = 5 * 60..=15 * 24 * 60 * 60;
/// The method that pushes the order to a terminal.
const TERMINAL: &str = "terminal";
/// The method that leads to the hosted page.
const ONLINE: &str = "online";

/// Whether the order can be sent to this gateway.
pub(super) fn admit(account: &Account, order: &Order) -> Result<(), Refusal> {
    if !words::is_order_no(&order.key.order_no) {
        return refuse(
            "order_no",
            Fault::NotTaken,
            "it is not 1 to 32 letters, digits, '-' or '_'",
            "choose another number",
        );
    }
    let only = account.settings.currency;
    if let Some(only) = only.filter(|only| *only != order.amount.currency) {
        return refuse(
            "currency",
            Fault::NotTaken,
            format!(
                "this account takes {only} only, not {}",
                order.amount.currency
            ),
            "use another account, or an amount in its currency",
        );
    }
    if order.amount.minor <= 0 {
        return refuse(
            "amount",
            Fault::NotTaken,
            "nothing is to be paid",
            "choose an amount above zero",
        );
    }
    if order.subject.trim().is_empty() {
        return refuse(
            "subject",
            Fault::Missing,
            "the buyer sees no title",
            "give the order a title",
        );
    }
    free_text("subject", &order.subject, SUBJECT_CHARS_MAX)?;
    if let Some(extra) = &order.extra {
        free_text("extra", extra, EXTRA_CHARS_MAX)?;
    }
    let untaken = [
        (
            "body",
            order.body.is_some(),
            "a title is all that this gateway shows",
        ),
        (
            "bank",
            order.bank.is_some(),
            "this gateway has no banks to choose",
        ),
        (
            "show_url",
            order.show_url.is_some(),
            "this gateway shows no page of the goods",
        ),
    ];
    if let Some((field, _, detail)) = untaken.into_iter().find(|(_, there, _)| *there) {
        return refuse(field, Fault::NotTaken, detail, "leave it out");
    }
    let seconds = order.expires_in_secs;
    if seconds.is_some_and(|secs| !EXPIRES_SECS.contains(&secs)) {
        return refuse(
            "expires_in",
            Fault::NotTaken,
            "an order may be paid for 5 minutes to 15 days",
            "choose a time between the two, or leave it out",
        );
    }
    let way = way(account, order)?;
    options::of_order(way, &order.gateway_options).map_err(|fault| Refusal {
        field: "gateway_options",
        fault: Fault::NotTaken,
        detail: format!("{:?}: {}", fault.name, fault.en),
        help: "correct it, or leave it out".to_owned(),
    })
}

/// A text of the order: nothing that the gateway refuses (note 1.1: no supplementary planes; 1.4: no `@` in front), and no
/// `&`, with which the signed text of a notification that echoes it could be read in two ways (SEC-004).
pub(super) fn free_text(field: &'static str, text: &str, chars_max: usize) -> Result<(), Refusal> {
    if text.chars().count() > chars_max {
        return refuse(
            field,
            Fault::TooLong,
            format!("it is longer than {chars_max} characters"),
            "shorten it",
        );
    }
    let forbidden = |c: &char| c.is_control() || *c == '&' || u32::from(*c) > 0xFFFF;
    let found = text
        .chars()
        .find(forbidden)
        .or_else(|| text.starts_with('@').then_some('@'));
    match found {
        Some(found) => refuse(
            field,
            Fault::Forbidden(found),
            format!("the character {found:?} is not sent to this gateway"),
            "leave out &, control characters, emoji, and an @ at the beginning",
        ),
        None => Ok(()),
    }
}

/// Where the order is paid: as its method says; without one, at a terminal where one is named.
pub(super) fn way(account: &Account, order: &Order) -> Result<Way, Refusal> {
    if let Some(terminal) = &order.terminal
        && !words::is_terminal(terminal)
    {
        return refuse(
            "terminal",
            Fault::NotTaken,
            "it is no serial number: 1 to 32 letters and digits",
            "send the number that stands on the terminal",
        );
    }
    let known = terminal(account, order).is_some();
    match order.method.as_deref() {
        Some(ONLINE) if order.terminal.is_some() => refuse(
            "terminal",
            Fault::NotTaken,
            "an order that is paid online goes to no terminal",
            "leave one of the two out",
        ),
        Some(ONLINE) => Ok(Way::Page),
        Some(TERMINAL) if !known => refuse(
            "terminal",
            Fault::Missing,
            "neither the order nor the account names a terminal",
            "send terminal, or set it for the account",
        ),
        Some(TERMINAL) => Ok(Way::Terminal),
        Some(_) => refuse(
            "method",
            Fault::NotTaken,
            "there is no such way to pay here",
            "use terminal or online, or leave it out",
        ),
        None if known => Ok(Way::Terminal),
        None => Ok(Way::Page),
    }
}

/// The terminal that asks for the payment, where one is named.
pub(super) fn terminal<'a>(account: &'a Account, order: &'a Order) -> Option<&'a str> {
    let named = order.terminal.as_deref();
    named.or(account.settings.terminal.as_deref())
}

pub(super) fn refuse<T>(
    field: &'static str,
    fault: Fault,
    detail: impl Into<String>,
    help: impl Into<String>,
) -> Result<T, Refusal> {
    Err(Refusal {
        field,
        fault,
        detail: detail.into(),
        help: help.into(),
    })
}

/// The call that begins the payment.
pub(super) fn start(
    account: &Account,
    order: &Order,
    call: &CheckoutCall,
) -> Result<CheckoutStart, Refusal> {
    admit(account, order)?;
    let way = way(account, order)?;
    let (amount, expires) = (
        order.amount.decimal(),
        order.expires_in_secs.map(|secs| secs.to_string()),
    );
    let mut fields = vec![
        (
            "store_no",
            account.settings.store_no.as_deref().unwrap_or_default(),
        ),
        ("merchant_order_no", order.key.order_no.as_str()),
        ("price_currency", order.amount.currency.code()),
        ("order_amount", &amount),
        ("description", &order.subject),
        ("attach", order.extra.as_deref().unwrap_or_default()),
        ("expires", expires.as_deref().unwrap_or_default()),
        ("notify_url", &call.notify_url),
    ];
    let method = match way {
        Way::Terminal => {
            fields.extend([
                ("terminal_sn", terminal(account, order).unwrap_or_default()),
                ("message_receiving_application", words::REGISTER),
                ("trans_type", words::SALE),
                ("pay_scenario", "SWIPE_CARD"),
            ]);
            words::PUSH
        }
        Way::Page => {
            fields.extend([
                ("return_url", call.return_url.as_str()),
                ("term_ip", call.client_ip.as_deref().unwrap_or_default()),
            ]);
            words::PAGE
        }
    };
    // What the account or the order sets stands in the place of what is usual.
    fields.extend(options::merged(
        way,
        &account.extras.options,
        &order.gateway_options,
    ));
    Ok(CheckoutStart::Call {
        request: account.call(method, &fields, call.now),
        to_terminal: way == Way::Terminal,
    })
}

/// What the gateway said to it. A success that is not signed says nothing; a refusal need not be signed, and proves
/// nothing about money: only a query does (note 5).
pub(super) fn read(account: &Account, order: &Order, reply: &Reply) -> Placed {
    let envelope = match Envelope::read(account, reply) {
        Ok(envelope) => envelope,
        Err(reason) => return Placed::unknown(reason),
    };
    if let Some(reason) = envelope.reason() {
        return Placed {
            accepted: envelope.decided().then_some(false),
            reason: Some(reason),
            checkout: None,
        };
    }
    let data = &envelope.data;
    let checkout = match way(account, order) {
        Ok(Way::Terminal) => Some(Checkout::Terminal {
            terminal: terminal(account, order).unwrap_or_default().to_owned(),
            trade_no: trade::trade_no(data).map(str::to_owned),
            terminal_status: data
                .get("terminal_online_status")
                .map(|word| word.chars().take(32).collect()),
        }),
        _ => data
            .get("pay_url")
            .filter(|url| is_page(url))
            .map(|url| Checkout::Redirect {
                url: url.to_owned(),
            }),
    };
    match checkout {
        Some(checkout) => Placed {
            accepted: Some(true),
            reason: None,
            checkout: Some(checkout),
        },
        None => Placed::unknown("the answer holds no address of a page"),
    }
}

/// Whether a browser can be sent there.
fn is_page(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    url.len() <= 2048
        && url.bytes().all(|byte| byte.is_ascii_graphic())
        && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':', '@']))
}
