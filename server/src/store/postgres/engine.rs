//! The engine: one connection that writes, one transaction at a time, on a chain of its own.

use super::locks::{self, How};
use super::reader;
use super::schema;
use super::session::Session;
use super::tables::{JOURNAL, Loaded, PgTables};
use super::target::refuse_unfinished;
use super::url::PostgresUrl;
use super::waiting::Patience;
use crate::store::batch::{Batch, Committed, refold};
use crate::store::dump::dump;
use crate::store::failure::Failure;
use crate::store::keys::Keys;
use crate::store::maintain::whole;
use crate::store::open::OpenError;
use crate::store::shared::Engine;
use crate::store::sql::Sql;
use crate::store::{Genesis, Head, Render, marks, read, rows};
use data_encoding::HEXLOWER;
use quittance_core::Timestamp;
use quittance_core::entry::{Hash, Parent};
use quittance_core::settings::Settings;
use quittance_core::state::AccountState;
use std::sync::Arc;
use std::time::Duration;

/// How long a transaction is tried again while the database is away or others are in the way: a callback is answered
/// within a second or two, by a refusal where nothing else is true.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// How long after a failed try the next one begins.
const PAUSE: Duration = Duration::from_millis(100);
/// Passes over one batch: each reads what the one before looked at in vain.
const PASSES_MAX: usize = 16;
/// Entries per step when the projection is made anew.
const CHUNK: usize = 1_000;
/// Rows by key, whatever the planner believes of a table that has just grown.
const WRITER: &str =
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";

/// The journal and its projection in PostgreSQL, as one node writes them.
pub(in crate::store) struct PgEngine {
    url: PostgresUrl,
    session: Option<Session>,
    render: Arc<dyn Render>,
    head: Head,
    settings: Arc<Settings>,
    /// The journal's own state, which all orders depend on.
    journal: Option<AccountState>,
    /// When `settings` and `journal` were read, by the database's count.
    world: Option<u64>,
    payer_salt: [u8; 32],
    /// A commit of which nobody knows whether it stands.
    doubt: Option<Committed>,
    /// Whether the line is a new one, behind which the database may be another.
    reconnected: bool,
}

/// What a try came to.
enum Tried {
    Done(Committed),
    /// Everybody else has to be kept out.
    Alone,
    /// These are looked at as well.
    Wider(Keys),
    /// The line broke at the commit, and nobody knows whether it stands.
    InDoubt(Failure),
}

impl PgEngine {
    /// Connects, brings the schema up to date, and begins a chain.
    pub(in crate::store) fn open(
        url: &PostgresUrl,
        render: Arc<dyn Render>,
        genesis: &Genesis,
    ) -> Result<PgEngine, OpenError> {
        let session = writer(url)?;
        schema::migrate(&session)?;
        let mut engine = PgEngine {
            url: url.clone(),
            session: Some(session),
            render,
            head: Head {
                chain: genesis.chain.clone(),
                seq: 0,
                hash: [0; 32],
            },
            settings: Arc::default(),
            journal: None,
            world: None,
            payer_salt: genesis.payer_salt,
            doubt: None,
            reconnected: false,
        };
        engine.begin(genesis)?;
        Ok(engine)
    }

    /// When the newest entry before this chain was written.
    pub(in crate::store) fn known_until(&self) -> Result<Timestamp, Failure> {
        let found = read::written_before(connected(&self.session)?, self.head.seq)?;
        found.ok_or_else(|| Failure::damaged("the journal is empty"))
    }

    /// For work that takes long.
    pub(in crate::store) fn unhurried(&self) -> Result<(), Failure> {
        connected(&self.session)?.unhurried()
    }

    /// What was deleted leaves its pages. That it does not yet is no failure: the server's own cleaning comes there too.
    pub(in crate::store) fn leave_nothing(&self) {
        let cleaned = connected(&self.session).and_then(|session| session.run(CLEAN));
        if let Err(why) = cleaned {
            tracing::warn!(%why, "what was deleted is left to autovacuum");
        }
    }

    /// The first entry of this life's chain. It names where others ended, so that none of them can go unseen.
    fn begin(&mut self, genesis: &Genesis) -> Result<(), OpenError> {
        let session = connected(&self.session)?;
        locks::begin(session, &genesis.chain, true)?;
        refuse_unfinished(session, &self.url)?;
        let parents = tips(session)?;
        if !parents.is_empty() {
            self.payer_salt = marks::payer_salt(session)?;
        }
        self.settings = marks::settings(session)?;
        session.run("UPDATE chains SET named = seq WHERE named <> seq")?;
        let loaded = Loaded::default();
        let mut tables = PgTables::new(session, &genesis.chain, &loaded, true);
        let (head, settings) = (self.head.clone(), self.settings.clone());
        let mut batch = Batch::new(&mut tables, &*self.render, head, settings);
        let entry = genesis.entry(parents);
        batch.append(std::slice::from_ref(&entry))?;
        let committed = batch.finish()?;
        let (_, puts) = tables.end();
        puts.send(session, &genesis.chain, true)?;
        // Leases of what is no longer due: who held them is gone, and their count belongs to nothing.
        session.run(TIDY)?;
        self.head = committed.head;
        Ok(())
    }

    /// One try: rows are locked and read, jobs done over them until they look at nothing new, what they changed is
    /// written, and the transaction committed. `doubted` are the same jobs, if their commit is in doubt.
    fn attempt(
        &mut self,
        keys: &Keys,
        alone: bool,
        doubted: bool,
        work: &mut dyn FnMut(&mut Batch<'_>) -> Result<(), Failure>,
    ) -> Result<Tried, Failure> {
        self.connect()?;
        if let Some(stood) = self.settle_doubt()?
            && doubted
        {
            // The commit of the try before stands after all: what its jobs found then is what they are told.
            return Ok(Tried::Done(stood));
        }
        self.look_back()?;
        let session = connected(&self.session)?;
        let world = locks::begin(session, &self.head.chain, alone)?;
        if self.world != Some(world) {
            self.settings = marks::settings(session)?;
            self.journal = read::account(session, JOURNAL)?;
            self.world = Some(world);
        }
        let mut loaded = Loaded::default();
        if !alone {
            // Whoever looks for due work names nothing, again and again.
            if !keys.is_empty() {
                locks::load(session, &mut loaded, keys, How::Waiting)?;
            }
            loaded
                .accounts
                .insert(JOURNAL.to_owned(), self.journal.clone());
        }
        let mut wider = keys.clone();
        for _ in 0..PASSES_MAX {
            let mut tables = PgTables::new(session, &self.head.chain, &loaded, alone);
            let (head, settings) = (self.head.clone(), self.settings.clone());
            let mut batch = Batch::new(&mut tables, &*self.render, head, settings);
            let done = work(&mut batch).and_then(|()| batch.finish());
            let (wanted, puts) = tables.end();
            if wanted.alone {
                return Ok(Tried::Alone);
            }
            if wanted.missed.is_empty() {
                let committed = done?;
                let written = puts.send(session, &self.head.chain, true);
                return match written {
                    Ok(()) => Ok(Tried::Done(committed)),
                    Err(away @ Failure::Away(_)) => {
                        self.doubt = Some(committed);
                        Ok(Tried::InDoubt(away))
                    }
                    Err(failure) => Err(failure),
                };
            }
            let mut more = wanted.missed;
            wider.join(more.clone());
            if !more.only_numbers() {
                // Numbers are drawn behind the last lock: all of them anew.
                more.entries = wider.entries;
            }
            if wanted.sent || !locks::load(session, &mut loaded, &more, How::AtOnce)? {
                break;
            }
        }
        Ok(Tried::Wider(wider))
    }

    fn connect(&mut self) -> Result<(), Failure> {
        if self
            .session
            .as_ref()
            .is_some_and(|session| session.client.is_closed())
        {
            self.session = None;
        }
        if self.session.is_none() {
            self.session = Some(writer(&self.url)?);
            self.reconnected = true;
        }
        Ok(())
    }

    /// Behind a new line the database has all that this node ever heard was committed, or nothing more is written: what was
    /// acked is gone there, and its chain would go on behind an entry that nobody has.
    fn look_back(&mut self) -> Result<(), Failure> {
        if !self.reconnected {
            return Ok(());
        }
        let Head { chain, seq, hash } = &self.head;
        let found = connected(&self.session)?.one(
            "SELECT hash FROM chains WHERE chain = ?1 AND seq = ?2",
            &[chain.into(), rows::int(*seq).into()],
        )?;
        let stands: Option<Hash> = found.map(|row| row.get(0)).transpose()?;
        if stands.as_ref() != Some(hash) {
            return Err(Failure::Fatal(format!(
                "the database went back: the entry {seq}, which was committed, is not in it any more. A standby that lacked it \
                 has become primary, or a backup was put back: stop all servers, run `quittance journal adopt` once, and have \
                 commits wait for the standby (synchronous_standby_names)"
            )));
        }
        self.reconnected = false;
        Ok(())
    }

    /// Whether the last commit stands is looked up under its own chain's lock: whoever still works at it holds that. Gives
    /// it, if it does.
    fn settle_doubt(&mut self) -> Result<Option<Committed>, Failure> {
        let Some(doubt) = &self.doubt else {
            return Ok(None);
        };
        let session = connected(&self.session)?;
        locks::begin(session, &self.head.chain, false)?;
        let found = session.one(
            "SELECT hash FROM entries WHERE seq = ?1 AND chain = ?2",
            &[rows::int(doubt.head.seq).into(), (&self.head.chain).into()],
        )?;
        session.run("ROLLBACK")?;
        let hash: Option<Hash> = found.map(|row| row.get(0)).transpose()?;
        let stands = doubt.touched.entries && hash == Some(doubt.head.hash);
        tracing::info!(
            seq = doubt.head.seq,
            stands,
            "a commit in doubt was looked up"
        );
        Ok(self.doubt.take().filter(|_| stands).inspect(|stood| {
            self.head = stood.head.clone();
            self.world = None;
        }))
    }

    /// Leaves a transaction that is not to be committed. What cannot say so is left alone: its server ends it.
    fn leave(&mut self, failure: Option<&Failure>) {
        let away = matches!(failure, Some(Failure::Away(_)));
        let left = match &self.session {
            Some(session) if !away => session.run("ROLLBACK"),
            _ => Ok(()),
        };
        if away || left.is_err() {
            self.session = None;
        }
    }
}

impl Engine for PgEngine {
    fn shares(&self) -> bool {
        true
    }

    fn now(&self) -> (Head, Arc<Settings>) {
        (self.head.clone(), self.settings.clone())
    }

    fn payer_salt(&self) -> [u8; 32] {
        self.payer_salt
    }

    fn transact(
        &mut self,
        mut keys: Keys,
        work: &mut dyn FnMut(&mut Batch<'_>) -> Result<(), Failure>,
    ) -> Result<Committed, Failure> {
        let patience = Patience::new(PATIENCE);
        let (mut alone, mut doubted) = (false, false);
        loop {
            let failure = match self.attempt(&keys, alone, doubted, work) {
                Ok(Tried::Done(committed)) => {
                    self.head = committed.head.clone();
                    if !Arc::ptr_eq(&self.settings, &committed.settings) {
                        self.settings = committed.settings.clone();
                        self.world = None;
                    }
                    return Ok(committed);
                }
                Ok(Tried::Alone) => {
                    self.leave(None);
                    alone = true;
                    continue;
                }
                Ok(Tried::Wider(wider)) => {
                    self.leave(None);
                    keys = wider;
                    continue;
                }
                // A doubt that is older is about other jobs, who have their answer.
                Ok(Tried::InDoubt(failure)) => {
                    doubted = true;
                    failure
                }
                Err(failure) => failure,
            };
            self.leave(Some(&failure));
            let again = matches!(failure, Failure::Away(_) | Failure::Busy(_));
            if !again || !patience.pause(PAUSE) {
                return Err(failure);
            }
            tracing::warn!(why = %failure, "the database is asked again");
        }
    }
}

/// Makes the projection anew from the journal, in one transaction: in its place, or beside it to be looked at and thrown
/// away. Gives the dump's hash of what was there and of what is made, and the newest entry.
pub(in crate::store) fn rebuild(
    url: &PostgresUrl,
    render: &dyn Render,
    in_place: bool,
) -> Result<(Hash, Hash, u64), OpenError> {
    let session = reader(url)?;
    whole(&session)?;
    session.unhurried()?;
    match in_place {
        true => drop(locks::begin(&session, "", true)?),
        false => session.run("BEGIN ISOLATION LEVEL REPEATABLE READ")?,
    }
    let before = dump(&session)?;
    let newest = marks::newest(&session)?.map_or(0, |(seq, _)| seq);
    let loaded = Loaded::default();
    let mut tables = PgTables::new(&session, "", &loaded, true);
    if !in_place {
        tables.stand_aside()?;
    }
    let head = Head {
        chain: marks::chain(&session)?,
        seq: 0,
        hash: [0; 32],
    };
    let mut batch = Batch::new(&mut tables, render, head, Arc::default());
    batch.wipe()?;
    while refold(&mut batch, &session, newest, CHUNK)? == CHUNK {}
    batch.refolded()?;
    let after = dump(&session)?;
    session.run(match in_place {
        true => "UPDATE meta SET value = value + 1 WHERE name = 'world'; COMMIT",
        false => "ROLLBACK",
    })?;
    Ok((before, after, newest))
}

/// Tables out of which rows are taken that may say something of persons.
const CLEAN: &str = "VACUUM (ANALYZE) entries, bodies, personal, event_bodies";

/// Only of what nobody is about to lock, so that nobody waits.
const TIDY: &str = "DELETE FROM leases WHERE (kind, a, b) IN (
    SELECT l.kind, l.a, l.b FROM leases l WHERE NOT CASE l.kind
        WHEN 'order' THEN EXISTS (SELECT 1 FROM orders o
            WHERE o.account = l.a AND o.order_no = l.b AND o.due_us IS NOT NULL)
        ELSE EXISTS (SELECT 1 FROM deliveries d
            WHERE d.event = l.a AND d.endpoint = l.b AND d.due_us IS NOT NULL) END
    FOR UPDATE OF l SKIP LOCKED)";

/// A connection that writes.
fn writer(url: &PostgresUrl) -> Result<Session, Failure> {
    let session = Session::connect(url)?;
    session.run(WRITER)?;
    Ok(session)
}

fn connected(session: &Option<Session>) -> Result<&Session, Failure> {
    session
        .as_ref()
        .ok_or_else(|| Failure::Away("there is no connection to the database".to_owned()))
}

/// Where chains ended that no genesis has named so.
fn tips(session: &Session) -> Result<Vec<Parent>, Failure> {
    let found = session.all(
        "SELECT chain, seq, hash FROM chains WHERE named <> seq ORDER BY seq",
        &[],
    )?;
    let mut tips = Vec::new();
    for row in found {
        let hash: Hash = row.get(2)?;
        tips.push(Parent {
            chain: row.get(0)?,
            seq: row.get(1)?,
            hash: HEXLOWER.encode(&hash),
        });
    }
    Ok(tips)
}
