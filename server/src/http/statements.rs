//! `/v1/statements/{account}`: what the gateway booked, read at once instead of at its turn.

use super::auth::Caller;
use super::problem::Problem;
use super::{Json, Path};
use crate::app::App;
use crate::asking::{DayRead, read_day};
use crate::setup::AccountSetup;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use quittance_core::statement::StatementPolicy;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Which day is to be read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FetchStatement {
    /// By the gateway's clock: `2026-01-31`. Not one that is still to come.
    day: String,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
pub struct StatementFetched {
    /// The day.
    day: String,
    /// Rows of the statement.
    rows: u64,
    /// Bookings that told more than was known: their orders have changed, or are asked about.
    news: u64,
    /// Payments of orders that nobody made here, such as those of another system with the same contract.
    others: u64,
}

/// What is read next.
#[derive(Serialize, ToSchema)]
pub struct StatementTurn {
    /// The day, by the gateway's clock.
    day: String,
    /// When.
    next_at: String,
    /// How often that failed.
    failures: u32,
}

/// Which day's statement of the account is read next, and when.
#[utoipa::path(get, path = "/v1/statements/{account}", params(("account" = String, Path)),
    security(("key" = [])), tag = "statements",
    responses((status = 200, body = StatementTurn), (status = 404, body = Problem),
        (status = 501, body = Problem, description = "No statements are read for this account")))]
pub async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(account): Path<String>,
) -> Result<Json<StatementTurn>, Problem> {
    let (setup, policy) = at(&app, &caller, &account)?;
    let state = app.store.account(&setup.name).await?;
    let reading = policy.next(state.statement, app.clock.wall());
    Ok(Json(StatementTurn {
        day: reading.day.to_string(),
        next_at: reading.next_at.to_string(),
        failures: reading.failures,
    }))
}

/// Reads the account's statement of one day now. What it tells joins the orders like any evidence.
#[utoipa::path(post, path = "/v1/statements/{account}", params(("account" = String, Path)),
    request_body = FetchStatement, security(("key" = [])), tag = "statements",
    responses((status = 200, body = StatementFetched), (status = 404, body = Problem),
        (status = 501, body = Problem, description = "No statements are read for this account"),
        (status = 502, body = Problem, description = "The gateway gave none that can be read")))]
pub async fn fetch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(account): Path<String>,
    Json(request): Json<FetchStatement>,
) -> Result<Json<StatementFetched>, Problem> {
    let (setup, policy) = at(&app, &caller, &account)?;
    let day = day(&request.day, policy, &app)?;
    // It goes on where nobody waits any more: a day may have many parts.
    let node = app.clone();
    let reading = app
        .tasks
        .spawn(async move { read_day(&node, &setup, policy, day).await });
    let read = reading
        .await
        .map_err(|_| crate::store::StoreError::Closed)??;
    match read {
        DayRead {
            failed: Some(reason),
            ..
        } => Err(unreadable(&account, day, &reason)),
        DayRead {
            rows, news, others, ..
        } => Ok(Json(StatementFetched {
            day: day.to_string(),
            rows,
            news,
            others,
        })),
    }
}

fn at(
    app: &App,
    caller: &Caller,
    account: &str,
) -> Result<(Arc<AccountSetup>, StatementPolicy), Problem> {
    caller.may(account)?;
    let setup = app
        .account(account)
        .ok_or_else(|| Problem::unknown("account", account))?;
    let policy = setup.policy.statement.ok_or_else(|| off(account))?;
    Ok((setup.clone(), policy))
}

fn off(account: &str) -> Problem {
    Problem::new(
        StatusCode::NOT_IMPLEMENTED,
        "statements_off",
        "No statements are read for this account",
        account,
        "Set `statement` in the account's settings, where its contract includes such a service.",
    )
}

/// A day that has begun at the gateway.
fn day(text: &str, policy: StatementPolicy, app: &App) -> Result<Date, Problem> {
    let help = "Send a day that has begun at the gateway, such as 2026-01-31.";
    let day = text
        .parse::<Date>()
        .map_err(|error| Problem::field("day", error, help))?;
    match day > policy.day(app.clock.wall()) {
        true => Err(Problem::field("day", "it is still to come", help)),
        false => Ok(day),
    }
}

fn unreadable(account: &str, day: Date, reason: &str) -> Problem {
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "statement_unreadable",
        "The gateway gave no statement that can be read",
        format!("{account}, {day}: {reason}"),
        "Where the reason is a code of the gateway, explain it; else try again later.",
    )
}
