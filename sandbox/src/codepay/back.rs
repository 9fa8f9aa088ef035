//! Money goes back: a refund, or a void of the whole payment. Each is an order with a number of its own (protocol note
//! codepay 2.2); the payment knows how much of it went.

use super::{Said, message};
use crate::asked::Asked;
use crate::exchange::Kind;
use crate::order::{Key, Step};
use crate::sandbox::Sandbox;
use crate::trade::State;
use quittance_core::gateway::alipay::gateway_side::Code;
use quittance_core::gateway::codepay::gateway_side::{self, Ending, Named, PayBack, Refusal};
use quittance_core::{Money, Timestamp};

/// What takes a payment back.
#[derive(Clone, Debug)]
pub(crate) struct PaidBack {
    /// The request.
    pub(crate) asked: PayBack,
    /// The payment.
    pub(crate) original: Key,
    /// The gateway's number of it.
    pub(crate) orig_trans_no: String,
    /// The base amount of it.
    pub(crate) order_amount: Money,
    /// How much goes back.
    pub(crate) amount: Money,
}

impl Sandbox {
    /// `order.refund.submit`, or a void or a refund that is pushed to a terminal.
    pub(super) fn codepay_pays_back(
        &mut self,
        now: Timestamp,
        psn: &str,
        asked: PayBack,
    ) -> Result<Said, Refusal> {
        let app = self
            .codepay_app(&asked.who.app_id)
            .ok_or_else(Refusal::app)?;
        let key = Key::new(&asked.who.merchant_no, &asked.order_no);
        if self.orders.contains_key(&key) {
            return Err(Refusal::repeated());
        }
        let back = self.admit_back(asked)?;
        let push = back.asked.push.clone();
        self.codepay_makes(now, &key, Asked::PaidBack(Box::new(back)))?;
        if push.is_none() {
            // Nobody has to do anything for it.
            self.give_back(now, &key);
        }
        let order = self.orders.get(&key).ok_or_else(Refusal::order_no)?;
        let trade = order.trade.as_ref();
        let told = trade.and_then(|trade| message::told(&order.asked, trade));
        let told = told.ok_or_else(Refusal::order_no)?;
        let reply = match &push {
            None => gateway_side::refund_reply(&app, psn, &told),
            Some(push) => {
                let (id, online) = (self.numbers.message_id(), self.is_online(&push.terminal_sn));
                gateway_side::pushed_reply(&app, psn, &id, &told, online)
            }
        };
        Ok(Said {
            kind: Kind::Refund,
            key,
            reply,
            faults: Vec::new(),
        })
    }

    /// Whether the payment can be taken back so, and what that comes to.
    fn admit_back(&self, asked: PayBack) -> Result<PaidBack, Refusal> {
        let original = self.codepay_named(&asked.who, &asked.original)?;
        let order = self.orders.get(&original).ok_or_else(Refusal::order_no)?;
        let sale = order.asked.sale().ok_or_else(Refusal::nothing_to_reverse)?;
        let paid = order
            .trade
            .as_ref()
            .filter(|trade| trade.state == State::Paid);
        let trade = paid.ok_or_else(Refusal::nothing_to_reverse)?;
        let total = order.asked.amount();
        let left = Money::new(total.minor - trade.refunded.minor, total.currency);
        let amount = asked.amount.unwrap_or(left);
        let named = asked.order_amount.unwrap_or(total);
        let right = named == total || named == sale.order_amount;
        if amount.currency != total.currency || !right {
            return Err(Refusal::parameter(
                "order_amount or price_currency is not that of the payment",
            ));
        }
        if asked.void && (left != total || amount != total) {
            return Err(Refusal::cannot_void());
        }
        if amount.minor > left.minor {
            return Err(Refusal::too_much());
        }
        Ok(PaidBack {
            orig_trans_no: trade.trade_no.clone(),
            order_amount: sale.order_amount,
            amount,
            original,
            asked,
        })
    }

    /// The gateway does what this order takes money back by, and tells it. What somebody else took back meanwhile cannot go
    /// twice.
    pub(crate) fn give_back(&mut self, now: Timestamp, key: &Key) {
        let Some(Asked::PaidBack(back)) = self.orders.get(key).map(|order| order.asked.clone())
        else {
            return;
        };
        let kept = |order: &crate::order::Order| {
            let trade = order
                .trade
                .as_ref()
                .filter(|trade| trade.state == State::Paid)?;
            Some(order.asked.amount().minor - trade.refunded.minor)
        };
        let left = self.orders.get(&back.original).and_then(kept).unwrap_or(0);
        if back.amount.minor > left {
            self.over(now, key, Ending::Declined);
            return;
        }
        let (mine, theirs) = (self.count(), self.count());
        let channel_no = self.numbers.channel_no();
        if let Some(order) = self.orders.get_mut(key) {
            order.changes(mine, now, Step::PaidBack);
            if let Some(trade) = order.trade.as_mut() {
                trade.state = State::Paid;
                trade.paid_at = Some(now);
                trade.bank_seq_no = Some(channel_no);
            }
        }
        if let Some(order) = self.orders.get_mut(&back.original) {
            let step = match back.asked.void {
                true => Step::Voided,
                false => Step::Refunded(back.amount),
            };
            order.changes(theirs, now, step);
            if let Some(trade) = order.trade.as_mut() {
                trade.refunded.minor += back.amount.minor;
                trade.refunded_at = Some(now);
                if back.asked.void {
                    trade.state = State::Voided;
                }
            }
        }
        self.leave_terminal(key);
        self.tell_trade(now, key);
    }

    /// A person at the control page pays back, as at the gateway's own desk: a refund with a number that is the sandbox's.
    pub(crate) fn desk_refund(
        &mut self,
        now: Timestamp,
        key: &Key,
        sum: Money,
    ) -> Result<(), Code> {
        let order = self.orders.get(key).ok_or(Code("TRADE_NOT_EXIST"))?;
        let sale = order.asked.sale().ok_or(Code("TRADE_STATUS_ERROR"))?;
        let (who, notify_url) = (sale.who.clone(), sale.notify_url.clone());
        let asked = PayBack {
            order_no: format!("DESK-{}", self.numbers.message_id()),
            original: Named::OrderNo(key.out_trade_no.clone()),
            void: false,
            amount: Some(sum),
            order_amount: None,
            push: None,
            description: None,
            attach: None,
            notify_url,
            who,
        };
        let number = Key::new(&key.partner, &asked.order_no);
        let refused = |_| Code("REASON_TRADE_REFUND_FEE_ERR");
        let back = self.admit_back(asked).map_err(refused)?;
        self.codepay_makes(now, &number, Asked::PaidBack(Box::new(back)))
            .map_err(|_| Code("SYSTEM_ERROR"))?;
        self.give_back(now, &number);
        Ok(())
    }
}
