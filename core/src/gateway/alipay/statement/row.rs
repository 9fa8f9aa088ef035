//! One booking, as both services tell it.

use super::super::{Account, words};
use crate::facts::{Claim, Detail, Proof, Witness};
use crate::gateway::{Address, Evidence};
use crate::money::{Currency, Money};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What a row says, as far as it may claim anything.
#[derive(Debug)]
pub(super) struct Row {
    /// The merchant's number, in strict format.
    pub(super) order_no: Option<String>,
    /// The gateway's number, in strict format.
    pub(super) trade_no: Option<String>,
    /// When it was booked; `None` where that cannot be read.
    pub(super) at: Option<Timestamp>,
    /// What came.
    pub(super) income: Option<Money>,
    /// What left.
    pub(super) outgoing: Option<Money>,
}

impl Row {
    /// The row with its two sums, of which one at most is there.
    pub(super) fn with_sums(self, income: &str, outgoing: &str) -> Result<Row, &'static str> {
        let income = sum(income).ok_or("the income is no amount")?;
        // Some who read reports take a sign off what left.
        let outgoing = outgoing.strip_prefix('-').unwrap_or(outgoing);
        let outgoing = sum(outgoing).ok_or("the outgoing is no amount")?;
        if income.is_some() && outgoing.is_some() {
            return Err("money came and left in one booking");
        }
        Ok(Row {
            income,
            outgoing,
            ..self
        })
    }

    /// That its order was paid, where money came and both numbers are there.
    pub(super) fn payment(
        &self,
        account: &Account,
        proof: Proof,
    ) -> Result<Option<Evidence>, &'static str> {
        let (Some(order_no), Some(trade_no), Some(amount)) =
            (&self.order_no, &self.trade_no, self.income)
        else {
            return Ok(None);
        };
        let claim = Claim::Payment {
            trade_no: trade_no.clone(),
            amount,
            payee: account.payee_name().to_owned(),
        };
        self.evidence(Address::OrderNo(order_no.clone()), claim, proof)
            .map(Some)
    }

    /// That a refund of its trade exists, where that has a number.
    pub(super) fn refund(&self, proof: Proof) -> Result<Option<Evidence>, &'static str> {
        let Some(trade_no) = &self.trade_no else {
            return Ok(None);
        };
        let claim = Claim::RefundMarked {
            trade_no: trade_no.clone(),
        };
        self.evidence(Address::TradeNo(trade_no.clone()), claim, proof)
            .map(Some)
    }

    fn evidence(
        &self,
        about: Address,
        claim: Claim,
        proof: Proof,
    ) -> Result<Evidence, &'static str> {
        let at = self.at.ok_or("the time is not in its format")?;
        Ok(Evidence {
            about,
            witness: Witness::Statement,
            proof,
            claim,
            detail: Detail {
                paid_at: Some(at),
                ..Detail::default()
            },
        })
    }
}

/// The order's number of a row, where it is one.
pub(super) fn order_no(text: &str) -> Option<String> {
    words::is_order_no(text).then(|| text.to_owned())
}

/// The trade's number of a row, where it is one.
pub(super) fn trade_no(text: &str) -> Option<String> {
    words::is_trade_no(text).then(|| text.to_owned())
}

/// A sum: nothing where it is blank or zero, `None` where it is no amount.
pub(super) fn sum(text: &str) -> Option<Option<Money>> {
    if text.trim_ascii().is_empty() {
        return Some(None);
    }
    let money = Money::parse(text, Currency::CNY).ok()?;
    Some((money.minor > 0).then_some(money))
}

/// Each telling once, in the order of the rows: a claim that is told twice in the same words says no more.
pub(super) fn distinct(evidence: Vec<Evidence>) -> Vec<Evidence> {
    let mut told = BTreeSet::new();
    let new = |evidence: &Evidence| {
        let Evidence {
            about,
            claim,
            detail,
            ..
        } = evidence.clone();
        told.insert((about, claim, detail))
    };
    let mut evidence = evidence;
    evidence.retain(new);
    evidence
}
