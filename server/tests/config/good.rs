//! Good settings: defaults, everything set, the environment, warnings, and the example that is the manual.

use crate::{CANARY, GOOD, accept, env, read, workspace};
use quittance_core::facts::Proof;
use quittance_core::gateway::RefundWay;
use quittance_core::money::{Currency, Money};
use quittance_server::config;
use quittance_server::setup::DirectPay;
use quittance_server::store::Database;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[test]
fn what_is_left_out_has_its_default() {
    let (setup, warnings) = accept(GOOD);
    assert!(warnings.is_empty());
    assert_eq!(setup.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(setup.public_url, "https://pay.example.com");
    assert_eq!(
        setup.database,
        Database::Folder("/etc/quittance/data".into())
    );
    assert_eq!(
        (setup.api_keys.len(), &setup.api_keys[0].accounts),
        (1, &None)
    );
    assert_eq!((setup.log.level.as_str(), setup.log.json), ("info", false));
    assert!(
        setup.log.file.is_none() && setup.webhooks.is_empty() && setup.trusted_proxies.is_empty()
    );
    let account = &setup.accounts["main"];
    assert!(account.live);
    assert_eq!(account.wait.every, Duration::from_secs(2));
    assert_eq!(account.wait.total, Duration::from_secs(60));
    let policy = &account.policy;
    assert_eq!(policy.gateway, "alipay");
    assert_eq!(policy.payee, "2088000000000001");
    assert_eq!(policy.require, Proof::Confirmed);
    assert_eq!(policy.require_above, None);
    assert_eq!(policy.gaps_secs, [5, 30, 60, 180, 300, 600, 1800]);
    assert_eq!(policy.late_secs, [3600, 18_000, 64_800]);
    assert!(policy.close);
    assert_eq!(policy.key_ids, account.account.gateway().key_ids());
    assert_eq!(
        account.notify_address(&setup.public_url),
        "https://pay.example.com/notify/main"
    );
    assert_eq!((account.notify_path(), account.return_path()), (None, None));
    assert!(account.direct_pay == Some(DirectPay::default()) && account.return_hosts.is_empty());
    assert_eq!(account.orders_url, None);
    assert_eq!(account.account.gateway().refunds(), Ok(RefundWay::Page));
}

/// Shows that a shop without a page of orders leads its buyers to the page that shows what is bought.
#[test]
fn the_orders_page_is_by_default_the_page_of_what_is_bought() {
    let (setup, _) = accept(&format!(
        "{GOOD}\nshow_url = \"https://shop.example.com/goods\""
    ));
    let orders_url = setup.accounts["main"].orders_url.as_deref();
    assert_eq!(orders_url, Some("https://shop.example.com/goods"));
}

#[test]
fn everything_can_be_set() {
    let (setup, warnings) = accept(
        r#"
        listen = "[::1]:9000"
        public_url = "https://example.com/pay-server/"
        database = "sqlite:/var/lib/quittance"
        trusted_proxies = ["127.0.0.1", "10.1.0.0/8", "fd00::/8", "::ffff:192.0.2.1"]
        [api_keys]
        shop = { env = "KEY" }
        limited = { env = "OTHER_KEY", accounts = ["main"] }
        [accounts.main]
        gateway = "alipay"
        partner = "2088000000000001"
        key = { env = "KEY" }
        sign_type = "MD5"
        charset = "gb2312"
        seller_email = "seller@example.com"
        payee_name = "示例茶庄"
        refunds = "direct"
        show_url = "https://shop.example.com/goods"
        orders_url = "https://shop.example.com/orders"
        return_hosts = ["m.example.com", "127.0.0.1:3000"]
        direct_pay = false
        notify_url = "https://shop.example.com/alipay/notify_url.php"
        return_url = "https://shop.example.com/alipay/return_url.php"
        gateway_url = "http://127.0.0.1:8090/gateway.do"
        require = "confirmed"
        require_above = { amount = "500.00", proof = "queried" }
        previous_keys = [
            { key = { env = "OTHER_KEY" }, until = "2026-01-01T00:00:00Z" },
            { key = { env = "OTHER_KEY" }, until = 2026-01-01T08:00:00+08:00 },
        ]
        [accounts.main.check]
        strategy = "progressive"
        gaps = ["1s", "2m"]
        late = ["30m", "2h"]
        wait = { every = "3s", total = "90s" }
        [accounts.second]
        gateway = "alipay"
        partner = "2088000000000001"
        key = { env = "KEY" }
        charset = "gbk"
        direct_pay = { min = "1.00", max = "5000.00" }
        notify_url = "https://example.com/pay-server/notify/second"
        gateway_url = "http://sandbox.localhost:8090/gateway.do"
        [[webhooks]]
        name = "shop"
        url = "http://10.0.0.5/hooks"
        secret = { env = "WHSEC" }
        accounts = ["main", "second"]
        [log]
        level = "debug"
        format = "json"
        file = "quittance.log"
        "#,
    );
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(setup.listen.to_string(), "[::1]:9000");
    assert_eq!(setup.public_url, "https://example.com/pay-server");
    assert_eq!(
        setup.database,
        Database::Folder("/var/lib/quittance".into())
    );
    let proxy = |address: &str| {
        let address: IpAddr = address.parse().unwrap();
        setup
            .trusted_proxies
            .iter()
            .any(|range| range.contains(address))
    };
    assert!(proxy("127.0.0.1") && proxy("10.200.0.1") && proxy("fd12::1") && proxy("192.0.2.1"));
    assert!(!proxy("127.0.0.2") && !proxy("11.0.0.1") && !proxy("fe80::1"));
    let limited = setup
        .api_keys
        .iter()
        .find(|key| key.name == "limited")
        .unwrap();
    assert_eq!(limited.accounts.as_ref().unwrap().len(), 1);
    let main = &setup.accounts["main"];
    assert!(!main.live && !setup.accounts["second"].live);
    assert_eq!(main.payee_name.as_deref(), Some("示例茶庄"));
    assert_eq!(main.account.gateway().refunds(), Ok(RefundWay::Call));
    assert_eq!(
        main.orders_url.as_deref(),
        Some("https://shop.example.com/orders")
    );
    let hosts = ["127.0.0.1:3000".to_owned(), "m.example.com".to_owned()];
    assert_eq!(main.return_hosts, hosts.into());
    assert_eq!(main.direct_pay, None);
    let limits = setup.accounts["second"].direct_pay.unwrap();
    let cny = |minor| Some(Money::new(minor, Currency::CNY));
    assert_eq!((limits.min, limits.max), (cny(100), cny(500_000)));
    let admits = |minor| limits.admit(Money::new(minor, Currency::CNY));
    assert_eq!(
        [99, 100, 500_000, 500_001].map(admits),
        [false, true, true, false]
    );
    assert_eq!(main.policy.payee, "seller@example.com");
    assert_eq!(main.policy.key_ids.len(), 3);
    let above = main.policy.require_above.unwrap();
    assert_eq!(above.amount, Money::new(50_000, Currency::CNY));
    assert_eq!(above.proof, Proof::Queried);
    assert_eq!(main.policy.gaps_secs, [1, 120]);
    assert_eq!(main.policy.late_secs, [1800, 5400]);
    assert_eq!(main.wait.total, Duration::from_secs(90));
    assert_eq!(
        main.notify_path().as_deref(),
        Some("/alipay/notify_url.php")
    );
    assert_eq!(
        main.return_path().as_deref(),
        Some("/alipay/return_url.php")
    );
    assert_eq!(setup.webhooks["shop"].accounts.as_ref().unwrap().len(), 2);
    assert!(setup.log.json);
    assert_eq!(
        setup.log.file,
        Some(PathBuf::from("/etc/quittance/quittance.log"))
    );
}

#[test]
fn the_environment_replaces_three_settings() {
    let env = |name: &str| match name {
        "QUITTANCE_LISTEN" => Some("0.0.0.0:80".to_owned()),
        "QUITTANCE_PUBLIC_URL" => Some("https://other.example.com".to_owned()),
        "QUITTANCE_DATABASE" => Some("sqlite:/data".to_owned()),
        name => env(name),
    };
    let (setup, _) = config::read(GOOD, Path::new(""), &env).unwrap();
    assert_eq!(setup.listen.to_string(), "0.0.0.0:80");
    assert_eq!(setup.public_url, "https://other.example.com");
    assert_eq!(setup.database, Database::Folder("/data".into()));
    // What is wrong there is complained about under the variable's name.
    let env = |name: &str| match name {
        "QUITTANCE_LISTEN" => Some(String::new()),
        name => env(name),
    };
    let problems = config::read(GOOD, Path::new(""), &env).unwrap_err();
    assert_eq!(problems[0].setting, "QUITTANCE_LISTEN");
}

#[test]
fn what_is_good_enough_to_start_is_still_said() {
    let local = GOOD.replace("https://pay.example.com/", "http://127.0.0.1:8080");
    for (text, setting, cause) in [
        (
            format!("{GOOD}require = \"signed\""),
            "accounts.main.require",
            "less than the gateway's own guide",
        ),
        (local, "public_url", "cannot reach"),
        (
            format!("{GOOD}notify_url = \"http://192.168.1.9/alipay/notify_url.php\""),
            "accounts.main.notify_url",
            "cannot reach",
        ),
        (
            format!("{GOOD}require_above = {{ amount = \"1\", proof = \"confirmed\" }}"),
            "accounts.main.require_above.proof",
            "changes nothing",
        ),
    ] {
        let (_, warnings) = accept(&text);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert_eq!(warnings[0].setting, setting);
        assert!(warnings[0].cause.en.contains(cause), "{warnings:?}");
    }
}

#[test]
fn the_default_callback_addresses_may_be_written_out() {
    let text = format!(
        "{GOOD}notify_url = \"https://pay.example.com/notify/main/second\"\nreturn_url = \"https://pay.example.com/return/main\""
    );
    assert!(read(&text).is_ok());
}

/// The second strategy of the guide, with its numbers or with others (seed 002 4.2).
#[test]
fn a_scan() {
    let scan = |lines: &str| {
        let text = format!("{GOOD}[accounts.main.check]\nstrategy = \"scan\"\n{lines}");
        let policy = accept(&text).0.accounts["main"].policy.clone();
        (policy.gaps_secs, policy.scan_secs)
    };
    assert_eq!(scan(""), (vec![30; 10], Some(600)));
    let other = "every = \"10s\"\nwindow = \"2m\"\nchecks = 5";
    assert_eq!(scan(other), (vec![10; 5], Some(120)));
    let (usual, _) = accept(GOOD);
    assert_eq!(usual.accounts["main"].policy.scan_secs, None);
}

#[test]
fn the_example_works_as_it_is() {
    let env = |name: &str| match name {
        "QUITTANCE_API_KEY" | "ALIPAY_KEY" => Some(CANARY.to_owned()),
        _ => None,
    };
    let (setup, warnings) =
        config::load(&workspace().join("quittance.example.toml"), &env).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let account = &setup.accounts["main"];
    assert!(!account.live);
    // What the example writes out as defaults are the defaults.
    let (default, _) = accept(GOOD);
    assert_eq!(
        account.policy.gaps_secs,
        default.accounts["main"].policy.gaps_secs
    );
    assert_eq!(
        account.policy.late_secs,
        default.accounts["main"].policy.late_secs
    );
    assert_eq!(account.wait, default.accounts["main"].wait);
    assert_eq!((setup.listen, setup.log), (default.listen, default.log));
}

/// The example with the "# " taken off every line that is a setting or a section, but those that are named here, each
/// with its section; and how many those were.
fn example_with_all_but(left_out: &[(&str, &str)]) -> (String, usize) {
    let text = std::fs::read_to_string(workspace().join("quittance.example.toml")).unwrap();
    let is_heading = |line: &str| line.starts_with('[') && line.ends_with(']');
    let name = |line: &str| line.split(" = ").next().unwrap_or("").to_owned();
    let is_setting = |line: &str| {
        line.contains(" = ")
            && name(line)
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let (mut shown, mut section) = (0, String::new());
    let lines = text.lines().map(|line| {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        if is_heading(bare) {
            section = bare.to_owned();
        }
        let out = left_out
            .iter()
            .any(|(of, setting)| *of == section && *setting == name(bare));
        if bare != line && !out && (is_heading(bare) || is_setting(bare)) {
            shown += 1;
            return bare;
        }
        line
    });
    let text = lines.collect::<Vec<_>>().join("\n").replace(
        "{ file = \"secrets/warehouse.key\"",
        "{ env = \"OTHER_KEY\"",
    );
    let text = text
        .replace(
            "{ file = \"secrets/dinpay_private.pem\" }",
            "{ env = \"PRIVATE\" }",
        )
        .replace(
            "{ file = \"secrets/dinpay_public.pem\" }",
            "{ env = \"GATEWAY\" }",
        )
        .replace(
            "{ file = \"secrets/codepay_private.pem\" }",
            "{ env = \"CODEPAY_PRIVATE\" }",
        )
        .replace(
            "{ file = \"secrets/codepay_public.pem\" }",
            "{ env = \"CODEPAY_GATEWAY\" }",
        );
    (text, shown)
}

const MAIN: &str = "[accounts.main]";

#[test]
fn what_the_example_shows_as_possible_is_possible() {
    // One of the two sellers, and the keys of one of the two kinds of signature.
    let left_out = ["seller_email", "private_key", "gateway_public_key"];
    let (text, shown) = example_with_all_but(&left_out.map(|name| (MAIN, name)));
    let env = |name: &str| match name {
        "SHOP_WEBHOOK_SECRET" | "SHOP_WEBHOOK_SECRET_BEFORE" => env("WHSEC"),
        "ALIPAY_KEY_BEFORE" => env("OTHER_KEY"),
        "QUITTANCE_API_KEY" | "ALIPAY_KEY" => env("KEY"),
        name => crate::pairs::env(name),
    };
    let read = config::read(&text, Path::new(""), &env);
    let (setup, warnings) = read.unwrap_or_else(|problems| panic!("{}", crate::say(&problems)));
    // The accounts at Dinpay and CodePay are live ones, and the example's public_url is for the sandbox.
    let said: Vec<&str> = warnings.iter().map(|warning| &*warning.setting).collect();
    assert_eq!(said, ["public_url"; 2], "{warnings:?}");
    assert_eq!(shown, 48);
    assert!(setup.webhooks["shop"].previous_secret.is_some());
    assert_eq!(setup.accounts["main"].policy.key_ids.len(), 2);
    // What it writes out as Dinpay's defaults are the defaults.
    let debug = |name: &str, text: &str| {
        let read = config::read(text, Path::new(""), &env).unwrap();
        format!("{:?}", read.0.accounts[name].account)
    };
    let addresses =
        ["gateway_url", "query_url", "cross_border"].map(|name| ("[accounts.ding]", name));
    let (plain, _) =
        example_with_all_but(&[&left_out.map(|name| (MAIN, name))[..], &addresses[..]].concat());
    assert_eq!(debug("ding", &text), debug("ding", &plain));
    assert!(setup.accounts["ding"].live);
}

/// Shows that further parameters reach the gateway's folder, royalties as a list or as a text, and that a filter is the
/// list that is named.
#[test]
fn an_account_may_ask_for_more_and_hear_less() {
    let more = |account: &str| accept(&format!("{GOOD}\n{account}")).0.accounts["main"].clone();
    let debug = |account: &str| format!("{:?}", more(account).account);
    let list = "gateway_options = { goods_type = \"0\", royalty_parameters = [\
                { payee = \"a@example.com\", amount = \"0.10\", memo = \"分成\" }, \
                { payer = \"a@example.com\", payee = \"b@example.com\", amount = \"0.05\" }] }";
    let text = "gateway_options = { goods_type = \"0\", royalty_parameters = \
                \"a@example.com^0.10^分成|a@example.com^b@example.com^0.05^\" }";
    assert_eq!(debug(list), debug(text));
    assert!(debug(list).contains("goods_type"), "{}", debug(list));
    let call = |account: &str| {
        let call = quittance_core::gateway::CheckoutCall {
            notify_url: String::new(),
            return_url: String::new(),
            client_ip: Some("203.0.113.9".into()),
            token: None,
            via_get: true,
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        more(account)
            .account
            .gateway()
            .checkout_token(&call)
            .unwrap()
    };
    assert!(call("anti_phishing = true").is_some() && call("").is_none());

    let hears = |setting: &str, address: &str| {
        let account = more(&format!("notify_sources = {setting}"));
        account.hears(Some(address.parse().unwrap()))
    };
    assert!(more("").hears(None) && hears("\"off\"", "192.0.2.1"));
    assert!(hears("\"seed\"", "121.0.26.7") && !hears("\"seed\"", "110.75.130.3"));
    assert!(hears("\"modern\"", "110.75.130.3") && !hears("\"modern\"", "121.0.26.7"));
    assert!(hears("[\"192.0.2.0/24\"]", "192.0.2.1") && !hears("[\"192.0.2.0/24\"]", "192.0.3.1"));
    assert!(!more("notify_sources = [\"192.0.2.1\"]").hears(None));
}

#[test]
fn what_the_example_shows_for_rsa_is_possible() {
    let (text, _) = example_with_all_but(&[(MAIN, "seller_email"), (MAIN, "previous_keys")]);
    let text = text
        .replace("\nkey = { env = \"ALIPAY_KEY\" }\n", "\n")
        .replace("sign_type = \"MD5\"", "sign_type = \"RSA\"")
        .replace(
            "{ file = \"secrets/merchant_private.pem\" }",
            "{ env = \"PRIVATE\" }",
        )
        .replace(
            "{ file = \"secrets/alipay_public.pem\" }",
            "{ env = \"GATEWAY\" }",
        );
    let env = |name: &str| match name {
        "SHOP_WEBHOOK_SECRET" | "SHOP_WEBHOOK_SECRET_BEFORE" => env("WHSEC"),
        "QUITTANCE_API_KEY" => env("KEY"),
        name => crate::pairs::env(name),
    };
    let read = config::read(&text, Path::new(""), &env);
    let (setup, _) = read.unwrap_or_else(|problems| panic!("{}", crate::say(&problems)));
    assert_eq!(setup.accounts["main"].policy.key_ids.len(), 2);
}

#[test]
fn a_file_that_is_not_there_is_a_problem_with_a_way_out() {
    let error = config::load(Path::new("/nowhere/quittance.toml"), &env).unwrap_err();
    assert_eq!(error.problems.len(), 1);
    let said = error.to_string();
    assert!(
        said.starts_with("/nowhere/quittance.toml cannot be used") && said.contains("--config"),
        "{said}"
    );
}
