//! `order` against a running server, then `journal` against what it left behind.

use crate::gateway::{gateway, pay};
use crate::program::{Merchant, PARTNER, ended};
use quittance_core::charset::Charset;
use quittance_core::params::Params;
use quittance_server::clock::{Clock, SystemClock};
use rusqlite::Connection;
use tokio::task::JoinSet;

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

    let shown = merchant.run(&["journal", "show", "main/A-2", "--json"]);
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

/// The guide's log: each callback with its three values, the shop's own note, and the same in Chinese and for scripts.
#[tokio::test]
async fn an_order_tells_its_story() {
    let mut tasks = JoinSet::new();
    let (gateway, url) = gateway(&mut tasks).await;
    let merchant = Merchant::new(&url, "utf-8");
    let server = merchant.serve().await;
    let create = ["order", "create", "--account", "main", "--order-no", "A-1"];
    let about = ["--subject", "茶", "--amount", "0.01"];
    ended(&merchant.run(&[&create[..], &about].concat()), 0);
    ended(&merchant.run(&["order", "checkout", "main/A-1"]), 0);
    let clock: &dyn Clock = &SystemClock::new();
    pay(&gateway, clock, "A-1", "茶", Charset::Utf8);
    let genuine = gateway.with(|gateway| gateway.genuine_notify(clock.wall(), PARTNER, "A-1"));
    let genuine = String::from_utf8(genuine.unwrap()).unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let notify = async |body: String| {
        let call = client.post(format!("{}/notify/main", merchant.url));
        let form = "application/x-www-form-urlencoded";
        let sent = call.header("content-type", form).body(body).send().await;
        sent.unwrap().text().await.unwrap()
    };
    let forged = genuine.replace("total_fee=0.01", "total_fee=9.00");
    assert_eq!(notify(forged).await, "fail");
    let before = ended(&merchant.run(&["journal", "show", "main/A-1"]), 0);
    assert!(before.contains("--unsigned looks for others"), "{before}");
    assert_eq!(notify(genuine.clone()).await, "success");
    let note = [
        "order",
        "note",
        "main/A-1",
        "stock reserved\nin warehouse 2",
    ];
    assert!(ended(&merchant.run(&note), 0).contains("main/A-1"));
    assert_eq!(server.terminate().code(), Some(0));

    let story = ended(&merchant.run(&["journal", "show", "main/A-1"]), 0);
    for part in [
        "main/A-1   (times are UTC)",
        "order made: 0.01 CNY, 茶",
        "the buyer was sent to the cashier (form)",
        "it said: true",
        "genuine; payment of 0.01 CNY",
        "→ answered success",
        "responseTxt true",
        "note by the shop: stock reserved",
        "in warehouse 2",
    ] {
        assert!(story.contains(part), "{part} in {story}");
    }
    let params = Params::parse(genuine.as_bytes()).unwrap();
    let sign = String::from_utf8(params.get("sign").unwrap().to_vec()).unwrap();
    let masked = format!("mysign {0}…{1}   sign {0}…{1}", &sign[..4], &sign[28..]);
    assert!(story.contains(&masked), "{story}");
    assert!(!story.contains(&sign), "{story}");

    let chinese = ended(
        &merchant.run(&["--lang", "zh", "journal", "show", "main/A-1"]),
        0,
    );
    for part in [
        "创建订单：",
        "买家前往收银台",
        "异步通知（网关服务器）：验证通过",
        "商城备注：stock",
    ] {
        assert!(chinese.contains(part), "{part} in {chinese}");
    }
    // What carries no valid signature is in no order's journal: it is found on demand, or by account and time.
    assert!(!story.contains("mysign different"), "{story}");
    let unsigned = ended(
        &merchant.run(&["journal", "show", "main/A-1", "--unsigned"]),
        0,
    );
    assert!(unsigned.contains("mysign different"), "{unsigned}");
    let of_account = [
        "journal",
        "show",
        "--account",
        "main",
        "--from",
        "2020-01-01T00:00:00Z",
    ];
    let all = ended(&merchant.run(&of_account), 0);
    assert!(
        all.contains("signature wrong") && all.contains("mysign different"),
        "{all}"
    );
    assert!(all.contains("main/A-1  order made"), "{all}");
    let before = [&of_account[..], &["--to", "2020-01-02T00:00:00Z"]].concat();
    assert!(ended(&merchant.run(&before), 0).contains("no such entry"));
    let json = ended(&merchant.run(&["journal", "show", "main/A-1", "--json"]), 0);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let kinds: Vec<&str> = json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "order",
            "checkout",
            "received",
            "second_opinion",
            "notify",
            "note"
        ]
    );
    assert_eq!(json["items"][4]["verification"]["response"], "true");
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
