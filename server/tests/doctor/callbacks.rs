//! What came in: signatures, second opinions, charsets, and what never came (seed 001 5.2 1D, 1E, 3A; 5.3).

use crate::fronts::Front;
use crate::settings::PAIR;
use crate::world::{Wishes, World};
use quittance_core::entry::What;
use quittance_core::gateway::Verdict as Read;
use quittance_sandbox::{Faults, QueryKind, VerifyKind};
use quittance_server::store::Examined;

fn heard(examined: &Examined, verdict: Read) -> bool {
    examined.heard["main"].iter().any(|one| {
        matches!(one.record.what, What::Notify(_)) && one.record.verdict == Some(verdict)
    })
}

/// A firewall on the way took values away: the search names what is missing, though nobody is called.
#[tokio::test]
async fn a_body_that_was_changed_on_the_way_is_told_by_its_signature() {
    let world = World::with(Wishes {
        front: Some(Front::Filter),
        ..Wishes::default()
    })
    .await;
    world.order("A-1", "tea").await;
    world.pay("A-1");
    world
        .until(|examined| heard(examined, Read::BadSignature))
        .await;
    world.fails(false, "signatures", "none_verifies").await;
    world.fails(true, "inbound", "body_changed").await;
}

#[tokio::test]
async fn a_public_key_that_is_not_the_gateway_s_is_told() {
    let pair = PAIR.replace("\"PUBLIC\"", "\"OTHER_PUBLIC\"");
    let world = World::with(Wishes {
        rsa: true,
        ..Wishes::edited(&[("key = { env = \"KEY\" }", &pair)])
    })
    .await;
    world.order("A-1", "tea").await;
    world.pay("A-1");
    world
        .until(|examined| heard(examined, Read::BadSignature))
        .await;
    let found = world.fails(false, "signatures", "none_verifies").await;
    assert!(found.fix.unwrap().en.contains("gateway_public_key"));
}

/// Junk from the internet is no fault of the settings.
#[tokio::test]
async fn strangers_are_not_held_against_the_settings() {
    let world = World::new().await;
    for body in [
        "a=1",
        "out_trade_no=1&sign=0123456789abcdef0123456789abcdef&sign_type=MD5",
    ] {
        assert_eq!(world.post("/notify/main", body).await, "fail");
    }
    world.order("A-1", "tea").await;
    world.pay("A-1");
    world.until(|examined| heard(examined, Read::Genuine)).await;
    assert_eq!(world.report(false).await.first(), None);
}

#[tokio::test]
async fn an_opinion_that_is_not_true_is_told_with_its_cause() {
    for (verify, code) in [
        (VerifyKind::False, "opinion_false"),
        (VerifyKind::Garbage, "opinion_silent"),
        (VerifyKind::Down, "opinion_silent"),
    ] {
        let world = World::new().await;
        let mut faults = Faults::default();
        faults.verify.kind = verify;
        faults.query.kind = QueryKind::Down;
        world.gateway.with(|gateway| gateway.set_faults(faults));
        world.order("A-1", "tea").await;
        world.pay("A-1");
        world.until(|examined| heard(examined, Read::Genuine)).await;
        world.fails(false, "opinions", code).await;
        let report = world.report(false).await;
        let stuck = report
            .findings
            .iter()
            .find(|one| one.check.name() == "orders");
        assert_eq!(stuck.unwrap().code, "claim_does_not_count");
    }
}

#[tokio::test]
async fn notifies_that_never_come_are_told() {
    let mut world = World::new().await;
    world
        .gateway
        .with(|gateway| gateway.set_faults(Faults::lost_notify()));
    world.order("A-1", "tea").await;
    world.pay("A-1");
    let (_, verified) = world.api("POST", "/v1/orders/main/A-1/verify", None).await;
    assert_eq!(verified["status"], "paid", "{verified}");
    let counted = world.metrics().await;
    assert!(
        counted.contains("quittance_notifies_missed_total{account=\"main\"} 1\n"),
        "{counted}"
    );
    world.ahead_secs = 120;
    world.fails(false, "notifies", "missed").await;

    // One that comes at last is late, and all is well again.
    let genuine = world.genuine("A-1");
    assert_eq!(world.post("/notify/main", genuine).await, "success");
    let counted = world.metrics().await;
    assert!(
        counted.contains("quittance_notifies_late_total{account=\"main\"} 1\n"),
        "{counted}"
    );
    assert_eq!(world.report(false).await.first(), None);
}

/// The shop read its own UTF-8 as GBK before it called.
#[tokio::test]
async fn a_title_that_the_shop_garbled_is_told_with_the_side_that_is_wrong() {
    let world = World::new().await;
    world.order("A-1", "娴嬭瘯鍟嗗搧").await;
    let found = world.fails(false, "charset", "shop_garbles").await;
    assert!(found.detail.en.contains("the shop's side") && found.detail.en.contains("测试商品"));
}

/// The account's charset was changed while an order was under way: the gateway keeps to the old one.
#[tokio::test]
async fn a_charset_that_was_changed_is_told() {
    let mut world = World::new().await;
    world.order("A-1", "绿茶一盒").await;
    world
        .restarted("charset = \"utf-8\"", "charset = \"gbk\"")
        .await;
    world.pay("A-1");
    world
        .until(|examined| examined.heard["main"].iter().any(|one| one.body.is_some()))
        .await;
    let found = world.fails(false, "charset", "callback_garbled").await;
    assert!(found.detail.en.contains("the gateway's side"), "{found:?}");
}
