//! The edge: what strangers, slow clients, proxies and a shutdown do to the listener.

use crate::world::{LIMITED_KEY, Wishes, World};
use quittance_core::facts::Proof;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn connect(world: &World) -> TcpStream {
    TcpStream::connect(world.url.strip_prefix("http://").unwrap())
        .await
        .unwrap()
}

/// What comes until the server closes, or until the time is over (`None`).
async fn until_closed(world: &World, stream: &mut TcpStream, secs: u64) -> Option<String> {
    let mut bytes = Vec::new();
    // A reset after the answer is an end like any other.
    let read = async {
        let mut part = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut part).await {
            bytes.extend_from_slice(&part[..count]);
        }
    };
    let limit = Duration::from_secs(secs);
    world.app.clock.within(limit, read).await?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Sends bytes as they stand, with `connection: close` among them, and gives the whole answer.
async fn raw(world: &World, request: impl AsRef<[u8]>) -> String {
    let mut stream = connect(world).await;
    let _ = stream.write_all(request.as_ref()).await;
    until_closed(world, &mut stream, 15)
        .await
        .expect("the server answers and closes")
}

fn request(method: &str, target: &str) -> String {
    format!(
        "{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    )
}

fn assert_word(reply: &str, word: &str, what: &str) {
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{what}: {reply}");
    assert!(
        reply.contains("content-type: text/plain\r\n"),
        "{what}: {reply}"
    );
    assert!(
        reply.contains("cache-control: no-store\r\n"),
        "{what}: {reply}"
    );
    let length = format!("content-length: {}\r\n", word.len());
    assert!(reply.contains(&length), "{what}: {reply}");
    assert!(
        reply.ends_with(&format!("\r\n\r\n{word}")),
        "{what}: {reply}"
    );
}

/// Shows that a notify address answers every method and every spelling with 200 and the word, and nothing of a framework.
#[tokio::test(flavor = "multi_thread")]
async fn every_call_of_a_notify_address_reads_the_word() {
    let world = World::new().await;
    for method in [
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND",
    ] {
        for target in [
            "/notify/main",
            "/notify/main?a=1&a=1",
            "/notify/m%61in/x.php",
            "/notify/%00",
            "/notify/%F0%9F%92%A9",
            "/notify/..%2f..%2fetc",
        ] {
            assert_word(
                &raw(&world, request(method, target)).await,
                "fail",
                &format!("{method} {target}"),
            );
        }
    }
    let head = raw(&world, request("HEAD", "/notify/main")).await;
    assert!(
        head.starts_with("HTTP/1.1 200 OK\r\n") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
}

/// Shows that bytes that are no UTF-8 in a notify address are an unknown account, not a framework's error.
#[tokio::test(flavor = "multi_thread")]
async fn a_notify_address_that_is_no_text_reads_fail() {
    let world = World::new().await;
    for target in ["/notify/%ff", "/notify/main/%ff", "/notify/%c3%28/x"] {
        assert_word(&raw(&world, request("POST", target)).await, "fail", target);
    }
}

/// Shows that return addresses and pages that are no text are readable pages too (seed 001 5.2 B).
#[tokio::test(flavor = "multi_thread")]
async fn pages_are_readable_whatever_the_address() {
    let world = World::new().await;
    world.order("A-1").await;
    let token = world.stored("A-1").await.order.token;
    let long = "x".repeat(8_000);
    for target in [
        "/return/%ff".to_owned(),
        "/return/main/%ff".to_owned(),
        "/return/main/%ff?a=1".to_owned(),
        format!("/return/main/{long}"),
        "/pay/%ff".to_owned(),
        "/pay/%00".to_owned(),
        "/pay/..%2f..%2fv1".to_owned(),
        format!("/pay/{long}/result"),
        "/pay/%ff/result".to_owned(),
        format!("/pay/{token}/result?n=x"),
        format!("/pay/{token}/result?n=-1&asked=maybe"),
        format!("/pay/{token}/result?n=99999999999"),
        format!("/pay/{token}/result?n=1&n=2"),
        format!("/pay/{token}/result?n=%ff"),
    ] {
        let reply = raw(&world, request("GET", &target)).await;
        let shown = &target[..target.len().min(40)];
        assert!(reply.contains("<!doctype html>"), "{shown}: {reply}");
        assert!(
            reply.contains("content-security-policy: default-src 'none'"),
            "{shown}: {reply}"
        );
        assert!(!reply.contains("set-cookie"), "{shown}: {reply}");
    }
}

/// Shows that whatever is wrong with a call of the merchant API, the answer is a problem with code and help.
#[tokio::test(flavor = "multi_thread")]
async fn every_error_of_the_api_is_a_problem() {
    let world = World::new().await;
    world.order("A-1").await;
    let order = "/v1/orders/main/A-1";
    let mut cases: Vec<(&str, String, Option<Value>, u16)> = vec![
        ("GET", format!("{order}?wait=31"), None, 422),
        ("GET", format!("{order}?wait=-1"), None, 400),
        ("GET", format!("{order}?wait=1&wait=2"), None, 400),
        ("GET", format!("{order}?unknown=1"), None, 400),
        ("GET", "/v1/events?wait=31".into(), None, 422),
        ("GET", "/v1/events?after=nonsense".into(), None, 422),
        ("GET", "/v1/events?after=e-1".into(), None, 422),
        (
            "GET",
            "/v1/events?after=e99999999999999999999".into(),
            None,
            422,
        ),
        ("GET", "/v1/events?limit=0".into(), None, 422),
        ("GET", "/v1/orders?limit=201".into(), None, 422),
        ("GET", "/v1/orders?after=bm9wZQ".into(), None, 422),
        ("GET", "/v1/orders?status=PAID".into(), None, 400),
        ("GET", "/v1/orders?from=yesterday".into(), None, 422),
        ("GET", format!("{order}/journal?after=-1"), None, 400),
        ("GET", "/v1/discrepancies?state=closed".into(), None, 400),
        ("GET", "/v1/orders/main/%00".into(), None, 404),
        ("GET", "/v1/orders/nobody/A-1".into(), None, 404),
        ("GET", "/v1/orders/main/%ff".into(), None, 400),
        ("POST", format!("{order}/checkout?via=put"), None, 400),
        ("POST", format!("{order}/close?wait=31"), None, 422),
        ("POST", "/v1/events/evt_x/redeliver".into(), None, 404),
        (
            "POST",
            "/v1/discrepancies/x/resolve".into(),
            Some(json!({"kind": "accept", "note": "x"})),
            404,
        ),
        (
            "POST",
            "/v1/discrepancies/x/resolve".into(),
            Some(json!({"kind": "accept", "note": " "})),
            422,
        ),
        (
            "POST",
            "/v1/discrepancies/x/resolve".into(),
            Some(json!({"kind": "paid", "note": "x"})),
            422,
        ),
        ("POST", "/v1/orders".into(), None, 415),
        ("DELETE", order.to_owned(), None, 405),
        ("PUT", "/v1/orders".into(), None, 405),
        ("GET", "/v1/nothing".into(), None, 404),
    ];
    let good = json!({"account": "main", "order_no": "B-1", "subject": "x", "amount": "1.00"});
    for (field, value) in [
        ("amount", json!(1.0)),
        ("amount", json!(1)),
        ("amount", json!("1e2")),
        ("amount", json!("-1.00")),
        ("amount", json!("1.001")),
        ("subject", json!(null)),
        ("subject", json!(["x"])),
        ("order_no", json!("a/b")),
        ("order_no", json!("")),
        ("order_no", json!("\u{202e}x")),
        ("currency", json!("cny")),
        ("expires_in", json!("300")),
        ("expires_in", json!(299)),
        ("client_ip", json!("not an address")),
        ("client_ip", json!("127.0.0.1\r\nx: y")),
        ("surprise", json!(1)),
        ("return_to", json!("//evil.example")),
        ("return_to", json!("/\\evil.example")),
        ("return_to", json!("https:evil.example")),
        ("return_to", json!("javascript:alert(1)")),
        ("return_to", json!("http://shop.example.com.evil.example/")),
        ("show_url", json!("javascript:alert(1)")),
        ("show_url", json!("http://x.example/\r\nset-cookie: a=b")),
        ("show_url", json!("http://x.example/?id=1")),
    ] {
        let mut order = good.clone();
        order[field] = value;
        cases.push(("POST", "/v1/orders".into(), Some(order), 422));
    }
    for (method, path, body, expected) in cases {
        let call = world
            .client
            .request(method.parse().unwrap(), format!("{}{path}", world.url))
            .bearer_auth(crate::world::API_KEY);
        let call = match &body {
            Some(body) => call
                .header("content-type", "application/json")
                .body(body.to_string()),
            None => call,
        };
        let reply = call.send().await.unwrap();
        let what = format!("{method} {path} {body:?}");
        assert_eq!(reply.status().as_u16(), expected, "{what}");
        let kind = reply.headers().get("content-type").cloned();
        assert_eq!(kind.unwrap(), "application/problem+json", "{what}");
        let problem: Value = serde_json::from_str(&reply.text().await.unwrap()).unwrap();
        for member in ["code", "title", "detail", "help"] {
            let text = problem[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{what}: {member}: {problem}");
        }
    }
    let (_, listed) = world.api("GET", "/v1/orders", None).await;
    assert_eq!(
        listed["items"].as_array().unwrap().len(),
        1,
        "none of them made an order"
    );
}

/// Shows that an order is an object with names, never a list of values by place, and that broken JSON is refused.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_an_object() {
    let world = World::new().await;
    let deep = format!("{}1{}", "[".repeat(100_000 / 4), "]".repeat(100_000 / 4));
    for body in [
        r#"{"account":"main","account":"gbk","order_no":"B-1","subject":"x","amount":"1.00"}"#
            .to_owned(),
        r#"{"account":"main","order_no":"B-1","subject":"\ud800","amount":"1.00"}"#.to_owned(),
        "{".to_owned(),
        String::new(),
        deep,
        r#"["main","B-1","x","1.00","CNY",null,null,null,null,null,null,null,null,null]"#
            .to_owned(),
    ] {
        let reply = world
            .client
            .post(format!("{}/v1/orders", world.url))
            .bearer_auth(crate::world::API_KEY)
            .header("content-type", "application/json")
            .body(body.clone())
            .send()
            .await
            .unwrap();
        let shown = &body[..body.len().min(80)];
        assert!(
            reply.status().is_client_error(),
            "{} {shown}",
            reply.status()
        );
        assert_eq!(
            reply.headers()["content-type"],
            "application/problem+json",
            "{shown}"
        );
    }
}

/// Shows that a return_to holds nothing that a header, a link or a browser would read in another way.
#[tokio::test(flavor = "multi_thread")]
async fn a_return_to_is_written_plainly() {
    let world = World::new().await;
    for bad in [
        "http://shop.example.com/\r\nset-cookie: a=b",
        "http://shop.exa\nmple.com/x",
        " http://shop.example.com/",
        "http://evil@shop.example.com/",
        "http:shop.example.com/x",
        "http:\\\\shop.example.com\\x",
    ] {
        let order = json!({"account": "main", "order_no": "B-1", "subject": "x", "amount": "1.00", "return_to": bad});
        let (status, reply) = world.api("POST", "/v1/orders", Some(order)).await;
        assert_eq!(status, 422, "{bad:?}: {reply}");
    }
    let plain = json!({"account": "main", "order_no": "B-1", "subject": "x", "amount": "1.00",
        "return_to": "http://shop.example.com/thanks?order=B-1"});
    assert_eq!(world.api("POST", "/v1/orders", Some(plain)).await.0, 201);
}

/// Shows that a key that is limited to an account reaches nothing of another, on no route.
#[tokio::test(flavor = "multi_thread")]
async fn a_limited_key_reaches_nothing_else() {
    let world = World::new().await;
    world.order("A-1").await;
    // Another amount than ordered: an event and a discrepancy of `main`.
    world.pay("A-1");
    world.until("A-1", |order| order["status"] == "paid").await;
    let (_, feed) = world.api("GET", "/v1/events", None).await;
    let event = feed["items"][0]["id"].as_str().unwrap();
    let order = "/v1/orders/main/A-1";
    let redeliver = format!("/v1/events/{event}/redeliver");
    for (method, path, body) in [
        ("GET", order.to_owned(), None),
        ("GET", format!("{order}?wait=1"), None),
        ("GET", format!("{order}/journal"), None),
        ("POST", format!("{order}/checkout"), None),
        ("POST", format!("{order}/verify"), None),
        ("POST", format!("{order}/close"), None),
        (
            "POST",
            format!("{order}/refunds"),
            Some(json!({"refund_no": "R", "amount": "0.01"})),
        ),
        ("GET", "/v1/orders?account=main".into(), None),
        ("GET", "/v1/discrepancies?account=main".into(), None),
        ("GET", "/v1/endpoints".into(), None),
        (
            "POST",
            "/v1/endpoints/shop".into(),
            Some(json!({"enabled": false})),
        ),
        ("POST", redeliver.clone(), None),
    ] {
        let (status, reply) = world.api_as(LIMITED_KEY, method, &path, body).await;
        assert_eq!(
            (status, &reply["code"]),
            (403, &json!("account_not_allowed")),
            "{method} {path}"
        );
    }
    for path in ["/v1/orders", "/v1/events", "/v1/discrepancies"] {
        let (status, page) = world.api_as(LIMITED_KEY, "GET", path, None).await;
        assert_eq!(
            (status, page["items"].as_array().unwrap().len()),
            (200, 0),
            "{path}"
        );
    }
    // Without a key nothing at all, whatever else is wrong with the call.
    for (method, path) in [
        ("POST", "/v1/orders"),
        ("GET", order),
        ("GET", "/v1/events?limit=0"),
        ("POST", redeliver.as_str()),
        ("POST", "/v1/discrepancies/x/resolve"),
        ("POST", "/v1/endpoints/shop"),
    ] {
        let reply = raw(&world, request(method, path)).await;
        assert!(
            reply.starts_with("HTTP/1.1 401 "),
            "{method} {path}: {reply}"
        );
        assert!(
            reply.to_lowercase().contains("www-authenticate: bearer"),
            "{method} {path}: {reply}"
        );
    }
}

/// Shows SEC-090: a client that does not finish its headers is let go.
#[tokio::test(flavor = "multi_thread")]
async fn slow_headers_are_let_go() {
    let world = World::new().await;
    let mut silent = connect(&world).await;
    let mut slow = connect(&world).await;
    slow.write_all(b"POST /notify/main HTTP/1.1\r\nhost: x\r\nx-slow: ")
        .await
        .unwrap();
    let (silent, slow) = tokio::join!(
        until_closed(&world, &mut silent, 8),
        until_closed(&world, &mut slow, 8)
    );
    assert!(silent.is_some() && slow.is_some(), "{silent:?} {slow:?}");
}

/// Shows SEC-091: a body that does not come is none, and the word is said all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_reads_fail() {
    let world = World::new().await;
    let mut slow = connect(&world).await;
    slow.write_all(b"POST /notify/main HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nsign=")
        .await
        .unwrap();
    let reply = until_closed(&world, &mut slow, 14).await.expect("closed");
    assert_word(&reply, "fail", "slow body");
}

/// Shows SEC-093: bodies without end or measure are cut at the limit, and the connection with them.
#[tokio::test(flavor = "multi_thread")]
async fn huge_bodies_are_cut() {
    let world = World::new().await;
    for head in [
        "content-length: 10000000000\r\n\r\n".to_owned(),
        "transfer-encoding: chunked\r\n\r\n".to_owned(),
    ] {
        for target in ["/notify/main", "/return/main"] {
            let (mut read, mut write) = connect(&world).await.into_split();
            let head = format!("POST {target} HTTP/1.1\r\nhost: x\r\n{head}");
            write.write_all(head.as_bytes()).await.unwrap();
            let chunk = format!("2000\r\n{}\r\n", "a".repeat(0x2000));
            let mut sent = 0;
            let flood = async {
                while sent < 64 * 1024 * 1024 && write.write_all(chunk.as_bytes()).await.is_ok() {
                    sent += chunk.len();
                }
                sent
            };
            let sent = world.app.clock.within(Duration::from_secs(15), flood).await;
            assert!(
                sent.is_some_and(|sent| sent < 16 * 1024 * 1024),
                "{target}: {sent:?}"
            );
            let mut end = Vec::new();
            let _ = read.read_to_end(&mut end).await;
        }
    }
    let call = world.client.post(format!("{}/v1/orders", world.url));
    let call = call
        .bearer_auth(crate::world::API_KEY)
        .header("content-type", "application/json");
    let reply = call.body(vec![b' '; 100_000]).send().await.unwrap();
    assert_eq!(reply.status(), 413);
    assert_eq!(reply.headers()["content-type"], "application/problem+json");
}

/// Shows that one connection serves many notifies, pipelined too, and that a refused one does not end it.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_kept_after_fail() {
    let world = World::with(Wishes {
        require: Proof::Signed,
        ..Wishes::default()
    })
    .await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let genuine = String::from_utf8(world.genuine("A-1")).unwrap();
    let post = |body: &str, close: &str| {
        format!(
            "POST /notify/main HTTP/1.1\r\nhost: x\r\n{close}content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let all = [
        post("a=1", ""),
        post(&genuine, ""),
        post("a=1", ""),
        post(&genuine, "connection: close\r\n"),
    ]
    .concat();
    let reply = raw(&world, all).await;
    let words: Vec<&str> = reply
        .split("HTTP/1.1 200 OK\r\n")
        .skip(1)
        .map(|answer| answer.split("\r\n\r\n").nth(1).unwrap())
        .collect();
    assert_eq!(words, ["fail", "success", "fail", "success"], "{reply}");
}

/// Shows SEC-089: a request that two readers could cut in two ways is refused, and the connection ends with it.
#[tokio::test(flavor = "multi_thread")]
async fn ambiguous_framing_is_refused() {
    let world = World::new().await;
    for head in [
        "content-length: 4\r\ncontent-length: 5\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "transfer-encoding: xchunked\r\n",
        "content-length: +4\r\n",
        "content-length : 4\r\n",
    ] {
        let smuggled = format!(
            "POST /notify/main HTTP/1.1\r\nhost: x\r\n{head}\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
        );
        let mut stream = connect(&world).await;
        stream.write_all(smuggled.as_bytes()).await.unwrap();
        let reply = until_closed(&world, &mut stream, 12).await.expect("closed");
        assert!(reply.starts_with("HTTP/1.1 400 "), "{head:?}: {reply}");
        assert_eq!(reply.matches("HTTP/1.1").count(), 1, "{head:?}: {reply}");
    }
}

/// Shows SEC-092: a client that asks and never reads is let go; its place is not lost for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_let_go() {
    let world = World::new().await;
    let ask = "GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n";
    let last = raw(&world, ask.replace("host", "connection: close\r\nhost")).await;
    let whole = last.replace("connection: close\r\n", "").len();
    let asked = 64 * 1024 * 1024 / whole;
    let (mut read, mut write) = connect(&world).await.into_split();
    let (clock, all) = (world.app.clock.clone(), ask.repeat(asked));
    let mut writing = tokio::task::JoinSet::new();
    writing.spawn(async move {
        let _ = clock
            .within(Duration::from_secs(40), write.write_all(all.as_bytes()))
            .await;
        write
    });
    world.app.clock.sleep(Duration::from_secs(14)).await;
    let (mut total, mut part) = (0, vec![0; 1 << 20]);
    let rest = async {
        while let Ok(count @ 1..) = read.read(&mut part).await {
            total += count;
        }
    };
    let ended = world.app.clock.within(Duration::from_secs(60), rest).await;
    assert!(
        ended.is_some() && total < (asked - 1) * whole,
        "{total} of {}",
        asked * whole
    );
}

/// Shows that waiting requests end when the server stops, instead of holding it up.
#[tokio::test(flavor = "multi_thread")]
async fn waiting_requests_end_with_the_server() {
    let mut world = World::new().await;
    world.order("A-1").await;
    let (_, feed) = world.api("GET", "/v1/events?limit=200", None).await;
    let next = feed["next"].as_str().unwrap().to_owned();
    let began = world.app.clock.mono();
    let mut calls = tokio::task::JoinSet::new();
    for path in [
        format!("/v1/events?wait=30&after={next}"),
        "/v1/orders/main/A-1?wait=30".to_owned(),
        "/v1/orders/main/A-1/close?wait=30".to_owned(),
    ] {
        let method = if path.contains("close") {
            "POST"
        } else {
            "GET"
        };
        let call = world
            .client
            .request(method.parse().unwrap(), format!("{}{path}", world.url))
            .bearer_auth(crate::world::API_KEY);
        if path.contains("close") {
            continue; // Closing is quick at the sandbox.
        }
        calls.spawn(async move { (path, call.send().await.map(|reply| reply.status().as_u16())) });
    }
    world.app.clock.sleep(Duration::from_millis(500)).await;
    world.begin_to_stop();
    while let Some(ended) = calls.join_next().await {
        let (path, status) = ended.unwrap();
        assert_eq!(status.unwrap(), 200, "{path}");
    }
    let took = world.app.clock.mono() - began;
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// Shows that a flood of junk does not hold up a stop.
#[tokio::test(flavor = "multi_thread")]
async fn junk_does_not_hold_up_a_stop() {
    let mut world = World::new().await;
    for _ in 0..70 {
        assert_eq!(world.notify("sign=x").await, "fail");
    }
    let began = world.app.clock.mono();
    world.begin_to_stop();
    world.ended().await;
    let took = world.app.clock.mono() - began;
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// Shows that a stop is heard while every place is taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_heard_when_every_place_is_taken() {
    let mut world = World::new().await;
    let mut held = Vec::new();
    for _ in 0..1_100 {
        let mut stream = connect(&world).await;
        stream
            .write_all(b"POST /notify/main HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n")
            .await
            .unwrap();
        held.push(stream);
    }
    world.app.clock.sleep(Duration::from_millis(500)).await;
    world.begin_to_stop();
    let heard = world
        .app
        .clock
        .within(Duration::from_secs(3), world.stop_has_begun())
        .await;
    assert!(heard.is_some(), "the stop was not heard");
}

/// Shows SEC-098: above its places the server lets new ones wait, and serves them when others have gone.
#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_places() {
    let world = World::new().await;
    let mut held = Vec::new();
    for _ in 0..1_100 {
        held.push(connect(&world).await);
    }
    let reply = world
        .client
        .get(format!("{}/healthz", world.url))
        .timeout(Duration::from_secs(15))
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 200);
}

/// Shows that a callback under way is answered during a stop, and that one that comes on a kept connection reads `fail`
/// or nothing: never an ack that is not durable.
#[tokio::test(flavor = "multi_thread")]
async fn a_callback_under_way_is_answered_during_a_stop() {
    let mut world = World::with(Wishes {
        require: Proof::Signed,
        ..Wishes::default()
    })
    .await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let body = String::from_utf8(world.genuine("A-1")).unwrap();
    let (head, rest) = body.split_at(20);
    let post = format!(
        "POST /notify/main HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{head}",
        body.len()
    );
    let mut under_way = connect(&world).await;
    under_way.write_all(post.as_bytes()).await.unwrap();
    let mut idle = connect(&world).await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut part = [0; 1024];
    assert!(idle.read(&mut part).await.unwrap() > 0);
    world.app.clock.sleep(Duration::from_millis(200)).await;
    world.begin_to_stop();
    world.stop_has_begun().await;
    assert_eq!(
        until_closed(&world, &mut idle, 2).await.unwrap(),
        "",
        "an idle connection is closed"
    );
    under_way.write_all(rest.as_bytes()).await.unwrap();
    let reply = until_closed(&world, &mut under_way, 5).await.unwrap();
    assert!(reply.ends_with("success"), "{reply}");
    assert!(
        TcpStream::connect(world.url.strip_prefix("http://").unwrap())
            .await
            .is_err()
    );
}

/// Shows that the language is the one that the browser wants most, however it writes it.
#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_the_wanted_one() {
    let world = World::new().await;
    for (wanted, language) in [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("ZH-cn", "zh-CN"),
        ("zh-Hant-TW", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.1", "en"),
        ("fr,zh;q=0.5", "zh-CN"),
        ("en;q=0.1, zh;q=0.9", "zh-CN"),
        ("zh;q=0, en", "en"),
        ("zhx, enm", "en"),
        ("*", "en"),
    ] {
        let reply = raw(&world, format!("GET /return/main HTTP/1.1\r\nhost: x\r\nconnection: close\r\naccept-language: {wanted}\r\n\r\n")).await;
        assert!(
            reply.contains(&format!("<html lang=\"{language}\">")),
            "{wanted:?}: {reply}"
        );
    }
}

/// Shows SEC-101: a proxy's word about the client is read from its end; what a client wrote before it hides nobody.
#[test]
fn the_client_is_who_called_the_proxy() {
    use axum::http::{Extensions, HeaderMap};
    use quittance_server::http::peer::{Peer, client};
    let mut setup = crate::world::bare_setup();
    setup.trusted_proxies = vec![quittance_server::setup::IpRange {
        address: "10.0.0.0".parse().unwrap(),
        prefix: 8,
    }];
    for (peer, lines, expected) in [
        ("192.0.2.1", &["203.0.113.9"][..], "192.0.2.1"),
        ("10.0.0.1", &[][..], "10.0.0.1"),
        ("10.0.0.1", &["203.0.113.9"][..], "203.0.113.9"),
        ("::ffff:10.0.0.1", &["203.0.113.9"][..], "203.0.113.9"),
        (
            "10.0.0.1",
            &["1.1.1.1, 203.0.113.9, 10.0.0.2"][..],
            "203.0.113.9",
        ),
        ("10.0.0.1", &["1.1.1.1", "203.0.113.9"][..], "203.0.113.9"),
        ("10.0.0.1", &["unknown, 203.0.113.9"][..], "203.0.113.9"),
        ("10.0.0.1", &["", "203.0.113.9"][..], "203.0.113.9"),
        ("10.0.0.1", &["203.0.113.9, nonsense"][..], "10.0.0.1"),
        (
            "10.0.0.1",
            &["203.0.113.9, nonsense, 10.0.0.3"][..],
            "10.0.0.3",
        ),
    ] {
        let mut extensions = Extensions::new();
        extensions.insert(Peer(peer.parse().unwrap()));
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let found = client(&setup, &extensions, &headers);
        assert_eq!(found, Some(expected.parse().unwrap()), "{peer} {lines:?}");
    }
}

/// Shows a public address with a folder that a proxy takes away: links and own callback addresses hold on both sides.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_in_front_is_part_of_every_link() {
    let world = World::with(Wishes {
        folder: "/pay-server",
        notify_path: Some("/pay-server/alipay/notify_url.php"),
        ..Wishes::default()
    })
    .await;
    world.order("A-1").await;
    let token = world.stored("A-1").await.order.token;
    let page = raw(&world, request("GET", &format!("/pay/{token}/result"))).await;
    assert!(
        page.contains(&format!("url=/pay-server/pay/{token}/result?n=1")),
        "{page}"
    );
    assert!(
        page.contains(&format!("action=\"/pay-server/pay/{token}/completed\"")),
        "{page}"
    );
    let completed = raw(&world, request("POST", &format!("/pay/{token}/completed"))).await;
    assert!(
        completed.contains(&format!("location: /pay-server/pay/{token}/result?")),
        "{completed}"
    );
    let back = raw(
        &world,
        request("GET", &format!("/return/main/{token}?is_success=T&sign=x")),
    )
    .await;
    assert!(
        back.contains(&format!("href=\"/pay-server/pay/{token}/result\"")),
        "{back}"
    );
    world.pay_silently("A-1");
    for (path, word) in [
        ("/alipay/notify_url.php", "success"),
        ("/pay-server/alipay/notify_url.php", "success"),
        ("/notify/main", "success"),
    ] {
        let reply = world.post(path, world.genuine("A-1")).await;
        assert_eq!(reply.text().await.unwrap(), word, "{path}");
    }
    let gone = raw(&world, request("GET", &format!("/pay/{token}"))).await;
    assert!(
        gone.contains(&format!("location: /pay-server/pay/{token}/result")),
        "{gone}"
    );
}

/// Shows that the buyer goes on to where the order says, and else to the account's page of orders.
#[tokio::test(flavor = "multi_thread")]
async fn the_buyer_goes_on_to_where_the_order_says() {
    let world = World::with(Wishes {
        require: Proof::Signed,
        ..Wishes::default()
    })
    .await;
    let order = json!({"account": "main", "order_no": "A-1", "subject": "x", "amount": "1.00",
        "return_to": "http://shop.example.com/thanks?order=A-1&x=\"y"});
    world.order_of(order).await;
    world.order("A-2").await;
    for (order_no, onward) in [
        (
            "A-1",
            "href=\"http://shop.example.com/thanks?order=A-1&#38;x=&#34;y\"",
        ),
        ("A-2", "href=\"http://shop.example.com/orders\""),
    ] {
        world.pay_silently(order_no);
        assert_eq!(world.notify(world.genuine(order_no)).await, "success");
        let token = world.stored(order_no).await.order.token;
        let page = raw(&world, request("GET", &format!("/pay/{token}/result"))).await;
        assert!(page.contains(onward), "{page}");
    }
}

fn names(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// Shows that every object of the API has the members of the contract, and `refunded`, no fewer, under exactly these names.
#[tokio::test(flavor = "multi_thread")]
async fn every_object_has_its_members() {
    let world = World::with(Wishes {
        require: Proof::Signed,
        ..Wishes::default()
    })
    .await;
    let order = json!({"account": "main", "order_no": "A-1", "subject": "x", "amount": "1.00"});
    let (_, made) = world.api("POST", "/v1/orders", Some(order.clone())).await;
    let has = |value: &Value, wanted: &str, what: &str| {
        let names = names(value);
        for wanted in wanted.split(", ") {
            assert!(names.contains(&wanted), "{what} has no {wanted}: {value}");
        }
    };
    let all = "account, order_no, status, attention, amount, currency, subject, body, extra, created_at, expires_at, paid_at, closed_at, trades, refunded, refunds, discrepancies, checks, pay_url, sequence";
    has(&made, all, "order");
    assert_eq!(names(&made).len(), all.split(", ").count(), "{made}");
    has(&made["checks"], "done, next_at", "checks");
    let (status, form) = world
        .api("POST", "/v1/orders/main/A-1/checkout", None)
        .await;
    assert_eq!(
        (status, &form["kind"], &form["method"]),
        (200, &json!("form"), &json!("POST"))
    );
    has(&form, "kind, method, url, charset, fields", "checkout");
    assert_eq!(form["fields"][0].as_array().unwrap().len(), 2);
    let (_, redirect) = world
        .api("POST", "/v1/orders/main/A-1/checkout?via=get", None)
        .await;
    assert_eq!(names(&redirect), ["kind", "url"]);
    assert!(
        world
            .client
            .get(redirect["url"].as_str().unwrap())
            .send()
            .await
            .is_ok()
    );
    world.pay("A-1");
    let paid = world.until("A-1", |order| order["status"] == "paid").await;
    has(
        &paid["trades"][0],
        "trade_no, amount, currency, payee, buyer_id, buyer_email, gateway_status, paid_at, received_at, processed_at, proof, witnesses, counted",
        "trade",
    );
    world
        .gateway
        .with(|gateway| {
            let part = quittance_core::Money::new(30, quittance_core::Currency::CNY);
            let now = <quittance_core::Timestamp as crate::world::NowInTests>::now_in_tests();
            gateway.refund(now, crate::world::PARTNER, "A-1", part)
        })
        .unwrap();
    let (_, verified) = world.api("POST", "/v1/orders/main/A-1/verify", None).await;
    has(
        &verified,
        "order, status, verified, answer, next, message",
        "verification",
    );
    has(&verified["message"], "en, zh", "message");
    let journal = world.journal("A-1").await;
    for entry in journal["items"].as_array().unwrap() {
        has(
            entry,
            "seq, chain, time, kind, direction, account, order_no, witness, verdict, reason, answered, hash, prev",
            "entry",
        );
    }
    let (_, feed) = world.api("GET", "/v1/events", None).await;
    assert_eq!(names(&feed), ["items", "next"]);
    for event in feed["items"].as_array().unwrap() {
        assert_eq!(
            names(event),
            ["data", "id", "sequence", "timestamp", "type"]
        );
        has(&event["data"], "order", "event data");
    }
    for moment in [
        &made["created_at"],
        &paid["paid_at"],
        &paid["trades"][0]["received_at"],
    ] {
        let moment = moment.as_str().unwrap();
        assert!(
            moment.ends_with('Z') && moment.parse::<quittance_core::Timestamp>().is_ok(),
            "{moment}"
        );
    }
}

/// Shows that looking is not a checkout: a HEAD changes nothing, and the page shown again does not begin the schedule anew.
#[tokio::test(flavor = "multi_thread")]
async fn showing_the_pay_page_again_is_no_new_checkout() {
    let world = World::new().await;
    let order = json!({"account": "main", "order_no": "A-1", "subject": "x", "amount": "1.00"});
    world.api("POST", "/v1/orders", Some(order)).await;
    let page = format!("/pay/{}", world.stored("A-1").await.order.token);
    raw(&world, request("HEAD", &page)).await;
    assert_eq!(world.kinds("A-1").await, ["order"]);
    for _ in 0..3 {
        assert!(
            raw(&world, request("GET", &page))
                .await
                .contains("name=\"sign\"")
        );
    }
    assert_eq!(world.kinds("A-1").await, ["order", "checkout"]);
}

/// Shows that a stop waits for work that begins other work.
#[tokio::test]
async fn work_that_begins_work_is_waited_for() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let tasks = Arc::new(quittance_server::tasks::Tasks::default());
    let done = Arc::new(AtomicBool::new(false));
    let (set, flag) = (tasks.clone(), done.clone());
    drop(tasks.spawn(async move {
        tokio::task::yield_now().await;
        drop(set.spawn(async move {
            tokio::task::yield_now().await;
            flag.store(true, Ordering::Release);
        }));
    }));
    tasks.drain().await;
    assert!(done.load(Ordering::Acquire));
}
