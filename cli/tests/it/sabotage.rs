//! No defence of the program can be taken away: the sabotage of the simulation is not in it.

use std::fs;

/// That this search finds the words where they are is shown by the core's own test of the same name, built both ways.
#[test]
fn no_word_of_the_sabotage_is_in_the_program() {
    let program = fs::read(env!("CARGO_BIN_EXE_quittance")).unwrap();
    let found = |word: &str| {
        let mut places = program.windows(word.len() + 1);
        // A path of the language has two colons.
        places.any(|bytes| bytes.starts_with(word.as_bytes()) && bytes[word.len()] != b':')
    };
    assert!(
        found("quittance:") || found("QUITTANCE_"),
        "the program can be searched"
    );
    assert!(!found("sabotage:"));
}
