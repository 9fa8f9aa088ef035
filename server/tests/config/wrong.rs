//! Wrong settings refuse to start, with the setting, the cause and what to do.

use crate::{CANARY, GOOD, read, say};

/// Inserts lines into the good settings: at the top, into the account, and at the end.
fn with(top: &str, account: &str, end: &str) -> String {
    format!("{top}\n{GOOD}\n{account}\n{end}")
}

/// The good settings with one line replaced.
fn instead(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old}");
    GOOD.replace(old, new)
}

/// Shows that these settings are refused for this one cause, in both languages, and that no secret is shown.
pub fn check(text: &str, setting: &str, cause: &str) {
    let Err(problems) = read(text) else {
        panic!("accepted, expected {setting}: {cause}\n{text}");
    };
    let said = say(&problems);
    let found = problems
        .iter()
        .any(|problem| problem.setting == setting && problem.cause.en.contains(cause));
    assert!(found, "expected {setting}: {cause}\n{said}");
    assert_eq!(problems.len(), 1, "one mistake is one problem\n{said}");
    for problem in &problems {
        for words in [&problem.cause, &problem.fix] {
            let chinese = |character| ('\u{4e00}'..='\u{9fff}').contains(&character);
            assert!(
                !words.en.is_empty() && !words.en.contains(chinese),
                "{said}"
            );
            assert!(words.zh.contains(chinese), "{said}");
        }
    }
    assert!(!said.contains("CANARY"), "a secret is shown\n{said}");
}

#[test]
fn top_level() {
    for (text, setting, cause) in [
        (
            with("listen = \"localhost:8080\"", "", ""),
            "listen",
            "no IP address",
        ),
        (with("listen = 8080", "", ""), "listen", "must be a text"),
        (
            with("listne = \"127.0.0.1:1\"", "", ""),
            "listne",
            "no such setting",
        ),
        (
            with("\"a\\u001b\" = 1", "", ""),
            "\"a\\u{1b}\"",
            "no such setting",
        ),
        (
            instead("public_url = \"https://pay.example.com/\"", ""),
            "public_url",
            "missing",
        ),
        (
            instead("https://pay.example.com/", ""),
            "public_url",
            "empty",
        ),
        (
            instead("https://pay.example.com/", "<https://pay.example.com>"),
            "public_url",
            "placeholder",
        ),
        (
            instead("\"2088000000000001\"", "\"<your partner id>\""),
            "accounts.main.partner",
            "placeholder",
        ),
        (
            instead("\"utf-8\"", "\"<utf-8 | gbk | gb2312>\""),
            "accounts.main.charset",
            "placeholder",
        ),
        (
            instead("https://pay.example.com/", "pay.example.com"),
            "public_url",
            "does not begin",
        ),
        (
            instead("https://pay.example.com/", "https://pay.example.com/?a=1"),
            "public_url",
            "query string",
        ),
        (
            instead("https://pay.example.com/", "https://a@pay.example.com/"),
            "public_url",
            "user name",
        ),
        (
            instead("https://pay.example.com/", "https://@pay.example.com/"),
            "public_url",
            "user name",
        ),
        (
            instead("https://pay.example.com/", "https://pay.example.com/#a"),
            "public_url",
            "fragment",
        ),
        (
            instead("https://pay.example.com/", "https://"),
            "public_url",
            "no host",
        ),
        (
            instead("https://pay.example.com/", "https://pay.example.com/ "),
            "public_url",
            "blank",
        ),
        (
            instead(
                "https://pay.example.com/",
                &format!("https://{}.com", "a.".repeat(60)),
            ),
            "public_url",
            "100",
        ),
        (
            instead("database = \"sqlite:data\"", ""),
            "database",
            "missing",
        ),
        (
            instead("sqlite:data", "postgres://u:CANARY@db/x?sslmode=verify-ca"),
            "database",
            "sslrootcert",
        ),
        (
            instead("sqlite:data", "postgres://u:CANARY@db/x?sslmode=always"),
            "database",
            "verify-full",
        ),
        (
            instead("sqlite:data", "postgres://u:CANARY@db:many/x"),
            "database",
            "no URL",
        ),
        (
            instead("sqlite:data", "postgresql://u:CANARY@db/x?pool=0"),
            "database",
            "1 to 64",
        ),
        (instead("sqlite:data", "data"), "database", "no folder"),
        (instead("sqlite:data", "sqlite:"), "database", "no folder"),
        (
            instead("sqlite:data", "sqlite::memory:"),
            "database",
            "no folder",
        ),
        (
            instead("sqlite:data", "sqlite:///data"),
            "database",
            "no folder",
        ),
        (
            with("trusted_proxies = \"127.0.0.1\"", "", ""),
            "trusted_proxies",
            "must be a list",
        ),
        (
            with("trusted_proxies = [\"0.0.0.0/0\"]", "", ""),
            "trusted_proxies[0]",
            "whole internet",
        ),
        (
            with("trusted_proxies = [\"::1\", \"10.0.0.0/33\"]", "", ""),
            "trusted_proxies[1]",
            "neither",
        ),
        (
            with("trusted_proxies = [\"10.0.0.0/+8\"]", "", ""),
            "trusted_proxies[0]",
            "neither",
        ),
        (
            with("trusted_proxies = [\"proxy\"]", "", ""),
            "trusted_proxies[0]",
            "neither",
        ),
        (
            with("", "", "[log]\nlevel = \"loud\""),
            "log.level",
            "none of the words",
        ),
        (
            with("", "", "[log]\nformat = \"xml\""),
            "log.format",
            "none of the words",
        ),
        (with("", "", "[log]\nfile = \"\""), "log.file", "no path"),
        (
            with("", "", "[log]\nroll = true"),
            "log.roll",
            "no such setting",
        ),
    ] {
        check(&text, setting, cause);
    }
}

#[test]
fn a_file_that_is_no_toml_names_the_line_and_shows_none_of_it() {
    for (line, number) in [
        (format!("key = \"{CANARY}"), 2),
        (format!("key = {CANARY}"), 2),
        (format!("key = \"{CANARY}\\q\""), 2),
        (format!("key = \"{CANARY}\"\nkey = \"{CANARY}\""), 3),
        (CANARY.to_owned(), 2),
        (format!("[{CANARY}"), 2),
        (format!("key = \"{CANARY}\" {CANARY}"), 2),
    ] {
        let problems = read(&format!("\n{line}\n")).unwrap_err();
        let said = say(&problems);
        assert!(
            problems[0].setting.starts_with(&format!("line {number}, ")),
            "{said}"
        );
        assert!(problems[0].cause.en.contains("not TOML"), "{said}");
        assert!(!said.contains("CANARY"), "{said}");
    }
}

#[test]
fn accounts() {
    let key = "key = { env = \"KEY\" }\ncharset";
    for (text, setting, cause) in [
        (
            GOOD.split("[accounts").next().unwrap().to_owned(),
            "accounts",
            "no account",
        ),
        (
            instead("[accounts.main]", "[accounts.Main]"),
            "accounts.Main",
            "lower-case",
        ),
        (
            instead("[accounts.main]", "[accounts.\"a/b\"]"),
            "accounts.\"a/b\"",
            "lower-case",
        ),
        (
            instead("gateway = \"alipay\"", ""),
            "accounts.main.gateway",
            "missing",
        ),
        (
            instead("\"alipay\"", "\"paypal\""),
            "accounts.main.gateway",
            "no such gateway",
        ),
        (
            instead("partner = \"2088000000000001\"", ""),
            "accounts.main.partner",
            "missing",
        ),
        (
            instead("2088000000000001", "208800000000000"),
            "accounts.main.partner",
            "16 digits",
        ),
        (
            instead("2088000000000001", " 2088000000000001"),
            "accounts.main.partner",
            "blank",
        ),
        (
            instead("\"2088000000000001\"", "2088000000000001"),
            "accounts.main.partner",
            "must be a text",
        ),
        (
            instead("2088000000000001", CANARY)
                .replace(key, "key = { env = \"PARTNER\" }\ncharset"),
            "accounts.main.partner",
            "swapped",
        ),
        (
            instead(key, "key = { env = \"PARTNER\" }\ncharset"),
            "accounts.main.key",
            "partner id",
        ),
        (instead(key, "charset"), "accounts.main.key", "missing"),
        (
            instead("charset = \"utf-8\"", ""),
            "accounts.main.charset",
            "missing",
        ),
        (
            instead("utf-8", "latin1"),
            "accounts.main.charset",
            "none of the words",
        ),
        (
            with("", "sign_type = \"DSA\"", ""),
            "accounts.main.sign_type",
            "none of the words",
        ),
        (
            with("", "sign_type = \"none\"", ""),
            "accounts.main.sign_type",
            "none of the words",
        ),
        (
            with("", "refunds = \"nopwd\"", ""),
            "accounts.main.refunds",
            "none of the words",
        ),
        (
            with("", "seller_id = \"12\"", ""),
            "accounts.main.seller_id",
            "16 digits",
        ),
        (
            with("", "seller_email = \"a b\"", ""),
            "accounts.main.seller_email",
            "printable",
        ),
        (
            with(
                "",
                "seller_id = \"2088000000000002\"\nseller_email = \"a@example.com\"",
                "",
            ),
            "accounts.main.seller_email",
            "twice",
        ),
        (
            with("", "payee_name = \" \"", ""),
            "accounts.main.payee_name",
            "blanks",
        ),
        (
            with("", "payee_name = \"a\\nb\"", ""),
            "accounts.main.payee_name",
            "one line",
        ),
        (
            with("", "direct_pay = { min = \"0.00\" }", ""),
            "accounts.main.direct_pay.min",
            "no amount above zero",
        ),
        (
            with("", "direct_pay = { max = 500 }", ""),
            "accounts.main.direct_pay.max",
            "text",
        ),
        (
            with("", "direct_pay = { min = \"2.00\", max = \"1.00\" }", ""),
            "accounts.main.direct_pay",
            "min is more than max",
        ),
        (
            with("", "direct_pay = { most = \"1.00\" }", ""),
            "accounts.main.direct_pay.most",
            "",
        ),
        (
            with("", "direct_pay = \"no\"", ""),
            "accounts.main.direct_pay",
            "neither true nor false",
        ),
        (
            with("", "return_hosts = \"shop.example.com\"", ""),
            "accounts.main.return_hosts",
            "must be a list",
        ),
        (
            with(
                "",
                "return_hosts = [\"m.example.com\", \"*.example.com\"]",
                "",
            ),
            "accounts.main.return_hosts[1]",
            "no host as browsers write it",
        ),
        (
            with("", "return_hosts = [\"https://m.example.com\"]", ""),
            "accounts.main.return_hosts[0]",
            "no host",
        ),
        (
            with("", "return_hosts = [443]", ""),
            "accounts.main.return_hosts[0]",
            "must be a text",
        ),
        (
            with(
                "",
                &format!("return_hosts = [{}]", "\"a.example\",".repeat(33)),
                "",
            ),
            "accounts.main.return_hosts",
            "more than 32",
        ),
        (
            with("", "private_key = \"CANARY\"", ""),
            "accounts.main.private_key",
            "belongs to accounts with",
        ),
        (
            with("", "product = \"basic\"", ""),
            "accounts.main.product",
            "no such setting",
        ),
        (
            with("", "anti_fishing = true", ""),
            "accounts.main.anti_fishing",
            "no such setting",
        ),
        (
            with("", "require = \"hint\"", ""),
            "accounts.main.require",
            "none of the words",
        ),
        (
            with("", "require = \"none\"", ""),
            "accounts.main.require",
            "none of the words",
        ),
        (
            with(
                "",
                "require_above = { amount = 500.0, proof = \"queried\" }",
                "",
            ),
            "accounts.main.require_above.amount",
            "must be a text",
        ),
        (
            with(
                "",
                "require_above = { amount = \"5e2\", proof = \"queried\" }",
                "",
            ),
            "accounts.main.require_above.amount",
            "plain digits",
        ),
        (
            with("", "require_above = { amount = \"5\" }", ""),
            "accounts.main.require_above.proof",
            "missing",
        ),
        (
            with("", "require_above = { proof = \"queried\" }", ""),
            "accounts.main.require_above.amount",
            "missing",
        ),
        (
            with(
                "",
                "previous_keys = [{ key = { env = \"OTHER_KEY\" } }]",
                "",
            ),
            "accounts.main.previous_keys[0].until",
            "missing",
        ),
        (
            with(
                "",
                "previous_keys = [{ key = { env = \"OTHER_KEY\" }, until = \"2026-01-01\" }]",
                "",
            ),
            "accounts.main.previous_keys[0].until",
            "no moment",
        ),
        (
            with(
                "",
                "previous_keys = [{ until = \"2026-01-01T00:00:00Z\" }]",
                "",
            ),
            "accounts.main.previous_keys[0].key",
            "missing",
        ),
        (
            with(
                "",
                "previous_keys = [{ key = { env = \"SHORT\" }, until = \"2026-01-01T00:00:00Z\" }]",
                "",
            ),
            "accounts.main.previous_keys[0].key",
            "shorter",
        ),
    ] {
        check(&text, setting, cause);
    }
}

#[test]
fn addresses_of_an_account() {
    for name in [
        "notify_url",
        "return_url",
        "show_url",
        "orders_url",
        "gateway_url",
    ] {
        for (url, cause) in [
            ("", "empty"),
            ("/alipay/notify", "does not begin"),
            ("ftp://a.example/x", "does not begin"),
            ("https://a.example/x?a=1", "query string"),
            ("https://a.example/x?", "query string"),
            ("https://a.example/x#a", "fragment"),
            ("https://CANARY:CANARY@a.example/x", "user name"),
            ("https://a.example/x y", "blank"),
            ("https://a.example/x\\\\y", "backslash"),
            ("https://169.254.169.254/x", "link-local"),
            ("https://[::]/x", "unspecified"),
            ("https://[::ffff:169.254.169.254]/x", "link-local"),
            ("https://a.example:0/x", "port 0"),
            ("https://a.example:99999/x", "no host"),
        ] {
            let text = with("", &format!("{name} = \"{url}\""), "");
            check(&text, &format!("accounts.main.{name}"), cause);
        }
    }
    for url in [
        "http://mapi.alipay.com/gateway.do",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
    ] {
        let text = with("", &format!("gateway_url = \"{url}\""), "");
        check(&text, "accounts.main.gateway_url", "without TLS");
    }
}

#[test]
fn callback_paths() {
    for name in ["notify_url", "return_url"] {
        for (path, cause) in [
            ("", "server's own"),
            ("/", "server's own"),
            ("/v1/orders", "server's own"),
            ("/healthz", "server's own"),
            ("/notify/other", "server's own"),
            ("/notify/main/", "server's own"),
            ("/notify/main/more/more", "server's own"),
            ("/return/main/more", "server's own"),
            ("/return/other", "server's own"),
            ("/pay/abc", "server's own"),
            ("/direct/main", "server's own"),
            ("/a/../b", "not written as it will arrive"),
            ("/a/./b", "not written as it will arrive"),
            ("/%61lipay", "not written as it will arrive"),
            ("/a//b", "not written as it will arrive"),
            ("/{account}", "not written as it will arrive"),
            ("/*all", "not written as it will arrive"),
            ("/:all", "not written as it will arrive"),
        ] {
            let text = with(
                "",
                &format!("{name} = \"https://pay.example.com{path}\""),
                "",
            );
            check(&text, &format!("accounts.main.{name}"), cause);
        }
        let long = format!("{name} = \"https://pay.example.com/{}\"", "a".repeat(170));
        check(
            &with("", &long, ""),
            &format!("accounts.main.{name}"),
            "190",
        );
    }
    // Behind a proxy that takes a folder away, the path that arrives counts as well.
    let folder = instead("https://pay.example.com/", "https://example.com/pay-server");
    let text = format!("{folder}\nnotify_url = \"https://example.com/pay-server/v1/orders\"");
    check(&text, "accounts.main.notify_url", "server's own");
    // And must be one account's, as the path that is written must.
    let inner = format!(
        "{folder}\nnotify_url = \"https://example.com/pay-server/x.php\"\nreturn_url = \"https://example.com/x.php\""
    );
    check(
        &inner,
        "accounts.main.return_url",
        "accounts.main.notify_url already",
    );
    // One path, one account, one kind of callback.
    let same = "notify_url = \"https://a.example/x.php\"\nreturn_url = \"https://b.example/x.php\"";
    check(
        &with("", same, ""),
        "accounts.main.return_url",
        "accounts.main.notify_url already",
    );
    let second = GOOD.split("[accounts.main]").nth(1).unwrap();
    let second = format!("[accounts.second]{second}notify_url = \"https://b.example/x.php\"");
    let text = with("", "notify_url = \"https://a.example/x.php\"", &second);
    check(
        &text,
        "accounts.second.notify_url",
        "accounts.main.notify_url already",
    );
}

#[test]
fn checks() {
    for (lines, setting, cause) in [
        ("strategy = \"never\"", "strategy", "none of the words"),
        ("gaps = []", "gaps", "no step"),
        ("late = []", "late", "no step"),
        ("gaps = \"5s\"", "gaps", "must be a list"),
        ("gaps = [\"5s\", 30]", "gaps[1]", "no span"),
        ("gaps = [\"0s\"]", "gaps[0]", "no span"),
        ("late = [\"6h\", \"1h\"]", "late", "rising"),
        ("late = [\"1h\", \"60m\"]", "late", "rising"),
        ("wait = { every = \"2\" }", "wait.every", "no span"),
        ("wait = { every = \"2m\" }", "wait", "shorter than one gap"),
        (
            "wait = { total = \"1h\" }",
            "wait",
            "longer than 10 minutes",
        ),
        ("wait = { limit = \"1h\" }", "wait.limit", "no such setting"),
        ("every = \"30s\"", "every", "belongs to strategy = \"scan\""),
        (
            "strategy = \"scan\"\ngaps = [\"5s\"]",
            "gaps",
            "belongs to strategy = \"progressive\"",
        ),
        ("strategy = \"scan\"\nchecks = 0", "checks", "from 1 to 100"),
        (
            "strategy = \"scan\"\nchecks = \"10\"",
            "checks",
            "no whole number",
        ),
        ("strategy = \"scan\"\nevery = \"soon\"", "every", "no span"),
        (
            "strategy = \"scan\"\nwindow = \"20s\"",
            "window",
            "shorter than one gap",
        ),
        (
            "strategy = \"scan\"\nwindow = \"25h\"",
            "window",
            "longer than a day",
        ),
    ] {
        let text = with("", "", &format!("[accounts.main.check]\n{lines}"));
        check(&text, &format!("accounts.main.check.{setting}"), cause);
    }
}

#[test]
fn api_keys() {
    for (key, setting, cause) in [
        ("Shop = { env = \"OTHER_KEY\" }", "Shop", "lower-case"),
        ("z = { env = \"KEY\" }", "z", "same key"),
        (
            "b = { env = \"OTHER_KEY\", accounts = [] }",
            "b.accounts",
            "no account",
        ),
        (
            "b = { env = \"OTHER_KEY\", accounts = [\"other\"] }",
            "b.accounts[0]",
            "no account of this name",
        ),
        (
            "b = { env = \"OTHER_KEY\", accounts = \"main\" }",
            "b.accounts",
            "must be a list",
        ),
        (
            "b = { env = \"OTHER_KEY\", acounts = [\"main\"] }",
            "b.acounts",
            "no such setting",
        ),
        ("b = 5", "b", "three forms"),
    ] {
        let text = instead("[accounts.main]", &format!("{key}\n[accounts.main]"));
        check(&text, &format!("api_keys.{setting}"), cause);
    }
}

#[test]
fn webhooks() {
    let good = [
        ("name", "\"shop\""),
        ("url", "\"https://shop.example.com/hooks\""),
        ("secret", "{ env = \"WHSEC\" }"),
    ];
    let hook = |name: &str, value: Option<&str>| {
        let kept = good.iter().filter(|(other, _)| *other != name);
        let kept: String = kept
            .map(|(name, value)| format!("{name} = {value}\n"))
            .collect();
        let new = value
            .map(|value| format!("{name} = {value}\n"))
            .unwrap_or_default();
        with("", "", &format!("[[webhooks]]\n{kept}{new}"))
    };
    for (name, value, cause) in [
        ("name", None, "missing"),
        ("name", Some("\"Shop\""), "lower-case"),
        ("url", None, "missing"),
        (
            "url",
            Some("\"http://shop.example.com/hooks\""),
            "without TLS",
        ),
        (
            "url",
            Some("\"https://a:CANARY@shop.example.com/\""),
            "user name",
        ),
        (
            "url",
            Some("\"https://shop.example.com/?token=CANARY\""),
            "query string",
        ),
        (
            "url",
            Some("\"http://169.254.169.254/latest\""),
            "link-local",
        ),
        ("secret", None, "missing"),
        ("secret", Some("{ env = \"KEY\" }"), "whsec_"),
        ("previous_secret", Some("{ env = \"KEY\" }"), "whsec_"),
        ("disabled", Some("true"), "no such setting"),
    ] {
        check(&hook(name, value), &format!("webhooks[0].{name}"), cause);
    }
    check(
        &hook("accounts", Some("[\"other\"]")),
        "webhooks[0].accounts[0]",
        "no account of this name",
    );
    let twice = hook("accounts", None);
    let second = twice.split_once("[[webhooks]]").unwrap().1;
    check(
        &format!("{twice}\n[[webhooks]]{second}"),
        "webhooks[1].name",
        "another endpoint",
    );
    check(
        &with("", "", "[webhooks]\nname = \"shop\""),
        "webhooks",
        "must be a list",
    );
}

#[test]
fn everything_is_told_at_once() {
    // Seven mistakes in five sections.
    let text = r#"
        listen = "here"
        database = "postgres://db?sslmode=no"
        [api_keys]
        shop = { env = "UNSET" }
        [accounts.main]
        gateway = "alipay"
        partner = "1"
        key = { env = "SHORT" }
        charset = "ebcdic"
        [log]
        levle = "info"
    "#;
    let problems = read(text).unwrap_err();
    let settings: Vec<&str> = problems
        .iter()
        .map(|problem| problem.setting.as_str())
        .collect();
    assert_eq!(
        settings,
        [
            "listen",
            "public_url",
            "database",
            "api_keys.shop",
            "accounts.main.charset",
            "accounts.main.key",
            "accounts.main.partner",
            "log.levle",
        ]
    );
}

#[test]
fn parameters_and_filters() {
    let list = "accounts.main.gateway_options";
    for (account, setting, cause) in [
        (
            "anti_phishing = \"yes\"",
            "accounts.main.anti_phishing",
            "neither true nor false",
        ),
        ("gateway_options = 1", list, "must be a section"),
        (
            "gateway_options = { goods_type = 1 }",
            "accounts.main.gateway_options.goods_type",
            "must be a text",
        ),
        (
            "gateway_options = { goods_type = \"2\" }",
            "accounts.main.gateway_options.goods_type",
            "one of 0, 1",
        ),
        (
            "gateway_options = { qrcode_width = \"9\" }",
            "accounts.main.gateway_options.qrcode_width",
            "qr_pay_mode 4",
        ),
        (
            "gateway_options = { buyer_id = \"2088000000000101\" }",
            "accounts.main.gateway_options.buyer_id",
            "one order",
        ),
        (
            "gateway_options = { total_fee = \"1\" }",
            "accounts.main.gateway_options.total_fee",
            "no such parameter",
        ),
        (
            "gateway_options = { royalty_parameters = [{ payee = \"a\" }] }",
            "accounts.main.gateway_options.royalty_parameters[0].amount",
            "missing",
        ),
        (
            "gateway_options = { royalty_parameters = [{ payee = \"a\", amount = \"1,00\" }] }",
            "accounts.main.gateway_options.royalty_parameters",
            "payee^amount^memo",
        ),
        (
            "seller_email = \"a@example.com\"\ngateway_options = { seller_email = \"a@example.com\" }",
            "accounts.main.gateway_options.seller_email",
            "already",
        ),
        (
            "notify_sources = \"old\"",
            "accounts.main.notify_sources",
            "neither",
        ),
        (
            "notify_sources = []",
            "accounts.main.notify_sources",
            "neither",
        ),
        (
            "notify_sources = true",
            "accounts.main.notify_sources",
            "neither",
        ),
        (
            "notify_sources = [\"0.0.0.0/0\"]",
            "accounts.main.notify_sources[0]",
            "whole internet",
        ),
        (
            "notify_sources = [\"alipay.com\"]",
            "accounts.main.notify_sources[0]",
            "neither",
        ),
        (
            "notify_sources = [1]",
            "accounts.main.notify_sources[0]",
            "must be a text",
        ),
    ] {
        check(&with("", account, ""), setting, cause);
    }
}
