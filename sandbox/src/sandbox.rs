//! The sandbox as a value: the ledger of truth, and what tests and stories may look at.

use crate::alipay::book::Book;
use crate::alipay::opinion::Opinions;
use crate::alipay::phishing::Keys;
use crate::alipay::refunds::{Batch, BatchKey};
use crate::alipay::statements::Question;
use crate::codepay;
use crate::codepay::Terminal;
use crate::delivery::Delivery;
use crate::exchange::Exchange;
use crate::faults::Faults;
use crate::flight::Flight;
use crate::gateway::Gateway;
use crate::numbers::Numbers;
use crate::order::{Key, Order, Step, TradeView};
use crate::settings::SandboxSettings;
use crate::trade::State;
use quittance_core::{Money, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many orders a sandbox keeps; above it new ones are answered `SYSTEM_ERROR`. Only memory bounds it.
pub const ORDERS_MAX: usize = 1_000_000;
/// How many orders may have faults of their own.
pub const OWN_FAULTS_MAX: usize = 10_000;
/// How many refused calls the index page shows.
const REFUSALS_MAX: usize = 50;

/// The gateways' side of Alipay classic instant pay, of Dinpay and of CodePay. Pure: every method that needs the time is given it.
///
/// Requests of merchants and browsers go through [`Sandbox::handle`]; notifies come out of [`Sandbox::take_due`] and
/// their outcome goes into [`Sandbox::settle`].
#[derive(Clone, Debug)]
pub struct Sandbox {
    pub(crate) settings: SandboxSettings,
    pub(crate) numbers: Numbers,
    pub(crate) opinions: Opinions,
    pub(crate) keys: Keys,
    pub(crate) orders: BTreeMap<Key, Order>,
    pub(crate) by_trade_no: BTreeMap<String, Key>,
    pub(crate) by_token: BTreeMap<String, Key>,
    /// The terminals of CodePay's merchants, by their serial numbers.
    pub(crate) terminals: BTreeMap<String, Terminal>,
    pub(crate) batches: BTreeMap<BatchKey, Batch>,
    pub(crate) batches_by_token: BTreeMap<String, BatchKey>,
    pub(crate) deliveries: BTreeMap<u64, Delivery>,
    /// Unpaid trades by the time at which they close.
    pub(crate) closings: BTreeSet<(Timestamp, Key)>,
    /// Notifies that are not in flight, by the time at which they go out.
    pub(crate) sendings: BTreeSet<(Timestamp, u64)>,
    pub(crate) refusals: VecDeque<Refused>,
    /// What came to the accounts of merchants and left them, by partner.
    pub(crate) books: BTreeMap<String, Book>,
    /// The last questions about those, oldest first.
    pub(crate) questions: VecDeque<Question>,
    /// The copies of notifies that are in flight, by the numbers of their exchanges.
    pub(crate) flights: BTreeMap<u64, Flight>,
    /// What goes wrong with every order that has no faults of its own.
    faults: Faults,
    own_faults: BTreeMap<Key, Faults>,
    counted: u64,
}

/// A call that the gateway refused. It may be unsigned, so it belongs to no order.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    pub(crate) gateway: Gateway,
    pub(crate) service: String,
    pub(crate) code: &'static str,
    /// What came in: path and query string, and the body under it.
    pub(crate) request: Vec<u8>,
}

/// There are too many orders with faults of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooMany;

impl std::fmt::Display for TooMany {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{OWN_FAULTS_MAX} orders have faults of their own already"
        )
    }
}

impl Sandbox {
    /// A sandbox that nobody has called yet.
    #[must_use]
    pub fn new(mut settings: SandboxSettings) -> Sandbox {
        settings.speed = settings.speed.max(1);
        settings
            .public_url
            .truncate(settings.public_url.trim_end_matches('/').len());
        // A number names one merchant, whatever his gateway.
        let mut known: BTreeSet<String> = BTreeSet::new();
        known.extend(settings.merchants.iter().map(|m| m.partner.clone()));
        let dinpay = &mut settings.dinpay.merchants;
        dinpay.retain(|merchant| !known.contains(&merchant.merchant_code));
        known.extend(dinpay.iter().map(|m| m.merchant_code.clone()));
        for app in &mut settings.codepay.apps {
            app.merchants
                .retain(|merchant| known.insert(merchant.merchant_no.clone()));
        }
        let terminals = codepay::keep_terminals(&mut settings.codepay.apps);
        Sandbox {
            terminals,
            numbers: Numbers::new(settings.seed),
            opinions: Opinions::new(settings.speed),
            keys: Keys::default(),
            settings,
            orders: BTreeMap::new(),
            by_trade_no: BTreeMap::new(),
            by_token: BTreeMap::new(),
            batches: BTreeMap::new(),
            batches_by_token: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            closings: BTreeSet::new(),
            sendings: BTreeSet::new(),
            refusals: VecDeque::new(),
            books: BTreeMap::new(),
            questions: VecDeque::new(),
            flights: BTreeMap::new(),
            faults: Faults::default(),
            own_faults: BTreeMap::new(),
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

    /// What goes wrong with every order that has no faults of its own.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// From now on, this goes wrong with every order that has no faults of its own.
    pub fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }

    /// The faults of this order's own, if it has any.
    #[must_use]
    pub fn own_faults(&self, partner: &str, out_trade_no: &str) -> Option<&Faults> {
        self.own_faults.get(&Key::new(partner, out_trade_no))
    }

    /// From now on, this goes wrong with this order, and nothing that goes wrong with all. The order may come later.
    /// What can go wrong with no order of its gateway is left out, such as statements: they belong to no order.
    ///
    /// # Errors
    /// Where [`OWN_FAULTS_MAX`] other orders have faults of their own.
    pub fn set_own_faults(
        &mut self,
        partner: &str,
        out_trade_no: &str,
        mut faults: Faults,
    ) -> Result<(), TooMany> {
        let key = Key::new(partner, out_trade_no);
        faults = faults.of_order(self.gateway_of(partner).unwrap_or(Gateway::Alipay));
        if self.own_faults.len() >= OWN_FAULTS_MAX && !self.own_faults.contains_key(&key) {
            return Err(TooMany);
        }
        self.own_faults.insert(key, faults);
        Ok(())
    }

    /// From now on, the same goes wrong with this order as with all.
    pub fn clear_own_faults(&mut self, partner: &str, out_trade_no: &str) {
        self.own_faults.remove(&Key::new(partner, out_trade_no));
    }

    /// What goes wrong with this order.
    pub(crate) fn faults_of(&self, key: &Key) -> &Faults {
        self.own_faults.get(key).unwrap_or(&self.faults)
    }

    pub(crate) fn view(&self, key: &Key, order: &Order) -> TradeView {
        let (gateway, amount) = (order.asked.gateway(), order.asked.amount());
        let due = |id: &u64| self.deliveries.get(id).and_then(|delivery| delivery.due);
        TradeView {
            gateway,
            partner: key.partner.clone(),
            out_trade_no: key.out_trade_no.clone(),
            trade_no: order.trade.as_ref().map(|trade| trade.trade_no.clone()),
            subject: order.asked.title().to_owned(),
            amount,
            refunded: order
                .trade
                .as_ref()
                .map_or(Money::new(0, amount.currency), |trade| trade.refunded),
            pays_back: order.asked.pays_back().map(str::to_owned),
            status: order.state().map(|state| gateway.status(state)),
            cashier: order.place(),
            attempts: order.attempts,
            next_resend: order.deliveries.iter().filter_map(due).min(),
            warnings: order
                .exchanges
                .iter()
                .filter_map(|exchange| exchange.warning.clone())
                .collect(),
        }
    }

    /// The next number of an exchange or a delivery: one count for both.
    pub(crate) fn count(&mut self) -> u64 {
        self.counted += 1;
        self.counted
    }

    /// Keeps an exchange with its order and gives its number.
    pub(crate) fn keep(&mut self, key: &Key, exchange: Exchange) -> u64 {
        self.keep_for(std::slice::from_ref(key), exchange)
    }

    /// Keeps an exchange with every order that it is about and gives its number.
    pub(crate) fn keep_for(&mut self, keys: &[Key], mut exchange: Exchange) -> u64 {
        exchange.number = self.count();
        let number = exchange.number;
        for key in keys {
            if let Some(order) = self.orders.get_mut(key) {
                order.keep(exchange.clone());
            }
        }
        number
    }

    pub(crate) fn keep_refusal(&mut self, refused: Refused) {
        // Anybody can be refused, so little of each is kept.
        if self.refusals.len() == REFUSALS_MAX {
            self.refusals.pop_front();
        }
        self.refusals.push_back(refused);
    }

    /// Closes the unpaid trades whose time is over. Nobody is told (seed 003 (4): only a payment notifies; that CodePay does
    /// the same is inferred).
    pub(crate) fn expire(&mut self, now: Timestamp) {
        while self.closings.first().is_some_and(|(at, _)| *at <= now) {
            let Some((at, key)) = self.closings.pop_first() else {
                return;
            };
            self.shut(at, &key, Step::Expired);
        }
    }

    /// Closes a trade that waits for its buyer; whether there was one. Dinpay closes none.
    pub(crate) fn close_unpaid(&mut self, key: &Key, at: Timestamp, step: Step) -> bool {
        let waits = |order: &Order| {
            order.asked.gateway() != Gateway::Dinpay && order.state() == Some(State::Waits)
        };
        self.orders.get(key).is_some_and(waits) && self.shut(at, key, step)
    }

    /// Closes a trade that could be paid; whether there was one.
    pub(crate) fn shut(&mut self, at: Timestamp, key: &Key, step: Step) -> bool {
        let number = self.count();
        let open = |order: &&mut Order| order.state().is_some_and(State::payable);
        let Some(order) = self.orders.get_mut(key).filter(open) else {
            return false;
        };
        order.changes(number, at, step);
        if let Some(trade) = order.trade.as_mut() {
            trade.state = State::Closed;
            trade.closed_at = Some(at);
        }
        if let Some(closes_at) = order.closes_at.take() {
            self.closings.remove(&(closes_at, key.clone()));
        }
        self.leave_terminal(key);
        true
    }
}
