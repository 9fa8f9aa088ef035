//! What holds under every fault, whatever the row.

use super::scene::{ORDER, Scene};
use jiff::SignedDuration;
use quittance_core::entry::chain_hash;
use serde_json::{Value, json};

/// What does not hold. `settled` says that the faults have ended, and that the gap in force and the late checks have
/// passed since.
pub async fn broken(scene: &Scene, settled: bool) -> Vec<String> {
    let order = scene.world.show(ORDER).await;
    let told: Vec<Value> = scene.told().into_iter().map(|(_, event)| event).collect();
    let mut wrong = scene.wrong.clone();
    wrong.extend(of_money(scene, &order, &told, settled));
    wrong.extend(of_amounts(&order, &told));
    wrong.extend(of_events(&told));
    wrong.extend(of_the_chain(scene).await);
    wrong
}

/// Never paid without money; never lost; never closed over money without a word.
fn of_money(scene: &Scene, order: &Value, told: &[Value], settled: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let trade = scene.trade();
    let is = |word: &str| order["status"] == word;
    let received = is("paid") || is("partially_refunded") || is("refunded");
    let said = |kind: &str| told.iter().filter(|event| event["type"] == kind).count();
    if !scene.money() && (received || said("order.paid") > 0 || said("order.refunded") > 0) {
        wrong.push(format!("{} without money", order["status"]));
    }
    if settled && scene.money() {
        let whole = trade.refunded == trade.amount;
        // A payment that does not fit is a person's until nothing of it is left.
        let looked_at = said("discrepancy.opened") > 0 && (order["attention"] == true || whole);
        let right = match (trade.refunded.minor, whole) {
            (0, _) => "paid",
            (_, false) => "partially_refunded",
            (_, true) => "refunded",
        };
        // Of a refund only a notify tells: nobody asks about an order that is paid.
        let untold = is("paid") && !scene.heard_of_refund();
        if !is(right) && !untold && !looked_at {
            wrong.push(format!("{} instead of {right}: lost", order["status"]));
        }
        if received && said("order.paid") != 1 && !(whole && said("order.refunded") == 1) {
            wrong.push(format!("told {} times that it is paid", said("order.paid")));
        }
        let over_closing = order["closed_at"].is_string() && received;
        if over_closing && !has(order, "paid_after_close") {
            wrong.push("paid over a closing, and nobody was told".into());
        }
    }
    let counted = order["trades"].as_array().unwrap().iter();
    let counted = counted.filter(|trade| trade["counted"] == true).count();
    if counted != usize::from(received) {
        wrong.push(format!(
            "{counted} trades pay an order that is {}",
            order["status"]
        ));
    }
    let early = |at: &Value| {
        let at: quittance_core::Timestamp = at.as_str().unwrap().parse().unwrap();
        scene
            .money_at
            .is_none_or(|money| at.duration_since(money) < SignedDuration::ZERO)
    };
    if received && early(&order["paid_at"]) {
        wrong.push("paid before there was money".into());
    }
    wrong
}

/// A proven amount that is not the order's pays nothing and is told to somebody; a trade that is counted fits.
fn of_amounts(order: &Value, told: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    let opened = order["discrepancies"].as_array().unwrap().iter();
    if order["attention"] != opened.clone().any(|found| found["state"] == "open") {
        wrong.push(format!("attention {}", order["attention"]));
    }
    for trade in order["trades"].as_array().unwrap() {
        let fits = trade["amount"] == order["amount"];
        let proven = trade["processed_at"].is_string();
        if trade["counted"] == true && !(fits && proven) {
            wrong.push(format!("counted: {trade}"));
        }
        if proven && !fits && !has(order, "amount_mismatch") {
            wrong.push(format!("another amount, and no discrepancy: {trade}"));
        }
    }
    for found in opened {
        let tells = |event: &&Value| event["data"]["discrepancy"]["id"] == found["id"];
        if told.iter().filter(tells).count() != 1 {
            wrong.push(format!("{} was not told once", found["kind"]));
        }
    }
    wrong
}

/// Each event is told once, and the order's count of them has no gap.
fn of_events(told: &[Value]) -> Vec<String> {
    let counts: Vec<Value> = told.iter().map(|event| event["sequence"].clone()).collect();
    let dense: Vec<Value> = (1..=told.len()).map(|count| json!(count)).collect();
    let mut ids: Vec<&str> = told
        .iter()
        .filter_map(|event| event["id"].as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let mut wrong = Vec::new();
    if counts != dense {
        wrong.push(format!("sequences {counts:?}"));
    }
    if ids.len() != told.len() {
        wrong.push("an event was told twice".into());
    }
    wrong
}

/// Every entry follows from the one before.
async fn of_the_chain(scene: &Scene) -> Option<String> {
    let mut prev = [0; 32];
    for (place, row) in (1..).zip(scene.journal().await) {
        let at = row.at.as_microsecond();
        let hash = chain_hash(&prev, row.seq, at, row.kind, &row.header, &row.body_hash);
        if (row.seq, row.prev, row.hash) != (place, prev, hash) {
            return Some(format!("the chain breaks at entry {place}"));
        }
        prev = hash;
    }
    None
}

fn has(order: &Value, kind: &str) -> bool {
    let found = order["discrepancies"].as_array().unwrap();
    found.iter().any(|found| found["kind"] == kind)
}
