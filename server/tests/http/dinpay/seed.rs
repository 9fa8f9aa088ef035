//! Seed 000, point by point, where it is the server's.

use super::World;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What goes over the wire, to the last byte: head and body.
async fn raw(world: &World, method: &str, path: &str, body: Vec<u8>) -> (String, String) {
    let host = world.url.strip_prefix("http://").unwrap().to_owned();
    let mut call = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    call.extend(body);
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(&call).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

/// Seed 000 1, 7, 8 (SEC-063): the answer to a good notify is seven bytes and nothing else, with their length told and
/// no redirect; the answer to every other does not have the word in it.
#[tokio::test(flavor = "multi_thread")]
async fn seed_1_the_answer_is_success_and_nothing_else() {
    let world = World::new().await;
    world.paid("A_1").await;
    let good = world.gateway.notify("A_1");
    let mut bad = good.clone();
    *bad.last_mut().unwrap() ^= 1;
    for (path, body, word) in [
        ("/notify/main", good.clone(), "SUCCESS"),
        // Again, with a query of somebody's own.
        ("/notify/main?order=5", good.clone(), "SUCCESS"),
        ("/notify/main", bad, "fail"),
        ("/notify/main", Vec::new(), "fail"),
        ("/notify/nobody", good, "fail"),
    ] {
        let (head, body) = raw(&world, "POST", path, body).await;
        assert_eq!(body, word, "{path}");
        assert!(head.starts_with("http/1.1 200 ok\r\n"), "{head}");
        let length = format!("content-length: {}", word.len());
        assert!(head.lines().any(|line| line == length), "{head}");
        assert!(head.contains("content-type: text/plain"), "{head}");
        for absent in ["location", "set-cookie", "encoding", "refresh"] {
            assert!(!head.contains(&format!("{absent}:")), "{absent}\n{head}");
        }
        assert!(word == "SUCCESS" || !body.to_uppercase().contains("SUCCESS"));
    }
}

/// Seed 000 2: parameters come by POST. The same fields by GET are neither a notify nor a return.
#[tokio::test(flavor = "multi_thread")]
async fn seed_2_parameters_are_taken_from_a_post_only() {
    let world = World::new().await;
    let token = world.paid("A_1").await;
    let notify = String::from_utf8(world.gateway.notify("A_1")).unwrap();
    let path = format!("/notify/main?{notify}");
    for method in ["GET", "HEAD", "PUT", "POST"] {
        let (head, body) = raw(&world, method, &path, Vec::new()).await;
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(method == "HEAD" || body == "fail", "{method} {body}");
    }
    let fields = String::from_utf8(world.gateway.returned("A_1")).unwrap();
    let page = format!("/pay/{token}/result");
    for (address, leads_to) in [
        (format!("/return/main/{token}?{fields}"), Some(page)),
        (format!("/return/main?{fields}"), None),
        (format!("/return/main/other?{fields}"), None),
    ] {
        let reply = world.browser.get(format!("{}{address}", world.url));
        let reply = reply.send().await.unwrap();
        let location = reply.headers().get("location");
        let location = location.map(|to| to.to_str().unwrap().to_owned());
        assert_eq!(location, leads_to, "{address}");
        if location.is_none() {
            let text = reply.text().await.unwrap();
            assert!(text.contains("no valid payment result"), "{text}");
        }
    }
    assert_eq!(world.show("A_1").await["status"], "unpaid");
    assert!(world.callbacks("A_1").await.is_empty());
}

/// Seed 000, its solution (1. and 2.): both pages refuse to process a trade twice. A return, a notify, five resends and
/// the return once more are one payment, told once, and each notify is acked.
#[tokio::test(flavor = "multi_thread")]
async fn seed_both_pages_refuse_to_process_a_trade_twice() {
    for return_first in [true, false] {
        let world = World::new().await;
        let token = world.paid("A_1").await;
        let page = format!("/pay/{token}/result");
        let comes_back = async || {
            let reply = world.comes_back("A_1").await;
            assert_eq!(reply.status(), 303);
            assert_eq!(reply.headers()["location"], page.as_str());
        };
        if return_first {
            comes_back().await;
            assert_eq!(world.show("A_1").await["status"], "paid");
        }
        for _ in 0..6 {
            assert_eq!(world.notify(world.gateway.notify("A_1")).await, "SUCCESS");
        }
        comes_back().await;
        let order = world.show("A_1").await;
        assert_eq!(order["status"], "paid");
        assert_eq!(order["trades"].as_array().unwrap().len(), 1);
        assert_eq!(order["attention"], false);
        assert_eq!(world.events().await, ["payment.recorded", "order.paid"]);
        let callbacks = world.callbacks("A_1").await;
        assert_eq!(callbacks.len(), 7 + usize::from(return_first));
        assert!(callbacks.iter().all(|entry| entry["verdict"] == "genuine"));
        assert_eq!(world.asked(), 0, "nobody had to be asked");
    }
}

/// Seed 000 5, 10: the exchange between the servers needs no buyer. One whose browser never came back is served by the
/// notify alone, and finds his order paid.
#[tokio::test(flavor = "multi_thread")]
async fn seed_10_an_order_whose_return_was_lost_is_settled_by_the_notify() {
    let world = World::new().await;
    let token = world.paid("A_1").await;
    assert_eq!(world.notify(world.gateway.notify("A_1")).await, "SUCCESS");
    let order = world.show("A_1").await;
    assert_eq!(order["status"], "paid");
    assert_eq!(order["trades"][0]["proof"], "signed");
    assert_eq!(
        order["trades"][0]["witnesses"],
        serde_json::json!(["notify"])
    );
    let page = format!("{}/pay/{token}/result", world.url);
    let page = world.browser.get(page).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Paid. Received"));
}

/// Seed 000 4: only what succeeded pays. A status that is not `SUCCESS` moves nothing, and is acked, since it claims
/// nothing that would have to be sent again.
#[tokio::test(flavor = "multi_thread")]
async fn seed_4_only_a_successful_payment_pays() {
    use quittance_core::gateway::dinpay::gateway_side::TradeStatus;
    let world = World::new().await;
    world.order("A_1", "a book").await;
    for status in [TradeStatus::Failed, TradeStatus::Unpay] {
        world.gateway.change("A_1", |trade| trade.status = status);
        world.notify(world.gateway.notify("A_1")).await;
        assert_eq!(world.show("A_1").await["status"], "unpaid");
    }
    assert!(world.events().await.is_empty());
}
