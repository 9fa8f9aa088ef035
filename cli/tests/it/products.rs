//! The sandbox as a merchant's gateway with either of its products.

use crate::program::{GATEWAY_KEY, PARTNER, Server, command};
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use serde_json::Value;

/// Paid reads `TRADE_FINISHED` with `--basic`, and `TRADE_SUCCESS` without.
#[tokio::test]
async fn the_sandbox_has_both_products() {
    for (basic, status) in [(true, "TRADE_FINISHED"), (false, "TRADE_SUCCESS")] {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap().to_string();
        drop(free);
        let mut sandbox = command(&["sandbox", "--listen", &listen, "--key", GATEWAY_KEY]);
        if basic {
            sandbox.arg("--basic");
        }
        let url = format!("http://{listen}");
        let _served = Server::start(&mut sandbox, &url).await;
        let mut request = Params::new();
        for (name, value) in [
            ("service", "create_direct_pay_by_user"),
            ("partner", PARTNER),
            ("seller_id", PARTNER),
            ("_input_charset", "utf-8"),
            ("payment_type", "1"),
            ("out_trade_no", "A-1"),
            ("subject", "茶"),
            ("total_fee", "0.01"),
        ] {
            request.push(name, value.as_bytes()).unwrap();
        }
        let sign = md5_sign(&presign(&request), &GATEWAY_KEY.into());
        request.push("sign", sign.as_bytes()).unwrap();
        request.push("sign_type", b"MD5").unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let address = format!("{url}/gateway.do?{}", request.to_wire());
        assert_eq!(client.get(address).send().await.unwrap().status(), 303);
        let pay = format!("{url}/api/trades/{PARTNER}/A-1/pay");
        let paid = client.post(pay).send().await.unwrap();
        let paid: Value = serde_json::from_slice(&paid.bytes().await.unwrap()).unwrap();
        assert_eq!(paid["status"], status, "{paid}");
    }
}
