//! What Dinpay's half of a sandbox is told at its start.

use super::GAPS_SECS;
use quittance_core::gateway::dinpay::gateway_side::Merchant;

/// The settings of Dinpay's half of a [`Sandbox`](crate::Sandbox).
#[derive(Clone, Debug)]
pub struct DinpaySettings {
    /// The merchants that have a contract with it. One whose number a merchant of Alipay's has too is left out: a number
    /// names one merchant.
    pub merchants: Vec<Merchant>,
    /// The waits in seconds between the attempts of a notify, each counted from the attempt before it. The sources leave
    /// the fifth open (protocol note dinpay 2.4).
    pub gaps_secs: Vec<i64>,
    /// Whether only orders of the last 12 hours can be queried (protocol note dinpay 3.1). That an older one is answered
    /// `TRADE_IS_NOT_EXIST` is inferred.
    pub query_window: bool,
}

impl Default for DinpaySettings {
    /// No merchants, the waits of [`GAPS_SECS`], the window.
    fn default() -> DinpaySettings {
        DinpaySettings {
            merchants: Vec::new(),
            gaps_secs: GAPS_SECS.to_vec(),
            query_window: true,
        }
    }
}
