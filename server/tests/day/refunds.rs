//! Refunds that are asked for, while the gateway hears nothing, or says nothing, or says it a day late.

use crate::world::World;
use serde_json::{Value, json};

const PAY_BACK: &str = "refund_fastpay_by_platform_nopwd";
const ASK: &str = "refund_fastpay_query";
const HOUR: u64 = 3_600;

impl World {
    /// A paid order, and nobody who tells of what comes after.
    async fn paid(order_no: &str) -> World {
        let world = World::new().await;
        world.order(order_no).await;
        world.open(order_no);
        world.pay(order_no);
        world.pass(6).await;
        assert_eq!(world.show(order_no).await["status"], json!("paid"));
        world
    }

    async fn pay_back(&self, order_no: &str, refund_no: &str, amount: &str) -> (u16, Value) {
        let path = format!("/v1/orders/main/{order_no}/refunds");
        let body = json!({ "refund_no": refund_no, "amount": amount });
        self.call("POST", &path, &body.to_string()).await
    }

    async fn refund(&self, order_no: &str) -> Value {
        self.show(order_no).await["refunds"][0].clone()
    }

    /// How much the gateway has paid back, in minor units.
    fn went_back(&self) -> i64 {
        let gateway = self.wire.gateway.lock().unwrap();
        gateway
            .trades()
            .iter()
            .map(|trade| trade.refunded.minor)
            .sum()
    }

    async fn kinds(&self, order_no: &str) -> Vec<String> {
        let path = format!("/v1/orders/main/{order_no}/journal?limit=200");
        let journal = self.call("GET", &path, "").await.1;
        let kind = |entry: &Value| entry["kind"].as_str().unwrap().to_owned();
        journal["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(kind)
            .collect()
    }
}

/// The gateway did it, and its answer was lost: it is asked, and asked about the trade, whose answer is signed.
#[tokio::test(start_paused = true)]
async fn a_refund_whose_answer_was_lost_is_not_sent_again() {
    let world = World::paid("A-1").await;
    world.wire.mute.lock().unwrap().insert(PAY_BACK);
    assert_eq!(world.pay_back("A-1", "R-1", "0.40").await.0, 202);
    world.pass(1).await;
    assert_eq!(world.refund("A-1").await["status"], json!("unknown"));
    world.pass(HOUR).await;
    assert_eq!(world.asked(PAY_BACK).len(), 1);
    let order = world.show("A-1").await;
    assert_eq!(order["refunds"][0]["status"], json!("succeeded"), "{order}");
    assert_eq!(order["status"], json!("partially_refunded"));
    assert_eq!(world.told().last().unwrap(), "order.partially_refunded");
    assert_eq!(world.went_back(), 40);
    world.pass(40 * HOUR).await;
    assert_eq!(
        world.asked(ASK).len(),
        1,
        "nobody asks about what has ended"
    );
}

/// The gateway never heard of it, and says so when it is asked: it goes out again, on the same day under its number.
#[tokio::test(start_paused = true)]
async fn a_refund_that_never_arrived_is_sent_again() {
    let world = World::paid("A-1").await;
    world.wire.down.lock().unwrap().insert(PAY_BACK);
    assert_eq!(world.pay_back("A-1", "R-1", "0.40").await.0, 202);
    world.pass(1).await;
    world.wire.down.lock().unwrap().clear();
    world.pass(HOUR).await;
    assert_eq!(world.refund("A-1").await["status"], json!("succeeded"));
    assert_eq!((world.asked(PAY_BACK).len(), world.went_back()), (2, 40));
    assert!(
        !world
            .kinds("A-1")
            .await
            .contains(&"refund_numbered".to_owned())
    );
}

/// A number is of its day: on another day the refund gets a new one, after the gateway has said that it knows nothing
/// of the old one.
#[tokio::test(start_paused = true)]
async fn on_another_day_it_goes_out_under_another_number() {
    let world = World::paid("A-1").await;
    for service in [PAY_BACK, ASK] {
        world.wire.down.lock().unwrap().insert(service);
    }
    assert_eq!(world.pay_back("A-1", "R-1", "1.00").await.0, 202);
    world.pass(23 * HOUR).await;
    assert_eq!(world.refund("A-1").await["status"], json!("unknown"));
    assert_eq!(
        world.asked(PAY_BACK).len(),
        1,
        "unknown is never sent again"
    );
    world.wire.down.lock().unwrap().clear();
    world.pass(2 * HOUR).await;
    let order = world.show("A-1").await;
    assert_eq!(order["status"], json!("refunded"), "{order}");
    assert_eq!((world.asked(PAY_BACK).len(), world.went_back()), (2, 100));
    let kinds = world.kinds("A-1").await;
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| *kind == "refund_numbered")
            .count(),
        1
    );
}

/// The gateway refuses it by a code: it has failed, its money can be asked for again, and the code is shown.
#[tokio::test(start_paused = true)]
async fn what_the_gateway_refuses_has_failed() {
    let world = World::paid("A-1").await;
    {
        let gateway = &mut world.wire.gateway.lock().unwrap();
        let sum = quittance_core::Money::new(80, quittance_core::Currency::CNY);
        // Somebody pays back by hand, and nobody has told the server yet.
        gateway
            .refund(
                quittance_core::Timestamp::from_second(1_767_225_700).unwrap(),
                crate::world::PARTNER,
                "A-1",
                sum,
            )
            .unwrap();
    }
    assert_eq!(world.pay_back("A-1", "R-1", "0.40").await.0, 202);
    world.pass(HOUR).await;
    let refund = world.refund("A-1").await;
    assert_eq!(refund["status"], json!("failed"), "{refund}");
    assert_ne!(refund["said"], json!(null));
    assert_eq!(world.went_back(), 80);
}

/// More than was received is refused before it leaves; what is under way counts.
#[tokio::test(start_paused = true)]
async fn more_than_was_received_never_leaves() {
    let world = World::paid("A-1").await;
    world.wire.down.lock().unwrap().insert(PAY_BACK);
    assert_eq!(world.pay_back("A-1", "R-1", "0.70").await.0, 202);
    let (status, problem) = world.pay_back("A-1", "R-2", "0.31").await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("refund_exceeds_received"))
    );
    assert_eq!(world.pay_back("A-1", "R-2", "0.30").await.0, 202);
    assert_eq!(world.pay_back("A-1", "R-3", "0.01").await.0, 409);
    // The same again is an answer, another amount under the same number is not.
    assert_eq!(world.pay_back("A-1", "R-1", "0.70").await.0, 200);
    let (status, problem) = world.pay_back("A-1", "R-1", "0.71").await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("refund_exists_with_different_amount"))
    );
}
