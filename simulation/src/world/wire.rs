//! The second seam: calls of the node, to the gateway and to the shop's endpoints.

use super::gateway::Asked;
use super::life::{Life, PAUSE_MAX, PAUSE_MIN};
use super::{Cut, FOURTH, World, codepay, dinpay};
use crate::fault::Fault;
use async_trait::async_trait;
use data_encoding::HEXLOWER;
use quittance_core::gateway::alipay::gateway_side as alipay_side;
use quittance_core::gateway::codepay::gateway_side::{self as codepay_side, Refusal};
use quittance_core::gateway::dinpay::gateway_side as dinpay_side;
use quittance_core::http::{Reply, Request};
use quittance_sandbox::codepay::ENTRY_PATH;
use quittance_server::transport::{Transport, TransportError};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// What an error page of somebody's server looks like.
const GARBAGE: &str = "<html><head><title>502</title></head><body>Bad Gateway, true</body></html>";

/// What CodePay's answer says of an order that waits, in the text of its data, and of one that is paid.
const WAITS_THERE: &str = "\\\"trans_status\\\":9";
const PAID_THERE: &str = "\\\"trans_status\\\":2";

/// The services that give out statements.
const STATEMENTS: [&str; 2] = ["export_trade_account_report", "account.page.query"];

/// The network of one life of the node.
pub struct Wire {
    /// The world. It holds the node, so the node must not hold it.
    pub world: Weak<World>,
    /// Whose calls these are.
    pub life: Arc<Life>,
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request, limit: Duration) -> Result<Reply, TransportError> {
        self.life.goes_on().await;
        let Some(world) = self.world.upgrade() else {
            return Err(TransportError::Connect("the world has ended".to_owned()));
        };
        let answer = tokio::select! {
            biased;
            answer = self.answer(&world, request) => answer,
            () = world.clock.sleep(limit) => Err(TransportError::Timeout(limit)),
        };
        // What was answered meanwhile is read when the node goes on.
        let stops = |lasts| self.life.pause(lasts);
        let fates = &world.fates;
        fates
            .strikes_for(Fault::Paused, PAUSE_MIN, PAUSE_MAX)
            .map(stops);
        self.life.goes_on().await;
        answer
    }
}

impl Wire {
    async fn answer(&self, world: &World, request: Request) -> Result<Reply, TransportError> {
        let url = url::Url::parse(&request.url)
            .map_err(|error| TransportError::Connect(error.to_string()))?;
        let way = world.latency();
        world.clock.sleep(way).await;
        if url.host_str() == Some("gateway.test") {
            let asked = Asked {
                path: url.path(),
                query: url.query().unwrap_or_default(),
                body: &request.body,
            };
            return self.gateway(world, asked).await;
        }
        let endpoint = url.host_str().unwrap_or_default().trim_end_matches(".test");
        let reply = world.shop_takes(endpoint, &request).await;
        if world.fates.strikes(Fault::CrashDelivering) {
            self.life.dies().await;
        }
        world.clock.sleep(way).await;
        reply.map_err(TransportError::Connect)
    }

    async fn gateway(&self, world: &World, asked: Asked<'_>) -> Result<Reply, TransportError> {
        let service = asked.service();
        if world.cut_off(Cut::Network).is_some() {
            return Err(TransportError::Connect(
                "no route to the gateway".to_owned(),
            ));
        }
        let strikes = |fault| world.fates.strikes(fault);
        if strikes(Fault::DnsDown) {
            return Err(TransportError::Connect("no such host".to_owned()));
        }
        if service == "notify_verify" {
            return self.opinion(world, &asked).await;
        }
        if strikes(Fault::CrashAsking) {
            self.life.dies().await;
        }
        if STATEMENTS.contains(&service.as_str()) {
            return Ok(world.statement_on_the_way(&asked));
        }
        let is_query = asked.is_query();
        if is_query && world.fates.stands(Fault::QueryRefused) {
            return Ok(refused(&asked));
        }
        if strikes(Fault::QueryDown) {
            return Ok(Reply::new(500, ""));
        }
        if strikes(Fault::QueryGarbage) {
            return Ok(Reply::new(200, GARBAGE));
        }
        if is_query
            && strikes(Fault::QueryOther)
            && let Some(reply) = world.answer_about_another(&asked)
        {
            return Ok(reply);
        }
        if service == codepay::REVOKE {
            world.sees_written(&asked);
        }
        let mut reply = world.gateway_answers(&asked);
        world.note(&format!("asked: {service} {}", said_of(&asked, &reply)));
        if is_query {
            if strikes(Fault::QueryForged) {
                reply = paid(reply);
            }
            if strikes(Fault::QueryForgedUnsigned) {
                reply = unsigned(paid(reply));
            }
            if strikes(Fault::QueryUnsigned) {
                reply = unsigned(reply);
            }
        }
        if waits(&String::from_utf8_lossy(&reply.body)) {
            let digest = HEXLOWER.encode(&Sha256::digest(&reply.body));
            world.write(|truth| truth.waiting.insert(digest));
        }
        if strikes(Fault::QuerySlow) {
            world.clock.sleep(Duration::from_secs(30)).await;
        }
        Ok(reply)
    }

    async fn opinion(&self, world: &World, asked: &Asked<'_>) -> Result<Reply, TransportError> {
        let strikes = |fault| world.fates.strikes(fault);
        if strikes(Fault::VerifyFalse) {
            return Ok(Reply::new(200, "false"));
        }
        if strikes(Fault::VerifyGarbage) {
            return Ok(Reply::new(200, GARBAGE));
        }
        if strikes(Fault::VerifyBurnt) {
            // Whoever saw the id asked first.
            world.gateway_answers(asked);
            world.fates.reached("notify_id_burnt_by_other");
        }
        let reply = world.gateway_answers(asked);
        if strikes(Fault::CrashAfterOpinion) {
            self.life.dies().await;
        }
        if strikes(Fault::VerifySlow) {
            world.fates.reached("verify_timeout");
            world.clock.sleep(Duration::from_secs(2)).await;
        }
        Ok(reply)
    }
}

/// What was asked about, and what was said, for people to read.
fn said_of(asked: &Asked<'_>, reply: &Reply) -> String {
    let about = asked.value(asked.order_field());
    let text = String::from_utf8_lossy(&reply.body);
    let told = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once('<').map(|(value, _)| value.to_owned())
    };
    let answer = || {
        let fields = codepay::read(&reply.body)?;
        let value = |name: &str| fields.iter().find(|(found, _)| found == name);
        let data = value("data").and_then(|(_, data)| codepay::read(data.as_bytes()));
        let mut data = data.unwrap_or_default().into_iter();
        let status = data.find(|(name, _)| name == "trans_status");
        let (_, said) = status.as_ref().or_else(|| value("code"))?;
        Some(said.clone())
    };
    let said = told("trade_status")
        .or_else(|| told("error"))
        .or_else(|| told("error_code"))
        .or_else(answer);
    let refunded = told("to_buyer_fee").unwrap_or_default();
    format!(
        "{} {} {refunded}",
        about.unwrap_or_default(),
        said.unwrap_or_default()
    )
}

/// The same answer as somebody on the way would like it: what waits for its buyer was paid. Its signature stays.
fn paid(mut reply: Reply) -> Reply {
    let text = String::from_utf8_lossy(&reply.body);
    let text = text.replace("WAIT_BUYER_PAY", "TRADE_SUCCESS");
    let text = text.replace(">UNPAY<", ">SUCCESS<");
    reply.body = text.replace(WAITS_THERE, PAID_THERE).into_bytes();
    reply
}

/// Whether an answer says that a buyer is waited for. Money that is held for a frozen seller is no money of his yet; a
/// try that failed may be followed by another.
fn waits(text: &str) -> bool {
    [
        "WAIT_BUYER_PAY",
        "TRADE_PENDING",
        ">UNPAY<",
        ">FAILED<",
        WAITS_THERE,
        "\\\"trans_status\\\":0",
    ]
    .iter()
    .any(|word| text.contains(word))
}

/// The contract does not include such questions.
fn refused(asked: &Asked<'_>) -> Reply {
    match asked.path {
        dinpay::QUERY_PATH => dinpay_side::error_reply(dinpay_side::Code("ILLEGAL_PAY_BUSINESS")),
        ENTRY_PATH => codepay_side::error_reply(None, "1", &Refusal::method()),
        _ => alipay_side::error_reply(alipay_side::Code("ILLEGAL_PARTNER_EXTERFACE")),
    }
}

impl World {
    /// A Cancel arrives: its entry stands in the journal already.
    fn sees_written(&self, asked: &Asked<'_>) {
        let order_no = asked.value(asked.order_field()).unwrap_or_default();
        let written = "SELECT EXISTS (SELECT 1 FROM entries WHERE order_no = ?1 AND account = ?2 AND kind = 32)";
        let stands = self.with_truth(|_, journal| {
            journal.query_row(written, [&*order_no, FOURTH], |row| row.get::<_, bool>(0))
        });
        if !matches!(stands, Ok(true)) {
            self.broken(format!(
                "a Cancel of {order_no} arrived before its entry: {stands:?}"
            ));
        }
    }

    /// The gateway's statement, or what comes in its place.
    fn statement_on_the_way(&self, asked: &Asked<'_>) -> Reply {
        let strikes = |fault| self.fates.strikes(fault);
        if strikes(Fault::StatementDown) {
            return Reply::new(500, "");
        }
        if strikes(Fault::StatementGarbage) {
            return Reply::new(200, GARBAGE);
        }
        let reply = self.statement(asked.query, asked.body);
        self.note(&format!("asked: {}", asked.service()));
        reply.unwrap_or_else(|| self.gateway_answers(asked))
    }
}

/// The same answer without its signature.
pub fn unsigned(mut reply: Reply) -> Reply {
    if codepay::read(&reply.body).is_some() {
        reply.body = codepay::unsigned(&reply.body);
        return reply;
    }
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    let mut left = text.as_str();
    let mut kept = String::new();
    for name in ["sign", "sign_type"] {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        if let Some((before, rest)) = left.split_once(&open)
            && let Some((_, after)) = rest.split_once(&close)
        {
            kept.push_str(before);
            left = after;
        }
    }
    kept.push_str(left);
    reply.body = kept.into_bytes();
    reply
}
