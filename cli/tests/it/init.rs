//! `init`: what it writes works at once for the sandbox, says what is missing for the real gateway, and is the manual.

use crate::program::{Server, command, ended};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(arguments).current_dir(folder).output().unwrap()
}

fn read(folder: &TempDir, file: &str) -> String {
    std::fs::read_to_string(folder.path().join(file)).unwrap()
}

fn free() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn the_example_is_what_init_writes() {
    let folder = tempfile::tempdir().unwrap();
    let told = ended(
        &run(folder.path(), &["init", "--sandbox", "--secrets", "env"]),
        0,
    );
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../quittance.example.toml");
    assert_eq!(
        read(&folder, "quittance.toml"),
        std::fs::read_to_string(example).unwrap()
    );
    assert!(told.contains("export QUITTANCE_API_KEY=") && !folder.path().join("secrets").exists());
}

/// Nothing but the ports is changed: the three programs find each other, sign alike, and the key of the API is found.
#[tokio::test]
async fn init_then_sandbox_then_serve_works_at_once() {
    for lang in ["en", "zh"] {
        let folder = tempfile::tempdir().unwrap();
        let told = ended(
            &run(folder.path(), &["init", "--sandbox", "--lang", lang]),
            0,
        );
        assert!(
            told.contains("quittance serve") && !told.contains("doctor"),
            "{told}"
        );
        let (server, sandbox) = (free(), free());
        let text = read(&folder, "quittance.toml");
        for (ours, default) in [(&server, "127.0.0.1:8080"), (&sandbox, "127.0.0.1:8090")] {
            assert!(text.contains(default), "{default}");
            let text = read(&folder, "quittance.toml").replace(default, ours);
            std::fs::write(folder.path().join("quittance.toml"), text).unwrap();
        }
        let mut gateway = command(&["sandbox", "--listen", &sandbox]);
        let _gateway = Server::start(&mut gateway, &format!("http://{sandbox}/")).await;
        let mut serve = command(&["serve"]);
        serve.current_dir(folder.path());
        let _server = Server::start(&mut serve, &format!("http://{server}/readyz")).await;
        let create = [
            "order",
            "create",
            "--account",
            "main",
            "--order-no",
            "A-1",
            "--subject",
            "茶",
            "--amount",
            "0.01",
        ];
        ended(&run(folder.path(), &create), 0);
        // The gateway would answer a wrong signature with an error, which is no answer.
        let verified = ended(
            &run(folder.path(), &["order", "verify", "main/A-1", "--json"]),
            0,
        );
        assert!(verified.contains("\"not_found\""), "{verified}");
    }
}

#[test]
fn secrets_are_fresh_and_only_their_owners() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let drawn = folders.each_ref().map(|folder| {
        let told = ended(&run(folder.path(), &["init"]), 0);
        for file in [
            "quittance.toml",
            "secrets/api.key",
            "secrets/webhook.secret",
        ] {
            assert!(told.contains(file), "{told}");
            let mode = std::fs::metadata(folder.path().join(file))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        let drawn = [
            read(folder, "secrets/api.key"),
            read(folder, "secrets/webhook.secret"),
        ];
        for secret in &drawn {
            assert!(
                !told.contains(secret.trim())
                    && !read(folder, "quittance.toml").contains(secret.trim())
            );
        }
        assert!(
            drawn[0].trim().len() == 64 && drawn[1].starts_with("whsec_"),
            "{drawn:?}"
        );
        drawn
    });
    assert_ne!(drawn[0], drawn[1]);
}

/// What is left open is told at once, and again by the server, which refuses to start with it.
#[test]
fn placeholders_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        "public_url",
        "accounts.main.partner",
        "accounts.main.charset",
    ];
    let told = ended(&run(folder.path(), &["init"]), 0);
    assert!(
        told.contains("ALIPAY_KEY") && told.contains("--account main"),
        "{told}"
    );
    let mut serve = command(&["serve"]);
    let key = "0123456789abcdefghijklmnopqrstuv";
    let refused = serve
        .current_dir(folder.path())
        .env("ALIPAY_KEY", key)
        .output()
        .unwrap();
    let refused = ended(&refused, 2);
    for setting in settings {
        assert!(told.contains(setting), "{told}");
        assert!(
            refused.contains(&format!("{setting}: this is a placeholder")),
            "{refused}"
        );
    }
    assert!(refused.contains("3 things are wrong"), "{refused}");
}

#[test]
fn filled_in_by_options_it_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("contract.key");
    std::fs::write(&key, "0123456789abcdefghijklmnopqrstuv\n").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let complete = [
        "--config",
        "settings/quittance.toml",
        "init",
        "--gateway",
        "alipay",
        "--partner",
        "2088123412341234",
        "--key-file",
        "contract.key",
        "--charset",
        "gbk",
        "--public-url",
        "https://pay.example.com",
        "--seller-email",
        "tea@example.com",
        "--webhook-url",
        "https://shop.example.com/hooks",
    ];
    let told = ended(&run(folder.path(), &complete), 0);
    assert!(
        !told.contains("fill in") && told.contains("--config settings/quittance.toml"),
        "{told}"
    );
    // The next command reads them, and only misses what `serve` makes.
    let next = ended(
        &run(
            folder.path(),
            &["--config", "settings/quittance.toml", "journal", "verify"],
        ),
        2,
    );
    assert!(next.contains("there is no database"), "{next}");
    let text = read(&folder, "settings/quittance.toml");
    for line in [
        "charset = \"gbk\"",
        "seller_email = \"tea@example.com\"",
        "[[webhooks]]",
        "# gateway_url = \"https://mapi.alipay.com/gateway.do\"",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}");
    }
}

#[test]
fn a_value_that_the_server_refuses_writes_nothing() {
    for (option, value, setting) in [
        ("--partner", "2088", "accounts.main.partner"),
        ("--charset", "latin1", "accounts.main.charset"),
        ("--public-url", "pay.example.com", "public_url"),
        ("--key-file", "no-such-file", "accounts.main.key"),
        ("--key-env", "not a name", "accounts.main.key"),
        (
            "--webhook-url",
            "http://shop.example.com/x",
            "webhooks[0].url",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let told = ended(&run(folder.path(), &["init", option, value]), 2);
        assert!(
            told.contains(setting) && told.contains("Nothing was written"),
            "{told}"
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn nothing_is_overwritten_unasked_and_secrets_never() {
    let folder = tempfile::tempdir().unwrap();
    ended(&run(folder.path(), &["init"]), 0);
    let (settings, secret) = (
        read(&folder, "quittance.toml"),
        read(&folder, "secrets/api.key"),
    );
    let told = ended(&run(folder.path(), &["init", "--sandbox"]), 2);
    assert!(
        told.contains("--force") && read(&folder, "quittance.toml") == settings,
        "{told}"
    );
    let told = ended(&run(folder.path(), &["init", "--sandbox", "--force"]), 0);
    assert!(told.contains("kept as it was"), "{told}");
    assert_ne!(read(&folder, "quittance.toml"), settings);
    assert_eq!(read(&folder, "secrets/api.key"), secret);
}
