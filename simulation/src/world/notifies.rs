//! Notifies on their way from the gateway to the node, and what may happen to them there.

use super::contract::{Contract, OLD_KEY_ENDS, With, contract_of};
use super::gateway::House;
use super::{Cut, World, codepay};
use crate::fault::Fault;
use crate::truth::Callback;
use axum::body::Body;
use http::Request;
use quittance_core::http::Reply;
use quittance_sandbox::Outgoing;
use std::sync::Arc;
use std::time::Duration;

/// So long the gateway waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is answered where nothing could be written down.
const FAIL: &[u8] = b"fail";
/// The longest that a notify is under way: longer than the gateway's own schedule.
const LATE_MAX: Duration = Duration::from_secs(25 * 3_600);

/// Sends what is due, for as long as the world lasts.
pub async fn keep_sending(world: Arc<World>) {
    loop {
        let changed = world.gateway.changed.notified();
        match world.gateway_wakes() {
            Some(at) => {
                let wait = at.duration_since(world.clock.now());
                let wait = Duration::try_from(wait).unwrap_or_default();
                tokio::select! {
                    biased;
                    () = changed => {}
                    () = world.clock.sleep(wait) => {}
                }
            }
            None => changed.await,
        }
        if world
            .gateway_wakes()
            .is_some_and(|at| at <= world.clock.now())
        {
            for (house, notify) in world.due_notifies() {
                let carrier = world.clone();
                world.spawn(async move { carrier.carry(house, notify).await });
            }
        }
    }
}

impl World {
    /// One notify from the gateway to the node, whatever happens to it on the way.
    async fn carry(self: Arc<World>, house: House, notify: Outgoing) {
        let Outgoing {
            id,
            partner,
            request,
            ..
        } = notify;
        let Some(contract) = contract_of(&self.contracts, &partner).cloned() else {
            return;
        };
        let Ok(url) = url::Url::parse(&request.url) else {
            return;
        };
        let path = url.path().to_owned();
        let mut body = request.body;
        let old_key_holds = !contract.pairs && self.clock.passed() < OLD_KEY_ENDS;
        if self.fates.strikes(Fault::KeyExchanged) && old_key_holds {
            body = contract.signed_anew(&body, contract.old_key);
            self.fates.reached("key_overlap_used");
        }
        self.gateway.sends(contract.account, &body);
        self.remember(&contract, &path, &body);
        let way = self.latency();
        self.clock.sleep(way).await;
        let cut_off = self.cut_off(Cut::Network).is_some();
        let outcome = if cut_off || self.fates.strikes(Fault::NotifyLost) {
            self.clock.sleep(PATIENCE).await;
            Err("it never arrived".to_owned())
        } else if self.fates.strikes(Fault::NotifyLate) {
            let late = self.with_dice(|dice| dice.wide_wait(PATIENCE, LATE_MAX));
            let (later, account) = (self.clone(), contract.account);
            self.spawn(async move {
                later.clock.sleep(late).await;
                later.tell(account, &path, &body).await;
            });
            Err("no answer in time".to_owned())
        } else {
            self.deliver(&contract, &path, body).await
        };
        let now = self.clock.now();
        self.at_gateway(house, |sandbox| sandbox.settle(now, id, outcome));
    }

    /// A notify arrives, perhaps twice, changed, or overtaken.
    async fn deliver(
        self: &Arc<World>,
        contract: &Contract,
        path: &str,
        mut body: Vec<u8>,
    ) -> Result<Reply, String> {
        let no_answer = || "no answer".to_owned();
        if self.fates.strikes(Fault::NotifyOvertaken) {
            let wait = self.with_dice(|dice| dice.wait(Duration::from_secs(1), PATIENCE));
            self.clock.sleep(wait).await;
        }
        if self.fates.strikes(Fault::NotifyCorrupted) {
            let place = self.with_dice(|dice| dice.below(body.len()));
            let mut changed = body.clone();
            changed[place] ^= 1;
            // Nobody signs the name of an empty value: a change there is none.
            if told(&changed) != told(&body) {
                body = changed;
            }
        }
        let answer = if self.fates.strikes(Fault::NotifyTwice) {
            let (one, two) = tokio::join!(
                self.tells(contract.account, path, &body),
                self.tells(contract.account, path, &body)
            );
            if let (Some((one, Some(_))), Some((two, Some(_)))) = (&one, &two)
                && one != two
            {
                self.fates.reached("notify_at_two_nodes");
            }
            let answer = |told: Option<(usize, Option<Reply>)>| told?.1;
            answer(one).or(answer(two))
        } else {
            self.tell(contract.account, path, &body).await
        };
        if self.fates.strikes(Fault::AckLost) {
            return Err(no_answer());
        }
        answer.ok_or_else(no_answer)
    }

    /// Posts this body as a notify of this account and writes down how it was answered.
    pub async fn tell(&self, account: &str, path: &str, body: &[u8]) -> Option<Reply> {
        self.tells(account, path, body).await?.1
    }

    /// The same; says which node was to answer as well, if one was up.
    async fn tells(
        &self,
        account: &str,
        path: &str,
        body: &[u8],
    ) -> Option<(usize, Option<Reply>)> {
        let content_type = match body.first() {
            Some(b'{') => "application/json",
            _ => "application/x-www-form-urlencoded",
        };
        let request = Request::post(path)
            .header("content-type", content_type)
            .body(Body::from(body.to_vec()))
            .ok()?;
        let door = self.door();
        let number = door.as_ref().map(|door| door.number);
        let answer = match door {
            Some(door) => door.call(request, PATIENCE).await,
            None => None,
        };
        let contract = self.contract(account);
        let ack = contract.map_or("", Contract::ack).as_bytes();
        let acked = answer
            .as_ref()
            .is_some_and(|reply| reply.status == 200 && reply.body == ack);
        let genuine = self.gateway.has_sent(account, body);
        let host = number.map(|number| &self.hosts[number]);
        let failed = answer.as_ref().is_some_and(|reply| reply.body == FAIL);
        if genuine && failed && host.is_some_and(|host| host.cut.stands()) {
            self.fates.reached("failed_without_the_database");
        }
        if acked && genuine && !self.fates.calm() && self.is_old_route(path) {
            self.fates.reached("notify_at_the_old_route");
        }
        if let Some(contract) = contract.filter(|contract| contract.pairs && acked && genuine) {
            self.fates.reached(match contract.with {
                With::Alipay(_) => "signed_with_a_pair",
                With::Dinpay => "signed_with_a_pair_and_md5",
                With::CodePay { .. } => "signed_json",
            });
        }
        let at = self.clock.micros();
        self.write(|truth| {
            truth.callbacks.push(Callback {
                account: account.to_owned(),
                genuine,
                body: body.to_vec(),
                answer: answer.as_ref().map(|reply| reply.body.clone()),
                acked,
                at,
            });
        });
        let word = answer.as_ref().map_or("(nothing)".into(), |reply| {
            String::from_utf8_lossy(&reply.body)
        });
        let heard_by = host.map_or_else(|| "nobody".to_owned(), |host| self.name_of(host));
        self.note(&format!(
            "notify to {heard_by}: {account}/{} {} {}: {word}",
            contract.map_or(String::new(), |contract| field(
                body,
                contract.order_field()
            )),
            field(body, "trade_status") + &field(body, "trans_status"),
            if genuine { "genuine" } else { "not genuine" },
        ));
        if acked {
            self.look();
            if let Some(host) = host.filter(|_| self.fates.strikes(Fault::CrashAfterAck)) {
                host.kill();
            }
        }
        number.map(|number| (number, answer))
    }
}

/// What a message tells: its fields that have a value.
fn told(body: &[u8]) -> Vec<(String, String)> {
    let fields = codepay::read(body)
        .unwrap_or_else(|| url::form_urlencoded::parse(body).into_owned().collect());
    let fields = fields.into_iter();
    fields.filter(|(_, value)| !value.is_empty()).collect()
}

/// A field of a message, for people to read.
fn field(body: &[u8], name: &str) -> String {
    let found = told(body).into_iter().find(|(found, _)| found == name);
    found.map(|(_, value)| value).unwrap_or_default()
}
