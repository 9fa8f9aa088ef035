//! Callbacks that the store weighs itself, in the transaction that writes them down. Part of the conformance suite.

use crate::world::{Site, append, at, cny, create, entry, key, order, own, paid, payment, put};
use quittance_core::entry::{Record, What};
use quittance_core::facts::Proof;
use quittance_core::fold::Refused;
use quittance_core::gateway::Address;
use quittance_server::store::{JournalFilter, NewEntry, Store, Weigh};

/// A signed callback about this order that nobody has weighed.
fn unweighed(secs: i64, order_no: &str, trade_no: &str) -> NewEntry {
    let mut entry = paid(secs, order_no, trade_no, 100);
    entry.record.answered = None;
    entry.weigh = Some(Weigh {
        ack: "success",
        opinion: true,
    });
    entry
}

/// An order that needs more than a signature: made when the policy asked for it.
fn demanding(require: Proof) -> NewEntry {
    let mut order = order(&key("A-1"), 100);
    order.require = require;
    entry(1, own(What::Order(Box::new(order))).about(&key("A-1")))
}

async fn answers(store: &dyn Store) -> Vec<String> {
    let filter = JournalFilter {
        order: Some(key("A-1")),
        limit: 99,
        ..JournalFilter::default()
    };
    let rows = store.journal(filter).await.unwrap().items;
    let records = rows.iter().map(|row| Record::parse(&row.header).unwrap());
    records.filter_map(|record| record.answered).collect()
}

/// What counts is acked, and the journal has the answer that the gateway reads.
pub async fn a_signed_callback_is_weighed_where_it_is_written(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let first = append(&*store, unweighed(2, "A-1", "T1")).await.unwrap();
    assert!(first.acked);
    // An order that is not there yet: the policy decides.
    let stranger = append(&*store, unweighed(3, "A-2", "T2")).await.unwrap();
    assert!(stranger.acked);
    // Nothing is claimed: heard is enough.
    let mut silent = unweighed(4, "A-1", "T1");
    silent.record.claims.clear();
    assert!(append(&*store, silent).await.unwrap().acked);
    assert_eq!(answers(&*store).await, ["success"; 2]);
}

/// Where the order asks for the gateway's own word nothing is written, unless the claim stands counted already or the
/// gateway has no word to give.
pub async fn a_callback_that_needs_more_is_not_written(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![demanding(Proof::Confirmed)]).await;
    let refused = append(&*store, unweighed(2, "A-1", "T1")).await;
    assert_eq!(refused.unwrap_err(), Refused::OpinionWanted);
    assert_eq!(answers(&*store).await, [""; 0]);
    let mut wordless = unweighed(3, "A-1", "T1");
    wordless.weigh = Some(Weigh {
        ack: "success",
        opinion: false,
    });
    assert!(!append(&*store, wordless).await.unwrap().acked);
    assert_eq!(answers(&*store).await, ["fail"]);
    let mut confirmed = paid(4, "A-1", "T1", 100);
    confirmed.record.claims = vec![payment(Address::OrderNo("A-1".into()), "T1", 100)];
    confirmed.record.claims[0].proof = Proof::Confirmed;
    put(&*store, vec![confirmed]).await;
    assert!(
        append(&*store, unweighed(5, "A-1", "T1"))
            .await
            .unwrap()
            .acked
    );
    let state = store.order(&key("A-1")).await.unwrap().unwrap().state;
    assert_eq!((state.order.amount, state.paid_at), (cny(100), Some(at(4))));
}

/// What can only be proven by a query is acked where that query is due.
pub async fn a_callback_that_only_a_query_proves_is_acked_when_one_is_due(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![demanding(Proof::Queried)]).await;
    assert!(
        append(&*store, unweighed(2, "A-1", "T1"))
            .await
            .unwrap()
            .acked
    );
    let state = store.order(&key("A-1")).await.unwrap().unwrap().state;
    assert_eq!((state.paid_at, state.checks.ask_at), (None, Some(at(2))));
}
