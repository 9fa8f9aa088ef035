//! `gateway_options`: an order's further parameters, from the API to the cashier.

use crate::world::{PARTNER, Wishes, World};
use quittance_core::gateway::alipay::Extras;
use quittance_core::params::Params;
use serde_json::{Value, json};

fn order(options: Value) -> Value {
    json!({"account": "main", "order_no": "A-1", "subject": "a book", "amount": "1.00", "gateway_options": options})
}

/// The parameters that a checkout sends to the gateway.
async fn sent(world: &World) -> Params {
    let path = "/v1/orders/main/A-1/checkout?via=get";
    let (status, checkout) = world.api("POST", path, None).await;
    assert_eq!(status, 200, "{checkout}");
    let url = checkout["url"].as_str().unwrap();
    Params::parse(url.split_once('?').unwrap().1.as_bytes()).unwrap()
}

fn text<'a>(sent: &'a Params, name: &str) -> &'a str {
    std::str::from_utf8(sent.get(name).unwrap_or_default()).unwrap()
}

/// Shows that what the order asks for goes along beside what the account asks for, that the gateway takes it, and that
/// the same order is sent the same way again.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_asks_for_more_than_its_account() {
    let extras = Extras {
        options: [("goods_type".to_owned(), "0".to_owned())].into(),
        ..Extras::default()
    };
    let world = World::with(Wishes {
        extras,
        ..Wishes::default()
    })
    .await;
    let options =
        json!({"royalty_parameters": "a@example.com^0.10^share", "buyer_email": "me@example.com"});
    world.order_of(order(options.clone())).await;
    let first = sent(&world).await;
    for (name, value) in [
        ("goods_type", "0"),
        ("royalty_type", "10"),
        ("royalty_parameters", "a@example.com^0.10^share"),
        ("buyer_email", "me@example.com"),
        ("total_fee", "1.00"),
    ] {
        assert_eq!(text(&first, name), value);
    }
    assert_eq!(first, sent(&world).await);
    let (status, _) = world.api("POST", "/v1/orders", Some(order(options))).await;
    assert_eq!(status, 200);
    world.pay("A-1");
    world.until("A-1", |order| order["status"] == "paid").await;
}

/// Shows that who the buyer is stands beside the journal and never in a header of it, and that the rest is in the order.
#[tokio::test(flavor = "multi_thread")]
async fn the_buyer_stands_beside_the_journal() {
    let world = World::new().await;
    let named = json!({"buyer_email": "me@example.com", "buyer_id": "2088000000000101", "sign_id_ext": "u-17",
                       "sign_name_ext": "Zhang San", "token": "t-17", "buyer_account_name": "zhangsan", "goods_type": "1"});
    let (status, made) = world.api("POST", "/v1/orders", Some(order(named))).await;
    assert_eq!(status, 201, "{made}");
    let stored = world.stored("A-1").await.order;
    assert_eq!(
        stored.gateway_options.keys().collect::<Vec<_>>(),
        ["goods_type"]
    );
    let sent = sent(&world).await;
    assert_eq!(text(&sent, "buyer_id"), "2088000000000101");
    assert_eq!(text(&sent, "sign_name_ext"), "Zhang San");
    assert_eq!(text(&sent, "goods_type"), "1");
}

/// Shows that the content is written once: another one is another order, but for the buyer, whose first name stays.
#[tokio::test(flavor = "multi_thread")]
async fn another_content_is_refused_by_its_field() {
    let world = World::new().await;
    let make = |options: Value| world.api("POST", "/v1/orders", Some(order(options)));
    assert_eq!(
        make(json!({"goods_type": "0", "buyer_email": "a@example.com"}))
            .await
            .0,
        201
    );
    for options in [
        json!({}),
        json!({"goods_type": "1"}),
        json!({"goods_type": "0", "qr_pay_mode": "1"}),
    ] {
        let (status, problem) = make(options).await;
        assert_eq!(
            (status, problem["code"].as_str()),
            (409, Some("order_exists_with_different_gateway_options"))
        );
    }
    assert_eq!(
        make(json!({"goods_type": "0", "buyer_email": "b@example.com"}))
            .await
            .0,
        200
    );
    assert_eq!(text(&sent(&world).await, "buyer_email"), "a@example.com");
}

/// Shows that a wrong parameter is refused by its name when the order is made, and that values are texts.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_parameter_is_refused_by_name() {
    let world = World::new().await;
    for (options, says) in [
        (
            json!({"colour": "red"}),
            "\"colour\": the gateway takes no such parameter",
        ),
        (
            json!({"error_notify_url": "https://shop.example.com/"}),
            "setting of the account",
        ),
        (
            json!({"royalty_parameters": "a@example.com^1.01^x"}),
            "more than the amount",
        ),
        (json!({"buyer_email": "a&total_fee=0.01"}), "& and ="),
        (
            json!({"price": "0.50", "quantity": "3"}),
            "product is the amount",
        ),
        (json!({"seller_id": PARTNER}), "no such parameter"),
    ] {
        let (status, problem) = world.api("POST", "/v1/orders", Some(order(options))).await;
        assert_eq!(
            (status, problem["code"].as_str()),
            (422, Some("invalid_field")),
            "{problem}"
        );
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.starts_with("gateway_options: ") && detail.contains(says),
            "{detail}"
        );
    }
    for options in [json!({"qr_pay_mode": 1}), json!([]), json!("x")] {
        let (status, problem) = world.api("POST", "/v1/orders", Some(order(options))).await;
        assert_eq!(
            (status, problem["code"].as_str()),
            (422, Some("unreadable_body")),
            "{problem}"
        );
    }
}
