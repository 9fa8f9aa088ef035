//! The ways that go well.

use super::{Running, alone};
use crate::demonstration::Demo;
use serde_json::json;

/// The five steps in their order, none of them named: each is remembered, and the next one runs. The shop's orders are
/// those of the demo's shop; text in both languages, and JSON.
#[tokio::test(flavor = "multi_thread")]
async fn the_five_steps_follow_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    let config = demo.config();
    let link = "pay link:";

    let mut first = Running::start(&config, "main", &["--json"]);
    let pay_url = first.warned(link);
    demo.buyer.come_back(demo.buyer.pay(&pay_url).await).await;
    let ended = first.ended().with(0);
    let summary = ended.json();
    assert_eq!(
        (&summary["step"], &summary["passed"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(summary["title"]["unmangled"], true, "{}", ended.said);
    assert_eq!(summary["return"]["verified"], true);
    assert_eq!(summary["checkout"]["via"], "form");
    assert_eq!(summary["missing"], json!([]));
    let order_no = summary["order"]["order_no"].as_str().unwrap();
    assert!(order_no.starts_with("qtest-"), "{order_no}");
    ended.says("sandbox beside this server");

    let mut second = Running::start(&config, "main", &["--lang", "zh", "--qr"]);
    let pay_url = second.printed("付款链接：");
    let picture = second.printed("█");
    assert!(picture.contains('█'), "{picture}");
    demo.buyer.come_back(demo.buyer.pay(&pay_url).await).await;
    let ended = second.ended().with(0);
    for says in [
        "步骤 2/5",
        "mysign",
        "(相等)",
        "responseTxt true",
        "应答 success",
        "测试付款",
        "步骤 2 已通过",
    ] {
        ended.says(says);
    }

    let third = alone(&config, "main", &[]).with(0);
    for says in [
        "Step 3 of 5",
        "a signed ping was answered 200",
        "refused (401)",
        "Step 3 is passed",
    ] {
        third.says(says);
    }

    let mut fourth = Running::start(&config, "main", &[]);
    fourth.warned("waiting for the shop");
    // Another price is another order's, and is told.
    demo.buy("cup").await;
    fourth.warned("this test waits for one of 0.01");
    let bought = demo.buy("test-utf8").await;
    assert_eq!(fourth.printed(link), bought.pay_url);
    demo.buyer
        .come_back(demo.buyer.pay(&bought.pay_url).await)
        .await;
    fourth.ended().with(0).says("Step 4 is passed");

    let mut fifth = Running::start(&config, "main", &["--from-shop", "--json"]);
    fifth.warned("waiting for the shop");
    let bought = demo.buy("test-utf8").await;
    fifth.warned(link);
    demo.buyer
        .come_back(demo.buyer.pay(&bought.pay_url).await)
        .await;
    let ended = fifth.ended().with(0);
    let summary = ended.json();
    assert_eq!(
        (&summary["step"], &summary["notify"]["answered"]),
        (&json!(5), &json!("success"))
    );
    let delivery = &summary["deliveries"][0];
    assert_eq!(
        (
            &delivery["endpoint"],
            &delivery["outcome"],
            &delivery["status"]
        ),
        (&json!("shop"), &json!("delivered"), &json!(200))
    );

    alone(&config, "main", &[])
        .with(0)
        .says("All five steps were passed");
    let all = alone(&config, "main", &["--json"]).with(0).json();
    assert_eq!(all["passed_steps"], json!([1, 2, 3, 4, 5]));
    alone(&config, "main", &["--step", "3", "--from-shop"])
        .with(2)
        .says("steps 4 and 5");
    alone(&config, "nobody", &[])
        .with(2)
        .says("no account nobody");
}

/// The other accounts, as far as the notify: GBK, Dinpay with its posted return and its numbers without a hyphen, CodePay
/// at a terminal, from which nobody returns.
#[tokio::test(flavor = "multi_thread")]
async fn every_gateway_passes_the_second_step() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    let config = demo.config();
    for account in ["gbk", "dinpay", "codepay"] {
        for step in [1, 2] {
            let mut running = Running::start(&config, account, &["--json"]);
            let pay_url = running.warned("pay link:");
            match account {
                "codepay" => {
                    demo.buyer.go_on(&pay_url).await;
                    demo.buyer.at_terminal(&demo.terminal, "approve").await;
                }
                _ => demo.buyer.come_back(demo.buyer.pay(&pay_url).await).await,
            }
            let ended = running.ended().with(0);
            let summary = ended.json();
            assert_eq!(summary["step"], step, "{account}: {}", ended.said);
            assert_eq!(summary["return_expected"], account != "codepay");
            if step == 2 {
                assert_eq!(summary["notify"]["verified"], true);
            }
            if account == "gbk" {
                assert_eq!(summary["title"]["unmangled"], true);
            }
        }
    }
}
