//! Orders of the merchant API: each verb in its own file, listing and showing here.

pub mod checkout;
pub mod close;
pub mod create;
pub mod note;
pub mod options;
pub mod pos_result;
pub mod refund;
pub mod verify;

use super::auth::Caller;
use super::problem::Problem;
use super::{Json, Page, Path, Query, limit_of, time_of, wait_of};
use crate::app::App;
use crate::asking::{Why, ask_now};
use crate::setup::AccountSetup;
use crate::store::{self, Change, JournalFilter, JournalRow, OrderFilter, Snapshot};
use crate::view::{self, entry_view};
use axum::extract::State;
use quittance_core::OrderKey;
use quittance_core::derived::derive;
use quittance_core::fold::Refused;
use quittance_core::status::Status;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use utoipa::{IntoParams, ToSchema};

/// Which orders to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListOrders {
    /// `unpaid`, `paid`, `partially_refunded`, `refunded` or `closed`.
    status: Option<StatusWord>,
    /// Only of this account.
    account: Option<String>,
    /// Only created at or after (RFC 3339).
    from: Option<String>,
    /// Only created before (RFC 3339).
    to: Option<String>,
    /// Only with this text in number or subject.
    q: Option<String>,
    /// Behind this cursor.
    after: Option<String>,
    /// 1 to 200, 50 where it is left out.
    limit: Option<usize>,
}

/// The word of a status.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusWord {
    /// Nothing received, nothing closed.
    Unpaid,
    /// The amount stands received.
    Paid,
    /// Something was paid back.
    PartiallyRefunded,
    /// All was paid back.
    Refunded,
    /// Closed unpaid.
    Closed,
}

/// Lists orders, newest first.
#[utoipa::path(get, path = "/v1/orders", params(ListOrders), security(("key" = [])), tag = "orders",
    responses((status = 200, body = Page<view::Order>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<ListOrders>,
) -> Result<Json<Page<view::Order>>, Problem> {
    let status = asked.status.map(|status| match status {
        StatusWord::Unpaid => Status::Unpaid,
        StatusWord::Paid => Status::Paid,
        StatusWord::PartiallyRefunded => Status::PartiallyRefunded,
        StatusWord::Refunded => Status::Refunded,
        StatusWord::Closed => Status::Closed,
    });
    let filter = OrderFilter {
        accounts: caller.narrowed(asked.account.as_deref())?,
        status,
        from: time_of("from", asked.from.as_deref())?,
        to: time_of("to", asked.to.as_deref())?,
        text: asked.q,
        after: asked.after,
        limit: limit_of(asked.limit)?,
    };
    let page = app.store.orders(filter).await?;
    Ok(Json(Page {
        items: page
            .items
            .iter()
            .map(|order| app.viewer.order(order))
            .collect(),
        next: page.next,
    }))
}

/// How long to wait for a change, in seconds.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct WaitParam {
    /// 0 to 30.
    pub(in crate::http) wait: Option<u64>,
}

/// Shows an order. With `wait`, answers when it is no longer unpaid, or when the time is over; the gateway is asked meanwhile.
#[utoipa::path(get, path = "/v1/orders/{account}/{order_no}", params(("account" = String, Path), ("order_no" = String, Path), WaitParam),
    security(("key" = [])), tag = "orders", responses((status = 200, body = view::Order), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Query(asked): Query<WaitParam>,
) -> Result<Json<view::Order>, Problem> {
    let (account, key, mut order) = order_at(&app, &caller, path).await?;
    let wait = wait_of(asked.wait)?;
    if !wait.is_zero() {
        order = awaited(&app, account, &key, wait, true).await?;
    }
    Ok(Json(app.viewer.order(&order)))
}

/// Waits until the order is no longer unpaid, or needs attention, or the time is over, or the server stops.
pub(in crate::http) async fn awaited(
    app: &Arc<App>,
    account: &AccountSetup,
    key: &OrderKey,
    wait: Duration,
    ask: bool,
) -> Result<Snapshot, Problem> {
    let deadline = app.clock.mono() + wait;
    let mut changes = app.store.changes();
    loop {
        let order = find(app, key).await?;
        let derived = derive(&order.state);
        let now = app.clock.mono();
        let settled = derived.status != Status::Unpaid || derived.attention;
        if settled || now >= deadline || app.draining() {
            return Ok(order);
        }
        let look_again = deadline.min(now + account.wait.every);
        if ask {
            tokio::select! {
                biased;
                () = app.stopping() => {}
                _ = app.clock.within(look_again - now, ask_now(app, account, key, Why::Waits)) => {}
            }
        }
        tokio::select! {
            biased;
            () = app.stopping() => {}
            () = changed(&mut changes, Some(key)) => {}
            () = app.clock.sleep_until(look_again) => {}
        }
    }
}

/// Behind which entry, from when to when, how many, and how long to wait for the first.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct JournalParam {
    /// Only behind this number.
    after: Option<u64>,
    /// Only written at or after (RFC 3339).
    from: Option<String>,
    /// Only written before (RFC 3339).
    to: Option<String>,
    /// 1 to 200, 50 where it is left out.
    limit: Option<usize>,
    /// 0 to 30: where there is nothing yet, answer when there is, or when so many seconds are over.
    wait: Option<u64>,
}

/// Lists what happened with the order, oldest first. With `wait`, the gateway is not asked meanwhile: who only watches
/// changes nothing.
#[utoipa::path(get, path = "/v1/orders/{account}/{order_no}/journal", params(("account" = String, Path), ("order_no" = String, Path), JournalParam),
    security(("key" = [])), tag = "orders", responses((status = 200, body = Page<view::Entry>)))]
pub async fn journal(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Query(asked): Query<JournalParam>,
) -> Result<Json<Page<view::Entry>>, Problem> {
    let (account, key, _) = order_at(&app, &caller, path).await?;
    let gateway = account.account.gateway();
    let codes = [gateway.codes()];
    let wait = wait_of(asked.wait)?;
    let filter = JournalFilter {
        order: Some(key),
        from: time_of("from", asked.from.as_deref())?,
        to: time_of("to", asked.to.as_deref())?,
        after: asked.after.unwrap_or(0),
        limit: limit_of(asked.limit)?,
        ..JournalFilter::default()
    };
    let page = entries(&app, account, &filter, wait).await?;
    let view = |row| entry_view(row).explained_by(&codes).titled_by(gateway, row);
    Ok(Json(Page {
        items: page.items.iter().map(view).collect(),
        next: page.next,
    }))
}

/// Entries of an order, or none when the time is over, or the server stops. A commit that wrote an entry without changing
/// the order (a try to deliver) tells nobody, so it is looked for every so often too.
async fn entries(
    app: &App,
    account: &AccountSetup,
    filter: &JournalFilter,
    wait: Duration,
) -> Result<store::Page<JournalRow>, Problem> {
    let deadline = app.clock.mono() + wait;
    let mut changes = app.store.changes();
    loop {
        let page = app.store.journal(filter.clone()).await?;
        let now = app.clock.mono();
        if !page.items.is_empty() || now >= deadline || app.draining() {
            return Ok(page);
        }
        let look_again = deadline.min(now + account.wait.every);
        tokio::select! {
            biased;
            () = app.stopping() => {}
            () = changed(&mut changes, filter.order.as_ref()) => {}
            () = app.clock.sleep_until(look_again) => {}
        }
    }
}

/// Resolves when a commit has written this order. A receiver that fell behind, or whose sender is gone, looks at once.
async fn changed(changes: &mut broadcast::Receiver<Change>, key: Option<&OrderKey>) {
    while let Ok(change) = changes.recv().await {
        if key.is_none_or(|key| change.orders.contains(key)) {
            break;
        }
    }
}

async fn order_at<'a>(
    app: &'a App,
    caller: &Caller,
    (account, order_no): (String, String),
) -> Result<(&'a AccountSetup, OrderKey, Snapshot), Problem> {
    caller.may(&account)?;
    let setup = app
        .account(&account)
        .ok_or_else(|| Problem::unknown("account", &account))?;
    let key = OrderKey::new(account, order_no);
    let order = find(app, &key).await?;
    Ok((setup, key, order))
}

pub(in crate::http) async fn find(app: &App, key: &OrderKey) -> Result<Snapshot, Problem> {
    let order = app
        .store
        .order(key)
        .await?
        .ok_or_else(|| Problem::unknown("order", &key.order_no))?;
    match order.state.frozen {
        Some(_) => Err(Refused::OrderFrozen.into()),
        None => Ok(order),
    }
}
