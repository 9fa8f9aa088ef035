//! One order, its buyer and a gateway that misbehaves: notifies and browsers really travel, everything else waits.

use crate::world::{PARTNER, World};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use quittance_core::entry::{Record, What};
use quittance_core::http::{Method, Reply};
use quittance_core::{Currency, Lang, Money, Timestamp};
use quittance_sandbox::{Ack, Exchange, Fault, Faults, Inbound, Kind, Outgoing, TradeView};
use quittance_server::clock::{Clock, Mono};
use quittance_server::store::{JournalFilter, JournalRow};
use serde_json::Value;
use std::time::Duration;
use tower::ServiceExt;

/// The number of the order.
pub const ORDER: &str = "A-1";
/// How long the success page shows before it leads back, and before it looks again whether it may.
const PAGE: Duration = Duration::from_secs(3);
/// How often the buyer looks at a success page that leads nowhere: for a minute.
const LOOKS: u8 = 20;

/// In which the shop is told of what came at the very end.
const MOMENT: Duration = Duration::from_millis(10);

/// Where the buyer's browser is.
enum Browser {
    /// Nowhere.
    Closed,
    /// On the gateway's success page, which is loaded at this time, and so many times more.
    Success(Mono, u8),
    /// On its way back at this time, with this path and query string.
    Leaving(Mono, String),
}

pub struct Scene {
    pub world: World,
    /// When the order was checked out.
    pub began_at: Timestamp,
    /// When money came.
    pub money_at: Option<Timestamp>,
    /// What must not have happened on the way.
    pub wrong: Vec<String>,
    browser: Browser,
    acks: usize,
}

impl Scene {
    /// The order is made and its buyer looks at the cashier's page.
    pub async fn begin(faults: Option<&Faults>) -> Scene {
        let world = World::new().await;
        let began_at = world.clock.wall();
        world.order(ORDER).await;
        if let Some(faults) = faults {
            world.misbehave(ORDER, faults.clone());
        }
        world.open(ORDER);
        Scene {
            world,
            began_at,
            money_at: None,
            wrong: Vec::new(),
            browser: Browser::Closed,
            acks: 0,
        }
    }

    /// Lets time pass until this second since the order was made.
    pub async fn until(&mut self, secs: u64) {
        let end = Duration::from_secs(secs);
        loop {
            let now = self.world.clock.mono();
            let notify = self.world.wire.gateway.lock().unwrap().next_due();
            let notify = notify.map(|at| {
                let wait = at.duration_since(self.world.clock.wall());
                now + Duration::try_from(wait).unwrap_or_default()
            });
            let browser = match self.browser {
                Browser::Closed => None,
                Browser::Success(at, _) | Browser::Leaving(at, _) => Some(at),
            };
            let next = [notify, browser].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else {
                break;
            };
            self.world.clock.sleep_until(next.max(now)).await;
            self.travel().await;
        }
        self.world.clock.sleep_until(end + MOMENT).await;
    }

    /// The buyer pays, and his browser shows the success page.
    pub fn pay(&mut self) {
        let now = self.world.clock.wall();
        let mut gateway = self.world.wire.gateway.lock().unwrap();
        if gateway.buyer_pays_late(now, PARTNER, ORDER).is_err() {
            // Gives no way back where a fault keeps it; the ledger says whether it was paid.
            gateway.buyer_pays(now, PARTNER, ORDER);
        }
        drop(gateway);
        if self.money() {
            self.money_at = Some(now);
            self.browser = Browser::Success(self.world.clock.mono(), LOOKS);
        }
    }

    /// The buyer says that he has paid, and the gateway is asked.
    pub async fn ask(&self) {
        let path = format!("/v1/orders/main/{ORDER}/verify");
        assert_eq!(self.world.call("POST", &path, "").await.0, 200);
    }

    /// The seller pays this much back.
    pub fn refund(&self, minor: i64) {
        let (now, sum) = (self.world.clock.wall(), Money::new(minor, Currency::CNY));
        let mut gateway = self.world.wire.gateway.lock().unwrap();
        gateway.refund(now, PARTNER, ORDER, sum).unwrap();
    }

    /// The trade in the gateway's ledger, which is the truth.
    pub fn trade(&self) -> TradeView {
        let trades = self.world.wire.gateway.lock().unwrap().trades();
        trades.into_iter().next().unwrap()
    }

    /// Whether the gateway took money for the order.
    pub fn money(&self) -> bool {
        let trade = self.trade();
        let paid = matches!(trade.status, Some("TRADE_SUCCESS" | "TRADE_FINISHED"));
        paid || trade.refunded.minor > 0
    }

    /// Whether a notify of a refund was acknowledged.
    pub fn heard_of_refund(&self) -> bool {
        let kept = self.world.wire.gateway.lock().unwrap();
        let tells = |exchange: &Exchange| {
            let told = String::from_utf8_lossy(&exchange.request);
            exchange.ack == Some(Ack::Acked) && told.contains("refund_status=")
        };
        kept.exchanges(PARTNER, ORDER).iter().any(tells)
    }

    /// Everything about the order that the shop was told, in the order's own count, and when.
    pub fn told(&self) -> Vec<(Timestamp, Value)> {
        let mut told = self.world.wire.told.lock().unwrap().clone();
        told.retain(|(_, event)| event["type"] != "journal.anchor");
        told.sort_by_key(|(_, event)| event["sequence"].as_u64());
        told
    }

    /// The whole journal.
    pub async fn journal(&self) -> Vec<JournalRow> {
        let mut rows: Vec<JournalRow> = Vec::new();
        loop {
            let filter = JournalFilter {
                after: rows.last().map_or(0, |row| row.seq),
                limit: 200,
                ..Default::default()
            };
            let page = self.world.node.app.store.journal(filter).await.unwrap();
            if page.items.is_empty() {
                return rows;
            }
            rows.extend(page.items);
        }
    }

    /// Delivers the notifies that are due, all at once, then moves the browser if it is its time.
    async fn travel(&mut self) {
        let now = self.world.clock.wall();
        let due = self.world.wire.gateway.lock().unwrap().take_due(now);
        let sent: Vec<_> = due.into_iter().map(|notify| self.send(notify)).collect();
        for (id, answer) in sent {
            let reply = answer.await.expect("a notify is answered");
            self.heard(id, reply).await;
        }
        match std::mem::replace(&mut self.browser, Browser::Closed) {
            Browser::Success(at, looks) if at <= self.world.clock.mono() => {
                self.browser = self.success(looks);
            }
            Browser::Leaving(at, target) if at <= self.world.clock.mono() => {
                self.lead(&target).await;
            }
            elsewhere => self.browser = elsewhere,
        }
    }

    fn send(&self, notify: Outgoing) -> (u64, tokio::sync::oneshot::Receiver<Reply>) {
        let path = url::Url::parse(&notify.request.url)
            .unwrap()
            .path()
            .to_owned();
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(notify.request.body))
            .unwrap();
        let answer = self.world.node.router.clone().oneshot(request);
        let work = async move {
            let reply = answer.await.unwrap();
            let status = reply.status().as_u16();
            Reply::new(status, to_bytes(reply.into_body(), 1 << 20).await.unwrap())
        };
        (notify.id, self.world.node.app.tasks.spawn(work))
    }

    /// The gateway takes the answer; whatever it acknowledges must be in the journal by then, and be genuine.
    async fn heard(&mut self, id: u64, reply: Reply) {
        let now = self.world.clock.wall();
        let exchange = {
            let mut gateway = self.world.wire.gateway.lock().unwrap();
            gateway.settle(now, id, Ok(reply));
            let kept = gateway.exchanges(PARTNER, ORDER);
            kept.into_iter()
                .find(|exchange| exchange.number == id)
                .unwrap()
        };
        if exchange.ack != Some(Ack::Acked) {
            return;
        }
        self.acks += 1;
        if exchange
            .faults
            .iter()
            .any(|fault| matches!(fault, Fault::Forged | Fault::Tampered))
        {
            self.wrong
                .push("a message with a wrong signature was acked".into());
        }
        let stored = self
            .journal()
            .await
            .iter()
            .filter(|row| acked_with_claims(row))
            .count();
        if stored < self.acks {
            self.wrong
                .push(format!("{} acked, {stored} of them stored", self.acks));
        }
    }

    /// The success page is loaded: it leads back, waits until it may, or leads nowhere.
    fn success(&self, looks: u8) -> Browser {
        let trade = self.trade();
        let inbound = Inbound {
            method: Method::Get,
            path: trade.cashier.replace("/cashier/", "/paid/"),
            query: Vec::new(),
            body: Vec::new(),
            lang: Lang::En,
        };
        let now = self.world.clock.wall();
        let mut gateway = self.world.wire.gateway.lock().unwrap();
        let page = gateway.handle(now, &inbound).reply;
        assert_eq!(page.status, 200, "the success page");
        let kept = gateway.exchanges(PARTNER, ORDER);
        let next = self.world.clock.mono() + PAGE;
        match kept
            .into_iter()
            .rev()
            .find(|exchange| exchange.kind == Kind::Return)
        {
            Some(back) if back.ack == Some(Ack::Lost) => Browser::Closed,
            Some(back) => {
                let url = url::Url::parse(&back.target).unwrap();
                Browser::Leaving(next, url[url::Position::BeforePath..].to_owned())
            }
            None if looks > 0 => Browser::Success(next, looks - 1),
            None => Browser::Closed,
        }
    }

    /// The browser asks for an address of ours and follows where it leads.
    async fn lead(&mut self, target: &str) {
        let mut target = target.to_owned();
        loop {
            let request = Request::get(&*target).body(Body::empty()).unwrap();
            let reply = self
                .world
                .node
                .router
                .clone()
                .oneshot(request)
                .await
                .unwrap();
            if reply.status().is_server_error() {
                self.wrong.push(format!("the buyer saw {}", reply.status()));
            }
            let Some(next) = reply.headers().get("location") else {
                return;
            };
            target = next.to_str().unwrap().to_owned();
        }
    }
}

/// Whether this entry is a notify about the order that was acknowledged, with what it claims.
fn acked_with_claims(row: &JournalRow) -> bool {
    let record = Record::parse(&row.header).unwrap();
    matches!(record.what, What::Notify(_))
        && record.answered.as_deref() == Some("success")
        && record.order_no.as_deref() == Some(ORDER)
        && !record.claims.is_empty()
}
