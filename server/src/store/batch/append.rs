//! Appending: one entry is hashed, written and folded. Folding again: from the written entries alone.

use super::Batch;
use crate::store::failure::Failure;
use crate::store::sql::Sql;
use crate::store::tables::EntryRow;
use crate::store::{Appended, LEASE, NewEntry, Outcome, Weigh, rows};
use quittance_core::entry::{Entry, Record, What, body_hash, chain_hash};
use quittance_core::facts::Proof;
use quittance_core::fold::{Refused, admit, fold, freeze, standing};
use quittance_core::gateway::Personal;
use quittance_core::sabotage::{Defence, removed};
use quittance_core::schedule::after;
use quittance_core::{OrderKey, Timestamp};

impl Batch<'_> {
    /// Appends records in their order. One that is refused is left out.
    pub fn append(&mut self, entries: &[NewEntry]) -> Result<Vec<Outcome>, Failure> {
        entries.iter().map(|entry| self.append_one(entry)).collect()
    }

    /// Appends a record about the journal itself, and gives its number.
    pub(in crate::store) fn append_own(
        &mut self,
        at: Timestamp,
        record: Record,
    ) -> Result<u64, Failure> {
        match self.append_one(&NewEntry::new(at, record))? {
            Ok(appended) => Ok(appended.seq),
            Err(refused) => Err(Failure::Database(format!("refused: {refused:?}"))),
        }
    }

    fn append_one(&mut self, new: &NewEntry) -> Result<Outcome, Failure> {
        if let Some(lease) = &new.under
            && !self.tables.holds(lease)?
            && !removed(Defence::Fence)
        {
            return Ok(Err(Refused::LeaseLost));
        }
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
            self.tables.shorten_leases(after(entry.at, LEASE))?;
        }
        if let Some(lease) = new.under.as_ref().filter(|_| new.ends) {
            self.tables.release(lease)?;
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
        let seq = self.tables.next_seq(self.head.seq)?;
        let time_us = new.at.as_microsecond();
        let kind = record.what.kind();
        let body = new.body.as_deref().map(|body| (&new.salt, body));
        let body_hash = body_hash(body);
        let prev = match removed(Defence::ChainLink) {
            true => [0; 32],
            false => self.head.hash,
        };
        let hash = chain_hash(&prev, seq, time_us, kind, &header, &body_hash);
        self.tables.put_entry(EntryRow {
            seq,
            time_us,
            kind,
            header,
            body_hash,
            prev,
            hash,
            account: record.account.clone(),
            order_no: record.order_no.clone(),
            body: body.map(|(salt, body)| (*salt, body.to_vec())),
        })?;
        let at = rows::time(time_us)?;
        self.advance(seq, hash, Some(at));
        Ok(Entry { seq, at, record })
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
        self.tables.put_personal(entry.seq, &news)?;
        self.personal.insert(key, known);
        Ok(())
    }
}

/// Folds up to `limit` entries of `source` that the batch has not seen, none behind `until`. Says how many.
pub(in crate::store) fn refold(
    batch: &mut Batch<'_>,
    source: &dyn Sql,
    until: u64,
    limit: usize,
) -> Result<usize, Failure> {
    let found = source.all(
        "SELECT seq, time_us, header, hash, account, order_no FROM entries
         WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3",
        &[
            rows::int(batch.head.seq).into(),
            rows::int(until).into(),
            rows::rows(limit).into(),
        ],
    )?;
    let folded = found.len();
    for row in found {
        let seq: u64 = row.get(0)?;
        let time_us: i64 = row.get(1)?;
        let at = Timestamp::from_microsecond(time_us).ok();
        batch.advance(seq, row.get(3)?, at);
        let (account, order_no): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
        let key = account.zip(order_no).map(|(a, o)| OrderKey::new(a, o));
        let header: Vec<u8> = row.get(2)?;
        refold_one(batch, seq, time_us, &header, key)?;
    }
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
