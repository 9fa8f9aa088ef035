//! `POST …/checkout`: sending the buyer to the cashier.

use super::create::address;
use super::{options, order_at};
use crate::app::App;
use crate::asking::LIMIT;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::http::{Json, Path, Query};
use crate::setup::AccountSetup;
use crate::store::{NewEntry, Snapshot};
use axum::extract::State;
use axum::http::StatusCode;
use quittance_core::choice::Choice;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::gateway::{Checkout, CheckoutCall, CheckoutStart, Placed, Refusal};
use quittance_core::http::Request;
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
    responses((status = 200, description = "`{kind: form, …}`, `{kind: redirect, url}` or `{kind: terminal, terminal, …}`", body = serde_json::Value),
              (status = 409, body = Problem, description = "Also `checkout_refused`: the gateway was called and would not take it"),
              (status = 422, body = Problem, description = "With anti-phishing on, `ILLEGAL_EXTER_INVOKE_IP`: no IPv4 address of the buyer is known"),
              (status = 503, body = Problem, description = "With anti-phishing on, `checkout_token_missing`: the gateway gave no timestamp. `checkout_unanswered`: it was called, and gave no answer that can be read")))]
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
    let start = sign(account, &order, None, &call)?;
    journal(&app, &order, start.kind()).await?;
    Ok(Json(begin(&app, account, &order, start).await?))
}

/// Why a buyer cannot be sent now.
pub enum Unsent {
    /// The gateway would not take it.
    Refused(Refusal),
    /// The gateway gave no token, for this reason.
    NoToken(String),
    /// The gateway was called, and would not take the order, for this reason.
    NotTaken(String),
    /// The gateway was called, and what it said is nothing that can be read. It may have the order.
    Unanswered(String),
    /// It could not be written down, or there is no such order any more.
    Unwritten(Problem),
}

impl From<Problem> for Unsent {
    fn from(problem: Problem) -> Unsent {
        Unsent::Unwritten(problem)
    }
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
            Unsent::NotTaken(reason) => Problem::new(
                StatusCode::CONFLICT,
                "checkout_refused",
                "The gateway did not take the order",
                reason,
                "Look the gateway's code up with quittance explain, and send the request again under the same order \
                 number when the cause is gone. The order is asked about all the same.",
            ),
            Unsent::Unanswered(reason) => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "checkout_unanswered",
                "The gateway gave no answer to the checkout",
                reason,
                "The gateway may have the order: wait for its status, or send the request again under the same order \
                 number. Do not take the money in another way before the order is closed.",
            ),
            Unsent::Unwritten(problem) => problem,
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

/// The checkout of this order, or the call that says where it goes. It may be given out when the journal took it: see [`journal`]. A choice fills what
/// the order leaves open; the order stays as it was written.
pub fn sign(
    account: &AccountSetup,
    order: &Snapshot,
    choice: Option<Choice>,
    call: &CheckoutCall,
) -> Result<CheckoutStart, Refusal> {
    let gateway = account.account.gateway();
    let written = options::put_together(order);
    match choice {
        Some(choice) => gateway.checkout(&choice.made_in(&written), call),
        None => gateway.checkout(&written, call),
    }
}

/// Where the buyer goes, after the journal took the checkout: at once, or as the gateway says when it is called.
///
/// # Errors
/// Those of the call.
pub async fn begin(
    app: &App,
    account: &AccountSetup,
    order: &Snapshot,
    start: CheckoutStart,
) -> Result<Checkout, Unsent> {
    match start {
        CheckoutStart::Ready(checkout) => Ok(checkout),
        CheckoutStart::Call { request, .. } => place(app, account, order, request).await,
    }
}

/// Calls the gateway for a checkout and journals what it said. The same call again is the same order.
///
/// # Errors
/// A gateway that will not have it, or whose answer cannot be read; either way a query tells what became of it.
async fn place(
    app: &App,
    account: &AccountSetup,
    order: &Snapshot,
    request: Request,
) -> Result<Checkout, Unsent> {
    let gateway = account.account.gateway();
    let Some(turn) = app.budget.within(&*app.clock, &account.name, TURN_LIMIT) else {
        let often = "the gateway is asked too often now";
        return Err(Unsent::Unanswered(often.to_owned()));
    };
    app.clock.sleep_until(turn).await;
    let written = options::put_together(order);
    let (placed, reply) = match app.transport.send(request, LIMIT).await {
        Ok(reply) => (gateway.read_checkout(&written, &reply), Some(reply.body)),
        Err(error) => (Placed::unknown(error.to_string()), None),
    };
    let Placed {
        accepted,
        reason,
        checkout,
    } = placed;
    let mut record = Record::new(Direction::Out, What::Placed { accepted });
    record = record.about(&order.state.order.key);
    record.reason = reason.clone();
    let mut entry = app.entry(record);
    entry.body = reply;
    write(app, entry).await?;
    let reason = reason.unwrap_or_default();
    match (accepted, checkout) {
        (_, Some(checkout)) => Ok(checkout),
        (Some(false), None) => Err(Unsent::NotTaken(reason)),
        (_, None) => {
            tracing::warn!(account = account.name, reason, "no answer to a checkout");
            Err(Unsent::Unanswered(reason))
        }
    }
}

/// Writes a checkout down: the schedule of checks begins, or begins again. `via` is its kind.
pub async fn journal(app: &App, order: &Snapshot, via: &str) -> Result<(), Problem> {
    let via = via.to_owned();
    let record = Record::new(Direction::Out, What::Checkout { via });
    let record = record.about(&order.state.order.key);
    write(app, app.entry(record)).await
}

async fn write(app: &App, entry: NewEntry) -> Result<(), Problem> {
    app.append(entry).await??;
    Ok(())
}
