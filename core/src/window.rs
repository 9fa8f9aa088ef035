//! The time in which a gateway answers questions about an order, at those where that ends.
//!
//! It is counted from the last checkout, if its buyer got to the gateway; where not, from the one before. Nobody can tell
//! which, so that there is no such trade is believed only while both times last. A question that is sent later is sent in vain: what the gateway answers then is
//! documented nowhere, and says nothing. So nothing is due outside of it, and no answer from outside of it closes an
//! order.

use crate::gateway::Answer;
use crate::schedule::{after, before};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The last question is due so long before the end: the clock that counts is the gateway's, and every step may be late.
const DUE_BEFORE: SignedDuration = SignedDuration::from_mins(10);
/// And may be sent so much later than it was due.
const LATE_BY: SignedDuration = SignedDuration::from_mins(5);

/// Until when an order can be asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Window {
    /// When the last question is due.
    pub ask_until: Timestamp,
    /// When the last question is due whose answer may say that nobody has paid, where that is earlier: a part of the
    /// journal is lost, and a checkout may have been in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_until: Option<Timestamp>,
    /// When the last question is due whose answer may say that there is no such trade, where that is earlier: the buyer
    /// of an earlier checkout may be the one who pays, and the gateway answers about that one no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_until: Option<Timestamp>,
}

impl Window {
    /// The window of this length, in seconds, of an order whose buyer is sent now.
    #[must_use]
    pub fn from(at: Timestamp, secs: i64) -> Window {
        let length = SignedDuration::from_secs(secs);
        Window {
            ask_until: after(
                at,
                length.saturating_sub(DUE_BEFORE).max(SignedDuration::ZERO),
            ),
            trust_until: None,
            missing_until: None,
        }
    }

    /// The same window, of an order whose buyer had been sent before.
    #[must_use]
    pub fn behind(self, earlier: Option<Window>) -> Window {
        let earlier = earlier.map(|earlier| earlier.missing_until.unwrap_or(earlier.ask_until));
        Window {
            missing_until: earlier,
            ..self
        }
    }

    /// The same window, though a part of the journal is lost: `known` is what the rest of it says.
    #[must_use]
    pub fn with_lost(self, known: Window) -> Window {
        Window {
            trust_until: Some(known.trust_until.unwrap_or(known.ask_until)),
            missing_until: known.missing_until,
            ..self
        }
    }

    /// The same window by a clock that went back by so much.
    #[must_use]
    pub fn earlier(self, by: SignedDuration) -> Window {
        let moved = |at: Timestamp| before(at, by);
        Window {
            ask_until: moved(self.ask_until),
            trust_until: self.trust_until.map(moved),
            missing_until: self.missing_until.map(moved),
        }
    }

    /// When a question is due that is wanted at this time: at the end where that is earlier; `None` where no other may
    /// follow.
    #[must_use]
    pub fn next(&self, wanted: Timestamp, now: Timestamp) -> Option<Timestamp> {
        (now < self.ask_until).then(|| wanted.min(self.ask_until))
    }

    /// Whether a buyer who is sent now, with nothing written down of it, would be asked about for long enough: `longest` is
    /// the window that he would have.
    #[must_use]
    pub fn covers(&self, longest: Window) -> bool {
        longest.ask_until <= after(self.ask_until, DUE_BEFORE)
    }

    /// Whether it is too late to send a question, even one that was due in time.
    #[must_use]
    pub fn over(&self, now: Timestamp) -> bool {
        now > after(self.ask_until, LATE_BY)
    }

    /// What an answer says to a question that was sent at this time.
    #[must_use]
    pub fn heard(&self, answer: Answer, asked: Timestamp) -> Answer {
        let trusted = self.trust_until.unwrap_or(self.ask_until);
        let until = match answer {
            Answer::Unpaid => trusted,
            Answer::NotFound => self
                .missing_until
                .map_or(trusted, |until| until.min(trusted)),
            Answer::Paid | Answer::Closed | Answer::Unknown => return answer,
        };
        match asked > after(until, LATE_BY) {
            true => Answer::Unknown,
            false => answer,
        }
    }
}
