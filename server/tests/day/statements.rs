//! Statements: what nobody told is found in them, day after day by the gateway's clock.

use crate::world::{PARTNER, World, setup};
use quittance_core::gateway::alipay::{Extras, StatementService};
use quittance_core::gateway::{Account, Checkout, CheckoutCall, CheckoutStart};
use quittance_core::order::GatewayOptions;
use quittance_core::statement::StatementPolicy;
use quittance_core::{Currency, Money, Order, OrderKey, facts::Proof};
use quittance_sandbox::{Faults, StatementKind};
use quittance_server::setup::Setup;
use serde_json::{Value, json};
use std::sync::Arc;

const REPORT: &str = "export_trade_account_report";
const PAGES: &str = "account.page.query";
const QUERY: &str = "single_trade_query";
const HOUR: u64 = 3_600;
/// The world begins at eight in the morning in Beijing; statements are read at half past two.
const FIRST_TURN: u64 = 66_600;
const DAY: u64 = 24 * HOUR;

fn reading(service: StatementService) -> Setup {
    let mut setup = setup();
    let main = Arc::make_mut(setup.accounts.get_mut("main").unwrap());
    let Account::Alipay(account) = main.account.clone() else {
        panic!("the world's account is Alipay's");
    };
    let extras = Extras {
        statement: Some(service),
        ..Extras::default()
    };
    main.account = Account::Alipay(account.with_extras(extras).unwrap());
    main.policy.statement = Some(StatementPolicy {
        utc_offset_secs: 28_800,
        at_secs: 9_000,
    });
    setup
}

async fn world(service: StatementService) -> World {
    World::of(reading(service)).await
}

impl World {
    async fn fetch(&self, day: &str) -> (u16, Value) {
        let body = json!({ "day": day }).to_string();
        self.call("POST", "/v1/statements/main", &body).await
    }

    fn fails(&self, service: &'static str, fails: bool) {
        let mut down = self.wire.down.lock().unwrap();
        match fails {
            true => down.insert(service),
            false => down.remove(service),
        };
    }

    /// The entries of the order's journal that are of this kind.
    async fn entries(&self, order_no: &str, kind: &str) -> Vec<Value> {
        let path = format!("/v1/orders/main/{order_no}/journal?limit=200");
        let journal = self.call("GET", &path, "").await.1;
        let items = journal["items"].as_array().unwrap().iter();
        items
            .filter(|entry| entry["kind"] == kind)
            .cloned()
            .collect()
    }
}

/// Every callback is lost and no query is ever answered: the day's pages pay the order as its report does.
#[tokio::test(start_paused = true)]
async fn a_payment_that_nobody_told_is_found_in_the_pages() {
    let world = world(StatementService::Pages).await;
    world.fails(QUERY, true);
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    world.pass(FIRST_TURN + 10).await;
    let order = world.show("A-1").await;
    assert_eq!(order["status"], json!("paid"));
    assert_eq!(order["trades"][0]["witnesses"], json!(["statement"]));
}

/// Every callback is lost and no query is ever answered: the day's statement pays the order, once, and each day is read
/// twice.
#[tokio::test(start_paused = true)]
async fn a_payment_that_nobody_told_is_found() {
    let world = world(StatementService::Report).await;
    world.fails(QUERY, true);
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    world.pass(FIRST_TURN - 10).await;
    assert_eq!(world.show("A-1").await["status"], json!("unpaid"));
    world.pass(20 + 2 * DAY).await;
    let order = world.show("A-1").await;
    assert_eq!(order["status"], json!("paid"));
    let trade = &order["trades"][0];
    assert_eq!(trade["witnesses"], json!(["statement"]));
    assert_eq!(
        (&trade["proof"], &trade["counted"]),
        (&json!("queried"), &json!(true))
    );
    assert_eq!(world.told(), ["payment.recorded", "order.paid"]);
    // Two parts a day: the day before the first at once, then each day and the one before it.
    let turns = [0, FIRST_TURN, FIRST_TURN + DAY, FIRST_TURN + 2 * DAY];
    let expected: Vec<u64> = turns
        .iter()
        .flat_map(|at| vec![*at; if *at == 0 { 2 } else { 4 }])
        .collect();
    assert_eq!(world.asked(REPORT), expected);
    assert_eq!(world.entries("A-1", "statement").await.len(), 1);
}

/// What nobody signed proves nothing: an order that rests is asked about, and only the gateway's answer pays it.
#[tokio::test(start_paused = true)]
async fn a_hint_makes_the_order_be_asked_about() {
    let world = world(StatementService::Pages).await;
    let mut faults = Faults::default();
    faults.statement.kind = StatementKind::Unsigned;
    world.wire.gateway.lock().unwrap().set_faults(faults);
    world.order("A-1").await;
    world.open("A-1");
    world.pass(3 * HOUR).await;
    assert_eq!(world.show("A-1").await["status"], json!("closed"));
    world.pass(24 * HOUR).await;
    let asked = world.asked(QUERY).len();
    {
        let mut gateway = world.wire.gateway.lock().unwrap();
        let now = quittance_server::clock::Clock::wall(&*world.clock);
        gateway.buyer_pays_late(now, PARTNER, "A-1").unwrap();
    }
    world.pass(2 * DAY).await;
    let order = world.show("A-1").await;
    assert_eq!(order["status"], json!("paid"));
    assert_eq!(order["trades"][0]["witnesses"], json!(["query"]));
    // Once, although the row is read twice.
    assert_eq!(world.asked(QUERY).len(), asked + 1);
    assert!(world.told().contains(&"discrepancy.opened".to_owned()));
    assert!(world.asked(PAGES).len() >= 5);
}

/// Money that the seller paid back by hand, whose notify was lost, is found: the statement says that there was a refund,
/// and the gateway how much.
#[tokio::test(start_paused = true)]
async fn a_refund_that_nobody_told_is_found() {
    let world = world(StatementService::Report).await;
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    world.pass(10).await;
    {
        let mut gateway = world.wire.gateway.lock().unwrap();
        let now = quittance_server::clock::Clock::wall(&*world.clock);
        let part = Money::new(30, Currency::CNY);
        gateway.refund(now, PARTNER, "A-1", part).unwrap();
    }
    world.pass(FIRST_TURN).await;
    let order = world.show("A-1").await;
    assert_eq!(
        (&order["status"], &order["refunded"]),
        (&json!("partially_refunded"), &json!("0.30"))
    );
    let asked = world.asked(QUERY).len();
    world.pass(2 * DAY).await;
    // Asked then and a minute later, and not once more on the second reading of the same row.
    assert_eq!(world.asked(QUERY).len(), asked + 1);
    let told = world.told();
    assert_eq!(
        told.iter()
            .filter(|kind| *kind == "order.partially_refunded")
            .count(),
        1
    );
}

/// Money for an order that another system made is counted and moves nothing here; once the order is made, the second
/// reading of the day pays it.
#[tokio::test(start_paused = true)]
async fn money_for_an_order_that_nobody_made_is_counted() {
    let world = world(StatementService::Report).await;
    let order = Order {
        key: OrderKey::new("main", "OTHER-1"),
        amount: Money::new(500, Currency::CNY),
        subject: "a book".into(),
        body: None,
        extra: None,
        method: None,
        bank: None,
        show_url: None,
        return_to: None,
        terminal: None,
        gateway_options: GatewayOptions::new(),
        expires_in_secs: None,
        token: "t".into(),
        require: Proof::Confirmed,
    };
    let call = CheckoutCall {
        notify_url: "http://other.test/notify".into(),
        return_url: "http://other.test/return".into(),
        client_ip: None,
        token: None,
        via_get: true,
        now: quittance_core::Timestamp::UNIX_EPOCH,
    };
    let account = setup().accounts["main"].account.clone();
    let CheckoutStart::Ready(Checkout::Redirect { url }) =
        account.gateway().checkout(&order, &call).unwrap()
    else {
        panic!("a redirect was asked for");
    };
    world.goes_to_cashier(&url);
    world.open("OTHER-1");
    world.pay("OTHER-1");
    world.pass(FIRST_TURN + HOUR).await;
    assert!(world.told().is_empty());
    let (_, read) = world.fetch("2026-01-01").await;
    assert_eq!(
        (&read["rows"], &read["news"], &read["others"]),
        (&json!(1), &json!(0), &json!(1))
    );
    world.fails(QUERY, true);
    let order = r#"{"account":"main","order_no":"OTHER-1","subject":"a book","amount":"5.00"}"#;
    assert_eq!(world.call("POST", "/v1/orders", order).await.0, 201);
    world.pass(DAY).await;
    assert_eq!(world.show("OTHER-1").await["status"], json!("paid"));
}

/// Paid and paid back on one day, and one page tells both: neither is lost, although the order owns no trade before.
#[tokio::test(start_paused = true)]
async fn a_page_may_tell_of_a_payment_and_its_refund() {
    let world = world(StatementService::Pages).await;
    world.fails(QUERY, true);
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    {
        let mut gateway = world.wire.gateway.lock().unwrap();
        let now = quittance_server::clock::Clock::wall(&*world.clock);
        let part = Money::new(30, Currency::CNY);
        gateway.refund(now, PARTNER, "A-1", part).unwrap();
    }
    let (_, read) = world.fetch("2026-01-01").await;
    assert_eq!((&read["rows"], &read["news"]), (&json!(2), &json!(2)));
    world.fails(QUERY, false);
    world.pass(2 * HOUR).await;
    let order = world.show("A-1").await;
    assert_eq!(
        (&order["status"], &order["refunded"]),
        (&json!("partially_refunded"), &json!("0.30"))
    );
}

/// The gateway's answer and its statement differ: whichever came first, the end is the same, and told as a conflict.
#[tokio::test(start_paused = true)]
async fn what_contradicts_itself_ends_the_same() {
    let mut ends = Vec::new();
    for statement_first in [true, false] {
        let world = world(StatementService::Report).await;
        let mut faults = Faults::default();
        faults.query.amount = Some(Money::new(1, Currency::CNY));
        world.wire.gateway.lock().unwrap().set_faults(faults);
        world.fails(QUERY, statement_first);
        world.order("A-1").await;
        world.open("A-1");
        world.pay("A-1");
        if statement_first {
            world.fetch("2026-01-01").await;
            world.fails(QUERY, false);
            world.call("POST", "/v1/orders/main/A-1/verify", "").await;
        }
        world.pass(HOUR).await;
        world.fetch("2026-01-01").await;
        let order = world.show("A-1").await;
        ends.push((order["status"].clone(), order["received"].clone()));
    }
    assert_eq!(ends[0], ends[1]);
    assert_eq!(ends[0].0, json!("paid"));
}

/// Two accounts of one contract have one statement, and the same number may be in use in both: a trade pays one of them.
#[tokio::test(start_paused = true)]
async fn a_trade_of_another_account_pays_nothing_here() {
    let mut setup = reading(StatementService::Report);
    let mut gbk = (*setup.accounts["main"]).clone();
    gbk.name = "gbk".into();
    setup.accounts.insert("gbk".into(), Arc::new(gbk));
    let world = World::of(setup).await;
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    world.pass(10).await;
    assert_eq!(world.show("A-1").await["status"], json!("paid"));
    let order = r#"{"account":"gbk","order_no":"A-1","subject":"a book","amount":"1.00"}"#;
    assert_eq!(world.call("POST", "/v1/orders", order).await.0, 201);
    let body = r#"{"day":"2026-01-01"}"#;
    let (_, read) = world.call("POST", "/v1/statements/gbk", body).await;
    assert_eq!((&read["news"], &read["others"]), (&json!(0), &json!(1)));
    let order = world.call("GET", "/v1/orders/gbk/A-1", "").await.1;
    assert_eq!(order["status"], json!("unpaid"));
}

/// A service that fails is tried again with growing gaps, and what it could not tell in time it tells later.
#[tokio::test(start_paused = true)]
async fn a_statement_that_fails_is_tried_again() {
    let world = world(StatementService::Report).await;
    world.fails(QUERY, true);
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    world.pass(HOUR).await;
    world.fails(REPORT, true);
    world.pass(FIRST_TURN).await;
    world.fails(REPORT, false);
    assert_eq!(world.show("A-1").await["status"], json!("unpaid"));
    world.pass(2 * HOUR).await;
    assert_eq!(world.show("A-1").await["status"], json!("paid"));
    let begin = FIRST_TURN;
    let tries = [begin, begin + 60, begin + 360, begin + 2_160];
    let asked = world.asked(REPORT);
    assert_eq!(asked[2..6], tries, "{asked:?}");
}

/// By hand: today's statement at once; what is new is counted once; the turn is not disturbed.
#[tokio::test(start_paused = true)]
async fn a_statement_is_read_at_once_by_hand() {
    let world = world(StatementService::Report).await;
    world.fails(QUERY, true);
    for order_no in ["A-1", "A-2"] {
        world.order(order_no).await;
        world.open(order_no);
        world.pay(order_no);
    }
    let turn = world.call("GET", "/v1/statements/main", "").await;
    let (status, read) = world.fetch("2026-01-01").await;
    assert_eq!(
        (status, &read["rows"], &read["news"]),
        (200, &json!(2), &json!(2))
    );
    for order_no in ["A-1", "A-2"] {
        assert_eq!(world.show(order_no).await["status"], json!("paid"));
        let entries = world.entries(order_no, "statement").await;
        let claims = entries[0]["claims"].as_array().unwrap();
        assert_eq!(claims.len(), 1, "only the order's own: {claims:?}");
        assert_eq!(claims[0]["about"], json!({ "order_no": order_no }));
    }
    let (_, again) = world.fetch("2026-01-01").await;
    assert_eq!((&again["rows"], &again["news"]), (&json!(2), &json!(0)));
    assert_eq!(world.call("GET", "/v1/statements/main", "").await, turn);
    assert_eq!(turn.1["day"], json!("2025-12-31"));
}

/// What cannot be done is said, with what to do.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_a_problem() {
    let world = world(StatementService::Report).await;
    world.pass(1).await;
    for (day, status, code) in [
        ("2026-01-02", 422, "invalid_field"),
        ("yesterday", 422, "invalid_field"),
        ("", 422, "invalid_field"),
    ] {
        let (got, problem) = world.fetch(day).await;
        assert_eq!((got, &problem["code"]), (status, &json!(code)), "{day}");
    }
    world.fails(REPORT, true);
    let (status, problem) = world.fetch("2026-01-01").await;
    assert_eq!(
        (status, &problem["code"]),
        (502, &json!("statement_unreadable"))
    );
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("main, 2026-01-01")
    );
    let unknown = world.call("GET", "/v1/statements/nobody", "").await;
    assert_eq!(unknown.0, 404);

    let without = World::new().await;
    for (method, body) in [("GET", ""), ("POST", r#"{"day":"2026-01-01"}"#)] {
        let (status, problem) = without.call(method, "/v1/statements/main", body).await;
        assert_eq!((status, &problem["code"]), (501, &json!("statements_off")));
    }
    without.pass(2 * DAY).await;
    assert!(without.asked(REPORT).is_empty());
}

/// The wall clock is set back by a year: statements are read on from there, and not a year later.
#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_back_is_followed() {
    let world = world(StatementService::Report).await;
    world.clock.jump(365 * 86_400);
    world.pass(2 * DAY).await;
    world.clock.jump(-365 * 86_400);
    world.fails(QUERY, true);
    world.order("A-1").await;
    world.open("A-1");
    world.pay("A-1");
    world.pass(2 * DAY).await;
    assert_eq!(world.show("A-1").await["status"], json!("paid"));
}
