//! Accounts at Dinpay: what is read, what has its default, and what refuses to start.

use crate::wrong::check;
use crate::{accept, say};
use quittance_core::charset::Charset;
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
gateway = "dinpay"
merchant_code = "1111110166"
key = { env = "KEY" }
charset = "utf-8"
"#;

const LOCAL: &str = "gateway_url = \"http://127.0.0.1:8090/dinpay/gateway\"\n\
                     query_url = \"http://127.0.0.1:8090/dinpay/query\"";

fn with(account: &str) -> String {
    format!("{GOOD}{account}\n")
}

fn instead(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old}");
    GOOD.replace(old, new)
}

fn main(text: &str) -> AccountSetup {
    let (setup, warnings) = accept(text);
    assert!(warnings.is_empty(), "{}", say(&warnings));
    (*setup.accounts["main"]).clone()
}

#[test]
fn what_is_left_out_has_its_default() {
    let account = main(GOOD);
    assert!(matches!(account.account, Account::Dinpay(_)) && account.live);
    let policy = &account.policy;
    assert_eq!(
        (policy.gateway.as_str(), policy.payee.as_str()),
        ("dinpay", "1111110166")
    );
    assert_eq!(policy.require, Proof::Signed);
    assert!(!policy.close && policy.statement.is_none());
    assert_eq!(policy.query_window_secs, Some(12 * 60 * 60));
    let wire = policy.wire.as_ref().unwrap();
    assert_eq!(
        (wire.charset, wire.sign_type.as_str()),
        (Charset::Utf8, "MD5")
    );
    let query = account
        .account
        .gateway()
        .query("A_1", quittance_core::Timestamp::UNIX_EPOCH)
        .unwrap();
    assert_eq!(query.url, "https://query.dinpay.com/query");
    let debug = format!("{:?}", account.account);
    assert!(
        debug.contains("\"https://pay.dinpay.com/gateway\""),
        "{debug}"
    );
}

#[test]
fn everything_can_be_set() {
    let text = instead("\"utf-8\"", "\"gbk\"");
    let text = format!(
        r#"{text}
        {LOCAL}
        sign_type = "MD5"
        show_url = "https://shop.example.com/goods"
        cross_border = true
        notify_url = "https://pay.example.com/dinpay/Notify_Url.php"
        return_url = "https://pay.example.com/dinpay/Return_Url.php"
        notify_sources = ["192.0.2.0/24"]
        payee_name = "示例茶庄"
        require = "queried"
        previous_keys = [{{ key = {{ env = "OTHER_KEY" }}, until = "2026-01-01T00:00:00Z" }}]
        gateway_options = {{ redo_flag = "1", product_code = "tea" }}
        check = {{ gaps = ["5s", "10m"] }}
        "#
    );
    let account = main(&text);
    assert!(!account.live);
    assert_eq!(account.policy.require, Proof::Queried);
    assert_eq!(account.policy.key_ids.len(), 2);
    assert_eq!(account.policy.gaps_secs, [5, 600]);
    let debug = format!("{:?}", account.account);
    assert!(
        debug.contains("redo_flag") && debug.contains("cross_border: true"),
        "{debug}"
    );
    let query = account
        .account
        .gateway()
        .query("A_1", quittance_core::Timestamp::UNIX_EPOCH)
        .unwrap();
    assert_eq!(query.url, "http://127.0.0.1:8090/dinpay/query");
}

/// Real money moves where one of the two addresses is the internet's.
#[test]
fn an_account_is_live_unless_both_its_addresses_are_local() {
    let live = |gateway: &str, query: &str| {
        main(&with(&format!(
            "gateway_url = \"{gateway}\"\nquery_url = \"{query}\""
        )))
        .live
    };
    let (here, there) = ("http://10.0.0.5/a", "https://pay.example.net/b");
    assert!(!live(here, "http://sandbox.localhost:8090/b"));
    assert!(live(here, there) && live(there, here) && live(there, "https://pay.example.net/c"));
}

const PAIR: &str = "sign_type = \"RSA-S\"\nprivate_key = { env = \"PRIVATE\" }\n\
                    gateway_public_key = { env = \"GATEWAY\" }";

/// The account with a pair of keys, changed in this way.
fn pair(old: &str, new: &str) -> Result<AccountSetup, String> {
    let text = instead("key = { env = \"KEY\" }\ncharset", "charset");
    let text = format!("{text}{PAIR}").replace(old, new);
    match config::read(&text, Path::new("/"), &crate::pairs::env) {
        Ok((setup, _)) => Ok((*setup.accounts["main"]).clone()),
        Err(problems) => Err(say(&problems)),
    }
}

#[test]
fn an_account_of_rsa_s_is_read() {
    let account = pair("none", "none").unwrap();
    assert_eq!(account.policy.wire.unwrap().sign_type, "RSA-S");
    assert_eq!(account.policy.key_ids.len(), 2);
    for (old, new, cause) in [
        (
            "sign_type = \"RSA-S\"\n",
            "",
            "set sign_type = \"RSA-S\" if the contract signs so",
        ),
        ("\"RSA-S\"", "\"RSA\"", "use MD5 or RSA-S, in these letters"),
        (
            "env = \"GATEWAY\"",
            "env = \"PUBLIC\"",
            "our own private key",
        ),
        ("gateway_public_key = { env = \"GATEWAY\" }", "", "智付公钥"),
    ] {
        let said = pair(old, new).unwrap_err();
        assert!(said.contains(cause), "{cause}\n{said}");
    }
}

#[test]
fn wrong_settings_refuse_to_start() {
    let main = |name: &str| format!("accounts.main.{name}");
    for (text, setting, cause) in [
        (
            instead("merchant_code = \"1111110166\"\n", ""),
            "merchant_code",
            "missing",
        ),
        (
            instead("\"1111110166\"", "\"11111-10166\""),
            "merchant_code",
            "not 1 to 20 digits",
        ),
        (
            instead("\"1111110166\"", "\" 1111110166\""),
            "merchant_code",
            "blank",
        ),
        (
            instead("merchant_code", "partner"),
            "partner",
            "is merchant_code",
        ),
        (
            instead("key = { env = \"KEY\" }\ncharset", "charset"),
            "key",
            "missing",
        ),
        (
            instead(
                "key = { env = \"KEY\" }\ncharset",
                "key = { env = \"SHORT\" }\ncharset",
            ),
            "key",
            "shorter",
        ),
        (instead("charset = \"utf-8\"", ""), "charset", "missing"),
        (
            instead("\"utf-8\"", "\"gb2312\""),
            "charset",
            "none of the words",
        ),
        (
            with("require = \"confirmed\""),
            "require",
            "no second opinion",
        ),
        (
            with("require_above = { amount = \"1\", proof = \"confirmed\" }"),
            "require_above.proof",
            "no second opinion",
        ),
        (
            with("notify_sources = \"seed\""),
            "notify_sources",
            "no such list",
        ),
        (
            with("notify_sources = \"modern\""),
            "notify_sources",
            "no such list",
        ),
        (
            with("refunds = \"password\""),
            "refunds",
            "pays nothing back",
        ),
        (with("statement = \"report\""), "statement", "no statements"),
        (
            with("statement_at = \"02:30\""),
            "statement_at",
            "no statements",
        ),
        (
            with("anti_phishing = true"),
            "anti_phishing",
            "no such protection",
        ),
        (
            with("seller_email = \"a@example.com\""),
            "seller_email",
            "the merchant code",
        ),
        (
            with("cross_border = 1"),
            "cross_border",
            "neither true nor false",
        ),
        (
            with("gateway_options = { goods_type = \"0\" }"),
            "gateway_options.goods_type",
            "no such parameter",
        ),
        (
            with("gateway_options = { product_num = \"1\" }"),
            "gateway_options.product_num",
            "one order",
        ),
        (
            with("gateway_options = { redo_flag = 1 }"),
            "gateway_options.redo_flag",
            "must be a text",
        ),
        (
            with("query_url = \"https://query.example.net/query\""),
            "gateway_url",
            "missing",
        ),
        (
            with("gateway_url = \"https://pay.example.net/gateway\""),
            "query_url",
            "missing",
        ),
        (
            with(
                "gateway_url = \"https://pay.example.net/a\"\nquery_url = \"https://pay.example.net/a\"",
            ),
            "query_url",
            "it is the gateway_url",
        ),
        (
            with(&LOCAL.replace("127.0.0.1:8090/dinpay/query", "query.dinpay.com/query")),
            "query_url",
            "without TLS",
        ),
        (
            with(&LOCAL.replace("127.0.0.1:8090/dinpay/gateway", "pay.dinpay.com/gateway")),
            "gateway_url",
            "without TLS",
        ),
        (
            with(&LOCAL.replace("/dinpay/query", "/query?a=1")),
            "query_url",
            "query string",
        ),
    ] {
        check(&text, &main(setting), cause);
    }
}

/// The key in the place of the merchant code, and the other way round: said once, as what it is.
#[test]
fn a_key_and_a_merchant_code_that_changed_places_are_told_apart() {
    let text = instead("\"1111110166\"", "\"CANARY0secret0value0never0shown00\"").replace(
        "key = { env = \"KEY\" }\ncharset",
        "key = { env = \"CODE\" }\ncharset",
    );
    let env = |name: &str| match name {
        "CODE" => Some("11111101660000000000".to_owned()),
        name => crate::env(name),
    };
    let problems = config::read(&text, Path::new("/"), &env).unwrap_err();
    let said = say(&problems);
    assert_eq!(problems.len(), 1, "{said}");
    assert_eq!(problems[0].setting, "accounts.main.merchant_code");
    assert!(problems[0].cause.en.contains("swapped") && problems[0].cause.zh.contains("填反"));
    assert!(!said.contains("CANARY"), "{said}");
}

/// Seed 000 9: it has to run on a server that the gateway reaches. A notify address that it cannot is named at every start,
/// in both languages, with what to do.
#[test]
fn seed_9_a_notify_url_that_the_internet_cannot_reach_is_named() {
    for (text, setting) in [
        (
            instead("https://pay.example.com/", "http://192.168.1.20:8080"),
            "public_url",
        ),
        (
            with("notify_url = \"https://10.0.0.7/dinpay/notify\""),
            "accounts.main.notify_url",
        ),
    ] {
        let (setup, warnings) = accept(&text);
        assert!(setup.accounts["main"].live);
        let told = warnings.iter().find(|told| told.setting == setting);
        let told = told.unwrap_or_else(|| panic!("{}", say(&warnings)));
        assert!(told.cause.en.contains("cannot reach"), "{}", told.cause.en);
        assert!(told.cause.zh.contains("无法访问") && !told.fix.zh.is_empty());
    }
    // Where it can be reached, and where no money moves, nothing is said.
    assert!(accept(GOOD).1.is_empty());
    let local = instead("https://pay.example.com/", "http://192.168.1.20:8080") + LOCAL;
    assert!(accept(&local).1.is_empty());
}
