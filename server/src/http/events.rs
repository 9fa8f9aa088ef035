//! What the merchant is told, and what does not fit: events, endpoints, discrepancies.

use super::auth::Caller;
use super::problem::Problem;
use super::{Json, Page, Path, Query, limit_of, wait_of};
use crate::app::App;
use crate::store::{DiscrepancyFilter, FoundDiscrepancy, NewEntry};
use crate::view;
use axum::extract::State;
use axum::http::StatusCode;
use quittance_core::discrepancy::ResolutionKind;
use quittance_core::entry::{Direction, Record, What};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Which events.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListEvents {
    /// Behind this cursor: `next` of the answer before.
    after: Option<String>,
    /// 1 to 200, 50 where it is left out.
    limit: Option<usize>,
    /// Where there is nothing, wait so many seconds (0 to 30) for something.
    wait: Option<u64>,
}

/// The pull feed: may repeat, never skips. `next` is never null: it is where the next poll goes on.
#[utoipa::path(get, path = "/v1/events", params(ListEvents), security(("key" = [])), tag = "events",
    responses((status = 200, description = "`items` are the bodies of webhooks", body = Page<serde_json::Value>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<ListEvents>,
) -> Result<Json<Page<serde_json::Value>>, Problem> {
    let limit = limit_of(asked.limit)?;
    let deadline = app.clock.mono() + wait_of(asked.wait)?;
    let mut changes = app.store.changes();
    loop {
        let page = app
            .store
            .events(caller.accounts.clone(), asked.after.clone(), limit)
            .await?;
        if !page.items.is_empty() || app.clock.mono() >= deadline || app.draining() {
            let body = |row: &crate::store::EventRow| {
                serde_json::from_slice(&row.body).unwrap_or_default()
            };
            return Ok(Json(Page {
                items: page.items.iter().map(body).collect(),
                next: page.next,
            }));
        }
        let published = async {
            // A receiver that fell behind looks again at once.
            while changes.recv().await.is_ok_and(|change| !change.events) {}
        };
        tokio::select! {
            biased;
            () = app.stopping() => {}
            () = published => {}
            () = app.clock.sleep_until(deadline) => {}
        }
    }
}

/// Asks for an event to be delivered again to every endpoint that was told of it.
#[utoipa::path(post, path = "/v1/events/{id}/redeliver", params(("id" = String, Path)), security(("key" = [])), tag = "events",
    responses((status = 202), (status = 404, body = Problem)))]
pub async fn redeliver(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let event = app
        .store
        .event(&id)
        .await?
        .ok_or_else(|| Problem::unknown("event", &id))?;
    caller.may(&event.account)?;
    let record = Record::new(Direction::Own, What::Redelivery { event: id });
    app.append(app.entry(record)).await??;
    Ok(StatusCode::ACCEPTED)
}

/// An endpoint of the merchant.
#[derive(Serialize, ToSchema)]
pub struct EndpointView {
    /// Its name in the settings.
    name: String,
    /// Where events are posted.
    url: String,
    /// Whether it is told; switched off by an answer 410 or by command.
    enabled: bool,
}

/// Lists the endpoints.
#[utoipa::path(get, path = "/v1/endpoints", security(("key" = [])), tag = "events", responses((status = 200, body = Page<EndpointView>)))]
pub async fn endpoints(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Page<EndpointView>>, Problem> {
    whole(&caller)?;
    let settings = app.store.settings().await?;
    let view = |(name, webhook): (&String, &crate::setup::WebhookSetup)| EndpointView {
        name: name.clone(),
        url: webhook.url.clone(),
        enabled: settings
            .endpoints
            .get(name)
            .is_some_and(|known| !known.disabled),
    };
    Ok(Json(Page {
        items: app.setup.webhooks.iter().map(view).collect(),
        next: None,
    }))
}

/// On or off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchEndpoint {
    /// Whether it is told from now on; what was held is then due.
    enabled: bool,
}

/// Switches an endpoint on or off.
#[utoipa::path(post, path = "/v1/endpoints/{name}", params(("name" = String, Path)), request_body = SwitchEndpoint, security(("key" = [])), tag = "events",
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn switch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    Json(asked): Json<SwitchEndpoint>,
) -> Result<StatusCode, Problem> {
    whole(&caller)?;
    let record = Record::new(
        Direction::Own,
        What::Endpoint {
            name,
            enabled: asked.enabled,
        },
    );
    app.append(app.entry(record)).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// Endpoints belong to the whole server.
fn whole(caller: &Caller) -> Result<(), Problem> {
    match caller.accounts {
        None => Ok(()),
        Some(_) => {
            let help = "Use a key without `accounts`.";
            Err(Problem::new(
                StatusCode::FORBIDDEN,
                "account_not_allowed",
                "The key does not reach this",
                "the key is limited to accounts",
                help,
            ))
        }
    }
}

/// Which discrepancies.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListDiscrepancies {
    /// `open` for those only; all where it is left out.
    state: Option<OpenWord>,
    /// Only of this account.
    account: Option<String>,
    /// Behind this cursor.
    after: Option<String>,
    /// 1 to 200, 50 where it is left out.
    limit: Option<usize>,
}

/// The one state to filter by.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpenWord {
    /// Somebody needs to look.
    Open,
}

/// Lists what does not fit.
#[utoipa::path(get, path = "/v1/discrepancies", params(ListDiscrepancies), security(("key" = [])), tag = "discrepancies",
    responses((status = 200, body = Page<view::Discrepancy>)))]
pub async fn discrepancies(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<ListDiscrepancies>,
) -> Result<Json<Page<view::Discrepancy>>, Problem> {
    let filter = DiscrepancyFilter {
        accounts: caller.narrowed(asked.account.as_deref())?,
        open_only: asked.state.is_some(),
        after: asked.after,
        limit: limit_of(asked.limit)?,
    };
    let page = app.store.discrepancies(filter).await?;
    let items = page
        .items
        .iter()
        .filter_map(|found| app.viewer.discrepancy(found))
        .collect();
    Ok(Json(Page {
        items,
        next: page.next,
    }))
}

/// What a person decides.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// `accept` (the trade pays the order), `refunded_elsewhere` or `ignore`.
    kind: Decision,
    /// Why. Needed.
    note: String,
}

/// The decisions.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The trade pays the order although its amount differs.
    Accept,
    /// The money went back on another way.
    RefundedElsewhere,
    /// Nothing is to be done.
    Ignore,
}

/// Resolves a discrepancy, with a reason. Nobody can mark an order paid; a trade can be accepted.
#[utoipa::path(post, path = "/v1/discrepancies/{id}/resolve", params(("id" = String, Path)), request_body = Resolve, security(("key" = [])), tag = "discrepancies",
    responses((status = 200, body = view::Discrepancy), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn resolve(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(asked): Json<Resolve>,
) -> Result<Json<view::Discrepancy>, Problem> {
    if asked.note.trim().is_empty() {
        return Err(Problem::field(
            "note",
            "empty",
            "Say why in a sentence: it stays in the journal.",
        ));
    }
    let found = app
        .store
        .discrepancy(&id)
        .await?
        .ok_or_else(|| Problem::unknown("discrepancy", &id))?;
    let entry = resolution(&app, &found, &id, asked);
    caller.may(entry.record.account.as_deref().unwrap_or_default())?;
    app.append(entry).await??;
    let found = app.store.discrepancy(&id).await?;
    let view = found.and_then(|found| app.viewer.discrepancy(&found));
    view.map(Json)
        .ok_or_else(|| Problem::unknown("discrepancy", &id))
}

fn resolution(app: &App, found: &FoundDiscrepancy, id: &str, asked: Resolve) -> NewEntry {
    let decision = match asked.kind {
        Decision::Accept => ResolutionKind::Accept,
        Decision::RefundedElsewhere => ResolutionKind::RefundedElsewhere,
        Decision::Ignore => ResolutionKind::Ignore,
    };
    let mut record = Record::new(
        Direction::Own,
        What::Resolution {
            discrepancy: id.to_owned(),
            decision,
            note: asked.note,
        },
    );
    match found {
        FoundDiscrepancy::Order(state, _) => record = record.about(&state.order.key),
        FoundDiscrepancy::Account { account, .. } => record.account = Some(account.clone()),
    }
    app.entry(record)
}
