//! How a check becomes a step in both languages. The reasons of the checks are English: the journal keeps them.

use super::Step;
use crate::lang::Text;
use std::fmt::Display;

/// The step of a check; in Chinese what it means comes before the check's own reason.
pub(in crate::gateway) fn told<E: Display>(
    name: &'static str,
    check: Result<(), E>,
    good: impl Into<Text>,
    bad: &str,
) -> Step {
    match check {
        Ok(()) => Step::passed(name, good),
        Err(reason) => Step::failed(name, (reason.to_string(), unclear(bad, &reason))),
    }
}

/// What it means in Chinese, with the reason as the journal has it.
pub(in crate::gateway) fn unclear(meaning: &str, reason: &impl Display) -> String {
    format!("{meaning}（{reason}）")
}
