//! Accounts with RSA: their keys, where they may stand, and what refuses to start.

use crate::{GOOD, accept, read, say};
use quittance_core::gateway::Account;
use quittance_server::config;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A key of core's vectors.
fn material(name: &str) -> String {
    let vectors = include_str!("../../../core/tests/vectors/alipay.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    vectors["rsa_keys"][name].as_str().unwrap().to_owned()
}

/// Good settings of an RSA account, with these values for its keys.
fn rsa(private: &str, gateway: &str, more: &str) -> String {
    let keys = format!(
        "sign_type = \"RSA\"\nprivate_key = {private}\ngateway_public_key = {gateway}\n{more}"
    );
    GOOD.replace(
        "key = { env = \"KEY\" }\ncharset",
        &format!("{keys}\ncharset"),
    )
}

/// The environment of these tests: keys as they are pasted.
pub fn env(name: &str) -> Option<String> {
    match name {
        "PRIVATE" => Some(material("merchant_rsa1024_private")),
        "PUBLIC" => Some(material("merchant_rsa1024_public")),
        "GATEWAY" => Some(material("gateway_rsa1024_public")),
        "GATEWAY_BEFORE" => Some(material("gateway_rsa2048_public")),
        "SPACED" => Some(format!("{} ", material("merchant_rsa1024_private"))),
        "EMPTY" => Some(String::new()),
        name => crate::codepay::env(name),
    }
}

const PRIVATE: &str = "{ env = \"PRIVATE\" }";
const GATEWAY: &str = "{ env = \"GATEWAY\" }";

#[test]
fn an_rsa_account_is_read() {
    let more = "previous_keys = [{ gateway_public_key = { env = \"GATEWAY_BEFORE\" }, until = \"2030-01-01T00:00:00Z\" }]";
    let text = rsa(PRIVATE, GATEWAY, more);
    let (setup, warnings) = config::read(&text, Path::new("/"), &env).unwrap();
    assert!(warnings.is_empty(), "{}", say(&warnings));
    let Account::Alipay(account) = &setup.accounts["main"].account else {
        panic!("not an account of Alipay");
    };
    let url = quittance_core::gateway::Gateway::query(
        account,
        "A-1",
        quittance_core::Timestamp::UNIX_EPOCH,
    )
    .unwrap()
    .url;
    assert!(url.ends_with("&sign_type=RSA"), "{url}");
    assert_eq!(setup.accounts["main"].policy.key_ids.len(), 3);
}

/// A public key may stand in the settings and in a file that all may read; a private key in neither.
#[test]
fn a_public_key_is_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str, mode: u32| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    write("private.pem", &material("merchant_rsa1024_private"), 0o600);
    write("open.pem", &material("merchant_rsa1024_private"), 0o644);
    write(
        "gateway.pem",
        &(material("gateway_rsa1024_public") + "\n"),
        0o644,
    );
    let read = |private: &str, gateway: &str| {
        config::read(&rsa(private, gateway, ""), folder.path(), &env)
    };
    let (_, warnings) = read("{ file = \"private.pem\" }", "{ file = \"gateway.pem\" }").unwrap();
    assert!(warnings.is_empty(), "{}", say(&warnings));
    let gateway = format!("\"\"\"\n{}\n\"\"\"", material("gateway_rsa1024_public"));
    let (_, warnings) = read(PRIVATE, &gateway).unwrap();
    assert!(warnings.is_empty(), "{}", say(&warnings));
    let private = format!("\"{}\"", material("merchant_rsa1024_private"));
    let (_, warnings) = read(&private, GATEWAY).unwrap();
    assert!(say(&warnings).contains("stands in the settings file"));
    let problems = read("{ file = \"open.pem\" }", GATEWAY).unwrap_err();
    assert!(say(&problems).contains("chmod 600"), "{}", say(&problems));
}

/// SEC-007, SEC-010, SEC-011, SEC-024: each refuses to start with one problem, in both languages, and tells no key.
#[test]
fn wrong_keys_refuse_to_start() {
    for (text, setting, en, zh) in [
        (
            rsa(PRIVATE, "{ env = \"PUBLIC\" }", ""),
            "accounts.main.gateway_public_key",
            "public half of our own private key",
            "商户自己的公钥",
        ),
        (
            rsa(GATEWAY, GATEWAY, ""),
            "accounts.main.private_key",
            "this is a public key",
            "此处填的是公钥",
        ),
        (
            rsa(PRIVATE, PRIVATE, ""),
            "accounts.main.gateway_public_key",
            "this is a private key",
            "此处填的是私钥",
        ),
        (
            rsa("{ env = \"SPACED\" }", GATEWAY, ""),
            "accounts.main.private_key",
            "never trimmed silently",
            "不会自动去除",
        ),
        (
            rsa("{ env = \"EMPTY\" }", GATEWAY, ""),
            "accounts.main.private_key",
            "the key is empty",
            "密钥为空",
        ),
        (
            rsa("{ env = \"PLACEHOLDER\" }", GATEWAY, ""),
            "accounts.main.private_key",
            "placeholder",
            "占位符",
        ),
        (
            rsa(PRIVATE, "{ env = \"KEY\" }", ""),
            "accounts.main.gateway_public_key",
            "neither PEM nor base64",
            "既不是 PEM",
        ),
        (
            rsa(PRIVATE, GATEWAY, "key = { env = \"KEY\" }"),
            "accounts.main.key",
            "belongs to accounts with sign_type = \"MD5\"",
            "属于 sign_type = \"MD5\" 的账户",
        ),
        (
            rsa(
                PRIVATE,
                GATEWAY,
                "previous_keys = [{ gateway_public_key = { env = \"GATEWAY\" } }]",
            ),
            "accounts.main.previous_keys[0].until",
            "missing",
            "缺少",
        ),
        (
            GOOD.replace(
                "{ env = \"KEY\" }\ncharset",
                "{ env = \"GATEWAY\" }\ncharset",
            ),
            "accounts.main.key",
            "a blank inside",
            "中间有空白",
        ),
        (
            GOOD.replace(
                "{ env = \"KEY\" }\ncharset",
                "{ env = \"PRIVATE\" }\ncharset",
            ),
            "accounts.main.key",
            "a key of an RSA or DSA pair",
            "RSA 或 DSA 密钥",
        ),
        (
            rsa(PRIVATE, GATEWAY, "").replace("\"RSA\"", "\"rsa\""),
            "accounts.main.sign_type",
            "MD5 or RSA",
            "MD5 或 RSA",
        ),
    ] {
        let problems = config::read(&text, Path::new("/"), &env).unwrap_err();
        let said = say(&problems);
        assert_eq!(problems.len(), 1, "{said}");
        assert_eq!(problems[0].setting, setting, "{said}");
        assert!(said.contains(en) && said.contains(zh), "{said}");
        for name in ["merchant_rsa1024_private", "gateway_rsa1024_public"] {
            let key = material(name);
            assert!(!said.contains(&key[60..90]), "{said}");
        }
    }
}

/// What belongs to the other kind, or is missing, is said by its name.
#[test]
fn a_kind_needs_its_own_keys() {
    let problems = read(&GOOD.replace("charset", "sign_type = \"RSA\"\ncharset")).unwrap_err();
    let settings: Vec<&str> = problems
        .iter()
        .map(|problem| problem.setting.as_str())
        .collect();
    assert_eq!(
        settings,
        [
            "accounts.main.key",
            "accounts.main.private_key",
            "accounts.main.gateway_public_key"
        ]
    );
    let text = rsa(PRIVATE, GATEWAY, "").replace("sign_type = \"RSA\"", "");
    let problems = config::read(&text, Path::new("/"), &env).unwrap_err();
    assert!(
        say(&problems).contains("set sign_type = \"RSA\""),
        "{}",
        say(&problems)
    );
    accept(GOOD);
}
