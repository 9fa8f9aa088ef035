//! The load: orders that are made, checked out, paid, told of; each step again until it is done, whoever dies meanwhile.

use super::Failed;
use super::site::ACCOUNT;
use super::world::World;
use crate::truth::{Callback, Name, Wanted};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// Connections at once.
pub const CONNECTIONS: usize = 32;
const ACK: &[u8] = b"success";
/// Of so many orders two are never paid, and the notify of a third is lost.
const FATES: usize = 20;
/// Of so many turns one tells again of an order that was told of.
const AGAIN: usize = 4;

/// How far an order is.
#[derive(Clone)]
enum Stage {
    Create,
    Checkout,
    Pay,
    Tell(Vec<u8>),
}

#[derive(Clone)]
struct Job {
    number: usize,
    stage: Stage,
}

enum Step {
    Next(Job),
    Done,
    /// The server said no: again, but later.
    Later(Job),
}

/// All orders of a world, and how far each is.
pub struct Load {
    world: Arc<World>,
    next: AtomicUsize,
    orders_max: usize,
    loses: bool,
    jobs: Mutex<VecDeque<Job>>,
    later: Mutex<Vec<Job>>,
    told: Mutex<Vec<(usize, Vec<u8>)>>,
    chance: Mutex<fastrand::Rng>,
    stop: AtomicBool,
    acks: AtomicUsize,
    wait_max_ms: AtomicUsize,
}

impl Load {
    /// No order yet, and at most so many in all. Where it `loses` notifies, those orders are found by asking, which takes
    /// as long as the first gap between checks.
    #[must_use]
    pub fn new(world: &Arc<World>, seed: u64, orders_max: usize, loses: bool) -> Arc<Load> {
        Arc::new(Load {
            world: world.clone(),
            next: AtomicUsize::new(0),
            orders_max,
            loses,
            jobs: Mutex::default(),
            later: Mutex::default(),
            told: Mutex::default(),
            chance: Mutex::new(fastrand::Rng::with_seed(seed)),
            stop: AtomicBool::new(false),
            acks: AtomicUsize::new(0),
            wait_max_ms: AtomicUsize::new(0),
        })
    }

    /// Acks so far.
    #[must_use]
    pub fn acks(&self) -> usize {
        self.acks.load(Ordering::SeqCst)
    }

    /// The longest that a gateway waited for an answer.
    #[must_use]
    pub fn wait_max(&self) -> Duration {
        Duration::from_millis(self.wait_max_ms.load(Ordering::SeqCst) as u64)
    }

    /// Sends on every connection until [`Load::end`], or until the server is gone.
    ///
    /// # Errors
    /// Where something answers what it never should.
    pub async fn run(self: &Arc<Load>) -> Result<(), Failed> {
        self.stop.store(false, Ordering::SeqCst);
        self.work(true).await
    }

    /// Does what was begun, and begins nothing.
    ///
    /// # Errors
    /// As [`Load::run`].
    pub async fn finish(self: &Arc<Load>) -> Result<(), Failed> {
        self.stop.store(false, Ordering::SeqCst);
        self.work(false).await
    }

    /// How much was begun and is not done.
    #[must_use]
    pub fn open(&self) -> usize {
        locked(&self.jobs).len() + locked(&self.later).len()
    }

    /// Asks the connections to end.
    pub fn end(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    /// An order that was told of, again with the same bytes: whether it is acked.
    ///
    /// # Errors
    /// A connection that breaks.
    pub async fn probe(&self) -> Result<bool, Failed> {
        let body = locked(&self.told).first().map(|(_, body)| body.clone());
        self.tell(&body.ok_or("nothing was told yet")?).await
    }

    async fn work(self: &Arc<Load>, begin: bool) -> Result<(), Failed> {
        let later = std::mem::take(&mut *locked(&self.later));
        locked(&self.jobs).extend(later);
        let mut senders = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let load = self.clone();
            senders.spawn(async move { load.sender(begin).await });
        }
        while let Some(ended) = senders.join_next().await {
            ended??;
        }
        Ok(())
    }

    async fn sender(&self, begin: bool) -> Result<(), Failed> {
        while !self.stop.load(Ordering::SeqCst) {
            if begin && locked(&self.chance).usize(..AGAIN) == 0 {
                if let Some(body) = self.again()
                    && let Err(error) = self.tell(&body).await
                {
                    return gone(error);
                }
                continue;
            }
            let Some(mut job) = self.take(begin) else {
                if begin && self.begun_all() && !locked(&self.told).is_empty() {
                    continue; // Nothing new is left: what was told is told again.
                }
                return Ok(());
            };
            loop {
                match self.advance(&job).await {
                    Ok(Step::Next(next)) => job = next,
                    Ok(Step::Done) => break,
                    Ok(Step::Later(job)) => {
                        locked(&self.later).push(job);
                        break;
                    }
                    Err(error) => {
                        // This step again, when there is a server.
                        locked(&self.jobs).push_front(job);
                        return gone(error);
                    }
                }
            }
        }
        Ok(())
    }

    fn begun_all(&self) -> bool {
        self.next.load(Ordering::SeqCst) >= self.orders_max
    }

    fn take(&self, begin: bool) -> Option<Job> {
        if let Some(job) = locked(&self.jobs).pop_front() {
            return Some(job);
        }
        if !begin {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        (number < self.orders_max).then_some(Job {
            number,
            stage: Stage::Create,
        })
    }

    /// A notify about an order that was told of: the same bytes, or the gateway's next ones.
    fn again(&self) -> Option<Vec<u8>> {
        let told = locked(&self.told);
        let mut chance = locked(&self.chance);
        let (number, body) = told.get(chance.usize(..told.len().max(1)))?;
        match chance.bool() {
            true => Some(body.clone()),
            false => self
                .world
                .gateway
                .notify_again(&self.world.ledger, &name(*number)),
        }
    }

    async fn advance(&self, job: &Job) -> Result<Step, Failed> {
        let name = name(job.number);
        let next = |stage| {
            Ok(Step::Next(Job {
                number: job.number,
                stage,
            }))
        };
        match &job.stage {
            Stage::Create => match self.create(&name, amount(job.number)).await? {
                true => next(Stage::Checkout),
                false => Ok(Step::Later(job.clone())),
            },
            Stage::Checkout => {
                let path = format!("/v1/orders/{ACCOUNT}/{}/checkout?via=get", name.order_no);
                let (status, told) = self.world.api(&path, Some(String::new())).await?;
                match (status, told["url"].as_str()) {
                    (200, Some(url)) => self.world.gateway.visit(&self.world.ledger, url)?,
                    _ => return Ok(Step::Later(job.clone())),
                }
                match job.number % FATES {
                    3 | 11 => Ok(Step::Done),
                    _ => next(Stage::Pay),
                }
            }
            Stage::Pay => {
                let gateway = &self.world.gateway;
                let body = gateway.pay(&self.world.ledger, &name, amount(job.number))?;
                match job.number % FATES {
                    7 if self.loses => Ok(Step::Done),
                    _ => next(Stage::Tell(body)),
                }
            }
            Stage::Tell(body) => match self.tell(body).await? {
                true => {
                    locked(&self.told).push((job.number, body.clone()));
                    Ok(Step::Done)
                }
                false => Ok(Step::Later(job.clone())),
            },
        }
    }

    /// Makes an order; whether the server took it. Made again, it is the same one.
    ///
    /// # Errors
    /// A connection that breaks, an order that is refused.
    pub async fn create(&self, name: &Name, amount: i64) -> Result<bool, Failed> {
        let order = json!({
            "account": name.account, "order_no": name.order_no, "subject": "茶",
            "amount": format!("{}.{:02}", amount / 100, amount % 100),
        });
        let (status, told): (u16, Value) = self
            .world
            .api("/v1/orders", Some(order.to_string()))
            .await?;
        if !matches!(status, 200 | 201) {
            return match status {
                503 | 500 => Ok(false),
                _ => Err(format!("the order {name} is answered {status}: {told}").into()),
            };
        }
        self.world.ledger.with(|truth| {
            if truth.orders.iter().rev().all(|known| known.name != *name) {
                let at = truth.now;
                truth.orders.push(Wanted {
                    name: name.clone(),
                    amount,
                    currency: "CNY".to_owned(),
                    at,
                });
            }
        });
        Ok(true)
    }

    /// Sends a notify and writes down what became of it; whether it was acked.
    ///
    /// # Errors
    /// A connection that breaks, an answer that is neither the ack nor `fail`.
    pub async fn tell(&self, body: &[u8]) -> Result<bool, Failed> {
        let clock = self.world.clock();
        let began = clock.mono();
        let answer = self.world.notify(ACCOUNT, body).await;
        let waited = clock.mono().saturating_sub(began).as_millis();
        let acked = matches!(&answer, Ok((200, word)) if word == ACK);
        self.world.ledger.with(|truth| {
            let at = truth.now;
            truth.callbacks.push(Callback {
                account: ACCOUNT.to_owned(),
                genuine: true,
                body: body.to_vec(),
                answer: answer.as_ref().ok().map(|(_, word)| word.clone()),
                acked,
                at,
            });
        });
        let (_, word) = answer?;
        self.wait_max_ms
            .fetch_max(usize::try_from(waited)?, Ordering::SeqCst);
        if acked {
            self.acks.fetch_add(1, Ordering::SeqCst);
        } else if word != b"fail" {
            let word = String::from_utf8_lossy(&word).into_owned();
            return Err(format!("a notify is answered {word:?}").into());
        }
        Ok(acked)
    }
}

/// A connection that broke is the end of a server; anything else is wrong.
fn gone(error: Failed) -> Result<(), Failed> {
    match error.is::<reqwest::Error>() {
        true => Ok(()),
        false => Err(error),
    }
}

/// The order of this number.
#[must_use]
pub fn name(number: usize) -> Name {
    Name::new(ACCOUNT, &format!("C-{number:06}"))
}

/// What it costs, in fen.
#[must_use]
pub fn amount(number: usize) -> i64 {
    i64::try_from(number % 997).unwrap_or_default() + 1
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
