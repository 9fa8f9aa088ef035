//! The machine that the node runs on: starts it, lets it die, starts it again on what was committed.

use super::clock::NodeClock;
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
use quittance_server::store::{DatabaseStore, Genesis, Location, OpenError, Opening, StoreError};
use quittance_server::view::Viewer;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tower::ServiceExt;

/// No answer of ours is longer.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Where the node lives.
#[derive(Default)]
pub struct Host {
    running: Mutex<Option<Running>>,
}

struct Running {
    node: Node,
    life: Arc<Life>,
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
    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The router of the running node, and its life.
    fn door(&self) -> Option<(Router, Arc<Life>)> {
        self.running()
            .as_ref()
            .map(|running| (running.node.router.clone(), running.life.clone()))
    }

    /// Whether the node is running.
    pub fn is_up(&self) -> bool {
        self.running().is_some()
    }

    /// Ends the node where it stands.
    pub fn kill(&self) {
        let killed = self.running().take();
        if let Some(Running { node, life }) = killed {
            life.end();
            drop(node);
        }
    }
}

/// Starts the node on what is in the database.
async fn start(world: &Arc<World>, setup: Setup) -> Result<(Node, Arc<Life>), NoStart> {
    let life = Arc::new(Life::default());
    let clock: Arc<dyn Clock> = NodeClock::new(&world.clock);
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
        store: DatabaseStore::inline(&Location::Named(world.database.clone()), opening)?,
        life: life.clone(),
        fates: world.fates.clone(),
    };
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

/// Keeps the node running until the world ends: after each death it stays down for a while, then starts anew.
pub async fn keep(world: Arc<World>) {
    loop {
        match start(&world, world.settings()).await {
            Ok((node, life)) => {
                *world.host.running() = Some(Running {
                    node,
                    life: life.clone(),
                });
                world.note("the node is up");
                if world.fates.strikes(Fault::CrashStarting) {
                    world.fates.reached("replay_crash");
                    life.end();
                }
                life.end_of_it().await;
                world.host.kill();
                world.note("the node is dead");
                world.look();
            }
            Err(NoStart::Store(_)) => world.note("the node died while it started"),
            Err(error) => {
                world.broken(format!("the node did not start: {error}"));
                return;
            }
        }
        let down = world.downtime();
        world.clock.sleep(down).await;
    }
}

impl World {
    /// One call to the node; `None` where nobody answers, or it dies meanwhile.
    pub async fn call(&self, request: Request<Body>) -> Option<Reply> {
        let (router, life) = self.host.door()?;
        let answer = async {
            let response = router.oneshot(request).await.ok()?;
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, ANSWER_BYTES_MAX).await.ok()?;
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
            self.fates.reached("server_down_longer_than_the_schedule");
            let hours = self.with_dice(|dice| dice.from_to(1, 20));
            return Duration::from_secs(hours * 3_600);
        }
        self.with_dice(|dice| dice.wide_wait(Duration::from_millis(200), Duration::from_secs(300)))
    }
}
