//! What the seller does about an order that was paid, or was not: pays back, asks, wants it closed.

use super::World;
use super::alipay;
use super::contract::{Contract, With};
use super::errand::Errand;
use super::gateway::House;
use super::shop::yuan;
use crate::fault::Fault;
use crate::truth::{Name, Wish};
use quittance_core::gateway::RefundWay;
use quittance_core::{Currency, Money};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
/// In which parts a seller pays back, in percent.
const PARTS: [&[i64]; 4] = [&[100], &[30], &[30, 70], &[20, 20, 60]];

impl Errand {
    /// The seller pays back, in part or all of it, asks, or wants the order closed.
    pub(super) async fn sells(&mut self, world: &Arc<World>, contract: &Contract) {
        let order = format!("/v1/orders/{}/{}", self.name.account, self.name.order_no);
        match self.dice.below(9) {
            // At the gateway's own site nothing of it would be told; and by request there is nothing to be had.
            0 | 1 if contract.terms().is_none() => {}
            2..=4 if contract.with == With::Dinpay => self.asks_in_vain(world).await,
            0 | 1 => self.pays_back_by_hand(world, contract).await,
            2..=4 => self.pays_back(world, contract).await,
            5 => {
                world.api("POST", &format!("{order}/close"), "").await;
            }
            6 => {
                world.api("POST", &format!("{order}/verify"), "").await;
            }
            _ => {}
        }
    }

    /// At the gateway's own site, without the server.
    async fn pays_back_by_hand(&mut self, world: &World, contract: &Contract) {
        for percent in *self.dice.pick(&PARTS) {
            let wait = self.dice.wide_wait(Duration::from_millis(1), HOUR * 10);
            world.clock.sleep(wait).await;
            let sum = Money::new(self.amount * percent / 100, Currency::CNY);
            world.refunds_by_hand(&self.name, contract.partner, sum);
        }
    }

    /// The gateway pays nothing back by request, and the server says so.
    async fn asks_in_vain(&mut self, world: &World) {
        if world.wants_back(&self.name, "R-0", self.amount).await {
            world.broken(format!("{}: a refund that nobody can make", self.name));
        }
    }

    /// Through the server, each part under a number of its own.
    async fn pays_back(&mut self, world: &Arc<World>, contract: &Contract) {
        for (number, percent) in self.dice.pick(&PARTS).iter().enumerate() {
            let wait = self.dice.wide_wait(Duration::from_millis(1), HOUR * 10);
            world.clock.sleep(wait).await;
            if world.fates.strikes(Fault::RefundBeyond) {
                let beyond = self.amount + 1;
                world
                    .wants_back(&self.name, &format!("X-{number}"), beyond)
                    .await;
            }
            let minor = (self.amount * percent / 100).max(1);
            let refund_no = format!("R-{number}");
            if world.fates.strikes(Fault::RefundRepeated) {
                let (again, name, refund_no) =
                    (world.clone(), self.name.clone(), refund_no.clone());
                world.spawn(async move {
                    again.wants_back(&name, &refund_no, minor).await;
                });
            }
            let taken = world.wants_back(&self.name, &refund_no, minor).await;
            if taken && contract.refunds() == Some(RefundWay::Page) {
                self.confirms(world, &refund_no).await;
            }
        }
    }

    /// Somebody takes the refund to the gateway's page, and confirms it there: at once, on a later day, or never.
    async fn confirms(&mut self, world: &Arc<World>, refund_no: &str) {
        let visits = self.dice.from_to(1, 3);
        for visit in 1..=visits {
            let wait = self.dice.wide_wait(SECOND, HOUR * 30);
            world.clock.sleep(wait).await;
            let Some(page) = world.refund_page(&self.name, refund_no).await else {
                continue;
            };
            if visit == visits && self.dice.chance(80) {
                let wait = self.dice.wide_wait(SECOND, Duration::from_secs(600));
                world.clock.sleep(wait).await;
                world.confirms_refunds(&page);
            }
        }
    }
}

impl World {
    /// The shop wants money paid back, and asks until it is heard. Whether the server took it in.
    async fn wants_back(&self, name: &Name, refund_no: &str, minor: i64) -> bool {
        let wish = |truth: &mut crate::truth::Truth, taken: Option<bool>| {
            let known = |wish: &Wish| wish.name == *name && wish.refund_no == refund_no;
            match (truth.wishes.iter().position(known), taken) {
                // It never was one: it is refused under this number.
                (Some(place), Some(false)) if !truth.wishes[place].taken => {
                    truth.wishes.remove(place);
                }
                (Some(place), Some(true)) => truth.wishes[place].taken = true,
                (None, None | Some(true)) => truth.wishes.push(Wish {
                    name: name.clone(),
                    refund_no: refund_no.to_owned(),
                    amount: minor,
                    taken: taken.is_some(),
                }),
                _ => {}
            }
        };
        self.write(|truth| wish(truth, None));
        let path = format!("/v1/orders/{}/{}/refunds", name.account, name.order_no);
        let body = json!({ "refund_no": refund_no, "amount": yuan(minor) });
        let (status, said) = self.api_until_heard("POST", &path, &body.to_string()).await;
        let taken = matches!(status, 200 | 202);
        self.write(|truth| wish(truth, Some(taken)));
        self.note(&format!(
            "shop: {name} refund {refund_no} of {}: {status} {}",
            yuan(minor),
            said["code"].as_str().unwrap_or_default()
        ));
        if said["code"] == "refund_exceeds_received" {
            self.fates.reached("refund_beyond_refused");
        }
        taken
    }

    /// The address of the gateway's page for one refund.
    async fn refund_page(&self, name: &Name, refund_no: &str) -> Option<url::Url> {
        let path = format!("/v1/refunds/{}/checkout?via=get", name.account);
        let body = json!({"refunds": [{"order_no": name.order_no, "refund_no": refund_no}]});
        let (status, said) = self.api_until_heard("POST", &path, &body.to_string()).await;
        if status != 200 {
            return None;
        }
        url::Url::parse(said["url"].as_str()?).ok()
    }

    /// Somebody opens the gateway's page and enters the payment password.
    fn confirms_refunds(&self, page: &url::Url) {
        let value = |name: &str| {
            let found = page.query_pairs().find(|(found, _)| found == name);
            found
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let (partner, batch_no) = (value("partner"), value("batch_no"));
        let now = self.clock.now();
        let inbound = alipay::visit(page);
        let done = self.at_gateway(House::First, |house| {
            house.handle(now, &inbound);
            house.operator_confirms(now, &partner, &batch_no)
        });
        self.note(&format!("refunds {batch_no} confirmed: {done:?}"));
    }
}
