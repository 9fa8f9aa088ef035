//! The buyer's pages of an account at Dinpay.

use super::World;
use crate::both::{self, Signs};
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::Extras;
use serde_json::json;

async fn page(world: &World, path: &str) -> (u16, String, String) {
    let reply = world.browser.get(format!("{}{path}", world.url));
    let reply = reply.send().await.unwrap();
    let policy = reply.headers().get("content-security-policy");
    let policy = policy.map(|policy| policy.to_str().unwrap().to_owned());
    let status = reply.status().as_u16();
    let text = reply.text().await.unwrap();
    (status, policy.unwrap_or_default(), text)
}

async fn order(world: &World, more: serde_json::Value) -> String {
    let mut order =
        json!({"account": "main", "order_no": "A_1", "subject": "铁观音", "amount": "1.00"});
    let fields = order.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    let (status, made) = world.api("POST", "/v1/orders", Some(order)).await;
    assert_eq!(status, 201, "{made}");
    let url = made["pay_url"].as_str().unwrap();
    url.strip_prefix(&world.url).unwrap().to_owned()
}

/// The form goes to the cashier in the account's charset, which stands in the address too, and the page's policy lets it
/// go there and nowhere else.
#[tokio::test(flavor = "multi_thread")]
async fn the_form_leads_to_the_cashier_in_its_charset() {
    for (charset, label, word) in [
        (Charset::Utf8, "utf-8", "UTF-8"),
        (Charset::Gbk, "gbk", "GBK"),
    ] {
        let world = World::of(Signs::Md5, charset).await;
        let path = order(&world, json!({})).await;
        let (status, policy, html) = page(&world, &path).await;
        assert_eq!(status, 200);
        let action = format!("action=\"http://dinpay.test/gateway?input_charset={word}\"");
        assert!(html.contains(&action), "{html}");
        assert!(
            html.contains(&format!("accept-charset=\"{label}\"")),
            "{html}"
        );
        for field in ["order_time", "sign", "merchant_code", "notify_url"] {
            assert!(html.contains(&format!("name=\"{field}\"")), "{field}");
        }
        assert!(policy.contains("form-action"), "{policy}");
        assert!(policy.contains("http://dinpay.test"), "{policy}");
    }
}

/// Both pages offer the gateway's banks and codes, in both languages, and what is chosen is in what is signed.
#[tokio::test(flavor = "multi_thread")]
async fn the_pages_offer_the_gateway_s_ways_to_pay() {
    let world = World::new().await;
    let path = order(&world, json!({})).await;
    for path in [path.as_str(), "/direct/main"] {
        for (lang, names) in [
            ("en", ["Bank of Ningbo", "WeChat Pay", "Scan a code"]),
            ("zh", ["宁波银行", "微信支付", "扫码支付"]),
        ] {
            let (status, _, html) = page(&world, &format!("{path}?lang={lang}")).await;
            assert_eq!(status, 200);
            for name in names {
                assert!(html.contains(name), "{path} {lang} {name}");
            }
        }
    }
    let url = format!("{}{path}", world.url);
    let chosen = world.post(&url, "choice=weixin").await;
    let to = chosen.headers()["location"].to_str().unwrap().to_owned();
    let (_, _, html) = page(&world, &to).await;
    assert!(
        html.contains("name=\"pay_type\" value=\"weixin\""),
        "{to}\n{html}"
    );
}

/// The direct-pay page makes an order that the gateway takes, with a number of ours.
#[tokio::test(flavor = "multi_thread")]
async fn direct_pay_makes_an_order() {
    let world = World::new().await;
    let url = format!("{}/direct/main", world.url);
    let reply = world
        .browser
        .post(&url)
        .header("origin", &world.url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("title=tea&amount=1.00&remark=&choice=")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 303, "{}", reply.text().await.unwrap());
    let to = reply.headers()["location"].to_str().unwrap();
    assert_eq!(page(&world, to).await.0, 200);
}

/// The gateway takes a posted form only, and whoever asks for an address is told so.
#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_by_get_is_refused_in_plain_words() {
    let world = World::new().await;
    order(&world, json!({})).await;
    let path = "/v1/orders/main/A_1/checkout?via=get";
    let (status, problem) = world.api("POST", path, None).await;
    assert_eq!((status, &problem["code"]), (422, &json!("invalid_field")));
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("posted form only"), "{problem}");
    let order = world.show("A_1").await;
    assert_eq!(order["checks"]["done"], 0);
    let journal = world
        .api("GET", "/v1/orders/main/A_1/journal", None)
        .await
        .1;
    let items = journal["items"].as_array().unwrap();
    assert!(items.iter().all(|entry| entry["kind"] != "checkout"));
}

/// A cross-border contract's orders must say who the buyer is: a page that cannot know says so, with the gateway's code,
/// and so does the API, at creation.
#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_shop_can_say_is_said_to_be_missing() {
    let extras = Extras {
        cross_border: true,
        ..Extras::default()
    };
    let account = both::account(Signs::Md5, Charset::Utf8);
    let world = World::with(Signs::Md5, account.with_extras(extras).unwrap()).await;
    for (lang, says) in [("en", "Please ask the shop"), ("zh", "请联系商家")] {
        let reply = world
            .browser
            .post(format!("{}/direct/main?lang={lang}", world.url))
            .header("origin", &world.url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body("title=tea&amount=1.00&remark=&choice=")
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), 422);
        let html = reply.text().await.unwrap();
        assert!(html.contains(says), "{html}");
        assert!(html.contains("CONCUMER_NAME_IS_NULL"), "{html}");
    }
    let mut order =
        json!({"account": "main", "order_no": "A_1", "subject": "tea", "amount": "1.00"});
    let (status, problem) = world.api("POST", "/v1/orders", Some(order.clone())).await;
    assert_eq!(
        (status, &problem["code"]),
        (422, &json!("CONCUMER_NAME_IS_NULL"))
    );
    let who = "customer_name^Li|customer_idNumber^1";
    order["gateway_options"] = json!({"extend_param": who});
    assert_eq!(world.api("POST", "/v1/orders", Some(order)).await.0, 201);
}
