//! One target's run: the kept inputs first, then new ones made of them.

use crate::corpus::Kept;
use crate::mutate::Mutator;
use crate::shrink::shrink;
use crate::target::Target;
use crate::watch;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// More inputs than this are not kept: reasons may hold words of the input.
const POOL_MAX: usize = 4096;

/// An input that broke a property.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The input as it was tried.
    pub input: Vec<u8>,
    /// Where and why it panicked.
    pub said: String,
}

/// A hunt on one target. The inputs follow from the seed, the target's name and its corpus alone.
#[derive(Debug)]
pub struct Hunt<'a> {
    target: &'a Target,
    mutator: Mutator,
    pool: Vec<Vec<u8>>,
    prints: BTreeSet<u64>,
    runs: u64,
    kept: usize,
}

impl<'a> Hunt<'a> {
    /// A hunt that has tried nothing yet.
    #[must_use]
    pub fn new(target: &'a Target, seed: u64) -> Hunt<'a> {
        let mixed = Sha256::new()
            .chain_update(seed.to_be_bytes())
            .chain_update(target.name)
            .finalize();
        let seed = mixed.iter().take(8);
        let seed = seed.fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        Hunt {
            target,
            mutator: Mutator::new(seed),
            pool: Vec::new(),
            prints: BTreeSet::new(),
            runs: 0,
            kept: 0,
        }
    }

    /// Tries the kept inputs.
    ///
    /// # Errors
    /// The first that fails.
    pub fn replay(&mut self, corpus: &[Kept]) -> Result<(), Failure> {
        for kept in corpus {
            self.attempt(&kept.bytes)?;
            self.pool.push(kept.bytes.clone());
        }
        self.kept = self.pool.len();
        Ok(())
    }

    /// Tries one new input and gives it back.
    ///
    /// # Errors
    /// Where it fails.
    pub fn step(&mut self) -> Result<Vec<u8>, Failure> {
        let input = self.mutator.next(self.target, &self.pool);
        if self.attempt(&input)? && self.pool.len() < POOL_MAX {
            self.pool.push(input.clone());
        }
        Ok(input)
    }

    /// How many inputs were tried.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// How many new inputs were kept, each for an outcome that none before it had.
    #[must_use]
    pub fn found(&self) -> usize {
        self.pool.len() - self.kept
    }

    /// Whether it ended as no input before it.
    fn attempt(&mut self, input: &[u8]) -> Result<bool, Failure> {
        self.runs += 1;
        match watch::run(self.target, input) {
            Ok(outcome) => Ok(self.prints.insert(outcome.print)),
            Err(said) => Err(Failure {
                input: input.to_vec(),
                said,
            }),
        }
    }
}

/// Shrinks a failing input and writes it to `folder/TARGET/HASH`.
///
/// # Errors
/// Where it cannot be written.
pub fn keep(folder: &Path, target: &Target, failure: &Failure) -> io::Result<PathBuf> {
    let least = shrink(target, &failure.input);
    let folder = folder.join(target.name);
    fs::create_dir_all(&folder)?;
    let path = folder.join(HEXLOWER.encode(&Sha256::digest(&least)[..8]));
    fs::write(&path, least)?;
    Ok(path)
}
