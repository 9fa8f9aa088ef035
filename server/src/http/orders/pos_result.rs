//! `POST …/pos-result`: what a terminal told the shop's till (seed 002 3.1).

use super::order_at;
use super::verify::{Heard, Verification, asked, verification};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::http::{Json, Path};
use axum::extract::State;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::gateway::{TerminalOutcome, TerminalReport};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// No part of a terminal's report is longer: what it says about a payment has some two dozen short fields.
const PART_BYTES_MAX: usize = 8 * 1024;

/// What the terminal told, word for word. What it did not tell is left out; nothing at all is a timeout.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PosResult {
    /// `response_code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    response_code: Option<String>,
    /// `response_msg`.
    #[serde(skip_serializing_if = "Option::is_none")]
    response_msg: Option<String>,
    /// `biz_data`, the JSON text as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    biz_data: Option<String>,
}

/// Takes what the terminal told and says what the till shows. "Canceled by user" is unpaid, without a question; anything
/// else, success included, is verified with the gateway now. The order is watched either way.
#[utoipa::path(post, path = "/v1/orders/{account}/{order_no}/pos-result", params(("account" = String, Path), ("order_no" = String, Path)),
    request_body = Option<PosResult>, security(("key" = [])), tag = "orders",
    responses((status = 200, body = Verification), (status = 404, body = Problem), (status = 501, body = Problem, description = "`not_supported_by_gateway`: this gateway has no terminals"),
              (status = 422, body = Problem)))]
pub async fn pos_result(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    body: Option<Json<PosResult>>,
) -> Result<Json<Verification>, Problem> {
    let (account, key, before) = order_at(&app, &caller, path).await?;
    let told = body.map(|Json(body)| body).unwrap_or_default();
    check(&told)?;
    let report = TerminalReport {
        response_code: told.response_code.as_deref(),
        response_msg: told.response_msg.as_deref(),
        biz_data: told.biz_data.as_deref(),
    };
    let result = account.account.gateway().read_terminal_result(&report)?;
    let what = What::TerminalResult {
        outcome: result.outcome,
    };
    let mut record = Record::new(Direction::In, what).about(&key);
    record.reason = result.reason;
    // It may name the buyer's card: that is body, and never in the header.
    let raw = serde_json::to_vec(&told).unwrap_or_default();
    app.append(app.entry(record).with_body(raw)).await??;
    if result.outcome == TerminalOutcome::Canceled {
        let order = super::find(&app, &key).await?;
        return Ok(Json(verification(&app, account, &order, Heard::Canceled)));
    }
    Ok(Json(asked(&app, account, &key, &before).await?))
}

fn check(told: &PosResult) -> Result<(), Problem> {
    let parts = [
        ("response_code", &told.response_code),
        ("response_msg", &told.response_msg),
        ("biz_data", &told.biz_data),
    ];
    for (name, part) in parts {
        if part
            .as_ref()
            .is_some_and(|part| part.len() > PART_BYTES_MAX)
        {
            return Err(Problem::field(
                name,
                "longer than 8 KiB",
                "Send what the terminal told, and nothing else.",
            ));
        }
    }
    Ok(())
}
