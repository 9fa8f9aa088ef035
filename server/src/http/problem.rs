//! Errors of the merchant API: RFC 9457 problem details with `code`, `title`, `detail`, `help`.

use crate::store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use quittance_core::fold::Refused;
use quittance_core::gateway::{Fault, NotSupported, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, why, and what to do.
#[derive(Clone, Serialize, ToSchema, Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// A word for programs; never changes its meaning. `quittance explain` explains it.
    pub code: String,
    /// What happened.
    pub title: &'static str,
    /// Why, in this case.
    pub detail: String,
    /// What to do.
    pub help: String,
}

impl Problem {
    /// A problem of this kind.
    #[must_use]
    pub fn new(
        status: StatusCode,
        code: &str,
        title: &'static str,
        detail: impl Into<String>,
        help: &str,
    ) -> Problem {
        Problem {
            status: status.as_u16(),
            code: code.to_owned(),
            title,
            detail: detail.into(),
            help: help.to_owned(),
        }
    }

    /// A field of the request that cannot be taken.
    #[must_use]
    pub fn field(field: &str, detail: impl std::fmt::Display, help: &str) -> Problem {
        let detail = format!("{field}: {detail}");
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_field",
            "A field cannot be taken",
            detail,
            help,
        )
    }

    /// Nothing of this name.
    #[must_use]
    pub fn unknown(what: &str, name: &str) -> Problem {
        let help = "Check the number and the account; both are compared letter by letter.";
        Problem::new(
            StatusCode::NOT_FOUND,
            &format!("{what}_unknown"),
            "There is nothing of this name",
            format!("{what} {name:?}"),
            help,
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let headers = [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        let mut response = (status, headers, body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}

impl From<StoreError> for Problem {
    /// What exactly the database said is for the log, not for the caller.
    fn from(error: StoreError) -> Problem {
        let unavailable = |code, detail: &str, help| {
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                code,
                "The server cannot store anything now",
                detail,
                help,
            )
        };
        match error {
            StoreError::BadCursor => Problem::field(
                "after",
                "not a cursor of this server",
                "Take the cursor from `next` of an earlier answer, or leave it out to begin at the start.",
            ),
            StoreError::Full => unavailable(
                "disk_full",
                "the disk is full",
                "Make room on the server's disk; it goes on by itself. Then send the request again.",
            ),
            StoreError::Closed => unavailable(
                "shutting_down",
                "the server is stopping",
                "Send the request again in a moment.",
            ),
            StoreError::Database(cause) => {
                tracing::error!(cause, "the database failed");
                unavailable(
                    "database_failed",
                    "the database failed; the server's log says how",
                    "Look into the server's log, then send the request again.",
                )
            }
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        let conflict = |code: &str, detail: &str, help: &str| {
            Problem::new(
                StatusCode::CONFLICT,
                code,
                "The order's state does not allow this",
                detail,
                help,
            )
        };
        match refused {
            Refused::OrderExists {
                differs: Some(field),
                ..
            } => {
                let code = format!("order_exists_with_different_{field}");
                conflict(
                    &code,
                    &format!("an order of this number stands with another {field}"),
                    "Send the same content again, or take a new order_no.",
                )
            }
            Refused::OrderExists { differs: None, .. } => conflict(
                "order_exists",
                "an order of this number stands",
                "Take a new order_no.",
            ),
            Refused::OrderUnknown => Problem::unknown("order", ""),
            Refused::AccountUnknown => Problem::unknown("account", ""),
            Refused::OrderClosed => conflict(
                "order_closed",
                "the order is closed",
                "Make a new order. If the buyer has paid, look at the order's trades.",
            ),
            Refused::TooManyNotes => conflict(
                "too_many_notes",
                "the order has 100 notes, and one has no more",
                "Write what follows into the shop's own log.",
            ),
            Refused::OrderPaid => conflict(
                "order_already_paid",
                "money for this order has been received",
                "Show the buyer the paid page; do not let him pay again.",
            ),
            Refused::OrderAttention => conflict(
                "order_needs_attention",
                "a discrepancy of this order is open",
                "Look at GET /v1/discrepancies and resolve it first.",
            ),
            Refused::OrderFrozen => {
                let help = "Run `quittance journal verify`; the entry that could not be applied is named there and in the log.";
                Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "order_frozen",
                    "The order is frozen",
                    "an entry of its journal could not be applied",
                    help,
                )
            }
            Refused::DiscrepancyUnknown => Problem::unknown("discrepancy", ""),
            Refused::DiscrepancyResolved => conflict(
                "discrepancy_resolved",
                "somebody has decided about it already",
                "Look at its resolution.",
            ),
            Refused::NothingToAccept => conflict(
                "nothing_to_accept",
                "only a trade of another amount can be accepted",
                "Resolve it as refunded_elsewhere or ignore.",
            ),
            Refused::RefundExists {
                differs: Some(field),
            } => conflict(
                &format!("refund_exists_with_different_{field}"),
                &format!("a refund of this number stands with another {field}"),
                "Send the same content again, or take a new refund_no.",
            ),
            Refused::RefundExists { differs: None } => conflict(
                "refund_exists",
                "a refund of this number stands",
                "Take a new refund_no.",
            ),
            Refused::RefundUnknown => Problem::unknown("refund", ""),
            // Workers hold leases; no request does.
            Refused::LeaseLost => conflict(
                "lease_lost",
                "somebody else does this work by now",
                "Ask again.",
            ),
            Refused::RefundTooMuch { left } => conflict(
                "refund_exceeds_received",
                &format!("{left} of this trade can still be paid back"),
                "Ask for no more than that. What is under way counts until the gateway has refused it.",
            ),
            Refused::TradeUnknown => conflict(
                "trade_not_received",
                "no such money has been received for this order",
                "Look at the order's trades; a payment that is not proven yet cannot be paid back.",
            ),
            Refused::RefundUnderWay => conflict(
                "refund_under_way",
                "a refund is under way already, at its end, or not a person's to confirm",
                "Look at the order's refunds. Those that went to the gateway's page together can go there again together.",
            ),
            Refused::EventUnknown => Problem::unknown("event", ""),
            Refused::EndpointUnknown => Problem::unknown("endpoint", ""),
            // Only callbacks are weighed, and the gateway reads `fail` instead of a problem.
            Refused::OpinionWanted => conflict(
                "opinion_wanted",
                "The gateway's own word is needed first",
                "Ask the gateway: POST …/verify.",
            ),
        }
    }
}

impl From<NotSupported> for Problem {
    fn from(missing: NotSupported) -> Problem {
        let help = "Do it at the gateway's own site; Quittance learns of it by notify or query.";
        Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "not_supported_by_gateway",
            "The gateway has no such call here",
            missing.to_string(),
            help,
        )
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let problem = Problem::field(refusal.field, refusal.detail, &refusal.help);
        match refusal.fault {
            Fault::Code(code) => Problem {
                code: code.to_owned(),
                title: "The gateway would refuse the checkout",
                ..problem
            },
            _ => problem,
        }
    }
}
