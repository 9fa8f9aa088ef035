//! A log whose end is torn: what a power cut leaves of the last writes. Nothing that is cut off here was promised to
//! anybody: it is cut off a copy, and the log itself only gets bytes behind its end.

use super::server::Server;
use super::site::Site;
use super::world::World;
use super::{Failed, Outcome};
use rusqlite::Connection;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// The longest piece that is cut off: some dozens of commits.
const CUT_MAX: u64 = 256 * 1024;
/// The heads of a log and of each of its frames, in bytes.
const HEAD: u64 = 32;
const FRAME_HEAD: u64 = 24;
/// From so many frames on the server moves them into the database: then they are no tail any more that a power cut takes.
const FRAMES_MAX: u64 = 16_000;
/// `started` and `settings`: what a server writes down at its start.
const AT_START: [i64; 2] = [18, 2];

/// Cuts a copy and starts a server on it, then leaves half a write behind the end of the real log. The server is dead.
///
/// # Errors
/// Where the server on the copy panics, loses more than the end, or holds what was never written.
pub async fn tear(
    world: &World,
    chance: &mut fastrand::Rng,
    outcome: &mut Outcome,
) -> Result<(), Failed> {
    let data = world.site.data();
    let log = data.join("quittance.db-wal");
    // Killed before the database was opened, there is no log.
    let frames = if log.exists() {
        frames(&std::fs::read(&log)?)
    } else {
        Frames::default()
    };
    if frames.count > 0 && frames.count < FRAMES_MAX {
        let (whole, alone) = (
            world.site.folder().join("whole"),
            world.site.folder().join("alone"),
        );
        let site = world.site.alone(&alone)?;
        let cut = site.data();
        copy(&data, &whole)?;
        copy(&data, &cut)?;
        let left = frames.end() - chance.u64(1..=CUT_MAX.min(frames.end()));
        let file = std::fs::File::options()
            .write(true)
            .open(cut.join("quittance.db-wal"))?;
        file.set_len(left)?;
        drop(file);
        starts_on(world, &site).await?;
        if lost(&whole, &cut)? > 0 {
            outcome.reach("torn_journal_tail");
        }
        std::fs::remove_dir_all(whole)?;
        std::fs::remove_dir_all(alone)?;
    }
    if frames.count == 0 {
        return Ok(());
    }
    let half: Vec<u8> = (0..chance.usize(1..6_000)).map(|_| chance.u8(..)).collect();
    let mut file = std::fs::File::options().write(true).open(&log)?;
    file.seek(SeekFrom::Start(frames.end()))?;
    file.write_all(&half)?;
    Ok(())
}

/// The frames of a log since it began anew, by SQLite's published format of write-ahead logs.
#[derive(Default)]
struct Frames {
    count: u64,
    bytes: u64,
}

impl Frames {
    /// Where the last one ends. What is behind it is of an earlier log, or nothing.
    fn end(&self) -> u64 {
        HEAD + self.count * self.bytes
    }
}

/// Counts the frames from the log's head on: as long as they have its two salts.
fn frames(log: &[u8]) -> Frames {
    let (Some(size), Some(salts)) = (log.get(8..12), log.get(16..24)) else {
        return Frames::default();
    };
    let size = size.try_into().map_or(0, u32::from_be_bytes);
    let bytes = u64::from(size) + FRAME_HEAD;
    let rest = log
        .get(usize::try_from(HEAD).unwrap_or_default()..)
        .unwrap_or_default();
    let whole = rest.chunks_exact(usize::try_from(bytes).unwrap_or(usize::MAX));
    let count = whole
        .take_while(|frame| frame.get(8..16) == Some(salts))
        .count();
    Frames {
        count: u64::try_from(count).unwrap_or_default(),
        bytes,
    }
}

/// A server starts on the copy, or says clearly why not; what it made of it holds.
async fn starts_on(world: &World, site: &Site) -> Result<(), Failed> {
    let mut server = Server::start(site, &[])?;
    let started = server.ready(world.clock()).await?.is_some();
    if started {
        server.kill().await?;
    }
    let said = site.said()?;
    if said.contains("panicked") || (!started && !said.contains("damaged")) {
        return Err(format!("on a torn log the server ends so: {said}").into());
    }
    site.holds(&site.data()).await
}

/// How many entries the cut took; what is left must be what was written, up to one place.
fn lost(whole: &Path, cut: &Path) -> Result<i64, Failed> {
    let journal = Connection::open(whole.join("quittance.db"))?;
    let cut = cut.join("quittance.db");
    journal.execute("ATTACH ?1 AS cut", [cut.to_str()])?;
    let same: i64 = journal.query_row(
        "SELECT coalesce(min(o.seq) - 1, (SELECT max(seq) FROM main.entries)) FROM main.entries o
         LEFT JOIN cut.entries c ON c.seq = o.seq AND c.hash = o.hash WHERE c.seq IS NULL",
        [],
        |row| row.get(0),
    )?;
    let newest: i64 =
        journal.query_row("SELECT max(seq) FROM main.entries", [], |row| row.get(0))?;
    let next: Option<i64> = journal
        .query_row(
            "SELECT kind FROM cut.entries WHERE seq = ?1",
            [same + 1],
            |row| row.get(0),
        )
        .ok();
    match next {
        Some(kind) if !AT_START.contains(&kind) => Err(format!(
            "the torn log holds, at entry {}, what was never written (kind {kind})",
            same + 1
        )
        .into()),
        _ => Ok(newest - same),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    std::fs::create_dir(to)?;
    for name in ["quittance.db", "quittance.db-wal"] {
        std::fs::copy(from.join(name), to.join(name))?;
    }
    Ok(())
}
