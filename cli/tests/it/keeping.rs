//! `journal archive`, `restore` and `erase`: what a person at the terminal sees of them.

use crate::program::{Merchant, ended, told};
use quittance_core::Timestamp;
use quittance_core::entry::{Direction, Record, What};
use quittance_server::clock::SystemClock;
use quittance_server::store::{DatabaseStore, Genesis, NewEntry, Opening, Store};
use quittance_server::view::Viewer;
use serde_json::json;
use std::sync::Arc;

/// A journal that began years ago.
async fn old(merchant: &Merchant) {
    let at: Timestamp = "2024-03-01T00:00:00Z".parse().unwrap();
    let mut genesis = Genesis::new(&SystemClock::new());
    genesis.at = at;
    let opening = Opening {
        render: Arc::new(Viewer {
            public_url: merchant.url.clone(),
        }),
        genesis,
        fatal: Box::new(|what| panic!("{what}")),
    };
    let folder = merchant.database().parent().unwrap().to_owned();
    let store = DatabaseStore::threaded(&folder, opening).unwrap();
    let version = "0.1.0".to_owned();
    let started = Record::new(Direction::Own, What::Started { version });
    let old = NewEntry::new(at, started).with_body("an old message");
    store.append(vec![old]).await.unwrap();
}

#[tokio::test]
async fn what_is_old_moves_away_and_a_buyer_is_forgotten() {
    let merchant = Merchant::new("http://127.0.0.1:9/gateway.do", "utf-8");
    old(&merchant).await;
    let server = merchant.serve().await;
    let create = ["order", "create", "--account", "main", "--subject", "茶"];
    let made = ["--amount", "0.01", "--order-no", "A-1"];
    ended(&merchant.run(&[&create[..], &made].concat()), 0);
    ended(
        &merchant.run(&["order", "note", "main/A-1", "calls at noon"]),
        0,
    );
    let file = merchant.config().with_file_name("2024.jsonl");
    let file = file.to_str().unwrap();
    let archive = ["journal", "archive", "--to", file, "--before"];
    let archive = |before: &'static str| [&archive[..], &[before]].concat();
    let busy = ended(&merchant.run(&archive("2025-01-01T00:00:00Z")), 2);
    assert!(busy.contains("in use"), "{busy}");
    assert_eq!(server.terminate().code(), Some(0));

    let young = ended(&merchant.run(&archive("2999-01-01T00:00:00Z")), 2);
    assert!(young.contains("last 7 days"), "{young}");
    let nothing = [&["--lang", "zh"], &archive("2023-01-01T00:00:00Z")[..]].concat();
    let nothing = ended(&merchant.run(&nothing), 2);
    assert!(nothing.contains("未移动任何内容"), "{nothing}");
    let before = told(&merchant.run(&["journal", "verify", "--json"]));
    let moved = ended(&merchant.run(&archive("2025-01-01T00:00:00Z")), 0);
    assert!(
        moved.contains("Keep it") && moved.contains("1…2"),
        "{moved}"
    );
    let verified = ended(&merchant.run(&["journal", "verify"]), 0);
    assert!(verified.contains("up to 2 are in archives"), "{verified}");
    let whole = ["journal", "verify", "--archive", file, "--json"];
    let whole = told(&merchant.run(&whole));
    assert_eq!(
        (&whole["archived"], &whole["bodies"]),
        (&json!(0), &before["bodies"])
    );
    let check = ended(&merchant.run(&["journal", "rebuild", "--check"]), 2);
    assert!(check.contains("quittance journal restore"), "{check}");

    // The server goes on.
    let server = merchant.serve().await;
    let shown = ended(&merchant.run(&["journal", "show", "main/A-1"]), 0);
    assert!(shown.contains("calls at noon"), "{shown}");
    assert_eq!(server.terminate().code(), Some(0));
    let unknown = ended(&merchant.run(&["journal", "erase", "main/A-2"]), 2);
    assert!(unknown.contains("there is no order main/A-2"), "{unknown}");
    let erased = ended(&merchant.run(&["journal", "erase", "main/A-1"]), 0);
    for part in ["raw messages", "with --archive FILE"] {
        assert!(erased.contains(part), "{part} in {erased}");
    }
    let shown = ended(&merchant.run(&["journal", "show", "main/A-1"]), 0);
    assert!(!shown.contains("calls at noon"), "{shown}");
    assert!(shown.contains("personal data were erased"), "{shown}");
    let there = [
        "journal",
        "erase",
        "--before",
        "2025-01-01T00:00:00Z",
        "--archive",
        file,
        "--json",
    ];
    assert_eq!(told(&merchant.run(&there))["entries"], 1);
    for nothing in [
        &["journal", "erase"][..],
        &["journal", "erase", "--archive", file],
    ] {
        let asked = ended(&merchant.run(nothing), 2);
        assert!(asked.contains("required"), "{asked}");
    }

    let back = told(&merchant.run(&["journal", "restore", file, "--json"]));
    assert_eq!((&back["through"], &back["bodies"]), (&json!(2), &json!(0)));
    let again = ended(&merchant.run(&["journal", "restore", file]), 2);
    assert!(again.contains("newest first"), "{again}");
    let verified = told(&merchant.run(&["journal", "verify", "--json"]));
    assert_eq!(
        (&verified["archived"], &verified["erased"]),
        (&json!(0), &json!(2))
    );
    ended(&merchant.run(&["journal", "rebuild", "--check"]), 0);
}
