//! The search: one change after another, then two at a time, each really hashed, until the signature fits.

use super::change::{Change, Changes};
use super::dialect::Dialect;
use super::fault::Fault;
use super::guess::{Came, Guess, Taken};
use crate::sign::Kind;

/// So many signatures are computed at most.
const TRIES_MAX: usize = 20_000;
/// So many of DSA, each of which takes as long as a hundred others.
const DSA_TRIES_MAX: usize = 200;
/// So many bytes are changed and signed at most: a long message ends the search earlier.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// What a search found.
pub(in crate::gateway) struct Found {
    /// The mistakes, together.
    pub(in crate::gateway) faults: Vec<Fault>,
    /// The guess that fits.
    pub(in crate::gateway) guess: Guess,
}

/// A search for one signature, bounded over everything that is tried.
pub(in crate::gateway) struct Search<'a> {
    dialect: Dialect<'a>,
    sign: Vec<u8>,
    came: Came,
    pub(in crate::gateway) tried: usize,
    slow: usize,
    bytes: usize,
}

impl<'a> Search<'a> {
    /// For the signature of this message. Its letter case (MD5), blanks in the place of plus signs (base64) and blanks
    /// around it are looked through, and named.
    pub(in crate::gateway) fn new(dialect: &Dialect<'a>, sign: &[u8]) -> Search<'a> {
        Search {
            dialect: *dialect,
            sign: sign.to_vec(),
            came: Came::of(sign),
            tried: 0,
            slow: 0,
            bytes: 0,
        }
    }

    /// What became of the signature itself on the way, if it is one of this kind.
    fn about_sign(&self, kind: Kind) -> impl Iterator<Item = Fault> {
        let trimmed = self.sign.trim_ascii();
        let blank = (trimmed != self.sign).then_some(Fault::SignBlank);
        let rewritten = match kind {
            Kind::Md5 => (self.came.hex.as_bytes() != trimmed).then_some(Fault::SignUpper),
            Kind::Rsa | Kind::Rsa2 | Kind::RsaS | Kind::Dsa => {
                (self.came.base64 != trimmed).then_some(Fault::SignPlus)
            }
        };
        blank.into_iter().chain(rewritten)
    }

    /// Looks at a reading of the message, as it stands and with every change. `before` is what had to be overlooked to
    /// read it at all.
    pub(in crate::gateway) fn run(
        &mut self,
        taken: &Taken,
        base: &Guess,
        changes: &Changes,
        before: Option<&Fault>,
    ) -> Option<Found> {
        if taken.fields.is_empty() {
            return None;
        }
        let (steps, guess) = self.fitting(base, changes)?;
        let faults = before.cloned().into_iter().chain(steps);
        Some(Found {
            faults: faults.chain(self.about_sign(guess.key.kind())).collect(),
            guess,
        })
    }

    fn fitting(&mut self, base: &Guess, changes: &Changes) -> Option<(Vec<Fault>, Guess)> {
        if self.fits(base) {
            return Some((Vec::new(), base.clone()));
        }
        for change in changes.broad.iter().chain(&changes.narrow) {
            if let Some(guess) = self.fitting_with(base, change) {
                return Some((vec![change.fault(&self.dialect, base)], guess));
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
                    return Some((
                        vec![
                            first.fault(&self.dialect, base),
                            second.fault(&self.dialect, &changed),
                        ],
                        guess,
                    ));
                }
            }
        }
        None
    }

    fn fitting_with(&mut self, base: &Guess, change: &Change) -> Option<Guess> {
        // A signature of another length is none, whatever is signed.
        if self.ended() || !self.came.may_be_of(change.key().unwrap_or(&base.key)) {
            return None;
        }
        self.bytes += base.cost();
        change.apply(base).filter(|guess| self.fits(guess))
    }

    fn ended(&self) -> bool {
        self.tried >= TRIES_MAX || self.bytes >= BYTES_MAX || self.slow >= DSA_TRIES_MAX
    }

    fn fits(&mut self, guess: &Guess) -> bool {
        if !self.came.may_be_of(&guess.key) {
            return false;
        }
        self.tried += 1;
        self.slow += usize::from(guess.key.kind() == Kind::Dsa);
        self.bytes += guess.cost();
        guess.fits(&self.came)
    }
}
