//! The projection over the tables: each row is read once, and written when the batch flushes.

use super::{Batch, Changed};
use crate::store::failure::Failure;
use crate::store::tables::{Published, Which};
use quittance_core::derived::Derived;
use quittance_core::event::{About, Event};
use quittance_core::fold::{Projection, floor};
use quittance_core::gateway::Address;
use quittance_core::settings::Settings;
use quittance_core::state::{AccountState, Delivery, OrderState, Parked};
use quittance_core::{OrderKey, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Projection for Batch<'_> {
    type Error = Failure;

    fn settings(&mut self) -> Result<Arc<Settings>, Failure> {
        Ok(self.settings.value.clone())
    }

    fn put_settings(&mut self, settings: Settings) -> Result<(), Failure> {
        self.settings = Changed::written(Arc::new(settings));
        Ok(())
    }

    fn order(&mut self, key: &OrderKey) -> Result<Option<OrderState>, Failure> {
        cached(&mut self.orders, key, || self.tables.order(key))
    }

    fn put_order(&mut self, state: OrderState, _: &Derived) -> Result<(), Failure> {
        let key = state.order.key.clone();
        self.touched.orders.insert(key.clone());
        self.orders.insert(key, Changed::written(Some(state)));
        Ok(())
    }

    fn unanswered(&mut self) -> Result<Vec<OrderKey>, Failure> {
        self.flush()?;
        self.tables.orders(Which::Unanswered)
    }

    fn waiting(&mut self) -> Result<Vec<OrderKey>, Failure> {
        self.flush()?;
        self.tables.orders(Which::Waiting)
    }

    fn active(&mut self) -> Result<Vec<OrderKey>, Failure> {
        self.flush()?;
        self.tables.orders(Which::Active)
    }

    fn pending(&mut self) -> Result<Vec<Delivery>, Failure> {
        self.flush()?;
        self.tables.pending()
    }

    fn account(&mut self, name: &str) -> Result<AccountState, Failure> {
        let key = name.to_owned();
        let found = cached(&mut self.accounts, &key, || self.tables.account(name))?;
        Ok(found.unwrap_or_default())
    }

    fn put_account(&mut self, name: &str, state: AccountState) -> Result<(), Failure> {
        self.accounts
            .insert(name.to_owned(), Changed::written(Some(state)));
        Ok(())
    }

    fn parked(&mut self, account: &str, about: &Address) -> Result<Option<Parked>, Failure> {
        let key = (account.to_owned(), about.clone());
        cached(&mut self.parked, &key, || {
            self.tables.parked(account, about)
        })
    }

    fn put_parked(
        &mut self,
        account: &str,
        about: &Address,
        parked: Option<Parked>,
    ) -> Result<(), Failure> {
        self.parked.insert(
            (account.to_owned(), about.clone()),
            Changed::written(parked),
        );
        Ok(())
    }

    fn trade_owner(&mut self, account: &str, trade_no: &str) -> Result<Option<String>, Failure> {
        let key = (account.to_owned(), trade_no.to_owned());
        cached(&mut self.trades, &key, || {
            self.tables.trade_owner(account, trade_no)
        })
    }

    fn own_trade(&mut self, account: &str, trade_no: &str, order_no: &str) -> Result<(), Failure> {
        self.trades.insert(
            (account.to_owned(), trade_no.to_owned()),
            Changed::written(Some(order_no.to_owned())),
        );
        Ok(())
    }

    fn delivery(&mut self, event: &str, endpoint: &str) -> Result<Option<Delivery>, Failure> {
        let key = (event.to_owned(), endpoint.to_owned());
        cached(&mut self.deliveries, &key, || {
            let of_event = self.tables.deliveries(event)?;
            Ok(of_event.into_iter().find(|owed| owed.endpoint == endpoint))
        })
    }

    fn put_delivery(&mut self, delivery: Delivery) -> Result<(), Failure> {
        self.deliveries.insert(
            (delivery.event.clone(), delivery.endpoint.clone()),
            Changed::written(Some(delivery)),
        );
        Ok(())
    }

    fn endpoints_of(&mut self, event: &str) -> Result<Vec<String>, Failure> {
        self.flush()?;
        let owed = self.tables.deliveries(event)?;
        Ok(owed.into_iter().map(|owed| owed.endpoint).collect())
    }

    fn held(&mut self, endpoint: &str) -> Result<Vec<Delivery>, Failure> {
        self.flush()?;
        self.tables.held(endpoint)
    }

    fn written_before(&mut self, seq: u64) -> Result<Option<Timestamp>, Failure> {
        match self.passed[0] {
            Some(at) => Ok(Some(at)),
            None => self.tables.written_before(seq),
        }
    }

    fn emit(&mut self, event: Event, about: About<'_>) -> Result<(), Failure> {
        let floor = floor(self)?;
        let pos = match self.tables.publish(&event, floor)? {
            Published::Before => {
                // The fold is total: it never fails on what it finds, and no event is told twice.
                tracing::error!(event = event.id, "an event was published before");
                return Ok(());
            }
            Published::Told => None,
            Published::Untold(pos) => Some(pos),
        };
        self.touched.events = true;
        let Some(pos) = pos else {
            return Ok(());
        };
        let (render, head) = (self.render, self.head.clone());
        let personal = match about {
            About::Order(state, _) => self.personal(&state.order.key)?,
            About::Account(_) | About::Journal => &[],
        };
        let body = render.event(&event, about, personal, &head);
        self.tables.put_event_body(pos, &event.id, body)
    }
}

/// The row as the batch knows it, or else as the tables do.
fn cached<K: Ord + Clone, V: Clone>(
    cache: &mut BTreeMap<K, Changed<Option<V>>>,
    key: &K,
    read: impl FnOnce() -> Result<Option<V>, Failure>,
) -> Result<Option<V>, Failure> {
    if let Some(known) = cache.get(key) {
        return Ok(known.value.clone());
    }
    let value = read()?;
    cache.insert(key.clone(), Changed::read(value.clone()));
    Ok(value)
}
