//! A webhook as the shop reads it: believed for its signature, and no more of it than is needed.

use axum::http::HeaderMap;
use quittance_core::webhook::{Secret, WebhookError};
use serde::Deserialize;

/// What Quittance tells about an order.
#[derive(Clone, Debug)]
pub struct Event {
    /// The same at every delivery.
    pub id: String,
    /// `order.paid` and others.
    pub kind: String,
    /// The order's own count.
    pub sequence: i64,
    /// The order as it stood then.
    pub order: Order,
}

/// The order in an event.
#[derive(Clone, Debug, Deserialize)]
pub struct Order {
    /// The account that is paid.
    pub account: String,
    /// The number.
    pub order_no: String,
    /// What has become of it.
    pub status: String,
    /// Whether somebody needs to look.
    pub attention: bool,
}

/// Why a message is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// It is not Quittance's, or too old.
    Signature(WebhookError),
    /// It is signed, and no event.
    Malformed,
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "type")]
    kind: String,
    sequence: i64,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    order: Option<Order>,
}

impl Event {
    /// Verifies, then reads. `None` is a genuine event that is about no order.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn read(
        secret: &Secret,
        headers: &HeaderMap,
        body: &[u8],
        now_secs: i64,
    ) -> Result<Option<Event>, Refused> {
        let header = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default()
        };
        let (id, sent) = (header("webhook-id"), header("webhook-timestamp"));
        secret
            .verify(id, sent, header("webhook-signature"), body, now_secs)
            .map_err(Refused::Signature)?;
        let body: Body = serde_json::from_slice(body).map_err(|_| Refused::Malformed)?;
        Ok(body.data.order.map(|order| Event {
            id: id.to_owned(),
            kind: body.kind,
            sequence: body.sequence,
            order,
        }))
    }
}
