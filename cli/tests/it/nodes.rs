//! Three servers on one database: the same callbacks at all of them at once, and one of them does each piece of work.

use crate::gateway::{gateway, visit};
use crate::kill::{count, feed};
use crate::postgres::database;
use crate::program::{API_KEY, Merchant, PARTNER, said};
use quittance_sandbox::{Faults, Handle, Kind};
use quittance_server::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const PAID: usize = 80;
/// Paid too, but no notify ever comes.
const RETURNED: usize = 20;
const UNPAID: usize = 60;
/// Five seconds and half a minute after the checkout.
const CHECKS: usize = 2;

/// One call of the merchant API: status and body.
pub async fn post(http: &reqwest::Client, address: String, body: Value) -> (u16, Value) {
    let call = http.post(address);
    let call = call.header("authorization", format!("Bearer {API_KEY}"));
    let call = call.header("content-type", "application/json");
    let answer = call.body(body.to_string()).send().await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

/// Makes an order at one node, and sends its buyer to the cashier from the next one.
async fn order(
    http: &reqwest::Client,
    nodes: &[Merchant],
    (gateway, clock): (&Handle, &dyn Clock),
    number: usize,
    order_no: &str,
) {
    let at = |step: usize| &nodes[(number + step) % nodes.len()].url;
    let order = json!({"account": "main", "order_no": order_no, "subject": "茶", "amount": "0.01"});
    let (status, told) = post(http, format!("{}/v1/orders", at(0)), order).await;
    assert_eq!(status, 201, "{told}");
    let checkout = format!("{}/v1/orders/main/{order_no}/checkout?via=get", at(1));
    let (status, told) = post(http, checkout, json!({})).await;
    assert_eq!(status, 200, "{told}");
    visit(gateway, clock, told["url"].as_str().unwrap());
}

/// What a node answers to a notify.
pub fn notified(
    http: &reqwest::Client,
    url: &str,
    body: &[u8],
) -> impl Future<Output = String> + Send + 'static {
    let call = http.post(format!("{url}/notify/main"));
    let call = call.header("content-type", "application/x-www-form-urlencoded");
    let sent = call.body(body.to_vec()).send();
    async move { sent.await.unwrap().text().await.unwrap() }
}

/// What a node answers to the buyer's browser, which the gateway sent back to `address`: a status and an address.
fn returned(
    http: &reqwest::Client,
    url: &str,
    address: &str,
) -> impl Future<Output = (u16, String)> + Send + 'static {
    let (_, path) = address.split_once("/return/").unwrap();
    let sent = http.get(format!("{url}/return/{path}")).send();
    async move {
        let answer = sent.await.unwrap();
        let to = answer.headers().get("location").cloned();
        let to = to.map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to.unwrap_or_default())
    }
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
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    let http = http.build().unwrap();
    // The test brings the callbacks itself.
    let mut faults = Faults::default();
    faults.notify.lose = true;
    gateway.with(|sandbox| sandbox.set_faults(faults));
    // All at once: one of them makes the tables.
    let (a, b, c) = tokio::join!(nodes[0].serve(), nodes[1].serve(), nodes[2].serve());

    let named = |letter: char, count: usize| -> Vec<String> {
        (0..count)
            .map(|number| format!("{letter}-{number:03}"))
            .collect()
    };
    let (unpaid, paid, brought) = (named('U', UNPAID), named('P', PAID), named('R', RETURNED));
    for (number, order_no) in unpaid.iter().enumerate() {
        order(&http, &nodes, (&gateway, &*clock), number, order_no).await;
    }
    // Each notify at all three nodes at once, and the return at one of them. The gateway vouches for each once: whom it
    // tells no may answer `fail`, so that the notify comes again, and finds that it stands.
    for (number, order_no) in paid.iter().enumerate() {
        order(&http, &nodes, (&gateway, &*clock), number, order_no).await;
        let now = clock.wall();
        let (back, body) = gateway.with(|sandbox| {
            let back = sandbox.buyer_pays(now, PARTNER, order_no).unwrap();
            (
                back,
                sandbox.genuine_notify(now, PARTNER, order_no).unwrap(),
            )
        });
        let mut sending: JoinSet<String> = JoinSet::new();
        for node in &nodes {
            sending.spawn(notified(&http, &node.url, &body));
        }
        let node = &nodes[number % nodes.len()];
        let (words, (status, page)) =
            tokio::join!(sending.join_all(), returned(&http, &node.url, &back));
        assert!(words.iter().any(|word| word == "success"));
        assert_eq!(status, 303, "{order_no}");
        // Every node has heard of it, whoever it was that wrote it down.
        for node in &nodes {
            assert_eq!(notified(&http, &node.url, &body).await, "success");
            assert_eq!(returned(&http, &node.url, &back).await, (303, page.clone()));
        }
    }
    // A buyer whose browser asks three times, and nobody else tells.
    for (number, order_no) in brought.iter().enumerate() {
        order(&http, &nodes, (&gateway, &*clock), number, order_no).await;
        let now = clock.wall();
        let back = gateway.with(|sandbox| sandbox.buyer_pays(now, PARTNER, order_no).unwrap());
        let mut coming: JoinSet<(u16, String)> = JoinSet::new();
        for node in &nodes {
            coming.spawn(returned(&http, &node.url, &back));
        }
        for (status, page) in coming.join_all().await {
            assert_eq!(status, 303);
            assert!(page.ends_with("/result"), "{page}");
        }
    }
    // Every node tells the same feed: one payment, one event each.
    for node in &nodes {
        let events = feed(&http, &node.url).await;
        for kind in ["payment.recorded", "order.paid"] {
            let counts = count(&events, kind);
            for order_no in paid.iter().chain(&brought) {
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
