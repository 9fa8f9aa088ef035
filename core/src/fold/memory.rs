//! The plainest projection: maps in memory. What the stores keep in tables, for tests and for reading the rules.

use super::Projection;
use crate::derived::{Derived, derive};
use crate::event::{About, Event};
use crate::gateway::Address;
use crate::order::OrderKey;
use crate::settings::Settings;
use crate::state::{AccountState, Delivery, DeliveryState, OrderState, Parked};
use crate::status::Status;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

/// A projection in maps.
#[derive(Clone, Default, Debug)]
pub struct Memory {
    /// The settings in force.
    pub settings: Arc<Settings>,
    /// Every order.
    pub orders: BTreeMap<OrderKey, OrderState>,
    /// Every account's own state.
    pub accounts: BTreeMap<String, AccountState>,
    /// Evidence that waits.
    pub parked: BTreeMap<(String, Address), Parked>,
    /// Who owns which trade.
    pub trades: BTreeMap<(String, String), String>,
    /// Debts, by event and endpoint.
    pub deliveries: BTreeMap<(String, String), Delivery>,
    /// Every event, in its order.
    pub events: Vec<Event>,
}

impl Projection for Memory {
    type Error = Infallible;

    fn settings(&mut self) -> Result<Arc<Settings>, Infallible> {
        Ok(self.settings.clone())
    }

    fn put_settings(&mut self, settings: Settings) -> Result<(), Infallible> {
        self.settings = Arc::new(settings);
        Ok(())
    }

    fn order(&mut self, key: &OrderKey) -> Result<Option<OrderState>, Infallible> {
        Ok(self.orders.get(key).cloned())
    }

    fn put_order(&mut self, state: OrderState, _: &Derived) -> Result<(), Infallible> {
        self.orders.insert(state.order.key.clone(), state);
        Ok(())
    }

    fn unanswered(&mut self) -> Result<Vec<OrderKey>, Infallible> {
        let open = self
            .orders
            .values()
            .filter(|state| !state.unanswered.is_empty());
        Ok(open.map(|state| state.order.key.clone()).collect())
    }

    fn waiting(&mut self) -> Result<Vec<OrderKey>, Infallible> {
        let waiting = self
            .orders
            .values()
            .filter(|state| state.due_at().is_some());
        Ok(waiting.map(|state| state.order.key.clone()).collect())
    }

    fn active(&mut self) -> Result<Vec<OrderKey>, Infallible> {
        let active = self.orders.values().filter(|state| {
            let derived = derive(state);
            let due = state.due_at().is_some();
            derived.status == Status::Unpaid || derived.attention || due
        });
        Ok(active.map(|state| state.order.key.clone()).collect())
    }

    fn pending(&mut self) -> Result<Vec<Delivery>, Infallible> {
        let pending = self.deliveries.values().filter(|d| d.next_at.is_some());
        Ok(pending.cloned().collect())
    }

    fn account(&mut self, name: &str) -> Result<AccountState, Infallible> {
        Ok(self.accounts.get(name).cloned().unwrap_or_default())
    }

    fn put_account(&mut self, name: &str, state: AccountState) -> Result<(), Infallible> {
        self.accounts.insert(name.to_owned(), state);
        Ok(())
    }

    fn parked(&mut self, account: &str, about: &Address) -> Result<Option<Parked>, Infallible> {
        Ok(self
            .parked
            .get(&(account.to_owned(), about.clone()))
            .cloned())
    }

    fn put_parked(
        &mut self,
        account: &str,
        about: &Address,
        parked: Option<Parked>,
    ) -> Result<(), Infallible> {
        let key = (account.to_owned(), about.clone());
        match parked {
            Some(parked) => self.parked.insert(key, parked),
            None => self.parked.remove(&key),
        };
        Ok(())
    }

    fn trade_owner(&mut self, account: &str, trade_no: &str) -> Result<Option<String>, Infallible> {
        Ok(self
            .trades
            .get(&(account.to_owned(), trade_no.to_owned()))
            .cloned())
    }

    fn own_trade(
        &mut self,
        account: &str,
        trade_no: &str,
        order_no: &str,
    ) -> Result<(), Infallible> {
        self.trades.insert(
            (account.to_owned(), trade_no.to_owned()),
            order_no.to_owned(),
        );
        Ok(())
    }

    fn delivery(&mut self, event: &str, endpoint: &str) -> Result<Option<Delivery>, Infallible> {
        Ok(self
            .deliveries
            .get(&(event.to_owned(), endpoint.to_owned()))
            .cloned())
    }

    fn put_delivery(&mut self, delivery: Delivery) -> Result<(), Infallible> {
        self.deliveries.insert(
            (delivery.event.clone(), delivery.endpoint.clone()),
            delivery,
        );
        Ok(())
    }

    fn endpoints_of(&mut self, event: &str) -> Result<Vec<String>, Infallible> {
        let owed = self.deliveries.keys().filter(|(owed, _)| owed == event);
        Ok(owed.map(|(_, endpoint)| endpoint.clone()).collect())
    }

    fn held(&mut self, endpoint: &str) -> Result<Vec<Delivery>, Infallible> {
        let held = self
            .deliveries
            .values()
            .filter(|d| d.endpoint == endpoint && d.state == DeliveryState::Held);
        Ok(held.cloned().collect())
    }

    fn emit(&mut self, event: Event, _: About<'_>) -> Result<(), Infallible> {
        self.events.push(event);
        Ok(())
    }
}
