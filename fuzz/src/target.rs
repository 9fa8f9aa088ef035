//! What a target is, and what it says of an input.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Something of the product that reads bytes, with the properties that must hold whatever the bytes are.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name: on the command line, and of its folder in the corpus.
    pub name: &'static str,
    /// Reads the input and panics where a property is broken.
    pub check: fn(&[u8]) -> Outcome,
    /// Words of the protocol that the mutator strews in.
    pub words: &'static [&'static [&'static str]],
    /// Where inputs hold names with values: so that the mutator may change whole pairs.
    pub shape: Option<Shape>,
    /// Makes a changed input valid again, by signing it with the test key: so it gets past the signature. `None` for
    /// an input that cannot be.
    pub mend: Option<Mend>,
    /// Fewer inputs per second than this mean that something hangs, or that nothing is tried.
    pub floor: u64,
}

/// Makes another input of one, where that can be done.
pub type Mend = fn(&[u8]) -> Option<Vec<u8>>;

/// Names with values, decoded.
pub type Pairs = Vec<(String, Vec<u8>)>;

/// How to take the pairs out of an input, and how to put others in their place.
#[derive(Clone, Copy)]
pub struct Shape {
    /// The pairs; `None` where the input has not that shape.
    pub read: fn(&[u8]) -> Option<Pairs>,
    /// The input with these in their place.
    pub write: fn(&[u8], Pairs) -> Option<Vec<u8>>,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Target").field(&self.name).finish()
    }
}

/// What came of an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Whether the product took it for what it should be: parsed it, believed it, answered it well.
    pub accepted: bool,
    /// A small hash of how it ended. An input with a print that no earlier one had is kept for the run.
    pub print: u64,
}

impl Outcome {
    /// It was taken; `how` tells apart the ways in which that can be.
    #[must_use]
    pub fn accepted(how: impl Hash) -> Outcome {
        Outcome::of(true, how)
    }

    /// It was refused; `why` tells apart the reasons.
    #[must_use]
    pub fn refused(why: impl Hash) -> Outcome {
        Outcome::of(false, why)
    }

    /// One or the other.
    #[must_use]
    pub fn of(accepted: bool, how: impl Hash) -> Outcome {
        let mut hasher = DefaultHasher::new();
        (accepted, how).hash(&mut hasher);
        Outcome {
            accepted,
            print: hasher.finish(),
        }
    }
}

/// The end of a reason, without the names and values that stand before it: those would make every input a new one. A
/// code of the gateway's, which may be any word, is none.
#[must_use]
pub fn gist(reason: &str) -> &str {
    if !reason.contains(' ') {
        return "";
    }
    let skipped = reason.len().saturating_sub(24);
    let start = (skipped..=reason.len()).find(|at| reason.is_char_boundary(*at));
    &reason[start.unwrap_or(0)..]
}
