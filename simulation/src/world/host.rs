//! The machines that nodes run on: each starts its node, lets it die, starts it again on what was committed. And the
//! balancer in front of them.

use super::clock::{NodeClock, Spell, TrueClock};
use super::life::Life;
use super::memory::Memory;
use super::wire::Wire;
use super::{Cut, World};
use crate::fault::Fault;
use axum::Router;
use axum::body::{Body, to_bytes};
use http::Request;
use quittance_core::http::Reply;
use quittance_server::clock::Clock;
use quittance_server::node::Node;
use quittance_server::setup::Setup;
use quittance_server::store::{Genesis, OpenError, Opening, StoreError};
use quittance_server::view::Viewer;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tower::ServiceExt;

/// No answer of ours is longer.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// So long the balancer waits for an answer: longer than anybody waits on a page.
const PATIENCE: Duration = Duration::from_secs(60);

/// So long a node that is stopped has for what is under way: ten seconds for connections, ten for work.
const STOPPING: Duration = Duration::from_secs(20);

/// Where one node lives.
pub struct Host {
    /// Its number, from 0.
    pub number: usize,
    /// Stands while the node does not reach the database.
    pub cut: Arc<Spell>,
    /// By how much its wall clock is off, beside what somebody set it by, in milliseconds.
    apart_millis: i64,
    /// How often its settings were changed.
    renamed: AtomicU32,
    running: Mutex<Option<Running>>,
}

struct Running {
    node: Node,
    life: Arc<Life>,
    /// The settings that it began with.
    renamed: u32,
}

/// A running node, for one call.
pub struct Door {
    /// The number of its host.
    pub number: usize,
    router: Router,
    life: Arc<Life>,
    clock: Arc<TrueClock>,
}

/// Why a node did not start: a mistake of the program, or its own death.
#[derive(Debug, thiserror::Error)]
pub enum NoStart {
    /// The database could not be opened.
    #[error("the database could not be opened: {0}")]
    Open(#[from] OpenError),
    /// The start could not be written down.
    #[error("the start could not be written down: {0}")]
    Store(#[from] StoreError),
}

impl Host {
    /// The machine of this number.
    #[must_use]
    pub fn new(number: usize, clock: &Arc<TrueClock>, apart_millis: i64) -> Arc<Host> {
        Arc::new(Host {
            number,
            apart_millis,
            cut: Arc::new(Spell::new(clock)),
            renamed: AtomicU32::new(0),
            running: Mutex::default(),
        })
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the node is running.
    pub fn is_up(&self) -> bool {
        self.running().is_some()
    }

    /// Whether it runs, goes on, and reaches the database.
    pub fn is_well(&self) -> bool {
        let goes_on = |running: &Running| !running.life.is_paused();
        self.running().as_ref().is_some_and(goes_on) && !self.cut.stands()
    }

    /// For so long nothing of its node goes on, if it runs.
    pub fn pause(&self, lasts: Duration) -> bool {
        let running = self.running();
        let life = running.as_ref().map(|running| &running.life);
        life.inspect(|life| life.pause(lasts)).is_some()
    }

    /// Its settings name another address for notifies from now on; its node, from its next start on.
    pub fn rename_notifies(&self, renamed: u32) {
        self.renamed.store(renamed, Ordering::Relaxed);
    }

    /// How often the settings had been changed that its node began with, if it runs.
    pub fn began_with(&self) -> Option<u32> {
        self.running().as_ref().map(|running| running.renamed)
    }

    /// Ends the node as an operator does: it takes nothing new, and has a while for what is under way.
    pub async fn stop(&self, clock: &TrueClock) {
        let running = self.running().as_ref().map(|running| {
            running.node.app.drain();
            (running.node.app.clone(), running.life.clone())
        });
        if let Some((app, life)) = running {
            tokio::select! {
                biased;
                () = life.end_of_it() => {}
                () = app.tasks.drain() => self.kill(),
                () = clock.sleep(STOPPING) => self.kill(),
            }
        }
    }

    /// Ends the node where it stands.
    pub fn kill(&self) {
        let killed = self.running().take();
        if let Some(Running { node, life, .. }) = killed {
            life.end();
            drop(node);
        }
    }

    fn door(&self, clock: &Arc<TrueClock>) -> Option<Door> {
        let running = self.running();
        let running = running.as_ref()?;
        Some(Door {
            number: self.number,
            router: running.node.router.clone(),
            life: running.life.clone(),
            clock: clock.clone(),
        })
    }
}

/// Starts the node of this host on what is in the database.
async fn start(
    world: &Arc<World>,
    host: &Host,
    setup: Setup,
) -> Result<(Node, Arc<Life>), NoStart> {
    let life = Arc::new(Life::new(&world.clock));
    let clock: Arc<dyn Clock> = NodeClock::new(&world.clock, &life, host.apart_millis);
    let opening = Opening {
        render: Arc::new(Viewer {
            public_url: setup.public_url.clone(),
        }),
        genesis: Genesis {
            chain: clock.token(),
            payer_salt: clock.nonce(),
            salt: clock.salt(),
            at: clock.wall(),
        },
        fatal: Box::new(|what| panic!("the disk failed: {what}")),
    };
    let memory = Memory {
        store: world.database.open(opening)?,
        database: world.database.clone(),
        node: host.number,
        life: life.clone(),
        cut: host.cut.clone(),
        fates: world.fates.clone(),
        clock: world.clock.clone(),
        changes: Memory::listeners(),
    };
    if world.database.is_shared() {
        world.spawn(memory.watch().run(world.clock.clone()));
    }
    let wire = Wire {
        world: Arc::downgrade(world),
        life: life.clone(),
    };
    let starting = Node::start(setup, clock, Arc::new(wire), Arc::new(memory));
    let node = tokio::select! {
        biased;
        started = starting => started?,
        () = life.end_of_it() => return Err(StoreError::Closed.into()),
    };
    Ok((node, life))
}

/// Keeps the node of each host running.
pub fn keep_all(world: &Arc<World>) {
    for host in &world.hosts {
        world.spawn(keep(world.clone(), host.clone()));
    }
}

/// Keeps a node running until the world ends: after each death it stays down for a while, then starts anew.
async fn keep(world: Arc<World>, host: Arc<Host>) {
    let name = world.name_of(&host);
    loop {
        // A server that does not reach its database does not start.
        host.cut.over().await;
        let renamed = host.renamed.load(Ordering::Relaxed);
        match start(&world, &host, world.settings(renamed)).await {
            Ok((node, life)) => {
                *host.running() = Some(Running {
                    node,
                    life: life.clone(),
                    renamed,
                });
                let now = world.clock.micros();
                world.write(|truth| truth.up_since = now);
                world.note(&format!("{name} is up"));
                if renamed < world.renamed() {
                    world.fates.reached("settings_of_before");
                }
                if world.fates.strikes(Fault::CrashStarting) {
                    world.fates.reached("replay_crash");
                    life.end();
                }
                life.end_of_it().await;
                host.kill();
                world.note(&format!("{name} is dead"));
                world.look();
            }
            Err(NoStart::Store(_)) => world.note(&format!("{name} died while it started")),
            Err(error) => {
                world.broken(format!("{name} did not start: {error}"));
                return;
            }
        }
        let down = world.downtime();
        world.clock.sleep(down).await;
    }
}

impl Door {
    /// One call; `None` where nobody answers for so long, or the node dies meanwhile.
    pub async fn call(self, request: Request<Body>, patience: Duration) -> Option<Reply> {
        let Door { router, life, .. } = self;
        let answer = async {
            life.goes_on().await;
            let response = router.oneshot(request).await.ok()?;
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, ANSWER_BYTES_MAX).await.ok()?;
            life.goes_on().await;
            let text =
                |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers = parts
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value)));
            Some(Reply {
                status: parts.status.as_u16(),
                headers: headers.collect(),
                body: body.to_vec(),
            })
        };
        tokio::select! {
            biased;
            () = life.end_of_it() => None,
            answer = answer => answer,
            () = self.clock.sleep(patience) => None,
        }
    }
}

impl World {
    /// The balancer gives a call to one of the nodes that are up, whether or not that one can answer.
    pub fn door(&self) -> Option<Door> {
        let doors = self.hosts.iter().filter_map(|host| host.door(&self.clock));
        let mut doors: Vec<Door> = doors.collect();
        match doors.len() {
            0 => None,
            1 => doors.pop(),
            several => Some(doors.swap_remove(self.with_dice(|dice| dice.below(several)))),
        }
    }

    /// One call to the server; `None` where nobody answers.
    pub async fn call(&self, request: Request<Body>) -> Option<Reply> {
        self.door()?.call(request, PATIENCE).await
    }

    /// What a node is called: by its number, where there are several.
    pub fn name_of(&self, host: &Host) -> String {
        match self.hosts.len() {
            1 => "the node".to_owned(),
            _ => format!("node {}", host.number + 1),
        }
    }

    /// How long the node stays down this time.
    fn downtime(&self) -> Duration {
        if let Some(left) = self.cut_off(Cut::Node) {
            return left;
        }
        if self.fates.calm() {
            return Duration::from_secs(1);
        }
        if self.fates.strikes(Fault::Outage) {
            // Where there are several, the others went on.
            if self.hosts.len() == 1 {
                self.fates.reached("server_down_longer_than_the_schedule");
            }
            let hours = self.with_dice(|dice| dice.from_to(1, 20));
            return Duration::from_secs(hours * 3_600);
        }
        self.with_dice(|dice| dice.wide_wait(Duration::from_millis(200), Duration::from_secs(300)))
    }
}
