//! Refunds that a person confirms on the gateway's page, over real sockets.

use crate::races::futures_join;
use crate::world::{LIMITED_KEY, NowInTests, PARTNER, World};
use quittance_core::Timestamp;
use serde_json::{Value, json};

impl World {
    async fn paid(&self, order_no: &str) {
        self.order(order_no).await;
        self.pay(order_no);
        self.until(order_no, |order| order["status"] == "paid")
            .await;
    }

    async fn pay_back(&self, order_no: &str, refund: Value) -> (u16, Value) {
        let path = format!("/v1/orders/main/{order_no}/refunds");
        self.api("POST", &path, Some(refund)).await
    }

    /// The gateway's page for these refunds, each `R-1` of its order.
    async fn page(&self, order_nos: &[&str]) -> (u16, Value) {
        let named = |order_no: &&str| json!({"order_no": order_no, "refund_no": "R-1"});
        let refunds: Vec<Value> = order_nos.iter().map(named).collect();
        let body = json!({ "refunds": refunds });
        self.api("POST", "/v1/refunds/main/checkout?via=get", Some(body))
            .await
    }

    /// Somebody opens that page and enters the password.
    async fn confirm(&self, page: &Value) {
        let url = url::Url::parse(page["url"].as_str().unwrap()).unwrap();
        let reply = self.client.get(url.clone()).send().await.unwrap();
        assert_eq!(reply.status(), 303);
        let batch_no = url
            .query_pairs()
            .find(|(name, _)| name == "batch_no")
            .unwrap()
            .1;
        let now = Timestamp::now_in_tests();
        self.gateway
            .with(|gateway| gateway.operator_confirms(now, PARTNER, &batch_no))
            .unwrap();
    }
}

/// Two orders, one password: in full and in part; each order and the shop hear of it once.
#[tokio::test]
async fn two_refunds_are_confirmed_at_once() {
    let world = World::new().await;
    world.paid("A-1").await;
    world.paid("A-2").await;
    let (status, refund) = world
        .pay_back(
            "A-1",
            json!({"refund_no": "R-1", "amount": "1.00", "reason": "return"}),
        )
        .await;
    assert_eq!((status, &refund["status"]), (202, &json!("requested")));
    assert_eq!(refund["reason"], json!("return"));
    let refund = json!({"refund_no": "R-1", "amount": "0.40"});
    assert_eq!(world.pay_back("A-2", refund.clone()).await.0, 202);
    assert_eq!(world.pay_back("A-2", refund).await.0, 200);
    let (status, page) = world.page(&["A-1", "A-2"]).await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(
        world.show("A-1").await["refunds"][0]["status"],
        json!("sent")
    );
    // Whoever closed the page opens the same one again.
    let (_, again) = world.page(&["A-2", "A-1"]).await;
    let batch_no = |page: &Value| {
        let url = url::Url::parse(page["url"].as_str().unwrap()).unwrap();
        let found = url.query_pairs().find(|(name, _)| name == "batch_no");
        found.unwrap().1.into_owned()
    };
    assert_eq!(batch_no(&page), batch_no(&again));
    world.confirm(&again).await;
    let succeeded = |order: &Value| order["refunds"][0]["status"] == "succeeded";
    let order = world.until("A-1", |order| succeeded(order)).await;
    assert_eq!(order["status"], json!("refunded"));
    let order = world.until("A-2", |order| succeeded(order)).await;
    assert_eq!(order["status"], json!("partially_refunded"));
    assert_eq!(order["refunds"].as_array().unwrap().len(), 1, "{order}");
    for (order_no, kind) in [
        ("A-1", "order.refunded"),
        ("A-2", "order.partially_refunded"),
    ] {
        let events = world.events(order_no).await;
        assert_eq!(
            events.iter().filter(|event| *event == kind).count(),
            1,
            "{events:?}"
        );
    }
    // What has ended goes nowhere.
    let (status, problem) = world.page(&["A-1"]).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("refund_under_way"))
    );
}

/// Everything that can be wrong with a wish is said, each with a code of its own; nothing of it is written down.
#[tokio::test]
async fn what_is_wrong_with_a_wish_is_said() {
    let world = World::new().await;
    world.order("A-1").await;
    let refund = |refund_no: &str, amount: &str| json!({"refund_no": refund_no, "amount": amount});
    let (status, problem) = world.pay_back("A-1", refund("R-1", "0.01")).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("trade_not_received"))
    );
    world.pay("A-1");
    world.until("A-1", |order| order["status"] == "paid").await;
    for (wish, field) in [
        (refund("", "0.01"), "refund_no"),
        (refund("R 1", "0.01"), "refund_no"),
        (refund("R-1", "0.001"), "amount"),
        (refund("R-1", "0.00"), "amount"),
        (
            json!({"refund_no": "R-1", "amount": "0.01", "reason": "a^b"}),
            "reason",
        ),
    ] {
        let (status, problem) = world.pay_back("A-1", wish.clone()).await;
        assert_eq!(status, 422, "{wish}: {problem}");
        assert!(
            problem["detail"].as_str().unwrap().contains(field),
            "{problem}"
        );
    }
    let elsewhere = json!({"refund_no": "R-1", "amount": "0.01", "trade_no": "2026"});
    let (_, problem) = world.pay_back("A-1", elsewhere).await;
    assert_eq!(problem["code"], json!("trade_not_received"));
    let (_, problem) = world.pay_back("A-1", refund("R-1", "1.01")).await;
    assert_eq!(problem["code"], json!("refund_exceeds_received"));
    assert_eq!(world.show("A-1").await["refunds"], json!([]));
    // The page takes what is there, each once.
    assert_eq!(world.page(&["A-1"]).await.0, 404);
    assert_eq!(world.page(&[]).await.0, 422);
    let body = json!({"refunds": [{"order_no": "A-1", "refund_no": "R-1"}]});
    let path = "/v1/refunds/main/checkout";
    let (status, _) = world.api_as(LIMITED_KEY, "POST", path, Some(body)).await;
    assert_eq!(status, 403);
}

/// A contract without refunds says so, whatever is asked for.
#[tokio::test]
async fn a_contract_without_refunds_says_so() {
    let world = World::new().await;
    let order = json!({"account": "gbk", "order_no": "A-1", "subject": "a book", "amount": "1.00"});
    assert_eq!(world.api("POST", "/v1/orders", Some(order)).await.0, 201);
    let refund = json!({"refund_no": "R-1", "amount": "0.01"});
    let named = json!({"refunds": [{"order_no": "A-1", "refund_no": "R-1"}]});
    for (path, body) in [
        ("/v1/orders/gbk/A-1/refunds", refund),
        ("/v1/refunds/gbk/checkout", named),
    ] {
        let (status, problem) = world.api("POST", path, Some(body)).await;
        assert_eq!(
            (status, &problem["code"]),
            (501, &json!("not_supported_by_gateway")),
            "{path}"
        );
    }
}

/// The same refund asked for ten times at once is one refund, and every answer shows it.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_refund_at_once_is_one() {
    let world = World::new().await;
    world.paid("A-1").await;
    let refund = json!({"refund_no": "R-1", "amount": "0.40"});
    let asked = (0..10).map(|_| world.pay_back("A-1", refund.clone()));
    let answers = futures_join(asked).await;
    let taken = answers.iter().filter(|(status, _)| *status == 202).count();
    assert_eq!(taken, 1, "{answers:?}");
    for (status, answer) in answers {
        assert!(matches!(status, 200 | 202), "{answer}");
        assert_eq!(answer["refund_no"], json!("R-1"));
    }
    assert_eq!(
        world.show("A-1").await["refunds"].as_array().unwrap().len(),
        1
    );
}
