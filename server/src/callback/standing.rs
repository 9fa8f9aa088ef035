//! What stands of a callback's claims, looked up before a second opinion is asked.

use crate::app::App;
use crate::setup::AccountSetup;
use crate::store::StoreError;
use quittance_core::OrderKey;
use quittance_core::fold::Standing;
use quittance_core::gateway::{Address, Evidence};

/// Looks the claims up.
pub(super) async fn look(
    app: &App,
    account: &AccountSetup,
    evidence: &[Evidence],
) -> Result<Standing, StoreError> {
    let mut standing = Standing::new(&account.policy, evidence);
    for told in evidence {
        let found = match &told.about {
            Address::OrderNo(order_no) => {
                let key = OrderKey::new(&account.name, order_no);
                app.store.order(&key).await?
            }
            Address::TradeNo(trade_no) => app.store.order_by_trade(&account.name, trade_no).await?,
        };
        let parked = match found {
            Some(_) => None,
            None => app.store.parked(&account.name, &told.about).await?,
        };
        let state = found.as_ref().map(|found| &found.state);
        let now = app.clock.wall();
        standing.add(told, state, parked.as_ref(), &account.policy, now);
    }
    Ok(standing)
}

/// Whether the gateway's own word could make the claims count.
pub(super) fn wants_opinion(standing: &Standing, account: &AccountSetup) -> bool {
    account.account.gateway().traits().second_opinion && standing.wants_opinion()
}
