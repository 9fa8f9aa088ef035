//! The end of every part: everything settles, the server stops as asked, and what it says is held against the truth.

use super::load::Load;
use super::site::ACCOUNT;
use super::world::World;
use super::{Failed, audit};
use crate::auditor::Auditor;
use crate::truth::{Name, Said, Truth};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// What was under way when a server died is nobody else's for a minute; then it is done.
const SETTLE: Duration = Duration::from_secs(90);
/// Between two looks at everything.
const LOOK: Duration = Duration::from_millis(200);

/// Starts the server, lets everything settle, stops it, and checks. Nothing goes wrong any more from here on.
///
/// # Errors
/// What is broken.
pub async fn settled(
    world: &World,
    load: &Arc<Load>,
    auditor: &mut Auditor,
    restored: bool,
) -> Result<Truth, Failed> {
    let server = world.serve().await?;
    world
        .ledger
        .with(|truth| truth.calm_since = Some(truth.now));
    let clock = world.clock();
    let limit = clock.mono() + SETTLE;
    let said = loop {
        load.finish().await?;
        let said = world.says().await?;
        let open = open(world, load, &said);
        match open {
            None => break said,
            Some(open) if clock.mono() > limit => {
                return Err(format!("after {SETTLE:?} without faults: {open}").into());
            }
            Some(_) => clock.sleep(LOOK).await,
        }
    };
    server.terminate(clock).await?;
    world.site.holds(&world.site.data()).await?;
    let errors = std::fs::read_to_string(world.site.errors())?;
    if let Some(line) = errors.lines().find(|line| line.contains("panicked")) {
        return Err(format!("the server panicked: {line}").into());
    }
    let truth = world.ledger.with(|truth| truth.clone());
    told_once(&truth, &said, restored)?;
    audit::close(auditor, world, &truth, &said)?;
    Ok(truth)
}

/// The first thing that is still under way.
fn open(world: &World, load: &Load, said: &Said) -> Option<String> {
    if load.open() > 0 {
        return Some(format!("{} orders or notifies are not taken", load.open()));
    }
    let status = statuses(said);
    world.ledger.with(|truth| {
        let paid: BTreeSet<&Name> = truth.payments.iter().map(|paid| &paid.name).collect();
        for wanted in &truth.orders {
            let now = status.get(wanted.name.order_no.as_str()).copied();
            if paid.contains(&wanted.name) && now != Some("paid") {
                return Some(format!("{} was paid, and is {now:?}", wanted.name));
            }
        }
        let kept: BTreeSet<&str> = truth
            .receipts
            .iter()
            .filter(|receipt| receipt.kept)
            .map(|receipt| receipt.id.as_str())
            .collect();
        let untold = |event: &&Value| !event["id"].as_str().is_some_and(|id| kept.contains(id));
        let event = said.events.iter().find(untold).filter(|_| world.has_shop());
        event.map(|event| format!("the shop was not told of {event}"))
    })
}

/// The status of each order, by its number.
#[must_use]
pub fn statuses(said: &Said) -> BTreeMap<&str, &str> {
    let orders = said.orders.iter();
    orders
        .filter_map(|order| Some((order["order_no"].as_str()?, order["status"].as_str()?)))
        .collect()
}

/// What needs no auditor to see: an order is told paid once, and paid only where money came; an id means one thing.
///
/// # Errors
/// What is broken.
pub fn told_once(truth: &Truth, said: &Said, restored: bool) -> Result<(), Failed> {
    let paid: BTreeSet<&str> = truth
        .payments
        .iter()
        .map(|payment| payment.name.order_no.as_str())
        .collect();
    for (order_no, status) in statuses(said) {
        if status == "paid" && !paid.contains(order_no) {
            return Err(format!("{ACCOUNT}/{order_no} is paid, and nobody paid it").into());
        }
    }
    let mut told: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for event in &said.events {
        let kind = event["type"].as_str().unwrap_or_default();
        let order_no = event["data"]["order"]["order_no"].as_str();
        *told
            .entry((kind, order_no.unwrap_or_default()))
            .or_default() += 1;
    }
    let once = ["payment.recorded", "order.paid", "order.closed"];
    for ((kind, order_no), times) in told {
        if times > 1 && once.contains(&kind) {
            return Err(format!("{kind} of {order_no} was told {times} times").into());
        }
    }
    let mut bodies: BTreeMap<&str, &[u8]> = BTreeMap::new();
    for receipt in &truth.receipts {
        let known = bodies.entry(&receipt.id).or_insert(&receipt.body);
        if *known != receipt.body && !restored {
            let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
            return Err(format!(
                "the event {} came with two bodies:\n{}\n{}",
                receipt.id,
                text(known),
                text(&receipt.body)
            )
            .into());
        }
        if !receipt.signed {
            return Err(format!("the event {} came without a right signature", receipt.id).into());
        }
    }
    Ok(())
}
