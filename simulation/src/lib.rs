//! The deterministic world around the real server, and an auditor who shares no code with it.

pub mod auditor;
pub mod dice;
pub mod fault;
pub mod process;
pub mod reached;
pub mod story;
pub mod truth;
pub mod world;
