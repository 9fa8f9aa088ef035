//! Shows that a program holds the words of the sabotage exactly where it was built with that feature: this one is built
//! either way, so the search that finds nothing without it is known to find them with it.

use quittance_core::sabotage::{Defence, removed};
use std::fs;

#[test]
fn only_the_feature_brings_the_words_into_a_program() {
    assert!(!removed(Defence::AmountCompare), "nobody chose any");
    let program = fs::read(std::env::current_exe().unwrap()).unwrap();
    // Put together here, so that it is not itself what is found.
    let word: Vec<u8> = ["sabo", "tage"].concat().into_bytes();
    let named = program
        .windows(word.len() + 2)
        .filter(|bytes| bytes.starts_with(&word) && bytes[word.len()] == b':')
        // A path of the language has two colons.
        .any(|bytes| bytes[word.len() + 1] != b':');
    assert_eq!(named, cfg!(feature = "sabotage"));
}
