//! With what a journal begins.

use super::NewEntry;
use crate::clock::Clock;
use quittance_core::Timestamp;
use quittance_core::entry::{Direction, Parent, Record, What};

/// The version of the journal's format, in its genesis.
pub const FORMAT: u32 = 1;

/// With what a new chain begins. On one that exists it changes nothing.
#[derive(Clone)]
pub struct Genesis {
    /// The chain's id, random.
    pub chain: String,
    /// 32 random bytes for hashes of payers: the body of the first entry, secret and never erased.
    pub payer_salt: [u8; 32],
    /// 16 random bytes for the body's hash.
    pub salt: [u8; 16],
    /// When.
    pub at: Timestamp,
}

impl Genesis {
    /// With what a chain begins now.
    #[must_use]
    pub fn new(clock: &dyn Clock) -> Genesis {
        Genesis {
            chain: clock.token(),
            payer_salt: clock.nonce(),
            salt: clock.salt(),
            at: clock.wall(),
        }
    }

    /// The first entry of a journal, or (with `parents`) of one more chain in it.
    pub(super) fn entry(&self, parents: Vec<Parent>) -> NewEntry {
        let body = parents.is_empty().then(|| self.payer_salt.to_vec());
        let what = What::Genesis {
            product: "quittance".to_owned(),
            format: FORMAT,
            chain: self.chain.clone(),
            parents,
        };
        NewEntry {
            body,
            salt: self.salt,
            ..NewEntry::new(self.at, Record::new(Direction::Own, what))
        }
    }
}
