//! The world: everything outside the node, and the machine that it runs on.

mod alipay;
mod browser;
mod clock;
mod codepay;
mod contract;
mod database;
mod dinpay;
mod errand;
mod fates;
mod gateway;
mod host;
mod life;
mod memory;
mod notifies;
mod outage;
mod rogue;
mod rule;
mod run;
mod seller;
mod shop;
mod signing;
mod statements;
mod weather;
mod wire;

pub use contract::{
    API_KEY, CALL_SECS, Contract, ENDPOINTS, FOURTH, GAPS_SECS, LATE_SECS, WEBHOOK_SECRET,
};
pub use fates::Fates;
pub use outage::{Cut, Outage, play_outage};
pub use run::{Ended, Scale, play};

use crate::auditor::{Auditor, Broken};
use crate::dice::Dice;
use crate::truth::{Micros, Name, Truth};
use clock::TrueClock;
use database::Database;
use gateway::{Asked, Gateway};
use host::Host;
use quittance_server::setup::Setup;
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// One world.
pub struct World {
    /// True time.
    pub clock: Arc<TrueClock>,
    /// What strikes, and what was seen.
    pub fates: Arc<Fates>,
    /// The merchant's contracts.
    pub contracts: Vec<Contract>,
    /// The gateway.
    pub gateway: Gateway,
    /// The machines of the nodes.
    pub hosts: Vec<Arc<Host>>,
    /// The database that they work on.
    pub database: Arc<Database>,
    renamed: AtomicU32,
    /// What is cut off by a plan, and until when.
    cut: Mutex<Option<(Cut, Duration)>>,
    tasks: Mutex<JoinSet<()>>,
    chronicle: Mutex<Chronicle>,
}

/// What is written down about the world, as it goes.
struct Chronicle {
    truth: Truth,
    dice: Dice,
    /// A digest of everything that happened, in its order.
    trace: Sha256,
    /// The same to read.
    notes: Vec<(Micros, String)>,
    auditor: Auditor,
    /// The database, for reading.
    journal: Connection,
    broken: Vec<Broken>,
    wrong: Vec<String>,
    /// Orders that the shop made, with their amounts.
    unpaid: BTreeMap<Name, i64>,
    /// Endpoints that are gone until then.
    gone: BTreeMap<&'static str, Duration>,
}

impl World {
    fn chronicle(&self) -> MutexGuard<'_, Chronicle> {
        self.chronicle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts something that goes on by itself until the world ends.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// Writes down what truly happened.
    pub fn write<T>(&self, what: impl FnOnce(&mut Truth) -> T) -> T {
        let mut chronicle = self.chronicle();
        chronicle.truth.now = self.clock.micros();
        what(&mut chronicle.truth)
    }

    /// Reads what truly happened, beside the journal.
    pub fn with_truth<T>(&self, read: impl FnOnce(&Truth, &Connection) -> T) -> T {
        let chronicle = self.chronicle();
        read(&chronicle.truth, &chronicle.journal)
    }

    /// A line of what happens, for the trace.
    pub fn note(&self, line: &str) {
        let at = self.clock.micros();
        let mut chronicle = self.chronicle();
        chronicle.trace.update(at.to_be_bytes());
        chronicle.trace.update(line.as_bytes());
        chronicle.trace.update([0]);
        chronicle.notes.push((at, line.to_owned()));
    }

    /// This is cut off until then.
    pub fn cut(&self, what: Cut, until: Duration) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = Some((what, until));
        self.note(&format!("cut off: {what:?}"));
        if what == Cut::Node {
            self.kill_all();
        }
    }

    /// For how long this is still cut off.
    pub fn cut_off(&self, what: Cut) -> Option<Duration> {
        let cut = *self.cut.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, until) = cut.filter(|(cut, _)| *cut == what)?;
        until
            .checked_sub(self.clock.passed())
            .filter(|left| !left.is_zero())
    }

    /// Every node ends where it stands.
    pub fn kill_all(&self) {
        self.hosts.iter().for_each(|host| host.kill());
    }

    /// The nodes' wall clock is set, by so many milliseconds.
    pub fn set_clock_by(&self, millis: i64) {
        self.clock.jump(millis);
        let (at, off) = (self.clock.micros(), self.clock.off_millis());
        self.write(|truth| truth.clock_set.push((at, off)));
    }

    /// Something happened that may not happen in any world.
    pub fn broken(&self, what: String) {
        self.chronicle().wrong.push(what);
    }

    /// The auditor looks at the journal as it stands.
    pub fn look(&self) {
        let mut guard = self.chronicle();
        let chronicle = &mut *guard;
        chronicle.truth.now = self.clock.micros();
        let found = chronicle.auditor.look(&chronicle.truth, &chronicle.journal);
        chronicle.broken.extend(found);
    }

    /// Chance that belongs to nobody in particular.
    pub fn with_dice<T>(&self, work: impl FnOnce(&mut Dice) -> T) -> T {
        work(&mut self.chronicle().dice)
    }

    /// How long a message is under way.
    pub fn latency(&self) -> Duration {
        self.with_dice(|dice| dice.wait(Duration::from_millis(1), Duration::from_millis(300)))
    }

    /// The contract of this account.
    #[must_use]
    pub fn contract(&self, account: &str) -> Option<&Contract> {
        self.contracts
            .iter()
            .find(|contract| contract.account == account)
    }

    /// A node's settings when they have been changed so often.
    #[must_use]
    pub fn settings(&self, renamed: u32) -> Setup {
        contract::setup(&self.contracts, clock::at(clock::BEGINNING), renamed)
    }

    /// The merchant writes new settings, with another address for notifies, and begins to roll them out. How often he
    /// has done so.
    pub fn rename_notifies(&self) -> u32 {
        self.renamed.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// How often the merchant has written new settings.
    #[must_use]
    pub fn renamed(&self) -> u32 {
        self.renamed.load(Ordering::Relaxed)
    }

    /// Whether the newest settings no longer name this address for notifies.
    #[must_use]
    pub fn is_old_route(&self, path: &str) -> bool {
        let renamed = self.renamed();
        renamed > 0 && !path.starts_with(&format!("/told-{renamed}/"))
    }

    /// An order that the shop has made.
    pub fn unpaid(&self, name: &Name, amount: i64) {
        self.chronicle().unpaid.insert(name.clone(), amount);
    }

    /// The dearest order of this account, and its amount as the API writes it.
    #[must_use]
    pub fn dearest_unpaid(&self, account: &str) -> Option<(String, String)> {
        let chronicle = self.chronicle();
        let of = |(name, _): &(&Name, &i64)| name.account == account;
        let (name, amount) = chronicle
            .unpaid
            .iter()
            .filter(of)
            .max_by_key(|(_, amount)| **amount)?;
        Some((name.order_no.clone(), shop::yuan(*amount)))
    }

    /// Another order of the same account, with its amount.
    #[must_use]
    pub fn another_order(&self, than: &Name) -> Option<(String, i64)> {
        let chronicle = self.chronicle();
        let other = |(name, _): &(&Name, &i64)| name.account == than.account && *name != than;
        let (name, amount) = chronicle.unpaid.iter().find(other)?;
        Some((name.order_no.clone(), *amount))
    }

    /// The trade that pays this order, once the node has acked it.
    #[must_use]
    pub fn acked_trade_of(&self, name: &Name) -> Option<String> {
        let trade_no = self.trade_of(name)?;
        let chronicle = self.chronicle();
        let heard = chronicle.truth.callbacks.iter().any(|call| {
            let tells = call
                .body
                .windows(trade_no.len())
                .any(|part| part == trade_no.as_bytes());
            call.acked && call.genuine && tells
        });
        heard.then_some(trade_no)
    }

    /// The trade that pays this order.
    #[must_use]
    pub fn trade_of(&self, name: &Name) -> Option<String> {
        let chronicle = self.chronicle();
        let found = chronicle
            .truth
            .payments
            .iter()
            .find(|payment| payment.name == *name)?;
        Some(found.trade_no.clone())
    }

    /// Whether money came for this order.
    #[must_use]
    pub fn has_money(&self, name: &Name) -> bool {
        self.trade_of(name).is_some()
    }

    /// An endpoint is gone until then, or is back.
    pub fn leave(&self, endpoint: &'static str, until: Option<Duration>) {
        let mut chronicle = self.chronicle();
        match until {
            Some(until) => chronicle.gone.insert(endpoint, until),
            None => chronicle.gone.remove(endpoint),
        };
    }

    /// Whether an endpoint is gone.
    #[must_use]
    pub fn shop_gone(&self, endpoint: &str) -> bool {
        let now = self.clock.passed();
        let chronicle = self.chronicle();
        !self.fates.calm()
            && chronicle
                .gone
                .get(endpoint)
                .is_some_and(|until| now < *until)
    }

    /// A gateway's signed answer about another order than the one that was asked for.
    #[must_use]
    pub fn answer_about_another(&self, asked: &Asked<'_>) -> Option<quittance_core::http::Reply> {
        let field = asked.order_field();
        let partner = asked
            .value("partner")
            .or_else(|| asked.value("merchant_code"))
            .or_else(|| asked.value("merchant_no"))?;
        let contract = contract::contract_of(&self.contracts, &partner)?;
        let name = Name::new(contract.account, &asked.value(field)?);
        let (other, _) = self.another_order(&name)?;
        let mut params = quittance_core::params::Params::new();
        let kept = |(name, _): &(String, String)| !["sign", "sign_type", field].contains(&&**name);
        for (name, value) in asked.fields().into_iter().filter(kept) {
            params.push(&name, value.as_bytes()).ok()?;
        }
        params.push(field, other.as_bytes()).ok()?;
        let signed = contract.signed(signing::Side::Merchant, params);
        let signed = String::from_utf8_lossy(&signed);
        let reply = self.gateway_answers(&match asked.body {
            [] => Asked {
                query: &signed,
                ..*asked
            },
            _ => Asked {
                body: signed.as_bytes(),
                ..*asked
            },
        });
        // That there is no such trade names no order: nobody could tell whose it is.
        let text = String::from_utf8_lossy(&reply.body);
        let names = [format!("<{field}>"), format!("\\\"{field}\\\"")];
        let names = names.iter().any(|name| text.contains(name));
        names.then_some(reply)
    }
}
