//! `inspect` on the third value: what the gateway said, as the journal has it or asked now, and why it was not `true`.

use crate::gateway::{gateway, pay};
use crate::program::{Merchant, PARTNER, ended};
use quittance_core::charset::Charset;
use quittance_sandbox::{Faults, Handle, VerifyKind};
use quittance_server::clock::{Clock, SystemClock};
use serde_json::Value;
use tokio::task::JoinSet;

/// A paid order of which a genuine notify came; gives its body and the number of its entry.
async fn notified(merchant: &Merchant, gateway: &Handle) -> (Vec<u8>, String) {
    let create = [
        "order",
        "create",
        "--account",
        "main",
        "--order-no",
        "A-1",
        "--subject",
        "茶",
        "--amount",
        "0.01",
    ];
    ended(&merchant.run(&create), 0);
    let clock = SystemClock::new();
    pay(gateway, &clock, "A-1", "茶", Charset::Utf8);
    let genuine = gateway.with(|sandbox| sandbox.genuine_notify(clock.wall(), PARTNER, "A-1"));
    let genuine = genuine.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = client
        .post(format!("{}/notify/main", merchant.url))
        .header("content-type", "application/x-www-form-urlencoded");
    call.body(genuine.clone()).send().await.unwrap();
    let shown = merchant.run(&["journal", "show", "main/A-1", "--json"]);
    let shown: Value = serde_json::from_str(&ended(&shown, 0)).unwrap();
    let items = shown["items"].as_array().unwrap();
    let notify = items
        .iter()
        .find(|entry| entry["kind"] == "notify")
        .unwrap();
    (genuine, notify["seq"].to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journaled_no_is_told_with_its_cause() {
    let mut tasks = JoinSet::new();
    let (gateway, url) = gateway(&mut tasks).await;
    let mut faults = Faults::default();
    faults.verify.kind = VerifyKind::False;
    gateway.with(|sandbox| sandbox.set_faults(faults));
    let merchant = Merchant::new(&url, "utf-8");
    let server = merchant.serve().await;
    let (_, seq) = notified(&merchant, &gateway).await;
    let told = ended(
        &merchant.run(&["inspect", "--account", "main", "--journal", &seq]),
        0,
    );
    assert!(told.contains("responseTxt  false"), "{told}");
    assert!(
        told.contains("opinion_false - the gateway does not know"),
        "{told}"
    );
    let told = ended(
        &merchant.run(&[
            "inspect",
            "--account",
            "main",
            "--journal",
            &seq,
            "--json",
            "--lang",
            "zh",
        ]),
        0,
    );
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["response_txt"], "false");
    assert_eq!(told["response_cause"]["code"], "opinion_false");
    assert_eq!(server.terminate().code(), Some(0));
}

/// The server asked already; then the gateway is gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_saved_message_is_asked_about_now() {
    let mut tasks = JoinSet::new();
    let (gateway, url) = gateway(&mut tasks).await;
    let merchant = Merchant::new(&url, "utf-8");
    let server = merchant.serve().await;
    let (genuine, seq) = notified(&merchant, &gateway).await;
    let file = merchant.config().with_file_name("saved.txt");
    std::fs::write(&file, genuine).unwrap();
    let inspect = [
        "inspect",
        "--account",
        "main",
        "--notify",
        file.to_str().unwrap(),
        "--online",
    ];
    let told = ended(&merchant.run(&inspect), 0);
    let used =
        format!("opinion_used - the gateway says `true` once, and said so already for entry {seq}");
    assert!(told.contains(&used), "{told}");

    tasks.shutdown().await;
    let told = ended(&merchant.run(&inspect), 0);
    assert!(told.contains("opinion_silent"), "{told}");
    assert!(
        told.contains("gateway-dns: pass") && told.contains("gateway-reach: fail"),
        "{told}"
    );
    assert_eq!(server.terminate().code(), Some(0));
}
