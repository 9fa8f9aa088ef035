//! Errors of the API: RFC 9457 problem details, with what happened, why, and what to do.

use crate::denied::Denied;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use quittance_core::Lang;
use serde::Serialize;
use std::fmt::Display;

/// What went wrong.
#[derive(Serialize, Debug)]
pub(crate) struct Problem {
    status: u16,
    code: &'static str,
    title: &'static str,
    detail: String,
    help: &'static str,
}

impl Problem {
    /// What the control page says to the same.
    pub(crate) fn denied(denied: Denied) -> Problem {
        let said = denied.say(Lang::En);
        let status = match denied {
            Denied::NoOrder | Denied::NoTerminal => StatusCode::NOT_FOUND,
            Denied::BadSum | Denied::BadFault(_) => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::CONFLICT,
        };
        Problem::new(status, denied.code(), said.title, said.why, said.fix)
    }

    /// A body that is not what is wanted.
    pub(crate) fn body(why: impl Display) -> Problem {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_body",
            "The body cannot be taken",
            why.to_string(),
            "Send JSON as docs/sandbox.md shows it. What is absent keeps its default; other names are refused.",
        )
    }

    pub(crate) fn part() -> Problem {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_query",
            "The query string cannot be taken",
            "only limit (1 to 1000) and before (a number) are known".to_owned(),
            "Leave them out for the newest hundred, or give before the value of next.",
        )
    }

    pub(crate) fn no_faults() -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            "no_own_faults",
            "This order has no faults of its own",
            "none were set for this partner and number, or they were cleared".to_owned(),
            "GET /api/faults tells what goes wrong with all orders; PUT here sets this order's own.",
        )
    }

    pub(crate) fn no_order_like_that() -> Problem {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_order",
            "There can be no such order",
            "the partner is not a merchant of this sandbox, or the number is not 1 to 64 of A-Z a-z 0-9 _ - (and | * @ at CodePay)".to_owned(),
            "Use the partner, merchant_code or merchant_no that the sandbox printed when it started.",
        )
    }

    pub(crate) fn no_address() -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            "address_unknown",
            "There is nothing at this address",
            "the path is none of the API's".to_owned(),
            "docs/sandbox.md lists them: /api/trades, /api/terminals, /api/statements, /api/faults, and pay, fail, decline, close, refund, resend and others of a trade.",
        )
    }

    pub(crate) fn no_method() -> Problem {
        Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This address has no such method",
            "reading is GET, setting faults PUT, clearing them DELETE, doing something POST"
                .to_owned(),
            "Use the method that docs/sandbox.md names for this address.",
        )
    }

    /// A page of another site pressed a button.
    pub(crate) fn cross_site() -> Problem {
        Problem::new(
            StatusCode::FORBIDDEN,
            "cross_site",
            "Refused: this came from a page of another site",
            "Sec-Fetch-Site or Origin names another origin than this sandbox's".to_owned(),
            "Use the sandbox's own pages or a program such as curl. Behind a proxy, start it with --public-url.",
        )
    }

    pub(crate) fn too_long() -> Problem {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_long",
            "The body is too long",
            "more than 64 KiB came in".to_owned(),
            "Nothing that the sandbox understands is as long as that.",
        )
    }

    fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: String,
        help: &'static str,
    ) -> Problem {
        Problem {
            status: status.as_u16(),
            code,
            title,
            detail,
            help,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let headers = [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        let body = serde_json::to_vec(&self).unwrap_or_default();
        (status, headers, body).into_response()
    }
}
