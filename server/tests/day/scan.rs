//! The second strategy of seed 002 4.2: every 30 seconds, orders of the last ten minutes, ten questions each.

use crate::world::World;
use serde_json::json;

async fn world() -> World {
    World::with(|policy| {
        policy.gaps_secs = vec![30; 10];
        policy.scan_secs = Some(600);
    })
    .await
}

/// Nobody pays: ten questions, counted, and the close with a question behind it.
#[tokio::test(start_paused = true)]
async fn an_unpaid_order_is_asked_about_ten_times_and_closed() {
    let world = world().await;
    world.order("A-1").await;
    world.open("A-1");
    world.pass(1_800).await;
    let checks = (1..=10).map(|check| check * 30);
    let asked: Vec<u64> = checks.chain([300]).collect();
    assert_eq!(world.asked("single_trade_query"), asked);
    assert_eq!(world.asked("close_trade"), [300]);
    let order = world.show("A-1").await;
    assert_eq!(
        (&order["status"], &order["checks"]["done"]),
        (&json!("closed"), &json!(10))
    );
    assert_eq!(world.told(), ["order.closed"]);
}

/// The buyer pays between two questions, and nobody told: the next one finds it and is the last.
#[tokio::test(start_paused = true)]
async fn a_lost_payment_is_found_by_the_next_question() {
    let world = world().await;
    world.order("A-1").await;
    world.open("A-1");
    world.pass(100).await;
    world.pay("A-1");
    world.pass(1_800).await;
    assert_eq!(world.asked("single_trade_query"), [30, 60, 90, 120]);
    assert_eq!(world.told(), ["payment.recorded", "order.paid"]);
}

/// The server was down until the order had left the window: one question, which finds the payment, or lets it be closed.
#[tokio::test(start_paused = true)]
async fn what_left_the_window_unseen_is_asked_about_once() {
    for pays in [true, false] {
        let world = world().await;
        world.order("A-1").await;
        world.open("A-1");
        world.pass(50).await;
        if pays {
            world.pay("A-1");
        }
        let world = world.down_for(7_200).await;
        world.pass(600).await;
        let back = 7_250;
        let (asked, status) = match pays {
            true => (vec![30, back], "paid"),
            false => (vec![30, back, back], "closed"),
        };
        assert_eq!(world.asked("single_trade_query"), asked);
        assert_eq!(world.show("A-1").await["status"], status);
    }
}
