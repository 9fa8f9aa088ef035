//! A signed ping: whether the shop's endpoint takes what we sign, and nothing else.

use crate::clock::Clock;
use crate::setup::WebhookSetup;
use crate::transport::{Transport, TransportError};
use quittance_core::http::Request;
use serde_json::json;
use std::time::Duration;

/// How long the endpoint may take: as long as for an event.
pub const LIMIT: Duration = Duration::from_secs(15);
/// So much of the answer is read: nobody looks into it.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What the endpoint said, as HTTP statuses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pong {
    /// To a ping with a valid signature. A 2xx is right.
    pub signed: Result<u16, TransportError>,
    /// To the same with a wrong one. A 2xx is wrong: whoever knows the address could tell the shop that an order is
    /// paid. `None` where the first was not answered with 2xx, so that the second would say nothing.
    pub forged: Option<Result<u16, TransportError>>,
}

impl Pong {
    /// Whether a signed ping was taken.
    #[must_use]
    pub fn taken(&self) -> bool {
        matches!(self.signed, Ok(200..=299))
    }

    /// Whether one that nobody signed was taken too.
    #[must_use]
    pub fn takes_anything(&self) -> bool {
        matches!(self.forged, Some(Ok(200..=299)))
    }
}

/// Posts an event of the type `ping` that is about no order: once signed, and once with the signature of another
/// message. Neither is in the journal or the feed.
pub async fn ping(transport: &dyn Transport, clock: &dyn Clock, webhook: &WebhookSetup) -> Pong {
    let signed = send(transport, request(clock, webhook)).await;
    let forged = match signed {
        Ok(200..=299) => {
            let mut request = request(clock, webhook);
            // One byte more than what was signed: still JSON, and another message.
            request.body.push(b' ');
            Some(send(transport, request).await)
        }
        _ => None,
    };
    Pong { signed, forged }
}

fn request(clock: &dyn Clock, webhook: &WebhookSetup) -> Request {
    let id = format!("evt_{}", clock.token());
    let at = clock.wall();
    let body =
        json!({"id": id, "type": "ping", "timestamp": at.to_string(), "sequence": 0, "data": {}});
    webhook
        .post(&id, at, body.to_string().as_bytes())
        .with_reply_max(ANSWER_BYTES_MAX)
}

async fn send(transport: &dyn Transport, request: Request) -> Result<u16, TransportError> {
    let reply = transport.send(request, LIMIT).await?;
    Ok(reply.status)
}
