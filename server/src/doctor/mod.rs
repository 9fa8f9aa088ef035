//! The doctor: finds out why an order does not update, before and after it happens.

pub mod ping;
