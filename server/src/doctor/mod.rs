//! The doctor: finds out why an order does not update, before and after it happens. Each check is one that the
//! gateway's guide has people make by hand (seed 001 4.4 and 5.2), and says what it saw, why that matters, and what to do.
//!
//! Offline it looks at settings, machine and journal; online it calls the gateway as we do, ourselves as the gateway
//! does, and the shop. It changes nothing, and no trade comes of it. A check that cannot mean anything while another
//! one fails is not made: what is told first is the reason.

mod address;
mod cashier;
mod check;
mod cluster;
mod gateway;
mod heard;
mod inbound;
mod machine;
mod memory;
mod net;
mod outside;
pub mod ping;
mod report;
mod settings;
mod shop;
mod state;
mod way;

pub use check::Check;
pub use gateway::way;
pub use heard::{confirmed, doubted};
pub use machine::projection;
pub use net::{Net, Reached, SystemNet};
pub use report::{Finding, Report, Verdict};
pub use settings::refused;

use crate::clock::Clock;
use crate::config::Warning;
use crate::setup::{AccountSetup, Setup};
use crate::store::{self, Examined};
use crate::transport::Transport;
use machine::{journal, unopened};
use quittance_core::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is looked at.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The settings.
    pub setup: &'a Setup,
    /// What there is to know about them.
    pub warnings: &'a [Warning],
    /// How things stand in the journal; `None` where there is none yet, or it cannot be read.
    pub examined: Option<&'a Examined>,
    /// Only what concerns these accounts, and what concerns all of them; `None` means every one.
    pub only: Option<&'a BTreeSet<String>>,
}

impl Case<'_> {
    /// Whether this account is looked at.
    fn wants(&self, account: &str) -> bool {
        self.only.is_none_or(|only| only.contains(account))
    }

    /// The accounts that are looked at.
    fn accounts(&self) -> impl Iterator<Item = &Arc<AccountSetup>> {
        let all = self.setup.accounts.iter();
        all.filter(|(name, _)| self.wants(name))
            .map(|(_, account)| account)
    }
}

/// The world outside.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    /// Time and chance.
    pub clock: &'a dyn Clock,
    /// Calls to gateways, to the shop, to ourselves.
    pub transport: &'a dyn Transport,
    /// Names and connections.
    pub net: &'a dyn Net,
}

/// All checks of a database that is read beside a running server, or without one; those that call where a line is given.
pub async fn report(
    (setup, warnings): (&Setup, &[Warning]),
    only: Option<&BTreeSet<String>>,
    now: Timestamp,
    line: Option<&Line<'_>>,
) -> Report {
    let (examined, journal) = match store::examine(&setup.database, now) {
        Ok(examined) => (Some(examined), journal(&setup.database)),
        Err(error) => (None, unopened(&error)),
    };
    let case = Case {
        setup,
        warnings,
        examined: examined.as_ref(),
        only,
    };
    let mut findings = offline(&case, now);
    findings.push(journal);
    if let Some(line) = line {
        findings.extend(online(&case, line).await);
    }
    Report::new(now, findings)
}

/// The checks that call nobody, but for that of the journal: its whole chain is walked in a [`report()`], which takes as long
/// as it is; [`projection`] looks at its end only.
#[must_use]
pub fn offline(case: &Case<'_>, now: Timestamp) -> Vec<Finding> {
    let mut found = settings::read(case);
    found.extend([
        machine::writable(case.setup),
        match case.examined.and_then(|found| found.cluster.as_ref()) {
            Some(cluster) => cluster::kept(cluster),
            None => machine::durable(case.setup),
        },
        machine::disk(case.setup),
    ]);
    for account in case.accounts() {
        found.push(address::read(case.setup, account));
    }
    let Some(examined) = case.examined else {
        return found;
    };
    found.extend([
        machine::clock(examined, now),
        state::schedule(examined),
        state::discrepancies(case, examined),
    ]);
    found.extend(state::orders(case, examined));
    found.extend(state::deliveries(examined));
    for account in case.accounts() {
        let name = &account.name;
        let orders = examined.orders.get(name).map_or(&[][..], Vec::as_slice);
        let heard = examined.heard.get(name).map_or(&[][..], Vec::as_slice);
        found.extend([
            heard::charset(account, orders, heard),
            heard::signatures(case.setup, account, heard, now),
            heard::opinions(account, heard),
            state::notifies(name, orders, now),
        ]);
    }
    found
}

/// The checks that call: the gateways, ourselves from outside, the shop. Each call is bounded.
pub async fn online(case: &Case<'_>, line: &Line<'_>) -> Vec<Finding> {
    let mut found = outside::all(line, case).await;
    for account in case.accounts() {
        found.extend(gateway::all(line, case, account).await);
    }
    found.extend(shop::all(line, case).await);
    found
}
