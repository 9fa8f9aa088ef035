//! The gateway's products and the states of a trade (protocol note 2.3): what each means for the order.

use crate::world::{NowInTests, PARTNER, Wishes, World};
use quittance_core::{Money, Timestamp};
use quittance_sandbox::Code;
use serde_json::{Value, json};

/// Does something to a trade at the gateway.
fn at_gateway<T>(
    world: &World,
    what: impl FnOnce(&mut quittance_sandbox::Sandbox, Timestamp) -> Result<T, Code>,
) {
    let done = world
        .gateway
        .with(|gateway| what(gateway, Timestamp::now_in_tests()));
    assert!(done.is_ok());
}

fn states(order: &Value) -> (Value, Value) {
    let trade = &order["trades"][0];
    (order["status"].clone(), trade["gateway_status"].clone())
}

/// Shows the basic product: `TRADE_FINISHED` is paid, by notify, by return and by query alike.
#[tokio::test(flavor = "multi_thread")]
async fn finished_is_paid_under_the_basic_product() {
    let world = World::with(Wishes {
        basic: true,
        ..Wishes::default()
    })
    .await;
    let paid = (json!("paid"), json!("TRADE_FINISHED"));
    world.order("B-1").await;
    world.pay_silently("B-1");
    assert_eq!(world.notify(world.genuine("B-1")).await, "success");
    assert_eq!(states(&world.show("B-1").await), paid);

    world.order("B-2").await;
    let back = world.pay_silently("B-2");
    assert_eq!(world.client.get(&back).send().await.unwrap().status(), 303);
    assert_eq!(states(&world.show("B-2").await), paid);

    world.order("B-3").await;
    world.pay_silently("B-3");
    let (_, verified) = world.api("POST", "/v1/orders/main/B-3/verify", None).await;
    assert_eq!(verified["answer"], "paid");
    assert_eq!(states(&world.show("B-3").await), paid);
    for order_no in ["B-1", "B-2", "B-3"] {
        assert_eq!(
            world.events(order_no).await,
            ["payment.recorded", "order.paid"]
        );
    }
}

/// Shows the advanced product: `TRADE_SUCCESS` is paid, and `TRADE_FINISHED` months later is acked and says nothing
/// new, by notify or by query.
#[tokio::test(flavor = "multi_thread")]
async fn finished_months_later_is_no_second_payment() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    assert_eq!(world.notify(world.genuine("A-1")).await, "success");
    let order = world.show("A-1").await;
    assert_eq!(states(&order), (json!("paid"), json!("TRADE_SUCCESS")));
    at_gateway(&world, |gateway, now| gateway.finish(now, PARTNER, "A-1"));
    let finished = world.genuine("A-1");
    let text = String::from_utf8(finished.clone()).unwrap();
    assert!(text.contains("trade_status=TRADE_FINISHED"), "{text}");
    assert_eq!(world.notify(finished).await, "success");
    let (_, verified) = world.api("POST", "/v1/orders/main/A-1/verify", None).await;
    assert_eq!(verified["answer"], "paid");
    let after = world.show("A-1").await;
    assert_eq!(
        (&after["status"], &after["sequence"]),
        (&json!("paid"), &order["sequence"])
    );
    assert_eq!(
        world.events("A-1").await,
        ["payment.recorded", "order.paid"]
    );
    // One that was partially refunded, finished: the refund stands, and no more is said.
    world.order("A-2").await;
    world.pay_silently("A-2");
    assert_eq!(world.notify(world.genuine("A-2")).await, "success");
    let part = Money::parse("0.40", quittance_core::Currency::CNY).unwrap();
    at_gateway(&world, |gateway, now| {
        gateway.refund(now, PARTNER, "A-2", part)
    });
    assert_eq!(world.notify(world.genuine("A-2")).await, "success");
    let known = |order: &Value| order["status"] == "partially_refunded";
    world.until("A-2", known).await;
    let told = world.events("A-2").await;
    at_gateway(&world, |gateway, now| gateway.finish(now, PARTNER, "A-2"));
    assert_eq!(world.notify(world.genuine("A-2")).await, "success");
    assert_eq!(world.show("A-2").await["status"], "partially_refunded");
    assert_eq!(world.events("A-2").await, told);
}

/// Shows `TRADE_PENDING`: the buyer paid a frozen seller, so the merchant has nothing. It is no payment, whoever tells
/// it; it is no closing either, however the shop wishes for one; and when the seller is free the order is paid.
#[tokio::test(flavor = "multi_thread")]
async fn pending_is_neither_paid_nor_closed() {
    let world = World::new().await;
    world.order("A-1").await;
    at_gateway(&world, |gateway, now| {
        gateway
            .set_own_faults(PARTNER, "A-1", quittance_sandbox::Faults::lost_notify())
            .unwrap();
        gateway.buyer_pays_frozen(now, PARTNER, "A-1")
    });
    let pending = world.genuine("A-1");
    let text = String::from_utf8(pending.clone()).unwrap();
    assert!(text.contains("trade_status=TRADE_PENDING"), "{text}");
    assert_eq!(world.notify(pending).await, "success", "an observation");
    let (_, verified) = world.api("POST", "/v1/orders/main/A-1/verify", None).await;
    assert_eq!(verified["answer"], "unpaid");
    let asked = world.api("POST", "/v1/orders/main/A-1/close?wait=1", None);
    assert_eq!(asked.await.1["status"], "unpaid");
    assert_eq!(world.events("A-1").await, [""; 0]);
    assert_eq!(world.show("A-1").await["trades"], json!([]));

    at_gateway(&world, |gateway, now| gateway.release(now, PARTNER, "A-1"));
    assert_eq!(world.notify(world.genuine("A-1")).await, "success");
    let paid = (json!("paid"), json!("TRADE_SUCCESS"));
    assert_eq!(states(&world.show("A-1").await), paid);
    assert_eq!(
        world.events("A-1").await,
        ["payment.recorded", "order.paid"]
    );
}

/// Shows that `TRADE_CLOSED` is read by what stands beside it: unpaid it closes the order; of a trade that was paid
/// back in full it tells of the payment and the refund, also where nothing was told before.
#[tokio::test(flavor = "multi_thread")]
async fn closed_means_unpaid_or_refunded() {
    let world = World::new().await;
    let closed = |text: &[u8]| String::from_utf8_lossy(text).contains("TRADE_CLOSED");
    world.order("C-1").await;
    let late = jiff::SignedDuration::from_hours(24 * 16);
    world.gateway.with(|gateway| {
        // Whatever is asked of it in sixteen days finds the unpaid trade closed.
        let later = Timestamp::now_in_tests() + late;
        assert!(gateway.buyer_pays(later, PARTNER, "C-1").is_none());
    });
    let notify = world.genuine("C-1");
    assert!(closed(&notify));
    assert_eq!(world.notify(notify).await, "success");
    assert_eq!(world.show("C-1").await["status"], "closed");
    assert_eq!(world.events("C-1").await, ["order.closed"]);

    world.order("C-2").await;
    world.pay_silently("C-2");
    let all = Money::parse("1.00", quittance_core::Currency::CNY).unwrap();
    at_gateway(&world, |gateway, now| {
        gateway.refund(now, PARTNER, "C-2", all)
    });
    let notify = world.genuine("C-2");
    assert!(closed(&notify));
    assert_eq!(world.notify(notify).await, "success");
    assert_eq!(world.show("C-2").await["status"], "refunded");
    let told = world.events("C-2").await;
    assert_eq!(told, ["payment.recorded", "order.refunded"]);
}
