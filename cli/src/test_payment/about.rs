//! What the settings say about the account under test.

use super::memory::PREFIX;
use quittance_core::Timestamp;
use quittance_core::gateway::{Account, Traits};
use quittance_server::config::is_local;
use quittance_server::setup::{AccountSetup, Setup, WebhookSetup};

/// The title of a test order: its Chinese shows whether the charset holds on the way.
const TITLE: &str = "测试付款 Quittance test";
/// The same for a contract that takes ASCII alone.
const TITLE_ASCII: &str = "Quittance test payment";
/// So much of a random token keeps two tests of one second apart.
const TOKEN_CHARS: usize = 8;

/// The account under test.
pub struct About<'a> {
    /// All settings.
    pub setup: &'a Setup,
    /// The account.
    pub account: &'a AccountSetup,
}

impl<'a> About<'a> {
    /// What is fixed about its gateway.
    pub fn gateway(&self) -> Traits {
        self.account.account.gateway().traits()
    }

    /// Where the gateway's server calls.
    pub fn notify_address(&self) -> String {
        self.account.notify_address(&self.setup.public_url)
    }

    /// Whether the gateway's server cannot call: it is on the internet, and the address is on this machine or a private
    /// network.
    pub fn deaf(&self) -> bool {
        self.account.live && is_local(&self.notify_address())
    }

    /// The endpoints that hear the account, by name.
    pub fn webhooks(&self) -> impl Iterator<Item = (&'a str, &'a WebhookSetup)> + use<'a> {
        let (setup, name) = (self.setup, &self.account.name);
        let all = setup.webhooks.iter();
        all.filter(move |(_, webhook)| webhook.hears(name))
            .map(|(name, webhook)| (name.as_str(), webhook))
    }

    /// A new number for a test order. Dinpay takes no hyphen in one, and CodePay no more than 32 letters.
    pub fn order_no(&self, now: Timestamp, token: &str) -> String {
        let mark = match self.account.account {
            Account::Dinpay(_) => '_',
            Account::Alipay(_) | Account::CodePay(_) => '-',
        };
        let token: String = token.chars().take(TOKEN_CHARS).collect();
        format!("{PREFIX}{mark}{}{token}", now.strftime("%Y%m%d%H%M%S"))
    }

    /// The title of a test order. Dinpay's RSA-S contracts with GBK take ASCII only.
    pub fn title(&self) -> &'static str {
        let wire = self.account.account.gateway().wire();
        let ascii = wire.charset.label() != "utf-8" && wire.sign_type == "RSA-S";
        if ascii { TITLE_ASCII } else { TITLE }
    }
}
