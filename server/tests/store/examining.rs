//! What a doctor looks at. Part of the conformance suite.

use crate::world::{
    ACCOUNT, SHOP, Site, at, checkout, create, create_in, entry, numbers, own, paid, put,
};
use quittance_core::OrderKey;
use quittance_core::entry::{Attempt, Callback, Direction, Outcome, Record, What};
use quittance_core::gateway::Verdict;
use quittance_server::store::Counts;

/// Nothing is wrong, then a question is overdue, then a payment does not fit and the shop does not listen.
pub async fn what_is_wrong_is_counted_and_named(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100), checkout(2, "A-1")]).await;
    let other = OrderKey::new("other", "A-2");
    put(&*store, vec![create_in(1, &other, 100)]).await;
    assert_eq!(store.counts(at(60)).await.unwrap(), Counts::default());
    let examined = store.examine(at(60)).await.unwrap();
    let newest = numbers(&*store).await.pop().unwrap();
    assert_eq!((examined.seq, examined.cursor), (newest, newest));
    assert_eq!(examined.newest_at, at(1));
    assert!(examined.behind.is_empty() && examined.endpoints.is_empty());
    assert_eq!(examined.cluster.is_some(), !site.one_chain());

    // The check was due at 7; it is late from 127 on.
    let late = store.examine(at(200)).await.unwrap();
    assert_eq!(late.counts.behind, 1);
    assert_eq!(late.behind[0].0, OrderKey::new(ACCOUNT, "A-1"));
    assert_eq!(late.behind[0].1, at(7));

    put(&*store, vec![paid(10, "A-1", "T1", 99)]).await;
    let due = store
        .take_deliveries(at(11), at(60), 1)
        .await
        .unwrap()
        .remove(0);
    let attempt = Attempt {
        event: due.delivery.event.clone(),
        endpoint: SHOP.to_owned(),
        attempt: 1,
        outcome: Outcome::Failed,
        status: Some(500),
        retry_after_secs: None,
    };
    let record = Record::new(Direction::Out, What::Delivery(attempt));
    put(&*store, vec![entry(12, record).ending(Some(due.lease))]).await;
    let examined = store.examine(at(13)).await.unwrap();
    assert_eq!(examined.counts.discrepancies, 1);
    assert_eq!(examined.discrepancies.len(), 1);
    let shop = &examined.endpoints[SHOP];
    assert_eq!(
        (shop.pending, shop.failing, shop.held, shop.dead),
        (2, 1, 0, 0)
    );
    assert!(shop.last.as_ref().unwrap().contains("500"), "{shop:?}");

    let abandoned = What::Abandoned {
        event: Some(due.delivery.event),
        endpoint: Some(SHOP.to_owned()),
    };
    put(&*store, vec![entry(14, own(abandoned))]).await;
    let examined = store.examine(at(15)).await.unwrap();
    assert_eq!(
        (examined.counts.dead, examined.endpoints[SHOP].dead),
        (1, 1)
    );
}

/// Of each account its own, the newest first, no more than a person would read; with the bytes, wherever they are kept.
pub async fn callbacks_are_found_with_their_bytes(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let mut received = entry(2, Record::new(Direction::In, What::Received {}));
    received.body = Some(b"as it came".to_vec());
    let earlier = put(&*store, vec![received]).await[0].seq;
    let mut answered = paid(3, "A-1", "T1", 100);
    answered.body = None;
    answered.record.what = What::Notify(Callback {
        received: Some(earlier),
        ..Callback::default()
    });
    put(&*store, vec![answered]).await;
    let junk = |account: &str| {
        let mut record = Record::new(Direction::In, What::Notify(Callback::default()));
        record.account = Some(account.to_owned());
        record.verdict = Some(Verdict::BadSignature);
        let mut junk = entry(4, record);
        junk.body = Some(b"junk".to_vec());
        junk
    };
    put(&*store, vec![junk("other"), junk(ACCOUNT)]).await;
    let examined = store.examine(at(5)).await.unwrap();
    let bodies = |account: &str| -> Vec<Vec<u8>> {
        let heard = &examined.heard[account];
        heard.iter().map(|one| one.body.clone().unwrap()).collect()
    };
    assert_eq!(bodies(ACCOUNT), [b"junk".to_vec(), b"as it came".to_vec()]);
    assert_eq!(bodies("other"), [b"junk".to_vec()]);
    assert_eq!(examined.orders[ACCOUNT].len(), 1);

    put(&*store, vec![junk(ACCOUNT); 60]).await;
    let examined = store.examine(at(5)).await.unwrap();
    assert_eq!(examined.heard[ACCOUNT].len(), 40);
    let newest = examined.heard[ACCOUNT][0].seq;
    assert_eq!(newest, examined.seq);
}
