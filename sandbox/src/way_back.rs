//! The way back to the shop: where the success page leads, and what the buyer's browser then brings.

use crate::ack::Ack;
use crate::asked::Asked;
use crate::exchange::{Exchange, Kind};
use crate::gateway::Gateway;
use crate::order::{Key, Order};
use crate::remark::Fault;
use crate::sandbox::Sandbox;
use quittance_core::Timestamp;
use quittance_core::charset::Charset;
use quittance_core::http::{Method, Request};
use quittance_core::params::Params;

/// Where the success page leads.
pub(crate) enum WayBack {
    /// Nowhere: the merchant gave no address, or nothing is paid.
    None,
    /// Nowhere: a fault loses the return.
    Lost,
    /// Nowhere yet: a fault lets the notify go first.
    Held,
    /// To the shop's return page, or to the page that posts to it; by itself only the first time.
    Ready { url: String, first: bool },
}

/// The signed way back.
#[derive(Clone, Debug)]
pub(crate) enum Home {
    /// An address, its query string included.
    Address(String),
    /// A form that the browser posts.
    Form(Form),
}

/// A form that the browser posts.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) url: String,
    pub(crate) charset: Charset,
    /// The fields as they are posted.
    pub(crate) body: Vec<u8>,
}

impl Form {
    /// Names and values as text, for a page.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let params = Params::parse(&self.body).unwrap_or_default();
        let text = |(name, value): (&str, &[u8])| (name.to_owned(), self.charset.display(value));
        params.iter().map(text).collect()
    }
}

impl Home {
    /// What the browser asks the shop for.
    pub(crate) fn request(self) -> Request {
        match self {
            Home::Address(url) => Request::get(url),
            Home::Form(form) => {
                Request::post(form.url, "application/x-www-form-urlencoded", form.body)
            }
        }
    }
}

impl Sandbox {
    /// Where the success page leads now. The browser is sent back by itself only once (seed 003, return (3)). At Alipay
    /// it is sent by the page itself, and the minute counts from that first time (seed 003 (6)), at CodePay too, with nothing
    /// that says how the payment stands (seed 002 3.3); at Dinpay by the next
    /// page, which posts the return: a buyer who closes this one has brought nothing (seed 000).
    pub(crate) fn way_back(&mut self, now: Timestamp, key: &Key) -> WayBack {
        if let Some(barred) = self.barred(now, key) {
            return barred;
        }
        let Some(order) = self.orders.get_mut(key) else {
            return WayBack::None;
        };
        let first = order.way_back.is_none() && !order.success_shown;
        let url = match order.asked.gateway() {
            Gateway::Alipay | Gateway::CodePay => match self.sign_home(now, key) {
                Some(Home::Address(url)) => url,
                _ => return WayBack::None,
            },
            Gateway::Dinpay => {
                order.success_shown = true;
                format!("/back/{}", order.token)
            }
        };
        WayBack::Ready { url, first }
    }

    /// The browser goes back now, where nothing bars its way.
    pub(crate) fn go_home(&mut self, now: Timestamp, key: &Key) -> Option<Home> {
        match self.barred(now, key) {
            None => self.sign_home(now, key),
            Some(_) => None,
        }
    }

    /// Why there is no way back, if there is none.
    fn barred(&mut self, now: Timestamp, key: &Key) -> Option<WayBack> {
        let Some(order) = self.orders.get(key) else {
            return Some(WayBack::None);
        };
        let faults = &self.faults_of(key).way_back;
        // CodePay's page sends the browser back from a payment that failed, too.
        let over = order.paid_at().is_some() || order.ending().is_some();
        let (true, Some(return_url)) = (over, order.asked.return_url().map(str::to_owned)) else {
            return Some(WayBack::None);
        };
        if faults.lose {
            self.lose_way_back(now, key, return_url);
            return Some(WayBack::Lost);
        }
        let waits = faults.after_notify && !order.heard && order.asked.notify_url().is_some();
        if order.way_back.is_some() || !waits {
            return None;
        }
        if let Some(order) = self.orders.get_mut(key) {
            order.way_back_held = true;
        }
        Some(WayBack::Held)
    }

    /// Notes that the buyer did not come back: once, and only where he was not sent back before.
    fn lose_way_back(&mut self, now: Timestamp, key: &Key, return_url: String) {
        let noted = |order: &Order| order.way_back_lost || order.way_back.is_some();
        let Some(order) = self.orders.get_mut(key).filter(|order| !noted(order)) else {
            return;
        };
        order.way_back_lost = true;
        let method = match order.asked.gateway() {
            Gateway::Alipay | Gateway::CodePay => Method::Get,
            Gateway::Dinpay => Method::Post,
        };
        let mut exchange = Exchange::new(now, Kind::Return, method, return_url, Vec::new());
        exchange.ack = Some(Ack::Lost);
        exchange.faults = vec![Fault::Lost];
        self.keep(key, exchange);
    }

    /// Signs the way back and keeps the exchange; the second time gives the same again.
    fn sign_home(&mut self, now: Timestamp, key: &Key) -> Option<Home> {
        let order = self.orders.get(key)?;
        if let Some(home) = &order.way_back {
            return Some(home.clone());
        }
        let (asked, trade) = (order.asked.clone(), order.trade.clone()?);
        let held = order.way_back_held;
        let url = asked.return_url()?.to_owned();
        // The return and the notify of one change carry different ids.
        let notify_id = self.numbers.notify_id();
        self.opinions
            .open(&notify_id, &key.partner, &key.out_trade_no, now);
        let faults = self.faults_of(key).clone().of_order(asked.gateway());
        let alteration = faults.way_back.alteration();
        let wire = alteration.wire(&asked, |asked| {
            self.return_wire(asked, &trade, &notify_id, now)
        })?;
        let (home, mut exchange) = match &asked {
            Asked::Alipay(_) => {
                let url = format!("{url}?{}", String::from_utf8_lossy(&wire));
                let home = Home::Address(url.clone());
                let get = Exchange::new(now, Kind::Return, Method::Get, url, Vec::new());
                (home, get)
            }
            Asked::CodePay(_) | Asked::PaidBack(_) => {
                let home = Home::Address(url.clone());
                let get = Exchange::new(now, Kind::Return, Method::Get, url, Vec::new());
                (home, get)
            }
            Asked::Dinpay(_) => {
                let charset = self.dinpay_merchant(&key.partner)?.habits.charset;
                let post =
                    Exchange::new(now, Kind::Return, Method::Post, url.clone(), wire.clone());
                let body = wire;
                (Home::Form(Form { url, charset, body }), post)
            }
        };
        let held = held.then_some(Fault::Held).into_iter();
        exchange.faults = held.chain(alteration.faults()).collect();
        self.keep(key, exchange);
        self.orders.get_mut(key)?.way_back = Some(home.clone());
        Some(home)
    }
}
