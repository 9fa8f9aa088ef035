//! A trade as the ledger keeps it, whatever gateway it is at. What a gateway's messages call it is that gateway's half's
//! to know.

use quittance_core::gateway::codepay::gateway_side::Ending;
use quittance_core::{Money, Timestamp};

/// How a trade stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// Made, unpaid.
    Waits,
    /// A card is being read, or money is on its way.
    Paying,
    /// A try to pay went wrong; another may follow.
    Failed,
    /// Paid by the buyer while the seller's account is frozen: the merchant has nothing yet.
    Held,
    /// Paid; may be refunded where the gateway refunds.
    Paid,
    /// Paid and final.
    Finished,
    /// Closed unpaid, or refunded in full.
    Closed,
    /// Paid, and taken back whole.
    Voided,
}

impl State {
    /// Whether a buyer may pay.
    pub(crate) fn payable(self) -> bool {
        matches!(self, State::Waits | State::Paying | State::Failed)
    }
}

/// The gateway's record of a trade.
#[derive(Clone, Debug)]
pub(crate) struct Trade {
    /// The gateway's number.
    pub(crate) trade_no: String,
    pub(crate) state: State,
    pub(crate) made_at: Timestamp,
    pub(crate) paid_at: Option<Timestamp>,
    pub(crate) closed_at: Option<Timestamp>,
    /// How much has been paid back so far; zero means none.
    pub(crate) refunded: Money,
    /// When money was last paid back.
    pub(crate) refunded_at: Option<Timestamp>,
    /// The bank's number of the payment, where the gateway tells one.
    pub(crate) bank_seq_no: Option<String>,
    /// Why it closed unpaid, where somebody or something at the terminal or on the page said so.
    pub(crate) ending: Option<Ending>,
}

impl Trade {
    /// A trade that waits for its buyer, of an order in this amount's currency.
    pub(crate) fn new(trade_no: String, made_at: Timestamp, amount: Money) -> Trade {
        Trade {
            trade_no,
            state: State::Waits,
            made_at,
            paid_at: None,
            closed_at: None,
            refunded: Money::new(0, amount.currency),
            refunded_at: None,
            bank_seq_no: None,
            ending: None,
        }
    }
}
