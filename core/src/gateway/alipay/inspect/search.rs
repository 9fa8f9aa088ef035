//! The search: one change after another, then two at a time, each really hashed, until the signature fits.

use super::change::{Change, Changes};
use super::fault::Fault;
use super::guess::{Guess, Taken};

/// So many signatures are computed at most.
const TRIES_MAX: usize = 20_000;
/// So many bytes are changed and signed at most: a long message ends the search earlier.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// What a search found.
pub(super) struct Found {
    /// The mistakes, together.
    pub(super) faults: Vec<Fault>,
    /// The guess that fits.
    pub(super) guess: Guess,
}

/// A search for one signature, bounded over everything that is tried.
pub(super) struct Search {
    target: Vec<u8>,
    about_sign: Vec<Fault>,
    pub(super) tried: usize,
    bytes: usize,
}

impl Search {
    /// For the signature of this message. Its letter case and blanks around it are looked through, and named.
    pub(super) fn new(sign: &[u8]) -> Search {
        let trimmed = sign.trim_ascii();
        let target = trimmed.to_ascii_lowercase();
        let mut about_sign = Vec::new();
        if trimmed != sign {
            about_sign.push(Fault::SignBlank);
        }
        if target != trimmed {
            about_sign.push(Fault::SignUpper);
        }
        Search {
            target,
            about_sign,
            tried: 0,
            bytes: 0,
        }
    }

    /// Looks at a reading of the message, as it stands and with every change. `before` is what had to be overlooked to
    /// read it at all.
    pub(super) fn run(
        &mut self,
        taken: &Taken,
        base: &Guess,
        changes: &Changes,
        before: Option<&Fault>,
    ) -> Option<Found> {
        // A signature of another length is none, whatever is signed.
        if self.target.len() != 32 || taken.fields.is_empty() {
            return None;
        }
        let (steps, guess) = self.fitting(base, changes)?;
        let faults = before.cloned().into_iter().chain(steps);
        Some(Found {
            faults: faults.chain(self.about_sign.iter().cloned()).collect(),
            guess,
        })
    }

    fn fitting(&mut self, base: &Guess, changes: &Changes) -> Option<(Vec<Fault>, Guess)> {
        if self.fits(base) {
            return Some((Vec::new(), base.clone()));
        }
        for change in changes.broad.iter().chain(&changes.narrow) {
            if let Some(guess) = self.fitting_with(base, change) {
                return Some((vec![change.fault(base)], guess));
            }
        }
        for first in &changes.broad {
            let Some(changed) = first.apply(base) else {
                continue;
            };
            for second in changes
                .broad
                .iter()
                .filter(|second| first.goes_with(second))
            {
                if let Some(guess) = self.fitting_with(&changed, second) {
                    return Some((vec![first.fault(base), second.fault(&changed)], guess));
                }
            }
        }
        None
    }

    fn fitting_with(&mut self, base: &Guess, change: &Change) -> Option<Guess> {
        if self.ended() {
            return None;
        }
        self.bytes += base.cost();
        change.apply(base).filter(|guess| self.fits(guess))
    }

    fn ended(&self) -> bool {
        self.tried >= TRIES_MAX || self.bytes >= BYTES_MAX
    }

    fn fits(&mut self, guess: &Guess) -> bool {
        self.tried += 1;
        self.bytes += guess.cost();
        guess.sign().as_bytes() == self.target
    }
}
