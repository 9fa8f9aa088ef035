//! The gateways' side of the wire, of Alipay classic instant pay, of Dinpay and of CodePay: a simulator for people and
//! tests. No money moves.
//!
//! [`Sandbox`] is a pure value: the time and every request come in as arguments, replies and due notifies go out, and
//! nothing in it reads a clock, a network or chance. The simulation and in-process tests drive it directly.
//! [`serve`] puts that value behind a socket, with pages for people and an API for programs. What it does wrong on
//! purpose is a value too: [`Faults`].
//!
//! What the gateways have in common is kept once: orders, the buyer's pages, deliveries, exchanges, faults, the API. What
//! each of them says and checks is in a module of its own, and [`Gateway`] names where they differ.
//!
//! Alipay's rules are those of the seeds 001 and 003 and of the protocol note alipay-mapi, Dinpay's those of the seed 000
//! and of the protocol note dinpay, CodePay's those of the seed 002 and of the protocol note codepay; where a note infers,
//! the comment beside the rule says so.

mod ack;
mod alipay;
mod altered;
mod api;
mod asked;
mod buyer;
mod calls;
mod clock;
pub mod codepay;
mod codes;
mod control;
mod delivery;
mod denied;
pub mod dinpay;
mod exchange;
mod faults;
mod flight;
mod gateway;
mod guard;
mod numbers;
mod order;
mod pages;
mod problem;
mod remark;
mod routes;
mod sandbox;
mod server;
mod settings;
mod story;
mod text;
mod trade;
mod voice;
mod way_back;

pub use ack::Ack;
pub use clock::{Clock, SystemClock};
pub use codepay::{CodePaySettings, TerminalView};
pub use delivery::{GAPS_SECS, Outgoing};
pub use dinpay::DinpaySettings;
pub use exchange::{EXCHANGES_MAX, Exchange, Kind};
pub use faults::{
    CheckoutFaults, Faults, NotifyFaults, OutOfRange, QueryFaults, QueryKind, ReplyFaults,
    ReplyKind, ReturnFaults, RevokeFaults, StatementFaults, StatementKind, Then, VerifyFaults,
    VerifyKind,
};
pub use gateway::Gateway;
pub use order::TradeView;
/// What the gateway side of Alipay's protocol names, so that callers need not reach into the core.
pub use quittance_core::gateway::alipay::gateway_side::{Code, Contract, Merchant, TradeStatus};
pub use remark::{Fault, Warning};
pub use routes::{Answer, Inbound};
pub use sandbox::{ORDERS_MAX, OWN_FAULTS_MAX, Sandbox, TooMany};
pub use server::{Handle, serve};
pub use settings::SandboxSettings;
