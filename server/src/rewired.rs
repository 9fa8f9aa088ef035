//! Accounts whose charset or kind of signature was changed while orders are under way.
//!
//! The gateway writes what it says about an order as the order was sent to it, and says it again for a day. After such
//! a change those messages no longer verify, or are no text: payments are then only learnt by asking.

use crate::config::Warning;
use crate::setup::Setup;
use crate::store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use quittance_core::settings::Wire;

/// The last re-send comes 24 hours and 22 minutes after a payment (seed 001 5.2 F).
const RESENDS: SignedDuration = SignedDuration::from_hours(25);

/// An account whose messages are written in another way than the journal remembers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rewired {
    /// Its name.
    pub account: String,
    /// How its orders were sent before.
    pub was: Wire,
    /// How they are sent from now on.
    pub is: Wire,
    /// How many orders may still be spoken of in the old way: unpaid ones, and those paid within 25 hours.
    pub orders: u64,
}

impl Rewired {
    /// Compares the settings with those in the journal, so it is to be asked before the new ones are written there.
    /// An account without orders under way is free to change.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn find(
        setup: &Setup,
        store: &dyn Store,
        now: Timestamp,
    ) -> Result<Vec<Rewired>, StoreError> {
        let journaled = store.settings().await?;
        let paid_since = now.checked_sub(RESENDS).unwrap_or(Timestamp::MIN);
        let mut found = Vec::new();
        for (name, account) in &setup.accounts {
            let was = journaled
                .accounts
                .get(name)
                .and_then(|before| before.wire.clone());
            let (Some(was), Some(is)) = (was, account.policy.wire.clone()) else {
                continue;
            };
            if was == is {
                continue;
            }
            let orders = store.under_way(name, paid_since).await?;
            if orders > 0 {
                let account = name.clone();
                found.push(Rewired {
                    account,
                    was,
                    is,
                    orders,
                });
            }
        }
        Ok(found)
    }

    /// What there is to say about it.
    #[must_use]
    pub fn warning(&self) -> Warning {
        let said = |wire: &Wire| format!("{}, {}", wire.charset.label(), wire.sign_type);
        let (orders, was, is) = (self.orders, said(&self.was), said(&self.is));
        Warning::new(
            format!("accounts.{}", self.account),
            (
                format!(
                    "charset or sign_type changed from {was} to {is}, and the gateway may still send messages about \
                     {orders} of its orders in the old way; those are refused, and such payments are only learnt by asking"
                ),
                format!(
                    "charset 或 sign_type 已由 {was} 改为 {is}，而网关仍可能以旧方式发送 {orders} 笔订单的消息；\
                     这些消息会被拒绝，付款只能靠主动查询得知"
                ),
            ),
            (
                "put the old values back and make a second account with the new ones for new orders; remove the old \
                 account when its orders are done",
                "请恢复原来的设置，另设一个使用新设置的账户接收新订单；旧账户的订单处理完后再删除旧账户",
            ),
        )
    }
}
