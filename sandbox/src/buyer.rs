//! What buyers do at every gateway: open the cashier, pay, fail to.

use crate::alipay::closes_at;
use crate::asked::Asked;
use crate::dinpay::choices;
use crate::gateway::Gateway;
use crate::order::{Key, Step};
use crate::sandbox::Sandbox;
use crate::trade::{State, Trade};
use crate::way_back::Home;
use jiff::SignedDuration;
use quittance_core::Timestamp;
use quittance_core::gateway::alipay::gateway_side::{BookingKind, Code};
use quittance_core::http::Request;

impl Sandbox {
    /// The buyer logs in at the cashier: from now on the trade exists and waits for the payment (protocol note 2.3).
    /// Opening again changes nothing. Gives the trade number.
    ///
    /// # Errors
    /// `TRADE_NOT_EXIST` where the merchant asked for no such payment.
    pub fn buyer_opens(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
    ) -> Result<String, Code> {
        self.expire(now);
        self.open(now, &Key::new(partner, out_trade_no))
    }

    /// The buyer opens the cashier, if need be, and pays. Gives the address that the browser is sent back to, with
    /// its signed query string, whose minute begins now. `None` where nothing was paid (no such order, or already
    /// paid or closed), where the merchant gave no `return_url`, where a fault keeps it, and at a gateway whose return
    /// is posted, as [`Sandbox::buyer_returns`] does; [`Sandbox::trades`] tells which.
    pub fn buyer_pays(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
    ) -> Option<String> {
        let key = Key::new(partner, out_trade_no);
        self.expire(now);
        self.pay(now, &key).ok()?;
        match self.orders.get(&key)?.asked.gateway() {
            Gateway::Alipay | Gateway::CodePay => match self.go_home(now, &key)? {
                Home::Address(url) => Some(url),
                Home::Form(_) => None,
            },
            Gateway::Dinpay => None,
        }
    }

    /// The buyer stays on the success page until it sends the browser back: what the browser asks the shop for. `None`
    /// where nothing is paid, where the merchant gave no `return_url`, and where a fault keeps it.
    pub fn buyer_returns(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
    ) -> Option<Request> {
        self.expire(now);
        let home = self.go_home(now, &Key::new(partner, out_trade_no))?;
        Some(home.request())
    }

    /// A try of the buyer to pay goes wrong at his bank. Nobody is told of it (protocol note dinpay 2.1; seed 000 4), and
    /// another try may follow. Only Dinpay has a word for it.
    ///
    /// # Errors
    /// `TRADE_NOT_EXIST`; `TRADE_STATUS_ERROR` where nothing can be paid any more.
    pub fn payment_fails(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
    ) -> Result<(), Code> {
        let key = Key::new(partner, out_trade_no);
        self.expire(now);
        let number = self.count();
        let order = self.orders.get_mut(&key);
        let order = order.filter(|order| order.asked.gateway() == Gateway::Dinpay);
        let order = order.ok_or(Code("TRADE_NOT_EXIST"))?;
        if !order.state().is_some_and(State::payable) {
            return Err(Code("TRADE_STATUS_ERROR"));
        }
        order.changes(number, now, Step::Failed);
        if let Some(trade) = order.trade.as_mut() {
            trade.state = State::Failed;
        }
        Ok(())
    }

    /// A freshly signed, genuine notify body about the trade as it stands, with an id of its own whose minute begins
    /// now. It counts as no attempt. `None` before there is a trade.
    pub fn genuine_notify(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
    ) -> Option<Vec<u8>> {
        let order = self.orders.get(&Key::new(partner, out_trade_no))?;
        let (asked, trade) = (order.asked.clone(), order.trade.clone()?);
        let notify_id = self.new_notify_id(now, asked.gateway());
        self.opinions.open(&notify_id, partner, out_trade_no, now);
        self.notify_wire(&asked, &trade, &notify_id, now)
    }

    pub(crate) fn open(&mut self, now: Timestamp, key: &Key) -> Result<String, Code> {
        let number = self.count();
        let order = self.orders.get_mut(key).ok_or(Code("TRADE_NOT_EXIST"))?;
        if let Some(trade) = &order.trade {
            return Ok(trade.trade_no.clone());
        }
        let trade_no = match order.asked.gateway() {
            Gateway::Alipay => self.numbers.trade_no(now),
            Gateway::Dinpay => self.numbers.short_trade_no(),
            Gateway::CodePay => self.numbers.trans_no(now),
        };
        order.changes(number, now, Step::Opened);
        let amount = order.asked.amount();
        order.trade = Some(Trade::new(trade_no.clone(), now, amount));
        // The limit counts from the making of the trade, not from the request. Dinpay has none, and nothing that pays back.
        order.closes_at = match &order.asked {
            Asked::Alipay(asked) => closes_at(asked.it_b_pay.as_deref(), now),
            Asked::CodePay(sale) => sale
                .expires_secs
                .and_then(|secs| now.checked_add(SignedDuration::from_secs(secs.into())).ok()),
            Asked::Dinpay(_) | Asked::PaidBack(_) => None,
        };
        if let Some(at) = order.closes_at {
            self.closings.insert((at, key.clone()));
        }
        self.by_trade_no.insert(trade_no.clone(), key.clone());
        Ok(trade_no)
    }

    /// The same as [`Sandbox::pay`] by what the buyer chose at the cashier; what is no choice there counts as none.
    pub(crate) fn pay_by(
        &mut self,
        now: Timestamp,
        key: &Key,
        choice: Option<&[u8]>,
    ) -> Result<(), Code> {
        let choice = choice.and_then(|choice| std::str::from_utf8(choice).ok());
        if let Some(order) = self.orders.get_mut(key)
            && let Some(code) = choice
            && order.state().is_some_and(State::payable)
            && choices::offers(&order.asked, code)
        {
            order.chosen = Some(code.to_owned());
        }
        self.pay(now, key)
    }

    /// Pays the trade and starts its notify. Paid and closed trades take no money (seed 001 5.1).
    pub(crate) fn pay(&mut self, now: Timestamp, key: &Key) -> Result<(), Code> {
        self.open(now, key)?;
        let state = self.orders.get(key).and_then(|order| order.state());
        if !state.is_some_and(State::payable) {
            return Err(Code("TRADE_NOT_ALLOWED_PAY"));
        }
        let gateway = self.orders.get(key).map(|order| order.asked.gateway());
        if gateway == Some(Gateway::CodePay) {
            return self.approve(now, key);
        }
        self.let_in(now, key, Step::Paid)
    }

    /// The money is the merchant's: the trade is paid, and its notify starts.
    pub(crate) fn let_in(&mut self, now: Timestamp, key: &Key, step: Step) -> Result<(), Code> {
        let basic = self
            .merchant(&key.partner)
            .is_some_and(|merchant| !merchant.advanced);
        let number = self.count();
        let order = self.orders.get_mut(key).ok_or(Code("TRADE_NOT_EXIST"))?;
        order.changes(number, now, step);
        let trade = order.trade.as_mut().ok_or(Code("TRADE_NOT_EXIST"))?;
        trade.state = match basic {
            true => State::Finished,
            false => State::Paid,
        };
        trade.paid_at = Some(now);
        trade.closed_at = None;
        trade.bank_seq_no = match order.asked.gateway() {
            Gateway::Alipay => None,
            Gateway::Dinpay => Some(self.numbers.bank_seq_no(now)),
            Gateway::CodePay => Some(self.numbers.channel_no()),
        };
        let paid = trade.clone();
        if let Some(at) = order.closes_at.take() {
            self.closings.remove(&(at, key.clone()));
        }
        let (gateway, sum) = (order.asked.gateway(), order.asked.amount());
        if gateway == Gateway::Alipay {
            self.book(number, now, key, BookingKind::OnlinePayment, sum);
        }
        self.notify(now, key, paid);
        Ok(())
    }
}
