//! Explaining a message that was or was not believed: what was signed, which step fails, and which likely mistake
//! would make the signature fit.
//!
//! Nothing here believes anything. The steps call the checks of [`super::callback`] and [`super::query`]; the search
//! names a mistake only when the signature, computed with it, is the one that came. It is bounded whatever comes.

mod callback;
mod change;
mod edit;
mod edited;
mod fault;
mod guess;
mod known;
mod mask;
mod reply;
mod search;
mod steps;

use super::Account;
use super::envelope::Envelope;
use crate::charset::Charset;
use crate::facts::Witness;
use crate::gateway::inspection::{Exchange, Inspection, Mistake, Signing, Subject};
use crate::http::Reply;
use crate::lang::Text;
use crate::params::{Params, ParamsError};
use change::Changes;
use fault::Fault;
use guess::{Guess, Taken};
use mask::masked;
use search::{Found, Search};
use secrecy::SecretString;

/// Explains a message.
pub(super) fn inspect(account: &Account, subject: &Subject<'_>) -> Inspection {
    let mut inspection = match subject.exchange {
        Exchange::Notify => of_callback(account, subject, Witness::Notify),
        Exchange::Return => of_callback(account, subject, Witness::Return),
        Exchange::Reply => of_reply(account, subject),
    };
    hide_keys(account, subject, &mut inspection);
    inspection
}

fn of_callback(account: &Account, subject: &Subject<'_>, witness: Witness) -> Inspection {
    let (steps, evidence) = callback::steps(account, subject, witness);
    let mut inspection = Inspection {
        steps,
        signing: None,
        evidence,
        mistakes: Vec::new(),
        tried: 0,
    };
    let readings = readings(subject.wire);
    look(account, subject, &readings, &mut inspection);
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

fn of_reply(account: &Account, subject: &Subject<'_>) -> Inspection {
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
                look(account, subject, &[(None, taken)], &mut inspection);
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

/// A message read less strictly, with what had to be overlooked for it.
type Overlooked = (Option<Fault>, Taken);

/// The readings of form bytes: one, unless the strict one refuses.
fn readings(wire: &[u8]) -> Vec<Overlooked> {
    let as_it_is = |fault| vec![(fault, Taken::from_wire(wire))];
    let error = match Params::parse(wire) {
        Ok(_) => return as_it_is(None),
        Err(error) => error,
    };
    let plain = edit::without_entities(wire);
    if plain != wire && Params::parse(&plain).is_ok() {
        return vec![(Some(Fault::HtmlPage), Taken::from_wire(&plain))];
    }
    match error {
        ParamsError::Duplicate(name) => {
            let taken = Taken::from_wire(wire);
            let (first, last) = (taken.clone().with_first(), taken.with_last());
            let fault = Fault::Twice(name);
            vec![(Some(fault.clone()), first), (Some(fault), last)]
        }
        // Without a value it is not signed: a router's path, `?/pay/notify&…`.
        ParamsError::NoEquals => {
            let parts = wire.split(|byte| *byte == b'&');
            let bare = parts.filter(|part| !part.is_empty() && !part.contains(&b'='));
            let names: Vec<String> = bare
                .map(|name| String::from_utf8_lossy(name).into())
                .collect();
            as_it_is((!names.is_empty()).then_some(Fault::Extra(names)))
        }
        ParamsError::BadEscape => as_it_is(Some(Fault::NotEncoded)),
        _ => as_it_is(None),
    }
}

/// Fills in what was signed, and, where the signature does not fit, the mistakes that explain it.
fn look(
    account: &Account,
    subject: &Subject<'_>,
    readings: &[Overlooked],
    inspection: &mut Inspection,
) {
    let Some((_, taken)) = readings.first() else {
        return;
    };
    let current = account.seal.current();
    let base = taken.guess(current);
    let shown = |guess: &Guess| shown(account, subject, &guess.text());
    let mut signing = Signing {
        text: shown(&base),
        mysign: base.sign().map(SecretString::from),
        sign: String::from_utf8_lossy(&masked(account, subject, &taken.sign)).into_owned(),
        theirs: None,
    };
    if !inspection.signed() {
        let mut search = Search::new(&taken.sign);
        let found = readings.iter().find_map(|(before, taken)| {
            let base = taken.guess(current);
            let changes = Changes::of(account, subject, taken);
            search.run(taken, &base, &changes, before.as_ref())
        });
        inspection.tried = search.tried;
        if let Some(Found { faults, guess }) = found {
            inspection.mistakes = faults.iter().map(Fault::say).collect();
            signing.theirs = Some(shown(&guess));
        }
    }
    inspection.signing = Some(signing);
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

/// Signed bytes as text for a person. A key that somebody sent along is not shown.
fn shown(account: &Account, subject: &Subject<'_>, bytes: &[u8]) -> String {
    let bytes = masked(account, subject, bytes);
    let charset = match std::str::from_utf8(&bytes) {
        Ok(_) => Charset::Utf8,
        Err(_) => Charset::Gbk,
    };
    charset.display(&bytes)
}

/// A key may have been sent as a name or a number, and so have got into a sentence or a claim.
fn hide_keys(account: &Account, subject: &Subject<'_>, inspection: &mut Inspection) {
    let hidden = |text: &str| {
        let bytes = masked(account, subject, text.as_bytes());
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let steps = inspection.steps.iter_mut().map(|step| &mut step.detail);
    let mistakes = inspection.mistakes.iter_mut();
    let said = mistakes.flat_map(|mistake| [&mut mistake.cause, &mut mistake.fix]);
    for text in steps.chain(said) {
        *text = Text::from((hidden(&text.en), hidden(&text.zh)));
    }
    inspection.evidence.retain(|evidence| {
        let told = format!("{evidence:?}");
        hidden(&told) == told
    });
}
