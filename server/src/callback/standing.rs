//! What stands of a callback's claims: whether they count already, what would make them count, whether they are acked.

use crate::app::App;
use crate::setup::AccountSetup;
use crate::store::StoreError;
use quittance_core::facts::{Facts, Proof};
use quittance_core::gateway::{Address, Evidence};
use quittance_core::{Claim, OrderKey};

/// What stands of the claims before they are written down.
pub(super) struct Standing {
    /// The proof from which on they count.
    pub(super) require: Proof,
    /// Whether every claim stands counted already.
    pub(super) counted: bool,
    /// Whether there is nothing to count: pending, failed.
    silent: bool,
    /// Whether a query would be due, were it the only way to prove them.
    can_ask: bool,
}

impl Standing {
    /// Looks the claims up.
    pub(super) async fn of(
        app: &App,
        account: &AccountSetup,
        evidence: &[Evidence],
    ) -> Result<Standing, StoreError> {
        let mut standing = Standing {
            require: account.policy.require,
            counted: true,
            silent: evidence.is_empty(),
            can_ask: true,
        };
        for told in evidence {
            let (facts, require, can_ask) = known(app, account, told).await?;
            standing.require = standing.require.max(require);
            standing.counted &= facts.is_some_and(|facts| facts.stands(&told.claim, require));
            standing.can_ask &= can_ask;
        }
        Ok(standing)
    }

    /// Whether a second opinion could make the claims count.
    pub(super) fn wants_opinion(&self, account: &AccountSetup) -> bool {
        let exists = account.account.gateway().traits().second_opinion;
        exists && !self.silent && !self.counted && self.require == Proof::Confirmed
    }

    /// Whether claims of this proof are acked once they are durable.
    pub(super) fn acks(&self, proof: Proof) -> bool {
        let only_by_query = self.require == Proof::Queried && self.can_ask;
        self.silent || self.counted || proof >= self.require || only_by_query
    }
}

/// What is known of the order that a claim is about: its facts, the proof it requires, whether a query would be due.
async fn known(
    app: &App,
    account: &AccountSetup,
    told: &Evidence,
) -> Result<(Option<Facts>, Proof, bool), StoreError> {
    let by_amount = match &told.claim {
        Claim::Payment { amount, .. } => account.policy.require_for(*amount),
        _ => account.policy.require,
    };
    let found = match &told.about {
        Address::OrderNo(order_no) => {
            let key = OrderKey::new(&account.name, order_no);
            app.store.order(&key).await?
        }
        Address::TradeNo(trade_no) => app.store.order_by_trade(&account.name, trade_no).await?,
    };
    if let Some(found) = found {
        let mut checks = found.state.checks;
        let now = app.clock.wall();
        checks.ask(now);
        return Ok((
            Some(found.state.facts),
            found.state.order.require,
            checks.asks_soon(now),
        ));
    }
    let parked = app.store.parked(&account.name, &told.about).await?;
    Ok((parked.map(|parked| parked.facts), by_amount, false))
}
