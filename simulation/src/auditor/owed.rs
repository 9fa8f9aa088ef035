//! Questions that the server owes, by the journal alone. Where the gateway says of a genuine callback that it did not
//! send it, the token may have been used up: so it is asked about the order. And where the server died between a callback
//! and its answer, it asks at its next start.
//!
//! A question is due within seconds. [`PATIENCE_SECS`] lets three steps be lost in commits that failed, each held for a
//! minute. What 20 questions within an hour put off is not followed. And a question that looks late is held against the
//! server only after the same patience: entries may carry the time of a clock that jumped before the journal tells of
//! the jump.

use super::header::{About, Entry};
use super::known::Known;
use super::promise::{Broken, Promise};
use super::rules::{Rules, rank};
use super::stage::SECOND;
use crate::truth::Name;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const PATIENCE_SECS: i64 = 240;
/// After a jump of the clock nothing is begun for so long.
const PAUSE_SECS: i64 = 120;
/// So many questions within an hour may put the next one off. One that was answered by another step counts as well.
const ASKS_MANY: usize = 15;
const HOUR_SECS: i64 = 3_600;

/// A question that is owed.
struct Question {
    since: i64,
    /// The entry that made it due.
    seq: i64,
    /// When it was first seen to be late, and by how many seconds.
    late: Option<(i64, i64)>,
}

/// What is owed.
#[derive(Default)]
pub(super) struct Owed {
    questions: BTreeMap<Name, Question>,
    /// Asked at last, and late.
    asked_late: Vec<(Name, Question)>,
    /// Callbacks without an answer, and the orders that they are about.
    unanswered: BTreeMap<i64, BTreeSet<Name>>,
    asked: BTreeMap<Name, VecDeque<i64>>,
}

impl Owed {
    /// Judges one entry, which is known already.
    pub(super) fn judge(
        &mut self,
        rules: &Rules,
        known: &Known,
        entry: &Entry,
        found: &mut Vec<Broken>,
    ) {
        let header = &entry.header;
        let now = entry.time_us;
        match header.kind.as_str() {
            // While the server was down it owed, and could not.
            "settings" => self.put_off(rules, now, false),
            "started" => {
                self.put_off(rules, now, false);
                for (seq, names) in std::mem::take(&mut self.unanswered) {
                    for name in names {
                        self.owe(&name, now, seq);
                    }
                }
            }
            "clock_jump" => {
                let secs = header.data.get("secs");
                let back = secs.and_then(serde_json::Value::as_i64) < Some(0);
                self.put_off(rules, now.saturating_add(PAUSE_SECS * SECOND), back);
                self.asked.clear();
            }
            "received" => {
                let names = about(entry).filter(|name| made(known, name)).collect();
                self.unanswered.insert(entry.seq, names);
            }
            "notify" | "return" => self.answered(rules, known, entry),
            "query" => self.asked(entry),
            "abandoned" if header.text("event").is_none() => self.asked(entry),
            _ => {}
        }
        self.look(now, found);
    }

    /// Which questions are late, and which were so for long enough to be held against the server.
    fn look(&mut self, now: i64, found: &mut Vec<Broken>) {
        let patience = PATIENCE_SECS * SECOND;
        let mut keep = |name: &Name, question: &mut Question| {
            if question.late.is_none() && now.saturating_sub(question.since) > patience {
                question.late = Some((now, (now - question.since) / SECOND));
            }
            let Some((_, secs)) = question.late.filter(|(at, _)| now - at > patience) else {
                return true;
            };
            let seq = question.seq;
            found.push(Broken::about(
                Promise::NeverLost,
                name,
                format!(
                    "entry {seq} leaves a callback unproven, and {secs} s later the gateway was not asked about the order"
                ),
            ));
            false
        };
        self.questions.retain(&mut keep);
        self.asked_late
            .retain_mut(|(name, question)| keep(name, question));
    }

    /// Behind a clock that went back a question waits for as long as one that was not answered.
    fn put_off(&mut self, rules: &Rules, to: i64, back: bool) {
        self.asked_late.clear();
        for (name, question) in &mut self.questions {
            let gap = rules.get(&name.account).map(|rule| rule.gap(usize::MAX));
            let gap = gap.filter(|_| back || to < question.since);
            question.since = to.saturating_add(gap.unwrap_or_default() * SECOND);
            question.late = None;
        }
    }

    fn owe(&mut self, name: &Name, since: i64, seq: i64) {
        let hour_ago = since.saturating_sub(HOUR_SECS * SECOND);
        let asked = self.asked.get(name);
        let often = asked.map_or(0, |asked| asked.iter().filter(|at| **at > hour_ago).count());
        if often < ASKS_MANY {
            let question = Question {
                since,
                seq,
                late: None,
            };
            self.questions.entry(name.clone()).or_insert(question);
        }
    }

    fn answered(&mut self, rules: &Rules, known: &Known, entry: &Entry) {
        let header = &entry.header;
        let received = header.data.get("received");
        if let Some(seq) = received.and_then(serde_json::Value::as_i64) {
            self.unanswered.remove(&seq);
        }
        if header.text("opinion") != Some("false") {
            return;
        }
        let Some(account) = header.account.as_deref() else {
            return;
        };
        for claim in &header.claims {
            let (About::OrderNo(order_no), Some(amount)) = (&claim.about, &claim.amount) else {
                continue;
            };
            let name = Name::new(account, order_no);
            let Some(order) = known.orders.get(&name).filter(|order| order.made.is_some()) else {
                continue;
            };
            let stands = known.stands.get(&claim.same(account)).copied();
            if rank(&claim.proof) > 0
                && stands.unwrap_or_default() < order.required(rules, account, amount)
            {
                self.owe(&name, entry.time_us, entry.seq);
            }
        }
    }

    fn asked(&mut self, entry: &Entry) {
        let header = &entry.header;
        let (Some(account), Some(order_no)) = (&header.account, &header.order_no) else {
            return;
        };
        let name = Name::new(account, order_no);
        if let Some(question) = self.questions.remove(&name)
            && question.late.is_some()
        {
            self.asked_late.push((name.clone(), question));
        }
        let asked = self.asked.entry(name).or_default();
        asked.push_back(entry.time_us);
        if asked.len() > ASKS_MANY {
            asked.pop_front();
        }
    }
}

/// The orders that an entry's claims name.
fn about(entry: &Entry) -> impl Iterator<Item = Name> + '_ {
    let account = entry.header.account.as_deref().unwrap_or_default();
    entry
        .header
        .claims
        .iter()
        .filter_map(move |claim| match &claim.about {
            About::OrderNo(order_no) => Some(Name::new(account, order_no)),
            About::TradeNo(_) => None,
        })
}

fn made(known: &Known, name: &Name) -> bool {
    known
        .orders
        .get(name)
        .is_some_and(|order| order.made.is_some())
}
