//! Dinpay's half: every rule of its seed on the pure half, read by the merchant's side of the core.

mod api;
mod faults;
mod pages;
mod query;
mod refusals;
mod seed;
mod till;
