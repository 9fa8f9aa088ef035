//! One exchange between the sandbox and the world about an order, with the bytes of both sides.

use crate::ack::Ack;
use crate::remark::{Fault, Warning};
use quittance_core::Timestamp;
use quittance_core::http::Method;

/// How many exchanges are kept of one order; the oldest go first. A notify has eight attempts, so this holds many.
pub const EXCHANGES_MAX: usize = 200;

/// What an exchange was for, in the words of the house.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The merchant sent the buyer to the cashier.
    Checkout,
    /// The buyer's browser was sent back to the shop.
    Return,
    /// The sandbox told the merchant's server.
    Notify,
    /// The merchant asked whether a callback is genuine.
    NotifyVerify,
    /// The merchant asked for the trade.
    Query,
    /// The merchant asked to close the trade.
    Close,
    /// The merchant asked to undo whatever happened.
    Revoke,
    /// The merchant asked to pay back, alone or with others.
    Refund,
    /// The merchant asked what became of that.
    RefundQuery,
    /// The merchant asked what was booked on its account.
    Statement,
}

/// One exchange.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// Its number in the sandbox, counted from 1.
    pub number: u64,
    /// When the request was made.
    pub at: Timestamp,
    /// What it was for.
    pub kind: Kind,
    /// Which attempt of a notify, from 1; 0 for everything else.
    pub attempt: u32,
    /// The method of the request.
    pub method: Method,
    /// Where the request went: an address, or path and query string of what came in.
    pub target: String,
    /// The body of the request.
    pub request: Vec<u8>,
    /// The status of the reply. `None` while there is none, and for a return, which a browser carries.
    pub status: Option<u16>,
    /// The body of the reply.
    pub reply: Vec<u8>,
    /// Whether a notify was acknowledged. Of everything else only a return can have one: `Lost`.
    pub ack: Option<Ack>,
    /// What the shop's developer should know about it.
    pub warning: Option<Warning>,
    /// What the sandbox did to it on purpose.
    pub faults: Vec<Fault>,
    /// When the notify goes out again.
    pub next: Option<Timestamp>,
}

impl Kind {
    /// Its short word, in the API and on the timeline.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Checkout => "checkout",
            Kind::Return => "return",
            Kind::Notify => "notify",
            Kind::NotifyVerify => "verify",
            Kind::Query => "query",
            Kind::Close => "close",
            Kind::Revoke => "revoke",
            Kind::Refund => "refund",
            Kind::RefundQuery => "refund_query",
            Kind::Statement => "statement",
        }
    }
}

impl Exchange {
    /// A request that has no reply yet. The ledger numbers it.
    pub(crate) fn new(
        at: Timestamp,
        kind: Kind,
        method: Method,
        target: String,
        request: Vec<u8>,
    ) -> Exchange {
        Exchange {
            number: 0,
            at,
            kind,
            attempt: 0,
            method,
            target,
            request,
            status: None,
            reply: Vec::new(),
            ack: None,
            warning: None,
            faults: Vec::new(),
            next: None,
        }
    }

    /// How much of the memory it takes, roughly.
    pub(crate) fn bytes(&self) -> usize {
        self.target.len() + self.request.len() + self.reply.len()
    }
}
