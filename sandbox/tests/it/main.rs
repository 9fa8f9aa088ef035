//! The sandbox from the outside: every rule of the seeds on the pure half, and the same wire over a real socket.

mod api;
mod calls;
mod cashier;
mod codepay;
mod desk;
mod dinpay;
mod faults;
mod notify;
mod pages;
mod refunds;
mod refusals;
mod socket;
mod statements;
mod states;
