//! A running `demo`: its addresses as it prints them, its shop's book, its webhook secret, and a buyer.

use crate::buyer::{Buyer, led_to};
use crate::program::command;
use quittance_core::webhook::Secret;
use quittance_server::clock::{Clock, SystemClock};
use reqwest::StatusCode;
use rusqlite::Connection;
use secrecy::SecretString;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

/// Whatever is waited for comes within this time.
const PATIENCE: Duration = Duration::from_secs(30);

/// A demo that ends with its test at the latest.
pub struct Demo {
    pub server: String,
    pub shop: String,
    pub key: String,
    pub terminal: String,
    pub buyer: Buyer,
    folder: PathBuf,
    http: reqwest::Client,
    child: Child,
}

/// An order of the demo's shop.
pub struct Bought {
    pub order_no: String,
    pub pay_url: String,
}

impl Demo {
    /// Starts one on any free ports, and reads from its greeting where it is.
    pub fn start(folder: &Path) -> Demo {
        let data = folder.to_str().unwrap();
        let arguments = ["demo", "--listen", "127.0.0.1:0", "--data", data];
        let mut child = command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut printed = |label: &str| {
            let line = lines.by_ref().map(Result::unwrap);
            let mut line = line.skip_while(|line| !line.starts_with(label));
            line.next().unwrap()[label.len()..].trim().to_owned()
        };
        let (shop, terminal, server) = (printed("shop"), printed("terminal"), printed("server"));
        let curl = printed("  curl ");
        let key = curl.split(['\'', ' ']).rev().find(|word| word.len() == 64);
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build();
        Demo {
            server: server.trim_end_matches("/openapi.json").to_owned(),
            shop,
            terminal,
            buyer: Buyer::new(),
            key: key.unwrap().to_owned(),
            folder: folder.to_owned(),
            http: http.unwrap(),
            child,
        }
    }

    /// The buyer presses "Buy"; nothing is paid yet.
    pub async fn buy(&self, article: &str) -> Bought {
        let address = format!("{}/buy", self.shop);
        let sent = self
            .buyer
            .press(&address, &format!("article={article}"))
            .await;
        let pay_url = led_to(&sent);
        let order_no = self.read("SELECT order_no FROM orders WHERE pay_url = ?", &pay_url);
        Bought { order_no, pay_url }
    }

    /// The buyer goes through the confirm page and the cashier, and closes the window.
    pub async fn pay(&self, bought: &Bought) {
        self.buyer.pay(&bought.pay_url).await;
    }

    /// A page as the browser shows it, in English.
    pub async fn page(&self, address: &str) -> String {
        self.buyer.page(address).await
    }

    /// The settings that it left behind.
    pub fn config(&self) -> PathBuf {
        self.folder.join("quittance.toml")
    }

    /// A call of the merchant API.
    pub async fn api(&self, method: reqwest::Method, path: &str) -> Value {
        let call = self.http.request(method, format!("{}{path}", self.server));
        let sent = call.bearer_auth(&self.key).send().await.unwrap();
        assert!(sent.status().is_success(), "{path}: {}", sent.status());
        serde_json::from_slice(&sent.bytes().await.unwrap()).unwrap_or_default()
    }

    /// The id of an order's `order.paid`.
    pub async fn order_paid(&self, bought: &Bought) -> String {
        let feed = self.api(reqwest::Method::GET, "/v1/events?limit=200").await;
        let mut events = feed["items"].as_array().unwrap().iter();
        let wanted = |event: &&Value| {
            event["type"] == "order.paid" && event["data"]["order"]["order_no"] == *bought.order_no
        };
        events.find(wanted).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A webhook as Quittance would send it.
    pub fn webhook(&self, id: &str, body: &str) -> reqwest::RequestBuilder {
        let now = SystemClock::new().wall().as_second();
        let sign = self.secret().sign(id, now, body.as_bytes());
        self.http
            .post(format!("{}/hooks/quittance", self.shop))
            .header("webhook-id", id)
            .header("webhook-timestamp", now)
            .header("webhook-signature", sign)
            .body(body.to_owned())
    }

    /// What the shop answers to a webhook.
    pub async fn tell(&self, id: &str, body: &str) -> StatusCode {
        self.webhook(id, body).send().await.unwrap().status()
    }

    /// The shop's book, beside the shop.
    pub fn book(&self) -> Connection {
        let book = Connection::open(self.folder.join("shop.db")).unwrap();
        book.busy_timeout(PATIENCE).unwrap();
        book
    }

    /// One value of the book as text.
    pub fn read(&self, query: &str, key: &str) -> String {
        let value = self
            .book()
            .query_row(query, [key], |row| row.get::<_, rusqlite::types::Value>(0));
        match value.unwrap() {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    /// How often an order was credited.
    pub fn credits(&self, bought: &Bought) -> String {
        self.read(
            "SELECT count(*) FROM credits WHERE order_no = ?",
            &bought.order_no,
        )
    }

    /// What the buyer has, in fen.
    pub fn balance(&self) -> String {
        self.read(
            "SELECT coalesce(sum(fen), 0) FROM balances WHERE buyer = ?",
            "buyer",
        )
    }

    /// What the demo wrote into its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("quittance.log")).unwrap()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn secret(&self) -> Secret {
        let settings = std::fs::read_to_string(self.folder.join("quittance.toml")).unwrap();
        let secret = settings.split('"').find(|text| text.starts_with("whsec_"));
        Secret::parse(&SecretString::from(secret.unwrap())).unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until this is so.
pub async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let clock: &dyn Clock = &SystemClock::new();
    let deadline = clock.mono() + PATIENCE;
    while !so().await {
        assert!(clock.mono() < deadline, "not so: {what}");
        clock.sleep(Duration::from_millis(10)).await;
    }
}
