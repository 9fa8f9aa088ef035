//! Checkout: the buyer goes to the cashier with a signed `direct_pay`, posted by his browser (note 1.1, 1.2).

use super::options::{self, Unfit};
use super::{Account, words};
use crate::charset::{Charset, CharsetError};
use crate::gateway::beijing;
use crate::gateway::setting::url_fault;
use crate::gateway::{Checkout, CheckoutCall, Fault, Refusal};
use crate::money::{Currency, Money};
use crate::order::Order;
use crate::params::Params;
use crate::sign::Kind;
use std::net::Ipv4Addr;

/// `product_name` holds this many characters (note 1.2; that characters are meant is inferred) …
const SUBJECT_CHARS_MAX: usize = 100;
/// … `product_desc` this many …
const BODY_CHARS_MAX: usize = 300;
/// … and `extra_return_param` this many.
const EXTRA_CHARS_MAX: usize = 100;
/// An order may be paid for five minutes at the least, and fifteen days at the most. The gateway is not told.
const EXPIRES_SECS: std::ops::RangeInclusive<i64> = 5 * 60..=15 * 24 * 60 * 60;

/// Whether the order can be sent to this gateway.
pub(super) fn admit(account: &Account, order: &Order) -> Result<(), Refusal> {
    admit_money(order)?;
    if order.subject.trim().is_empty() {
        return refuse(
            "subject",
            Fault::Missing,
            "the gateway takes no order without a title (PRODUCT_NAME_IS_NULL)",
            "give the order a title",
        );
    }
    free_text(account, "subject", &order.subject, SUBJECT_CHARS_MAX)?;
    if let Some(body) = &order.body {
        free_text(account, "body", body, BODY_CHARS_MAX)?;
    }
    if let Some(extra) = &order.extra {
        free_text(account, "extra", extra, EXTRA_CHARS_MAX)?;
        admit_echo(account, extra)?;
    }
    admit_choices(order)?;
    admit_address(order)?;
    admit_options(account, order)
}

fn admit_money(order: &Order) -> Result<(), Refusal> {
    if !words::is_order_no(&order.key.order_no) {
        return refuse(
            "order_no",
            Fault::NotTaken,
            "it is not 1 to 64 letters, digits or '_': this gateway takes no '-'",
            "choose another number",
        );
    }
    if order.amount.currency != Currency::CNY {
        return refuse(
            "currency",
            Fault::NotTaken,
            format!("this gateway takes CNY only, not {}", order.amount.currency),
            "use another account, or an amount in CNY",
        );
    }
    if !(words::AMOUNT_MIN..=words::AMOUNT_MAX).contains(&order.amount.minor) {
        let cny = |minor| Money::new(minor, Currency::CNY);
        return refuse(
            "amount",
            Fault::OutOfRange(cny(words::AMOUNT_MIN), cny(words::AMOUNT_MAX)),
            "this gateway takes 0.01 to 99999999999.99",
            "choose an amount between the two",
        );
    }
    Ok(())
}

/// A text of the order: nothing in it may be cut into a parameter of its own under our signature (SEC-004), which
/// takes a `&`. The other characters that the gateway refuses (`ILLEGAL_PARAMS`) are in no document.
fn free_text(
    account: &Account,
    field: &'static str,
    text: &str,
    chars_max: usize,
) -> Result<(), Refusal> {
    if text.chars().count() > chars_max {
        return refuse(
            field,
            Fault::TooLong,
            format!("it is longer than {chars_max} characters"),
            "shorten it",
        );
    }
    if let Some(found) = text.chars().find(|c| c.is_control() || *c == '&') {
        return refuse(
            field,
            Fault::Forbidden(found),
            format!("the character {found:?} is not sent to this gateway"),
            "leave out & and control characters",
        );
    }
    unsent(account, text).map_or(Ok(()), |(fault, detail)| {
        refuse(
            field,
            fault,
            detail,
            "leave it out, or set the account's charset to utf-8",
        )
    })
}

/// Why a text cannot be sent in the account's charset, if it cannot. With RSA-S the gateway's own library signs UTF-8
/// whatever is sent (note 1.4), so that an account of GBK sends ASCII only, where both are the same.
pub(super) fn unsent(account: &Account, text: &str) -> Option<(Fault, String)> {
    let charset = account.settings.charset;
    if let Err(error) = charset.encode(text) {
        let fault = match error {
            CharsetError::Unmappable(found) => Fault::Unmappable(found),
            CharsetError::Undecodable => Fault::NotTaken,
        };
        return Some((fault, error.to_string()));
    }
    let doubtful = charset != Charset::Utf8 && account.seal.own_kind() == Kind::RsaS;
    let found = text.chars().find(|c| doubtful && !c.is_ascii())?;
    Some((
        Fault::Forbidden(found),
        format!("{found:?} in GBK cannot be signed with RSA-S: the gateway signs UTF-8"),
    ))
}

/// What comes back in every callback. In which charset the gateway signs it for an account of GBK is in doubt (note 9,
/// point 4), and so it is ASCII there.
fn admit_echo(account: &Account, extra: &str) -> Result<(), Refusal> {
    let foreign = extra.chars().find(|c| !c.is_ascii());
    match foreign.filter(|_| account.settings.charset != Charset::Utf8) {
        None => Ok(()),
        Some(found) => refuse(
            "extra",
            Fault::Forbidden(found),
            format!(
                "{found:?} may come back in another charset than GBK, and make callbacks unreadable"
            ),
            "use ASCII here, or set the account's charset to utf-8",
        ),
    }
}

fn admit_choices(order: &Order) -> Result<(), Refusal> {
    let methods: Vec<&str> = order
        .method
        .iter()
        .flat_map(|text| text.split(','))
        .collect();
    let once = |method: &&str| methods.iter().filter(|other| *other == method).count() == 1;
    if !methods
        .iter()
        .all(|method| words::METHODS.contains(method) && once(method))
    {
        return refuse(
            "method",
            Fault::NotTaken,
            "the gateway knows no such payment method, or it stands there twice",
            format!(
                "use one of {}, or several joined by commas, or leave it out",
                words::METHODS.join(", ")
            ),
        );
    }
    let Some(bank) = order.bank.as_deref() else {
        return Ok(());
    };
    if !words::BANKS.contains(&bank) {
        return refuse(
            "bank",
            Fault::NotTaken,
            "the gateway knows no such bank code",
            "use a code such as CMB or ICBC, or leave it out: the cashier then lets the buyer choose",
        );
    }
    let takes_banks = |method: &&str| words::BANK_METHODS.contains(method);
    if !methods.is_empty() && !methods.iter().any(takes_banks) {
        return refuse(
            "bank",
            Fault::NotTaken,
            "a bank does not go with this method",
            "set method to b2c, or leave one of the two out",
        );
    }
    Ok(())
}

fn admit_address(order: &Order) -> Result<(), Refusal> {
    if let Some(url) = order.show_url.as_deref() {
        let fault = url_fault(url);
        let long = (url.len() > words::URL_CHARS_MAX).then_some("is too long");
        let cut = url.contains('&').then_some("has & in it");
        if let Some(fault) = fault.or(long).or(cut) {
            return refuse(
                "show_url",
                Fault::NotTaken,
                format!("the address {fault}"),
                "write an absolute address without a query string, at most 200 characters",
            );
        }
    }
    if order.terminal.is_some() {
        return refuse(
            "terminal",
            Fault::NotTaken,
            "this gateway has no terminals",
            "leave it out, or use another account",
        );
    }
    if order
        .expires_in_secs
        .is_some_and(|secs| !EXPIRES_SECS.contains(&secs))
    {
        return refuse(
            "expires_in",
            Fault::NotTaken,
            "an order may be paid for 5 minutes to 15 days",
            "choose a time between the two, or leave it out",
        );
    }
    Ok(())
}

/// The order's own parameters, beside those of the account.
fn admit_options(account: &Account, order: &Order) -> Result<(), Refusal> {
    match options::of_order(account, &order.gateway_options) {
        Ok(()) => Ok(()),
        Err(Unfit::Option(fault)) => refuse(
            "gateway_options",
            Fault::NotTaken,
            format!("{:?}: {}", fault.name, fault.en),
            "correct it, or leave it out",
        ),
        Err(Unfit::Missing(member, code)) => refuse(
            "gateway_options",
            Fault::Code(code),
            format!("the account is cross-border, and the order does not say {member}"),
            "send it in extend_param: customer_name^…|customer_idNumber^…",
        ),
    }
}

fn refuse<T>(
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

/// The signed form.
pub(super) fn checkout(
    account: &Account,
    order: &Order,
    call: &CheckoutCall,
) -> Result<Checkout, Refusal> {
    admit(account, order)?;
    admit_call(call)?;
    let charset = account.settings.charset;
    let params = request(account, order, call);
    let fields = params
        .iter()
        .map(|(name, value)| (name.to_owned(), charset.display(value)));
    Ok(Checkout::Form {
        method: "POST".to_owned(),
        // The gateway needs the charset before it can decode the body (note 1.1).
        url: format!(
            "{}?input_charset={}",
            account.settings.gateway_url,
            words::charset_word(charset)
        ),
        charset: charset.label().to_owned(),
        fields: fields.collect(),
    })
}

/// What is about this sending, and not about the order.
fn admit_call(call: &CheckoutCall) -> Result<(), Refusal> {
    if call.via_get {
        return refuse(
            "via",
            Fault::NotTaken,
            "this gateway takes a posted form only",
            "leave via out, and let the buyer's browser post the fields",
        );
    }
    for (url, code) in [
        (&call.notify_url, "NOTIFY_URL_IS_TOO_LONG"),
        (&call.return_url, "ILLEGAL_URL_FORMAT"),
    ] {
        if url.len() > words::URL_CHARS_MAX {
            return refuse(
                "account",
                Fault::Code(code),
                "an address that the gateway shall call is longer than 200 characters",
                "shorten public_url, or notify_url and return_url of the account",
            );
        }
    }
    Ok(())
}

/// The request in the order of vector V1, with what it leaves out behind. An empty value stands for a field that is
/// left out.
fn request(account: &Account, order: &Order, call: &CheckoutCall) -> Params {
    let settings = &account.settings;
    let order_time = beijing::write(call.now);
    let order_amount = order.amount.decimal();
    // The parameter holds an IPv4 address: a buyer who comes over IPv6 pays without it.
    let client_ip = call
        .client_ip
        .as_deref()
        .filter(|ip| ip.parse::<Ipv4Addr>().is_ok());
    let show_url = order.show_url.as_deref().or(settings.show_url.as_deref());
    let mut fields = vec![
        ("merchant_code", settings.merchant_code.as_str()),
        ("service_type", words::DIRECT_PAY),
        ("interface_version", words::VERSION),
        ("input_charset", words::charset_word(settings.charset)),
        ("notify_url", &call.notify_url),
        ("return_url", &call.return_url),
        ("order_no", &order.key.order_no),
        ("order_time", &order_time),
        ("order_amount", &order_amount),
        ("product_name", &order.subject),
        ("bank_code", order.bank.as_deref().unwrap_or_default()),
        ("pay_type", order.method.as_deref().unwrap_or_default()),
        ("client_ip", client_ip.unwrap_or_default()),
        (
            "extra_return_param",
            order.extra.as_deref().unwrap_or_default(),
        ),
        ("product_desc", order.body.as_deref().unwrap_or_default()),
        ("show_url", show_url.unwrap_or_default()),
    ];
    let options = options::merged(&account.extras.options, &order.gateway_options);
    fields.extend(options);
    account.signed(&fields)
}
