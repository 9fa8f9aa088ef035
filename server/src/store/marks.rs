//! The marks that a store starts from: the newest entry, the cursor, the genesis, the settings.

use super::failure::Failure;
use super::rows;
use quittance_core::Timestamp;
use quittance_core::entry::{Hash, Record, What, chain_hash};
use quittance_core::settings::Settings;
use rusqlite::{Connection, OptionalExtension};
use std::sync::Arc;

/// The newest entry's number and hash.
pub(super) fn newest(conn: &Connection) -> Result<Option<(u64, Hash)>, Failure> {
    let found = conn
        .prepare_cached("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| {
            Ok((rows::number(row.get(0)?), rows::hash(row, 1)?))
        })
        .optional()?;
    Ok(found)
}

/// When an entry was written.
pub(super) fn time(conn: &Connection, seq: u64) -> Result<Timestamp, Failure> {
    let time_us = conn
        .prepare_cached("SELECT time_us FROM entries WHERE seq = ?1")?
        .query_row([rows::int(seq)], |row| row.get(0))?;
    rows::time(time_us)
}

/// The newest entry that the projection has seen.
pub(super) fn cursor(conn: &Connection) -> Result<u64, Failure> {
    let found: Option<i64> = conn
        .prepare_cached("SELECT value FROM meta WHERE name = 'cursor'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(found.map_or(0, rows::number))
}

/// The settings in force.
pub(super) fn settings(conn: &Connection) -> Result<Arc<Settings>, Failure> {
    let text: Option<String> = conn
        .prepare_cached("SELECT state FROM settings WHERE id = 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let settings = text
        .map(|text| rows::parse(&text, "the settings"))
        .transpose()?;
    Ok(Arc::new(settings.unwrap_or_default()))
}

/// The chain's id, from its genesis.
pub(super) fn chain(conn: &Connection) -> Result<String, Failure> {
    let header: Option<Vec<u8>> = conn
        .prepare_cached("SELECT header FROM entries WHERE seq = 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    match header.as_deref().map(Record::parse) {
        Some(Ok(Record {
            what: What::Genesis { chain, .. },
            ..
        })) => Ok(chain),
        _ => Err(Failure::damaged("the first entry is no genesis")),
    }
}

/// The salt for hashes of payers: the body of the first entry.
pub(super) fn payer_salt(conn: &Connection) -> Result<[u8; 32], Failure> {
    let salt: Option<[u8; 32]> = conn
        .prepare_cached("SELECT body FROM bodies WHERE seq = 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    salt.ok_or_else(|| {
        Failure::damaged("the body of the first entry, the salt of the payers, is missing")
    })
}

/// Whether the hash of an entry fits its row.
pub(super) fn sound(conn: &Connection, seq: u64) -> Result<bool, Failure> {
    let mut statement = conn.prepare_cached(
        "SELECT prev, time_us, kind, header, body_hash, hash FROM entries WHERE seq = ?1",
    )?;
    let fits = statement.query_row([rows::int(seq)], |row| {
        let header: Vec<u8> = row.get(3)?;
        let hash = chain_hash(
            &rows::hash(row, 0)?,
            seq,
            row.get(1)?,
            row.get(2)?,
            &header,
            &rows::hash(row, 4)?,
        );
        Ok(hash == rows::hash(row, 5)?)
    })?;
    Ok(fits)
}
