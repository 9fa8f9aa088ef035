//! `POST …/notes`: the shop's own steps in the order's journal.

use super::order_at;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::http::{Json, Path};
use axum::extract::State;
use axum::http::StatusCode;
use quittance_core::entry::{Direction, Record, What};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A note is no longer than this.
const NOTE_CHARS_MAX: usize = 1000;

/// What to write down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// 1 to 1,000 characters; of control characters only line feeds.
    note: String,
}

/// A note that stands in the journal.
#[derive(Serialize, ToSchema)]
pub struct Note {
    /// Its number in the journal.
    seq: u64,
    /// The account.
    account: String,
    /// The order.
    order_no: String,
    /// The text.
    note: String,
}

/// Writes a note into the order's journal, as the guide's `log_result(sWord)` does. It changes nothing about the
/// order. Each call is a note of its own; an order has at most 100.
#[utoipa::path(post, path = "/v1/orders/{account}/{order_no}/notes", params(("account" = String, Path), ("order_no" = String, Path)), request_body = NewNote,
    security(("key" = [])), tag = "orders",
    responses((status = 201, body = Note), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn note(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Json(asked): Json<NewNote>,
) -> Result<(StatusCode, Json<Note>), Problem> {
    let (_, key, _) = order_at(&app, &caller, path).await?;
    check(&asked.note)?;
    // The text may name a person: it is the entry's body, which can be erased, and never in its header.
    let record = Record::new(Direction::In, What::Note {}).about(&key);
    let entry = app.entry(record).with_body(asked.note.as_bytes());
    let appended = app.append(entry).await??;
    let note = Note {
        seq: appended.seq,
        account: key.account,
        order_no: key.order_no,
        note: asked.note,
    };
    Ok((StatusCode::CREATED, Json(note)))
}

fn check(note: &str) -> Result<(), Problem> {
    let refused = |detail: &str, help| Err(Problem::field("note", detail, help));
    if note.trim().is_empty() {
        return refused("empty", "Say what the shop did, in a sentence.");
    }
    if note.chars().count() > NOTE_CHARS_MAX {
        return refused(
            "longer than 1,000 characters",
            "Shorten it: a note is a line in a timeline, not a log file.",
        );
    }
    if note.chars().any(|c| c.is_control() && c != '\n') {
        return refused(
            "a control character other than a line feed",
            "Take it out; lines end with a line feed alone.",
        );
    }
    Ok(())
}
