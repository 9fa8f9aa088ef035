//! What people do: the buyer opens, pays and goes back; the seller refunds.

use crate::ack::Ack;
use crate::exchange::{Exchange, Kind};
use crate::order::{Key, Step};
use crate::remark::Fault;
use crate::sandbox::Sandbox;
use crate::timeout::closes_at;
use quittance_core::gateway::alipay::gateway_side::{
    self, BookingKind, Code, Merchant, Trade, TradeStatus,
};
use quittance_core::http::Method;
use quittance_core::{Money, Timestamp};

/// Where the success page leads.
pub(crate) enum WayBack {
    /// Nowhere: the merchant gave no address, or nothing is paid.
    None,
    /// Nowhere: a fault loses the return.
    Lost,
    /// Nowhere yet: a fault lets the notify go first.
    Held,
    /// To the shop's return page; by itself only the first time.
    Ready { url: String, first: bool },
}

/// The one buyer of the sandbox.
const BUYER_ID: &str = "2088000000000101";
const BUYER_EMAIL: &str = "buyer@example.com";

/// Whether the merchant is the buyer himself, by number or login.
pub(crate) fn pays_himself(merchant: &Merchant) -> bool {
    merchant.partner == BUYER_ID || merchant.email == BUYER_EMAIL
}

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
    /// paid or closed), where the merchant gave no `return_url` and where a fault keeps it; [`Sandbox::trades`] tells
    /// which.
    pub fn buyer_pays(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
    ) -> Option<String> {
        let key = Key::new(partner, out_trade_no);
        self.expire(now);
        self.pay(now, &key).ok()?;
        match self.way_back(now, &key) {
            WayBack::Ready { url, .. } => Some(url),
            WayBack::None | WayBack::Lost | WayBack::Held => None,
        }
    }

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
        let order = self.orders.get(&key).ok_or(Code("TRADE_NOT_EXIST"))?;
        let trade = order.trade.as_ref().ok_or(Code("TRADE_NOT_EXIST"))?;
        if trade.status != TradeStatus::Closed || trade.gmt_payment.is_some() {
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
        self.open(now, &key)?;
        let number = self.count();
        let order = self.orders.get_mut(&key).ok_or(Code("TRADE_NOT_EXIST"))?;
        if order.status() != Some(TradeStatus::WaitBuyerPay) {
            return Err(Code("TRADE_NOT_ALLOWED_PAY"));
        }
        order.changes(number, now, Step::Held);
        if let Some(trade) = order.trade.as_mut() {
            trade.status = TradeStatus::Pending;
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
        let order = self.orders.get(&key).ok_or(Code("TRADE_NOT_EXIST"))?;
        match order.status() {
            None => Err(Code("TRADE_NOT_EXIST")),
            Some(TradeStatus::Pending) => self.let_in(now, &key, Step::Released),
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
        let number = self.count();
        let order = self.orders.get_mut(&key).ok_or(Code("TRADE_NOT_EXIST"))?;
        match order.status() {
            None => return Err(Code("TRADE_NOT_EXIST")),
            Some(TradeStatus::Success) => order.changes(number, now, Step::Finished),
            Some(_) => return Err(Code("TRADE_STATUS_ERROR")),
        }
        let trade = order.trade.as_mut().ok_or(Code("TRADE_NOT_EXIST"))?;
        trade.status = TradeStatus::Finished;
        let finished = trade.clone();
        self.notify(now, &key, finished);
        Ok(())
    }

    /// The seller pays money back: the trade is partially refunded, or closed when all of it went back, and a notify
    /// with the refund's marks goes out (protocol note 2.3 and 2.4).
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
        let order = self.orders.get(&key).ok_or(Code("TRADE_NOT_EXIST"))?;
        let trade = order.trade.as_ref().ok_or(Code("TRADE_NOT_EXIST"))?;
        if trade.status != TradeStatus::Success {
            return Err(Code("TRADE_STATUS_ERROR"));
        }
        let total = trade.request.total_fee;
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
        let trade = order.trade.as_mut().ok_or(Code("TRADE_NOT_EXIST"))?;
        trade.refunded.minor += sum.minor;
        trade.gmt_refund = Some(now);
        if trade.refunded.minor >= trade.request.total_fee.minor {
            trade.status = TradeStatus::Closed;
            trade.gmt_close = Some(now);
        }
        let changed = trade.clone();
        self.book(number, now, key, BookingKind::Transfer, sum);
        self.notify(now, key, changed);
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
        let trade = self
            .orders
            .get(&Key::new(partner, out_trade_no))?
            .trade
            .clone()?;
        let merchant = self.merchant(partner)?;
        let notify_id = self.numbers.notify_id();
        self.opinions.open(&notify_id, partner, out_trade_no, now);
        Some(gateway_side::notify_body(
            &trade, &merchant, &notify_id, now,
        ))
    }

    pub(crate) fn open(&mut self, now: Timestamp, key: &Key) -> Result<String, Code> {
        let number = self.count();
        let order = self.orders.get_mut(key).ok_or(Code("TRADE_NOT_EXIST"))?;
        if let Some(trade) = &order.trade {
            return Ok(trade.trade_no.clone());
        }
        let trade_no = self.numbers.trade_no(now);
        order.changes(number, now, Step::Opened);
        order.trade = Some(Trade {
            request: order.request.clone(),
            trade_no: trade_no.clone(),
            buyer_id: BUYER_ID.to_owned(),
            buyer_email: BUYER_EMAIL.to_owned(),
            status: TradeStatus::WaitBuyerPay,
            gmt_create: now,
            gmt_payment: None,
            gmt_close: None,
            refunded: Money::new(0, order.request.total_fee.currency),
            gmt_refund: None,
        });
        // The limit counts from the making of the trade, not from the request.
        order.closes_at = closes_at(order.request.it_b_pay.as_deref(), now);
        if let Some(at) = order.closes_at {
            self.closings.insert((at, key.clone()));
        }
        self.by_trade_no.insert(trade_no.clone(), key.clone());
        Ok(trade_no)
    }

    /// Pays the trade and starts its notify. Paid and closed trades take no money (seed 001 5.1).
    pub(crate) fn pay(&mut self, now: Timestamp, key: &Key) -> Result<(), Code> {
        self.open(now, key)?;
        let status = self.orders.get(key).and_then(|order| order.status());
        if status != Some(TradeStatus::WaitBuyerPay) {
            return Err(Code("TRADE_NOT_ALLOWED_PAY"));
        }
        self.let_in(now, key, Step::Paid)
    }

    fn let_in(&mut self, now: Timestamp, key: &Key, step: Step) -> Result<(), Code> {
        let advanced = self
            .merchant(&key.partner)
            .is_some_and(|merchant| merchant.advanced);
        let number = self.count();
        let order = self.orders.get_mut(key).ok_or(Code("TRADE_NOT_EXIST"))?;
        order.changes(number, now, step);
        let trade = order.trade.as_mut().ok_or(Code("TRADE_NOT_EXIST"))?;
        trade.status = if advanced {
            TradeStatus::Success
        } else {
            TradeStatus::Finished
        };
        trade.gmt_payment = Some(now);
        trade.gmt_close = None;
        let paid = trade.clone();
        if let Some(at) = order.closes_at.take() {
            self.closings.remove(&(at, key.clone()));
        }
        let sum = paid.request.total_fee;
        self.book(number, now, key, BookingKind::OnlinePayment, sum);
        self.notify(now, key, paid);
        Ok(())
    }

    /// The signed address of the shop's return page, and whether this is its first showing. The browser is sent there
    /// by itself only once (seed 003, return (3)), and the minute counts from that first time (seed 003 (6)).
    pub(crate) fn way_back(&mut self, now: Timestamp, key: &Key) -> WayBack {
        let Some(order) = self.orders.get(key) else {
            return WayBack::None;
        };
        let faults = self.faults_of(key).way_back.clone();
        let paid = order.trade.as_ref().filter(|t| t.gmt_payment.is_some());
        let (Some(trade), Some(return_url)) = (paid.cloned(), order.request.return_url.clone())
        else {
            return WayBack::None;
        };
        let waits = faults.after_notify && !order.heard && trade.request.notify_url.is_some();
        match (&order.way_back, faults.lose, waits) {
            (_, true, _) => {
                self.lose_way_back(now, key, return_url);
                WayBack::Lost
            }
            (Some(url), ..) => WayBack::Ready {
                url: url.clone(),
                first: false,
            },
            (None, false, true) => {
                if let Some(order) = self.orders.get_mut(key) {
                    order.way_back_held = true;
                }
                WayBack::Held
            }
            (None, false, false) => self.sign_way_back(now, key, &trade, &return_url),
        }
    }

    /// Notes that the buyer did not come back: once, and only where he was not sent back before.
    fn lose_way_back(&mut self, now: Timestamp, key: &Key, return_url: String) {
        let noted = |order: &crate::order::Order| order.way_back_lost || order.way_back.is_some();
        if self.orders.get(key).is_none_or(noted) {
            return;
        }
        let mut exchange = Exchange::new(now, Kind::Return, Method::Get, return_url, Vec::new());
        exchange.ack = Some(Ack::Lost);
        exchange.faults = vec![Fault::Lost];
        self.keep(key, exchange);
        if let Some(order) = self.orders.get_mut(key) {
            order.way_back_lost = true;
        }
    }

    fn sign_way_back(
        &mut self,
        now: Timestamp,
        key: &Key,
        trade: &Trade,
        return_url: &str,
    ) -> WayBack {
        let Some(merchant) = self.merchant(&key.partner) else {
            return WayBack::None;
        };
        // The return and the notify of one change carry different ids.
        let notify_id = self.numbers.notify_id();
        self.opinions
            .open(&notify_id, &key.partner, &key.out_trade_no, now);
        let alteration = self.faults_of(key).way_back.alteration();
        let query = alteration.wire(trade, |trade| {
            gateway_side::return_query(trade, &merchant, &notify_id, now).into_bytes()
        });
        let url = format!("{return_url}?{}", String::from_utf8_lossy(&query));
        let held = self.orders.get(key).is_some_and(|o| o.way_back_held);
        let mut exchange = Exchange::new(now, Kind::Return, Method::Get, url.clone(), Vec::new());
        exchange.faults = held
            .then_some(Fault::Held)
            .into_iter()
            .chain(alteration.faults())
            .collect();
        self.keep(key, exchange);
        if let Some(order) = self.orders.get_mut(key) {
            order.way_back = Some(url.clone());
        }
        WayBack::Ready { url, first: true }
    }
}
