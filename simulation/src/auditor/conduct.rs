//! What the server does step by step, by the journal alone.
//!
//! - A query that is written down as "unpaid" was answered so.
//! - A scan is counted: no check too many, and none too soon.
//! - Before a `close`, the newest query of the schedule was answered, or where Cancel undoes whatever happened, final
//!   queries were asked in vain for as long as the account says; and nothing that does not fit stood open for longer
//!   than a call takes.
//! - Where the gateway answers for a time only, no step of the schedule, and nothing that a callback caused, asks about an
//!   order when that is over; and where there is no close, an order whose buyer was sent is given up by the newest answer
//!   of the schedule, which says that nobody has paid.
//! - Nobody is sent to the cashier of an order that stands paid.
//! - For two minutes after the clock leapt ahead no step is begun: where all nodes were up, since that is what they know of.
//! - Of three questions that callbacks caused, the third comes later than four seconds after the first: one in five
//!   seconds is what the rules allow, and one more where a refund is told without its amount; of an order with refunds
//!   that the shop asked for, the fourth: each end that nobody signed is a reason of its own.
//! - A delivery that is written down as taken was answered 2xx, and no try ends twice.

use super::header::Entry;
use super::known::{Known, OrderFacts};
use super::promise::{Broken, Promise};
use super::rules::{AccountRule, Rules};
use super::stage::SECOND;
use crate::truth::{Micros, Name, Truth};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// After a leap no step is begun for so long; a little less, for what the clock is set by unnoticed.
const PAUSE_SECS: i64 = 110;
/// Leases are kept by the wall clock: so long after a jump two may hold the same.
const LEASE_SECS: i64 = 120;
/// So many questions within this time are a loop.
const BURST_SECS: i64 = 4;
/// Something comes between the end of a call and its entry.
const CALL_SLACK_SECS: i64 = 5;

/// What was done up to now.
#[derive(Default)]
pub(super) struct Conduct {
    orders: BTreeMap<Name, Course>,
    /// How the clock jumped in this life of the server.
    jumped: Option<Jump>,
    /// The numbers of the tries that have ended, by event and endpoint.
    tries: BTreeMap<(String, String), BTreeSet<i64>>,
}

/// A jump of the clock.
#[derive(Clone, Copy)]
struct Jump {
    /// When, by that clock.
    at: i64,
    /// By how many seconds.
    secs: i64,
    /// When it was set, by true time, where it leapt ahead.
    leapt: Option<Micros>,
}

/// What was done about one order.
#[derive(Default)]
struct Course {
    /// What the newest query of the schedule was answered.
    answer: Option<String>,
    /// How many final queries in a row have gone unanswered.
    unheard: i64,
    /// When the checks were sent since the schedule last may have begun anew.
    checks: Vec<i64>,
    /// When the schedule last began anew: a close may be under way.
    anew: Option<i64>,
    /// Since when a payment stands that does not fit.
    misfit: Option<i64>,
    /// When questions that callbacks caused were sent.
    asks: VecDeque<i64>,
    /// The shop has asked for money back.
    refunds: bool,
}

impl Conduct {
    /// Judges one entry, which is known already.
    pub(super) fn judge(
        &mut self,
        rules: &Rules,
        known: &Known,
        truth: &Truth,
        entry: &Entry,
        found: &mut Vec<Broken>,
    ) {
        let header = &entry.header;
        match header.kind.as_str() {
            "clock_jump" => self.jump(truth, entry),
            "started" => {
                self.jumped = None;
                // What was asked may not have been written, and is asked once more.
                self.orders
                    .values_mut()
                    .for_each(|course| course.asks.clear());
            }
            "delivery" => self.delivery(entry, found),
            "redelivery" | "endpoint" | "settings" => self.tries.clear(),
            _ => {}
        }
        let (Some(account), Some(order_no)) = (&header.account, &header.order_no) else {
            return;
        };
        let name = Name::new(account, order_no);
        let (Some(rule), Some(order)) = (rules.get(account), known.orders.get(&name)) else {
            return;
        };
        let mut tell = |promise, what| found.push(Broken::about(promise, &name, what));
        if let Some(what) = said_unpaid(truth, entry) {
            tell(Promise::UnknownIsNeverUnpaid, what);
        }
        if let Some(what) = self.hasty(truth, entry) {
            tell(Promise::UnknownIsNeverUnpaid, what);
        }
        if header.kind == "checkout" && stands_paid(rules, known, &name, order) {
            let what = format!(
                "entry {} sends a buyer to the cashier of a paid order",
                entry.seq
            );
            tell(Promise::NeverTwice, what);
        }
        let course = self.orders.entry(name.clone()).or_default();
        match misfit(rules, known, &name, order) {
            true => {
                course.misfit.get_or_insert(entry.time_us);
            }
            false => course.misfit = None,
        }
        match header.kind.as_str() {
            "checkout" | "close_requested" => {
                course.anew = Some(entry.time_us);
                if header.kind == "checkout" {
                    course.unheard = 0;
                    course.checks.clear();
                }
            }
            "terminal_result" | "received" | "notify" | "return" => course.checks.clear(),
            "refund_requested" => course.refunds = true,
            "close" => course.closes(rule, entry, &mut tell),
            "query" => {
                course.outside(rule, order, entry, &mut tell);
                course.scans(rule, entry, &mut tell);
                course.asks(entry, &mut tell);
            }
            "given_up" if order.checkouts > 0 => course.gives_up(entry, &mut tell),
            _ => {}
        }
    }

    fn jump(&mut self, truth: &Truth, entry: &Entry) {
        let secs = entry.header.data.get("secs");
        let secs = secs.and_then(serde_json::Value::as_i64).unwrap_or_default();
        // A node that was paused tells of it long after others, or itself, have waited for long enough.
        let leapt = truth.clock_leapt_ahead().filter(|_| secs > 0);
        self.jumped = Some(Jump {
            at: leapt.map_or(entry.time_us, |(_, by_clock)| by_clock),
            secs,
            leapt: leapt.map(|(at, _)| at),
        });
        for course in self.orders.values_mut() {
            course.answer = None;
            course.asks.clear();
            course.checks.clear();
            course.misfit = course.misfit.map(|_| entry.time_us);
        }
    }

    /// A step that was begun although the clock had just leapt ahead.
    fn hasty(&self, truth: &Truth, entry: &Entry) -> Option<String> {
        let jumped = self.jumped.filter(|jumped| jumped.secs > 0)?;
        // A node that was not up yet knows nothing of it.
        if jumped.leapt.is_some_and(|at| at < truth.up_since) {
            return None;
        }
        let header = &entry.header;
        let step = header.text("step").unwrap_or_default();
        let begun = match (header.kind.as_str(), step) {
            ("query", "check" | "final" | "last" | "late") => header.asked()?,
            // It takes no call; a second, for one that was under way into the journal.
            ("given_up", _) => entry.time_us - SECOND,
            _ => return None,
        };
        let after = begun - jumped.at;
        (0 < after && after < PAUSE_SECS * SECOND).then(|| {
            format!(
                "entry {} ({} {step}) was begun {} ms after the clock had leapt ahead",
                entry.seq,
                header.kind,
                after / 1_000
            )
        })
    }

    fn delivery(&mut self, entry: &Entry, found: &mut Vec<Broken>) {
        let header = &entry.header;
        let number = |name| header.data.get(name).and_then(serde_json::Value::as_i64);
        let (Some(event), Some(endpoint)) = (header.text("event"), header.text("endpoint")) else {
            return;
        };
        if header.text("outcome") == Some("delivered")
            && number("status").is_some_and(|status| !(200..300).contains(&status))
        {
            found.push(Broken::of(
                Promise::ShopsAreTold,
                format!(
                    "entry {} calls {event} delivered to {endpoint}, which answered {}",
                    entry.seq,
                    number("status").unwrap_or_default()
                ),
            ));
        }
        let Some(attempt) = number("attempt") else {
            return;
        };
        let tries = self
            .tries
            .entry((event.to_owned(), endpoint.to_owned()))
            .or_default();
        let unsure = self
            .jumped
            .is_some_and(|jumped| (entry.time_us - jumped.at).abs() < LEASE_SECS * SECOND);
        if !tries.insert(attempt) && !unsure {
            found.push(Broken::of(
                Promise::BoundedWork,
                format!(
                    "entry {} ends try {attempt} of {event} at {endpoint} a second time: two were under way",
                    entry.seq
                ),
            ));
        }
    }
}

impl Course {
    fn closes(
        &mut self,
        rule: &AccountRule,
        entry: &Entry,
        tell: &mut impl FnMut(Promise, String),
    ) {
        let call = (rule.call_secs + CALL_SLACK_SECS) * SECOND;
        let within = |since: i64| (entry.time_us - since).abs() <= call;
        // Where Cancel undoes whatever happened, it goes out after a long silence too: gap after gap, the last check before
        // them.
        let silent = self.unheard * rule.gap(usize::MAX);
        let in_vain = rule.cancel_unknown_secs.is_some_and(|secs| silent >= secs);
        if self.answer.as_deref() == Some("unknown") && !in_vain && !self.anew.is_some_and(within) {
            let what = format!("entry {} closes after a query without an answer", entry.seq);
            tell(Promise::UnknownIsNeverUnpaid, what);
        }
        if self
            .misfit
            .is_some_and(|since| entry.time_us - since > call)
        {
            let what = format!(
                "entry {} closes an order on which money stands that does not fit, and nobody has decided",
                entry.seq
            );
            tell(Promise::ExtraMoneyIsReported, what);
        }
    }

    fn outside(
        &self,
        rule: &AccountRule,
        order: &OrderFacts,
        entry: &Entry,
        tell: &mut impl FnMut(Promise, String),
    ) {
        let header = &entry.header;
        // A person may ask at any time.
        let by_itself = header.text("step") != Some("wait");
        let (Some(secs), Some((_, sent)), Some(asked), true) =
            (rule.window_secs, order.sent, header.asked(), by_itself)
        else {
            return;
        };
        let late = (asked - sent) / SECOND - secs;
        if late > 0 {
            let what = format!(
                "entry {} was asked {late} s after the gateway had ceased to answer",
                entry.seq
            );
            tell(Promise::BoundedWork, what);
        }
    }

    /// A scan asks no more often than it counts, and no sooner than it waits; one question more ends its time.
    fn scans(&mut self, rule: &AccountRule, entry: &Entry, tell: &mut impl FnMut(Promise, String)) {
        let header = &entry.header;
        let step = header.text("step").unwrap_or_default();
        if rule.scan_secs.is_none() || step != "check" {
            // What somebody asked may have begun the schedule of an order that nobody checked out.
            if matches!(step, "ask" | "wait") {
                self.checks.clear();
            }
            return;
        }
        self.checks.push(header.asked().unwrap_or(entry.time_us));
        let (first, last) = (self.checks[0], self.checks[self.checks.len() - 1]);
        let waits = rule.gaps_secs.iter().zip(self.checks.iter().skip(2));
        let least: i64 = waits.map(|(gap, _)| gap - 1).sum();
        let took = (last - first) / SECOND;
        if self.checks.len() > rule.gaps_secs.len() + 1 || (0..least).contains(&took) {
            let what = format!(
                "entry {} is check number {} of a scan, {took} s after its first",
                entry.seq,
                self.checks.len()
            );
            tell(Promise::BoundedWork, what);
        }
    }

    fn gives_up(&self, entry: &Entry, tell: &mut impl FnMut(Promise, String)) {
        let answer = self.answer.as_deref();
        // Behind a jump of the clock it is not known here.
        if matches!(answer, Some("unknown" | "paid")) {
            let what = format!(
                "entry {} gives up an order after the answer {}",
                entry.seq,
                answer.unwrap_or_default()
            );
            tell(Promise::UnknownIsNeverUnpaid, what);
        }
    }

    fn asks(&mut self, entry: &Entry, tell: &mut impl FnMut(Promise, String)) {
        let header = &entry.header;
        match header.text("step").unwrap_or_default() {
            step @ ("check" | "final" | "last") => {
                self.answer = header.text("answer").map(str::to_owned);
                if self.answer.as_deref() != Some("unknown") {
                    self.unheard = 0;
                } else if step == "final" {
                    self.unheard += 1;
                }
            }
            "ask" => {
                let at = header.asked().unwrap_or(entry.time_us);
                self.asks.push_back(at);
                let loops = 3 + usize::from(self.refunds);
                if self.asks.len() > loops {
                    self.asks.pop_front();
                }
                let first = self.asks.front().copied().unwrap_or(at);
                let took = at - first;
                if self.asks.len() == loops && (0..BURST_SECS * SECOND).contains(&took) {
                    let what = format!(
                        "entry {} is question number {loops} within {} ms that callbacks caused",
                        entry.seq,
                        took / 1_000
                    );
                    tell(Promise::BoundedWork, what);
                }
            }
            _ => {}
        }
    }
}

/// A query that is called "unpaid" although no reply said that a buyer is waited for.
fn said_unpaid(truth: &Truth, entry: &Entry) -> Option<String> {
    let header = &entry.header;
    let unpaid = header.kind == "query" && header.text("answer") == Some("unpaid");
    let digest = header.text("digest").unwrap_or_default();
    (unpaid && !truth.waiting.contains(digest)).then(|| {
        format!(
            "entry {} calls a reply \"unpaid\" that does not say so",
            entry.seq
        )
    })
}

fn stands_paid(rules: &Rules, known: &Known, name: &Name, order: &OrderFacts) -> bool {
    order
        .counting(rules, &name.account)
        .any(|(trade_no, amount)| order.asks(amount) && known.owns(name, trade_no))
}

/// Whether money stands on an unpaid order that does not fit it, with no refund of it and no decision.
fn misfit(rules: &Rules, known: &Known, name: &Name, order: &OrderFacts) -> bool {
    let back = |trade_no: &str| {
        let trade = (name.account.clone(), trade_no.to_owned());
        known.refunded.contains(&trade)
    };
    order.made.is_some()
        && !order.decided
        && !stands_paid(rules, known, name, order)
        && order
            .counting(rules, &name.account)
            .any(|(trade_no, amount)| {
                !order.asks(amount) && known.owns(name, trade_no) && !back(trade_no)
            })
}
