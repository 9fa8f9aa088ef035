//! The filter of notifies by address: it keeps noise away, and is never a proof.

use crate::world::{Wishes, World, range};
use quittance_core::facts::Witness;
use quittance_core::gateway::Verdict;
use quittance_sandbox::Kind;
use quittance_server::callback::{Arrival, take};
use serde_json::{Value, json};

/// A world that hears notifies from the documentation's addresses only, through a proxy on this machine if it has one.
async fn filtered(proxy: bool) -> World {
    World::with(Wishes {
        notify_sources: Some(vec![range("192.0.2.0", 24)]),
        trusted_proxies: proxy.then(|| range("127.0.0.1", 32)).into_iter().collect(),
        ..Wishes::default()
    })
    .await
}

/// Posts a notify with this header of a proxy.
async fn notify(world: &World, forwarded: Option<&str>, body: &[u8]) -> String {
    let call = world.client.post(format!("{}/notify/main", world.url));
    let call = match forwarded {
        Some(address) => call.header("x-forwarded-for", address),
        None => call,
    };
    let call = call.header("content-type", "application/x-www-form-urlencoded");
    call.body(body.to_vec())
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

/// Shows that a genuine notify from elsewhere is answered `fail`, junk in the journal and in the counters, and makes
/// nobody ask anything; and that the payment is learnt by asking all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_notify_from_elsewhere_is_junk() {
    let world = filtered(false).await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let genuine = world.genuine("A-1");
    for forwarded in [None, Some("192.0.2.1")] {
        // SEC-101: without a trusted proxy the header is whatever the caller wrote.
        assert_eq!(notify(&world, forwarded, &genuine).await, "fail");
    }
    let (_, metrics) = text(&world, "/metrics").await;
    let counted =
        "account=\"main\",witness=\"notify\",verdict=\"foreign_source\",acked=\"false\"} 2";
    assert!(metrics.contains(counted), "{metrics}");
    let order = world.show("A-1").await;
    assert_eq!(
        (&order["status"], &order["checks"]["done"]),
        (&json!("unpaid"), &json!(0))
    );
    assert_eq!(
        world.calls("A-1", Kind::NotifyVerify) + world.calls("A-1", Kind::Query),
        0
    );
    // What the journal holds of it names no order: it was not looked into.
    assert!(!world.kinds("A-1").await.contains(&"notify".to_owned()));
    let (_, answer) = world.api("POST", "/v1/orders/main/A-1/verify", None).await;
    assert_eq!(answer["status"], "paid", "{answer}");
}

/// Shows that the filter hears the address that a trusted proxy names, the last one and no other, and that what passes
/// it is verified as ever.
#[tokio::test(flavor = "multi_thread")]
async fn the_address_is_the_one_that_a_trusted_proxy_names() {
    let world = filtered(true).await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let genuine = world.genuine("A-1");
    for spoofed in ["198.51.100.7", "192.0.2.1, 198.51.100.7", "nonsense"] {
        assert_eq!(
            notify(&world, Some(spoofed), &genuine).await,
            "fail",
            "{spoofed}"
        );
    }
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    let forged = [&genuine[..], b"0"].concat();
    assert_eq!(notify(&world, Some("192.0.2.1"), &forged).await, "fail");
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    let seen = notify(&world, Some("198.51.100.7, 192.0.2.1"), &genuine).await;
    assert_eq!(seen, "success");
    assert_eq!(world.show("A-1").await["status"], "paid");
}

/// Shows that a return is never filtered: a browser comes from anywhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_return_comes_from_anywhere() {
    let world = filtered(false).await;
    world.order("A-1").await;
    let back = world.pay_silently("A-1");
    let reply = world.client.get(back).send().await.unwrap();
    assert_eq!(reply.status(), 303);
    assert_eq!(world.show("A-1").await["status"], "paid");
}

/// Shows that a caller whom nobody can name does not pass a filter, and that a flood from elsewhere takes a bounded place
/// in the journal.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_from_elsewhere_is_summed_up() {
    let mut world = filtered(false).await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let genuine = world.genuine("A-1");
    let account = world.app.account("main").unwrap().clone();
    for client in std::iter::repeat_n(None, 70) {
        let arrival = Arrival {
            witness: Witness::Notify,
            wire: genuine.clone(),
            client,
        };
        let taken = take(&world.app, &account, arrival).await;
        assert_eq!(
            (taken.acked, taken.verdict),
            (false, Verdict::ForeignSource)
        );
    }
    world.begin_to_stop();
    world.ended().await;
    let filter = quittance_server::store::JournalFilter {
        order: None,
        after: 0,
        limit: 200,
        ..Default::default()
    };
    let page = world.app.store.journal(filter).await.unwrap();
    let items: Vec<Value> = page
        .items
        .iter()
        .map(|entry| serde_json::to_value(quittance_server::view::entry_view(entry)).unwrap())
        .collect();
    let singly = items
        .iter()
        .filter(|item| item["verdict"] == "foreign_source");
    assert_eq!(singly.clone().count(), 60);
    for item in singly {
        assert_eq!(
            (&item["order_no"], &item["answered"]),
            (&Value::Null, &json!("fail"))
        );
    }
    assert_eq!(
        items.iter().filter(|item| item["kind"] == "junk").count(),
        1
    );
}

async fn text(world: &World, path: &str) -> (u16, String) {
    let call = world.client.get(format!("{}{path}", world.url));
    let reply = call.send().await.unwrap();
    (reply.status().as_u16(), reply.text().await.unwrap())
}
