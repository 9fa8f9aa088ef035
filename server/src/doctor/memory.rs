//! What the doctor saw the last time: where names led. A file in the data folder, of which nothing else depends.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The file's name.
const FILE: &str = "doctor.json";

/// The last run's observations.
pub(super) struct Memory {
    /// Nowhere, where the journal stands in no folder of this machine.
    path: Option<PathBuf>,
    seen: Seen,
}

#[derive(Default, Serialize, Deserialize)]
struct Seen {
    /// Where each name led.
    names: BTreeMap<String, String>,
}

impl Memory {
    /// Reads it. One that is not there, or cannot be read, remembers nothing.
    pub(super) fn open(folder: Option<&Path>) -> Memory {
        let path = folder.map(|folder| folder.join(FILE));
        let seen = path
            .as_ref()
            .and_then(|path| fs::read(path).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Memory {
            path,
            seen: seen.unwrap_or_default(),
        }
    }

    /// Where a name led.
    pub(super) fn led(&self, name: &str) -> Option<&str> {
        self.seen.names.get(name).map(String::as_str)
    }

    /// Remembers where a name leads.
    pub(super) fn leads(&mut self, name: &str, now: &str) {
        self.seen.names.insert(name.to_owned(), now.to_owned());
    }

    /// Writes it. Where that fails the next run compares with an older one; `writable` tells why.
    pub(super) fn keep(&self) {
        if let Some(path) = &self.path
            && let Ok(bytes) = serde_json::to_vec_pretty(&self.seen)
            && let Err(error) = fs::write(path, bytes)
        {
            tracing::debug!(%error, "the doctor's memory was not written");
        }
    }
}
