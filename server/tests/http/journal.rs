//! The order's journal as the gateway's guide has a shop log: the three values of each verification, the shop's own
//! notes, from when to when.

use crate::world::{KEY, LIMITED_KEY, World};
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use secrecy::SecretString;
use serde_json::{Value, json};

fn of_kind(journal: &Value, kind: &str) -> Vec<Value> {
    let items = journal["items"].as_array().unwrap();
    let found = items.iter().filter(|entry| entry["kind"] == kind);
    found.cloned().collect()
}

fn sign_of(wire: &[u8]) -> String {
    let params = Params::parse(wire).unwrap();
    String::from_utf8(params.get("sign").unwrap().to_vec()).unwrap()
}

/// Shows the three values of seed 001 4.4 for a callback that the gateway vouched for, and for one about which nobody
/// was asked: equal, masked, and the gateway's word. The whole sign is nowhere (SEC-017).
#[tokio::test(flavor = "multi_thread")]
async fn each_verification_keeps_its_three_values() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let notify = world.genuine("A-1");
    let sign = sign_of(&notify);
    assert_eq!(world.notify(notify.clone()).await, "success");
    assert_eq!(world.notify(notify).await, "success");
    let journal = world.journal("A-1").await;
    let masked = format!("{}…{}", &sign[..4], &sign[28..]);
    let told = of_kind(&journal, "notify");
    for (entry, response) in told.iter().zip(["true", "not_asked"]) {
        let expected = json!({"mysign": masked, "sign": masked, "equal": true, "key": null, "response": response});
        assert_eq!(entry["verification"], expected);
    }
    assert_eq!(told.len(), 2);
    assert!(!journal.to_string().contains(&sign));
    let order = &of_kind(&journal, "order")[0];
    assert_eq!(
        (&order["verification"], &order["note"]),
        (&Value::Null, &Value::Null)
    );
}

/// Shows what a changed message leaves behind: the sign that came, and of ours only that it is another (SEC-017).
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_that_does_not_fit_is_kept_without_ours() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let genuine = String::from_utf8(world.genuine("A-1")).unwrap();
    let forged = genuine.replace("total_fee=1.00", "total_fee=9.00");
    let (seq, mut changes) = (
        world.app.store.head().await.unwrap().seq,
        world.app.store.changes(),
    );
    assert_eq!(world.notify(forged.clone()).await, "fail");
    while world.app.store.head().await.unwrap().seq == seq {
        changes.recv().await.unwrap();
    }
    let filter = quittance_server::store::JournalFilter {
        account: Some("main".into()),
        after: seq,
        limit: 9,
        ..Default::default()
    };
    let page = world.app.store.journal(filter).await.unwrap();
    let entry = serde_json::to_value(quittance_server::view::entry_view(&page.items[0])).unwrap();
    let sign = sign_of(forged.as_bytes());
    let expected = json!({"mysign": "different", "sign": sign, "equal": false, "key": null, "response": "not_asked"});
    assert_eq!(entry["verification"], expected);
    let ours = md5_sign(
        &presign(&Params::parse(forged.as_bytes()).unwrap()),
        &SecretString::from(KEY),
    );
    assert!(!entry.to_string().contains(&ours[..8]));
}

/// Shows the guide's `log_result(sWord)`: a note stands in the order's journal, changes nothing, is bounded in length,
/// letters and number, and is kept where it can be erased.
#[tokio::test(flavor = "multi_thread")]
async fn the_shop_writes_its_own_steps() {
    let world = World::new().await;
    world.order("A-1").await;
    let notes = "/v1/orders/main/A-1/notes";
    let before = world.show("A-1").await;
    let text = "stock reserved\nfor 张三";
    let (status, note) = world.api("POST", notes, Some(json!({"note": text}))).await;
    assert_eq!((status, &note["note"]), (201, &json!(text)));
    assert_eq!(world.show("A-1").await, before);
    let journal = world.journal("A-1").await;
    let kept = &of_kind(&journal, "note")[0];
    assert_eq!((&kept["note"], &kept["seq"]), (&json!(text), &note["seq"]));
    let filter = quittance_server::store::JournalFilter {
        after: note["seq"].as_u64().unwrap() - 1,
        limit: 1,
        ..Default::default()
    };
    let row = &world.app.store.journal(filter).await.unwrap().items[0];
    assert_eq!(row.kind, 25);
    assert!(!String::from_utf8_lossy(&row.header).contains("stock"));

    for wrong in ["", " \n ", "a\u{1b}[2J", "a\rb", &"字".repeat(1_001)] {
        let (status, problem) = world.api("POST", notes, Some(json!({"note": wrong}))).await;
        assert_eq!((status, &problem["code"]), (422, &json!("invalid_field")));
    }
    let longest = json!({"note": "字".repeat(1_000)});
    assert_eq!(world.api("POST", notes, Some(longest)).await.0, 201);
    let unknown = world.api(
        "POST",
        "/v1/orders/main/A-9/notes",
        Some(json!({"note": "x"})),
    );
    assert_eq!(unknown.await.0, 404);
    let stranger = world.api_as(LIMITED_KEY, "POST", notes, Some(json!({"note": "x"})));
    assert_eq!(stranger.await.0, 403);
    for number in 2..100 {
        let note = json!({"note": format!("step {number}")});
        assert_eq!(world.api("POST", notes, Some(note)).await.0, 201);
    }
    let (status, problem) = world.api("POST", notes, Some(json!({"note": "x"}))).await;
    assert_eq!((status, &problem["code"]), (409, &json!("too_many_notes")));
    // Each order has its own number of them.
    world.order("A-2").await;
    let other = world.api(
        "POST",
        "/v1/orders/main/A-2/notes",
        Some(json!({"note": "x"})),
    );
    assert_eq!(other.await.0, 201);
}

/// Shows that who watches an order waits for its next entry, is told the title that came back, and that nobody asks the
/// gateway for him: the callback is the first to tell, and gets its second opinion.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_entry_is_waited_for() {
    let world = World::new().await;
    world.order("A-1").await;
    world.pay_silently("A-1");
    let journal = world.journal("A-1").await;
    let last = journal["items"].as_array().unwrap().last().unwrap()["seq"].clone();
    let path = format!("/v1/orders/main/A-1/journal?after={last}");
    let (status, none) = world.api("GET", &format!("{path}&wait=1"), None).await;
    assert_eq!((status, &none["items"]), (200, &json!([])));
    let next = format!("{path}&wait=30");
    let (waited, answer) = tokio::join!(
        world.api("GET", &next, None),
        world.notify(world.genuine("A-1"))
    );
    assert_eq!(answer, "success");
    assert_eq!(waited.1["items"][0]["kind"], "received", "{}", waited.1);
    let journal = world.journal("A-1").await;
    assert_eq!(of_kind(&journal, "query"), Vec::<Value>::new());
    let notify = &of_kind(&journal, "notify")[0];
    assert_eq!(notify["verification"]["response"], "true");
    assert_eq!(notify["subject"], world.show("A-1").await["subject"]);
    let (status, _) = world.api("GET", &format!("{path}&wait=31"), None).await;
    assert_eq!(status, 422);
}

/// Shows that the journal of an order can be searched by time: from is inclusive, to is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_journal_is_searched_by_time() {
    let world = World::new().await;
    world.order("A-1").await;
    let journal = world.journal("A-1").await;
    let times: Vec<&str> = journal["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["time"].as_str().unwrap())
        .collect();
    let between = async |query: &str| {
        let path = format!("/v1/orders/main/A-1/journal?{query}");
        let (status, page) = world.api("GET", &path, None).await;
        assert_eq!(status, 200, "{page}");
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(times.len(), 2, "order and checkout");
    assert_eq!(between(&format!("from={}", times[1])).await, 1);
    assert_eq!(between(&format!("to={}", times[1])).await, 1);
    assert_eq!(
        between(&format!("from={}&to={}", times[0], times[1])).await,
        1
    );
    assert_eq!(between("to=2020-01-01T00:00:00Z").await, 0);
    let wrong = world.api("GET", "/v1/orders/main/A-1/journal?from=yesterday", None);
    assert_eq!(wrong.await.0, 422);
}
