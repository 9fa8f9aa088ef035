//! The demo shop: what a merchant's own program does. It makes orders by the API, sends the buyer on, and believes
//! nothing but the signed webhook.

mod book;
mod pages;

pub use book::{Book, Sale};

use crate::client::{ApiError, Client};
use axum::Form;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};
use quittance_core::webhook::Secret;
use quittance_server::clock::Clock;
use quittance_server::http::pages::{Visit, remember_language, see_other};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A webhook, or a form, is no longer than this.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// What is for sale. Titles go to the gateway in the account's charset.
pub struct Article {
    /// Its name in forms.
    pub id: &'static str,
    /// The title in English.
    pub en: &'static str,
    /// The title in Chinese.
    pub zh: &'static str,
    /// The price in yuan.
    pub price: &'static str,
    /// The account that is paid.
    pub account: &'static str,
}

/// The shelf: the last article is sold through the account that speaks GBK.
pub const ARTICLES: [Article; 3] = [
    Article {
        id: "tea",
        en: "Longjing tea",
        zh: "龙井茶",
        price: "0.01",
        account: "main",
    },
    Article {
        id: "cup",
        en: "White porcelain cup",
        zh: "白瓷杯",
        price: "12.80",
        account: "main",
    },
    Article {
        id: "book",
        en: "The Classic of Tea",
        zh: "《茶经》",
        price: "35.00",
        account: "gbk",
    },
];

/// The shop.
pub struct Shop {
    api: Client,
    secret: Secret,
    clock: Arc<dyn Clock>,
    /// The buyer's way to Quittance's page, which the pages' policy must allow.
    server_url: String,
    book: Mutex<Book>,
    changed: watch::Sender<()>,
}

impl Shop {
    /// A shop with an empty book.
    pub fn new(api: Client, secret: Secret, clock: Arc<dyn Clock>, server_url: &str) -> Shop {
        Shop {
            api,
            secret,
            clock,
            server_url: server_url.to_owned(),
            book: Mutex::default(),
            changed: watch::Sender::new(()),
        }
    }

    /// Looks something up in the book.
    pub fn look<T>(&self, find: impl FnOnce(&Book) -> T) -> T {
        find(&self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until something is found in the book.
    pub async fn until<T>(&self, find: impl Fn(&Book) -> Option<T>) -> T {
        let mut changed = self.changed.subscribe();
        loop {
            if let Some(found) = self.look(&find) {
                return found;
            }
            // The sender lives as long as the shop.
            let _ = changed.changed().await;
        }
    }

    fn write(&self, change: impl FnOnce(&mut Book)) {
        change(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.send_replace(());
    }
}

/// Serves the shop until it is asked to stop.
pub async fn serve(
    listener: TcpListener,
    shop: Arc<Shop>,
    stopped: impl Future<Output = ()> + Send + 'static,
) {
    let router = Router::new()
        .route("/", get(home))
        .route("/buy", post(buy))
        .route("/orders", get(orders))
        .route("/hooks/quittance", post(told))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(remember_language))
        .with_state(shop);
    let served = axum::serve(listener, router).with_graceful_shutdown(stopped);
    if let Err(error) = served.await {
        tracing::error!(%error, "the demo shop ended");
    }
}

async fn home(State(shop): State<Arc<Shop>>, Visit { lang }: Visit) -> Response {
    pages::home(lang, &shop.server_url)
}

#[derive(Deserialize)]
struct Buy {
    article: String,
}

/// Makes the order, notes it down, and sends the buyer to Quittance's page.
async fn buy(
    State(shop): State<Arc<Shop>>,
    Visit { lang }: Visit,
    Form(buy): Form<Buy>,
) -> Response {
    let Some(article) = ARTICLES.iter().find(|article| article.id == buy.article) else {
        return pages::sold_out(lang);
    };
    let order = json!({
        "account": article.account,
        "subject": format!("{} {}", article.zh, article.en),
        "amount": article.price,
        "currency": "CNY",
    });
    match shop.api.post(&["orders"], &[], Some(&order)).await {
        Ok(order) => {
            let sale = Sale::new(&order);
            let pay_url = sale.pay_url.clone();
            shop.write(|book| book.note(sale));
            see_other(&pay_url)
        }
        Err(error) => {
            if let ApiError::Refused { code, .. } = &error {
                tracing::warn!(code, "the demo shop's order was refused");
            }
            pages::no_order(lang)
        }
    }
}

async fn orders(State(shop): State<Arc<Shop>>, Visit { lang }: Visit) -> Response {
    let sales = shop.look(Book::newest);
    pages::orders(lang, &sales)
}

/// A webhook: believed for its signature, counted once for its id, acted on for its sequence.
async fn told(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let (id, sent) = (header("webhook-id"), header("webhook-timestamp"));
    let now = shop.clock.wall().as_second();
    let signed = shop
        .secret
        .verify(id, sent, header("webhook-signature"), &body, now);
    if let Err(error) = signed {
        tracing::warn!(%error, "the demo shop refused a webhook");
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(event) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    shop.write(|book| book.hear(id, &event));
    StatusCode::NO_CONTENT
}
