//! Writing changed rows: each once, in key order, so that neighbours land on the same pages.

use super::Batch;
use super::projection::address;
use crate::store::failure::Failure;
use crate::store::rows;
use quittance_core::OrderKey;
use quittance_core::Timestamp;
use quittance_core::derived::{Derived, derive};
use quittance_core::discrepancy::DiscrepancyState;
use quittance_core::gateway::Address;
use quittance_core::state::{AccountState, Delivery, OrderState, Parked};
use rusqlite::{Connection, params};

impl Batch<'_> {
    /// Writes every changed row. What was read stays known.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        let conn = self.conn;
        let mut wrote = false;
        if self.settings.dirty {
            conn.prepare_cached("INSERT OR REPLACE INTO settings (id, state) VALUES (1, ?1)")?
                .execute([rows::json(&*self.settings.value)?])?;
            self.settings.dirty = false;
            wrote = true;
        }
        for row in self.orders.values_mut().filter(|row| row.dirty) {
            if let Some(state) = &row.value {
                put_order(conn, state)?;
            }
            row.dirty = false;
            wrote = true;
        }
        for (name, row) in self.accounts.iter_mut().filter(|(_, row)| row.dirty) {
            if let Some(state) = &row.value {
                put_account(conn, name, state)?;
            }
            row.dirty = false;
            wrote = true;
        }
        for ((account, about), row) in self.parked.iter_mut().filter(|(_, row)| row.dirty) {
            put_parked(conn, account, about, row.value.as_ref())?;
            row.dirty = false;
            wrote = true;
        }
        for ((account, trade_no), row) in self.trades.iter_mut().filter(|(_, row)| row.dirty) {
            conn.prepare_cached(
                "INSERT INTO trades (account, trade_no, order_no) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![account, trade_no, row.value])?;
            row.dirty = false;
            wrote = true;
        }
        for row in self.deliveries.values_mut().filter(|row| row.dirty) {
            if let Some(delivery) = &row.value {
                put_delivery(conn, delivery)?;
            }
            row.dirty = false;
            wrote = true;
        }
        self.touched.rows |= wrote;
        Ok(())
    }
}

fn put_order(conn: &Connection, state: &OrderState) -> Result<(), Failure> {
    let derived = derive(state);
    let key = &state.order.key;
    let (text, due_us) = (
        rows::json(state)?,
        state.due_at().map(Timestamp::as_microsecond),
    );
    let known = conn
        .prepare_cached(
            "UPDATE orders SET state = ?3, status = ?4, attention = ?5, due_us = ?6, unanswered = ?7
             WHERE account = ?1 AND order_no = ?2",
        )?
        .execute(params![
            key.account,
            key.order_no,
            text,
            derived.status.word(),
            derived.attention,
            due_us,
            !state.unanswered.is_empty(),
        ])?;
    if known == 0 {
        conn.prepare_cached(
            "INSERT INTO orders (account, order_no, state, status, attention, due_us, unanswered,
                                 created_us, token, subject)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            key.account,
            key.order_no,
            text,
            derived.status.word(),
            derived.attention,
            due_us,
            !state.unanswered.is_empty(),
            state.created_at.as_microsecond(),
            state.order.token,
            state.order.subject,
        ])?;
    }
    // What never opened has no rows to keep in step.
    if state.opened.is_empty() {
        return Ok(());
    }
    put_discrepancies(conn, key, order_discrepancies(state, &derived))
}

fn order_discrepancies<'a>(
    state: &'a OrderState,
    derived: &'a Derived,
) -> impl Iterator<Item = (&'a str, DiscrepancyState, Timestamp)> {
    derived.discrepancies.iter().map(|found| {
        let opened_at = state.opened.get(&found.id).copied();
        (
            &*found.id,
            found.state,
            opened_at.unwrap_or(state.created_at),
        )
    })
}

fn put_account(conn: &Connection, name: &str, state: &AccountState) -> Result<(), Failure> {
    conn.prepare_cached(
        "INSERT INTO accounts (account, state) VALUES (?1, ?2)
         ON CONFLICT (account) DO UPDATE SET state = excluded.state",
    )?
    .execute(params![name, rows::json(state)?])?;
    let found = state
        .discrepancies
        .iter()
        .map(|(id, found)| (&**id, found.state(), found.opened_at));
    put_discrepancies(conn, &OrderKey::new(name, ""), found)
}

/// The index of discrepancies, made anew for one order (or for an account itself).
fn put_discrepancies<'a>(
    conn: &Connection,
    key: &OrderKey,
    found: impl Iterator<Item = (&'a str, DiscrepancyState, Timestamp)>,
) -> Result<(), Failure> {
    conn.prepare_cached("DELETE FROM discrepancies WHERE account = ?1 AND order_no = ?2")?
        .execute(params![key.account, key.order_no])?;
    for (id, state, opened_at) in found {
        let word = match state {
            DiscrepancyState::Open => "open",
            DiscrepancyState::Settled => "settled",
            DiscrepancyState::Resolved => "resolved",
        };
        conn.prepare_cached(
            "INSERT INTO discrepancies (account, order_no, id, state, closed, opened_us)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            key.account,
            key.order_no,
            id,
            word,
            state != DiscrepancyState::Open,
            opened_at.as_microsecond(),
        ])?;
    }
    Ok(())
}

fn put_parked(
    conn: &Connection,
    account: &str,
    about: &Address,
    parked: Option<&Parked>,
) -> Result<(), Failure> {
    let (by, number) = address(about);
    match parked {
        Some(parked) => conn
            .prepare_cached(
                "INSERT INTO parked (account, by, about, state, since_us, overdue)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (account, by, about) DO UPDATE SET state = excluded.state,
                     since_us = excluded.since_us, overdue = excluded.overdue",
            )?
            .execute(params![
                account,
                by,
                number,
                rows::json(parked)?,
                parked.since.as_microsecond(),
                parked.overdue,
            ])?,
        None => conn
            .prepare_cached("DELETE FROM parked WHERE account = ?1 AND by = ?2 AND about = ?3")?
            .execute(params![account, by, number])?,
    };
    Ok(())
}

fn put_delivery(conn: &Connection, delivery: &Delivery) -> Result<(), Failure> {
    conn.prepare_cached(
        "INSERT INTO deliveries (event, endpoint, account, order_no, attempts, state, due_us, last)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (event, endpoint) DO UPDATE SET attempts = excluded.attempts,
             state = excluded.state, due_us = excluded.due_us, last = excluded.last",
    )?
    .execute(params![
        delivery.event,
        delivery.endpoint,
        delivery.account,
        delivery.order_no,
        delivery.attempts,
        rows::delivery_word(delivery.state),
        delivery.next_at.map(Timestamp::as_microsecond),
        delivery.last,
    ])?;
    Ok(())
}
