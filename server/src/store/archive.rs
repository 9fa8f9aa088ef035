//! Archives: the oldest entries move into a file, with their bodies and personal data, and can be put back.
//!
//! What the journal was folded to stays, so orders are shown and refunded as before. The entry that tells of the move says
//! where each chain stood at its end, so what is left can be verified alone, and the file with it. The first entry stays:
//! the journal's name is in it, and in its body the salt of the payers.

mod file;

use super::batch::Batch;
use super::database::Database;
use super::failure::Failure;
use super::keys::Keys;
use super::maintain::alone;
use super::open::OpenError;
use super::sql::{Param, Sql};
use super::verify::{Broken, Columns, Walk, broken, hex};
use super::{Genesis, Render, marks, read, rows};
use file::{Part, Writer};
use quittance_core::Timestamp;
use quittance_core::entry::{Direction, Hash, Parent, Record, What};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) use file::{BadFile, about, rewrite};

/// What was written later than this before the time of the move stays: callbacks come again for a day, deliveries are
/// tried for three, and whoever looks into something looks at the last week. 7 days.
pub const ARCHIVE_AGE_MIN: jiff::SignedDuration = jiff::SignedDuration::from_hours(7 * 24);

/// Where a database's entries begin behind those that were moved away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cut {
    /// The entry that says so.
    pub(super) told: u64,
    /// The newest entry that was moved.
    pub(super) through: u64,
    /// The hash of the first entry, in hexadecimal.
    pub(super) first: String,
    /// Where the chains stood there.
    pub(super) ends: Vec<Parent>,
    /// The entry that told of the move before.
    pub(super) earlier: Option<u64>,
}

/// Where the database's entries begin behind those that were moved into archives, if any were.
pub(super) fn cut(sql: &dyn Sql) -> Result<Option<Cut>, Failure> {
    let told = read::mark(sql, "archived")?;
    if told == 0 {
        return Ok(None);
    }
    let found = sql.one(
        "SELECT header FROM entries WHERE seq = ?1",
        &[rows::int(told).into()],
    )?;
    let header: Option<Vec<u8>> = found.map(|row| row.get(0)).transpose()?;
    match header.as_deref().map(Record::parse) {
        Some(Ok(Record {
            what:
                What::Archived {
                    through,
                    first,
                    ends,
                    earlier,
                    ..
                },
            ..
        })) => Ok(Some(Cut {
            told,
            through,
            first,
            ends,
            earlier,
        })),
        _ => Err(Failure::damaged(format_args!(
            "the entry {told} should tell what is in archives, and does not"
        ))),
    }
}

/// What was moved into an archive, or put back from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Archived {
    /// Behind this entry it begins.
    pub after: u64,
    /// The newest entry in it.
    pub through: u64,
    /// How many entries were moved, the first of all not counted.
    pub entries: u64,
    /// How many of them had their body.
    pub bodies: u64,
}

/// Why nothing was moved.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The journal does not hold.
    #[error(
        "the journal is broken, and nothing was moved: {0}; `quittance journal verify` says more"
    )]
    Broken(Broken),
    /// Too young.
    #[error("entries of the last 7 days stay in the database: give a time before {0}")]
    Young(Timestamp),
    /// Nothing is that old.
    #[error("no entry that is still in the database is older than that: nothing was moved")]
    Nothing,
    /// The file is complete, and what is in it may still be in the database.
    #[error(
        "{file} is complete, but taking its entries out of the database failed: {why}; `quittance journal verify` says whether they are still there: if they are, remove the file and archive again"
    )]
    Kept {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// The file is not the newest archive of this journal.
    #[error(
        "{file} is not the archive that was made last of this journal: {why}; archives are put back newest first"
    )]
    Other {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
}

impl From<Failure> for ArchiveError {
    fn from(failure: Failure) -> ArchiveError {
        ArchiveError::Open(failure.into())
    }
}

impl From<BadFile> for ArchiveError {
    fn from(bad: BadFile) -> ArchiveError {
        ArchiveError::Open(bad.into())
    }
}

/// Moves all entries that are older than `before` into a new file, at the time of `genesis`. The server must be stopped.
///
/// # Errors
/// [`ArchiveError`] says what to do.
pub fn archive(
    database: &Database,
    render: Arc<dyn Render>,
    genesis: &Genesis,
    before: Timestamp,
    file: &Path,
) -> Result<Archived, ArchiveError> {
    let now = genesis.at;
    let youngest = now.checked_sub(ARCHIVE_AGE_MIN).unwrap_or(Timestamp::MIN);
    if before > youngest {
        return Err(ArchiveError::Young(youngest));
    }
    alone(database, render, genesis, |engine| {
        let copy = database.read(|sql| Ok(copy(sql, before, file)))??;
        let kept = |why: String| ArchiveError::Kept {
            file: file.to_owned(),
            why,
        };
        let mut again = Walk::of_archives(None);
        let read = walk(file, &mut again).map_err(|error| kept(error.to_string()))?;
        read.map_err(|broken| kept(broken.to_string()))?;
        if again.tips != copy.tips || again.verified.seq != copy.archived.through {
            return Err(kept("it reads otherwise than it was written".to_owned()));
        }
        let taken = engine.transact(Keys::default(), &mut |batch| take_out(batch, now, &copy));
        taken.map_err(|failure| kept(failure.to_string()))?;
        Ok(copy.archived)
    })
}

/// What a file was made of.
struct Copy {
    archived: Archived,
    /// Each chain's newest entry in it.
    tips: BTreeMap<String, (u64, Hash)>,
    ends: Vec<Parent>,
    /// The hash of the first entry of all, in hexadecimal.
    first: String,
    /// The entry that tells of the move before.
    earlier: Option<u64>,
}

/// Writes the file, and checks what goes into it. Where that fails, there is no file.
fn copy(sql: &dyn Sql, before: Timestamp, file: &Path) -> Result<Copy, ArchiveError> {
    let cut = self::cut(sql)?;
    let after = cut.as_ref().map_or(0, |cut| cut.through);
    let old = sql.one(
        "SELECT time_us FROM entries WHERE seq > ?1 AND seq > 1 ORDER BY seq LIMIT 1",
        &[rows::int(after).into()],
    )?;
    let oldest: Option<i64> = old.map(|row| row.get(0)).transpose()?;
    if oldest.is_none_or(|oldest| oldest >= before.as_microsecond()) {
        return Err(ArchiveError::Nothing);
    }
    let begins = cut.as_ref().map_or(&[][..], |cut| &cut.ends);
    let writer = Writer::create(file, after, begins)?;
    let copied = copy_into(writer, sql, before, cut.as_ref());
    if copied.is_err()
        && let Err(error) = std::fs::remove_file(file)
    {
        tracing::warn!(%error, file = %file.display(), "an archive that was not completed is left behind");
    }
    copied
}

fn copy_into(
    mut writer: Writer<'_>,
    sql: &dyn Sql,
    before: Timestamp,
    cut: Option<&Cut>,
) -> Result<Copy, ArchiveError> {
    let after = cut.map_or(0, |cut| cut.through);
    let mut walk = Walk::of_archives(None);
    if let Some(cut) = cut {
        walk.skip(after, &cut.ends).map_err(ArchiveError::Broken)?;
    }
    let statement = format!(
        "SELECT {}, p.data
         FROM entries e LEFT JOIN bodies b ON b.seq = e.seq LEFT JOIN personal p ON p.seq = e.seq
         WHERE e.seq > ?1 AND e.seq <= ?2 ORDER BY e.seq",
        Columns::named(sql)
    );
    let (from, to) = (rows::int(after).into(), sql.settled()?.into());
    let mut ended = None;
    let read = sql.each(&statement, &[from, to], &mut |row| {
        let one = Columns::read(&row)?;
        let old = one.row.seq == 1 || one.row.time_us < before.as_microsecond();
        let done = match old {
            false => Err(None),
            true => match walk.link(&one) {
                Ok(()) => writer
                    .entry(&walk.verified.chain, &one.row, row.get(12)?)
                    .map_err(|bad| Some(bad.into())),
                Err(broken) => Err(Some(ArchiveError::Broken(broken))),
            },
        };
        done.map_err(|why| {
            ended = Some(why);
            // No failure: it ends the reading.
            Failure::Cursor
        })
    });
    match ended {
        Some(Some(error)) => return Err(error),
        Some(None) => {}
        None => read?,
    }
    let through = walk.verified.seq;
    let heads = marks::heads(sql)?;
    let ends = walk.ends(|chain| heads.get(chain).is_some_and(|(seq, _)| *seq > through));
    let first = match (walk.first, cut) {
        (Some(first), _) => hex(&first),
        (None, Some(cut)) => cut.first.clone(),
        (None, None) => return Err(Failure::damaged("the first entry is missing").into()),
    };
    writer.end(through, &ends)?;
    let verified = walk.verified;
    Ok(Copy {
        archived: Archived {
            after,
            through,
            entries: verified.entries,
            bodies: verified.bodies,
        },
        tips: walk.tips,
        ends,
        first,
        earlier: cut.map(|cut| cut.told),
    })
}

/// Takes what is in a file out of the database, and tells so.
fn take_out(batch: &mut Batch<'_>, now: Timestamp, copy: &Copy) -> Result<(), Failure> {
    let stands = cut(batch.sql()?)?;
    if stands.map(|cut| cut.told) != copy.earlier {
        return Err(Failure::Database(
            "somebody else moved entries meanwhile".to_owned(),
        ));
    }
    let what = What::Archived {
        through: copy.archived.through,
        entries: copy.archived.entries,
        first: copy.first.clone(),
        ends: copy.ends.clone(),
        earlier: copy.earlier,
    };
    let told = batch.append_own(now, Record::new(Direction::Own, what))?;
    for table in ["personal", "bodies", "entries"] {
        let statement = format!("DELETE FROM {table} WHERE seq > 1 AND seq <= ?1");
        batch.change(&statement, &[rows::int(copy.archived.through).into()])?;
    }
    mark(batch, told)
}

/// Writes down which entry tells of the newest archive; 0 where nothing is in any.
fn mark(batch: &mut Batch<'_>, told: u64) -> Result<(), Failure> {
    batch.change(
        "INSERT INTO meta (name, value) VALUES ('archived', ?1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        &[rows::int(told).into()],
    )?;
    Ok(())
}

/// Puts the entries of the newest archive back. The server must be stopped. The file stays as it is.
///
/// # Errors
/// [`ArchiveError`] says what to do.
pub fn restore(
    database: &Database,
    render: Arc<dyn Render>,
    genesis: &Genesis,
    file: &Path,
) -> Result<Archived, ArchiveError> {
    let other = |why: String| ArchiveError::Other {
        file: file.to_owned(),
        why,
    };
    alone(database, render, genesis, |engine| {
        let cut = database.read(self::cut)?;
        let cut = cut.ok_or_else(|| other("no entry of it is in an archive".to_owned()))?;
        let mut found = Walk::of_archives(None);
        walk(file, &mut found)?
            .and_then(|()| found.reaches(&cut))
            .map_err(|broken| other(broken.to_string()))?;
        let (after, verified) = (found.verified.archived, &found.verified);
        engine.transact(Keys::default(), &mut |batch| {
            put_back(batch, file)?;
            mark(batch, cut.earlier.unwrap_or(0))?;
            match self::cut(batch.sql()?)?.map_or(0, |cut| cut.through) {
                stands if stands == after => Ok(()),
                stands => Err(Failure::Database(format!(
                    "the archive begins behind {after}, and the one before ends at {stands}"
                ))),
            }
        })?;
        Ok(Archived {
            after,
            through: verified.seq,
            entries: verified.entries,
            bodies: verified.bodies,
        })
    })
}

fn put_back(batch: &mut Batch<'_>, file: &Path) -> Result<(), Failure> {
    let chains = batch.sql()?.dialect().many_chains;
    let (column, place) = if chains {
        (", chain", ", ?10")
    } else {
        ("", "")
    };
    let entry = format!(
        "INSERT INTO entries (seq, time_us, kind, header, body_hash, prev, hash, account, order_no{column})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9{place})"
    );
    let put = |Columns { row, chain }, personal: Option<String>| -> Result<(), Failure> {
        // The first entry never left.
        if row.seq == 1 {
            return Ok(());
        }
        let seq = Param::Int(rows::int(row.seq));
        let mut values = vec![
            seq,
            row.time_us.into(),
            Param::Int(row.kind.into()),
            Param::Blob(&row.header),
            Param::Blob(&row.body_hash),
            Param::Blob(&row.prev),
            Param::Blob(&row.hash),
            row.account.as_ref().map_or(Param::Null, Param::from),
            row.order_no.as_ref().map_or(Param::Null, Param::from),
        ];
        if chains {
            values.push((&chain).into());
        }
        batch.change(&entry, &values)?;
        if let Some((salt, body)) = &row.body {
            let values = [seq, Param::Blob(salt), Param::Blob(body)];
            batch.change(
                "INSERT INTO bodies (seq, salt, body) VALUES (?1, ?2, ?3)",
                &values,
            )?;
        }
        if let Some(personal) = &personal {
            let values = [seq, personal.into()];
            batch.change("INSERT INTO personal (seq, data) VALUES (?1, ?2)", &values)?;
        }
        Ok(())
    };
    file::entries(file, put)
}

/// Walks through an archive: behind what was walked through before, or from where it says that it begins.
pub(super) fn walk(file: &Path, walk: &mut Walk<'_>) -> Result<Result<(), Broken>, BadFile> {
    let mut found = Ok(());
    file::read(file, &mut |part| {
        let step = match part {
            Part::Begins { after, begins } => match walk.verified.seq {
                0 if after > 0 => walk.skip(after, &begins),
                seq if seq == after => Ok(()),
                seq => Err(broken(
                    seq.min(after) + 1,
                    format!(
                        "is missing: the archive {} begins behind {after}, and {seq} is the newest before",
                        file.display()
                    ),
                )),
            },
            Part::Entry(one, _) => walk.link(&one),
            Part::Ends { through } if through == walk.verified.seq => Ok(()),
            Part::Ends { through } => Err(broken(
                through,
                "is missing: it should be the newest of its archive",
            )),
        };
        found = step;
        found.is_ok()
    })?;
    Ok(found)
}
