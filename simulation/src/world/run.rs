//! One world from its beginning to its rest.

use super::clock::TrueClock;
use super::contract::{FOURTH, THIRD, contracts};
use super::database::Database;
use super::errand::Errand;
use super::gateway::Gateway;
use super::host::{self, Host};
use super::rogue::is_made_up;
use super::{Chronicle, Contract, ENDPOINTS, Fates, World};
use super::{notifies, weather};
use crate::auditor::{Auditor, Broken};
use crate::dice::Dice;
use crate::fault::Fault;
use crate::reached;
use crate::story::story;
use crate::truth::{Micros, Name, Said, Truth};
use quittance_server::store::memory;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
/// The shortest time that an order may be paid for.
const EXPIRES_MIN: Duration = Duration::from_secs(300);
/// After the faults ended, so long the world goes on: past the last late check, the latest notify, and the longest gap
/// between two deliveries.
const REST: Duration = Duration::from_secs(52 * 3_600);

/// How many nodes a world has: one half of them one.
const NODES: [usize; 10] = [1, 1, 1, 1, 1, 2, 2, 2, 3, 3];

/// By how much the clock of one of several nodes may be off.
const APART_MILLIS: [i64; 5] = [-400, -50, 0, 50, 400];

/// How large a world is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scale {
    /// At most so many orders.
    pub orders: u32,
    /// At most so many days until the faults end.
    pub days: u32,
}

impl Default for Scale {
    fn default() -> Scale {
        Scale { orders: 4, days: 4 }
    }
}

/// What became of one world.
#[derive(Debug)]
pub struct Ended {
    /// Its seed.
    pub seed: u64,
    /// Promises that were broken.
    pub broken: Vec<Broken>,
    /// What may not happen in any world, and did.
    pub wrong: Vec<String>,
    /// Faults, and how often they struck.
    pub struck: BTreeMap<Fault, u32>,
    /// States that were reached.
    pub reached: BTreeSet<&'static str>,
    /// How much time passed in it.
    pub lasted: Duration,
    /// How many orders were made.
    pub orders: usize,
    /// A digest of everything that happened in it.
    pub trace: [u8; 32],
    /// What happened to the order of the first broken promise.
    pub story: Option<String>,
    /// What happened in the world, and when.
    pub notes: Vec<(Micros, String)>,
}

impl Ended {
    /// A world that a panic ended before its time.
    #[must_use]
    pub fn cut_short(seed: u64, panics: Vec<String>) -> Ended {
        Ended {
            seed,
            broken: Vec::new(),
            wrong: panics,
            struck: BTreeMap::new(),
            reached: BTreeSet::new(),
            lasted: Duration::ZERO,
            orders: 0,
            trace: [0; 32],
            story: None,
            notes: Vec::new(),
        }
    }
}

/// Plays the world of this seed.
///
/// # Errors
/// Where this machine cannot hold it: no runtime, no memory for a database.
pub fn play(seed: u64, scale: Scale) -> Result<Ended, Impossible> {
    on_a_clock_of_its_own(|| async {
        let world = World::begin(seed)?;
        let ended = run(&world, seed, scale).await;
        world.end();
        Ok(ended)
    })
}

/// Why a world cannot be played.
pub type Impossible = Box<dyn std::error::Error + Send + Sync>;

/// Plays something on one thread, in virtual time.
pub(super) fn on_a_clock_of_its_own<T, F: Future<Output = Result<T, Impossible>>>(
    what: impl FnOnce() -> F,
) -> Result<T, Impossible> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    runtime.block_on(async { what().await })
}

/// The machines of so many nodes. The clocks of several are never the same.
fn hosts(seed: u64, nodes: usize, clock: &Arc<TrueClock>) -> Vec<Arc<Host>> {
    let mut dice = Dice::new(seed, "clocks");
    let mut apart = || match nodes {
        1 => 0,
        _ => *dice.pick(&APART_MILLIS),
    };
    let host = |number| Host::new(number, clock, apart());
    (0..nodes).map(host).collect()
}

impl World {
    fn begin(seed: u64) -> Result<Arc<World>, rusqlite::Error> {
        let mut dice = Dice::new(seed, "world");
        let contracts = contracts(seed, &mut dice);
        let nodes = *Dice::new(seed, "nodes").pick(&NODES);
        World::with(seed, Fates::new(seed), contracts, nodes, dice)
    }

    /// A world of one node with these contracts, in which this goes wrong.
    pub(super) fn of(
        seed: u64,
        fates: Fates,
        contracts: Vec<Contract>,
    ) -> Result<Arc<World>, rusqlite::Error> {
        World::with(seed, fates, contracts, 1, Dice::new(seed, "world"))
    }

    fn with(
        seed: u64,
        fates: Fates,
        contracts: Vec<Contract>,
        nodes: usize,
        dice: Dice,
    ) -> Result<Arc<World>, rusqlite::Error> {
        let database = format!("world-{seed}-{:?}", std::thread::current().id());
        let flags = OpenFlags::default() | OpenFlags::SQLITE_OPEN_URI;
        let journal = Connection::open_with_flags(memory(&database), flags)?;
        let rules = contracts.iter().map(Contract::rule).collect();
        let clock = TrueClock::new(seed);
        Ok(Arc::new(World {
            fates: Arc::new(fates),
            gateway: Gateway::new(&contracts, seed),
            contracts,
            hosts: hosts(seed, nodes, &clock),
            database: Database::new(database, nodes),
            clock,
            renamed: 0.into(),
            cut: Mutex::default(),
            tasks: Mutex::default(),
            chronicle: Mutex::new(Chronicle {
                truth: Truth::default(),
                dice,
                trace: Sha256::new(),
                notes: Vec::new(),
                auditor: Auditor::new(rules),
                journal,
                broken: Vec::new(),
                wrong: Vec::new(),
                unpaid: BTreeMap::new(),
                gone: BTreeMap::new(),
            }),
        }))
    }

    /// Everything stops where it is.
    pub(super) fn end(&self) {
        self.tasks
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .abort_all();
        self.kill_all();
    }

    /// What the node says of itself.
    pub(super) async fn said(&self) -> Said {
        let mut said = Said::default();
        let names: Vec<Name> = self.chronicle().unpaid.keys().cloned().collect();
        for Name { account, order_no } in names {
            let path = format!("/v1/orders/{account}/{order_no}");
            said.orders
                .push(self.api_until_heard("GET", &path, "").await.1);
        }
        said.events = self.pages("/v1/events").await;
        said.discrepancies = self.pages("/v1/discrepancies").await;
        said
    }

    async fn pages(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut after = String::new();
        loop {
            let path = format!("{path}?limit=200{after}");
            let (_, page) = self.api_until_heard("GET", &path, "").await;
            let found = page["items"].as_array().cloned().unwrap_or_default();
            let last = found.is_empty();
            items.extend(found);
            let Some(next) = page["next"].as_str().filter(|_| !last) else {
                return items;
            };
            after = format!("&after={next}");
        }
    }
}

async fn run(world: &Arc<World>, seed: u64, scale: Scale) -> Ended {
    let mut dice = Dice::new(seed, "run");
    let lasts = dice.wait(HOUR * 6, HOUR * 24 * scale.days.max(1));
    let orders = dice.from_to(1, u64::from(scale.orders.max(1)));
    host::keep_all(world);
    world.spawn(notifies::keep_sending(world.clone()));
    weather::begin(world, seed, lasts);
    for number in 0..orders {
        let usual = *dice.pick(&["main", "main", "side"]);
        let mut own = Dice::new(seed, &format!("order {number}"));
        let third = world.contract(THIRD).filter(|_| own.chance(60));
        let fourth = world.contract(FOURTH).filter(|_| own.chance(60));
        let another = fourth.or(third);
        let Some(contract) = another.or_else(|| world.contract(usual)) else {
            continue;
        };
        let limit = another.filter(|_| own.chance(50));
        let errand = Errand {
            name: Name::new(
                contract.account,
                &contract.order_no("A", &number.to_string()),
            ),
            amount: *dice.pick(&[1, 100, 999, 12_345, 9_999_999]),
            expires_in: limit
                .map(|_| Duration::from_secs(own.wide_wait(EXPIRES_MIN, HOUR * 30).as_secs())),
            at: dice.wide_wait(Duration::ZERO, lasts),
            dice: Dice::new(seed, &format!("errand {number}")),
        };
        let place = world.clone();
        world.spawn(async move { errand.run(place).await });
    }
    world.clock.until(lasts).await;
    world.calm_down().await;
    // Buyers and sellers come to their end, and the node with them.
    world.clock.sleep(REST * 2).await;
    let said = rest(world).await;
    tell(world, seed, &said)
}

/// After the faults ended: everything is told, then everything comes once more, and changes nothing. Gives what the node
/// says of itself in the end.
async fn rest(world: &Arc<World>) -> Said {
    world.look();
    world.call_again().await;
    world.clock.sleep(REST).await;
    let said = world.said().await;
    world.audit(&said);
    world.verify_everything().await;
    world.clock.sleep(HOUR).await;
    let mut before = world.said().await;
    // Nobody asks about a paid order: where every notify of a refund, or of a second payment, was lost, a replay is the
    // first to tell.
    let refund = world.write(|truth| Auditor::untold_refund(truth, &before));
    if refund {
        world.fates.reached("refund_untold");
    }
    if refund || world.write(|truth| Auditor::untold_payment(truth, &before)) {
        world.replay_everything().await;
        world.clock.sleep(HOUR).await;
        before = world.said().await;
    }
    world.replay_everything().await;
    world.clock.sleep(HOUR * 30).await;
    let after = world.said().await;
    let mut chronicle = world.chronicle();
    chronicle.broken.extend(Auditor::unchanged(&before, &after));
    drop(chronicle);
    world.look();
    after
}

impl World {
    /// Nothing goes wrong from now on; what went wrong is over once every node is back, with the newest settings.
    pub(super) async fn calm_down(&self) {
        self.fates.calm_down();
        if self.clock.off_millis() != 0 {
            self.set_clock_by(-self.clock.off_millis());
        }
        self.roll_out();
        while !self.hosts.iter().all(|host| host.is_well()) {
            self.clock.sleep(MINUTE).await;
            self.roll_out();
        }
        let now = self.clock.micros();
        self.write(|truth| truth.calm_since = Some(now));
        self.note("calm");
    }

    /// The operator has everything told again that no endpoint has taken.
    async fn call_again(&self) {
        let events = self.pages("/v1/events").await;
        let missed: Vec<String> = self.write(|truth| {
            let took: BTreeSet<(&str, &str)> = truth
                .receipts
                .iter()
                .filter(|receipt| receipt.answered == Some(204))
                .map(|receipt| (receipt.endpoint.as_str(), receipt.id.as_str()))
                .collect();
            let all = events.iter().filter_map(|event| event["id"].as_str());
            all.filter(|id| {
                ENDPOINTS
                    .iter()
                    .any(|endpoint| !took.contains(&(endpoint, id)))
            })
            .map(str::to_owned)
            .collect()
        });
        for id in missed {
            self.fates.reached("dead_letter");
            self.api_until_heard("POST", &format!("/v1/events/{id}/redeliver"), "")
                .await;
        }
    }

    /// The operator has every order verified.
    async fn verify_everything(&self) {
        let names: Vec<Name> = self.chronicle().unpaid.keys().cloned().collect();
        for Name { account, order_no } in names {
            let path = format!("/v1/orders/{account}/{order_no}/verify");
            self.api_until_heard("POST", &path, "").await;
        }
    }

    /// Everything that was acked or refused for good comes once more. What was never acked would be news, and might
    /// change something; so would what our own key signed, which is kept unproven where it is heard.
    async fn replay_everything(&self) {
        let known: Vec<(String, Vec<u8>)> = self.write(|truth| {
            let heard = truth
                .callbacks
                .iter()
                .filter(|call| call.acked || !(call.genuine || is_made_up(&call.body)));
            heard
                .map(|call| (call.account.clone(), call.body.clone()))
                .collect()
        });
        for (account, body) in known {
            self.tell(&account, &format!("/notify/{account}"), &body)
                .await;
        }
    }

    pub(super) fn audit(&self, said: &Said) {
        let mut guard = self.chronicle();
        let chronicle = &mut *guard;
        chronicle.truth.now = self.clock.micros();
        let found = chronicle
            .auditor
            .close(&chronicle.truth, &chronicle.journal, said);
        chronicle.broken.extend(found);
    }
}

pub(super) fn tell(world: &World, seed: u64, said: &Said) -> Ended {
    let (struck, mut reached) = world.fates.tell();
    let mut chronicle = world.chronicle();
    match reached::states(&chronicle.truth, &chronicle.journal, said) {
        Ok(states) => reached.extend(states),
        Err(error) => chronicle.wrong.push(format!("the journal: {error}")),
    }
    let broken = std::mem::take(&mut chronicle.broken);
    let about = broken.iter().find_map(|broken| broken.about.clone());
    let story = about.map(|name| story(&name, &chronicle.truth, &chronicle.journal));
    Ended {
        seed,
        broken,
        wrong: std::mem::take(&mut chronicle.wrong),
        struck,
        reached,
        lasted: world.clock.passed(),
        orders: chronicle.truth.orders.len(),
        trace: chronicle.trace.clone().finalize().into(),
        story,
        notes: std::mem::take(&mut chronicle.notes),
    }
}
