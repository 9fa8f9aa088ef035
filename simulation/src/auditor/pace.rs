//! Money is found in time, and nobody asks without end.
//!
//! **In time.** Once it is calm, a payment that fits its order is known (claimed at the proof that counts) within twice
//! the gap then in force and the call's deadline, or, once the order is closed, at its next late check; and in any case
//! within an hour, two of the last gaps and a call after a genuine callback of it was answered and journaled (the token
//! bucket lets 20 questions an hour through, and what was not answered is asked again after the last gap). Counted from
//! the latest of: calm, the payment, the order. [`SLACK_SECS`] on top for what the design lets come between.
//!
//! Where the gateway answers for a time only, and nothing closes a trade: what would be known later than that, and what
//! comes when the schedule has ended, is known when the time is over, since a last question is asked before. Nothing is
//! asked for there where the server's clock was wrong, or a buyer was sent who never got to the gateway, so that its time
//! ends earlier than the server can know.
//!
//! Only where the gateway's answer can be about this very payment: one trade for this order, no closing, nothing else
//! that does not fit (that would hold the closing for a person). An order that was never sent to the cashier, or of which
//! all checks were done, waits for a callback, for as long as it takes.
//!
//! **Not without end.** At most [`QUERIES_PER_HOUR_MAX`] queries for one order within an hour of the journal's time.
//! The rules permit the checks (a handful for each checkout), 20 caused from outside, and 30 for each minute that
//! somebody waits; a loop that asks every few seconds, or faster, is found.

use super::header::Entry;
use super::known::{Known, OrderFacts};
use super::money::Money;
use super::paid::answers_since;
use super::promise::{Broken, Promise};
use super::rules::{AccountRule, Rules};
use super::stage::{SECOND, SLACK_SECS, STALE_SECS, Stage};
use super::wire::Form;
use crate::truth::{Callback, Micros, Name, Payment, Truth};
use std::collections::{BTreeMap, VecDeque};

/// More queries for one order within one hour are a loop.
const QUERIES_PER_HOUR_MAX: usize = 400;
const HOUR_SECS: i64 = 3_600;
/// The last question comes no earlier than so long before the gateway ceases to answer.
const LAST_SECS: i64 = 11 * 60;

/// Money that is followed until it is known, and the questions of the last hour.
#[derive(Default)]
pub(super) struct Pace {
    pending: BTreeMap<(Name, String), Pending>,
    /// When a callback of a trade was last answered.
    told: BTreeMap<(String, String), Micros>,
    asked: BTreeMap<Name, VecDeque<i64>>,
}

struct Pending {
    paid: Payment,
    /// By when it must be known, and the stage that says so.
    due: Option<(Micros, Stage)>,
    /// The closing, or a late check, moved that once.
    moved: bool,
}

impl Pace {
    pub(super) fn forget(&mut self) {
        *self = Pace::default();
    }

    /// Counts the questions.
    pub(super) fn count(&mut self, entry: &Entry, found: &mut Vec<Broken>) {
        let header = &entry.header;
        if header.kind == "clock_jump" {
            self.asked.clear();
        }
        let (Some(account), Some(order_no)) = (&header.account, &header.order_no) else {
            return;
        };
        if header.kind != "query" {
            return;
        }
        let name = Name::new(account, order_no);
        let asked = self.asked.entry(name.clone()).or_default();
        asked.push_back(entry.time_us);
        let hour_ago = entry.time_us.saturating_sub(HOUR_SECS * SECOND);
        while asked.front().is_some_and(|first| *first <= hour_ago) {
            asked.pop_front();
        }
        if asked.len() > QUERIES_PER_HOUR_MAX {
            found.push(Broken::about(
                Promise::BoundedWork,
                &name,
                format!("more than {QUERIES_PER_HOUR_MAX} queries within one hour"),
            ));
        }
    }

    /// A callback was answered.
    pub(super) fn told(&mut self, known: &Known, callback: &Callback) {
        if !callback.genuine || callback.answer.is_none() {
            return;
        }
        let form = Form::read(&callback.body);
        let heard = known.heard(&callback.account, &callback.body);
        if let Some(trade_no) = form.paid_trade()
            && heard.iter().any(|heard| heard.verdict == "genuine")
        {
            let key = (callback.account.clone(), trade_no.to_owned());
            self.told.entry(key).or_insert(callback.at);
        }
    }

    /// Looks at what is not known yet.
    pub(super) fn look(
        &mut self,
        rules: &Rules,
        known: &Known,
        money: &mut Money,
        truth: &Truth,
        found: &mut Vec<Broken>,
    ) {
        for paid in std::mem::take(&mut money.fresh) {
            if paid.to_us {
                let key = (paid.name.clone(), paid.trade_no.clone());
                self.pending.entry(key).or_insert(Pending {
                    paid,
                    due: None,
                    moved: false,
                });
            }
        }
        let Some(calm) = truth.calm_since else {
            return self
                .pending
                .retain(|_, pending| !is_known(rules, known, &pending.paid));
        };
        let told = &self.told;
        self.pending.retain(|_, pending| {
            let paid = pending.paid.clone();
            let name = &paid.name;
            if is_known(rules, known, &paid) {
                return false;
            }
            let (Some(order), Some(rule)) = (known.orders.get(name), rules.get(&name.account))
            else {
                return true;
            };
            if !alone(rules, known, money, order, &paid) {
                return true;
            }
            let made_at = order.made.as_ref().map_or(Micros::MIN, |made| made.at);
            let from = calm.max(paid.at).max(made_at);
            let last = match Last::of(rules, truth, name, order) {
                Ok(last) => last,
                Err(Unknowable) => return true,
            };
            pending.follow(rule, known, order, from);
            let told = told.get(&(name.account.clone(), paid.trade_no.clone()));
            let patience = HOUR_SECS + 2 * rule.gap(usize::MAX) + rule.call_secs + SLACK_SECS;
            let by_callback = told.map(|at| from.max(*at).saturating_add(patience * SECOND));
            let by_signature = rules.required(&name.account, paid.amount, &paid.currency) < 3;
            let in_time = |due: &Micros| last.is_none_or(|last| *due <= last.asked);
            let by_callback = by_callback.filter(|due| by_signature || in_time(due));
            let in_turn = pending.due.map(|(due, _)| due);
            let due = match last {
                None => in_turn,
                Some(last) => last.due(in_turn, from, rule),
            };
            let Some(due) = [due, by_callback].into_iter().flatten().min() else {
                return true;
            };
            if truth.now <= due {
                return true;
            }
            found.push(Broken::about(
                Promise::NeverLost,
                name,
                format!(
                    "trade {} paid {} {}, it has been calm for {} s, and {} s after its time the journal does not know it",
                    paid.trade_no,
                    paid.amount,
                    paid.currency,
                    (truth.now - calm) / SECOND,
                    (truth.now - due) / SECOND,
                ),
            ));
            false
        });
    }
}

impl Pending {
    /// Fixes by when the money must be known. A question under way when it came may end a stage without knowing of it:
    /// so a closing, or a late check, moves the time once.
    fn follow(&mut self, rule: &AccountRule, known: &Known, order: &OrderFacts, from: Micros) {
        // Where a schedule began, or went on, behind that, the time runs from there.
        let from = from.max(order.since);
        let back = known.jumped_back.is_some_and(|at| at >= order.since);
        let due = order.stage.due(rule, order.since, from, back);
        let under_way = from.saturating_add((rule.call_secs + SLACK_SECS) * SECOND);
        match (self.due, order.stage) {
            (None, stage) => self.due = due.map(|due| (due, stage)),
            (Some((_, fixed)), Stage::Late(_)) if fixed != order.stage && !self.moved => {
                self.due = due.map(|due| (due, order.stage));
                self.moved = true;
            }
            (Some(_), Stage::Ended) if order.since <= under_way => self.due = None,
            (Some(_), _) => {}
        }
    }
}

/// The last question about an order at a gateway that answers for a time only.
#[derive(Clone, Copy)]
struct Last {
    /// Nothing is asked that is due later.
    asked: Micros,
    /// By when it is answered.
    answered: Micros,
}

/// The time in which the gateway answers is not the one that the server knows of.
struct Unknowable;

impl Last {
    /// `None` where there is no end of asking.
    fn of(
        rules: &Rules,
        truth: &Truth,
        name: &Name,
        order: &OrderFacts,
    ) -> Result<Option<Last>, Unknowable> {
        let secs = rules.get(&name.account).and_then(|rule| rule.window_secs);
        let Some(secs) = secs else {
            return Ok(None);
        };
        // Nobody was sent, and the gateway has the order from elsewhere.
        let Some((_, sent)) = order.sent else {
            return Err(Unknowable);
        };
        if !answers_since(rules, truth, name, sent) {
            return Err(Unknowable);
        }
        let end = sent.saturating_add(secs * SECOND);
        Ok(Some(Last {
            asked: end.saturating_sub(LAST_SECS * SECOND),
            answered: end.saturating_add(SLACK_SECS * SECOND),
        }))
    }

    /// By when money is known that came at this time: in its turn, or else at the end.
    fn due(self, in_turn: Option<Micros>, came: Micros, rule: &AccountRule) -> Option<Micros> {
        let under_way = came.saturating_add((rule.call_secs + STALE_SECS) * SECOND);
        let found = under_way <= self.asked;
        in_turn
            .filter(|due| *due <= self.asked)
            .or_else(|| found.then_some(self.answered))
    }
}

/// Whether the journal knows the payment at the proof that counts.
fn is_known(rules: &Rules, known: &Known, paid: &Payment) -> bool {
    known.orders.get(&paid.name).is_some_and(|order| {
        order
            .counting(rules, &paid.name.account)
            .any(|(trade_no, _)| trade_no == paid.trade_no)
    })
}

/// Whether the gateway's answer about this order can only be this payment, which fits it.
fn alone(rules: &Rules, known: &Known, money: &Money, order: &OrderFacts, paid: &Payment) -> bool {
    let name = &paid.name;
    let Some(made) = &order.made else {
        return false;
    };
    let fits = |other: &Payment| {
        other.trade_no == paid.trade_no
            && other.to_us
            && other.amount == made.minor
            && other.currency == made.currency
    };
    let shared = money
        .names(&name.account, &paid.trade_no)
        .any(|other| other != name);
    let taken = known
        .owners
        .get(&(name.account.clone(), paid.trade_no.clone()))
        .is_some_and(|owner| *owner != name.order_no);
    money.of(name).iter().all(fits)
        && !shared
        && !taken
        && money.closed(name).is_none()
        && order.counting(rules, &name.account).next().is_none()
}
