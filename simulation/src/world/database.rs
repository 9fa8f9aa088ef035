//! The database, as the nodes have it. One node opens it anew at each start, on what was committed. Several work on one
//! that outlives them, as PostgreSQL does: each hears of its own commits at once, of those of others a little later.

use super::clock::{Spell, TrueClock};
use super::life::Life;
use quittance_server::store::{Change, DatabaseStore, Held, Location, OpenError, Opening};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Commits that a node may lag behind before it misses some.
const TOLD: usize = 1_024;
/// How long a commit of another node may go unheard.
const UNHEARD: Duration = Duration::from_millis(200);

/// The database of one world.
pub struct Database {
    name: String,
    /// The store that several nodes share.
    shared: Option<Mutex<Option<Arc<DatabaseStore>>>>,
    /// What was committed, and by which node.
    told: broadcast::Sender<(usize, Change)>,
    /// Which node took each piece of work last.
    takers: Mutex<BTreeMap<Held, usize>>,
}

impl Database {
    /// The database in memory of this name, for so many nodes.
    #[must_use]
    pub fn new(name: String, nodes: usize) -> Arc<Database> {
        Arc::new(Database {
            name,
            shared: (nodes > 1).then(Mutex::default),
            told: broadcast::Sender::new(TOLD),
            takers: Mutex::default(),
        })
    }

    /// Whether several nodes work on it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// The store of a life that begins.
    ///
    /// # Errors
    /// Those of the store.
    pub fn open(&self, opening: Opening) -> Result<Arc<DatabaseStore>, OpenError> {
        let anew = || {
            let location = Location::Named(self.name.clone());
            DatabaseStore::inline(&location, opening).map(Arc::new)
        };
        let Some(shared) = &self.shared else {
            return anew();
        };
        let mut shared = lock(shared);
        if let Some(store) = &*shared {
            return Ok(store.clone());
        }
        let store = anew()?;
        *shared = Some(store.clone());
        Ok(store)
    }

    /// What is committed from now on, for a node that listens.
    pub fn commits(&self) -> broadcast::Receiver<(usize, Change)> {
        self.told.subscribe()
    }

    /// A node has committed this.
    pub fn committed(&self, node: usize, change: &Change) {
        // Nobody may be listening: that is no failure.
        let _ = self.told.send((node, change.clone()));
    }

    /// A node takes this; who took it before.
    pub fn takes(&self, node: usize, held: &Held) -> Option<usize> {
        lock(&self.takers).insert(held.clone(), node)
    }

    /// Which node took this last.
    pub fn taker(&self, held: &Held) -> Option<usize> {
        lock(&self.takers).get(held).copied()
    }
}

/// How one node hears of what others commit: it looks a few times a second, where it can.
pub struct Watch {
    /// Its number.
    pub node: usize,
    /// What is committed.
    pub commits: broadcast::Receiver<(usize, Change)>,
    /// Who listens there.
    pub changes: broadcast::Sender<Change>,
    /// Whose life it is.
    pub life: Arc<Life>,
    /// Stands while the node does not reach the database.
    pub cut: Arc<Spell>,
}

impl Watch {
    /// Looks until this life is over.
    pub async fn run(self, clock: Arc<TrueClock>) {
        let life = self.life.clone();
        tokio::select! {
            biased;
            () = life.end_of_it() => {}
            () = self.look(&clock) => {}
        }
    }

    async fn look(mut self, clock: &TrueClock) {
        loop {
            let mut orders = match self.commits.recv().await {
                Ok((node, _)) if node == self.node => continue,
                Ok((_, change)) => change.orders.iter().cloned().collect(),
                // What was missed is found all the same.
                Err(RecvError::Lagged(_)) => BTreeSet::new(),
                Err(RecvError::Closed) => return,
            };
            clock.sleep(UNHEARD).await;
            self.cut.over().await;
            self.life.goes_on().await;
            while let Ok((node, change)) = self.commits.try_recv() {
                if node != self.node {
                    orders.extend(change.orders.iter().cloned());
                }
            }
            // Nobody may be listening: that is no failure.
            let _ = self.changes.send(Change {
                orders: orders.into_iter().collect(),
                events: true,
            });
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
