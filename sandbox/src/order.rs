//! One order at the gateway: the request that made it, the trade once there is one, and what was said about it.

use crate::exchange::{EXCHANGES_MAX, Exchange};
use quittance_core::gateway::alipay::gateway_side::{DirectPay, Trade, TradeStatus};
use quittance_core::{Money, Timestamp};
use std::collections::VecDeque;

/// What names an order here: the merchant, and the merchant's number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Key {
    pub(crate) partner: String,
    pub(crate) out_trade_no: String,
}

impl Key {
    pub(crate) fn new(partner: &str, out_trade_no: &str) -> Key {
        Key {
            partner: partner.to_owned(),
            out_trade_no: out_trade_no.to_owned(),
        }
    }
}

/// The gateway's record of an order.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Its number in the sandbox: greater is newer.
    pub(crate) made: u64,
    /// The newest request. Its basics equal the first one's.
    pub(crate) request: DirectPay,
    /// The name of the buyer's pages.
    pub(crate) token: String,
    /// The trade, from the moment on when the buyer opened the cashier.
    pub(crate) trade: Option<Trade>,
    /// When the trade closes unpaid.
    pub(crate) closes_at: Option<Timestamp>,
    /// The signed way back to the shop, once it was given out.
    pub(crate) way_back: Option<String>,
    /// The notifies that may still go out.
    pub(crate) deliveries: Vec<u64>,
    /// How many attempts to notify there were.
    pub(crate) attempts: u32,
    /// The newest exchanges, oldest first.
    pub(crate) exchanges: VecDeque<Exchange>,
}

impl Order {
    /// An order whose buyer has not come yet.
    pub(crate) fn new(made: u64, request: DirectPay, token: String) -> Order {
        Order {
            made,
            request,
            token,
            trade: None,
            closes_at: None,
            way_back: None,
            deliveries: Vec::new(),
            attempts: 0,
            exchanges: VecDeque::new(),
        }
    }

    /// The trade's status; `None` before the buyer came.
    pub(crate) fn status(&self) -> Option<TradeStatus> {
        self.trade.as_ref().map(|trade| trade.status)
    }

    /// Whether another request for the same number says the same where it must: amount, title and time limit
    /// (protocol note 1.1 "Re-submission"; the title because the seed's remedy is to look for mojibake).
    pub(crate) fn same_basics(&self, again: &DirectPay) -> bool {
        let first = &self.request;
        first.total_fee == again.total_fee
            && first.subject == again.subject
            && first.it_b_pay == again.it_b_pay
    }

    /// Keeps an exchange, and forgets the oldest where there are too many.
    pub(crate) fn keep(&mut self, exchange: Exchange) {
        if self.exchanges.len() == EXCHANGES_MAX {
            self.exchanges.pop_front();
        }
        self.exchanges.push_back(exchange);
    }
}

/// What a person sees of an order: one row of the index page.
#[derive(Clone, PartialEq, Debug)]
pub struct TradeView {
    /// The merchant.
    pub partner: String,
    /// The merchant's number.
    pub out_trade_no: String,
    /// The gateway's number; `None` before the buyer opened the cashier.
    pub trade_no: Option<String>,
    /// The title.
    pub subject: String,
    /// What is to be paid.
    pub amount: Money,
    /// What was paid back so far.
    pub refunded: Money,
    /// The status in the gateway's word; `None` where no trade exists yet.
    pub status: Option<&'static str>,
    /// The path of the buyer's page.
    pub cashier: String,
    /// How many attempts to notify there were.
    pub attempts: u32,
    /// When the next one is due.
    pub next_resend: Option<Timestamp>,
    /// The warnings of all exchanges, oldest first.
    pub warnings: Vec<String>,
}
