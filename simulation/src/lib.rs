//! The deterministic world around the real server, and an auditor who shares no code with it.

pub mod truth;
