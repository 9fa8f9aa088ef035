//! The direct-pay page: from what a buyer wrote to the cashier, and what is refused, beside its field.

use super::{checked, form, get, read, submit};
use crate::world::{Wishes, World};
use quittance_core::{Currency, Money};
use quittance_server::setup::DirectPay;
use serde_json::json;

/// A form's body.
fn filled(title: &str, amount: &str, remark: &str, choice: &str) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("title", title),
        ("amount", amount),
        ("remark", remark),
        ("choice", choice),
    ] {
        body.append_pair(name, value);
    }
    body.finish()
}

async fn sent(
    world: &World,
    body: impl Into<Vec<u8>>,
) -> (u16, String, reqwest::header::HeaderMap) {
    read(world.post("/direct/gbk", body).await).await
}

/// Shows the way of the guide's index page on a GBK account: title, amount, remark and bank reach the cashier unmangled.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_buyer_wrote_reaches_the_cashier() {
    let world = World::new().await;
    let address = format!("{}/direct/gbk", world.url);
    for (lang, heading) in [("en", "Pay Example Shop"), ("zh", "向 Example Shop 付款")] {
        let (status, page, headers) = get(&world, &address, lang).await;
        assert_eq!(status, 200);
        checked(&page, &headers);
        assert!(
            page.contains(&format!("<h1 class=\"pay\">{heading}</h1>")),
            "{page}"
        );
        assert_eq!(headers["referrer-policy"], "same-origin");
    }
    let body = filled(" 测试商品 ", "1280.50", "第二学期", "bankPay.CMB");
    let (status, _, headers) = sent(&world, body).await;
    assert_eq!(status, 303);
    let on = headers["location"].to_str().unwrap();
    let (status, page, _) = get(&world, &format!("{}{on}", world.url), "zh").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("测试商品") && page.contains("¥1,280.50 CNY"),
        "{page}"
    );
    let signed = form(&page, 0);
    assert_eq!(signed.field("defaultbank"), Some("CMB"));
    let cashier = submit(&world, &signed).await;
    for text in ["测试商品", "1280.50", "第二学期", "China Merchants Bank"] {
        assert!(cashier.contains(text), "{text}: {cashier}");
    }
    let (_, orders) = world.api("GET", "/v1/orders?account=gbk", None).await;
    let order = &orders["items"][0];
    assert_eq!(
        (&order["subject"], &order["amount"], &order["body"]),
        (&json!("测试商品"), &json!("1280.50"), &json!("第二学期"))
    );
    assert_eq!(
        order["order_no"].as_str().unwrap().len(),
        20,
        "a number of ours"
    );
}

/// Shows that what cannot be taken is said beside its field, in both languages, and that nothing typed is lost.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_beside_its_field() {
    let world = World::new().await;
    let long = "茶".repeat(129);
    for (field, title, amount, remark, choice, en, zh) in [
        (
            "title",
            "",
            "1.00",
            "",
            "",
            "Please fill this in.",
            "此项不能为空。",
        ),
        (
            "title",
            "茶😀叶",
            "1.00",
            "",
            "",
            "cannot write the character 😀",
            "无法显示字符 😀",
        ),
        (
            "title",
            "a&b",
            "1.00",
            "",
            "",
            "does not take the character &#38;",
            "不接受字符 &#38;",
        ),
        ("title", &long, "1.00", "", "", "too long", "内容过长"),
        (
            "title",
            "a\u{7}b",
            "1.00",
            "",
            "",
            "invisible character",
            "不可见字符",
        ),
        (
            "amount",
            "茶",
            "",
            "",
            "",
            "Please fill this in.",
            "此项不能为空。",
        ),
        ("amount", "茶", "一元", "", "", "plain digits", "只填写数字"),
        ("amount", "茶", "1,00", "", "", "plain digits", "只填写数字"),
        ("amount", "茶", "-1", "", "", "plain digits", "只填写数字"),
        ("amount", "茶", "1e3", "", "", "plain digits", "只填写数字"),
        (
            "amount",
            "茶",
            "0.001",
            "",
            "",
            "plain digits",
            "只填写数字",
        ),
        (
            "amount",
            "茶",
            "0",
            "",
            "",
            "from ¥0.01 CNY to ¥100,000,000.00 CNY",
            "¥0.01 CNY 至",
        ),
        (
            "amount",
            "茶",
            "999999999999",
            "",
            "",
            "to ¥100,000,000.00 CNY",
            "至 ¥100,000,000.00 CNY",
        ),
        (
            "amount",
            "茶",
            "1000000000000",
            "",
            "",
            "plain digits",
            "只填写数字",
        ),
        (
            "remark",
            "茶",
            "1.00",
            "<b>+",
            "",
            "the character +",
            "字符 +",
        ),
        (
            "choice",
            "茶",
            "1.00",
            "",
            "bankPay.NOBANK",
            "does not take this",
            "不接受此项",
        ),
    ] {
        for (lang, says) in [("en", en), ("zh", zh)] {
            let call = world
                .client
                .post(format!("{}/direct/gbk", world.url))
                .header("content-type", "application/x-www-form-urlencoded")
                .header("accept-language", lang)
                .body(filled(title, amount, remark, choice));
            let (status, page, headers) = read(call.send().await.unwrap()).await;
            assert_eq!(status, 422, "{title} {amount}: {page}");
            checked(&page, &headers);
            let beside = page.split(&format!("id=\"{field}-fault\"")).nth(1);
            let beside = beside.unwrap_or_else(|| panic!("{field}: {page}"));
            assert!(
                beside.split("</p>").next().unwrap().contains(says),
                "{says}: {page}"
            );
            for (name, value) in [("title", title), ("amount", amount), ("remark", remark)] {
                let escaped = value
                    .replace('&', "&#38;")
                    .replace('<', "&#60;")
                    .replace('>', "&#62;");
                let kept = format!("id=\"{name}\" name=\"{name}\" value=\"{escaped}\"");
                assert!(page.contains(&kept), "{kept}: {page}");
            }
        }
    }
    let (_, orders) = world.api("GET", "/v1/orders", None).await;
    assert_eq!(orders["items"], json!([]));
}

/// Shows the smallest and the largest amount of the settings: said before, refused beside the field, and in force
/// without the page.
#[tokio::test(flavor = "multi_thread")]
async fn amounts_stay_between_the_limits() {
    let cny = |minor| Some(Money::new(minor, Currency::CNY));
    let world = World::with(Wishes {
        direct_pay: DirectPay {
            min: cny(100),
            max: cny(50_000),
        },
        ..Wishes::default()
    })
    .await;
    let address = format!("{}/direct/gbk", world.url);
    for (lang, says) in [
        ("en", "From ¥1.00 CNY to ¥500.00 CNY."),
        ("zh", "金额须在 ¥1.00 CNY 至 ¥500.00 CNY 之间。"),
    ] {
        let (_, page, headers) = get(&world, &address, lang).await;
        checked(&page, &headers);
        assert!(page.contains(says), "{page}");
    }
    for amount in ["0.99", "500.01", "100000000.00"] {
        let (status, page, _) = sent(&world, filled("茶", amount, "", "")).await;
        assert_eq!(status, 422, "{amount}");
        let beside = page.split("id=\"amount-fault\"").nth(1).unwrap();
        assert!(beside.contains("¥500.00"), "{page}");
    }
    let (_, orders) = world.api("GET", "/v1/orders", None).await;
    assert_eq!(orders["items"], json!([]));
    for amount in ["1.00", "500.00"] {
        assert_eq!(sent(&world, filled("茶", amount, "", "")).await.0, 303);
    }
}

/// Shows the ways to pay: a picture of ours for each, its name in both languages, what was chosen chosen still.
#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_pay_has_its_picture() {
    let world = World::new().await;
    let (_, page, _) = get(&world, &format!("{}/direct/gbk", world.url), "zh").await;
    let ways = page.matches("class=\"way\"").count();
    assert_eq!(ways, 34, "33 ways, and none yet");
    assert_eq!(page.matches("<svg class=\"tile ").count(), ways);
    assert!(page.contains("招商银行 <small lang=\"en\">China Merchants Bank</small>"));
    assert!(page.contains("value=\"\" checked"), "{page}");
    let (status, page, _) = sent(&world, filled("茶", "twelve", "", "bankPay.CMB")).await;
    assert_eq!(status, 422);
    assert!(page.contains("value=\"bankPay.CMB\" checked"), "{page}");
    assert_eq!(page.matches(" checked").count(), 1);
    assert_eq!(
        page.matches("<details open>").count(),
        1,
        "what is chosen is seen"
    );
}

/// Shows that what no browser sends is not read in any way.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_forms_are_not_read() {
    let world = World::new().await;
    let good = filled("茶", "1.00", "", "");
    for body in [
        format!("{good}&title=x"),
        format!("{good}&amount=9.00"),
        format!("{good}&account=main"),
        format!("{good}&order_no=A-1"),
        "title=%00&amount=1.00".into(),
        "title=%b2%e2&amount=1.00".into(),
        "title[]=x&amount=1.00".into(),
        "title=a;amount=1.00".into(),
        format!("{good}&x{}", "&x".repeat(300)),
        filled(&"x".repeat(9_000), "1.00", "", ""),
        filled("x", "1.00", &"x".repeat(100_000), ""),
    ] {
        let (status, page, headers) = sent(&world, body.clone()).await;
        assert_eq!(status, 400, "{body}: {page}");
        checked(&page, &headers);
        assert!(page.contains("The form cannot be read."), "{page}");
    }
    let json = world.client.post(format!("{}/direct/gbk", world.url));
    let json = json.header("content-type", "application/json").body("{}");
    assert_eq!(json.send().await.unwrap().status(), 400);
    let (_, orders) = world.api("GET", "/v1/orders", None).await;
    assert_eq!(orders["items"], json!([]));
}

/// Shows that a form of another website begins nothing, and that one of ours does.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_is_refused() {
    let world = World::new().await;
    for (name, value, expected) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "same-origin", 303),
        ("origin", &world.url, 303),
    ] {
        let call = world
            .client
            .post(format!("{}/direct/gbk", world.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .header(name, value)
            .body(filled("茶", "1.00", "", ""));
        let (status, page, _) = read(call.send().await.unwrap()).await;
        assert_eq!(status, expected, "{name}: {value}: {page}");
        assert!(status == 303 || page.contains("another website"), "{page}");
    }
    let (_, orders) = world.api("GET", "/v1/orders", None).await;
    assert_eq!(orders["items"].as_array().unwrap().len(), 2);
}

/// Shows that one client makes some orders at once and no more, and loses nothing that he typed.
#[tokio::test(flavor = "multi_thread")]
async fn one_client_is_slowed() {
    let world = World::new().await;
    let mut made = 0;
    let (page, headers) = loop {
        let (status, page, headers) = sent(&world, filled("茶", "1.00", "加急", "")).await;
        match status {
            303 if made < 20 => made += 1,
            429 => break (page, headers),
            other => panic!("{other} after {made}: {page}"),
        }
    };
    assert!(made >= 10, "{made}");
    checked(&page, &headers);
    assert!(
        page.contains("Too many payments") && page.contains("value=\"加急\""),
        "{page}"
    );
    let secs: u64 = headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=7).contains(&secs), "{secs}");
}

/// Shows that the page can be switched off, and that an unknown account has none.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_can_be_switched_off() {
    let world = World::new().await;
    for name in ["main", "nobody", "%ff"] {
        let path = format!("/direct/{name}");
        let (status, page, headers) = get(&world, &format!("{}{path}", world.url), "en").await;
        assert_eq!(status, 404, "{page}");
        checked(&page, &headers);
        assert_eq!(
            world
                .post(&path, filled("x", "1.00", "", ""))
                .await
                .status(),
            404
        );
    }
    let (_, orders) = world.api("GET", "/v1/orders", None).await;
    assert_eq!(orders["items"], json!([]));
}
