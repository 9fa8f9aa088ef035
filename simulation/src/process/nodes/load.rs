//! The load: orders that are made, checked out, paid, told of, at a steady rate, each step again until it is done. A server
//! that does not answer in time is left alone, and another one is asked, as a balancer would.

use super::cluster::Cluster;
use crate::process::Failed;
use crate::process::load::{amount, name};
use crate::process::site::ACCOUNT;
use crate::truth::Name;
use quittance_core::Timestamp;
use quittance_server::clock::Mono;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

const ACK: &[u8] = b"success";
/// What was not taken is sent again so much later.
const AGAIN: Duration = Duration::from_secs(1);
/// More orders are not under way at once; none is begun then.
const UNDER_WAY_MAX: usize = 4_000;
/// What is under way when the run is over is done within this, or it never will be.
const REST: Duration = Duration::from_secs(150);

/// What buyers do, and gateways.
#[derive(Clone, Copy)]
pub struct Habits {
    /// Whether an order is ever paid.
    pub paid: fn(usize) -> bool,
    /// Whether the notify of an order goes to two servers at once.
    pub twice: fn(usize) -> bool,
    /// Whether the buyer comes back to a third server at the same moment.
    pub back: fn(usize) -> bool,
    /// A buyer pays within so long after the checkout.
    pub pays_within: Duration,
}

/// What became of it.
#[derive(Clone, Default)]
pub struct Book {
    /// When a notify was acked, and by which server.
    pub acks: Vec<(Mono, usize)>,
    /// When one was answered `fail`.
    pub fails: Vec<Mono>,
    /// When one had not been answered.
    pub silences: Vec<Mono>,
    /// Acks of each order's notifies.
    pub acked: BTreeMap<String, usize>,
    /// When each paid order's callbacks were first sent.
    pub told: BTreeMap<String, Timestamp>,
    /// Buyers who came back, and were led on.
    pub returns: usize,
    /// Orders that were begun.
    pub orders: usize,
}

/// A load on a cluster.
pub struct Load {
    cluster: Arc<Cluster>,
    habits: Habits,
    rate: u32,
    chance: Mutex<fastrand::Rng>,
    book: Mutex<Book>,
}

impl Load {
    /// So many orders in a second.
    #[must_use]
    pub fn new(cluster: &Arc<Cluster>, habits: Habits, rate: u32, seed: u64) -> Arc<Load> {
        Arc::new(Load {
            cluster: cluster.clone(),
            habits,
            rate,
            chance: Mutex::new(fastrand::Rng::with_seed(seed)),
            book: Mutex::default(),
        })
    }

    /// What became of it so far.
    #[must_use]
    pub fn book(&self) -> Book {
        locked(&self.book).clone()
    }

    /// Begins orders until something else is over, and then brings all of them to their end.
    ///
    /// # Errors
    /// Where something answers what it never should, or an order does not come to its end.
    pub async fn beside<T>(
        self: &Arc<Load>,
        work: impl Future<Output = Result<T, Failed>>,
    ) -> Result<T, Failed> {
        let clock = self.cluster.clock();
        let period = Duration::from_secs(1) / self.rate.max(1);
        let mut jobs = JoinSet::new();
        let mut work = std::pin::pin!(work);
        let mut next = clock.mono();
        let done = loop {
            tokio::select! {
                done = &mut work => break done?,
                Some(ended) = jobs.join_next() => ended??,
                () = clock.sleep_until(next) => {
                    next += period;
                    if jobs.len() < UNDER_WAY_MAX {
                        let load = self.clone();
                        let number = load.begins();
                        jobs.spawn(async move { load.order(number).await });
                    }
                }
            }
        };
        let rest = clock.within(REST, async {
            while let Some(ended) = jobs.join_next().await {
                ended??;
            }
            Ok::<_, Failed>(())
        });
        match rest.await {
            Some(ended) => ended.map(|()| done),
            None => {
                let open = jobs.len();
                Err(format!("{open} orders did not come to their end within {REST:?}").into())
            }
        }
    }

    fn begins(&self) -> usize {
        let mut book = locked(&self.book);
        book.orders += 1;
        book.orders
    }

    async fn order(&self, number: usize) -> Result<(), Failed> {
        let name = name(number);
        let clock = self.cluster.clock();
        while !no_answer(self.create(&name, amount(number)).await)? {
            clock.sleep(AGAIN).await;
        }
        while !no_answer(self.checkout(&name).await)? {
            clock.sleep(AGAIN).await;
        }
        if !(self.habits.paid)(number) {
            return Ok(());
        }
        let pays_ms = u64::try_from(self.habits.pays_within.as_millis())?;
        let pays_ms = locked(&self.chance).u64(..=pays_ms);
        clock.sleep(Duration::from_millis(pays_ms)).await;
        let ledger = &self.cluster.ledger;
        let body = self.cluster.gateway.pay(ledger, &name, amount(number))?;
        locked(&self.book)
            .told
            .insert(name.order_no.clone(), clock.wall());
        let (first, second, third) = self.three();
        let (first, second, third) = tokio::join!(
            self.tell(&name, first, &body),
            maybe((self.habits.twice)(number), self.tell(&name, second, &body)),
            maybe((self.habits.back)(number), self.come_back(&name, third)),
        );
        first.and(second).and(third)
    }

    /// A server, the next one, and the one behind it.
    fn three(&self) -> (usize, usize, usize) {
        let nodes = self.cluster.sites.len();
        let first = locked(&self.chance).usize(..nodes);
        (first, (first + 1) % nodes, (first + 2) % nodes)
    }

    fn server(&self, node: usize) -> &str {
        &self.cluster.sites[node].url
    }

    /// Makes an order; whether a server took it. Made again, it is the same one.
    async fn create(&self, name: &Name, amount: i64) -> Result<bool, Failed> {
        let order = json!({
            "account": name.account, "order_no": name.order_no, "subject": "茶",
            "amount": format!("{}.{:02}", amount / 100, amount % 100),
        });
        let (node, ..) = self.three();
        let body = Some(order.to_string());
        let called = self
            .cluster
            .caller
            .api(self.server(node), "/v1/orders", body);
        Ok(taken(name, called.await?)?.is_some())
    }

    /// Sends the buyer to the cashier; whether a server did.
    async fn checkout(&self, name: &Name) -> Result<bool, Failed> {
        let path = format!("/v1/orders/{ACCOUNT}/{}/checkout?via=get", name.order_no);
        let (node, ..) = self.three();
        let called = self
            .cluster
            .caller
            .api(self.server(node), &path, Some(String::new()));
        let Some(told) = taken(name, called.await?)? else {
            return Ok(false);
        };
        let url = told["url"]
            .as_str()
            .ok_or("a checkout without an address")?;
        self.cluster.gateway.visit(&self.cluster.ledger, url)?;
        Ok(true)
    }

    /// Sends a notify to this server, and again to any, until it is acked.
    async fn tell(&self, name: &Name, mut node: usize, body: &[u8]) -> Result<(), Failed> {
        let clock = self.cluster.clock();
        loop {
            let caller = &self.cluster.caller;
            let answer = caller.notify(self.server(node), ACCOUNT, body).await;
            if self.acked(name, node, answer)? {
                return Ok(());
            }
            clock.sleep(AGAIN).await;
            (node, ..) = self.three();
        }
    }

    /// Writes down what a server answered to a notify; whether that was the ack.
    fn acked(
        &self,
        name: &Name,
        node: usize,
        answer: Result<(u16, Vec<u8>), Failed>,
    ) -> Result<bool, Failed> {
        let at = self.cluster.clock().mono();
        let mut book = locked(&self.book);
        match answer {
            Ok((200, word)) if word == ACK => {
                book.acks.push((at, node));
                *book.acked.entry(name.order_no.clone()).or_default() += 1;
                return Ok(true);
            }
            Ok((_, word)) if word == b"fail" => book.fails.push(at),
            Ok((status, word)) => {
                let word = String::from_utf8_lossy(&word);
                return Err(format!("a notify is answered {status} {word:?}").into());
            }
            Err(_) => book.silences.push(at),
        }
        Ok(false)
    }

    /// The buyer's browser brings the gateway's return to this server, and to any other one until it is led to the order's
    /// page: what could not be written down says that it should come again.
    async fn come_back(&self, name: &Name, mut node: usize) -> Result<(), Failed> {
        let path = self.cluster.gateway.way_back(&self.cluster.ledger, name);
        let path = path.ok_or("the gateway leads nobody back")?;
        loop {
            match self.cluster.caller.open(self.server(node), &path).await {
                Ok(303) => break,
                Ok(200 | 500..=599) | Err(_) => self.cluster.clock().sleep(AGAIN).await,
                Ok(status) => {
                    return Err(format!("the return of {name} is answered {status}").into());
                }
            }
            (node, ..) = self.three();
        }
        locked(&self.book).returns += 1;
        Ok(())
    }
}

/// What a server said, or nothing where it could not do it now.
fn taken(name: &Name, (status, told): (u16, Value)) -> Result<Option<Value>, Failed> {
    match status {
        200 | 201 => Ok(Some(told)),
        500..=599 => Ok(None),
        _ => Err(format!("{name} is answered {status}: {told}").into()),
    }
}

/// A connection that breaks, or an answer that takes too long, is no answer; anything else is wrong.
fn no_answer(done: Result<bool, Failed>) -> Result<bool, Failed> {
    match done {
        Err(error) if error.is::<reqwest::Error>() => Ok(false),
        done => done,
    }
}

async fn maybe(wanted: bool, work: impl Future<Output = Result<(), Failed>>) -> Result<(), Failed> {
    match wanted {
        true => work.await,
        false => Ok(()),
    }
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
