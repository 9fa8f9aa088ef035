//! What the shop hears: signed, stable ids, tried again, held while it is switched off.

use crate::world::{WEBHOOK_SECRET, Wishes, World};
use serde_json::{Value, json};

async fn pay(world: &World, order_no: &str) {
    world.order(order_no).await;
    world.pay(order_no);
    world
        .until(order_no, |order| order["status"] == "paid")
        .await;
}

/// Shows a delivery that the specification's own library accepts, with the body of the feed.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_signed_and_is_the_feeds_body() {
    let world = World::new().await;
    pay(&world, "A-1").await;
    let received = world.received(2).await;
    let reference = standardwebhooks::Webhook::new(WEBHOOK_SECRET).unwrap();
    let (_, feed) = world.api("GET", "/v1/events", None).await;
    for (headers, body) in &received {
        let mut map = axum::http::HeaderMap::new();
        for (name, value) in headers {
            map.insert(
                name.parse::<axum::http::HeaderName>().unwrap(),
                value.parse().unwrap(),
            );
        }
        reference.verify(body, &map).unwrap();
        let event: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(event["id"], headers["webhook-id"]);
        assert!(
            feed["items"].as_array().unwrap().contains(&event),
            "{event:#}"
        );
    }
    let types: Vec<Value> = received
        .iter()
        .map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap()["type"].clone())
        .collect();
    assert!(
        types.contains(&json!("order.paid")) && types.contains(&json!("payment.recorded")),
        "{types:?}"
    );
}

/// Shows that a shop that fails is told again, with the same id and body; the second try comes after five seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_failing_shop_is_told_again() {
    let world = World::with(Wishes {
        shop_answers: vec![500, 302],
        ..Wishes::default()
    })
    .await;
    pay(&world, "A-1").await;
    let received = world.received(4).await;
    let mut bodies = std::collections::BTreeMap::<String, Vec<&Vec<u8>>>::new();
    for (headers, body) in &received {
        bodies
            .entry(headers["webhook-id"].clone())
            .or_default()
            .push(body);
    }
    assert_eq!(bodies.len(), 2);
    assert!(
        bodies
            .values()
            .all(|tries| tries.len() == 2 && tries[0] == tries[1]),
        "{bodies:?}"
    );
}

/// Shows 410: the endpoint is switched off, what comes meanwhile is held, and enabling it lets everything go.
#[tokio::test(flavor = "multi_thread")]
async fn gone_switches_the_endpoint_off() {
    let world = World::with(Wishes {
        shop_answers: vec![410, 410],
        ..Wishes::default()
    })
    .await;
    pay(&world, "A-1").await;
    world.received(1).await;
    let endpoint = async |wanted: bool| {
        let mut changes = world.app.store.changes();
        while world.api("GET", "/v1/endpoints", None).await.1["items"][0]["enabled"] != wanted {
            changes.recv().await.unwrap();
        }
    };
    endpoint(false).await;
    pay(&world, "A-2").await;
    let (status, _) = world
        .api("POST", "/v1/endpoints/shop", Some(json!({"enabled": true})))
        .await;
    assert_eq!(status, 204);
    endpoint(true).await;
    // One or both of the first order's events were answered 410 before the endpoint was known to be gone.
    let ids = async |count| {
        let received = world.received(count).await;
        received
            .into_iter()
            .map(|(headers, _)| headers["webhook-id"].clone())
            .collect::<std::collections::BTreeSet<_>>()
    };
    if ids(5).await.len() < 4 {
        assert_eq!(ids(6).await.len(), 4, "both events of both orders");
    }
}

/// Shows that an event can be asked for again, and an unknown one is a problem.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_delivered_again_on_request() {
    let world = World::new().await;
    pay(&world, "A-1").await;
    let received = world.received(2).await;
    // Both tries are over when the journal says so: one that is still under way would answer for the new one.
    let mut changes = world.app.store.changes();
    while world
        .kinds("A-1")
        .await
        .iter()
        .filter(|kind| *kind == "delivery")
        .count()
        < 2
    {
        changes.recv().await.unwrap();
    }
    let id = &received[0].0["webhook-id"];
    assert_eq!(
        world
            .api("POST", &format!("/v1/events/{id}/redeliver"), None)
            .await
            .0,
        202
    );
    let received = world.received(3).await;
    assert_eq!(&received[2].0["webhook-id"], id);
    assert_eq!(
        received[2].1,
        received
            .iter()
            .find(|(headers, _)| &headers["webhook-id"] == id)
            .unwrap()
            .1
    );
    let (status, problem) = world
        .api("POST", "/v1/events/evt_none/redeliver", None)
        .await;
    assert_eq!((status, &problem["code"]), (404, &json!("event_unknown")));
}
