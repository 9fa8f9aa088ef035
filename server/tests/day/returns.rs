//! The rules of returns (seed 003, return (3) to (6)): good for one minute and once only, and no hurry or delay of the
//! buyer, no link that is kept, forwarded or opened again, changes what is true.

use crate::world::{PARTNER, World};
use quittance_core::{Currency, Money};
use quittance_server::clock::Clock;
use serde_json::{Value, json};

/// The second at which the buyer pays: between two checks of the schedule, with three minutes to the next one.
const PAID_AT: u64 = 96;

/// An order that is paid at [`PAID_AT`] and of which nobody has told yet; gives the way back to the shop.
async fn paid(world: &World, order_no: &str) -> String {
    world.order(order_no).await;
    world.open(order_no);
    world.pass(PAID_AT).await;
    let back = world
        .wire
        .gateway
        .lock()
        .unwrap()
        .buyer_pays(world.clock.wall(), PARTNER, order_no);
    let back = url::Url::parse(&back.unwrap()).unwrap();
    format!("{}?{}", back.path(), back.query().unwrap())
}

/// A notify about the trade as it stands, as the gateway's server sends it; whether it is acked.
async fn notify(world: &World, order_no: &str) -> bool {
    let body =
        world
            .wire
            .gateway
            .lock()
            .unwrap()
            .genuine_notify(world.clock.wall(), PARTNER, order_no);
    let body = String::from_utf8(body.unwrap()).unwrap();
    world.posts("/notify/main", &body).await == "success"
}

/// The seller pays back at the gateway.
fn refund(world: &World, order_no: &str, sum: Money) {
    let now = world.clock.wall();
    let mut gateway = world.wire.gateway.lock().unwrap();
    gateway.refund(now, PARTNER, order_no, sum).unwrap();
}

/// The entries of this kind about the order.
async fn entries(world: &World, order_no: &str, kind: &str) -> Vec<Value> {
    let path = format!("/v1/orders/main/{order_no}/journal?limit=200");
    let page = world.call("GET", &path, "").await.1;
    let items = page["items"].as_array().unwrap();
    let found = items.iter().filter(|entry| entry["kind"] == kind);
    found.cloned().collect()
}

fn proof(order: &Value) -> (&Value, &Value) {
    let trade = &order["trades"][0];
    (&trade["proof"], &trade["witnesses"])
}

/// Shows the minute: inside it the gateway vouches for the return, and nobody has to be asked about the order; after
/// it the gateway says `false`, which is no word against the payment: the buyer is led to his page, the gateway is
/// asked at once instead of at the next check, and the order is paid by its answer.
#[tokio::test(start_paused = true)]
async fn a_return_is_good_for_a_minute() {
    for (after, response, asked, proof_is) in [
        (59, "true", false, json!("confirmed")),
        (61, "false", true, json!("queried")),
        (178, "false", true, json!("queried")),
    ] {
        let world = World::new().await;
        let back = paid(&world, "A-1").await;
        world.pass(after).await;
        assert_eq!(world.call("GET", &back, "").await.0, 303, "{after}");
        let returned = entries(&world, "A-1", "return").await;
        assert_eq!(returned[0]["verdict"], "genuine");
        assert_eq!(returned[0]["verification"]["response"], response);
        world.pass(1).await;
        let expected = [5, 35, 95].into_iter();
        let expected = expected.chain(asked.then_some(PAID_AT + after));
        let expected: Vec<u64> = expected.collect();
        assert_eq!(world.asked("single_trade_query"), expected, "{after}");
        let order = world.show("A-1").await;
        assert_eq!(
            (&order["status"], proof(&order).0),
            (&json!("paid"), &proof_is)
        );
        assert_eq!(world.told(), ["payment.recorded", "order.paid"], "{after}");
    }
}

/// Shows that while the gateway is silent too, a late return pays nothing and closes nothing: the order stays as it is
/// known, and is paid when the gateway speaks.
#[tokio::test(start_paused = true)]
async fn a_late_return_alone_is_no_payment() {
    let world = World::new().await;
    let back = paid(&world, "A-1").await;
    world.misbehave("A-1", quittance_sandbox::Faults::query_down());
    world.pass(61).await;
    assert_eq!(world.call("GET", &back, "").await.0, 303);
    world.pass(60).await;
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    assert_eq!(world.told(), [""; 0]);
    world.misbehave("A-1", quittance_sandbox::Faults::default());
    world.pass(600).await;
    assert_eq!(world.show("A-1").await["status"], "paid");
    assert_eq!(world.told(), ["payment.recorded", "order.paid"]);
}

/// Shows once only: where somebody else has used the return's one question up, the buyer is no forger; he is led on,
/// and the order is asked about.
#[tokio::test(start_paused = true)]
async fn a_return_that_was_used_up_makes_us_ask() {
    let world = World::new().await;
    let back = paid(&world, "A-1").await;
    let notify_id = url::form_urlencoded::parse(back.split_once('?').unwrap().1.as_bytes())
        .find(|(name, _)| name == "notify_id")
        .unwrap()
        .1
        .into_owned();
    assert_eq!(world.verify(&notify_id), "true", "somebody else was first");
    assert_eq!(world.call("GET", &back, "").await.0, 303);
    let returned = entries(&world, "A-1", "return").await;
    assert_eq!(returned[0]["verification"]["response"], "false");
    world.pass(1).await;
    let order = world.show("A-1").await;
    assert_eq!(
        (&order["status"], proof(&order).0),
        (&json!("paid"), &json!("queried"))
    );
    assert_eq!(world.told(), ["payment.recorded", "order.paid"]);
}

/// Shows that the link opened again, an hour later and after the money went back, shows how things stand: nobody is
/// asked whether it is genuine, nothing is told, and the order stays refunded.
#[tokio::test(start_paused = true)]
async fn a_link_opened_again_changes_nothing() {
    let world = World::new().await;
    let back = paid(&world, "A-1").await;
    assert_eq!(world.call("GET", &back, "").await.0, 303);
    assert_eq!(world.show("A-1").await["status"], "paid");
    let all = Money::parse("1.00", Currency::CNY).unwrap();
    refund(&world, "A-1", all);
    assert!(notify(&world, "A-1").await);
    world.pass(3_600).await;
    let before = world.show("A-1").await;
    assert_eq!(before["status"], "refunded");
    let (told, verified) = (world.told(), world.asked("notify_verify"));
    for _ in 0..3 {
        assert_eq!(world.call("GET", &back, "").await.0, 303);
    }
    world.pass(60).await;
    let after = world.show("A-1").await;
    assert_eq!(
        (&after["status"], &after["sequence"], &after["trades"]),
        (&before["status"], &before["sequence"], &before["trades"])
    );
    assert_eq!(
        (world.told(), world.asked("notify_verify")),
        (told, verified)
    );
}

/// Shows that return and notify end the same in either order: both are answered well, both are witnesses, the gateway
/// is asked about the first of them only, and the shop is told once.
#[tokio::test(start_paused = true)]
async fn return_and_notify_come_in_either_order() {
    for return_first in [true, false] {
        let world = World::new().await;
        let back = paid(&world, "A-1").await;
        for turn in [return_first, !return_first] {
            match turn {
                true => assert_eq!(world.call("GET", &back, "").await.0, 303),
                false => assert!(notify(&world, "A-1").await),
            }
            assert_eq!(world.show("A-1").await["status"], "paid");
            world.pass(2).await;
        }
        assert_eq!(world.asked("notify_verify").len(), 1);
        let order = world.show("A-1").await;
        let both = json!(["return", "notify"]);
        assert_eq!(proof(&order), (&json!("confirmed"), &both));
        assert_eq!(world.told(), ["payment.recorded", "order.paid"]);
    }
}
