//! Anti-phishing: the timestamp is fetched when the buyer goes, and his own address goes along.

use crate::world::{Wishes, World, range};
use quittance_core::gateway::alipay::Extras;
use quittance_core::params::Params;
use quittance_sandbox::Contract;
use serde_json::{Value, json};

/// A world whose account and contract have anti-phishing on, behind a trusted proxy on this machine. `without` is what
/// the contract lacks.
async fn guarded(without: &[&str]) -> World {
    World::with(guarding(without)).await
}

fn guarding(without: &[&str]) -> Wishes {
    Wishes {
        extras: Extras {
            anti_phishing: true,
            ..Extras::default()
        },
        contract: Contract {
            anti_phishing: true,
            without: without.iter().map(|what| (*what).to_owned()).collect(),
            ..Contract::default()
        },
        trusted_proxies: vec![range("127.0.0.1", 32)],
        ..Wishes::default()
    }
}

/// Makes an order and gives the address of its page.
async fn ordered(world: &World, order_no: &str, client_ip: Option<&str>) -> String {
    let order = json!({"account": "main", "order_no": order_no, "subject": "a book", "amount": "1.00", "client_ip": client_ip});
    let (status, made) = world.api("POST", "/v1/orders", Some(order)).await;
    assert_eq!(status, 201, "{made}");
    made["pay_url"].as_str().unwrap().to_owned()
}

/// Opens or sends a page as the browser at this address would, through the proxy.
async fn browse(
    world: &World,
    page: &str,
    from: &str,
    form: Option<&str>,
    language: &str,
) -> reqwest::Response {
    let call = match form {
        Some(form) => world.client.post(page).body(form.to_owned()),
        None => world.client.get(page),
    };
    let call = call
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept-language", language)
        .header("x-forwarded-for", from);
    call.send().await.unwrap()
}

fn parameters(url: &str) -> Params {
    Params::parse(url.split_once('?').unwrap().1.as_bytes()).unwrap()
}

fn text<'a>(sent: &'a Params, name: &str) -> &'a str {
    std::str::from_utf8(sent.get(name).unwrap_or_default()).unwrap()
}

/// The gateway takes the buyer in: the address leads to its cashier.
async fn leads_to_the_cashier(world: &World, url: &str) {
    let reply = world.client.get(url).send().await.unwrap();
    assert_eq!(reply.status(), 303, "{}", reply.text().await.unwrap());
}

/// Shows that the page itself holds nothing that could grow old: its form comes to us, and then the buyer is on his way
/// with a fresh timestamp and the address of his own browser, not that of the shop's server.
#[tokio::test(flavor = "multi_thread")]
async fn the_timestamp_is_fetched_when_the_buyer_goes() {
    let world = guarded(&[]).await;
    let page = ordered(&world, "A-1", Some("198.51.100.20")).await;
    let shown = browse(&world, &page, "203.0.113.9", None, "en").await;
    let policy = shown.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    let html = shown.text().await.unwrap();
    assert!(
        html.contains(&format!(
            "action=\"{}/checkout\"",
            page.strip_prefix(&world.url).unwrap()
        )),
        "{html}"
    );
    assert!(
        !html.contains("anti_phishing_key") && !html.contains("name=\"sign\""),
        "{html}"
    );
    assert_eq!(world.kinds("A-1").await, ["order"], "nobody was sent yet");

    let sent = browse(
        &world,
        &format!("{page}/checkout"),
        "203.0.113.9",
        Some("choice=bankPay.CMB"),
        "en",
    )
    .await;
    assert_eq!(sent.status(), 303);
    let url = sent.headers()["location"].to_str().unwrap().to_owned();
    let origin = url::Url::parse(&url)
        .unwrap()
        .origin()
        .ascii_serialization();
    assert!(
        policy.contains(&format!("form-action 'self' {origin}")),
        "{policy}"
    );
    let asked = parameters(&url);
    assert_eq!(text(&asked, "exter_invoke_ip"), "203.0.113.9");
    assert_eq!(text(&asked, "defaultbank"), "CMB");
    assert_eq!(text(&asked, "anti_phishing_key").len(), 20);
    leads_to_the_cashier(&world, &url).await;
    assert!(world.show("A-1").await["checks"]["next_at"].is_string());

    let again = browse(
        &world,
        &format!("{page}/checkout"),
        "203.0.113.9",
        Some(""),
        "en",
    )
    .await;
    let again = parameters(again.headers()["location"].to_str().unwrap());
    assert_ne!(
        text(&again, "anti_phishing_key"),
        text(&asked, "anti_phishing_key")
    );
    assert_eq!(
        world
            .kinds("A-1")
            .await
            .iter()
            .filter(|kind| *kind == "checkout")
            .count(),
        1
    );
    world.pay("A-1");
    world.until("A-1", |order| order["status"] == "paid").await;
    let late = browse(
        &world,
        &format!("{page}/checkout"),
        "203.0.113.9",
        Some(""),
        "en",
    )
    .await;
    assert!(
        late.headers()["location"]
            .to_str()
            .unwrap()
            .ends_with("/result")
    );
}

/// Shows that the shop's server is never taken for the buyer: his address is the one of the checkout's body, else the
/// order's, else the checkout is refused with the gateway's code and what to do.
#[tokio::test(flavor = "multi_thread")]
async fn the_shops_server_is_not_the_buyer() {
    let world = guarded(&[]).await;
    ordered(&world, "A-1", None).await;
    let checkout = |order_no: &str, body: Option<Value>| {
        let path = format!("/v1/orders/main/{order_no}/checkout?via=get");
        let world = &world;
        async move { world.api("POST", &path, body).await }
    };
    for body in [
        None,
        Some(json!({})),
        Some(json!({"client_ip": "2001:db8::1"})),
    ] {
        let (status, problem) = checkout("A-1", body).await;
        assert_eq!(
            (status, problem["code"].as_str()),
            (422, Some("ILLEGAL_EXTER_INVOKE_IP")),
            "{problem}"
        );
        let help = problem["help"].as_str().unwrap();
        for part in ["send the buyer's own IPv4 address", "买家自己的 IPv4 地址"] {
            assert!(help.contains(part), "{problem}");
        }
    }
    assert_eq!(world.kinds("A-1").await, ["order"], "nothing was sent");
    for body in [
        json!({"client_ip": "x"}),
        json!({"ip": "203.0.113.9"}),
        json!([]),
    ] {
        assert_eq!(checkout("A-1", Some(body)).await.0, 422);
    }
    let (status, made) = checkout("A-1", Some(json!({"client_ip": "203.0.113.9"}))).await;
    assert_eq!(status, 200, "{made}");
    let url = made["url"].as_str().unwrap();
    assert_eq!(text(&parameters(url), "exter_invoke_ip"), "203.0.113.9");
    leads_to_the_cashier(&world, url).await;

    ordered(&world, "A-2", Some("198.51.100.20")).await;
    let (_, made) = checkout("A-2", None).await;
    assert_eq!(
        text(
            &parameters(made["url"].as_str().unwrap()),
            "exter_invoke_ip"
        ),
        "198.51.100.20"
    );
}

/// Shows that a buyer without an IPv4 address is told so in his language, with the code, and not sent with an empty one;
/// unless the shop knows his address.
#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_without_ipv4_is_told() {
    let world = guarded(&[]).await;
    let page = ordered(&world, "A-1", None).await;
    for (language, says) in [("en", "Nothing was charged"), ("zh", "未扣款")] {
        for (address, form) in [(page.clone(), None), (format!("{page}/checkout"), Some(""))] {
            let reply = browse(&world, &address, "2001:db8::7", form, language).await;
            assert_eq!(reply.status(), 422);
            let html = reply.text().await.unwrap();
            assert!(
                html.contains("ILLEGAL_EXTER_INVOKE_IP") && html.contains(says),
                "{html}"
            );
        }
    }
    let page = ordered(&world, "A-2", Some("198.51.100.20")).await;
    let sent = browse(
        &world,
        &format!("{page}/checkout"),
        "2001:db8::7",
        Some(""),
        "en",
    )
    .await;
    let url = sent.headers()["location"].to_str().unwrap();
    assert_eq!(text(&parameters(url), "exter_invoke_ip"), "198.51.100.20");
}

/// Shows that the address of a proxy that the settings do not name is never sent to a live gateway as the buyer's.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_not_the_buyer() {
    let world = World::with(Wishes {
        trusted_proxies: Vec::new(),
        live: true,
        ..guarding(&[])
    })
    .await;
    let page = ordered(&world, "A-1", None).await;
    let reply = browse(&world, &page, "203.0.113.9", None, "en").await;
    assert_eq!(reply.status(), 422);
    let page = ordered(&world, "A-2", Some("198.51.100.20")).await;
    let address = format!("{page}/checkout");
    let sent = browse(&world, &address, "203.0.113.9", Some(""), "en").await;
    let url = sent.headers()["location"].to_str().unwrap();
    assert_eq!(text(&parameters(url), "exter_invoke_ip"), "198.51.100.20");
}

/// Shows that a gateway that gives no timestamp is a clear error on both ways, and that nothing counts as sent.
#[tokio::test(flavor = "multi_thread")]
async fn no_timestamp_is_a_clear_error() {
    let world = guarded(&["query_timestamp"]).await;
    let page = ordered(&world, "A-1", Some("203.0.113.9")).await;
    let (status, problem) = world
        .api("POST", "/v1/orders/main/A-1/checkout", None)
        .await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (503, Some("checkout_token_missing"))
    );
    assert_eq!(problem["detail"], "ILLEGAL_PARTNER_EXTERFACE");
    for (language, says) in [("en", "does not answer"), ("zh", "没有响应")] {
        let address = format!("{page}/checkout");
        let reply = browse(&world, &address, "203.0.113.9", Some(""), language).await;
        assert_eq!(reply.status(), 503);
        let html = reply.text().await.unwrap();
        assert!(html.contains(says) && !html.contains("EXTERFACE"), "{html}");
    }
    assert_eq!(world.kinds("A-1").await, ["order"]);
}

/// Shows that an account without it keeps the signed form on its page, and that its page takes no other way.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_it_sends_as_before() {
    let world = World::new().await;
    let page = ordered(&world, "A-1", None).await;
    let html = browse(&world, &page, "203.0.113.9", None, "en")
        .await
        .text()
        .await
        .unwrap();
    assert!(
        html.contains("name=\"sign\"") && !html.contains("anti_phishing_key"),
        "{html}"
    );
    let back = browse(
        &world,
        &format!("{page}/checkout"),
        "203.0.113.9",
        Some(""),
        "en",
    )
    .await;
    assert!(page.ends_with(back.headers()["location"].to_str().unwrap()));
    let guessed = format!("{}/pay/guessed/checkout", world.url);
    assert_eq!(
        browse(&world, &guessed, "203.0.113.9", Some(""), "en")
            .await
            .status(),
        404
    );
}
