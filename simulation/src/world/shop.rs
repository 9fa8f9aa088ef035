//! The merchant's shop: makes orders, and has two books that are told of everything. It fails, is slow and forgets.

use super::World;
use super::contract::{API_KEY, WEBHOOK_SECRET, With};
use crate::fault::Fault;
use crate::truth::{Name, Receipt, Wanted};
use axum::body::Body;
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use quittance_core::http::{Reply, Request as Call};
use quittance_sandbox::Inbound;
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

/// How long a slow shop takes: longer than it is waited for.
const SLOW: Duration = Duration::from_secs(40);
/// How long the shop waits before it calls again.
const AGAIN: Duration = Duration::from_secs(20);

/// So often a buyer is sent where that needs a call of the gateway.
const CHECKOUTS_MAX: u32 = 6;

/// What is answered to what the gateway does not have: no failure, and no reason to ask again.
const NOT_IMPLEMENTED: u16 = 501;

impl World {
    /// A call to the merchant's API; `None` where nobody answers.
    pub async fn api(&self, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {API_KEY}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()))
            .ok()?;
        let reply = self.call(request).await?;
        let said = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        Some((reply.status, said))
    }

    /// The same until there is an answer that is not our own failure.
    pub async fn api_until_heard(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        loop {
            if let Some((status, said)) = self.api(method, path, body).await
                && (status < 500 || status == NOT_IMPLEMENTED)
            {
                return (status, said);
            }
            self.clock.sleep(AGAIN).await;
        }
    }

    /// The shop makes an order; the address of its buyer's page.
    pub async fn make_order(
        &self,
        name: &Name,
        minor: i64,
        expires_in: Option<Duration>,
    ) -> Option<String> {
        let amount = yuan(minor);
        let mut order = json!({
            "account": name.account, "order_no": name.order_no, "subject": "a book", "amount": amount,
        });
        if let Some(expires_in) = expires_in {
            order["expires_in"] = expires_in.as_secs().into();
        }
        if let Some(terminal) = self
            .contract(&name.account)
            .and_then(|contract| contract.terminal(&name.order_no))
        {
            order["terminal"] = terminal.into();
        }
        let (status, said) = self
            .api_until_heard("POST", "/v1/orders", &order.to_string())
            .await;
        if status != 200 && status != 201 {
            self.broken(format!("{name} could not be made: {status} {said}"));
            return None;
        }
        let at = self.clock.micros();
        self.write(|truth| {
            truth.orders.push(Wanted {
                name: name.clone(),
                amount: minor,
                currency: "CNY".to_owned(),
                at,
            });
        });
        self.note(&format!("shop: {name} made"));
        let url = url::Url::parse(said["pay_url"].as_str()?).ok()?;
        Some(url.path().to_owned())
    }

    /// The shop sends the buyer to the cashier; what his browser brings there.
    pub async fn check_out(&self, name: &Name) -> Option<Inbound> {
        let contract = self.contract(&name.account)?;
        let path = format!(
            "/v1/orders/{}/{}/checkout{}",
            name.account,
            name.order_no,
            contract.checkout_query()
        );
        // Where the gateway has to be called for it, nobody waits until that has come to itself.
        for _ in 0..CHECKOUTS_MAX {
            let (status, said) = match contract.with {
                With::CodePay { .. } => self.api("POST", &path, "").await.unwrap_or_default(),
                _ => self.api_until_heard("POST", &path, "").await,
            };
            match status {
                200 => return contract.cashier(&said),
                1..500 => return None,
                _ => self.clock.sleep(AGAIN).await,
            }
        }
        None
    }

    /// The till tells the server what the terminal had said.
    pub async fn till_tells(&self, name: &Name, code: &str) {
        let path = format!("/v1/orders/{}/{}/pos-result", name.account, name.order_no);
        let report = json!({ "response_code": code }).to_string();
        let said = self.api("POST", &path, &report).await;
        let next = said.and_then(|(_, said)| Some(said["next"].as_str()?.to_owned()));
        self.note(&format!("till: {name} {code}: {next:?}"));
        if next.as_deref() == Some("show_success") && !self.has_money(name) {
            self.broken(format!(
                "{name}: the till was told of success without money"
            ));
        }
    }

    /// A webhook arrives.
    pub async fn shop_takes(&self, endpoint: &str, call: &Call) -> Result<Reply, String> {
        let header = |name: &str| {
            let found = call.headers.iter().find(|(found, _)| found == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let gone = self.shop_gone(endpoint);
        let down = gone || self.fates.strikes(Fault::ShopDown);
        let slow = !down && self.fates.strikes(Fault::ShopSlow);
        let loses = !down && !slow && self.fates.strikes(Fault::ShopLoses);
        let id = header("webhook-id");
        if loses {
            self.fates.reached("shop_2xx_lost");
        }
        let at = self.clock.micros();
        let receipt = Receipt {
            endpoint: endpoint.to_owned(),
            id: id.clone(),
            signed: rightly_signed(
                &id,
                &header("webhook-timestamp"),
                &header("webhook-signature"),
                &call.body,
            ),
            body: call.body.clone(),
            answered: (!slow).then_some(if down { 500 } else { 204 }),
            kept: !down && !loses,
            at,
        };
        let again = self.write(|truth| {
            let again = truth
                .receipts
                .iter()
                .any(|known| known.id == receipt.id && known.endpoint == receipt.endpoint);
            truth.receipts.push(receipt);
            again
        });
        if again {
            self.fates.reached("outbox_resend_same_id");
        }
        self.note(&format!(
            "{endpoint}: {id} {}",
            if down { "500" } else { "204" }
        ));
        if slow {
            self.clock.sleep(SLOW).await;
        }
        if gone {
            return Err("connection refused".to_owned());
        }
        Ok(Reply::new(if down { 500 } else { 204 }, ""))
    }
}

/// Whether a webhook is signed as Standard Webhooks says: HMAC-SHA-256 over `id.timestamp.body`.
fn rightly_signed(id: &str, timestamp: &str, signatures: &str, body: &[u8]) -> bool {
    let secret = WEBHOOK_SECRET.trim_start_matches("whsec_");
    let Ok(secret) = BASE64.decode(secret.as_bytes()) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&secret) else {
        return false;
    };
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    let wanted = format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()));
    signatures.split(' ').any(|signature| signature == wanted)
}

/// An amount as the API writes it.
#[must_use]
pub fn yuan(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}
