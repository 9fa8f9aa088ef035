//! What Quittance decides.
//!
//! This crate is pure: no clock, no network, no random, no file, no async. Bytes and the time come in, values go
//! out. `tests/pure.rs` reads the manifest and the sources and fails when that stops being so.
//!
//! The one idea lives in [`facts`] and [`derived`]: facts only accumulate, and everything said about an order is
//! derived from them.

pub mod charset;
pub mod choice;
pub mod codes;
pub mod derived;
pub mod discrepancy;
pub mod entry;
pub mod epoch;
pub mod event;
pub mod facts;
pub mod flat;
pub mod fold;
pub mod gateway;
pub mod http;
pub mod ids;
pub mod lang;
pub mod mojibake;
pub mod money;
pub mod order;
pub mod params;
pub mod refund;
pub mod sabotage;
pub mod schedule;
pub mod settings;
pub mod sign;
pub mod state;
pub mod statement;
pub mod status;
pub mod webhook;
pub mod window;

pub use facts::{Claim, Facts, Proof, Witness};
/// An instant in UTC. Always passed in, never read from a clock here.
pub use jiff::Timestamp;
pub use lang::Lang;
pub use money::{Currency, Money};
pub use order::{Order, OrderKey};
pub use state::OrderState;
