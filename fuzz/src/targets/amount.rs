//! Amounts: plain digits or nothing, and printed as they were meant (SEC-039).

use crate::target::Outcome;
use quittance_core::{Currency, Money};

pub(super) fn check(input: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(input) else {
        return Outcome::refused("no text");
    };
    if let Ok(known) = Currency::parse(text) {
        assert_eq!(known.code(), text);
        return Outcome::accepted(known);
    }
    let mut took = 0_u8;
    for (code, places) in [("CNY", 2), ("JPY", 0)] {
        let currency = Currency::parse(code).expect("it is known");
        let read = Money::parse(text, currency);
        assert_eq!(
            read.ok().map(|money| i128::from(money.minor)),
            plain(text, places),
            "as the grammar says"
        );
        let Ok(money) = read else { continue };
        took += 1;
        let printed = money.decimal();
        assert_eq!(
            Money::parse(&printed, currency),
            Ok(money),
            "what is printed reads back"
        );
        // Only zeros that were left out are added.
        let bare = |text: &str| match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text.to_owned(),
        };
        assert_eq!(bare(&printed), bare(text));
    }
    Outcome::of(
        took > 0,
        (
            took,
            text.len().min(16),
            text.find('.').map(|at| at.min(16)),
        ),
    )
}

/// The grammar `^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$`, written another time; in minor units.
fn plain(text: &str, places: usize) -> Option<i128> {
    let parts: Vec<&str> = text.split('.').collect();
    let (whole, fraction) = match parts.as_slice() {
        [whole] => (*whole, ""),
        [whole, fraction] if !fraction.is_empty() => (*whole, *fraction),
        _ => return None,
    };
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    let leading = whole.len() > 1 && whole.starts_with('0');
    if whole.is_empty() || whole.len() > 12 || leading || fraction.len() > places {
        return None;
    }
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<places$}").parse().ok()
}
