//! Notifies on their way: the schedule, and what counts as an acknowledgement.

use crate::ack::{Ack, judge};
use crate::exchange::{Exchange, Kind};
use crate::order::Key;
use crate::remark::{Fault, Warning};
use crate::sandbox::Sandbox;
use jiff::SignedDuration;
use quittance_core::Timestamp;
use quittance_core::gateway::alipay::gateway_side::{self, RefundOutcome, Trade};
use quittance_core::http::{Method, Reply, Request};

/// The gaps between the eight attempts, in seconds, each counted from the attempt before it: 2m, 10m, 10m, 1h, 2h,
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
    fn keys(&self) -> Vec<Key> {
        let first = std::iter::once(&self.key);
        first.chain(&self.others).cloned().collect()
    }
}

/// One copy of an attempt in flight.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    keys: Vec<Key>,
    delivery: u64,
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

    /// Tells what became of a notify: what the merchant answered, or why there is no answer. An id that is not in
    /// flight is ignored.
    pub fn settle(&mut self, now: Timestamp, id: u64, outcome: Result<Reply, String>) {
        let (ack, warning) = judge(&outcome, self.settings.strict_ack);
        self.land(now, id, ack, warning, outcome.ok());
    }

    /// Starts the notify of a change, at once. Without a `notify_url` there is none (protocol note 1.1).
    pub(crate) fn notify(&mut self, now: Timestamp, key: &Key, trade: Trade) {
        if let Some(url) = trade.request.notify_url.clone() {
            self.tell(now, vec![key.clone()], url, News::Trade(Box::new(trade)));
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
        let delivery = Delivery {
            key,
            others,
            url,
            notify_id: self.numbers.notify_id(),
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
    fn schedule(&mut self, id: u64, at: Timestamp, late_secs: u32) {
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

    /// One attempt, perhaps in several copies. It opens the minute of its notify id anew (protocol note 3.1).
    fn attempt(&mut self, now: Timestamp, id: u64) -> Vec<Outgoing> {
        let Some(delivery) = self.deliveries.get_mut(&id) else {
            return Vec::new();
        };
        if let Some(due) = delivery.due.take() {
            self.sendings.remove(&(due, id));
        }
        delivery.attempt += 1;
        delivery.sent_at = now;
        let overtook = std::mem::take(&mut delivery.overtook);
        let delivery = delivery.clone();
        let key = &delivery.key;
        let Some(exchange) = self.message(&delivery, overtook) else {
            return Vec::new();
        };
        self.opinions
            .open(&delivery.notify_id, &key.partner, &key.out_trade_no, now);
        let faults = &self.faults_of(key).notify;
        // A program may have set none, which counts as one.
        let (lose, copies) = (faults.lose, faults.copies.max(1));
        let keys = delivery.keys();
        let copies: Vec<u64> = (0..copies)
            .map(|_| self.keep_for(&keys, exchange.clone()))
            .collect();
        for number in &copies {
            let keys = keys.clone();
            self.flights.insert(*number, Flight { keys, delivery: id });
        }
        if let Some(delivery) = self.deliveries.get_mut(&id) {
            delivery.flying = copies.len();
        }
        for key in &keys {
            if let Some(order) = self.orders.get_mut(key) {
                order.attempts += 1;
            }
        }
        if lose {
            for number in copies {
                self.land(now, number, Ack::Lost, None, None);
            }
            return Vec::new();
        }
        let outgoing = |number| Outgoing {
            id: number,
            partner: key.partner.clone(),
            order: key.out_trade_no.clone(),
            attempt: delivery.attempt,
            request: Request::post(
                delivery.url.clone(),
                "application/x-www-form-urlencoded",
                exchange.request.clone(),
            ),
        };
        copies.into_iter().map(outgoing).collect()
    }

    /// What an attempt sends, signed and altered as the faults say.
    fn message(&self, delivery: &Delivery, overtook: bool) -> Option<Exchange> {
        let merchant = self.merchant(&delivery.key.partner)?;
        let faults = &self.faults_of(&delivery.key).notify;
        let (now, late) = (delivery.sent_at, delivery.late_secs);
        let (alteration, body) = match &delivery.news {
            News::Trade(trade) => {
                let alteration = faults.alteration();
                let write = |trade: &Trade| {
                    gateway_side::notify_body(trade, &merchant, &delivery.notify_id, now)
                };
                (alteration, alteration.wire(trade, write))
            }
            News::Batch { batch_no, outcomes } => {
                let id = &delivery.notify_id;
                let body = gateway_side::batch_notify_body(batch_no, outcomes, &merchant, id, now);
                let alteration = faults.alteration().of_batch();
                (alteration, alteration.batch_wire(body))
            }
        };
        let mut exchange =
            Exchange::new(now, Kind::Notify, Method::Post, delivery.url.clone(), body);
        exchange.attempt = delivery.attempt;
        exchange.ack = Some(Ack::Pending);
        exchange.faults = [
            faults.lose.then_some(Fault::Lost),
            (late > 0).then_some(Fault::Delayed(late)),
            (faults.copies > 1).then_some(Fault::Copied(faults.copies)),
            overtook.then_some(Fault::Overtook),
        ]
        .into_iter()
        .flatten()
        .chain(alteration.faults())
        .collect();
        Some(exchange)
    }

    /// Ends the flight of one copy, and with the last one the attempt: the debt is paid, due again, or given up after
    /// the eighth.
    fn land(
        &mut self,
        now: Timestamp,
        number: u64,
        ack: Ack,
        warning: Option<Warning>,
        reply: Option<Reply>,
    ) {
        let Some(Flight { keys, delivery: id }) = self.flights.remove(&number) else {
            return;
        };
        let next = self.after(now, id, ack);
        for key in keys {
            let Some(order) = self.orders.get_mut(&key) else {
                continue;
            };
            order.heard |= matches!(ack, Ack::Acked | Ack::Refused);
            let known = |exchange: &&mut Exchange| exchange.number == number;
            let Some(exchange) = order.exchanges.iter_mut().rev().find(known) else {
                continue;
            };
            exchange.ack = Some(ack);
            exchange.warning.clone_from(&warning);
            exchange.next = next;
            if let Some(reply) = &reply {
                exchange.status = Some(reply.status);
                exchange.reply.clone_from(&reply.body);
            }
            order.forget();
        }
    }

    /// What becomes of a debt after one copy of an attempt ended like this: when the next attempt is due. A debt that
    /// another copy paid is gone already.
    fn after(&mut self, now: Timestamp, id: u64, ack: Ack) -> Option<Timestamp> {
        let delivery = self.deliveries.get_mut(&id)?;
        delivery.flying = delivery.flying.saturating_sub(1);
        if ack != Ack::Acked && delivery.flying > 0 {
            return None;
        }
        let gap = gap(delivery.attempt, self.settings.speed).filter(|_| ack != Ack::Acked);
        // The gap counts from the attempt; an answer that took longer than the gap makes the next one due now.
        let next = gap
            .and_then(|gap| delivery.sent_at.checked_add(gap).ok())
            .map(|at| at.max(now));
        let key = delivery.key.clone();
        let Some(at) = next else {
            let paid = self.deliveries.remove(&id)?;
            for key in paid.keys() {
                if let Some(order) = self.orders.get_mut(&key) {
                    order.deliveries.retain(|known| *known != id);
                    order.told = Some(paid.clone());
                }
            }
            return None;
        };
        let late = self.faults_of(&key).notify.delay_secs;
        self.schedule(id, at, late);
        self.deliveries.get(&id)?.due
    }
}

/// How long after this attempt the next one goes out, at this speed.
fn gap(attempt: u32, speed: u32) -> Option<SignedDuration> {
    let secs = GAPS_SECS.get(usize::try_from(attempt.checked_sub(1)?).ok()?)?;
    Some(SignedDuration::from_millis(
        (secs * 1_000 / i64::from(speed.max(1))).max(1),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gaps_shrink_with_the_speed_and_end_after_the_eighth_attempt() {
        assert_eq!(GAPS_SECS.iter().sum::<i64>(), 24 * 3_600 + 22 * 60);
        assert_eq!(gap(1, 1), Some(SignedDuration::from_secs(120)));
        assert_eq!(gap(7, 1), Some(SignedDuration::from_hours(15)));
        assert_eq!(gap(8, 1), None);
        assert_eq!(gap(0, 1), None);
        assert_eq!(gap(1, 1_200), Some(SignedDuration::from_millis(100)));
        assert_eq!(gap(1, u32::MAX), Some(SignedDuration::from_millis(1)));
    }
}
