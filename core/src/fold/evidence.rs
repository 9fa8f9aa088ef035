//! Evidence joins its order's facts, or waits for the order to appear.

use super::{Projection, addressed, settle};
use crate::entry::{Entry, Record};
use crate::facts::{Claim, Facts, Proof, Seen, Sighting, Witness};
use crate::gateway::{Address, Evidence, Verdict};
use crate::money::Money;
use crate::order::OrderKey;
use crate::sabotage::{Defence, removed};
use crate::state::{OrderState, Parked};

/// Joins every claim of the entry to its order's facts. What names no known order is parked under its address.
pub(super) fn join<P: Projection>(rows: &mut P, entry: &Entry) -> Result<(), P::Error> {
    let Some(account) = &entry.record.account else {
        return Ok(());
    };
    for key in addressed(rows, account, &entry.record.claims)? {
        let Some(mut state) = rows.order(&key)? else {
            continue;
        };
        for told in &entry.record.claims {
            if order_no(rows, account, &told.about)?.as_deref() == Some(&key.order_no) {
                adopt(rows, &mut state, &facts_of(told, entry))?;
            }
        }
        settle(rows, state, entry.at)?;
    }
    for told in &entry.record.claims {
        let known = match order_no(rows, account, &told.about)? {
            Some(order_no) => rows.order(&OrderKey::new(account, order_no))?.is_some(),
            None => false,
        };
        if !known {
            park(rows, account, told, entry)?;
        }
    }
    Ok(())
}

/// Whether a callback leaves something of this order open that only asking can settle: it is ambiguous, a claim of it
/// does not stand at the required proof, or it tells of a refund without its amount. Of several refunds of one trade
/// each is told in the same words: every telling is a reason to ask.
pub(super) fn unsettled(state: &OrderState, record: &Record) -> bool {
    let open = |told: &Evidence| {
        state.facts.knows(&told.claim) && !state.facts.stands(&told.claim, state.order.require)
    };
    record.verdict == Some(Verdict::Ambiguous)
        || tells_of_refund(record.claims.iter().map(|told| &told.claim))
        || record.claims.iter().any(open)
}

/// Whether one of these says that money went back, and not how much.
pub(super) fn tells_of_refund<'a>(claims: impl IntoIterator<Item = &'a Claim>) -> bool {
    claims
        .into_iter()
        .any(|claim| matches!(claim, Claim::RefundMarked { .. }))
}

/// Adds facts to an order: payments claim their trade, and evidence that waited for that trade comes along.
pub(super) fn adopt<P: Projection>(
    rows: &mut P,
    state: &mut OrderState,
    facts: &Facts,
) -> Result<(), P::Error> {
    let amount = state.order.amount;
    let pays = |claim: &Claim, sighting: &Sighting| !booked_otherwise(amount, claim, sighting);
    state.facts.join_where(facts, pays);
    let OrderKey { account, order_no } = state.order.key.clone();
    let payments = |state: &OrderState| -> Vec<String> {
        let counting = state
            .facts
            .counting(state.order.require)
            .map(|(claim, _)| claim);
        counting
            .filter(|claim| matches!(claim, Claim::Payment { .. }))
            .filter_map(trade)
            .collect()
    };
    for trade_no in payments(state) {
        match rows.trade_owner(&account, &trade_no)? {
            Some(owner) if owner != order_no && !removed(Defence::TradeOwner) => {
                state.reused.insert(trade_no);
            }
            Some(_) => {}
            None => {
                rows.own_trade(&account, &trade_no, &order_no)?;
                let about = Address::TradeNo(trade_no);
                if let Some(parked) = rows.parked(&account, &about)? {
                    rows.put_parked(&account, &about, None)?;
                    state.facts.join(&parked.facts);
                }
            }
        }
    }
    Ok(())
}

/// A statement tells what was booked, which is not always what was paid: a coupon's part may be missing in it, or a fee.
/// So a booking is an order's payment where it is the order's very amount; any other is a reason to ask.
fn booked_otherwise(ordered: Money, claim: &Claim, sighting: &Sighting) -> bool {
    matches!(claim, Claim::Payment { amount, .. } if *amount != ordered)
        && sighting.witness == Witness::Statement
}

/// Adds one claim that the fold itself makes.
pub(super) fn add(state: &mut OrderState, claim: Claim, sighting: Sighting, entry: &Entry) {
    state.facts.join(&Facts::of(
        claim,
        sighting,
        Seen {
            at: entry.at,
            seq: entry.seq,
        },
    ));
}

/// The number of the order that an address leads to.
pub(super) fn order_no<P: Projection>(
    rows: &mut P,
    account: &str,
    about: &Address,
) -> Result<Option<String>, P::Error> {
    match about {
        Address::OrderNo(order_no) => Ok(Some(order_no.clone())),
        Address::TradeNo(trade_no) => rows.trade_owner(account, trade_no),
    }
}

fn park<P: Projection>(
    rows: &mut P,
    account: &str,
    told: &Evidence,
    entry: &Entry,
) -> Result<(), P::Error> {
    if told.proof == Proof::Hint || removed(Defence::Parking) {
        return Ok(());
    }
    let parked = rows.parked(account, &told.about)?;
    let mut parked = parked.unwrap_or(Parked {
        facts: Facts::default(),
        since: entry.at,
        overdue: false,
    });
    parked.facts.join(&facts_of(told, entry));
    rows.put_parked(account, &told.about, Some(parked))
}

fn facts_of(told: &Evidence, entry: &Entry) -> Facts {
    let sighting = Sighting {
        witness: told.witness,
        proof: told.proof,
        detail: told.detail.clone(),
    };
    Facts::of(
        told.claim.clone(),
        sighting,
        Seen {
            at: entry.at,
            seq: entry.seq,
        },
    )
}

fn trade(claim: &Claim) -> Option<String> {
    claim.trade_no().map(str::to_owned)
}
