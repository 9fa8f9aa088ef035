//! Refunds that we ask for: commands with numbers of our own, and what became of each.
//!
//! A refund is written down before it leaves, under the number that it has on the wire, and is sent under that number
//! again and again until its end is known: the gateway takes a number once. What moves money in the books is never the
//! command but the claims that witnesses make of it (`crate::facts`); here is only what is still to be done about it.

use crate::derived::{Derived, Trade, derive};
use crate::facts::{Claim, Facts};
use crate::gateway::{Refund, RefundAnswer, RefundWay};
use crate::money::Money;
use crate::sabotage::{Defence, removed};
use crate::schedule::{NEWS_AGE, after};
use crate::settings::Policy;
use crate::state::OrderState;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A gateway that has not told the end of a refund for so long is asked once a day from then on.
const ASK_CLOSELY: SignedDuration = SignedDuration::from_hours(24);

/// One refund that the merchant asked for, as the fold makes it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RefundState {
    /// The trade it is of.
    pub trade_no: String,
    /// How much.
    pub amount: Money,
    /// Why. It goes to the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who makes the gateway do it.
    pub way: RefundWay,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// The numbers that it has had on the wire; the last is the current one.
    pub wire_nos: Vec<String>,
    /// How it stands.
    #[serde(flatten)]
    pub stage: RefundStage,
    /// When it last went out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// How often the gateway was asked since then.
    #[serde(default)]
    pub asked: usize,
    /// When it is to be sent, or asked about; `None` when nothing is to do, or a person has to do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// Whether the gateway has answered, unsigned, that it is paid back. It is so when the facts say it too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub said_done: bool,
    /// The gateway's code, or why its last answer could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

/// How far a refund has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum RefundStage {
    /// Written down, and not under way at the gateway.
    Requested,
    /// The gateway took it in, or a person was sent to confirm it.
    Sent,
    /// It went out, and nobody knows whether it arrived.
    Unknown,
    /// Paid back.
    Succeeded {
        /// When we heard of it.
        at: Timestamp,
    },
    /// Refused for good.
    Failed {
        /// When we heard of it.
        at: Timestamp,
    },
}

impl RefundStage {
    /// Its word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            RefundStage::Requested => "requested",
            RefundStage::Sent => "sent",
            RefundStage::Unknown => "unknown",
            RefundStage::Succeeded { .. } => "succeeded",
            RefundStage::Failed { .. } => "failed",
        }
    }

    /// When its end was heard of.
    #[must_use]
    pub fn ended_at(self) -> Option<Timestamp> {
        match self {
            RefundStage::Succeeded { at } | RefundStage::Failed { at } => Some(at),
            _ => None,
        }
    }
}

impl RefundState {
    /// A refund that was just asked for: to be sent at once, unless a person has to confirm it.
    #[must_use]
    pub fn new(wanted: &RefundWanted, at: Timestamp) -> RefundState {
        RefundState {
            trade_no: wanted.trade_no.clone(),
            amount: wanted.amount,
            reason: wanted.reason.clone(),
            way: wanted.way,
            requested_at: at,
            wire_nos: vec![wanted.wire_no.clone()],
            stage: RefundStage::Requested,
            sent_at: None,
            asked: 0,
            next_at: (wanted.way == RefundWay::Call).then_some(at),
            said_done: false,
            said: None,
        }
    }

    /// Its current number on the wire.
    #[must_use]
    pub fn wire_no(&self) -> &str {
        self.wire_nos.last().map_or("", String::as_str)
    }

    /// What of it the gateway is told; the order's facts are where its trade stands.
    #[must_use]
    pub fn wanted(&self, facts: &Facts) -> Refund {
        Refund {
            trade_no: self.trade_no.clone(),
            amount: self.amount,
            received: facts.received(&self.trade_no),
            reason: self.reason.clone(),
        }
    }

    /// Whether its end is not known yet.
    #[must_use]
    pub fn open(&self) -> bool {
        self.stage.ended_at().is_none()
    }

    /// Whether the gateway has answered that it is done, and nothing that is signed says so yet.
    #[must_use]
    pub fn awaits_proof(&self) -> bool {
        self.open() && self.said_done
    }

    /// Whether this is one of its numbers on the wire.
    #[must_use]
    pub fn has_been(&self, wire_no: &str) -> bool {
        self.wire_nos.iter().any(|known| known == wire_no)
    }

    /// Whether a person may go to the gateway's page with it.
    #[must_use]
    pub fn awaits_person(&self) -> bool {
        self.way == RefundWay::Page && self.open()
    }

    /// It gets another number. Only what is not under way may.
    pub fn renumber(&mut self, wire_no: &str) {
        let free = self.stage == RefundStage::Requested || removed(Defence::RefundNumber);
        if free && self.wire_no() != wire_no {
            self.wire_nos.push(wire_no.to_owned());
        }
    }

    /// It went out. `accepted` is what the gateway said to it; a person's page says nothing.
    pub fn sent(&mut self, accepted: Option<bool>, at: Timestamp, policy: &Policy) {
        if !self.open() {
            return;
        }
        self.stage = match (self.way, accepted) {
            (_, Some(false)) => RefundStage::Failed { at },
            (RefundWay::Call, None) => RefundStage::Unknown,
            _ => RefundStage::Sent,
        };
        self.sent_at = Some(at);
        self.asked = 0;
        self.next_at = self.open().then(|| self.next_question(at, policy));
    }

    /// The gateway was asked about the current number at `asked`. `lapsed` is whether that number can go out no more.
    pub fn answered(
        &mut self,
        answer: RefundAnswer,
        lapsed: bool,
        asked: Timestamp,
        at: Timestamp,
        policy: &Policy,
    ) {
        if !self.open() {
            return;
        }
        self.asked += 1;
        self.next_at = Some(self.next_question(at, policy));
        // What is said so soon may be older than the sending.
        let news = self
            .sent_at
            .is_none_or(|sent| asked >= after(sent, NEWS_AGE));
        match answer {
            RefundAnswer::Succeeded => {
                self.stage = RefundStage::Sent;
                self.said_done = true;
            }
            RefundAnswer::Failed => self.end(RefundStage::Failed { at }),
            RefundAnswer::Pending => self.stage = RefundStage::Sent,
            RefundAnswer::NotFound if news && self.way == RefundWay::Call => {
                self.stage = RefundStage::Requested;
            }
            // The page on which it was to be confirmed is of another day: a person has to go there again.
            RefundAnswer::NotFound if news && lapsed => {
                self.stage = RefundStage::Requested;
                self.next_at = None;
            }
            RefundAnswer::NotFound | RefundAnswer::Unknown => {}
        }
    }

    /// Three tries came to no recorded end: what became of the last is asked, later.
    pub fn put_off(&mut self, at: Timestamp, policy: &Policy) {
        if self.next_at.is_some_and(|due| due <= at) {
            self.lose_sight(after(at, policy.silence_gap()));
        }
    }

    /// It may have gone out without our knowing: ask about its number before it is sent.
    pub fn lose_sight(&mut self, ask_at: Timestamp) {
        if self.open() && (self.way == RefundWay::Call || self.stage != RefundStage::Requested) {
            self.stage = RefundStage::Unknown;
            self.next_at = Some(ask_at);
        }
    }

    /// The wall clock went back: nothing waits for longer than it would if it began to wait now.
    pub fn rein_in(&mut self, at: Timestamp, policy: &Policy) {
        let latest = after(at, policy.silence_gap());
        self.next_at = self.next_at.map(|next| next.min(latest));
    }

    fn end(&mut self, stage: RefundStage) {
        self.stage = stage;
        self.next_at = None;
    }

    fn next_question(&self, at: Timestamp, policy: &Policy) -> Timestamp {
        let close = self
            .sent_at
            .is_none_or(|sent| at < after(sent, ASK_CLOSELY));
        let gap = match policy.gap(self.asked) {
            Some(gap) => gap,
            None if close => policy.silence_gap(),
            None => ASK_CLOSELY,
        };
        after(at, gap)
    }
}

/// A refund as it is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RefundWanted {
    /// The merchant's number of it, one of the order's.
    pub refund_no: String,
    /// The trade it is of.
    pub trade_no: String,
    /// How much.
    pub amount: Money,
    /// Why. It goes to the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who makes the gateway do it.
    pub way: RefundWay,
    /// The number under which it goes out.
    pub wire_no: String,
}

impl RefundWanted {
    /// The first field, in the contract's order, in which a refund that stands differs.
    #[must_use]
    pub fn differs_from(&self, known: &RefundState) -> Option<&'static str> {
        let fields = [
            ("amount", self.amount == known.amount),
            ("trade_no", self.trade_no == known.trade_no),
            ("reason", self.reason == known.reason),
        ];
        let differing = fields.into_iter().find(|(_, same)| !same);
        differing.map(|(name, _)| name)
    }
}

/// The trades of an order that are proven and its own: counted or not, their money can be paid back.
pub fn refundable<'a>(
    state: &'a OrderState,
    derived: &'a Derived,
) -> impl Iterator<Item = &'a Trade> {
    let own =
        |trade: &&Trade| trade.processed_at.is_some() && !state.reused.contains(&trade.trade_no);
    derived.trades.iter().filter(own)
}

/// How much of this trade may still be paid back: what was paid, less everything that went back or is on its
/// way, read in the way that leaves least. `None` where no such trade of this order is proven.
#[must_use]
pub fn left_of(state: &OrderState, trade_no: &str) -> Option<Money> {
    let derived = derive(state);
    let trade = refundable(state, &derived).find(|trade| trade.trade_no == trade_no)?;
    let ours = || {
        let of_trade = |refund: &&RefundState| refund.trade_no == trade_no;
        state.refunds.values().filter(of_trade)
    };
    let sum = |refunds: &mut dyn Iterator<Item = &RefundState>| -> i64 {
        refunds.fold(0, |sum, refund| sum.saturating_add(refund.amount.minor))
    };
    let standing =
        sum(&mut ours().filter(|refund| !matches!(refund.stage, RefundStage::Failed { .. })));
    let under_way = sum(&mut ours().filter(|refund| refund.open()));
    let others = others(state, trade_no);
    let used = standing
        .saturating_add(others)
        .max(trade.refunded.saturating_add(under_way));
    let left = trade.amount.minor.saturating_sub(used).max(0);
    Some(Money::new(left, trade.amount.currency))
}

/// Minor units of a trade that claims tell was paid back by refunds that are not ours.
fn others(state: &OrderState, of: &str) -> i64 {
    let ours = |refund_no: &str| {
        let mut refunds = state.refunds.values();
        refunds.any(|refund| refund.has_been(refund_no))
    };
    state
        .facts
        .iter()
        .fold(0, |sum: i64, (claim, _)| match claim {
            Claim::RefundItem {
                trade_no,
                refund_no,
                amount,
                succeeded: true,
            } if trade_no == of && !ours(refund_no) => sum.saturating_add(amount.minor),
            _ => sum,
        })
}

/// What the facts say of the ends of our refunds is taken over. A claim about one of them is its end; where the gateway
/// only answered that it is done, it is so once the sum that is proven for its trade has room for it.
pub(crate) fn conclude(state: &mut OrderState, at: Timestamp) {
    if state.refunds.is_empty() {
        return;
    }
    let facts = &state.facts;
    let require = state.order.require;
    let mut newly_done = false;
    for refund in state.refunds.values_mut() {
        let told = |wire_no: &str, success: bool| {
            facts.counting(require).any(|(claim, _)| match claim {
                Claim::RefundItem {
                    trade_no,
                    refund_no,
                    succeeded,
                    ..
                } => *succeeded == success && *trade_no == refund.trade_no && refund_no == wire_no,
                _ => false,
            })
        };
        let done = matches!(refund.stage, RefundStage::Succeeded { .. });
        if !done && refund.wire_nos.iter().any(|wire_no| told(wire_no, true)) {
            refund.end(RefundStage::Succeeded { at });
            newly_done |= facts.iter().any(|(claim, _)| match claim {
                Claim::RefundedSoFar { trade_no, .. } => *trade_no == refund.trade_no,
                _ => false,
            });
        } else if refund.open() && told(refund.wire_no(), false) {
            refund.end(RefundStage::Failed { at });
        }
    }
    // A sum that was told before may not know of it: how much went back in all is asked.
    if newly_done {
        state.checks.ask(at);
        state.checks.doubt(at);
    }
    if state.refunds.values().any(RefundState::awaits_proof) {
        conclude_by_sums(state, at);
    }
}

fn conclude_by_sums(state: &mut OrderState, at: Timestamp) {
    for trade in derive(state).trades {
        let mut known = others(state, &trade.trade_no);
        let of_trade = |refund: &RefundState| refund.trade_no == trade.trade_no;
        for refund in state.refunds.values().filter(|refund| of_trade(refund)) {
            if matches!(refund.stage, RefundStage::Succeeded { .. }) {
                known = known.saturating_add(refund.amount.minor);
            }
        }
        for refund in state.refunds.values_mut().filter(|refund| of_trade(refund)) {
            let with_it = known.saturating_add(refund.amount.minor);
            if refund.awaits_proof() && with_it <= trade.refunded {
                known = with_it;
                refund.end(RefundStage::Succeeded { at });
            }
        }
    }
}
