//! What people do: the buyer opens, pays and goes back; the seller refunds.

use crate::delivery::Delivery;
use crate::exchange::{Exchange, Kind};
use crate::order::Key;
use crate::sandbox::Sandbox;
use crate::timeout::closes_at;
use quittance_core::gateway::alipay::gateway_side::{self, Code, Trade, TradeStatus};
use quittance_core::{Money, Timestamp};

/// The one buyer of the sandbox.
const BUYER_ID: &str = "2088000000000101";
const BUYER_EMAIL: &str = "buyer@example.com";

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
    /// paid or closed) and where the merchant gave no `return_url`; [`Sandbox::trades`] tells which.
    pub fn buyer_pays(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
    ) -> Option<String> {
        let key = Key::new(partner, out_trade_no);
        self.expire(now);
        self.pay(now, &key).ok()?;
        self.way_back(now, &key).map(|(url, _)| url)
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
        let order = self.orders.get_mut(&key).ok_or(Code("TRADE_NOT_EXIST"))?;
        let trade = order.trade.as_mut().ok_or(Code("TRADE_NOT_EXIST"))?;
        if trade.status != TradeStatus::Success {
            return Err(Code("TRADE_STATUS_ERROR"));
        }
        let total = trade.request.total_fee;
        let left = total.minor - trade.refunded.minor;
        if sum.currency != total.currency || !(1..=left).contains(&sum.minor) {
            return Err(Code("REASON_TRADE_REFUND_FEE_ERR"));
        }
        trade.refunded.minor += sum.minor;
        trade.gmt_refund = Some(now);
        if sum.minor == left {
            trade.status = TradeStatus::Closed;
            trade.gmt_close = Some(now);
        }
        let changed = trade.clone();
        self.notify(now, &key, changed);
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
        let order = self.orders.get_mut(key).ok_or(Code("TRADE_NOT_EXIST"))?;
        if let Some(trade) = &order.trade {
            return Ok(trade.trade_no.clone());
        }
        let trade_no = self.numbers.trade_no(now);
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
        let advanced = self
            .merchant(&key.partner)
            .is_some_and(|merchant| merchant.advanced);
        let order = self.orders.get_mut(key).ok_or(Code("TRADE_NOT_EXIST"))?;
        let trade = order.trade.as_mut().ok_or(Code("TRADE_NOT_EXIST"))?;
        if trade.status != TradeStatus::WaitBuyerPay {
            return Err(Code("TRADE_NOT_ALLOWED_PAY"));
        }
        trade.status = if advanced {
            TradeStatus::Success
        } else {
            TradeStatus::Finished
        };
        trade.gmt_payment = Some(now);
        let paid = trade.clone();
        if let Some(at) = order.closes_at.take() {
            self.closings.remove(&(at, key.clone()));
        }
        self.notify(now, key, paid);
        Ok(())
    }

    /// The signed address of the shop's return page, and whether this is its first showing. The browser is sent there
    /// by itself only once (seed 003, return (3)), and the minute counts from that first time (seed 003 (6)).
    pub(crate) fn way_back(&mut self, now: Timestamp, key: &Key) -> Option<(String, bool)> {
        let order = self.orders.get(key)?;
        if let Some(url) = &order.way_back {
            return Some((url.clone(), false));
        }
        let trade = order.trade.clone()?;
        trade.gmt_payment?;
        let return_url = order.request.return_url.clone()?;
        let merchant = self.merchant(&key.partner)?;
        // The return and the notify of one change carry different ids.
        let notify_id = self.numbers.notify_id();
        self.opinions
            .open(&notify_id, &key.partner, &key.out_trade_no, now);
        let query = gateway_side::return_query(&trade, &merchant, &notify_id, now);
        let url = format!("{return_url}?{query}");
        self.keep(
            key,
            Exchange::new(now, Kind::Return, url.clone(), Vec::new()),
        );
        if let Some(order) = self.orders.get_mut(key) {
            order.way_back = Some(url.clone());
        }
        Some((url, true))
    }

    /// Starts the notify of a change, at once. Without a `notify_url` there is none (protocol note 1.1).
    fn notify(&mut self, now: Timestamp, key: &Key, trade: Trade) {
        let Some(url) = trade.request.notify_url.clone() else {
            return;
        };
        let id = self.count();
        let delivery = Delivery {
            key: key.clone(),
            url,
            notify_id: self.numbers.notify_id(),
            trade,
            attempt: 0,
            due: Some(now),
            sent_at: now,
            exchange: 0,
        };
        self.deliveries.insert(id, delivery);
        self.sendings.insert((now, id));
        if let Some(order) = self.orders.get_mut(key) {
            order.deliveries.push(id);
        }
    }
}
