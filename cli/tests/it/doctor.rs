//! `doctor` beside the real program and its sandbox, and what it writes for those who help.

use crate::gateway::{gateway, pay};
use crate::program::{API_KEY, GATEWAY_KEY, Merchant, PARTNER, ended};
use quittance_core::charset::Charset;
use quittance_server::clock::{Clock, SystemClock};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_set_up_passes_before_and_while_the_server_runs() {
    let mut tasks = JoinSet::new();
    let (_gateway, url) = gateway(&mut tasks).await;
    let merchant = Merchant::new(&url, "utf-8");
    let before = ended(&merchant.run(&["doctor"]), 0);
    assert!(
        before.contains("--online") && before.contains("ids-and-keys [main]"),
        "{before}"
    );
    let closed = ended(&merchant.run(&["doctor", "--online", "--lang", "zh"]), 1);
    assert!(closed.contains("请先看这一项：\n失败 own-port"), "{closed}");
    let none = ended(&merchant.run(&["doctor", "--account", "none"]), 2);
    assert!(none.contains("main"), "{none}");

    let server = merchant.serve().await;
    let told = ended(
        &merchant.run(&["doctor", "--online", "--account", "main", "--json"]),
        0,
    );
    let report: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(report["ok"], true);
    let passed = |check: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings
            .iter()
            .any(|one| one["check"] == check && one["verdict"] == "pass")
    };
    for check in ["own-port", "inbound", "query", "pay-request", "journal"] {
        assert!(passed(check), "{check}: {report:#}");
    }
    assert_eq!(server.terminate().code(), Some(0));
}

#[test]
fn settings_that_serve_refuses_are_explained() {
    let merchant = Merchant::new("http://127.0.0.1:9/gateway.do", "latin1");
    let text = std::fs::read_to_string(merchant.config()).unwrap();
    let pasted = format!("{GATEWAY_KEY} ");
    std::fs::write(merchant.config(), text.replace(GATEWAY_KEY, &pasted)).unwrap();
    let told = ended(&merchant.run(&["doctor"]), 1);
    assert!(
        told.contains("Begin here:\nFAIL ids-and-keys [main]"),
        "{told}"
    );
    assert!(
        told.contains("FAIL charset [main]") && !told.contains(GATEWAY_KEY),
        "{told}"
    );
}

/// Every place where a secret or a person may stand holds a canary; the file holds none of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_holds_no_secret_and_nobody_s_data() {
    let mut tasks = JoinSet::new();
    let (gateway, url) = gateway(&mut tasks).await;
    let merchant = Merchant::new(&url, "utf-8");
    let server = merchant.serve().await;
    let create = [
        "order",
        "create",
        "--account",
        "main",
        "--order-no",
        "A-1",
        "--amount",
        "0.01",
    ];
    let personal = [
        "--subject",
        "CANARY-title 鏀惰",
        "--body",
        "CANARY-body",
        "--extra",
        "CANARY-extra",
    ];
    ended(&merchant.run(&[&create[..], &personal].concat()), 0);
    ended(
        &merchant.run(&["order", "note", "main/A-1", "CANARY-note"]),
        0,
    );
    ended(
        &merchant.run(&["order", "checkout", "main/A-1", "--get"]),
        0,
    );
    let clock = SystemClock::new();
    pay(&gateway, &clock, "A-1", "CANARY-title", Charset::Utf8);
    let genuine = gateway
        .with(|sandbox| sandbox.genuine_notify(clock.wall(), PARTNER, "A-1"))
        .unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let forged = b"out_trade_no=A-1&buyer_email=CANARY%40example.com&sign=CANARY".to_vec();
    for body in [genuine, forged] {
        let call = client
            .post(format!("{}/notify/main", merchant.url))
            .header("content-type", "application/x-www-form-urlencoded");
        call.body(body).send().await.unwrap();
    }
    let text = std::fs::read_to_string(merchant.config()).unwrap();
    let more = "[[webhooks]]\nname = \"shop\"\nurl = \"https://CANARY:CANARY@shop.example.com/\"\nsecret = \"whsec_CANARYCANARYCANARYCANARYCANARYCA\"\n";
    std::fs::write(merchant.config(), text + more).unwrap();

    let file = merchant.config().with_file_name("bundle.json");
    let path = file.to_str().unwrap();
    ended(&merchant.run(&["doctor", "--bundle", path]), 1);
    let bundle = std::fs::read_to_string(&file).unwrap();
    for secret in ["CANARY", API_KEY, GATEWAY_KEY, "buyer@", "鏀惰"] {
        assert!(!bundle.contains(secret), "{secret}: {bundle}");
    }
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // What helps is there: the wrong setting, and what happened.
    let bundle: Value = serde_json::from_str(&bundle).unwrap();
    assert_eq!(bundle["report"]["ok"], false);
    assert_eq!(bundle["settings"]["accounts"]["main"]["gateway"], "alipay");

    std::fs::write(
        merchant.config(),
        std::fs::read_to_string(merchant.config())
            .unwrap()
            .split("[[webhooks]]")
            .next()
            .unwrap(),
    )
    .unwrap();
    let again = ended(&merchant.run(&["doctor", "--bundle", path]), 2);
    assert!(again.contains("not written over"), "{again}");
    std::fs::remove_file(&file).unwrap();
    let _ = merchant.run(&["doctor", "--bundle", path]);
    let bundle = std::fs::read_to_string(&file).unwrap();
    for secret in ["CANARY", API_KEY, GATEWAY_KEY, "buyer@", "鏀惰"] {
        assert!(!bundle.contains(secret), "{secret}: {bundle}");
    }
    let bundle: Value = serde_json::from_str(&bundle).unwrap();
    let kinds: Vec<&str> = bundle["journal"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect();
    assert!(
        kinds.contains(&"order") && kinds.contains(&"notify") && kinds.contains(&"note"),
        "{kinds:?}"
    );
    assert_eq!(server.terminate().code(), Some(0));
}
