//! `POST …/verify`: the order verification API.

use super::{find, order_at};
use crate::app::App;
use crate::asking::{Why, ask_now};
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::http::{Json, Path};
use crate::setup::AccountSetup;
use crate::store::Snapshot;
use crate::view::{self, Sentence};
use axum::extract::State;
use jiff::SignedDuration;
use quittance_core::OrderKey;
use quittance_core::derived::derive;
use quittance_core::gateway::Answer;
use quittance_core::status::Status;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What the verification API says.
#[derive(Serialize, ToSchema)]
pub struct Verification {
    /// The order as it stands.
    order: view::Order,
    /// Its status.
    status: &'static str,
    /// Whether the gateway has spoken, now or before.
    verified: bool,
    /// `paid`, `unpaid`, `not_found` or `unknown`.
    answer: &'static str,
    /// What the front end does: `show_success`, `tell_not_completed`, `check_later`, or, of an order that was sent to a
    /// terminal, `keep_waiting` and `show_timeout`.
    next: &'static str,
    /// A sentence for the buyer.
    message: Sentence,
}

/// Asks the gateway now. Unknown is an answer, never an error.
#[utoipa::path(post, path = "/v1/orders/{account}/{order_no}/verify", params(("account" = String, Path), ("order_no" = String, Path)),
    security(("key" = [])), tag = "orders", responses((status = 200, body = Verification), (status = 404, body = Problem)))]
pub async fn verify(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
) -> Result<Json<Verification>, Problem> {
    let (account, key, before) = order_at(&app, &caller, path).await?;
    Ok(Json(asked(&app, account, &key, &before).await?))
}

/// Asks the gateway about an order that is not paid, and says what is known then.
pub(super) async fn asked(
    app: &Arc<App>,
    account: &AccountSetup,
    key: &OrderKey,
    before: &Snapshot,
) -> Result<Verification, Problem> {
    let answer = match derive(&before.state).received > 0 {
        true => Some(Answer::Paid),
        false => ask_now(app, account, key, Why::Pressed).await,
    };
    let order = find(app, key).await?;
    let heard = Heard::Gateway(answer.unwrap_or(Answer::Unknown));
    Ok(verification(app, account, &order, heard))
}

/// Whose word a verification stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// The gateway's, now or before.
    Gateway(Answer),
    /// The terminal's, that somebody pressed cancel there: the gateway was not asked.
    Canceled,
}

/// What is said of an order, after the gateway was asked or in its place.
pub(super) fn verification(
    app: &App,
    account: &AccountSetup,
    order: &Snapshot,
    heard: Heard,
) -> Verification {
    let derived = derive(&order.state);
    let answer = match (derived.received > 0, heard) {
        (true, _) => "paid",
        (false, Heard::Gateway(Answer::NotFound)) => "not_found",
        (false, Heard::Gateway(Answer::Unpaid | Answer::Closed) | Heard::Canceled) => "unpaid",
        (false, Heard::Gateway(Answer::Paid | Answer::Unknown)) => "unknown",
    };
    let (next, en, zh) = match (derived.status, derived.attention) {
        (Status::Paid, _) => ("show_success", "Paid.", "已付款。"),
        (Status::Refunded | Status::PartiallyRefunded, _) => (
            "show_success",
            "Paid, and refunded since.",
            "已付款，其后已退款。",
        ),
        (_, true) => (
            "check_later",
            "A payment is being looked at. Please do not pay again.",
            "有一笔付款正在核对，请勿重复付款。",
        ),
        (Status::Closed, _) => (
            "tell_not_completed",
            "This order is closed. If you have paid, the shop has been told and will refund or deliver.",
            "订单已关闭。如已付款，商家已收到通知，将为您退款或发货。",
        ),
        (Status::Unpaid, _) if heard == Heard::Canceled => (
            "tell_not_completed",
            "Canceled. Nothing was charged.",
            "已取消，未扣款。",
        ),
        (Status::Unpaid, _) => unpaid(app, account, order, answer),
    };
    Verification {
        order: app.viewer.order(order),
        status: derived.status.word(),
        verified: answer != "unknown" && (answer == "paid" || heard != Heard::Canceled),
        answer,
        next,
        message: Sentence { en, zh },
    }
}

/// What the front end does about an order that is not known to be paid. At a terminal the buyer may be paying right now,
/// for as long as somebody waits (seed 002 3.2); everywhere else he has said that he is done.
fn unpaid(
    app: &App,
    account: &AccountSetup,
    order: &Snapshot,
    answer: &str,
) -> (&'static str, &'static str, &'static str) {
    let waited = order
        .state
        .pushed_at
        .map(|at| app.clock.wall().duration_since(at));
    let total = SignedDuration::try_from(account.wait.total).unwrap_or(SignedDuration::MAX);
    match waited {
        Some(waited) if waited < total => (
            "keep_waiting",
            "Please pay at the terminal. We are asking the payment company.",
            "请在终端上付款，正在向支付公司确认。",
        ),
        Some(_) => (
            "show_timeout",
            "Not confirmed yet. Look at your order later. Please do not pay again.",
            "暂未确认。请稍后查看订单，请勿重复付款。",
        ),
        None if answer == "unknown" => (
            "check_later",
            "Not confirmed yet. Look at your order later. Please do not pay again.",
            "暂未确认。请稍后查看订单，请勿重复付款。",
        ),
        None => (
            "check_later",
            "We see no payment yet. If you have paid, look at your order later; please do not pay again.",
            "暂未查到付款。如已付款，请稍后查看订单，请勿重复付款。",
        ),
    }
}
