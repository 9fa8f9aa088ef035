//! The search on one message: what was signed, and, where the signature does not fit, what would make it fit.

use super::change::Changes;
use super::dialect::Dialect;
use super::edit;
use super::fault::Fault;
use super::guess::{Guess, Taken};
use super::mask::masked;
use super::search::{Found, Search};
use super::{Inspection, Signing, Subject};
use crate::charset::Charset;
use crate::lang::Text;
use crate::params::{Params, ParamsError};
use secrecy::SecretString;

/// A message read less strictly, with what had to be overlooked for it.
pub(in crate::gateway) type Overlooked = (Vec<Fault>, Taken);

/// The readings of form bytes: one, unless the strict one refuses.
pub(in crate::gateway) fn readings(dialect: &Dialect<'_>, wire: &[u8]) -> Vec<Overlooked> {
    let taken = |wire: &[u8]| dialect.signed(Taken::from_wire(wire, dialect.kind_signed));
    let as_it_is = |fault: Option<Fault>| vec![(Vec::from_iter(fault), taken(wire))];
    let error = match Params::parse(wire) {
        Ok(_) => return as_it_is(None),
        Err(error) => error,
    };
    let plain = edit::without_entities(wire);
    if plain != wire && Params::parse(&plain).is_ok() {
        return vec![(vec![Fault::HtmlPage], taken(&plain))];
    }
    match error {
        ParamsError::Duplicate(name) => {
            let taken = taken(wire);
            let (first, last) = (taken.clone().with_first(), taken.with_last());
            let faults = vec![Fault::Twice(name)];
            vec![(faults.clone(), first), (faults, last)]
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
pub(in crate::gateway) fn look(
    dialect: &Dialect<'_>,
    subject: &Subject<'_>,
    readings: &[Overlooked],
    inspection: &mut Inspection,
) {
    let Some((_, taken)) = readings.first() else {
        return;
    };
    let current = dialect.seal.current();
    let base = taken.guess(current);
    let shown = |guess: &Guess| shown(dialect, subject, &guess.text());
    let mut signing = Signing {
        text: shown(&base),
        mysign: base.sign().map(SecretString::from),
        sign: String::from_utf8_lossy(&masked(dialect, subject, &taken.sign)).into_owned(),
        theirs: None,
    };
    if !inspection.signed() {
        let mut search = Search::new(dialect, &taken.sign);
        let found = readings.iter().find_map(|(before, taken)| {
            let base = taken.guess(current);
            let changes = Changes::of(dialect, subject, taken);
            search.run(taken, &base, &changes, before)
        });
        inspection.tried = search.tried;
        if let Some(Found { faults, guess }) = found {
            inspection.mistakes = faults.iter().map(Fault::say).collect();
            signing.theirs = Some(shown(&guess));
        }
    }
    inspection.signing = Some(signing);
}

/// Signed bytes as text for a person. A key that somebody sent along is not shown.
fn shown(dialect: &Dialect<'_>, subject: &Subject<'_>, bytes: &[u8]) -> String {
    let bytes = masked(dialect, subject, bytes);
    let charset = match std::str::from_utf8(&bytes) {
        Ok(_) => Charset::Utf8,
        Err(_) => Charset::Gbk,
    };
    charset.display(&bytes)
}

/// A key may have been sent as a name or a number, and so have got into a sentence or a claim.
pub(in crate::gateway) fn hide_keys(
    dialect: &Dialect<'_>,
    subject: &Subject<'_>,
    inspection: &mut Inspection,
) {
    let hidden = |text: &str| {
        let bytes = masked(dialect, subject, text.as_bytes());
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
