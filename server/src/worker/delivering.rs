//! One try to tell one endpoint of one event.

use super::CLAIMS_MAX;
use crate::app::App;
use crate::metrics::DeliveryLabels;
use crate::setup::WebhookSetup;
use crate::store::{DueDelivery, Lease, NewEntry};
use quittance_core::entry::{Attempt, Direction, Outcome, Record, What};
use quittance_core::http::{Reply, Request};
use std::time::Duration;

/// How long an endpoint may take to answer.
const LIMIT: Duration = Duration::from_secs(15);

/// Posts the event and records how it ended, which ends the lease.
pub async fn deliver(app: &App, due: DueDelivery) {
    let entry = match app.setup.webhooks.get(&due.delivery.endpoint) {
        Some(webhook) if due.claims <= CLAIMS_MAX => attempt(app, webhook, &due).await,
        Some(_) => abandoned(app, &due, "no end of three tries was recorded"),
        None => abandoned(app, &due, "the endpoint is no longer in the settings"),
    };
    if let Err(error) = app.record(vec![entry]).await {
        tracing::warn!(event = due.delivery.event, %error, "a delivery could not be recorded; it is due again");
    }
}

async fn attempt(app: &App, webhook: &WebhookSetup, due: &DueDelivery) -> NewEntry {
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
    let attempt = Attempt {
        event: delivery.event.clone(),
        endpoint: delivery.endpoint.clone(),
        attempt: delivery.attempts + 1,
        outcome,
        status,
        retry_after_secs,
    };
    tracing::info!(
        account = delivery.account,
        event = delivery.event,
        endpoint = delivery.endpoint,
        attempt = attempt.attempt,
        ?outcome,
        status,
        "delivery"
    );
    let labels = DeliveryLabels {
        endpoint: delivery.endpoint.clone(),
        outcome: format!("{outcome:?}"),
    };
    app.metrics.deliveries.get_or_create(&labels).inc();
    let mut record = Record::new(Direction::Out, What::Delivery(attempt));
    record.account = Some(delivery.account.clone()).filter(|account| !account.is_empty());
    record.reason = sent.err().map(|error| error.to_string());
    app.entry(record).ending(Some(lease(due)))
}

/// Standard Webhooks: the id is stable for life, the time is this try's, every secret in force signs.
fn request(app: &App, webhook: &WebhookSetup, due: &DueDelivery) -> Request {
    let id = &due.delivery.event;
    let now = app.clock.wall().as_second();
    let secrets = std::iter::once(&webhook.secret).chain(&webhook.previous_secret);
    let signatures: Vec<String> = secrets
        .map(|secret| secret.sign(id, now, &due.body))
        .collect();
    let mut request = Request::post(webhook.url.clone(), "application/json", due.body.clone());
    request.headers.push(("webhook-id".into(), id.clone()));
    request
        .headers
        .push(("webhook-timestamp".into(), now.to_string()));
    request
        .headers
        .push(("webhook-signature".into(), signatures.join(" ")));
    request
}

fn outcome(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Delivered,
        410 => Outcome::Gone,
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

fn abandoned(app: &App, due: &DueDelivery, why: &str) -> NewEntry {
    let (event, endpoint) = (due.delivery.event.clone(), due.delivery.endpoint.clone());
    tracing::error!(event, endpoint, why, "a delivery is laid aside");
    let mut record = Record::new(
        Direction::Own,
        What::Abandoned {
            event: Some(event),
            endpoint: Some(endpoint),
        },
    );
    record.reason = Some(why.to_owned());
    app.entry(record).ending(Some(lease(due)))
}

fn lease(due: &DueDelivery) -> Lease {
    Lease::Delivery {
        event: due.delivery.event.clone(),
        endpoint: due.delivery.endpoint.clone(),
    }
}
