//! The terminals of CodePay, for programs.

use super::{Held, Said, json_reply};
use crate::clock::Clock;
use crate::codepay::{Press, TerminalView};
use crate::denied::Denied;
use crate::problem::Problem;
use crate::sandbox::Sandbox;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use serde_json::{Value, json};

/// Every terminal, with what waits there.
pub(super) async fn list<C: Clock>(State((handle, _)): Held<C>) -> Said {
    let views = handle.with(|sandbox| sandbox.terminals());
    let all: Vec<Value> = views.iter().map(told).collect();
    Ok(json_reply(&json!({ "terminals": all })))
}

pub(super) async fn show<C: Clock>(
    State((handle, _)): Held<C>,
    path: Result<Path<String>, PathRejection>,
) -> Said {
    let Path(terminal_sn) = path.map_err(|_| Problem::no_address())?;
    let told = handle.with(|sandbox| one(sandbox, &terminal_sn));
    told.map(|told| json_reply(&told)).map_err(Problem::denied)
}

/// Presses a button of what is on the terminal's screen.
pub(super) async fn press<C: Clock>(
    State((handle, clock)): Held<C>,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Said {
    let Path((terminal_sn, word)) = path.map_err(|_| Problem::no_address())?;
    let body = body.map_err(|_| Problem::too_long())?;
    let button = Press::of_word(&word).ok_or_else(Problem::no_address)?;
    if !(body.is_empty() || body.as_ref() == b"{}") {
        return Err(Problem::body("this takes no body"));
    }
    let now = clock.wall();
    let done = handle.with(|sandbox| {
        sandbox.press(now, &terminal_sn, button, None)?;
        one(sandbox, &terminal_sn)
    });
    done.map(|told| json_reply(&told)).map_err(Problem::denied)
}

fn one(sandbox: &Sandbox, terminal_sn: &str) -> Result<Value, Denied> {
    let views = sandbox.terminals();
    let view = views.iter().find(|view| view.terminal_sn == terminal_sn);
    view.map(told).ok_or(Denied::NoTerminal)
}

fn told(view: &TerminalView) -> Value {
    json!({
        "terminal_sn": view.terminal_sn,
        "merchant_no": view.merchant_no,
        "online": view.online,
        "queue": view.queue,
    })
}
