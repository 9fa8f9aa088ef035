//! Paying money back (note 5.3, vector M10): `refund_fastpay_by_platform_pwd`, a page on which a person enters the
//! payment password, and `refund_fastpay_by_platform_nopwd`, the same data in a call of ours.
//!
//! Neither tells what became of the money. That comes with the notify, read in [`super::batch`], or is asked for in
//! [`super::refund_query`].

use super::envelope::Envelope;
use super::settings::Seller;
use super::{Account, beijing, words};
use crate::charset::CharsetError;
use crate::gateway::{
    Checkout, FORM, Fault, NotSupported, Refund, RefundCall, RefundWay, Refunding, Refusal,
};
use crate::http::{Reply, Request};
use crate::money::{Currency, Money};
use crate::params::Params;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// A reason has fewer bytes than this in the account's charset.
const REASON_BYTES: usize = 256;
/// What goes out where nobody gave a reason: refunded by agreement. The format wants one.
const REASON: &str = "协商退款";
/// What the note forbids in a reason, because items are made of it, and `&` and `=`, which would let the text be cut
/// into parameters of its own under our signature (SEC-004).
const FORBIDDEN: [char; 6] = ['^', '|', '$', '#', '&', '='];
/// So many bytes of the hash make 24 hexadecimal digits, the longest serial that the gateway takes.
const SERIAL_BYTES: usize = 12;

/// How this contract pays back.
pub(super) fn way(account: &Account) -> Result<RefundWay, NotSupported> {
    account.settings.refunds.ok_or(not_supported("refund"))
}

/// A flow that this contract lacks.
pub(super) fn not_supported(flow: &'static str) -> NotSupported {
    NotSupported {
        gateway: super::NAME,
        flow,
    }
}

/// Whether the refund can be sent to this gateway.
pub(super) fn admit(account: &Account, refund: &Refund) -> Result<(), Refusal> {
    if !words::is_trade_no(&refund.trade_no) {
        return refuse(
            "trade_no",
            Fault::NotTaken,
            "it is no number of a trade at this gateway",
            "use the trade_no that the order shows",
        );
    }
    if refund.amount.currency != Currency::CNY {
        return refuse(
            "amount",
            Fault::NotTaken,
            "this gateway pays back CNY only",
            "choose an amount in CNY",
        );
    }
    if !(words::AMOUNT_MIN..=words::AMOUNT_MAX).contains(&refund.amount.minor) {
        let cny = |minor| Money::new(minor, Currency::CNY);
        return refuse(
            "amount",
            Fault::OutOfRange(cny(words::AMOUNT_MIN), cny(words::AMOUNT_MAX)),
            "this gateway pays back 0.01 to 100000000.00",
            "choose an amount between the two",
        );
    }
    refund
        .reason
        .as_deref()
        .map_or(Ok(()), |reason| admit_reason(account, reason))
}

fn admit_reason(account: &Account, reason: &str) -> Result<(), Refusal> {
    let forbidden = |c: &char| c.is_control() || FORBIDDEN.contains(c);
    if let Some(found) = reason.chars().find(forbidden) {
        return refuse(
            "reason",
            Fault::Forbidden(found),
            format!("the gateway forbids the character {found:?}"),
            "leave out ^ | $ # & = and control characters",
        );
    }
    match account.settings.charset.encode(reason) {
        Ok(bytes) if bytes.len() < REASON_BYTES => Ok(()),
        Ok(_) => refuse(
            "reason",
            Fault::TooLong,
            format!("it has {REASON_BYTES} bytes or more in the account's charset"),
            "shorten it",
        ),
        Err(error) => refuse(
            "reason",
            match error {
                CharsetError::Unmappable(found) => Fault::Unmappable(found),
                CharsetError::Undecodable => Fault::NotTaken,
            },
            error.to_string(),
            "leave it out, or set the account's charset to utf-8",
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

/// The number of a batch: the day in Beijing, which the gateway wants to be today, and 24 digits of a hash. The day is
/// hashed too, so that a number which could not be sent on its day is followed by an unrelated one.
pub(super) fn wire_no(seed: &[u8], now: Timestamp) -> String {
    let day = beijing::day(now);
    let digest = Sha256::new()
        .chain_update(seed)
        .chain_update(day.as_bytes())
        .finalize();
    let serial = digest.iter().take(SERIAL_BYTES).copied();
    let serial = data_encoding::HEXLOWER.encode(&serial.collect::<Vec<u8>>());
    format!("{day}{serial}")
}

/// Whether the number is of this day in Beijing.
pub(super) fn wire_no_holds(wire_no: &str, now: Timestamp) -> bool {
    words::is_batch_no(wire_no) && wire_no.starts_with(&beijing::day(now))
}

/// The call. It is a `POST`: a batch may be longer than an address.
pub(super) fn request(account: &Account, call: &RefundCall<'_>) -> Result<Request, NotSupported> {
    match way(account)? {
        RefundWay::Page => Err(not_supported("refund_call")),
        RefundWay::Call => Ok(Request::post(
            account.post_address(),
            FORM,
            batch(account, call, words::REFUND_CALL, "xml")
                .to_wire()
                .into_bytes(),
        )),
    }
}

/// What sends a person to the page.
pub(super) fn page(
    account: &Account,
    call: &RefundCall<'_>,
    via_get: bool,
) -> Result<Checkout, NotSupported> {
    match way(account)? {
        RefundWay::Call => Err(not_supported("refund_page")),
        RefundWay::Page => Ok(account.page(&batch(account, call, words::REFUND_PAGE, ""), via_get)),
    }
}

/// The batch in the order of vector M10. The seller is named once, by number or login: the documents contradict each
/// other on which of the two would win.
fn batch(account: &Account, call: &RefundCall<'_>, service: &str, return_type: &str) -> Params {
    let settings = &account.settings;
    let (seller_id, seller_email) = match &settings.seller {
        Some(Seller::Id(id)) => (id.as_str(), ""),
        Some(Seller::Email(email)) => ("", email.as_str()),
        None => (settings.partner.as_str(), ""),
    };
    account.signed(&[
        ("service", service),
        ("partner", &settings.partner),
        ("_input_charset", settings.charset.label()),
        ("notify_url", call.notify_url),
        ("seller_user_id", seller_id),
        ("seller_email", seller_email),
        ("refund_date", &beijing::write(call.now)),
        ("batch_no", call.wire_no),
        ("batch_num", &call.refunds.len().to_string()),
        ("detail_data", &detail_data(call.refunds)),
        ("return_type", return_type),
    ])
}

/// `trade_no^amount^reason`, joined by `#`.
fn detail_data(refunds: &[Refund]) -> String {
    let item = |refund: &Refund| {
        let reason = refund.reason.as_deref().map_or("", str::trim);
        let reason = if reason.is_empty() { REASON } else { reason };
        format!("{}^{}^{reason}", refund.trade_no, refund.amount.decimal())
    };
    refunds.iter().map(item).collect::<Vec<_>>().join("#")
}

/// The answer to the call. A refusal counts only with a code that says that nothing was done: after any other the
/// gateway is asked, since paying back twice costs money.
pub(super) fn read(account: &Account, reply: &Reply) -> Refunding {
    let (accepted, reason) = match Envelope::read(reply, account.settings.charset) {
        Ok(Envelope { error: None, .. }) => (Some(true), None),
        Ok(Envelope {
            error: Some(code), ..
        }) => (is_refusal(&code).then_some(false), Some(code)),
        Err(reason) => (None, Some(reason.to_owned())),
    };
    Refunding { accepted, reason }
}

/// Whether the code says that nothing was or will be done: a fault of the call (note 6.1, 6.3), of the batch, or of
/// one refund (note 5.3). The gateway's own trouble says nothing, nor does a number that it has had before.
pub(super) fn is_refusal(code: &str) -> bool {
    code.starts_with("ILLEGAL_") || REFUSALS.contains(&code)
}

/// The refusals whose names do not begin with `ILLEGAL_`.
const REFUSALS: [&str; 32] = [
    // Of the call.
    "HAS_NO_PRIVILEGE",
    "EXTERFACE_IS_CLOSED",
    "PARTNER_NOT_SIGN_PROTOCOL",
    "REGEXP_MATCH_FAIL",
    "PARAMTER_IS_NULL",
    // Of the batch.
    "BATCH_NUM_EXCEED_LIMIT",
    "BATCH_NUM_ERROR",
    "BATCH_NUM_NOT_EQUAL_TOTAL",
    "BATCH_NO_FORMAT_ERROR",
    "REFUND_DATE_ERROR",
    "DETAIL_DATA_FORMAT_ERROR",
    "SINGLE_DETAIL_DATA_EXCEED_LIMIT",
    "DUBL_TRADE_NO_IN_SAME_BATCH",
    "DUBL_ROYALTY_IN_DETAIL",
    "NOT_THIS_SELLER_TRADE",
    "NOT_THIS_PARTNERS_TRADE",
    "SELLER_INFO_NOT_EXIST",
    // Of one refund.
    "TRADE_STATUS_ERROR",
    "TRADE_HAS_REFUNDED",
    "TRADE_HAS_CLOSED",
    "TRADE_NOT_EXIST",
    "TRADE_PRODUCT_TYPE_NOT_ALLOW_REFUND",
    "REFUND_AMOUNT_NOT_VALID",
    "REASON_TRADE_REFUND_FEE_ERR",
    "REASON_REFUND_CHARGE_ERR",
    "REASON_HAS_REFUND_FEE_NOT_MATCH",
    "REASON_REFUND_AMOUNT_LESS_THAN_COUPON_FEE",
    "PWD_REFUND_NOT_ALLOW_ROYALTY",
    "TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH",
    "TXN_RESULT_ACCOUNT_STATUS_NOT_VALID",
    "SELLER_ENABLE_STATUS_FORBID",
    "USER_NOT_EXIST",
];
