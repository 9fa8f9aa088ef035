//! Writing settings and secrets: whole or not at all, and for nobody but their owner.

use crate::ending::Stop;
use quittance_core::Lang;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Writes a file that only its owner can read. One that is there already is replaced only where that is wanted; gives
/// whether it was written.
///
/// # Errors
/// Where the disk does not let us.
pub fn write(path: &Path, text: &str, replace: bool, lang: Lang) -> Result<bool, Stop> {
    written(path, text, replace).map_err(|error| {
        let path = path.display();
        Stop::unable(match lang {
            Lang::En => format!("{path} cannot be written: {error}.\n  To do: choose a folder that you may write to, with --config."),
            Lang::Zh => format!("无法写入 {path}：{error}。\n  处理办法：用 --config 指定可写的目录。"),
        })
    })
}

fn written(path: &Path, text: &str, replace: bool) -> std::io::Result<bool> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    make(folder)?;
    // Temporary files are their owner's alone from the beginning, and so is what they become.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    if replace {
        file.persist(path).map_err(|error| error.error)?;
        return Ok(true);
    }
    match file.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// A folder that has to be made will hold secrets.
fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
