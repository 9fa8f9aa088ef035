//! The chain of the journal, checked by the formula of `docs/journal.md` and nothing else. Only new rows are read at
//! each look; at the end all of them are read again.

use super::header::{Entry, Header};
use super::promise::{Broken, Promise};
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;
use sha2::{Digest, Sha256};

const KINDS: [&str; 34] = [
    "genesis",
    "settings",
    "order",
    "checkout",
    "received",
    "notify",
    "return",
    "second_opinion",
    "query",
    "close",
    "close_requested",
    "given_up",
    "delivery",
    "endpoint",
    "resolution",
    "redelivery",
    "junk",
    "started",
    "clock_jump",
    "overdue",
    "abandoned",
    "anchor",
    "adopted",
    "refund_requested",
    "note",
    "statement",
    "refund_numbered",
    "refund_sent",
    "refund_query",
    "placed",
    "terminal_result",
    "cancel",
    "erased",
    "archived",
];

const ROWS: &str = "SELECT e.seq, e.time_us, e.kind, e.header, e.body_hash, e.prev, e.hash, e.account, e.order_no, \
     b.salt, b.body FROM entries e LEFT JOIN bodies b ON b.seq = e.seq WHERE e.seq > ?1 ORDER BY e.seq";

/// How far the journal has been read.
#[derive(Default)]
pub(super) struct Chain {
    seq: i64,
    hash: [u8; 32],
    /// Nothing is read behind a break.
    pub(super) broken: bool,
}

struct Row {
    seq: i64,
    time_us: i64,
    kind: i64,
    header: Vec<u8>,
    body_hash: Vec<u8>,
    prev: Vec<u8>,
    hash: Vec<u8>,
    account: Option<String>,
    order_no: Option<String>,
    salt: Option<Vec<u8>>,
    body: Option<Vec<u8>>,
}

impl Chain {
    /// The rows behind the last one read, and what is wrong with them.
    pub(super) fn read(&mut self, journal: &Connection) -> (Vec<Entry>, Vec<Broken>) {
        let mut entries = Vec::new();
        if self.broken {
            return (entries, Vec::new());
        }
        match self.go_on(journal, &mut entries) {
            Ok(()) => (entries, Vec::new()),
            Err(what) => {
                self.broken = true;
                (entries, vec![Broken::of(Promise::JournalIsWhole, what)])
            }
        }
    }

    /// Reads the whole chain again, and looks for bodies without an entry.
    pub(super) fn whole(journal: &Connection) -> Vec<Broken> {
        let (_, mut broken) = Chain::default().read(journal);
        let orphan = journal
            .query_row(
                "SELECT seq FROM bodies WHERE seq NOT IN (SELECT seq FROM entries) LIMIT 1",
                [],
                |row| row.get::<_, i64>(0),
            )
            .optional();
        match orphan {
            Ok(None) => {}
            Ok(Some(seq)) => broken.push(Broken::of(
                Promise::JournalIsWhole,
                format!("there is a body of entry {seq}, and no such entry"),
            )),
            Err(error) => broken.push(unreadable(&error)),
        }
        broken
    }

    fn go_on(&mut self, journal: &Connection, entries: &mut Vec<Entry>) -> Result<(), String> {
        self.head_stands(journal)?;
        let fault = |error: rusqlite::Error| unreadable(&error).what;
        let mut statement = journal.prepare_cached(ROWS).map_err(fault)?;
        let mut rows = statement.query([self.seq]).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            let row = read_row(row).map_err(|error| {
                format!(
                    "the entry behind {} is not as the document says: {error}",
                    self.seq
                )
            })?;
            let entry = self.link(row)?;
            (self.seq, self.hash) = (entry.seq, entry.hash);
            entries.push(entry);
        }
        if self.seq == 0 {
            return Err("the journal is empty: even the genesis is missing".to_owned());
        }
        Ok(())
    }

    /// An entry that was there is there, and is the same.
    fn head_stands(&self, journal: &Connection) -> Result<(), String> {
        if self.seq == 0 {
            return Ok(());
        }
        let hash = journal
            .prepare_cached("SELECT hash FROM entries WHERE seq = ?1")
            .and_then(|mut found| {
                found
                    .query_row([self.seq], |row| row.get::<_, Vec<u8>>(0))
                    .optional()
            })
            .map_err(|error| unreadable(&error).what)?;
        match hash {
            Some(hash) if hash == self.hash => Ok(()),
            Some(_) => Err(format!("entry {} is another one than before", self.seq)),
            None => Err(format!("entry {} stood, and has vanished", self.seq)),
        }
    }

    fn link(&self, row: Row) -> Result<Entry, String> {
        let seq = row.seq;
        if seq != self.seq + 1 {
            return Err(format!("entry {} is followed by entry {seq}", self.seq));
        }
        if row.prev != self.hash {
            return Err(format!(
                "entry {seq} does not name the hash of the one before"
            ));
        }
        if let (Some(salt), Some(body)) = (&row.salt, &row.body) {
            let digest: [u8; 32] = Sha256::new()
                .chain_update(salt)
                .chain_update(body)
                .finalize()
                .into();
            if digest.as_slice() != row.body_hash {
                return Err(format!(
                    "the body of entry {seq} is not the one that was hashed"
                ));
            }
            if salt.len() != 16 {
                return Err(format!("the salt of entry {seq} has {} bytes", salt.len()));
            }
        }
        let hash = self.formula(&row)?;
        if row.hash != hash {
            return Err(format!(
                "the hash of entry {seq} is not what the formula gives"
            ));
        }
        let header: Header = serde_json::from_slice(&row.header)
            .map_err(|error| format!("the header of entry {seq} cannot be read: {error}"))?;
        if (&header.account, &header.order_no) != (&row.account, &row.order_no) {
            return Err(format!(
                "entry {seq}: account and order beside the header are not the header's"
            ));
        }
        let named = usize::try_from(row.kind - 1)
            .ok()
            .and_then(|index| KINDS.get(index));
        if named.is_some_and(|named| *named != header.kind) {
            return Err(format!(
                "entry {seq} of kind {} calls itself {}",
                row.kind, header.kind
            ));
        }
        if (seq == 1) != (row.kind == 1) {
            return Err(format!(
                "entry {seq} has kind {}: the genesis is entry 1 alone",
                row.kind
            ));
        }
        if seq == 1 {
            genesis(&header, row.body.as_deref())?;
        }
        Ok(Entry {
            seq,
            time_us: row.time_us,
            raw: row.header,
            header,
            hash,
            body: row.body,
        })
    }

    fn formula(&self, row: &Row) -> Result<[u8; 32], String> {
        let unfit = |_| format!("entry {}: a number is out of its range", row.seq);
        let seq = u64::try_from(row.seq).map_err(unfit)?;
        let kind = u8::try_from(row.kind).map_err(unfit)?;
        let len = u32::try_from(row.header.len()).map_err(unfit)?;
        Ok(Sha256::new()
            .chain_update(self.hash)
            .chain_update(seq.to_be_bytes())
            .chain_update(row.time_us.to_be_bytes())
            .chain_update([kind])
            .chain_update(len.to_be_bytes())
            .chain_update(&row.header)
            .chain_update(&row.body_hash)
            .finalize()
            .into())
    }
}

fn genesis(header: &Header, body: Option<&[u8]>) -> Result<(), String> {
    let good = header.text("product") == Some("quittance")
        && header.data.get("format") == Some(&Value::from(1))
        && header.text("chain").is_some_and(|chain| !chain.is_empty())
        && body.is_some_and(|body| body.len() == 32);
    good.then_some(())
        .ok_or_else(|| "the genesis is not as the document says".to_owned())
}

fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        seq: row.get(0)?,
        time_us: row.get(1)?,
        kind: row.get(2)?,
        header: row.get(3)?,
        body_hash: row.get(4)?,
        prev: row.get(5)?,
        hash: row.get(6)?,
        account: row.get(7)?,
        order_no: row.get(8)?,
        salt: row.get(9)?,
        body: row.get(10)?,
    })
}

fn unreadable(error: &rusqlite::Error) -> Broken {
    Broken::of(
        Promise::JournalIsWhole,
        format!("the journal cannot be read: {error}"),
    )
}
