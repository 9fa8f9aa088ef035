//! A server, a gateway and a shop on real sockets, for one test.

use axum::extract::State;
use quittance_core::charset::Charset;
use quittance_core::facts::Proof;
use quittance_core::gateway::alipay::{self, Extras, Key, Keys, Settings, gateway_side};
use quittance_core::gateway::{Account, Gateway, RefundWay};
use quittance_core::settings::{Policy, RequireAbove};
use quittance_core::sign::PublicKey;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::webhook::Secret;
use quittance_core::{OrderKey, Timestamp};
use quittance_sandbox::{Contract, Faults, Handle, Kind, Merchant, Sandbox, SandboxSettings};
use quittance_server::clock::{Clock, SystemClock};
use quittance_server::node::Node;
use quittance_server::setup::{
    AccountSetup, ApiKey, DirectPay, IpRange, LogSetup, Setup, Wait, WebhookSetup,
};
use quittance_server::store::{Database, DatabaseStore, Genesis, Opening, Store};
use quittance_server::transport::HttpTransport;
use quittance_server::view::Viewer;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

pub const PARTNER: &str = "2088000000000001";
pub const KEY: &str = "0123456789abcdefghijklmnopqrstuv";
pub const API_KEY: &str = "test-api-key-0123456789";
pub const LIMITED_KEY: &str = "limited-key-0123456789";
pub const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What differs from test to test.
pub struct Wishes {
    /// The proof that account `main` requires.
    pub require: Proof,
    /// A higher one above an amount.
    pub require_above: Option<RequireAbove>,
    /// The gaps of its checks, in seconds; by default so long that none comes in a test.
    pub gaps_secs: Vec<i64>,
    /// The folder of the public address, which a proxy in front takes away.
    pub folder: &'static str,
    /// Whether the merchant has the gateway's basic product.
    pub basic: bool,
    /// The path of its own notify address.
    pub notify_path: Option<&'static str>,
    /// The path of its own return address.
    pub return_path: Option<&'static str>,
    /// What the direct-pay page of the account `gbk` takes.
    pub direct_pay: DirectPay,
    /// While somebody waits, the gateway is asked at most once in this time …
    pub wait_every: Duration,
    /// … and for at most so long.
    pub wait_total: Duration,
    /// RSA between merchant and gateway in place of MD5.
    pub rsa: bool,
    /// What the accounts' requests carry besides.
    pub extras: Extras,
    /// What the merchant's contract at the gateway includes.
    pub contract: Contract,
    /// Where notifies may come from.
    pub notify_sources: Option<Vec<IpRange>>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpRange>,
    /// Whether the gateway counts as a live one.
    pub live: bool,
    /// How the shop answers each webhook, one after the other; 204 when they are used up.
    pub shop_answers: Vec<u16>,
}

impl Default for Wishes {
    fn default() -> Wishes {
        Wishes {
            require: Proof::Confirmed,
            require_above: None,
            gaps_secs: vec![3_600],
            folder: "",
            basic: false,
            notify_path: None,
            return_path: None,
            direct_pay: DirectPay::default(),
            wait_every: Duration::from_millis(50),
            wait_total: Duration::from_secs(60),
            rsa: false,
            extras: Extras::default(),
            contract: Contract::default(),
            notify_sources: None,
            trusted_proxies: Vec::new(),
            live: false,
            shop_answers: Vec::new(),
        }
    }
}

/// What the shop received: headers and body.
pub type Received = (BTreeMap<String, String>, Vec<u8>);

/// The shop's endpoint.
#[derive(Clone, Default)]
struct Shop {
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<Vec<u16>>>,
    count: Arc<watch::Sender<usize>>,
}

/// Everything, running.
pub struct World {
    pub url: String,
    pub gateway: Handle,
    pub app: Arc<quittance_server::app::App>,
    pub client: reqwest::Client,
    shop: Shop,
    stop: Option<oneshot::Sender<()>>,
    ended: watch::Receiver<bool>,
    _tasks: JoinSet<()>,
    _folder: tempfile::TempDir,
}

impl World {
    pub async fn new() -> World {
        World::with(Wishes::default()).await
    }

    pub async fn with(wishes: Wishes) -> World {
        let folder = tempfile::tempdir().unwrap();
        let mut tasks = JoinSet::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (gateway_url, gateway) = start_gateway(&mut tasks, &wishes).await;
        let shop = Shop::default();
        *shop.answers.lock().unwrap() = wishes.shop_answers.iter().rev().copied().collect();
        let shop_url = start_shop(&mut tasks, shop.clone()).await;
        let setup = setup(&url, &gateway_url, &shop_url, folder.path(), &wishes);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let store = open(folder.path(), &setup, &*clock);
        let transport = Arc::new(HttpTransport::new(clock.clone()).unwrap());
        let node = Node::start(setup, clock, transport, store).await.unwrap();
        let app = node.app.clone();
        let (stop, stopped) = oneshot::channel();
        let (over, ended) = watch::channel(false);
        tasks.spawn(async move {
            quittance_server::serve::serve(node, listener, async {
                let _ = stopped.await;
            })
            .await;
            over.send_replace(true);
        });
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        World {
            url,
            gateway,
            app,
            client,
            shop,
            stop: Some(stop),
            ended,
            _tasks: tasks,
            _folder: folder,
        }
    }

    /// Waits until the server takes nothing new.
    pub async fn stop_has_begun(&self) {
        self.app.stopping().await;
    }

    /// Waits until the server has stopped.
    pub async fn ended(&self) {
        let mut ended = self.ended.clone();
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// Asks the server to stop.
    pub fn begin_to_stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    /// Calls the merchant API.
    pub async fn api(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        self.api_as(API_KEY, method, path, body).await
    }

    pub async fn api_as(
        &self,
        key: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let method = method.parse().unwrap();
        let mut call = self
            .client
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(key);
        if let Some(body) = body {
            call = call
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let reply = call.send().await.unwrap();
        let status = reply.status().as_u16();
        let text = reply.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Makes an order of 1.00 on `main`, checks it out, and lets the buyer open the cashier.
    pub async fn order(&self, order_no: &str) {
        self.order_of(
            json!({"account": "main", "order_no": order_no, "subject": "a book", "amount": "1.00"}),
        )
        .await;
    }

    pub async fn order_of(&self, order: Value) {
        let (status, made) = self.api("POST", "/v1/orders", Some(order)).await;
        assert_eq!(status, 201, "{made}");
        let path = format!(
            "/v1/orders/{}/{}/checkout?via=get",
            made["account"].as_str().unwrap(),
            made["order_no"].as_str().unwrap()
        );
        let (status, checkout) = self.api("POST", &path, None).await;
        assert_eq!(status, 200, "{checkout}");
        let reply = self
            .client
            .get(checkout["url"].as_str().unwrap())
            .send()
            .await
            .unwrap();
        let cashier = reply.headers()["location"].to_str().unwrap().to_owned();
        assert!(
            self.client
                .get(cashier)
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
        );
    }

    /// The buyer pays; gives the address that the gateway would send his browser to. Notifies go on their way.
    pub fn pay(&self, order_no: &str) -> String {
        self.gateway
            .with(|gateway| gateway.buyer_pays(Timestamp::now_in_tests(), PARTNER, order_no))
            .expect("paid")
    }

    /// The same, while the gateway keeps its own notifies to itself.
    pub fn pay_silently(&self, order_no: &str) -> String {
        self.gateway
            .with(|gateway| gateway.set_own_faults(PARTNER, order_no, Faults::lost_notify()))
            .expect("a place for its faults");
        self.pay(order_no)
    }

    /// A genuine notify of a paid trade with a fresh notify_id.
    pub fn genuine(&self, order_no: &str) -> Vec<u8> {
        self.gateway
            .with(|gateway| gateway.genuine_notify(Timestamp::now_in_tests(), PARTNER, order_no))
            .expect("a paid trade")
    }

    /// Posts a notify as the gateway does.
    pub async fn notify(&self, body: impl Into<Vec<u8>>) -> String {
        self.post("/notify/main", body).await.text().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> reqwest::Response {
        let call = self.client.post(format!("{}{path}", self.url));
        call.header("content-type", "application/x-www-form-urlencoded")
            .body(body.into())
            .send()
            .await
            .unwrap()
    }

    /// The order as the API shows it.
    pub async fn show(&self, order_no: &str) -> Value {
        let (status, order) = self
            .api("GET", &format!("/v1/orders/main/{order_no}"), None)
            .await;
        assert_eq!(status, 200, "{order}");
        order
    }

    /// The order, as soon as it is what is wanted.
    pub async fn until(
        &self,
        order_no: &str,
        wanted: impl Fn(&Value) -> bool + Send + Sync,
    ) -> Value {
        let mut changes = self.app.store.changes();
        let look = async {
            loop {
                let order = self.show(order_no).await;
                if wanted(&order) {
                    return order;
                }
                let _ = changes.recv().await;
            }
        };
        match self.app.clock.within(Duration::from_secs(20), look).await {
            Some(order) => order,
            None => panic!(
                "never came to be: {:#}\n{:#}",
                self.show(order_no).await,
                self.journal(order_no).await
            ),
        }
    }

    pub async fn journal(&self, order_no: &str) -> Value {
        self.api(
            "GET",
            &format!("/v1/orders/main/{order_no}/journal?limit=200"),
            None,
        )
        .await
        .1
    }

    /// The kinds of the journal's entries about an order.
    pub async fn kinds(&self, order_no: &str) -> Vec<String> {
        let journal = self.journal(order_no).await;
        let items = journal["items"].as_array().unwrap();
        items
            .iter()
            .map(|entry| entry["kind"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The types of all events about an order, in their order.
    pub async fn events(&self, order_no: &str) -> Vec<String> {
        let mut types = Vec::new();
        let mut after = String::new();
        loop {
            let (_, page) = self
                .api("GET", &format!("/v1/events?limit=200{after}"), None)
                .await;
            let items = page["items"].as_array().unwrap();
            if items.is_empty() {
                return types;
            }
            let about = items
                .iter()
                .filter(|event| event["data"]["order"]["order_no"] == order_no);
            types.extend(about.map(|event| event["type"].as_str().unwrap().to_owned()));
            after = format!("&after={}", page["next"].as_str().unwrap());
        }
    }

    /// How often the gateway was called for this, about this order.
    pub fn calls(&self, order_no: &str, kind: Kind) -> usize {
        let exchanges = self
            .gateway
            .with(|gateway: &mut Sandbox| gateway.exchanges(PARTNER, order_no));
        exchanges
            .iter()
            .filter(|exchange| exchange.kind == kind)
            .count()
    }

    /// What the shop received, once there is so much of it.
    pub async fn received(&self, count: usize) -> Vec<Received> {
        let mut counted = self.shop.count.subscribe();
        let enough = counted.wait_for(|received| *received >= count);
        assert!(
            self.app
                .clock
                .within(Duration::from_secs(20), enough)
                .await
                .is_some(),
            "the shop was not told"
        );
        self.shop.received.lock().unwrap().clone()
    }

    /// The order in the store.
    pub async fn stored(&self, order_no: &str) -> quittance_core::OrderState {
        self.app
            .store
            .order(&OrderKey::new("main", order_no))
            .await
            .unwrap()
            .unwrap()
            .state
    }
}

/// The wall clock, read where tests have to.
pub trait NowInTests {
    fn now_in_tests() -> Timestamp;
}

impl NowInTests for Timestamp {
    fn now_in_tests() -> Timestamp {
        SystemClock::new().wall()
    }
}

pub fn account(charset: Charset, gateway_url: &str) -> alipay::Account {
    let key = Key {
        key: SecretString::from(KEY),
        until: None,
    };
    account_with(Keys::Md5(vec![key]), charset, gateway_url)
}

/// A key of core's vectors.
fn material(name: &str) -> SecretString {
    let vectors = include_str!("../../../core/tests/vectors/alipay.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    vectors["rsa_keys"][name].as_str().unwrap().into()
}

/// The merchant's half of the pairs.
pub fn rsa_keys() -> Keys {
    Keys::Rsa {
        private: material("merchant_rsa2048_private"),
        gateway: vec![Key {
            key: material("gateway_rsa2048_public"),
            until: None,
        }],
    }
}

pub fn account_with(keys: Keys, charset: Charset, gateway_url: &str) -> alipay::Account {
    let settings = Settings {
        partner: PARTNER.into(),
        keys,
        charset,
        seller: None,
        show_url: None,
        // The contract in GBK has no refunds.
        refunds: (charset == Charset::Utf8).then_some(RefundWay::Page),
        gateway_url: gateway_url.into(),
    };
    alipay::Account::new(settings).unwrap()
}

/// One address, or a range of them.
pub fn range(address: &str, prefix: u8) -> IpRange {
    IpRange {
        address: address.parse().unwrap(),
        prefix,
    }
}

/// Settings that reach nobody.
pub fn bare_setup() -> Setup {
    let nobody = "http://127.0.0.1:9";
    setup(
        nobody,
        nobody,
        nobody,
        std::path::Path::new("none"),
        &Wishes::default(),
    )
}

fn setup(
    url: &str,
    gateway_url: &str,
    shop_url: &str,
    folder: &std::path::Path,
    wishes: &Wishes,
) -> Setup {
    let one = |name: &str, charset| {
        let account = match wishes.rsa {
            true => account_with(rsa_keys(), charset, gateway_url),
            false => account(charset, gateway_url),
        };
        let account = account.with_extras(wishes.extras.clone()).unwrap();
        let policy = Policy {
            gateway: "alipay".into(),
            payee: account.payee().into(),
            key_ids: account.key_ids(),
            wire: Some(account.wire()),
            require: wishes.require,
            require_above: wishes.require_above,
            gaps_secs: wishes.gaps_secs.clone(),
            scan_secs: None,
            cancel_unknown_secs: None,
            late_secs: vec![3_600, 18_000, 64_800],
            close: true,
            query_window_secs: None,
            statement: None,
        };
        let own = |path: Option<&str>| {
            path.filter(|_| name == "main")
                .map(|path| format!("{url}{path}"))
        };
        AccountSetup {
            name: name.into(),
            account: Account::Alipay(account),
            policy,
            notify_url: own(wishes.notify_path),
            notify_sources: wishes.notify_sources.clone(),
            return_url: own(wishes.return_path),
            orders_url: Some("http://shop.example.com/orders".into()),
            return_hosts: [
                "m.example.com".to_owned(),
                "shop.example.org:8443".to_owned(),
            ]
            .into(),
            direct_pay: (name != "main").then_some(wishes.direct_pay),
            payee_name: Some("Example Shop".into()),
            wait: Wait {
                every: wishes.wait_every,
                total: wishes.wait_total,
            },
            live: wishes.live,
        }
    };
    let accounts = [one("main", Charset::Utf8), one("gbk", Charset::Gbk)];
    let webhook = WebhookSetup {
        url: shop_url.into(),
        secret: Secret::parse(&SecretString::from(WEBHOOK_SECRET)).unwrap(),
        previous_secret: None,
        accounts: None,
    };
    let key = |name: &str, secret: &str, accounts| ApiKey {
        name: name.into(),
        secret: SecretString::from(secret),
        accounts,
    };
    Setup {
        listen: "127.0.0.1:0".parse().unwrap(),
        public_url: format!("{url}{}", wishes.folder),
        database: Database::from(folder),
        api_keys: vec![
            key("shop", API_KEY, None),
            key("limited", LIMITED_KEY, Some(["gbk".to_owned()].into())),
        ],
        accounts: accounts
            .into_iter()
            .map(|account| (account.name.clone(), Arc::new(account)))
            .collect(),
        webhooks: [("shop".to_owned(), webhook)].into(),
        log: LogSetup {
            level: "info".into(),
            json: false,
            file: None,
        },
        trusted_proxies: wishes.trusted_proxies.clone(),
        warnings: Vec::new(),
    }
}

pub fn open(folder: &std::path::Path, setup: &Setup, clock: &dyn Clock) -> Arc<dyn Store> {
    let opening = Opening {
        render: Arc::new(Viewer {
            public_url: setup.public_url.clone(),
        }),
        genesis: Genesis {
            chain: clock.token(),
            payer_salt: clock.nonce(),
            salt: clock.salt(),
            at: clock.wall(),
        },
        fatal: Box::new(|what| panic!("the disk failed: {what}")),
    };
    Arc::new(DatabaseStore::threaded(&folder.join("data"), opening).unwrap())
}

async fn start_gateway(tasks: &mut JoinSet<()>, wishes: &Wishes) -> (String, Handle) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let key = match wishes.rsa {
        true => gateway_side::Key::Rsa {
            gateway: PrivateKey::read(&material("gateway_rsa2048_private")).unwrap(),
            merchant: PublicKey::read(material("merchant_rsa2048_public").expose_secret()).unwrap(),
        },
        false => SecretString::from(KEY).into(),
    };
    let merchant = Merchant {
        partner: PARTNER.into(),
        key,
        email: "seller@example.com".into(),
        advanced: !wishes.basic,
    };
    let mut settings = SandboxSettings::new(vec![merchant], url.clone());
    settings.contracts = [(PARTNER.to_owned(), wishes.contract.clone())].into();
    let handle = Handle::new(settings);
    let served = handle.clone();
    tasks.spawn(async move {
        let clock = Arc::new(quittance_sandbox::SystemClock);
        quittance_sandbox::serve(listener, served, clock, std::future::pending())
            .await
            .unwrap();
    });
    (format!("{url}/gateway.do"), handle)
}

async fn start_shop(tasks: &mut JoinSet<()>, shop: Shop) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let router = axum::Router::new()
        .route("/hooks", axum::routing::post(hear))
        .with_state(shop);
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn hear(
    State(shop): State<Shop>,
    headers: axum::http::HeaderMap,
    body: axum::body::Bytes,
) -> axum::http::StatusCode {
    let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    shop.received
        .lock()
        .unwrap()
        .push((headers.iter().map(text).collect(), body.to_vec()));
    shop.count.send_modify(|count| *count += 1);
    let answer = shop.answers.lock().unwrap().pop().unwrap_or(204);
    axum::http::StatusCode::from_u16(answer).unwrap()
}
