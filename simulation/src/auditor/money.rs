//! The truth about money, indexed as it grows: what came in by order and by trade, what went back, what was closed.

use super::ids;
use crate::truth::{Micros, Name, PaidBack, Payment, Truth};
use std::collections::{BTreeMap, BTreeSet};

/// Money by order and by trade.
#[derive(Default)]
pub(super) struct Money {
    payments: usize,
    refunds: usize,
    closings: usize,
    by_name: BTreeMap<Name, Vec<Payment>>,
    /// The orders that a trade is connected with.
    names: BTreeMap<(String, String), BTreeSet<Name>>,
    /// What went back of a trade, and when.
    back: BTreeMap<(String, String), Vec<(Micros, i64)>>,
    /// What went back of a trade because the server asked.
    by_us: BTreeMap<(String, String), i64>,
    /// What a Cancel of the server's took back.
    undone: BTreeSet<(String, String)>,
    closed: BTreeMap<Name, Micros>,
    /// Money that was not yet followed: for [`super::pace`].
    pub(super) fresh: Vec<Payment>,
}

impl Money {
    pub(super) fn read(&mut self, truth: &Truth) {
        for payment in truth.payments.get(self.payments..).unwrap_or_default() {
            let key = (payment.name.account.clone(), payment.trade_no.clone());
            self.names
                .entry(key)
                .or_default()
                .insert(payment.name.clone());
            let known = self.by_name.entry(payment.name.clone()).or_default();
            known.push(payment.clone());
            self.fresh.push(payment.clone());
        }
        self.payments = truth.payments.len();
        for refund in truth.refunds.get(self.refunds..).unwrap_or_default() {
            let key = (refund.account.clone(), refund.trade_no.clone());
            let back = self.back.entry(key).or_default();
            back.push((refund.at, refund.amount));
            if refund.by == PaidBack::ByCancel {
                let key = (refund.account.clone(), refund.trade_no.clone());
                self.undone.insert(key);
            }
            if refund.by == PaidBack::ByRequest {
                let key = (refund.account.clone(), refund.trade_no.clone());
                *self.by_us.entry(key).or_default() += refund.amount;
            }
        }
        self.refunds = truth.refunds.len();
        for closing in truth.closings.get(self.closings..).unwrap_or_default() {
            self.closed
                .entry(closing.name.clone())
                .or_insert(closing.at);
        }
        self.closings = truth.closings.len();
    }

    /// All money is to be followed anew.
    pub(super) fn again(&mut self) {
        self.fresh = self.by_name.values().flatten().cloned().collect();
    }

    /// Every telling of money for this order.
    pub(super) fn of(&self, name: &Name) -> &[Payment] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Every telling of money for this account.
    pub(super) fn of_account<'a>(&'a self, account: &'a str) -> impl Iterator<Item = &'a Payment> {
        self.by_name
            .iter()
            .filter(move |(name, _)| name.account == account)
            .flat_map(|(_, paid)| paid)
    }

    /// Every telling of this trade's money for this order.
    pub(super) fn of_trade<'a>(
        &'a self,
        name: &Name,
        trade_no: &str,
    ) -> impl Iterator<Item = &'a Payment> {
        let trade_no = trade_no.to_owned();
        self.of(name)
            .iter()
            .filter(move |payment| payment.trade_no == trade_no)
    }

    /// The orders that the gateway connects with a trade.
    pub(super) fn names(&self, account: &str, trade_no: &str) -> impl Iterator<Item = &Name> {
        let key = (account.to_owned(), trade_no.to_owned());
        self.names.get(&key).into_iter().flatten()
    }

    /// What went back of a trade until then.
    pub(super) fn back(&self, account: &str, trade_no: &str, until: Micros) -> i64 {
        let key = (account.to_owned(), trade_no.to_owned());
        let steps = self.back.get(&key).into_iter().flatten();
        steps
            .filter(|(at, _)| *at <= until)
            .map(|(_, amount)| amount)
            .sum()
    }

    /// By account and trade, whose money a Cancel of the server's took back.
    pub(super) fn undone(&self) -> &BTreeSet<(String, String)> {
        &self.undone
    }

    /// By account and trade, what went back because the server asked.
    pub(super) fn back_by_us(&self) -> &BTreeMap<(String, String), i64> {
        &self.by_us
    }

    /// When the gateway closed the order's trade.
    pub(super) fn closed(&self, name: &Name) -> Option<Micros> {
        self.closed.get(name).copied()
    }

    /// What counts as received for this order until then: money to us, of the order's amount and currency, or that a
    /// person accepted; each trade once.
    pub(super) fn received(
        &self,
        name: &Name,
        asked: (i64, &str),
        accepted: &BTreeSet<String>,
        until: Micros,
    ) -> i64 {
        let mut by_trade: BTreeMap<&str, i64> = BTreeMap::new();
        let counts = |payment: &&Payment| {
            payment.to_us
                && payment.at <= until
                && payment.currency == asked.1
                && (payment.amount == asked.0 || is_accepted(name, &payment.trade_no, accepted))
        };
        for payment in self.of(name).iter().filter(counts) {
            let most = by_trade.entry(&payment.trade_no).or_default();
            *most = payment.amount.max(*most);
        }
        by_trade.values().sum()
    }
}

/// Whether a person accepted the trade although its amount is another: decisions name the discrepancy's id.
pub(super) fn is_accepted(name: &Name, trade_no: &str, accepted: &BTreeSet<String>) -> bool {
    !accepted.is_empty()
        && accepted.contains(&ids::discrepancy(
            &name.account,
            &name.order_no,
            "amount_mismatch",
            trade_no,
        ))
}

/// Reads a published amount, such as `1.00`, into minor units.
pub(super) fn minor(text: &str, currency: &str) -> Option<i64> {
    let digits = if matches!(currency, "JPY" | "KRW" | "VND") {
        0
    } else {
        2
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > digits
        || !whole
            .bytes()
            .chain(part.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    format!("{whole}{part:0<digits$}").parse().ok()
}
