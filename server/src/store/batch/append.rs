//! Appending: one entry is hashed, written and folded. Folding again: from the written entries alone.

use super::Batch;
use crate::store::failure::Failure;
use crate::store::{Appended, LEASE, NewEntry, Outcome, Weigh, rows};
use quittance_core::entry::{Entry, Record, What, body_hash, chain_hash};
use quittance_core::facts::Proof;
use quittance_core::fold::{Refused, admit, fold, freeze, standing};
use quittance_core::gateway::Personal;
use quittance_core::sabotage::{Defence, removed};
use quittance_core::schedule::after;
use quittance_core::{OrderKey, Timestamp};
use rusqlite::{Connection, params};

impl Batch<'_> {
    /// Appends records in their order. One that is refused is left out.
    pub fn append(&mut self, entries: &[NewEntry]) -> Result<Vec<Outcome>, Failure> {
        entries.iter().map(|entry| self.append_one(entry)).collect()
    }

    fn append_one(&mut self, new: &NewEntry) -> Result<Outcome, Failure> {
        if let Some(refused) = admit(self, &new.record)? {
            return Ok(Err(refused));
        }
        let mut record = new.record.clone();
        let acked = match new.weigh {
            None => false,
            Some(weigh) => match self.weigh(&mut record, weigh, new.at)? {
                Ok(acked) => acked,
                Err(refused) => return Ok(Err(refused)),
            },
        };
        let entry = self.write(new, record)?;
        self.put_personal(&entry, &new.personal)?;
        fold(self, &entry)?;
        // A wall clock that went back must not keep what was leased before.
        if matches!(
            entry.record.what,
            What::Started { .. } | What::ClockJump { .. }
        ) {
            self.shorten_leases(after(entry.at, LEASE))?;
        }
        if let Some(lease) = &new.ends {
            self.release(lease)?;
        }
        let order = match entry.record.key() {
            Some(key) => self.snapshot(&key)?,
            None => None,
        };
        Ok(Ok(Appended {
            seq: entry.seq,
            order,
            acked,
        }))
    }

    /// Decides how a signed callback is answered: nothing can come between this look and the commit.
    fn weigh(
        &mut self,
        record: &mut Record,
        weigh: Weigh,
        now: Timestamp,
    ) -> Result<Result<bool, Refused>, Failure> {
        let account = record.account.as_deref().unwrap_or_default();
        let Some(standing) = standing(self, account, &record.claims, now)? else {
            return Ok(Err(Refused::AccountUnknown));
        };
        if weigh.opinion && standing.wants_opinion() {
            return Ok(Err(Refused::OpinionWanted));
        }
        let acked = standing.acks(Proof::Signed);
        if record.answered.is_none() {
            record.answered = Some(if acked { weigh.ack } else { "fail" }.to_owned());
        }
        Ok(Ok(acked))
    }

    /// Writes the entry behind the head, and the body beside it.
    fn write(&mut self, new: &NewEntry, record: Record) -> Result<Entry, Failure> {
        let unwritable = |error| Failure::Database(format!("a header cannot be written: {error}"));
        let header = record.header().map_err(unwritable)?;
        // What is folded now is what a refold will read.
        debug_assert_eq!(Record::parse(&header).ok().as_ref(), Some(&record));
        let seq = self.head.seq + 1;
        let time_us = new.at.as_microsecond();
        let kind = record.what.kind();
        let body = new.body.as_deref().map(|body| (&new.salt, body));
        let body_hash = body_hash(body);
        let prev = match removed(Defence::ChainLink) {
            true => [0; 32],
            false => self.head.hash,
        };
        let hash = chain_hash(&prev, seq, time_us, kind, &header, &body_hash);
        self.conn
            .prepare_cached(
                "INSERT INTO entries (seq, time_us, kind, header, body_hash, prev, hash, account, order_no)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                rows::int(seq),
                time_us,
                kind,
                header,
                body_hash,
                prev,
                hash,
                record.account,
                record.order_no,
            ])?;
        if let Some((salt, body)) = body {
            self.conn
                .prepare_cached("INSERT INTO bodies (seq, salt, body) VALUES (?1, ?2, ?3)")?
                .execute(params![rows::int(seq), salt, body])?;
        }
        self.advance(seq, hash);
        Ok(Entry {
            seq,
            at: rows::time(time_us)?,
            record,
        })
    }

    /// Keeps personal data beside its entry, as far as nobody has told it before: a message that comes again and again
    /// must not make its order slower to read. An entry that names no order has none that anybody could look up: it
    /// stays in the body.
    fn put_personal(&mut self, entry: &Entry, personal: &[Personal]) -> Result<(), Failure> {
        let Some(key) = entry.record.key().filter(|_| !personal.is_empty()) else {
            return Ok(());
        };
        let mut known = self.personal(&key)?.to_vec();
        let news = rows::add_personal(&mut known, personal);
        if news.is_empty() {
            return Ok(());
        }
        self.conn
            .prepare_cached("INSERT INTO personal (seq, data) VALUES (?1, ?2)")?
            .execute(params![rows::int(entry.seq), rows::json(&news)?])?;
        self.personal.insert(key, known);
        Ok(())
    }
}

/// Folds up to `limit` entries of `source` that the batch has not seen, none behind `until`. Says how many.
pub(in crate::store) fn refold(
    batch: &mut Batch<'_>,
    source: &Connection,
    until: u64,
    limit: usize,
) -> Result<usize, Failure> {
    let mut statement = source.prepare_cached(
        "SELECT seq, time_us, header, hash, account, order_no FROM entries
         WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3",
    )?;
    let mut found = statement.query(params![
        rows::int(batch.head.seq),
        rows::int(until),
        rows::rows(limit)
    ])?;
    let mut folded = 0;
    while let Some(row) = found.next()? {
        let seq = rows::number(row.get(0)?);
        batch.advance(seq, rows::hash(row, 3)?);
        let account: Option<String> = row.get(4)?;
        let order_no: Option<String> = row.get(5)?;
        let key = account.zip(order_no).map(|(a, o)| OrderKey::new(a, o));
        refold_one(
            batch,
            seq,
            row.get(1)?,
            row.get_ref(2)?.as_blob().unwrap_or_default(),
            key,
        )?;
        folded += 1;
    }
    drop(found);
    batch.forget()?;
    Ok(folded)
}

fn refold_one(
    batch: &mut Batch<'_>,
    seq: u64,
    time_us: i64,
    header: &[u8],
    key: Option<OrderKey>,
) -> Result<(), Failure> {
    let why = match (Record::parse(header), Timestamp::from_microsecond(time_us)) {
        (Ok(record), Ok(at)) => return fold(batch, &Entry { seq, at, record }),
        (Err(error), _) => format!("the header of entry {seq} cannot be read: {error}"),
        (_, Err(error)) => format!("the time of entry {seq} cannot be read: {error}"),
    };
    tracing::error!(seq, why, "an entry cannot be applied");
    match key {
        Some(key) => freeze(batch, &key, &why),
        None => Ok(()),
    }
}
