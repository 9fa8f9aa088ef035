//! One order from the shop's wish to the end of its buyer's interest in it.

use super::World;
use super::contract::{Contract, GAPS_SECS};
use super::gateway::House;
use super::rogue::{Told, beijing};
use super::shop::yuan;
use super::signing::Side;
use crate::dice::Dice;
use crate::fault::Fault;
use crate::truth::{Name, Payment};
use axum::body::Body;
use http::Request;
use quittance_core::Lang;
use quittance_core::http::Method;
use quittance_core::params::Params;
use quittance_sandbox::Inbound;
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
            let nobody = Name::new(
                &self.name.account,
                &format!("{}-NOBODY", self.name.order_no),
            );
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
        let Some(page) = world.make_order(&self.name, self.amount).await else {
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
        world.goes_to(House::First, &cashier);
        let schedule: i64 = GAPS_SECS.iter().sum();
        let schedule = Duration::from_secs(schedule.unsigned_abs());
        let mood = match self.dice.below(10) {
            0 | 1 => Mood::WalksAway,
            2 => Mood::PaysLate,
            _ if world.fates.strikes(Fault::CloseRaced) => Mood::PaysAtTheClose,
            _ => Mood::Pays,
        };
        let pays_after = match mood {
            Mood::WalksAway => return self.lingers(world, page).await,
            Mood::Pays => self.dice.wide_wait(SECOND, schedule),
            // The final query, the close and the last query follow each other within this.
            Mood::PaysAtTheClose => {
                schedule - SECOND + self.dice.wait(Duration::ZERO, Duration::from_secs(3))
            }
            Mood::PaysLate => self.dice.wait(schedule, HOUR * 30),
        };
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
        cashier: &url::Url,
        page: &str,
    ) {
        let partner = contract.partner;
        let order_no = self.name.order_no.clone();
        if world.fates.strikes(Fault::SellerFrozen) {
            self.pays_the_frozen(world, contract).await;
        }
        let now = world.clock.now();
        let way_back = world.at_gateway(House::First, |house| {
            house.buyer_pays(now, partner, &order_no)
        });
        let paid = world.has_money(&self.name);
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
            Some(url) => self.comes_back(world, &url).await,
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
        if !contract.advanced || !self.dice.chance(40) {
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
    async fn second_tab(&mut self, world: &Arc<World>, contract: &Contract, cashier: &url::Url) {
        if !world.fates.strikes(Fault::PaidTwice) {
            return;
        }
        let wait = self.dice.wide_wait(SECOND, HOUR);
        world.clock.sleep(wait).await;
        world.goes_to(House::Second, cashier);
        let now = world.clock.now();
        let (partner, order_no) = (contract.partner, self.name.order_no.as_str());
        world.at_gateway(House::Second, |house| {
            house.buyer_pays(now, partner, order_no)
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
    async fn comes_back(&mut self, world: &Arc<World>, url: &str) {
        let wait = self.dice.wide_wait(SECOND, Duration::from_secs(90));
        world.clock.sleep(wait).await;
        world.browse(url).await;
        if world.fates.strikes(Fault::ReturnReplayed) {
            let (later, url) = (world.clone(), url.to_owned());
            let waits = [
                self.dice.wait(SECOND, SECOND * 10),
                self.dice.wait(HOUR, HOUR * 60),
            ];
            world.spawn(async move {
                for wait in waits {
                    later.clock.sleep(wait).await;
                    later.browse(&url).await;
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
        let told = Told {
            order_no: &name.order_no,
            trade_no,
            amount: &yuan(amount),
        };
        self.misdirected(contract, fault, &told).await;
    }

    /// A browser asks for an address of ours and follows where it leads.
    pub async fn browse(&self, url: &str) {
        let mut target = match url::Url::parse(url) {
            Ok(url) => url[url::Position::BeforePath..].to_owned(),
            Err(_) => url.to_owned(),
        };
        for _ in 0..4 {
            let Ok(request) = Request::get(&*target).body(Body::empty()) else {
                return;
            };
            let Some(reply) = self.call(request).await else {
                return self.note("the browser got no page");
            };
            if reply.status >= 500 && !self.fates.calm() {
                self.note("the browser got an error page");
            }
            let next = reply
                .headers
                .into_iter()
                .find(|(name, _)| name == "location");
            match next {
                Some((_, next)) => target = next,
                None => return,
            }
        }
    }

    /// A browser waits on the buyer's page.
    async fn waits_on_page(&self, page: &str, rounds: u32) {
        for _ in 0..rounds {
            self.browse(&format!("{page}/status?wait=30")).await;
            self.clock.sleep(SECOND).await;
        }
    }

    async fn presses(&self, page: &str) {
        let pressed = Request::post(format!("{page}/completed"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::empty());
        if let Ok(request) = pressed {
            self.call(request).await;
        }
    }

    /// The buyer's browser goes to the cashier, who from then on knows of a trade.
    fn goes_to(&self, house: House, cashier: &url::Url) {
        let now = self.clock.now();
        let value = |name: &str| {
            let found = cashier.query_pairs().find(|(found, _)| found == name);
            found
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let inbound = Inbound {
            method: Method::Get,
            path: cashier.path().to_owned(),
            query: cashier.query().unwrap_or_default().as_bytes().to_vec(),
            body: Vec::new(),
            lang: Lang::En,
        };
        let (partner, order_no) = (value("partner"), value("out_trade_no"));
        let opened = self.at_gateway(house, |house| {
            house.handle(now, &inbound);
            house.buyer_opens(now, &partner, &order_no)
        });
        self.note(&format!("cashier: {order_no} {opened:?}"));
    }

    /// A payment that another program of the merchant asked for, with its own number and amount.
    fn pay_elsewhere(&self, house: House, contract: &Contract, name: &Name, minor: i64) {
        let mut fields = Params::new();
        let (amount, notify) = (
            yuan(minor),
            format!("http://pay.test/notify/{}", name.account),
        );
        for (field, value) in [
            ("service", "create_direct_pay_by_user"),
            ("partner", contract.partner),
            ("_input_charset", "utf-8"),
            ("notify_url", &notify),
            ("out_trade_no", &name.order_no),
            ("subject", "a thing of another program"),
            ("payment_type", "1"),
            ("seller_id", contract.partner),
            ("total_fee", &amount),
        ] {
            // The names differ, so each goes in.
            let _ = fields.push(field, value.as_bytes());
        }
        let query = contract.signed(Side::Merchant, fields);
        let url = format!(
            "http://gateway.test/gateway.do?{}",
            String::from_utf8_lossy(&query)
        );
        let Ok(url) = url::Url::parse(&url) else {
            return;
        };
        self.goes_to(house, &url);
        let now = self.clock.now();
        let (partner, order_no) = (contract.partner, name.order_no.as_str());
        self.at_gateway(house, |house| house.buyer_pays(now, partner, order_no));
        self.note(&format!("{name} was paid elsewhere at {}", beijing(now)));
    }
}
