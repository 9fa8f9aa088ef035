//! What comes in unasked, by `POST`: the return and the notify (note 2).
//!
//! Steps, in this order: one strict parse; the signature over the names of note 2.2; then whether the signed map is
//! the only way to cut its signing string (SEC-001..003b); then the payee; then what it claims. What fails before the
//! signature is nobody's word; what fails behind it is the gateway's word that we do not understand, and makes us ask.

use super::trade::{self, Fault, unclear};
use super::{Account, foreign, words};
use crate::facts::{Proof, Witness};
use crate::gateway::{Reading, Verdict};
use crate::params::Params;
use crate::sabotage::{Defence, removed};
use jiff::Timestamp;

/// A token longer than this is none that the gateway sent (note 2.2).
const NOTIFY_ID_CHARS_MAX: usize = 100;

/// Reads what the buyer's browser brought.
pub(super) fn read_return(account: &Account, wire: &[u8], now: Timestamp) -> Reading {
    read(account, wire, now, Witness::Return)
}

/// Reads what the gateway's server sent.
pub(super) fn read_notify(account: &Account, wire: &[u8], now: Timestamp) -> Reading {
    read(account, wire, now, Witness::Notify)
}

fn read(account: &Account, wire: &[u8], now: Timestamp, witness: Witness) -> Reading {
    let params = match Params::parse(wire) {
        Ok(params) => params,
        Err(error) => return Reading::refused(Verdict::Malformed, error.to_string()),
    };
    let signed = signed(&params);
    if let Err(reason) = authenticate(account, &params, &signed, now) {
        return Reading::refused(Verdict::BadSignature, reason);
    }
    let mut reading = addressed(&signed);
    reading.previous_key = signature(&params)
        .ok()
        .and_then(|signature| account.previous_key(&signed, signature, now));
    if let Err(fault) = claim(account, &params, &signed, witness, &mut reading) {
        reading.verdict = match fault {
            Fault::Unclear(_) => Verdict::Ambiguous,
            Fault::OtherPayee => Verdict::PayeeMismatch,
        };
        reading.reason = Some(fault.to_string());
    }
    reading
}

/// What is signed of a callback, and all that is read of it (SEC-006): the names of note 2.2. Whatever else came along
/// belongs to the merchant's own address.
pub(super) fn signed(params: &Params) -> Params {
    let mut signed = Params::new();
    let known = params
        .iter()
        .filter(|(name, value)| !value.is_empty() && foreign::NAMES.contains(name));
    for (name, value) in known {
        let _ = signed.push(name, value); // It was in a map of the same rules.
    }
    signed
}

/// What a validly signed message is about; its claims are still to be read.
pub(super) fn addressed(signed: &Params) -> Reading {
    Reading {
        verdict: Verdict::Genuine,
        reason: None,
        order_no: trade::order_no(signed),
        trade_no: trade::trade_no(signed),
        notify_id: trade::text(signed, "notify_id")
            .filter(|token| is_token(token))
            .map(|token| token.into_owned()),
        previous_key: None,
        evidence: Vec::new(),
        personal: Vec::new(),
    }
}

fn authenticate(
    account: &Account,
    params: &Params,
    signed: &Params,
    now: Timestamp,
) -> Result<(), &'static str> {
    account.seal.check_kind(params.get("sign_type"))?;
    let signature = signature(params)?;
    if account.verifies(signed, signature, Some(now)) || removed(Defence::NotifySignature) {
        Ok(())
    } else {
        Err("the signature is wrong: another key, or changed on the way")
    }
}

/// The signature that came along.
pub(super) fn signature(params: &Params) -> Result<&[u8], &'static str> {
    params
        .get("sign")
        .filter(|sign| !sign.is_empty())
        .ok_or("sign is missing")
}

fn claim(
    account: &Account,
    params: &Params,
    signed: &Params,
    witness: Witness,
    reading: &mut Reading,
) -> Result<(), Fault> {
    check_profile(signed, witness)?;
    check_unambiguous(params)?;
    check_token(signed, reading)?;
    trade::check_payee(account, signed)?;
    tell(account, signed, witness, reading)
}

/// Whether it is the callback that comes this way. Both carry the same fields and one of two words.
pub(super) fn check_profile(signed: &Params, witness: Witness) -> Result<(), Fault> {
    let expected = match witness {
        Witness::Return => words::PAGE_NOTIFY,
        _ => words::OFFLINE_NOTIFY,
    };
    if trade::text(signed, "notify_type").as_deref() != Some(expected) {
        return Err(unclear("notify_type is missing or not of this callback"));
    }
    if trade::text(signed, "interface_version").as_deref() != Some(words::VERSION) {
        return Err(unclear("interface_version is missing or not V3.0"));
    }
    Ok(())
}

/// Whether the signing string can be cut in one way only, and nothing came along that another protocol would read.
pub(super) fn check_unambiguous(params: &Params) -> Result<(), Fault> {
    for (name, value) in params.iter().filter(|(_, value)| !value.is_empty()) {
        if foreign::NAMES.contains(&name) {
            if value.contains(&b'&') && !removed(Defence::RecutCheck) {
                return Err(Fault::Unclear(format!(
                    "{name} contains '&', so the signed text can be read in more than one way"
                )));
            }
        } else if foreign::refuses(name) && !removed(Defence::ForeignNames) {
            return Err(Fault::Unclear(format!(
                "{name} does not belong into this callback"
            )));
        }
    }
    Ok(())
}

/// Whether the token, where there is one, is one that the gateway may have sent.
pub(super) fn check_token(signed: &Params, reading: &Reading) -> Result<(), Fault> {
    match trade::text(signed, "notify_id").is_some() && reading.notify_id.is_none() {
        true => Err(unclear("notify_id is not in its format")),
        false => Ok(()),
    }
}

/// What it claims, once everything around the claim is checked.
pub(super) fn tell(
    account: &Account,
    signed: &Params,
    witness: Witness,
    reading: &mut Reading,
) -> Result<(), Fault> {
    let told = trade::read(account, signed)?;
    let order_no = reading.order_no.clone().unwrap_or_default();
    reading.evidence = told.evidence(&order_no, witness, Proof::Signed);
    Ok(())
}

fn is_token(text: &str) -> bool {
    text.len() <= NOTIFY_ID_CHARS_MAX && text.bytes().all(|byte| byte.is_ascii_graphic())
}
