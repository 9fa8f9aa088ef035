//! One try to tell one endpoint of one event.

use super::CLAIMS_MAX;
use crate::app::App;
use crate::metrics::DeliveryLabels;
use crate::setup::WebhookSetup;
use crate::store::{DueDelivery, NewEntry};
use quittance_core::entry::{Attempt, Direction, Outcome, Record, What};
use quittance_core::http::{Reply, Request};
use quittance_core::sabotage::{Defence, removed};
use quittance_core::state::Delivery;
use std::time::Duration;

/// How long an endpoint may take to answer.
const LIMIT: Duration = Duration::from_secs(15);

/// Posts the event and records how it ended, which ends the lease.
pub async fn deliver(app: &App, due: DueDelivery) {
    let (what, reason) = match app.setup.webhooks.get(&due.delivery.endpoint) {
        Some(webhook) if due.claims <= CLAIMS_MAX => attempt(app, webhook, &due).await,
        Some(_) => abandoned(&due, "no end of three tries was recorded"),
        None => abandoned(&due, "the endpoint is no longer in the settings"),
    };
    let tried = match &what {
        What::Delivery(attempt) => Some((attempt.attempt, attempt.outcome)),
        _ => None,
    };
    let Delivery {
        event,
        endpoint,
        account,
        order_no,
        ..
    } = &due.delivery;
    match app.record(vec![entry(app, &due, what, reason)]).await {
        Ok(appended) => {
            let seq = appended.seq;
            let (attempt, outcome) = tried.unzip();
            tracing::info!(
                account,
                order_no,
                seq,
                event,
                endpoint,
                attempt,
                ?outcome,
                "delivery"
            );
        }
        Err(error) => {
            tracing::warn!(event, endpoint, %error, "a delivery could not be recorded; it is due again");
        }
    }
}

async fn attempt(app: &App, webhook: &WebhookSetup, due: &DueDelivery) -> (What, Option<String>) {
    let delivery = &due.delivery;
    let sent = app.transport.send(request(app, webhook, due), LIMIT).await;
    let (outcome, status, retry_after_secs) = match &sent {
        Ok(reply) => (
            outcome(reply.status),
            Some(reply.status),
            retry_after(reply),
        ),
        Err(_) => (Outcome::Failed, None, None),
    };
    let labels = DeliveryLabels {
        endpoint: delivery.endpoint.clone(),
        outcome: format!("{outcome:?}"),
    };
    app.metrics.deliveries.get_or_create(&labels).inc();
    let attempt = Attempt {
        event: delivery.event.clone(),
        endpoint: delivery.endpoint.clone(),
        attempt: delivery.attempts + 1,
        outcome,
        status,
        retry_after_secs,
    };
    (
        What::Delivery(attempt),
        sent.err().map(|error| error.to_string()),
    )
}

fn abandoned(due: &DueDelivery, why: &str) -> (What, Option<String>) {
    let (event, endpoint) = (due.delivery.event.clone(), due.delivery.endpoint.clone());
    tracing::error!(event, endpoint, why, "a delivery is laid aside");
    (
        What::Abandoned {
            event: Some(event),
            endpoint: Some(endpoint),
        },
        Some(why.to_owned()),
    )
}

fn entry(app: &App, due: &DueDelivery, what: What, reason: Option<String>) -> NewEntry {
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let mut record = Record::new(Direction::Out, what);
    record.account = given(&due.delivery.account);
    record.order_no = given(&due.delivery.order_no);
    record.reason = reason;
    app.entry(record).ending(Some(due.lease.clone()))
}

/// Standard Webhooks: the id is stable for life, the time is this try's.
fn request(app: &App, webhook: &WebhookSetup, due: &DueDelivery) -> Request {
    let mut id = due.delivery.event.clone();
    if removed(Defence::DeliveryId) {
        id += &due.delivery.attempts.to_string();
    }
    webhook.post(&id, app.clock.wall(), &due.body)
}

fn outcome(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Delivered,
        410 => Outcome::Gone,
        _ if removed(Defence::DeliveryRetried) => Outcome::Delivered,
        _ => Outcome::Failed,
    }
}

/// In seconds; a date, or a number that makes no sense, is as good as none.
fn retry_after(reply: &Reply) -> Option<i64> {
    reply
        .header("retry-after")?
        .parse()
        .ok()
        .filter(|secs| *secs >= 0)
}
