//! The end of every run: everything settles, and what every server says is held against what was acked.

use super::cluster::Cluster;
use super::load::Book;
use crate::process::Failed;
use crate::process::check::{statuses, told_once};
use crate::process::server::Server;
use crate::process::site::Site;
use crate::truth::Said;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What was under way when the database went away is nobody else's for a minute; then it is done.
const SETTLE: Duration = Duration::from_secs(120);
/// Between two looks at everything.
const LOOK: Duration = Duration::from_secs(2);
/// Entries of the journal that are shown at once.
const PAGE: &str = "10000";
/// What happens once for each paid order.
const ONCE: [&str; 2] = ["payment.recorded", "order.paid"];

/// What was found when nothing was wrong.
pub struct Held {
    /// Events in the feed, the same at every server.
    pub events: usize,
    /// Webhooks that the shop took, some of them again.
    pub webhooks: usize,
    /// Notifies in the journal that were answered.
    pub notifies: usize,
    /// Queries in the journal, by each life of a server.
    pub queries: Vec<usize>,
}

/// Waits until the shop knows all, holds what every server says against the book, stops them as asked and has the journal
/// verified and folded anew.
///
/// # Errors
/// What is broken.
pub async fn held(cluster: &Cluster, servers: Vec<Server>, book: &Book) -> Result<Held, Failed> {
    let clock = cluster.clock();
    let limit = clock.mono() + SETTLE;
    let said = loop {
        let before = kept(cluster);
        let said = cluster.looker.says(&cluster.sites[0].url).await?;
        strange(&before, &said)?;
        match open(book, &said, &kept(cluster)) {
            None => break said,
            Some(open) if clock.mono() > limit => {
                return Err(format!("after {SETTLE:?} without faults: {open}").into());
            }
            Some(_) => clock.sleep(LOOK).await,
        }
    };
    let truth = cluster.ledger.with(|truth| truth.clone());
    told_once(&truth, &said, false)?;
    let feed = ids(&said);
    for site in &cluster.sites[1..] {
        let other = cluster.looker.says(&site.url).await?;
        // It goes on: what an unpaid order becomes is told meanwhile.
        if !ids(&other).starts_with(&feed) {
            return Err("two servers tell different feeds".into());
        }
    }
    for server in servers {
        server.terminate(clock).await?;
    }
    for site in &cluster.sites {
        let errors = std::fs::read_to_string(site.errors())?;
        if let Some(line) = errors.lines().find(|line| line.contains("panicked")) {
            return Err(format!("a server panicked: {line}").into());
        }
    }
    let site = &cluster.sites[0];
    site.run(&["journal", "verify"]).await?;
    site.run(&["journal", "rebuild", "--check"]).await?;
    let journal = journaled(site).await?;
    for (order_no, acks) in &book.acked {
        let found = journal.notifies.get(order_no).copied().unwrap_or_default();
        if found < *acks {
            return Err(format!("{order_no}: {acks} acks, and {found} in the journal").into());
        }
    }
    let kept = truth.receipts.iter().filter(|receipt| receipt.kept);
    Ok(Held {
        events: feed.len(),
        webhooks: kept.count(),
        notifies: journal.notifies.values().sum(),
        queries: journal.queries.into_values().collect(),
    })
}

/// The first thing that is not as it must become, where the shop has kept these events.
fn open(book: &Book, said: &Said, kept: &BTreeSet<String>) -> Option<String> {
    let status = statuses(said);
    let mut told: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for event in &said.events {
        let order_no = event["data"]["order"]["order_no"].as_str();
        let of = (event["type"].as_str(), order_no);
        if let (Some(kind), Some(order_no)) = of {
            *told.entry((kind, order_no)).or_default() += 1;
        }
    }
    for order_no in book.acked.keys().map(String::as_str) {
        let now = status.get(order_no).copied();
        if now != Some("paid") {
            return Some(format!("{order_no} was acked, and is {now:?}"));
        }
        for kind in ONCE {
            let times = told.get(&(kind, order_no)).copied().unwrap_or_default();
            if times != 1 {
                return Some(format!("{kind} of {order_no} was told {times} times"));
            }
        }
    }
    let mut events = said.events.iter();
    let untold = events.find(|event| {
        let order_no = event["data"]["order"]["order_no"].as_str();
        let id = event["id"].as_str();
        order_no.is_some_and(|order_no| book.acked.contains_key(order_no))
            && !id.is_some_and(|id| kept.contains(id))
    });
    untold.map(|event| format!("the shop was not told of {event}"))
}

/// The ids of the events that the shop has.
fn kept(cluster: &Cluster) -> BTreeSet<String> {
    cluster.ledger.with(|truth| {
        let kept = truth.receipts.iter().filter(|receipt| receipt.kept);
        kept.map(|receipt| receipt.id.clone()).collect()
    })
}

/// What the shop had before the feed was read is in the feed.
fn strange(kept: &BTreeSet<String>, said: &Said) -> Result<(), Failed> {
    let feed: BTreeSet<&str> = ids(said).into_iter().collect();
    match kept.iter().find(|id| !feed.contains(id.as_str())) {
        Some(id) => Err(format!("the shop was told of {id}, which is not in the feed").into()),
        None => Ok(()),
    }
}

fn ids(said: &Said) -> Vec<&str> {
    let events = said.events.iter();
    events.filter_map(|event| event["id"].as_str()).collect()
}

/// What was counted in the journal.
#[derive(Default)]
struct Journaled {
    /// The notifies of each order that were answered.
    notifies: BTreeMap<String, usize>,
    /// The queries in each chain.
    queries: BTreeMap<String, usize>,
}

async fn journaled(site: &Site) -> Result<Journaled, Failed> {
    let (mut counted, mut after) = (Journaled::default(), "0".to_owned());
    loop {
        let show = ["journal", "show", "--json", "--limit", PAGE];
        let page = site
            .json(&[&show[..], &["--after", &after]].concat())
            .await?;
        for entry in page["items"].as_array().ok_or("the journal is no list")? {
            let (counts, name) = match entry["kind"].as_str() {
                Some("notify") => (&mut counted.notifies, &entry["order_no"]),
                Some("query") => (&mut counted.queries, &entry["chain"]),
                _ => continue,
            };
            *counts
                .entry(name.as_str().unwrap_or_default().to_owned())
                .or_default() += 1;
        }
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return Ok(counted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn order(order_no: &str, status: &str) -> Value {
        json!({"order_no": order_no, "status": status})
    }

    fn event(id: &str, kind: &str, order_no: &str) -> Value {
        json!({"id": id, "type": kind, "data": {"order": {"order_no": order_no}}})
    }

    /// Two orders were acked; a third is nobody's.
    fn found(change: impl FnOnce(&mut Said, &mut BTreeSet<String>)) -> Option<String> {
        let book = Book {
            acked: BTreeMap::from([("A".to_owned(), 1), ("B".to_owned(), 2)]),
            ..Book::default()
        };
        let mut said = Said {
            orders: vec![order("A", "paid"), order("B", "paid"), order("C", "unpaid")],
            events: vec![
                event("1", "payment.recorded", "A"),
                event("2", "order.paid", "A"),
                event("3", "payment.recorded", "B"),
                event("4", "order.paid", "B"),
                event("5", "order.closed", "C"),
            ],
            discrepancies: Vec::new(),
        };
        let mut kept = ["1", "2", "3", "4"].map(str::to_owned).into();
        change(&mut said, &mut kept);
        open(&book, &said, &kept)
    }

    #[test]
    fn what_is_lost_or_doubled_is_told() {
        assert_eq!(found(|_, _| {}), None);
        let lost = found(|said, _| said.orders[1] = order("B", "unpaid"));
        assert_eq!(lost.unwrap(), "B was acked, and is Some(\"unpaid\")");
        let gone = found(|said, _| drop(said.orders.remove(0)));
        assert_eq!(gone.unwrap(), "A was acked, and is None");
        let twice = found(|said, _| said.events.push(event("6", "order.paid", "A")));
        assert_eq!(twice.unwrap(), "order.paid of A was told 2 times");
        let never = found(|said, _| drop(said.events.remove(2)));
        assert_eq!(never.unwrap(), "payment.recorded of B was told 0 times");
        let untold = found(|_, kept| kept.retain(|id| id != "4"));
        assert!(untold.unwrap().starts_with("the shop was not told of"));
    }

    #[test]
    fn the_shop_has_nothing_that_is_not_in_the_feed() {
        let said = Said {
            events: vec![event("1", "order.paid", "A")],
            ..Said::default()
        };
        assert!(strange(&BTreeSet::from(["1".to_owned()]), &said).is_ok());
        assert!(strange(&BTreeSet::from(["2".to_owned()]), &said).is_err());
    }
}
