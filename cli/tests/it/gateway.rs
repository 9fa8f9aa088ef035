//! A sandbox on a socket, which answers `notify_verify` and queries, and a buyer who pays there.

use crate::program::{GATEWAY_KEY, PARTNER};
use quittance_core::Lang;
use quittance_core::charset::Charset;
use quittance_core::http::Method;
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use quittance_sandbox::{Handle, Inbound, SandboxSettings, SystemClock, serve};
use quittance_server::clock::Clock;
use secrecy::SecretString;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Starts it, and gives a hand on it and the gateway's address.
pub async fn gateway(tasks: &mut JoinSet<()>) -> (Handle, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let merchant = quittance_sandbox::Merchant {
        partner: PARTNER.into(),
        key: SecretString::from(GATEWAY_KEY).into(),
        email: "seller@example.com".into(),
        advanced: true,
    };
    let handle = Handle::new(SandboxSettings::new(vec![merchant], url.clone()));
    let served = serve(
        listener,
        handle.clone(),
        Arc::new(SystemClock),
        std::future::pending(),
    );
    tasks.spawn(async move { served.await.unwrap() });
    (handle, format!("{url}/gateway.do"))
}

/// The buyer pays at the gateway. The request names no notify address: the test sends the notifies itself.
pub fn pay(gateway: &Handle, clock: &dyn Clock, order_no: &str, subject: &str, charset: Charset) {
    arrive(gateway, clock, order_no, subject, charset);
    gateway.with(|sandbox| sandbox.buyer_pays(clock.wall(), PARTNER, order_no));
}

/// The buyer comes to the gateway's cashier, where the trade begins.
fn arrive(gateway: &Handle, clock: &dyn Clock, order_no: &str, subject: &str, charset: Charset) {
    let mut request = Params::new();
    let fields = [
        ("service", "create_direct_pay_by_user"),
        ("partner", PARTNER),
        ("seller_id", PARTNER),
        ("_input_charset", charset.label()),
        ("payment_type", "1"),
        ("out_trade_no", order_no),
        ("subject", subject),
        ("total_fee", "0.01"),
    ];
    for (name, value) in fields {
        request.push(name, &charset.encode(value).unwrap()).unwrap();
    }
    let sign = md5_sign(&presign(&request), &SecretString::from(GATEWAY_KEY));
    request.push("sign", sign.as_bytes()).unwrap();
    request.push("sign_type", b"MD5").unwrap();
    come(gateway, clock, request.to_wire());
}

/// The buyer's browser brings a signed request of the server's to the cashier, where the trade begins.
pub fn visit(gateway: &Handle, clock: &dyn Clock, address: &str) {
    let (_, query) = address.split_once('?').unwrap();
    come(gateway, clock, query.to_owned());
}

fn come(gateway: &Handle, clock: &dyn Clock, query: String) {
    let inbound = Inbound {
        method: Method::Get,
        path: "/gateway.do".into(),
        query: query.into_bytes(),
        body: Vec::new(),
        lang: Lang::En,
    };
    let now = clock.wall();
    let answer = gateway.with(|sandbox| sandbox.handle(now, &inbound));
    assert_eq!(answer.reply.status, 303);
}
