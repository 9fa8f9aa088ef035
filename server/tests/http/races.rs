//! The same money told many times at once.

use crate::world::World;
use quittance_sandbox::Kind;
use serde_json::json;
use tokio::task::JoinSet;

/// Shows that return and notify of one change, at the same instant, pay the order once: a thousand times.
#[tokio::test(flavor = "multi_thread")]
async fn return_and_notify_at_once_a_thousand_times() {
    let world = World::new().await;
    let orders: Vec<String> = (0..1_000).map(|n| format!("R-{n}")).collect();
    for chunk in orders.chunks(50) {
        let made = chunk.iter().map(|order_no| world.order(order_no));
        futures_join(made).await;
        let mut at_once = JoinSet::new();
        for order_no in chunk {
            let back = world.pay_silently(order_no);
            let (client, notify) = (world.client.clone(), world.genuine(order_no));
            let address = format!("{}/notify/main", world.url);
            let order_no = order_no.clone();
            at_once.spawn(async move {
                let form = "application/x-www-form-urlencoded";
                let notified = client
                    .post(address)
                    .header("content-type", form)
                    .body(notify)
                    .send();
                let (returned, notified) = tokio::join!(client.get(back).send(), notified);
                (
                    order_no,
                    returned.unwrap().status().as_u16(),
                    notified.unwrap().text().await.unwrap(),
                )
            });
        }
        while let Some(done) = at_once.join_next().await {
            let (order_no, returned, notified) = done.unwrap();
            assert_eq!(
                (returned, notified.as_str()),
                (303, "success"),
                "{order_no}"
            );
        }
    }
    let mut told = std::collections::BTreeMap::<(String, String), usize>::new();
    let mut after = String::new();
    loop {
        let (_, page) = world
            .api("GET", &format!("/v1/events?limit=200{after}"), None)
            .await;
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            break;
        }
        for event in items {
            let order_no = event["data"]["order"]["order_no"]
                .as_str()
                .unwrap()
                .to_owned();
            *told
                .entry((order_no, event["type"].as_str().unwrap().to_owned()))
                .or_default() += 1;
        }
        after = format!("&after={}", page["next"].as_str().unwrap());
    }
    assert_eq!(
        told.len(),
        2_000,
        "each order: payment.recorded and order.paid"
    );
    assert!(told.values().all(|times| *times == 1), "{told:?}");
}

/// Shows that forty copies of one notify at once share one verify call, are all acked, and count once.
#[tokio::test(flavor = "multi_thread")]
async fn forty_duplicates_at_once() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let notify = world.genuine("A-1");
    let copies = (0..40).map(|_| world.notify(notify.clone()));
    let answers = futures_join(copies).await;
    assert_eq!(answers, vec!["success"; 40]);
    assert_eq!(world.calls("A-1", Kind::NotifyVerify), 1);
    assert_eq!(
        world.events("A-1").await,
        ["payment.recorded", "order.paid"]
    );
    assert_eq!(
        world.show("A-1").await["trades"].as_array().unwrap().len(),
        1
    );
}

/// Shows that making the same order forty times at once makes one, and that each caller gets it.
#[tokio::test(flavor = "multi_thread")]
async fn forty_equal_orders_at_once() {
    let world = World::new().await;
    let order =
        json!({"account": "main", "order_no": "A-1", "subject": "a book", "amount": "1.00"});
    let made =
        futures_join((0..40).map(|_| world.api("POST", "/v1/orders", Some(order.clone())))).await;
    let created = made.iter().filter(|(status, _)| *status == 201).count();
    assert_eq!(created, 1);
    let urls: std::collections::BTreeSet<&str> = made
        .iter()
        .map(|(_, order)| order["pay_url"].as_str().unwrap())
        .collect();
    assert_eq!(urls.len(), 1, "one token, whoever made it");
}

/// All of them at the same time.
pub async fn futures_join<T>(all: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = all.into_iter().map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        let mut ready = true;
        for (one, done) in &mut waiting {
            if done.is_none() {
                match one.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *done = Some(value),
                    std::task::Poll::Pending => ready = false,
                }
            }
        }
        if ready {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    waiting.into_iter().filter_map(|(_, done)| done).collect()
}
