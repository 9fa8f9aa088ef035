//! What Quittance does: takes callbacks, keeps the journal, asks, tells.

pub mod app;
pub mod asking;
pub mod callback;
pub mod clock;
pub mod config;
pub mod doctor;
pub mod http;
pub mod log;
pub mod metrics;
pub mod node;
pub mod probe;
pub mod rewired;
pub mod serve;
pub mod setup;
pub mod store;
pub mod tasks;
pub mod transport;
pub mod view;
pub mod worker;
