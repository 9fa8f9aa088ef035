//! Attempts to notify: what one sends, in how many copies, and what becomes of the debt when they have landed.

use crate::ack::{Ack, judge};
use crate::asked::Asked;
use crate::delivery::{Delivery, GAPS_SECS, News, Outgoing};
use crate::exchange::{Exchange, Kind};
use crate::gateway::Gateway;
use crate::order::Key;
use crate::remark::{Fault, Warning};
use crate::sandbox::Sandbox;
use jiff::SignedDuration;
use quittance_core::Timestamp;
use quittance_core::gateway::alipay::gateway_side;
use quittance_core::http::{Method, Reply, Request};

/// One copy of an attempt in flight.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    keys: Vec<Key>,
    delivery: u64,
    gateway: Gateway,
}

impl Sandbox {
    /// Tells what became of a notify: what the merchant answered, or why there is no answer. An id that is not in
    /// flight is ignored.
    pub fn settle(&mut self, now: Timestamp, id: u64, outcome: Result<Reply, String>) {
        let gateway = self.flights.get(&id).map(|flight| flight.gateway);
        let word = gateway.unwrap_or(Gateway::Alipay);
        let (ack, warning) = judge(&outcome, word, self.settings.strict_ack);
        self.land(now, id, ack, warning, outcome.ok());
    }

    /// One attempt, perhaps in several copies. It opens the minute of its notify id anew (protocol note 3.1).
    pub(crate) fn attempt(&mut self, now: Timestamp, id: u64) -> Vec<Outgoing> {
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
        let gateway = self.gateway_of(&key.partner).unwrap_or(Gateway::Alipay);
        let faults = &self.faults_of(key).notify;
        // A program may have set none, which counts as one.
        let (lose, copies) = (faults.lose, faults.copies.max(1));
        let keys = delivery.keys();
        let copies: Vec<u64> = (0..copies)
            .map(|_| self.keep_for(&keys, exchange.clone()))
            .collect();
        for number in &copies {
            let keys = keys.clone();
            let flight = Flight {
                keys,
                delivery: id,
                gateway,
            };
            self.flights.insert(*number, flight);
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
                gateway.notify_type(),
                exchange.request.clone(),
            ),
            wait: gateway.ack_wait(),
        };
        copies.into_iter().map(outgoing).collect()
    }

    /// What an attempt sends, signed and altered as the faults say.
    fn message(&self, delivery: &Delivery, overtook: bool) -> Option<Exchange> {
        let faults = &self.faults_of(&delivery.key).notify;
        let (now, late) = (delivery.sent_at, delivery.late_secs);
        let (alteration, body) = match &delivery.news {
            News::Trade(trade) => {
                let alteration = faults.alteration();
                let write =
                    |asked: &Asked| self.notify_wire(asked, trade, &delivery.notify_id, now);
                let asked = &self.orders.get(&delivery.key)?.asked;
                (alteration, alteration.wire(asked, write)?)
            }
            News::Batch { batch_no, outcomes } => {
                let merchant = self.merchant(&delivery.key.partner)?;
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
    /// the gateway's last.
    fn land(
        &mut self,
        now: Timestamp,
        number: u64,
        ack: Ack,
        warning: Option<Warning>,
        reply: Option<Reply>,
    ) {
        let Some(flight) = self.flights.remove(&number) else {
            return;
        };
        let (keys, id) = (flight.keys, flight.delivery);
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
        let (attempt, key) = (delivery.attempt, delivery.key.clone());
        let sent_at = delivery.sent_at;
        let gap = self.gap(&key, attempt).filter(|_| ack != Ack::Acked);
        // The gap counts from the attempt; an answer that took longer than the gap makes the next one due now.
        let next = gap
            .and_then(|gap| sent_at.checked_add(gap).ok())
            .map(|at| at.max(now));
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

    /// How long after this attempt the next one about this order goes out.
    fn gap(&self, key: &Key, attempt: u32) -> Option<SignedDuration> {
        let gaps = match self.gateway_of(&key.partner)? {
            Gateway::Alipay => &GAPS_SECS[..],
            Gateway::Dinpay => &self.settings.dinpay.gaps_secs,
            Gateway::CodePay => &self.settings.codepay.gaps_secs,
        };
        gap(gaps, attempt, self.settings.speed)
    }
}

/// How long after this attempt the next one goes out, of these gaps at this speed.
fn gap(gaps: &[i64], attempt: u32, speed: u32) -> Option<SignedDuration> {
    let secs = *gaps.get(usize::try_from(attempt.checked_sub(1)?).ok()?)?;
    Some(SignedDuration::from_millis(
        (secs.saturating_mul(1_000) / i64::from(speed.max(1))).max(1),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gaps_shrink_with_the_speed_and_end_after_the_eighth_attempt() {
        assert_eq!(GAPS_SECS.iter().sum::<i64>(), 24 * 3_600 + 22 * 60);
        assert_eq!(gap(&GAPS_SECS, 1, 1), Some(SignedDuration::from_secs(120)));
        assert_eq!(gap(&GAPS_SECS, 7, 1), Some(SignedDuration::from_hours(15)));
        assert_eq!(gap(&GAPS_SECS, 8, 1), None);
        assert_eq!(gap(&GAPS_SECS, 0, 1), None);
        assert_eq!(
            gap(&GAPS_SECS, 1, 1_200),
            Some(SignedDuration::from_millis(100))
        );
        assert_eq!(
            gap(&GAPS_SECS, 1, u32::MAX),
            Some(SignedDuration::from_millis(1))
        );
    }
}
