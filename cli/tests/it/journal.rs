//! `order` against a running server, then `journal` against what it left behind.

use crate::program::{Merchant, said};
use rusqlite::Connection;
use std::process::Output;

fn ended(output: &Output, code: i32) -> String {
    let text = said(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

/// An order by command, a folder that is in use, a draining end, a chain that holds, a byte that was changed.
#[tokio::test]
async fn a_changed_byte_is_named() {
    let merchant = Merchant::new("http://127.0.0.1:9/gateway.do", "utf-8");
    let server = merchant.serve().await;
    let create = [
        "order",
        "create",
        "--account",
        "main",
        "--subject",
        "茶",
        "--amount",
        "0.01",
    ];
    for number in ["A-1", "A-2", "A-3"] {
        let numbered = [&create[..], &["--order-no", number, "--json"]].concat();
        let created: serde_json::Value =
            serde_json::from_str(&ended(&merchant.run(&numbered), 0)).unwrap();
        assert_eq!(created["status"], "unpaid");
    }
    assert!(ended(&merchant.run(&["order", "list"]), 0).contains("main/A-2"));
    assert!(ended(&merchant.run(&["order", "show", "main/A-9"]), 1).contains("To do:"));
    let closed = merchant.run(&["order", "list", "--key", "not-the-key-of-anybody"]);
    assert!(ended(&closed, 2).contains("key_unknown"));
    let second = ended(&merchant.run(&["serve"]), 2);
    assert!(second.contains("in use"), "{second}");
    // Reading goes on beside the server.
    assert!(ended(&merchant.run(&["journal", "verify"]), 0).contains("holds"));
    assert_eq!(server.terminate().code(), Some(0));

    let held: serde_json::Value =
        serde_json::from_str(&ended(&merchant.run(&["journal", "verify", "--json"]), 0)).unwrap();
    let head = held["hash"].as_str().unwrap();
    ended(
        &merchant.run(&["journal", "verify", "--expect-head", head]),
        0,
    );
    let other = "0".repeat(64);
    ended(
        &merchant.run(&["journal", "verify", "--expect-head", &other]),
        1,
    );
    ended(
        &merchant.run(&["journal", "verify", "--expect-head", "no-head"]),
        2,
    );
    ended(&merchant.run(&["journal", "rebuild", "--check"]), 0);
    ended(&merchant.run(&["journal", "rebuild"]), 0);

    let shown = merchant.run(&["journal", "show", "--order", "main/A-2", "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&ended(&shown, 0)).unwrap();
    let seq = shown["items"][0]["seq"].as_u64().unwrap();
    assert_eq!(shown["items"][0]["kind"], "order");
    flip(&merchant, seq);
    let broken = ended(&merchant.run(&["journal", "verify"]), 1);
    assert!(broken.contains(&format!("entry {seq}:")), "{broken}");
}

/// A backup is put back: the command wants the server stopped, says what it did, and the journal holds with it.
#[tokio::test]
async fn a_backup_that_was_put_back_is_adopted() {
    let merchant = Merchant::new("http://127.0.0.1:9/gateway.do", "utf-8");
    ended(&merchant.run(&["journal", "adopt"]), 2);
    let server = merchant.serve().await;
    let create = [
        "order",
        "create",
        "--account",
        "main",
        "--subject",
        "茶",
        "--amount",
        "0.01",
    ];
    for number in ["A-1", "A-2"] {
        ended(
            &merchant.run(&[&create[..], &["--order-no", number]].concat()),
            0,
        );
    }
    let refused = ended(&merchant.run(&["journal", "adopt"]), 2);
    assert!(refused.contains("in use"), "{refused}");
    assert_eq!(server.terminate().code(), Some(0));

    let adopted: serde_json::Value =
        serde_json::from_str(&ended(&merchant.run(&["journal", "adopt", "--json"]), 0)).unwrap();
    assert_eq!(adopted["orders"], 2);
    let seq = adopted["seq"].as_u64().unwrap();
    let shown = merchant.run(&[
        "journal",
        "show",
        "--after",
        &(seq - 1).to_string(),
        "--json",
    ]);
    let shown: serde_json::Value = serde_json::from_str(&ended(&shown, 0)).unwrap();
    assert_eq!(shown["items"][0]["kind"], "adopted");
    assert_eq!(shown["items"][0]["data"]["epoch"], adopted["epoch"]);
    let again = ended(&merchant.run(&["--lang", "zh", "journal", "adopt"]), 0);
    assert!(again.contains("待查询订单"), "{again}");
    ended(&merchant.run(&["journal", "verify"]), 0);
    ended(&merchant.run(&["journal", "rebuild", "--check"]), 0);
}

/// Changes one byte of an entry's header, as somebody with the file in his hands could.
fn flip(merchant: &Merchant, seq: u64) {
    let database = Connection::open(merchant.database()).unwrap();
    let seq = i64::try_from(seq).unwrap();
    let read = "SELECT header FROM entries WHERE seq = ?1";
    let mut header: Vec<u8> = database.query_row(read, [seq], |row| row.get(0)).unwrap();
    let place = header.iter().position(|byte| *byte == b'1').unwrap();
    header[place] = b'9';
    let write = "UPDATE entries SET header = ?2 WHERE seq = ?1";
    assert_eq!(database.execute(write, (seq, header)).unwrap(), 1);
}
