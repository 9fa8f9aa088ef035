//! The merchant API: orders, lists, waiting, closing, the feed, and what it refuses.

use crate::world::{LIMITED_KEY, World};
use quittance_core::gateway::alipay::CODES;
use quittance_core::lang::Words;
use quittance_sandbox::Faults;
use serde_json::{Value, json};
use std::time::Duration;

fn book(order_no: &str) -> Value {
    json!({"account": "main", "order_no": order_no, "subject": "a book", "amount": "1.00"})
}

/// Shows that a duplicate is an answer, not an error; what differs is named by its field.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_order_twice() {
    let world = World::new().await;
    let (status, first) = world.api("POST", "/v1/orders", Some(book("A-1"))).await;
    assert_eq!(status, 201);
    assert_eq!(
        (&first["status"], &first["amount"], &first["currency"]),
        (&json!("unpaid"), &json!("1.00"), &json!("CNY"))
    );
    let (status, again) = world.api("POST", "/v1/orders", Some(book("A-1"))).await;
    assert_eq!((status, again), (200, first));
    for (field, value) in [
        ("amount", json!("1.01")),
        ("subject", json!("two books")),
        ("body", json!("in blue")),
        ("extra", json!("x")),
        ("method", json!("directPay")),
        ("show_url", json!("http://shop.example.com/a")),
    ] {
        let mut other = book("A-1");
        other[field] = value;
        let (status, problem) = world.api("POST", "/v1/orders", Some(other)).await;
        assert_eq!(
            (status, &problem["code"]),
            (409, &json!(format!("order_exists_with_different_{field}")))
        );
    }
    let mut first_values_stay = book("A-1");
    first_values_stay["client_ip"] = json!("203.0.113.7");
    first_values_stay["expires_in"] = json!(3_600);
    assert_eq!(
        world
            .api("POST", "/v1/orders", Some(first_values_stay))
            .await
            .0,
        200
    );
}

/// Shows that the journal says what the gateway's code means, in the words of `quittance explain`.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_the_gateway_is_explained_where_it_is_shown() {
    let world = World::new().await;
    world.api("POST", "/v1/orders", Some(book("A-1"))).await;
    let (status, _) = world.api("POST", "/v1/orders/main/A-1/verify", None).await;
    assert_eq!(status, 200);
    let journal = world.journal("A-1").await;
    let entries = journal["items"].as_array().unwrap();
    let answered = entries
        .iter()
        .find(|entry| entry["kind"] == "query")
        .unwrap();
    assert_eq!(answered["reason"], "TRADE_NOT_EXIST");
    let known = CODES.get("TRADE_NOT_EXIST").unwrap();
    let said = |words: Words| json!({"en": words.en, "zh": words.zh});
    let expected = json!({
        "meaning": said(known.meaning), "cause": said(known.cause), "fix": said(known.fix),
    });
    assert_eq!(answered["explained"], expected);
    // What is no code of the gateway is not explained.
    let made = entries.iter().find(|entry| entry["kind"] == "order");
    assert_eq!(made.unwrap().get("explained"), None);
}

/// Shows that a number is made where none is given: Beijing time and random digits.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_made() {
    let world = World::new().await;
    let order = json!({"account": "main", "subject": "a book", "amount": "1.00"});
    let (status, made) = world.api("POST", "/v1/orders", Some(order)).await;
    assert_eq!(status, 201);
    let number = made["order_no"].as_str().unwrap();
    assert!(
        number.len() == 20 && number.bytes().all(|byte| byte.is_ascii_digit()),
        "{number}"
    );
}

/// Shows that what cannot be taken is refused at creation, with cause and help.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_orders_are_refused_with_help() {
    let world = World::new().await;
    for (change, code, part) in [
        (json!({"amount": "1e2"}), "invalid_field", "amount"),
        (json!({"amount": "0.00"}), "invalid_field", "amount"),
        (json!({"currency": "USD"}), "invalid_field", "currency"),
        (json!({"currency": "cny"}), "invalid_field", "currency"),
        (json!({"subject": "a&b"}), "invalid_field", "subject"),
        (json!({"subject": ""}), "invalid_field", "subject"),
        (json!({"order_no": "A 1"}), "invalid_field", "order_no"),
        (json!({"bank": "NOBANK"}), "invalid_field", "bank"),
        (
            json!({"show_url": "http://shop.example.com/?id=1"}),
            "invalid_field",
            "show_url",
        ),
        (
            json!({"return_to": "https://evil.example.org/"}),
            "invalid_field",
            "return_to",
        ),
        (
            json!({"return_to": "//evil.example.org/"}),
            "invalid_field",
            "return_to",
        ),
        (json!({"expires_in": 10}), "invalid_field", "expires_in"),
        (
            json!({"client_ip": "nowhere"}),
            "invalid_field",
            "client_ip",
        ),
        (json!({"colour": "blue"}), "unreadable_body", "colour"),
        (json!({"account": "nobody"}), "account_unknown", "nobody"),
    ] {
        let mut order = book("A-1");
        for (name, value) in change.as_object().unwrap() {
            order[name] = value.clone();
        }
        let (status, problem) = world.api("POST", "/v1/orders", Some(order)).await;
        assert!((400..500).contains(&status), "{change}: {status}");
        assert_eq!(problem["code"], code, "{change}: {problem}");
        assert!(
            problem["detail"].as_str().unwrap().contains(part),
            "{change}: {problem}"
        );
        assert!(
            !problem["help"].as_str().unwrap().is_empty()
                && !problem["title"].as_str().unwrap().is_empty()
        );
    }
    assert_eq!(world.api("GET", "/v1/orders/main/A-1", None).await.0, 404);
}

/// Shows who may do what: no key, a wrong key, a key of another account.
#[tokio::test(flavor = "multi_thread")]
async fn keys_reach_their_accounts_only() {
    let world = World::new().await;
    world.api("POST", "/v1/orders", Some(book("A-1"))).await;
    let reply = world
        .client
        .get(format!("{}/v1/orders", world.url))
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 401);
    assert_eq!(reply.headers()["content-type"], "application/problem+json");
    assert_eq!(
        world.api_as("wrong", "GET", "/v1/orders", None).await.0,
        401
    );
    assert_eq!(
        world
            .api_as(LIMITED_KEY, "GET", "/v1/orders/main/A-1", None)
            .await
            .0,
        403
    );
    assert_eq!(
        world
            .api_as(LIMITED_KEY, "POST", "/v1/orders", Some(book("A-2")))
            .await
            .0,
        403
    );
    assert_eq!(
        world
            .api_as(LIMITED_KEY, "GET", "/v1/endpoints", None)
            .await
            .0,
        403
    );
    let (status, listed) = world.api_as(LIMITED_KEY, "GET", "/v1/orders", None).await;
    assert_eq!(
        (status, listed["items"].as_array().unwrap().len()),
        (200, 0)
    );
}

/// Shows the list: newest first, in parts that join without a gap, filtered.
#[tokio::test(flavor = "multi_thread")]
async fn orders_are_listed_in_parts() {
    let world = World::new().await;
    for n in 0..7 {
        world
            .api("POST", "/v1/orders", Some(book(&format!("A-{n}"))))
            .await;
    }
    let mut numbers = Vec::new();
    let mut after = String::new();
    loop {
        let (status, page) = world
            .api("GET", &format!("/v1/orders?limit=3{after}"), None)
            .await;
        assert_eq!(status, 200, "{page}");
        numbers.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|order| order["order_no"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(numbers, ["A-6", "A-5", "A-4", "A-3", "A-2", "A-1", "A-0"]);
    assert_eq!(
        world.api("GET", "/v1/orders?q=A-3", None).await.1["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        world.api("GET", "/v1/orders?status=paid", None).await.1["items"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    assert_eq!(world.api("GET", "/v1/orders?limit=0", None).await.0, 422);
    assert_eq!(
        world.api("GET", "/v1/orders?after=nonsense", None).await.0,
        422
    );
    assert_eq!(
        world.api("GET", "/v1/orders?colour=blue", None).await.0,
        400
    );
    assert_eq!(
        world.api("GET", "/v1/events?after=nonsense", None).await.0,
        422
    );
}

/// Shows verification: unknown is an answer and never an error; paid is found though nobody told us.
#[tokio::test(flavor = "multi_thread")]
async fn verification_asks_the_gateway() {
    let world = World::new().await;
    world.api("POST", "/v1/orders", Some(book("A-1"))).await;
    let verify = async |order_no: &str| {
        world
            .api("POST", &format!("/v1/orders/main/{order_no}/verify"), None)
            .await
    };
    let (status, said) = verify("A-1").await;
    assert_eq!(
        (status, &said["answer"], &said["next"]),
        (200, &json!("not_found"), &json!("check_later"))
    );
    world.order("A-2").await;
    assert_eq!(verify("A-2").await.1["answer"], "unpaid");
    world.order("A-3").await;
    world
        .gateway
        .with(|gateway| gateway.set_own_faults(crate::world::PARTNER, "A-3", Faults::query_down()))
        .unwrap();
    let (status, said) = verify("A-3").await;
    assert_eq!(
        (status, &said["answer"], &said["verified"]),
        (200, &json!("unknown"), &json!(false))
    );
    world.order("A-4").await;
    world.pay_silently("A-4");
    let (_, said) = verify("A-4").await;
    assert_eq!(
        (&said["answer"], &said["next"], &said["status"]),
        (&json!("paid"), &json!("show_success"), &json!("paid"))
    );
    assert_eq!(said["message"]["zh"], "已付款。");
    assert_eq!(
        world.events("A-4").await,
        ["payment.recorded", "order.paid"]
    );
}

/// Shows closing: an unpaid order closes after query, close, query; a paid one is found paid instead and stays so.
#[tokio::test(flavor = "multi_thread")]
async fn closing_asks_before_and_after() {
    let world = World::new().await;
    world.order("A-1").await;
    let (status, order) = world
        .api("POST", "/v1/orders/main/A-1/close?wait=20", None)
        .await;
    assert_eq!(
        (status, &order["status"]),
        (200, &json!("closed")),
        "{order}"
    );
    let kinds = world.kinds("A-1").await;
    assert_eq!(
        kinds[2..6],
        ["close_requested", "query", "close", "query"],
        "{kinds:?}"
    );
    assert_eq!(world.events("A-1").await, ["order.closed"]);
    let (status, problem) = world
        .api("POST", "/v1/orders/main/A-1/checkout", None)
        .await;
    assert_eq!((status, &problem["code"]), (409, &json!("order_closed")));

    world.order("A-2").await;
    world.pay_silently("A-2");
    let (_, order) = world
        .api("POST", "/v1/orders/main/A-2/close?wait=20", None)
        .await;
    assert_eq!(order["status"], "paid");
    let (status, problem) = world.api("POST", "/v1/orders/main/A-2/close", None).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("order_already_paid"))
    );

    world.api("POST", "/v1/orders", Some(book("A-3"))).await;
    let (_, order) = world
        .api("POST", "/v1/orders/main/A-3/close?wait=20", None)
        .await;
    assert_eq!(
        order["status"], "closed",
        "no such trade at the gateway: given up"
    );
}

/// Shows the feed's waiting: it answers when something happens, and its cursor goes on behind an empty page.
#[tokio::test(flavor = "multi_thread")]
async fn the_feed_waits() {
    let world = World::new().await;
    let (_, empty) = world.api("GET", "/v1/events", None).await;
    let after = empty["next"].as_str().unwrap().to_owned();
    world.order("A-1").await;
    let waiting = world.api("GET", "/v1/events?after=none&wait=20", None);
    assert_eq!(waiting.await.0, 422, "a wrong cursor is told at once");
    let path = format!("/v1/events?after={after}&wait=20");
    let waiting = world.api("GET", &path, None);
    let (fed, _) = tokio::join!(waiting, async { world.pay("A-1") });
    assert_eq!(fed.1["items"][0]["type"], "payment.recorded");
    let wait = world.app.clock.within(
        Duration::from_secs(10),
        world.api("GET", "/v1/events?wait=0&after=&limit=1", None),
    );
    assert!(wait.await.is_some());
}

/// Shows the operator's addresses, and that refunds say that they are not supported.
#[tokio::test(flavor = "multi_thread")]
async fn the_servers_own_addresses() {
    let mut world = World::new().await;
    let get = async |world: &World, path: &str| {
        let reply = world
            .client
            .get(format!("{}{path}", world.url))
            .send()
            .await
            .unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    };
    assert_eq!(get(&world, "/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(get(&world, "/readyz").await, (200, "ready\n".to_owned()));
    let (_, metrics) = get(&world, "/metrics").await;
    assert!(
        metrics.contains("quittance_journal_head{chain=") && metrics.ends_with("# EOF\n"),
        "{metrics}"
    );
    let described: Value = serde_json::from_str(&get(&world, "/openapi.json").await.1).unwrap();
    assert!(described["paths"]["/v1/orders"]["post"].is_object());
    assert_eq!(get(&world, "/nothing").await.0, 404);
    world.begin_to_stop();
    world.stop_has_begun().await;
}
