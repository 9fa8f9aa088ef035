//! The file of an archive: JSON, a line for each entry, between a line that says where it begins and one that says where it
//! ends. `docs/journal.md` says the same for readers.

use crate::store::failure::Failure;
use crate::store::open::OpenError;
use crate::store::tables::EntryRow;
use crate::store::verify::Columns;
use data_encoding::{BASE64, HEXLOWER};
use quittance_core::entry::{Hash, Parent};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// The version of this format.
const FORMAT: u32 = 1;
/// No line is longer: 64 MiB. A body that is kept is far smaller.
const LINE_MAX: u64 = 64 << 20;

/// A file that cannot be written, or is no archive.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}: {why}")]
pub(in crate::store) struct BadFile {
    file: PathBuf,
    why: String,
}

impl BadFile {
    fn new(file: &Path, why: impl ToString) -> BadFile {
        BadFile {
            file: file.to_owned(),
            why: why.to_string(),
        }
    }
}

impl From<BadFile> for OpenError {
    fn from(bad: BadFile) -> OpenError {
        let BadFile { file, why } = bad;
        OpenError::Archive { file, why }
    }
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Heading {
    product: String,
    archive: u32,
    after: u64,
    begins: Vec<Parent>,
}

/// A line between the first and the last.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::store) struct Line {
    pub(in crate::store) seq: u64,
    chain: String,
    pub(in crate::store) time_us: i64,
    kind: u8,
    /// The header's bytes, which are JSON, as a text.
    pub(in crate::store) header: String,
    body_hash: String,
    prev: String,
    hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    personal: Option<String>,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ending {
    through: u64,
    ends: Vec<Parent>,
}

/// Any line.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Any {
    Heading(Heading),
    Line(Box<Line>),
    Ending(Ending),
}

/// What a file says, part by part.
pub(super) enum Part {
    /// It begins behind this entry, where the chains stood so.
    Begins { after: u64, begins: Vec<Parent> },
    /// An entry, with the personal data that it brought, as JSON.
    Entry(Box<Columns>, Option<String>),
    /// This is the newest entry in it.
    Ends { through: u64 },
}

/// A file that is being written. Nobody but its owner may look in: it holds what the database held.
pub(super) struct Writer<'a> {
    path: &'a Path,
    out: BufWriter<File>,
}

impl<'a> Writer<'a> {
    /// Makes the file, which must not be there.
    pub(super) fn create(
        path: &'a Path,
        after: u64,
        begins: &[Parent],
    ) -> Result<Writer<'a>, BadFile> {
        let mut writer = Writer {
            path,
            out: BufWriter::new(create(path)?),
        };
        writer.line(&Heading {
            product: "quittance".to_owned(),
            archive: FORMAT,
            after,
            begins: begins.to_vec(),
        })?;
        Ok(writer)
    }

    /// Writes an entry of this chain. The body of the first is a secret of the database, and stays there.
    pub(super) fn entry(
        &mut self,
        chain: &str,
        row: &EntryRow,
        personal: Option<String>,
    ) -> Result<(), BadFile> {
        let body = row.body.as_ref().filter(|_| row.seq > 1);
        let header = String::from_utf8(row.header.clone());
        self.line(&Line {
            seq: row.seq,
            chain: chain.to_owned(),
            time_us: row.time_us,
            kind: row.kind,
            header: header.map_err(|error| BadFile::new(self.path, error))?,
            body_hash: HEXLOWER.encode(&row.body_hash),
            prev: HEXLOWER.encode(&row.prev),
            hash: HEXLOWER.encode(&row.hash),
            salt: body.map(|(salt, _)| HEXLOWER.encode(salt)),
            body: body.map(|(_, body)| BASE64.encode(body)),
            personal,
        })
    }

    /// Writes the last line. The file is on the disk behind this.
    pub(super) fn end(mut self, through: u64, ends: &[Parent]) -> Result<(), BadFile> {
        self.line(&Ending {
            through,
            ends: ends.to_vec(),
        })?;
        durable(self.path, self.out)
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), BadFile> {
        put(self.path, &mut self.out, line)
    }
}

fn create(path: &Path) -> Result<File, BadFile> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map_err(|error| BadFile::new(path, error))
}

fn put(path: &Path, out: &mut BufWriter<File>, line: &impl Serialize) -> Result<(), BadFile> {
    let mut bytes = serde_json::to_vec(line).map_err(|error| BadFile::new(path, error))?;
    bytes.push(b'\n');
    out.write_all(&bytes)
        .map_err(|error| BadFile::new(path, error))
}

/// The file and its name are on the disk.
fn durable(path: &Path, out: BufWriter<File>) -> Result<(), BadFile> {
    let written = || -> std::io::Result<()> {
        out.into_inner()
            .map_err(std::io::IntoInnerError::into_error)?
            .sync_all()?;
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    written().map_err(|error| BadFile::new(path, error))
}

/// Reads a file from its first line to its last, for as long as `visit` says so.
pub(super) fn read(path: &Path, visit: &mut dyn FnMut(Part) -> bool) -> Result<(), BadFile> {
    lines(path, &mut |number, line| {
        let part = match line {
            Any::Heading(Heading { after, begins, .. }) => Part::Begins { after, begins },
            Any::Ending(Ending { through, .. }) => Part::Ends { through },
            Any::Line(line) => {
                let (personal, columns) = (line.personal.clone(), line.columns());
                let bad = || BadFile::new(path, format!("the line {number} is no entry"));
                Part::Entry(Box::new(columns.ok_or_else(bad)?), personal)
            }
        };
        Ok(visit(part))
    })
}

/// Shows every entry of a file.
pub(super) fn entries(
    path: &Path,
    mut visit: impl FnMut(Columns, Option<String>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut failed = None;
    let read = read(path, &mut |part| {
        let Part::Entry(columns, personal) = part else {
            return true;
        };
        failed = visit(*columns, personal).err();
        failed.is_none()
    });
    match (failed, read) {
        (Some(failure), _) => Err(failure),
        (None, read) => read.map_err(|bad| Failure::Database(bad.to_string())),
    }
}

/// Writes a file anew without the bodies and the personal data of some entries. Says how many had any.
pub(in crate::store) fn rewrite(
    path: &Path,
    mut erased: impl FnMut(&Line) -> bool,
) -> Result<u64, BadFile> {
    let mut name = path.as_os_str().to_owned();
    name.push(".erasing");
    let new = PathBuf::from(name);
    let mut out = BufWriter::new(create(&new)?);
    let mut count = 0;
    let written = lines(path, &mut |_, mut line| {
        if let Any::Line(line) = &mut line
            && line.tells()
            && erased(line)
        {
            count += 1;
            (line.salt, line.body, line.personal) = (None, None, None);
        }
        put(&new, &mut out, &line).map(|()| true)
    });
    let written = written.and_then(|()| durable(&new, out));
    let moved = written
        .and_then(|()| std::fs::rename(&new, path).map_err(|error| BadFile::new(path, error)));
    if moved.is_err()
        && let Err(error) = std::fs::remove_file(&new)
    {
        tracing::warn!(%error, file = %new.display(), "a file that was not completed is left behind");
    }
    moved.map(|()| count)
}

/// Shows every line of a file that is complete.
fn lines(
    path: &Path,
    visit: &mut dyn FnMut(usize, Any) -> Result<bool, BadFile>,
) -> Result<(), BadFile> {
    let file = File::open(path).map_err(|error| BadFile::new(path, error))?;
    let mut file = BufReader::new(file);
    let mut ended = false;
    let mut bytes = Vec::new();
    for number in 1_usize.. {
        bytes.clear();
        let read = (&mut file).take(LINE_MAX).read_until(b'\n', &mut bytes);
        read.map_err(|error| BadFile::new(path, error))?;
        if bytes.is_empty() {
            break;
        }
        let line: Option<Any> = serde_json::from_slice(&bytes).ok();
        let fits = match &line {
            Some(Any::Heading(heading)) => {
                number == 1 && heading.product == "quittance" && heading.archive == FORMAT
            }
            Some(Any::Line(_) | Any::Ending(_)) => number > 1 && !ended,
            None => false,
        };
        let line = line.filter(|_| fits && bytes.ends_with(b"\n"));
        let line = line.ok_or_else(|| {
            BadFile::new(path, format!("the line {number} is none of an archive's"))
        })?;
        ended |= matches!(line, Any::Ending(_));
        if !visit(number, line)? {
            return Ok(());
        }
    }
    match ended {
        true => Ok(()),
        false => Err(BadFile::new(path, "its end is missing")),
    }
}

impl Line {
    /// Whether it has bytes, or personal data, that can be erased.
    fn tells(&self) -> bool {
        self.body.is_some() || self.personal.is_some()
    }

    /// The raw bytes.
    pub(in crate::store) fn bytes(&self) -> Option<Vec<u8>> {
        BASE64.decode(self.body.as_ref()?.as_bytes()).ok()
    }

    fn columns(self) -> Option<Columns> {
        let hash =
            |text: &str| -> Option<Hash> { HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok() };
        let body = match (&self.salt, &self.body) {
            (None, None) => None,
            (Some(salt), Some(_)) => {
                let salt = HEXLOWER.decode(salt.as_bytes()).ok()?;
                Some((salt.try_into().ok()?, self.bytes()?))
            }
            _ => return None,
        };
        let (account, order_no) = about(&self.header);
        Some(Columns {
            row: EntryRow {
                seq: self.seq,
                time_us: self.time_us,
                kind: self.kind,
                body_hash: hash(&self.body_hash)?,
                prev: hash(&self.prev)?,
                hash: hash(&self.hash)?,
                header: self.header.into_bytes(),
                account,
                order_no,
                body,
            },
            chain: self.chain,
        })
    }
}

/// The account and the order that a header names.
pub(in crate::store) fn about(header: &str) -> (Option<String>, Option<String>) {
    #[derive(Deserialize)]
    struct About {
        account: Option<String>,
        order_no: Option<String>,
    }
    match serde_json::from_str(header) {
        Ok(About { account, order_no }) => (account, order_no),
        Err(_) => (None, None),
    }
}
