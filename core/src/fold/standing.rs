//! What stands of a callback's claims: whether they count already, what would make them count, whether they are acked.

use super::Projection;
use crate::facts::{Claim, Proof};
use crate::gateway::{Address, Evidence};
use crate::order::OrderKey;
use crate::settings::Policy;
use crate::state::{OrderState, Parked};
use jiff::Timestamp;

/// What stands of the claims of one callback before they are written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The proof from which on they count.
    pub require: Proof,
    /// Whether every claim stands counted already.
    pub counted: bool,
    /// Whether there is nothing to count: pending, failed.
    silent: bool,
    /// Whether a query would be due, were it the only way to prove them.
    can_ask: bool,
}

impl Standing {
    /// Of claims that were not looked up yet.
    #[must_use]
    pub fn new(policy: &Policy, evidence: &[Evidence]) -> Standing {
        Standing {
            require: policy.require,
            counted: true,
            silent: evidence.is_empty(),
            can_ask: true,
        }
    }

    /// Adds one claim, with the order that it is about, or else with what waits under its address.
    pub fn add(
        &mut self,
        told: &Evidence,
        order: Option<&OrderState>,
        parked: Option<&Parked>,
        policy: &Policy,
        now: Timestamp,
    ) {
        let (facts, require, can_ask) = match order {
            Some(state) => {
                let mut checks = state.checks.clone();
                checks.ask(now);
                // Nothing is ever due for a frozen order.
                let can_ask = state.frozen.is_none() && checks.asks_soon(now);
                (Some(&state.facts), state.order.require, can_ask)
            }
            None => {
                let by_amount = match &told.claim {
                    Claim::Payment { amount, .. } => policy.require_for(*amount),
                    _ => policy.require,
                };
                (parked.map(|parked| &parked.facts), by_amount, false)
            }
        };
        self.require = self.require.max(require);
        self.counted &= facts.is_some_and(|facts| facts.stands(&told.claim, require));
        self.can_ask &= can_ask;
    }

    /// Whether the gateway's own word could make the claims count.
    #[must_use]
    pub fn wants_opinion(&self) -> bool {
        !self.silent && !self.counted && self.require == Proof::Confirmed
    }

    /// Whether claims of this proof are acked once they are durable.
    #[must_use]
    pub fn acks(&self, proof: Proof) -> bool {
        let only_by_query = self.require == Proof::Queried && self.can_ask;
        self.silent || self.counted || proof >= self.require || only_by_query
    }
}

/// What stands of claims, as the projection has it.
///
/// # Errors
/// Those of the projection.
pub fn standing<P: Projection>(
    rows: &mut P,
    account: &str,
    evidence: &[Evidence],
    now: Timestamp,
) -> Result<Option<Standing>, P::Error> {
    let settings = rows.settings()?;
    let Some(policy) = settings.accounts.get(account) else {
        return Ok(None);
    };
    let mut standing = Standing::new(policy, evidence);
    for told in evidence {
        let owner = match &told.about {
            Address::OrderNo(order_no) => Some(order_no.clone()),
            Address::TradeNo(trade_no) => rows.trade_owner(account, trade_no)?,
        };
        let order = match owner {
            Some(order_no) => rows.order(&OrderKey::new(account, order_no))?,
            None => None,
        };
        let parked = match order {
            Some(_) => None,
            None => rows.parked(account, &told.about)?,
        };
        standing.add(told, order.as_ref(), parked.as_ref(), policy, now);
    }
    Ok(Some(standing))
}
