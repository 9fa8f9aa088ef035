//! The shop's side (seed 001 5.2 1D, 3C).

use crate::world::{Shop, Wishes, World};
use quittance_server::doctor::Verdict;

#[tokio::test]
async fn an_endpoint_that_does_not_take_a_signed_ping_is_told() {
    for (shop, code) in [
        (Shop::OtherSecret, "refused"),
        (Shop::Broken, "error"),
        (Shop::Absent, "unreachable"),
        (Shop::Login, "redirected"),
    ] {
        let world = World::with(Wishes {
            shop,
            ..Wishes::default()
        })
        .await;
        world.fails(true, "webhook", code).await;
    }
    let world = World::with(Wishes::edited(&[("/hooks", "/hook")])).await;
    world.fails(true, "webhook", "not_there").await;
}

#[tokio::test]
async fn an_endpoint_that_takes_anything_is_told() {
    let world = World::with(Wishes {
        shop: Shop::Careless,
        ..Wishes::default()
    })
    .await;
    world
        .tells(true, "webhook", "takes_anything", Verdict::Warn)
        .await;
}

/// Paid, and the shop's code fails: the order does not update there.
#[tokio::test]
async fn events_that_fail_are_told_without_a_call() {
    let world = World::with(Wishes {
        shop: Shop::Broken,
        ..Wishes::default()
    })
    .await;
    world.order("A-1", "tea").await;
    world.pay("A-1");
    world
        .until(|examined| {
            examined
                .endpoints
                .get("shop")
                .is_some_and(|shop| shop.failing > 0)
        })
        .await;
    let found = world.fails(false, "deliveries", "failing").await;
    assert!(found.detail.en.contains("500"), "{found:?}");
}
