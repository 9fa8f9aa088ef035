//! What truly happened, written down by those to whom it happened: gateways, buyers, shops. Nothing here comes from
//! the server's memory. The auditor compares it with the journal and with what the server says.
//!
//! Times are microseconds of true time since 1970, UTC: no clock that somebody may set. Amounts are minor units.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Microseconds since 1970 by the one clock that nobody sets.
pub type Micros = i64;

/// An order's name: account and order number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Name {
    /// The account.
    pub account: String,
    /// The merchant's number.
    pub order_no: String,
}

impl Name {
    /// The order of this number at this account.
    #[must_use]
    pub fn new(account: &str, order_no: &str) -> Name {
        Name {
            account: account.to_owned(),
            order_no: order_no.to_owned(),
        }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.account, self.order_no)
    }
}

/// An order that the shop made, and that the server took.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Its name.
    pub name: Name,
    /// What is to be paid, in minor units.
    pub amount: i64,
    /// In this currency.
    pub currency: String,
    /// When the server had said yes.
    pub at: Micros,
}

/// Money that moved at the gateway.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment {
    /// The order number that the gateway connects with it; there may be no such order.
    pub name: Name,
    /// The gateway's number.
    pub trade_no: String,
    /// How much, in minor units.
    pub amount: i64,
    /// In this currency.
    pub currency: String,
    /// Whether it went to the account's own payee.
    pub to_us: bool,
    /// Whether it is in the gateway's statements.
    pub booked: bool,
    /// When.
    pub at: Micros,
}

/// Money that went back at the gateway.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refund {
    /// The account.
    pub account: String,
    /// Of this trade.
    pub trade_no: String,
    /// How much of it in this step, in minor units.
    pub amount: i64,
    /// Who made the gateway do it.
    pub by: PaidBack,
    /// When.
    pub at: Micros,
}

/// Who made money go back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaidBack {
    /// The server asked for this refund.
    ByRequest,
    /// Somebody did it at the gateway, and not because the server asked.
    ByHand,
    /// The server asked the gateway to undo whatever had happened to the order.
    ByCancel,
}

/// Money that the shop asked the server to pay back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
    /// The order.
    pub name: Name,
    /// The shop's number of it.
    pub refund_no: String,
    /// How much, in minor units.
    pub amount: i64,
    /// Whether the server has said that it took it in. The shop may not have heard.
    pub taken: bool,
}

/// A trade that the gateway closed without money.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closing {
    /// The order.
    pub name: Name,
    /// When.
    pub at: Micros,
}

/// A callback that came to the server, and how it was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Callback {
    /// The account in the address.
    pub account: String,
    /// Whether the gateway sent these very bytes, for this account; everything else is a forgery or a mistake.
    pub genuine: bool,
    /// The body.
    pub body: Vec<u8>,
    /// The body of the answer; `None` where the connection broke.
    pub answer: Option<Vec<u8>>,
    /// Whether the answer was the ack: status 200 and the gateway's word, alone.
    pub acked: bool,
    /// When the answer came.
    pub at: Micros,
}

/// A webhook that reached a shop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The endpoint's name.
    pub endpoint: String,
    /// The header `webhook-id`.
    pub id: String,
    /// Whether the signature is right by the published rule (Standard Webhooks).
    pub signed: bool,
    /// The body.
    pub body: Vec<u8>,
    /// The status that the shop answered; `None` where the answer never arrived.
    pub answered: Option<u16>,
    /// Whether the shop kept it. One that answers 2xx and loses it, did not.
    pub kept: bool,
    /// When it came.
    pub at: Micros,
}

/// Everything that truly happened up to now.
#[derive(Clone, Default, Debug)]
pub struct Truth {
    /// Orders.
    pub orders: Vec<Wanted>,
    /// Money in.
    pub payments: Vec<Payment>,
    /// Money back.
    pub refunds: Vec<Refund>,
    /// What the shop wanted to have paid back.
    pub wishes: Vec<Wish>,
    /// Trades closed without money.
    pub closings: Vec<Closing>,
    /// Callbacks, notifies only.
    pub callbacks: Vec<Callback>,
    /// SHA-256, in hex, of every reply to a query that says that a buyer is waited for.
    pub waiting: BTreeSet<String>,
    /// When a statement came that proves nothing, by account: as if nothing had been booked yet, or without a signature.
    pub empty_statements: Vec<(String, Micros)>,
    /// Until when the gateway answers questions about an order, where that ends: so long after the time that the order was
    /// last sent with.
    pub answered_until: BTreeMap<Name, Micros>,
    /// When the newest life of a node was up.
    pub up_since: Micros,
    /// Each setting of the server's wall clock: when, and by how many milliseconds it was wrong from then on.
    pub clock_set: Vec<(Micros, i64)>,
    /// Webhooks.
    pub receipts: Vec<Receipt>,
    /// When the last fault ended; `None` while there are some. From then on gateways, shops and the network do right.
    pub calm_since: Option<Micros>,
    /// What time it is.
    pub now: Micros,
}

/// By so many milliseconds the clock may be set, and no node calls it a jump.
const UNNOTICED_MILLIS: i64 = 60_000;

impl Truth {
    /// When the server's wall clock was last set ahead by more than goes unnoticed: by true time, and by that clock.
    #[must_use]
    pub fn clock_leapt_ahead(&self) -> Option<(Micros, Micros)> {
        let before = std::iter::once(0).chain(self.clock_set.iter().map(|(_, off)| *off));
        let leaps = self.clock_set.iter().zip(before);
        let leaps = leaps.filter(|((_, off), before)| off - before > UNNOTICED_MILLIS);
        leaps
            .last()
            .map(|((at, off), _)| (*at, at.saturating_add(off.saturating_mul(1_000))))
    }

    /// Whether the server's wall clock was right from this time on.
    #[must_use]
    pub fn clock_right_since(&self, at: Micros) -> bool {
        let before = self.clock_set.iter().rfind(|(set, _)| *set <= at);
        before.is_none_or(|(_, off)| *off == 0) && self.clock_set.iter().all(|(set, _)| *set <= at)
    }
}

/// What the server says of itself at one moment, in its published formats.
#[derive(Clone, Default, Debug)]
pub struct Said {
    /// Every order, as `GET /v1/orders/{account}/{order_no}` shows it.
    pub orders: Vec<Value>,
    /// Every event of the feed, oldest first, as `GET /v1/events` gives it.
    pub events: Vec<Value>,
    /// Every discrepancy, as `GET /v1/discrepancies` gives it.
    pub discrepancies: Vec<Value>,
}
