//! A server with a settings file, gateways and a shop, on real sockets, for one broken set-up.

use crate::fronts::{self, Front};
use async_trait::async_trait;
use axum::http::{HeaderMap, StatusCode};
use quittance_core::Timestamp;
use quittance_core::gateway::alipay::gateway_side;
use quittance_core::gateway::codepay::gateway_side as codepay;
use quittance_core::gateway::dinpay::gateway_side as dinpay;
use quittance_core::sign::PublicKey;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::webhook::Secret;
use quittance_sandbox::codepay::keys;
use quittance_sandbox::{
    CodePaySettings, Contract, DinpaySettings, Handle, Merchant, SandboxSettings,
};
use quittance_server::app::App;
use quittance_server::clock::{Clock, Mono, SystemClock};
use quittance_server::config;
use quittance_server::doctor::{self, Finding, Line, Net, Reached, Report, SystemNet, Verdict};
use quittance_server::node::Node;
use quittance_server::store::{DatabaseStore, Examined, Genesis, Opening, Store};
use quittance_server::transport::HttpTransport;
use quittance_server::view::Viewer;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;

pub const PARTNER: &str = "2088000000000001";
pub const KEY: &str = "0123456789abcdefghijklmnopqrstuv";
pub const OTHER_KEY: &str = "vutsrqponmlkjihgfedcba9876543210";
const API_KEY: &str = "test-api-key-0123456789";
const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// How the shop answers webhooks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shop {
    /// It verifies, and takes.
    Good,
    /// It takes whatever comes.
    Careless,
    /// It verifies with another secret.
    OtherSecret,
    /// Its code fails.
    Broken,
    /// Nothing is there.
    Absent,
    /// It wants a login first.
    Login,
}

/// What is different from a set-up in which all is well.
pub struct Wishes {
    /// Changes of the settings file: what stands there, and what in its place.
    pub edits: Vec<(&'static str, String)>,
    /// What is added to the settings file.
    pub more: String,
    /// What stands in front of the server.
    pub front: Option<Front>,
    /// The shop.
    pub shop: Shop,
    /// Whether the server runs.
    pub running: bool,
    /// What the merchant's contract at Alipay includes.
    pub contract: Contract,
    /// Whether Alipay and the merchant sign with pairs.
    pub rsa: bool,
    /// Seconds by which the clock is ahead.
    pub ahead_secs: i64,
    /// Where names lead.
    pub names: BTreeMap<&'static str, Vec<IpAddr>>,
    /// The mode of the settings file.
    pub mode: u32,
}

impl Default for Wishes {
    fn default() -> Wishes {
        Wishes {
            edits: Vec::new(),
            more: String::new(),
            front: None,
            shop: Shop::Good,
            running: true,
            contract: Contract::default(),
            rsa: false,
            ahead_secs: 0,
            names: BTreeMap::new(),
            mode: 0o600,
        }
    }
}

impl Wishes {
    pub fn edited(edits: &[(&'static str, &str)]) -> Wishes {
        let edits = edits.iter().map(|(old, new)| (*old, (*new).to_owned()));
        Wishes {
            edits: edits.collect(),
            ..Wishes::default()
        }
    }
}

/// The set-up.
pub struct World {
    pub gateway: Handle,
    pub app: Option<Arc<App>>,
    pub listen: SocketAddr,
    pub folder: tempfile::TempDir,
    pub ahead_secs: i64,
    pub names: BTreeMap<&'static str, Vec<IpAddr>>,
    pub tasks: JoinSet<()>,
    server: JoinSet<()>,
    /// Where the server would listen: nobody else takes it meanwhile.
    pub place: Option<TcpSocket>,
    _shop: Option<TcpSocket>,
    client: reqwest::Client,
}

/// A key of core's vectors.
fn material(name: &str) -> String {
    let vectors = include_str!("../../../core/tests/vectors/alipay.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    vectors["rsa_keys"][name].as_str().unwrap().to_owned()
}

pub fn env(name: &str) -> Option<String> {
    Some(match name {
        "API_KEY" => API_KEY.to_owned(),
        "KEY" => KEY.to_owned(),
        "OTHER_KEY" => OTHER_KEY.to_owned(),
        "BLANK_KEY" => format!("{KEY} "),
        "PARTNER" => PARTNER.to_owned(),
        "WHSEC" => WEBHOOK_SECRET.to_owned(),
        "CODEPAY_PRIVATE" => keys::MERCHANT_PRIVATE_KEY.trim().to_owned(),
        "CODEPAY_PUBLIC" => keys::GATEWAY_PUBLIC_KEY.trim().to_owned(),
        "CODEPAY_OWN_PUBLIC" => keys::MERCHANT_PUBLIC_KEY.trim().to_owned(),
        "PRIVATE" => material("merchant_rsa2048_private"),
        "PUBLIC" => material("gateway_rsa2048_public"),
        "OWN_PUBLIC" => material("merchant_rsa2048_public"),
        "OTHER_PUBLIC" => material("gateway_rsa1024_public"),
        _ => return None,
    })
}

impl World {
    pub async fn new() -> World {
        World::with(Wishes::default()).await
    }

    pub async fn with(wishes: Wishes) -> World {
        let folder = tempfile::tempdir().unwrap();
        let mut tasks = JoinSet::new();
        let place = reserved();
        let listen = place.local_addr().unwrap();
        let (gateway_url, gateway) = start_gateway(&mut tasks, &wishes).await;
        let (shop_url, shop_place) = start_shop(&mut tasks, wishes.shop);
        let own = format!("http://{listen}");
        let public_url = match wishes.front {
            Some(front) => fronts::put(&mut tasks, front, own).await,
            None => own,
        };
        let mut text = format!(
            r#"listen = "{listen}"
public_url = "{public_url}"
database = "sqlite:data"
[api_keys]
shop = {{ env = "API_KEY" }}
[accounts.main]
gateway = "alipay"
partner = "{PARTNER}"
key = {{ env = "KEY" }}
charset = "utf-8"
gateway_url = "{gateway_url}/gateway.do"
[accounts.main.check]
gaps = ["1h"]
[[webhooks]]
name = "shop"
url = "{shop_url}"
secret = {{ env = "WHSEC" }}
"#
        );
        for (old, new) in &wishes.edits {
            assert!(text.contains(old), "{old:?} is not in\n{text}");
            text = text.replace(old, &new.replace("{gateway}", &gateway_url));
        }
        text.push_str(&wishes.more.replace("{gateway}", &gateway_url));
        let file = folder.path().join("quittance.toml");
        std::fs::write(&file, &text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(wishes.mode)).unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let mut world = World {
            gateway,
            app: None,
            listen,
            folder,
            ahead_secs: wishes.ahead_secs,
            names: wishes.names,
            tasks,
            server: JoinSet::new(),
            place: None,
            _shop: shop_place,
            client,
        };
        match wishes.running {
            true => world.start(place.listen(1024).unwrap()).await,
            false => world.place = Some(place),
        }
        world
    }

    pub fn settings_file(&self) -> PathBuf {
        self.folder.path().join("quittance.toml")
    }

    /// Starts the server on this listener.
    pub async fn start(&mut self, listener: TcpListener) {
        let (mut setup, warnings) = config::load(&self.settings_file(), &env).unwrap();
        setup.warnings = warnings;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
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
        let store: Arc<dyn Store> =
            Arc::new(DatabaseStore::threaded(setup.database.folder().unwrap(), opening).unwrap());
        let transport = Arc::new(HttpTransport::new(clock.clone()).unwrap());
        let node = Node::start(setup, clock, transport, store).await.unwrap();
        self.app = Some(node.app.clone());
        self.server.spawn(async move {
            quittance_server::serve::serve(node, listener, std::future::pending()).await;
        });
    }

    /// Stops the server, changes its settings, and starts it again.
    pub async fn restarted(&mut self, old: &str, new: &str) {
        self.app = None;
        self.server.shutdown().await;
        let file = self.settings_file();
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace(old, new)).unwrap();
        let listener = TcpListener::bind(self.listen).await.unwrap();
        self.start(listener).await;
    }

    pub fn app(&self) -> &App {
        self.app.as_ref().expect("the server runs")
    }

    /// Everything that the doctor finds, as the program has him look.
    pub async fn report(&self, online: bool) -> Report {
        let clock: Arc<dyn Clock> = Arc::new(Shifted {
            machine: SystemClock::new(),
            ahead_secs: self.ahead_secs,
        });
        let read = config::load(&self.settings_file(), &env);
        let (setup, warnings) = match read {
            Ok(read) => read,
            Err(error) => return Report::new(clock.wall(), doctor::refused(&error)),
        };
        let transport = HttpTransport::new(clock.clone()).unwrap();
        let net = Names {
            names: self.names.clone(),
            machine: SystemNet::new(clock.clone()),
        };
        let line = Line {
            clock: &*clock,
            transport: &transport,
            net: &net,
        };
        let only: Option<&BTreeSet<String>> = None;
        let read = (&setup, &warnings[..]);
        doctor::report(read, only, clock.wall(), online.then_some(&line)).await
    }

    /// What the doctor tells first must be this.
    pub async fn tells(&self, online: bool, check: &str, code: &str, verdict: Verdict) -> Finding {
        let report = self.report(online).await;
        let first = report.first();
        let told = first.map(|first| (first.check.name(), &*first.code, first.verdict));
        assert_eq!(told, Some((check, code, verdict)), "{:#?}", report.findings);
        let first = first.unwrap().clone();
        for text in [Some(&first.detail), first.fix.as_ref()] {
            let text = text.expect("a cause and what to do");
            assert!(!text.en.is_empty() && !text.zh.is_ascii(), "{text:?}");
        }
        first
    }

    /// The same of a failure.
    pub async fn fails(&self, online: bool, check: &str, code: &str) -> Finding {
        self.tells(online, check, code, Verdict::Fail).await
    }

    pub async fn api(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("http://{}{path}", self.listen);
        let mut call = self
            .client
            .request(method.parse().unwrap(), url)
            .bearer_auth(API_KEY);
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

    /// Makes an order of 0.01 on `main` with this title, and lets the buyer open the cashier.
    pub async fn order(&self, order_no: &str, subject: &str) {
        let order =
            json!({"account": "main", "order_no": order_no, "subject": subject, "amount": "0.01"});
        let (status, made) = self.api("POST", "/v1/orders", Some(order)).await;
        assert_eq!(status, 201, "{made}");
        let path = format!("/v1/orders/main/{order_no}/checkout?via=get");
        let (_, checkout) = self.api("POST", &path, None).await;
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

    /// The buyer pays; notifies go on their way.
    pub fn pay(&self, order_no: &str) {
        let now = SystemClock::new().wall();
        self.gateway
            .with(|gateway| gateway.buyer_pays(now, PARTNER, order_no))
            .expect("paid");
    }

    /// A genuine notify of a paid trade with a fresh notify_id.
    pub fn genuine(&self, order_no: &str) -> Vec<u8> {
        let now = SystemClock::new().wall();
        self.gateway
            .with(|gateway| gateway.genuine_notify(now, PARTNER, order_no))
            .expect("a paid trade")
    }

    /// Posts a form, and gives what was answered.
    pub async fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> String {
        let call = self
            .client
            .post(format!("http://{}{path}", self.listen))
            .header("content-type", "application/x-www-form-urlencoded");
        let reply = call.body(body.into()).send().await.unwrap();
        reply.text().await.unwrap()
    }

    /// What is counted.
    pub async fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.listen);
        self.client
            .get(url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    }

    /// Waits until the journal is as wanted.
    pub async fn until(&self, wanted: impl Fn(&Examined) -> bool + Send + Sync) {
        let app = self.app();
        let mut changes = app.store.changes();
        let look = async {
            loop {
                let examined = app.store.examine(app.clock.wall()).await.unwrap();
                if wanted(&examined) {
                    return;
                }
                let _ = changes.recv().await;
            }
        };
        let done = app.clock.within(Duration::from_secs(20), look).await;
        assert!(done.is_some(), "it never came to be");
    }
}

/// The machine's clock, and by how much it is wrong.
struct Shifted {
    machine: SystemClock,
    ahead_secs: i64,
}

#[async_trait]
impl Clock for Shifted {
    fn wall(&self) -> Timestamp {
        let ahead = jiff::SignedDuration::from_secs(self.ahead_secs);
        self.machine.wall().checked_add(ahead).unwrap()
    }

    fn mono(&self) -> Mono {
        self.machine.mono()
    }

    async fn sleep_until(&self, at: Mono) {
        self.machine.sleep_until(at).await;
    }

    fn nonce(&self) -> [u8; 32] {
        self.machine.nonce()
    }
}

/// A resolver that was told where some names lead.
struct Names {
    names: BTreeMap<&'static str, Vec<IpAddr>>,
    machine: SystemNet,
}

#[async_trait]
impl Net for Names {
    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        match self.names.get(host) {
            Some(addresses) if addresses.is_empty() => Err("no such name".to_owned()),
            Some(addresses) => Ok(addresses.clone()),
            None => self.machine.resolve(host).await,
        }
    }

    async fn connect(&self, at: SocketAddr, limit: Duration) -> Reached {
        self.machine.connect(at, limit).await
    }
}

async fn start_gateway(tasks: &mut JoinSet<()>, wishes: &Wishes) -> (String, Handle) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let key = match wishes.rsa {
        true => gateway_side::Key::Rsa {
            gateway: PrivateKey::read(&material("gateway_rsa2048_private").into()).unwrap(),
            merchant: PublicKey::read(&material("merchant_rsa2048_public")).unwrap(),
        },
        false => SecretString::from(KEY).into(),
    };
    let merchant = Merchant {
        partner: PARTNER.into(),
        key,
        email: "seller@example.com".into(),
        advanced: true,
    };
    let mut settings = SandboxSettings::new(vec![merchant], url.clone());
    settings.contracts = [(PARTNER.to_owned(), wishes.contract.clone())].into();
    settings.dinpay = DinpaySettings {
        merchants: vec![dinpay::Merchant {
            merchant_code: "1000000001".into(),
            key: dinpay::Key::Md5(KEY.into()),
            without: BTreeSet::new(),
            habits: dinpay::Habits::default(),
        }],
        ..DinpaySettings::default()
    };
    settings.codepay = CodePaySettings {
        apps: vec![codepay::App {
            app_id: "wzTESTAPP00000001".into(),
            gateway: PrivateKey::read(&keys::GATEWAY_PRIVATE_KEY.into()).unwrap(),
            merchant: PublicKey::read(keys::MERCHANT_PUBLIC_KEY)
                .and_then(PublicKey::for_rsa2)
                .unwrap(),
            merchants: vec![codepay::Merchant {
                merchant_no: "300000000001".into(),
                store_no: None,
                terminals: vec!["TESTSN0000000001".into()],
            }],
        }],
        ..CodePaySettings::default()
    };
    let handle = Handle::new(settings);
    let served = handle.clone();
    tasks.spawn(async move {
        let clock = Arc::new(quittance_sandbox::SystemClock);
        quittance_sandbox::serve(listener, served, clock, std::future::pending())
            .await
            .unwrap();
    });
    (url, handle)
}

/// An address at which nobody listens, and nobody else will.
pub fn reserved() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    // A server that starts again takes the address while old connections linger.
    socket.set_reuseaddr(true).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket
}

/// Gives its address, and what keeps the address free where nobody is to be there.
fn start_shop(tasks: &mut JoinSet<()>, shop: Shop) -> (String, Option<TcpSocket>) {
    let place = reserved();
    let url = format!("http://{}/hooks", place.local_addr().unwrap());
    if shop == Shop::Absent {
        return (url, Some(place));
    }
    let listener = place.listen(1024).unwrap();
    let hear = move |headers: HeaderMap, body: axum::body::Bytes| async move {
        let secret = match shop {
            Shop::OtherSecret => "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            _ => WEBHOOK_SECRET,
        };
        let secret = Secret::parse(&SecretString::from(secret)).unwrap();
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        let verified = secret.verify(
            &header("webhook-id"),
            &header("webhook-timestamp"),
            &header("webhook-signature"),
            &body,
            SystemClock::new().wall().as_second(),
        );
        match (shop, verified) {
            (Shop::Broken, _) => StatusCode::INTERNAL_SERVER_ERROR,
            (Shop::Login, _) => StatusCode::FOUND,
            (Shop::Careless, _) | (_, Ok(())) => StatusCode::NO_CONTENT,
            (_, Err(_)) => StatusCode::UNAUTHORIZED,
        }
    };
    let router = axum::Router::new().route("/hooks", axum::routing::post(hear));
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, None)
}

/// A secret, for tests that look for it.
pub fn secret(name: &str) -> String {
    SecretString::from(env(name).unwrap())
        .expose_secret()
        .to_owned()
}
