//! Checkout: the buyer goes to the cashier with a signed `create_direct_pay_by_user` (note 1.1, 1.3).

use super::options::{self, Merged};
use super::settings::Seller;
use super::{Account, royalty, words};
use crate::charset::CharsetError;
use crate::gateway::setting::url_fault;
use crate::gateway::{Checkout, CheckoutCall, Fault, Refusal};
use crate::money::{Currency, Money};
use crate::order::Order;
use crate::params::Params;
use std::net::Ipv4Addr;

/// The title holds this many characters (note 1.1) …
const SUBJECT_CHARS_MAX: usize = 128;
/// … and bytes.
const SUBJECT_BYTES_MAX: usize = 256;
/// The request takes 1000 characters of a description, callbacks echo 400 (note 2.1): more would come back changed.
const BODY_CHARS_MAX: usize = 400;
/// What is echoed holds this many characters.
const EXTRA_CHARS_MAX: usize = 100;
/// The address of the product page holds this many characters.
const SHOW_URL_CHARS_MAX: usize = 400;
/// The gateway closes an unpaid trade after five minutes at the earliest, and fifteen days at the latest.
const EXPIRES_SECS: std::ops::RangeInclusive<i64> = 5 * 60..=15 * 24 * 60 * 60;
/// What the note forbids in free text (`#`, `%`, `&`, `+`), and `=`, which together with `&` would let a buyer's text
/// be cut into parameters of its own under our signature (SEC-004).
const FORBIDDEN: [char; 5] = ['#', '%', '&', '+', '='];

/// Whether the order can be sent to this gateway.
pub(super) fn admit(account: &Account, order: &Order) -> Result<(), Refusal> {
    admit_money(order)?;
    if order.subject.trim().is_empty() {
        return refuse(
            "subject",
            Fault::Missing,
            "the gateway takes no order without a title",
            "give the order a title",
        );
    }
    free_text(account, "subject", &order.subject, SUBJECT_CHARS_MAX)?;
    let bytes = account.settings.charset.encode(&order.subject);
    if bytes.is_ok_and(|bytes| bytes.len() > SUBJECT_BYTES_MAX) {
        return refuse(
            "subject",
            Fault::TooLong,
            format!("it is longer than {SUBJECT_BYTES_MAX} bytes in the account's charset"),
            "shorten it",
        );
    }
    for (field, text, chars_max) in [
        ("body", &order.body, BODY_CHARS_MAX),
        ("extra", &order.extra, EXTRA_CHARS_MAX),
    ] {
        if let Some(text) = text {
            free_text(account, field, text, chars_max)?;
        }
    }
    admit_choices(order)?;
    admit_options(account, order)
}

fn admit_money(order: &Order) -> Result<(), Refusal> {
    if !words::is_order_no(&order.key.order_no) {
        return refuse(
            "order_no",
            Fault::NotTaken,
            "it is not 1 to 64 letters, digits, '_' or '-'",
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
        return refuse(
            "amount",
            Fault::OutOfRange(cny(words::AMOUNT_MIN), cny(words::AMOUNT_MAX)),
            "this gateway takes 0.01 to 100000000.00",
            "choose an amount between the two",
        );
    }
    Ok(())
}

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
    if let Some(found) = text
        .chars()
        .find(|c| c.is_control() || FORBIDDEN.contains(c))
    {
        return refuse(
            field,
            Fault::Forbidden(found),
            format!("the gateway forbids the character {found:?}"),
            "leave out # % & + = and control characters",
        );
    }
    match account.settings.charset.encode(text) {
        Ok(_) => Ok(()),
        Err(error) => refuse(
            field,
            match error {
                CharsetError::Unmappable(found) => Fault::Unmappable(found),
                CharsetError::Undecodable => Fault::NotTaken,
            },
            error.to_string(),
            "leave it out, or set the account's charset to utf-8",
        ),
    }
}

fn admit_choices(order: &Order) -> Result<(), Refusal> {
    let method = order.method.as_deref();
    if method.is_some_and(|method| !words::METHODS.contains(&method)) {
        return refuse(
            "method",
            Fault::NotTaken,
            "the gateway knows no such payment method",
            format!("use one of {}, or leave it out", words::METHODS.join(", ")),
        );
    }
    if let Some(bank) = order.bank.as_deref() {
        if !words::BANKS.contains(&bank) {
            return refuse(
                "bank",
                Fault::NotTaken,
                "the gateway knows no such bank code",
                "use a code such as CMB or ICBCB2C, or leave it out",
            );
        }
        if method != Some(words::BANK_METHOD) {
            return refuse(
                "bank",
                Fault::NotTaken,
                "a bank goes with the method bankPay only",
                "set method to bankPay, or leave the bank out",
            );
        }
    }
    if let Some(url) = order.show_url.as_deref() {
        let fault = url_fault(url);
        let long = (url.len() > SHOW_URL_CHARS_MAX).then_some("is too long");
        // In a path they are as good escaped; bare they could be cut into a parameter (SEC-004).
        let cut = url.contains(['&', '=']).then_some("has & or = in it");
        if let Some(fault) = fault.or(long).or(cut) {
            return refuse(
                "show_url",
                Fault::NotTaken,
                format!("the address {fault}"),
                "write an absolute address without a query string, at most 400 characters",
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
            "the gateway takes 5 minutes to 15 days",
            "choose a time between the two, or leave it out",
        );
    }
    Ok(())
}

/// The order's own parameters, beside those of the account.
fn admit_options(account: &Account, order: &Order) -> Result<(), Refusal> {
    let (set, asked) = (&account.extras.options, &order.gateway_options);
    let faults = options::of_order(set, asked, order.amount, account.settings.charset);
    faults.or_else(|fault| {
        refuse(
            "gateway_options",
            Fault::NotTaken,
            format!("{:?}: {}", fault.name, fault.en),
            "correct it, or leave it out",
        )
    })
}

/// The buyer's address in the form that `exter_invoke_ip` has. A request with the timestamp against phishing must name
/// it, and it may not be empty (note 4).
pub(super) fn buyer_address(call: &CheckoutCall) -> Result<Ipv4Addr, Refusal> {
    let known = call.client_ip.as_deref().and_then(|ip| ip.parse().ok());
    known.map_or_else(
        || {
            refuse(
                "client_ip",
                Fault::Code("ILLEGAL_EXTER_INVOKE_IP"),
                "the account has anti-phishing on, so the gateway demands the buyer's IPv4 address, and none is known",
                "send the buyer's own IPv4 address as client_ip, never that of your server; \
                 switch anti_phishing off if the contract does not include it. \
                 请在 client_ip 中传买家自己的 IPv4 地址，不要传服务器的地址；签约不含防钓鱼时请关闭 anti_phishing",
            )
        },
        Ok,
    )
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

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

/// The signed form, or the signed address.
pub(super) fn checkout(
    account: &Account,
    order: &Order,
    call: &CheckoutCall,
) -> Result<Checkout, Refusal> {
    admit(account, order)?;
    if account.extras.anti_phishing {
        buyer_address(call)?;
        if call.token.as_deref().is_none_or(str::is_empty) {
            return refuse(
                "account",
                Fault::Code("ILLEGAL_ANTI_PHISHING_KEY"),
                "the account has anti-phishing on, and no timestamp of the gateway is there",
                "fetch one with query_timestamp; it lives for 30 seconds",
            );
        }
    }
    Ok(account.page(&request(account, order, call), call.via_get))
}

/// The request in the order of vectors M1..M3. An empty value stands for a field that is left out.
fn request(account: &Account, order: &Order, call: &CheckoutCall) -> Params {
    let settings = &account.settings;
    let (seller_id, seller_email) = match &settings.seller {
        Some(Seller::Id(id)) => (id.as_str(), ""),
        Some(Seller::Email(email)) => ("", email.as_str()),
        None => (settings.partner.as_str(), ""),
    };
    let options = Merged::of(&account.extras.options, &order.gateway_options);
    // The amount goes along in one way only (note 1.1).
    let total_fee = match options.get("price") {
        Some(_) => String::new(),
        None => order.amount.decimal(),
    };
    let it_b_pay = order
        .expires_in_secs
        .map(|secs| format!("{}m", (secs + 59) / 60))
        .unwrap_or_default();
    // The parameter holds an IPv4 address: a buyer who comes over IPv6 pays without it.
    let client_ip = call
        .client_ip
        .as_deref()
        .filter(|ip| ip.parse::<Ipv4Addr>().is_ok());
    let show_url = order.show_url.as_deref().or(settings.show_url.as_deref());
    let token = call
        .token
        .as_deref()
        .filter(|_| account.extras.anti_phishing);
    let royalty_type = options.get("royalty_parameters").map(|_| royalty::KIND);
    let payment_type = options.get("payment_type").unwrap_or(words::GOODS);
    let mut fields = vec![
        ("service", words::DIRECT_PAY),
        ("partner", &settings.partner),
        ("seller_id", seller_id),
        ("seller_email", seller_email),
        ("payment_type", payment_type),
        ("out_trade_no", &order.key.order_no),
        ("total_fee", &total_fee),
        ("return_url", &call.return_url),
        ("notify_url", &call.notify_url),
        ("_input_charset", settings.charset.label()),
        ("subject", &order.subject),
        ("body", order.body.as_deref().unwrap_or_default()),
        ("show_url", show_url.unwrap_or_default()),
        (
            "extra_common_param",
            order.extra.as_deref().unwrap_or_default(),
        ),
        ("paymethod", order.method.as_deref().unwrap_or_default()),
        ("defaultbank", order.bank.as_deref().unwrap_or_default()),
        ("anti_phishing_key", token.unwrap_or_default()),
        ("exter_invoke_ip", client_ip.unwrap_or_default()),
        ("it_b_pay", &it_b_pay),
        ("royalty_type", royalty_type.unwrap_or_default()),
    ];
    fields.extend(options.iter().filter(|(name, _)| *name != "payment_type"));
    account.signed(&fields)
}
