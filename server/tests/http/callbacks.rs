//! Notifies and returns: counting and acking as docs/callbacks.md says.

use crate::world::{PARTNER, Wishes, World};
use quittance_core::facts::Proof;
use quittance_core::settings::RequireAbove;
use quittance_core::{Currency, Money};
use quittance_sandbox::Kind;
use serde_json::{Value, json};

fn is_paid(order: &Value) -> bool {
    order["status"] == "paid"
}

/// Shows the main way: the gateway's own notify comes, is confirmed, acked, and the order is paid once.
#[tokio::test(flavor = "multi_thread")]
async fn a_notify_pays_the_order() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay("A-1");
    let order = world.until("A-1", is_paid).await;
    let trade = &order["trades"][0];
    assert_eq!(
        (&trade["proof"], &trade["counted"]),
        (&json!("confirmed"), &json!(true))
    );
    assert_eq!(trade["witnesses"], json!(["notify"]));
    assert_eq!(trade["gateway_status"], "TRADE_SUCCESS");
    assert!(
        trade["buyer_id"].as_str().unwrap().starts_with("2088"),
        "{trade}"
    );
    assert_eq!(
        world.events("A-1").await,
        ["payment.recorded", "order.paid"]
    );
    assert_eq!(world.calls("A-1", Kind::NotifyVerify), 1);
    assert_eq!(
        world.kinds("A-1").await[..5],
        ["order", "checkout", "received", "second_opinion", "notify"]
    );
}

/// Shows the exact ack (SEC-063): seven bytes, a fixed length, nothing that is kept, packed or sent on.
#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_exactly_the_word() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let acked = world
        .post("/notify/main?total_fee=9999&sign=x", world.genuine("A-1"))
        .await;
    for (reply, word) in [
        (acked, "success"),
        (world.post("/notify/main", "a=1").await, "fail"),
    ] {
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.headers()["content-type"], "text/plain");
        assert_eq!(reply.headers()["cache-control"], "no-store");
        assert_eq!(
            reply.headers()["content-length"],
            word.len().to_string().as_str()
        );
        for absent in [
            "set-cookie",
            "location",
            "content-encoding",
            "transfer-encoding",
        ] {
            assert!(!reply.headers().contains_key(absent), "{absent}");
        }
        assert_eq!(reply.bytes().await.unwrap(), word);
    }
}

/// Shows that whatever calls a notify address in whatever way reads `fail`, with 200.
#[tokio::test(flavor = "multi_thread")]
async fn everything_else_reads_fail() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let genuine = String::from_utf8(world.genuine("A-1")).unwrap();
    let address = format!("{}/notify/main", world.url);
    let form = "application/x-www-form-urlencoded";
    let calls = [
        world.client.get(format!("{address}?{genuine}")),
        world
            .client
            .put(&address)
            .header("content-type", form)
            .body(genuine.clone()),
        world
            .client
            .post(&address)
            .header("content-type", "application/json")
            .body(genuine.clone()),
        world
            .client
            .post(&address)
            .header("content-type", "multipart/form-data")
            .body(genuine.clone()),
        world
            .client
            .post(&address)
            .header("content-type", form)
            .header("content-encoding", "gzip")
            .body(genuine.clone()),
        world
            .client
            .post(&address)
            .header("content-type", form)
            .body("a=1&".repeat(20_000)),
        world
            .client
            .post(format!("{}/notify/nobody", world.url))
            .header("content-type", form)
            .body(genuine.clone()),
        world
            .client
            .post(format!("{}/notify/gbk/x", world.url))
            .header("content-type", form)
            .body("sign=x"),
        world.client.delete(&address),
    ];
    for call in calls {
        let reply = call.send().await.unwrap();
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.text().await.unwrap(), "fail");
    }
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    assert_eq!(world.calls("A-1", Kind::NotifyVerify), 0);
}

/// Shows that callbacks are taken at the address of the settings too, and under any further name.
#[tokio::test(flavor = "multi_thread")]
async fn an_existing_address_can_stay() {
    let wishes = Wishes {
        notify_path: Some("/alipay/notify_url.php"),
        return_path: Some("/alipay/return_url.php"),
        ..Wishes::default()
    };
    let world = World::with(wishes).await;
    world.order("A-1").await;
    let back = world.pay("A-1");
    assert!(
        back.starts_with(&format!("{}/alipay/return_url.php?", world.url)),
        "{back}"
    );
    world.until("A-1", is_paid).await;
    let reply = world.client.get(back).send().await.unwrap();
    assert_eq!(reply.status(), 303);
    for path in ["/alipay/notify_url.php", "/notify/main/renamed"] {
        assert_eq!(
            world
                .post(path, world.genuine("A-1"))
                .await
                .text()
                .await
                .unwrap(),
            "success",
            "{path}"
        );
    }
}

/// Shows a lost ack: the same notify again is acked again without a second verify call, and nothing is told twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_ack_costs_nothing() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let notify = world.genuine("A-1");
    assert_eq!(world.notify(notify.clone()).await, "success");
    assert_eq!(world.calls("A-1", Kind::NotifyVerify), 1);
    for _ in 0..3 {
        assert_eq!(world.notify(notify.clone()).await, "success");
    }
    assert_eq!(
        world.notify(world.genuine("A-1")).await,
        "success",
        "another notify_id, the same claim"
    );
    assert_eq!(world.calls("A-1", Kind::NotifyVerify), 1);
    assert_eq!(
        world.events("A-1").await,
        ["payment.recorded", "order.paid"]
    );
}

/// Shows that a notify_id that somebody used up first is no forgery: not acked, and a query finds the money (SEC-059).
#[tokio::test(flavor = "multi_thread")]
async fn a_second_opinion_of_false_makes_us_ask() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let notify = world.genuine("A-1");
    let id = String::from_utf8(notify.clone())
        .unwrap()
        .split("notify_id=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let verify = format!(
        "{}?service=notify_verify&partner={PARTNER}&notify_id={id}",
        gateway_url(&world)
    );
    assert_eq!(
        world
            .client
            .get(verify)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "true"
    );
    assert_eq!(world.notify(notify.clone()).await, "fail");
    let order = world.until("A-1", is_paid).await;
    assert_eq!(order["trades"][0]["proof"], "queried");
    assert_eq!(order["trades"][0]["witnesses"], json!(["notify", "query"]));
    assert_eq!(
        world.notify(notify).await,
        "success",
        "the claim stands by now"
    );
    assert_eq!(
        world.events("A-1").await,
        ["payment.recorded", "order.paid"]
    );
}

fn gateway_url(world: &World) -> String {
    let account = world.app.account("main").unwrap();
    account
        .account
        .gateway()
        .query("x", quittance_core::Timestamp::UNIX_EPOCH)
        .unwrap()
        .url
        .split('?')
        .next()
        .unwrap()
        .to_owned()
}

/// Shows SEC-001 over the wire: one genuine signature, cut again into another amount, is no evidence; it makes us ask.
#[tokio::test(flavor = "multi_thread")]
async fn a_recut_string_is_no_evidence() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let genuine = String::from_utf8(world.genuine("A-1")).unwrap();
    // `subject=a book&total_fee=1.00&trade_no=…` becomes one value of `subject`, and what followed comes again.
    let cut = genuine.replace(
        "&subject=a+book",
        "&subject=a+book%26total_fee%3D1.00%26trade_no%3D1",
    );
    assert_ne!(cut, genuine);
    assert_eq!(
        world.notify(cut).await,
        "fail",
        "the signature is wrong by now"
    );
    let recut = recut(&genuine);
    assert_eq!(world.notify(recut).await, "fail");
    let order = world.until("A-1", is_paid).await;
    assert_eq!(
        order["trades"][0]["witnesses"],
        json!(["query"]),
        "only the query was believed"
    );
    let journal = world.journal("A-1").await;
    let verdicts: Vec<&Value> = journal["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["verdict"])
        .collect();
    assert!(verdicts.contains(&&json!("ambiguous")), "{journal:#}");
}

/// Joins the last two signed fields into one: the signing string, and so the signature, stays the same.
fn recut(genuine: &str) -> String {
    let mut fields: Vec<(&str, &str)> = genuine
        .split('&')
        .map(|field| field.split_once('=').unwrap())
        .collect();
    let signed = |name: &str| name != "sign" && name != "sign_type";
    fields.sort_by_key(|(name, _)| (!signed(name), *name));
    let last = fields.iter().rposition(|(name, _)| signed(name)).unwrap();
    let (name, value) = fields.remove(last);
    let (before, kept) = fields[last - 1];
    let joined = format!("{kept}%26{name}%3D{value}");
    fields[last - 1] = (before, &joined);
    fields
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

/// Shows that a wrong signature moves nothing, calls nobody, and is answered `fail` (SEC-096).
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_notify_moves_nothing() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let genuine = String::from_utf8(world.genuine("A-1")).unwrap();
    let forged = genuine.replace("total_fee=1.00", "total_fee=9.00");
    for _ in 0..70 {
        assert_eq!(world.notify(forged.clone()).await, "fail");
    }
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    assert_eq!(
        world.calls("A-1", Kind::NotifyVerify) + world.calls("A-1", Kind::Query),
        0
    );
    let junk = |item: &Value| item["verdict"] == "bad_signature";
    let all = world
        .app
        .store
        .journal(quittance_server::store::JournalFilter {
            limit: 200,
            ..Default::default()
        })
        .await
        .unwrap();
    let chained = all
        .items
        .iter()
        .map(|row| serde_json::from_slice::<Value>(&row.header).unwrap())
        .filter(junk)
        .count();
    assert!(chained <= 60, "{chained} entries were chained singly");
}

/// Shows that evidence for an order that nobody made waits, is acked, and joins when the order appears (F-57).
#[tokio::test(flavor = "multi_thread")]
async fn a_notify_may_come_before_its_order() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let notify = world.genuine("A-1");
    // The same gateway, another server that has not heard of the order.
    let other = World::new().await;
    assert_eq!(
        other.notify(notify).await,
        "fail",
        "this server's own gateway does not know the notify_id"
    );
    let signed = World::with(Wishes {
        require: Proof::Signed,
        ..Wishes::default()
    })
    .await;
    assert_eq!(signed.notify(world.genuine("A-1")).await, "success");
    let order =
        json!({"account": "main", "order_no": "A-1", "subject": "a book", "amount": "1.00"});
    let (status, order) = signed.api("POST", "/v1/orders", Some(order)).await;
    assert_eq!((status, &order["status"]), (201, &json!("paid")));
    let order = signed.show("A-1").await;
    assert_eq!(
        (&order["status"], &order["trades"][0]["counted"]),
        (&json!("paid"), &json!(true))
    );
    assert_eq!(
        signed.events("A-1").await,
        ["payment.recorded", "order.paid"]
    );
}

/// Shows that a valid signature is not a valid payment (SEC-033): acked, money recorded, a discrepancy, not paid; and
/// that a person can accept the trade.
#[tokio::test(flavor = "multi_thread")]
async fn another_amount_is_a_discrepancy() {
    let world = World::with(Wishes {
        require: Proof::Signed,
        ..Wishes::default()
    })
    .await;
    let gateway = World::new().await;
    gateway
        .order_of(
            json!({"account": "main", "order_no": "A-1", "subject": "a book", "amount": "0.01"}),
        )
        .await;
    gateway.pay_silently("A-1");
    world.order("A-1").await;
    assert_eq!(world.notify(gateway.genuine("A-1")).await, "success");
    let order = world.show("A-1").await;
    assert_eq!(
        (&order["status"], &order["attention"]),
        (&json!("unpaid"), &json!(true))
    );
    assert_eq!(order["discrepancies"][0]["kind"], "amount_mismatch");
    assert_eq!(
        world.events("A-1").await,
        ["payment.recorded", "discrepancy.opened"]
    );
    let (status, refused) = world
        .api("POST", "/v1/orders/main/A-1/checkout", None)
        .await;
    assert_eq!(
        (status, &refused["code"]),
        (409, &json!("order_needs_attention"))
    );
    let id = order["discrepancies"][0]["id"].as_str().unwrap();
    let accept = json!({"kind": "accept", "note": "agreed with the buyer on the telephone"});
    let (status, resolved) = world
        .api(
            "POST",
            &format!("/v1/discrepancies/{id}/resolve"),
            Some(accept.clone()),
        )
        .await;
    assert_eq!(
        (status, &resolved["state"]),
        (200, &json!("resolved")),
        "{resolved}"
    );
    assert_eq!(
        world
            .api(
                "POST",
                &format!("/v1/discrepancies/{id}/resolve"),
                Some(accept)
            )
            .await
            .0,
        409
    );
    let order = world.show("A-1").await;
    assert_eq!(order["trades"][0]["counted"], true);
    assert_eq!(world.events("A-1").await[2..], ["order.paid"]);
}

/// Shows that money for another payee under our key moves nothing here and is told (SEC-026).
#[tokio::test(flavor = "multi_thread")]
async fn another_payee_is_told_and_moves_nothing() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let genuine = String::from_utf8(world.genuine("A-1")).unwrap();
    let mut params = quittance_core::params::Params::new();
    for (name, value) in quittance_core::params::Params::parse(genuine.as_bytes())
        .unwrap()
        .iter()
    {
        match name {
            "sign" | "sign_type" => continue,
            "seller_id" => params.push(name, b"2088999999999999").unwrap(),
            _ => params.push(name, value).unwrap(),
        }
    }
    let key = secrecy::SecretString::from(crate::world::KEY);
    let sign = quittance_core::sign::md5_sign(&quittance_core::sign::presign(&params), &key);
    params.push("sign", sign.as_bytes()).unwrap();
    params.push("sign_type", b"MD5").unwrap();
    assert_eq!(world.notify(params.to_wire()).await, "fail");
    assert_eq!(world.show("A-1").await["status"], "unpaid");
    let (_, found) = world.api("GET", "/v1/discrepancies?state=open", None).await;
    assert_eq!(found["items"][0]["kind"], "payee_mismatch");
    assert_eq!(found["items"][0]["order_no"], Value::Null);
    assert_eq!(world.calls("A-1", Kind::NotifyVerify), 0);
}

/// Shows the two-witness rule: above the amount only a query counts; the notify is acked once a query is due.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_amount_needs_a_query() {
    let above = RequireAbove {
        amount: Money::new(99, Currency::CNY),
        proof: Proof::Queried,
    };
    let world = World::with(Wishes {
        require_above: Some(above),
        ..Wishes::default()
    })
    .await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    assert_eq!(world.notify(world.genuine("A-1")).await, "success");
    let order = world.until("A-1", is_paid).await;
    assert_eq!(order["trades"][0]["proof"], "queried");
    assert_eq!(
        world.calls("A-1", Kind::NotifyVerify),
        0,
        "its answer could not have made it count"
    );
}

/// Shows GBK end to end: the title is unmangled at the cashier, in the notify and in the order.
#[tokio::test(flavor = "multi_thread")]
async fn a_gbk_account_keeps_its_titles() {
    let world = World::new().await;
    let order = json!({"account": "gbk", "order_no": "G-1", "subject": "测试商品", "extra": "会员充值", "amount": "0.01"});
    world.order_of(order).await;
    let at_cashier = world.gateway.with(|gateway| gateway.trades())[0].clone();
    assert_eq!(at_cashier.subject, "测试商品");
    let back = world.pay("G-1");
    let wait = world.api("GET", "/v1/orders/gbk/G-1?wait=10", None).await.1;
    assert_eq!(
        (&wait["status"], &wait["subject"]),
        (&json!("paid"), &json!("测试商品")),
        "{wait}"
    );
    assert_eq!(world.client.get(back).send().await.unwrap().status(), 303);
    let refused = json!({"account": "gbk", "subject": "no emoji 😀 here", "amount": "0.01"});
    let (status, problem) = world.api("POST", "/v1/orders", Some(refused)).await;
    assert_eq!((status, &problem["code"]), (422, &json!("invalid_field")));
    assert!(
        problem["detail"].as_str().unwrap().contains("subject"),
        "{problem}"
    );
}

/// Shows a partial and then a full refund made at the gateway: told by notify, known by query, events follow the sum.
#[tokio::test(flavor = "multi_thread")]
async fn refunds_at_the_gateway_follow() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay("A-1");
    world.until("A-1", is_paid).await;
    let refund = |minor| {
        let now = <quittance_core::Timestamp as crate::world::NowInTests>::now_in_tests();
        world
            .gateway
            .with(|gateway| gateway.refund(now, PARTNER, "A-1", Money::new(minor, Currency::CNY)))
            .unwrap();
    };
    refund(30);
    let order = world
        .until("A-1", |order| order["status"] == "partially_refunded")
        .await;
    assert_eq!(order["refunds"][0]["amount"], "0.30");
    refund(70);
    world
        .until("A-1", |order| order["status"] == "refunded")
        .await;
    let told = world.events("A-1").await;
    assert_eq!(
        told,
        [
            "payment.recorded",
            "order.paid",
            "order.partially_refunded",
            "order.refunded"
        ]
    );
}
