//! Refunds that the merchant asked for: each entry about one moves it on.

use super::{Projection, change as change_order, evidence};
use crate::entry::{Entry, What};
use crate::gateway::RefundAnswer;
use crate::refund::{RefundState, RefundWanted};
use crate::settings::Policy;
use crate::state::OrderState;
use jiff::Timestamp;

/// A refund is asked for. What [`super::admit()`] let pass is obeyed.
pub(super) fn requested<P: Projection>(
    rows: &mut P,
    entry: &Entry,
    wanted: &RefundWanted,
) -> Result<(), P::Error> {
    change_order(rows, entry, |state, _| {
        state
            .refunds
            .entry(wanted.refund_no.clone())
            .or_insert_with(|| RefundState::new(wanted, entry.at));
    })
}

/// Changes one refund of the entry's order.
pub(super) fn change<P: Projection>(
    rows: &mut P,
    entry: &Entry,
    refund_no: &str,
    how: impl FnOnce(&mut RefundState, &Policy),
) -> Result<(), P::Error> {
    change_order(rows, entry, |state, policy| {
        if let Some(refund) = state.refunds.get_mut(refund_no) {
            refund.said = entry.record.reason.clone();
            how(refund, policy);
        }
    })
}

/// The gateway was asked what became of one. Where it says that money went back and nobody has signed that, the trade
/// itself is asked about: only what is signed enters the sums.
pub(super) fn answered<P: Projection>(
    rows: &mut P,
    entry: &Entry,
    refund_no: &str,
) -> Result<(), P::Error> {
    let What::RefundQuery {
        wire_no,
        answer,
        lapsed,
        asked,
        ..
    } = &entry.record.what
    else {
        return Ok(());
    };
    evidence::join(rows, entry)?;
    change(rows, entry, refund_no, |refund, policy| {
        if refund.wire_no() == wire_no {
            refund.answered(*answer, *lapsed, *asked, entry.at, policy);
        }
    })?;
    change_order(rows, entry, |state, _| {
        let unproven = state.refunds.values().any(RefundState::awaits_proof);
        if *answer == RefundAnswer::Succeeded && unproven {
            state.checks.ask(entry.at);
            state.checks.doubt(entry.at);
        }
    })
}

/// The one that is due waits for the last gap: three tries came to no recorded end.
pub(super) fn put_off(state: &mut OrderState, at: Timestamp, policy: &Policy) {
    let due = state
        .due_refund(at)
        .map(|(refund_no, _)| refund_no.to_owned());
    if let Some(refund) = due.and_then(|refund_no| state.refunds.get_mut(&refund_no)) {
        refund.put_off(at, policy);
    }
}
