//! The book of a merchant's account: every sum that came to it or left it, in order of time.

use crate::sandbox::ORDERS_MAX;
use quittance_core::gateway::alipay::gateway_side::BookingKind;
use quittance_core::{Money, Timestamp};
use std::collections::VecDeque;

/// How many bookings of one merchant are kept: a payment and a refund of every order. Above it the oldest are
/// forgotten, and a day that reaches back to one of them cannot be asked for any more.
const BOOKINGS_MAX: usize = 2 * ORDERS_MAX;

/// The bookings of one merchant. They are added in order of time, so a day of them is found by bisection.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    rows: VecDeque<Booked>,
    max: usize,
    /// When the newest of those was booked that are forgotten.
    forgotten: Option<Timestamp>,
}

/// One sum that came or left. Whose it was is told by its order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Booked {
    /// The number of the change that it belongs to, which no other has.
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    pub(crate) kind: BookingKind,
    /// The merchant's number of the order.
    pub(crate) out_trade_no: String,
    /// How much.
    pub(crate) sum: Money,
    /// What is on the account after it; nothing was on it at first.
    pub(crate) balance: Money,
}

impl Default for Book {
    fn default() -> Book {
        Book::of(BOOKINGS_MAX)
    }
}

impl Book {
    fn of(max: usize) -> Book {
        Book {
            rows: VecDeque::new(),
            max,
            forgotten: None,
        }
    }

    /// Adds money that came (an online payment) or left (a transfer). Where the clock was set back it is booked at the
    /// time of the one before it: nothing is written between older rows.
    pub(crate) fn add(
        &mut self,
        number: u64,
        now: Timestamp,
        kind: BookingKind,
        out_trade_no: &str,
        sum: Money,
    ) {
        let last = self.rows.back();
        let before = last.map_or(0, |last| last.balance.minor);
        let balance = match kind {
            BookingKind::OnlinePayment => before.saturating_add(sum.minor),
            BookingKind::Transfer => before.saturating_sub(sum.minor),
        };
        let row = Booked {
            number,
            at: last.map_or(now, |last| now.max(last.at)),
            kind,
            out_trade_no: out_trade_no.to_owned(),
            sum,
            balance: Money::new(balance, sum.currency),
        };
        self.rows.push_back(row);
        if self.rows.len() > self.max {
            self.forgotten = self.rows.pop_front().map(|oldest| oldest.at);
        }
    }

    /// What was booked from this second up to that one, which is in it; `None` where some of it is forgotten.
    pub(crate) fn between(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<impl Iterator<Item = &Booked>> {
        let (from, to) = (from.as_second(), to.as_second());
        if self.forgotten.is_some_and(|at| at.as_second() >= from) {
            return None;
        }
        let first = self.rows.partition_point(|row| row.at.as_second() < from);
        let end = self.rows.partition_point(|row| row.at.as_second() <= to);
        Some(self.rows.range(first..end.max(first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quittance_core::Currency;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Books ten fen under each number, at these seconds.
    fn book(max: usize, seconds: &[i64]) -> Book {
        let mut book = Book::of(max);
        for (number, second) in (1..).zip(seconds) {
            let ten = Money::new(10, Currency::CNY);
            book.add(number, at(*second), BookingKind::OnlinePayment, "A", ten);
        }
        book
    }

    fn numbers(book: &Book, from: i64, to: i64) -> Option<Vec<u64>> {
        let rows = book.between(at(from), at(to))?;
        Some(rows.map(|row| row.number).collect())
    }

    #[test]
    fn both_ends_are_in_it() {
        let book = book(9, &[10, 20, 20, 30]);
        for (from, to, expected) in [
            (10, 30, &[1, 2, 3, 4][..]),
            (11, 29, &[2, 3]),
            (20, 20, &[2, 3]),
            (31, 40, &[]),
            (0, 9, &[]),
            // Nobody may ask so; it is nothing, and no panic.
            (30, 10, &[]),
        ] {
            assert_eq!(numbers(&book, from, to).unwrap(), expected, "{from} {to}");
        }
    }

    /// A clock that was set back writes no row between older ones, so every balance follows from the one before.
    #[test]
    fn the_book_is_in_order_whatever_the_clock_does() {
        let book = book(9, &[20, 10, 30]);
        assert_eq!(numbers(&book, 20, 20), Some(vec![1, 2]));
        assert_eq!(numbers(&book, 10, 19), Some(vec![]));
        let rows = book.between(at(0), at(99)).unwrap();
        let balances: Vec<i64> = rows.map(|row| row.balance.minor).collect();
        assert_eq!(balances, [10, 20, 30]);
    }

    /// What is forgotten is not told as nothing, and its money stays on the account.
    #[test]
    fn a_day_of_which_some_is_forgotten_is_not_told() {
        let book = book(2, &[10, 20, 30]);
        assert_eq!(numbers(&book, 10, 30), None);
        assert_eq!(numbers(&book, 11, 30), Some(vec![2, 3]));
        let rows = book.between(at(11), at(30)).unwrap();
        assert_eq!(rows.last().unwrap().balance.minor, 30);
    }
}
