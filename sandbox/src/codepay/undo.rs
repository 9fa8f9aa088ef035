//! Orders are undone: closed while they wait, or revoked whatever became of them (protocol note codepay 2.5).

use super::Said;
use crate::exchange::Kind;
use crate::order::{Key, Order, Step};
use crate::remark::Fault;
use crate::sandbox::Sandbox;
use crate::trade::State;
use quittance_core::Timestamp;
use quittance_core::gateway::codepay::gateway_side::{self, Named, Refusal, Who};

impl Sandbox {
    /// `wisehub.cloud.pay.close`: only what waits at this terminal.
    pub(super) fn codepay_close(
        &mut self,
        now: Timestamp,
        psn: &str,
        who: &Who,
        terminal_sn: &str,
        order_no: &str,
    ) -> Result<Said, Refusal> {
        let app = self.codepay_app(&who.app_id).ok_or_else(Refusal::app)?;
        let key = self.codepay_named(who, &Named::OrderNo(order_no.to_owned()))?;
        let order = self.orders.get(&key).ok_or_else(Refusal::order_no)?;
        let push = order.asked.push();
        let trade_no = order.trade.as_ref().map(|trade| trade.trade_no.clone());
        if push.is_none_or(|push| push.terminal_sn != terminal_sn) {
            return Err(Refusal::order_no());
        }
        let reply = match self.close_unpaid(&key, now, Step::Closed) {
            true => {
                let id = self.numbers.message_id();
                gateway_side::close_reply(&app, psn, &id, trade_no.as_deref().unwrap_or_default())
            }
            false => gateway_side::error_reply(Some(&app), psn, &Refusal::not_waiting()),
        };
        Ok(Said {
            kind: Kind::Close,
            key,
            reply,
            faults: Vec::new(),
        })
    }

    /// `order.revoker`: a paid order is refunded, an unpaid or failed one closed. What is done already stays so.
    pub(super) fn codepay_revoke(
        &mut self,
        now: Timestamp,
        psn: &str,
        who: &Who,
        order_no: &str,
    ) -> Result<Said, Refusal> {
        let app = self.codepay_app(&who.app_id).ok_or_else(Refusal::app)?;
        let key = self.codepay_named(who, &Named::OrderNo(order_no.to_owned()))?;
        let order = self.orders.get(&key).ok_or_else(Refusal::order_no)?;
        order.asked.sale().ok_or_else(Refusal::nothing_to_reverse)?;
        let paid_first = self.faults_of(&key).revoke.paid_first && self.approve(now, &key).is_ok();
        match self.orders.get(&key).and_then(Order::state) {
            Some(State::Waits | State::Paying) => {
                self.shut(now, &key, Step::Closed);
            }
            Some(State::Paid) => self.take_back(now, &key),
            _ => {}
        }
        Ok(Said {
            kind: Kind::Revoke,
            reply: gateway_side::revoke_reply(&app, psn),
            key,
            faults: paid_first.then_some(Fault::PaidFirst).into_iter().collect(),
        })
    }

    /// All that is left of the payment goes back, and the merchant is told so.
    fn take_back(&mut self, now: Timestamp, key: &Key) {
        let number = self.count();
        let Some(order) = self.orders.get_mut(key) else {
            return;
        };
        order.changes(number, now, Step::Voided);
        let total = order.asked.amount();
        if let Some(trade) = order.trade.as_mut() {
            trade.state = State::Voided;
            trade.refunded = total;
            trade.refunded_at = Some(now);
        }
        self.tell_trade(now, key);
    }
}
