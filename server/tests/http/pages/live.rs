//! The state of a payment for scripts: JSON that waits, and a stream of events.

use super::get;
use crate::world::{Wishes, World};
use quittance_sandbox::{Faults, Kind};
use serde_json::{Value, json};
use std::time::Duration;

async fn status(world: &World, token: &str, wait: u64) -> Value {
    let address = format!("{}/pay/{token}/status?wait={wait}", world.url);
    let (status, text, headers) = get(world, &address, "en").await;
    assert_eq!(
        (status, &headers["cache-control"]),
        (200, &"no-store".parse().unwrap())
    );
    serde_json::from_str(&text).unwrap()
}

/// Reads a stream until this many events have come, or its end; gives the events' data.
async fn events(stream: &mut reqwest::Response, wanted: usize) -> Vec<Value> {
    let mut text = String::new();
    loop {
        let found: Vec<Value> = text
            .split("\n\n")
            .filter_map(|event| event.strip_prefix("event: state\ndata: "))
            .filter_map(|data| serde_json::from_str(data).ok())
            .collect();
        if found.len() >= wanted {
            return found;
        }
        match stream.chunk().await.unwrap() {
            Some(chunk) => text.push_str(std::str::from_utf8(&chunk).unwrap()),
            None => return found,
        }
    }
}

async fn stream(world: &World, token: &str) -> reqwest::Response {
    let call = world
        .client
        .get(format!("{}/pay/{token}/stream", world.url));
    call.send().await.unwrap()
}

/// Shows that the notify is pushed to a page that waits, that the stream then ends, and what it tells of nobody.
#[tokio::test(flavor = "multi_thread")]
async fn the_stream_tells_of_the_notify() {
    let world = World::new().await;
    world.order("A-1").await;
    world
        .gateway
        .with(|gateway| gateway.set_own_faults(crate::world::PARTNER, "A-1", Faults::query_down()))
        .unwrap();
    let token = world.stored("A-1").await.order.token;
    let mut open = stream(&world, &token).await;
    assert_eq!(open.status(), 200);
    assert_eq!(open.headers()["content-type"], "text/event-stream");
    assert_eq!(open.headers()["x-accel-buffering"], "no");
    assert_eq!(open.headers()["cache-control"], "no-store");
    let first = events(&mut open, 1).await;
    let waiting = json!({"state": "checking", "status": "unpaid", "attention": false, "amount": "1.00",
        "currency": "CNY", "final": false});
    assert_eq!(first, [waiting]);
    world.pay("A-1");
    let then = events(&mut open, usize::MAX).await;
    let paid = json!({"state": "paid", "status": "paid", "attention": false, "amount": "1.00",
        "currency": "CNY", "final": true});
    assert_eq!(then, std::slice::from_ref(&paid), "one event, then its end");
    assert_eq!(status(&world, &token, 30).await, paid);
    let again = events(&mut stream(&world, &token).await, usize::MAX).await;
    assert_eq!(
        again,
        [paid],
        "a stream that is opened later says the same and ends"
    );
}

/// Shows that a page that waits asks the gateway, all together once, and that a lost notify is found.
#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_share_one_question() {
    let world = World::with(Wishes {
        wait_every: Duration::from_secs(60),
        ..Wishes::default()
    })
    .await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let token = world.stored("A-1").await.order.token;
    assert_eq!(
        status(&world, &token, 0).await["state"],
        "checking",
        "a glance asks nobody"
    );
    assert_eq!(world.calls("A-1", Kind::Query), 0);
    let (one, two, three) = tokio::join!(
        status(&world, &token, 20),
        status(&world, &token, 20),
        async { events(&mut stream(&world, &token).await, usize::MAX).await }
    );
    assert_eq!(
        (&one["state"], &two["state"]),
        (&json!("paid"), &json!("paid"))
    );
    assert_eq!(three.last().unwrap()["state"], "paid");
    assert_eq!(world.calls("A-1", Kind::Query), 1);
}

/// Shows that nobody waits for ever: the stream ends as timed out, and then the status says so too.
#[tokio::test(flavor = "multi_thread")]
async fn waiting_ends() {
    let world = World::with(Wishes {
        wait_total: Duration::from_millis(400),
        ..Wishes::default()
    })
    .await;
    world.order("A-1").await;
    let token = world.stored("A-1").await.order.token;
    let told = events(&mut stream(&world, &token).await, usize::MAX).await;
    let states: Vec<&Value> = told.iter().map(|event| &event["state"]).collect();
    assert_eq!(states, ["checking", "timed_out"]);
    assert_eq!(told[1]["final"], true);
    assert!(world.calls("A-1", Kind::Query) >= 1);
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    // Right behind a stream that has ended, the order has been asked about for long enough.
    let over = async {
        while status(&world, &token, 0).await["state"] != "timed_out" {
            events(&mut stream(&world, &token).await, usize::MAX).await;
        }
    };
    let over = world.app.clock.within(Duration::from_secs(20), over).await;
    assert!(over.is_some(), "the status never said so");
}

/// Shows that places are bounded per order, that a full house still answers who does not wait, and that who leaves
/// makes room.
#[tokio::test(flavor = "multi_thread")]
async fn places_are_bounded() {
    let world = World::new().await;
    world.order("A-1").await;
    let token = world.stored("A-1").await.order.token;
    let mut open = Vec::new();
    for _ in 0..8 {
        let mut one = stream(&world, &token).await;
        assert_eq!(events(&mut one, 1).await.len(), 1);
        open.push(one);
    }
    let refused = stream(&world, &token).await;
    assert_eq!(refused.status(), 503);
    let problem: Value = serde_json::from_str(&refused.text().await.unwrap()).unwrap();
    assert_eq!(problem["code"], "too_many_streams");
    assert_eq!(
        status(&world, &token, 30).await["state"],
        "checking",
        "at once, or the client gives up"
    );
    open.clear();
    // The server notices that they have gone when it tells them something, or their connection ends.
    let room = async {
        loop {
            let mut one = stream(&world, &token).await;
            if one.status() == 200 {
                return events(&mut one, 1).await;
            }
            tokio::task::yield_now().await;
        }
    };
    let told = world.app.clock.within(Duration::from_secs(20), room).await;
    assert_eq!(told.expect("there is room again")[0]["state"], "checking");
}

/// Shows that a server that stops lets go of those who wait.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_the_streams() {
    let mut world = World::new().await;
    world.order("A-1").await;
    let token = world.stored("A-1").await.order.token;
    let mut open = stream(&world, &token).await;
    assert_eq!(events(&mut open, 1).await[0]["state"], "checking");
    world.begin_to_stop();
    let ended = async {
        events(&mut open, usize::MAX).await;
        world.ended().await;
    };
    let ended = world.app.clock.within(Duration::from_secs(8), ended).await;
    assert!(ended.is_some(), "streams are no reason to stay");
}

/// Shows that what cannot be read is said, and that a guessed token learns nothing.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_questions() {
    let world = World::new().await;
    world.order("A-1").await;
    let token = world.stored("A-1").await.order.token;
    for (path, expected) in [
        (format!("/pay/{token}/status?wait=31"), 422),
        (format!("/pay/{token}/status?wait=-1"), 400),
        (format!("/pay/{token}/status?wait=1&wait=2"), 400),
        (format!("/pay/{token}/status?w=1"), 400),
        ("/pay/guessed/status".into(), 404),
        ("/pay/guessed/stream".into(), 404),
        ("/pay/%ff/status".into(), 400),
        ("/pay/%00/stream".into(), 404),
    ] {
        let (status, text, headers) = get(&world, &format!("{}{path}", world.url), "en").await;
        assert_eq!(status, expected, "{path}: {text}");
        assert_eq!(
            headers["content-type"], "application/problem+json",
            "{path}"
        );
    }
}
