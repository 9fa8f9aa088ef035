//! `POST …/checkout`: sending the buyer to the cashier.

use super::order_at;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::http::{Json, Path, Query};
use crate::setup::AccountSetup;
use crate::store::Snapshot;
use axum::extract::State;
use quittance_core::choice::Choice;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::gateway::{Checkout, CheckoutCall};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

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

/// Makes the signed request that sends the buyer to the cashier. The schedule of checks begins, or begins again.
#[utoipa::path(post, path = "/v1/orders/{account}/{order_no}/checkout", params(("account" = String, Path), ("order_no" = String, Path), CheckoutParam),
    security(("key" = [])), tag = "orders",
    responses((status = 200, description = "`{kind: form, …}` or `{kind: redirect, url}`", body = serde_json::Value), (status = 409, body = Problem)))]
pub async fn checkout(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Query(asked): Query<CheckoutParam>,
) -> Result<Json<Checkout>, Problem> {
    let (account, _, order) = order_at(&app, &caller, path).await?;
    let checkout = sign(&app, account, &order, None, asked.via == Some(Via::Get))?;
    journal(&app, &order, &checkout).await?;
    Ok(Json(checkout))
}

/// The signed request of a checkout. It may be given out when the journal took it: see [`journal`]. A choice fills what
/// the order leaves open; the order stays as it was written.
pub fn sign(
    app: &App,
    account: &AccountSetup,
    order: &Snapshot,
    choice: Option<Choice>,
    via_get: bool,
) -> Result<Checkout, Problem> {
    let client_ip = order
        .personal
        .iter()
        .find(|known| known.subject.is_empty() && known.name == "client_ip");
    let call = CheckoutCall {
        notify_url: account.notify_address(&app.setup.public_url),
        return_url: account.return_address(&app.setup.public_url, &order.state.order.token),
        client_ip: client_ip.map(|known| known.value.clone()),
        via_get,
    };
    let gateway = account.account.gateway();
    let written = &order.state.order;
    Ok(match choice {
        Some(choice) => gateway.checkout(&choice.made_in(written), &call)?,
        None => gateway.checkout(written, &call)?,
    })
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
