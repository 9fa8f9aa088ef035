//! Returns and the buyer's pages: readable whatever comes, no session, no state for strangers.

use crate::world::{Wishes, World};
use quittance_core::facts::Proof;
use quittance_sandbox::Kind;
use serde_json::json;

async fn get(
    world: &World,
    address: &str,
    language: &str,
) -> (u16, String, reqwest::header::HeaderMap) {
    let call = world
        .client
        .get(address)
        .header("accept-language", language);
    let reply = call.send().await.unwrap();
    let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
    (status, reply.text().await.unwrap(), headers)
}

/// Shows that a signed return inside its minute counts like a notify, and leads to the order's page.
#[tokio::test(flavor = "multi_thread")]
async fn a_return_alone_pays_the_order() {
    let world = World::new().await;
    world.order("A-1").await;
    let back = world.pay_silently("A-1");
    let (status, _, headers) = get(&world, &back, "en").await;
    assert_eq!(status, 303);
    assert!(!headers.contains_key("set-cookie"));
    let result = format!("{}{}", world.url, headers["location"].to_str().unwrap());
    let (status, page, headers) = get(&world, &result, "en").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("Paid.") && page.contains("PAID") && page.contains("¥1.00 CNY"),
        "{page}"
    );
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("default-src 'none'")
    );
    assert!(
        get(&world, &result, "zh-CN,zh;q=0.9")
            .await
            .1
            .contains("收讫")
    );
    let order = world.show("A-1").await;
    assert_eq!(
        (&order["status"], &order["trades"][0]["witnesses"]),
        (&json!("paid"), &json!(["return"]))
    );
    // The link again, days later or by somebody else: it shows the true state and changes nothing (SEC-050).
    assert_eq!(get(&world, &back, "en").await.0, 303);
    assert_eq!(
        world.calls("A-1", Kind::NotifyVerify),
        1,
        "the claim stands: nobody is asked"
    );
    assert_eq!(
        world.events("A-1").await,
        ["payment.recorded", "order.paid"]
    );
}

/// Shows that a return that is not readable shows which part is wrong, and no state of any order.
#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_return_says_which_part() {
    let world = World::new().await;
    world.order("A-1").await;
    let back = world.pay_silently("A-1");
    let bare = format!("{}/return/main", world.url);
    let token = world.stored("A-1").await.order.token;
    for (address, part) in [
        (bare.clone(), "no parameters"),
        (format!("{bare}?a=1&a=2"), "not as a payment company"),
        (
            format!("{bare}?is_success=T&sign_type=MD5&out_trade_no=A-1"),
            "signature",
        ),
        (
            back.replace("total_fee=1.00", "total_fee=9.00")
                .replace(&format!("/{token}?"), "?"),
            "signature",
        ),
        (format!("{}/return/nobody?a=1", world.url), "no account"),
    ] {
        let (status, page, _) = get(&world, &address, "en").await;
        assert_eq!(status, 200, "{address}");
        assert!(
            page.contains("Your order is not affected") && page.contains(part),
            "{address}: {page}"
        );
        assert!(
            !page.contains(&token),
            "{address} leads to an order: {page}"
        );
    }
    assert!(
        get(&world, &bare, "zh")
            .await
            .1
            .contains("您的订单不受影响")
    );
    let known = get(&world, &format!("{bare}/{token}"), "en").await.1;
    assert!(
        known.contains(&format!("/pay/{token}/result")),
        "its own token leads on: {known}"
    );
    assert_eq!(world.show("A-1").await["status"], "unpaid");
}

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

/// Shows that the pay page carries the signed form to the cashier, and is a checkout.
#[tokio::test(flavor = "multi_thread")]
async fn the_pay_page_leads_to_the_cashier() {
    let world = World::new().await;
    let subject = "<script>alert(1)</script> \"quoted\"";
    let order = json!({"account": "gbk", "order_no": "G-1", "subject": subject, "amount": "0.01"});
    let (status, made) = world.api("POST", "/v1/orders", Some(order)).await;
    assert_eq!(status, 201, "{made}");
    let (status, page, headers) = get(&world, made["pay_url"].as_str().unwrap(), "en").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("accept-charset=\"gbk\"") && page.contains("Example Shop"),
        "{page}"
    );
    assert!(!page.contains("<script>"), "{page}");
    let cashier = world
        .app
        .account("gbk")
        .unwrap()
        .account
        .gateway()
        .query("x")
        .unwrap()
        .url;
    let origin = url::Url::parse(&cashier)
        .unwrap()
        .origin()
        .ascii_serialization();
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .ends_with(&format!("form-action 'self' {origin}"))
    );
    let order = world.api("GET", "/v1/orders/gbk/G-1", None).await.1;
    assert!(order["checks"]["next_at"].is_string());
}

/// Shows that a return of a gateway whose word is enough needs no second opinion.
#[tokio::test(flavor = "multi_thread")]
async fn a_return_counts_by_its_signature_where_that_is_enough() {
    let world = World::with(Wishes {
        require: Proof::Signed,
        ..Wishes::default()
    })
    .await;
    world.order("A-1").await;
    let back = world.pay_silently("A-1");
    assert_eq!(get(&world, &back, "en").await.0, 303);
    assert_eq!(world.show("A-1").await["status"], "paid");
    assert_eq!(world.calls("A-1", Kind::NotifyVerify), 0);
}
