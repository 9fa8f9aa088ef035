//! Why a gateway would not take something, or does not do it at all.

use crate::money::Money;

/// A flow that this gateway lacks, or that is not built yet: `not_supported_by_gateway`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{gateway} does not support {flow}")]
pub struct NotSupported {
    /// The gateway.
    pub gateway: &'static str,
    /// The flow: `refund`, `close`.
    pub flow: &'static str,
}

/// An order that a gateway would not take.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: {detail}. {help}")]
pub struct Refusal {
    /// The field of the order, by its name in the API.
    pub field: &'static str,
    /// What is wrong with it, for those who say it in words of their own.
    pub fault: Fault,
    /// What is wrong with it, and why.
    pub detail: String,
    /// What to do.
    pub help: String,
}

/// What is wrong with a field of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Nothing is there, and something has to be.
    Missing,
    /// There is more of it than the gateway takes.
    TooLong,
    /// The gateway forbids this character.
    Forbidden(char),
    /// The account's charset has no such character.
    Unmappable(char),
    /// The gateway takes amounts from the first to the second.
    OutOfRange(Money, Money),
    /// It is not as the gateway takes it, in another way.
    NotTaken,
    /// The gateway would answer with this code of its own.
    Code(&'static str),
}
