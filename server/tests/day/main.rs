//! The node under paused time: a day of an order's schedule passes in well under a second. The real router, workers
//! and engine run; only clock, transport and the store's thread are replaced.

#[path = "../both/dinpay.rs"]
#[expect(dead_code, reason = "the other binary needs more of it")]
mod both;
mod codepay;
mod dinpay;
mod faults;
mod odds;
mod refunds;
mod returns;
mod scan;
mod statements;
mod world;

use quittance_sandbox::Faults;
use quittance_server::clock::Clock;
use serde_json::{Value, json};
use std::time::Duration;
use world::{PARTNER, World};

/// Real time that a simulated day may take.
const DAY_LIMIT: Duration = Duration::from_secs(1);

/// Shows 26 hours of an order that nobody pays: seven checks at the seed's gaps, the closing with a query before and
/// after, three late checks, one event, and all of it in under a second.
#[tokio::test(start_paused = true)]
async fn a_day_of_an_unpaid_order() {
    let began = real_time();
    let world = World::new().await;
    world.order("A-1").await;
    world.open("A-1");
    world.pass(26 * 3_600).await;
    let checks = [5, 35, 95, 275, 575, 1_175, 2_975];
    let closed_at = 2_975;
    let late = [closed_at + 3_600, closed_at + 21_600, closed_at + 86_400];
    let expected: Vec<u64> = checks.into_iter().chain([closed_at]).chain(late).collect();
    assert_eq!(world.asked("single_trade_query"), expected);
    assert_eq!(world.asked("close_trade"), [closed_at]);
    let order = world.show("A-1").await;
    assert_eq!(
        (&order["status"], &order["checks"]["done"]),
        (&json!("closed"), &json!(7))
    );
    assert_eq!(order["checks"]["next_at"], json!(null));
    assert_eq!(world.told(), ["order.closed"]);
    assert!(
        real_time() - began < DAY_LIMIT,
        "a simulated day took {:?}",
        real_time() - began
    );
}

/// Shows that a payment of which nobody told is found by the next check, and that the checks then end.
#[tokio::test(start_paused = true)]
async fn a_lost_payment_is_found_by_a_check() {
    let world = World::new().await;
    world.order("A-1").await;
    world.open("A-1");
    world.pass(300).await;
    world.pay("A-1");
    world.pass(24 * 3_600).await;
    let order = world.show("A-1").await;
    assert_eq!(
        (&order["status"], &order["trades"][0]["proof"]),
        (&json!("paid"), &json!("queried"))
    );
    assert_eq!(world.asked("single_trade_query"), [5, 35, 95, 275, 575]);
    let again = world
        .call("POST", "/v1/orders/main/A-1/checkout?via=get", "")
        .await;
    assert_eq!(
        (again.0, &again.1["code"]),
        (409, &json!("order_already_paid")),
        "nobody is sent to pay twice"
    );
    assert_eq!(
        order["checks"]["done"],
        json!(5),
        "the one that found it counts too"
    );
    assert_eq!(world.told(), ["payment.recorded", "order.paid"]);
}

/// Shows that an order is never called closed while the gateway says nothing, and settles when it speaks again.
#[tokio::test(start_paused = true)]
async fn unknown_is_never_closed() {
    let world = World::new().await;
    world.order("A-1").await;
    world.open("A-1");
    world.misbehave("A-1", Faults::query_down());
    world.pass(12 * 3_600).await;
    let order = world.show("A-1").await;
    assert_eq!(order["status"], "unpaid");
    assert_eq!(
        world.asked("close_trade"),
        [0_u64; 0],
        "nothing is closed on unknown"
    );
    world.pay("A-1");
    world.misbehave("A-1", Faults::default());
    world.pass(3_600).await;
    assert_eq!(
        world.show("A-1").await["status"],
        "paid",
        "within twice the last gap"
    );
}

/// Shows that an order that never saw a checkout is given up a day after it was made, without a call.
#[tokio::test(start_paused = true)]
async fn an_order_without_checkout_is_given_up() {
    let world = World::new().await;
    let order = r#"{"account":"main","order_no":"A-1","subject":"a book","amount":"1.00"}"#;
    assert_eq!(world.call("POST", "/v1/orders", order).await.0, 201);
    let order = r#"{"account":"main","order_no":"A-2","subject":"a book","amount":"1.00","expires_in":600}"#;
    assert_eq!(world.call("POST", "/v1/orders", order).await.0, 201);
    world.pass(601).await;
    assert_eq!(world.show("A-2").await["status"], "closed");
    world.pass(23 * 3_600).await;
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    world.pass(3_600).await;
    assert_eq!(world.show("A-1").await["status"], "closed");
    let asked_before_the_late_checks = world
        .asked("single_trade_query")
        .into_iter()
        .filter(|at| *at < 600)
        .count();
    assert_eq!(asked_before_the_late_checks, 0);
}

/// Shows that closing never begins before `expires_at`: the last gap repeats until then.
#[tokio::test(start_paused = true)]
async fn a_later_limit_keeps_the_order_open() {
    let world = World::new().await;
    let order = r#"{"account":"main","order_no":"A-1","subject":"a book","amount":"1.00","expires_in":10000}"#;
    assert_eq!(world.call("POST", "/v1/orders", order).await.0, 201);
    assert_eq!(
        world
            .call("POST", "/v1/orders/main/A-1/checkout?via=get", "")
            .await
            .0,
        200
    );
    world.pass(9_999).await;
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    assert_eq!(
        world.asked("single_trade_query")[6..],
        [2_975, 4_775, 6_575, 8_375]
    );
    world.pass(10).await;
    assert_eq!(
        world.show("A-1").await["status"],
        "closed",
        "no such trade at the gateway: given up"
    );
    assert_eq!(world.told(), ["order.closed"]);
}

/// Shows the delivery schedule to its end: ten tries over more than three days, then the dead letter, then a replay.
#[tokio::test(start_paused = true)]
async fn a_dead_shop_ends_in_the_dead_letter() {
    let world = World::new().await;
    *world.wire.shop_status.lock().unwrap() = 500;
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    world.pass(108 * 3_600).await;
    let told = world.wire.told.lock().unwrap().clone();
    let paid: Vec<_> = told
        .iter()
        .filter(|(_, event)| event["type"] == "order.paid")
        .collect();
    assert_eq!(paid.len(), 10);
    assert!(
        paid.windows(2).all(|two| two[0].1 == two[1].1),
        "the body is rendered once"
    );
    let gaps = [
        5_i64, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ];
    for (two, gap) in paid.windows(2).zip(gaps) {
        let waited = two[1].0.duration_since(two[0].0).as_secs();
        assert!(
            (gap..=gap + gap / 5 + 1).contains(&waited),
            "{waited} s instead of {gap} s and a fifth at most"
        );
    }
    let id = paid[0].1["id"].as_str().unwrap().to_owned();
    let before = world.all_told().len();
    *world.wire.shop_status.lock().unwrap() = 204;
    assert_eq!(
        world
            .call("POST", &format!("/v1/events/{id}/redeliver"), "")
            .await
            .0,
        202
    );
    world.pass(1).await;
    assert_eq!(world.all_told().len(), before + 1);
    let again = world.wire.told.lock().unwrap().last().unwrap().1.clone();
    assert_eq!(again, paid[0].1);
}

/// Shows that evidence which waits ten minutes for its order is told as `unknown_order`, and settles when it appears.
#[tokio::test(start_paused = true)]
async fn parked_evidence_is_told_after_ten_minutes() {
    let world = World::new().await;
    let other = World::new().await;
    other.order("A-1").await;
    other.open("A-1");
    other.pay("A-1");
    let notify = other
        .wire
        .gateway
        .lock()
        .unwrap()
        .genuine_notify(other.clock.wall(), PARTNER, "A-1")
        .unwrap();
    let request = axum::http::Request::post("/notify/main")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(notify))
        .unwrap();
    // This world's gateway does not know the notify_id: not acked, and yet nothing is lost.
    tower::ServiceExt::oneshot(world.node.router.clone(), request)
        .await
        .unwrap();
    world.pass(660).await;
    let found = world.call("GET", "/v1/discrepancies", "").await.1;
    assert_eq!(
        (&found["items"][0]["kind"], &found["items"][0]["state"]),
        (&json!("unknown_order"), &json!("open"))
    );
    assert_eq!(world.told(), ["discrepancy.opened"]);
    let told = world.wire.told.lock().unwrap().last().unwrap().1.clone();
    assert_eq!(
        (&told["data"]["order"], &told["data"]["discrepancy"]),
        (&Value::Null, &found["items"][0]),
        "a shop is told what was found"
    );
    let order = r#"{"account":"main","order_no":"A-1","subject":"a book","amount":"1.00"}"#;
    let (_, made) = world.call("POST", "/v1/orders", order).await;
    assert_eq!(
        (&made["trades"][0]["proof"], &made["trades"][0]["counted"]),
        (&json!("signed"), &json!(false))
    );
    let found = world.call("GET", "/v1/discrepancies", "").await.1;
    assert_eq!(found["items"][0]["state"], "settled");
}

/// Shows that a wall clock that jumps closes nothing early: the jump is journaled, and two minutes pass first (F-23).
#[tokio::test(start_paused = true)]
async fn a_clock_jump_closes_nothing_at_once() {
    let world = World::new().await;
    world.order("A-1").await;
    world.open("A-1");
    world.pass(6).await;
    world.clock.jump(7 * 24 * 3_600);
    world.order("A-2").await; // Any commit wakes the workers.
    world.pass(119).await;
    assert_eq!(world.asked("close_trade"), [0_u64; 0]);
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    let filter = quittance_server::store::JournalFilter {
        limit: 200,
        ..Default::default()
    };
    let rows = world.node.app.store.journal(filter).await.unwrap().items;
    assert!(
        rows.iter().any(|row| row.kind == 19),
        "the jump is in the journal"
    );
}

/// Shows that a crash between the gateway's `true` and the commit loses nothing: the entry makes us query (F-04).
#[tokio::test(start_paused = true)]
async fn a_callback_without_an_answer_becomes_a_query() {
    let world = World::new().await;
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    let notify = world
        .wire
        .gateway
        .lock()
        .unwrap()
        .genuine_notify(world.clock.wall(), PARTNER, "A-1")
        .unwrap();
    let reading = world
        .node
        .app
        .account("main")
        .unwrap()
        .account
        .gateway()
        .read_notify(&notify, world.clock.wall());
    let key = quittance_core::OrderKey::new("main", "A-1");
    use quittance_core::entry::{Direction, Record, What};
    let mut record = Record::new(Direction::In, What::Received {}).about(&key);
    record.claims = reading.evidence;
    world
        .node
        .app
        .record(vec![world.node.app.entry(record)])
        .await
        .unwrap();
    let version = String::from("the next start");
    let start = Record::new(Direction::Own, What::Started { version });
    world
        .node
        .app
        .record(vec![world.node.app.entry(start)])
        .await
        .unwrap();
    world.pass(1).await;
    assert_eq!(world.show("A-1").await["status"], "paid");
    assert_eq!(world.asked("single_trade_query"), [0]);
}

#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
fn real_time() -> std::time::Instant {
    std::time::Instant::now()
}
