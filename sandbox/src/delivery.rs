//! Notifies on their way: the schedule, and what counts as an acknowledgement.

use crate::exchange::{Exchange, Kind};
use crate::order::Key;
use crate::sandbox::Sandbox;
use jiff::SignedDuration;
use quittance_core::Timestamp;
use quittance_core::gateway::alipay::gateway_side::{self, Trade};
use quittance_core::http::{Reply, Request};

/// The gaps between the eight attempts, in seconds, each counted from the attempt before it: 2m, 10m, 10m, 1h, 2h,
/// 6h, 15h, which is 24 hours 22 minutes in all (seed 003 (7)).
pub const GAPS_SECS: [i64; 7] = [120, 600, 600, 3_600, 7_200, 21_600, 54_000];

/// Whether a notify was acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ack {
    /// On its way.
    Pending,
    /// The merchant answered the word that ends the deliveries.
    Acked,
    /// Anything else came back, or nothing did.
    Refused,
    /// The notify never went out: a test loses them.
    Lost,
}

/// A notify that goes out now. It is in flight until [`Sandbox::settle`] is told of its outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// What to settle.
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

/// The debt to tell a merchant of one change of a trade.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) key: Key,
    pub(crate) url: String,
    pub(crate) notify_id: String,
    /// The trade as the change left it: a late attempt tells old news, as late attempts do.
    pub(crate) trade: Trade,
    /// How many attempts were made.
    pub(crate) attempt: u32,
    /// When the next attempt is due; `None` while one is in flight.
    pub(crate) due: Option<Timestamp>,
    pub(crate) sent_at: Timestamp,
    /// The number of the newest attempt's exchange.
    pub(crate) exchange: u64,
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
        let later = self
            .sendings
            .iter()
            .take_while(|(at, _)| *at <= now)
            .count();
        let due: Vec<u64> = self
            .sendings
            .iter()
            .take(later)
            .map(|(_, id)| *id)
            .collect();
        due.into_iter()
            .filter_map(|id| self.attempt(now, id))
            .collect()
    }

    /// Tells what became of a notify: what the merchant answered, or why there is no answer. An id that is not in
    /// flight is ignored.
    pub fn settle(&mut self, now: Timestamp, id: u64, outcome: Result<Reply, String>) {
        if self
            .deliveries
            .get(&id)
            .is_none_or(|delivery| delivery.due.is_some())
        {
            return;
        }
        let (ack, warning) = judge(&outcome, self.settings.strict_ack);
        self.finish(now, id, ack, warning, outcome.ok());
    }

    /// One attempt. It opens the minute of its notify id anew (protocol note 3.1).
    fn attempt(&mut self, now: Timestamp, id: u64) -> Option<Outgoing> {
        let delivery = self.deliveries.get_mut(&id)?;
        if let Some(due) = delivery.due.take() {
            self.sendings.remove(&(due, id));
        }
        delivery.attempt += 1;
        delivery.sent_at = now;
        let delivery = delivery.clone();
        let key = &delivery.key;
        let merchant = self.merchant(&key.partner)?;
        self.opinions
            .open(&delivery.notify_id, &key.partner, &key.out_trade_no, now);
        let body = gateway_side::notify_body(&delivery.trade, &merchant, &delivery.notify_id, now);
        let mut exchange = Exchange::new(now, Kind::Notify, delivery.url.clone(), body.clone());
        exchange.attempt = delivery.attempt;
        exchange.ack = Some(Ack::Pending);
        let number = self.keep(key, exchange);
        if let Some(delivery) = self.deliveries.get_mut(&id) {
            delivery.exchange = number;
        }
        if let Some(order) = self.orders.get_mut(key) {
            order.attempts += 1;
        }
        if self.loses_notify(key) {
            self.finish(
                now,
                id,
                Ack::Lost,
                Some("lost on the way, as a test asked".to_owned()),
                None,
            );
            return None;
        }
        Some(Outgoing {
            id,
            partner: delivery.key.partner,
            order: delivery.key.out_trade_no,
            attempt: delivery.attempt,
            request: Request::post(delivery.url, "application/x-www-form-urlencoded", body),
        })
    }

    /// Ends an attempt: the debt is paid, due again, or given up after the eighth.
    fn finish(
        &mut self,
        now: Timestamp,
        id: u64,
        ack: Ack,
        warning: Option<String>,
        reply: Option<Reply>,
    ) {
        let Some(delivery) = self.deliveries.get_mut(&id) else {
            return;
        };
        let gap = gap(delivery.attempt, self.settings.speed).filter(|_| ack != Ack::Acked);
        // The gap counts from the attempt; an answer that took longer than the gap makes the next one due now.
        let next = gap
            .and_then(|gap| delivery.sent_at.checked_add(gap).ok())
            .map(|at| at.max(now));
        delivery.due = next;
        let (key, number) = (delivery.key.clone(), delivery.exchange);
        match next {
            Some(at) => {
                self.sendings.insert((at, id));
            }
            None => {
                self.deliveries.remove(&id);
            }
        }
        let Some(order) = self.orders.get_mut(&key) else {
            return;
        };
        if next.is_none() {
            order.deliveries.retain(|known| *known != id);
        }
        let Some(exchange) = order
            .exchanges
            .iter_mut()
            .rev()
            .find(|known| known.number == number)
        else {
            return;
        };
        exchange.ack = Some(ack);
        exchange.warning = warning;
        exchange.next = next;
        if let Some(reply) = reply {
            exchange.status = Some(reply.status);
            exchange.reply = reply.body;
        }
    }
}

/// How long after this attempt the next one goes out, at this speed.
fn gap(attempt: u32, speed: u32) -> Option<SignedDuration> {
    let secs = GAPS_SECS.get(usize::try_from(attempt.checked_sub(1)?).ok()?)?;
    Some(SignedDuration::from_millis(
        (secs * 1_000 / i64::from(speed.max(1))).max(1),
    ))
}

/// The acknowledgement is status 200 and exactly the seven characters `success` (seed 001 5.2 F, seed 003 (7)). The
/// seed's own Java sample prints a line end behind them, so one alone is taken, with a warning.
fn judge(outcome: &Result<Reply, String>, strict: bool) -> (Ack, Option<String>) {
    let refused = |why: String| (Ack::Refused, Some(why));
    let reply = match outcome {
        Ok(reply) => reply,
        Err(why) => return refused(format!("no answer: {why}")),
    };
    let body = reply.body.as_slice();
    match (reply.status, body) {
        (200, b"success") => (Ack::Acked, None),
        (200, b"success\n" | b"success\r\n" | b"success\r") if strict => {
            refused("a line end stands behind success".to_owned())
        }
        (200, b"success\n" | b"success\r\n" | b"success\r") => (
            Ack::Acked,
            Some("a line end stands behind success; the guide allows nothing there".to_owned()),
        ),
        (200, _) if body.windows(7).any(|part| part == b"success") => {
            refused("success does not stand alone in the answer".to_owned())
        }
        (200, _) => refused("the answer is not success".to_owned()),
        (300..=399, _) => refused(format!(
            "status {}: a redirect is not followed",
            reply.status
        )),
        (status, _) => refused(format!("status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, strict: bool, acked: bool, warned: bool) {
        let (ack, warning) = judge(&Ok(Reply::new(status, body)), strict);
        assert_eq!(
            (ack == Ack::Acked, warning.is_some()),
            (acked, warned),
            "{status} {body:?} {strict}"
        );
    }

    #[test]
    fn only_the_exact_word_is_an_acknowledgement() {
        check(200, "success", false, true, false);
        check(200, "success", true, true, false);
        for line_end in ["success\n", "success\r\n", "success\r"] {
            check(200, line_end, false, true, true);
            check(200, line_end, true, false, true);
        }
        for body in [
            "",
            "SUCCESS",
            "Success",
            "fail",
            " success",
            "success ",
            "success\n\n",
            "\u{feff}success",
        ] {
            check(200, body, false, false, true);
        }
        check(200, "<html>success</html>", false, false, true);
        for status in [201, 204, 301, 302, 303, 400, 404, 500, 503] {
            check(status, "success", false, false, true);
        }
        assert_eq!(judge(&Err("time-out".into()), false).0, Ack::Refused);
    }

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
