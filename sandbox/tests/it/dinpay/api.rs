//! The JSON API and the real socket, with Dinpay's orders.

use super::till::{MERCHANT, merchant, payment, settings, signed};
use crate::api::{Served, problem};
use reqwest::Method;
use serde_json::json;

async fn served(number: &str) -> Served {
    let served = Served::with(settings(merchant())).await;
    // Nobody listens at the shop.
    let form = signed(&payment(
        number,
        &[("notify_url", "http://127.0.0.1:9/notify")],
    ));
    let kind = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "cross-site"),
    ];
    let path = "/dinpay/gateway?input_charset=UTF-8";
    let reply = served.send(Method::POST, path, &kind, &form).await;
    assert_eq!(reply.status(), 303, "a form of another site's page passes");
    assert!(reply.headers().get("set-cookie").is_none());
    served
}

/// A trade tells its gateway; it is paid, fails, and is resent through the API; what its gateway has not is refused.
#[tokio::test]
async fn a_trade_tells_its_gateway_and_takes_its_actions() {
    let served = served("A").await;
    let path = format!("/trades/{MERCHANT}/A");
    let (status, trade) = served.api(Method::GET, &path, "").await;
    assert_eq!(
        (status, &trade["gateway"], &trade["status"]),
        (200, &json!("dinpay"), &json!("UNPAY"))
    );
    let (status, failed) = served.api(Method::POST, &format!("{path}/fail"), "").await;
    assert_eq!((status, &failed["status"]), (200, &json!("FAILED")));
    for word in [
        "close",
        "refund",
        "pay-late",
        "pay-frozen",
        "release",
        "finish",
    ] {
        let answer = served
            .api(Method::POST, &format!("{path}/{word}"), "")
            .await;
        problem(&answer, 409, "not_there");
    }
    let (status, paid) = served.api(Method::POST, &format!("{path}/pay"), "").await;
    assert_eq!((status, &paid["status"]), (200, &json!("SUCCESS")));
    let answer = served.api(Method::POST, &format!("{path}/fail"), "").await;
    problem(&answer, 409, "not_payable");
}

/// Faults of an order of Dinpay's are those that it can have, told and taken.
#[tokio::test]
async fn an_orders_faults_are_those_of_its_gateway() {
    let served = served("A").await;
    let path = format!("/faults/{MERCHANT}/NEW");
    let (status, set) = served
        .api(
            Method::PUT,
            &path,
            r#"{"notify":{"lose":true},"query":{"kind":"down"}}"#,
        )
        .await;
    assert_eq!(status, 200);
    assert_eq!(
        (&set["notify"]["lose"], &set["query"]["kind"]),
        (&json!(true), &json!("down"))
    );
    for told in [set, served.api(Method::GET, &path, "").await.1] {
        assert!(
            told.get("verify").is_none() && told.get("statement").is_none(),
            "{told}"
        );
        assert!(told["notify"].get("reorder").is_none(), "{told}");
    }
    for body in [
        r#"{"verify":{"kind":"down"}}"#,
        r#"{"notify":{"reorder":true}}"#,
        r#"{"statement":{"kind":"down"}}"#,
    ] {
        let answer = served.api(Method::PUT, &path, body).await;
        problem(&answer, 422, "invalid_body");
    }
    let unknown = served
        .api(Method::PUT, "/faults/1000000009/NEW", "{}")
        .await;
    problem(&unknown, 422, "invalid_order");
}
