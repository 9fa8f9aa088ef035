//! Notifies that are owed: the schedule, and whose turn it is.

use crate::gateway::Gateway;
use crate::order::Key;
use crate::sandbox::Sandbox;
use crate::trade::Trade;
use jiff::SignedDuration;
use quittance_core::Timestamp;
use quittance_core::gateway::alipay::gateway_side::RefundOutcome;
use quittance_core::http::Request;
use std::time::Duration;

/// The gaps between Alipay's eight attempts, in seconds, each counted from the attempt before it: 2m, 10m, 10m, 1h, 2h,
/// 6h, 15h, which is 24 hours 22 minutes in all (seed 003 (7)).
pub const GAPS_SECS: [i64; 7] = [120, 600, 600, 3_600, 7_200, 21_600, 54_000];

/// A notify that goes out now. It is in flight until [`Sandbox::settle`] is told of its outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// What to settle: the number of its exchange.
    pub id: u64,
    /// The merchant.
    pub partner: String,
    /// The merchant's number.
    pub order: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// What to send.
    pub request: Request,
    /// How long the merchant may take to answer.
    pub wait: Duration,
}

/// What a notify tells.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// The trade as a change left it: a late attempt tells old news, as late attempts do.
    Trade(Box<Trade>),
    /// What became of a batch of refunds.
    Batch {
        batch_no: String,
        outcomes: Vec<RefundOutcome>,
    },
}

/// The debt to tell a merchant of one change of a trade, or of what became of a batch of refunds.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// The order that it is about, whose faults it suffers …
    pub(crate) key: Key,
    /// … and the others, where it is about several.
    pub(crate) others: Vec<Key>,
    pub(crate) url: String,
    pub(crate) notify_id: String,
    pub(crate) news: News,
    /// How many attempts were made.
    pub(crate) attempt: u32,
    /// When the next attempt is due; `None` while one is in flight.
    pub(crate) due: Option<Timestamp>,
    pub(crate) sent_at: Timestamp,
    /// How many copies of the newest attempt are in flight.
    pub(crate) flying: usize,
    /// How much later than its schedule the next attempt is due.
    pub(crate) late_secs: u32,
    /// Whether it took the turn of an older one.
    pub(crate) overtook: bool,
}

impl Delivery {
    /// Every order that it is about.
    pub(crate) fn keys(&self) -> Vec<Key> {
        let first = std::iter::once(&self.key);
        first.chain(&self.others).cloned().collect()
    }
}

impl Sandbox {
    /// When [`Sandbox::take_due`] has something to do next.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let closing = self.closings.first().map(|(at, _)| *at);
        let sending = self.sendings.first().map(|(at, _)| *at);
        closing.into_iter().chain(sending).min()
    }

    /// Closes what ran out of time, and gives the notifies that are due, in the order of their due times.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<Outgoing> {
        self.expire(now);
        let mut outgoing = Vec::new();
        // Every attempt leaves the queue, and comes back to it later than now.
        while let Some((_, id)) = self.sendings.first().copied().filter(|(at, _)| *at <= now) {
            let id = self.turn(id);
            outgoing.extend(self.attempt(now, id));
        }
        outgoing
    }

    /// Starts the notify of a change, at once. Without a `notify_url` there is none (protocol note 1.1).
    pub(crate) fn notify(&mut self, now: Timestamp, key: &Key, trade: Trade) {
        let order = self.orders.get(key);
        if let Some(url) = order.and_then(|order| order.asked.notify_url()) {
            let url = url.to_owned();
            self.tell(now, vec![key.clone()], url, News::Trade(Box::new(trade)));
        }
    }

    /// What tells one notify of this gateway from another.
    pub(crate) fn new_notify_id(&mut self, now: Timestamp, gateway: Gateway) -> String {
        match gateway {
            Gateway::Alipay | Gateway::Dinpay => self.numbers.notify_id(),
            Gateway::CodePay => self.numbers.serial(now),
        }
    }

    /// Starts a notify about these orders, at once.
    pub(crate) fn tell(&mut self, now: Timestamp, mut keys: Vec<Key>, url: String, news: News) {
        if keys.is_empty() {
            return;
        }
        let others = keys.split_off(1);
        let Some(key) = keys.pop() else {
            return;
        };
        let gateway = self.gateway_of(&key.partner).unwrap_or(Gateway::Alipay);
        let notify_id = self.new_notify_id(now, gateway);
        let delivery = Delivery {
            key,
            others,
            url,
            notify_id,
            news,
            attempt: 0,
            due: None,
            sent_at: now,
            flying: 0,
            late_secs: 0,
            overtook: false,
        };
        self.owe(now, delivery);
    }

    /// Sends the newest notify of this order again, at once: the one that is owed, or the last one once more. Whether
    /// there was one; one in flight is none.
    pub fn resend(&mut self, now: Timestamp, partner: &str, out_trade_no: &str) -> bool {
        self.expire(now);
        let Some(order) = self.orders.get_mut(&Key::new(partner, out_trade_no)) else {
            return false;
        };
        let Some(id) = order.deliveries.last().copied() else {
            let told = order.told.take();
            let again = told.is_some();
            if let Some(delivery) = told {
                let id = self.owe(now, delivery);
                self.schedule(id, now, 0);
            }
            return again;
        };
        let waiting = self
            .deliveries
            .get(&id)
            .is_some_and(|delivery| delivery.due.is_some());
        if waiting {
            self.schedule(id, now, 0);
        }
        waiting
    }

    /// A debt of this order, due now or as much later as its faults say.
    fn owe(&mut self, now: Timestamp, delivery: Delivery) -> u64 {
        let id = self.count();
        let late = self.faults_of(&delivery.key).notify.delay_secs;
        for key in delivery.keys() {
            if let Some(order) = self.orders.get_mut(&key) {
                order.deliveries.push(id);
            }
        }
        self.deliveries.insert(id, delivery);
        self.schedule(id, now, late);
        id
    }

    /// Puts a delivery into the queue, or to another place in it.
    pub(crate) fn schedule(&mut self, id: u64, at: Timestamp, late_secs: u32) {
        let Some(delivery) = self.deliveries.get_mut(&id) else {
            return;
        };
        if let Some(due) = delivery.due.take() {
            self.sendings.remove(&(due, id));
        }
        let due = at
            .checked_add(SignedDuration::from_secs(i64::from(late_secs)))
            .unwrap_or(at);
        delivery.due = Some(due);
        delivery.late_secs = late_secs;
        self.sendings.insert((due, id));
    }

    /// Whose turn it is when this one is due: with the fault `reorder` the newest that waits swaps places with it. One
    /// that had more turns already does not, so that the older is late and not forgotten.
    fn turn(&mut self, id: u64) -> u64 {
        let Some(delivery) = self.deliveries.get(&id) else {
            return id;
        };
        let (key, here, turns) = (delivery.key.clone(), delivery.due, delivery.attempt);
        if !self.faults_of(&key).notify.reorder {
            return id;
        }
        let waiting = |known: &u64| {
            let other = self.deliveries.get(known)?;
            let due = other.due.filter(|_| other.attempt <= turns)?;
            Some((*known, due))
        };
        let newest = self
            .orders
            .get(&key)
            .and_then(|order| order.deliveries.iter().rev().find_map(waiting));
        let (Some((newer, there)), Some(here)) = (newest.filter(|(newer, _)| *newer != id), here)
        else {
            return id;
        };
        self.schedule(id, there, 0);
        self.schedule(newer, here, 0);
        if let Some(delivery) = self.deliveries.get_mut(&newer) {
            delivery.overtook = true;
        }
        newer
    }
}
