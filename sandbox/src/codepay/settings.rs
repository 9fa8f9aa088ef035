//! What CodePay's half of a sandbox is told at its start.

use super::GAPS_SECS;
use quittance_core::gateway::codepay::gateway_side::App;

/// The settings of CodePay's half of a [`Sandbox`](crate::Sandbox).
#[derive(Clone, Debug)]
pub struct CodePaySettings {
    /// The payment apps, with their keys, merchants and terminals. A merchant whose number another one has too, at whatever
    /// gateway, is left out: a number names one merchant. So is a terminal that another merchant has.
    pub apps: Vec<App>,
    /// The waits in seconds between the attempts of a notify, each counted from the attempt before it.
    pub gaps_secs: Vec<i64>,
}

impl Default for CodePaySettings {
    /// No apps, the waits of [`GAPS_SECS`].
    fn default() -> CodePaySettings {
        CodePaySettings {
            apps: Vec::new(),
            gaps_secs: GAPS_SECS.to_vec(),
        }
    }
}
