//! Hostile inputs for everything that reads what strangers send.
//!
//! A target is a plain function over bytes that panics when a property is broken and otherwise says what came of the
//! input ([`targets`]). Around it: a kept [`corpus`], a seeded [`mutate`] that makes new inputs of it, a [`hunt`] that
//! feeds them to one target, [`shrink`] for what fails, and a [`run`] over all of them. `docs/fuzzing.md` says how to
//! use it, and what its feedback is and is not.

pub mod corpus;
pub mod hunt;
pub mod mutate;
pub mod run;
pub mod shrink;
pub mod target;
pub mod targets;
pub mod watch;
mod words;
mod world;

pub use target::{Outcome, Target};
