//! The tables in PostgreSQL, inside one transaction: what it looks at is locked and read at once, what it writes is
//! written at once, so that a batch costs two round trips.
//!
//! What a batch looks at is not known before it has looked. A row that was not read yet is noted, and told as if it were
//! not there: the fold goes on, notes what else it would look at, and its work is thrown away and done again with all of
//! that. So every lock is taken in one place, in one order, and nobody waits for anybody in a circle.

use super::puts::Puts;
use super::session::Session;
use crate::store::failure::Failure;
use crate::store::keys::Keys;
use crate::store::sql::{Param, Sql};
use crate::store::tables::{EntryRow, Published, Tables, Which};
use crate::store::{DueDelivery, DueStep, Held, Lease, Snapshot, dump, read, rows};
use quittance_core::entry::Hash;
use quittance_core::event::Event;
use quittance_core::gateway::{Address, Personal};
use quittance_core::settings::Settings;
use quittance_core::state::{AccountState, Delivery, OrderState, Parked};
use quittance_core::{OrderKey, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The account that is the journal's own: all orders depend on it, so it is read with the settings.
pub(super) const JOURNAL: &str = "";

/// Rows as they were when they were locked; `None` where there is none.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) orders: BTreeMap<OrderKey, Option<OrderState>>,
    pub(super) personal: BTreeMap<OrderKey, Vec<Personal>>,
    pub(super) accounts: BTreeMap<String, Option<AccountState>>,
    pub(super) parked: BTreeMap<(String, Address), Parked>,
    pub(super) trades: BTreeMap<(String, String), Option<String>>,
    pub(super) deliveries: BTreeMap<String, Vec<Delivery>>,
    pub(super) fences: BTreeMap<Held, Option<u64>>,
    /// Numbers that were drawn, for entries and for places in the feed.
    pub(super) numbers: Vec<u64>,
}

/// The tables inside one open transaction.
pub(super) struct PgTables<'a> {
    session: &'a Session,
    chain: &'a str,
    loaded: &'a Loaded,
    /// Numbers of those that are taken.
    taken: usize,
    /// Debts of events as this transaction left them.
    owed: BTreeMap<String, Vec<Delivery>>,
    /// Leases that this transaction ended.
    ended: BTreeSet<Held>,
    /// Whether every other writer is kept out: then rows are read when they are looked at.
    alone: bool,
    puts: Puts,
    missed: Keys,
    wants_alone: bool,
    /// Whether the transaction has written: then it can only be committed, or begun anew.
    sent: bool,
    /// Whether events find the places that they had.
    told: bool,
}

/// What was leased: how often it was taken without a recorded end, and under which number.
type Taken = BTreeMap<(String, String), (u32, u64)>;

/// What a pass over the jobs asks for before it can stand.
pub(super) struct Wanted {
    /// Rows that were not read.
    pub(super) missed: Keys,
    /// Whether everybody else has to be kept out.
    pub(super) alone: bool,
    /// Whether the transaction has written.
    pub(super) sent: bool,
}

impl<'a> PgTables<'a> {
    pub(super) fn new(
        session: &'a Session,
        chain: &'a str,
        loaded: &'a Loaded,
        alone: bool,
    ) -> PgTables<'a> {
        PgTables {
            session,
            chain,
            loaded,
            taken: 0,
            owed: BTreeMap::new(),
            ended: BTreeSet::new(),
            alone,
            puts: Puts::default(),
            missed: Keys::default(),
            wants_alone: false,
            sent: false,
            told: false,
        }
    }

    /// What this pass lacked, and what it would write.
    pub(super) fn end(self) -> (Wanted, Puts) {
        let wanted = Wanted {
            missed: self.missed,
            alone: self.wants_alone,
            sent: self.sent,
        };
        (wanted, self.puts)
    }

    /// Whether this pass is thrown away.
    fn in_vain(&self) -> bool {
        self.wants_alone || !self.missed.is_empty()
    }

    /// Where only one writer can go on, the pass ends.
    fn only_alone(&mut self) -> Result<(), Failure> {
        if self.alone {
            return Ok(());
        }
        self.wants_alone = true;
        Err(Failure::Busy("others have to be kept out".to_owned()))
    }

    fn number(&mut self, stand_in: u64) -> Result<u64, Failure> {
        if let Some(number) = self.loaded.numbers.get(self.taken) {
            self.taken += 1;
            return Ok(*number);
        }
        if self.alone {
            let found = self.session.one("SELECT nextval('numbers')", &[])?;
            return found.map_or(Ok(stand_in), |row| row.get(0));
        }
        self.missed.entries += 1;
        Ok(stand_in)
    }

    fn send(&mut self) -> Result<(), Failure> {
        let puts = std::mem::take(&mut self.puts);
        self.sent = true;
        puts.send(self.session, self.chain, false)
    }

    /// From now on the projection is another one, which ends with the transaction.
    pub(super) fn stand_aside(&mut self) -> Result<(), Failure> {
        for table in dump::TABLES {
            let name = table.name;
            self.session.run(&format!(
                "CREATE TEMP TABLE {name} (LIKE {name} INCLUDING ALL) ON COMMIT DROP"
            ))?;
        }
        self.session.forget();
        Ok(())
    }

    /// Leases what was locked: who was there first has it.
    fn lease(
        &mut self,
        what: [&str; 3],
        held: &[(&str, &str)],
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Taken, Failure> {
        self.sent = true;
        let statement = self.session.prepared(&take(what))?;
        let (a, b): (Vec<&str>, Vec<&str>) = held.iter().copied().unzip();
        let (now, until) = (now.as_microsecond(), until.as_microsecond());
        let taken = self.session.wait(
            self.session
                .client
                .query(&statement, &[&a, &b, &now, &until]),
        )?;
        let mut leases = BTreeMap::new();
        for row in taken {
            let (claims, fence): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
            let claims = u32::try_from(claims).unwrap_or(u32::MAX);
            leases.insert(
                (row.try_get(0)?, row.try_get(1)?),
                (claims, rows::number(fence)),
            );
        }
        Ok(leases)
    }
}

/// What is leased: its kind, its table, the two columns of its key.
const ORDERS: [&str; 3] = ["order", "orders", "account, order_no"];
const DELIVERIES: [&str; 3] = ["delivery", "deliveries", "event, endpoint"];

/// Takes what is due under a lease. What somebody else has locked is his to change: it is passed over.
fn take([kind, table, key]: [&str; 3]) -> String {
    format!(
        "WITH due (a, b) AS (
            SELECT {key} FROM {table} WHERE ({key}) IN (SELECT * FROM unnest($1::text[], $2::text[]))
            AND due_us <= $3 ORDER BY {key} FOR UPDATE SKIP LOCKED)
        INSERT INTO leases (kind, a, b, until_us, claims, fence)
        SELECT '{kind}', a, b, $4, 1, nextval('fences') FROM due
        ON CONFLICT (kind, a, b) DO UPDATE SET until_us = excluded.until_us,
            claims = leases.claims + 1, fence = excluded.fence WHERE leases.until_us <= $3
        RETURNING a, b, claims, fence"
    )
}

impl Tables for PgTables<'_> {
    fn next_seq(&mut self, newest: u64) -> Result<u64, Failure> {
        self.number(newest + 1)
    }

    fn order(&mut self, key: &OrderKey) -> Result<Option<OrderState>, Failure> {
        if let Some(known) = self.loaded.orders.get(key) {
            return Ok(known.clone());
        }
        if self.alone {
            return rows::order(self.session, key);
        }
        self.missed.orders.insert(key.clone());
        Ok(None)
    }

    fn personal(&mut self, key: &OrderKey) -> Result<Vec<Personal>, Failure> {
        if self.alone {
            return rows::personal(self.session, key);
        }
        if !self.loaded.orders.contains_key(key) {
            self.missed.orders.insert(key.clone());
        }
        Ok(self.loaded.personal.get(key).cloned().unwrap_or_default())
    }

    fn account(&mut self, name: &str) -> Result<Option<AccountState>, Failure> {
        if let Some(known) = self.loaded.accounts.get(name) {
            return Ok(known.clone());
        }
        if self.alone {
            return read::account(self.session, name);
        }
        self.missed.accounts.insert(name.to_owned());
        Ok(None)
    }

    fn parked(&mut self, account: &str, about: &Address) -> Result<Option<Parked>, Failure> {
        if self.alone {
            return read::parked(self.session, account, about);
        }
        let read = match about {
            Address::OrderNo(order_no) => {
                let key = OrderKey::new(account, &**order_no);
                let read = self.loaded.orders.contains_key(&key);
                if !read {
                    self.missed.orders.insert(key);
                }
                read
            }
            Address::TradeNo(trade_no) => {
                let key = (account.to_owned(), trade_no.clone());
                let read = self.loaded.trades.contains_key(&key);
                if !read {
                    self.missed.trades.insert(key);
                }
                read
            }
        };
        let key = (account.to_owned(), about.clone());
        Ok(self.loaded.parked.get(&key).filter(|_| read).cloned())
    }

    fn trade_owner(&mut self, account: &str, trade_no: &str) -> Result<Option<String>, Failure> {
        let key = (account.to_owned(), trade_no.to_owned());
        if let Some(known) = self.loaded.trades.get(&key) {
            return Ok(known.clone());
        }
        if self.alone {
            return read::trade_owner(self.session, account, trade_no);
        }
        self.missed.trades.insert(key);
        Ok(None)
    }

    fn deliveries(&mut self, event: &str) -> Result<Vec<Delivery>, Failure> {
        if self.alone {
            return read::deliveries(self.session, event);
        }
        let known = self.owed.get(event).or(self.loaded.deliveries.get(event));
        if let Some(known) = known {
            return Ok(known.clone());
        }
        self.missed.events.insert(event.to_owned());
        Ok(Vec::new())
    }

    fn written_before(&mut self, seq: u64) -> Result<Option<Timestamp>, Failure> {
        self.only_alone()?;
        read::written_before(self.session, seq)
    }

    fn holds(&mut self, lease: &Lease) -> Result<bool, Failure> {
        if self.ended.contains(&lease.held) {
            return Ok(false);
        }
        if self.alone {
            return read::holds(self.session, lease);
        }
        if let Some(fence) = self.loaded.fences.get(&lease.held) {
            return Ok(*fence == Some(lease.fence));
        }
        self.missed.held.insert(lease.held.clone());
        Ok(true)
    }

    fn orders(&mut self, which: Which) -> Result<Vec<OrderKey>, Failure> {
        self.only_alone()?;
        read::keys(self.session, which)
    }

    fn pending(&mut self) -> Result<Vec<Delivery>, Failure> {
        self.only_alone()?;
        read::pending(self.session)
    }

    fn held(&mut self, endpoint: &str) -> Result<Vec<Delivery>, Failure> {
        self.only_alone()?;
        read::held(self.session, endpoint)
    }

    fn put_entry(&mut self, entry: EntryRow) -> Result<(), Failure> {
        self.puts.entries.push(entry);
        Ok(())
    }

    fn put_personal(&mut self, seq: u64, personal: &[Personal]) -> Result<(), Failure> {
        self.puts.personal.push((seq, rows::json(&personal)?));
        Ok(())
    }

    fn put_settings(&mut self, settings: &Settings) -> Result<(), Failure> {
        self.only_alone()?;
        self.puts.settings = Some(rows::json(settings)?);
        Ok(())
    }

    fn put_order(&mut self, state: &OrderState) -> Result<(), Failure> {
        self.puts.order(state)
    }

    fn put_account(&mut self, name: &str, state: &AccountState) -> Result<(), Failure> {
        if name == JOURNAL {
            self.only_alone()?;
            self.puts.world = true;
        }
        self.puts.account(name, state)
    }

    fn put_parked(
        &mut self,
        account: &str,
        about: &Address,
        parked: Option<&Parked>,
    ) -> Result<(), Failure> {
        self.puts.parked(account, about, parked)
    }

    fn put_trade(&mut self, account: &str, trade_no: &str, order_no: &str) -> Result<(), Failure> {
        let trade = [account, trade_no, order_no].map(str::to_owned);
        self.puts.trades.push(trade);
        Ok(())
    }

    fn put_delivery(&mut self, delivery: &Delivery) -> Result<(), Failure> {
        let key = (delivery.event.clone(), delivery.endpoint.clone());
        self.puts.deliveries.insert(key, delivery.clone());
        if let Some(known) = self.loaded.deliveries.get(&delivery.event) {
            let owed = self.owed.entry(delivery.event.clone());
            let owed = owed.or_insert_with(|| known.clone());
            owed.retain(|old| old.endpoint != delivery.endpoint);
            owed.push(delivery.clone());
            owed.sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
        }
        Ok(())
    }

    fn publish(&mut self, event: &Event, floor: u64) -> Result<Published, Failure> {
        if self.told {
            let found = self
                .session
                .one("SELECT pos FROM told WHERE id = ?1", &[(&event.id).into()])?;
            if let Some(row) = found {
                self.puts.events.push((row.get(0)?, event.clone()));
                return Ok(Published::Told);
            }
        }
        let mut pos = self.number(0)?;
        if pos <= floor && self.alone {
            // An epoch has begun: from here on every number is above what anybody can have seen.
            let raised = self.session.one(
                "SELECT setval('numbers', ?1)",
                &[rows::int(floor.saturating_add(1)).into()],
            )?;
            pos = raised.map_or(Ok(pos), |row| row.get(0))?;
        }
        self.puts.events.push((pos, event.clone()));
        Ok(Published::Untold(pos))
    }

    fn put_event_body(&mut self, pos: u64, event: &str, body: Vec<u8>) -> Result<(), Failure> {
        self.puts.bodies.push((pos, event.to_owned(), body));
        Ok(())
    }

    fn put_cursor(&mut self, seq: u64, hash: Hash) -> Result<(), Failure> {
        self.puts.head = Some((seq, hash));
        Ok(())
    }

    /// Only who is alone looks across rows; whoever takes work sends first what he has.
    fn flushed(&mut self) -> Result<(), Failure> {
        match self.alone {
            true => self.send(),
            false => Ok(()),
        }
    }

    fn take_steps(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueStep>, Failure> {
        if self.in_vain() {
            return Ok(Vec::new());
        }
        self.send()?;
        let found = self.session.all(
            "SELECT o.account, o.order_no FROM orders o
             WHERE o.due_us IS NOT NULL AND o.due_us <= ?1 AND NOT EXISTS
                 (SELECT 1 FROM leases l WHERE l.kind = 'order' AND l.a = o.account
                  AND l.b = o.order_no AND l.until_us > ?1)
             ORDER BY o.due_us, o.account, o.order_no LIMIT ?2",
            &[now.as_microsecond().into(), rows::rows(limit).into()],
        )?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let keys = found.iter().map(|row| rows::order_key(row, 0));
        let keys: Vec<OrderKey> = keys.collect::<Result<_, _>>()?;
        let held: Vec<(&str, &str)> = keys
            .iter()
            .map(|key| (&*key.account, &*key.order_no))
            .collect();
        let leases = self.lease(ORDERS, &held, now, until)?;
        let mut steps = Vec::new();
        for key in keys {
            let taken = leases.get(&(key.account.clone(), key.order_no.clone()));
            let Some((claims, fence)) = taken.copied() else {
                continue;
            };
            let lease = Lease {
                held: Held::Order(key.clone()),
                fence,
            };
            let due = rows::order(self.session, &key)?;
            let due = due.and_then(|state| state.due(now).map(|step| (state, step)));
            let Some((state, step)) = due else {
                self.release(&lease)?;
                continue;
            };
            let personal = rows::personal(self.session, &key)?;
            steps.push(DueStep {
                snapshot: Snapshot { state, personal },
                step,
                claims,
                lease,
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
        if self.in_vain() {
            return Ok(Vec::new());
        }
        self.send()?;
        let mut due = Vec::new();
        for endpoint in endpoints {
            let found = self.session.all(
                "SELECT d.event, d.endpoint, d.account, d.order_no, d.attempts, d.state, d.due_us,
                        d.last, b.body
                 FROM deliveries d
                 LEFT JOIN events e ON e.id = d.event
                 LEFT JOIN event_bodies b ON b.pos = e.pos
                 WHERE d.endpoint = ?1 AND d.due_us IS NOT NULL AND d.due_us <= ?2 AND NOT EXISTS
                     (SELECT 1 FROM leases l WHERE l.kind = 'delivery' AND l.a = d.event
                      AND l.b = d.endpoint AND l.until_us > ?2)
                 ORDER BY d.due_us, d.event LIMIT ?3",
                &[
                    (*endpoint).into(),
                    now.as_microsecond().into(),
                    rows::rows(limit).into(),
                ],
            )?;
            let found = found.iter().map(|row| rows::due_delivery(row, 0, 0));
            due.push(found.collect::<Result<_, _>>()?);
        }
        let due = rows::in_turns(due, limit);
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let held: Vec<(&str, &str)> = due
            .iter()
            .map(|found| (&*found.delivery.event, &*found.delivery.endpoint))
            .collect();
        let leases = self.lease(DELIVERIES, &held, now, until)?;
        let mut taken = Vec::new();
        for mut found in due {
            let delivery = &found.delivery;
            let key = (delivery.event.clone(), delivery.endpoint.clone());
            let Some((claims, fence)) = leases.get(&key).copied() else {
                continue;
            };
            found.claims = claims;
            found.lease.fence = fence;
            // As it is now that it is held: somebody may have tried it since it was looked for.
            let now_owed = read::deliveries(self.session, &delivery.event)?;
            if let Some(owed) = now_owed.into_iter().find(|owed| owed.endpoint == key.1) {
                found.delivery = owed;
            }
            taken.push(found);
        }
        Ok(taken)
    }

    fn release(&mut self, lease: &Lease) -> Result<(), Failure> {
        self.ended.insert(lease.held.clone());
        self.puts.released.push(lease.clone());
        Ok(())
    }

    fn shorten_leases(&mut self, until: Timestamp) -> Result<(), Failure> {
        self.only_alone()?;
        let statement = self
            .session
            .prepared("UPDATE leases SET until_us = $1 WHERE until_us > $1")?;
        let until = until.as_microsecond();
        let client = &self.session.client;
        self.session.wait(client.execute(&statement, &[&until]))?;
        self.sent = true;
        Ok(())
    }

    fn wipe(&mut self) -> Result<(), Failure> {
        self.only_alone()?;
        self.sent = true;
        // Events find their places again by what was rendered for them.
        self.session.run(
            "CREATE TEMP TABLE told ON COMMIT DROP AS SELECT id, pos FROM event_bodies;
             CREATE INDEX ON told (id);",
        )?;
        self.told = true;
        for table in dump::TABLES {
            self.session.run(&format!("DELETE FROM {}", table.name))?;
        }
        Ok(())
    }

    fn probe(&mut self) -> Result<(), Failure> {
        self.sent = true;
        self.session.run(
            "INSERT INTO room (id, space) VALUES (1, decode(repeat('00', 65536), 'hex'))
             ON CONFLICT (id) DO UPDATE SET space = excluded.space",
        )
    }

    fn give_back(&mut self) -> Result<(), Failure> {
        self.sent = true;
        self.session.run("DELETE FROM room")
    }

    fn sql(&mut self) -> Result<&dyn Sql, Failure> {
        self.only_alone()?;
        Ok(self.session)
    }

    fn change(&mut self, statement: &str, values: &[Param<'_>]) -> Result<u64, Failure> {
        self.only_alone()?;
        self.sent = true;
        self.session.change(statement, values)
    }

    #[cfg(test)]
    fn aside(&mut self, statement: &str) -> Result<(), Failure> {
        self.session.run(statement)
    }
}
