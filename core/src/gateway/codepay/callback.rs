//! What comes in unasked (note 3). The notification is signed; what the browser brings back is nobody's word: the
//! fields that the gateway adds to it are not documented, and none of them is read (note 2.6).
//!
//! Steps of a notification, in this order: one strict parse; the signature over every field; whether the signed fields are
//! the only way to cut its text; the payee; what it claims. What fails before the signature is nobody's word; what fails
//! behind it is the gateway's word that we do not understand, and makes us ask. How old it is says nothing about it: it is
//! sent for twelve hours (note 3).

use super::trade::{self, Fault, Status, unclear};
use super::{Account, seal, words};
use crate::facts::{Proof, Witness};
use crate::flat::Flat;
use crate::gateway::{Reading, Verdict};
use crate::params::Params;
use crate::sabotage::{Defence, removed};
use jiff::Timestamp;

/// What the browser brought: nothing that is read. Its order's page is found by the token of its address.
pub(super) fn read_return() -> Reading {
    Reading::refused(
        Verdict::BadSignature,
        "this gateway's return carries no proof: the gateway is asked",
    )
}

/// Reads what the gateway's server sent.
pub(super) fn read_notify(account: &Account, wire: &[u8], now: Timestamp) -> Reading {
    let message = match parse(wire) {
        Ok(message) => message,
        Err(reason) => return Reading::refused(Verdict::Malformed, reason),
    };
    let sign = match authenticate(account, &message, now) {
        Ok(sign) => sign,
        Err(reason) => return Reading::refused(Verdict::BadSignature, reason),
    };
    let sale = message.get("trans_type") == Some(words::SALE);
    let mut reading = Reading {
        verdict: Verdict::Genuine,
        reason: None,
        // A void or a refund has a number of its own, which is no order's.
        order_no: trade::order_no(&message)
            .filter(|_| sale)
            .map(str::to_owned),
        trade_no: trade::trade_no(&message)
            .filter(|_| sale)
            .map(str::to_owned),
        notify_id: None,
        previous_key: account.previous_key(&message, sign, now),
        evidence: Vec::new(),
        personal: Vec::new(),
    };
    if let Err(fault) = claim(account, &message, &mut reading) {
        reading.verdict = match fault {
            Fault::Unclear(_) => Verdict::Ambiguous,
            Fault::OtherPayee(_) => Verdict::PayeeMismatch,
        };
        reading.reason = Some(fault.to_string());
    }
    reading
}

/// A notification is JSON; one sender was seen that writes the same fields as a form (note 3).
pub(super) fn parse(wire: &[u8]) -> Result<Flat, String> {
    if wire.trim_ascii_start().starts_with(b"{") {
        return Flat::parse(wire).map_err(|error| error.to_string());
    }
    let params = Params::parse(wire).map_err(|error| error.to_string())?;
    let fields = params.iter().map(|(name, value)| {
        let text = std::str::from_utf8(value).map_err(|_| format!("{name} is not UTF-8"))?;
        Ok::<_, String>((name.to_owned(), text.to_owned()))
    });
    fields.collect()
}

/// The signature, if it is one of ours under the account's kind.
pub(super) fn authenticate<'a>(
    account: &Account,
    message: &'a Flat,
    now: Timestamp,
) -> Result<&'a [u8], &'static str> {
    account
        .seal
        .check_kind(message.get("sign_type").map(str::as_bytes))?;
    let sign = seal::signature(message)?;
    match account.verifies(message, sign, Some(now)) || removed(Defence::NotifySignature) {
        true => Ok(sign),
        false => Err("the signature is wrong: another key, or changed on the way"),
    }
}

fn claim(account: &Account, message: &Flat, reading: &mut Reading) -> Result<(), Fault> {
    check_profile(message)?;
    check_unambiguous(message)?;
    check_named(message)?;
    trade::check_payee(account, message)?;
    tell(account, message, reading)
}

/// Whether it is a notification at all: requests and answers are signed by the same rule.
pub(super) fn check_profile(message: &Flat) -> Result<(), Fault> {
    match message.get("method") {
        Some(words::NOTIFY) => Ok(()),
        _ => Err(unclear("method is missing or not the notification's")),
    }
}

/// Whether the signed text can be cut in one way only (SEC-001).
pub(super) fn check_unambiguous(message: &Flat) -> Result<(), Fault> {
    let cut = message.iter().find(|(_, text)| text.contains('&'));
    match cut {
        Some((name, _)) if !removed(Defence::RecutCheck) => Err(Fault::Unclear(format!(
            "{name} contains '&', so the signed text can be read in more than one way"
        ))),
        _ => Ok(()),
    }
}

/// Whether it names its payee: every notification does.
pub(super) fn check_named(message: &Flat) -> Result<(), Fault> {
    let missing = ["app_id", "merchant_no"]
        .into_iter()
        .find(|name| message.get(name).is_none());
    match missing {
        Some(name) => Err(Fault::Unclear(format!("{name} is missing"))),
        None => Ok(()),
    }
}

/// What it claims, once everything around the claim is checked. A failed payment is told, and claims nothing: the query
/// after it does (seed 002 3.1).
pub(super) fn tell(account: &Account, message: &Flat, reading: &mut Reading) -> Result<(), Fault> {
    match message.get("trans_type") {
        Some(words::SALE) => {}
        // It names no sale that it belongs to; whoever asked for it asks what became of it.
        Some(words::VOID | words::REFUNDED) => {
            let told = words::reason(
                message.get("trans_error_code"),
                message.get("trans_error_msg"),
            );
            reading.reason = told.or_else(|| Some("a refund or a void is told".to_owned()));
            return Ok(());
        }
        _ => {
            return Err(unclear(
                "trans_type is missing or none that is asked for here",
            ));
        }
    }
    let told = trade::read(account, message)?;
    reading.reason = told.reason.clone();
    if told.status == Status::Failed && reading.reason.is_none() {
        reading.reason = Some("the payment failed or was closed".to_owned());
    }
    let order_no = reading.order_no.clone().unwrap_or_default();
    reading.evidence = told.evidence(&order_no, Witness::Notify, Proof::Signed);
    reading.personal = trade::personal(message, &reading.evidence);
    Ok(())
}
