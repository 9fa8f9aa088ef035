//! The demo shop as a merchant's program: what it was told it credits once, and what README shows is what it does.

use crate::demonstration::{Bought, Demo, until};
use reqwest::{Method, StatusCode};
use rusqlite::TransactionBehavior;
use std::process::Command;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const README: &str = include_str!("../../../README.md");
const README_ZH: &str = include_str!("../../../README.zh-CN.md");

/// An event about this order, as Quittance words it.
fn event(bought: &Bought, kind: &str, sequence: u32, status: &str) -> String {
    let order = serde_json::json!({
        "account": "main", "order_no": bought.order_no, "status": status, "attention": false,
    });
    let data = serde_json::json!({ "order": order });
    serde_json::json!({ "type": kind, "sequence": sequence, "data": data }).to_string()
}

/// Thirty deliveries of one event at once, an older one behind it, strangers and forgeries: one credit.
#[tokio::test]
async fn an_event_is_credited_once_however_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    let bought = demo.buy("card").await;
    assert_eq!(
        (demo.credits(&bought), demo.balance()),
        ("0".into(), "0".into())
    );

    let paid = event(&bought, "order.paid", 2, "paid");
    let mut deliveries = JoinSet::new();
    for _ in 0..30 {
        let sent = demo.webhook("evt_paid", &paid).send();
        deliveries.spawn(async move { sent.await.unwrap().status() });
    }
    let answers = deliveries.join_all().await;
    assert_eq!(answers, [StatusCode::OK; 30]);
    assert_eq!(
        (demo.credits(&bought), demo.balance()),
        ("1".into(), "1000".into())
    );

    // The older event comes late: it is taken, and the newer one stays believed.
    let recorded = event(&bought, "payment.recorded", 1, "unpaid");
    assert_eq!(demo.tell("evt_recorded", &recorded).await, StatusCode::OK);
    let status = "SELECT status FROM orders WHERE order_no = ?";
    assert_eq!(demo.read(status, &bought.order_no), "paid");
    let refunded = event(&bought, "order.refunded", 3, "refunded");
    assert_eq!(demo.tell("evt_refunded", &refunded).await, StatusCode::OK);
    assert_eq!(demo.read(status, &bought.order_no), "refunded");
    // The first event again, now as an old one.
    assert_eq!(demo.tell("evt_paid", &paid).await, StatusCode::OK);
    assert_eq!(demo.read(status, &bought.order_no), "refunded");
    assert_eq!(
        (demo.credits(&bought), demo.balance()),
        ("1".into(), "1000".into())
    );

    // An order that the shop did not make, an event about none, and what is not signed or no event.
    let stranger = Bought {
        order_no: "A-1".into(),
        pay_url: String::new(),
    };
    let strange = event(&stranger, "order.paid", 1, "paid");
    assert_eq!(demo.tell("evt_strange", &strange).await, StatusCode::OK);
    let anchor = r#"{"type":"journal.anchor","sequence":1,"data":{"order":null}}"#;
    assert_eq!(demo.tell("evt_anchor", anchor).await, StatusCode::OK);
    assert_eq!(demo.tell("evt_odd", "[]").await, StatusCode::BAD_REQUEST);
    let second = demo.buy("card").await;
    let forged = demo
        .webhook("evt_other", "{}")
        .body(event(&second, "order.paid", 1, "paid"));
    let answer = forged.send().await.unwrap().status();
    assert_eq!(answer, StatusCode::UNAUTHORIZED);
    assert_eq!(
        (demo.credits(&second), demo.balance()),
        ("0".into(), "1000".into())
    );
}

/// The credit is committed and the answer never arrives: the delivery that follows credits nothing.
#[tokio::test]
async fn a_lost_answer_does_not_credit_again() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    let bought = demo.buy("card").await;
    let paid = event(&bought, "order.paid", 1, "paid");
    let request = demo.webhook("evt_paid", &paid).build().unwrap();

    let address = demo.shop.strip_prefix("http://").unwrap();
    let mut text = format!(
        "POST /hooks/quittance HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n",
        paid.len()
    );
    for (name, value) in request.headers() {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket
        .write_all(format!("{text}\r\n{paid}").as_bytes())
        .await
        .unwrap();
    until("the credit is committed", async || {
        demo.credits(&bought) == "1"
    })
    .await;
    // Nobody read the answer: for the sender the delivery failed, and it comes again.
    drop(socket);
    assert_eq!(demo.tell("evt_paid", &paid).await, StatusCode::OK);
    assert_eq!(
        (demo.credits(&bought), demo.balance()),
        ("1".into(), "1000".into())
    );
}

/// A real payment; its event delivered again by command, and again after `kill -9` and a new start.
#[tokio::test]
async fn a_redelivery_credits_nothing_before_and_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Demo::start(folder.path());
    let bought = demo.buy("card").await;
    demo.pay(&bought).await;
    until("the payment is credited", async || {
        demo.credits(&bought) == "1"
    })
    .await;
    let id = demo.order_paid(&bought).await;
    let again = format!("/v1/events/{id}/redeliver");
    demo.api(Method::POST, &again).await;
    let told_twice = async |demo: &Demo| {
        let page = demo.page(&format!("{}/orders", demo.shop)).await;
        page.contains("told 2 times and credited it once")
    };
    until("the event came again", async || told_twice(&demo).await).await;
    assert_eq!(
        (demo.credits(&bought), demo.balance()),
        ("1".into(), "1000".into())
    );

    demo.kill();
    let demo = Demo::start(folder.path());
    assert_eq!(
        demo.tell(&id, &event(&bought, "order.paid", 2, "paid"))
            .await,
        StatusCode::OK
    );
    demo.api(Method::POST, &again).await;
    until("the event came again", async || told_twice(&demo).await).await;
    assert_eq!(
        (demo.credits(&bought), demo.balance()),
        ("1".into(), "1000".into())
    );
    let page = demo.page(&demo.shop).await;
    assert!(page.contains("<strong>¥10.00 CNY</strong>"), "{page}");
}

/// What cannot be written down is answered 500; Quittance brings it again, and then it is credited.
#[tokio::test]
async fn a_failure_is_answered_500_and_comes_again() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    let bought = demo.buy("card").await;
    let mut book = demo.book();
    let held = book
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap();
    let paid = event(&bought, "order.paid", 2, "paid");
    let answer = demo.tell("evt_elsewhere", &paid).await;
    assert_eq!(answer, StatusCode::INTERNAL_SERVER_ERROR);
    demo.pay(&bought).await;
    let refused = "the demo shop could not write an event down";
    until("Quittance was answered 500", async || {
        demo.log().matches(refused).count() >= 2
    })
    .await;
    held.rollback().unwrap();
    assert_eq!(demo.credits(&bought), "0");
    until("it came again", async || demo.credits(&bought) == "1").await;
    assert_eq!(demo.balance(), "1000");
}

/// The buyer is led back: the order names the shop's page, and that page leads to the order's page.
#[tokio::test]
async fn the_shops_pages_lead_round() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    for (article, account) in [
        ("test-utf8", "main"),
        ("test-gbk", "gbk"),
        ("test-dinpay", "dinpay"),
    ] {
        let bought = demo.buy(article).await;
        let order = demo
            .api(
                Method::GET,
                &format!("/v1/orders/{account}/{}", bought.order_no),
            )
            .await;
        assert_eq!(
            (&order["subject"], &order["amount"]),
            (&"测试商品".into(), &"0.01".into())
        );
        let orders = demo.page(&format!("{}/orders", demo.shop)).await;
        assert!(
            orders.contains(&bought.pay_url) && !orders.contains("class=\"seal\""),
            "{orders}"
        );
    }
    for (way, account, start) in [
        ("alipay", "main", "form"),
        ("dinpay", "dinpay", "form"),
        ("counter", "codepay", "terminal"),
        ("online", "codepay", "redirect"),
    ] {
        let bought = demo.buy(&format!("cup&way={way}")).await;
        let path = format!("/v1/orders/{account}/{}", bought.order_no);
        let order = demo.api(Method::GET, &path).await;
        assert_eq!(order["amount"], "12.80");
        let checkout = demo.api(Method::POST, &format!("{path}/checkout")).await;
        assert_eq!(checkout["kind"], start, "{way}");
    }
    // In a way that there is not, nothing is sold.
    let cash = reqwest::Client::new().post(format!("{}/buy", demo.shop));
    let cash = cash.header("content-type", "application/x-www-form-urlencoded");
    let refused = cash.body("article=cup&way=cash").send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 404);
    let bought = demo.buy("tea").await;
    demo.pay(&bought).await;
    until("the payment is credited", async || {
        demo.credits(&bought) == "1"
    })
    .await;
    let result = demo.page(&format!("{}/result", bought.pay_url)).await;
    assert!(
        result.contains(&format!("href=\"{}/orders\"", demo.shop)),
        "{result}"
    );
    assert_eq!(demo.balance(), "0");
    let orders = demo.page(&format!("{}/orders?lang=zh", demo.shop)).await;
    assert_eq!(orders.matches("class=\"seal\"").count(), 1, "{orders}");
    assert!(
        orders.contains("已安排发货。") && orders.contains("lang=\"zh-CN\""),
        "{orders}"
    );
    for (path, status) in [
        ("/nowhere", 404),
        ("/buy", 405),
        ("/?lang=zh", 200),
        ("/orders?lang=en", 200),
    ] {
        let sent = reqwest::get(format!("{}{path}", demo.shop)).await.unwrap();
        assert_eq!(sent.status().as_u16(), status, "{path}");
        assert!(sent.bytes().await.unwrap().len() < 30_000);
    }
}

/// The Rust lines in both READMEs stand in the shop's source, in this order and without a gap.
#[test]
fn readme_quotes_the_shop() {
    let source = [
        include_str!("../../src/demo/shop/book.rs"),
        include_str!("../../src/demo/shop/mod.rs"),
    ];
    let source = source.map(flush).concat();
    for readme in [README, README_ZH] {
        let quotes: Vec<&str> = blocks(readme, "rust");
        assert_eq!(quotes.len(), 2);
        for quote in quotes {
            assert!(
                source.contains(&flush(quote)),
                "{quote}\nis not what the demo shop does"
            );
        }
    }
}

/// README's lines of curl, typed as they stand against a demo: each is answered with a success.
#[tokio::test]
async fn readme_lines_of_curl_work() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    for readme in [README, README_ZH] {
        let lines = blocks(readme, "sh")
            .into_iter()
            .find(|block| block.starts_with("K="));
        let lines = lines.unwrap();
        let ordered = lines.matches("curl ").count();
        // Each README has an order of its own, and nobody waits half a minute here.
        let order_no = if readme == README { "A-1" } else { "A-2" };
        let lines = lines.replace("KEY-THAT-DEMO-PRINTS", &demo.key);
        let lines = lines.replace("http://127.0.0.1:8080", &demo.server);
        let lines = lines.replace("wait=30", "wait=1").replace("A-1", order_no);
        let lines = lines.replace(
            "curl -s",
            "curl -sS -o /dev/null --noproxy '*' -w '%{http_code}\\n'",
        );
        let ran = Command::new("sh").args(["-euc", &lines]).output().unwrap();
        let (answers, said) = (
            String::from_utf8_lossy(&ran.stdout),
            String::from_utf8_lossy(&ran.stderr),
        );
        let right = answers.lines().filter(|line| line.starts_with('2')).count();
        assert!(
            ran.status.success() && right == ordered && ordered > 8,
            "{answers}{said}"
        );
    }
}

/// The fenced blocks of this language.
fn blocks<'a>(readme: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let blocks = readme.split(&fence).skip(1);
    blocks.filter_map(|rest| rest.split("```").next()).collect()
}

/// The lines without what is before and behind them.
fn flush(text: &str) -> String {
    text.lines()
        .map(|line| format!("{}\n", line.trim()))
        .collect()
}
