//! Orders at a gateway that has no second opinion and no close, and answers questions for twelve hours: seed 000, and
//! what follows from the window.

use crate::both::{self, Signs};
use crate::world::{World, setup};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use quittance_core::charset::Charset;
use quittance_core::gateway::Account;
use quittance_server::clock::Clock;
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt;

/// The gaps of the default schedule.
const GAPS: [i64; 7] = [5, 30, 60, 180, 300, 600, 1_800];
/// When the default schedule asks, in seconds after the checkout …
const CHECKS: [u64; 7] = [5, 35, 95, 275, 575, 1_175, 2_975];
const HOUR: u64 = 3_600;
/// … and when it asks for the last time: some minutes before the gateway answers no more.
const LAST: u64 = 12 * HOUR - 600;

async fn world() -> World {
    let mut setup = setup();
    let main = Arc::make_mut(setup.accounts.get_mut("main").unwrap());
    let account = both::account(Signs::Md5, Charset::Utf8);
    main.policy = both::policy(&account, &GAPS);
    main.account = Account::Dinpay(account);
    World::of(setup).await
}

/// Makes an order, checks it out, and lets the buyer's browser post the form.
async fn order(world: &World, more: &str) {
    let order =
        format!(r#"{{"account":"main","order_no":"A_1","subject":"茶","amount":"1.00"{more}}}"#);
    let made = world.call("POST", "/v1/orders", &order).await;
    assert_eq!(made.0, 201, "{}", made.1);
    checkout(world).await;
}

async fn checkout(world: &World) {
    let path = "/v1/orders/main/A_1/checkout";
    let (status, form) = world.call("POST", path, "").await;
    assert_eq!(status, 200, "{form}");
    world.wire.dinpay.takes(&form);
}

fn pay(world: &World) {
    world.wire.dinpay.pays("A_1", world.clock.wall());
}

async fn notify(world: &World) -> String {
    let body = String::from_utf8(world.wire.dinpay.notify("A_1")).unwrap();
    world.posts("/notify/main", &body).await
}

async fn status(world: &World) -> Value {
    world.show("A_1").await["status"].clone()
}

fn asked(world: &World) -> Vec<u64> {
    world.asked("single_trade_query")
}

const TOLD: [&str; 2] = ["payment.recorded", "order.paid"];

/// Seed 000 1, 4, 7, 10: the buyer closed the page, no return ever came, and the notify alone pays the order, at once and
/// without a question. The five resends of a lost ack change nothing and are acked alike.
#[tokio::test(start_paused = true)]
async fn seed_10_a_lost_return_is_made_good_by_the_notify() {
    let world = world().await;
    order(&world, "").await;
    world.pass(3).await;
    pay(&world);
    assert_eq!(notify(&world).await, "SUCCESS");
    assert_eq!(status(&world).await, "paid");
    for wait in [5, 10, 20, 30, 30] {
        world.pass(wait * 60).await;
        assert_eq!(notify(&world).await, "SUCCESS");
    }
    world.pass(24 * HOUR).await;
    assert_eq!(asked(&world), [0_u64; 0]);
    assert_eq!(world.told(), TOLD);
}

/// The server was down for two hours while the notify and all its resends came and went: the check that was due meanwhile
/// finds the payment as soon as the server runs again.
#[tokio::test(start_paused = true)]
async fn an_outage_of_two_hours_is_made_good_by_the_check_that_was_due() {
    let world = world().await;
    order(&world, "").await;
    world.pass(600).await;
    pay(&world);
    let world = world.down_for(2 * HOUR).await;
    assert_eq!(status(&world).await, "unpaid", "nobody has asked yet");
    world.pass(1).await;
    assert_eq!(status(&world).await, "paid");
    assert_eq!(world.told(), TOLD);
    assert_eq!(asked(&world), [&CHECKS[..5], &[600 + 2 * HOUR]].concat());
}

/// An outage past the window: what was due is not asked any more, the order rests as it is, and the journal says why.
#[tokio::test(start_paused = true)]
async fn an_outage_past_the_window_asks_nothing() {
    let world = world().await;
    order(&world, r#","expires_in":86400"#).await;
    world.pass(HOUR).await;
    let before = asked(&world);
    let world = world.down_for(12 * HOUR).await;
    world.pass(48 * HOUR).await;
    assert_eq!(asked(&world), before);
    let shown = world.show("A_1").await;
    assert_eq!(
        (&shown["status"], &shown["checks"]["next_at"]),
        (&json!("unpaid"), &json!(null))
    );
    let path = "/v1/orders/main/A_1/journal?limit=200";
    let journal = world.call("GET", path, "").await.1;
    let last = journal["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["kind"], "abandoned");
    assert!(last["reason"].as_str().unwrap().contains("not asked"));
}

/// The same where it was the gateway that answered nothing, until its schedule was over: it is asked again at the last gap,
/// and the payment is found within half an hour of its return.
#[tokio::test(start_paused = true)]
async fn a_silent_gateway_is_asked_again_and_again() {
    let world = world().await;
    order(&world, "").await;
    world.pass(600).await;
    world.wire.down.lock().unwrap().insert("single_trade_query");
    pay(&world);
    world.pass(2 * HOUR).await;
    assert_eq!(status(&world).await, "unpaid", "unknown is no payment");
    world.wire.down.lock().unwrap().clear();
    world.pass(1_800).await;
    assert_eq!(status(&world).await, "paid");
    assert_eq!(world.told(), TOLD);
    let again = [4_775, 6_575, 8_375];
    assert_eq!(asked(&world), [&CHECKS[..], &again[..]].concat());
}

/// The same where the buyer paid after the schedule: the question at the end of the window is what finds it.
#[tokio::test(start_paused = true)]
async fn a_payment_after_the_checks_is_found_by_the_last_question() {
    let world = world().await;
    order(&world, "").await;
    world.pass(HOUR).await;
    assert_eq!(asked(&world), CHECKS);
    pay(&world);
    world.pass(LAST - HOUR - 1).await;
    assert_eq!(status(&world).await, "unpaid");
    world.pass(2).await;
    assert_eq!(status(&world).await, "paid");
    assert_eq!(world.told(), TOLD);
}

/// Nobody pays: without a limit the order stays unpaid and rests, and nothing is asked where nothing is answered. A late
/// notify still pays it.
#[tokio::test(start_paused = true)]
async fn an_order_without_a_limit_rests() {
    let world = world().await;
    order(&world, "").await;
    world.pass(48 * HOUR).await;
    assert_eq!(asked(&world), [&CHECKS[..], &[LAST]].concat());
    let shown = world.show("A_1").await;
    assert_eq!(
        (&shown["status"], &shown["checks"]["next_at"]),
        (&json!("unpaid"), &json!(null))
    );
    pay(&world);
    assert_eq!(notify(&world).await, "SUCCESS");
    assert_eq!(status(&world).await, "paid");
    world.pass(1).await;
    assert_eq!(world.told(), TOLD);
}

/// With a limit the order is asked about at the limit and given up by that answer; the late checks keep to the window, and
/// a notify that comes when all is over pays it and says that it is late.
#[tokio::test(start_paused = true)]
async fn an_order_is_given_up_at_its_limit() {
    let world = world().await;
    order(&world, r#","expires_in":7200"#).await;
    world.pass(7_205).await;
    assert_eq!(status(&world).await, "closed");
    world.pass(48 * HOUR).await;
    let expected = [
        2_975 + 1_800,
        2_975 + 3_600,
        7_200,
        3 * HOUR,
        8 * HOUR,
        LAST,
    ];
    assert_eq!(asked(&world), [&CHECKS[..], &expected].concat());
    pay(&world);
    assert_eq!(notify(&world).await, "SUCCESS");
    assert_eq!(status(&world).await, "paid");
    world.pass(1).await;
    let all = [
        "order.closed",
        "payment.recorded",
        "order.paid",
        "discrepancy.opened",
    ];
    let mut told = world.told();
    told[1..].sort_by_key(|kind| all.iter().position(|known| known == kind));
    assert_eq!(told, all);
}

/// A limit behind the window is kept, though nothing is asked any more when it comes.
#[tokio::test(start_paused = true)]
async fn a_limit_behind_the_window_is_kept_without_a_question() {
    let world = world().await;
    order(&world, r#","expires_in":86400"#).await;
    world.pass(23 * HOUR).await;
    assert_eq!(status(&world).await, "unpaid");
    assert_eq!(asked(&world).last(), Some(&LAST));
    world.pass(HOUR + 5).await;
    assert_eq!(status(&world).await, "closed");
    assert_eq!(asked(&world).last(), Some(&LAST));
}

/// Unknown is never unpaid: the gateway was silent to the end of the window, so nothing is given up, and nobody asks on.
#[tokio::test(start_paused = true)]
async fn an_order_that_nobody_could_ask_about_stays_unpaid() {
    let world = world().await;
    world.wire.down.lock().unwrap().insert("single_trade_query");
    order(&world, r#","expires_in":86400"#).await;
    world.pass(13 * HOUR).await;
    // It would answer again, and answers nothing about this order.
    world.wire.down.lock().unwrap().clear();
    world.pass(48 * HOUR).await;
    assert_eq!(status(&world).await, "unpaid");
    assert_eq!(asked(&world).last(), Some(&LAST));
    let shown = world.show("A_1").await;
    assert_eq!(shown["checks"]["next_at"], json!(null));
}

/// A verification that the merchant asks for too late is sent, since a yes would be a yes; a no is none, and is not said.
#[tokio::test(start_paused = true)]
async fn a_verification_behind_the_window_says_unknown() {
    let world = world().await;
    order(&world, "").await;
    let verify = "/v1/orders/main/A_1/verify";
    world.pass(HOUR).await;
    let said = world.call("POST", verify, "").await.1;
    assert_eq!(said["answer"], "unpaid");
    world.pass(12 * HOUR).await;
    let before = asked(&world).len();
    let said = world.call("POST", verify, "").await.1;
    assert_eq!(
        (&said["answer"], &said["status"]),
        (&json!("unknown"), &json!("unpaid"))
    );
    assert_eq!(asked(&world).len(), before + 1);
    // Whoever merely waits does not make us ask in vain.
    let waiting = world.call("GET", "/v1/orders/main/A_1?wait=20", "").await.1;
    assert_eq!(waiting["status"], "unpaid");
    assert_eq!(asked(&world).len(), before + 1);
}

/// A callback that only a question could settle, when nobody answers any: it is not acked, nothing is asked, however
/// often it comes.
#[tokio::test(start_paused = true)]
async fn an_unclear_callback_behind_the_window_makes_nothing_spin() {
    let world = world().await;
    order(&world, "").await;
    world.pass(13 * HOUR).await;
    pay(&world);
    let body = String::from_utf8(world.wire.dinpay.notify("A_1")).unwrap();
    let before = asked(&world);
    for _ in 0..6 {
        // A name of another protocol beside what is signed: one more way to read it.
        let unclear = format!("{body}&total_fee=1.00");
        assert_eq!(world.posts("/notify/main", &unclear).await, "fail");
        world.pass(600).await;
    }
    assert_eq!(asked(&world), before);
    assert_eq!(status(&world).await, "unpaid");
    // The plain one still pays.
    assert_eq!(notify(&world).await, "SUCCESS");
    assert_eq!(status(&world).await, "paid");
}

/// The same unclear callback in time makes us ask at once.
#[tokio::test(start_paused = true)]
async fn an_unclear_callback_in_time_is_settled_by_a_question() {
    let world = world().await;
    order(&world, "").await;
    world.pass(HOUR).await;
    pay(&world);
    let body = String::from_utf8(world.wire.dinpay.notify("A_1")).unwrap();
    let unclear = format!("{body}&total_fee=1.00");
    assert_eq!(world.posts("/notify/main", &unclear).await, "fail");
    world.pass(1).await;
    assert_eq!(status(&world).await, "paid");
    assert_eq!(asked(&world).last(), Some(&HOUR));
}

/// A second checkout begins the window anew, since the gateway counts from the time in the form.
#[tokio::test(start_paused = true)]
async fn the_last_checkout_begins_the_window() {
    let world = world().await;
    order(&world, "").await;
    world.pass(20 * HOUR).await;
    checkout(&world).await;
    world.pass(10 * HOUR).await;
    pay(&world);
    world.pass(24 * HOUR).await;
    assert_eq!(status(&world).await, "paid");
    assert_eq!(asked(&world).last(), Some(&(20 * HOUR + LAST)));
}

/// Neither does a form that is shown hours after the first go by without a word: the page is a checkout again then.
#[tokio::test(start_paused = true)]
async fn a_page_that_is_shown_hours_later_is_a_checkout_again() {
    let world = world().await;
    order(&world, "").await;
    let shown = world.show("A_1").await;
    let page = shown["pay_url"].as_str().unwrap();
    let page = page.strip_prefix("http://pay.test").unwrap();
    let checkouts = async || {
        let path = "/v1/orders/main/A_1/journal?limit=200";
        let journal = world.call("GET", path, "").await.1;
        let items = journal["items"].as_array().unwrap().clone();
        items
            .iter()
            .filter(|entry| entry["kind"] == "checkout")
            .count()
    };
    for (wait, expected) in [(0, 1), (300, 1), (600, 2), (1, 2), (6 * HOUR, 3)] {
        world.pass(wait).await;
        assert_eq!(world.call("GET", page, "").await.0, 200);
        assert_eq!(checkouts().await, expected, "after {wait} more");
    }
}

/// What the order's page says.
async fn page(world: &World, lang: &str) -> String {
    let shown = world.show("A_1").await;
    let url = shown["pay_url"].as_str().unwrap();
    let path = url.strip_prefix("http://pay.test").unwrap();
    // Refreshed as often as a page refreshes itself, so that it does not wait for an answer.
    let path = format!("{path}/result?n=99&asked=false&lang={lang}");
    let request = Request::get(path).body(Body::empty()).unwrap();
    let reply = world.node.router.clone().oneshot(request).await.unwrap();
    let body = to_bytes(reply.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

/// The page of an order that was given up at its limit says that it has expired; that of one of which nobody could tell
/// says that, and neither offers the cashier again.
#[tokio::test(start_paused = true)]
async fn the_page_says_what_became_of_it() {
    for (silent, says) in [
        (
            false,
            [("en", "This order has expired."), ("zh", "订单已过期")],
        ),
        (true, [("en", "Not confirmed yet."), ("zh", "暂未确认")]),
    ] {
        let world = world().await;
        order(&world, r#","expires_in":3600"#).await;
        if silent {
            world.wire.down.lock().unwrap().insert("single_trade_query");
        }
        world.pass(13 * HOUR).await;
        for (lang, says) in says {
            let html = page(&world, lang).await;
            assert!(html.contains(says), "{lang}\n{html}");
        }
        let shown = world.show("A_1").await;
        let url = shown["pay_url"].as_str().unwrap();
        let path = url.strip_prefix("http://pay.test").unwrap();
        assert_eq!(world.call("GET", path, "").await.0, 303);
    }
}
