//! What may go wrong beside the main way: panics, clocks, late and missing answers.

use crate::world::{KEY, PARTNER, World, setup};
use quittance_core::entry::{Callback, Direction, Record, What};
use quittance_core::facts::Proof;
use quittance_core::params::Params;
use quittance_core::settings::RequireAbove;
use quittance_core::sign::{md5_sign, presign};
use quittance_core::{Currency, Money};
use quittance_sandbox::Faults;
use quittance_server::clock::Clock;
use quittance_server::node::Node;
use secrecy::SecretString;
use serde_json::json;

async fn post(world: &World, body: String) -> String {
    let request = axum::http::Request::post("/notify/main")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(body))
        .unwrap();
    let reply = tower::ServiceExt::oneshot(world.node.router.clone(), request)
        .await
        .unwrap();
    let body = axum::body::to_bytes(reply.into_body(), 1 << 20)
        .await
        .unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}
fn batch(trade_no: &str) -> String {
    let mut params = Params::new();
    let details = format!("{trade_no}^0.30^SUCCESS");
    for (name, value) in [
        ("notify_type", "batch_refund_notify"),
        ("notify_id", "abcdef"),
        ("notify_time", "2026-01-01 10:00:00"),
        ("batch_no", "20260101001"),
        ("success_num", "1"),
        ("result_details", &*details),
    ] {
        params.push(name, value.as_bytes()).unwrap();
    }
    let sign = md5_sign(&presign(&params), &SecretString::from(KEY));
    params.push("sign", sign.as_bytes()).unwrap();
    params.push("sign_type", b"MD5").unwrap();
    params.to_wire()
}

/// Shows that a step that panics keeps no place: the orders beside it go on (F-45).
#[tokio::test(start_paused = true)]
async fn a_poison_order_leaves_the_others_alone() {
    let world = World::new().await;
    world.order("BAD-1").await;
    *world.wire.poison.lock().unwrap() = Some("BAD-1".into());
    world.pass(24 * 3_600).await;
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    world.pass(60).await;
    assert_eq!(world.show("A-1").await["status"], "paid");
}

/// Shows that what was due is not put off when the wall clock goes back by a day (F-23, F-24).
#[tokio::test(start_paused = true)]
async fn a_clock_that_goes_back_stops_no_checks() {
    let world = World::new().await;
    world.order("A-1").await;
    world.open("A-1");
    world.pass(6).await;
    world.clock.jump(-24 * 3_600);
    world.order("A-2").await; // wakes the workers
    world.pay("A-1");
    world.pass(2 * 1_800).await;
    assert_eq!(world.show("A-1").await["status"], "paid");
    assert!(world.told().contains(&"order.paid".to_owned()));
}

/// Shows the same for a wall clock that is set back while the server is down: the journal ends in the future.
#[tokio::test(start_paused = true)]
async fn a_clock_that_goes_back_during_an_outage_stops_no_checks() {
    let world = World::new().await;
    world.order("A-1").await;
    world.open("A-1");
    world.pass(60).await;
    let store = world.node.app.store.clone();
    let World { node, wire, clock } = world;
    drop(node);
    clock.jump(-24 * 3_600);
    let seam: std::sync::Arc<dyn Clock> = clock.clone();
    let node = Node::start(setup(), seam, wire.clone(), store)
        .await
        .unwrap();
    let world = World { node, wire, clock };
    world.pay("A-1");
    world.pass(2 * 1_800).await;
    assert_eq!(world.show("A-1").await["status"], "paid");
}

/// Shows that a claim addressed by its trade is looked up too: no second verify call, acked again.
#[tokio::test(start_paused = true)]
async fn a_batch_refund_whose_ack_was_lost_is_acked_again() {
    let world = World::new().await;
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    world.pass(6).await;
    let trade = world.show("A-1").await["trades"][0]["trade_no"]
        .as_str()
        .unwrap()
        .to_owned();
    *world.wire.opinions.lock().unwrap() = vec!["false", "true"];
    assert_eq!(post(&world, batch(&trade)).await, "success");
    assert_eq!(world.show("A-1").await["status"], "partially_refunded");
    assert_eq!(
        post(&world, batch(&trade)).await,
        "success",
        "the same claim stands"
    );
    assert_eq!(world.asked("notify_verify").len(), 1);
}

/// Shows that a refund whose order needs a query is acked only when somebody asks.
#[tokio::test(start_paused = true)]
async fn a_refund_below_the_required_proof_is_not_forgotten() {
    let world = World::with(|policy| {
        policy.require_above = Some(RequireAbove {
            amount: Money::new(50, Currency::CNY),
            proof: Proof::Queried,
        });
    })
    .await;
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    world.pass(6).await;
    let trade = world.show("A-1").await["trades"][0]["trade_no"]
        .as_str()
        .unwrap()
        .to_owned();
    let before = world.asked("single_trade_query").len();
    *world.wire.opinions.lock().unwrap() = vec!["true"];
    let said = post(&world, batch(&trade)).await;
    world.pass(3_600).await;
    let asked = world.asked("single_trade_query").len() > before;
    let counts = world.show("A-1").await["status"] == "partially_refunded";
    assert!(
        said == "fail" || asked || counts,
        "acked, does not count, and nobody asks"
    );
}

/// Shows that giving up needs no call, and so no account in the settings.
#[tokio::test(start_paused = true)]
async fn an_order_of_an_account_that_left_is_given_up() {
    let world = World::new().await;
    let order = r#"{"account":"main","order_no":"A-1","subject":"a book","amount":"1.00"}"#;
    assert_eq!(world.call("POST", "/v1/orders", order).await.0, 201);
    let mut without = setup();
    without.accounts.clear();
    let store = world.node.app.store.clone();
    let World { node, wire, clock } = world;
    drop(node);
    let seam: std::sync::Arc<dyn Clock> = clock.clone();
    let node = Node::start(without, seam, wire, store).await.unwrap();
    clock
        .sleep_until(clock.mono() + std::time::Duration::from_secs(48 * 3_600))
        .await;
    let key = quittance_core::OrderKey::new("main", "A-1");
    let state = node.app.store.order(&key).await.unwrap().unwrap().state;
    assert!(state.closed_at.is_some(), "{:?}", state.checks);
}

/// Shows that a query that ended in a panic does not keep those who come later waiting.
#[tokio::test(start_paused = true)]
async fn a_query_that_panicked_is_over() {
    let world = World::new().await;
    world.order("A-1").await;
    world.open("A-1");
    *world.wire.poison.lock().unwrap() = Some("A-1".into());
    assert_eq!(
        world.call("POST", "/v1/orders/main/A-1/verify", "").await.1["answer"],
        json!("unknown")
    );
    *world.wire.poison.lock().unwrap() = None;
    world.pass(3).await;
    assert_eq!(
        world.call("POST", "/v1/orders/main/A-1/verify", "").await.1["answer"],
        json!("unpaid")
    );
}

/// Shows that a question without an answer stays a question.
#[tokio::test(start_paused = true)]
async fn a_marked_refund_is_found_although_the_gateway_was_silent() {
    let world = World::new().await;
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    world.pass(6).await;
    assert_eq!(world.show("A-1").await["status"], "paid");
    let refund = world.wire.gateway.lock().unwrap().refund(
        world.clock.wall(),
        PARTNER,
        "A-1",
        Money::new(30, Currency::CNY),
    );
    assert!(refund.is_ok(), "refunded at the gateway");
    let notify = world
        .wire
        .gateway
        .lock()
        .unwrap()
        .genuine_notify(world.clock.wall(), PARTNER, "A-1")
        .unwrap();
    world.misbehave("A-1", Faults::query_down());
    assert_eq!(
        post(&world, String::from_utf8(notify).unwrap()).await,
        "success"
    );
    world.pass(60).await;
    world.misbehave("A-1", Faults::default());
    world.pass(2 * 24 * 3_600).await;
    assert_eq!(world.show("A-1").await["status"], "partially_refunded");
}

/// Shows that a query sent before a refund was told does not settle what was told after it.
#[tokio::test(start_paused = true)]
async fn an_answer_from_before_settles_no_later_question() {
    let world = World::new().await;
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    world.pass(6).await;
    *world.wire.slow.lock().unwrap() = std::time::Duration::from_secs(3);
    for part in [30, 20] {
        let (now, sum) = (world.clock.wall(), Money::new(part, Currency::CNY));
        assert!(
            world
                .wire
                .gateway
                .lock()
                .unwrap()
                .refund(now, PARTNER, "A-1", sum)
                .is_ok()
        );
        let notify = world
            .wire
            .gateway
            .lock()
            .unwrap()
            .genuine_notify(now, PARTNER, "A-1")
            .unwrap();
        assert_eq!(
            post(&world, String::from_utf8(notify).unwrap()).await,
            "success"
        );
        world.pass(1).await;
    }
    world.pass(2 * 24 * 3_600).await;
    let order = world.show("A-1").await;
    let refunded: Vec<_> = world
        .wire
        .told
        .lock()
        .unwrap()
        .iter()
        .map(|(_, e)| e["type"].clone())
        .collect();
    assert_eq!(
        refunded
            .iter()
            .filter(|t| *t == "order.partially_refunded")
            .count(),
        2,
        "{order} {refunded:?}"
    );
}

fn genuine(world: &World) -> String {
    let body = world
        .wire
        .gateway
        .lock()
        .unwrap()
        .genuine_notify(world.clock.wall(), PARTNER, "A-1")
        .unwrap();
    String::from_utf8(body).unwrap()
}
async fn paid_silently(world: &World) {
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
}

/// Shows that nothing but the exact word is a yes (SEC-014).
#[tokio::test(start_paused = true)]
async fn garbage_for_an_opinion_is_no_yes() {
    for garbage in ["", "TRUE", "true\n", "<html>true", "untrue"] {
        let world = World::new().await;
        paid_silently(&world).await;
        world.misbehave("A-1", Faults::query_down());
        world.wire.opinions.lock().unwrap().push(garbage);
        assert_eq!(post(&world, genuine(&world)).await, "fail", "{garbage:?}");
        world.pass(1).await;
        let order = world.show("A-1").await;
        assert_eq!(
            (&order["status"], &order["trades"][0]["counted"]),
            (&json!("unpaid"), &json!(false))
        );
    }
}

/// Shows that a claim which another witness brought to stand meanwhile is acked.
#[tokio::test(start_paused = true)]
async fn a_claim_that_came_to_stand_meanwhile_is_acked() {
    let world = World::new().await;
    paid_silently(&world).await;
    world.wire.opinions.lock().unwrap().push("false");
    *world.wire.slow_opinion.lock().unwrap() = std::time::Duration::from_millis(500);
    let query = async {
        world
            .clock
            .sleep_until(world.clock.mono() + std::time::Duration::from_millis(100))
            .await;
        world.call("POST", "/v1/orders/main/A-1/verify", "").await
    };
    let (said, _) = tokio::join!(post(&world, genuine(&world)), query);
    assert_eq!(said, "success");
}

/// Shows that what only a query can prove is acked only when one is due.
#[tokio::test(start_paused = true)]
async fn only_by_query_is_acked_only_while_a_query_is_due() {
    let world = World::with(|policy| {
        policy.require_above = Some(RequireAbove {
            amount: Money::new(50, Currency::CNY),
            proof: Proof::Queried,
        });
    })
    .await;
    paid_silently(&world).await;
    world.misbehave("A-1", Faults::query_down());
    let key = quittance_core::OrderKey::new("main", "A-1");
    for _ in 0..20 {
        let mut record = Record::new(Direction::In, What::Notify(Callback::default())).about(&key);
        record.verdict = Some(quittance_core::gateway::Verdict::Ambiguous);
        world
            .node
            .app
            .record(vec![world.node.app.entry(record)])
            .await
            .unwrap();
        world.pass(6).await;
    }
    assert_eq!(
        post(&world, genuine(&world)).await,
        "fail",
        "the bucket is empty: no query is due"
    );
    world.pass(3_600).await;
    assert_eq!(post(&world, genuine(&world)).await, "success");
}

/// Shows that a step whose end is never recorded is laid aside, and that the journal says so.
#[tokio::test(start_paused = true)]
async fn a_step_without_an_end_is_laid_aside_after_three_tries() {
    let world = World::new().await;
    world.order("BAD-1").await;
    *world.wire.poison.lock().unwrap() = Some("BAD-1".into());
    world.pass(1_200).await;
    let filter = quittance_server::store::JournalFilter {
        limit: 200,
        ..Default::default()
    };
    let rows = world.node.app.store.journal(filter).await.unwrap().items;
    assert!(rows.iter().any(|row| row.kind == 21));
}

/// Shows that a clock jump gives nothing up at once, and that it is given up later.
#[tokio::test(start_paused = true)]
async fn after_a_jump_nothing_is_given_up_for_two_minutes() {
    let world = World::new().await;
    let order = r#"{"account":"main","order_no":"A-1","subject":"a book","amount":"1.00"}"#;
    assert_eq!(world.call("POST", "/v1/orders", order).await.0, 201);
    world.pass(1).await;
    world.clock.jump(2 * 24 * 3_600);
    world.order("A-2").await; // Any commit wakes the workers.
    world.pass(110).await;
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    world.pass(20).await;
    assert_eq!(world.show("A-1").await["status"], "closed");
}

/// Shows that those who wait ask for a minute and then no more, and that one who presses a button, or calls for a
/// verification, is heard after that minute too: once, and again when five seconds have passed.
#[tokio::test(start_paused = true)]
async fn who_presses_is_heard_after_the_minute() {
    let world = World::new().await;
    world.order("A-1").await;
    world.open("A-1");
    let asked = || world.asked("single_trade_query").len();
    let verify = || world.call("POST", "/v1/orders/main/A-1/verify", "");
    for _ in 0..2 {
        world.call("GET", "/v1/orders/main/A-1?wait=30", "").await;
    }
    let in_the_minute = asked();
    assert!(in_the_minute > 20, "{in_the_minute}");
    world.call("GET", "/v1/orders/main/A-1?wait=10", "").await;
    assert!(asked() <= in_the_minute + 1, "those who wait have asked");

    let before = asked();
    assert_eq!(verify().await.1["answer"], "unpaid");
    assert_eq!(asked(), before + 1, "who presses is heard");
    assert_eq!(verify().await.1["answer"], "unknown");
    assert_eq!(asked(), before + 1, "and not heard twice at once");
    world.pass(5).await;
    assert_eq!(verify().await.1["answer"], "unpaid");
    assert_eq!(asked(), before + 2);
}
