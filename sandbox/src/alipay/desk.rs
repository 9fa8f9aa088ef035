//! What a person does at Alipay: money that comes late, is held and released, trades that finish. Paying back is CodePay's
//! too.

use crate::gateway::Gateway;
use crate::order::{Key, Order, Step};
use crate::sandbox::Sandbox;
use crate::trade::State;
use quittance_core::gateway::alipay::gateway_side::{BookingKind, Code};
use quittance_core::{Money, Timestamp};

impl Sandbox {
    /// Money comes for a trade that was closed unpaid, and the gateway lets it in: the trade is paid, and its notify
    /// goes out. No guide knows this; a buyer's bank does.
    ///
    /// # Errors
    /// `TRADE_NOT_EXIST`; `TRADE_STATUS_ERROR` where the trade is not closed unpaid.
    pub fn buyer_pays_late(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
    ) -> Result<(), Code> {
        self.expire(now);
        let key = Key::new(partner, out_trade_no);
        let order = self.alipays(&key)?;
        let trade = order.trade.as_ref().ok_or(Code("TRADE_NOT_EXIST"))?;
        if trade.state != State::Closed || trade.paid_at.is_some() {
            return Err(Code("TRADE_STATUS_ERROR"));
        }
        self.let_in(now, &key, Step::PaidLate)
    }

    /// The buyer pays while the seller's account is frozen: the money is held, and the trade is pending. Nobody is told
    /// (protocol note 2.3, whose table lists no notify for it; that it is not paid to the merchant is its inference).
    ///
    /// # Errors
    /// `TRADE_NOT_EXIST`; `TRADE_NOT_ALLOWED_PAY` where the trade does not wait for its buyer.
    pub fn buyer_pays_frozen(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
    ) -> Result<(), Code> {
        let key = Key::new(partner, out_trade_no);
        self.expire(now);
        self.alipays(&key)?;
        self.open(now, &key)?;
        let number = self.count();
        let order = self.orders.get_mut(&key).ok_or(Code("TRADE_NOT_EXIST"))?;
        if order.state() != Some(State::Waits) {
            return Err(Code("TRADE_NOT_ALLOWED_PAY"));
        }
        order.changes(number, now, Step::Held);
        if let Some(trade) = order.trade.as_mut() {
            trade.state = State::Held;
        }
        if let Some(at) = order.closes_at.take() {
            self.closings.remove(&(at, key.clone()));
        }
        Ok(())
    }

    /// The seller's account is free again: the merchant has the money, and the notify goes out (protocol note 2.3).
    ///
    /// # Errors
    /// `TRADE_NOT_EXIST`; `TRADE_STATUS_ERROR` where no money is held.
    pub fn release(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
    ) -> Result<(), Code> {
        let key = Key::new(partner, out_trade_no);
        self.expire(now);
        match self.alipays(&key)?.state() {
            None => Err(Code("TRADE_NOT_EXIST")),
            Some(State::Held) => self.let_in(now, &key, Step::Released),
            Some(_) => Err(Code("TRADE_STATUS_ERROR")),
        }
    }

    /// The time in which a trade of the advanced product can be refunded is over: it is finished, and a notify says so
    /// (protocol note 2.3: `TRADE_SUCCESS` to `TRADE_FINISHED`, three months after the payment by default).
    ///
    /// # Errors
    /// `TRADE_NOT_EXIST`; `TRADE_STATUS_ERROR` where the trade is not paid, closed, or finished already.
    pub fn finish(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
    ) -> Result<(), Code> {
        let key = Key::new(partner, out_trade_no);
        self.expire(now);
        self.alipays(&key)?;
        let number = self.count();
        let order = self.orders.get_mut(&key).ok_or(Code("TRADE_NOT_EXIST"))?;
        match order.state() {
            None => return Err(Code("TRADE_NOT_EXIST")),
            Some(State::Paid) => order.changes(number, now, Step::Finished),
            Some(_) => return Err(Code("TRADE_STATUS_ERROR")),
        }
        let trade = order.trade.as_mut().ok_or(Code("TRADE_NOT_EXIST"))?;
        trade.state = State::Finished;
        let finished = trade.clone();
        self.notify(now, &key, finished);
        Ok(())
    }

    /// The seller pays money back: the trade is partially refunded, or closed when all of it went back, and a notify
    /// with the refund's marks goes out (protocol note 2.3 and 2.4). At CodePay it is an order of its own, with a number of
    /// the sandbox's, that is told.
    ///
    /// # Errors
    /// `TRADE_NOT_EXIST`; `TRADE_STATUS_ERROR` where the trade cannot be refunded (unpaid, closed, or of the basic
    /// product); `REASON_TRADE_REFUND_FEE_ERR` where the sum is not above zero or more than is left.
    pub fn refund(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
        sum: Money,
    ) -> Result<(), Code> {
        let key = Key::new(partner, out_trade_no);
        self.expire(now);
        let known = self.orders.get(&key);
        if known.is_some_and(|order| order.asked.gateway() == Gateway::CodePay) {
            return self.desk_refund(now, &key, sum);
        }
        let order = self.alipays(&key)?;
        let trade = order.trade.as_ref().ok_or(Code("TRADE_NOT_EXIST"))?;
        if trade.state != State::Paid {
            return Err(Code("TRADE_STATUS_ERROR"));
        }
        let total = order.asked.amount();
        let left = total.minor - trade.refunded.minor;
        if sum.currency != total.currency || !(1..=left).contains(&sum.minor) {
            return Err(Code("REASON_TRADE_REFUND_FEE_ERR"));
        }
        self.pay_back(now, &key, sum)
    }

    /// Pays back what is known to be left, and starts the notify of the trade.
    pub(crate) fn pay_back(&mut self, now: Timestamp, key: &Key, sum: Money) -> Result<(), Code> {
        let number = self.count();
        let order = self.orders.get_mut(key).ok_or(Code("TRADE_NOT_EXIST"))?;
        order.changes(number, now, Step::Refunded(sum));
        let total = order.asked.amount();
        let trade = order.trade.as_mut().ok_or(Code("TRADE_NOT_EXIST"))?;
        trade.refunded.minor += sum.minor;
        trade.refunded_at = Some(now);
        if trade.refunded.minor >= total.minor {
            trade.state = State::Closed;
            trade.closed_at = Some(now);
        }
        let changed = trade.clone();
        self.book(number, now, key, BookingKind::Transfer, sum);
        self.notify(now, key, changed);
        Ok(())
    }

    /// An order of Alipay's; another gateway's does not exist at this one.
    fn alipays(&self, key: &Key) -> Result<&Order, Code> {
        let order = self.orders.get(key);
        order
            .filter(|order| order.asked.gateway() == Gateway::Alipay)
            .ok_or(Code("TRADE_NOT_EXIST"))
    }
}
