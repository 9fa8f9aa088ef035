//! Shows that no secret and no expected signature gets out: not into the log, not into errors, metrics, pages or the
//! journal's headers (SEC-017, I14). Everything is logged at the finest level while good and bad callbacks come.

#[path = "http/world.rs"]
#[expect(dead_code, reason = "this binary needs a part of it only")]
mod world;

use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use quittance_server::setup::LogSetup;
use quittance_server::store::JournalFilter;
use secrecy::SecretString;
use world::{API_KEY, KEY, LIMITED_KEY, WEBHOOK_SECRET, World};

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_gets_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let setup = LogSetup {
        level: "trace".into(),
        json: false,
        file: Some(file.clone()),
    };
    quittance_server::log::start(&setup).unwrap();
    let world = World::new().await;
    world.order("A-1").await;
    let back = world.pay_silently("A-1");
    let genuine = String::from_utf8(world.genuine("A-1")).unwrap();
    let forged = genuine.replace("total_fee=1.00", "total_fee=9.00");
    let mut seen = String::new();
    for _ in 0..20 {
        seen += &world.notify(forged.clone()).await;
        let forged_back = back.replace("total_fee=1.00", "total_fee=9.00");
        seen += &world
            .client
            .get(forged_back)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
    }
    assert_eq!(world.notify(genuine).await, "success");
    world.received(2).await;
    seen += &world
        .api_as("a wrong key of 24 letters", "GET", "/v1/orders", None)
        .await
        .1
        .to_string();
    seen += &world
        .api("POST", "/v1/orders/main/A-1/checkout", None)
        .await
        .1
        .to_string();
    for path in ["/metrics", "/openapi.json", "/readyz"] {
        let reply = world
            .client
            .get(format!("{}{path}", world.url))
            .send()
            .await
            .unwrap();
        seen += &reply.text().await.unwrap();
    }
    seen += &world.journal("A-1").await.to_string();
    seen += &format!("{:?}", world.app.setup);
    let rows = world
        .app
        .store
        .journal(JournalFilter {
            limit: 200,
            ..JournalFilter::default()
        })
        .await
        .unwrap();
    for row in rows.items {
        seen += &String::from_utf8(row.header).unwrap();
    }
    seen += &std::fs::read_to_string(&file).unwrap();
    assert!(
        seen.contains("callback") && seen.contains("A-1") && seen.contains("BadSignature"),
        "the log is not empty"
    );

    let expected = md5_sign(
        &presign(&Params::parse(forged.as_bytes()).unwrap()),
        &SecretString::from(KEY),
    );
    let secrets = [
        KEY,
        API_KEY,
        LIMITED_KEY,
        WEBHOOK_SECRET,
        &WEBHOOK_SECRET[6..],
        &expected,
        "a wrong key",
    ];
    for secret in secrets {
        assert!(!seen.contains(secret), "{secret} got out");
    }
}
