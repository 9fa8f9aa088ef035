//! The three values of a verification, as the guide has a shop write them into its log (seed 001 4.4): the sign that
//! we computed, the sign that came, and what the gateway said when it was asked.
//!
//! They are not written down a second time: an entry holds what came of it and the stored message holds the rest, so
//! they are drawn from both whenever they are shown. No sign of ours is ever shown that did not come from outside
//! already, and none in whole: nobody learns from a log how to sign (SEC-017).

use super::{Opinion, Verdict};
use crate::entry::{Record, What};
use crate::flat::Flat;
use crate::params::Params;
use serde::Serialize;

/// A wrong sign is shown up to this length; longer than that, only its two ends are.
const SHOWN_CHARS_MAX: usize = 64;
/// So many characters of each end of a sign that fits are shown.
const END_CHARS: usize = 4;

/// The three values, each in a form that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Verification {
    /// The sign that we computed: masked where the received one equals it, else the word `different`. `None` where
    /// there was nothing to compare, or the message was erased since.
    pub mysign: Option<String>,
    /// The sign that came, masked where it fits. `None` where none came, or the message was erased since.
    pub sign: Option<String>,
    /// Whether the two were equal.
    pub equal: bool,
    /// The name of the previous key that fitted; `None` where the current one did, or none.
    pub key: Option<String>,
    /// What the gateway said when it was asked whether it sent this; `None` where nobody asked.
    pub response: Option<Opinion>,
}

impl Verification {
    /// Of an entry with the message that it kept. `None` where the entry is no answered callback.
    #[must_use]
    pub fn of(record: &Record, message: Option<&[u8]>) -> Option<Verification> {
        let (What::Notify(callback) | What::Return(callback)) = &record.what else {
            return None;
        };
        let equal = !matches!(record.verdict?, Verdict::BadSignature | Verdict::Malformed);
        let sign = message.and_then(received);
        let shown = sign.as_deref().map(|sign| match equal {
            true => ends(sign),
            false => bounded(sign),
        });
        Some(Verification {
            mysign: match equal {
                true => shown.clone(),
                false => shown.as_ref().map(|_| "different".to_owned()),
            },
            sign: shown,
            equal,
            key: callback.key.clone(),
            response: callback.opinion,
        })
    }
}

/// The sign in a message of parameters, or of flat JSON.
fn received(message: &[u8]) -> Option<String> {
    let Ok(params) = Params::parse(message) else {
        return Flat::parse(message).ok()?.get("sign").map(str::to_owned);
    };
    let sign = params.get("sign").filter(|sign| !sign.is_empty())?;
    Some(String::from_utf8_lossy(sign).into_owned())
}

/// Both ends of a sign. What is too short to have two ends shows nothing.
fn ends(sign: &str) -> String {
    let letters: Vec<char> = sign.chars().collect();
    match letters.len() {
        count if count >= 4 * END_CHARS => {
            let first: String = letters.iter().take(END_CHARS).collect();
            let last: String = letters.iter().skip(count - END_CHARS).collect();
            format!("{first}…{last}")
        }
        _ => "…".to_owned(),
    }
}

fn bounded(sign: &str) -> String {
    match sign.chars().count() <= SHOWN_CHARS_MAX {
        true => sign.to_owned(),
        false => ends(sign),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Callback, Direction};

    const SIGN: &str = "0123456789abcdef0123456789abcdef";

    fn verification(verdict: Verdict, message: Option<&str>) -> Verification {
        let callback = Callback {
            opinion: Some(Opinion::False),
            ..Callback::default()
        };
        let mut record = Record::new(Direction::In, What::Notify(callback));
        record.verdict = Some(verdict);
        Verification::of(&record, message.map(str::as_bytes)).unwrap()
    }

    /// SEC-017: neither value can be used to sign, whatever came.
    #[test]
    fn a_sign_that_fits_shows_its_ends_only() {
        let message = format!("a=1&sign={SIGN}&sign_type=MD5");
        for verdict in [Verdict::Genuine, Verdict::Ambiguous, Verdict::PayeeMismatch] {
            let found = verification(verdict, Some(&message));
            assert_eq!(found.mysign.as_deref(), Some("0123…cdef"));
            assert_eq!(found.sign, found.mysign);
            assert!(found.equal);
            assert_eq!(found.response, Some(Opinion::False));
        }
        let short = verification(Verdict::Genuine, Some("sign=0123456789"));
        assert_eq!(short.mysign.as_deref(), Some("…"));
    }

    /// SEC-017: of a sign that does not fit we tell what came, and of ours only that it is another.
    #[test]
    fn a_sign_that_does_not_fit_learns_nothing_of_ours() {
        let message = format!("a=1&sign={SIGN}&sign_type=MD5");
        let found = verification(Verdict::BadSignature, Some(&message));
        assert_eq!(found.mysign.as_deref(), Some("different"));
        assert_eq!(found.sign.as_deref(), Some(SIGN));
        assert!(!found.equal);
        let long = format!("sign={}", "a".repeat(344));
        let found = verification(Verdict::BadSignature, Some(&long));
        assert_eq!(found.sign.as_deref(), Some("aaaa…aaaa"));
    }

    #[test]
    fn a_sign_in_json_is_found() {
        let message = format!("{{\"a\":\"1&2\",\"sign\":\"{SIGN}==\"}}");
        let found = verification(Verdict::Genuine, Some(&message));
        assert_eq!(found.sign.as_deref(), Some("0123…ef=="));
    }

    #[test]
    fn nothing_is_told_where_nothing_came_or_is_left() {
        for message in [None, Some("a=1"), Some("sign=&a=1"), Some("sign=1&sign=2")] {
            let found = verification(Verdict::BadSignature, message);
            assert_eq!((found.mysign, found.sign), (None, None), "{message:?}");
        }
        let note = Record::new(Direction::Own, What::Anchor {});
        assert_eq!(Verification::of(&note, None), None);
    }
}
