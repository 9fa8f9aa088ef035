//! What the auditor is told of each account, as plain data.

use std::collections::BTreeMap;

/// One account as the merchant set it up.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct AccountRule {
    /// Its name.
    pub name: String,
    /// The word that the gateway must read.
    pub ack: String,
    /// The proof from which on a claim counts: `signed`, `confirmed` or `queried`.
    pub require: String,
    /// A higher proof above an amount.
    pub above: Option<Above>,
    /// The gaps between checks, in seconds.
    pub gaps_secs: Vec<i64>,
    /// Where the checks end by themselves, whatever life an order has: in how many seconds at most.
    pub scan_secs: Option<i64>,
    /// For how long the final query may go unanswered before the close goes out all the same, in seconds, where it ever does.
    pub cancel_unknown_secs: Option<i64>,
    /// The gaps from the closing to each late check, in seconds from the one before.
    pub late_secs: Vec<i64>,
    /// Whether the gateway can close a trade.
    pub can_close: bool,
    /// How long after an order's last checkout the gateway answers questions about it, in seconds, where that ends.
    pub window_secs: Option<i64>,
    /// Whether a person confirms refunds at the gateway.
    pub refunds_by_person: bool,
    /// Whether its statements are read.
    pub statements: bool,
    /// How long a call to the gateway may take, in seconds.
    pub call_secs: i64,
    /// The endpoints that hear of this account.
    pub endpoints: Vec<String>,
    /// What must not be seen anywhere.
    pub secrets: Vec<String>,
}

/// A higher proof above an amount.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Above {
    /// From more than this on, in minor units.
    pub minor: i64,
    /// Of this currency.
    pub currency: String,
    /// The proof.
    pub require: String,
}

/// How strong a word for a proof is: 0 for a hint and for what is no such word.
pub(super) fn rank(proof: &str) -> u8 {
    match proof {
        "signed" => 1,
        "confirmed" => 2,
        "queried" => 3,
        _ => 0,
    }
}

/// All accounts by name.
#[derive(Default)]
pub(super) struct Rules {
    accounts: BTreeMap<String, AccountRule>,
    pub(super) secrets: Vec<String>,
}

impl Rules {
    pub(super) fn new(accounts: Vec<AccountRule>) -> Rules {
        let mut secrets: Vec<String> = accounts
            .iter()
            .flat_map(|rule| rule.secrets.clone())
            .filter(|secret| !secret.is_empty())
            .collect();
        secrets.sort();
        secrets.dedup();
        let accounts = accounts.into_iter().map(|rule| (rule.name.clone(), rule));
        Rules {
            accounts: accounts.collect(),
            secrets,
        }
    }

    pub(super) fn get(&self, account: &str) -> Option<&AccountRule> {
        self.accounts.get(account)
    }

    /// The proof that counts for this amount at this account. An unknown account believes nothing below the highest.
    pub(super) fn required(&self, account: &str, minor: i64, currency: &str) -> u8 {
        let Some(rule) = self.accounts.get(account) else {
            return 3;
        };
        // The signature is the floor, whatever is set.
        let floor = rank(&rule.require).max(1);
        match &rule.above {
            Some(above) if above.currency == currency && minor > above.minor => {
                floor.max(rank(&above.require))
            }
            _ => floor,
        }
    }
}

impl AccountRule {
    pub(super) fn gap(&self, number: usize) -> i64 {
        let last = || self.gaps_secs.last().copied().unwrap_or(1_800);
        let silent = || last().max(self.scan_secs.unwrap_or_default());
        self.gaps_secs.get(number).copied().unwrap_or_else(silent)
    }
}
