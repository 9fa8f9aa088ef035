//! Second opinions: asking the gateway whether it sent a callback. Callbacks with the same claim and notify_id share
//! one call, since the gateway says `true` only once.

use super::Reading;
use crate::app::App;
use crate::metrics::AnswerLabels;
use crate::setup::AccountSetup;
use crate::store::NewEntry;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::gateway::Opinion;
use quittance_core::http::Reply;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// How long the gateway may take to answer.
const LIMIT: Duration = Duration::from_millis(800);
/// So many calls at once per account; above that a callback waits for a place.
const CALLS_MAX: usize = 64;

type Slot = (String, String, Vec<u8>);

/// The calls under way.
#[derive(Default)]
pub struct Opinions {
    slots: Mutex<BTreeMap<Slot, watch::Receiver<Option<Opinion>>>>,
    places: Mutex<BTreeMap<String, Arc<Semaphore>>>,
}

/// What the gateway said, to the one who asked and to those who waited with him. While the one who asked holds this,
/// a twin of the callback gets the same answer.
pub struct Asked {
    /// What it said.
    pub opinion: Opinion,
    led: Option<Led>,
}

/// Whose turn it is to ask.
pub enum Turn {
    /// Ours.
    Lead(Led),
    /// Somebody else asks the same at this moment.
    Share(watch::Receiver<Option<Opinion>>),
}

/// Held by the one who asks, until his claim is durable.
pub struct Led {
    app: Arc<App>,
    slot: Slot,
    answer: watch::Sender<Option<Opinion>>,
    reply: Result<Reply, String>,
}

impl Drop for Led {
    fn drop(&mut self) {
        lock(&self.app.opinions.slots).remove(&self.slot);
    }
}

impl Asked {
    /// The entry of the exchange: written by the one who asked.
    #[must_use]
    pub fn entry(&self, app: &App, account: &AccountSetup, reading: &Reading) -> Option<NewEntry> {
        let led = self.led.as_ref()?;
        let mut record = Record::new(
            Direction::Out,
            What::SecondOpinion {
                opinion: self.opinion,
            },
        );
        record.account = Some(account.name.clone());
        record.order_no = reading.order_no.clone();
        record.reason = led.reply.as_ref().err().cloned();
        let entry = app.entry(record);
        Some(match &led.reply {
            Ok(reply) => {
                entry.with_body(reply.body.iter().copied().take(1024).collect::<Vec<u8>>())
            }
            Err(_) => entry,
        })
    }
}

/// Takes the turn, or a place beside the one whose turn it is.
pub fn enter(app: &Arc<App>, account: &AccountSetup, reading: &Reading) -> Turn {
    let notify_id = reading.notify_id.clone().unwrap_or_default();
    let claims = serde_json::to_vec(&reading.evidence).unwrap_or_default();
    let slot = (account.name.clone(), notify_id, claims);
    let mut slots = lock(&app.opinions.slots);
    if let Some(under_way) = slots.get(&slot) {
        return Turn::Share(under_way.clone());
    }
    let (answer, waiting) = watch::channel(None);
    slots.insert(slot.clone(), waiting);
    Turn::Lead(Led {
        app: app.clone(),
        slot,
        answer,
        reply: Err("not asked".into()),
    })
}

/// Asks the gateway, or waits for the answer to the same question.
pub async fn ask(app: &App, account: &AccountSetup, turn: Turn) -> Asked {
    let mut led = match turn {
        Turn::Lead(led) => led,
        Turn::Share(mut under_way) => {
            // An error means that whoever asked is gone without an answer.
            let opinion = under_way
                .wait_for(Option::is_some)
                .await
                .map_or(None, |answer| *answer);
            return Asked {
                opinion: opinion.unwrap_or(Opinion::Unknown),
                led: None,
            };
        }
    };
    let (opinion, reply) = call(app, account, &led.slot.1).await;
    led.reply = reply;
    led.answer.send_replace(Some(opinion));
    let labels = AnswerLabels {
        account: account.name.clone(),
        answer: format!("{opinion:?}"),
    };
    app.metrics.opinions.get_or_create(&labels).inc();
    Asked {
        opinion,
        led: Some(led),
    }
}

async fn call(
    app: &App,
    account: &AccountSetup,
    notify_id: &str,
) -> (Opinion, Result<Reply, String>) {
    let gateway = account.account.gateway();
    let request = match gateway.second_opinion(notify_id) {
        Ok(request) => request,
        Err(error) => return (Opinion::Unknown, Err(error.to_string())),
    };
    let places = lock(&app.opinions.places)
        .entry(account.name.clone())
        .or_insert_with(|| Arc::new(Semaphore::new(CALLS_MAX)))
        .clone();
    let Ok(_place) = places.acquire().await else {
        return (Opinion::Unknown, Err("closed".into()));
    };
    match app.transport.send(request, LIMIT).await {
        Ok(reply) => (gateway.read_second_opinion(&reply), Ok(reply)),
        Err(error) => (Opinion::Unknown, Err(error.to_string())),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
