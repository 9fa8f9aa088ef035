//! Rows by key: what a transaction looks at.

use super::{Held, NewEntry};
use quittance_core::OrderKey;
use quittance_core::entry::What;
use quittance_core::gateway::Address;
use std::collections::BTreeSet;

/// What a transaction looks at, as far as it is known. A store with one writer has no use for it; where several write, it
/// is what they keep each other from.
#[derive(Clone, Default, Debug)]
pub(super) struct Keys {
    /// Orders, with what waits under their numbers and what belongs to them.
    pub(super) orders: BTreeSet<OrderKey>,
    /// Trades by account and number, with what waits under their numbers.
    pub(super) trades: BTreeSet<(String, String)>,
    /// Accounts' own states.
    pub(super) accounts: BTreeSet<String>,
    /// Events with the debts to endpoints.
    pub(super) events: BTreeSet<String>,
    /// What leases are about.
    pub(super) held: BTreeSet<Held>,
    /// How many entries are to be appended.
    pub(super) entries: usize,
}

impl Keys {
    /// What these entries are known to look at.
    pub(super) fn of(entries: &[NewEntry]) -> Keys {
        let mut keys = Keys {
            entries: entries.len(),
            ..Keys::default()
        };
        for entry in entries {
            let record = &entry.record;
            keys.orders.extend(record.key());
            if let Some(account) = &record.account {
                for told in &record.claims {
                    match &told.about {
                        Address::OrderNo(order_no) => {
                            keys.orders.insert(OrderKey::new(&**account, &**order_no));
                        }
                        Address::TradeNo(trade_no) => {
                            keys.trades.insert((account.clone(), trade_no.clone()));
                        }
                    }
                    if let Some(trade_no) = told.claim.trade_no() {
                        keys.trades.insert((account.clone(), trade_no.to_owned()));
                    }
                }
            }
            match &record.what {
                What::Delivery(attempt) => {
                    keys.events.insert(attempt.event.clone());
                }
                What::Redelivery { event }
                | What::Abandoned {
                    event: Some(event), ..
                } => {
                    keys.events.insert(event.clone());
                }
                _ => {}
            }
            keys.held
                .extend(entry.under.as_ref().map(|lease| lease.held.clone()));
        }
        keys
    }

    /// The union with others.
    pub(super) fn join(&mut self, other: Keys) {
        self.orders.extend(other.orders);
        self.trades.extend(other.trades);
        self.accounts.extend(other.accounts);
        self.events.extend(other.events);
        self.held.extend(other.held);
        self.entries += other.entries;
    }

    /// Whether there is nothing to lock.
    pub(super) fn only_numbers(&self) -> bool {
        self.orders.is_empty()
            && self.trades.is_empty()
            && self.accounts.is_empty()
            && self.events.is_empty()
            && self.held.is_empty()
    }

    /// Whether there is nothing to look at.
    pub(super) fn is_empty(&self) -> bool {
        self.entries == 0 && self.only_numbers()
    }
}

impl FromIterator<Keys> for Keys {
    fn from_iter<I: IntoIterator<Item = Keys>>(all: I) -> Keys {
        let mut keys = Keys::default();
        all.into_iter().for_each(|other| keys.join(other));
        keys
    }
}
