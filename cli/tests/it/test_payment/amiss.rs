//! The ways that do not: each is named with what to look at first.

use super::shop::{Manner, open};
use super::{Running, alone};
use crate::buyer::Buyer;
use crate::gateway::gateway;
use crate::program::{Merchant, said};
use quittance_sandbox::Faults;
use serde_json::{Value, json};
use tokio::task::JoinSet;

fn missing(summary: &Value) -> Vec<&str> {
    let missing = summary["missing"].as_array().unwrap().iter();
    missing.map(|gap| gap["what"].as_str().unwrap()).collect()
}

/// The notify is lost on its way and the buyer closes the window: the payment is found by a query, the step is not passed.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_notify_is_named() {
    let mut tasks = JoinSet::new();
    let (sandbox, url) = gateway(&mut tasks).await;
    let merchant = Merchant::new(&url, "utf-8");
    let server = merchant.serve().await;
    let config = merchant.config();
    sandbox.with(|sandbox| sandbox.set_faults(Faults::lost_notify()));

    let mut running = Running::start(
        &config,
        "main",
        &["--step", "2", "--timeout", "8", "--json"],
    );
    Buyer::new().pay(&running.warned("pay link:")).await;
    let ended = running.ended().with(1);
    let summary = ended.json();
    assert_eq!(missing(&summary), ["return", "notify"], "{}", ended.said);
    assert_eq!(
        (
            &summary["found_by_query"],
            &summary["status"],
            &summary["trade"]["answer"]
        ),
        (&json!(true), &json!("paid"), &json!("paid"))
    );
    let look_at = summary["missing"][1]["look_at"].as_str().unwrap();
    assert!(
        look_at.contains("doctor --online") && look_at.contains("/notify/main"),
        "{look_at}"
    );

    // In the reader's language, and with nothing done at all.
    let zh = ["--step", "2", "--timeout", "2", "--lang", "zh"];
    let ended = alone(&config, "main", &zh).with(1);
    for says in [
        "买家尚未前往收银台",
        "没有收到签名有效的异步通知",
        "等待买家",
    ] {
        ended.says(says);
    }
    // Neither was passed: the first step is still the next.
    let next = alone(&config, "main", &["--timeout", "1"]).with(1);
    next.says("Step 1 of 5");
    drop(server);
}

/// A live gateway cannot call this machine: the first step does without the notify and says so, the second names it.
/// Nothing is sent there, for nobody opens the link.
#[tokio::test(flavor = "multi_thread")]
async fn a_notify_that_cannot_arrive_is_told() {
    let merchant = Merchant::new("https://gateway.invalid/gateway.do", "utf-8");
    let config = merchant.config();
    let server = merchant.serve().await;
    for (step, says, gap) in [
        ("1", "cannot arrive here", None),
        ("2", "belongs on the server", Some("and none can")),
    ] {
        let ended = alone(
            &config,
            "main",
            &["--step", step, "--timeout", "1", "--json"],
        )
        .with(1);
        ended.says(says);
        let summary = ended.json();
        assert_eq!(summary["notify_can_arrive"], false);
        let notify = missing(&summary).iter().position(|what| *what == "notify");
        let look_at = notify.map(|at| summary["missing"][at]["look_at"].as_str().unwrap());
        assert_eq!(look_at.is_some(), gap.is_some());
        assert!(
            look_at
                .unwrap_or_default()
                .contains(gap.unwrap_or_default())
        );
    }
    drop(server);
}

/// A shop whose webhook answers 500, and one that takes anything; before them, a shop that is not there.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_wrong_is_named() {
    let mut tasks = JoinSet::new();
    let (_sandbox, url) = gateway(&mut tasks).await;
    let merchant = Merchant::new(&url, "utf-8");
    let config = merchant.config();
    let server = merchant.serve().await;
    alone(&config, "main", &["--step", "3"])
        .with(2)
        .says("--account main --step 1");
    let buyer = Buyer::new();
    let mut first = Running::start(&config, "main", &[]);
    let pay_url = first.printed("pay link:");
    buyer.come_back(buyer.pay(&pay_url).await).await;
    first.ended().with(0).says("Step 1 is passed");
    for step in ["3", "5"] {
        alone(&config, "main", &["--step", step])
            .with(1)
            .says("[[webhooks]]");
    }
    server.terminate();

    let manners = open(&merchant, &mut tasks).await;
    let server = merchant.serve().await;
    *manners.lock().unwrap() = Manner::Broken;
    alone(&config, "main", &["--step", "3"])
        .with(1)
        .says("a signed ping was answered 500");
    let mut fifth = Running::start(&config, "main", &["--step", "5", "--timeout", "10"]);
    fifth.warned("waiting for the shop");
    let create = ["order", "create", "--account", "main", "--order-no", "A-1"];
    let bought = ["--subject", "茶", "--amount", "0.01"];
    let made = merchant.run(&[&create[..], &bought].concat());
    assert!(made.status.success(), "{}", said(&made));
    let pay_url = fifth.printed("pay link:");
    buyer.come_back(buyer.pay(&pay_url).await).await;
    let ended = fifth.ended().with(1);
    for says in [
        "The time of --timeout is over",
        "answered order.paid with HTTP 500",
        "--step 3",
        "shop: failed 500",
    ] {
        ended.says(says);
    }

    *manners.lock().unwrap() = Manner::Gullible;
    let warned = alone(&config, "main", &["--step", "3", "--json"])
        .with(0)
        .json();
    assert_eq!(warned["webhooks"][0]["takes_anything"], true);
    assert!(
        warned["warnings"][0]
            .as_str()
            .unwrap()
            .contains("wrong signature")
    );
    alone(&config, "main", &["--step", "3", "--lang", "zh"])
        .with(0)
        .says("也接受签名错误的 ping");
    *manners.lock().unwrap() = Manner::Right;
    let right = alone(&config, "main", &["--step", "3", "--json"])
        .with(0)
        .json();
    assert_eq!(
        (&right["warnings"], &right["webhooks"][0]["wrongly_signed"]),
        (&json!([]), &json!(401))
    );
    drop(server);
}
