//! CodePay's half: every rule of its note on the pure half, and over a real socket.

mod api;
mod calls;
mod counter;
mod faults;
mod hosted;
mod notify;
mod pages;
mod refunds;
mod refusals;
mod socket;
mod terminal;
mod undo;
