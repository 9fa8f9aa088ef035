//! What a person may do with a trade, from the control page or through the API.

use crate::asked::{Asked, in_currency_of};
use crate::denied::Denied;
use crate::gateway::Gateway;
use crate::order::{Key, Step};
use crate::sandbox::Sandbox;
use crate::trade::State;
use quittance_core::gateway::codepay::gateway_side::Ending;
use quittance_core::{Money, Timestamp};

/// Something to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    /// As the buyer at the cashier.
    Pay,
    /// As the buyer who presents a card.
    Start,
    /// As the buyer's bank, which refuses.
    Fail,
    /// As the buyer's bank, the operator of the terminal, or nobody at all.
    End(Ending),
    /// As a buyer's bank whose money comes too late.
    PayLate,
    /// As the buyer, while the seller's account is frozen.
    PayFrozen,
    /// As the gateway: the seller's account is free again.
    Release,
    /// As the gateway, when the time for refunds is over.
    Finish,
    /// As the gateway, or the merchant at its own desk.
    Close,
    /// As the merchant at its own desk: this much, or all that is left.
    Refund(Option<Money>),
    /// As the gateway.
    Resend,
}

impl Action {
    /// The action of a short word. `refund` is of all that is left.
    pub(crate) fn of_word(word: &str) -> Option<Action> {
        match word {
            "pay" => Some(Action::Pay),
            "start" => Some(Action::Start),
            "fail" => Some(Action::Fail),
            "decline" => Some(Action::End(Ending::Declined)),
            "cancel" => Some(Action::End(Ending::Cancelled)),
            "time-out" => Some(Action::End(Ending::TimedOut)),
            "pay-late" => Some(Action::PayLate),
            "pay-frozen" => Some(Action::PayFrozen),
            "release" => Some(Action::Release),
            "finish" => Some(Action::Finish),
            "close" => Some(Action::Close),
            "refund" => Some(Action::Refund(None)),
            "resend" => Some(Action::Resend),
            _ => None,
        }
    }

    /// Whether a trade of this order has such a thing. Dinpay closes no trade, freezes no seller and pays nothing back
    /// by request that its documents tell of (protocol note dinpay 3.4); Alipay has no word for a try that failed; only a
    /// terminal of CodePay's can be cancelled or time out, and what pays back is not paid back.
    pub(crate) fn is_of(self, asked: &Asked) -> bool {
        let gateway = asked.gateway();
        // A refund that nothing was pushed for is done by itself.
        let played = asked.sale().is_some() || asked.push().is_some();
        match self {
            Action::Resend => true,
            Action::Pay => gateway != Gateway::CodePay || played,
            Action::Start | Action::End(Ending::Declined) => played,
            Action::End(_) => asked.push().is_some(),
            Action::Fail => gateway == Gateway::Dinpay,
            Action::Close | Action::Refund(_) => {
                gateway == Gateway::Alipay || asked.sale().is_some()
            }
            Action::PayLate | Action::PayFrozen | Action::Release | Action::Finish => {
                gateway == Gateway::Alipay
            }
        }
    }
}

impl Sandbox {
    /// Does this to a trade, or says why it cannot be done.
    pub(crate) fn act(&mut self, now: Timestamp, key: &Key, action: Action) -> Result<(), Denied> {
        self.expire(now);
        let order = self.orders.get(key).ok_or(Denied::NoOrder)?;
        let (partner, number) = (key.partner.as_str(), key.out_trade_no.as_str());
        let gateway = order.asked.gateway();
        if !action.is_of(&order.asked) {
            return Err(Denied::NotThere(gateway));
        }
        match action {
            Action::Fail => self
                .payment_fails(now, partner, number)
                .map_err(|_| Denied::NotPayable),
            Action::Start => self.start(now, key).map_err(|_| Denied::NotAtHand),
            Action::End(ending) => self.end(now, key, ending).map_err(|_| Denied::NotAtHand),
            Action::Pay => {
                let denied = match gateway {
                    Gateway::CodePay => Denied::NotAtHand,
                    Gateway::Alipay | Gateway::Dinpay => Denied::NotPayable,
                };
                self.pay(now, key).map_err(|_| denied)
            }
            Action::PayLate => self
                .buyer_pays_late(now, partner, number)
                .map_err(|_| Denied::NotClosed),
            Action::PayFrozen => self
                .buyer_pays_frozen(now, partner, number)
                .map_err(|_| Denied::NotPayable),
            Action::Release => self
                .release(now, partner, number)
                .map_err(|_| Denied::NotHeld),
            Action::Finish => self
                .finish(now, partner, number)
                .map_err(|_| Denied::NotFinishable),
            Action::Close => match self.close_unpaid(key, now, Step::Closed) {
                true => Ok(()),
                false => Err(Denied::NotWaiting),
            },
            Action::Refund(sum) => {
                let trade = order.trade.as_ref().ok_or(Denied::NotRefundable)?;
                if trade.state != State::Paid {
                    return Err(Denied::NotRefundable);
                }
                let total = order.asked.amount();
                let left = Money::new(total.minor - trade.refunded.minor, total.currency);
                let sum = sum.map_or(left, |sum| in_currency_of(total, sum));
                self.refund(now, partner, number, sum)
                    .map_err(|_| Denied::BadSum)
            }
            Action::Resend => match self.resend(now, partner, number) {
                true => Ok(()),
                false => Err(Denied::NothingToSend),
            },
        }
    }
}
