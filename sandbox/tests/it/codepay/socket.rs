//! The whole way over real sockets: a shop that answers slowly, wrongly, then rightly.

use super::api::now;
use super::counter::{MERCHANT, TERMINAL, call_at, genuine, sale, settings, with};
use crate::api::Served;
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use quittance_sandbox::{Ack, Kind};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// A shop that answers its notifies with an error, with another word, and then with the right one.
async fn shop(tasks: &mut JoinSet<()>) -> (String, mpsc::UnboundedReceiver<Bytes>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let seen = Arc::new(AtomicUsize::new(0));
    let notify = move |body: Bytes| {
        let (sender, nth) = (sender.clone(), seen.fetch_add(1, Ordering::SeqCst));
        async move {
            sender.send(body).unwrap();
            match nth {
                0 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
                1 => "SUCCESS".into_response(),
                _ => "success".into_response(),
            }
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    let router = Router::new().route("/notify", post(notify));
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, receiver)
}

/// Seed 002 3.2 and 4.1: pushed, paid at the terminal, told until it is acknowledged, and found by a query.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_over_real_sockets() {
    let mut tasks = JoinSet::new();
    let (notify_url, mut notifies) = shop(&mut tasks).await;
    let mut settings = settings();
    // 5 seconds become 5 milliseconds.
    settings.speed = 1_000;
    let served = Served::with(settings).await;
    let call = async |method: &str, fields: Value| {
        let message = Value::from(call_at(now(), method, fields)).to_string();
        let kind = [("content-type", "application/json")];
        let sent = served
            .send(Method::POST, "/api/entry", &kind, &message)
            .await;
        let said: Value = serde_json::from_slice(&sent.bytes().await.unwrap()).unwrap();
        assert!(genuine(&said), "{said}");
        said
    };
    let pushed = with(sale("A"), json!({ "notify_url": notify_url }));
    assert_eq!(call("wisehub.cloud.pay.order", pushed).await["code"], "0");
    let path = format!("/terminals/{TERMINAL}/approve");
    assert_eq!(served.api(Method::POST, &path, "").await.0, 200);
    let mut bodies: Vec<Value> = Vec::new();
    while bodies.len() < 3 {
        let body = notifies.recv().await.unwrap();
        bodies.push(serde_json::from_slice(&body).unwrap());
    }
    assert!(
        bodies
            .iter()
            .all(|body| genuine(body) && body["trans_status"] == 2)
    );
    let asked = call("order.query", json!({ "merchant_order_no": "A" })).await;
    assert!(
        asked["data"]
            .as_str()
            .unwrap()
            .contains("\"trans_status\":2")
    );
    // The answer to the third is on its way back to the sandbox.
    let told = loop {
        let (_, trade) = served
            .api(Method::GET, &format!("/trades/{MERCHANT}/A"), "")
            .await;
        let acks: Vec<(String, Value)> = trade["exchanges"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|known| known["kind"] == Kind::Notify.word())
            .map(|known| {
                (
                    known["ack"].as_str().unwrap().to_owned(),
                    known["status"].clone(),
                )
            })
            .collect();
        if acks.iter().all(|(ack, _)| ack != Ack::Pending.word()) {
            break acks;
        }
    };
    let refused = |status: u16| (Ack::Refused.word().to_owned(), json!(status));
    assert_eq!(
        told,
        [
            refused(500),
            refused(200),
            (Ack::Acked.word().to_owned(), json!(200))
        ]
    );
    tasks.abort_all();
}
