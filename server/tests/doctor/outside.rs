//! Our own addresses from outside (seed 001 5.2 1B, 1F, 1G, 2C, 2E; 4.4).

use crate::fronts::Front;
use crate::world::{Wishes, World};
use quittance_sandbox::Faults;
use quittance_server::doctor::Verdict;

#[tokio::test]
async fn what_answers_in_our_place_is_told_by_its_kind() {
    for (front, code) in [
        (Front::Login, "redirected"),
        (Front::Moved, "redirected"),
        (Front::LineBreak, "answer_changed"),
        (Front::Session, "cookie"),
        (Front::Challenge, "html"),
        (Front::Blank, "blank"),
        (Front::BadGateway, "error_page"),
        (Front::Forbidden, "error_page"),
        (Front::Script, "not_ours"),
        (Front::Filter, "body_changed"),
    ] {
        let world = World::with(Wishes {
            front: Some(front),
            ..Wishes::default()
        })
        .await;
        let report = world.report(true).await;
        let first = report.first().unwrap();
        let told = (first.check.name(), &*first.code);
        assert_eq!(told, ("inbound", code), "{front:?}: {first:?}");
    }
}

#[tokio::test]
async fn a_public_address_that_nobody_reaches_is_told() {
    let nobody = (
        "public_url = \"http://127.0.0.1:",
        "public_url = \"http://127.0.0.1:9/\" # ",
    );
    let world = World::with(Wishes::edited(&[nobody])).await;
    world.fails(true, "inbound", "unreachable").await;

    let name = (
        "public_url = \"http://127.0.0.1:",
        "public_url = \"https://pay.example.com\" # ",
    );
    let mut wishes = Wishes::edited(&[name]);
    wishes.names = [("pay.example.com", vec![])].into();
    let world = World::with(wishes).await;
    world.fails(true, "inbound", "name_unknown").await;
}

/// Two servers behind one name: the proxy leads to the other one.
#[tokio::test]
async fn another_quittance_is_no_quittance_of_ours() {
    let other = World::new().await;
    let to_other = format!("public_url = \"http://{}\" # ", other.listen);
    let world = World::with(Wishes {
        edits: vec![("public_url = \"http://127.0.0.1:", to_other)],
        ..Wishes::default()
    })
    .await;
    world.fails(true, "inbound", "another_server").await;
}

/// Seed 001 5.2 2E: the address changed, and notifies stopped.
#[tokio::test]
async fn a_moved_server_is_told_to_rename_its_notify_path() {
    let mut wishes = Wishes::edited(&[(
        "public_url = \"http://127.0.0.1:",
        "public_url = \"http://localhost:",
    )]);
    wishes.names = [("localhost", vec!["192.0.2.1".parse().unwrap()])].into();
    let mut world = World::with(wishes).await;
    assert!(world.report(true).await.ok());

    world
        .gateway
        .with(|gateway| gateway.set_faults(Faults::lost_notify()));
    world.order("A-1", "tea").await;
    world.pay("A-1");
    let (_, verified) = world.api("POST", "/v1/orders/main/A-1/verify", None).await;
    assert_eq!(verified["status"], "paid", "{verified}");
    world.names = [("localhost", vec!["192.0.2.2".parse().unwrap()])].into();
    world.ahead_secs = 120;
    let found = world.fails(true, "address-changed", "changed").await;
    let renamed = format!("http://localhost:{}/notify/main/2", world.listen.port());
    assert!(found.fix.unwrap().en.contains(&renamed));
    // It is told again until notifies come.
    let again = world.fails(true, "address-changed", "changed").await;
    assert_eq!(again.verdict, Verdict::Fail);
}
