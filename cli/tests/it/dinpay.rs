//! Accounts at Dinpay by command: its messages in its own words, its codes as it means them.

use crate::program::{GATEWAY_KEY, Merchant, PARTNER, said};
use axum::Router;
use axum::routing::post;
use quittance_core::gateway::dinpay::gateway_side::{Code, error_reply};
use quittance_core::params::Params;
use quittance_core::sign::{Place, md5_sign_at, presign};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const FIELDS: [(&str, &str); 10] = [
    ("merchant_code", "1000000001"),
    ("notify_type", "offline_notify"),
    ("notify_id", "0123456789abcdef0123456789abcdef"),
    ("interface_version", "V3.0"),
    ("order_no", "A_1"),
    ("order_time", "2024-01-02 03:04:05"),
    ("order_amount", "0.01"),
    ("trade_no", "1000004817"),
    ("trade_time", "2024-01-02 03:05:06"),
    ("trade_status", "SUCCESS"),
];

/// A merchant with one account at Dinpay, whose questions go here.
fn merchant(query: &str) -> Merchant {
    let merchant = Merchant::new("http://127.0.0.1:9/gateway", "utf-8");
    let text = std::fs::read_to_string(merchant.config()).unwrap();
    let text = text
        .replace("gateway = \"alipay\"", "gateway = \"dinpay\"")
        .replace(
            &format!("partner = \"{PARTNER}\""),
            &format!("merchant_code = \"1000000001\"\nquery_url = \"{query}\""),
        );
    std::fs::write(merchant.config(), text).unwrap();
    merchant
}

fn notify() -> String {
    let mut params = Params::new();
    for (name, value) in FIELDS {
        params.push(name, value.as_bytes()).unwrap();
    }
    let sign = md5_sign_at(Place::Named, &presign(&params), &GATEWAY_KEY.into());
    params.push("sign_type", b"MD5").unwrap();
    params.push("sign", sign.as_bytes()).unwrap();
    params.to_wire()
}

/// A notify is explained as Dinpay's: where its key stands, and no word of another gateway or of an opinion that nobody
/// here can ask for.
#[test]
fn inspect_speaks_of_the_account_s_own_gateway() {
    let merchant = merchant("http://127.0.0.1:9/query");
    let file = merchant.config().with_file_name("saved");
    let wrong = notify().replace("0.01", "1.00");
    for (lang, key) in [("en", "with &key= and the key behind it"), ("zh", "&key=")] {
        for (body, code) in [(notify(), 0), (wrong.clone(), 1)] {
            std::fs::write(&file, body).unwrap();
            let file = file.to_str().unwrap();
            let arguments = [
                "--lang",
                lang,
                "inspect",
                "--account",
                "main",
                "--notify",
                file,
            ];
            let told = merchant.run(&arguments);
            let text = said(&told);
            assert_eq!(told.status.code(), Some(code), "{text}");
            assert!(text.contains(key), "{text}");
            for foreign in [
                "支付宝",
                "商家服务中心",
                "Alipay",
                "responseTxt",
                "notify_verify",
            ] {
                assert!(!text.contains(foreign), "{foreign}\n{text}");
            }
        }
    }
}

/// A code that two gateways have means what the entry's own gateway means by it, and `explain` tells both by name.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_means_what_the_account_s_gateway_means() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let query = format!("http://{}/query", listener.local_addr().unwrap());
    let mut tasks = JoinSet::new();
    let answer = || async { error_reply(Code("ILLEGAL_SIGN")).body };
    let router = Router::new().route("/query", post(answer));
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });

    let merchant = merchant(&query);
    let server = merchant.serve().await;
    let create = [
        "order",
        "create",
        "--account",
        "main",
        "--order-no",
        "A_1",
        "--subject",
        "tea",
        "--amount",
        "0.01",
    ];
    let made = merchant.run(&create);
    assert!(made.status.success(), "{}", said(&made));
    let verified = merchant.run(&["order", "verify", "main/A_1"]);
    assert!(said(&verified).contains("unknown"), "{}", said(&verified));
    drop(server);
    let (dinpay, alipay) = ("The signature is wrong.", "The signature does not fit.");
    let shown = said(&merchant.run(&["journal", "show", "main/A_1"]));
    assert!(shown.contains(dinpay) && !shown.contains(alipay), "{shown}");
    let told = said(&merchant.run(&["explain", "ILLEGAL_SIGN"]));
    for says in [
        dinpay,
        alipay,
        "ILLEGAL_SIGN (dinpay)",
        "ILLEGAL_SIGN (alipay)",
    ] {
        assert!(told.contains(says), "{says}\n{told}");
    }
}
