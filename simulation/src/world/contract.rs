//! The merchant's contracts at the gateways, and how the node is told of them. What is in one gateway's own words is in
//! the file of that gateway.

use super::alipay::{self, Terms};
use super::rogue::Told;
use super::{codepay, dinpay};
use crate::dice::Dice;
use quittance_core::facts::Proof;
use quittance_core::gateway::alipay::StatementService;
use quittance_core::gateway::{Account, RefundWay};
use quittance_core::params::Params;
use quittance_core::settings::Policy;
use quittance_core::statement::StatementPolicy;
use quittance_core::webhook::Secret;
use quittance_sandbox::{Inbound, SandboxSettings};
use quittance_server::setup::{
    AccountSetup, ApiKey, DirectPay, LogSetup, Setup, Wait, WebhookSetup,
};
use quittance_server::store::Database;
use secrecy::SecretString;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The key of the merchant's API.
pub const API_KEY: &str = "simulated-api-key-0123456789";
/// The secret of the webhooks, as the settings write it, and its bytes.
pub const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// So long after the beginning of the world an old key is still good: longer than notifies are sent again.
pub const OLD_KEY_ENDS: Duration = Duration::from_secs(48 * 3_600);
/// Gaps between checks, in seconds: the guide's.
pub const GAPS_SECS: [i64; 7] = [5, 30, 60, 180, 300, 600, 1_800];
/// When statements are read, in seconds after midnight at the gateway; and how much later by settings that were changed.
const STATEMENT_AT_SECS: i32 = 9_000;
const STATEMENT_LATER_SECS: i32 = 60;
/// How long the node waits for the gateway's answer, in seconds.
pub const CALL_SECS: i64 = 10;
/// The merchant's endpoints.
pub const ENDPOINTS: [&str; 2] = ["shop", "books"];
/// Late checks after a closing, in seconds after one another: 1 h, 6 h and 24 h after it.
pub const LATE_SECS: [i64; 3] = [3_600, 18_000, 64_800];

/// The account at Dinpay, in the worlds that have one: so many of a hundred.
pub const THIRD: &str = "third";
const THIRD_PERCENT: u32 = 40;

/// The account at CodePay, in the worlds that have one: so many of a hundred.
pub const FOURTH: &str = "fourth";
const FOURTH_PERCENT: u32 = 25;

/// One contract: an account of the node and a merchant of a gateway.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The account.
    pub account: &'static str,
    /// The merchant.
    pub partner: &'static str,
    /// The key that both sign with.
    pub key: &'static str,
    /// The key that was in use before it, until its end.
    pub old_key: &'static str,
    /// Whether both sides have a pair of keys instead.
    pub pairs: bool,
    /// What makes a claim count.
    pub require: Proof,
    /// Which gateway it is with, and what that one leaves to agree upon.
    pub with: With,
}

/// A gateway, and what a contract with it may be about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum With {
    /// Alipay's instant pay.
    Alipay(Terms),
    /// Dinpay.
    Dinpay,
    /// CodePay.
    CodePay {
        /// Whether its orders are scanned, ten times within ten minutes.
        scan: bool,
        /// What decides which order is paid at which terminal, or online.
        salt: u32,
    },
}

/// The world's contracts: two merchants of Alipay, and in some worlds one of Dinpay, in some one of CodePay. The second takes the gateway's
/// signature for enough, or only its answers; its product may be the basic one, which pays nothing back by request; and
/// it may have a pair of keys on each side. Either may include one of the services that give out statements. The third
/// takes the signature for enough or only answers, and may have pairs. So does the fourth, which always has them; its checks
/// follow either strategy.
#[must_use]
pub fn contracts(seed: u64, dice: &mut Dice) -> Vec<Contract> {
    let strict = dice.chance(20);
    let basic = dice.chance(25);
    let pairs = dice.chance(15);
    let (report, pages) = (StatementService::Report, StatementService::Pages);
    let main_statement = *dice.pick(&[None, None, Some(report), Some(report), Some(pages)]);
    let side_statement = *dice.pick(&[None, None, Some(report)]);
    let mut contracts = vec![
        Contract {
            account: "main",
            partner: "2088000000000001",
            key: "0123456789abcdefghijklmnopqrstuv",
            old_key: "old-old-old-old-old-old-old-main",
            pairs: false,
            require: Proof::Confirmed,
            with: With::Alipay(Terms {
                advanced: true,
                refunds: Some(RefundWay::Call),
                statement: main_statement,
            }),
        },
        Contract {
            account: "side",
            partner: "2088000000000002",
            key: "vutsrqponmlkjihgfedcba9876543210",
            old_key: "old-old-old-old-old-old-old-side",
            pairs,
            require: signed_or_queried(strict),
            with: With::Alipay(Terms {
                advanced: !basic,
                refunds: (!basic).then_some(RefundWay::Page),
                statement: side_statement,
            }),
        },
    ];
    // Chance of its own, so that the other two are the same with it and without.
    let mut dice = Dice::new(seed, "third");
    if dice.chance(THIRD_PERCENT) {
        contracts.push(third(dice.chance(20), dice.chance(20)));
    }
    let mut dice = Dice::new(seed, "fourth");
    if dice.chance(FOURTH_PERCENT) {
        let salt = u32::try_from(dice.below(1_000)).unwrap_or_default();
        contracts.push(fourth(dice.chance(20), dice.chance(40), salt));
    }
    contracts
}

/// The contract with Dinpay.
#[must_use]
pub fn third(strict: bool, pairs: bool) -> Contract {
    Contract {
        account: THIRD,
        partner: "1000000001",
        key: "fedcba9876543210vutsrqponmlkjihg",
        old_key: "old-old-old-old-old-old-of-third",
        pairs,
        require: signed_or_queried(strict),
        with: With::Dinpay,
    }
}

/// The contract with CodePay.
#[must_use]
pub fn fourth(strict: bool, scan: bool, salt: u32) -> Contract {
    Contract {
        account: FOURTH,
        partner: "300000000001",
        key: quittance_sandbox::codepay::keys::MERCHANT_PRIVATE_KEY,
        old_key: "",
        pairs: true,
        require: signed_or_queried(strict),
        with: With::CodePay { scan, salt },
    }
}

fn signed_or_queried(strict: bool) -> Proof {
    match strict {
        true => Proof::Queried,
        false => Proof::Signed,
    }
}

/// The contract of this merchant.
#[must_use]
pub fn contract_of<'a>(contracts: &'a [Contract], partner: &str) -> Option<&'a Contract> {
    contracts
        .iter()
        .find(|contract| contract.partner == partner)
}

impl Contract {
    /// Makes it known to the gateway.
    pub fn enrol(&self, settings: &mut SandboxSettings) {
        match self.with {
            With::Alipay(terms) => settings.merchants.push(alipay::merchant(self, terms)),
            With::Dinpay => settings.dinpay.merchants.push(dinpay::merchant(self)),
            With::CodePay { .. } => settings.codepay.apps.push(codepay::app(self)),
        }
    }

    /// What it agrees upon with Alipay, where it is one with Alipay.
    #[must_use]
    pub fn terms(&self) -> Option<Terms> {
        match self.with {
            With::Alipay(terms) => Some(terms),
            With::Dinpay | With::CodePay { .. } => None,
        }
    }

    /// Who makes the gateway pay back, where that can be asked for.
    #[must_use]
    pub fn refunds(&self) -> Option<RefundWay> {
        match self.with {
            With::Alipay(terms) => terms.refunds,
            With::Dinpay => None,
            With::CodePay { .. } => Some(RefundWay::Call),
        }
    }

    /// The word that the gateway must read.
    #[must_use]
    pub fn ack(&self) -> &'static str {
        match self.with {
            With::Alipay(_) => alipay::ACK,
            With::Dinpay => dinpay::ACK,
            With::CodePay { .. } => codepay::ACK,
        }
    }

    /// Whether the gateway can be asked to close a trade.
    #[must_use]
    pub fn can_close(&self) -> bool {
        self.with != With::Dinpay
    }

    /// In how many seconds an order's checks end by themselves, where they are counted.
    #[must_use]
    pub fn scan_secs(&self) -> Option<i64> {
        matches!(self.with, With::CodePay { scan: true, .. }).then_some(codepay::SCAN_SECS)
    }

    /// The gaps between checks, in seconds.
    #[must_use]
    pub fn gaps_secs(&self) -> &'static [i64] {
        match self.scan_secs() {
            Some(_) => &codepay::SCAN_GAPS_SECS,
            None => &GAPS_SECS,
        }
    }

    /// For how long the final query may go unanswered before the close goes out all the same, in seconds, where it ever
    /// does.
    #[must_use]
    pub fn cancel_unknown_secs(&self) -> Option<i64> {
        match self.with {
            With::Alipay(_) | With::Dinpay => None,
            With::CodePay { .. } => Some(codepay::CANCEL_UNKNOWN_SECS),
        }
    }

    /// The terminal at which an order is paid, where there are any.
    #[must_use]
    pub fn terminal(&self, order_no: &str) -> Option<String> {
        match self.with {
            With::Alipay(_) | With::Dinpay => None,
            With::CodePay { salt, .. } => codepay::terminal(order_no, salt),
        }
    }

    /// How long the gateway answers questions about an order, in seconds, where that ends.
    #[must_use]
    pub fn window_secs(&self) -> Option<i64> {
        match self.with {
            With::Alipay(_) | With::CodePay { .. } => None,
            With::Dinpay => Some(dinpay::WINDOW_SECS),
        }
    }

    /// A number for an order: what it begins with, and what tells it from others.
    #[must_use]
    pub fn order_no(&self, first: &str, second: &str) -> String {
        match self.with {
            With::Alipay(_) | With::CodePay { .. } => format!("{first}-{second}"),
            With::Dinpay => format!("{first}_{second}"),
        }
    }

    /// The field in which a callback names its order.
    #[must_use]
    pub fn order_field(&self) -> &'static str {
        match self.with {
            With::Alipay(_) => "out_trade_no",
            With::Dinpay => "order_no",
            With::CodePay { .. } => "merchant_order_no",
        }
    }

    /// How the API is asked to send a buyer, behind `/checkout`.
    #[must_use]
    pub fn checkout_query(&self) -> &'static str {
        match self.with {
            With::Alipay(_) => "?via=get",
            With::Dinpay | With::CodePay { .. } => "",
        }
    }

    /// What the buyer's browser brings to the cashier, by the API's answer.
    #[must_use]
    pub fn cashier(&self, said: &Value) -> Option<Inbound> {
        match self.with {
            With::Alipay(_) => alipay::cashier(said),
            With::Dinpay => dinpay::cashier(said),
            With::CodePay { .. } => codepay::cashier(said),
        }
    }

    /// What a browser brings to the cashier from another program of the merchant's, which asks for this order's number.
    #[must_use]
    pub fn from_elsewhere(
        &self,
        order_no: &str,
        amount: &str,
        now: jiff::Timestamp,
    ) -> Option<Inbound> {
        match self.with {
            With::Alipay(_) => alipay::from_elsewhere(self, order_no, amount),
            With::Dinpay => dinpay::from_elsewhere(self, order_no, amount, now),
            With::CodePay { .. } => codepay::from_elsewhere(self, order_no, amount, now),
        }
    }

    /// The fields of a notify that tells of money, to whomever it names as the payee.
    #[must_use]
    pub fn notify(&self, told: &Told<'_>, payee: &str) -> Option<Params> {
        match self.with {
            With::Alipay(_) => alipay::notify(told, payee),
            With::Dinpay => dinpay::notify(told, payee),
            With::CodePay { .. } => codepay::notify(told, payee, "CNY"),
        }
    }

    /// Somebody who is not this merchant, but another one of the same gateway's.
    #[must_use]
    pub fn other_payee(&self) -> &'static str {
        match self.with {
            With::Alipay(_) => alipay::OTHER_PAYEE,
            With::Dinpay => dinpay::OTHER_PAYEE,
            With::CodePay { .. } => codepay::OTHER_PAYEE,
        }
    }

    /// The account as the node's settings have it. `renamed` is the number in its notify address, if it was renamed.
    fn setup(&self, began: jiff::Timestamp, renamed: u32) -> AccountSetup {
        let old_ends = began
            .checked_add(OLD_KEY_ENDS)
            .unwrap_or(jiff::Timestamp::MAX);
        let keys = self.account_keys(old_ends);
        let account = match self.with {
            With::Alipay(terms) => Account::Alipay(alipay::account(self, terms, keys)),
            With::Dinpay => Account::Dinpay(dinpay::account(self, keys)),
            With::CodePay { .. } => Account::CodePay(codepay::account(self, keys)),
        };
        let gateway = account.gateway();
        let policy = Policy {
            gateway: gateway.traits().name.to_owned(),
            payee: gateway.payee().to_owned(),
            key_ids: gateway.key_ids(),
            wire: Some(gateway.wire()),
            require: self.require,
            require_above: None,
            gaps_secs: self.gaps_secs().to_vec(),
            scan_secs: self.scan_secs(),
            cancel_unknown_secs: self.cancel_unknown_secs(),
            late_secs: LATE_SECS.to_vec(),
            close: self.can_close(),
            query_window_secs: self.window_secs(),
            statement: gateway.statement_clock().ok().map(|ahead| StatementPolicy {
                utc_offset_secs: ahead,
                at_secs: match renamed {
                    0 => STATEMENT_AT_SECS,
                    _ => STATEMENT_AT_SECS + STATEMENT_LATER_SECS,
                },
            }),
        };
        AccountSetup {
            name: self.account.to_owned(),
            account,
            policy,
            notify_sources: None,
            notify_url: (renamed > 0)
                .then(|| format!("http://pay.test/told-{renamed}/{}", self.account)),
            return_url: None,
            orders_url: None,
            return_hosts: BTreeSet::new(),
            direct_pay: Some(DirectPay::default()),
            payee_name: None,
            wait: Wait {
                every: Duration::from_secs(2),
                total: Duration::from_secs(60),
            },
            live: false,
        }
    }
}

/// The node's settings.
#[must_use]
pub fn setup(contracts: &[Contract], began: jiff::Timestamp, renamed: u32) -> Setup {
    let accounts = contracts.iter().map(|contract| {
        let account = contract.setup(began, renamed);
        (contract.account.to_owned(), Arc::new(account))
    });
    let webhook = |name: &str| {
        let setup = WebhookSetup {
            url: format!("http://{name}.test/hooks"),
            secret: Secret::parse(&SecretString::from(WEBHOOK_SECRET))
                .expect("the world's secret is one"),
            previous_secret: None,
            accounts: None,
        };
        (name.to_owned(), setup)
    };
    Setup {
        listen: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: "http://pay.test".to_owned(),
        database: Database::Folder("unused".into()),
        api_keys: vec![ApiKey {
            name: "shop".to_owned(),
            secret: SecretString::from(API_KEY),
            accounts: None,
        }],
        accounts: accounts.collect(),
        webhooks: ENDPOINTS.map(webhook).into(),
        log: LogSetup {
            level: "error".to_owned(),
            json: false,
            file: None,
        },
        trusted_proxies: Vec::new(),
        warnings: Vec::new(),
    }
}
