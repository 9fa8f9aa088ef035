//! The kept inputs: one folder per target, one file per input, named by what it shows.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// An input with its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// The file.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The kept corpus of this workspace.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Where failing inputs go. Not kept: what is worth keeping moves to the corpus with a name.
#[must_use]
pub fn failures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("failures")
}

/// The inputs of one target, by the names of their files.
///
/// # Errors
/// Where the target's folder cannot be read: a target without a corpus is a mistake.
pub fn load(folder: &Path, target: &str) -> io::Result<Vec<Kept>> {
    let mut paths = fs::read_dir(folder.join(target))?
        .map(|file| Ok(file?.path()))
        .collect::<io::Result<Vec<PathBuf>>>()?;
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path)?;
        Ok(Kept { path, bytes })
    };
    paths.into_iter().map(read).collect()
}
