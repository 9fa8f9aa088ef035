//! The way to the gateway and what it says (seed 001 5.1, 5.2 2B to 2D).

use crate::settings::{COUNTER, DING};
use crate::world::{Wishes, World, reserved};
use quittance_sandbox::Contract;
use quittance_server::doctor::Verdict;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

fn elsewhere(url: &str) -> Wishes {
    Wishes {
        more: DING.replace("{gateway}", url),
        ..Wishes::default()
    }
}

#[tokio::test]
async fn a_name_that_leads_nowhere_or_astray_is_told() {
    let live = "https://gateway.example.com";
    for (addresses, code) in [
        (vec![], "name_unknown"),
        (vec!["0.0.0.0".parse().unwrap()], "sinkhole"),
        (vec!["10.0.0.1".parse().unwrap()], "sinkhole"),
    ] {
        let public = ("public_url = \"http", "public_url = \"http");
        let mut wishes = Wishes::edited(&[public]);
        wishes.more = DING
            .replace("{gateway}", live)
            .replace("charset =", "notify_url = \"https://pay.example.com/n\"\nreturn_url = \"https://pay.example.com/r\"\ncharset =");
        wishes.names = [
            ("gateway.example.com", addresses),
            ("pay.example.com", vec!["127.0.0.1".parse().unwrap()]),
        ]
        .into();
        let world = World::with(wishes).await;
        let found = world.fails(true, "gateway-dns", code).await;
        assert_eq!(found.account.as_deref(), Some("ding"));
    }
}

#[tokio::test]
async fn a_port_that_refuses_hangs_or_swallows_is_told_apart() {
    // Nobody listens.
    let place = reserved();
    let closed = place.local_addr().unwrap();
    let world = World::with(elsewhere(&format!("http://{closed}"))).await;
    let found = world.fails(true, "gateway-reach", "refused").await;
    assert_eq!(found.account.as_deref(), Some("ding"));
    let later: Vec<&str> = world
        .report(true)
        .await
        .findings
        .iter()
        .filter(|one| one.account.as_deref() == Some("ding") && one.verdict == Verdict::Skip)
        .map(|one| one.check.name())
        .collect();
    assert!(
        later.contains(&"query") && later.contains(&"pay-request"),
        "{later:?}"
    );

    // The system takes the connection, and nobody answers.
    let hung = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::with(elsewhere(&format!("http://{}", hung.local_addr().unwrap()))).await;
    world.fails(true, "gateway-reach", "hung").await;

    // The queue of connections is full: what comes after is swallowed, as by a firewall.
    let (_queue, full) = swallowing().await;
    let world = World::with(elsewhere(&format!("http://{full}"))).await;
    world.fails(true, "gateway-reach", "silent").await;

    // Something else than the gateway: it closes every connection.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let mut world = World::with(elsewhere(&format!("http://{at}"))).await;
    world.tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    world.fails(true, "gateway-reach", "broken").await;
}

/// A firewall that opens TLS answers with a certificate of its own; and an address where nobody speaks TLS at all.
#[tokio::test]
async fn a_certificate_that_is_not_the_gateway_s_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let mut world = World::with(elsewhere(&format!("https://{at}"))).await;
    let firewall = firewall();
    world.tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // The other side hangs up when it sees the certificate.
            let _ = firewall.accept(stream).await;
        }
    });
    let found = world.fails(true, "gateway-reach", "tls").await;
    assert!(found.detail.en.contains("certificate"), "{found:?}");

    let plain = World::new().await;
    let world = World::with(elsewhere(&format!("https://{}", plain.listen))).await;
    let found = world.fails(true, "gateway-reach", "broken").await;
    assert!(found.fix.unwrap().en.contains("https://"));
}

fn firewall() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/firewall.crt")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/firewall.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// An address whose queue of connections is full.
async fn swallowing() -> (Vec<TcpStream>, SocketAddr) {
    let listener = reserved().listen(1).unwrap();
    let at = listener.local_addr().unwrap();
    let clock = quittance_server::clock::SystemClock::new();
    let clock: &dyn quittance_server::clock::Clock = &clock;
    let mut queue = Vec::new();
    let short = std::time::Duration::from_millis(300);
    while let Some(Ok(stream)) = clock.within(short, TcpStream::connect(at)).await {
        queue.push(stream);
    }
    // It must not be accepted from, and must stay open.
    std::mem::forget(listener);
    (queue, at)
}

#[tokio::test]
async fn an_answer_by_something_else_is_no_answer_of_the_gateway() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let mut world = World::with(elsewhere(&format!("http://{at}"))).await;
    let router = axum::Router::new().fallback(|| async { "<html>blocked</html>" });
    world
        .tasks
        .spawn(async move { axum::serve(listener, router).await.unwrap() });
    world.fails(true, "query", "unclear").await;
}

#[tokio::test]
async fn a_key_that_is_not_the_contract_s_is_told() {
    let world = World::with(Wishes::edited(&[(
        "key = { env = \"KEY\" }",
        "key = { env = \"OTHER_KEY\" }",
    )]))
    .await;
    world.fails(true, "query", "ILLEGAL_SIGN").await;

    let world = World::with(Wishes {
        more: DING.replace("env = \"KEY\"", "env = \"OTHER_KEY\""),
        ..Wishes::default()
    })
    .await;
    let found = world.fails(true, "query", "ILLEGAL_SIGN").await;
    assert_eq!(found.account.as_deref(), Some("ding"));
}

#[tokio::test]
async fn a_partner_that_the_gateway_does_not_know_is_told() {
    let other = (
        "partner = \"2088000000000001\"",
        "partner = \"2088000000000009\"",
    );
    let world = World::with(Wishes::edited(&[other])).await;
    world.fails(true, "query", "ILLEGAL_PARTNER").await;

    let world = World::with(Wishes {
        more: COUNTER.replace("300000000001", "300000000009"),
        ..Wishes::default()
    })
    .await;
    let found = world.report(true).await;
    let first = found.first().unwrap();
    assert_eq!(
        (first.check.name(), first.account.as_deref()),
        ("query", Some("counter")),
        "{first:?}"
    );
}

#[tokio::test]
async fn a_contract_without_the_service_is_told() {
    let without = |service: &str| Contract {
        without: [service.to_owned()].into(),
        ..Contract::default()
    };
    let world = World::with(Wishes {
        contract: without("create_direct_pay_by_user"),
        ..Wishes::default()
    })
    .await;
    world.fails(true, "pay-request", "HAS_NO_PRIVILEGE").await;

    // Payments work without it: only what nobody tells is never found.
    let world = World::with(Wishes {
        contract: without("single_trade_query"),
        ..Wishes::default()
    })
    .await;
    world
        .tells(true, "query", "ILLEGAL_PARTNER_EXTERFACE", Verdict::Warn)
        .await;
}

#[tokio::test]
async fn a_payee_of_another_contract_is_told() {
    let other = "partner = \"2088000000000001\"\nseller_email = \"someone@example.com\"";
    let world = World::with(Wishes::edited(&[("partner = \"2088000000000001\"", other)])).await;
    let report = world.report(true).await;
    let first = report.first().unwrap();
    assert_eq!(first.check.name(), "pay-request", "{first:?}");
    assert!(
        first.code.contains("SELLER") || first.code.contains("seller"),
        "{first:?}"
    );
}

#[tokio::test]
async fn anti_phishing_that_only_one_side_has_is_told() {
    let world = World::with(Wishes {
        contract: Contract {
            anti_phishing: true,
            ..Contract::default()
        },
        ..Wishes::default()
    })
    .await;
    world
        .fails(true, "pay-request", "ILLEGAL_ANTI_PHISHING_KEY")
        .await;

    let on = "partner = \"2088000000000001\"\nanti_phishing = true";
    let world = World::with(Wishes {
        contract: Contract {
            without: ["query_timestamp".to_owned()].into(),
            ..Contract::default()
        },
        ..Wishes::edited(&[("partner = \"2088000000000001\"", on)])
    })
    .await;
    world
        .fails(true, "query-timestamp", "ILLEGAL_PARTNER_EXTERFACE")
        .await;
}
