//! How far an order has come on its way of being asked about, as far as the journal's entries tell, and by when the
//! next question must have been asked. Where the entries leave it open, the later time is taken.

use super::header::Entry;
use super::rules::AccountRule;
use crate::truth::Micros;

pub(super) const SECOND: i64 = 1_000_000;
/// What the design allows to come between a due time and the question: nothing is begun for two minutes after a jump
/// of the clock, a jump of up to a minute goes unnoticed, a step that a crash cut short is held for a minute; and a
/// minute for everything else.
pub(super) const SLACK_SECS: i64 = 300;
/// How much older than its sending an answer of the gateway may be.
pub(super) const STALE_SECS: i64 = 30;

/// Where an order stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Stage {
    /// Never sent to the cashier.
    #[default]
    New,
    /// Waiting for the check of this number, from 0.
    Progress(usize),
    /// Being closed.
    Closing,
    /// Closed; the late check of this number, from 0, comes next.
    Late(usize),
    /// Nobody asks any more.
    Ended,
}

impl Stage {
    /// What an entry about the order makes of it. Closings and payments are seen elsewhere.
    pub(super) fn after(self, entry: &Entry, rule: &AccountRule, expires: bool) -> Stage {
        let header = &entry.header;
        let answer = header.text("answer").unwrap_or_default();
        match (
            header.kind.as_str(),
            header.text("step").unwrap_or_default(),
        ) {
            ("checkout", _) => match self {
                Stage::Late(_) => self,
                _ => Stage::Progress(0),
            },
            ("close_requested", _) if !matches!(self, Stage::Late(_)) => Stage::Closing,
            // A step that was laid aside counts as one without an answer.
            ("abandoned", _) if matches!(self, Stage::New | Stage::Ended | Stage::Closing) => self,
            // It was a delivery's.
            ("abandoned", _) if header.text("event").is_some() => self,
            ("query", "check") | ("abandoned", _) if !matches!(self, Stage::Late(_)) => {
                // A check where none was expected: a callback began the schedule anew.
                let done = match self {
                    Stage::Progress(number) => number,
                    Stage::New | Stage::Ended => 0,
                    other => return other,
                };
                match done + 1 {
                    next if next < rule.gaps_secs.len() => Stage::Progress(next),
                    _ if expires && rule.scan_secs.is_none() => {
                        Stage::Progress(rule.gaps_secs.len().saturating_sub(1))
                    }
                    _ if rule.can_close => Stage::Closing,
                    // What was not answered is asked again.
                    _ if answer == "unknown" => {
                        Stage::Progress(rule.gaps_secs.len().saturating_sub(1))
                    }
                    _ => Stage::Ended,
                }
            }
            ("query", "final" | "last") if answer == "paid" => Stage::Ended,
            ("query", "final" | "last") | ("close", _) if !matches!(self, Stage::Late(_)) => {
                Stage::Closing
            }
            ("query", "ask" | "wait") if self == Stage::New && answer == "unpaid" => {
                Stage::Progress(0)
            }
            ("query", "late") | ("abandoned", _) => match self {
                Stage::Late(number) if number + 1 < rule.late_secs.len() => Stage::Late(number + 1),
                Stage::Late(_) => Stage::Ended,
                other => other,
            },
            _ => self,
        }
    }

    /// By when money that came, or could be found, from `from` on must be known: twice the gap then in force and the
    /// call's deadline, or the next late check. `None` where nobody has to ask.
    pub(super) fn due(
        self,
        rule: &AccountRule,
        since: Micros,
        from: Micros,
        jumped_back: bool,
    ) -> Option<Micros> {
        let rest = rule.call_secs + SLACK_SECS;
        let after = |at: Micros, secs: i64| at.saturating_add(secs.saturating_mul(SECOND));
        match self {
            Stage::New | Stage::Ended => None,
            // A question that was under way when the money came knows nothing of it: then the next gap counts.
            Stage::Progress(number) => {
                let gap = rule.gap(number).max(rule.gap(number + 1));
                Some(after(from, 2 * gap + rest))
            }
            Stage::Closing => Some(after(from, 2 * rule.gap(usize::MAX) + rest)),
            Stage::Late(number) => {
                let gap = rule.late_secs.get(number)?;
                let times = 1 + i64::from(jumped_back);
                Some(after(since, times * gap + rest).max(after(from, rest)))
            }
        }
    }
}
