//! Codes that somebody may have meant.

use quittance_core::codes::Codes;
use strsim::damerau_levenshtein;

/// So many are suggested.
const SUGGESTED_MAX: usize = 3;
/// One mistake in so many letters is taken for a slip of the hand.
const LETTERS_A_MISTAKE: usize = 4;
/// A longer word is no code, and is not compared with any.
const WORD_CHARS_MAX: usize = 64;
/// A shorter piece of a code says nothing about which one is meant.
const PIECE_CHARS_MIN: usize = 4;

/// The codes nearest to a word, the nearest first: those that differ in a few letters, else those that it is a piece
/// of.
pub fn near(typed: &str, speakers: &[Codes]) -> Vec<&'static str> {
    let word = typed.trim().to_ascii_uppercase().replace([' ', '-'], "_");
    let letters = word.chars().count();
    if letters > WORD_CHARS_MAX {
        return Vec::new();
    }
    let all = || speakers.iter().flat_map(Codes::all).map(|known| known.code);
    let spelt = speakers.iter().flat_map(|codes| codes.spellings).copied();
    let mut ranked: Vec<(usize, &'static str)> = all()
        .map(|code| (code, code))
        .chain(spelt)
        .map(|(written, code)| {
            let distance = damerau_levenshtein(&word, &written.to_ascii_uppercase());
            (distance, code)
        })
        .filter(|(distance, _)| *distance <= letters / LETTERS_A_MISTAKE)
        .collect();
    if ranked.is_empty() && letters >= PIECE_CHARS_MIN {
        let pieces = all().filter(|code| code.to_ascii_uppercase().contains(&word));
        ranked = pieces.map(|code| (code.len(), code)).collect();
    }
    ranked.sort_unstable();
    let mut codes: Vec<&'static str> = Vec::new();
    for (_, code) in ranked {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes.truncate(SUGGESTED_MAX);
    codes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::speakers;

    fn check(typed: &str, expected: &[&str]) {
        assert_eq!(near(typed, &speakers()), expected, "{typed:?}");
    }

    #[test]
    fn a_slip_of_the_hand_is_seen_through() {
        check("ILEGAL_SIGN", &["ILLEGAL_SIGN"]);
        check("ilegal sing", &["ILLEGAL_SIGN"]);
        check("order_cloesd", &["order_closed"]);
        check("ROYALTY_FORMAT_EROR", &["ROYALTY_FORAMT_ERROR"]);
        check("order_freezing", &[]);
        check("", &[]);
        check(&"A".repeat(100_000), &[]);
    }

    #[test]
    fn a_piece_of_a_code_is_enough() {
        check("PHISHING_KEY_TIME", &["ANTI_PHISHING_KEY_TIMEOUT"]);
        check("SIG", &[]);
    }
}
