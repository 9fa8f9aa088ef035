//! What a statement tells: bookings join their orders like any evidence, and the reading of the account goes on.

use super::{Projection, change_at, evidence};
use crate::derived::derive;
use crate::entry::{Entry, StatementRead};
use crate::facts::Claim;
use crate::order::OrderKey;
use crate::state::OrderState;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A part of a statement was read, or could not be.
pub(super) fn stated<P: Projection>(
    rows: &mut P,
    entry: &Entry,
    read: &StatementRead,
) -> Result<(), P::Error> {
    let Some(account) = &entry.record.account else {
        return Ok(());
    };
    evidence::join(rows, entry)?;
    let mut told: BTreeMap<OrderKey, Vec<&Claim>> = BTreeMap::new();
    for booked in &entry.record.claims {
        if let Some(order_no) = evidence::order_no(rows, account, &booked.about)? {
            let key = OrderKey::new(account, order_no);
            told.entry(key).or_default().push(&booked.claim);
        }
    }
    for (key, claims) in told {
        change_at(rows, &key, entry.at, |state, policy| {
            if claims.iter().any(|claim| wants_asking(state, claim)) {
                let status = derive(state).status;
                state.checks.unsettled(entry.at, status, policy);
            }
            if evidence::tells_of_refund(claims.iter().copied()) {
                state.checks.doubt(entry.at);
            }
        })?;
    }
    go_on(rows, entry, account, read)
}

/// Whether only the gateway's answer about the order can tell what a booking means: nobody has proven that this trade
/// was paid, or money went back.
fn wants_asking(state: &OrderState, claim: &Claim) -> bool {
    match claim {
        Claim::Payment { trade_no, .. } => !state.facts.paid_by(trade_no, state.order.require),
        _ => true,
    }
}

/// The next day's turn, or another try.
fn go_on<P: Projection>(
    rows: &mut P,
    entry: &Entry,
    account: &str,
    read: &StatementRead,
) -> Result<(), P::Error> {
    let settings = rows.settings()?;
    let policy = settings.accounts.get(account);
    let Some(policy) = policy.and_then(|policy| policy.statement) else {
        return Ok(());
    };
    if read.rows.is_some() && !read.complete {
        return Ok(());
    }
    let mut state = rows.account(account)?;
    let reading = policy.next(state.statement, entry.at);
    state.statement = Some(match read.rows {
        Some(_) => policy.read(reading, read.day, entry.at),
        // Before its turn somebody reads it by hand: that takes no try away.
        None if reading.next_at > entry.at => return Ok(()),
        None => policy.failed(reading, read.day, entry.at),
    });
    rows.put_account(account, state)
}

/// The wall clock went back: no statement waits until it has caught up with itself.
pub(super) fn rein_in<P: Projection>(rows: &mut P, at: Timestamp) -> Result<(), P::Error> {
    for (account, policy) in &rows.settings()?.accounts {
        let Some(policy) = policy.statement else {
            continue;
        };
        let mut state = rows.account(account)?;
        if let Some(reading) = state.statement {
            state.statement = Some(policy.rein_in(reading, at));
            rows.put_account(account, state)?;
        }
    }
    Ok(())
}
