//! Reading in SQLite.

use crate::store::failure::Failure;
use crate::store::sql::{Dialect, Param, Row, Sql, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Params, ToSql, params_from_iter};

/// One writer, one chain.
static DIALECT: Dialect = Dialect {
    frozen: "instr(state, '\"frozen\":\"') > 0",
    numbers: "(SELECT value FROM json_each({}))",
    like: "LIKE",
    named: "instr(CAST(body || '&' AS BLOB), CAST('=' || {} || '&' AS BLOB)) > 0",
    paid_at: "json_extract(o.state, '$.paid_at')",
    chain: "''",
    many_chains: false,
};

impl Sql for Connection {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn settled(&self) -> Result<i64, Failure> {
        Ok(i64::MAX)
    }

    fn each(
        &self,
        sql: &str,
        values: &[Param<'_>],
        visit: &mut dyn FnMut(Row) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut statement = self.prepare_cached(sql)?;
        let width = statement.column_count();
        let mut found = statement.query(params_from_iter(values))?;
        while let Some(row) = found.next()? {
            let columns = (0..width).map(|column| Ok(value(row.get_ref(column)?)));
            visit(Row(columns.collect::<Result<_, rusqlite::Error>>()?))?;
        }
        Ok(())
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Int(number) => ValueRef::Integer(*number),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value(found: ValueRef<'_>) -> Value {
    match found {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Foreign,
        },
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        ValueRef::Real(_) => Value::Foreign,
    }
}

/// Runs a statement that was prepared before, or is now.
pub(super) fn cached(conn: &Connection, sql: &str, values: impl Params) -> Result<(), Failure> {
    conn.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// Reads in one moment.
pub(in crate::store) fn at_once<T>(
    conn: &Connection,
    read: impl FnOnce(&Connection) -> Result<T, Failure>,
) -> Result<T, Failure> {
    conn.prepare_cached("BEGIN")?.execute([])?;
    let _end = End(conn);
    read(conn)
}

/// The end of a reading transaction, however the reading ended. There is nothing to keep.
struct End<'a>(&'a Connection);

impl Drop for End<'_> {
    fn drop(&mut self) {
        let ended = self
            .0
            .prepare_cached("ROLLBACK")
            .and_then(|mut end| end.execute([]));
        if let Err(error) = ended {
            tracing::error!(%error, "a reading transaction could not be ended");
        }
    }
}
