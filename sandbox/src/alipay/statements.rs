//! Statements: what was booked on a merchant's account, as it is asked for a day at once or page by page.

use super::book::Booked;
use super::message::{BUYER_EMAIL, BUYER_ID};
use super::{ACCOUNT_PAGE, REPORT};
use crate::altered::unsigned;
use crate::calls::{garbage, heard};
use crate::exchange::{Exchange, Kind};
use crate::faults::StatementKind;
use crate::order::Key;
use crate::remark::Fault;
use crate::routes::Inbound;
use crate::sandbox::Sandbox;
use crate::text::beginning;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::StatementService;
use quittance_core::gateway::alipay::gateway_side::{
    Booking, BookingKind, Code, StatementAsked, statement_part,
};
use quittance_core::http::Reply;
use quittance_core::{Money, Timestamp};
use std::collections::BTreeSet;

/// How many questions are kept, the newest.
const QUESTIONS_MAX: usize = 50;
/// How many bytes of an answer are kept; a longer one stands with no order.
const REPLY_BYTES_MAX: usize = 64 * 1024;
/// An answer about more orders than these stands with none of them.
const ORDERS_TOLD_MAX: usize = 50;
/// What a refund's row says beside its sum.
const REFUND_REMARK: &str = "退款";

/// A question about the bookings of an account, and what was answered.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) asked: StatementAsked,
    /// How many rows the answer told.
    pub(crate) rows: usize,
    /// How long the answer was. Of a long one the exchange has only the beginning.
    pub(crate) reply_bytes: usize,
    pub(crate) exchange: Exchange,
}

impl Question {
    /// The name of its service on the wire.
    pub(crate) fn service(&self) -> &'static str {
        match self.asked.service {
            StatementService::Report => REPORT,
            StatementService::Pages => ACCOUNT_PAGE,
        }
    }
}

impl Sandbox {
    /// Writes into the merchant's book what this change of a trade brought or took.
    pub(crate) fn book(
        &mut self,
        change: u64,
        now: Timestamp,
        key: &Key,
        kind: BookingKind,
        sum: Money,
    ) {
        let book = self.books.entry(key.partner.clone()).or_default();
        book.add(change, now, kind, &key.out_trade_no, sum);
    }

    /// `export_trade_account_report` and `account.page.query`: what was booked on the account.
    ///
    /// The rows of the period are found by bisection and passed once; only those that are told are made, so the pages of
    /// a long day cost no more together than the day at once.
    pub(crate) fn statement(
        &mut self,
        now: Timestamp,
        asked: StatementAsked,
        request: &Inbound,
    ) -> Result<Reply, Code> {
        let merchant = self
            .merchant(&asked.partner)
            .ok_or(Code("ILLEGAL_PARTNER"))?;
        if asked.from > now {
            return Err(Code("START_DATE_AFTER_NOW"));
        }
        let kind = self.faults().statement.kind;
        let (rows, more) = match kind {
            StatementKind::Ok | StatementKind::Unsigned => self.rows(&asked)?,
            StatementKind::Empty | StatementKind::Down | StatementKind::Garbage => {
                (Vec::new(), false)
            }
        };
        let told: Vec<&Booking> = rows.iter().collect();
        let signed = || statement_part(&asked, &told, more, &merchant);
        let (reply, fault) = match kind {
            StatementKind::Ok => (signed(), None),
            StatementKind::Empty => (signed(), Some(Fault::Empty)),
            StatementKind::Unsigned => (unsigned(signed()), Some(Fault::Unsigned)),
            StatementKind::Down => (Reply::new(500, ""), Some(Fault::Down)),
            StatementKind::Garbage => (garbage(), Some(Fault::Garbage)),
        };
        let (kept, _) = beginning(&reply.body, REPLY_BYTES_MAX);
        let kept = Reply::new(reply.status, kept);
        let faults = fault.into_iter().collect();
        let exchange = heard(now, Kind::Statement, request, &kept, faults);
        self.keep_question(asked, &rows, reply.body.len(), exchange);
        Ok(reply)
    }

    /// What was booked on the account of those who ask, of the period and the kinds that are asked for: nothing where
    /// some of it is forgotten. For a gateway that is made of several sandboxes.
    #[must_use]
    pub fn bookings(&self, asked: &StatementAsked) -> Vec<Booking> {
        let book = self.books.get(&asked.partner);
        let period = book.and_then(|book| book.between(asked.from, asked.to));
        let meant = |row: &&Booked| asked.means(row.at, row.kind);
        let rows = period.into_iter().flatten().filter(meant);
        rows.filter_map(|row| self.booking(asked, row)).collect()
    }

    /// The rows that the answer tells, and whether others that were asked for stand behind them.
    fn rows(&self, asked: &StatementAsked) -> Result<(Vec<Booking>, bool), Code> {
        let Some(book) = self.books.get(&asked.partner) else {
            return Ok((Vec::new(), false));
        };
        let period = book.between(asked.from, asked.to);
        let period = period.ok_or(Code("START_DATE_OUT_OF_RANGE"))?;
        let (before, most) = asked.part();
        let meant = |row: &&Booked| asked.means(row.at, row.kind);
        let mut rest = period.filter(meant).skip(before);
        let told = rest.by_ref().take(most);
        let told = told.filter_map(|row| self.booking(asked, row)).collect();
        Ok((told, rest.next().is_some()))
    }

    /// A row as it is told. No order is ever forgotten, and every booked one has a trade.
    fn booking(&self, asked: &StatementAsked, row: &Booked) -> Option<Booking> {
        let key = Key::new(&asked.partner, &row.out_trade_no);
        let order = self.orders.get(&key)?;
        let trade = order.trade.as_ref()?;
        let nothing = Money::new(0, row.sum.currency);
        let (income, outgoing, remark) = match row.kind {
            BookingKind::OnlinePayment => (row.sum, nothing, ""),
            BookingKind::Transfer => (nothing, row.sum, REFUND_REMARK),
        };
        Some(Booking {
            flow_no: self.numbers.flow_no(row.number),
            at: row.at,
            kind: row.kind,
            out_trade_no: key.out_trade_no,
            trade_no: trade.trade_no.clone(),
            buyer_id: BUYER_ID.to_owned(),
            buyer_email: BUYER_EMAIL.to_owned(),
            income,
            outgoing,
            balance: row.balance,
            goods: written(order.asked.title(), asked.charset),
            remark: remark.to_owned(),
        })
    }

    /// Keeps a question for the list of them, and with every order that its answer told of, where those are few and the
    /// answer is short: else a day's statements would drive out what else is kept of its orders.
    fn keep_question(
        &mut self,
        asked: StatementAsked,
        rows: &[Booking],
        reply_bytes: usize,
        mut exchange: Exchange,
    ) {
        let mut orders = BTreeSet::new();
        if reply_bytes <= REPLY_BYTES_MAX {
            let key = |row: &Booking| Key::new(&asked.partner, &row.out_trade_no);
            orders = rows.iter().map(key).collect();
        }
        let told: Vec<Key> = match orders.len() {
            0..=ORDERS_TOLD_MAX => orders.into_iter().collect(),
            _ => Vec::new(),
        };
        exchange.number = self.keep_for(&told, exchange.clone());
        if self.questions.len() == QUESTIONS_MAX {
            self.questions.pop_front();
        }
        self.questions.push_back(Question {
            asked,
            rows: rows.len(),
            reply_bytes,
            exchange,
        });
    }
}

/// The text as this charset can write it. A statement may be asked for in another charset than its orders were.
fn written(text: &str, charset: Charset) -> String {
    if charset.encode(text).is_ok() {
        return text.to_owned();
    }
    let fits = |c: char| charset.encode(c.encode_utf8(&mut [0; 4])).is_ok();
    text.chars()
        .map(|c| if fits(c) { c } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One character that does not fit costs that character, not the report.
    #[test]
    fn what_a_charset_does_not_hold_is_a_question_mark() {
        let title = "测试😀book";
        assert_eq!(written(title, Charset::Utf8), title);
        assert_eq!(written(title, Charset::Gbk), "测试?book");
        assert_eq!(written("测试", Charset::Gb2312), "测试");
    }
}
