//! The tables. Migrations go forward only; an older binary refuses a newer schema.

use crate::store::open::OpenError;
use rusqlite::{Connection, TransactionBehavior};

/// One script a version, from 1. A script that was released never changes.
const MIGRATIONS: [&str; 3] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
];

/// Brings the schema up to date, each version in its own transaction.
pub(super) fn migrate(conn: &mut Connection) -> Result<(), OpenError> {
    let known = known(conn)?;
    for (version, script) in (1_i64..).zip(MIGRATIONS).skip_while(|(v, _)| *v <= known) {
        let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(script)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

/// The schema's version, if it is one that this binary can read.
pub(super) fn known(conn: &Connection) -> Result<i64, OpenError> {
    let found: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    Ok(found)
}
