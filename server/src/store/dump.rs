//! The logical dump of the projection, as one hash: two projections of the same journal have the same.
//!
//! The bytes are described in `docs/journal.md`. Personal data, bodies, rendered events and leases are no part of it.

use super::failure::Failure;
use super::rows;
use super::sql::{Sql, Value};
use quittance_core::entry::Hash;
use sha2::{Digest, Sha256};

/// One table of the projection.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static str,
    pub(super) key: &'static str,
}

/// The projection's tables, in the dump's order.
pub(super) const TABLES: [Table; 8] = [
    Table {
        name: "orders",
        columns: "account, order_no, state, status, attention, created_us, due_us, unanswered, token, subject",
        key: "account, order_no",
    },
    Table {
        name: "trades",
        columns: "account, trade_no, order_no",
        key: "account, trade_no",
    },
    Table {
        name: "parked",
        columns: "account, by, about, state, since_us, overdue",
        key: "account, by, about",
    },
    Table {
        name: "accounts",
        columns: "account, state",
        key: "account",
    },
    Table {
        name: "settings",
        columns: "id, state",
        key: "id",
    },
    Table {
        name: "events",
        columns: "pos, id, account, order_no, type, subject, sequence, at_us",
        key: "pos",
    },
    Table {
        name: "deliveries",
        columns: rows::DELIVERY,
        key: "event, endpoint",
    },
    Table {
        name: "discrepancies",
        columns: "account, order_no, id, state, closed, opened_us",
        key: "account, order_no, id",
    },
];

/// SHA-256 over every row of the projection. The caller holds a transaction.
pub(super) fn dump(sql: &dyn Sql) -> Result<Hash, Failure> {
    let mut hash = Sha256::new();
    for Table { name, columns, key } in TABLES {
        text(&mut hash, b'T', name.as_bytes());
        let statement = format!("SELECT {columns} FROM {name} ORDER BY {key}");
        sql.each(&statement, &[], &mut |row| {
            hash.update(b"r");
            row.0.iter().for_each(|column| value(&mut hash, column));
            Ok(())
        })?;
    }
    Ok(hash.finalize().into())
}

fn value(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hash.update(b"n"),
        Value::Int(number) => {
            hash.update(b"i");
            hash.update(number.to_be_bytes());
        }
        Value::Text(written) => text(hash, b't', written.as_bytes()),
        // The tables are strict and have neither blobs nor anything else: such a value can only be damage.
        Value::Blob(bytes) => text(hash, b'b', bytes),
        Value::Foreign => hash.update(b"?"),
    }
}

fn text(hash: &mut Sha256, tag: u8, bytes: &[u8]) {
    hash.update([tag]);
    hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(bytes);
}
