//! Three servers on one database: the same callbacks at all of them at once, and one of them does each piece of work.

use crate::gateway::{arrive, gateway, pay};
use crate::kill::{count, feed};
use crate::postgres::database;
use crate::program::{API_KEY, Merchant, PARTNER, said};
use quittance_core::charset::Charset;
use quittance_sandbox::{Handle, Kind};
use quittance_server::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const PAID: usize = 80;
const UNPAID: usize = 60;
/// Five seconds and half a minute after the checkout.
const CHECKS: usize = 2;

async fn post(http: &reqwest::Client, address: String, body: Value) -> u16 {
    let call = http.post(address);
    let call = call.header("authorization", format!("Bearer {API_KEY}"));
    let call = call.header("content-type", "application/json");
    let sent = call.body(body.to_string()).send();
    sent.await.unwrap().status().as_u16()
}

/// Makes an order at one node, and sends its buyer to the cashier from the next one.
async fn order(http: &reqwest::Client, nodes: &[Merchant], number: usize, order_no: &str) {
    let at = |step: usize| &nodes[(number + step) % nodes.len()].url;
    let order = json!({"account": "main", "order_no": order_no, "subject": "茶", "amount": "0.01"});
    assert_eq!(post(http, format!("{}/v1/orders", at(0)), order).await, 201);
    let checkout = format!("{}/v1/orders/main/{order_no}/checkout", at(1));
    assert_eq!(post(http, checkout, json!({})).await, 200);
}

/// What a node answers to a notify.
fn notified(
    http: &reqwest::Client,
    url: &str,
    body: &[u8],
) -> impl Future<Output = String> + Send + 'static {
    let call = http.post(format!("{url}/notify/main"));
    let call = call.header("content-type", "application/x-www-form-urlencoded");
    let sent = call.body(body.to_vec()).send();
    async move { sent.await.unwrap().text().await.unwrap() }
}

/// When the gateway was asked about an order, in seconds.
fn queries(gateway: &Handle, order_no: &str) -> Vec<i64> {
    let exchanges = gateway.with(|sandbox| sandbox.exchanges(PARTNER, order_no));
    let queries = exchanges.iter().filter(|one| one.kind == Kind::Query);
    queries.map(|one| one.at.as_second()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_are_one() {
    let mut tasks = JoinSet::new();
    let (gateway, gateway_url) = gateway(&mut tasks).await;
    let database = database("nodes").await;
    let nodes: Vec<Merchant> = (0..3)
        .map(|_| Merchant::new(&gateway_url, "utf-8").on(&database))
        .collect();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    // All at once: one of them makes the tables.
    let (a, b, c) = tokio::join!(nodes[0].serve(), nodes[1].serve(), nodes[2].serve());

    let unpaid: Vec<String> = (0..UNPAID).map(|number| format!("U-{number:03}")).collect();
    for (number, order_no) in unpaid.iter().enumerate() {
        arrive(&gateway, &*clock, order_no, "茶", Charset::Utf8);
        order(&http, &nodes, number, order_no).await;
    }
    // Each notify at all three nodes at once. The gateway vouches for it once: whom it tells no may answer `fail`, so that
    // the notify comes again, and finds that it stands.
    let paid: Vec<String> = (0..PAID).map(|number| format!("P-{number:03}")).collect();
    for (number, order_no) in paid.iter().enumerate() {
        order(&http, &nodes, number, order_no).await;
        pay(&gateway, &*clock, order_no, "茶", Charset::Utf8);
        let now = clock.wall();
        let body = gateway.with(|sandbox| sandbox.genuine_notify(now, PARTNER, order_no));
        let body = body.unwrap();
        let mut sending: JoinSet<String> = JoinSet::new();
        for node in &nodes {
            sending.spawn(notified(&http, &node.url, &body));
        }
        assert!(
            sending
                .join_all()
                .await
                .iter()
                .any(|word| word == "success")
        );
        for node in &nodes {
            assert_eq!(notified(&http, &node.url, &body).await, "success");
        }
    }
    // Every node tells the same feed: one payment, one event each.
    for node in &nodes {
        let events = feed(&http, &node.url).await;
        for kind in ["payment.recorded", "order.paid"] {
            let counts = count(&events, kind);
            for order_no in &paid {
                assert_eq!(counts.get(order_no), Some(&1), "{kind} of {order_no}");
            }
        }
    }
    // Of every order that is not paid the gateway is asked when it is due, by one of them.
    let deadline = clock.mono() + Duration::from_secs(120);
    while unpaid
        .iter()
        .any(|order_no| queries(&gateway, order_no).len() < CHECKS)
    {
        assert!(clock.mono() < deadline, "not all were asked about");
        clock.sleep(Duration::from_millis(50)).await;
    }
    // Two questions about one order are half a minute apart, or the second was somebody else's of the same check.
    let (mut asked, mut twice) = (0, 0);
    for order_no in &unpaid {
        let times = queries(&gateway, order_no);
        asked += times.len();
        twice += times.windows(2).filter(|two| two[1] - two[0] < 10).count();
    }
    assert!(
        twice * 100 < asked,
        "{twice} of {asked} checks were asked twice"
    );

    for server in [a, b, c] {
        assert_eq!(server.terminate().code(), Some(0));
    }
    let verified = nodes[0].run(&["journal", "verify", "--json"]);
    let found: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!((&found["ok"], &found["chains"]), (&json!(true), &json!(3)));
    let output = nodes[1].run(&["journal", "rebuild", "--check"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}
