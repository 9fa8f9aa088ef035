//! The API over a real socket: terminals, actions, faults.

use super::counter::{MERCHANT, TERMINAL, call_at, sale, settings};
use crate::api::Served;
use quittance_core::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

/// Pushes a sale over the socket, at the machine's time.
async fn push(served: &Served, number: &str) {
    let message = Value::from(call_at(now(), "wisehub.cloud.pay.order", sale(number)));
    let sent = served
        .send(Method::POST, "/api/entry", &[], &message.to_string())
        .await;
    let said: Value = serde_json::from_slice(&sent.bytes().await.unwrap()).unwrap();
    assert_eq!(said["code"], "0", "{said}");
}

pub fn now() -> Timestamp {
    quittance_sandbox::Clock::wall(&quittance_sandbox::SystemClock)
}

/// A program presses what a person presses, and sees what is on the screen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_presses_the_buttons_of_a_terminal() {
    let served = Served::with(settings()).await;
    push(&served, "A").await;
    push(&served, "B").await;
    let path = format!("/terminals/{TERMINAL}");
    let (status, shown) = served.api(Method::GET, &path, "").await;
    assert_eq!(status, 200);
    assert_eq!(
        shown,
        json!({ "terminal_sn": TERMINAL, "merchant_no": MERCHANT, "online": true, "queue": ["A", "B"] })
    );
    let (_, all) = served.api(Method::GET, "/terminals", "").await;
    assert_eq!(all["terminals"].as_array().unwrap().len(), 2);
    for (button, status, queue) in [
        ("start", 200, json!(["A", "B"])),
        ("start", 409, json!(["A", "B"])),
        ("approve", 200, json!(["B"])),
        ("offline", 200, json!(["B"])),
        ("cancel", 409, json!(["B"])),
        ("online", 200, json!(["B"])),
        ("cancel", 200, json!([])),
        ("approve", 409, json!([])),
    ] {
        let (told, said) = served
            .api(Method::POST, &format!("{path}/{button}"), "")
            .await;
        assert_eq!(told, status, "{button} {said}");
        match status {
            200 => assert_eq!(said["queue"], queue, "{button}"),
            _ => assert_eq!(said["code"], "not_at_hand", "{button}"),
        }
    }
    let (_, paid) = served
        .api(Method::GET, &format!("/trades/{MERCHANT}/A"), "")
        .await;
    assert_eq!(
        (&paid["status"], &paid["gateway"]),
        (&json!("2"), &json!("codepay"))
    );
    assert_eq!(
        (&paid["amount"], &paid["currency"]),
        (&json!("34.50"), &json!("USD"))
    );
    assert_eq!(paid["terminal_sn"], TERMINAL);
    let (_, over) = served
        .api(Method::GET, &format!("/trades/{MERCHANT}/B"), "")
        .await;
    assert_eq!(
        (&over["status"], &over["error_code"]),
        (&json!("1"), &json!("110"))
    );
    for (path, code) in [
        ("/terminals/NOBODYS", "terminal_unknown"),
        ("/terminals/NOBODYS/x/y", "address_unknown"),
    ] {
        let (status, said) = served.api(Method::GET, path, "").await;
        assert_eq!((status, &said["code"]), (404, &json!(code)));
    }
    let (status, _) = served.api(Method::POST, &format!("{path}/dance"), "").await;
    assert_eq!(status, 404);
    let (status, _) = served
        .api(Method::POST, &format!("{path}/start"), "{\"a\":1}")
        .await;
    assert_eq!(status, 422);
}

/// The actions of a trade, its faults, and what is refused for one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_acts_on_a_trade() {
    let served = Served::with(settings()).await;
    push(&served, "A").await;
    let trade = format!("/trades/{MERCHANT}/A");
    let (status, paid) = served.api(Method::POST, &format!("{trade}/pay"), "").await;
    assert_eq!((status, &paid["status"]), (200, &json!("2")));
    let refund = format!("{trade}/refund");
    let (status, part) = served
        .api(Method::POST, &refund, "{\"amount\":\"4.50\"}")
        .await;
    assert_eq!((status, &part["refunded"]), (200, &json!("4.50")));
    let (status, said) = served
        .api(Method::POST, &refund, "{\"amount\":\"30.01\"}")
        .await;
    assert_eq!((status, &said["code"]), (422, &json!("bad_sum")));
    let (_, list) = served.api(Method::GET, "/trades", "").await;
    assert_eq!(list["trades"][0]["pays_back"], "A");
    let (status, said) = served
        .api(Method::POST, &format!("{trade}/finish"), "")
        .await;
    assert_eq!((status, &said["code"]), (409, &json!("not_there")));

    let faults = format!("/faults/{MERCHANT}/A");
    let wanted = "{\"checkout\":{\"lose\":true,\"then\":\"timeout\"},\"reply\":{\"kind\":\"slow\",\"secs\":2}}";
    let (status, set) = served.api(Method::PUT, &faults, wanted).await;
    assert_eq!(status, 200, "{set}");
    assert_eq!(set["checkout"], json!({ "lose": true, "then": "timeout" }));
    assert_eq!(
        set["return"],
        json!({ "lose": false, "after_notify": false })
    );
    assert!(set.get("verify").is_none() && set.get("statement").is_none());
    for wrong in [
        "{\"verify\":{\"kind\":\"down\"}}",
        "{\"return\":{\"forge\":true}}",
        "{\"reply\":{\"secs\":601}}",
        "{\"reply\":{\"kind\":\"late\"}}",
    ] {
        assert_eq!(
            served.api(Method::PUT, &faults, wrong).await.0,
            422,
            "{wrong}"
        );
    }
    let alipays = format!("/faults/{}/A", crate::desk::PARTNER);
    let (status, _) = served.api(Method::PUT, &alipays, wanted).await;
    assert_eq!(status, 422, "Alipay has no such calls");
}

/// The gateway's address lies below the API's, and is none of it; a page of another site presses no terminal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateways_address_is_its_own() {
    let served = Served::with(settings()).await;
    for path in ["/api/entry", "/api/entry/", "/api/entry/orderquery"] {
        let sent = served
            .send(
                Method::POST,
                path,
                &[("sec-fetch-site", "cross-site")],
                "{}",
            )
            .await;
        assert_eq!(sent.status(), 200, "{path}");
        let said: Value = serde_json::from_slice(&sent.bytes().await.unwrap()).unwrap();
        assert_eq!(said["code"], "SIM_PARAMETER", "{path}");
    }
    for path in [
        format!("/api/terminals/{TERMINAL}/offline"),
        format!("/terminal/{TERMINAL}"),
    ] {
        let sent = served
            .send(
                Method::POST,
                &path,
                &[("sec-fetch-site", "cross-site")],
                "action=offline",
            )
            .await;
        assert_eq!(sent.status(), 403, "{path}");
    }
}
