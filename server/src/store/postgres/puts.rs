//! What a transaction writes: collected while it folds, sent in one go.

use super::session::Session;
use crate::store::Lease;
use crate::store::failure::Failure;
use crate::store::rows::{self, DerivedRow, Finding};
use crate::store::tables::EntryRow;
use futures_util::future::try_join_all;
use quittance_core::entry::Hash;
use quittance_core::event::Event;
use quittance_core::gateway::Address;
use quittance_core::state::{AccountState, Delivery, OrderState, Parked};
use quittance_core::{OrderKey, Timestamp};
use std::collections::BTreeMap;
use std::pin::Pin;
use tokio_postgres::types::ToSql;

/// Changed rows, each as it was put last.
#[derive(Default)]
pub(super) struct Puts {
    pub(super) entries: Vec<EntryRow>,
    /// The entry's number, and what it brought as JSON.
    pub(super) personal: Vec<(u64, String)>,
    pub(super) settings: Option<String>,
    /// Whether something changed that all orders depend on.
    pub(super) world: bool,
    /// With the order's token and subject, which never change.
    orders: BTreeMap<OrderKey, (DerivedRow, String, String)>,
    accounts: BTreeMap<String, String>,
    findings: BTreeMap<OrderKey, Vec<Finding>>,
    parked: BTreeMap<Place, ParkedRow>,
    /// Account, number, order.
    pub(super) trades: Vec<[String; 3]>,
    pub(super) deliveries: BTreeMap<(String, String), Delivery>,
    /// With the place in the feed.
    pub(super) events: Vec<(u64, Event)>,
    /// The place in the feed, the event's id, what was rendered.
    pub(super) bodies: Vec<(u64, String, Vec<u8>)>,
    pub(super) released: Vec<Lease>,
    pub(super) head: Option<(u64, Hash)>,
}

/// Account, what the number is, the number.
type Place = (String, &'static str, String);

struct ParkedRow {
    /// Nothing, where what waited waits no longer.
    state: Option<String>,
    since_us: i64,
    overdue: i64,
}

type Sent<'a> = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + 'a>>;

impl Puts {
    pub(super) fn order(&mut self, state: &OrderState) -> Result<(), Failure> {
        let key = state.order.key.clone();
        let mut row = DerivedRow::of(state)?;
        if let Some(found) = row.discrepancies.take() {
            self.findings.insert(key.clone(), found);
        }
        let (token, subject) = (state.order.token.clone(), state.order.subject.clone());
        self.orders.insert(key, (row, token, subject));
        Ok(())
    }

    pub(super) fn account(&mut self, name: &str, state: &AccountState) -> Result<(), Failure> {
        let found = rows::account_discrepancies(state);
        self.findings.insert(OrderKey::new(name, ""), found);
        self.accounts.insert(name.to_owned(), rows::json(state)?);
        Ok(())
    }

    pub(super) fn parked(
        &mut self,
        account: &str,
        about: &Address,
        parked: Option<&Parked>,
    ) -> Result<(), Failure> {
        let (by, about) = rows::address(about);
        let row = ParkedRow {
            state: parked.map(rows::json).transpose()?,
            since_us: parked.map_or(0, |parked| parked.since.as_microsecond()),
            overdue: parked.map_or(0, |parked| i64::from(parked.overdue)),
        };
        let place = (account.to_owned(), by, about.to_owned());
        self.parked.insert(place, row);
        Ok(())
    }

    /// Writes all of it, and with `commit` ends the transaction: one round trip, and where any part of it fails, nothing
    /// stands.
    pub(super) fn send(self, session: &Session, chain: &str, commit: bool) -> Result<(), Failure> {
        let mut lines = Lines::default();
        self.put_entries(&mut lines, chain);
        self.put_projection(&mut lines);
        self.put_events(&mut lines);
        self.put_leases(&mut lines);
        lines.send(session, commit)
    }

    fn put_entries(&self, lines: &mut Lines<'_>, chain: &str) {
        let (entries, count) = (&self.entries, self.entries.len());
        if count > 0 {
            let of = |column: fn(&EntryRow) -> i64| entries.iter().map(column).collect::<Vec<_>>();
            let bytes = |column: fn(&EntryRow) -> &[u8]| {
                entries
                    .iter()
                    .map(|row| column(row).to_vec())
                    .collect::<Vec<_>>()
            };
            let texts = |column: fn(&EntryRow) -> &Option<String>| {
                entries
                    .iter()
                    .map(|row| column(row).clone())
                    .collect::<Vec<_>>()
            };
            lines.add(
                "INSERT INTO entries (seq, chain, time_us, kind, header, body_hash, prev, hash, account, order_no)
                 SELECT s, $2, t, k, h, bh, p, hh, a, o
                 FROM unnest($1::int8[], $3::int8[], $4::int8[], $5::bytea[], $6::bytea[], $7::bytea[],
                             $8::bytea[], $9::text[], $10::text[]) x(s, t, k, h, bh, p, hh, a, o)",
                vec![
                    Box::new(of(|row| rows::int(row.seq))),
                    Box::new(chain.to_owned()),
                    Box::new(of(|row| row.time_us)),
                    Box::new(of(|row| row.kind.into())),
                    Box::new(bytes(|row| &row.header)),
                    Box::new(bytes(|row| &row.body_hash)),
                    Box::new(bytes(|row| &row.prev)),
                    Box::new(bytes(|row| &row.hash)),
                    Box::new(texts(|row| &row.account)),
                    Box::new(texts(|row| &row.order_no)),
                ],
            );
        }
        let bodies = entries
            .iter()
            .filter_map(|row| Some((row.seq, row.body.as_ref()?)));
        let (mut seqs, mut salts, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        for (seq, (salt, body)) in bodies {
            seqs.push(rows::int(seq));
            salts.push(salt.to_vec());
            texts.push(body.clone());
        }
        if !seqs.is_empty() {
            lines.add(
                "INSERT INTO bodies (seq, salt, body)
                 SELECT * FROM unnest($1::int8[], $2::bytea[], $3::bytea[])",
                vec![Box::new(seqs), Box::new(salts), Box::new(texts)],
            );
        }
        if !self.personal.is_empty() {
            let (seqs, texts): (Vec<i64>, Vec<String>) = self
                .personal
                .iter()
                .map(|(seq, text)| (rows::int(*seq), text.clone()))
                .unzip();
            lines.add(
                "INSERT INTO personal (seq, data) SELECT * FROM unnest($1::int8[], $2::text[])",
                vec![Box::new(seqs), Box::new(texts)],
            );
        }
        if let Some((seq, hash)) = self.head {
            lines.add(
                "INSERT INTO chains (chain, seq, hash) VALUES ($1, $2, $3)
                 ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
                vec![
                    Box::new(chain.to_owned()),
                    Box::new(rows::int(seq)),
                    Box::new(hash.to_vec()),
                ],
            );
        }
    }

    fn put_projection(&self, lines: &mut Lines<'_>) {
        if let Some(settings) = &self.settings {
            lines.add(
                "INSERT INTO settings (id, state) VALUES (1, $1)
                 ON CONFLICT (id) DO UPDATE SET state = excluded.state",
                vec![Box::new(settings.clone())],
            );
        }
        if self.world || self.settings.is_some() {
            lines.add(
                "UPDATE meta SET value = value + 1 WHERE name = 'world'",
                Vec::new(),
            );
        }
        if !self.orders.is_empty() {
            self.put_orders(lines);
        }
        if !self.accounts.is_empty() {
            let (names, states): (Vec<String>, Vec<String>) =
                self.accounts.clone().into_iter().unzip();
            lines.add(
                "INSERT INTO accounts (account, state) SELECT * FROM unnest($1::text[], $2::text[])
                 ON CONFLICT (account) DO UPDATE SET state = excluded.state",
                vec![Box::new(names), Box::new(states)],
            );
        }
        if !self.findings.is_empty() {
            self.put_findings(lines);
        }
        if !self.parked.is_empty() {
            self.put_parked(lines);
        }
        if !self.trades.is_empty() {
            let of = |at: usize| {
                self.trades
                    .iter()
                    .map(|row| row[at].clone())
                    .collect::<Vec<_>>()
            };
            lines.add(
                "INSERT INTO trades (account, trade_no, order_no)
                 SELECT * FROM unnest($1::text[], $2::text[], $3::text[])",
                vec![Box::new(of(0)), Box::new(of(1)), Box::new(of(2))],
            );
        }
    }

    fn put_orders(&self, lines: &mut Lines<'_>) {
        let rows = &self.orders;
        type Row<'a> = (&'a OrderKey, &'a (DerivedRow, String, String));
        let texts = |of: fn(Row<'_>) -> &str| {
            rows.iter()
                .map(|row| of(row).to_owned())
                .collect::<Vec<_>>()
        };
        let numbers = |of: fn(&DerivedRow) -> Option<i64>| {
            rows.values().map(|(row, ..)| of(row)).collect::<Vec<_>>()
        };
        lines.add(
            "INSERT INTO orders (account, order_no, state, status, attention, due_us, unanswered,
                                 created_us, token, subject)
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int8[], $6::int8[],
                                  $7::int8[], $8::int8[], $9::text[], $10::text[])
             ON CONFLICT (account, order_no) DO UPDATE SET state = excluded.state,
                 status = excluded.status, attention = excluded.attention,
                 due_us = excluded.due_us, unanswered = excluded.unanswered",
            vec![
                Box::new(texts(|(key, _)| &key.account)),
                Box::new(texts(|(key, _)| &key.order_no)),
                Box::new(texts(|(_, (row, ..))| &row.state)),
                Box::new(texts(|(_, (row, ..))| row.status)),
                Box::new(numbers(|row| Some(row.attention.into()))),
                Box::new(numbers(|row| row.due_us)),
                Box::new(numbers(|row| Some(row.unanswered.into()))),
                Box::new(numbers(|row| Some(row.created_us))),
                Box::new(texts(|(_, (_, token, _))| token)),
                Box::new(texts(|(_, (.., subject))| subject)),
            ],
        );
    }

    /// The index of discrepancies, made anew for each order (or for an account itself).
    fn put_findings(&self, lines: &mut Lines<'_>) {
        let (accounts, order_nos): (Vec<String>, Vec<String>) = self
            .findings
            .keys()
            .map(|key| (key.account.clone(), key.order_no.clone()))
            .unzip();
        lines.add(
            "DELETE FROM discrepancies d USING unnest($1::text[], $2::text[]) k(a, o)
             WHERE d.account = k.a AND d.order_no = k.o",
            vec![Box::new(accounts), Box::new(order_nos)],
        );
        let each = || {
            let findings = self.findings.iter();
            findings.flat_map(|(key, found)| found.iter().map(move |finding| (key, finding)))
        };
        if each().next().is_none() {
            return;
        }
        let texts = |of: fn((&OrderKey, &Finding)) -> String| each().map(of).collect::<Vec<_>>();
        let numbers =
            |of: fn(&Finding) -> i64| each().map(|(_, finding)| of(finding)).collect::<Vec<_>>();
        lines.add(
            "INSERT INTO discrepancies (account, order_no, id, state, closed, opened_us)
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int8[], $6::int8[])",
            vec![
                Box::new(texts(|(key, _)| key.account.clone())),
                Box::new(texts(|(key, _)| key.order_no.clone())),
                Box::new(texts(|(_, finding)| finding.id.clone())),
                Box::new(texts(|(_, finding)| finding.state.to_owned())),
                Box::new(numbers(|finding| finding.closed.into())),
                Box::new(numbers(|finding| finding.opened_us)),
            ],
        );
    }

    fn put_parked(&self, lines: &mut Lines<'_>) {
        let places = |waits: bool| {
            let rows = self.parked.iter();
            let rows = rows.filter(move |(_, row)| row.state.is_some() == waits);
            let mut columns = [Vec::new(), Vec::new(), Vec::new()];
            for ((account, by, about), _) in rows {
                columns[0].push(account.clone());
                columns[1].push((*by).to_owned());
                columns[2].push(about.clone());
            }
            columns
        };
        let [account, by, about] = places(false);
        if !account.is_empty() {
            lines.add(
                "DELETE FROM parked p USING unnest($1::text[], $2::text[], $3::text[]) k(a, b, c)
                 WHERE p.account = k.a AND p.by = k.b AND p.about = k.c",
                vec![Box::new(account), Box::new(by), Box::new(about)],
            );
        }
        let [account, by, about] = places(true);
        if !account.is_empty() {
            let waiting = || self.parked.values().filter(|row| row.state.is_some());
            let states: Vec<String> = waiting().filter_map(|row| row.state.clone()).collect();
            let since: Vec<i64> = waiting().map(|row| row.since_us).collect();
            let overdue: Vec<i64> = waiting().map(|row| row.overdue).collect();
            lines.add(
                "INSERT INTO parked (account, by, about, state, since_us, overdue)
                 SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int8[], $6::int8[])
                 ON CONFLICT (account, by, about) DO UPDATE SET state = excluded.state,
                     since_us = excluded.since_us, overdue = excluded.overdue",
                vec![
                    Box::new(account),
                    Box::new(by),
                    Box::new(about),
                    Box::new(states),
                    Box::new(since),
                    Box::new(overdue),
                ],
            );
        }
    }

    fn put_events(&self, lines: &mut Lines<'_>) {
        let rows = &self.events;
        if !rows.is_empty() {
            let texts = |of: fn(&Event) -> &str| {
                rows.iter()
                    .map(|(_, event)| of(event).to_owned())
                    .collect::<Vec<_>>()
            };
            let numbers = |of: fn(&(u64, Event)) -> i64| rows.iter().map(of).collect::<Vec<_>>();
            lines.add(
                "INSERT INTO events (pos, id, account, order_no, type, subject, sequence, at_us)
                 SELECT * FROM unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::text[],
                                      $6::text[], $7::int8[], $8::int8[])
                 ON CONFLICT (id) DO NOTHING",
                vec![
                    Box::new(numbers(|(pos, _)| rows::int(*pos))),
                    Box::new(texts(|event| &event.id)),
                    Box::new(texts(|event| &event.key.account)),
                    Box::new(texts(|event| &event.key.order_no)),
                    Box::new(texts(|event| event.kind.word())),
                    Box::new(texts(|event| &event.subject)),
                    Box::new(numbers(|(_, event)| rows::int(event.sequence))),
                    Box::new(numbers(|(_, event)| event.at.as_microsecond())),
                ],
            );
        }
        let (mut places, mut ids, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
        for (pos, id, body) in &self.bodies {
            places.push(rows::int(*pos));
            ids.push(id.clone());
            bodies.push(body.clone());
        }
        if !places.is_empty() {
            lines.add(
                "INSERT INTO event_bodies (pos, id, body)
                 SELECT * FROM unnest($1::int8[], $2::text[], $3::bytea[])",
                vec![Box::new(places), Box::new(ids), Box::new(bodies)],
            );
        }
        let owed = &self.deliveries;
        if !owed.is_empty() {
            let texts = |of: fn(&Delivery) -> &str| {
                owed.values()
                    .map(|row| of(row).to_owned())
                    .collect::<Vec<_>>()
            };
            lines.add(
                "INSERT INTO deliveries (event, endpoint, account, order_no, attempts, state, due_us, last)
                 SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int8[],
                                      $6::text[], $7::int8[], $8::text[])
                 ON CONFLICT (event, endpoint) DO UPDATE SET attempts = excluded.attempts,
                     state = excluded.state, due_us = excluded.due_us, last = excluded.last",
                vec![
                    Box::new(texts(|row| &row.event)),
                    Box::new(texts(|row| &row.endpoint)),
                    Box::new(texts(|row| &row.account)),
                    Box::new(texts(|row| &row.order_no)),
                    Box::new(owed.values().map(|row| i64::from(row.attempts)).collect::<Vec<_>>()),
                    Box::new(texts(|row| rows::delivery_word(row.state))),
                    Box::new(
                        owed.values()
                            .map(|row| row.next_at.map(Timestamp::as_microsecond))
                            .collect::<Vec<_>>(),
                    ),
                    Box::new(owed.values().map(|row| row.last.clone()).collect::<Vec<_>>()),
                ],
            );
        }
    }

    fn put_leases(&self, lines: &mut Lines<'_>) {
        if self.released.is_empty() {
            return;
        }
        let of = |at: usize| {
            let columns = self.released.iter().map(|lease| {
                let (kind, a, b) = rows::lease(lease);
                [kind, a, b][at].to_owned()
            });
            columns.collect::<Vec<_>>()
        };
        lines.add(
            "DELETE FROM leases l USING unnest($1::text[], $2::text[], $3::text[]) k(k, a, b)
             WHERE l.kind = k.k AND l.a = k.a AND l.b = k.b",
            vec![Box::new(of(0)), Box::new(of(1)), Box::new(of(2))],
        );
    }
}

type Given = Box<dyn ToSql + Sync>;

/// Statements that go out one behind the other, without waiting for answers.
#[derive(Default)]
struct Lines<'a> {
    lines: Vec<(&'a str, Vec<Given>)>,
}

impl<'a> Lines<'a> {
    fn add(&mut self, statement: &'a str, given: Vec<Given>) {
        self.lines.push((statement, given));
    }

    fn send(self, session: &Session, commit: bool) -> Result<(), Failure> {
        let mut statements = Vec::new();
        for (sql, given) in &self.lines {
            statements.push((session.prepared(sql)?, given));
        }
        let client = &session.client;
        let mut sent: Vec<Sent<'_>> = Vec::new();
        for (statement, given) in &statements {
            sent.push(Box::pin(async move {
                let given: Vec<&(dyn ToSql + Sync)> = given.iter().map(|one| &**one).collect();
                client.execute(statement, &given).await
            }));
        }
        if commit {
            sent.push(Box::pin(async move {
                // A commit that waits for a standby must not be cut short: the server would say that it stands, and the
                // standby might never get it. Whoever waits for too long hangs up instead, and looks afterwards.
                let end = "SET LOCAL statement_timeout = 0; COMMIT";
                client.batch_execute(end).await.map(|()| 0)
            }));
        }
        session.wait(try_join_all(sent)).map(|_| ())
    }
}
