//! The settings after reading and checking: what the server runs with. Secrets are resolved, nothing is missing.

use crate::config::Warning;
use crate::metrics::AccountLabels;
use crate::store::Database;
use quittance_core::gateway::Account;
use quittance_core::http::Request;
use quittance_core::settings::{Endpoint, Policy, Settings};
use quittance_core::webhook::Secret;
use quittance_core::{Money, Timestamp};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Everything that the server is told before it starts.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What gateways and buyers reach, without a slash at its end.
    pub public_url: String,
    /// Where the journal and its projection stand.
    pub database: Database,
    /// Who may use the merchant API.
    pub api_keys: Vec<ApiKey>,
    /// The merchant's contracts, by name.
    pub accounts: BTreeMap<String, Arc<AccountSetup>>,
    /// The merchant's endpoints, by name.
    pub webhooks: BTreeMap<String, WebhookSetup>,
    /// How to log.
    pub log: LogSetup,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpRange>,
    /// What there is to know about the settings although they are good enough: for the doctor of a running server.
    pub warnings: Vec<Warning>,
}

/// A key of the merchant API.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its name in the settings.
    pub name: String,
    /// The key.
    pub secret: SecretString,
    /// Only these accounts; `None` means all.
    pub accounts: Option<BTreeSet<String>>,
}

/// One account, ready to use.
#[derive(Clone, Debug)]
pub struct AccountSetup {
    /// Its name.
    pub name: String,
    /// Its protocol with keys and ids.
    pub account: Account,
    /// How its evidence counts, how it is asked.
    pub policy: Policy,
    /// Where the gateway's server calls, if not at the default address.
    pub notify_url: Option<String>,
    /// Notifies from elsewhere are not looked into; `None` for no such filter.
    pub notify_sources: Option<Vec<IpRange>>,
    /// Where the gateway sends the browser, if not to the default address.
    pub return_url: Option<String>,
    /// Where buyers look at their orders.
    pub orders_url: Option<String>,
    /// Hosts, each perhaps with a port, that an order's `return_to` may lead to, besides those of the account's own
    /// addresses.
    pub return_hosts: BTreeSet<String>,
    /// What the direct-pay page takes; `None` where it is closed.
    pub direct_pay: Option<DirectPay>,
    /// The payee as buyers know him.
    pub payee_name: Option<String>,
    /// How the gateway is asked while somebody waits.
    pub wait: Wait,
    /// Whether real money moves: the gateway is not on a loopback or private address.
    pub live: bool,
}

/// What the direct-pay page takes: anyone can make orders there.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct DirectPay {
    /// The smallest amount, where the gateway's own is too small.
    pub min: Option<Money>,
    /// The largest.
    pub max: Option<Money>,
}

impl DirectPay {
    /// Whether the amount is between the two.
    #[must_use]
    pub fn admit(&self, amount: Money) -> bool {
        self.min.is_none_or(|min| amount.minor >= min.minor)
            && self.max.is_none_or(|max| amount.minor <= max.minor)
    }
}

/// How the gateway is asked while somebody waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wait {
    /// At most one query per order in this time.
    pub every: Duration,
    /// For at most so long.
    pub total: Duration,
}

/// An endpoint of the merchant.
#[derive(Clone, Debug)]
pub struct WebhookSetup {
    /// Where events are posted.
    pub url: String,
    /// What they are signed with.
    pub secret: Secret,
    /// A second secret to sign with while the first is being exchanged.
    pub previous_secret: Option<Secret>,
    /// Only events of these accounts; `None` means all.
    pub accounts: Option<BTreeSet<String>>,
}

/// How to log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogSetup {
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub level: String,
    /// JSON lines instead of text.
    pub json: bool,
    /// Into this file instead of standard error.
    pub file: Option<PathBuf>,
}

/// A range of addresses: `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IpRange {
    /// The first address, host bits included.
    pub address: IpAddr,
    /// How many leading bits must agree.
    pub prefix: u8,
}

impl Setup {
    /// The part that enters the journal.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let accounts = self
            .accounts
            .iter()
            .map(|(name, setup)| (name.clone(), setup.policy.clone()));
        let endpoint = |webhook: &WebhookSetup| Endpoint {
            accounts: webhook.accounts.clone(),
            disabled: false,
        };
        let endpoints = self
            .webhooks
            .iter()
            .map(|(name, webhook)| (name.clone(), endpoint(webhook)));
        Settings {
            accounts: accounts.collect(),
            endpoints: endpoints.collect(),
        }
    }

    /// The accounts but this one, by name: where a message may have been meant for one of them.
    #[must_use]
    pub fn others(&self, name: &str) -> Vec<(&str, &Account)> {
        let all = self.accounts.iter();
        all.filter(|(other, _)| *other != name)
            .map(|(other, setup)| (other.as_str(), &setup.account))
            .collect()
    }

    /// The folder of `public_url`, which a proxy in front takes away: links of our pages begin with it.
    #[must_use]
    pub fn folder(&self) -> String {
        let path = path(&self.public_url).unwrap_or_default();
        path.trim_end_matches('/').to_owned()
    }

    /// A path of an address of the settings as it arrives here, behind that proxy.
    #[must_use]
    pub fn arriving<'a>(&self, path: &'a str) -> &'a str {
        match path.strip_prefix(&self.folder()) {
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        }
    }
}

impl AccountSetup {
    /// Whether a notify of this client passes the account's filter. A caller whom nobody can name does not.
    #[must_use]
    pub fn hears(&self, client: Option<IpAddr>) -> bool {
        let Some(sources) = &self.notify_sources else {
            return true;
        };
        client.is_some_and(|client| sources.iter().any(|range| range.contains(client)))
    }

    /// The account in counters.
    #[must_use]
    pub fn labels(&self) -> AccountLabels {
        AccountLabels {
            account: self.name.clone(),
        }
    }

    /// Where the gateway's server is told to call.
    #[must_use]
    pub fn notify_address(&self, public_url: &str) -> String {
        self.notify_url
            .clone()
            .unwrap_or_else(|| format!("{public_url}/notify/{}", self.name))
    }

    /// Where the gateway is told to send the browser back: exactly as set, or the order's own address.
    #[must_use]
    pub fn return_address(&self, public_url: &str, token: &str) -> String {
        self.return_url
            .clone()
            .unwrap_or_else(|| format!("{public_url}/return/{}/{token}", self.name))
    }

    /// Whether buyers may be sent on to this address: to the hosts of the account's own addresses, and to
    /// `return_hosts`, letter by letter.
    #[must_use]
    pub fn leads_to(&self, public_url: &str, address: &url::Url) -> bool {
        let Some(host) = address
            .host_str()
            .filter(|_| matches!(address.scheme(), "http" | "https"))
        else {
            return false;
        };
        let own = [
            Some(public_url),
            self.orders_url.as_deref(),
            self.return_url.as_deref(),
        ];
        let own_host =
            |own: &str| url::Url::parse(own).is_ok_and(|own| own.host_str() == Some(host));
        let port = address.port_or_known_default().unwrap_or_default();
        own.into_iter().flatten().any(own_host)
            || (address.port().is_none() && self.return_hosts.contains(host))
            || self.return_hosts.contains(&format!("{host}:{port}"))
    }

    /// The path of `notify_url`, at which notifies are taken besides the default one.
    #[must_use]
    pub fn notify_path(&self) -> Option<String> {
        self.notify_url.as_deref().and_then(path)
    }

    /// The path of `return_url`, at which returns are taken besides the default one.
    #[must_use]
    pub fn return_path(&self) -> Option<String> {
        self.return_url.as_deref().and_then(path)
    }
}

impl WebhookSetup {
    /// Whether events of this account go there.
    #[must_use]
    pub fn hears(&self, account: &str) -> bool {
        self.accounts
            .as_ref()
            .is_none_or(|accounts| accounts.contains(account))
    }

    /// A signed post to the endpoint, as Standard Webhooks describes it: every secret in force signs.
    #[must_use]
    pub fn post(&self, id: &str, at: Timestamp, body: &[u8]) -> Request {
        let secs = at.as_second();
        let secrets = std::iter::once(&self.secret).chain(&self.previous_secret);
        let signatures: Vec<String> = secrets.map(|secret| secret.sign(id, secs, body)).collect();
        let mut request = Request::post(self.url.clone(), "application/json", body.to_vec());
        request.headers.extend([
            ("webhook-id".to_owned(), id.to_owned()),
            ("webhook-timestamp".to_owned(), secs.to_string()),
            ("webhook-signature".to_owned(), signatures.join(" ")),
        ]);
        request
    }
}

impl IpRange {
    /// Whether the address is in the range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
            IpAddr::V6(v6) => (v6.to_bits(), 128),
        };
        let ((ours, width), (theirs, their_width)) = (bits(self.address), bits(address));
        let shift = width - u32::from(self.prefix).min(width);
        width == their_width && (shift >= 128 || ours >> shift == theirs >> shift)
    }
}

/// The path of an absolute address.
fn path(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    Some(url.path().to_owned())
}
