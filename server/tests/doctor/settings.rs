//! Settings that the server refuses or warns of (seed 001 5.2 1A, 1C, 1D, 3B).

use crate::world::{Wishes, World};
use quittance_server::doctor::Verdict;

/// An account at Dinpay.
pub const DING: &str = r#"
[accounts.ding]
gateway = "dinpay"
merchant_code = "1000000001"
sign_type = "MD5"
key = { env = "KEY" }
charset = "utf-8"
gateway_url = "{gateway}/dinpay/gateway"
query_url = "{gateway}/dinpay/query"
"#;

/// An account at CodePay.
pub const COUNTER: &str = r#"
[accounts.counter]
gateway = "codepay"
app_id = "wzTESTAPP00000001"
merchant_no = "300000000001"
terminal = "TESTSN0000000001"
currency = "USD"
private_key = { env = "CODEPAY_PRIVATE" }
gateway_public_key = { env = "CODEPAY_PUBLIC" }
gateway_url = "{gateway}"
"#;

/// Settings of pairs in the place of the shared key.
pub const PAIR: &str = "sign_type = \"RSA\"\nprivate_key = { env = \"PRIVATE\" }\ngateway_public_key = { env = \"PUBLIC\" }";

async fn refused(old: &'static str, new: &str, check: &str, code: &str) {
    let world = World::with(Wishes {
        running: false,
        ..Wishes::edited(&[(old, new)])
    })
    .await;
    world.fails(false, check, code).await;
}

#[tokio::test]
async fn what_keeps_the_server_from_starting_is_told_by_its_check() {
    let partner = "partner = \"2088000000000001\"";
    let key = "key = { env = \"KEY\" }";
    for (old, new, check, code) in [
        (key, "key = { env = \"BLANK_KEY\" }", "ids-and-keys", "key"),
        (key, "key = { env = \"PARTNER\" }", "ids-and-keys", "key"),
        (key, "key = { env = \"NOT_SET\" }", "ids-and-keys", "key"),
        (key, "", "ids-and-keys", "key"),
        (
            partner,
            "partner = \"208800000000001\"",
            "ids-and-keys",
            "partner",
        ),
        (
            partner,
            "partner = \" 2088000000000001\"",
            "ids-and-keys",
            "partner",
        ),
        (
            partner,
            "partner = \"0123456789abcdefghijklmnopqrstuv\"",
            "ids-and-keys",
            "partner",
        ),
        (
            key,
            "sign_type = \"RSA\"\nprivate_key = { env = \"PRIVATE\" }\ngateway_public_key = { env = \"OWN_PUBLIC\" }",
            "ids-and-keys",
            "gateway_public_key",
        ),
        (
            "charset = \"utf-8\"",
            "charset = \"latin-1\"",
            "charset",
            "charset",
        ),
        (
            partner,
            "partner = \"2088000000000001\"\nnotify_url = \"http://127.0.0.1/n.php?id=1\"",
            "addresses",
            "notify_url",
        ),
        (
            partner,
            "partner = \"2088000000000001\"\nreturn_url = \"http://127.0.0.1/r.php?id=1\"",
            "addresses",
            "return_url",
        ),
        (
            partner,
            "partner = \"2088000000000001\"\nshow_url = \"http://127.0.0.1/order?id=1\"",
            "addresses",
            "show_url",
        ),
        (
            partner,
            "partner = \"2088000000000001\"\nnotify_url = \"/notify.php\"",
            "addresses",
            "notify_url",
        ),
        (
            "[accounts.main.check]",
            "[accounts.main.chekc]",
            "settings",
            "chekc",
        ),
    ] {
        refused(old, new, check, code).await;
    }
}

#[tokio::test]
async fn a_gateway_without_a_second_opinion_confirms_nothing() {
    let world = World::with(Wishes {
        running: false,
        more: format!("{DING}require = \"confirmed\"\n"),
        ..Wishes::default()
    })
    .await;
    world.fails(false, "proof", "require").await;
}

/// The server starts, and no notify will ever come.
#[tokio::test]
async fn a_live_gateway_cannot_call_a_local_address() {
    let live = ("gateway_url = \"", "# gateway_url = \"");
    let world = World::with(Wishes {
        running: false,
        ..Wishes::edited(&[live])
    })
    .await;
    let found = world.fails(false, "addresses", "notify_local").await;
    assert_eq!(found.account.as_deref(), Some("main"));

    // A return page on this machine is good for a test of one's own.
    let notify = "partner = \"2088000000000001\"\nnotify_url = \"https://pay.example.com/n.php\"";
    let world = World::with(Wishes {
        running: false,
        ..Wishes::edited(&[live, ("partner = \"2088000000000001\"", notify)])
    })
    .await;
    world
        .tells(false, "addresses", "return_local", Verdict::Warn)
        .await;

    let plain = "partner = \"2088000000000001\"\nnotify_url = \"http://pay.example.com/n.php\"\nreturn_url = \"http://pay.example.com/r.php\"";
    let world = World::with(Wishes {
        running: false,
        ..Wishes::edited(&[live, ("partner = \"2088000000000001\"", plain)])
    })
    .await;
    world
        .tells(false, "addresses", "plain_http", Verdict::Warn)
        .await;
}

#[tokio::test]
async fn a_secret_that_others_can_read_is_told() {
    let literal = "key = \"0123456789abcdefghijklmnopqrstuv\"";
    let edit = ("key = { env = \"KEY\" }", literal);
    let world = World::with(Wishes {
        running: false,
        mode: 0o644,
        ..Wishes::edited(&[edit])
    })
    .await;
    let found = world.report(false).await;
    let told: Vec<&str> = found
        .findings
        .iter()
        .filter(|one| one.check.name() == "secret-files" && one.verdict == Verdict::Warn)
        .map(|one| one.code.as_str())
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");

    // A file of its own that others can read is refused at the start.
    let world = World::with(Wishes {
        running: false,
        ..Wishes::edited(&[(
            "key = { env = \"KEY\" }",
            "key = { file = \"merchant.key\" }",
        )])
    })
    .await;
    std::fs::write(world.folder.path().join("merchant.key"), crate::world::KEY).unwrap();
    world.fails(false, "secret-files", "key").await;
}

#[tokio::test]
async fn less_proof_than_the_guide_asks_for_is_told() {
    let weak = "partner = \"2088000000000001\"\nrequire = \"signed\"";
    let world = World::with(Wishes {
        running: false,
        ..Wishes::edited(&[("partner = \"2088000000000001\"", weak)])
    })
    .await;
    let report = world.report(false).await;
    let first = report.first().unwrap();
    assert_eq!(
        (first.check.name(), first.verdict),
        ("proof", Verdict::Warn),
        "{first:?}"
    );
    let told = report
        .findings
        .iter()
        .filter(|one| one.check == first.check);
    assert_eq!(told.count(), 1, "it is told once");
}
