//! A merchant behind nginx, with the sandbox as the gateway.

use super::proxy::{Nginx, Site, free};
use super::wire::Answer;
use crate::gateway::{gateway, pay};
use crate::program::{API_KEY, Merchant, PARTNER};
use quittance_core::charset::Charset;
use quittance_sandbox::Handle;
use quittance_server::clock::{Clock, SystemClock};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::task::JoinSet;

/// The folder of the sample.
pub const FOLDER: &str = "/pay-folder";

pub struct Place {
    pub merchant: Merchant,
    pub nginx: Nginx,
    /// What else listens.
    pub tasks: JoinSet<()>,
    gateway: Handle,
    charset: Charset,
    http: reqwest::Client,
    clock: SystemClock,
}

impl Place {
    /// Settings with nginx as the public address, and nginx itself; the server is not started.
    pub async fn new(charset: Charset, change: impl FnOnce(&mut Site)) -> Place {
        let mut tasks = JoinSet::new();
        let (gateway, gateway_url) = gateway(&mut tasks).await;
        let merchant = Merchant::new(&gateway_url, charset.label());
        let listen = free();
        let (own, public) = (&merchant.url, format!("http://{listen}{FOLDER}"));
        let text = std::fs::read_to_string(merchant.config()).unwrap();
        let text = text.replace(
            &format!("public_url = \"{own}\""),
            &format!("public_url = \"{public}\"\ntrusted_proxies = [\"127.0.0.1\"]"),
        );
        assert!(text.contains(&public));
        std::fs::write(merchant.config(), text).unwrap();
        let site = site(&merchant, listen, change);
        Place {
            nginx: Nginx::start(&site).await,
            merchant,
            tasks,
            gateway,
            charset,
            // The gateway's way back is looked at, not followed.
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            clock: SystemClock::new(),
        }
    }

    /// nginx again, at the same address, with other settings.
    pub async fn restart_nginx(&mut self, change: impl FnOnce(&mut Site)) {
        let site = site(&self.merchant, free(), change);
        self.nginx = Nginx::start(&site).await;
    }

    /// The address of the server itself.
    pub fn server(&self) -> SocketAddr {
        address(&self.merchant)
    }

    /// Makes an order for 0.01.
    pub async fn order(&self, order_no: &str) {
        let order =
            json!({"account": "main", "order_no": order_no, "subject": "茶", "amount": "0.01"});
        let call = self.http.post(format!("{}/v1/orders", self.merchant.url));
        let call = call.header("content-type", "application/json");
        let call = call.header("authorization", format!("Bearer {API_KEY}"));
        let answer = call.body(order.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 201);
    }

    /// The order as it stands.
    pub async fn show(&self, order_no: &str) -> Value {
        self.api(&format!("orders/main/{order_no}")).await
    }

    /// The path of the order's page, as browsers see it.
    pub async fn pay_path(&self, order_no: &str) -> String {
        let order = self.show(order_no).await;
        let page = url::Url::parse(order["pay_url"].as_str().unwrap()).unwrap();
        assert!(page.path().starts_with(FOLDER), "{page}");
        page.path().to_owned()
    }

    /// The buyer pays at the gateway; gives the notify that it would send.
    pub fn paid(&self, order_no: &str, subject: &str) -> Vec<u8> {
        pay(&self.gateway, &self.clock, order_no, subject, self.charset);
        let now = self.clock.wall();
        let notify = |sandbox: &mut quittance_sandbox::Sandbox| {
            sandbox.genuine_notify(now, PARTNER, order_no)
        };
        self.gateway.with(notify).unwrap()
    }

    /// Sends the form of an order's page to the gateway, as a browser does, and pays there. Gives the way back.
    pub async fn pays_by_form(&self, page: &Answer) -> String {
        let text = page.text();
        let action = attributes(&text, "action").find(|action| action.starts_with("http"));
        // The first form goes to the gateway; the one behind it chooses how to pay.
        let signed = text.split("</form>").next().unwrap();
        let names = attributes(signed, "name").skip_while(|name| name != "service");
        let values = attributes(signed, "value");
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in names.zip(values) {
            form.append_pair(&name, &value);
        }
        let call = self.http.post(action.expect("a form to the gateway"));
        let call = call.header("content-type", "application/x-www-form-urlencoded");
        let sent = call.body(form.finish()).send().await.unwrap();
        assert_eq!(sent.status(), 303, "{:?}", sent.text().await);
        let now = self.clock.wall();
        let pays =
            |sandbox: &mut quittance_sandbox::Sandbox| sandbox.buyer_pays(now, PARTNER, "A-1");
        self.gateway.with(pays).expect("a way back")
    }

    /// The raw bodies of callbacks in the journal on disk, in their order, as soon as there are so many: junk is
    /// written down after it was answered.
    pub async fn bodies(&self, count: usize) -> Vec<Vec<u8>> {
        let clock: &dyn Clock = &self.clock;
        let database = Connection::open(self.merchant.database()).unwrap();
        let mut found = database
            .prepare("SELECT body FROM bodies JOIN entries USING (seq) WHERE kind IN (5, 6) ORDER BY seq")
            .unwrap();
        let deadline = clock.mono() + Duration::from_secs(30);
        loop {
            let rows = found.query_map([], |row| row.get(0)).unwrap();
            let bodies: Vec<Vec<u8>> = rows.map(Result::unwrap).collect();
            if bodies.len() >= count {
                return bodies;
            }
            assert!(clock.mono() < deadline, "a callback is not journaled");
            clock.sleep(Duration::from_millis(10)).await;
        }
    }

    /// What was answered by the order's entries of this kind.
    pub async fn journal(&self, order_no: &str, kind: &str) -> Vec<String> {
        let journal = self.api(&format!("orders/main/{order_no}/journal")).await;
        let entries = journal["items"].as_array().unwrap().iter();
        let answered = |entry: &Value| entry["answered"].as_str().unwrap().to_owned();
        entries
            .filter(|entry| entry["kind"] == kind)
            .map(answered)
            .collect()
    }

    /// Fails unless the order is paid, by one trade, and told of once.
    pub async fn assert_paid_once(&self, order_no: &str) {
        let order = self.api(&format!("orders/main/{order_no}?wait=30")).await;
        assert_eq!(order["status"], "paid", "{order}");
        assert_eq!(order["trades"].as_array().unwrap().len(), 1, "{order}");
        assert_eq!(order["discrepancies"], json!([]), "{order}");
        let feed = self.api("events?limit=200").await;
        let events = feed["items"].as_array().unwrap().iter();
        let told: Vec<&str> = events
            .filter(|event| event["data"]["order"]["order_no"] == order_no)
            .map(|event| event["type"].as_str().unwrap())
            .collect();
        assert_eq!(told, ["payment.recorded", "order.paid"]);
    }

    /// Where a page leads to. Fails where that is a path outside the folder.
    pub fn leads_to(&self, page: &Answer) -> Vec<String> {
        let text = page.text();
        let links = ["href", "action", "data-here"];
        let links: Vec<String> = links
            .iter()
            .flat_map(|name| attributes(&text, name).collect::<Vec<_>>())
            .collect();
        for link in links.iter().filter(|link| link.starts_with('/')) {
            assert!(link.starts_with(&format!("{FOLDER}/")), "{link} in {text}");
        }
        if let Some((_, refresh)) = text.split_once(";url=") {
            assert!(refresh.starts_with(FOLDER), "{refresh}");
        }
        links
    }

    async fn api(&self, what: &str) -> Value {
        let call = self.http.get(format!("{}/v1/{what}", self.merchant.url));
        let call = call.header("authorization", format!("Bearer {API_KEY}"));
        let answer = call.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }
}

fn site(merchant: &Merchant, listen: SocketAddr, change: impl FnOnce(&mut Site)) -> Site {
    let mut site = Site {
        listen,
        servers: format!("server {};", address(merchant)),
        changed: &[],
        http: "",
    };
    change(&mut site);
    site
}

fn address(merchant: &Merchant) -> SocketAddr {
    let address = merchant.url.strip_prefix("http://").unwrap();
    address.parse().unwrap()
}

/// The values of an attribute in a page, in their order.
fn attributes<'a>(page: &'a str, name: &str) -> impl Iterator<Item = String> + 'a {
    let begins = format!(" {name}=\"");
    let parts: Vec<&str> = page.split(begins.as_str()).skip(1).collect();
    let value = |part: &str| part.split('"').next().unwrap().replace("&#38;", "&");
    parts
        .into_iter()
        .map(move |part| value(part).replace("&amp;", "&"))
}
