//! A node under a clock of its own, with everything in one thread: no sockets, no waiting.

use crate::both as dinpay;
use crate::codepay::gateway as codepay;
use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::http::Request as HttpRequest;
use quittance_core::charset::Charset;
use quittance_core::facts::Proof;
use quittance_core::gateway::alipay::{self, Key, Keys, Settings};
use quittance_core::gateway::{Account, Gateway, RefundWay};
use quittance_core::http::{Method, Reply, Request};
use quittance_core::settings::Policy;
use quittance_core::webhook::Secret;
use quittance_core::{Lang, Timestamp};
use quittance_sandbox::{Answer, Faults, Inbound, Merchant, Sandbox, SandboxSettings};
use quittance_server::clock::{Clock, Mono};
use quittance_server::node::Node;
use quittance_server::setup::{
    AccountSetup, ApiKey, DirectPay, LogSetup, Setup, Wait, WebhookSetup,
};
use quittance_server::store::{Database, DatabaseStore, Genesis, Location, Opening};
use quittance_server::transport::{Transport, TransportError};
use quittance_server::view::Viewer;
use secrecy::SecretString;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;
use tower::ServiceExt;

pub const PARTNER: &str = "2088000000000001";
pub const KEY: &str = "0123456789abcdefghijklmnopqrstuv";
const API_KEY: &str = "test-api-key-0123456789";

/// Paused time: it stands still while anything works, and leaps to the next deadline when everything waits.
pub struct PausedClock {
    began: Instant,
    offset_secs: AtomicI64,
    nonces: AtomicU64,
}

impl PausedClock {
    #[expect(clippy::disallowed_methods, reason = "a clock of a test")]
    pub fn new() -> PausedClock {
        PausedClock {
            began: Instant::now(),
            offset_secs: AtomicI64::new(0),
            nonces: AtomicU64::new(0),
        }
    }

    /// Somebody sets the wall clock.
    pub fn jump(&self, secs: i64) {
        self.offset_secs.fetch_add(secs, Ordering::AcqRel);
    }
}

#[async_trait]
impl Clock for PausedClock {
    fn wall(&self) -> Timestamp {
        let passed = i64::try_from(self.mono().as_micros()).unwrap();
        let offset = self.offset_secs.load(Ordering::Acquire) * 1_000_000;
        Timestamp::from_microsecond(1_767_225_600_000_000 + offset + passed).unwrap()
    }

    fn mono(&self) -> Mono {
        self.began.elapsed()
    }

    async fn sleep_until(&self, at: Mono) {
        match self.began.checked_add(at) {
            Some(instant) => tokio::time::sleep_until(instant).await,
            None => std::future::pending().await,
        }
    }

    fn nonce(&self) -> [u8; 32] {
        Sha256::digest(self.nonces.fetch_add(1, Ordering::AcqRel).to_be_bytes()).into()
    }
}

/// The gateway and the shop, reached without a network.
pub struct Wire {
    pub gateway: Mutex<Sandbox>,
    pub clock: Arc<PausedClock>,
    /// What the shop got: when, and the event's body.
    pub told: Mutex<Vec<(Timestamp, Value)>>,
    /// How the shop answers.
    pub shop_status: Mutex<u16>,
    /// When the gateway was asked, and for what.
    pub asked: Mutex<Vec<(Duration, String)>>,
    /// Calls that name this make the caller panic.
    pub poison: Mutex<Option<String>>,
    /// How long answers are under way.
    pub slow: Mutex<Duration>,
    /// How long notify_verify takes.
    pub slow_opinion: Mutex<Duration>,
    /// Services of the gateway that answer 500 without having heard …
    pub down: Mutex<BTreeSet<&'static str>>,
    /// … and those that do what they are asked for, and answer 500 all the same.
    pub mute: Mutex<BTreeSet<&'static str>>,
    /// What notify_verify says, one after the other, instead of the gateway.
    pub opinions: Mutex<Vec<&'static str>>,
    /// The other gateways, at hosts of their own.
    pub dinpay: dinpay::Gateway,
    pub codepay: codepay::Gateway,
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request, limit: Duration) -> Result<Reply, TransportError> {
        let clock: &dyn Clock = &*self.clock;
        let answer = clock.within(limit, self.answer(request)).await;
        answer.ok_or(TransportError::Timeout(limit))
    }
}

impl Wire {
    async fn answer(&self, request: Request) -> Reply {
        let url = url::Url::parse(&request.url).unwrap();
        let now = self.clock.wall();
        if url.host_str() == Some("shop.test") {
            let event = serde_json::from_slice(&request.body).unwrap();
            self.told.lock().unwrap().push((now, event));
            return Reply::new(*self.shop_status.lock().unwrap(), "");
        }
        if url.host_str() == Some(dinpay::HOST) {
            let asked = (self.clock.mono(), "single_trade_query".to_owned());
            self.asked.lock().unwrap().push(asked);
            return match self.down.lock().unwrap().contains("single_trade_query") {
                true => Reply::new(500, ""),
                false => self.dinpay.answers(&request, now),
            };
        }
        if url.host_str() == Some(codepay::HOST) {
            let asked = (self.clock.mono(), codepay::Gateway::method(&request));
            self.asked.lock().unwrap().push(asked);
            return self.codepay.answers(&request, now);
        }
        let query = url.query().unwrap_or_default().as_bytes().to_vec();
        let service = url
            .query_pairs()
            .chain(url::form_urlencoded::parse(&request.body))
            .find(|(name, _)| name == "service")
            .unwrap()
            .1
            .into_owned();
        self.asked
            .lock()
            .unwrap()
            .push((self.clock.mono(), service.clone()));
        let poison = self.poison.lock().unwrap().clone();
        if poison.is_some_and(|word| request.url.contains(&word)) {
            panic!("poison");
        }
        let slow = *self.slow_opinion.lock().unwrap();
        if service == "notify_verify" && !slow.is_zero() {
            self.clock.sleep_until(self.clock.mono() + slow).await;
        }
        if service == "notify_verify"
            && let Some(opinion) = self.opinions.lock().unwrap().pop()
        {
            return Reply::new(200, opinion);
        }
        if self.down.lock().unwrap().contains(&*service) {
            return Reply::new(500, "");
        }
        let inbound = Inbound {
            method: request.method,
            path: url.path().into(),
            query,
            body: request.body,
            lang: Lang::En,
        };
        let Answer { reply, hold } = self.gateway.lock().unwrap().handle(now, &inbound);
        if !hold.is_zero() {
            self.clock.sleep_until(self.clock.mono() + hold).await;
        }
        if self.mute.lock().unwrap().contains(&*service) {
            return Reply::new(500, "");
        }
        let slow = *self.slow.lock().unwrap();
        if service == "single_trade_query" && !slow.is_zero() {
            self.clock.sleep_until(self.clock.mono() + slow).await;
        }
        reply
    }
}

pub struct World {
    pub node: Node,
    pub wire: Arc<Wire>,
    pub clock: Arc<PausedClock>,
}

impl World {
    pub async fn new() -> World {
        World::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Policy)) -> World {
        let mut setup = setup();
        change(&mut Arc::make_mut(setup.accounts.get_mut("main").unwrap()).policy);
        World::of(setup).await
    }

    pub async fn of(setup: Setup) -> World {
        let clock = Arc::new(PausedClock::new());
        let merchant = Merchant {
            partner: PARTNER.into(),
            key: SecretString::from(KEY).into(),
            email: "seller@example.com".into(),
            advanced: true,
        };
        let wire = Arc::new(Wire {
            gateway: Mutex::new(Sandbox::new(SandboxSettings::new(
                vec![merchant],
                "http://gateway.test",
            ))),
            clock: clock.clone(),
            told: Mutex::default(),
            shop_status: Mutex::new(204),
            asked: Mutex::default(),
            poison: Mutex::default(),
            slow: Mutex::default(),
            slow_opinion: Mutex::default(),
            down: Mutex::default(),
            mute: Mutex::default(),
            opinions: Mutex::default(),
            dinpay: dinpay::Gateway::new(dinpay::Signs::Md5),
            codepay: codepay::Gateway::new(),
        });
        let seam: Arc<dyn Clock> = clock.clone();
        let opening = Opening {
            render: Arc::new(Viewer {
                public_url: setup.public_url.clone(),
            }),
            genesis: Genesis {
                chain: seam.token(),
                payer_salt: seam.nonce(),
                salt: seam.salt(),
                at: seam.wall(),
            },
            fatal: Box::new(|what| panic!("{what}")),
        };
        let store = Arc::new(DatabaseStore::inline(&Location::Memory, opening).unwrap());
        let node = Node::start(setup, seam, wire.clone(), store).await.unwrap();
        World { node, wire, clock }
    }

    pub async fn call(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request = HttpRequest::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {API_KEY}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap();
        let reply = self.node.router.clone().oneshot(request).await.unwrap();
        let status = reply.status().as_u16();
        let body = to_bytes(reply.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// Posts a form as the gateway does, and gives the answer.
    pub async fn posts(&self, path: &str, form: &str) -> String {
        let request = HttpRequest::builder()
            .method("POST")
            .uri(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        let reply = self.node.router.clone().oneshot(request).await.unwrap();
        let body = to_bytes(reply.into_body(), 1 << 20).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// What the gateway says to somebody who asks about this notify_id.
    pub fn verify(&self, notify_id: &str) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("service", "notify_verify")
            .append_pair("partner", PARTNER)
            .append_pair("notify_id", notify_id)
            .finish();
        let inbound = Inbound {
            method: Method::Get,
            path: "/gateway.do".into(),
            query: query.into_bytes(),
            body: Vec::new(),
            lang: Lang::En,
        };
        let now = self.clock.wall();
        let reply = self
            .wire
            .gateway
            .lock()
            .unwrap()
            .handle(now, &inbound)
            .reply;
        String::from_utf8(reply.body).unwrap()
    }

    /// Makes an order and checks it out.
    pub async fn order(&self, order_no: &str) {
        let order = format!(
            r#"{{"account":"main","order_no":"{order_no}","subject":"a book","amount":"1.00"}}"#
        );
        assert_eq!(self.call("POST", "/v1/orders", &order).await.0, 201);
        let checkout = self
            .call(
                "POST",
                &format!("/v1/orders/main/{order_no}/checkout?via=get"),
                "",
            )
            .await
            .1;
        self.goes_to_cashier(checkout["url"].as_str().unwrap());
    }

    /// A browser brings a payment request to the gateway.
    pub fn goes_to_cashier(&self, url: &str) {
        let url = url::Url::parse(url).unwrap();
        let query = url.query().unwrap().as_bytes().to_vec();
        let inbound = Inbound {
            method: Method::Get,
            path: url.path().into(),
            query,
            body: Vec::new(),
            lang: Lang::En,
        };
        let reply = self
            .wire
            .gateway
            .lock()
            .unwrap()
            .handle(self.clock.wall(), &inbound)
            .reply;
        assert_eq!(reply.status, 303);
    }

    /// The buyer looks at the cashier's page: from now on there is a trade.
    pub fn open(&self, order_no: &str) {
        self.wire
            .gateway
            .lock()
            .unwrap()
            .buyer_opens(self.clock.wall(), PARTNER, order_no)
            .unwrap();
    }

    pub fn pay(&self, order_no: &str) {
        assert!(
            self.wire
                .gateway
                .lock()
                .unwrap()
                .buyer_pays(self.clock.wall(), PARTNER, order_no)
                .is_some()
        );
    }

    /// From now on, this goes wrong at the gateway with this order.
    pub fn misbehave(&self, order_no: &str, faults: Faults) {
        let mut gateway = self.wire.gateway.lock().unwrap();
        gateway.set_own_faults(PARTNER, order_no, faults).unwrap();
    }

    pub async fn show(&self, order_no: &str) -> Value {
        self.call("GET", &format!("/v1/orders/main/{order_no}"), "")
            .await
            .1
    }

    pub async fn pass(&self, secs: u64) {
        self.clock
            .sleep_until(self.clock.mono() + Duration::from_secs(secs))
            .await;
    }

    /// The server is down for so long, and starts again.
    pub async fn down_for(self, secs: u64) -> World {
        let World { node, wire, clock } = self;
        let (setup, store) = (node.app.setup.clone(), node.app.store.clone());
        drop(node);
        let until = clock.mono() + Duration::from_secs(secs);
        clock.sleep_until(until).await;
        let node = Node::start(setup, clock.clone(), wire.clone(), store).await;
        World {
            node: node.unwrap(),
            wire,
            clock,
        }
    }

    /// The seconds at which the gateway was asked for this, since the clock began.
    pub fn asked(&self, service: &str) -> Vec<u64> {
        let asked = self.wire.asked.lock().unwrap();
        asked
            .iter()
            .filter(|(_, of)| of == service)
            .map(|(at, _)| at.as_secs())
            .collect()
    }

    /// The types of events of orders and accounts that the shop was told, in their order.
    pub fn told(&self) -> Vec<String> {
        let (anchors, told): (Vec<String>, Vec<String>) = self
            .all_told()
            .into_iter()
            .partition(|kind| kind == "journal.anchor");
        let days = usize::try_from(self.clock.mono().as_secs() / 86_400).unwrap();
        assert!(
            anchors.len() <= days,
            "the journal's head is told once a day"
        );
        told
    }

    /// The types of all events that the shop was told.
    pub fn all_told(&self) -> Vec<String> {
        let told = self.wire.told.lock().unwrap();
        told.iter()
            .map(|(_, event)| event["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

pub fn setup() -> Setup {
    let key = Key {
        key: SecretString::from(KEY),
        until: None,
    };
    let account = alipay::Account::new(Settings {
        partner: PARTNER.into(),
        keys: Keys::Md5(vec![key]),
        charset: Charset::Utf8,
        seller: None,
        show_url: None,
        refunds: Some(RefundWay::Call),
        gateway_url: "http://gateway.test/gateway.do".into(),
    })
    .unwrap();
    let policy = Policy {
        gateway: "alipay".into(),
        payee: account.payee().into(),
        key_ids: account.key_ids(),
        wire: Some(account.wire()),
        require: Proof::Confirmed,
        require_above: None,
        gaps_secs: vec![5, 30, 60, 180, 300, 600, 1_800],
        scan_secs: None,
        cancel_unknown_secs: None,
        late_secs: vec![3_600, 18_000, 64_800],
        close: true,
        query_window_secs: None,
        statement: None,
    };
    let main = AccountSetup {
        name: "main".into(),
        account: Account::Alipay(account),
        policy,
        notify_url: None,
        notify_sources: None,
        return_url: None,
        orders_url: None,
        return_hosts: std::collections::BTreeSet::new(),
        direct_pay: Some(DirectPay::default()),
        payee_name: None,
        wait: Wait {
            every: Duration::from_secs(2),
            total: Duration::from_secs(60),
        },
        live: false,
    };
    let webhook = WebhookSetup {
        url: "http://shop.test/hooks".into(),
        secret: Secret::parse(&SecretString::from(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ))
        .unwrap(),
        previous_secret: None,
        accounts: None,
    };
    Setup {
        listen: "127.0.0.1:0".parse().unwrap(),
        public_url: "http://pay.test".into(),
        database: Database::Folder("unused".into()),
        api_keys: vec![ApiKey {
            name: "shop".into(),
            secret: SecretString::from(API_KEY),
            accounts: None,
        }],
        accounts: [("main".to_owned(), Arc::new(main))].into(),
        webhooks: [("shop".to_owned(), webhook)].into(),
        log: LogSetup {
            level: "info".into(),
            json: false,
            file: None,
        },
        trusted_proxies: Vec::new(),
        warnings: Vec::new(),
    }
}
