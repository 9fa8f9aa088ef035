//! Accounts at CodePay: what is read, what has its default, and what refuses to start.

use crate::say;
use quittance_core::Currency;
use quittance_core::facts::Proof;
use quittance_core::gateway::Account;
use quittance_server::config;
use quittance_server::setup::AccountSetup;
use std::path::Path;

/// Good settings; the tables below change them.
const GOOD: &str = r#"
public_url = "https://pay.example.com/"
database = "sqlite:data"
[api_keys]
shop = { env = "KEY" }
[accounts.main]
gateway = "codepay"
app_id = "wzTESTAPP00000001"
merchant_no = "300000000001"
private_key = { env = "CODEPAY_PRIVATE" }
gateway_public_key = { env = "CODEPAY_GATEWAY" }
"#;

/// The environment of these tests: keys of core's vectors.
pub fn env(name: &str) -> Option<String> {
    let vectors = include_str!("../../../core/tests/vectors/codepay.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let key = |name: &str| vectors[name].as_str().map(str::to_owned);
    match name {
        "CODEPAY_PRIVATE" => key("merchant_private_key"),
        "CODEPAY_PUBLIC" => key("merchant_public_key"),
        "CODEPAY_GATEWAY" => key("gateway_public_key"),
        name => crate::env(name),
    }
}

fn with(account: &str) -> String {
    format!("{GOOD}{account}\n")
}

fn main(text: &str) -> AccountSetup {
    let read = config::read(text, Path::new("/"), &env);
    let (setup, warnings) = read.unwrap_or_else(|problems| panic!("{}", say(&problems)));
    assert!(warnings.is_empty(), "{}", say(&warnings));
    (*setup.accounts["main"]).clone()
}

fn wrong(text: &str, setting: &str, cause: &str) {
    let problems = config::read(text, Path::new("/"), &env).unwrap_err();
    let told = say(&problems);
    let found = problems
        .iter()
        .any(|problem| problem.setting == format!("accounts.main.{setting}"));
    assert!(found && told.contains(cause), "{setting}: {told}");
}

#[test]
fn what_is_left_out_has_its_default() {
    let account = main(GOOD);
    assert!(matches!(account.account, Account::CodePay(_)) && account.live);
    let policy = &account.policy;
    assert_eq!(
        (policy.gateway.as_str(), policy.payee.as_str()),
        ("codepay", "300000000001")
    );
    assert_eq!(policy.require, Proof::Signed);
    assert!(policy.close && policy.statement.is_none());
    assert_eq!(policy.cancel_unknown_secs, Some(7_200));
    assert_eq!(policy.wire.as_ref().unwrap().sign_type, "RSA2");
    assert_eq!(policy.key_ids.len(), 2);
    // Nobody can type an amount of no currency.
    assert!(account.direct_pay.is_none());
    let now = quittance_core::Timestamp::UNIX_EPOCH;
    let query = account.account.gateway().query("A-1", now).unwrap();
    assert_eq!(query.url, "https://codepay-open.codepay.us/api/entry");
}

#[test]
fn everything_may_be_said() {
    let account = main(&with(
        r#"
        sign_type = "RSA2"
        store_no = "4000000001"
        terminal = "TESTSN0000000001"
        currency = "USD"
        gateway_url = "http://127.0.0.1:8090"
        notify_sources = "modern"
        [accounts.main.gateway_options]
        receipt_print_mode = "3"
        [accounts.main.check]
        strategy = "scan"
        cancel_unknown_after = "30m"
        "#,
    ));
    assert!(!account.live && account.direct_pay.is_some());
    let traits = account.account.gateway().traits();
    assert_eq!(traits.currency, Currency::parse("USD").ok());
    assert_eq!(account.policy.cancel_unknown_secs, Some(1_800));
    assert_eq!(account.policy.scan_secs, Some(600));
    let now = quittance_core::Timestamp::UNIX_EPOCH;
    let query = account.account.gateway().query("A-1", now).unwrap();
    assert_eq!(query.url, "http://127.0.0.1:8090/api/entry");
}

#[test]
fn what_cannot_work_refuses_to_start() {
    for (lines, setting, cause) in [
        ("refunds = \"direct\"", "refunds", "by a call"),
        ("statement = \"report\"", "statement", "no statements"),
        (
            "anti_phishing = true",
            "anti_phishing",
            "no such protection",
        ),
        ("charset = \"utf-8\"", "charset", "UTF-8"),
        ("partner = \"2088000000000001\"", "partner", "app_id"),
        ("merchant_code = \"1\"", "merchant_code", "app_id"),
        (
            "show_url = \"https://shop.example.com/\"",
            "show_url",
            "no page",
        ),
        ("key = { env = \"KEY\" }", "key", "no shared key"),
        ("sign_type = \"MD5\"", "sign_type", "none of the words"),
        ("currency = \"usd\"", "currency", "no currency"),
        ("direct_pay = true", "direct_pay", "which currency"),
        (
            "direct_pay = { min = \"1.00\" }",
            "direct_pay",
            "which currency",
        ),
        ("terminal = \"a b\"", "terminal", "serial number"),
        ("store_no = \"4 0\"", "store_no", "blank"),
        (
            "gateway_url = \"https://codepay-open.codepay.us/api/entry\"",
            "gateway_url",
            "/api/entry",
        ),
        (
            "[accounts.main.gateway_options]\ntip_amount = \"1\"",
            "gateway_options.tip_amount",
            "no such parameter",
        ),
        (
            "[accounts.main.check]\ncancel_unknown_after = \"soon\"",
            "check.cancel_unknown_after",
            "no span",
        ),
    ] {
        wrong(&with(lines), setting, cause);
    }
    for (old, new, setting, cause) in [
        ("app_id = \"wzTESTAPP00000001\"\n", "", "app_id", "missing"),
        ("\"300000000001\"", "\" 3\"", "merchant_no", "blank"),
        (
            "\"wzTESTAPP00000001\"",
            "\"300000000001\"",
            "app_id",
            "the same",
        ),
        (
            "private_key = { env = \"CODEPAY_PRIVATE\" }\n",
            "",
            "private_key",
            "missing",
        ),
        (
            "gateway_public_key = { env = \"CODEPAY_GATEWAY\" }\n",
            "",
            "gateway_public_key",
            "missing",
        ),
        (
            "{ env = \"CODEPAY_GATEWAY\" }",
            "{ env = \"CODEPAY_PUBLIC\" }",
            "gateway_public_key",
            "own",
        ),
    ] {
        assert!(GOOD.contains(old), "{old}");
        wrong(&GOOD.replace(old, new), setting, cause);
    }
}

/// Everywhere else an order is closed on an answer, and on nothing else.
#[test]
fn silence_closes_nothing_at_other_gateways() {
    let text = format!(
        "{}[accounts.main.check]\ncancel_unknown_after = \"2h\"",
        crate::GOOD
    );
    let problems = config::read(&text, Path::new("/"), &env).unwrap_err();
    assert!(say(&problems).contains("never on silence"));
}
