//! What the journal's entries tell, gathered as they are read.

use super::header::{About, Amount, Claim, Entry, Header, Same};
use super::rules::{Rules, rank};
use super::stage::Stage;
use crate::truth::{Micros, Name};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that the journal told up to now.
#[derive(Default)]
pub(super) struct Known {
    pub(super) orders: BTreeMap<Name, OrderFacts>,
    /// The strongest proof at which each claim stands.
    pub(super) stands: BTreeMap<Same, u8>,
    /// Trades by account of which some proof tells a refund.
    pub(super) refunded: BTreeSet<(String, String)>,
    /// Callbacks by account and body.
    pub(super) notifies: BTreeMap<(String, Vec<u8>), Vec<Heard>>,
    taken_in: BTreeMap<i64, Vec<u8>>,
    /// Whose each trade is: of two orders, the first.
    pub(super) owners: BTreeMap<(String, String), String>,
    pub(super) deliveries: BTreeMap<(String, String), Tries>,
    /// Endpoints that are switched off.
    pub(super) off: BTreeSet<String>,
    pub(super) anchors: BTreeMap<i64, [u8; 32]>,
    /// When the wall clock was last seen to go back.
    pub(super) jumped_back: Option<Micros>,
    /// Orders that this look's entries closed.
    pub(super) fresh_closings: Vec<Name>,
}

/// What is known of one order.
#[derive(Default)]
pub(super) struct OrderFacts {
    pub(super) made: Option<Made>,
    pub(super) stage: Stage,
    /// True time by which the stage had begun.
    pub(super) since: Micros,
    pub(super) checkouts: u32,
    /// When a buyer was first and last sent to the cashier, by the server's clock.
    pub(super) sent: Option<(i64, i64)>,
    /// When the newest question was asked that was answered, and not with money, by the server's clock.
    pub(super) told_unpaid: Option<i64>,
    /// Payments by trade and amount, with their strongest proof.
    pub(super) payments: BTreeMap<(String, Amount), u8>,
    /// The same as statements tell them: what was booked is a payment where it is what the order asks for.
    pub(super) booked: BTreeMap<(String, Amount), u8>,
    /// When a closing was first told: by the gateway, or for want of a trade there.
    pub(super) closed: Option<Micros>,
    /// The gateway itself said so, at the proof that counts.
    pub(super) gateway_closed: bool,
    /// The gateway was asked to undo whatever had happened to it, or was about to be.
    pub(super) canceled: bool,
    /// The discrepancies that a person accepted.
    pub(super) accepted: BTreeSet<String>,
    /// A person has decided something about it.
    pub(super) decided: bool,
    /// When claims for it first came.
    pub(super) told_at: Option<Micros>,
}

/// An order's entry.
pub(super) struct Made {
    pub(super) minor: i64,
    pub(super) currency: String,
    pub(super) expires: bool,
    /// True time by which it was there.
    pub(super) at: Micros,
}

/// A callback as it was journaled.
pub(super) struct Heard {
    pub(super) seq: i64,
    pub(super) verdict: String,
    pub(super) answered: String,
    pub(super) claims: Vec<Claim>,
}

/// What is recorded of telling one endpoint one event.
#[derive(Default)]
pub(super) struct Tries {
    pub(super) delivered: bool,
    /// Every try failed, or somebody has to look.
    pub(super) dead: bool,
}

impl OrderFacts {
    /// The proof that counts for this order: by its own amount, else by the claim's.
    pub(super) fn required(&self, rules: &Rules, account: &str, claimed: &Amount) -> u8 {
        match &self.made {
            Some(made) => rules.required(account, made.minor, &made.currency),
            None => rules.required(account, claimed.minor, &claimed.currency),
        }
    }

    /// Whether the payment is what the order asks for.
    pub(super) fn asks(&self, paid: &Amount) -> bool {
        self.made
            .as_ref()
            .is_some_and(|made| made.minor == paid.minor && made.currency == paid.currency)
    }

    /// Payments at the proof that counts.
    pub(super) fn counting<'a>(
        &'a self,
        rules: &'a Rules,
        account: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Amount)> {
        let counts = move |amount: &Amount, rank: u8| rank >= self.required(rules, account, amount);
        let told = self.payments.iter();
        let told = told.filter(move |((_, amount), rank)| counts(amount, **rank));
        let booked = self.booked.iter().filter(move |(key, rank)| {
            let known = self.payments.get(*key);
            let told = known.is_some_and(|rank| counts(&key.1, *rank));
            !told && self.asks(&key.1) && counts(&key.1, **rank)
        });
        told.chain(booked)
            .map(|((trade_no, amount), _)| (trade_no.as_str(), amount))
    }
}

impl Known {
    /// Takes one entry in, read at this true time.
    pub(super) fn take(&mut self, rules: &Rules, entry: &Entry, now: Micros) {
        let header = &entry.header;
        let Some(account) = header.account.as_deref() else {
            return self.own(entry, now);
        };
        self.claims(rules, account, header, now);
        if let Some(order_no) = header.order_no.as_deref() {
            self.about(rules, &Name::new(account, order_no), entry, now);
        }
        match header.kind.as_str() {
            "received" => {
                self.taken_in
                    .insert(entry.seq, entry.body.clone().unwrap_or_default());
            }
            "notify" => self.notify(account, entry),
            _ => self.own(entry, now),
        }
    }

    /// Whether the trade is this order's.
    pub(super) fn owns(&self, name: &Name, trade_no: &str) -> bool {
        self.owners
            .get(&(name.account.clone(), trade_no.to_owned()))
            .is_some_and(|owner| *owner == name.order_no)
    }

    /// What was journaled of this very callback.
    pub(super) fn heard(&self, account: &str, body: &[u8]) -> &[Heard] {
        let key = (account.to_owned(), body.to_vec());
        self.notifies.get(&key).map_or(&[], Vec::as_slice)
    }

    fn claims(&mut self, rules: &Rules, account: &str, header: &Header, now: Micros) {
        let statement = header.kind == "statement";
        for claim in &header.claims {
            let proof = rank(&claim.proof);
            if proof == 0 {
                continue;
            }
            if !(statement && self.booked_otherwise(account, claim)) {
                let stands = self.stands.entry(claim.same(account)).or_default();
                *stands = proof.max(*stands);
            }
            if let Some(trade_no) = claim.refund_of() {
                self.refunded
                    .insert((account.to_owned(), trade_no.to_owned()));
            }
            let About::OrderNo(order_no) = &claim.about else {
                continue;
            };
            let name = Name::new(account, order_no);
            let order = self.orders.entry(name.clone()).or_default();
            order.told_at.get_or_insert(now);
            if let Some((trade_no, amount)) = claim.payment() {
                let key = (trade_no.to_owned(), amount.clone());
                let known = match statement {
                    true => order.booked.entry(key).or_default(),
                    false => order.payments.entry(key).or_default(),
                };
                *known = proof.max(*known);
                self.own_trades(rules, &name, now);
            } else if claim.claim == "gateway_closed" {
                let made = order.made.as_ref();
                let (minor, currency) =
                    made.map_or((0, ""), |made| (made.minor, made.currency.as_str()));
                if proof >= rules.required(account, minor, currency) {
                    order.gateway_closed = true;
                    self.close(&name, now);
                }
            }
        }
    }

    /// Whether a booking is not the payment that its order asks for: it tells nothing then.
    fn booked_otherwise(&self, account: &str, claim: &Claim) -> bool {
        let (About::OrderNo(order_no), Some((_, amount))) = (&claim.about, claim.payment()) else {
            return false;
        };
        let order = self.orders.get(&Name::new(account, order_no));
        order.is_some_and(|order| order.made.is_some() && !order.asks(amount))
    }

    /// The order owns its counting trades that nobody else owns; one that fits ends the asking.
    fn own_trades(&mut self, rules: &Rules, name: &Name, now: Micros) {
        let Some(order) = self
            .orders
            .get_mut(name)
            .filter(|order| order.made.is_some())
        else {
            return;
        };
        let mut paid = false;
        for (trade_no, amount) in order.counting(rules, &name.account) {
            let key = (name.account.clone(), trade_no.to_owned());
            let owner = self
                .owners
                .entry(key)
                .or_insert_with(|| name.order_no.clone());
            paid |= *owner == name.order_no && order.asks(amount);
        }
        if paid && order.stage != Stage::Ended {
            (order.stage, order.since) = (Stage::Ended, now);
        }
    }

    fn close(&mut self, name: &Name, now: Micros) {
        let order = self.orders.entry(name.clone()).or_default();
        if order.closed.is_none() {
            order.closed = Some(now);
            self.fresh_closings.push(name.clone());
            if order.stage != Stage::Ended {
                (order.stage, order.since) = (Stage::Late(0), now);
            }
        }
    }

    fn about(&mut self, rules: &Rules, name: &Name, entry: &Entry, now: Micros) {
        let header = &entry.header;
        let Some(rule) = rules.get(&name.account) else {
            return;
        };
        let order = self.orders.entry(name.clone()).or_default();
        if header.kind == "order" && order.made.is_none() {
            order.made = made(entry, now);
            order.since = now;
            return self.own_trades(rules, name, now);
        }
        let expires = order.made.as_ref().is_some_and(|made| made.expires);
        let next = order.stage.after(entry, rule, expires);
        if next != order.stage {
            (order.stage, order.since) = (next, now);
        }
        match header.kind.as_str() {
            "checkout" => {
                order.checkouts += 1;
                let first = order.sent.map_or(entry.time_us, |(first, _)| first);
                order.sent = Some((first, entry.time_us));
            }
            "cancel" => order.canceled = true,
            "resolution" => {
                order.decided = true;
                if header.text("decision") == Some("accept") {
                    order
                        .accepted
                        .extend(header.text("discrepancy").map(str::to_owned));
                }
            }
            // After a checkout only a gateway that cannot close leaves it at that.
            "given_up" if order.checkouts == 0 || !rule.can_close => self.close(name, now),
            "query" if matches!(header.text("answer"), Some("unpaid" | "not_found")) => {
                order.told_unpaid = header.asked().or(order.told_unpaid);
                if (header.text("step"), header.text("answer")) == (Some("last"), Some("not_found"))
                {
                    self.close(name, now);
                }
            }
            _ => {}
        }
    }

    fn notify(&mut self, account: &str, entry: &Entry) {
        let header = &entry.header;
        let received = header
            .data
            .get("received")
            .and_then(serde_json::Value::as_i64);
        let earlier = received.and_then(|seq| self.taken_in.get(&seq).cloned());
        let Some(body) = entry.body.clone().or(earlier) else {
            return;
        };
        let heard = Heard {
            seq: entry.seq,
            verdict: header.verdict.clone().unwrap_or_default(),
            answered: header.answered.clone().unwrap_or_default(),
            claims: header.claims.clone(),
        };
        let key = (account.to_owned(), body);
        self.notifies.entry(key).or_default().push(heard);
    }

    /// What the server did, or found, by itself.
    fn own(&mut self, entry: &Entry, now: Micros) {
        let header = &entry.header;
        let data = |name| header.data.get(name).and_then(serde_json::Value::as_i64);
        match header.kind.as_str() {
            "delivery" | "abandoned" => {
                let (Some(event), Some(endpoint)) = (header.text("event"), header.text("endpoint"))
                else {
                    return;
                };
                let key = (event.to_owned(), endpoint.to_owned());
                let tries = self.deliveries.entry(key).or_default();
                let outcome = header.text("outcome");
                tries.delivered |= outcome == Some("delivered");
                tries.dead |=
                    outcome.is_none() || data("attempt").is_some_and(|number| number >= 10);
                if outcome == Some("gone") {
                    self.off.insert(endpoint.to_owned());
                }
            }
            "endpoint" => {
                let name = header.text("name").unwrap_or_default().to_owned();
                match header.data.get("enabled") {
                    Some(serde_json::Value::Bool(true)) => self.off.remove(&name),
                    _ => self.off.insert(name),
                };
            }
            "clock_jump" if data("secs").is_some_and(|secs| secs < 0) => {
                self.jumped_back = Some(now);
            }
            "anchor" | "adopted" => {
                self.anchors.insert(entry.seq, entry.hash);
            }
            _ => {}
        }
    }
}

fn made(entry: &Entry, at: Micros) -> Option<Made> {
    let amount = entry.header.data.get("amount")?;
    Some(Made {
        minor: amount.get("minor")?.as_i64()?,
        currency: amount.get("currency")?.as_str()?.to_owned(),
        expires: entry.header.data.get("expires_in_secs").is_some(),
        at,
    })
}
