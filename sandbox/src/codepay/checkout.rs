//! A payment is asked for: pushed to a terminal, or opened on the hosted page.

use super::{Said, message};
use crate::asked::Asked;
use crate::exchange::Kind;
use crate::faults::Then;
use crate::order::{Key, Order};
use crate::remark::Fault;
use crate::sandbox::{ORDERS_MAX, Sandbox};
use crate::trade::State;
use quittance_core::Timestamp;
use quittance_core::gateway::codepay::gateway_side::{self, Ending, Place, Refusal, Sale};
use quittance_core::http::Reply;

/// What a proxy answers when the gateway behind it took too long.
const TIMED_OUT: u16 = 504;

impl Sandbox {
    /// A new order waits for its buyer. One that waits already, for the same sum, is the same order (protocol note codepay
    /// 2.6: the seed wants its number used again); every other repeated number is refused.
    pub(super) fn codepay_checkout(
        &mut self,
        now: Timestamp,
        psn: &str,
        sale: Sale,
    ) -> Result<Said, Refusal> {
        let key = Key::new(&sale.who.merchant_no, &sale.order_no);
        let new = match self.orders.get(&key) {
            Some(order) => {
                let open = matches!(order.state(), Some(State::Waits | State::Paying));
                let same = |known: &Sale| {
                    let pages = [known, &sale].map(|sale| matches!(sale.place, Place::Page { .. }));
                    known.asks_the_same(&sale) && pages[0] == pages[1]
                };
                if !open || !order.asked.sale().is_some_and(same) {
                    return Err(Refusal::repeated());
                }
                false
            }
            None => {
                self.codepay_makes(now, &key, Asked::CodePay(Box::new(sale)))?;
                true
            }
        };
        let mut reply = self.codepay_checked_out(psn, &key)?;
        let faults = self.faults_of(&key).checkout;
        if new {
            self.codepay_then(now, &key, faults.then);
        }
        let mut said = Vec::new();
        if faults.lose {
            reply = Reply::new(TIMED_OUT, "");
            said.push(Fault::CallTimedOut);
        }
        Ok(Said {
            kind: Kind::Checkout,
            key,
            reply,
            faults: said,
        })
    }

    /// Makes an order and its trade, and puts it into the queue of its terminal.
    pub(super) fn codepay_makes(
        &mut self,
        now: Timestamp,
        key: &Key,
        asked: Asked,
    ) -> Result<(), Refusal> {
        if self.orders.len() >= ORDERS_MAX {
            return Err(Refusal::full());
        }
        let push = asked.push().cloned();
        if let Some(push) = &push
            && push.online_only
            && !self.is_online(&push.terminal_sn)
        {
            return Err(Refusal::offline());
        }
        let token = self.numbers.token();
        self.by_token.insert(token.clone(), key.clone());
        let order = Order::new(self.count(), asked, token);
        self.orders.insert(key.clone(), order);
        // The order is there, so this makes its trade.
        let _ = self.open(now, key);
        if let Some(push) = push {
            self.enqueue(key, &push);
        }
        Ok(())
    }

    fn codepay_checked_out(&mut self, psn: &str, key: &Key) -> Result<Reply, Refusal> {
        let order = self.orders.get(key).ok_or_else(Refusal::order_no)?;
        let app = self.codepay_app_of(&key.partner).cloned();
        let app = app.ok_or_else(Refusal::app)?;
        if order.asked.has_cashier() {
            let url = format!("{}/cashier/{}", self.settings.public_url, order.token);
            return Ok(gateway_side::checkout_reply(&app, psn, &url));
        }
        let push = order.asked.push();
        let online = push.is_some_and(|push| self.is_online(&push.terminal_sn));
        let trade = order.trade.as_ref();
        let told = trade.and_then(|trade| message::told(&order.asked, trade));
        let told = told.ok_or_else(Refusal::order_no)?;
        let message_id = self.numbers.message_id();
        Ok(gateway_side::pushed_reply(
            &app,
            psn,
            &message_id,
            &told,
            online,
        ))
    }

    /// What the buyer does at once, where the faults say so. A terminal that is offline, or has others before this one, does
    /// nothing.
    fn codepay_then(&mut self, now: Timestamp, key: &Key, then: Then) {
        let _ = match then {
            Then::Waits => Ok(()),
            Then::Approve => self.approve(now, key),
            Then::Decline => self.end(now, key, Ending::Declined),
            Then::Cancel => self.end(now, key, Ending::Cancelled),
            Then::TimeOut => self.end(now, key, Ending::TimedOut),
        };
    }
}
