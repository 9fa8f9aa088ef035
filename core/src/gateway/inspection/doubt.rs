//! A callback of which the gateway did not say, when it was asked, that it is its own.

use crate::gateway::Opinion;
use jiff::Timestamp;

/// What is known of it, for the one who looks for the cause.
#[derive(Clone, Copy, Debug)]
pub struct Doubt<'a> {
    /// What the gateway's answer was taken for.
    pub opinion: Opinion,
    /// The answer's bytes; `None` where none came.
    pub answer: Option<&'a [u8]>,
    /// The callback's bytes.
    pub wire: &'a [u8],
    /// When it came.
    pub at: Timestamp,
    /// Earlier callbacks of the account of which the gateway said that they are its own, each with its number in the
    /// journal.
    pub confirmed: &'a [(u64, &'a [u8])],
}
