//! One connection: statements are prepared once, what it says is waited for by the thread that asks.

use super::url::PostgresUrl;
use super::waiting::within;
use crate::store::failure::Failure;
use crate::store::sql::{Dialect, Param, Row, Sql, Value};
use futures_util::TryStreamExt;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::error::Error;
use std::pin::pin;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Statement};

/// How long an answer is waited for: longer than the server works on one.
const ANSWER: Duration = Duration::from_secs(8);
/// How long a statement may take, wait for a lock, and leave a transaction open before the server ends it: a node that
/// was stopped in the middle of one must not keep what it holds.
const SESSION: &str = "SET statement_timeout = '6s'; SET lock_timeout = '3s';
    SET idle_in_transaction_session_timeout = '4s'; SET timezone = 'UTC';
    SET client_encoding = 'UTF8'; SET jit = off";
/// For whoever walks through a whole journal, and how long the first row of that may be sorted for.
const UNHURRIED: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0";
const WALK: Duration = Duration::from_secs(6 * 3_600);

/// Several writers, each with a chain of its own.
static DIALECT: Dialect = Dialect {
    frozen: "strpos(state, '\"frozen\":\"') > 0",
    numbers: "(SELECT value::int8 FROM json_array_elements_text({}::text::json))",
    like: "ILIKE",
    named: "position(convert_to('=' || {}::text || '&', 'UTF8') IN body || '\\x26'::bytea) > 0",
    paid_at: "(o.state::json ->> 'paid_at')",
    chain: "chain",
    many_chains: true,
};

/// The numbers that transactions under way may still draw begin behind the ones that they said before.
const DRAWN: &str = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM numbers";
const UNDER_WAY: &str = "SELECT min((classid::int8 << 31) | objid::int8) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// A connection with its own runtime: only its own thread uses it.
pub(in crate::store) struct Session {
    pub(super) runtime: Runtime,
    pub(super) client: Client,
    statements: RefCell<BTreeMap<String, Statement>>,
    /// What was settled before the snapshot that is being read.
    settled: Cell<Option<i64>>,
    /// How long an answer is waited for.
    patience: Cell<Duration>,
}

impl Session {
    /// Connects to whichever host takes writes.
    pub(super) fn connect(url: &PostgresUrl) -> Result<Session, Failure> {
        let away = |what: String| Failure::Away(what);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| away(error.to_string()))?;
        let tls = url.connector().map_err(|error| away(error.to_string()))?;
        let connecting = url.config().connect(tls);
        let connected = within(&runtime, ANSWER, connecting);
        let silent = || away(format!("{url} does not answer"));
        let (client, connection) = connected.ok_or_else(silent)??;
        runtime.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to the database ended");
            }
        });
        let session = Session {
            runtime,
            client,
            statements: RefCell::default(),
            settled: Cell::new(None),
            patience: Cell::new(ANSWER),
        };
        session.run(SESSION)?;
        Ok(session)
    }

    /// Waits for an answer.
    pub(super) fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Failure> {
        self.wait_for(self.patience.get(), answer)
    }

    /// Waits so long for an answer.
    pub(super) fn wait_for<T>(
        &self,
        limit: Duration,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Failure> {
        match within(&self.runtime, limit, answer) {
            Some(answer) => Ok(answer?),
            None => Err(Failure::Away("the database does not answer".to_owned())),
        }
    }

    /// Runs statements without parameters.
    pub(super) fn run(&self, statements: &str) -> Result<(), Failure> {
        self.wait(self.client.batch_execute(statements))
    }

    /// A statement, prepared once.
    pub(super) fn prepared(&self, sql: &str) -> Result<Statement, Failure> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let statement = self.wait(self.client.prepare(&translated(sql)))?;
        let known = statement.clone();
        self.statements.borrow_mut().insert(sql.to_owned(), known);
        Ok(statement)
    }

    /// Runs a statement in the shared words, and says how many rows it changed.
    pub(super) fn change(&self, sql: &str, values: &[Param<'_>]) -> Result<u64, Failure> {
        let statement = self.prepared(sql)?;
        self.wait(self.client.execute_raw(&statement, values))
    }

    /// From now on neither side is in a hurry.
    pub(super) fn unhurried(&self) -> Result<(), Failure> {
        self.patience.set(WALK);
        self.run(UNHURRIED)
    }

    /// Statements are prepared anew: the names in them mean other tables now.
    pub(super) fn forget(&self) {
        self.statements.borrow_mut().clear();
    }

    /// Reads in one moment, however long it takes.
    pub(in crate::store) fn at_once<T>(
        &self,
        look: impl FnOnce(&dyn Sql) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.unhurried()?;
        // What is settled now is all there in a snapshot that is taken later, and in none that was taken before.
        self.settled.set(Some(self.look_settled()?));
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        let found = look(self);
        self.settled.set(None);
        self.run("ROLLBACK")?;
        found
    }

    fn look_settled(&self) -> Result<i64, Failure> {
        let number = |sql: &str| -> Result<Option<i64>, Failure> {
            let found = self.one(sql, &[])?;
            Ok(found.map(|row| row.get(0)).transpose()?.flatten())
        };
        // In this order: whoever is not seen at work draws later, and so higher, than what was drawn before.
        let drawn = number(DRAWN)?.unwrap_or(0);
        Ok(number(UNDER_WAY)?.map_or(drawn, |bound| bound.min(drawn)))
    }
}

impl Sql for Session {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn settled(&self) -> Result<i64, Failure> {
        match self.settled.get() {
            Some(settled) => Ok(settled),
            None => self.look_settled(),
        }
    }

    fn each(
        &self,
        sql: &str,
        values: &[Param<'_>],
        visit: &mut dyn FnMut(Row) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let statement = self.prepared(sql)?;
        let width = statement.columns().len();
        let rows = self.wait(self.client.query_raw(&statement, values))?;
        let mut rows = pin!(rows);
        while let Some(row) = self.wait(rows.try_next())? {
            let columns = (0..width).map(|column| row.try_get::<_, Value>(column));
            visit(Row(columns.collect::<Result<_, _>>()?))?;
        }
        Ok(())
    }
}

/// The shared words in PostgreSQL's: parameters are `$1`, and the planner takes no advice.
fn translated(sql: &str) -> String {
    let mut own = String::with_capacity(sql.len());
    let mut words = sql.split(" INDEXED BY ");
    own.push_str(words.next().unwrap_or_default());
    for rest in words {
        let name = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
        own.push_str(&rest[name.unwrap_or(rest.len())..]);
    }
    own.replace('?', "$")
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Param::Null => Ok(IsNull::Yes),
            Param::Int(number) => number.to_sql(ty, out),
            Param::Text(text) => text.to_sql(ty, out),
            Param::Blob(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::TEXT | Type::VARCHAR | Type::BYTEA)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Value, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::TEXT | Type::VARCHAR => Value::Text(String::from_sql(ty, raw)?),
            Type::BYTEA => Value::Blob(Vec::from_sql(ty, raw)?),
            _ => Value::Foreign,
        })
    }

    fn from_sql_null(_: &Type) -> Result<Value, Box<dyn Error + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn words_are_translated() {
        let shared = "SELECT a FROM t x INDEXED BY t_due WHERE a = ?1 AND b < ?12";
        let own = "SELECT a FROM t x WHERE a = $1 AND b < $12";
        assert_eq!(translated(shared), own);
        assert_eq!(
            translated("SELECT 1 FROM t INDEXED BY i"),
            "SELECT 1 FROM t"
        );
    }
}
