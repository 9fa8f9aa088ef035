//! The marks that a store starts from: the newest entry, the cursor, the genesis, the settings.

use super::failure::Failure;
use super::sql::{Row, Sql};
use super::{read, rows};
use quittance_core::Timestamp;
use quittance_core::entry::{Hash, Record, What, chain_hash};
use quittance_core::settings::Settings;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The newest entry's number and hash.
pub(super) fn newest(sql: &dyn Sql) -> Result<Option<(u64, Hash)>, Failure> {
    let found = sql.one(
        "SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1",
        &[],
    )?;
    found.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// The newest entry of each chain as its own node wrote it down, where there are several chains.
pub(super) fn heads(sql: &dyn Sql) -> Result<BTreeMap<String, (u64, Hash)>, Failure> {
    if !sql.dialect().many_chains {
        return Ok(BTreeMap::new());
    }
    let found = sql.all("SELECT chain, seq, hash FROM chains", &[])?;
    let head = |row: &Row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)));
    found.iter().map(head).collect()
}

/// When an entry was written.
pub(super) fn time(sql: &dyn Sql, seq: u64) -> Result<Timestamp, Failure> {
    let found = sql.one(
        "SELECT time_us FROM entries WHERE seq = ?1",
        &[rows::int(seq).into()],
    )?;
    let missing = || Failure::damaged(format_args!("the entry {seq} is missing"));
    rows::time(found.ok_or_else(missing)?.get(0)?)
}

/// The newest entry that the projection has seen.
pub(super) fn cursor(sql: &dyn Sql) -> Result<u64, Failure> {
    // Where several nodes write, each folds what it appends: there is nothing to catch up with.
    match sql.dialect().many_chains {
        true => Ok(newest(sql)?.map_or(0, |(seq, _)| seq)),
        false => read::mark(sql, "cursor"),
    }
}

/// The settings in force.
pub(super) fn settings(sql: &dyn Sql) -> Result<Arc<Settings>, Failure> {
    let found = sql.one("SELECT state FROM settings WHERE id = 1", &[])?;
    let settings = found
        .map(|row| rows::parse(&row.get::<String>(0)?, "the settings"))
        .transpose()?;
    Ok(Arc::new(settings.unwrap_or_default()))
}

/// The chain's id, from its genesis.
pub(super) fn chain(sql: &dyn Sql) -> Result<String, Failure> {
    let found = sql.one("SELECT header FROM entries WHERE seq = 1", &[])?;
    let header: Option<Vec<u8>> = found.map(|row| row.get(0)).transpose()?;
    match header.as_deref().map(Record::parse) {
        Some(Ok(Record {
            what: What::Genesis { chain, .. },
            ..
        })) => Ok(chain),
        _ => Err(Failure::damaged("the first entry is no genesis")),
    }
}

/// The salt for hashes of payers: the body of the first entry.
pub(super) fn payer_salt(sql: &dyn Sql) -> Result<[u8; 32], Failure> {
    let found = sql.one("SELECT body FROM bodies WHERE seq = 1", &[])?;
    let salt: Option<[u8; 32]> = found.map(|row| row.get(0)).transpose()?;
    salt.ok_or_else(|| {
        Failure::damaged("the body of the first entry, the salt of the payers, is missing")
    })
}

/// Whether the hash of an entry fits its row.
pub(super) fn sound(sql: &dyn Sql, seq: u64) -> Result<bool, Failure> {
    let found = sql.one(
        "SELECT prev, time_us, kind, header, body_hash, hash FROM entries WHERE seq = ?1",
        &[rows::int(seq).into()],
    )?;
    let Some(row) = found else {
        return Ok(false);
    };
    let header: Vec<u8> = row.get(3)?;
    let (prev, body_hash): (Hash, Hash) = (row.get(0)?, row.get(4)?);
    let hash = chain_hash(&prev, seq, row.get(1)?, row.get(2)?, &header, &body_hash);
    Ok(hash == row.get::<Hash>(5)?)
}
