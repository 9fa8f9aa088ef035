//! What the result page says, in every state and both languages, and what every page keeps to.

use super::{checked, get};
use crate::world::{NowInTests, PARTNER, Wishes, World};
use quittance_core::entry::{Direction, Record, What};
use quittance_core::facts::Proof;
use quittance_core::{Currency, Money, Order, OrderKey, Timestamp};
use quittance_sandbox::{Faults, Sandbox};
use serde_json::json;

/// Shows that the result page asks while it waits, and the button asks too.
#[tokio::test(flavor = "multi_thread")]
async fn the_result_page_asks() {
    let world = World::new().await;
    world.order("A-1").await;
    let token = world.stored("A-1").await.order.token;
    let result = format!("{}/pay/{token}/result", world.url);
    let (_, page, _) = get(&world, &result, "en").await;
    assert!(
        page.contains("updates by itself") && page.contains("http-equiv=\"refresh\""),
        "{page}"
    );
    let (_, page, _) = get(&world, &format!("{result}?n=30"), "en").await;
    assert!(
        page.contains("do not pay again") && !page.contains("http-equiv=\"refresh\""),
        "{page}"
    );
    world.pay_silently("A-1");
    let completed = world
        .client
        .post(format!("{}/pay/{token}/completed", world.url))
        .send()
        .await
        .unwrap();
    assert_eq!(completed.status(), 303);
    let on = format!(
        "{}{}",
        world.url,
        completed.headers()["location"].to_str().unwrap()
    );
    assert!(get(&world, &on, "en").await.1.contains("Paid."));
    let (status, page, _) = get(&world, &format!("{}/pay/guessed/result", world.url), "en").await;
    assert_eq!(status, 404);
    assert!(!page.contains("¥"));
}

/// Opens the result page in both languages, and looks for the sentence of look.md; only a paid page has the seal.
async fn says(world: &World, order_no: &str, query: &str, [en, zh]: [&str; 2]) -> String {
    let token = world.stored(order_no).await.order.token;
    let address = format!("{}/pay/{token}/result{query}", world.url);
    let paid = en == "Paid. Received ";
    for (lang, sentence) in [("zh-CN", zh), ("en", en)] {
        let (status, page, headers) = get(world, &address, lang).await;
        assert_eq!(status, 200);
        checked(&page, &headers);
        let said = page.split("<h1>").nth(1).unwrap();
        assert!(said.contains(sentence), "{order_no} {lang}: {page}");
        assert_eq!(page.contains("class=\"seal\""), paid, "{page}");
        assert!(page.contains("role=\"status\""), "{page}");
        if lang == "en" {
            return page;
        }
    }
    unreachable!("both languages were opened")
}

const ONWARD: &str = "<a class=\"button\" href=\"http://shop.example.com/orders\">";
const BUTTON: &str = "<button>Payment completed</button>";

/// Shows the states of an order that waits: checking, timed out, and after the button.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_waits() {
    let world = World::new().await;
    world.order("A-1").await;
    for (query, sentence) in [
        (
            "",
            [
                "We are asking the payment company. This page updates by itself.",
                "正在向支付公司确认，本页会自动更新。",
            ],
        ),
        (
            "?n=30",
            [
                "Not confirmed yet. Look at your order later. Please do not pay again.",
                "暂未确认。请稍后查看订单，请勿重复付款。",
            ],
        ),
        (
            "?n=30&asked=true",
            [
                "We see no payment yet. If you have paid, look at your order later; please do not pay again.",
                "暂未查到付款。如已付款，请稍后查看订单，请勿重复付款。",
            ],
        ),
    ] {
        let page = says(&world, "A-1", query, sentence).await;
        assert!(page.contains(BUTTON) && !page.contains(ONWARD), "{page}");
        assert_eq!(
            page.contains("<noscript><meta http-equiv=\"refresh\""),
            query.is_empty()
        );
        assert_eq!(
            page.contains(" data-here=\"/pay/"),
            query != "?n=30",
            "{page}"
        );
        assert_eq!(
            page.contains(" data-asked"),
            query.contains("asked"),
            "{page}"
        );
        let switch = query.replace("?n=30&asked", "?n=30&#38;asked");
        let switch = match &*switch {
            "" => "?lang=zh".to_owned(),
            "?n=30" => "?n=30&#38;asked=false&#38;lang=zh".to_owned(),
            more => format!("{more}&#38;lang=zh"),
        };
        assert!(
            page.contains(&format!(
                "<a href=\"{switch}\" lang=\"zh-CN\" hreflang=\"zh-CN\">中文</a>"
            )),
            "{page}"
        );
    }
}

/// Shows the seal, and how it goes again when money goes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_and_its_refunds() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay("A-1");
    let order = world.until("A-1", |order| order["status"] == "paid").await;
    let page = says(&world, "A-1", "", ["Paid. Received ", "收讫。"]).await;
    assert!(page.contains(ONWARD) && !page.contains(BUTTON), "{page}");
    assert!(page.contains("<p class=\"amount\">¥1.00 CNY</p>"), "{page}");
    let paid_at = &order["paid_at"].as_str().unwrap()[..19];
    assert!(
        page.contains(&format!(
            "<time datetime=\"{paid_at}Z\" title=\"{} UTC\">",
            paid_at.replace('T', " ")
        )),
        "{page}"
    );
    let trade = &order["trades"][0];
    assert!(page.contains(trade["trade_no"].as_str().unwrap()), "{page}");
    for personal in ["buyer_id", "buyer_email"] {
        assert!(!page.contains(trade[personal].as_str().unwrap()), "{page}");
    }
    let refund = |minor| {
        let now = Timestamp::now_in_tests();
        let refunded = world
            .gateway
            .with(|gateway| gateway.refund(now, PARTNER, "A-1", Money::new(minor, Currency::CNY)));
        refunded.unwrap();
    };
    refund(30);
    world
        .until("A-1", |order| order["status"] == "partially_refunded")
        .await;
    says(
        &world,
        "A-1",
        "",
        ["Refunded ¥0.30 CNY on <time", "退款 ¥0.30 CNY。"],
    )
    .await;
    refund(70);
    world
        .until("A-1", |order| order["status"] == "refunded")
        .await;
    says(
        &world,
        "A-1",
        "",
        ["Refunded ¥1.00 CNY on <time", "退款 ¥1.00 CNY。"],
    )
    .await;
}

/// Shows a closed order, an expired one, and that their pay pages lead to the result.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_order() {
    let world = World::new().await;
    world.order("A-1").await;
    world
        .api("POST", "/v1/orders/main/A-1/close?wait=20", None)
        .await;
    let closed = [
        "This order is closed. If you have paid, the shop has been told and will refund or deliver.",
        "订单已关闭。如已付款，商家已收到通知，将为您退款或发货。",
    ];
    says(&world, "A-1", "", closed).await;
    // An order of an hour ago that could be paid for ten minutes, and was never shown.
    let order = Order {
        key: OrderKey::new("main", "A-2"),
        expires_in_secs: Some(600),
        token: "an-old-order".into(),
        ..world.stored("A-1").await.order
    };
    let key = order.key.clone();
    let mut entry = world
        .app
        .entry(Record::new(Direction::In, What::Order(Box::new(order))).about(&key));
    entry.at -= jiff::SignedDuration::from_hours(1);
    world.app.append(entry).await.unwrap().unwrap();
    let expired = [
        "This order has expired. If you have paid, the shop has been told and will refund or deliver.",
        "订单已过期。如已付款，商家已收到通知，将为您退款或发货。",
    ];
    world
        .until("A-2", |order| order["status"] == "closed")
        .await;
    says(&world, "A-2", "", expired).await;
    for order_no in ["A-1", "A-2"] {
        let token = world.stored(order_no).await.order.token;
        let (status, _, headers) = get(&world, &format!("{}/pay/{token}", world.url), "en").await;
        assert_eq!(status, 303);
        assert_eq!(headers["location"], format!("/pay/{token}/result"));
    }
}

/// Shows that a payment of another amount is being looked at, and not paid again.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_being_looked_at() {
    let wishes = || Wishes {
        require: Proof::Signed,
        ..Wishes::default()
    };
    let (world, other) = (World::with(wishes()).await, World::with(wishes()).await);
    let cheap = json!({"account": "main", "order_no": "A-1", "subject": "x", "amount": "0.01"});
    other.order_of(cheap).await;
    other.pay_silently("A-1");
    world.order("A-1").await;
    assert_eq!(world.notify(other.genuine("A-1")).await, "success");
    let sentence = [
        "A payment is being looked at. Please do not pay again.",
        "有一笔付款正在核对，请勿重复付款。",
    ];
    let page = says(&world, "A-1", "", sentence).await;
    assert!(page.contains(ONWARD) && !page.contains(BUTTON), "{page}");
}

/// Shows where the result page leads on: to the order's own address, on a host that the account names.
#[tokio::test(flavor = "multi_thread")]
async fn the_result_leads_on() {
    let world = World::new().await;
    for (number, (return_to, taken)) in [
        ("http://shop.example.com/thanks?order=1", true),
        ("https://m.example.com/thanks", true),
        ("http://m.example.com/thanks", true),
        ("https://m.example.com:443/thanks", true),
        ("https://m.example.com:444/thanks", false),
        ("https://shop.example.org:8443/thanks", true),
        ("https://shop.example.org/thanks", false),
        ("https://shop.example.org:8444/thanks", false),
        ("https://x.m.example.com/thanks", false),
        ("https://m.example.com.evil.example/", false),
        ("https://m.example.com@evil.example/", false),
    ]
    .into_iter()
    .enumerate()
    {
        let order_no = format!("A-{number}");
        let order = json!({"account": "main", "order_no": order_no, "subject": "x", "amount": "1.00",
            "return_to": return_to});
        let (status, made) = world.api("POST", "/v1/orders", Some(order)).await;
        assert_eq!(status, if taken { 201 } else { 422 }, "{return_to}: {made}");
        if taken {
            let result = format!("{}/result?n=30", made["pay_url"].as_str().unwrap());
            let (_, page, _) = get(&world, &result, "en").await;
            assert!(
                page.contains(&format!("<a href=\"{return_to}\">Look at your order</a>")),
                "{page}"
            );
        }
    }
}

/// Shows that the button says "we see no payment" only where the gateway said so: its silence is unknown.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_gateway_is_no_word_of_no_payment() {
    let world = World::new().await;
    for (order_no, faults, sentence) in [
        ("A-1", Faults::default(), "We see no payment yet."),
        ("A-2", Faults::query_down(), "Not confirmed yet."),
    ] {
        world.order(order_no).await;
        let set = |sandbox: &mut Sandbox| sandbox.set_own_faults(PARTNER, order_no, faults);
        world.gateway.with(set).unwrap();
        let token = world.stored(order_no).await.order.token;
        let pressed = world.post(&format!("/pay/{token}/completed"), "").await;
        assert_eq!(pressed.status(), 303);
        let on = pressed.headers()["location"].to_str().unwrap();
        let (_, page, headers) = get(&world, &format!("{}{on}", world.url), "en").await;
        checked(&page, &headers);
        assert!(page.contains(sentence), "{order_no}: {page}");
        assert!(
            page.contains(" data-asked"),
            "it hears of the money: {page}"
        );
        let on = on
            .replace('&', "&#38;")
            .split_once('?')
            .unwrap()
            .1
            .to_owned();
        assert!(
            page.contains(&format!("href=\"?{on}&#38;lang=zh\"")),
            "{page}"
        );
    }
}

/// Shows that what nobody's link says is shown like any other showing: the largest count, none at all, a sentence.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_counts_are_showings() {
    let world = World::new().await;
    world.order("A-1").await;
    let token = world.stored("A-1").await.order.token;
    for (query, sentence) in [
        ("n=4294967295", "Not confirmed yet."),
        ("n=4294967295&asked=true", "We see no payment yet."),
        ("n=4294967296", "We are asking the payment company."),
        ("n=-1", "We are asking the payment company."),
        ("n=30&n=1", "We are asking the payment company."),
    ] {
        let address = format!("{}/pay/{token}/result?{query}", world.url);
        let (status, page, headers) = get(&world, &address, "en").await;
        assert_eq!(status, 200, "{query}");
        checked(&page, &headers);
        assert!(page.contains(sentence), "{query}: {page}");
    }
}

/// Shows that the head of a page asks nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_asks_nobody() {
    let world = World::new().await;
    world.order("A-1").await;
    let token = world.stored("A-1").await.order.token;
    let head = world
        .client
        .head(format!("{}/pay/{token}/result", world.url));
    assert_eq!(head.send().await.unwrap().status(), 200);
    assert_eq!(world.calls("A-1", quittance_sandbox::Kind::Query), 0);
}
