//! What comes in unasked: the return (note 2.1), the notify (note 2.2) and the batch refund notify (note 5.3).
//!
//! Steps, in this order: one strict parse; the signature over everything that came; then whether the signed map is
//! the only way to cut its signing string (SEC-001..003b); then the payee; then what it claims. What fails before the
//! signature is nobody's word; what fails behind it is the gateway's word that we do not understand, and makes us ask.

use super::trade::{self, Fault};
use super::{Account, batch, foreign, words};
use crate::facts::{Proof, Witness};
use crate::gateway::{Reading, Verdict};
use crate::params::Params;
use crate::sabotage::{Defence, removed};
use jiff::Timestamp;

/// A token longer than this is none that the gateway sent.
const NOTIFY_ID_CHARS_MAX: usize = 128;

/// Reads what the buyer's browser brought.
pub(super) fn read_return(account: &Account, wire: &[u8], now: Timestamp) -> Reading {
    read(account, wire, now, Witness::Return)
}

/// Reads what the gateway's server sent.
pub(super) fn read_notify(account: &Account, wire: &[u8], now: Timestamp) -> Reading {
    read(account, wire, now, Witness::Notify)
}

/// The title as it came, also where it came mangled: whoever looks for a wrong charset wants to see it.
pub(super) fn title(account: &Account, wire: &[u8]) -> Option<String> {
    let params = Params::parse(wire).ok()?;
    let title = params.get("subject")?;
    Some(account.settings.charset.display(title))
}

fn read(account: &Account, wire: &[u8], now: Timestamp, witness: Witness) -> Reading {
    let params = match Params::parse(wire) {
        Ok(params) => params,
        Err(error) => return Reading::refused(Verdict::Malformed, error.to_string()),
    };
    if let Err(reason) = authenticate(account, &params, now) {
        return Reading::refused(Verdict::BadSignature, reason);
    }
    let mut reading = addressed(&params);
    reading.previous_key = signature(&params)
        .ok()
        .and_then(|signature| account.previous_key(&params, signature, now));
    match claim(account, &params, witness, &mut reading) {
        Ok(()) => reading.personal = trade::personal(account, &params),
        Err(fault) => {
            reading.verdict = match fault {
                Fault::Unclear(_) => Verdict::Ambiguous,
                Fault::OtherPayee(_) => Verdict::PayeeMismatch,
            };
            reading.reason = Some(fault.to_string());
        }
    }
    reading
}

/// What a validly signed message is about; its claims are still to be read.
pub(super) fn addressed(params: &Params) -> Reading {
    Reading {
        verdict: Verdict::Genuine,
        reason: None,
        order_no: trade::order_no(params),
        trade_no: trade::trade_no(params),
        notify_id: trade::text(params, "notify_id")
            .filter(|token| is_token(token))
            .map(|token| token.into_owned()),
        previous_key: None,
        evidence: Vec::new(),
        personal: Vec::new(),
    }
}

fn authenticate(account: &Account, params: &Params, now: Timestamp) -> Result<(), &'static str> {
    check_kind(account, params)?;
    let signature = signature(params)?;
    if account.verifies(params, signature, Some(now)) || removed(Defence::NotifySignature) {
        Ok(())
    } else {
        Err("the signature is wrong: another key or charset, or changed on the way")
    }
}

/// The kind of signature is the account's, never the message's (SEC-007).
pub(super) fn check_kind(account: &Account, params: &Params) -> Result<(), &'static str> {
    account.seal.check_kind(params.get("sign_type"))
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
    witness: Witness,
    reading: &mut Reading,
) -> Result<(), Fault> {
    let profile = profile(params, witness)?;
    check_unambiguous(params, profile)?;
    check_text(account, params)?;
    check_token(params, reading)?;
    trade::check_payee(account, params)?;
    tell(account, params, witness, reading)
}

/// Which callback it is.
pub(super) fn profile(params: &Params, witness: Witness) -> Result<foreign::Profile, Fault> {
    let kind = trade::text(params, "notify_type");
    match (witness, kind.as_deref()) {
        (Witness::Return, Some(words::TRADE_SYNC) | None) => Ok(foreign::Profile::Return),
        (Witness::Notify, Some(words::TRADE_SYNC)) => Ok(foreign::Profile::Notify),
        (Witness::Notify, Some(words::BATCH_REFUND)) => Ok(foreign::Profile::BatchRefund),
        _ => Err(unclear("notify_type is missing or not of this callback")),
    }
}

/// What it claims, once everything around the claim is checked.
pub(super) fn tell(
    account: &Account,
    params: &Params,
    witness: Witness,
    reading: &mut Reading,
) -> Result<(), Fault> {
    let profile = profile(params, witness)?;
    if profile == foreign::Profile::BatchRefund {
        reading.evidence = batch::read(params)?;
        return Ok(());
    }
    let told = trade::read(account, params, None)?;
    if profile == foreign::Profile::Return {
        check_return(params, told.status)?;
    }
    let order_no = reading.order_no.clone().unwrap_or_default();
    reading.evidence = told.evidence(&order_no, witness, Proof::Signed);
    Ok(())
}

/// Whether the signing string can be cut in one way only.
pub(super) fn check_unambiguous(params: &Params, profile: foreign::Profile) -> Result<(), Fault> {
    for (name, value) in signed(params) {
        if value.contains(&b'&') && !removed(Defence::RecutCheck) {
            return Err(Fault::Unclear(format!(
                "{name} contains '&', so the signed text can be read in more than one way"
            )));
        }
        if profile.refuses(name) && !removed(Defence::ForeignNames) {
            return Err(Fault::Unclear(format!(
                "{name} does not belong into this callback"
            )));
        }
    }
    Ok(())
}

/// Whether every value is text of the account's charset.
pub(super) fn check_text(account: &Account, params: &Params) -> Result<(), Fault> {
    let charset = account.settings.charset;
    match signed(params).find(|(_, value)| charset.decode(value).is_err()) {
        None => Ok(()),
        Some((name, _)) => Err(Fault::Unclear(format!(
            "{name} is no text in {}: the account's charset may be wrong",
            charset.label()
        ))),
    }
}

fn signed(params: &Params) -> impl Iterator<Item = (&str, &[u8])> {
    params
        .iter()
        .filter(|(name, value)| !value.is_empty() && *name != "sign" && *name != "sign_type")
}

/// Whether the token for a second opinion, where there is one, is one that the gateway may have sent.
pub(super) fn check_token(params: &Params, reading: &Reading) -> Result<(), Fault> {
    match trade::text(params, "notify_id").is_some() && reading.notify_id.is_none() {
        true => Err(unclear("notify_id is not in its format")),
        false => Ok(()),
    }
}

/// A return is sent after a payment only, and says so in three places (note 2.1).
fn check_return(params: &Params, status: trade::Status) -> Result<(), Fault> {
    if trade::text(params, "is_success").as_deref() != Some("T") {
        return Err(unclear("is_success is not T"));
    }
    if trade::text(params, "exterface").is_some_and(|service| service != words::DIRECT_PAY) {
        return Err(unclear("exterface is not the service of this account"));
    }
    if status != trade::Status::Paid {
        return Err(unclear("a return with a status that is not paid"));
    }
    Ok(())
}

fn is_token(text: &str) -> bool {
    text.len() <= NOTIFY_ID_CHARS_MAX && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn unclear(what: &str) -> Fault {
    Fault::Unclear(what.to_owned())
}
