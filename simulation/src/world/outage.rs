//! One world whose plan is no chance: the gateway pays and sends, and for two hours nobody hears it. All sends of the
//! notify are over by then, and no return comes: only a question can find the money, inside of the time in which the
//! gateway answers.

use super::contract::{Contract, third};
use super::gateway::House;
use super::run::{self, Ended, Impossible};
use super::{Fates, World};
use super::{host, notifies};
use crate::story::story;
use crate::truth::Name;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
/// How long it lasts, from the payment on.
const LASTS: Duration = Duration::from_secs(2 * 3_600);
/// The buyer pays so long after he was sent.
const PAYS_AFTER: Duration = Duration::from_secs(600);

/// What is cut off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cut {
    /// The node is down.
    Node,
    /// Nothing gets through between the node and the gateway, either way.
    Network,
}

/// What became of the order.
#[derive(Debug)]
pub struct Outage {
    /// How the world ended. Its story is that of the order.
    pub ended: Ended,
    /// How often the gateway had sent its notify in vain when the outage was over.
    pub sends: u32,
    /// Whether it would have sent once more.
    pub sends_again: bool,
    /// The order as the node shows it in the end.
    pub order: Value,
    /// When the node learnt of the payment, from the time on at which the buyer was sent.
    pub learnt_after: Duration,
}

/// Plays it, with an order that may be paid for so long, where that ends.
///
/// # Errors
/// Where this machine cannot hold it, or the story does not come to its end.
pub fn play_outage(cut: Cut, expires_in: Option<Duration>) -> Result<Outage, Impossible> {
    run::on_a_clock_of_its_own(|| async move {
        let contract = third(false, false);
        let world = World::of(0, Fates::none(0), vec![contract.clone()])?;
        let outage = tell(&world, &contract, cut, expires_in).await;
        world.end();
        outage.ok_or_else(|| "the node or the gateway refused what the story needs".into())
    })
}

async fn tell(
    world: &Arc<World>,
    contract: &Contract,
    cut: Cut,
    expires_in: Option<Duration>,
) -> Option<Outage> {
    host::keep_all(world);
    world.spawn(notifies::keep_sending(world.clone()));
    let name = Name::new(contract.account, &contract.order_no("A", "0"));
    world.make_order(&name, 12_345, expires_in).await?;
    world.unpaid(&name, 12_345);
    let cashier = world.check_out(&name).await?;
    let sent = world.clock.passed();
    world.goes_to(House::First, contract, &name, &cashier);
    let pays = sent + PAYS_AFTER;
    world.clock.until(pays - SECOND).await;
    world.cut(cut, pays + LASTS);
    world.clock.until(pays).await;
    let now = world.clock.now();
    let paid = |house: &mut quittance_sandbox::Sandbox| {
        house.buyer_pays(now, contract.partner, &name.order_no)
    };
    world.at_gateway(House::First, paid);
    world.clock.until(pays + LASTS).await;
    let trades = world.at_gateway(House::First, |house| house.trades());
    let trade = trades.first()?;
    let (sends, sends_again) = (trade.attempts, trade.next_resend.is_some());
    world.calm_down().await;
    // Past the time in which the gateway answers, and past every late check.
    world.clock.sleep(HOUR * 40).await;
    let said = world.said().await;
    world.audit(&said);
    let mut ended = run::tell(world, 0, &said);
    ended.story = Some(world.with_truth(|truth, journal| story(&name, truth, journal)));
    let order = said.orders.first()?.clone();
    let learnt: jiff::Timestamp = order["trades"][0]["received_at"].as_str()?.parse().ok()?;
    let learnt = learnt.as_microsecond() - super::clock::BEGINNING;
    let learnt = Duration::from_micros(u64::try_from(learnt).ok()?);
    Some(Outage {
        ended,
        sends,
        sends_again,
        order,
        learnt_after: learnt.saturating_sub(sent),
    })
}
