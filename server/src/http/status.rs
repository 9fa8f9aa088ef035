//! Whether the server lives, whether it can take callbacks, and what it counts.

use super::problem::Problem;
use crate::app::App;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use std::sync::Arc;

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, body = String)))]
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Callbacks can be taken: the journal can be written, and nobody asked the server to stop.
#[utoipa::path(get, path = "/readyz", tag = "operations", responses((status = 200, body = String), (status = 503, body = Problem)))]
pub async fn readyz(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    let unready = |code, detail, help| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code,
            "The server takes no callbacks now",
            detail,
            help,
        )
    };
    if app.draining() {
        return Err(unready(
            "shutting_down",
            "the server is stopping",
            "Wait for the next one to start.",
        ));
    }
    if !app.store.writable().await {
        return Err(unready(
            "not_writable",
            "the journal cannot be written",
            "Look into the server's log; make room on its disk.",
        ));
    }
    Ok("ready\n")
}

/// Counters in the exposition format of Prometheus, with the journal's head and what an operator has to look at.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, body = String)))]
pub async fn metrics(State(app): State<Arc<App>>) -> Result<impl IntoResponse, Problem> {
    let head = app.store.head().await?;
    let counts = app.store.counts(app.clock.wall()).await?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok((
        [(header::CONTENT_TYPE, kind)],
        app.metrics.render(&head, &counts),
    ))
}
