//! `POST /v1/refunds/{account}/checkout`: a person goes to the gateway's page to confirm refunds, several at once.

use super::auth::Caller;
use super::orders::checkout::{CheckoutParam, Via};
use super::problem::Problem;
use super::{Json, Path, Query};
use crate::app::App;
use crate::store::NewEntry;
use axum::extract::State;
use quittance_core::OrderKey;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::fold::Refused;
use quittance_core::gateway::{Checkout, RefundCall, RefundWay};
use quittance_core::refund::{RefundStage, RefundState};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::ToSchema;

/// At most so many refunds go to the page at once: with the longest reasons they just fit into one value.
const REFUNDS_MAX: usize = 20;

/// Which refunds are to be confirmed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmRefunds {
    /// 1 to 20 of them, each of another trade.
    refunds: Vec<RefundName>,
}

/// What names a refund of an account.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundName {
    /// The order.
    order_no: String,
    /// The refund.
    refund_no: String,
}

/// Makes the signed request that sends a person to the gateway's page, where refunds are confirmed. They are under way
/// from then on; the same ones can be taken there again, under the same number, until the gateway tells their end.
#[utoipa::path(post, path = "/v1/refunds/{account}/checkout", params(("account" = String, Path), CheckoutParam),
    request_body = ConfirmRefunds, security(("key" = [])), tag = "orders",
    responses((status = 200, description = "`{kind: form, …}` or `{kind: redirect, url}`", body = serde_json::Value), (status = 409, body = Problem)))]
pub async fn checkout(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(account): Path<String>,
    Query(asked): Query<CheckoutParam>,
    Json(request): Json<ConfirmRefunds>,
) -> Result<Json<Checkout>, Problem> {
    caller.may(&account)?;
    let setup = app
        .account(&account)
        .ok_or_else(|| Problem::unknown("account", &account))?;
    let gateway = setup.account.gateway();
    if gateway.refunds()? != RefundWay::Page {
        return Err(Refused::RefundUnderWay.into());
    }
    let names = names(request)?;
    let (mut refunds, mut wanted) = (Vec::new(), Vec::new());
    for name in &names {
        let key = OrderKey::new(&account, &name.order_no);
        let order = super::orders::find(&app, &key).await?;
        let refund = order.state.refunds.get(&name.refund_no).cloned();
        let refund = refund.ok_or_else(|| Problem::unknown("refund", &name.refund_no))?;
        wanted.push(refund.wanted(&order.state.facts));
        refunds.push((key, name.refund_no.as_str(), refund));
    }
    let now = app.clock.wall();
    let kept = kept_number(&refunds)?.filter(|wire_no| gateway.refund_wire_no_holds(wire_no, now));
    let wire_no = match kept {
        Some(wire_no) => wire_no.to_owned(),
        None => {
            let named = refunds.iter().map(|(key, refund_no, refund)| {
                format!("{key}/{refund_no}/{}\n", refund.wire_nos.len())
            });
            gateway.refund_wire_no(named.collect::<String>().as_bytes(), now)
        }
    };
    let call = RefundCall {
        wire_no: &wire_no,
        refunds: &wanted,
        notify_url: &setup.notify_address(&app.setup.public_url),
        now,
    };
    let checkout = gateway.refund_page(&call, asked.via == Some(Via::Get))?;
    let outcomes = app
        .store
        .append(under_way(&app, &refunds, &wire_no))
        .await?;
    for outcome in outcomes {
        outcome?;
    }
    Ok(Json(checkout))
}

/// Each once, in one order: the same ones always get the same number.
fn names(request: ConfirmRefunds) -> Result<BTreeSet<RefundName>, Problem> {
    let count = request.refunds.len();
    let names: BTreeSet<RefundName> = request.refunds.into_iter().collect();
    if (1..=REFUNDS_MAX).contains(&count) && names.len() == count {
        return Ok(names);
    }
    Err(Problem::field(
        "refunds",
        "there are none, more than 20, or one stands there twice",
        "Send 1 to 20 refunds, each once.",
    ))
}

/// The number under which these refunds go there again: that of a single one, or the one that all of them are under
/// way with. Those that are under way otherwise must first come to an end.
fn kept_number<'a>(
    refunds: &'a [(OrderKey, &str, RefundState)],
) -> Result<Option<&'a str>, Problem> {
    let mut trades = BTreeSet::new();
    for (.., refund) in refunds {
        if !refund.awaits_person() {
            return Err(Refused::RefundUnderWay.into());
        }
        if !trades.insert(&refund.trade_no) {
            return Err(Problem::field(
                "refunds",
                "two of them are of the same trade",
                "Confirm them one after the other: the gateway takes a trade once at a time.",
            ));
        }
    }
    let numbers: BTreeSet<&str> = refunds
        .iter()
        .map(|(.., refund)| refund.wire_no())
        .collect();
    let new = |refund: &RefundState| refund.stage == RefundStage::Requested;
    match numbers.first() {
        Some(number) if numbers.len() == 1 => Ok(Some(*number)),
        _ if refunds.iter().all(|(.., refund)| new(refund)) => Ok(None),
        _ => Err(Refused::RefundUnderWay.into()),
    }
}

/// What the journal is told of it: new numbers first.
fn under_way(app: &App, refunds: &[(OrderKey, &str, RefundState)], wire_no: &str) -> Vec<NewEntry> {
    let mut entries = Vec::new();
    for (key, refund_no, refund) in refunds {
        let mut tell = |what| {
            entries.push(app.entry(Record::new(Direction::Out, what).about(key)));
        };
        let refund_no = (*refund_no).to_owned();
        if refund.wire_no() != wire_no {
            tell(What::RefundNumbered {
                refund_no: refund_no.clone(),
                wire_no: wire_no.to_owned(),
            });
        }
        tell(What::RefundSent {
            refund_no,
            wire_no: wire_no.to_owned(),
            accepted: None,
        });
    }
    entries
}
