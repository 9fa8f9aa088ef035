//! The sandbox as a value: the ledger of truth, and what tests and stories may look at.

use crate::delivery::Delivery;
use crate::exchange::Exchange;
use crate::numbers::Numbers;
use crate::opinion::Opinions;
use crate::order::{Key, Order, TradeView};
use crate::settings::SandboxSettings;
use quittance_core::gateway::alipay::gateway_side::{Code, Merchant, TradeStatus};
use quittance_core::{Money, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many orders a sandbox keeps; above it new ones are answered `SYSTEM_ERROR`. Only memory bounds it.
pub const ORDERS_MAX: usize = 1_000_000;
/// How many refused calls the index page shows.
const REFUSALS_MAX: usize = 50;

/// The gateway's side of Alipay classic instant pay. Pure: every method that needs the time is given it.
///
/// Requests of merchants and browsers go through [`Sandbox::handle`]; notifies come out of [`Sandbox::take_due`] and
/// their outcome goes into [`Sandbox::settle`].
#[derive(Clone, Debug)]
pub struct Sandbox {
    pub(crate) settings: SandboxSettings,
    pub(crate) numbers: Numbers,
    pub(crate) opinions: Opinions,
    pub(crate) orders: BTreeMap<Key, Order>,
    pub(crate) by_trade_no: BTreeMap<String, Key>,
    pub(crate) by_token: BTreeMap<String, Key>,
    pub(crate) deliveries: BTreeMap<u64, Delivery>,
    /// Unpaid trades by the time at which they close.
    pub(crate) closings: BTreeSet<(Timestamp, Key)>,
    /// Notifies that are not in flight, by the time at which they go out.
    pub(crate) sendings: BTreeSet<(Timestamp, u64)>,
    pub(crate) refusals: VecDeque<Refused>,
    switches: BTreeMap<Key, Switches>,
    counted: u64,
}

/// A call that the gateway refused. It may be unsigned, so it belongs to no order.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) at: Timestamp,
    pub(crate) service: String,
    pub(crate) code: Code,
}

/// Faults that a test switched on for one order.
#[derive(Clone, Copy, Default, Debug)]
struct Switches {
    lose_notify: bool,
    query_down: bool,
}

impl Sandbox {
    /// A sandbox that nobody has called yet.
    #[must_use]
    pub fn new(mut settings: SandboxSettings) -> Sandbox {
        settings.speed = settings.speed.max(1);
        settings
            .public_url
            .truncate(settings.public_url.trim_end_matches('/').len());
        Sandbox {
            numbers: Numbers::new(settings.seed),
            opinions: Opinions::new(settings.speed),
            settings,
            orders: BTreeMap::new(),
            by_trade_no: BTreeMap::new(),
            by_token: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            closings: BTreeSet::new(),
            sendings: BTreeSet::new(),
            refusals: VecDeque::new(),
            switches: BTreeMap::new(),
            counted: 0,
        }
    }

    /// Every order, by merchant and number.
    #[must_use]
    pub fn trades(&self) -> Vec<TradeView> {
        self.orders
            .iter()
            .map(|(key, order)| self.view(key, order))
            .collect()
    }

    /// The newest [`EXCHANGES_MAX`](crate::EXCHANGES_MAX) exchanges about this order, oldest first.
    #[must_use]
    pub fn exchanges(&self, partner: &str, out_trade_no: &str) -> Vec<Exchange> {
        let order = self.orders.get(&Key::new(partner, out_trade_no));
        order
            .map(|order| order.exchanges.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// From now on, notifies about this order are lost on the way: they count as attempts and nothing goes out. May
    /// be switched before the order exists.
    pub fn set_lose_notify(&mut self, partner: &str, out_trade_no: &str, lose: bool) {
        self.switches
            .entry(Key::new(partner, out_trade_no))
            .or_default()
            .lose_notify = lose;
    }

    /// From now on, queries for this order are answered with nothing: status 200 and an empty body. May be switched
    /// before the order exists.
    pub fn set_query_down(&mut self, partner: &str, out_trade_no: &str, down: bool) {
        self.switches
            .entry(Key::new(partner, out_trade_no))
            .or_default()
            .query_down = down;
    }

    pub(crate) fn view(&self, key: &Key, order: &Order) -> TradeView {
        let amount = order.request.total_fee;
        let due = |id: &u64| self.deliveries.get(id).and_then(|delivery| delivery.due);
        TradeView {
            partner: key.partner.clone(),
            out_trade_no: key.out_trade_no.clone(),
            trade_no: order.trade.as_ref().map(|trade| trade.trade_no.clone()),
            subject: order.request.subject.clone(),
            amount,
            refunded: order
                .trade
                .as_ref()
                .map_or(Money::new(0, amount.currency), |trade| trade.refunded),
            status: order.status().map(|status| status.word()),
            cashier: format!("/cashier/{}", order.token),
            attempts: order.attempts,
            next_resend: order.deliveries.iter().filter_map(due).min(),
            warnings: order
                .exchanges
                .iter()
                .filter_map(|exchange| exchange.warning.clone())
                .collect(),
        }
    }

    pub(crate) fn merchant(&self, partner: &str) -> Option<Merchant> {
        self.settings
            .merchants
            .iter()
            .find(|merchant| merchant.partner == partner)
            .cloned()
    }

    pub(crate) fn loses_notify(&self, key: &Key) -> bool {
        self.switches
            .get(key)
            .is_some_and(|switches| switches.lose_notify)
    }

    pub(crate) fn query_is_down(&self, key: &Key) -> bool {
        self.switches
            .get(key)
            .is_some_and(|switches| switches.query_down)
    }

    /// The next number of an exchange or a delivery: one count for both.
    pub(crate) fn count(&mut self) -> u64 {
        self.counted += 1;
        self.counted
    }

    /// Keeps an exchange with its order and gives its number.
    pub(crate) fn keep(&mut self, key: &Key, mut exchange: Exchange) -> u64 {
        exchange.number = self.count();
        let number = exchange.number;
        if let Some(order) = self.orders.get_mut(key) {
            order.keep(exchange);
        }
        number
    }

    pub(crate) fn keep_refusal(&mut self, refused: Refused) {
        if self.refusals.len() == REFUSALS_MAX {
            self.refusals.pop_front();
        }
        self.refusals.push_back(refused);
    }

    /// Closes the unpaid trades whose time is over. Nobody is told (seed 003 (4): only a payment notifies).
    pub(crate) fn expire(&mut self, now: Timestamp) {
        while self.closings.first().is_some_and(|(at, _)| *at <= now) {
            let Some((at, key)) = self.closings.pop_first() else {
                return;
            };
            self.close_unpaid(&key, at);
        }
    }

    /// Closes a trade that waits for its buyer; whether there was one.
    pub(crate) fn close_unpaid(&mut self, key: &Key, at: Timestamp) -> bool {
        let Some(order) = self.orders.get_mut(key) else {
            return false;
        };
        let closes_at = order.closes_at.take();
        let Some(trade) = order
            .trade
            .as_mut()
            .filter(|trade| trade.status == TradeStatus::WaitBuyerPay)
        else {
            return false;
        };
        trade.status = TradeStatus::Closed;
        trade.gmt_close = Some(at);
        if let Some(closes_at) = closes_at {
            self.closings.remove(&(closes_at, key.clone()));
        }
        true
    }
}
