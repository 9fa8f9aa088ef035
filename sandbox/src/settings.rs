//! What a sandbox is told at its start.

use crate::codepay::CodePaySettings;
use crate::dinpay::DinpaySettings;
use quittance_core::gateway::alipay::gateway_side::{Contract, Merchant};
use std::collections::BTreeMap;

/// The settings of a [`Sandbox`](crate::Sandbox).
#[derive(Clone, Debug)]
pub struct SandboxSettings {
    /// The merchants that have a contract with Alipay here.
    pub merchants: Vec<Merchant>,
    /// What their contracts include, by partner; the usual one where a partner is not named.
    pub contracts: BTreeMap<String, Contract>,
    /// Dinpay's half: without merchants, nobody has a contract with it.
    pub dinpay: DinpaySettings,
    /// CodePay's half: without apps, nobody has a contract with it.
    pub codepay: CodePaySettings,
    /// Where browsers reach the sandbox, without a slash at the end: `http://127.0.0.1:8090`.
    pub public_url: String,
    /// How many times faster than the real gateways undelivered notifies are sent again; 0 counts as 1.
    pub speed: u32,
    /// Whether Alipay refuses an acknowledgement with a line end behind it instead of taking it with a warning. Dinpay
    /// refuses it always.
    pub strict_ack: bool,
    /// How long the success page stays before it sends the browser back.
    pub success_page_secs: u32,
    /// Where trade numbers, page tokens and notify ids come from: the same seed gives the same ones.
    pub seed: u64,
}

impl SandboxSettings {
    /// Settings for these merchants of Alipay with the usual contracts: real speed, line ends tolerated, three seconds on the success page, seed 0.
    #[must_use]
    pub fn new(merchants: Vec<Merchant>, public_url: impl Into<String>) -> SandboxSettings {
        SandboxSettings {
            merchants,
            contracts: BTreeMap::new(),
            dinpay: DinpaySettings::default(),
            codepay: CodePaySettings::default(),
            public_url: public_url.into(),
            speed: 1,
            strict_ack: false,
            success_page_secs: 3,
            seed: 0,
        }
    }
}
