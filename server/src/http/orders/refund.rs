//! `POST …/refunds`: paying money back.

use super::order_at;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::http::{Json, Path};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use quittance_core::Money;
use quittance_core::gateway::Refund;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Money to be paid back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRefund {
    /// The merchant's number of the refund.
    refund_no: String,
    /// A decimal text.
    amount: String,
    /// Why. It goes to the gateway.
    #[expect(
        dead_code,
        reason = "part of the contract; the gateways that can refund take it"
    )]
    reason: Option<String>,
    /// Which trade, where there is more than one.
    trade_no: Option<String>,
}

/// Asks for a refund. Where the gateway has no such call, or it is not built yet, it says so.
#[utoipa::path(post, path = "/v1/orders/{account}/{order_no}/refunds", params(("account" = String, Path), ("order_no" = String, Path)),
    request_body = CreateRefund, security(("key" = [])), tag = "orders", responses((status = 501, body = Problem)))]
pub async fn refund(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Json(request): Json<CreateRefund>,
) -> Result<Response, Problem> {
    let (account, _, order) = order_at(&app, &caller, path).await?;
    let ordered = &order.state.order;
    let amount = Money::parse(&request.amount, ordered.amount.currency)
        .map_err(|error| Problem::field("amount", error, "Send a text such as \"0.01\"."))?;
    let refund = Refund {
        refund_no: request.refund_no,
        trade_no: request.trade_no.unwrap_or_default(),
        amount,
    };
    account.account.gateway().refund(ordered, &refund)?;
    Ok(StatusCode::ACCEPTED.into_response())
}
