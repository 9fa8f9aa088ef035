//! The gateway's side of Alipay classic instant pay on the wire: a simulator for people and tests. No money moves.
//!
//! [`Sandbox`] is a pure value: the time and every request come in as arguments, replies and due notifies go out, and
//! nothing in it reads a clock, a network or chance. The simulation and in-process tests drive it directly.
//! [`serve`] puts that value behind a socket, with pages for people and an API for programs. What it does wrong on
//! purpose is a value too: [`Faults`].
//!
//! The rules are those of the seeds 001 and 003 and of the protocol note alipay-mapi; where the note infers, the
//! comment beside the rule says so.

mod ack;
mod altered;
mod api;
mod book;
mod buyer;
mod clock;
mod codes;
mod control;
mod delivery;
mod exchange;
mod faults;
mod gateway;
mod guard;
mod numbers;
mod opinion;
mod order;
mod pages;
mod phishing;
mod problem;
mod refunds;
mod remark;
mod routes;
mod sandbox;
mod server;
mod settings;
mod statements;
mod story;
mod text;
mod timeout;

pub use ack::Ack;
pub use clock::{Clock, SystemClock};
pub use delivery::{GAPS_SECS, Outgoing};
pub use exchange::{EXCHANGES_MAX, Exchange, Kind};
pub use faults::{
    Faults, NotifyFaults, OutOfRange, QueryFaults, QueryKind, ReturnFaults, StatementFaults,
    StatementKind, VerifyFaults, VerifyKind,
};
pub use order::TradeView;
/// What the protocol's gateway side names, so that callers need not reach into the core.
pub use quittance_core::gateway::alipay::gateway_side::{Code, Contract, Merchant, TradeStatus};
pub use remark::{Fault, Warning};
pub use routes::{Answer, Inbound};
pub use sandbox::{ORDERS_MAX, OWN_FAULTS_MAX, Sandbox, TooMany};
pub use server::{Handle, serve};
pub use settings::SandboxSettings;
