//! What follows from the facts: status, trades, discrepancies. Pure functions; nothing here is ever stored as truth.

use crate::discrepancy::{DiscrepancyKind, DiscrepancyState, discrepancy_id};
use crate::facts::{Claim, Proof, Seen, Sighting, Witness};
use crate::money::Money;
use crate::sabotage::{Defence, removed};
use crate::state::OrderState;
use crate::status::Status;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that follows from an order and its facts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Derived {
    /// The status.
    pub status: Status,
    /// Every trade that a payment claim names, by its number.
    pub trades: Vec<Trade>,
    /// Every discrepancy whose condition holds.
    pub discrepancies: Vec<Discrepancy>,
    /// Minor units received in counted trades.
    pub received: i64,
    /// Minor units of that which were paid back.
    pub refunded: i64,
    /// Whether a discrepancy is open: no automatic closing, no new checkout.
    pub attention: bool,
}

impl Derived {
    /// Minor units that stand.
    #[must_use]
    pub fn net(&self) -> i64 {
        self.received - self.refunded
    }
}

/// One trade as the facts show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trade {
    /// The gateway's number.
    pub trade_no: String,
    /// What was paid.
    pub amount: Money,
    /// To whom.
    pub payee: String,
    /// The newest status word that any witness told, by rank of the telling.
    pub gateway_status: Option<String>,
    /// When the gateway says it was paid.
    pub paid_at: Option<Timestamp>,
    /// When we first heard of it.
    pub received_at: Timestamp,
    /// When it first stood at the required proof.
    pub processed_at: Option<Timestamp>,
    /// The strongest proof.
    pub proof: Proof,
    /// Who told us.
    pub witnesses: BTreeSet<Witness>,
    /// Whether it pays the order.
    pub counted: bool,
    /// Minor units of it that were paid back, at most its amount.
    pub refunded: i64,
}

/// What does not fit, and needs somebody to look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Discrepancy {
    /// Derived from account, order, kind and subject.
    pub id: String,
    /// What it is.
    pub kind: DiscrepancyKind,
    /// The trade it is about; the order's number for `duplicate_payment`.
    pub subject: String,
    /// How it stands.
    pub state: DiscrepancyState,
    /// What is wrong, in one sentence.
    pub detail: String,
}

/// Derives everything from the order and its facts.
#[must_use]
pub fn derive(state: &OrderState) -> Derived {
    let trades = trades(state);
    let counted = || trades.iter().filter(|trade| trade.counted);
    let received: i64 = counted().map(|trade| trade.amount.minor).sum();
    let refunded: i64 = counted().map(|trade| trade.refunded).sum();
    let closing = state
        .facts
        .counting(state.order.require)
        .any(|(claim, _)| matches!(claim, Claim::GatewayClosed { .. } | Claim::GivenUp));
    let net = received - refunded;
    let status = match (received, net) {
        (0, _) if closing => Status::Closed,
        (0, _) => Status::Unpaid,
        (_, ..=0) => Status::Refunded,
        _ if net < state.order.amount.minor.min(received) => Status::PartiallyRefunded,
        _ => Status::Paid,
    };
    let mut derived = Derived {
        status,
        trades,
        discrepancies: Vec::new(),
        received,
        refunded,
        attention: false,
    };
    derived.discrepancies = discrepancies(state, &derived, closing);
    derived.attention = derived
        .discrepancies
        .iter()
        .any(|found| found.state == DiscrepancyState::Open);
    derived
}

type Sightings = BTreeMap<Sighting, Seen>;

/// Every trade that a payment claim names. Where claims differ about one trade, the one that counts and fits is shown.
fn trades(state: &OrderState) -> Vec<Trade> {
    let mut by_number: BTreeMap<&str, Vec<(&Claim, &Sightings)>> = BTreeMap::new();
    for (claim, sightings) in state.facts.iter() {
        if let Claim::Payment { trade_no, .. } = claim {
            by_number
                .entry(trade_no)
                .or_default()
                .push((claim, sightings));
        }
    }
    by_number
        .into_iter()
        .filter_map(|(trade_no, claims)| trade(state, trade_no, &claims))
        .collect()
}

fn trade(state: &OrderState, trade_no: &str, claims: &[(&Claim, &Sightings)]) -> Option<Trade> {
    let order = &state.order;
    let counts = |sightings: &Sightings| {
        sightings
            .keys()
            .any(|sighting| sighting.proof >= order.require)
    };
    let rank = |(claim, sightings): &&(&Claim, &Sightings)| {
        let amount = paid(claim);
        let like = amount.is_some_and(|amount| amount.currency == order.amount.currency);
        (counts(sightings), amount == Some(order.amount), like)
    };
    let (claim, sightings) = claims.iter().max_by_key(rank)?;
    let Claim::Payment { amount, payee, .. } = claim else {
        return None;
    };
    let like = amount.currency == order.amount.currency;
    let fits = *amount == order.amount
        || (like && (state.accepted.contains(trade_no) || removed(Defence::AmountCompare)));
    let latest = sightings
        .iter()
        .max_by_key(|(sighting, seen)| (sighting.proof, **seen))?
        .0;
    Some(Trade {
        trade_no: trade_no.to_owned(),
        amount: *amount,
        payee: payee.clone(),
        gateway_status: latest.detail.gateway_status.clone(),
        paid_at: sightings
            .keys()
            .filter_map(|sighting| sighting.detail.paid_at)
            .min(),
        received_at: sightings.values().min()?.at,
        processed_at: sightings
            .iter()
            .filter(|(s, _)| s.proof >= order.require)
            .map(|(_, seen)| seen.at)
            .min(),
        proof: sightings.keys().map(|sighting| sighting.proof).max()?,
        witnesses: sightings.keys().map(|sighting| sighting.witness).collect(),
        counted: counts(sightings) && fits && !state.reused.contains(trade_no),
        refunded: match removed(Defence::RefundsSubtracted) {
            true => 0,
            false => said_refunded(state, trade_no).min(amount.minor),
        },
    })
}

fn paid(claim: &Claim) -> Option<Money> {
    match claim {
        Claim::Payment { amount, .. } => Some(*amount),
        _ => None,
    }
}

/// What counting claims say was paid back of a trade, uncapped: the sum of the items or the watermark, whichever is
/// more, since both tell of the same refunds.
fn said_refunded(state: &OrderState, of: &str) -> i64 {
    let mut items = 0_i64;
    let mut so_far = 0_i64;
    for (claim, _) in state.facts.counting(state.order.require) {
        match claim {
            Claim::RefundItem {
                trade_no,
                amount,
                succeeded: true,
                ..
            } if trade_no == of => {
                items = items.saturating_add(amount.minor);
            }
            Claim::RefundedSoFar { trade_no, amount } if trade_no == of => {
                so_far = so_far.max(amount.minor)
            }
            _ => {}
        }
    }
    items.max(so_far)
}

/// Every discrepancy whose condition holds, whatever came first. Each condition is monotone in the facts.
fn discrepancies(state: &OrderState, derived: &Derived, closing: bool) -> Vec<Discrepancy> {
    let order = &state.order;
    let mut found = Found {
        state,
        list: Vec::new(),
    };
    if derived.received > order.amount.minor && !removed(Defence::DuplicateReported) {
        let detail = format!(
            "{} received for an order of {}",
            sum(derived.received, order.amount),
            order.amount
        );
        let settled = derived.net() <= order.amount.minor;
        found.add(
            DiscrepancyKind::DuplicatePayment,
            &order.key.order_no,
            settled,
            detail,
        );
    }
    for trade in derived
        .trades
        .iter()
        .filter(|trade| closing && trade.counted && !removed(Defence::PaidAfterCloseReported))
    {
        let detail = format!(
            "{} was paid on an order that a closing stands for",
            trade.amount
        );
        let returned = trade.refunded >= trade.amount.minor;
        found.add(
            DiscrepancyKind::PaidAfterClose,
            &trade.trade_no,
            returned,
            detail,
        );
    }
    for (trade_no, back) in taken_back(state) {
        let detail = format!("{back} was paid while the order was being canceled, and went back");
        found.add(DiscrepancyKind::RefundedByCancel, trade_no, false, detail);
    }
    // Of every proven claim, not of the one that is shown: what opens must not depend on what came first.
    for (trade_no, amount) in payments(state) {
        let said = said_refunded(state, trade_no);
        let returned = said >= amount.minor;
        if amount != order.amount && !removed(Defence::MismatchReported) {
            let kind = if amount.currency == order.amount.currency {
                DiscrepancyKind::AmountMismatch
            } else {
                DiscrepancyKind::CurrencyMismatch
            };
            let detail = format!("{amount} paid for an order of {}", order.amount);
            found.add(kind, trade_no, returned, detail);
        }
        if said > amount.minor {
            let detail = format!("{} paid back of a trade of {amount}", sum(said, amount));
            found.add(DiscrepancyKind::OverRefund, trade_no, false, detail);
        }
    }
    for trade_no in &state.reused {
        let detail = "the trade already belongs to another order".to_owned();
        found.add(DiscrepancyKind::TradeReuse, trade_no, false, detail);
    }
    for trade_no in conflicting(state) {
        let detail = "two proven claims differ about this trade's amount or payee".to_owned();
        found.add(
            DiscrepancyKind::ConflictingEvidence,
            trade_no,
            false,
            detail,
        );
    }
    found.list
}

/// Every trade of an order that was canceled of which the gateway says by itself that money went back: a refund that the
/// merchant asked for is told as such.
fn taken_back(state: &OrderState) -> impl Iterator<Item = (&str, Money)> {
    let counting = state.facts.counting(state.order.require);
    counting.filter_map(|(claim, _)| match claim {
        Claim::RefundedSoFar { trade_no, amount } if state.canceled => {
            Some((trade_no.as_str(), *amount))
        }
        _ => None,
    })
}

/// Every payment that a counting claim tells of.
fn payments(state: &OrderState) -> impl Iterator<Item = (&str, Money)> {
    let counting = state.facts.counting(state.order.require);
    counting.filter_map(|(claim, _)| Some((claim.trade_no()?, paid(claim)?)))
}

/// Every trade that more than one counting claim says was paid.
fn conflicting(state: &OrderState) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    let trades = payments(state).map(|(trade_no, _)| trade_no);
    trades.filter(|trade_no| !seen.insert(*trade_no)).collect()
}

fn sum(minor: i64, like: Money) -> Money {
    Money::new(minor, like.currency)
}

struct Found<'a> {
    state: &'a OrderState,
    list: Vec<Discrepancy>,
}

impl Found<'_> {
    fn add(&mut self, kind: DiscrepancyKind, subject: &str, settled: bool, detail: String) {
        let id = discrepancy_id(&self.state.order.key, kind, subject);
        if self.list.iter().any(|known| known.id == id) {
            return;
        }
        let state = if self.state.resolutions.contains_key(&id) {
            DiscrepancyState::Resolved
        } else if settled {
            DiscrepancyState::Settled
        } else {
            DiscrepancyState::Open
        };
        self.list.push(Discrepancy {
            id,
            kind,
            subject: subject.to_owned(),
            state,
            detail,
        });
    }
}
