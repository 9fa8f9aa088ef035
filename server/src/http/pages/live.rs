//! `/pay/{token}/status` and `/pay/{token}/stream`: the state of a payment for scripts, ours and those of shops.

use super::find;
use super::state::Shows;
use super::watchers::Place;
use crate::app::App;
use crate::http::orders::{WaitParam, awaited};
use crate::http::problem::Problem;
use crate::http::{Json, Path, Query, wait_of};
use crate::setup::AccountSetup;
use crate::store::Snapshot;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use quittance_core::OrderKey;
use quittance_core::derived::derive;
use serde::Serialize;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;

/// A browser that lost the stream comes back after this many milliseconds.
const RETRY_MS: u32 = 3_000;
/// A silent stream says that it is still there, so that no proxy takes it for dead.
const STILL_HERE: Duration = Duration::from_secs(15);

/// State and amount, and nothing about whom.
#[derive(Serialize)]
struct Said {
    state: &'static str,
    status: &'static str,
    attention: bool,
    amount: String,
    currency: String,
    #[serde(rename = "final")]
    is_final: bool,
}

/// The state now; with `wait`, as soon as it changes or when the time is over. The gateway is asked meanwhile.
pub(super) async fn status(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Query(asked): Query<WaitParam>,
) -> Result<Response, Problem> {
    let wait = wait_of(asked.wait)?;
    let (mut order, account) = find(&app, &token).await.ok_or_else(unknown)?;
    let key = order.state.order.key.clone();
    if !wait.is_zero()
        && Shows::settled(&order.state).is_none()
        && let Some(_place) = Place::take(&app, &key)
    {
        order = awaited(&app, account, &key, wait, true).await?;
    }
    let now = app.clock.mono();
    let unsettled = if app.waiters.asked_long_enough(account, &key, now) {
        Shows::TimedOut
    } else {
        Shows::Checking
    };
    let said = said(&order, Shows::settled(&order.state).unwrap_or(unsettled));
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(said)).into_response())
}

/// The state now and whenever it changes, as server-sent events. Ends at a final state, or when the gateway has been
/// asked for long enough.
pub(super) async fn stream(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let (order, account) = find(&app, &token).await.ok_or_else(unknown)?;
    let key = order.state.order.key;
    let Some(place) = Place::take(&app, &key) else {
        let help = "Ask `status` every two seconds instead, or close another window.";
        let (title, detail) = ("Too many are waiting", "no more streams are opened now");
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_streams",
            title,
            detail,
            help,
        ));
    };
    let (lines, told) = mpsc::channel(1);
    let (node, account) = (app.clone(), account.clone());
    app.tasks.spawn(async move {
        let _place = place;
        tokio::select! {
            biased;
            () = lines.closed() => {}
            () = tell(&node, &account, &key, &lines) => {}
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // A proxy that collects what it passes on would keep the news.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::new(Lines(told))).into_response())
}

/// Writes the stream's lines until its end, or until nobody reads them.
async fn tell(app: &Arc<App>, account: &AccountSetup, key: &OrderKey, lines: &mpsc::Sender<Bytes>) {
    let deadline = app.clock.mono() + account.wait.total;
    let mut before = None;
    if say(lines, format!("retry: {RETRY_MS}\n\n")).await.is_none() {
        return;
    }
    while let Ok(Some(order)) = app.store.order(key).await {
        let left = deadline.saturating_sub(app.clock.mono());
        let unsettled = if left.is_zero() {
            Shows::TimedOut
        } else {
            Shows::Checking
        };
        let state = Shows::settled(&order.state).unwrap_or(unsettled);
        let line = if before == Some(state) {
            ": still asking\n\n".to_owned()
        } else {
            let json = serde_json::to_string(&said(&order, state)).unwrap_or_default();
            format!("event: state\ndata: {json}\n\n")
        };
        before = Some(state);
        if say(lines, line).await.is_none() || state.is_final() || app.draining() {
            return;
        }
        let wait = STILL_HERE.min(left);
        if awaited(app, account, key, wait, true).await.is_err() || app.draining() {
            return;
        }
    }
}

async fn say(lines: &mpsc::Sender<Bytes>, line: String) -> Option<()> {
    lines.send(Bytes::from(line)).await.ok()
}

fn said(order: &Snapshot, state: Shows) -> Said {
    let derived = derive(&order.state);
    let amount = order.state.order.amount;
    Said {
        state: state.word(),
        status: derived.status.word(),
        attention: derived.attention,
        amount: amount.decimal(),
        currency: amount.currency.code().to_owned(),
        is_final: state.is_final(),
    }
}

fn unknown() -> Problem {
    let help = "Take the address from the order's pay_url.";
    Problem::new(
        StatusCode::NOT_FOUND,
        "page_unknown",
        "There is no such page",
        "no order has this token",
        help,
    )
}

/// A body whose lines come when they are there.
struct Lines(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.poll_recv(context);
        next.map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}
