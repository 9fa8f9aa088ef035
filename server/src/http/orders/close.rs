//! `POST …/close`: no more payment is wanted.

use super::{WaitParam, awaited, order_at};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::http::{Json, Path, Query, wait_of};
use crate::view;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use quittance_core::derived::derive;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::status::Status;
use std::sync::Arc;

/// Asks for the order to be closed: final query, close at the gateway, final query. Never closed on unknown.
#[utoipa::path(post, path = "/v1/orders/{account}/{order_no}/close", params(("account" = String, Path), ("order_no" = String, Path), WaitParam),
    security(("key" = [])), tag = "orders",
    responses((status = 202, body = view::Order), (status = 200, body = view::Order, description = "With `wait`: as it stands then"), (status = 409, body = Problem)))]
pub async fn close(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Query(asked): Query<WaitParam>,
) -> Result<Response, Problem> {
    let (account, key, order) = order_at(&app, &caller, path).await?;
    let wait = wait_of(asked.wait)?;
    if derive(&order.state).status == Status::Closed {
        return Ok(Json(app.viewer.order(&order)).into_response());
    }
    let entry = app.entry(Record::new(Direction::In, What::CloseRequested {}).about(&key));
    let appended = app.append(entry).await??;
    if wait.is_zero() {
        let order = appended.order.unwrap_or(order);
        return Ok((StatusCode::ACCEPTED, Json(app.viewer.order(&order))).into_response());
    }
    let order = awaited(&app, account, &key, wait, false).await?;
    Ok(Json(app.viewer.order(&order)).into_response())
}
