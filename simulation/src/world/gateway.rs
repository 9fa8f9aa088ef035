//! The gateway's two houses, each with a ledger of its own, and what they tell. The second takes the payment of a second
//! tab, which one house alone would refuse.

use super::World;
use super::clock::at;
use super::contract::{Contract, contract_of};
use super::{codepay, dinpay};
use crate::fault::Fault;
use crate::truth::{Closing, Name, PaidBack, Payment, Refund};
use quittance_core::http::{Method, Reply};
use quittance_core::{Lang, Money};
use quittance_sandbox::codepay::ENTRY_PATH;
use quittance_sandbox::{
    Faults, Inbound, Outgoing, QueryKind, Sandbox, SandboxSettings, TradeView,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How old stale news is, in seconds.
const STALE_SECS: u32 = 30;

/// The service that tells how a trade stands, at either gateway.
pub const QUERY: &str = "single_trade_query";

/// A call of ours.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The path.
    pub path: &'a str,
    /// The query string.
    pub query: &'a str,
    /// The body; empty where the call is a `GET`.
    pub body: &'a [u8],
}

impl Asked<'_> {
    /// Everything that is asked with, in its order.
    pub fn fields(&self) -> Vec<(String, String)> {
        if let Some(fields) = codepay::read(self.body) {
            return fields;
        }
        let parse = url::form_urlencoded::parse;
        let all = parse(self.query.as_bytes()).chain(parse(self.body));
        all.map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect()
    }

    /// The value of this name.
    pub fn value(&self, name: &str) -> Option<String> {
        let mut all = self.fields().into_iter();
        all.find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// What is asked for.
    pub fn service(&self) -> String {
        let names = ["service", "service_type", "method"];
        let mut named = names.iter().filter_map(|name| self.value(name));
        named.next().unwrap_or_default()
    }

    /// Whether it asks how a trade stands.
    pub fn is_query(&self) -> bool {
        matches!(self.service().as_str(), QUERY | codepay::QUERY)
    }

    /// The name of the field in which this gateway is told the order's number.
    pub fn order_field(&self) -> &'static str {
        match self.path {
            dinpay::QUERY_PATH => "order_no",
            ENTRY_PATH => "merchant_order_no",
            _ => "out_trade_no",
        }
    }
}

/// A house of the gateway.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum House {
    /// Where merchants ask.
    First,
    /// Where the second tab pays.
    Second,
}

impl House {
    /// Both.
    pub const BOTH: [House; 2] = [House::First, House::Second];
}

/// The gateway.
pub struct Gateway {
    inner: Mutex<Inner>,
    /// Something may be due earlier than before.
    pub changed: Notify,
}

struct Inner {
    houses: BTreeMap<House, Sandbox>,
    /// What each trade looked like when it was looked at last.
    known: BTreeMap<(House, Name), (Option<&'static str>, i64)>,
    /// The bodies that the gateway has sent, by account.
    sent: BTreeSet<(String, Vec<u8>)>,
    /// Notify ids that the gateway stands by although its houses do not know them, for one question each.
    vouched: BTreeSet<String>,
    /// Notify ids about which somebody asked.
    asked: BTreeSet<String>,
    /// Somebody is paying back by hand.
    by_hand: bool,
}

impl Gateway {
    /// A gateway with these contracts.
    #[must_use]
    pub fn new(contracts: &[Contract], seed: u64) -> Gateway {
        let house = |house: House| {
            let mut settings = SandboxSettings::new(Vec::new(), "http://gateway.test");
            contracts
                .iter()
                .for_each(|contract| contract.enrol(&mut settings));
            settings.seed = seed.wrapping_mul(2).wrapping_add(house as u64);
            (house, Sandbox::new(settings))
        };
        Gateway {
            inner: Mutex::new(Inner {
                houses: House::BOTH.map(house).into(),
                known: BTreeMap::new(),
                sent: BTreeSet::new(),
                vouched: BTreeSet::new(),
                asked: BTreeSet::new(),
                by_hand: false,
            }),
            changed: Notify::new(),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the gateway sent these bytes for this account.
    #[must_use]
    pub fn has_sent(&self, account: &str, body: &[u8]) -> bool {
        let about = (account.to_owned(), body.to_vec());
        self.inner().sent.contains(&about)
    }

    /// The gateway sends these bytes for this account.
    pub fn sends(&self, account: &str, body: &[u8]) {
        self.inner()
            .sent
            .insert((account.to_owned(), body.to_vec()));
    }

    /// The gateway will stand by this notify id, once.
    pub fn vouch(&self, notify_id: &str) {
        self.inner().vouched.insert(notify_id.to_owned());
    }

    /// The gateway no longer stands by this notify id.
    pub fn drop_word(&self, notify_id: &str) {
        self.inner().vouched.remove(notify_id);
    }

    /// When something is due.
    #[must_use]
    pub fn next_due(&self) -> Option<i64> {
        let inner = self.inner();
        let due = inner.houses.values().filter_map(Sandbox::next_due);
        due.map(|at| at.as_microsecond()).min()
    }
}

impl World {
    /// Does something at a house of the gateway; what it changed of money is written down.
    pub fn at_gateway<T>(&self, house: House, work: impl FnOnce(&mut Sandbox) -> T) -> T {
        let mut inner = self.gateway.inner();
        let mut done = None;
        if let Some(sandbox) = inner.houses.get_mut(&house) {
            done = Some(work(sandbox));
        }
        let views = inner.houses.get(&house).map(Sandbox::trades);
        for view in views.unwrap_or_default() {
            self.observe(&mut inner, house, &view);
        }
        drop(inner);
        self.gateway.changed.notify_one();
        done.expect("both houses stand")
    }

    /// The seller pays back by hand, at the gateway's own site.
    pub fn refunds_by_hand(&self, name: &Name, partner: &str, sum: Money) {
        let now = self.clock.now();
        self.gateway.inner().by_hand = true;
        let order_no = name.order_no.as_str();
        // What was never paid is not paid back.
        let done = self.at_gateway(House::First, |house| {
            house.refund(now, partner, order_no, sum)
        });
        self.gateway.inner().by_hand = false;
        self.note(&format!(
            "{name}: refund of {} by hand {done:?}",
            sum.decimal()
        ));
    }

    /// Writes down what a trade has become.
    fn observe(&self, inner: &mut Inner, house: House, view: &TradeView) {
        let Some(contract) = contract_of(&self.contracts, &view.partner) else {
            return;
        };
        if view.pays_back.is_some() {
            return; // It is seen at the payment that it takes back.
        }
        let name = Name::new(contract.account, &view.out_trade_no);
        let key = (house, name.clone());
        let (before, refunded) = inner.known.get(&key).copied().unwrap_or((None, 0));
        let now = (view.status, view.refunded.minor);
        if (before, refunded) == now {
            return;
        }
        inner.known.insert(key, now);
        let trade_no = view.trade_no.clone().unwrap_or_default();
        let paid = |status: Option<&str>| {
            let words = ["TRADE_SUCCESS", "TRADE_FINISHED", "SUCCESS", "2", "3"];
            status.is_some_and(|status| words.contains(&status))
        };
        let undone = |status: Option<&str>| status == Some("3");
        let at = self.clock.micros();
        let by = match inner.by_hand {
            _ if undone(now.0) && !undone(before) => PaidBack::ByCancel,
            true => PaidBack::ByHand,
            false => PaidBack::ByRequest,
        };
        self.write(|truth| {
            if paid(now.0) && !paid(before) {
                truth.payments.push(Payment {
                    name: name.clone(),
                    trade_no: trade_no.clone(),
                    amount: view.amount.minor,
                    currency: view.amount.currency.to_string(),
                    to_us: true,
                    booked: contract.terms().is_some(),
                    at,
                });
            }
            if now.1 > refunded {
                truth.refunds.push(Refund {
                    account: name.account.clone(),
                    trade_no: trade_no.clone(),
                    amount: now.1 - refunded,
                    by,
                    at,
                });
            }
            if matches!(now, (Some("TRADE_CLOSED" | "1"), 0)) {
                truth.closings.push(Closing {
                    name: name.clone(),
                    at,
                });
            }
        });
        self.note(&format!(
            "gateway: {name} {} {}",
            now.0.unwrap_or("asked for"),
            view.amount.decimal()
        ));
    }

    /// Where what this request asks for is a matter of the first house: until when questions about it are answered.
    pub fn takes(&self, house: House, request: &Inbound) {
        let now = self.clock.now();
        let answer = self.at_gateway(house, |sandbox| sandbox.handle(now, request));
        let taken = (300..400).contains(&answer.reply.status);
        let Some((partner, order_no, at)) = dinpay::ordered(request).filter(|_| taken) else {
            return;
        };
        if let (House::First, Some(contract)) = (house, contract_of(&self.contracts, &partner)) {
            let until = at.as_microsecond() + dinpay::WINDOW_SECS * 1_000_000;
            let name = Name::new(contract.account, &order_no);
            self.write(|truth| truth.answered_until.insert(name, until));
        }
    }

    /// The gateway's answer to a call of ours, in the first house; of a notify id, in that which gave it out.
    pub fn gateway_answers(&self, asked: &Asked<'_>) -> Reply {
        match asked.service().as_str() {
            "notify_verify" => self.opinion(asked),
            codepay::REVOKE if self.fates.strikes(Fault::CloseRaced) => {
                let mut faults = Faults::default();
                faults.revoke.paid_first = true;
                self.asks_house(House::First, asked, faults)
            }
            _ if asked.is_query() && self.fates.strikes(Fault::QueryStale) => {
                let mut faults = Faults::default();
                faults.query.kind = QueryKind::Stale;
                faults.query.secs = STALE_SECS;
                self.asks_house(House::First, asked, faults)
            }
            _ => self.asks_house(House::First, asked, Faults::default()),
        }
    }

    fn opinion(&self, asked: &Asked<'_>) -> Reply {
        let notify_id = asked.value("notify_id").unwrap_or_default();
        let (vouched, again) = {
            let mut inner = self.gateway.inner();
            (
                inner.vouched.remove(&notify_id),
                !inner.asked.insert(notify_id),
            )
        };
        if vouched {
            return Reply::new(200, "true");
        }
        let said = House::BOTH
            .map(|house| self.asks_house(house, asked, Faults::default()))
            .into_iter();
        let reply = said
            .fold(None, |said: Option<Reply>, next| match said {
                Some(said) if said.body == b"true" => Some(said),
                _ => Some(next),
            })
            .unwrap_or_else(|| Reply::new(500, ""));
        if again && reply.body == b"false" {
            self.fates.reached("notify_id_burnt_by_us");
        }
        reply
    }

    fn asks_house(&self, house: House, asked: &Asked<'_>, faults: Faults) -> Reply {
        let method = match asked.body {
            [] => Method::Get,
            _ => Method::Post,
        };
        let inbound = Inbound {
            method,
            path: asked.path.to_owned(),
            query: asked.query.as_bytes().to_vec(),
            body: asked.body.to_vec(),
            lang: Lang::En,
        };
        let now = self.clock.now();
        self.at_gateway(house, |sandbox| {
            sandbox.set_faults(faults);
            let reply = sandbox.handle(now, &inbound).reply;
            sandbox.set_faults(Faults::default());
            reply
        })
    }

    /// The notifies that are due now.
    pub fn due_notifies(&self) -> Vec<(House, Outgoing)> {
        let now = self.clock.now();
        let mut due = Vec::new();
        for house in House::BOTH {
            let taken = self.at_gateway(house, |sandbox| sandbox.take_due(now));
            due.extend(taken.into_iter().map(|notify| (house, notify)));
        }
        due
    }

    /// When the gateway has something to do next, since the world began.
    #[must_use]
    pub fn gateway_wakes(&self) -> Option<jiff::Timestamp> {
        self.gateway.next_due().map(at)
    }
}
