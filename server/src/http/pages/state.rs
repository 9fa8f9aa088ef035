//! What a page says of an order.

use quittance_core::derived::{Derived, derive};
use quittance_core::status::Status;
use quittance_core::{OrderState, Timestamp};

/// The states of the result page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shows {
    /// The money is there: the seal, and only here.
    Paid,
    /// A part was paid back.
    PartlyRefunded,
    /// All was paid back.
    Refunded,
    /// Somebody has to look.
    Attention,
    /// Closed after its time to pay was over.
    Expired,
    /// Closed.
    Closed,
    /// The gateway is being asked.
    Checking,
    /// It was asked for long enough.
    TimedOut,
    /// The buyer says that he has paid, and the gateway that he has not.
    NotYet,
    /// The buyer says that he has paid, and the gateway says nothing: that is unknown, and no word of "no payment".
    Unheard,
}

impl Shows {
    /// What the facts settle. `None` while the order waits for its money.
    pub fn settled(state: &OrderState) -> Option<Shows> {
        Shows::derived(state, &derive(state))
    }

    /// The same, where the rest has been derived.
    pub fn derived(state: &OrderState, derived: &Derived) -> Option<Shows> {
        match derived.status {
            Status::Paid => Some(Shows::Paid),
            Status::PartiallyRefunded => Some(Shows::PartlyRefunded),
            Status::Refunded => Some(Shows::Refunded),
            // What the journal says of a frozen order could not be applied: there may be money.
            _ if derived.attention || state.frozen.is_some() => Some(Shows::Attention),
            Status::Closed if expired(state, state.closed_at) => Some(Shows::Expired),
            Status::Closed => Some(Shows::Closed),
            Status::Unpaid => None,
        }
    }

    /// Its word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Shows::Paid => "paid",
            Shows::PartlyRefunded => "partially_refunded",
            Shows::Refunded => "refunded",
            Shows::Attention => "attention",
            Shows::Expired => "expired",
            Shows::Closed => "closed",
            Shows::Checking => "checking",
            Shows::TimedOut | Shows::Unheard => "timed_out",
            Shows::NotYet => "unpaid",
        }
    }

    /// Whether a page that shows this need not wait for another state.
    pub fn is_final(self) -> bool {
        self != Shows::Checking
    }

    /// Whether a page with a script listens for news: the buyer has just come, or has just pressed the button.
    pub fn listens(self) -> bool {
        matches!(self, Shows::Checking | Shows::NotYet | Shows::Unheard)
    }

    /// Whether the page asks the buyer to come back: it has its button, and the payment may still arrive.
    pub fn waits(self) -> bool {
        matches!(
            self,
            Shows::Checking | Shows::TimedOut | Shows::NotYet | Shows::Unheard
        )
    }

    /// Whether the buyer has pressed the button: that nothing came is no news to him.
    pub fn pressed(self) -> bool {
        matches!(self, Shows::NotYet | Shows::Unheard)
    }
}

/// Whether the time to pay was over at this moment.
pub(super) fn expired(state: &OrderState, at: Option<Timestamp>) -> bool {
    state
        .expires_at()
        .zip(at)
        .is_some_and(|(end, at)| end <= at)
}
