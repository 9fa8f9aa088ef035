//! The merchant's contracts at the gateway, and how the node is told of them.

use crate::dice::Dice;
use quittance_core::charset::Charset;
use quittance_core::facts::Proof;
use quittance_core::gateway::alipay::{self, Extras, Settings, StatementService};
use quittance_core::gateway::{Account, Gateway, RefundWay};
use quittance_core::settings::Policy;
use quittance_core::statement::StatementPolicy;
use quittance_core::webhook::Secret;
use quittance_sandbox::Merchant;
use quittance_server::setup::{
    AccountSetup, ApiKey, DirectPay, LogSetup, Setup, Wait, WebhookSetup,
};
use secrecy::SecretString;
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
/// When statements are read, in seconds after midnight at the gateway.
const STATEMENT_AT_SECS: i32 = 9_000;
/// How long the node waits for the gateway's answer, in seconds.
pub const CALL_SECS: i64 = 10;
/// The merchant's endpoints.
pub const ENDPOINTS: [&str; 2] = ["shop", "books"];
/// Late checks after a closing, in seconds after one another: 1 h, 6 h and 24 h after it.
pub const LATE_SECS: [i64; 3] = [3_600, 18_000, 64_800];

/// One contract: an account of the node and a merchant of the gateway.
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
    /// Whether its product is the advanced one; the basic one's payments are final at once.
    pub advanced: bool,
    /// Who makes the gateway pay back, where that can be asked for.
    pub refunds: Option<RefundWay>,
    /// The service by which its statements are read, where they are.
    pub statement: Option<StatementService>,
}

/// The world's contracts: two merchants. The second takes the gateway's signature for enough, or only its answers; its
/// product may be the basic one, which pays nothing back by request; and it may have a pair of keys on each side. Either
/// may include one of the services that give out statements.
#[must_use]
pub fn contracts(dice: &mut Dice) -> Vec<Contract> {
    let strict = dice.chance(20);
    let basic = dice.chance(25);
    let pairs = dice.chance(15);
    let (report, pages) = (StatementService::Report, StatementService::Pages);
    let main_statement = *dice.pick(&[None, None, Some(report), Some(report), Some(pages)]);
    let side_statement = *dice.pick(&[None, None, Some(report)]);
    vec![
        Contract {
            account: "main",
            partner: "2088000000000001",
            key: "0123456789abcdefghijklmnopqrstuv",
            old_key: "old-old-old-old-old-old-old-main",
            pairs: false,
            require: Proof::Confirmed,
            advanced: true,
            refunds: Some(RefundWay::Call),
            statement: main_statement,
        },
        Contract {
            account: "side",
            partner: "2088000000000002",
            key: "vutsrqponmlkjihgfedcba9876543210",
            old_key: "old-old-old-old-old-old-old-side",
            pairs,
            require: if strict {
                Proof::Queried
            } else {
                Proof::Signed
            },
            advanced: !basic,
            refunds: (!basic).then_some(RefundWay::Page),
            statement: side_statement,
        },
    ]
}

/// The contract of this merchant.
#[must_use]
pub fn contract_of<'a>(contracts: &'a [Contract], partner: &str) -> Option<&'a Contract> {
    contracts
        .iter()
        .find(|contract| contract.partner == partner)
}

impl Contract {
    /// The merchant as the gateway knows it.
    #[must_use]
    pub fn merchant(&self) -> Merchant {
        Merchant {
            partner: self.partner.to_owned(),
            key: self.gateway_key(),
            email: format!("{}@example.com", self.account),
            advanced: self.advanced,
        }
    }

    /// The account as the node's settings have it. `renamed` is the number in its notify address, if it was renamed.
    fn setup(&self, began: jiff::Timestamp, renamed: u32) -> AccountSetup {
        let old_ends = began
            .checked_add(OLD_KEY_ENDS)
            .unwrap_or(jiff::Timestamp::MAX);
        let account = alipay::Account::new(Settings {
            partner: self.partner.to_owned(),
            keys: self.account_keys(old_ends),
            charset: Charset::Utf8,
            seller: None,
            show_url: None,
            refunds: self.refunds,
            gateway_url: "http://gateway.test/gateway.do".to_owned(),
        })
        .expect("the world's settings are right");
        let account = account
            .with_extras(Extras {
                statement: self.statement,
                ..Extras::default()
            })
            .expect("nothing is asked for besides");
        let policy = Policy {
            gateway: "alipay".to_owned(),
            payee: account.payee().to_owned(),
            key_ids: account.key_ids(),
            wire: Some(account.wire()),
            require: self.require,
            require_above: None,
            gaps_secs: GAPS_SECS.to_vec(),
            scan_secs: None,
            cancel_unknown_secs: None,
            late_secs: LATE_SECS.to_vec(),
            close: true,
            query_window_secs: None,
            statement: account.statement_clock().ok().map(|ahead| StatementPolicy {
                utc_offset_secs: ahead,
                at_secs: STATEMENT_AT_SECS,
            }),
        };
        AccountSetup {
            name: self.account.to_owned(),
            account: Account::Alipay(account),
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
        database: "unused".into(),
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
    }
}
