//! Where all is well, nothing fails, and nobody's books are touched.

use crate::fronts::Front;
use crate::settings::{COUNTER, DING};
use crate::world::{Wishes, World, secret};
use quittance_server::doctor::Verdict;

/// All three gateways, behind a proxy, before and after a payment.
#[tokio::test]
async fn a_set_up_in_which_all_is_well_passes_every_check() {
    let world = World::with(Wishes {
        front: Some(Front::Honest),
        more: format!("{DING}{COUNTER}"),
        ..Wishes::default()
    })
    .await;
    let before = world.app().store.head().await.unwrap().seq;
    let report = world.report(true).await;
    assert_eq!(report.first(), None);
    assert_eq!(report.count(Verdict::Warn), 0);
    let passed = |check: &str, account: &str| {
        report.findings.iter().any(|one| {
            one.check.name() == check
                && one.account.as_deref().unwrap_or_default() == account
                && one.verdict == Verdict::Pass
        })
    };
    for check in [
        "own-port", "webhook", "writable", "disk", "journal", "clock",
    ] {
        assert!(passed(check, ""), "{check}: {:#?}", report.findings);
    }
    for check in [
        "ids-and-keys",
        "addresses",
        "charset",
        "gateway-dns",
        "gateway-reach",
        "query",
        "inbound",
        "return-page",
    ] {
        for account in ["main", "ding", "counter"] {
            assert!(
                passed(check, account),
                "{check} {account}: {:#?}",
                report.findings
            );
        }
    }
    assert!(passed("pay-request", "main") && passed("pay-request", "ding"));
    // Nobody pays, nobody is told, nothing is written into the journal.
    let after = world.app().store.head().await.unwrap().seq;
    assert_eq!(before, after);

    world.order("A-1", "绿茶 250g").await;
    world.pay("A-1");
    world
        .until(|examined| {
            examined.orders["main"]
                .iter()
                .any(|order| order.paid_at.is_some())
        })
        .await;
    let report = world.report(true).await;
    assert_eq!(report.first(), None);
    for check in ["signatures", "opinions", "notifies", "charset"] {
        let found = report
            .findings
            .iter()
            .find(|one| one.check.name() == check && one.account.as_deref() == Some("main"));
        assert_eq!(found.unwrap().verdict, Verdict::Pass, "{found:?}");
    }
    let counted = world.metrics().await;
    for name in [
        "orders_behind",
        "orders_frozen",
        "discrepancies_open",
        "deliveries_dead",
    ] {
        assert!(
            counted.contains(&format!("quittance_{name} 0\n")),
            "{name}: {counted}"
        );
    }
    // A report may be sent to others.
    let told = format!("{:?}", report.findings);
    for name in ["KEY", "API_KEY", "WHSEC", "CODEPAY_PRIVATE"] {
        assert!(!told.contains(&secret(name)), "{name}");
    }
}

/// The same for programs; a key that is limited to accounts hears of nothing else.
#[tokio::test]
async fn the_api_tells_the_same() {
    let world = World::new().await;
    let (status, report) = world.api("GET", "/v1/doctor", None).await;
    assert_eq!(status, 200, "{report}");
    assert_eq!(report["ok"], true);
    assert_eq!(report["first"], serde_json::Value::Null);
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.iter().any(|one| one["check"] == "gateway-reach"));
    let (status, report) = world
        .api("GET", "/v1/doctor?online=true&account=main", None)
        .await;
    assert_eq!(status, 200, "{report}");
    assert_eq!(report["ok"], true, "{report:#}");
    let findings = report["findings"].as_array().unwrap();
    assert!(
        findings
            .iter()
            .any(|one| one["check"] == "inbound" && one["verdict"] == "pass")
    );
    let (status, problem) = world.api("GET", "/v1/doctor?account=none", None).await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (404, Some("account_unknown"))
    );
}
