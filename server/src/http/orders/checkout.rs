//! `POST …/checkout`: sending the buyer to the cashier.

use super::create::address;
use super::{options, order_at};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::http::{Json, Path, Query};
use crate::setup::AccountSetup;
use crate::store::Snapshot;
use axum::extract::State;
use axum::http::StatusCode;
use quittance_core::choice::Choice;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::gateway::{Checkout, CheckoutCall, Refusal};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// How long the gateway may take to give a token out.
const TOKEN_LIMIT: Duration = Duration::from_secs(3);
/// How long a buyer waits for his turn to ask for one.
const TURN_LIMIT: Duration = Duration::from_secs(2);

/// How the buyer is sent to the cashier.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CheckoutParam {
    /// `get` for a redirect to a signed address; a form where it is left out.
    pub(in crate::http) via: Option<Via>,
}

/// The two ways to the cashier.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// A redirect.
    Get,
    /// A form.
    Post,
}

/// What the shop's server may say about the buyer whom it is about to send. Its body may be left out.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckoutBody {
    /// The buyer's address; the order's where it is left out. Never that of the shop's server.
    client_ip: Option<String>,
}

/// Makes the signed request that sends the buyer to the cashier. The schedule of checks begins, or begins again.
#[utoipa::path(post, path = "/v1/orders/{account}/{order_no}/checkout", params(("account" = String, Path), ("order_no" = String, Path), CheckoutParam),
    request_body = Option<CheckoutBody>, security(("key" = [])), tag = "orders",
    responses((status = 200, description = "`{kind: form, …}` or `{kind: redirect, url}`", body = serde_json::Value), (status = 409, body = Problem),
              (status = 422, body = Problem, description = "With anti-phishing on, `ILLEGAL_EXTER_INVOKE_IP`: no IPv4 address of the buyer is known"),
              (status = 503, body = Problem, description = "With anti-phishing on, `checkout_token_missing`: the gateway gave no timestamp")))]
pub async fn checkout(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Query(asked): Query<CheckoutParam>,
    body: Option<Json<CheckoutBody>>,
) -> Result<Json<Checkout>, Problem> {
    let (account, _, order) = order_at(&app, &caller, path).await?;
    let body = body.map(|Json(body)| body).unwrap_or_default();
    let named = body.client_ip.as_deref().map(address).transpose()?;
    let mut call = call_of(&app, account, &order, asked.via == Some(Via::Get));
    call.client_ip = named.map(|ip| ip.to_string()).or(call.client_ip);
    call.token = token(&app, account, &call).await?;
    let checkout = sign(account, &order, None, &call)?;
    journal(&app, &order, &checkout).await?;
    Ok(Json(checkout))
}

/// Why a buyer cannot be sent now.
pub enum Unsent {
    /// The gateway would not take it.
    Refused(Refusal),
    /// The gateway gave no token, for this reason.
    NoToken(String),
}

impl From<Refusal> for Unsent {
    fn from(refusal: Refusal) -> Unsent {
        Unsent::Refused(refusal)
    }
}

impl From<Unsent> for Problem {
    fn from(unsent: Unsent) -> Problem {
        match unsent {
            Unsent::Refused(refusal) => refusal.into(),
            Unsent::NoToken(reason) => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "checkout_token_missing",
                "The gateway gave no token for the checkout",
                reason,
                "Send the request again. If it stays, ask the gateway whether the contract includes anti-phishing \
                 (query_timestamp), or set anti_phishing = false.",
            ),
        }
    }
}

/// What a checkout of this order says besides the order.
pub fn call_of(app: &App, account: &AccountSetup, order: &Snapshot, via_get: bool) -> CheckoutCall {
    let client_ip = order
        .personal
        .iter()
        .find(|known| known.subject.is_empty() && known.name == "client_ip");
    CheckoutCall {
        notify_url: account.notify_address(&app.setup.public_url),
        return_url: account.return_address(&app.setup.public_url, &order.state.order.token),
        client_ip: client_ip.map(|known| known.value.clone()),
        token: None,
        via_get,
        now: app.clock.wall(),
    }
}

/// The token that this account's checkouts need, fetched now: it lives for seconds. `None` where none is needed.
///
/// # Errors
/// What the gateway would refuse whatever the token; no token, or none that can be believed.
pub async fn token(
    app: &App,
    account: &AccountSetup,
    call: &CheckoutCall,
) -> Result<Option<String>, Unsent> {
    let gateway = account.account.gateway();
    let Some(request) = gateway.checkout_token(call)? else {
        return Ok(None);
    };
    let missing = |reason: String| {
        tracing::warn!(account = account.name, reason, "no token for a checkout");
        Unsent::NoToken(reason)
    };
    let Some(turn) = app.budget.within(&*app.clock, &account.name, TURN_LIMIT) else {
        return Err(missing("the gateway is asked too often now".to_owned()));
    };
    app.clock.sleep_until(turn).await;
    let reply = app.transport.send(request, TOKEN_LIMIT).await;
    let reply = reply.map_err(|error| missing(error.to_string()))?;
    let token = gateway.read_checkout_token(&reply).map_err(missing)?;
    Ok(Some(token))
}

/// The signed request of a checkout. It may be given out when the journal took it: see [`journal`]. A choice fills what
/// the order leaves open; the order stays as it was written.
pub fn sign(
    account: &AccountSetup,
    order: &Snapshot,
    choice: Option<Choice>,
    call: &CheckoutCall,
) -> Result<Checkout, Refusal> {
    let gateway = account.account.gateway();
    let written = options::put_together(order);
    match choice {
        Some(choice) => gateway.checkout(&choice.made_in(&written), call),
        None => gateway.checkout(&written, call),
    }
}

/// Writes a checkout down: the schedule of checks begins, or begins again.
pub async fn journal(app: &App, order: &Snapshot, checkout: &Checkout) -> Result<(), Problem> {
    app.append(app.entry(checkout_record(order, checkout)))
        .await??;
    Ok(())
}

/// The record of a checkout.
fn checkout_record(order: &Snapshot, checkout: &Checkout) -> Record {
    let via = match checkout {
        Checkout::Form { .. } => "form",
        Checkout::Redirect { .. } => "redirect",
    };
    Record::new(
        Direction::Out,
        What::Checkout {
            via: via.to_owned(),
        },
    )
    .about(&order.state.order.key)
}
