//! The addresses of the sandbox.

use crate::order::{Key, Order};
use crate::pages;
use crate::sandbox::Sandbox;
use quittance_core::gateway::alipay::gateway_side::{Code, TradeStatus};
use quittance_core::http::{Method, Reply};
use quittance_core::params::Params;
use quittance_core::{Lang, Timestamp};
use std::cmp::Reverse;
use std::time::Duration;

/// How many orders the index page lists, the newest first.
const ROWS_MAX: usize = 200;

/// A request that came in, from a merchant's server or a browser.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// `GET` or `POST`.
    pub method: Method,
    /// The path, starting with a slash.
    pub path: String,
    /// The query string as it came, without the question mark.
    pub query: Vec<u8>,
    /// The body as it came; ignored for `GET`.
    pub body: Vec<u8>,
    /// What the sender reads.
    pub lang: Lang,
}

/// What a request is answered with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The reply.
    pub reply: Reply,
    /// How long it is held back before it goes out.
    pub hold: Duration,
}

impl Answer {
    pub(crate) fn at_once(reply: Reply) -> Answer {
        Answer {
            reply,
            hold: Duration::ZERO,
        }
    }
}

impl Inbound {
    /// Path and query string.
    pub(crate) fn target(&self) -> String {
        match self.query.as_slice() {
            b"" => self.path.clone(),
            query => format!("{}?{}", self.path, String::from_utf8_lossy(query)),
        }
    }
}

impl Sandbox {
    /// Answers one request.
    pub fn handle(&mut self, now: Timestamp, request: &Inbound) -> Answer {
        self.expire(now);
        match request.path.as_str() {
            "/gateway.do" => self.gateway(now, request),
            _ => Answer::at_once(self.page(now, request)),
        }
    }

    fn page(&mut self, now: Timestamp, request: &Inbound) -> Reply {
        let mut segments = request.path.split('/').skip(1);
        match (
            request.method,
            segments.next(),
            segments.next(),
            segments.next(),
        ) {
            (Method::Get, Some("cashier"), Some(token), None) => self.show_cashier(now, token),
            (Method::Post, Some("cashier"), Some(token), None) => {
                self.press_button(now, token, &request.body)
            }
            (Method::Get, Some("paid"), Some(token), None) => self.show_paid(now, token),
            (Method::Get, Some(""), None, None) => self.show_index(now),
            _ => pages::not_found(),
        }
    }

    /// Opening the page is logging in: from then on the trade exists.
    fn show_cashier(&mut self, now: Timestamp, token: &str) -> Reply {
        let Some(key) = self.by_token.get(token).cloned() else {
            return pages::not_found();
        };
        if let Err(code) = self.open(now, &key) {
            return pages::error(code);
        }
        let Some(order) = self.orders.get(&key) else {
            return pages::not_found();
        };
        match order.status() {
            Some(TradeStatus::WaitBuyerPay) => pages::cashier(&key, order, &self.payee(&key)),
            Some(TradeStatus::Closed)
                if order
                    .trade
                    .as_ref()
                    .is_none_or(|trade| trade.gmt_payment.is_none()) =>
            {
                pages::closed()
            }
            _ => pages::redirect(&format!("/paid/{token}")),
        }
    }

    fn press_button(&mut self, now: Timestamp, token: &str, body: &[u8]) -> Reply {
        let Some(key) = self.by_token.get(token).cloned() else {
            return pages::not_found();
        };
        let form = Params::parse(body).unwrap_or_default();
        match form.get("action") {
            Some(b"pay") => match self.pay(now, &key) {
                Ok(()) => pages::redirect(&format!("/paid/{token}")),
                // A second press of the button, or a page that was left open: the cashier says how things stand.
                Err(Code("TRADE_NOT_ALLOWED_PAY")) => self.show_cashier(now, token),
                Err(code) => pages::error(code),
            },
            Some(b"leave") => pages::left(&format!("/cashier/{token}")),
            _ => pages::error(Code("ILLEGAL_ARGUMENT")),
        }
    }

    fn show_paid(&mut self, now: Timestamp, token: &str) -> Reply {
        let Some(key) = self.by_token.get(token).cloned() else {
            return pages::not_found();
        };
        let Some(order) = self.orders.get(&key) else {
            return pages::not_found();
        };
        if order
            .trade
            .as_ref()
            .is_none_or(|trade| trade.gmt_payment.is_none())
        {
            return pages::redirect(&format!("/cashier/{token}"));
        }
        let way_back = self.way_back(now, &key);
        let Some(order) = self.orders.get(&key) else {
            return pages::not_found();
        };
        pages::paid(
            order,
            &self.payee(&key),
            way_back,
            self.settings.success_page_secs,
        )
    }

    fn show_index(&self, now: Timestamp) -> Reply {
        let mut newest: Vec<(&Key, &Order)> = self.orders.iter().collect();
        newest.sort_unstable_by_key(|(_, order)| Reverse(order.made));
        let rows = newest
            .iter()
            .take(ROWS_MAX)
            .map(|(key, order)| self.view(key, order))
            .collect();
        let hidden = newest.len().saturating_sub(ROWS_MAX);
        pages::index(now, rows, hidden, &self.refusals, self.settings.speed)
    }

    /// Whom the buyer pays, as the cashier names it.
    fn payee(&self, key: &Key) -> String {
        self.merchant(&key.partner)
            .map(|merchant| merchant.email)
            .unwrap_or_default()
    }
}
