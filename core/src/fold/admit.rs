//! What may be written at all: the few order-sensitive steps, decided before an entry has its place.

use super::{Projection, order_of};
use crate::derived::derive;
use crate::discrepancy::{DiscrepancyKind, DiscrepancyState, ResolutionKind};
use crate::entry::{NOTES_MAX, Record, What};
use crate::money::Money;
use crate::order::Order;
use crate::refund::{RefundStage, RefundWanted, left_of};
use crate::sabotage::{Defence, removed};
use crate::state::OrderState;
use crate::status::Status;

/// Why a record is not written: the answer to whoever asked.
#[derive(Clone, PartialEq, Debug)]
pub enum Refused {
    /// The order stands already, with the same content or with this field different.
    OrderExists {
        /// As it stands.
        state: Box<OrderState>,
        /// The first field that differs.
        differs: Option<&'static str>,
    },
    /// No such order.
    OrderUnknown,
    /// No such account.
    AccountUnknown,
    /// The order has as many notes as one may have.
    TooManyNotes,
    /// The order is closed.
    OrderClosed,
    /// The order is paid, or was.
    OrderPaid,
    /// A discrepancy is open.
    OrderAttention,
    /// An entry could not be applied to this order.
    OrderFrozen,
    /// No such discrepancy.
    DiscrepancyUnknown,
    /// The discrepancy was resolved before.
    DiscrepancyResolved,
    /// `accept` where there is no trade to accept.
    NothingToAccept,
    /// No such event, or nobody is told of it.
    EventUnknown,
    /// No such endpoint.
    EndpointUnknown,
    /// The refund stands already, with the same content or with this field different.
    RefundExists {
        /// The first field that differs.
        differs: Option<&'static str>,
    },
    /// No such refund.
    RefundUnknown,
    /// More than is left of the trade.
    RefundTooMuch {
        /// What is left of it.
        left: Money,
    },
    /// No such trade is proven for this order.
    TradeUnknown,
    /// The refund is under way, or at its end, and stays under its number.
    RefundUnderWay,
    /// A callback whose claims count only with the gateway's own word, which nobody has asked for yet.
    OpinionWanted,
    /// Whoever found this out held the work under a lease that is somebody else's by now, or nobody's.
    LeaseLost,
}

/// Decides whether a record may be written. What it lets pass, the fold obeys on every refold.
///
/// # Errors
/// Those of the projection.
pub fn admit<P: Projection>(rows: &mut P, record: &Record) -> Result<Option<Refused>, P::Error> {
    match &record.what {
        What::Order(order) => admit_order(rows, order),
        What::Checkout { .. } | What::CloseRequested {} => {
            let Some(state) = order_of(rows, record)? else {
                return Ok(Some(Refused::OrderUnknown));
            };
            if state.frozen.is_some() {
                return Ok(Some(Refused::OrderFrozen));
            }
            // Nobody sends a buyer to the cashier of an order that the merchant has asked to close.
            let checkout = matches!(record.what, What::Checkout { .. });
            if checkout && state.checks.close_requested && state.checks.next_at.is_some() {
                return Ok(Some(Refused::OrderClosed));
            }
            let derived = derive(&state);
            Ok(match derived.status {
                Status::Closed => Some(Refused::OrderClosed),
                Status::Unpaid if derived.attention => Some(Refused::OrderAttention),
                Status::Unpaid => None,
                _ if checkout && removed(Defence::CheckoutOfPaid) => None,
                _ => Some(Refused::OrderPaid),
            })
        }
        // Money may have come since the question before it.
        What::Cancel {} => Ok(match order_of(rows, record)? {
            None => Some(Refused::OrderUnknown),
            Some(state) if state.frozen.is_some() => Some(Refused::OrderFrozen),
            Some(state) => match derive(&state).status {
                Status::Unpaid => None,
                Status::Closed => Some(Refused::OrderClosed),
                _ => Some(Refused::OrderPaid),
            },
        }),
        What::Note {} => Ok(match order_of(rows, record)? {
            None => Some(Refused::OrderUnknown),
            Some(state) if state.frozen.is_some() => Some(Refused::OrderFrozen),
            Some(state) => (state.notes >= NOTES_MAX).then_some(Refused::TooManyNotes),
        }),
        What::TerminalResult { .. } => Ok(match order_of(rows, record)? {
            None => Some(Refused::OrderUnknown),
            Some(state) => state.frozen.is_some().then_some(Refused::OrderFrozen),
        }),
        What::RefundRequested(wanted) => admit_refund(rows, record, wanted),
        What::RefundNumbered { refund_no, .. } => admit_number(rows, record, refund_no),
        What::Resolution {
            discrepancy,
            decision,
            ..
        } => admit_resolution(rows, record, discrepancy, *decision),
        What::Redelivery { event } => Ok(rows
            .endpoints_of(event)?
            .is_empty()
            .then_some(Refused::EventUnknown)),
        What::Endpoint { name, .. } => Ok(
            (!rows.settings()?.endpoints.contains_key(name)).then_some(Refused::EndpointUnknown)
        ),
        _ => Ok(None),
    }
}

fn admit_order<P: Projection>(rows: &mut P, order: &Order) -> Result<Option<Refused>, P::Error> {
    if !rows.settings()?.accounts.contains_key(&order.key.account) {
        return Ok(Some(Refused::AccountUnknown));
    }
    Ok(rows.order(&order.key)?.map(|state| {
        let differs = state.order.differs_in(order);
        Refused::OrderExists {
            state: Box::new(state),
            differs,
        }
    }))
}

fn admit_refund<P: Projection>(
    rows: &mut P,
    record: &Record,
    wanted: &RefundWanted,
) -> Result<Option<Refused>, P::Error> {
    let Some(state) = order_of(rows, record)? else {
        return Ok(Some(Refused::OrderUnknown));
    };
    if state.frozen.is_some() {
        return Ok(Some(Refused::OrderFrozen));
    }
    if let Some(known) = state.refunds.get(&wanted.refund_no) {
        let differs = wanted.differs_from(known);
        return Ok(Some(Refused::RefundExists { differs }));
    }
    Ok(match left_of(&state, &wanted.trade_no) {
        None => Some(Refused::TradeUnknown),
        Some(left) if !within(wanted.amount, left) && !removed(Defence::RefundLimit) => {
            Some(Refused::RefundTooMuch { left })
        }
        Some(_) => None,
    })
}

fn within(amount: Money, left: Money) -> bool {
    amount.currency == left.currency && amount.minor <= left.minor
}

/// Nothing that is under way, or at its end, gets another number.
fn admit_number<P: Projection>(
    rows: &mut P,
    record: &Record,
    refund_no: &str,
) -> Result<Option<Refused>, P::Error> {
    let Some(state) = order_of(rows, record)? else {
        return Ok(Some(Refused::OrderUnknown));
    };
    Ok(match state.refunds.get(refund_no) {
        None => Some(Refused::RefundUnknown),
        Some(_) if state.frozen.is_some() => Some(Refused::OrderFrozen),
        Some(refund) if refund.stage == RefundStage::Requested => None,
        Some(_) if removed(Defence::RefundNumber) => None,
        Some(_) => Some(Refused::RefundUnderWay),
    })
}

fn admit_resolution<P: Projection>(
    rows: &mut P,
    record: &Record,
    discrepancy: &str,
    decision: ResolutionKind,
) -> Result<Option<Refused>, P::Error> {
    let accept = decision == ResolutionKind::Accept;
    let (state, trade) = match (order_of(rows, record)?, &record.account) {
        (Some(state), _) => match derive(&state)
            .discrepancies
            .into_iter()
            .find(|found| found.id == discrepancy)
        {
            Some(found) => (found.state, acceptable(found.kind)),
            None => return Ok(Some(Refused::DiscrepancyUnknown)),
        },
        (None, Some(account)) => match rows.account(account)?.discrepancies.get(discrepancy) {
            Some(found) => (found.state(), false),
            None => return Ok(Some(Refused::DiscrepancyUnknown)),
        },
        (None, None) => return Ok(Some(Refused::DiscrepancyUnknown)),
    };
    Ok(match state {
        DiscrepancyState::Resolved => Some(Refused::DiscrepancyResolved),
        _ if accept && !trade => Some(Refused::NothingToAccept),
        _ => None,
    })
}

/// Whether accepting means that a trade of another amount pays the order. A trade in another currency has no sum with
/// the order's, and a trade of another order is not this order's to take.
pub(super) fn acceptable(kind: DiscrepancyKind) -> bool {
    matches!(kind, DiscrepancyKind::AmountMismatch)
}
