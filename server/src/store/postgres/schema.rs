//! The tables. Migrations go forward only; an older binary refuses a newer schema.

use super::session::Session;
use crate::store::open::OpenError;
use crate::store::sql::Sql;

/// One script a version, from 1. A script that was released never changes.
const MIGRATIONS: [&str; 1] = [include_str!("schema/1.sql")];

/// Brings the schema up to date, each version in its own transaction; of several nodes one does it.
pub(super) fn migrate(session: &Session) -> Result<(), OpenError> {
    session.run(
        "BEGIN; SELECT pg_advisory_xact_lock(2);
         CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL); COMMIT;",
    )?;
    loop {
        session.run("BEGIN; SELECT pg_advisory_xact_lock(2);")?;
        let known = known(session);
        let next = match &known {
            Ok(known) => (1_i64..)
                .zip(MIGRATIONS)
                .find(|(version, _)| version > known),
            Err(_) => None,
        };
        let Some((version, script)) = next else {
            session.run("ROLLBACK")?;
            return known.map(|_| ());
        };
        session.run(script)?;
        session.run(&format!(
            "DELETE FROM schema_version; INSERT INTO schema_version VALUES ({version}); COMMIT;"
        ))?;
    }
}

/// The schema's version, if it is one that this binary can read; 0 where there are no tables yet.
pub(super) fn known(session: &Session) -> Result<i64, OpenError> {
    let there = session.one(
        "SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_version')",
        &[],
    )?;
    if there.map_or(Ok(0), |row| row.get::<i64>(0))? == 0 {
        return Ok(0);
    }
    let found = session.one("SELECT version FROM schema_version", &[])?;
    let found: i64 = found.map_or(Ok(0), |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    Ok(found)
}
