//! One order from the shop's wish to the end of its buyer's interest in it.

use super::World;
use super::contract::Contract;
use super::gateway::House;
use super::rogue::beijing;
use super::shop::yuan;
use crate::dice::Dice;
use crate::fault::Fault;
use crate::truth::{Name, Payment};
use quittance_core::http::Request;
use quittance_sandbox::Inbound;
use quittance_sandbox::codepay::Ending;
use std::sync::Arc;
use std::time::Duration;

/// What a buyer makes of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mood {
    /// Looks, and goes.
    WalksAway,
    /// Pays within the schedule.
    Pays,
    /// Pays when the order is about to be closed.
    PaysAtTheClose,
    /// Pays in time, long after it was last asked about.
    PaysLate,
}

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

/// One order of a world.
pub struct Errand {
    /// Its name.
    pub name: Name,
    /// What is to be paid, in minor units.
    pub amount: i64,
    /// How long it may be paid for, where that ends.
    pub expires_in: Option<Duration>,
    /// When the shop makes it, since the beginning of the world.
    pub at: Duration,
    /// Its own chance.
    pub dice: Dice,
}

impl Errand {
    /// Runs it. What the shop and the buyer do stays the same whatever the node does.
    pub async fn run(mut self, world: Arc<World>) {
        world.clock.until(self.at).await;
        let Some(contract) = world.contract(&self.name.account).cloned() else {
            return;
        };
        if world.fates.strikes(Fault::NobodysMoney) {
            let order_no = contract.order_no(&self.name.order_no, "NOBODY");
            let nobody = Name::new(&self.name.account, &order_no);
            world.pay_elsewhere(House::First, &contract, &nobody, self.amount);
        }
        if world.fates.strikes(Fault::EarlyMoney) {
            world.pay_elsewhere(House::First, &contract, &self.name, self.amount);
            world.fates.reached("notice_before_order");
            let wait = self.dice.wide_wait(SECOND, HOUR * 20);
            world.clock.sleep(wait).await;
        } else if world.fates.strikes(Fault::AmountWrong) {
            let half = self.amount.div_euclid(2).max(1);
            world.pay_elsewhere(House::First, &contract, &self.name, half);
        } else if world.fates.strikes(Fault::AmountElsewhere) {
            world.pay_elsewhere(House::Second, &contract, &self.name, self.amount + 1);
        }
        let Some(page) = world
            .make_order(&self.name, self.amount, self.expires_in)
            .await
        else {
            return;
        };
        world.unpaid(&self.name, self.amount);
        self.buyer(&world, &contract, &page).await;
    }

    async fn buyer(&mut self, world: &Arc<World>, contract: &Contract, page: &str) {
        if self.dice.chance(10) {
            return; // Nobody ever came.
        }
        if self.dice.chance(50) {
            world.browse(page).await;
        }
        let wait = self.dice.wide_wait(SECOND, HOUR);
        world.clock.sleep(wait).await;
        let Some(cashier) = world.check_out(&self.name).await else {
            return;
        };
        let checked_out = world.clock.passed();
        world.goes_to(House::First, contract, &self.name, &cashier);
        let schedule: i64 = contract.gaps_secs().iter().sum();
        let schedule = Duration::from_secs(schedule.unsigned_abs());
        // A scan ends by itself.
        let limit = self.expires_in.filter(|_| contract.scan_secs().is_none());
        let end = limit.unwrap_or(schedule);
        let mood = match self.dice.below(10) {
            0 | 1 => Mood::WalksAway,
            2 => Mood::PaysLate,
            _ if world.fates.strikes(Fault::CloseRaced) => Mood::PaysAtTheClose,
            _ => Mood::Pays,
        };
        if contract.refunds().is_some() && contract.terms().is_none() {
            self.at_the_counter(world, contract);
        }
        let pays_after = match mood {
            Mood::WalksAway => return self.lingers(world, page).await,
            Mood::Pays => self.dice.wide_wait(SECOND, schedule),
            // The final query, the close and the last query follow each other within this.
            Mood::PaysAtTheClose => {
                end - SECOND + self.dice.wait(Duration::ZERO, Duration::from_secs(3))
            }
            Mood::PaysLate => self.dice.wait(schedule, HOUR * 30),
        };
        if contract.terms().is_none() {
            self.comes_and_goes(world, contract);
        }
        if self.dice.chance(30) {
            let (waiting, page) = (world.clone(), page.to_owned());
            world.spawn(async move { waiting.waits_on_page(&page, 3).await });
        }
        world.clock.until(checked_out + pays_after).await;
        self.pays(world, contract, &cashier, page).await;
    }

    /// The buyer pays, in one tab or two, and comes back or does not.
    async fn pays(
        &mut self,
        world: &Arc<World>,
        contract: &Contract,
        cashier: &Inbound,
        page: &str,
    ) {
        let partner = contract.partner;
        let order_no = self.name.order_no.clone();
        if contract.terms().is_some() && world.fates.strikes(Fault::SellerFrozen) {
            self.pays_the_frozen(world, contract).await;
        }
        let now = world.clock.now();
        let address = world.at_gateway(House::First, |house| {
            house.buyer_pays(now, partner, &order_no)
        });
        let paid = world.has_money(&self.name);
        let way_back = match address {
            Some(address) => Some(Request::get(address)),
            // At a gateway whose return is posted, the browser is there when the success page lets it go.
            None if paid && contract.terms().is_none() => world.at_gateway(House::First, |house| {
                house.buyer_returns(now, partner, &order_no)
            }),
            None => None,
        };
        if !paid && world.fates.strikes(Fault::PaidLate) {
            let wait = self.dice.wide_wait(SECOND, HOUR * 30);
            world.clock.sleep(wait).await;
            let now = world.clock.now();
            // A trade that does not exist, or is not closed, takes no late money.
            let let_in = world.at_gateway(House::First, |house| {
                house.buyer_pays_late(now, partner, &order_no)
            });
            world.note(&format!("{}: late money {let_in:?}", self.name));
        }
        if paid {
            self.second_tab(world, contract, cashier).await;
            self.odd_money(world, contract);
            self.checks_out_again(world);
        }
        match way_back {
            Some(_) if world.fates.strikes(Fault::ReturnLost) => {}
            Some(call) => self.comes_back(world, call).await,
            None => {}
        }
        self.lingers(world, page).await;
        self.sells(world, contract).await;
        self.finishes(world, contract).await;
    }

    /// The buyer pays while the seller's account is frozen: the gateway holds the money, and hands it out later.
    async fn pays_the_frozen(&mut self, world: &World, contract: &Contract) {
        let (partner, order_no) = (contract.partner, self.name.order_no.clone());
        let now = world.clock.now();
        let held = world.at_gateway(House::First, |house| {
            house.buyer_pays_frozen(now, partner, &order_no)
        });
        world.note(&format!("{}: paid to a frozen seller {held:?}", self.name));
        let wait = self.dice.wide_wait(SECOND, HOUR * 20);
        world.clock.sleep(wait).await;
        let now = world.clock.now();
        let released = world.at_gateway(House::First, |house| {
            house.release(now, partner, &order_no).is_ok()
        });
        if released {
            world.fates.reached("paid_after_pending");
        }
    }

    /// The time for refunds is over: the gateway says that the trade is final.
    async fn finishes(&mut self, world: &World, contract: &Contract) {
        let advanced = contract.terms().is_some_and(|terms| terms.advanced);
        if !advanced || !self.dice.chance(40) {
            return;
        }
        let wait = self.dice.wide_wait(SECOND, HOUR * 40);
        world.clock.sleep(wait).await;
        let now = world.clock.now();
        let (partner, order_no) = (contract.partner, self.name.order_no.as_str());
        // One that is not paid, or paid back, never becomes final.
        let done = world.at_gateway(House::First, |house| house.finish(now, partner, order_no));
        world.note(&format!("{}: final {done:?}", self.name));
    }

    /// The second tab is at the gateway's second house, and its payment goes through too.
    async fn second_tab(&mut self, world: &Arc<World>, contract: &Contract, cashier: &Inbound) {
        if !world.fates.strikes(Fault::PaidTwice) {
            return;
        }
        let wait = self.dice.wide_wait(SECOND, HOUR);
        world.clock.sleep(wait).await;
        world.goes_to(House::Second, contract, &self.name, cashier);
        let now = world.clock.now();
        let (partner, order_no) = (contract.partner, self.name.order_no.as_str());
        world.at_gateway(House::Second, |house| {
            house.buyer_pays(now, partner, order_no)
        });
    }

    /// A try that goes wrong at the bank; and the pay page again, some hours later, with or without the way to the cashier.
    fn comes_and_goes(&mut self, world: &Arc<World>, contract: &Contract) {
        if self.dice.chance(25) {
            let now = world.clock.now();
            // A trade that is paid already takes no try.
            let failed = world.at_gateway(House::First, |house| {
                house.payment_fails(now, contract.partner, &self.name.order_no)
            });
            world.note(&format!("{}: a try fails {failed:?}", self.name));
        }
        if !self.dice.chance(25) {
            return;
        }
        let wait = self.dice.wide_wait(SECOND, HOUR * 14);
        let posts = self.dice.chance(60);
        let (again, name, contract) = (world.clone(), self.name.clone(), contract.clone());
        world.spawn(async move {
            again.clock.sleep(wait).await;
            if let Some(cashier) = again.check_out(&name).await.filter(|_| posts) {
                again.goes_to(House::First, &contract, &name, &cashier);
            }
        });
    }

    /// At a terminal, or on the hosted page: a card is presented; the payment ends without money, and the till may tell what
    /// the terminal had told it; the terminal is away for a while.
    fn at_the_counter(&mut self, world: &Arc<World>, contract: &Contract) {
        let wait = self.dice.wide_wait(SECOND, HOUR);
        let away = self
            .dice
            .chance(15)
            .then(|| self.dice.wide_wait(SECOND, HOUR * 3));
        let starts = self.dice.chance(30);
        let tells = self.dice.chance(50);
        let endings = [
            Ending::Cancelled,
            Ending::Cancelled,
            Ending::Declined,
            Ending::TimedOut,
        ];
        let ending = self.dice.chance(40).then(|| *self.dice.pick(&endings));
        let (counter, name, contract) = (world.clone(), self.name.clone(), contract.clone());
        world.spawn(async move {
            counter.clock.sleep(wait).await;
            let (partner, order_no) = (contract.partner, name.order_no.as_str());
            let now = counter.clock.now();
            if starts {
                let started = counter.at_gateway(House::First, |house| {
                    house.payment_starts(now, partner, order_no)
                });
                counter.note(&format!("{name}: a card is presented {started:?}"));
            }
            let terminal = contract.terminal(order_no);
            if let (Some(away), Some(terminal)) = (away, &terminal) {
                counter.at_gateway(House::First, |house| house.set_online(terminal, false));
                counter.clock.sleep(away).await;
                counter.at_gateway(House::First, |house| house.set_online(terminal, true));
            }
            let Some(ending) = ending else {
                return;
            };
            let now = counter.clock.now();
            // What is over already, or paid, does not end again.
            let ended = counter.at_gateway(House::First, |house| {
                house.payment_ends(now, partner, order_no, ending)
            });
            counter.note(&format!("{name}: ends without money {ended:?}"));
            if ended.is_ok() && terminal.is_some() {
                if ending == Ending::Cancelled {
                    counter.fates.reached("terminal_canceled");
                }
                if tells {
                    counter.till_tells(&name, ending.code()).await;
                }
            }
        });
    }

    /// The back button, or another tab: the shop asks for the cashier once more.
    fn checks_out_again(&mut self, world: &Arc<World>) {
        if !world.fates.strikes(Fault::CheckedOutPaid) {
            return;
        }
        let wait = self.dice.wide_wait(SECOND, HOUR * 3);
        let (again, name) = (world.clone(), self.name.clone());
        world.spawn(async move {
            again.clock.sleep(wait).await;
            again.check_out(&name).await;
        });
    }

    /// Money of which the gateway tells, and which does not fit: for somebody else, or told for two orders.
    fn odd_money(&mut self, world: &Arc<World>, contract: &Contract) {
        for fault in [Fault::PayeeWrong, Fault::CurrencyWrong, Fault::TradeReused] {
            if !world.fates.strikes(fault) {
                continue;
            }
            let wait = self.dice.wide_wait(SECOND, HOUR * 3);
            let foreign = format!("20260102{:020}", self.dice.from_to(1, 999_999_999));
            let (teller, contract) = (world.clone(), contract.clone());
            let (name, amount) = (self.name.clone(), self.amount);
            world.spawn(async move {
                teller.clock.sleep(wait).await;
                let odd = match fault {
                    Fault::PayeeWrong | Fault::CurrencyWrong => Some((foreign, name, amount)),
                    // A lie that comes before the truth is the truth for whoever hears it.
                    _ => teller
                        .acked_trade_of(&name)
                        .zip(teller.another_order(&name))
                        .map(|(trade_no, (order_no, amount))| {
                            (trade_no, Name::new(&name.account, &order_no), amount)
                        }),
                };
                if let Some((trade_no, name, amount)) = odd {
                    teller
                        .tells_oddly(&contract, fault, &name, &trade_no, amount)
                        .await;
                }
            });
        }
    }

    /// The browser comes back, perhaps again, and again days later.
    async fn comes_back(&mut self, world: &Arc<World>, call: Request) {
        let wait = self.dice.wide_wait(SECOND, Duration::from_secs(90));
        world.clock.sleep(wait).await;
        world.brings(&call).await;
        if world.fates.strikes(Fault::ReturnReplayed) {
            let later = world.clone();
            let waits = [
                self.dice.wait(SECOND, SECOND * 10),
                self.dice.wait(HOUR, HOUR * 60),
            ];
            world.spawn(async move {
                for wait in waits {
                    later.clock.sleep(wait).await;
                    later.brings(&call).await;
                }
            });
        }
    }

    /// The buyer looks at his page, waits there, presses "payment completed".
    async fn lingers(&mut self, world: &Arc<World>, page: &str) {
        if self.dice.chance(40) {
            world.waits_on_page(page, 2).await;
        }
        for _ in 0..self.dice.from_to(0, 3) {
            let wait = self.dice.wide_wait(SECOND, HOUR * 30);
            world.clock.sleep(wait).await;
            world.presses(page).await;
        }
    }
}

impl World {
    /// The gateway tells of money that does not fit.
    async fn tells_oddly(
        &self,
        contract: &Contract,
        fault: Fault,
        name: &Name,
        trade_no: &str,
        amount: i64,
    ) {
        let at = self.clock.micros();
        let currency = match fault {
            Fault::CurrencyWrong => "USD",
            _ => "CNY",
        };
        self.write(|truth| {
            truth.payments.push(Payment {
                name: name.clone(),
                trade_no: trade_no.to_owned(),
                amount,
                currency: currency.to_owned(),
                to_us: fault != Fault::PayeeWrong,
                booked: false,
                at,
            });
        });
        self.misdirected(contract, fault, name, trade_no, amount)
            .await;
    }

    /// The buyer's browser goes to the cashier, who from then on knows of a trade.
    pub fn goes_to(&self, house: House, contract: &Contract, name: &Name, request: &Inbound) {
        self.takes(house, request);
        let now = self.clock.now();
        let opened = self.at_gateway(house, |house| {
            house.buyer_opens(now, contract.partner, &name.order_no)
        });
        self.note(&format!("cashier: {} {opened:?}", name.order_no));
    }

    /// A payment that another program of the merchant asked for, with its own number and amount.
    fn pay_elsewhere(&self, house: House, contract: &Contract, name: &Name, minor: i64) {
        let now = self.clock.now();
        let Some(request) = contract.from_elsewhere(&name.order_no, &yuan(minor), now) else {
            return;
        };
        self.goes_to(house, contract, name, &request);
        let (partner, order_no) = (contract.partner, name.order_no.as_str());
        self.at_gateway(house, |house| house.buyer_pays(now, partner, order_no));
        self.note(&format!("{name} was paid elsewhere at {}", beijing(now)));
    }
}
