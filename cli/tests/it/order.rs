//! `order` of an account with anti-phishing on, between the real program and its sandbox.

use crate::gateway::gateway;
use crate::program::{Merchant, ended};
use tokio::task::JoinSet;

/// A parameter by `--option`, and the buyer's address, without which nothing is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_names_the_buyer() {
    let mut tasks = JoinSet::new();
    let (_gateway, url) = gateway(&mut tasks).await;
    let merchant = Merchant::new(&url, "gbk");
    let text = std::fs::read_to_string(merchant.config()).unwrap();
    let text = text.replace("charset =", "anti_phishing = true\ncharset =");
    std::fs::write(merchant.config(), text).unwrap();
    let server = merchant.serve().await;
    let make = |option: &str| {
        let order = ["order", "create", "--account", "main", "--order-no", "A-1"];
        let bought = ["--subject", "茶", "--amount", "0.01", "--option", option];
        merchant.run(&[&order[..], &bought].concat())
    };
    assert!(ended(&make("colour=red"), 1).contains("colour"));
    assert!(ended(&make("colour"), 2).contains("qr_pay_mode=2"));
    ended(&make("qr_pay_mode=2"), 0);
    let checkout = ["order", "checkout", "main/A-1", "--get"];
    let refused = ended(&merchant.run(&checkout), 1);
    assert!(refused.contains("ILLEGAL_EXTER_INVOKE_IP"), "{refused}");
    let sent = merchant.run(&[&checkout[..], &["--client-ip", "203.0.113.9"]].concat());
    let sent = ended(&sent, 0);
    for part in [
        "anti_phishing_key=",
        "exter_invoke_ip=203.0.113.9",
        "qr_pay_mode=2",
    ] {
        assert!(sent.contains(part), "{part}: {sent}");
    }
    assert_eq!(server.terminate().code(), Some(0));
}
