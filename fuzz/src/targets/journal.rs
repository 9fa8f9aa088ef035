//! The journal's headers: what reads as a record is written as one form only, and reads back as the same.

use crate::target::Outcome;
use quittance_core::entry::{Record, What};

pub(super) fn check(input: &[u8]) -> Outcome {
    let read = match Record::parse(input) {
        Ok(read) => read,
        Err(error) => {
            // Without its place and the words of the input.
            let cause: String = error.to_string().chars().take(16).collect();
            return Outcome::refused(cause);
        }
    };
    let header = read.header().expect("what was read can be written");
    let again = Record::parse(&header).expect("what is written can be read");
    assert_eq!(again, read);
    assert_eq!(
        again.header().expect("a second time"),
        header,
        "there is one form of it"
    );
    let kind = read.what.kind();
    let named = format!("\"kind\":\"{}\"", What::kind_name(kind));
    assert!(String::from_utf8_lossy(&header).contains(&named));
    let claims: Vec<_> = read
        .claims
        .iter()
        .map(|e| std::mem::discriminant(&e.claim))
        .take(3)
        .collect();
    Outcome::accepted((kind, claims, read.verdict.map(|verdict| verdict.word())))
}
