//! The shim under the server's syncs: built when it is needed, told what to do by the environment.

use super::Failed;
use std::path::{Path, PathBuf};
use tokio::process::Command;

const SOURCE: &str = include_str!("sync_shim.c");

/// The library, and the file that it reports to.
pub struct Shim {
    library: String,
    report: PathBuf,
}

impl Shim {
    /// Compiles it into this folder.
    ///
    /// # Errors
    /// What the compiler says.
    pub async fn build(folder: &Path) -> Result<Shim, Failed> {
        let (source, library) = (folder.join("sync_shim.c"), folder.join("sync_shim.so"));
        std::fs::write(&source, SOURCE)?;
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"]);
        let output = cc.arg(&library).arg(&source).output().await;
        let output = output.map_err(|error| format!("a C compiler is needed (cc): {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(format!("cc cannot build the shim: {said}").into());
        }
        let library = library.to_str().ok_or("the folder's name is no text")?;
        Ok(Shim {
            library: library.to_owned(),
            report: folder.join("syncs"),
        })
    }

    /// The environment of a server whose sync of this number fails (`FAIL`) or takes long (`SLEEP`).
    ///
    /// # Errors
    /// Where the last report cannot be taken away.
    pub fn environment(&self, what: &str, at: u64) -> Result<Vec<(String, String)>, Failed> {
        if self.report.exists() {
            std::fs::remove_file(&self.report)?;
        }
        Ok(vec![
            ("LD_PRELOAD".to_owned(), self.library.clone()),
            (
                "QUITTANCE_SYNC_COUNT".to_owned(),
                self.report.display().to_string(),
            ),
            (format!("QUITTANCE_SYNC_{what}_AT"), at.to_string()),
        ])
    }

    /// Syncs so far, and when (microseconds since 1970) the one was hit.
    ///
    /// # Errors
    /// Where the shim was never called: then the program does not sync through the system's library.
    pub fn report(&self) -> Result<(i64, Option<i64>), Failed> {
        let bytes = std::fs::read(&self.report)
            .map_err(|error| format!("the shim was not loaded into the server: {error}"))?;
        let number = |at: usize| {
            let bytes: Option<[u8; 8]> = bytes
                .get(at..at + 8)
                .and_then(|eight| eight.try_into().ok());
            bytes.map(i64::from_ne_bytes)
        };
        Ok((number(0).unwrap_or(0), number(8).map(|nanos| nanos / 1_000)))
    }
}
