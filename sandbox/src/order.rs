//! One order at a gateway: the request that made it, the trade once there is one, and what was said about it.

use crate::asked::Asked;
use crate::delivery::Delivery;
use crate::exchange::{EXCHANGES_MAX, Exchange};
use crate::gateway::Gateway;
use crate::remark::Warning;
use crate::trade::{State, Trade};
use crate::way_back::Home;
use quittance_core::gateway::alipay::gateway_side::Code;
use quittance_core::gateway::codepay::gateway_side::Ending;
use quittance_core::{Money, Timestamp};
use std::collections::VecDeque;

/// How many bytes of exchanges are kept of one order.
const EXCHANGE_BYTES_MAX: usize = 1024 * 1024;
/// How many changes of a trade are kept; beyond them the oldest are forgotten. Only refunds can be so many.
const CHANGES_MAX: usize = 50;

/// What names an order here: the merchant, and the merchant's number. No two merchants have the same number, whatever
/// their gateways.
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
    pub(crate) asked: Asked,
    /// The name of the buyer's pages.
    pub(crate) token: String,
    /// The trade, from the moment on when the buyer opened the cashier.
    pub(crate) trade: Option<Trade>,
    /// When the trade closes unpaid.
    pub(crate) closes_at: Option<Timestamp>,
    /// What the buyer chose to pay by, in the gateway's code, where its cashier lets him.
    pub(crate) chosen: Option<String>,
    /// Whether the success page was shown with a way back on it.
    pub(crate) success_shown: bool,
    /// The signed way back to the shop, once it was given out.
    pub(crate) way_back: Option<Home>,
    /// Whether the loss of the way back was noted.
    pub(crate) way_back_lost: bool,
    /// Whether the way back had to wait for the notify.
    pub(crate) way_back_held: bool,
    /// Whether a notify was acknowledged or refused.
    pub(crate) heard: bool,
    /// What became of the trade, oldest first.
    pub(crate) changes: VecDeque<Change>,
    /// The newest notify that will not go out any more by itself.
    pub(crate) told: Option<Delivery>,
    /// The notifies that may still go out.
    pub(crate) deliveries: Vec<u64>,
    /// How many attempts to notify there were.
    pub(crate) attempts: u32,
    /// The newest exchanges, oldest first.
    pub(crate) exchanges: VecDeque<Exchange>,
}

impl Order {
    /// An order whose buyer has not come yet.
    pub(crate) fn new(made: u64, asked: Asked, token: String) -> Order {
        Order {
            made,
            asked,
            token,
            trade: None,
            closes_at: None,
            chosen: None,
            success_shown: false,
            way_back: None,
            way_back_lost: false,
            way_back_held: false,
            heard: false,
            changes: VecDeque::new(),
            told: None,
            deliveries: Vec::new(),
            attempts: 0,
            exchanges: VecDeque::new(),
        }
    }

    /// How the trade stands; `None` before there is one.
    pub(crate) fn state(&self) -> Option<State> {
        self.trade.as_ref().map(|trade| trade.state)
    }

    /// Whether it pays money back, and is paid by nobody.
    pub(crate) fn is_back(&self) -> bool {
        matches!(self.asked, Asked::PaidBack(_))
    }

    /// The path of the page where it is paid, or, of what is done by itself, of its own.
    pub(crate) fn place(&self) -> String {
        match (self.asked.push(), self.asked.has_cashier()) {
            (Some(push), _) => format!("/terminal/{}", push.terminal_sn),
            (None, true) => format!("/cashier/{}", self.token),
            (None, false) => format!("/trades/{}", self.token),
        }
    }

    /// Why it closed unpaid, where somebody or something at a terminal or on the hosted page said so.
    pub(crate) fn ending(&self) -> Option<Ending> {
        self.trade.as_ref()?.ending
    }

    /// When it was paid.
    pub(crate) fn paid_at(&self) -> Option<Timestamp> {
        self.trade.as_ref()?.paid_at
    }

    /// Keeps an exchange.
    pub(crate) fn keep(&mut self, exchange: Exchange) {
        self.exchanges.push_back(exchange);
        self.forget();
    }

    /// Forgets the oldest exchanges where there are too many, or too many bytes of them; never the newest.
    pub(crate) fn forget(&mut self) {
        let mut bytes: usize = self.exchanges.iter().map(Exchange::bytes).sum();
        while self.exchanges.len() > EXCHANGES_MAX
            || (bytes > EXCHANGE_BYTES_MAX && self.exchanges.len() > 1)
        {
            let Some(oldest) = self.exchanges.pop_front() else {
                return;
            };
            bytes -= oldest.bytes();
        }
    }

    /// Notes a change, which is made after this.
    pub(crate) fn changes(&mut self, number: u64, at: Timestamp, step: Step) {
        if self.changes.len() == CHANGES_MAX {
            self.changes.pop_front();
        }
        self.changes.push_back(Change {
            number,
            at,
            step,
            before: self.trade.clone(),
        });
    }

    /// The trade as it stood at this time.
    pub(crate) fn as_of(&self, at: Timestamp) -> Option<Trade> {
        let now = self.trade.as_ref()?;
        match self.changes.iter().find(|change| change.at > at) {
            None => Some(now.clone()),
            // The oldest changes may be forgotten; the first of all is the making.
            Some(_) if now.made_at > at => None,
            Some(change) => change.before.clone(),
        }
    }

    /// The trade as it stood before it was paid.
    pub(crate) fn before_payment(&self) -> Option<Trade> {
        let paid =
            |change: &&Change| matches!(change.step, Step::Paid | Step::PaidLate | Step::Held);
        match self.changes.iter().find(paid) {
            Some(change) => change.before.clone(),
            None => self.trade.clone().map(|mut trade| {
                if trade.paid_at.take().is_some() {
                    // Fifty refunds later the payment itself is forgotten.
                    trade.state = State::Waits;
                    trade.refunded.minor = 0;
                    (trade.refunded_at, trade.closed_at) = (None, None);
                }
                trade
            }),
        }
    }
}

/// A change of a trade.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// Its number in the sandbox, in one count with the exchanges.
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    pub(crate) step: Step,
    /// How the trade stood before; `None` where there was none.
    pub(crate) before: Option<Trade>,
}

/// What became of a trade.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// The buyer opened the cashier.
    Opened,
    /// The buyer paid.
    Paid,
    /// The buyer presented a card.
    Started,
    /// A try of the buyer to pay went wrong.
    Failed,
    /// The payment ended without money.
    Ended(Ending),
    /// Money came after the closing.
    PaidLate,
    /// The buyer paid, and the money is held because the seller's account is frozen.
    Held,
    /// The seller's account is free again, and the money is the merchant's.
    Released,
    /// Nothing can be paid back any more.
    Finished,
    /// The merchant, or a person at the control page, closed it unpaid.
    Closed,
    /// Its time was over.
    Expired,
    /// The seller paid this much back.
    Refunded(Money),
    /// What was paid went back whole.
    Voided,
    /// The gateway did what this order takes money back by.
    PaidBack,
    /// A refund of this much was refused with this code.
    NotRefunded(Money, Code),
}

/// What a person sees of an order: one row of the list.
#[derive(Clone, PartialEq, Debug)]
pub struct TradeView {
    /// The gateway that it is at.
    pub gateway: Gateway,
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
    /// The number of the payment that it takes back, where it does: only CodePay has orders for that.
    pub pays_back: Option<String>,
    /// The status in the gateway's word; `None` where no trade exists yet.
    pub status: Option<&'static str>,
    /// The path of the buyer's page.
    pub cashier: String,
    /// How many attempts to notify there were.
    pub attempts: u32,
    /// When the next one is due.
    pub next_resend: Option<Timestamp>,
    /// The warnings of all exchanges, oldest first.
    pub warnings: Vec<Warning>,
}
