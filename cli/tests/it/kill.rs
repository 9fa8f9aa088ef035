//! `kill -9` in the middle of 2,000 notifies: what was acked is there, nothing is counted twice, the chain verifies.

use crate::gateway::{gateway, pay};
use crate::program::{API_KEY, Merchant, PARTNER, said};
use quittance_core::charset::Charset;
use quittance_server::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;

const NOTIFIES: usize = 2_000;
const CONNECTIONS: usize = 64;
/// The server is killed when so many have been acked.
const KILL_AFTER: usize = 700;

fn order_no(number: usize) -> String {
    format!("K-{number:04}")
}

/// Does something for every number, on so many connections at once, until it says stop.
async fn each<F>(work: impl Fn(usize) -> F)
where
    F: Future<Output = bool> + Send + 'static,
{
    let mut running: JoinSet<bool> = JoinSet::new();
    for number in 0..NOTIFIES {
        if running.len() == CONNECTIONS && !running.join_next().await.unwrap().unwrap() {
            break;
        }
        running.spawn(work(number));
    }
    while running.join_next().await.is_some() {}
}

async fn create_orders(http: &reqwest::Client, url: &str) {
    each(|number| {
        let order = json!({"account": "main", "order_no": order_no(number), "subject": "茶", "amount": "0.01"});
        let call = http.post(format!("{url}/v1/orders"));
        let call = call.header("authorization", format!("Bearer {API_KEY}"));
        let call = call.header("content-type", "application/json");
        let sent = call.body(order.to_string()).send();
        async move { sent.await.unwrap().status() == 201 }
    })
    .await;
}

/// Every event of the feed, as type and order number, by its id: the feed may repeat, an id never means two things.
pub async fn feed(http: &reqwest::Client, url: &str) -> BTreeMap<String, (String, String)> {
    let mut events = BTreeMap::new();
    let mut after = String::new();
    loop {
        let call = http.get(format!("{url}/v1/events?limit=200{after}"));
        let call = call.header("authorization", format!("Bearer {API_KEY}"));
        let text = call.send().await.unwrap().text().await.unwrap();
        let page: Value = serde_json::from_str(&text).unwrap();
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            return events;
        }
        for event in items {
            let word = |value: &Value| value.as_str().unwrap().to_owned();
            let told = (
                word(&event["type"]),
                word(&event["data"]["order"]["order_no"]),
            );
            let known = events.insert(word(&event["id"]), told.clone());
            assert!(known.is_none_or(|known| known == told));
        }
        after = format!("&after={}", page["next"].as_str().unwrap());
    }
}

/// Orders with an entry of these kinds in the journal on disk.
fn journaled(merchant: &Merchant, kinds: &[&str]) -> BTreeSet<String> {
    let shown = merchant.run(&["journal", "show", "--json", "--limit", "10000"]);
    let page: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert!(page["next"].is_null());
    let entries = page["items"].as_array().unwrap().iter();
    entries
        .filter(|entry| kinds.contains(&entry["kind"].as_str().unwrap()))
        .map(|entry| entry["order_no"].as_str().unwrap().to_owned())
        .collect()
}

/// How many events of this type each order has.
pub fn count(events: &BTreeMap<String, (String, String)>, kind: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (_, order_no) in events.values().filter(|(known, _)| known == kind) {
        *counts.entry(order_no.clone()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acked_survives_a_kill() {
    let mut tasks = JoinSet::new();
    let (gateway, gateway_url) = gateway(&mut tasks).await;
    let merchant = Merchant::new(&gateway_url, "utf-8");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut server = merchant.serve().await;
    create_orders(&http, &merchant.url).await;

    let acked = Arc::new(Mutex::new(BTreeSet::new()));
    let (sent, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let sending = each(|number| {
        let order_no = order_no(number);
        pay(&gateway, &*clock, &order_no, "茶", Charset::Utf8);
        let now = clock.wall();
        let body = gateway.with(|sandbox| sandbox.genuine_notify(now, PARTNER, &order_no));
        let call = http.post(format!("{}/notify/main", merchant.url));
        let call = call.header("content-type", "application/x-www-form-urlencoded");
        let call = call.body(body.unwrap()).send();
        let (acked, sent, enough) = (acked.clone(), sent.clone(), enough.clone());
        async move {
            sent.fetch_add(1, Ordering::SeqCst);
            let Ok(answer) = call.await else { return false };
            if answer.text().await.is_ok_and(|word| word == "success") {
                let mut acked = acked.lock().unwrap();
                acked.insert(order_no);
                if acked.len() == KILL_AFTER {
                    enough.notify_one();
                }
            }
            true
        }
    });
    let killing = async {
        enough.notified().await;
        server.kill();
    };
    tokio::join!(sending, killing);
    let acked = acked.lock().unwrap().clone();
    assert!(
        (KILL_AFTER..NOTIFIES).contains(&acked.len()),
        "{}",
        acked.len()
    );
    assert!(sent.load(Ordering::SeqCst) > acked.len());

    let server = merchant.serve().await;
    // What was taken in and not answered is asked about; wait for that, so that it could be counted twice.
    let deadline = clock.mono() + Duration::from_secs(60);
    let received = journaled(&merchant, &["received"]);
    assert!(received.is_superset(&acked));
    while !journaled(&merchant, &["notify", "query"]).is_superset(&received) {
        assert!(
            clock.mono() < deadline,
            "unanswered notifies were not asked about"
        );
        clock.sleep(Duration::from_millis(100)).await;
    }
    let events = feed(&http, &merchant.url).await;
    for kind in ["payment.recorded", "order.paid"] {
        let counts = count(&events, kind);
        assert!(
            counts.values().all(|times| *times == 1),
            "{kind} was told twice"
        );
        assert!(
            received.iter().all(|order| counts.contains_key(order)),
            "{kind} is missing"
        );
    }
    assert_eq!(server.terminate().code(), Some(0));
    for command in [
        &["journal", "verify"][..],
        &["journal", "rebuild", "--check"],
    ] {
        let output = merchant.run(command);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
}
