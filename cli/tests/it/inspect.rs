//! `inspect` on messages as they are found: a saved body, a raw request, an address, an answer, the journal.

use crate::program::{GATEWAY_KEY, Merchant, command, said};
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use quittance_server::clock::{Clock, SystemClock};
use serde_json::Value;
use std::io::Write;
use std::process::{Output, Stdio};
use std::time::Duration;

const FIELDS: [(&str, &str); 9] = [
    ("subject", "茶 \"green\""),
    ("trade_no", "2024010100001000010000000001"),
    ("notify_type", "trade_status_sync"),
    ("notify_id", "70fec0c2730b27528665af4517c27b95"),
    ("out_trade_no", "A-1"),
    ("seller_id", "2088000000000001"),
    ("notify_time", "2024-01-01 12:00:06"),
    ("total_fee", "0.01"),
    ("trade_status", "TRADE_SUCCESS"),
];

/// The fields and these, signed with this key behind all but the last so many.
fn signed(more: &[(&str, &str)], unsigned: usize, key: &str) -> String {
    let mut params = Params::new();
    let all: Vec<_> = FIELDS.iter().chain(more).collect();
    let mut sign = String::new();
    for (number, (name, value)) in all.iter().enumerate() {
        if number + unsigned == all.len() {
            sign = md5_sign(&presign(&params), &key.into());
        }
        params.push(name, value.as_bytes()).unwrap();
    }
    if unsigned == 0 {
        sign = md5_sign(&presign(&params), &key.into());
    }
    params.push("sign", sign.as_bytes()).unwrap();
    params.push("sign_type", b"MD5").unwrap();
    params.to_wire()
}

fn genuine() -> String {
    signed(&[], 0, GATEWAY_KEY)
}

fn merchant() -> Merchant {
    Merchant::new("http://127.0.0.1:9/gateway.do", "utf-8")
}

fn ended(output: &Output, code: i32) -> String {
    let text = said(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(!text.contains(GATEWAY_KEY), "{text}");
    text
}

/// Runs `inspect` on a file with this text.
fn inspect(merchant: &Merchant, what: &str, text: &str, more: &[&str]) -> Output {
    let file = merchant.config().with_file_name("saved");
    std::fs::write(&file, text).unwrap();
    let arguments = ["inspect", "--account", "main", what, file.to_str().unwrap()];
    merchant.run(&[&arguments[..], more].concat())
}

fn codes(json: &str) -> Vec<String> {
    let found: Value = serde_json::from_str(json).unwrap();
    let mistakes = found["mistakes"].as_array().unwrap();
    mistakes
        .iter()
        .map(|mistake| mistake["code"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_saved_notify_is_explained() {
    let merchant = merchant();
    let text = ended(
        &inspect(&merchant, "--notify", &format!("{}\n", genuine()), &[]),
        0,
    );
    for part in [
        "verifies",
        "out_trade_no=A-1&",
        "responseTxt",
        "payment of 0.01 CNY",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let routed = signed(&[("s", "/pay/notify")], 1, GATEWAY_KEY);
    let raw = format!(
        "POST /pay/notify HTTP/1.1\r\nHost: shop.example.com\r\nContent-Length: {}\r\n\r\n{routed}\r\n",
        routed.len()
    );
    let text = ended(&inspect(&merchant, "--notify", &raw, &[]), 1);
    assert!(
        text.contains("extra_parameter - the signature was made without s:"),
        "{text}"
    );
    let text = ended(&inspect(&merchant, "--notify", &raw, &["--lang", "zh"]), 1);
    assert!(
        text.contains("验证不通过") && text.contains("处理办法："),
        "{text}"
    );
    let blank = signed(&[], 0, &format!("{GATEWAY_KEY}\n"));
    let json = ended(&inspect(&merchant, "--notify", &blank, &["--json"]), 1);
    assert_eq!(codes(&json), ["key_blank"]);
}

/// Of an RSA account there is no signature of ours to show, in either form, also where it is asked for.
#[test]
fn a_notify_of_an_rsa_account_is_explained() {
    let vectors = include_str!("../../../core/tests/vectors/alipay.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    let keys = &vectors["rsa_keys"];
    let merchant = merchant();
    let settings = std::fs::read_to_string(merchant.config()).unwrap();
    let (before, rest) = settings.split_once("\nkey = ").unwrap();
    let (_, after) = rest.split_once('\n').unwrap();
    let pair = format!(
        "sign_type = \"RSA\"\nprivate_key = {}\ngateway_public_key = {}",
        keys["merchant_rsa1024_private"], keys["gateway_rsa1024_public"]
    );
    std::fs::write(merchant.config(), format!("{before}\n{pair}\n{after}")).unwrap();
    let r3 = vectors["rsa"]
        .as_array()
        .unwrap()
        .iter()
        .find(|vector| vector["id"] == "R3");
    let wire = r3.unwrap()["wire"].as_str().unwrap();
    for (lang, part) in [
        ("en", "only the gateway can make it"),
        ("zh", "只有网关能算出"),
    ] {
        let more = ["--show-expected", "--lang", lang];
        let text = ended(&inspect(&merchant, "--notify", wire, &more), 0);
        assert!(text.contains(part), "{text}");
    }
    let plus_lost = wire.replace("%2B", "+");
    let more = ["--json", "--show-expected"];
    let json = ended(&inspect(&merchant, "--notify", &plus_lost, &more), 1);
    assert_eq!(codes(&json), ["sign_plus_lost"]);
    let found: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(found["mysign"], Value::Null);
}

/// A merchant whose account is at CodePay, with the keys of the signed examples.
fn at_codepay(vectors: &Value) -> Merchant {
    let merchant = merchant();
    let settings = std::fs::read_to_string(merchant.config()).unwrap();
    let (before, rest) = settings.split_once("[accounts.main]").unwrap();
    let (_, after) = rest.split_once("\n[").unwrap();
    let account = format!(
        "[accounts.main]\ngateway = \"codepay\"\napp_id = \"wzTESTAPP00000001\"\nmerchant_no = \"300000000001\"\nprivate_key = {}\ngateway_public_key = {}",
        vectors["merchant_private_key"], vectors["gateway_public_key"]
    );
    std::fs::write(merchant.config(), format!("{before}{account}\n[{after}")).unwrap();
    merchant
}

/// Signed JSON: what a library wrote anew, and an answer with a byte order mark in front.
#[test]
fn json_of_codepay_is_explained() {
    let vectors = include_str!("../../../core/tests/vectors/codepay.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    let wire = |id: &str| {
        let all = vectors["vectors"].as_array().unwrap();
        let found = all.iter().find(|vector| vector["id"] == id).unwrap();
        found["wire"].as_str().unwrap().to_owned()
    };
    let merchant = at_codepay(&vectors);
    ended(&inspect(&merchant, "--notify", &wire("N1"), &[]), 0);
    let rewritten = wire("N1").replace("\"34.5\"", "34.50");
    let text = ended(&inspect(&merchant, "--notify", &rewritten, &[]), 1);
    for part in ["number_rewritten - a number", "The other side signed this:"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let marked = format!("\u{feff}{}", wire("P2"));
    let json = ended(&inspect(&merchant, "--reply", &marked, &["--json"]), 1);
    assert_eq!(codes(&json), ["byte_order_mark"]);
    let private = vectors["merchant_private_key"].as_str().unwrap();
    assert!(!text.contains(&private[100..120]) && !json.contains(&private[100..120]));
}

/// Whoever knows the expected signature can forge: it is not shown unless that is asked for.
#[test]
fn the_expected_signature_is_shown_on_demand_only() {
    let merchant = merchant();
    let forged = genuine().replace("total_fee=0.01", "total_fee=9.00");
    let json = ended(
        &inspect(
            &merchant,
            "--notify",
            &forged,
            &["--json", "--show-expected"],
        ),
        1,
    );
    let found: Value = serde_json::from_str(&json).unwrap();
    let mysign = found["mysign"].as_str().unwrap();
    let right = format!(
        "{}{mysign}&sign_type=MD5",
        &forged[..forged.find("&sign=").unwrap() + 6]
    );
    ended(&inspect(&merchant, "--notify", &right, &[]), 0);
    for more in [&[][..], &["--json"]] {
        let text = ended(&inspect(&merchant, "--notify", &forged, more), 1);
        assert!(!text.contains(mysign), "{text}");
    }
    let shown = ended(
        &inspect(&merchant, "--notify", &forged, &["--show-expected"]),
        1,
    );
    assert!(
        shown.contains(mysign) && shown.contains("No likely mistake"),
        "{shown}"
    );
}

#[test]
fn an_address_an_answer_and_standard_input_are_read() {
    let merchant = merchant();
    let back = signed(&[("is_success", "T")], 0, GATEWAY_KEY);
    let address = format!("https://shop.example.com/return?{back}#top");
    ended(
        &merchant.run(&["inspect", "--account", "main", "--return", &address]),
        0,
    );
    let routed = format!("https://shop.example.com/?s=/pay/return&{back}");
    let json = merchant.run(&[
        "inspect",
        "--account",
        "main",
        "--return",
        &routed,
        "--json",
    ]);
    assert_eq!(codes(&ended(&json, 1)), ["extra_parameter"]);

    let none = "<alipay><is_success>F</is_success><error>TRADE_NOT_EXIST</error></alipay>";
    ended(&inspect(&merchant, "--reply", none, &[]), 0);
    ended(&inspect(&merchant, "--reply", "<html/>", &[]), 1);

    let config = merchant.config();
    let arguments = [
        "--config",
        config.to_str().unwrap(),
        "inspect",
        "--account",
        "main",
        "--notify",
        "-",
    ];
    let mut program = command(&arguments);
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(genuine().as_bytes())
        .unwrap();
    ended(&child.wait_with_output().unwrap(), 0);
}

#[test]
fn what_cannot_be_looked_at_says_why() {
    let merchant = merchant();
    let of = |arguments: &[&str]| ended(&merchant.run(&[&["inspect"], arguments].concat()), 2);
    assert!(of(&["--account", "nobody", "--return", "a=1"]).contains("one of these: main"));
    assert!(of(&["--account", "main", "--notify", "no-such-file"]).contains("To do:"));
    assert!(of(&["--account", "main", "--journal", "1"]).contains("no database"));
    of(&["--account", "main"]);
    of(&["--account", "main", "--return", "a=1", "--journal", "1"]);
    let get = "GET /return?a=1 HTTP/1.1\r\nHost: x\r\n\r\n";
    assert!(ended(&inspect(&merchant, "--notify", get, &[]), 2).contains("--return"));
    let long = "a".repeat(300 * 1024);
    assert!(ended(&inspect(&merchant, "--notify", &long, &[]), 2).contains("too long"));
}

/// Beside a running server: one that was refused, and a genuine one whose bytes are in the entry that took it in.
#[tokio::test]
async fn the_journal_keeps_what_came() {
    let merchant = merchant();
    let server = merchant.serve().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let partner = signed(&[], 0, "2088000000000001");
    for body in [&partner, &genuine()] {
        let notify = client
            .post(format!("{}/notify/main", merchant.url))
            .body(body.clone());
        assert_eq!(notify.send().await.unwrap().text().await.unwrap(), "fail");
    }
    let clock: &dyn Clock = &SystemClock::new();
    let deadline = clock.mono() + Duration::from_secs(30);
    let entries = loop {
        let shown: Value =
            serde_json::from_str(&ended(&merchant.run(&["journal", "show", "--json"]), 0)).unwrap();
        let entries = shown["items"].as_array().unwrap().clone();
        if entries
            .iter()
            .filter(|entry| entry["kind"] == "notify")
            .count()
            == 2
        {
            break entries;
        }
        assert!(clock.mono() < deadline, "{entries:?}");
        clock.sleep(Duration::from_millis(10)).await;
    };
    let inspect = |seq: &Value, code| {
        let seq = seq.to_string();
        ended(
            &merchant.run(&["inspect", "--account", "main", "--journal", &seq, "--json"]),
            code,
        )
    };
    for entry in entries.iter().filter(|entry| entry["kind"] == "notify") {
        match entry["verdict"] == "genuine" {
            true => {
                assert!(entry["data"]["received"].is_u64(), "{entry}");
                inspect(&entry["seq"], 0);
                inspect(&entry["data"]["received"], 0);
            }
            false => assert_eq!(codes(&inspect(&entry["seq"], 1)), ["key_is_partner"]),
        }
    }
    assert!(inspect(&Value::from(1), 2).contains("neither a callback"));
    assert!(inspect(&Value::from(999_999), 2).contains("no entry 999999"));
    assert_eq!(server.terminate().code(), Some(0));
}
