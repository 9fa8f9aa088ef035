//! What a merchant asks for, once its call has passed the gateway's checks (note 2.4 to 2.6).

use crate::money::Money;

/// Who calls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Who {
    /// The app.
    pub app_id: String,
    /// The merchant.
    pub merchant_no: String,
    /// The store, where the call names one.
    pub store_no: Option<String>,
}

/// A call that passed the gateway's checks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Call {
    /// A customer comes to pay: at a terminal, or on the hosted page.
    Sale(Box<Sale>),
    /// A payment is taken back, whole or in part.
    PayBack(Box<PayBack>),
    /// An order that waits at a terminal is to be closed.
    Close {
        /// Who asks.
        who: Who,
        /// The terminal.
        terminal_sn: String,
        /// The merchant's number.
        order_no: String,
    },
    /// Whatever happened is to be undone: "Cancel Order".
    Revoke {
        /// Who asks.
        who: Who,
        /// The merchant's number.
        order_no: String,
    },
    /// What became of an order?
    Query {
        /// Who asks.
        who: Who,
        /// Which one.
        named: Named,
    },
    /// What became of a refund?
    RefundQuery {
        /// Who asks.
        who: Who,
        /// Which one.
        named: Named,
    },
}

/// What names a trade. Where a call has both numbers, the gateway's wins (inferred).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Named {
    /// The merchant's number.
    OrderNo(String),
    /// The gateway's number.
    TransNo(String),
}

/// Where a customer pays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// At this terminal.
    Terminal(Push),
    /// On the hosted page.
    Page {
        /// Where the browser goes afterwards.
        return_url: Option<String>,
    },
}

/// What is pushed to a terminal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Push {
    /// Its serial number.
    pub terminal_sn: String,
    /// Whose turn it is there.
    pub queue: Queue,
    /// Whether the call is to be refused while the terminal is offline.
    pub online_only: bool,
    /// The way to pay: `SWIPE_CARD` where the call says nothing (inferred: every sample says it).
    pub pay_scenario: String,
}

/// Whose turn it is at a terminal (note 2.4: `order_queue_mode`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Queue {
    /// That of the one who came first.
    Fifo,
    /// That of the one who came last.
    Filo,
}

/// A payment that is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sale {
    /// Who asks.
    pub who: Who,
    /// The merchant's number.
    pub order_no: String,
    /// The base amount.
    pub order_amount: Money,
    /// The tip on top.
    pub tip: Money,
    /// The cash that the customer is handed, on top.
    pub cashback: Money,
    /// What it is for.
    pub description: Option<String>,
    /// What is echoed.
    pub attach: Option<String>,
    /// Where to notify.
    pub notify_url: Option<String>,
    /// For how many seconds it can be paid.
    pub expires_secs: Option<u32>,
    /// Where.
    pub place: Place,
}

impl Sale {
    /// What the customer is to pay.
    #[must_use]
    pub fn total(&self) -> Money {
        let sum = self
            .order_amount
            .minor
            .saturating_add(self.tip.minor)
            .saturating_add(self.cashback.minor);
        Money::new(sum, self.order_amount.currency)
    }

    /// Whether another request asks for the same payment: then the number is not a repeated one (note 2.6).
    #[must_use]
    pub fn asks_the_same(&self, other: &Sale) -> bool {
        self.total() == other.total()
    }
}

/// Money that is to go back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PayBack {
    /// Who asks.
    pub who: Who,
    /// Its own number.
    pub order_no: String,
    /// The payment that is taken back.
    pub original: Named,
    /// Whether that is taken back whole: a void. Else it is a refund.
    pub void: bool,
    /// How much, of a refund; all that is left where the call does not say.
    pub amount: Option<Money>,
    /// The amount of the payment, where the call names it: it must be right, with or without tip and cashback (inferred).
    pub order_amount: Option<Money>,
    /// The terminal that does it; `None` where the gateway does it by itself.
    pub push: Option<Push>,
    /// Why.
    pub description: Option<String>,
    /// What is echoed.
    pub attach: Option<String>,
    /// Where to notify.
    pub notify_url: Option<String>,
}
