//! Explaining a message that was or was not believed: what was signed, which step fails, and which likely mistake
//! would make the signature fit.
//!
//! Nothing here believes anything. The steps call the checks of [`super::callback`] and [`super::query`]; the search
//! names a mistake only when the signature, computed with it, is the one that came. It is bounded whatever comes.

mod callback;
mod known;
mod reply;

use super::envelope::Envelope;
use super::{Account, settings};
use crate::charset::Charset;
use crate::facts::Witness;
use crate::gateway::inspection::{
    Dialect, Exchange, Fault, Identity, Inspection, Mistake, Subject, Taken, hide_keys, look,
    readings,
};
use crate::http::Reply;
use crate::params::Params;

/// The partner, which people take for the key.
const PARTNER: Identity = Identity {
    code: "key_is_partner",
    cause: (
        "it was signed with the partner id in the place of the key",
        "签名时把合作者身份 ID（partner）当成了 key",
    ),
    fix: (
        "exchange partner and key where this was signed: the partner is 16 digits beginning 2088, the key 32 letters and digits",
        "请在签名的一方把 partner 与 key 对调：partner 是以 2088 开头的 16 位数字，key 是 32 位字母和数字",
    ),
};

/// Explains a message.
pub(super) fn inspect(account: &Account, subject: &Subject<'_>) -> Inspection {
    let constants = |taken: &Taken| known::constants(account, taken);
    let dialect = Dialect {
        seal: &account.seal,
        keys: &account.settings.keys,
        place: settings::SIGNING.place,
        identity: Some((&account.settings.partner, PARTNER)),
        names: &known::NAMES,
        money: &known::MONEY,
        kind_signed: false,
        only_names: false,
        constants: &constants,
    };
    let mut inspection = match subject.exchange {
        Exchange::Notify => of_callback(account, &dialect, subject, Witness::Notify),
        Exchange::Return => of_callback(account, &dialect, subject, Witness::Return),
        Exchange::Reply => of_reply(account, &dialect, subject),
    };
    hide_keys(&dialect, subject, &mut inspection);
    inspection
}

fn of_callback(
    account: &Account,
    dialect: &Dialect<'_>,
    subject: &Subject<'_>,
    witness: Witness,
) -> Inspection {
    let (steps, evidence) = callback::steps(account, subject, witness);
    let mut inspection = Inspection {
        steps,
        signing: None,
        evidence,
        mistakes: Vec::new(),
        tried: 0,
    };
    let readings = readings(dialect, subject.wire);
    look(dialect, subject, &readings, &mut inspection);
    if inspection.signed() && callback::wrong_text(account, subject.wire) {
        inspection.mistakes = other_charset(account, |charset| {
            let params = Params::parse(subject.wire).unwrap_or_default();
            params
                .iter()
                .all(|(_, value)| charset.decode(value).is_ok())
        });
    }
    inspection
}

fn of_reply(account: &Account, dialect: &Dialect<'_>, subject: &Subject<'_>) -> Inspection {
    let reply = Reply::new(200, subject.wire);
    let envelope = Envelope::read(&reply, account.settings.charset);
    let (steps, evidence) = reply::steps(account, &envelope);
    let mut inspection = Inspection {
        steps,
        signing: None,
        evidence,
        mistakes: Vec::new(),
        tried: 0,
    };
    match &envelope {
        Ok(envelope) => {
            if let (Some(trade), Some(sign)) = (reply::trade_of(envelope), &envelope.sign) {
                let taken =
                    Taken::from_params(&trade.children, sign, envelope.sign_type.as_deref());
                look(dialect, subject, &[(Vec::new(), taken)], &mut inspection);
            }
        }
        Err(_) => {
            inspection.mistakes = other_charset(account, |charset| {
                let read = Envelope::read(&reply, charset);
                read.is_ok_and(|envelope| signed_by(account, &envelope))
            });
        }
    }
    inspection
}

/// The first charset other than the account's that passes, as a mistake.
fn other_charset(account: &Account, passes: impl Fn(Charset) -> bool) -> Vec<Mistake> {
    let ours = account.settings.charset;
    let other = match ours {
        Charset::Utf8 => Charset::Gbk,
        Charset::Gbk | Charset::Gb2312 => Charset::Utf8,
    };
    match passes(other) {
        true => vec![Fault::AccountCharset(other).say()],
        false => Vec::new(),
    }
}

fn signed_by(account: &Account, envelope: &Envelope) -> bool {
    let kind = envelope.sign_type.as_deref() == Some(account.seal.kind().word());
    match (reply::trade_of(envelope), &envelope.sign) {
        (Some(trade), Some(sign)) => {
            kind && account.verifies(&trade.children, sign.as_bytes(), None)
        }
        _ => false,
    }
}
