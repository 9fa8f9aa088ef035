//! The shop's book, in a file of the shop's own: what was ordered, what was credited, and what the buyer has.
//!
//! It is the part of a merchant's program that matters most. An event may come twice, late, or out of order; what it
//! credits is credited once, because the look and the credit are one transaction. A refund changes the order's state only:
//! what it takes back from the buyer is every shop's own rule.

use super::event::Event;
use quittance_core::{Currency, Money};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::path::Path;
use std::time::Duration;

/// So many orders are shown.
const SALES_MAX: u32 = 200;
/// The demo has one buyer.
const BUYER: &str = "buyer";

/// Times are seconds since 1970, sums are in fen.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS orders (
  account TEXT NOT NULL, order_no TEXT NOT NULL, subject TEXT NOT NULL,
  fen INTEGER NOT NULL, top_up INTEGER NOT NULL, made_at INTEGER NOT NULL, pay_url TEXT,
  status TEXT NOT NULL DEFAULT 'unpaid', attention INTEGER NOT NULL DEFAULT 0, sequence INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account, order_no)
) STRICT;
CREATE TABLE IF NOT EXISTS credits (
  event_id TEXT PRIMARY KEY, account TEXT NOT NULL, order_no TEXT NOT NULL, fen INTEGER NOT NULL,
  FOREIGN KEY (account, order_no) REFERENCES orders
) STRICT;
CREATE TABLE IF NOT EXISTS balances (buyer TEXT PRIMARY KEY, fen INTEGER NOT NULL) STRICT;
";

const SALES: &str = "
SELECT account, order_no, subject, orders.fen, top_up, made_at, pay_url, status, attention, event_id, credits.fen
FROM orders LEFT JOIN credits USING (account, order_no) WHERE pay_url IS NOT NULL";

/// The book.
pub struct Book {
    file: Connection,
}

/// What the shop writes down before it asks Quittance for the order.
pub struct NewSale<'a> {
    /// The account that is paid.
    pub account: &'a str,
    /// The shop's own number.
    pub order_no: &'a str,
    /// The title at the cashier.
    pub subject: &'a str,
    /// What is to be paid, in fen.
    pub fen: i64,
    /// Whether the sum goes to the buyer's balance when it is paid.
    pub top_up: bool,
    /// When, in seconds since 1970.
    pub made_at: i64,
}

/// One order of the shop.
#[derive(Clone, Debug)]
pub struct Sale {
    /// The account that is paid.
    pub account: String,
    /// The number.
    pub order_no: String,
    /// The title.
    pub subject: String,
    /// What is to be paid.
    pub amount: Money,
    /// Whether it is a top-up.
    pub top_up: bool,
    /// When it was made, in seconds since 1970.
    pub made_at: i64,
    /// Quittance's page for the buyer.
    pub pay_url: String,
    /// The status of the newest event, by the order's own count.
    pub status: String,
    /// Whether somebody needs to look.
    pub attention: bool,
    /// What it brought the buyer, if it was credited.
    pub credit: Option<Credit>,
}

/// What a payment brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credit {
    /// The event that brought it.
    pub event_id: String,
    /// What went to the balance; nothing for an order that is sent by post.
    pub amount: Money,
}

/// What became of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heard {
    /// It is in the book now.
    Now,
    /// It was credited before; nothing was done.
    Before,
}

impl Book {
    /// Opens the book, or begins one.
    ///
    /// # Errors
    /// Where the disk does not let us, or the file is none of ours.
    pub fn open(path: &Path) -> rusqlite::Result<Book> {
        let file = Connection::open(path)?;
        // The answer 200 says that the credit will never be forgotten: the commit waits for the disk.
        file.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
        )?;
        // Nobody else writes here. Where somebody does, waiting would hold up a thread: it fails, and comes again.
        file.busy_timeout(Duration::ZERO)?;
        file.execute_batch(SCHEMA)?;
        Ok(Book { file })
    }

    /// Writes an order down, before Quittance knows of it: no event can then come for an order that is not here.
    ///
    /// # Errors
    /// Those of the file.
    pub fn note(&self, sale: &NewSale<'_>) -> rusqlite::Result<()> {
        let made = "INSERT INTO orders (account, order_no, subject, fen, top_up, made_at) VALUES (?, ?, ?, ?, ?, ?)";
        let NewSale {
            account,
            order_no,
            subject,
            fen,
            top_up,
            made_at,
        } = sale;
        let row = params![account, order_no, subject, fen, top_up, made_at];
        self.file.execute(made, row).map(|_| ())
    }

    /// Writes down where the buyer pays it. From now on the order is shown.
    ///
    /// # Errors
    /// Those of the file.
    pub fn payable(&self, account: &str, order_no: &str, pay_url: &str) -> rusqlite::Result<()> {
        let changed = "UPDATE orders SET pay_url = ? WHERE account = ? AND order_no = ?";
        let row = params![pay_url, account, order_no];
        self.file.execute(changed, row).map(|_| ())
    }

    /// Takes an event in, in one transaction: all of it is in the book when this returns, or none of it.
    /// README.md shows this function; `tests/it/shop.rs` compares them.
    ///
    /// # Errors
    /// Those of the file. Nothing was changed then, and the event has to come again.
    pub fn hear(&mut self, event: &Event) -> rusqlite::Result<Heard> {
        // Of two that come at once, the second looks after the first has committed.
        let write = TransactionBehavior::Immediate;
        let book = self.file.transaction_with_behavior(write)?;
        // Already credited for this event id? Answer 200 and do nothing.
        if credited(&book, &event.id)? {
            return Ok(Heard::Before);
        }
        if event.kind == "order.paid" {
            credit(&book, event)?;
        }
        note_newest(&book, event)?;
        book.commit()?;
        Ok(Heard::Now)
    }

    /// The order of this number.
    ///
    /// # Errors
    /// Those of the file.
    pub fn sale(&self, account: &str, order_no: &str) -> rusqlite::Result<Option<Sale>> {
        let found = format!("{SALES} AND account = ? AND order_no = ?");
        let key = [account, order_no];
        self.file.query_row(&found, key, sale).optional()
    }

    /// The order whose buyer was sent to this page.
    ///
    /// # Errors
    /// Those of the file.
    pub fn by_page(&self, pay_url: &str) -> rusqlite::Result<Option<Sale>> {
        let found = format!("{SALES} AND pay_url = ?");
        self.file.query_row(&found, [pay_url], sale).optional()
    }

    /// The newest orders, newest first.
    ///
    /// # Errors
    /// Those of the file.
    pub fn newest(&self) -> rusqlite::Result<Vec<Sale>> {
        let found = format!("{SALES} ORDER BY orders.rowid DESC LIMIT ?");
        let mut found = self.file.prepare_cached(&found)?;
        found.query_map([SALES_MAX], sale)?.collect()
    }

    /// What the buyer has.
    ///
    /// # Errors
    /// Those of the file.
    pub fn balance(&self) -> rusqlite::Result<Money> {
        let found = "SELECT coalesce(sum(fen), 0) FROM balances WHERE buyer = ?";
        let fen = self.file.query_row(found, [BUYER], |row| row.get(0))?;
        Ok(yuan(fen))
    }
}

/// A sum in the shop's only currency.
pub fn yuan(fen: i64) -> Money {
    Money::new(fen, Currency::CNY)
}

fn credited(book: &Transaction<'_>, event_id: &str) -> rusqlite::Result<bool> {
    book.prepare_cached("SELECT 1 FROM credits WHERE event_id = ?")?
        .exists([event_id])
}

/// Credits what the shop's own order says. An order that this shop did not make brings nothing.
fn credit(book: &Transaction<'_>, event: &Event) -> rusqlite::Result<()> {
    let credits = "INSERT INTO credits (event_id, account, order_no, fen) \
                   SELECT ?, account, order_no, top_up * fen FROM orders WHERE account = ? AND order_no = ?";
    book.execute(
        credits,
        params![event.id, event.order.account, event.order.order_no],
    )?;
    let balance = "INSERT INTO balances (buyer, fen) SELECT ?, fen FROM credits WHERE event_id = ? \
                   ON CONFLICT (buyer) DO UPDATE SET fen = fen + excluded.fen";
    book.execute(balance, params![BUYER, event.id]).map(|_| ())
}

/// An older event that comes late changes nothing that a newer one said.
fn note_newest(book: &Transaction<'_>, event: &Event) -> rusqlite::Result<()> {
    let newest = "UPDATE orders SET status = ?, attention = ?, sequence = ? \
                  WHERE account = ? AND order_no = ? AND sequence < ?";
    let order = &event.order;
    let row = params![
        order.status,
        order.attention,
        event.sequence,
        order.account,
        order.order_no,
        event.sequence
    ];
    book.execute(newest, row).map(|_| ())
}

fn sale(row: &Row<'_>) -> rusqlite::Result<Sale> {
    let (event_id, credited): (Option<String>, Option<i64>) = (row.get(9)?, row.get(10)?);
    let credit = event_id.zip(credited).map(|(event_id, fen)| Credit {
        event_id,
        amount: yuan(fen),
    });
    Ok(Sale {
        account: row.get(0)?,
        order_no: row.get(1)?,
        subject: row.get(2)?,
        amount: yuan(row.get(3)?),
        top_up: row.get(4)?,
        made_at: row.get(5)?,
        pay_url: row.get(6)?,
        status: row.get(7)?,
        attention: row.get(8)?,
        credit,
    })
}
