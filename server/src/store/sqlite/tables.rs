//! The tables in SQLite: each statement prepared once, each row on its own.

use super::sql::cached;
use crate::store::failure::Failure;
use crate::store::rows::{self, DerivedRow};
use crate::store::sql::{Param, Sql};
use crate::store::tables::{EntryRow, Published, Tables, Which};
use crate::store::{DueDelivery, DueStep, Held, Lease, Snapshot, dump, read};
use quittance_core::entry::Hash;
use quittance_core::event::Event;
use quittance_core::gateway::{Address, Personal};
use quittance_core::settings::Settings;
use quittance_core::state::{AccountState, Delivery, OrderState, Parked};
use quittance_core::{OrderKey, Timestamp};
use rusqlite::{Connection, params, params_from_iter};

/// The tables on a connection whose transaction is open.
pub(in crate::store) struct SqliteTables<'a> {
    pub(in crate::store) conn: &'a Connection,
}

impl Tables for SqliteTables<'_> {
    fn next_seq(&mut self, newest: u64) -> Result<u64, Failure> {
        Ok(newest + 1)
    }

    fn order(&mut self, key: &OrderKey) -> Result<Option<OrderState>, Failure> {
        rows::order(self.conn, key)
    }

    fn personal(&mut self, key: &OrderKey) -> Result<Vec<Personal>, Failure> {
        rows::personal(self.conn, key)
    }

    fn account(&mut self, name: &str) -> Result<Option<AccountState>, Failure> {
        read::account(self.conn, name)
    }

    fn parked(&mut self, account: &str, about: &Address) -> Result<Option<Parked>, Failure> {
        read::parked(self.conn, account, about)
    }

    fn trade_owner(&mut self, account: &str, trade_no: &str) -> Result<Option<String>, Failure> {
        read::trade_owner(self.conn, account, trade_no)
    }

    fn deliveries(&mut self, event: &str) -> Result<Vec<Delivery>, Failure> {
        read::deliveries(self.conn, event)
    }

    fn written_before(&mut self, seq: u64) -> Result<Option<Timestamp>, Failure> {
        read::written_before(self.conn, seq)
    }

    fn holds(&mut self, lease: &Lease) -> Result<bool, Failure> {
        read::holds(self.conn, lease)
    }

    fn orders(&mut self, which: Which) -> Result<Vec<OrderKey>, Failure> {
        read::keys(self.conn, which)
    }

    fn pending(&mut self) -> Result<Vec<Delivery>, Failure> {
        read::pending(self.conn)
    }

    fn held(&mut self, endpoint: &str) -> Result<Vec<Delivery>, Failure> {
        read::held(self.conn, endpoint)
    }

    fn put_entry(&mut self, entry: EntryRow) -> Result<(), Failure> {
        let conn = self.conn;
        cached(
            conn,
            "INSERT INTO entries (seq, time_us, kind, header, body_hash, prev, hash, account, order_no)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                rows::int(entry.seq),
                entry.time_us,
                entry.kind,
                entry.header,
                entry.body_hash,
                entry.prev,
                entry.hash,
                entry.account,
                entry.order_no,
            ],
        )?;
        if let Some((salt, body)) = &entry.body {
            cached(
                conn,
                "INSERT INTO bodies (seq, salt, body) VALUES (?1, ?2, ?3)",
                params![rows::int(entry.seq), salt, body],
            )?;
        }
        Ok(())
    }

    fn put_personal(&mut self, seq: u64, personal: &[Personal]) -> Result<(), Failure> {
        cached(
            self.conn,
            "INSERT INTO personal (seq, data) VALUES (?1, ?2)",
            params![rows::int(seq), rows::json(&personal)?],
        )
    }

    fn put_settings(&mut self, settings: &Settings) -> Result<(), Failure> {
        cached(
            self.conn,
            "INSERT OR REPLACE INTO settings (id, state) VALUES (1, ?1)",
            params![rows::json(settings)?],
        )
    }

    fn put_order(&mut self, state: &OrderState) -> Result<(), Failure> {
        let key = &state.order.key;
        let row = DerivedRow::of(state)?;
        let known = self
            .conn
            .prepare_cached(
                "UPDATE orders SET state = ?3, status = ?4, attention = ?5, due_us = ?6, unanswered = ?7
                 WHERE account = ?1 AND order_no = ?2",
            )?
            .execute(params![
                key.account,
                key.order_no,
                row.state,
                row.status,
                row.attention,
                row.due_us,
                row.unanswered,
            ])?;
        if known == 0 {
            cached(
                self.conn,
                "INSERT INTO orders (account, order_no, state, status, attention, due_us, unanswered,
                                     created_us, token, subject)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    key.account,
                    key.order_no,
                    row.state,
                    row.status,
                    row.attention,
                    row.due_us,
                    row.unanswered,
                    row.created_us,
                    state.order.token,
                    state.order.subject,
                ],
            )?;
        }
        match row.discrepancies {
            Some(found) => put_discrepancies(self.conn, key, &found),
            None => Ok(()),
        }
    }

    fn put_account(&mut self, name: &str, state: &AccountState) -> Result<(), Failure> {
        cached(
            self.conn,
            "INSERT INTO accounts (account, state) VALUES (?1, ?2)
             ON CONFLICT (account) DO UPDATE SET state = excluded.state",
            params![name, rows::json(state)?],
        )?;
        let found = rows::account_discrepancies(state);
        put_discrepancies(self.conn, &OrderKey::new(name, ""), &found)
    }

    fn put_parked(
        &mut self,
        account: &str,
        about: &Address,
        parked: Option<&Parked>,
    ) -> Result<(), Failure> {
        let (by, number) = rows::address(about);
        match parked {
            Some(parked) => cached(
                self.conn,
                "INSERT INTO parked (account, by, about, state, since_us, overdue)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (account, by, about) DO UPDATE SET state = excluded.state,
                     since_us = excluded.since_us, overdue = excluded.overdue",
                params![
                    account,
                    by,
                    number,
                    rows::json(parked)?,
                    parked.since.as_microsecond(),
                    parked.overdue,
                ],
            ),
            None => cached(
                self.conn,
                "DELETE FROM parked WHERE account = ?1 AND by = ?2 AND about = ?3",
                params![account, by, number],
            ),
        }
    }

    fn put_trade(&mut self, account: &str, trade_no: &str, order_no: &str) -> Result<(), Failure> {
        cached(
            self.conn,
            "INSERT INTO trades (account, trade_no, order_no) VALUES (?1, ?2, ?3)",
            params![account, trade_no, order_no],
        )
    }

    fn put_delivery(&mut self, delivery: &Delivery) -> Result<(), Failure> {
        cached(
            self.conn,
            "INSERT INTO deliveries (event, endpoint, account, order_no, attempts, state, due_us, last)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (event, endpoint) DO UPDATE SET attempts = excluded.attempts,
                 state = excluded.state, due_us = excluded.due_us, last = excluded.last",
            params![
                delivery.event,
                delivery.endpoint,
                delivery.account,
                delivery.order_no,
                delivery.attempts,
                rows::delivery_word(delivery.state),
                delivery.next_at.map(Timestamp::as_microsecond),
                delivery.last,
            ],
        )
    }

    fn publish(&mut self, event: &Event, floor: u64) -> Result<Published, Failure> {
        let conn = self.conn;
        let new = conn
            .prepare_cached(
                "INSERT INTO events (pos, id, account, order_no, type, subject, sequence, at_us)
                 VALUES ((SELECT max(coalesce(max(pos), 0), ?8) + 1 FROM events), ?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (id) DO NOTHING",
            )?
            .execute(params![
                event.id,
                event.key.account,
                event.key.order_no,
                event.kind.word(),
                event.subject,
                rows::int(event.sequence),
                event.at.as_microsecond(),
                rows::int(floor),
            ])?;
        if new == 0 {
            return Ok(Published::Before);
        }
        let pos = conn.last_insert_rowid();
        // A refold finds the body that was rendered when it happened.
        let rendered = conn
            .prepare_cached("SELECT 1 FROM event_bodies WHERE pos = ?1 AND id = ?2")?
            .exists(params![pos, event.id])?;
        Ok(match rendered {
            true => Published::Told,
            false => Published::Untold(rows::number(pos)),
        })
    }

    fn put_event_body(&mut self, pos: u64, event: &str, body: Vec<u8>) -> Result<(), Failure> {
        cached(
            self.conn,
            "INSERT OR REPLACE INTO event_bodies (pos, id, body) VALUES (?1, ?2, ?3)",
            params![rows::int(pos), event, body],
        )
    }

    fn put_cursor(&mut self, seq: u64, _: Hash) -> Result<(), Failure> {
        self.put_mark("cursor", seq)
    }

    fn flushed(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn take_steps(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueStep>, Failure> {
        let mut steps = Vec::new();
        for (key, claimed) in self.due_orders(now, limit)? {
            let Some(state) = self.order(&key)? else {
                continue;
            };
            let Some(step) = state.due(now) else {
                continue;
            };
            let claims = claimed.saturating_add(1);
            let personal = self.personal(&key)?;
            steps.push(DueStep {
                snapshot: Snapshot { state, personal },
                step,
                claims,
                lease: self.hold(Held::Order(key), until, claims)?,
            });
        }
        Ok(steps)
    }

    fn take_deliveries(
        &mut self,
        endpoints: &[&str],
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueDelivery>, Failure> {
        let mut due = Vec::new();
        for name in endpoints {
            due.push(self.due_deliveries(name, now, limit)?);
        }
        let mut taken = Vec::new();
        for mut found in rows::in_turns(due, limit) {
            let held = found.lease.held;
            found.lease = self.hold(held, until, found.claims)?;
            taken.push(found);
        }
        Ok(taken)
    }

    fn release(&mut self, lease: &Lease) -> Result<(), Failure> {
        let (kind, a, b) = rows::lease(lease);
        cached(
            self.conn,
            "DELETE FROM leases WHERE kind = ?1 AND a = ?2 AND b = ?3",
            params![kind, a, b],
        )
    }

    fn shorten_leases(&mut self, until: Timestamp) -> Result<(), Failure> {
        cached(
            self.conn,
            "UPDATE leases SET until_us = ?1 WHERE until_us > ?1",
            params![until.as_microsecond()],
        )
    }

    fn wipe(&mut self) -> Result<(), Failure> {
        for table in dump::TABLES {
            self.conn
                .execute(&format!("DELETE FROM {}", table.name), [])?;
        }
        Ok(())
    }

    fn probe(&mut self) -> Result<(), Failure> {
        // As much as a batch of callbacks needs; the pages stay in the file as a reserve.
        const ROOM: usize = 64 * 1024;
        cached(
            self.conn,
            "INSERT OR REPLACE INTO room (id, space) VALUES (1, zeroblob(?1))",
            params![rows::rows(ROOM)],
        )
    }

    fn give_back(&mut self) -> Result<(), Failure> {
        cached(self.conn, "DELETE FROM room", params![])
    }

    fn sql(&mut self) -> Result<&dyn Sql, Failure> {
        Ok(self.conn)
    }

    fn change(&mut self, statement: &str, values: &[Param<'_>]) -> Result<u64, Failure> {
        let changed = self
            .conn
            .prepare_cached(statement)?
            .execute(params_from_iter(values))?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    #[cfg(test)]
    fn aside(&mut self, statement: &str) -> Result<(), Failure> {
        Ok(self.conn.execute_batch(statement)?)
    }
}

impl SqliteTables<'_> {
    /// Ends every lease of what is not due: who held them is gone, and their count belongs to nothing.
    pub(super) fn release_what_is_not_due(&self) -> Result<(), Failure> {
        cached(
            self.conn,
            "DELETE FROM leases WHERE NOT CASE kind
                 WHEN 'order' THEN EXISTS (SELECT 1 FROM orders
                     WHERE account = a AND order_no = b AND due_us IS NOT NULL)
                 ELSE EXISTS (SELECT 1 FROM deliveries
                     WHERE event = a AND endpoint = b AND due_us IS NOT NULL) END",
            params![],
        )
    }

    /// A lease of its own number: whoever held the same before holds nothing.
    fn hold(&self, held: Held, until: Timestamp, claims: u32) -> Result<Lease, Failure> {
        let fence = read::mark(self.conn, "fence")? + 1;
        self.put_mark("fence", fence)?;
        let lease = Lease { held, fence };
        let (kind, a, b) = rows::lease(&lease);
        cached(
            self.conn,
            "INSERT OR REPLACE INTO leases (kind, a, b, until_us, claims, fence)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![kind, a, b, until.as_microsecond(), claims, rows::int(fence)],
        )?;
        Ok(lease)
    }

    fn put_mark(&self, name: &str, value: u64) -> Result<(), Failure> {
        cached(
            self.conn,
            "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)",
            params![name, rows::int(value)],
        )
    }

    fn due_orders(&self, now: Timestamp, limit: usize) -> Result<Vec<(OrderKey, u32)>, Failure> {
        let found = self.conn.all(
            "SELECT o.account, o.order_no, coalesce(l.claims, 0)
             FROM orders o INDEXED BY orders_due
             LEFT JOIN leases l ON l.kind = 'order' AND l.a = o.account AND l.b = o.order_no
             WHERE o.due_us IS NOT NULL AND o.due_us <= ?1 AND coalesce(l.until_us <= ?1, 1)
             ORDER BY o.due_us, o.account, o.order_no LIMIT ?2",
            &[now.as_microsecond().into(), rows::rows(limit).into()],
        )?;
        let due = found
            .iter()
            .map(|row| Ok((rows::order_key(row, 0)?, row.get(2)?)));
        due.collect()
    }

    /// What is due at one endpoint, its claims counted up. Nobody holds it yet.
    fn due_deliveries(
        &self,
        endpoint: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueDelivery>, Failure> {
        let found = self.conn.all(
            "SELECT d.event, d.endpoint, d.account, d.order_no, d.attempts, d.state, d.due_us, d.last,
                    coalesce(l.claims, 0), b.body
             FROM deliveries d INDEXED BY deliveries_due
             LEFT JOIN leases l ON l.kind = 'delivery' AND l.a = d.event AND l.b = d.endpoint
             LEFT JOIN events e ON e.id = d.event
             LEFT JOIN event_bodies b ON b.pos = e.pos
             WHERE d.endpoint = ?1 AND d.due_us IS NOT NULL AND d.due_us <= ?2
                   AND coalesce(l.until_us <= ?2, 1)
             ORDER BY d.due_us, d.event LIMIT ?3",
            &[
                endpoint.into(),
                now.as_microsecond().into(),
                rows::rows(limit).into(),
            ],
        )?;
        let due = found.iter().map(|row| {
            let claimed: u32 = row.get(8)?;
            rows::due_delivery(row, claimed.saturating_add(1), 0)
        });
        due.collect()
    }
}

/// The index of discrepancies, made anew for one order (or for an account itself).
fn put_discrepancies(
    conn: &Connection,
    key: &OrderKey,
    found: &[rows::Finding],
) -> Result<(), Failure> {
    cached(
        conn,
        "DELETE FROM discrepancies WHERE account = ?1 AND order_no = ?2",
        params![key.account, key.order_no],
    )?;
    for finding in found {
        cached(
            conn,
            "INSERT INTO discrepancies (account, order_no, id, state, closed, opened_us)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                key.account,
                key.order_no,
                finding.id,
                finding.state,
                finding.closed,
                finding.opened_us,
            ],
        )?;
    }
    Ok(())
}
