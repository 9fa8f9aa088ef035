//! The demo shop: what a merchant's own program does. It makes orders by the API and sends the buyer on, believes
//! nothing but the signed webhook, and shows the buyer his orders when he is back.

mod arrivals;
mod book;
mod event;
mod pages;
mod shelf;

pub use arrivals::Arrivals;
pub use book::Book;

use crate::client::{ApiError, Client};
use crate::out::field;
use axum::Form;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};
use book::{Heard, NewSale};
use event::{Event, Refused};
use quittance_core::Lang;
use quittance_core::webhook::Secret;
use quittance_server::clock::Clock;
use quittance_server::http::pages::{Visit, remember_language, see_other};
use serde::Deserialize;
use serde_json::json;
use shelf::{Article, Way};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A webhook, or a form, is no longer than this.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// The shop.
pub struct Shop {
    api: Client,
    secret: Secret,
    clock: Arc<dyn Clock>,
    urls: Urls,
    /// A transaction takes a millisecond or two and nothing is awaited inside it, so a lock is enough for a shop of
    /// this size; a busy one gives its book a thread of its own, as the server does with its store.
    book: Mutex<Book>,
    arrivals: Mutex<Arrivals>,
    changed: watch::Sender<()>,
}

/// Where things are.
pub struct Urls {
    /// The buyer's way to Quittance's page, which the pages' policy must allow.
    pub server: String,
    /// Where buyers reach the shop.
    pub shop: String,
    /// The page that plays the terminal of the counter.
    pub terminal: String,
}

/// Why there is no order to pay.
enum NoOrder {
    /// Quittance said no, or nothing.
    Api(ApiError),
    /// It could not be written down.
    Book(rusqlite::Error),
}

impl Shop {
    /// A shop with this book.
    pub fn new(api: Client, secret: Secret, clock: Arc<dyn Clock>, urls: Urls, book: Book) -> Shop {
        Shop {
            api,
            secret,
            clock,
            urls,
            book: Mutex::new(book),
            arrivals: Mutex::default(),
            changed: watch::Sender::new(()),
        }
    }

    /// The book. What a panic left unfinished in it was rolled back.
    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came for one order since the shop opened.
    pub fn arrivals(&self, account: &str, order_no: &str) -> Arrivals {
        self.counted().of_order(account, order_no)
    }

    /// Waits until something is found in the shop.
    pub async fn until<T>(&self, find: impl Fn(&Shop) -> Option<T>) -> T {
        let mut changed = self.changed.subscribe();
        loop {
            if let Some(found) = find(self) {
                return found;
            }
            // The sender lives as long as the shop.
            let _ = changed.changed().await;
        }
    }

    /// First touch point: the order goes into the shop's own book, then to Quittance, which gives the page to pay at.
    async fn order(&self, article: &Article, way: Option<&Way>) -> Result<String, NoOrder> {
        let (order_no, subject) = (self.number(), article.subject());
        let account = article.account(way);
        let price = article.price();
        let sale = NewSale {
            account,
            order_no: &order_no,
            subject: &subject,
            fen: price.minor,
            top_up: article.top_up,
            made_at: self.clock.wall().as_second(),
        };
        self.book().note(&sale).map_err(NoOrder::Book)?;
        let order = json!({
            "account": account,
            "order_no": order_no,
            "subject": subject,
            "amount": price.decimal(),
            "currency": price.currency.code(),
            "method": way.and_then(|way| way.method),
            "return_to": format!("{}/orders", self.urls.shop),
        });
        let made = self.api.post(&["orders"], &[], Some(&order)).await;
        let pay_url = field(&made.map_err(NoOrder::Api)?, "pay_url");
        self.book()
            .payable(account, &order_no, &pay_url)
            .map_err(NoOrder::Book)?;
        Ok(pay_url)
    }

    /// A number that the shop has not given out: the time (UTC), and six random digits.
    fn number(&self) -> String {
        let nonce = self.clock.nonce();
        let random = u32::from_be_bytes([nonce[0], nonce[1], nonce[2], nonce[3]]) % 1_000_000;
        let time = self.clock.wall().strftime("%Y%m%d%H%M%S");
        format!("T{time}{random:06}")
    }

    /// Counts a delivery, and wakes who waits for one.
    fn arrived(&self, event: &Event) {
        self.counted().count(event);
        self.changed.send_replace(());
    }

    fn counted(&self) -> MutexGuard<'_, Arrivals> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
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
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(remember_language))
        .with_state(shop);
    let served = axum::serve(listener, router).with_graceful_shutdown(stopped);
    if let Err(error) = served.await {
        tracing::error!(%error, "the demo shop ended");
    }
}

async fn home(State(shop): State<Arc<Shop>>, Visit { lang }: Visit) -> Response {
    let balance = shop.book().balance();
    match balance {
        Ok(balance) => pages::home(lang, balance, &shop.urls),
        Err(error) => closed_book(lang, &error),
    }
}

#[derive(Deserialize)]
struct Buy {
    article: String,
    way: Option<String>,
}

async fn buy(
    State(shop): State<Arc<Shop>>,
    Visit { lang }: Visit,
    chosen: Result<Form<Buy>, FormRejection>,
) -> Response {
    let chosen = chosen.ok().and_then(|Form(buy)| {
        let way = buy.way.as_deref().map(Way::find);
        // A way that there is not is no reason to take money in another one.
        way.is_none_or(|way| way.is_some())
            .then(|| (Article::find(&buy.article), way.flatten()))
    });
    let Some((Some(article), way)) = chosen else {
        return pages::sold_out(lang);
    };
    match shop.order(article, way).await {
        Ok(pay_url) => see_other(&pay_url),
        Err(NoOrder::Book(error)) => closed_book(lang, &error),
        Err(NoOrder::Api(error)) => {
            let why = error.say(Lang::En);
            tracing::warn!(why, "the demo shop got no order");
            pages::no_order(lang)
        }
    }
}

/// Third touch point: where the buyer comes back to.
async fn orders(State(shop): State<Arc<Shop>>, Visit { lang }: Visit) -> Response {
    let sales = shop.book().newest();
    match sales {
        Ok(sales) => pages::orders(lang, &shop.counted(), &sales, shop.clock.wall().as_second()),
        Err(error) => closed_book(lang, &error),
    }
}

/// Second touch point: the webhook. 2xx only after the commit; after 500 it comes again.
/// README.md shows this function; `tests/it/shop.rs` compares them.
async fn told(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let now = shop.clock.wall().as_second();
    let event = match Event::read(&shop.secret, &headers, &body, now) {
        Ok(Some(event)) => event,
        Ok(None) => return StatusCode::OK, // about no order, such as the journal's daily anchor
        Err(Refused::Signature(_)) => return StatusCode::UNAUTHORIZED,
        Err(Refused::Malformed) => return StatusCode::BAD_REQUEST,
    };
    let heard = shop.book().hear(&event);
    match heard {
        Ok(Heard::Now | Heard::Before) => {
            shop.arrived(&event);
            StatusCode::OK
        }
        Err(error) => {
            tracing::error!(%error, "the demo shop could not write an event down");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

async fn nowhere(Visit { lang }: Visit) -> Response {
    pages::nowhere(lang)
}

fn closed_book(lang: Lang, error: &rusqlite::Error) -> Response {
    tracing::error!(%error, "the demo shop's book failed");
    pages::closed_book(lang)
}
