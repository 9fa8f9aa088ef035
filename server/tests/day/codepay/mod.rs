//! Orders at CodePay: seed 002, section by section.

pub mod gateway;

use crate::world::{World, setup};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use gateway::{TERMINAL, Trouble};
use quittance_core::gateway::Account;
use quittance_core::gateway::codepay::gateway_side::Refusal;
use quittance_server::clock::Clock;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tower::ServiceExt;

const TOLD: [&str; 2] = ["payment.recorded", "order.paid"];
const PUSH: &str = "wisehub.cloud.pay.order";
const CLOSE: &str = "wisehub.cloud.pay.close";
const CANCEL: &str = "order.revoker";
const HOUR: u64 = 3_600;

async fn world() -> World {
    let mut setup = setup();
    let main = Arc::make_mut(setup.accounts.get_mut("main").unwrap());
    let account = gateway::account();
    main.policy = gateway::policy(&account, &main.policy);
    main.account = Account::CodePay(account);
    World::of(setup).await
}

/// Makes an order; gives the path of its page.
async fn order(world: &World, more: &str) -> String {
    let order = format!(
        r#"{{"account":"main","order_no":"A-1","subject":"Mug","amount":"21.00","currency":"USD"{more}}}"#
    );
    let (status, made) = world.call("POST", "/v1/orders", &order).await;
    assert_eq!(status, 201, "{made}");
    let page = url::Url::parse(made["pay_url"].as_str().unwrap()).unwrap();
    page.path().to_owned()
}

async fn at_terminal(world: &World) -> String {
    order(world, &format!(r#","terminal":"{TERMINAL}""#)).await
}

async fn post(world: &World, what: &str, body: &str) -> (u16, Value) {
    let path = format!("/v1/orders/main/A-1/{what}");
    world.call("POST", &path, body).await
}

/// Shop's side of an answer that says what the front end does.
fn says(answer: &(u16, Value)) -> (&str, &str, bool) {
    let (status, told) = answer;
    assert_eq!(*status, 200, "{told}");
    assert!(told["message"]["en"].is_string() && told["message"]["zh"].is_string());
    let text = |name: &str| told[name].as_str().unwrap();
    (text("answer"), text("next"), told["verified"] == true)
}

/// What the buyer reads of the order now.
async fn page(world: &World) -> String {
    let shown = world.show("A-1").await;
    let page = url::Url::parse(shown["pay_url"].as_str().unwrap()).unwrap();
    let path = format!("{}/result", page.path());
    let request = Request::get(path).body(Body::empty()).unwrap();
    let reply = world.node.router.clone().oneshot(request).await.unwrap();
    let bytes = to_bytes(reply.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The gateway calls, with a content type that nobody has written down.
async fn notify(world: &World) -> String {
    let body = world.wire.codepay.notify("A-1", world.clock.wall());
    let request =
        Request::post("/notify/main").header("content-type", "application/json; charset=utf-8");
    let request = request.body(Body::from(body)).unwrap();
    let reply = world.node.router.clone().oneshot(request).await.unwrap();
    let bytes = to_bytes(reply.into_body(), 1024).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn journal(world: &World) -> Vec<Value> {
    let path = "/v1/orders/main/A-1/journal?limit=200";
    let journal = world.call("GET", path, "").await.1;
    journal["items"].as_array().unwrap().clone()
}

async fn entries(world: &World, kind: &str) -> Vec<Value> {
    let mut all = journal(world).await;
    all.retain(|entry| entry["kind"] == kind);
    all
}

/// 3.2: the order goes to the terminal, the front end waits, the notification pays it, once.
#[tokio::test(start_paused = true)]
async fn an_order_is_paid_at_a_terminal() {
    let world = world().await;
    at_terminal(&world).await;
    let (status, checkout) = post(&world, "checkout", "").await;
    assert_eq!(status, 200, "{checkout}");
    assert_eq!(
        (
            &checkout["kind"],
            &checkout["terminal"],
            &checkout["terminal_status"]
        ),
        (&json!("terminal"), &json!(TERMINAL), &json!("ONLINE"))
    );
    let waiting = post(&world, "verify", "").await;
    assert_eq!(says(&waiting), ("unpaid", "keep_waiting", true));
    assert!(page(&world).await.contains("Please pay at the terminal."));
    world.wire.codepay.pays("A-1");
    assert_eq!(notify(&world).await, "success");
    assert_eq!(notify(&world).await, "success");
    let paid = post(&world, "verify", "").await;
    assert_eq!(says(&paid), ("paid", "show_success", true));
    world.pass(60).await;
    assert_eq!(world.told(), TOLD);
    assert_eq!(
        entries(&world, "checkout").await[0]["data"]["via"],
        "terminal"
    );
    assert_eq!(entries(&world, "placed").await[0]["data"]["accepted"], true);
}

/// 3.2: after a minute without a payment the front end shows a timeout, and a second push of the same number begins the
/// wait anew.
#[tokio::test(start_paused = true)]
async fn a_terminal_that_takes_too_long_is_a_timeout() {
    let world = world().await;
    at_terminal(&world).await;
    post(&world, "checkout", "").await;
    world.pass(59).await;
    assert_eq!(says(&post(&world, "verify", "").await).1, "keep_waiting");
    world.pass(2).await;
    let late = post(&world, "verify", "").await;
    assert_eq!(says(&late), ("unpaid", "show_timeout", true));
    assert_eq!(post(&world, "checkout", "").await.0, 200);
    assert_eq!(says(&post(&world, "verify", "").await).1, "keep_waiting");
    assert_eq!(world.asked(PUSH).len(), 2);
}

/// 3.3: the buyer's page leads over our own form to the gateway's page; the return proves nothing and leads to the order's
/// page, whose button asks.
#[tokio::test(start_paused = true)]
async fn an_order_is_paid_on_the_hosted_page() {
    let world = world().await;
    let page = order(&world, "").await;
    let shown = get(&world, &page).await;
    assert!(
        shown.contains(&format!("action=\"{page}/checkout\"")),
        "{shown}"
    );
    assert_eq!(
        world.asked("pay.checkout"),
        [0_u64; 0],
        "nobody has pressed yet"
    );
    let sent = send(&world, "POST", &format!("{page}/checkout")).await;
    assert_eq!(
        sent,
        (
            StatusCode::SEE_OTHER,
            "http://codepay.test/page/A-1".to_owned()
        )
    );
    let token = page.rsplit('/').next().unwrap();
    let back = format!("/return/main/{token}?trans_status=2");
    let (status, leads) = send(&world, "GET", &back).await;
    assert_eq!(
        (status, leads),
        (StatusCode::SEE_OTHER, format!("{page}/result"))
    );
    assert!(
        entries(&world, "return").await.is_empty(),
        "it is nobody's word"
    );
    let (status, _) = send(&world, "GET", "/return/main?merchant_order_no=A-1").await;
    assert_eq!(status, StatusCode::OK, "without the token it leads nowhere");
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    let unpaid = post(&world, "verify", "").await;
    assert_eq!(says(&unpaid), ("unpaid", "check_later", true));
    world.wire.codepay.pays("A-1");
    world.pass(10).await;
    assert_eq!(says(&post(&world, "verify", "").await).1, "show_success");
    // Whoever comes again to pay is told that it is paid.
    let (status, leads) = send(&world, "POST", &format!("{page}/checkout")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(leads.ends_with("/result"), "{leads}");
    assert_eq!(world.asked("pay.checkout").len(), 1);
}

/// Note 5: an error does not prove that nothing was charged. A lost or unsigned answer says nothing, and the checks find
/// what the terminal took.
#[tokio::test(start_paused = true)]
async fn a_push_without_an_answer_is_found_by_a_check() {
    for trouble in [Trouble::Unheard, Trouble::Unsigned] {
        let world = world().await;
        at_terminal(&world).await;
        world
            .wire
            .codepay
            .trouble
            .lock()
            .unwrap()
            .insert(PUSH, trouble);
        let (status, problem) = post(&world, "checkout", "").await;
        assert_eq!(
            (status, &problem["code"]),
            (503, &json!("checkout_unanswered"))
        );
        world.wire.codepay.pays("A-1");
        world.pass(10).await;
        assert_eq!(world.show("A-1").await["status"], "paid");
        assert_eq!(world.told(), TOLD);
    }
}

/// A refusal is told with the gateway's code, on the API and on the buyer's page.
#[tokio::test(start_paused = true)]
async fn a_refused_checkout_is_told() {
    let world = world().await;
    let page = at_terminal(&world).await;
    let refused = Trouble::Refused(Refusal::repeated());
    world
        .wire
        .codepay
        .trouble
        .lock()
        .unwrap()
        .insert(PUSH, refused);
    let (status, problem) = post(&world, "checkout", "").await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("checkout_refused"))
    );
    assert!(
        problem["detail"].as_str().unwrap().contains("E04112"),
        "{problem}"
    );
    assert_eq!(says(&post(&world, "verify", "").await).1, "check_later");
    let (status, text) = send(&world, "POST", &format!("{page}/checkout")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(text.contains("would not take it"), "{text}");
    world
        .wire
        .codepay
        .trouble
        .lock()
        .unwrap()
        .insert(PUSH, Trouble::Unheard);
    let (status, text) = send(&world, "POST", &format!("{page}/checkout")).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(text.contains("paid once"), "{text}");
    world.wire.codepay.trouble.lock().unwrap().clear();
    let (status, leads) = send(&world, "POST", &format!("{page}/checkout")).await;
    assert_eq!(
        (status, leads),
        (StatusCode::SEE_OTHER, format!("{page}/result"))
    );
}

/// Whoever holds the order's link makes us call the gateway, and not as often as he likes.
#[tokio::test(start_paused = true)]
async fn the_buyer_cannot_press_without_end() {
    let world = world().await;
    let page = at_terminal(&world).await;
    let mut slowed = 0;
    for _ in 0..30 {
        let (status, _) = send(&world, "POST", &format!("{page}/checkout")).await;
        slowed += usize::from(status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!((world.asked(PUSH).len(), slowed), (10, 20));
    world.pass(60).await;
    let (status, _) = send(&world, "POST", &format!("{page}/checkout")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
}

/// 3.1: "canceled by user" is unpaid without a question, and still watched: the query that answers "failed" closes it.
#[tokio::test(start_paused = true)]
async fn a_cancel_at_the_terminal_is_unpaid_and_watched() {
    let world = world().await;
    at_terminal(&world).await;
    post(&world, "checkout", "").await;
    let asked = world.asked("order.query").len();
    world.wire.codepay.canceled("A-1");
    let report = r#"{"response_code":"110","response_msg":"Operator cancellation[[K026]Manual cancelation by operator]"}"#;
    let told = post(&world, "pos-result", report).await;
    assert_eq!(says(&told), ("unpaid", "tell_not_completed", false));
    assert_eq!(told.1["message"]["en"], "Canceled. Nothing was charged.");
    assert_eq!(world.asked("order.query").len(), asked, "nobody was asked");
    let noted = &entries(&world, "terminal_result").await[0];
    assert_eq!(noted["data"]["outcome"], "canceled");
    assert_eq!(noted["reason"], "110 K026: Manual cancelation by operator");
    world.pass(10).await;
    assert_eq!(world.show("A-1").await["status"], "closed");
    assert_eq!(world.told(), ["order.closed"]);
}

/// A till's own terminal: nobody sent the order there, and its report begins the watch. A cancel that was none is found.
#[tokio::test(start_paused = true)]
async fn a_report_begins_the_watch() {
    let world = world().await;
    at_terminal(&world).await;
    // The till drives the terminal; the gateway learns of the order from that.
    world.wire.codepay.sold_by_till("A-1", "21.00");
    let told = post(&world, "pos-result", r#"{"response_code":"110"}"#).await;
    assert_eq!(says(&told).1, "tell_not_completed");
    world.pass(10).await;
    assert_eq!(world.show("A-1").await["status"], "paid");
    assert_eq!(world.told(), TOLD);
}

/// 3.1: success, error, timeout and anything unexpected are verified before anything is shown.
#[tokio::test(start_paused = true)]
async fn everything_else_is_verified() {
    for (report, outcome) in [
        (r#"{"response_code":"000"}"#, "success"),
        (
            r#"{"response_code":"202","response_msg":"[[M003]Invalid Amount]"}"#,
            "failed",
        ),
        (r#"{"response_code":"112"}"#, "timeout"),
        ("", "timeout"),
        (r#"{"response_msg":"Canceled by user"}"#, "unexpected"),
    ] {
        for paid in [true, false] {
            let world = world().await;
            at_terminal(&world).await;
            post(&world, "checkout", "").await;
            world.pass(70).await;
            if paid {
                world.wire.codepay.pays("A-1");
            }
            let told = post(&world, "pos-result", report).await;
            let expected = match paid {
                true => ("paid", "show_success", true),
                false => ("unpaid", "show_timeout", true),
            };
            assert_eq!(says(&told), expected, "{report}");
            let noted = &entries(&world, "terminal_result").await[0];
            assert_eq!(noted["data"]["outcome"], outcome, "{report}");
        }
    }
}

/// What is no report is refused, and so is a report where there are no terminals.
#[tokio::test(start_paused = true)]
async fn what_is_no_report_is_refused() {
    let world = world().await;
    at_terminal(&world).await;
    let long = format!(r#"{{"biz_data":"{}"}}"#, "x".repeat(9_000));
    for body in [r#"{"code":"110"}"#, r#"{"response_code":110}"#, &long] {
        let (status, problem) = post(&world, "pos-result", body).await;
        assert!((400..500).contains(&status), "{status} {problem}");
    }
    let elsewhere = World::new().await;
    elsewhere.order("A-1").await;
    let (status, problem) = post(&elsewhere, "pos-result", "").await;
    assert_eq!(
        (status, &problem["code"]),
        (501, &json!("not_supported_by_gateway"))
    );
}

/// 4.2: nobody pays. An order at a terminal is taken back gently; one on a page is cancelled.
#[tokio::test(start_paused = true)]
async fn an_unpaid_order_is_closed_after_its_last_check() {
    for (more, first) in [
        (format!(r#","terminal":"{TERMINAL}""#), CLOSE),
        (String::new(), CANCEL),
    ] {
        let world = world().await;
        order(&world, &more).await;
        post(&world, "checkout", "").await;
        world.pass(HOUR).await;
        assert_eq!(world.asked(first), [2_975], "{first}");
        assert_eq!(world.show("A-1").await["status"], "closed");
        assert_eq!(world.told(), ["order.closed"]);
    }
}

/// The buyer pays between the final query and the close: the gentle one leaves it alone, and the order is paid. On a page
/// there is only Cancel, which pays it back: the order ends as refunded, somebody has to look, and the shop is told of all of it.
#[tokio::test(start_paused = true)]
async fn a_payment_just_before_the_close() {
    let world = world().await;
    at_terminal(&world).await;
    post(&world, "checkout", "").await;
    world
        .wire
        .codepay
        .trouble
        .lock()
        .unwrap()
        .insert(CLOSE, Trouble::PaidBefore);
    world.pass(HOUR).await;
    assert_eq!(world.show("A-1").await["status"], "paid");
    assert_eq!(world.asked(CANCEL), [0_u64; 0]);
    assert_eq!(world.told(), TOLD);

    let world = self::world().await;
    order(&world, "").await;
    post(&world, "checkout", "").await;
    world
        .wire
        .codepay
        .trouble
        .lock()
        .unwrap()
        .insert(CANCEL, Trouble::PaidBefore);
    world.pass(HOUR).await;
    let order = world.show("A-1").await;
    assert_eq!(order["status"], "refunded");
    assert_eq!(order["trades"].as_array().unwrap().len(), 1);
    let found = &order["discrepancies"][0];
    assert_eq!(
        (&found["kind"], &found["state"], &order["attention"]),
        (&json!("refunded_by_cancel"), &json!("open"), &json!(true))
    );
    assert_eq!(entries(&world, "cancel").await.len(), 1);
    let told: BTreeSet<String> = world.told().into_iter().collect();
    let expected = ["discrepancy.opened", "order.refunded", "payment.recorded"];
    assert!(told.iter().eq(expected), "{told:?}");
}

/// Silence is not "unpaid": it is asked on at the last gap; after two hours Cancel is sent, and only the query after it is
/// believed.
#[tokio::test(start_paused = true)]
async fn a_long_silence_ends_with_a_cancel() {
    let world = world().await;
    at_terminal(&world).await;
    post(&world, "checkout", "").await;
    world
        .wire
        .codepay
        .trouble
        .lock()
        .unwrap()
        .insert("order.query", Trouble::Unheard);
    world.pass(2_975 + 2 * HOUR - 1).await;
    assert_eq!((world.asked(CLOSE), world.asked(CANCEL)), (vec![], vec![]));
    world.pass(1_800).await;
    assert_eq!(world.asked(CANCEL).len(), 1);
    assert_eq!(
        world.show("A-1").await["status"],
        "unpaid",
        "nobody has said so"
    );
    world.wire.codepay.trouble.lock().unwrap().clear();
    world.pass(1_801).await;
    assert_eq!(world.show("A-1").await["status"], "closed");
}

/// 4.1: the gateway's reason of a failed payment is kept with its notification.
#[tokio::test(start_paused = true)]
async fn a_failed_payment_is_told_with_its_reason() {
    let world = world().await;
    at_terminal(&world).await;
    post(&world, "checkout", "").await;
    world.wire.codepay.canceled("A-1");
    assert_eq!(notify(&world).await, "success");
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    let told = &entries(&world, "notify").await[0];
    assert_eq!(told["reason"], "110 K026: Manual cancelation by operator");
}

async fn get(world: &World, path: &str) -> String {
    let (status, text) = send(world, "GET", path).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    text
}

/// What a browser gets: the status, and where it is sent or what it shows.
async fn send(world: &World, method: &str, path: &str) -> (StatusCode, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("accept-language", "en")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::empty())
        .unwrap();
    let reply = world.node.router.clone().oneshot(request).await.unwrap();
    let status = reply.status();
    let location = reply.headers().get("location");
    let location = location.map(|to| to.to_str().unwrap().to_owned());
    let bytes = to_bytes(reply.into_body(), 1024 * 1024).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    (status, location.unwrap_or(text))
}
