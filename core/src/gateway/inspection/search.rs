//! The search: one change after another, then two at a time, each really hashed, until the signature fits.

use super::came::Came;
use super::change::{Change, Changes};
use super::dialect::Dialect;
use super::fault::Fault;
use super::guess::{Guess, Taken};
use crate::sign::Kind;

/// So much work is done at most. A signature of MD5, or of RSA with a short key, is one.
const WORK_MAX: usize = 20_000;
/// One of DSA takes as long as a hundred others.
const DSA_WORK: usize = 100;
/// One of RSA with a key of 2048 bits takes as long as three.
const RSA_WORK: usize = 3;
/// So many characters it has. Twice as many take four times as long.
const RSA_CHARS: usize = 344;
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
    came: Came,
    pub(in crate::gateway) tried: usize,
    work: usize,
    bytes: usize,
}

impl<'a> Search<'a> {
    /// For the signature of this message. What [`Came`] mends in it is looked through, and named.
    pub(in crate::gateway) fn new(dialect: &Dialect<'a>, sign: &[u8]) -> Search<'a> {
        Search {
            dialect: *dialect,
            came: Came::of(sign),
            tried: 0,
            work: 0,
            bytes: 0,
        }
    }

    /// Looks at a reading of the message, as it stands and with every change. `before` is what had to be overlooked to
    /// read it at all.
    pub(in crate::gateway) fn run(
        &mut self,
        taken: &Taken,
        base: &Guess,
        changes: &Changes,
        before: &[Fault],
    ) -> Option<Found> {
        if taken.fields.is_empty() {
            return None;
        }
        let (steps, guess) = self.fitting(base, changes)?;
        let about_sign = self.came.faults(guess.key.kind());
        Some(Found {
            faults: [before, &steps, about_sign].concat(),
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
        self.work >= WORK_MAX || self.bytes >= BYTES_MAX
    }

    fn fits(&mut self, guess: &Guess) -> bool {
        if !self.came.may_be_of(&guess.key) {
            return false;
        }
        self.tried += 1;
        self.work = self.work.saturating_add(self.cost(guess.key.kind()));
        self.bytes += guess.cost();
        guess.fits(&self.came)
    }

    /// How much work it is to check the signature that came.
    fn cost(&self, kind: Kind) -> usize {
        match kind {
            Kind::Md5 => 1,
            Kind::Rsa | Kind::Rsa2 | Kind::RsaS => {
                let squared = self.came.base64.len().saturating_pow(2);
                (squared.saturating_mul(RSA_WORK) / RSA_CHARS.pow(2)).max(1)
            }
            Kind::Dsa => DSA_WORK,
        }
    }
}
