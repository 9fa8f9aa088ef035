//! The last look: what the server says it told, and what the shop says it heard.

use super::stage::{Purchase, Stage, said, told_once};
use crate::out::{field, items};
use std::collections::BTreeMap;

/// Events of one page of the feed.
const PAGE: usize = 200;

/// How an order ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// Money came, and the shop was told that it is paid.
    Paid,
    /// No money came.
    Unpaid,
    /// Money came and went back at once: the shop was told of that, and never that it is paid.
    TakenBack,
}

/// Compares the feed with the shop's receipts: every event of these orders came exactly once, `order.paid` exactly
/// once for each that was paid and never for the others. Gives how many events there were.
pub async fn receipts(stage: &Stage<'_>, sold: &[(Purchase, End)]) -> Result<usize, String> {
    let feed = feed(stage).await?;
    let mut events = 0;
    for (purchase, end) in sold {
        let order_no = &purchase.order_no;
        let of_order = feed.get(order_no).map_or(&[][..], Vec::as_slice);
        let events_paid = of_order.iter().filter(|kind| *kind == "order.paid").count();
        if events_paid != usize::from(*end == End::Paid) {
            return Err(format!("{order_no} has {events_paid} events order.paid"));
        }
        let complete = async || {
            let told = stage.world.shop.arrivals(&purchase.account, order_no);
            let heard: usize = kinds(of_order).map(|kind| told.of_kind(kind).len()).sum();
            (heard == of_order.len()).then_some(told)
        };
        let told = stage
            .until("the shop did not hear every event", complete)
            .await?;
        match end {
            End::Paid => told_once(&told)?,
            End::Unpaid if !of_order.is_empty() => {
                return Err(format!("{order_no} was not paid, and has events"));
            }
            End::TakenBack if told.doubled() => {
                return Err(format!("{order_no}: the shop was told of an event twice"));
            }
            End::Unpaid | End::TakenBack => {}
        }
        events += of_order.len();
    }
    Ok(events)
}

/// The distinct types among an order's events.
fn kinds(events: &[String]) -> impl Iterator<Item = &String> {
    let first = |index: &usize| !events[..*index].contains(&events[*index]);
    (0..events.len()).filter(first).map(|index| &events[index])
}

/// The types of all events, by order number.
async fn feed(stage: &Stage<'_>) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut query = vec![("limit", PAGE.to_string())];
    loop {
        let page = stage
            .world
            .api
            .get(&["events"], &query)
            .await
            .map_err(said)?;
        let events = items(&page, "items");
        for event in events {
            let order = event.pointer("/data/order").cloned().unwrap_or_default();
            let kinds = found.entry(field(&order, "order_no")).or_default();
            kinds.push(field(event, "type"));
        }
        if events.is_empty() {
            return Ok(found);
        }
        query = vec![("limit", PAGE.to_string()), ("after", field(&page, "next"))];
    }
}
