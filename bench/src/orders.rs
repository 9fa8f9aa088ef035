//! Orders: made ahead of time by the server's own store, and looked up in it at the end.

use crate::Failed;
use crate::place::ACCOUNT;
use quittance_core::derived::derive;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::status::Status;
use quittance_core::{Currency, Money, Order, OrderKey};
use quittance_server::clock::Clock;
use quittance_server::node::Node;
use quittance_server::setup::Setup;
use quittance_server::store::{DatabaseStore, Genesis, Opening, Store};
use quittance_server::transport::HttpTransport;
use quittance_server::view::Viewer;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Orders in one commit while they are made.
const CHUNK: usize = 500;
/// Lookups at once: what a store reads from is busy, and not more.
const LOOKERS: usize = 8;

/// The order of this number. Numbers of shops begin with the date: neighbours in time are neighbours in the index.
pub fn order(number: usize, setup: &Setup, token: String) -> Result<Order, Failed> {
    let account = setup
        .accounts
        .get(ACCOUNT)
        .ok_or("the account is missing")?;
    let amount = Money::new(100 + i64::try_from(number % 10_000)?, Currency::CNY);
    let order = Order {
        key: key(number),
        amount,
        subject: "a book".to_owned(),
        body: None,
        extra: None,
        method: None,
        bank: None,
        show_url: None,
        return_to: None,
        terminal: None,
        gateway_options: Default::default(),
        expires_in_secs: None,
        token,
        require: account.policy.require_for(amount),
    };
    account.account.gateway().admit(&order)?;
    Ok(order)
}

fn key(number: usize) -> OrderKey {
    OrderKey::new(ACCOUNT, format!("20240101{number:010}"))
}

/// Makes a journal with `count` orders whose buyers are at the cashier, and closes it.
///
/// # Errors
/// Those of the store.
pub async fn make(setup: &Setup, clock: &Arc<dyn Clock>, count: usize) -> Result<(), Failed> {
    let store = open(setup, clock)?;
    let transport = Arc::new(HttpTransport::new(clock.clone())?);
    let node = Node::start(setup.clone(), clock.clone(), transport, store).await?;
    eprintln!("making {count} orders");
    let began = clock.mono();
    for first in (0..count).step_by(CHUNK) {
        let mut entries = Vec::new();
        for number in first..count.min(first + CHUNK) {
            let made = order(number, setup, clock.token())?;
            let key = made.key.clone();
            let via = "form".to_owned();
            for (direction, what) in [
                (Direction::In, What::Order(Box::new(made))),
                (Direction::Out, What::Checkout { via }),
            ] {
                entries.push(node.app.entry(Record::new(direction, what).about(&key)));
            }
        }
        node.app.record(entries).await?;
    }
    let millis = usize::try_from(clock.mono().saturating_sub(began).as_millis())?;
    eprintln!("{} a second", count * 1_000 / millis.max(1));
    node.stop().await;
    Ok(())
}

/// Which of these orders are not paid, by the store and the one derivation of a status.
///
/// # Errors
/// Those of the store.
pub async fn unpaid(
    setup: &Setup,
    clock: &Arc<dyn Clock>,
    numbers: impl Iterator<Item = usize>,
) -> Result<Vec<usize>, Failed> {
    let store = open(setup, clock)?;
    let numbers: Vec<usize> = numbers.collect();
    eprintln!("looking {} orders up", numbers.len());
    let mut lookers = JoinSet::new();
    for part in numbers.chunks(numbers.len().div_ceil(LOOKERS).max(1)) {
        lookers.spawn(look_up(store.clone(), part.to_vec()));
    }
    let mut unpaid = Vec::new();
    while let Some(found) = lookers.join_next().await {
        unpaid.extend(found??);
    }
    Ok(unpaid)
}

async fn look_up(store: Arc<DatabaseStore>, numbers: Vec<usize>) -> Result<Vec<usize>, Failed> {
    let mut unpaid = Vec::new();
    for number in numbers {
        let found = store.order(&key(number)).await?;
        if found.is_none_or(|found| derive(&found.state).status != Status::Paid) {
            unpaid.push(number);
        }
    }
    Ok(unpaid)
}

/// The numbers of the orders in the order in which they are paid: each once, and spread over all that are stored, so
/// that no two payments in a row are neighbours in the tables.
pub fn spread(count: usize) -> impl Iterator<Item = usize> {
    // The golden part of the whole leaves no large gap anywhere; the next number without a common divisor meets all.
    let mut stride = count * 618 / 1000 + 1;
    while divisor(stride, count) != 1 {
        stride += 1;
    }
    (0..count).map(move |step| step * stride % count)
}

fn divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { divisor(b, a % b) }
}

fn open(setup: &Setup, clock: &Arc<dyn Clock>) -> Result<Arc<DatabaseStore>, Failed> {
    let opening = Opening {
        render: Arc::new(Viewer {
            public_url: setup.public_url.clone(),
        }),
        genesis: Genesis::new(&**clock),
        fatal: Box::new(|what| eprintln!("the disk failed: {what}")),
    };
    Ok(Arc::new(DatabaseStore::open(&setup.database, opening)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every order is paid once, whatever their count.
    #[test]
    fn the_spread_meets_every_order_once() {
        for count in [1, 2, 3, 10, 97, 1_000, 20_000] {
            let met: BTreeSet<usize> = spread(count).collect();
            assert_eq!(spread(count).count(), count);
            assert_eq!(met, (0..count).collect(), "{count}");
        }
    }
}
