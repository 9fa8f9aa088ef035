//! `migrate`: what a server left in SQLite moves to PostgreSQL, and a server goes on there.

use crate::postgres::database;
use crate::program::{Merchant, command, ended, told};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_goes_on_in_postgresql() {
    let database = database("migrate").await;
    let merchant = Merchant::new("http://127.0.0.1:9/gateway.do", "utf-8");
    let server = merchant.serve().await;
    let create = ["order", "create", "--account", "main", "--subject", "茶"];
    let made = ["--amount", "0.01", "--order-no", "A-1"];
    ended(&merchant.run(&[&create[..], &made].concat()), 0);
    let folder = merchant.database().parent().unwrap().to_owned();
    let from = format!("sqlite:{}", folder.display());
    let migrate = ["migrate", "--from", &from, "--to", &database, "--json"];
    let busy = ended(&merchant.run(&migrate), 2);
    assert!(busy.contains("in use"), "{busy}");
    assert_eq!(server.terminate().code(), Some(0));

    let secret = "postgres://quittance:not-to-be-told@host/name?sslmode=perhaps";
    let refused = ended(
        &merchant.run(&["migrate", "--from", &from, "--to", secret]),
        2,
    );
    assert!(refused.contains("sslmode"), "{refused}");
    assert!(!refused.contains("not-to-be-told"), "{refused}");
    let refused = ended(
        &merchant.run(&["migrate", "--from", &database, "--to", &database]),
        2,
    );
    assert!(refused.contains("sqlite:DIR"), "{refused}");

    let before = told(&merchant.run(&["journal", "verify", "--json"]));
    let moved = told(&merchant.run(&migrate));
    assert_eq!((&moved["ok"], &moved["orders"]), (&json!(true), &json!(1)));
    for name in ["chain", "seq", "hash", "bodies", "erased"] {
        assert_eq!(moved[name], before[name], "{name}");
    }
    let again = ended(&merchant.run(&migrate), 2);
    assert!(again.contains("already"), "{again}");
    let config = merchant.config();
    let chinese = command(&["--lang", "zh", "migrate", "--from", &from, "--config"])
        .arg(&config)
        .env("QUITTANCE_DATABASE", &database)
        .output()
        .unwrap();
    assert!(ended(&chinese, 2).contains("已完整迁移"));

    let settings = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, settings.replace("sqlite:data", &database)).unwrap();
    let server = merchant.serve().await;
    let shown = ended(&merchant.run(&["order", "show", "main/A-1"]), 0);
    assert!(shown.contains("0.01"), "{shown}");
    assert_eq!(server.terminate().code(), Some(0));
    ended(&merchant.run(&["journal", "verify"]), 0);
    ended(&merchant.run(&["journal", "rebuild", "--check"]), 0);
}
