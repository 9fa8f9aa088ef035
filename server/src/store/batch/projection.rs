//! The projection over the tables: each row is read once, and written when the batch flushes.

use super::{Batch, Changed};
use crate::store::failure::Failure;
use crate::store::rows;
use quittance_core::OrderKey;
use quittance_core::derived::Derived;
use quittance_core::event::{About, Event};
use quittance_core::fold::{Projection, floor};
use quittance_core::gateway::Address;
use quittance_core::settings::Settings;
use quittance_core::state::{AccountState, Delivery, OrderState, Parked};
use quittance_core::status::Status;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Projection for Batch<'_> {
    type Error = Failure;

    fn settings(&mut self) -> Result<Arc<Settings>, Failure> {
        Ok(self.settings.value.clone())
    }

    fn put_settings(&mut self, settings: Settings) -> Result<(), Failure> {
        self.settings = Changed::written(Arc::new(settings));
        Ok(())
    }

    fn order(&mut self, key: &OrderKey) -> Result<Option<OrderState>, Failure> {
        cached(&mut self.orders, key, || rows::order(self.conn, key))
    }

    fn put_order(&mut self, state: OrderState, _: &Derived) -> Result<(), Failure> {
        let key = state.order.key.clone();
        self.touched.orders.insert(key.clone());
        self.orders.insert(key, Changed::written(Some(state)));
        Ok(())
    }

    fn unanswered(&mut self) -> Result<Vec<OrderKey>, Failure> {
        self.flush()?;
        let mut statement = self.conn.prepare_cached(
            "SELECT account, order_no FROM orders WHERE unanswered = 1 ORDER BY account, order_no",
        )?;
        let keys = statement.query_map([], |row| {
            Ok(OrderKey::new(
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
            ))
        })?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    fn waiting(&mut self) -> Result<Vec<OrderKey>, Failure> {
        self.flush()?;
        let mut statement = self.conn.prepare_cached(
            "SELECT account, order_no FROM orders INDEXED BY orders_due
             WHERE due_us IS NOT NULL ORDER BY account, order_no",
        )?;
        let keys = statement.query_map([], |row| {
            Ok(OrderKey::new(
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
            ))
        })?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    fn active(&mut self) -> Result<Vec<OrderKey>, Failure> {
        self.flush()?;
        let mut statement = self.conn.prepare_cached(
            "SELECT account, order_no FROM orders
             WHERE status = ?1 OR attention = 1 OR due_us IS NOT NULL
             ORDER BY account, order_no",
        )?;
        let keys = statement.query_map([Status::Unpaid.word()], |row| {
            Ok(OrderKey::new(
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
            ))
        })?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    fn pending(&mut self) -> Result<Vec<Delivery>, Failure> {
        self.flush()?;
        let sql = format!(
            "SELECT {} FROM deliveries WHERE due_us IS NOT NULL ORDER BY event, endpoint",
            rows::DELIVERY
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut found = statement.query([])?;
        let mut pending = Vec::new();
        while let Some(row) = found.next()? {
            pending.push(rows::delivery(row)?);
        }
        Ok(pending)
    }

    fn account(&mut self, name: &str) -> Result<AccountState, Failure> {
        let key = name.to_owned();
        let found = cached(&mut self.accounts, &key, || account(self.conn, name))?;
        Ok(found.unwrap_or_default())
    }

    fn put_account(&mut self, name: &str, state: AccountState) -> Result<(), Failure> {
        self.accounts
            .insert(name.to_owned(), Changed::written(Some(state)));
        Ok(())
    }

    fn parked(&mut self, account: &str, about: &Address) -> Result<Option<Parked>, Failure> {
        let key = (account.to_owned(), about.clone());
        cached(&mut self.parked, &key, || parked(self.conn, account, about))
    }

    fn put_parked(
        &mut self,
        account: &str,
        about: &Address,
        parked: Option<Parked>,
    ) -> Result<(), Failure> {
        self.parked.insert(
            (account.to_owned(), about.clone()),
            Changed::written(parked),
        );
        Ok(())
    }

    fn trade_owner(&mut self, account: &str, trade_no: &str) -> Result<Option<String>, Failure> {
        let key = (account.to_owned(), trade_no.to_owned());
        cached(&mut self.trades, &key, || {
            let mut statement = self.conn.prepare_cached(
                "SELECT order_no FROM trades WHERE account = ?1 AND trade_no = ?2",
            )?;
            let owner = statement.query_row(params![account, trade_no], |row| row.get(0));
            Ok(owner.optional()?)
        })
    }

    fn own_trade(&mut self, account: &str, trade_no: &str, order_no: &str) -> Result<(), Failure> {
        self.trades.insert(
            (account.to_owned(), trade_no.to_owned()),
            Changed::written(Some(order_no.to_owned())),
        );
        Ok(())
    }

    fn delivery(&mut self, event: &str, endpoint: &str) -> Result<Option<Delivery>, Failure> {
        let key = (event.to_owned(), endpoint.to_owned());
        cached(&mut self.deliveries, &key, || {
            let sql = format!(
                "SELECT {} FROM deliveries WHERE event = ?1 AND endpoint = ?2",
                rows::DELIVERY
            );
            let mut statement = self.conn.prepare_cached(&sql)?;
            let mut found = statement.query(params![event, endpoint])?;
            found.next()?.map(rows::delivery).transpose()
        })
    }

    fn put_delivery(&mut self, delivery: Delivery) -> Result<(), Failure> {
        self.deliveries.insert(
            (delivery.event.clone(), delivery.endpoint.clone()),
            Changed::written(Some(delivery)),
        );
        Ok(())
    }

    fn endpoints_of(&mut self, event: &str) -> Result<Vec<String>, Failure> {
        self.flush()?;
        let mut statement = self
            .conn
            .prepare_cached("SELECT endpoint FROM deliveries WHERE event = ?1 ORDER BY endpoint")?;
        let names = statement.query_map([event], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    fn held(&mut self, endpoint: &str) -> Result<Vec<Delivery>, Failure> {
        self.flush()?;
        let sql = format!(
            "SELECT {} FROM deliveries WHERE endpoint = ?1 AND state = 'held' ORDER BY event",
            rows::DELIVERY
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut found = statement.query([endpoint])?;
        let mut held = Vec::new();
        while let Some(row) = found.next()? {
            held.push(rows::delivery(row)?);
        }
        Ok(held)
    }

    fn emit(&mut self, event: Event, about: About<'_>) -> Result<(), Failure> {
        let floor = floor(self)?;
        let new = self
            .conn
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
            // The fold is total: it never fails on what it finds, and no event is told twice.
            tracing::error!(event = event.id, "an event was published before");
            return Ok(());
        }
        self.touched.events = true;
        let pos = self.conn.last_insert_rowid();
        // A refold finds the body that was rendered when it happened.
        let rendered = self
            .conn
            .prepare_cached("SELECT 1 FROM event_bodies WHERE pos = ?1 AND id = ?2")?
            .exists(params![pos, event.id])?;
        if !rendered {
            let (render, head) = (self.render, self.head.clone());
            let personal = match about {
                About::Order(state, _) => self.personal(&state.order.key)?,
                About::Account(_) | About::Journal => &[],
            };
            let body = render.event(&event, about, personal, &head);
            self.conn
                .prepare_cached(
                    "INSERT OR REPLACE INTO event_bodies (pos, id, body) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![pos, event.id, body])?;
        }
        Ok(())
    }
}

/// The row as the batch knows it, or else as the tables do.
fn cached<K: Ord + Clone, V: Clone>(
    cache: &mut BTreeMap<K, Changed<Option<V>>>,
    key: &K,
    read: impl FnOnce() -> Result<Option<V>, Failure>,
) -> Result<Option<V>, Failure> {
    if let Some(known) = cache.get(key) {
        return Ok(known.value.clone());
    }
    let value = read()?;
    cache.insert(key.clone(), Changed::read(value.clone()));
    Ok(value)
}

/// An account's own state.
pub(in crate::store) fn account(
    conn: &Connection,
    name: &str,
) -> Result<Option<AccountState>, Failure> {
    let text: Option<String> = conn
        .prepare_cached("SELECT state FROM accounts WHERE account = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    text.map(|text| rows::parse(&text, &format!("the account {name}")))
        .transpose()
}

/// Evidence that waits under an address.
pub(in crate::store) fn parked(
    conn: &Connection,
    account: &str,
    about: &Address,
) -> Result<Option<Parked>, Failure> {
    let (by, number) = address(about);
    let text: Option<String> = conn
        .prepare_cached("SELECT state FROM parked WHERE account = ?1 AND by = ?2 AND about = ?3")?
        .query_row(params![account, by, number], |row| row.get(0))
        .optional()?;
    text.map(|text| rows::parse(&text, &format!("the evidence about {by} {number}")))
        .transpose()
}

/// An address as its two columns.
pub(super) fn address(about: &Address) -> (&'static str, &str) {
    match about {
        Address::OrderNo(number) => ("order", number),
        Address::TradeNo(number) => ("trade", number),
    }
}
