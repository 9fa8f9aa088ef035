//! What an inspection finds out about one message: what was signed, which step of the verification it passes, and,
//! where the signature does not fit, which likely mistake would make it fit.
//!
//! The steps are each gateway's own. The search for mistakes is the same wherever sorted `name=value` text is signed:
//! a gateway tells it by a `Dialect` what it knows. It names a mistake only when the signature, computed with it, is
//! the one that came, and is bounded whatever comes.

mod body;
mod came;
mod change;
mod copied;
mod dialect;
mod doubt;
mod edit;
mod edited;
mod fault;
mod guess;
mod json_text;
mod look;
mod mask;
mod search;
mod steps;

pub use doubt::Doubt;

pub(super) use body::json_readings;
pub(super) use dialect::{Constant, Dialect, Identity};
pub(super) use fault::Fault;
pub(super) use guess::Taken;
pub(super) use look::{Overlooked, hide_keys, look, readings};
pub(super) use steps::{refused, told, unclear, unread};

use super::{Account, Evidence};
use crate::lang::Text;
use jiff::Timestamp;
use secrecy::SecretString;

/// What kind of message is inspected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exchange {
    /// What the gateway's server sent: the body.
    Notify,
    /// What the buyer's browser brought: the query string.
    Return,
    /// The gateway's answer to a query: the body.
    Reply,
}

/// A message with what is needed to explain it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its kind.
    pub exchange: Exchange,
    /// Its bytes as they came.
    pub wire: &'a [u8],
    /// The time by which previous keys are judged.
    pub now: Timestamp,
    /// The merchant's other accounts, by name: the message may have been meant for one of them.
    pub others: &'a [(&'a str, &'a Account)],
}

/// What was found out.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The steps of the verification, in their order.
    pub steps: Vec<Step>,
    /// What was signed, and what came of it; `None` where no parameters could be read.
    pub signing: Option<Signing>,
    /// What the message claims, or would claim if it passed every step.
    pub evidence: Vec<Evidence>,
    /// The mistakes that explain it, together: none, one, two, seldom three.
    pub mistakes: Vec<Mistake>,
    /// How many signatures were computed in the search for them.
    pub tried: usize,
}

/// Both sides of the comparison.
#[derive(Clone, Debug)]
pub struct Signing {
    /// The exact text that the account signs for this message, without the key, as far as it can be shown.
    pub text: String,
    /// The signature that the account computes, where it can: of RSA and DSA it only has the half that verifies.
    /// Whoever knows it can forge this message.
    pub mysign: Option<SecretString>,
    /// The signature that came along; empty where none did.
    pub sign: String,
    /// Where mistakes were found: the text under which the signature is right.
    pub theirs: Option<String>,
}

/// One step of the verification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Its name, the same in every language.
    pub name: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What was seen.
    pub detail: Text,
}

/// How a step ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// As it must be.
    Passed,
    /// Not as it must be.
    Failed,
    /// An earlier step left nothing to look at.
    NotReached,
}

/// A mistake that explains a message, named only after the signature was computed with it and fitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// A name for scripts.
    pub code: &'static str,
    /// What happened.
    pub cause: Text,
    /// What to do.
    pub fix: Text,
}

impl Inspection {
    /// Whether the message passes every step: the server believes it.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.steps
            .iter()
            .all(|step| step.outcome == Outcome::Passed)
    }

    /// Whether the signature is right as the message stands.
    #[must_use]
    pub fn signed(&self) -> bool {
        let signature = |step: &Step| step.name == SIGNATURE && step.outcome == Outcome::Passed;
        self.steps.iter().any(signature)
    }
}

/// The step that compares the signatures, at every gateway.
pub const SIGNATURE: &str = "signature";

impl Step {
    /// A step that passed.
    #[must_use]
    pub fn passed(name: &'static str, detail: impl Into<Text>) -> Step {
        Step::ended(name, Outcome::Passed, detail)
    }

    /// A step that failed.
    #[must_use]
    pub fn failed(name: &'static str, detail: impl Into<Text>) -> Step {
        Step::ended(name, Outcome::Failed, detail)
    }

    /// A step that an earlier one left nothing to look at.
    #[must_use]
    pub fn not_reached(name: &'static str) -> Step {
        let detail = (
            "an earlier step left nothing to look at",
            "前面的步骤未通过，无从检查",
        );
        Step::ended(name, Outcome::NotReached, detail)
    }

    fn ended(name: &'static str, outcome: Outcome, detail: impl Into<Text>) -> Step {
        Step {
            name,
            outcome,
            detail: detail.into(),
        }
    }
}
