//! Due work: taken under a lease, so that it is nobody else's until the lease ends.

use super::Batch;
use crate::store::failure::Failure;
use crate::store::{DueDelivery, DueStep, Lease, rows};
use quittance_core::{OrderKey, Timestamp};
use rusqlite::params;

impl Batch<'_> {
    /// Takes due steps of orders that nobody holds.
    pub fn take_steps(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueStep>, Failure> {
        self.flush()?;
        let mut steps = Vec::new();
        for (key, claimed) in self.due_orders(now, limit)? {
            let Some(snapshot) = self.snapshot(&key)? else {
                continue;
            };
            let Some(step) = snapshot.state.due(now) else {
                continue;
            };
            let claims = claimed.saturating_add(1);
            self.hold("order", &key.account, &key.order_no, until, claims)?;
            steps.push(DueStep {
                snapshot,
                step,
                claims,
            });
        }
        Ok(steps)
    }

    /// Takes due deliveries that nobody holds. Endpoints take turns, so that one that is behind delays only itself.
    pub fn take_deliveries(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueDelivery>, Failure> {
        self.flush()?;
        let settings = self.settings.value.clone();
        let mut due = Vec::new();
        for (name, _) in settings.endpoints.iter().filter(|(_, e)| !e.disabled) {
            due.extend(self.due_deliveries(name, now, limit)?);
        }
        due.sort_by_key(|(turn, found)| (*turn, found.delivery.next_at));
        due.truncate(limit);
        for (_, found) in &due {
            let delivery = &found.delivery;
            self.hold(
                "delivery",
                &delivery.event,
                &delivery.endpoint,
                until,
                found.claims,
            )?;
        }
        Ok(due.into_iter().map(|(_, found)| found).collect())
    }

    /// Ends a lease: the end of the work stands in the journal.
    pub(super) fn release(&mut self, lease: &Lease) -> Result<(), Failure> {
        let (kind, a, b) = match lease {
            Lease::Order(key) => ("order", &key.account, &key.order_no),
            Lease::Delivery { event, endpoint } => ("delivery", event, endpoint),
        };
        self.conn
            .prepare_cached("DELETE FROM leases WHERE kind = ?1 AND a = ?2 AND b = ?3")?
            .execute(params![kind, a, b])?;
        Ok(())
    }

    /// No lease lasts longer than to `until`.
    pub(super) fn shorten_leases(&mut self, until: Timestamp) -> Result<(), Failure> {
        self.conn
            .prepare_cached("UPDATE leases SET until_us = ?1 WHERE until_us > ?1")?
            .execute(params![until.as_microsecond()])?;
        Ok(())
    }

    /// Ends every lease of what is not due.
    pub(in crate::store) fn release_what_is_not_due(&mut self) -> Result<(), Failure> {
        self.conn
            .prepare_cached(
                "DELETE FROM leases WHERE NOT CASE kind
                     WHEN 'order' THEN EXISTS (SELECT 1 FROM orders
                         WHERE account = a AND order_no = b AND due_us IS NOT NULL)
                     ELSE EXISTS (SELECT 1 FROM deliveries
                         WHERE event = a AND endpoint = b AND due_us IS NOT NULL) END",
            )?
            .execute([])?;
        Ok(())
    }

    fn hold(
        &mut self,
        kind: &str,
        a: &str,
        b: &str,
        until: Timestamp,
        claims: u32,
    ) -> Result<(), Failure> {
        self.touched.rows = true;
        self.conn
            .prepare_cached(
                "INSERT OR REPLACE INTO leases (kind, a, b, until_us, claims)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![kind, a, b, until.as_microsecond(), claims])?;
        Ok(())
    }

    fn due_orders(&self, now: Timestamp, limit: usize) -> Result<Vec<(OrderKey, u32)>, Failure> {
        let mut statement = self.conn.prepare_cached(
            "SELECT o.account, o.order_no, coalesce(l.claims, 0)
             FROM orders o INDEXED BY orders_due
             LEFT JOIN leases l ON l.kind = 'order' AND l.a = o.account AND l.b = o.order_no
             WHERE o.due_us IS NOT NULL AND o.due_us <= ?1 AND coalesce(l.until_us <= ?1, 1)
             ORDER BY o.due_us, o.account, o.order_no LIMIT ?2",
        )?;
        let found =
            statement.query_map(params![now.as_microsecond(), rows::rows(limit)], |row| {
                let key = OrderKey::new(row.get::<_, String>(0)?, row.get::<_, String>(1)?);
                Ok((key, row.get(2)?))
            })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// What is due at one endpoint, each with its turn, its claims counted up.
    fn due_deliveries(
        &self,
        endpoint: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(usize, DueDelivery)>, Failure> {
        let mut statement = self.conn.prepare_cached(
            "SELECT d.event, d.endpoint, d.account, d.order_no, d.attempts, d.state, d.due_us, d.last,
                    coalesce(l.claims, 0), b.body
             FROM deliveries d INDEXED BY deliveries_due
             LEFT JOIN leases l ON l.kind = 'delivery' AND l.a = d.event AND l.b = d.endpoint
             LEFT JOIN events e ON e.id = d.event
             LEFT JOIN event_bodies b ON b.pos = e.pos
             WHERE d.endpoint = ?1 AND d.due_us IS NOT NULL AND d.due_us <= ?2
                   AND coalesce(l.until_us <= ?2, 1)
             ORDER BY d.due_us, d.event LIMIT ?3",
        )?;
        let mut found =
            statement.query(params![endpoint, now.as_microsecond(), rows::rows(limit)])?;
        let mut due = Vec::new();
        while let Some(row) = found.next()? {
            let claimed: u32 = row.get(8)?;
            let body: Option<Vec<u8>> = row.get(9)?;
            let taken = DueDelivery {
                delivery: rows::delivery(row)?,
                body: body.unwrap_or_default(),
                claims: claimed.saturating_add(1),
            };
            due.push((due.len(), taken));
        }
        Ok(due)
    }
}
