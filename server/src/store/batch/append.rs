//! Appending: one entry is hashed, written and folded. Folding again: from the written entries alone.

use super::Batch;
use crate::store::failure::Failure;
use crate::store::{Appended, NewEntry, Outcome, rows};
use quittance_core::entry::{Entry, Record, body_hash, chain_hash};
use quittance_core::fold::{Projection, admit, fold, freeze};
use quittance_core::gateway::{Address, Personal};
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
        let entry = self.write(new)?;
        if let Some(key) = self.concerned(&entry.record)? {
            self.put_personal(&key, &new.personal)?;
        }
        fold(self, &entry)?;
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
        }))
    }

    /// Writes the entry behind the head, and the body beside it.
    fn write(&mut self, new: &NewEntry) -> Result<Entry, Failure> {
        let unwritable = |error| Failure::Database(format!("a header cannot be written: {error}"));
        let header = new.record.header().map_err(unwritable)?;
        // What is folded now is what a refold will read: the header, not the value that it was made of.
        let record = Record::parse(&header).map_err(unwritable)?;
        let seq = self.head.seq + 1;
        let time_us = new.at.as_microsecond();
        let kind = record.what.kind();
        let body = new.body.as_deref().map(|body| (&new.salt, body));
        let body_hash = body_hash(body);
        let prev = self.head.hash;
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

    /// The order that personal data belongs to: the one that is named, or the owner of the trade that is.
    fn concerned(&mut self, record: &Record) -> Result<Option<OrderKey>, Failure> {
        if let Some(key) = record.key() {
            return Ok(Some(key));
        }
        let Some(account) = &record.account else {
            return Ok(None);
        };
        for told in &record.claims {
            let owner = match &told.about {
                Address::OrderNo(order_no) => Some(order_no.clone()),
                Address::TradeNo(trade_no) => self.trade_owner(account, trade_no)?,
            };
            if let Some(order_no) = owner {
                return Ok(Some(OrderKey::new(account, order_no)));
            }
        }
        Ok(None)
    }

    fn put_personal(&mut self, key: &OrderKey, personal: &[Personal]) -> Result<(), Failure> {
        for Personal {
            subject,
            name,
            value,
        } in personal
        {
            self.conn
                .prepare_cached(
                    "INSERT INTO personal (account, order_no, subject, name, value)
                     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                )?
                .execute(params![key.account, key.order_no, subject, name, value])?;
        }
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
