//! One due step of one order: a query, a close, giving it up, or one of its refunds.

use super::{CLAIMS_MAX, refunding};
use crate::app::App;
use crate::asking::{LIMIT, query};
use crate::setup::AccountSetup;
use crate::store::{DueStep, Lease, StoreError};
use quittance_core::entry::{Direction, Record, What};
use quittance_core::gateway::{CloseCall, Closing};
use quittance_core::schedule::Step;
use std::time::Duration;

/// Why a question was not asked that was due.
const TOO_LATE: &str = "not asked: the gateway answers no more questions about this order";

/// Does the step and records its end, which ends the lease.
pub async fn step(app: &App, due: DueStep) {
    let key = due.snapshot.state.order.key.clone();
    let done = match (due.step, app.account(&key.account)) {
        _ if due.claims > CLAIMS_MAX => {
            tracing::error!(%key, step = ?due.step, "no end of three tries was recorded: laid aside");
            abandon(app, &due, None).await
        }
        // These need no call, and so no account in the settings.
        (Step::GiveUp, _) => give_up(app, &due).await,
        (Step::Rest, _) => {
            tracing::warn!(%key, "the gateway answers no more questions about this order: it rests as it is");
            abandon(app, &due, Some(TOO_LATE)).await
        }
        (_, None) => {
            tracing::error!(%key, "the order's account is not in the settings: the gateway cannot be asked");
            return;
        }
        (Step::Close, Some(account)) => close(app, account, &due).await,
        (Step::Refund, Some(account)) => refunding::refund(app, account, &due).await,
        (_, Some(account)) => ask(app, account, &due).await,
    };
    if let Err(error) = done {
        tracing::warn!(%key, step = ?due.step, %error, "a step could not be recorded; it is due again");
    }
}

/// A query, whatever caused it; one that something from outside caused takes its turn.
async fn ask(app: &App, account: &AccountSetup, due: &DueStep) -> Result<(), StoreError> {
    if due.step == Step::Ask {
        // The worker takes a bounded number of steps at once, so nobody waits here for long.
        if let Some(at) = app.budget.within(&*app.clock, &account.name, Duration::MAX) {
            app.clock.sleep_until(at).await;
        }
    }
    query(app, account, &due.snapshot, due.step, lease(due))
        .await
        .map(|_| ())
}

async fn give_up(app: &App, due: &DueStep) -> Result<(), StoreError> {
    let key = &due.snapshot.state.order.key;
    let record = Record::new(Direction::Own, What::GivenUp {}).about(key);
    app.record(vec![app.entry(record).ending(lease(due))])
        .await
        .map(|_| ())
}

/// Asks the gateway to close the trade. What it says is journaled; only the query after it is believed.
async fn close(app: &App, account: &AccountSetup, due: &DueStep) -> Result<(), StoreError> {
    let gateway = account.account.gateway();
    let key = &due.snapshot.state.order.key;
    let state = &due.snapshot.state;
    let call = CloseCall {
        order: &state.order,
        gently: state.checks.closes_gently(),
        now: app.clock.wall(),
    };
    let asked = gateway.close(&call);
    if asked.as_ref().is_ok_and(|asked| asked.pays_back) {
        // What it takes back has to be known as such, even if this process ends before it is answered.
        let record = Record::new(Direction::Own, What::Cancel {}).about(key);
        if let Err(refused) = app.append(app.entry(record).under(&due.lease)).await? {
            tracing::info!(
                account = account.name,
                order_no = key.order_no,
                ?refused,
                "not canceled"
            );
            return abandon(app, due, Some("the order is settled: it is not canceled")).await;
        }
    }
    let (closing, reply) = match asked {
        Ok(closing) => match app.transport.send(closing.request, LIMIT).await {
            Ok(reply) => (gateway.read_close(&key.order_no, &reply), Some(reply.body)),
            Err(error) => (
                Closing {
                    accepted: None,
                    reason: Some(error.to_string()),
                },
                None,
            ),
        },
        Err(error) => (
            Closing {
                accepted: None,
                reason: Some(error.to_string()),
            },
            None,
        ),
    };
    let accepted = closing.accepted;
    let mut record = Record::new(Direction::Out, What::Close { accepted }).about(key);
    record.reason = closing.reason;
    let mut entry = app.entry(record).ending(lease(due));
    entry.body = reply;
    let seq = app.record(vec![entry]).await?.seq;
    tracing::info!(
        account = account.name,
        order_no = key.order_no,
        seq,
        ?accepted,
        "close"
    );
    Ok(())
}

/// The schedule goes on without this step: it was taken again and again and no end of it was ever recorded, or there is
/// a reason not to take it.
async fn abandon(app: &App, due: &DueStep, reason: Option<&str>) -> Result<(), StoreError> {
    let key = &due.snapshot.state.order.key;
    let what = What::Abandoned {
        event: None,
        endpoint: None,
    };
    let mut record = Record::new(Direction::Own, what).about(key);
    record.reason = reason.map(str::to_owned);
    app.record(vec![app.entry(record).ending(lease(due))])
        .await
        .map(|_| ())
}

fn lease(due: &DueStep) -> Option<Lease> {
    Some(due.lease.clone())
}
