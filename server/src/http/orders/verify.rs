//! `POST …/verify`: the order verification API.

use super::{find, order_at};
use crate::app::App;
use crate::asking::{Why, ask_now};
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::http::{Json, Path};
use crate::store::Snapshot;
use crate::view::{self, Sentence};
use axum::extract::State;
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
    /// What the front end shows: `show_success`, `tell_not_completed` or `check_later`.
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
    let received = |order: &Snapshot| derive(&order.state).received > 0;
    let answer = if received(&before) {
        Some(Answer::Paid)
    } else {
        ask_now(&app, account, &key, Why::Pressed).await
    };
    let order = find(&app, &key).await?;
    Ok(Json(verification(
        &app,
        &order,
        answer.unwrap_or(Answer::Unknown),
    )))
}

fn verification(app: &App, order: &Snapshot, answer: Answer) -> Verification {
    let derived = derive(&order.state);
    let answer = match (derived.received > 0, answer) {
        (true, _) => "paid",
        (false, Answer::NotFound) => "not_found",
        (false, Answer::Unpaid | Answer::Closed) => "unpaid",
        (false, Answer::Paid | Answer::Unknown) => "unknown",
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
        (Status::Unpaid, _) if answer == "unknown" => (
            "check_later",
            "Not confirmed yet. Look at your order later. Please do not pay again.",
            "暂未确认。请稍后查看订单，请勿重复付款。",
        ),
        (Status::Unpaid, _) => (
            "check_later",
            "We see no payment yet. If you have paid, look at your order later; please do not pay again.",
            "暂未查到付款。如已付款，请稍后查看订单，请勿重复付款。",
        ),
    };
    Verification {
        order: app.viewer.order(order),
        status: derived.status.word(),
        verified: answer != "unknown",
        answer,
        next,
        message: Sentence { en, zh },
    }
}
