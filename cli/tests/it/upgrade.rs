//! A rolling upgrade: what a newer server did to the database before the older ones were replaced.

use crate::gateway::{gateway, pay};
use crate::kill::{count, feed};
use crate::nodes::{notified, post};
use crate::postgres::{database, run};
use crate::program::{Merchant, PARTNER, command, said};
use quittance_core::charset::Charset;
use quittance_sandbox::{Handle, Kind};
use quittance_server::clock::{Clock, SystemClock};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// What a later version may do to the tables: they only ever grow. Each for itself, so that nobody waits in a circle.
const GROWN: &str = "
    DO $$
    DECLARE known text;
    BEGIN
        FOR known IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version' LOOP
            EXECUTE format('ALTER TABLE %I ADD COLUMN of_a_later_version text', known);
            COMMIT;
        END LOOP;
    END $$";
const NEWER: &str = "
    CREATE TABLE of_a_later_version (id bigint PRIMARY KEY);
    CREATE INDEX entries_of_a_later_version ON entries (time_us, of_a_later_version);
    UPDATE schema_version SET version = version + 1";

/// An order's whole way at one server: made, checked out, paid, told of, twice.
async fn buy(
    http: &reqwest::Client,
    merchant: &Merchant,
    gateway: &Handle,
    clock: &dyn Clock,
    order_no: &str,
) {
    let url = &merchant.url;
    let order = json!({"account": "main", "order_no": order_no, "subject": "茶", "amount": "0.01"});
    let (status, told) = post(http, format!("{url}/v1/orders"), order).await;
    assert_eq!(status, 201, "{told}");
    let checkout = format!("{url}/v1/orders/main/{order_no}/checkout");
    let (status, told) = post(http, checkout, json!({})).await;
    assert_eq!(status, 200, "{told}");
    pay(gateway, clock, order_no, "茶", Charset::Utf8);
    let now = clock.wall();
    let body = gateway.with(|sandbox| sandbox.genuine_notify(now, PARTNER, order_no));
    let body = body.unwrap();
    for _ in 0..2 {
        assert_eq!(notified(http, url, &body).await, "success", "{order_no}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_server_goes_on_and_none_starts() {
    let mut tasks = JoinSet::new();
    let (gateway, gateway_url) = gateway(&mut tasks).await;
    let database = database("upgrade").await;
    let (older, next) = (
        Merchant::new(&gateway_url, "utf-8").on(&database),
        Merchant::new(&gateway_url, "utf-8").on(&database),
    );
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let server = older.serve().await;
    buy(&http, &older, &gateway, &*clock, "A-1").await;
    // Two that nobody tells of: what the server asks about by itself goes on too.
    for order_no in ["U-1", "U-2"] {
        let order =
            json!({"account": "main", "order_no": order_no, "subject": "茶", "amount": "0.01"});
        post(&http, format!("{}/v1/orders", older.url), order).await;
        pay(&gateway, &*clock, order_no, "茶", Charset::Utf8);
    }
    let checkout = |order_no: &str| format!("{}/v1/orders/main/{order_no}/checkout", older.url);
    post(&http, checkout("U-1"), json!({})).await;

    run(&database, GROWN).await;
    run(&database, NEWER).await;

    // Every statement that was prepared before is good for the tables as they are now.
    buy(&http, &older, &gateway, &*clock, "A-2").await;
    post(&http, checkout("U-2"), json!({})).await;
    let deadline = clock.mono() + Duration::from_secs(60);
    let events = loop {
        let events = feed(&http, &older.url).await;
        let paid = count(&events, "order.paid");
        if ["U-1", "U-2"]
            .iter()
            .all(|order_no| paid.contains_key(*order_no))
        {
            break events;
        }
        assert!(clock.mono() < deadline, "not all were asked about");
        clock.sleep(Duration::from_millis(50)).await;
    };
    for kind in ["payment.recorded", "order.paid"] {
        let counts = count(&events, kind);
        for order_no in ["A-1", "A-2", "U-1", "U-2"] {
            assert_eq!(counts.get(order_no), Some(&1), "{kind} of {order_no}");
        }
    }
    let asked = gateway.with(|sandbox| sandbox.exchanges(PARTNER, "U-2"));
    assert!(asked.iter().any(|one| one.kind == Kind::Query));

    // A server of this version that is started now says why it does not, in both languages, and what can be done.
    let output = next.run(&["--lang", "en", "serve"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    for part in ["schema version 2", "knows 1", "newer quittance", "backup"] {
        assert!(text.contains(part), "{text}");
    }
    let config = next.config();
    let output = command(&["--lang", "zh", "serve", "--config"])
        .arg(&config)
        .output()
        .unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("数据库版本为 2，本程序只支持到 1"), "{text}");
    // It broke nothing, and the one that runs still takes callbacks.
    buy(&http, &older, &gateway, &*clock, "A-3").await;
    assert_eq!(server.terminate().code(), Some(0));
}
