//! When to ask, when to close, when to deliver again. Deadlines are data: the fold keeps them, a worker obeys.

use crate::gateway::Answer;
use crate::sabotage::{Defence, removed};
use crate::settings::Policy;
use crate::status::Status;
use crate::window::Window;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// An order that never saw a checkout and has no `expires_at` is given up after this long.
pub const NEVER_CHECKED_OUT: SignedDuration = SignedDuration::from_hours(24);
/// Queries caused from outside: at most one per order in this time.
const ASK_EVERY: SignedDuration = SignedDuration::from_secs(5);
/// Queries caused from outside: at most this many per order and hour.
const ASKS_PER_HOUR: usize = 20;
/// Clocks of several nodes are never the same.
pub(crate) const CLOCKS_APART: SignedDuration = SignedDuration::from_secs(1);
/// An answer of the gateway may be older than the question by less than this (F-36).
pub(crate) const NEWS_AGE: SignedDuration = SignedDuration::from_mins(1);
/// The gaps before each delivery attempt (Standard Webhooks' recommended schedule).
const DELIVERY_GAPS_SECS: [i64; 10] = [
    0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
];
/// A `Retry-After` is honoured up to this long.
const RETRY_AFTER_SECS_MAX: i64 = 86_400;

/// How far an order has come on its way of being asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// Never checked out.
    New,
    /// Waiting for the check after this gap (counted from 0).
    Progress {
        /// Which gap.
        gap: usize,
    },
    /// The query before the close.
    Final,
    /// The close itself.
    Close,
    /// The query after the close.
    Last,
    /// To be given up without a call.
    GiveUp,
    /// Closed; this late check comes next (counted from 0).
    Late {
        /// Which late check.
        check: usize,
    },
    /// Nothing more to do.
    Ended,
}

/// One thing to do about an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A check of the schedule.
    Check,
    /// A query that something from outside caused.
    Ask,
    /// A query because somebody waits; not counted.
    Wait,
    /// The query before the close.
    Final,
    /// The close call.
    Close,
    /// The query after the close.
    Last,
    /// Give the order up without a call.
    GiveUp,
    /// A question that was due comes too late: the gateway answers no more about this order. Nothing is asked.
    Rest,
    /// A check after the closing.
    Late,
    /// A refund is to be sent, or asked about.
    Refund,
}

/// What is due for an order, and when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Checks {
    /// Checks of the schedule that were done.
    pub done: u32,
    /// Where the order stands.
    #[serde(flatten)]
    pub stage: Stage,
    /// When the stage's step is due; `None` when nothing more is to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// Whether closing waits for a person: a discrepancy is open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
    /// When a query is due that something from outside caused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_at: Option<Timestamp>,
    /// The times of such queries within the last hour: the token bucket.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<Timestamp>,
    /// When the newest reason for such a query came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_at: Option<Timestamp>,
    /// A refund was told without its amount: an answer to a question sent before this may not know of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt_until: Option<Timestamp>,
    /// Whether the merchant asked for the closing: no checkout takes that back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub close_requested: bool,
    /// Until when the gateway answers questions about the order, where that ends. Without a checkout there is no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Until when the order is checked, under the strategy `scan`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan_until: Option<Timestamp>,
    /// How many final queries in a row went unanswered. They are counted, since neither a night in which the server was down
    /// nor a clock that leapt is a silence of the gateway's.
    #[serde(default, skip_serializing_if = "crate::state::is_zero")]
    pub unheard: u32,
    /// Whether a close went out in this schedule that left a paid order alone, and nothing came of it yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed_gently: bool,
}

impl Checks {
    /// A new order's: given up at `expires_at`, or a day after creation, unless a checkout comes first.
    #[must_use]
    pub fn new(created_at: Timestamp, expires_at: Option<Timestamp>) -> Checks {
        let next_at = expires_at.unwrap_or_else(|| after(created_at, NEVER_CHECKED_OUT));
        Checks {
            done: 0,
            stage: Stage::New,
            next_at: Some(next_at),
            held: false,
            ask_at: None,
            asks: Vec::new(),
            reason_at: None,
            doubt_until: None,
            close_requested: false,
            window: None,
            scan_until: None,
            unheard: 0,
            closed_gently: false,
        }
    }

    /// A checkout happened: the schedule begins, or begins again, and so does the time in which the gateway answers.
    pub fn start(&mut self, at: Timestamp, policy: &Policy) {
        let window = policy.query_window(at);
        self.window = window.map(|window| window.behind(self.window));
        self.begin(at, policy);
    }

    /// The schedule begins, or begins again. An order that nobody sent a buyer with is asked about all the same.
    fn begin(&mut self, at: Timestamp, policy: &Policy) {
        self.window = self.window.or_else(|| policy.query_window(at));
        self.scan_until = policy.scan_until(at);
        self.unheard = 0;
        self.closed_gently = false;
        // A pay page that is shown again and again must not put the next check off for ever.
        let standing = self
            .next_at
            .filter(|_| matches!(self.stage, Stage::Progress { .. }));
        let first = policy
            .gap(0)
            .and_then(|gap| self.question_at(after(at, gap), at));
        match [first, standing].into_iter().flatten().min() {
            Some(next) => self.move_to(Stage::Progress { gap: 0 }, next),
            None => self.end(),
        }
    }

    /// The merchant asked for the closing: the final query is due now. Where nothing can be asked any more, the last
    /// answer stands: an order that waits to be given up is given up now, and any other stays as it is.
    pub fn begin_closing(&mut self, at: Timestamp) {
        self.close_requested = true;
        if !self.too_late_to_plan(at) {
            self.move_to(Stage::Final, at);
        } else if self.stage == Stage::GiveUp {
            self.next_at = Some(at);
        } else {
            self.rest();
        }
    }

    /// Whether the schedule of an earlier checkout runs, and goes on for long enough for a buyer who is sent now.
    #[must_use]
    pub fn covers(&self, at: Timestamp, policy: &Policy) -> bool {
        let windows = self.window.zip(policy.query_window(at));
        matches!(self.stage, Stage::Progress { .. })
            && windows.is_none_or(|(window, longest)| window.covers(longest))
    }

    /// When something is due next.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        let step_at = self.next_at.filter(|_| !(self.held && self.closing()));
        [step_at, self.ask_at].into_iter().flatten().min()
    }

    /// What is due at this time. A step of the schedule goes before a query caused from outside, and answers it too.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<Step> {
        let question = |step| match self.window {
            Some(window) if window.over(now) => Some(Step::Rest),
            _ => Some(step),
        };
        if self.next_at.is_some_and(|at| at <= now) && !(self.held && self.closing()) {
            return match self.stage {
                Stage::New | Stage::GiveUp => Some(Step::GiveUp),
                Stage::Progress { .. } => question(Step::Check),
                Stage::Final => question(Step::Final),
                Stage::Close => Some(Step::Close),
                Stage::Last => question(Step::Last),
                Stage::Late { .. } => question(Step::Late),
                Stage::Ended => None,
            };
        }
        self.ask_at
            .filter(|at| *at <= now)
            .and_then(|_| question(Step::Ask))
    }

    /// Something from outside is a reason to ask: a query is due, as soon as the order's token bucket allows. None is
    /// where the gateway would not answer it any more.
    pub fn ask(&mut self, at: Timestamp) {
        let hour = SignedDuration::from_hours(1);
        let hour_ago = before(at, hour);
        // One that lies ahead by more than clocks are apart, and does not stand any more, was asked before the wall clock
        // went back.
        let standing = self.ask_at;
        let ahead = after(at, CLOCKS_APART);
        self.asks.retain(|asked| {
            *asked > hour_ago && (*asked <= ahead || standing.is_some_and(|due| due >= *asked))
        });
        self.reason_at = Some(at);
        let spaced = self
            .asks
            .last()
            .map_or(at, |last| after(*last, ASK_EVERY).max(at));
        let oldest_of_a_full_hour = self
            .asks
            .len()
            .checked_sub(ASKS_PER_HOUR)
            .and_then(|first| self.asks.get(first));
        let ask_at = match oldest_of_a_full_hour {
            _ if removed(Defence::AskBudget) => at,
            Some(oldest) => spaced.max(after(*oldest, hour)),
            None => spaced,
        };
        if self.ask_at.is_some_and(|standing| standing <= ask_at) || self.too_late_to_plan(ask_at) {
            return;
        }
        self.asks.push(ask_at);
        self.ask_at = Some(ask_at);
    }

    /// Whether a query that something from outside caused is due now, or as good as now.
    #[must_use]
    pub fn asks_soon(&self, at: Timestamp) -> bool {
        self.ask_at.is_some_and(|due| due <= after(at, ASK_EVERY))
    }

    /// A callback stays unsettled: ask, and where the schedule of an unpaid order has ended, or would end without a
    /// call, begin it anew. Where nothing can be asked any more, nobody knows what became of it: it is not given up.
    pub fn unsettled(&mut self, at: Timestamp, status: Status, policy: &Policy) {
        self.ask(at);
        let silent = matches!(self.stage, Stage::Ended | Stage::New | Stage::GiveUp);
        if status != Status::Unpaid || !silent {
            return;
        }
        if self.too_late_to_plan(at) {
            self.rest();
        } else if self.asks_soon(at) {
            self.begin(at, policy);
        }
    }

    /// A till told what its terminal had said. The schedule of an unpaid order begins with it, or begins again: its payment
    /// may have been begun there and nowhere else. A closed order is asked about.
    pub fn reported(&mut self, at: Timestamp, status: Status, policy: &Policy) {
        match (status, self.stage) {
            (
                Status::Unpaid,
                Stage::New | Stage::Progress { .. } | Stage::GiveUp | Stage::Ended,
            ) if !self.too_late_to_plan(at) => self.begin(at, policy),
            (Status::Unpaid | Status::Closed, _) => self.ask(at),
            (Status::Paid | Status::PartiallyRefunded | Status::Refunded, _) => {}
        }
    }

    /// A refund is told without its amount. Nothing shows whether an answer that comes soon knows of it already, so the
    /// gateway is asked once more when old news is over.
    pub fn doubt(&mut self, at: Timestamp) {
        self.doubt_until = Some(after(at, NEWS_AGE));
    }

    /// The order is as an older copy of the journal had it: what happened since is asked now, whatever was asked before
    /// the copy was made. Where a closing without a call was due, the schedule begins anew: the buyer may have paid. A
    /// checkout may be lost, so the gateway may answer for longer than is known.
    pub fn adopted(
        &mut self,
        at: Timestamp,
        created_at: Timestamp,
        status: Status,
        policy: &Policy,
    ) {
        self.asks.clear();
        let known = self.window.or_else(|| policy.query_window(created_at));
        self.window = known
            .zip(policy.query_window(at))
            .map(|(known, longest)| longest.with_lost(known));
        self.unsettled(at, status, policy);
    }

    /// A query or a close, sent at `asked`, was answered at `at`. An answer to a step that is no longer the stage's
    /// changes nothing but the asking.
    pub fn answered(
        &mut self,
        step: Step,
        answer: Answer,
        asked: Timestamp,
        at: Timestamp,
        expires_at: Option<Timestamp>,
        policy: &Policy,
    ) {
        if step == Step::Rest {
            return self.rest();
        }
        let answer = self.heard(answer, asked);
        let silence_gap = policy.silence_gap();
        if self.ask_at.is_some_and(|ask_at| ask_at <= at) {
            self.ask_at = None;
            if self.reason_at.is_some_and(|reason| reason > asked) {
                // The answer is older than the newest question.
                self.ask(at);
            } else if answer == Answer::Unknown && step != Step::Close {
                // What was asked and not answered stays a question, as long as it can be one.
                self.ask_at = self.question_at(after(at, silence_gap), at);
            } else if let Some(until) = self.doubt_until.filter(|until| asked < *until) {
                self.ask_at = self.question_at(until, at);
            } else {
                self.doubt_until = None;
            }
        }
        // Counted though the answer may have ended the schedule already.
        self.done += u32::from(step == Step::Check);
        match (step, self.stage) {
            (Step::Ask | Step::Wait, Stage::New) if answer == Answer::Unpaid => {
                self.begin(at, policy);
            }
            (Step::Check, Stage::Progress { gap }) => {
                self.progress(gap, answer, at, expires_at, policy);
            }
            (Step::Final, Stage::Final) if self.cancels(answer, policy) || lets_close(answer) => {
                self.move_to(closing_stage(policy), at);
            }
            // Money came that does not pay the order: there is nothing to close.
            (Step::Final, Stage::Final) | (Step::Last, Stage::Last) if answer == Answer::Paid => {
                self.end();
            }
            (Step::Close, Stage::Close) => {
                self.closed_gently |= self.closes_gently();
                self.move_to(Stage::Last, at);
            }
            (Step::Last, Stage::Last) if answer == Answer::Unpaid => {
                self.move_to(Stage::Close, after(at, policy.last_gap()))
            }
            (Step::Final, Stage::Final) | (Step::Last, Stage::Last) => {
                self.question(self.stage, Some(silence_gap), at);
            }
            (Step::GiveUp, Stage::New | Stage::GiveUp) => {
                self.next_at = Some(after(at, silence_gap));
            }
            // Not known is not answered: the same check again, as late as it came.
            (Step::Late, Stage::Late { check }) if answer == Answer::Unknown => {
                let gap = policy.late_gap(check).unwrap_or(silence_gap);
                self.question(self.stage, Some(gap), at);
            }
            (Step::Late, Stage::Late { check }) => {
                let check = check + 1;
                self.question(Stage::Late { check }, policy.late_gap(check), at);
            }
            _ => {}
        }
    }

    /// What an answer says to a question that was sent at this time.
    #[must_use]
    pub fn heard(&self, answer: Answer, asked: Timestamp) -> Answer {
        self.window
            .map_or(answer, |window| window.heard(answer, asked))
    }

    /// Whether a close that leaves a paid order alone will do: an answer just before says that nobody has paid, and no
    /// such close was tried in vain.
    #[must_use]
    pub fn closes_gently(&self) -> bool {
        self.unheard == 0 && !self.closed_gently
    }

    /// Whether the gateway answers no more questions about the order.
    #[must_use]
    pub fn over(&self, now: Timestamp) -> bool {
        self.window.is_some_and(|window| window.over(now))
    }

    /// Brings the schedule into line with what the order has become.
    pub fn settle(
        &mut self,
        status: Status,
        attention: bool,
        newly_closed: bool,
        at: Timestamp,
        policy: &Policy,
    ) {
        self.held = attention && !removed(Defence::AttentionHolds);
        match status {
            Status::Paid | Status::PartiallyRefunded | Status::Refunded => self.end(),
            Status::Closed if newly_closed => {
                let gap = policy.late_gap(0).filter(|_| !removed(Defence::LateChecks));
                self.question(Stage::Late { check: 0 }, gap, at);
            }
            Status::Closed | Status::Unpaid => {}
        }
    }

    fn progress(
        &mut self,
        gap: usize,
        answer: Answer,
        at: Timestamp,
        expires_at: Option<Timestamp>,
        policy: &Policy,
    ) {
        let scanned = self.scan_until.is_some();
        let wanted = match (policy.gap(gap + 1), expires_at, self.window) {
            // Whoever leaves the scan with fewer checks is asked about once more at its end, or now where that is over.
            (Some(next), ..) if self.scan_until.is_none_or(|until| at < until) => {
                let next = after(at, next);
                let next = self.scan_until.map_or(next, |until| next.min(until));
                Some((gap + 1, next))
            }
            (None, Some(limit), _) if limit > at && !scanned => {
                Some((gap, after(at, policy.last_gap()).min(limit)))
            }
            // Nothing ends the order: what is not answered is asked again, and whatever came after the checks is found while it
            // still can be.
            (_, None, Some(window)) if !policy.close => Some(match answer {
                Answer::Unknown => (gap, after(at, policy.silence_gap()).min(window.ask_until)),
                _ => (gap, window.ask_until),
            }),
            _ => None,
        };
        let next = wanted.and_then(|(gap, wanted)| Some((gap, self.question_at(wanted, at)?)));
        if let Some((gap, next)) = next {
            self.move_to(Stage::Progress { gap }, next);
        } else if !policy.close && expires_at.is_none() {
            self.end();
        } else if lets_close(answer) {
            // The check that just ended is the final query, though the closing may have to wait.
            let limit = expires_at.filter(|_| !(scanned && policy.close));
            let closes_at = limit.map_or(at, |limit| limit.max(at));
            self.move_to(closing_stage(policy), closes_at);
        } else {
            self.cancels(answer, policy);
            self.question(Stage::Final, Some(policy.silence_gap()), at);
        }
    }

    /// Whether the close is due though nobody said "unpaid": final queries have gone unanswered for as long as the policy
    /// says, one gap of silence after another.
    fn cancels(&mut self, answer: Answer, policy: &Policy) -> bool {
        if answer != Answer::Unknown {
            self.unheard = 0;
            return false;
        }
        self.unheard = self.unheard.saturating_add(1);
        let gaps = i64::from(self.unheard - 1);
        let silent = gaps.saturating_mul(policy.silence_gap().as_secs());
        policy
            .cancel_unknown_secs
            .is_some_and(|wait| wait <= silent)
    }

    /// The stage whose question is due after this gap. Without a gap, or where no question can follow, nothing more is
    /// to do.
    fn question(&mut self, stage: Stage, gap: Option<SignedDuration>, at: Timestamp) {
        match gap.and_then(|gap| self.question_at(after(at, gap), at)) {
            Some(next) => self.move_to(stage, next),
            None => self.end(),
        }
    }

    /// When a question is due that is wanted at this time, where the gateway still answers it.
    fn question_at(&self, wanted: Timestamp, now: Timestamp) -> Option<Timestamp> {
        match self.window {
            Some(window) => window.next(wanted, now),
            None => Some(wanted),
        }
    }

    /// Whether a question that is due now would come after the last one.
    fn too_late_to_plan(&self, at: Timestamp) -> bool {
        self.window.is_some_and(|window| at > window.ask_until)
    }

    /// Nothing can be asked any more: the order stays what it is, unless somebody tells of it.
    fn rest(&mut self) {
        self.ask_at = None;
        self.end();
    }

    fn end(&mut self) {
        self.stage = Stage::Ended;
        self.next_at = None;
    }

    /// The wall clock went back by so much: nothing waits for longer than it would if it began to wait now, and the
    /// gateway answers for as long as it did.
    pub fn rein_in(
        &mut self,
        at: Timestamp,
        by: SignedDuration,
        expires_at: Option<Timestamp>,
        policy: &Policy,
    ) {
        self.window = self.window.map(|window| window.earlier(by));
        let gap = match self.stage {
            Stage::New => Some(NEVER_CHECKED_OUT),
            Stage::Progress { gap } => policy.gap(gap),
            Stage::Late { check } => policy.late_gap(check),
            Stage::Final | Stage::Close | Stage::Last | Stage::GiveUp | Stage::Ended => None,
        };
        let latest = match (self.stage, expires_at) {
            (Stage::New | Stage::GiveUp, Some(limit)) => limit,
            _ => after(at, gap.unwrap_or(policy.silence_gap())),
        };
        self.next_at = self.next_at.map(|next| next.min(latest));
        self.ask_at = self
            .ask_at
            .map(|due| due.min(after(at, policy.silence_gap())));
        self.asks.retain(|asked| *asked <= at);
        let scan_end = policy.scan_until(at);
        self.scan_until = self
            .scan_until
            .map(|until| scan_end.map_or(until, |end| until.min(end)));
    }

    /// Whether the stage's step leads to a closing.
    fn closing(&self) -> bool {
        matches!(
            self.stage,
            Stage::New | Stage::Final | Stage::Close | Stage::Last | Stage::GiveUp
        )
    }

    fn move_to(&mut self, stage: Stage, at: Timestamp) {
        self.stage = stage;
        self.next_at = Some(at);
    }
}

/// Whether a closing may begin: the gateway says that nobody has paid. Silence never says so.
fn lets_close(answer: Answer) -> bool {
    matches!(answer, Answer::Unpaid | Answer::NotFound) || removed(Defence::FinalQuery)
}

/// What follows the final query: the close, or, where the gateway has none, giving the order up.
fn closing_stage(policy: &Policy) -> Stage {
    if policy.close {
        Stage::Close
    } else {
        Stage::GiveUp
    }
}

/// When a delivery is tried again after this attempt (counted from 1) failed; `None` when it was the last. The jitter
/// is a hash, so that a refold finds the same time.
#[must_use]
pub fn delivery_retry(
    event: &str,
    attempt: u32,
    failed_at: Timestamp,
    retry_after_secs: Option<i64>,
) -> Option<Timestamp> {
    let gap = DELIVERY_GAPS_SECS.get(usize::try_from(attempt).ok()?)?;
    let digest = Sha256::new()
        .chain_update(event.as_bytes())
        .chain_update(attempt.to_be_bytes())
        .finalize();
    let jitter_ms = gap * 200 * i64::from(digest[0]) / 255;
    let asked = retry_after_secs.unwrap_or(0).clamp(0, RETRY_AFTER_SECS_MAX);
    let wait =
        SignedDuration::from_millis(gap * 1_000 + jitter_ms).max(SignedDuration::from_secs(asked));
    Some(after(failed_at, wait))
}

/// An instant later, or the end of time where there is none.
#[must_use]
pub fn after(at: Timestamp, wait: SignedDuration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// An instant earlier, or the beginning of time where there is none.
pub(crate) fn before(at: Timestamp, wait: SignedDuration) -> Timestamp {
    at.checked_sub(wait).unwrap_or(Timestamp::MIN)
}
