//! An older copy is put back: what it missed is asked for, shops hear the same events under the same ids, and no number
//! that they know comes again for something else (F-22).

use super::load::{Load, amount, name};
use super::world::{Wants, World};
use super::{Failed, Outcome, Wishes, audit, check};
use crate::truth::Name;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const ORDERS: usize = 600;
/// Acks before the copy is made, and after it.
const ACKS: usize = 120;
/// Orders that the copy has as unpaid are asked about, and paid, within this.
const ASKED_WITHIN: Duration = Duration::from_secs(10);
const LIMIT: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(50);

/// What shops knew before the copy was put back.
struct Known {
    /// Bodies by the event's id.
    bodies: BTreeMap<String, Vec<u8>>,
    /// The newest sequence by what the events are about.
    newest: BTreeMap<String, u64>,
    /// How many receipts there were.
    receipts: usize,
}

/// Runs the part.
///
/// # Errors
/// What is broken.
pub async fn run(wishes: &Wishes) -> Result<Outcome, Failed> {
    let world = World::make(&Wants {
        program: &wishes.program,
        require: "confirmed",
        shop: true,
        seed: wishes.seed,
    })
    .await?;
    let world = Arc::new(world);
    let load = Load::new(&world, wishes.seed, ORDERS, true);
    let copy = world.site.folder().join("backup.db");
    let server = world.serve().await?;
    let (sent, copied) = tokio::join!(load.run(), back_up(&world, &load, &copy));
    sent.and(copied)?;
    let (_, page) = world.api("/v1/events?limit=200", None).await?;
    let cursor = newest_cursor(&world, page).await?;
    server.terminate(world.clock()).await?;

    let mut auditor = audit::auditor(&world);
    audit::look(&mut auditor, &world)?;
    let known = known(&world)?;
    put_back(&world, &copy)?;
    auditor.restored();
    let adopted = world.site.json(&["journal", "adopt", "--json"]).await?;
    let asked = adopted["orders"].as_u64().unwrap_or_default();
    let mut outcome = Outcome::default();

    let clock = world.clock();
    let began = clock.mono();
    let server = world.serve().await?;
    let (status, told) = world
        .api(&format!("/v1/events?after={cursor}"), None)
        .await?;
    let first = told["items"][0]["type"].as_str();
    if status != 200 || first != Some("journal.anchor") {
        return Err(format!("a cursor of before is answered {status}: {told}").into());
    }
    let lost = unpaid_are_asked(&world, &copy, began).await?;
    let took = clock.mono().saturating_sub(began);
    come_again(&world, &load, &lost).await?;
    outcome.reach("restored_backup");
    server.terminate(clock).await?;
    let truth = check::settled(&world, &load, &mut auditor, true).await?;
    let again = compare(&known, &truth.receipts[known.receipts..])?;
    outcome.line = format!(
        "backup: {} orders, {} of them made after the copy; {asked} asked about, all paid again after {} ms; \
         {again} events came again under their ids, no sequence went back",
        truth.orders.len(),
        lost.len(),
        took.as_millis()
    );
    Ok(outcome)
}

/// Makes the copy under load, then goes on for as long again, until the shop has heard of what the copy misses.
async fn back_up(world: &World, load: &Load, copy: &Path) -> Result<(), Failed> {
    let done = async {
        acked(world, load, ACKS).await?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let journal = Connection::open_with_flags(world.site.database(), flags)?;
        journal.busy_timeout(LIMIT)?;
        journal.execute("VACUUM INTO ?1", [copy.to_str()])?;
        let heard = world.ledger.with(|truth| truth.receipts.len());
        acked(world, load, load.acks() + ACKS).await?;
        until(world, "webhooks after the copy", || {
            world.ledger.with(|truth| truth.receipts.len()) > heard + ACKS
        })
        .await
    };
    let done = done.await;
    load.end();
    done
}

async fn acked(world: &World, load: &Load, count: usize) -> Result<(), Failed> {
    until(world, "acks", || load.acks() >= count).await
}

async fn until(world: &World, what: &str, holds: impl Fn() -> bool) -> Result<(), Failed> {
    let clock = world.clock();
    let limit = clock.mono() + LIMIT;
    while !holds() {
        if clock.mono() > limit {
            return Err(format!("{LIMIT:?} without {what}: {}", world.said()?).into());
        }
        clock.sleep(LOOK).await;
    }
    Ok(())
}

/// Where the feed ends.
async fn newest_cursor(world: &World, mut page: Value) -> Result<String, Failed> {
    loop {
        let next = page["next"]
            .as_str()
            .ok_or("the feed has no next")?
            .to_owned();
        if page["items"].as_array().is_none_or(Vec::is_empty) {
            return Ok(next);
        }
        page = world
            .api(&format!("/v1/events?limit=200&after={next}"), None)
            .await?
            .1;
    }
}

fn put_back(world: &World, copy: &Path) -> Result<(), Failed> {
    for file in ["quittance.db-wal", "quittance.db-shm"] {
        let file = world.site.data().join(file);
        if file.exists() {
            std::fs::remove_file(file)?;
        }
    }
    std::fs::copy(copy, world.site.database())?;
    Ok(())
}

/// Waits until every order of the copy that somebody paid is paid; gives those that the copy does not have.
async fn unpaid_are_asked(
    world: &World,
    copy: &Path,
    began: Duration,
) -> Result<Vec<Name>, Failed> {
    let copy = Connection::open(copy)?;
    let mut statement = copy.prepare("SELECT order_no, status FROM orders")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let had: BTreeMap<String, String> = rows.collect::<Result<_, _>>()?;
    let (orders, paid) = world.ledger.with(|truth| {
        let paid: BTreeSet<Name> = truth
            .payments
            .iter()
            .map(|paid| paid.name.clone())
            .collect();
        let orders: Vec<Name> = truth.orders.iter().map(|made| made.name.clone()).collect();
        (orders, paid)
    });
    let missed = |name: &&Name| {
        let before = had.get(&name.order_no).map(String::as_str);
        before == Some("unpaid") && paid.contains(*name)
    };
    let missed: Vec<&Name> = orders.iter().filter(missed).collect();
    let lost: Vec<Name> = orders
        .iter()
        .filter(|name| !had.contains_key(&name.order_no))
        .cloned()
        .collect();
    if missed.is_empty() || !lost.iter().any(|name| paid.contains(name)) {
        return Err("the copy missed no payment, or no order: this run proves nothing".into());
    }
    let clock = world.clock();
    for name in missed {
        let path = format!("/v1/orders/{}/{}", name.account, name.order_no);
        loop {
            let (_, order) = world.api(&path, None).await?;
            if order["status"] == "paid" {
                break;
            }
            if clock.mono().saturating_sub(began) > ASKED_WITHIN {
                return Err(format!("after an adoption {name} is {}", order["status"]).into());
            }
            clock.sleep(LOOK).await;
        }
    }
    Ok(lost)
}

/// A notify about an order that the copy does not have is taken in and waits; then the shop makes every one again.
async fn come_again(world: &World, load: &Load, lost: &[Name]) -> Result<(), Failed> {
    let notify = |name: &Name| world.gateway.notify_again(&world.ledger, name);
    let body = lost
        .iter()
        .find_map(notify)
        .ok_or("the gateway knows none of the lost orders")?;
    until_told(world, load, &body).await?;
    for number in 0..ORDERS {
        let name = name(number);
        if lost.contains(&name) && !load.create(&name, amount(number)).await? {
            return Err(format!("{name} cannot be made again").into());
        }
    }
    // The gateway tells again of what was paid meanwhile: nobody else knows of it any more.
    for name in lost {
        if let Some(body) = notify(name) {
            until_told(world, load, &body).await?;
        }
    }
    Ok(())
}

async fn until_told(world: &World, load: &Load, body: &[u8]) -> Result<(), Failed> {
    let clock = world.clock();
    let limit = clock.mono() + LIMIT;
    while !load.tell(body).await? {
        if clock.mono() > limit {
            return Err("a notify is not acked after an adoption".into());
        }
        clock.sleep(LOOK).await;
    }
    Ok(())
}

/// What an event is about, and its number.
fn read(body: &[u8]) -> Result<(String, u64), Failed> {
    let event: Value = serde_json::from_slice(body)?;
    let order_no = event["data"]["order"]["order_no"].as_str();
    let sequence = event["sequence"]
        .as_u64()
        .ok_or("an event has no sequence")?;
    Ok((order_no.unwrap_or_default().to_owned(), sequence))
}

fn known(world: &World) -> Result<Known, Failed> {
    let receipts = world.ledger.with(|truth| truth.receipts.clone());
    let mut known = Known {
        bodies: BTreeMap::new(),
        newest: BTreeMap::new(),
        receipts: receipts.len(),
    };
    for receipt in receipts {
        let (about, sequence) = read(&receipt.body)?;
        let newest = known.newest.entry(about).or_default();
        *newest = sequence.max(*newest);
        known.bodies.insert(receipt.id, receipt.body);
    }
    Ok(known)
}

/// Each receipt after the copy was put back is one of before, byte for byte, or has a number above all that were known.
/// How many ids came again.
fn compare(known: &Known, receipts: &[crate::truth::Receipt]) -> Result<usize, Failed> {
    let mut again = BTreeSet::new();
    for receipt in receipts {
        let before = known.bodies.get(&receipt.id);
        if before.is_some() {
            again.insert(&receipt.id);
        }
        let (about, sequence) = read(&receipt.body)?;
        let newest = known.newest.get(&about).copied().unwrap_or_default();
        if before != Some(&receipt.body) && sequence <= newest {
            return Err(format!(
                "{} of {about:?} came with the sequence {sequence}, and {newest} was known",
                receipt.id
            )
            .into());
        }
    }
    match again.len() {
        0 => Err("no event came again under its id".into()),
        count => Ok(count),
    }
}
