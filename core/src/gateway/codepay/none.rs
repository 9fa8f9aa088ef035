//! What this gateway does not do: no second opinion, no page for refunds, no statement, no token before a checkout.

use super::NAME;
use crate::gateway::{NotSupported, Stated};

/// A flow that the gateway lacks.
pub(super) fn lacks<T>(flow: &'static str) -> Result<T, NotSupported> {
    Err(NotSupported {
        gateway: NAME,
        flow,
    })
}

/// A part of a statement.
pub(super) fn stated() -> Stated {
    Stated::unknown("this gateway gives out no statements here")
}
