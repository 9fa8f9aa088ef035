//! The auditor: compares what truly happened with the journal and with what the server says, and names every promise
//! that was broken. It shares no code with the server; it knows the published formats alone (`docs/journal.md`, the
//! JSON of orders, events and discrepancies, Standard Webhooks).
//!
//! It must never cry wolf, so each check says what the server could have known. Times of the journal are the server's
//! wall clock, which jumps; what happened when by true time is only known as "between the look before and this look".

mod acks;
mod chain;
mod conduct;
mod extra;
mod feed;
mod header;
mod ids;
mod known;
mod money;
mod owed;
mod pace;
mod paid;
mod promise;
mod refunds;
mod rules;
mod same;
mod secrets;
mod stage;
mod statements;
mod sums;
mod told;
mod wire;

pub use promise::{Broken, Promise};
pub use rules::{Above, AccountRule};

use crate::truth::{Micros, Name, Said, Truth};
use chain::Chain;
use conduct::Conduct;
use known::Known;
use money::Money;
use owed::Owed;
use pace::Pace;
use refunds::Refunds;
use rules::Rules;
use std::collections::BTreeSet;
use told::Inbox;

/// Whoever believes nobody. Keeps how far it has read, so that looking often is cheap.
pub struct Auditor {
    rules: Rules,
    chain: Chain,
    known: Known,
    money: Money,
    inbox: Inbox,
    pace: Pace,
    conduct: Conduct,
    owed: Owed,
    refunds: Refunds,
    /// How many orders and callbacks of the truth were looked at.
    orders: usize,
    callbacks: usize,
    /// When the last look was.
    looked: Micros,
    /// A backup was put back: what the shop made before this true time may be gone.
    lost_before: Option<Micros>,
    reported: BTreeSet<Broken>,
}

impl Auditor {
    /// An auditor who has seen nothing yet.
    #[must_use]
    pub fn new(accounts: Vec<AccountRule>) -> Auditor {
        Auditor {
            rules: Rules::new(accounts),
            chain: Chain::default(),
            known: Known::default(),
            money: Money::default(),
            inbox: Inbox::default(),
            pace: Pace::default(),
            conduct: Conduct::default(),
            owed: Owed::default(),
            refunds: Refunds::default(),
            orders: 0,
            callbacks: 0,
            looked: Micros::MIN,
            lost_before: None,
            reported: BTreeSet::new(),
        }
    }

    /// A backup was put back in the place of the database: what was read of the journal is forgotten, and what was
    /// promised before may be gone. The money is not forgotten.
    pub fn restored(&mut self) {
        self.chain = Chain::default();
        self.known = Known::default();
        self.pace.forget();
        self.conduct = Conduct::default();
        self.owed = Owed::default();
        self.refunds = Refunds::default();
        self.inbox.restored();
        self.lost_before = Some(self.looked);
        self.money.again();
    }

    /// At any moment: what can be checked while things are under way. Each finding is told once.
    pub fn look(&mut self, truth: &Truth, journal: &rusqlite::Connection) -> Vec<Broken> {
        let mut found = Vec::new();
        self.money.read(truth);
        let (entries, broken) = self.chain.read(journal);
        if self.chain.broken {
            // Behind a break nothing can be believed, and nothing else is said.
            return self.fresh(broken);
        }
        for entry in &entries {
            secrets::in_header(&self.rules, entry, &mut found);
            self.known.take(&self.rules, entry, truth.now);
            paid::claims(&self.rules, &self.known, &self.money, entry, &mut found);
            self.pace.count(entry, &mut found);
            self.conduct
                .judge(&self.rules, &self.known, truth, entry, &mut found);
            self.owed.judge(&self.rules, &self.known, entry, &mut found);
            self.refunds.judge(&self.money, entry, &mut found);
            // What a backup brought back was read at another time.
            if self.lost_before.is_none() {
                let (rules, known, money) = (&self.rules, &self.known, &self.money);
                statements::check(rules, known, money, (truth, self.looked), entry, &mut found);
            }
        }
        refunds::check(truth, &self.money, &mut found);
        // A backup may have taken the entry of a Cancel away.
        if self.lost_before.is_none() {
            refunds::written(&self.known, &self.money, &mut found);
        }
        paid::closings(
            &self.rules,
            &self.known,
            &self.money,
            (truth, self.looked),
            &mut found,
        );
        self.known.fresh_closings.clear();
        self.orders_stored(truth, &mut found);
        let callbacks = truth.callbacks.get(self.callbacks..).unwrap_or_default();
        self.callbacks = truth.callbacks.len();
        for callback in callbacks {
            acks::check(&self.rules, &self.known, callback, &mut found);
            self.pace.told(&self.known, callback);
        }
        self.inbox
            .read(&self.rules, &self.known, &self.money, truth, &mut found);
        self.pace
            .look(&self.rules, &self.known, &mut self.money, truth, &mut found);
        self.looked = truth.now;
        self.fresh(found)
    }

    /// When everything has come to rest: all that [`Auditor::look`] checks, the whole chain anew, and what the server
    /// says of itself.
    pub fn close(
        &mut self,
        truth: &Truth,
        journal: &rusqlite::Connection,
        said: &Said,
    ) -> Vec<Broken> {
        let mut all = self.look(truth, journal);
        let mut found = Chain::whole(journal);
        if self.chain.broken || !found.is_empty() {
            all.extend(self.fresh(found));
            return all;
        }
        secrets::in_said(&self.rules, said, &mut found);
        let context = Closing {
            rules: &self.rules,
            known: &self.known,
            money: &self.money,
            truth,
            said,
            lost_before: self.lost_before,
        };
        sums::check(&context, &mut found);
        self.inbox.feed(&context, &mut found);
        extra::check(&context, &mut found);
        refunds::close(&context, &mut found);
        all.extend(self.fresh(found));
        all
    }

    /// Whether money came for a paid order of which the server does not speak. A callback of that order, even an old
    /// one, may be the first to make it ask.
    #[must_use]
    pub fn untold_payment(truth: &Truth, said: &Said) -> bool {
        same::untold_payment(truth, said)
    }

    /// The same of money that went back.
    #[must_use]
    pub fn untold_refund(truth: &Truth, said: &Said) -> bool {
        same::untold_refund(truth, said)
    }

    /// That replaying every callback at the end changed nothing: compares what was said before and after. Who told of
    /// a payment and when the gateway is asked next may change; statuses, sums, discrepancies and events may not.
    #[must_use]
    pub fn unchanged(before: &Said, after: &Said) -> Vec<Broken> {
        same::check(before, after)
    }

    /// Every order that the server took has its entry.
    fn orders_stored(&mut self, truth: &Truth, found: &mut Vec<Broken>) {
        let orders = truth.orders.get(self.orders..).unwrap_or_default();
        self.orders = truth.orders.len();
        for order in orders {
            match self
                .known
                .orders
                .get(&order.name)
                .and_then(|known| known.made.as_ref())
            {
                None => found.push(Broken::about(
                    Promise::NeverLost,
                    &order.name,
                    "the shop was told that the order was made, and the journal has no entry of it"
                        .to_owned(),
                )),
                Some(made)
                    if (made.minor, made.currency.as_str())
                        != (order.amount, order.currency.as_str()) =>
                {
                    found.push(Broken::about(
                        Promise::NeverLost,
                        &order.name,
                        format!(
                            "the shop asked for {} {}, the journal says {} {}",
                            order.amount, order.currency, made.minor, made.currency
                        ),
                    ));
                }
                Some(_) => {}
            }
        }
    }

    fn fresh(&mut self, found: Vec<Broken>) -> Vec<Broken> {
        let mut fresh = Vec::new();
        for broken in found {
            if self.reported.insert(broken.clone()) {
                fresh.push(broken);
            }
        }
        fresh
    }
}

/// What the checks at rest look at.
struct Closing<'a> {
    rules: &'a Rules,
    known: &'a Known,
    money: &'a Money,
    truth: &'a Truth,
    said: &'a Said,
    lost_before: Option<Micros>,
}

/// The order that a published JSON object names.
fn name_of(value: &serde_json::Value) -> Option<Name> {
    Some(Name::new(
        value.get("account")?.as_str()?,
        value.get("order_no")?.as_str()?,
    ))
}
