//! One signing string, cut in every way: no two cuts that are believed may differ (SEC-001..003).

use crate::target::Outcome;
use crate::world::{CONTRACTS, KEY, now};
use quittance_core::gateway::{Gateway, Reading, Verdict};
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use secrecy::SecretString;

/// A string with at most so many separators is cut in every way, which makes 2^N cuts …
const EVERY_CUT: usize = 7;
/// … and of a longer one the full cut, and all that leave out one or two of its separators up to so many cuts.
const CUTS_MAX: usize = 160;

pub(super) fn check(input: &[u8]) -> Outcome {
    let Ok(form) = Params::parse(input) else {
        return Outcome::refused("no form");
    };
    let text = presign(&form);
    let sign = md5_sign(&text, &SecretString::from(KEY));
    let honest = honest(&form);
    let places: Vec<usize> = (0..text.len()).filter(|at| text[*at] == b'&').collect();
    let own = std::iter::once(form.clone());
    let cuts = ways(&places)
        .into_iter()
        .filter_map(|at| cut(&text, &at, &sign));
    let mut authentic = 0_u8;
    let mut believed: [Option<Reading>; 2] = [None, None];
    for form in own.chain(cuts) {
        let same = presign(&form) == text;
        let wire = form.to_wire();
        let account = &CONTRACTS[0].account;
        let readings = [
            account.read_notify(wire.as_bytes(), now()),
            account.read_return(wire.as_bytes(), now()),
        ];
        for (reading, first) in readings.into_iter().zip(&mut believed) {
            if form.get("sign") == Some(sign.as_bytes()) && form.get("sign_type") == Some(b"MD5") {
                assert_eq!(
                    reading.authentic(),
                    same,
                    "signed is what makes the same text"
                );
            }
            authentic = authentic.saturating_add(u8::from(reading.authentic()));
            if reading.verdict != Verdict::Genuine {
                assert!(reading.evidence.is_empty());
                continue;
            }
            for (name, value) in honest.iter().flatten() {
                assert_eq!(form.get(name), Some(*value), "{name} was cut in");
            }
            match first {
                Some(first) => {
                    assert_eq!(critical(first), critical(&reading), "two cuts are believed")
                }
                None => *first = Some(reading),
            }
        }
    }
    let ways = believed.each_ref().map(Option::is_some);
    Outcome::of(
        ways.contains(&true),
        (ways, authentic.min(16), places.len().min(24)),
    )
}

/// What the gateway said, if the form is one that it could have sent: whatever texts of a buyer it carries, what
/// decides stands there in full. Then no cut that is believed may say anything else.
fn honest(form: &Params) -> Option<[(&'static str, &[u8]); 4]> {
    let said = |name| {
        let value = form.get(name)?;
        (!value.is_empty() && !value.contains(&b'&')).then_some((name, value))
    };
    Some([
        said("out_trade_no")?,
        said("total_fee")?,
        said("trade_no")?,
        said("trade_status")?,
    ])
}

/// What decides.
fn critical(reading: &Reading) -> impl PartialEq + std::fmt::Debug {
    (
        reading.order_no.clone(),
        reading.trade_no.clone(),
        reading.evidence.clone(),
    )
}

/// At which separators to cut.
fn ways(places: &[usize]) -> Vec<Vec<usize>> {
    if places.len() <= EVERY_CUT {
        let chosen = |mask: u32| {
            let bit = |number: &usize| mask >> number & 1 == 1;
            (0..places.len())
                .filter(bit)
                .map(|number| places[number])
                .collect()
        };
        return (0..1 << places.len()).map(chosen).collect();
    }
    let without = |one: usize, other: usize| {
        let left = |at: &&usize| **at != one && **at != other;
        places.iter().filter(left).copied().collect::<Vec<usize>>()
    };
    let pairs = places.iter().enumerate().flat_map(|(number, one)| {
        places[number..]
            .iter()
            .map(move |other| without(*one, *other))
    });
    std::iter::once(places.to_vec())
        .chain(pairs)
        .take(CUTS_MAX)
        .collect()
}

/// The text cut at these places, with its signature. `None` where that makes no form.
fn cut(text: &[u8], at: &[usize], sign: &str) -> Option<Params> {
    let mut form = Params::new();
    let mut start = 0;
    for end in at.iter().copied().chain([text.len()]) {
        let field = &text[start..end];
        let equals = field.iter().position(|byte| *byte == b'=')?;
        let name = std::str::from_utf8(&field[..equals]).ok()?;
        form.push(name, &field[equals + 1..]).ok()?;
        start = end + 1;
    }
    form.push("sign", sign.as_bytes()).ok()?;
    form.push("sign_type", b"MD5").ok()?;
    Some(form)
}
