//! Dinpay over real sockets: the ten points of seed 000 as far as they are the server's, with both kinds of signature and
//! both charsets. The gateway's side is `both::Gateway`; only questions go through a transport of the test.

mod callbacks;
mod pages;
mod seed;

use crate::both::{self, Gateway, Signs};
use crate::world::{API_KEY, bare_setup, open};
use async_trait::async_trait;
use quittance_core::charset::Charset;
use quittance_core::gateway::{Account, dinpay};
use quittance_core::http::{Reply, Request};
use quittance_server::app::App;
use quittance_server::clock::{Clock, SystemClock};
use quittance_server::node::Node;
use quittance_server::setup::DirectPay;
use quittance_server::transport::{Transport, TransportError};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Questions go straight to the gateway.
struct Wire {
    gateway: Arc<Gateway>,
    asked: Arc<Mutex<usize>>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request, _: Duration) -> Result<Reply, TransportError> {
        *self.asked.lock().unwrap() += 1;
        Ok(self.gateway.answers(&request, self.clock.wall()))
    }
}

/// A server with one account, the gateway, and the buyer's browser, which keeps no cookies and follows no redirect.
struct World {
    url: String,
    gateway: Arc<Gateway>,
    app: Arc<App>,
    browser: reqwest::Client,
    asked: Arc<Mutex<usize>>,
    _tasks: JoinSet<()>,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> World {
        World::of(Signs::Md5, Charset::Utf8).await
    }

    async fn of(signs: Signs, charset: Charset) -> World {
        World::with(signs, both::account(signs, charset)).await
    }

    async fn with(signs: Signs, account: dinpay::Account) -> World {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut setup = bare_setup();
        setup.public_url.clone_from(&url);
        setup.webhooks.clear();
        setup.accounts.retain(|name, _| name == "main");
        let main = Arc::make_mut(setup.accounts.get_mut("main").unwrap());
        main.policy = both::policy(&account, &[3_600]);
        main.account = Account::Dinpay(account);
        main.direct_pay = Some(DirectPay::default());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let gateway = Arc::new(Gateway::new(signs));
        let asked = Arc::default();
        let wire = Wire {
            gateway: gateway.clone(),
            asked: Arc::clone(&asked),
            clock: clock.clone(),
        };
        let store = open(folder.path(), &setup, &*clock);
        let node = Node::start(setup, clock, Arc::new(wire), store)
            .await
            .unwrap();
        let app = node.app.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            quittance_server::serve::serve(node, listener, std::future::pending()).await;
        });
        World {
            url,
            gateway,
            app,
            browser: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
                .unwrap(),
            asked,
            _tasks: tasks,
            _folder: folder,
        }
    }

    async fn api(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let method = method.parse().unwrap();
        let url = format!("{}{path}", self.url);
        let mut call = self.browser.request(method, url).bearer_auth(API_KEY);
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

    /// An order of 1.00 whose buyer is at the cashier; gives its token.
    async fn order(&self, order_no: &str, subject: &str) -> String {
        let order = json!({"account": "main", "order_no": order_no, "subject": subject, "amount": "1.00", "extra": "uid=42"});
        let (status, made) = self.api("POST", "/v1/orders", Some(order)).await;
        assert_eq!(status, 201, "{made}");
        let path = format!("/v1/orders/main/{order_no}/checkout");
        let (status, form) = self.api("POST", &path, None).await;
        assert_eq!(status, 200, "{form}");
        let request = self.gateway.takes(&form);
        assert_eq!(request.product_name, subject);
        let page = made["pay_url"].as_str().unwrap();
        page.rsplit('/').next().unwrap().to_owned()
    }

    /// The same, and he pays.
    async fn paid(&self, order_no: &str) -> String {
        let token = self.order(order_no, "a book").await;
        self.gateway.pays(order_no, self.app.clock.wall());
        token
    }

    async fn post(&self, url: &str, body: impl Into<Vec<u8>>) -> reqwest::Response {
        let call = self.browser.post(url);
        call.header("content-type", "application/x-www-form-urlencoded")
            .body(body.into())
            .send()
            .await
            .unwrap()
    }

    /// The gateway's server calls.
    async fn notify(&self, body: impl Into<Vec<u8>>) -> String {
        let url = format!("{}/notify/main", self.url);
        self.post(&url, body).await.text().await.unwrap()
    }

    /// The gateway's page has the buyer's browser post to the return address, from another site.
    async fn comes_back(&self, order_no: &str) -> reqwest::Response {
        let (_, address) = self.gateway.addresses(order_no);
        self.browser
            .post(address)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", "https://pay.dinpay.com")
            .header("sec-fetch-site", "cross-site")
            .body(self.gateway.returned(order_no))
            .send()
            .await
            .unwrap()
    }

    async fn show(&self, order_no: &str) -> Value {
        let path = format!("/v1/orders/main/{order_no}");
        self.api("GET", &path, None).await.1
    }

    /// The entries of the order's journal that are callbacks.
    async fn callbacks(&self, order_no: &str) -> Vec<Value> {
        let path = format!("/v1/orders/main/{order_no}/journal?limit=200");
        let journal = self.api("GET", &path, None).await.1;
        let items = journal["items"].as_array().unwrap().iter();
        items
            .filter(|entry| entry["kind"] == "notify" || entry["kind"] == "return")
            .cloned()
            .collect()
    }

    /// The types of all events.
    async fn events(&self) -> Vec<String> {
        let (_, page) = self.api("GET", "/v1/events?limit=200", None).await;
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    }

    fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }
}
