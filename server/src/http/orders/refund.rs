//! `POST …/refunds`: paying money back.

use super::{find, order_at};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::http::{Json, Path};
use crate::store::Snapshot;
use crate::view;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use quittance_core::Money;
use quittance_core::derived::derive;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::fold::Refused;
use quittance_core::gateway::Refund;
use quittance_core::refund::{RefundWanted, refundable};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A refund's number has the characters of an order's, and as many.
const REFUND_NO_CHARS_MAX: usize = 64;

/// Money to be paid back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRefund {
    /// The merchant's number of the refund, one of the order's: `[A-Za-z0-9_-]{1,64}`.
    refund_no: String,
    /// A decimal text.
    amount: String,
    /// Why. It goes to the gateway.
    reason: Option<String>,
    /// Which trade, where there is more than one.
    trade_no: Option<String>,
}

/// Asks for a refund. It is written down under a number of its own, then sent; where the gateway wants a person to
/// confirm refunds on its page, it waits for `POST /v1/refunds/{account}/checkout`. The same again is answered 200.
#[utoipa::path(post, path = "/v1/orders/{account}/{order_no}/refunds", params(("account" = String, Path), ("order_no" = String, Path)),
    request_body = CreateRefund, security(("key" = [])), tag = "orders",
    responses((status = 202, body = view::Refund), (status = 200, body = view::Refund, description = "It stood already"),
        (status = 409, body = Problem), (status = 501, body = Problem, description = "This gateway, or contract, has no refunds")))]
pub async fn refund(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Json(request): Json<CreateRefund>,
) -> Result<Response, Problem> {
    let (account, key, order) = order_at(&app, &caller, path).await?;
    let gateway = account.account.gateway();
    let way = gateway.refunds()?;
    check_number(&request.refund_no)?;
    let refund = wanted(&order, &request)?;
    gateway.admit_refund(&refund)?;
    let seed = format!("{key}/{}/0", request.refund_no);
    let what = What::RefundRequested(RefundWanted {
        refund_no: request.refund_no.clone(),
        trade_no: refund.trade_no,
        amount: refund.amount,
        reason: refund.reason,
        way,
        wire_no: gateway.refund_wire_no(seed.as_bytes(), app.clock.wall()),
    });
    let entry = app.entry(Record::new(Direction::In, what).about(&key));
    let status = match app.append(entry).await? {
        Ok(_) => StatusCode::ACCEPTED,
        Err(Refused::RefundExists { differs: None }) => StatusCode::OK,
        Err(refused) => return Err(refused.into()),
    };
    // The same may have been asked for at the same moment: the order that was read before need not show it.
    let order = find(&app, &key).await?;
    let refund = view::refund(&order.state, &request.refund_no)
        .ok_or_else(|| Problem::unknown("refund", &request.refund_no))?;
    Ok((status, Json(refund)).into_response())
}

fn check_number(refund_no: &str) -> Result<(), Problem> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=REFUND_NO_CHARS_MAX).contains(&refund_no.len()) && refund_no.bytes().all(plain) {
        return Ok(());
    }
    Err(Problem::field(
        "refund_no",
        "it is not 1 to 64 letters, digits, '_' or '-'",
        "Choose another number.",
    ))
}

/// What is to be paid back. A trade that is not named is the one that stands under this number already, or the only
/// one of the order.
fn wanted(order: &Snapshot, request: &CreateRefund) -> Result<Refund, Problem> {
    let state = &order.state;
    let derived = derive(state);
    let known = state.refunds.get(&request.refund_no);
    let named = request
        .trade_no
        .as_deref()
        .or(known.map(|known| known.trade_no.as_str()));
    let mut trades = refundable(state, &derived)
        .filter(|trade| named.is_none_or(|trade_no| trade_no == trade.trade_no));
    let trade = match (trades.next(), trades.next()) {
        (Some(trade), None) => trade,
        (Some(_), Some(_)) => {
            return Err(Problem::field(
                "trade_no",
                "the order has more than one trade",
                "Name the trade whose money shall go back.",
            ));
        }
        (None, _) => return Err(Refused::TradeUnknown.into()),
    };
    let amount = Money::parse(&request.amount, trade.amount.currency)
        .map_err(|error| Problem::field("amount", error, "Send a text such as \"0.01\"."))?;
    Ok(Refund {
        trade_no: trade.trade_no.clone(),
        amount,
        received: None,
        reason: request.reason.clone().filter(|reason| !reason.is_empty()),
    })
}
