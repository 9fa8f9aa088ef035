//! The fault matrix: what the sandbox can do wrong, times what the buyer does, and how the order must end.

mod always;
mod chance;
mod row;
mod rows;
mod scene;

use quittance_sandbox::Faults;
use quittance_server::clock::Clock;
use row::{Row, rows};
use scene::{ORDER, Scene};

/// When the buyer pays, in seconds since the checkout: between the first check and the second.
const PAID: u64 = 20;
/// When one who pays late does so: 1,000 s after the order was closed, before the first late check.
const PAID_LATE: u64 = 3_975;
/// When the seller pays back.
const REFUNDED: u64 = 50;
/// So long the faults last where a row does not say: past the gateway's last attempt to notify.
const LONG: u64 = 26 * 3_600;
/// After the faults ended, money for an order that is not closed must have been found within the schedule's last gap.
const GAP: u64 = 1_800;
/// Else within the late checks.
const REST: u64 = 25 * 3_600;

/// What the buyer, and in the end the seller, does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Does {
    /// Looks at the cashier's page, and goes.
    Leaves,
    /// Pays, and goes where the success page leads.
    Pays,
    /// The same, then says "payment completed" five seconds after the payment.
    Asks,
    /// Pays after the order was closed. The faults begin with his money.
    PaysLate,
    /// Pays, and gets 0.30 back.
    PaidBackInPart,
    /// Pays, and gets all of it back.
    PaidBack,
}

/// Plays a row; what went wrong.
async fn check(row: &Row) -> Vec<String> {
    let mut scene = play(row.does, &row.faults, row.until.unwrap_or(LONG)).await;
    let mut wrong = Vec::new();
    if row.until.is_none() {
        wrong.extend(row.differs(&scene).await);
    }
    wrong.extend(settle(&mut scene).await);
    if row.until.is_some() {
        wrong.extend(row.differs(&scene).await);
    }
    wrong
}

/// Plays the scene until the faults end.
async fn play(does: Does, faults: &Faults, until: u64) -> Scene {
    assert_eq!(faults.check(), Ok(()), "the API would take these faults");
    let late = does == Does::PaysLate;
    let mut scene = Scene::begin((!late).then_some(faults)).await;
    match does {
        Does::Leaves => {}
        Does::PaysLate => {
            scene.until(PAID_LATE).await;
            scene.world.misbehave(ORDER, faults.clone());
            scene.pay();
        }
        _ => {
            scene.until(PAID).await;
            scene.pay();
        }
    }
    match does {
        Does::Asks => {
            scene.until(PAID + 5).await;
            scene.ask().await;
        }
        Does::PaidBackInPart | Does::PaidBack => {
            scene.until(REFUNDED).await;
            scene.refund(if does == Does::PaidBack { 100 } else { 30 });
        }
        Does::Leaves | Does::Pays | Does::PaysLate => {}
    }
    scene.until(until).await;
    scene
}

/// The faults end, and time passes; what does not hold, whatever the faults were.
async fn settle(scene: &mut Scene) -> Vec<String> {
    let mut wrong = always::broken(scene, false).await;
    let closed = scene.world.show(ORDER).await["closed_at"].is_string();
    scene.world.misbehave(ORDER, Faults::default());
    let now = scene.world.clock.mono().as_secs();
    // And a moment in which the question is asked and the answer told.
    scene.until(now + GAP + 2).await;
    wrong.extend(always::broken(scene, !closed).await);
    scene.until(now + REST).await;
    wrong.extend(always::broken(scene, true).await);
    wrong.sort_unstable();
    wrong.dedup();
    wrong
}

/// A day of paused time.
fn in_paused_time<T>(day: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(day)
}

/// Plays every row of a table, and names those that ended wrong.
fn play_all(does: Does, table: &'static str) {
    let mut failed = Vec::new();
    let rows = rows(does, table);
    for row in &rows {
        // Shown where the row panics.
        println!("{does:?}: {}", row.name);
        for wrong in in_paused_time(check(row)) {
            failed.push(format!("{}\n    {wrong}", row.name));
        }
    }
    assert!(!rows.is_empty());
    assert!(
        failed.is_empty(),
        "{does:?}, {} rows:\n{}",
        rows.len(),
        failed.join("\n")
    );
}

/// Shows that each fault alone, and those that belong together, let a paid order end right.
#[test]
fn a_buyer_who_pays() {
    play_all(Does::Pays, rows::PAYING);
}

/// Shows the same for one who says that he has paid, and is heard at once.
#[test]
fn a_buyer_who_asks() {
    play_all(Does::Asks, rows::ASKING);
}

/// Shows that money for a closed order is found, and told to a person.
#[test]
fn a_buyer_who_pays_late() {
    play_all(Does::PaysLate, rows::LATE);
}

/// Shows that what was paid back stays paid back, whatever came first.
#[test]
fn a_buyer_who_is_paid_back() {
    play_all(Does::PaidBackInPart, rows::PAID_BACK_IN_PART);
    play_all(Does::PaidBack, rows::PAID_BACK);
}

/// Shows that an order that nobody pays is closed once the gateway has said so, and never before.
#[test]
fn a_buyer_who_leaves() {
    play_all(Does::Leaves, rows::LEAVING);
}
