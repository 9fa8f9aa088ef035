//! The thin server over real sockets, with the machine's clock.

use crate::desk::{PARTNER, field, genuine, payment, settings, signed};
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::post;
use quittance_sandbox::{Ack, Handle, Kind, SandboxSettings, SystemClock, serve};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// A shop that answers its notifies with an error, a redirect to a page that would say `success`, a far too long
/// answer, and then with `success` and a line end.
async fn shop(tasks: &mut JoinSet<()>) -> (String, mpsc::UnboundedReceiver<Bytes>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let seen = Arc::new(AtomicUsize::new(0));
    let notify = move |body: Bytes| {
        let (sender, nth) = (sender.clone(), seen.fetch_add(1, Ordering::SeqCst));
        async move {
            sender.send(body).unwrap();
            match nth {
                0 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
                1 => Redirect::temporary("/elsewhere").into_response(),
                2 => "success".repeat(10_000).into_response(),
                _ => "success\n".into_response(),
            }
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/notify", post(notify))
        .route("/elsewhere", post(async || "success"));
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, receiver)
}

/// Seed 001 4.2 to 4.4 end to end: checkout, cashier, payment, notify refused, sent again, acknowledged; the second
/// opinion is `true` once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_over_real_sockets() {
    let mut tasks = JoinSet::new();
    let (notify_url, mut notifies) = shop(&mut tasks).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // 2 minutes become 20 ms, 10 minutes 100 ms.
    let handle = Handle::new(SandboxSettings {
        public_url: url.clone(),
        speed: 6_000,
        ..settings()
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let served = serve(listener, handle.clone(), Arc::new(SystemClock), async {
        let _ = stopped.await;
    });
    let mut server = JoinSet::new();
    server.spawn(served);

    // Redirects are followed, as a browser does.
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let checkout = signed(&payment("A", &[("notify_url", &notify_url)]));
    let cashier = browser
        .get(format!("{url}/gateway.do?{checkout}"))
        .send()
        .await
        .unwrap();
    assert!(cashier.url().path().starts_with("/cashier/"));
    let page = cashier.url().clone();
    assert!(
        cashier
            .text()
            .await
            .unwrap()
            .contains(">Confirm and pay</button>")
    );
    let paid = browser.post(page).body("action=pay").send().await.unwrap();
    assert!(paid.url().path().starts_with("/paid/"));
    assert!(
        paid.text()
            .await
            .unwrap()
            .contains("http-equiv=\"refresh\"")
    );

    // The list is read until it shows that the notify was acknowledged.
    let warning = "a line end stands behind success";
    let mut shown = String::new();
    for _ in 0..10_000 {
        shown = browser
            .get(&url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        if shown.contains(warning) {
            break;
        }
    }
    assert!(shown.contains(warning), "{shown}");
    let bodies: Vec<Bytes> = std::iter::from_fn(|| notifies.try_recv().ok()).collect();
    assert_eq!(bodies.len(), 4);
    assert!(bodies.iter().all(|body| genuine(body)));
    let id = field(&bodies[3], "notify_id");
    assert_eq!(field(&bodies[0], "notify_id"), id);
    let verify = format!("{url}/gateway.do?service=notify_verify&partner={PARTNER}&notify_id={id}");
    let mut words = Vec::new();
    for _ in 0..2 {
        words.push(
            browser
                .get(&verify)
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap(),
        );
    }
    assert_eq!(words, ["true", "false"]);

    let told: Vec<_> = handle
        .with(|sandbox| sandbox.exchanges(PARTNER, "A"))
        .into_iter()
        .filter(|exchange| exchange.kind == Kind::Notify)
        .map(|exchange| (exchange.attempt, exchange.ack.unwrap(), exchange.status))
        .collect();
    assert_eq!(
        told,
        [
            (1, Ack::Refused, Some(500)),
            (2, Ack::Refused, Some(307)),
            (3, Ack::Refused, None),
            (4, Ack::Acked, Some(200)),
        ]
    );

    let huge = browser
        .post(format!("{url}/gateway.do"))
        .body("x".repeat(65 * 1_024))
        .send()
        .await
        .unwrap();
    assert_eq!(huge.status(), 413);
    assert_eq!(browser.put(&url).send().await.unwrap().status(), 405);
    stop.send(()).unwrap();
    drop(browser);
    server.join_next().await.unwrap().unwrap().unwrap();
    tasks.abort_all();
}
