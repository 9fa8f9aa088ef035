//! Asking the gateway to close an order.

use crate::http::Request;
use crate::order::Order;
use jiff::Timestamp;

/// What is about a closing besides the order's number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CloseCall<'a> {
    /// The order.
    pub order: &'a Order,
    /// Whether a close that leaves a paid order alone will do: an answer just before says that nobody has paid, and no
    /// such close was tried since.
    pub gently: bool,
    /// When it goes out.
    pub now: Timestamp,
}

/// What asks for a closing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CloseRequest {
    /// The request.
    pub request: Request,
    /// Whether it pays back what was paid until it arrives: such a call is journaled before it goes out.
    pub pays_back: bool,
}

/// What the gateway said to a close. Only the query after it is believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closing {
    /// Whether the gateway says that it closed the trade; `None` where it said nothing that can be read.
    pub accepted: Option<bool>,
    /// The gateway's code, or why nothing could be read.
    pub reason: Option<String>,
}
