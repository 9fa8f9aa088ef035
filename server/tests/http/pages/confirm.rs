//! The pay page: the signed form, the choice of a bank, and who may still pay.

use super::{form, get, submit};
use crate::world::World;
use serde_json::json;

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
    assert!(!page.contains("<script>alert"), "{page}");
    let cashier = world
        .app
        .account("gbk")
        .unwrap()
        .account
        .gateway()
        .query("x", quittance_core::Timestamp::UNIX_EPOCH)
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

/// Shows that a bank can be chosen without script, that the choice is in what is signed, and that the order stays as it
/// was written.
#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_bank_goes_to_the_cashier() {
    let world = World::new().await;
    let order =
        json!({"account": "gbk", "order_no": "G-1", "subject": "测试商品", "amount": "0.01"});
    let (_, made) = world.api("POST", "/v1/orders", Some(order.clone())).await;
    let address = made["pay_url"].as_str().unwrap();
    let (_, page, _) = get(&world, address, "zh").await;
    assert!(
        page.contains("name=\"choice\" value=\"bankPay.ICBCB2C\">")
            && page.contains(
                "中国工商银行 <small lang=\"en\">Industrial and Commercial Bank (ICBC)</small>"
            ),
        "{page}"
    );
    assert_eq!(
        form(&page, 0).field("paymethod"),
        None,
        "nothing is chosen at first"
    );
    let path = address.strip_prefix(&world.url).unwrap();
    assert_eq!(form(&page, 1).action, path);
    let chosen = world.post(path, "choice=bankPay.ICBCB2C").await;
    assert_eq!(chosen.status(), 303);
    let on = chosen.headers()["location"].to_str().unwrap().to_owned();
    let (_, page, _) = get(&world, &format!("{}{on}", world.url), "zh").await;
    assert!(page.contains("<strong>中国工商银行</strong>"), "{page}");
    assert!(
        page.contains("href=\"?choice=bankPay.ICBCB2C&#38;lang=en\""),
        "the switch keeps it: {page}"
    );
    let signed = form(&page, 0);
    assert_eq!(signed.field("paymethod"), Some("bankPay"));
    assert_eq!(signed.field("defaultbank"), Some("ICBCB2C"));
    let cashier = submit(&world, &signed).await;
    assert!(
        cashier.contains("测试商品")
            && cashier.contains(">Industrial and Commercial Bank (ICBC)</dd>"),
        "{cashier}"
    );
    let kinds = world.api("GET", "/v1/orders/gbk/G-1/journal", None).await.1;
    assert_eq!(kinds["items"].as_array().unwrap().len(), 2, "one checkout");
    let (status, _) = world.api("POST", "/v1/orders", Some(order)).await;
    assert_eq!(status, 200, "the order is what it was");
}

/// Shows that only what is on the list and open is taken.
#[tokio::test(flavor = "multi_thread")]
async fn only_an_open_choice_is_taken() {
    let world = World::new().await;
    let made = |order_no: &'static str,
                method: Option<&'static str>,
                bank: Option<&'static str>| {
        let order = json!({"account": "main", "order_no": order_no, "subject": "x", "amount": "1.00",
            "method": method, "bank": bank});
        let world = &world;
        async move {
            let (status, made) = world.api("POST", "/v1/orders", Some(order)).await;
            assert_eq!(status, 201, "{made}");
            made["pay_url"].as_str().unwrap().to_owned()
        }
    };
    let free = made("A-1", None, None).await;
    let path = free.strip_prefix(&world.url).unwrap().to_owned();
    for body in [
        "choice=",
        "choice=bankPay",
        "choice=bankPay.NOBANK",
        "choice=bankPay.CMB&choice=bankPay.ABC",
        "choice=bankPay.CMB%00",
        "choice=%ff",
        "x",
        "",
    ] {
        let reply = world.post(&path, body).await;
        assert_eq!(reply.status(), 303, "{body}");
        assert_eq!(reply.headers()["location"], *path, "{body}");
    }
    let long = format!("choice={}", "x".repeat(100_000));
    assert_eq!(world.post(&path, long).await.headers()["location"], *path);
    for query in [
        "choice=cartoon",
        "choice=bankPay.X&x=1",
        "choice=a&choice=b",
        "choice=%ff",
    ] {
        let (status, page, _) = get(&world, &format!("{free}?{query}"), "en").await;
        assert_eq!(
            (status, form(&page, 0).field("paymethod")),
            (200, None),
            "{query}"
        );
    }
    // The merchant's word stands: a bank where he says bank, nothing where he says all.
    let bank = made("A-2", Some("bankPay"), None).await;
    let (_, page, _) = get(&world, &format!("{bank}?choice=directPay"), "en").await;
    assert_eq!(form(&page, 0).field("paymethod"), Some("bankPay"));
    assert!(
        page.contains("bankPay.CMB") && !page.contains("\"directPay\""),
        "{page}"
    );
    let all = made("A-3", Some("bankPay"), Some("CMB")).await;
    let (_, page, _) = get(&world, &format!("{all}?choice=bankPay.ABC"), "en").await;
    assert_eq!(form(&page, 0).field("defaultbank"), Some("CMB"));
    assert!(!page.contains("type=\"radio\""), "{page}");
    let (status, page, _) = get(
        &world,
        &format!("{}/pay/guessed?choice=directPay", world.url),
        "en",
    )
    .await;
    assert_eq!(status, 404);
    assert!(!page.contains('¥'));
    assert_eq!(
        world
            .post("/pay/guessed", "choice=directPay")
            .await
            .status(),
        404
    );
}
