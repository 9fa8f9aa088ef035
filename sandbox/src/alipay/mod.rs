//! Alipay classic instant pay: its one address, where the service tells the call, and what only it has: second opinions,
//! refunds, statements, timestamps against phishing.

pub(crate) mod book;
mod desk;
pub(crate) mod message;
pub(crate) mod opinion;
pub(crate) mod phishing;
pub(crate) mod refunds;
pub(crate) mod statements;
mod timeout;

pub(crate) use timeout::closes_at;

use crate::asked::Asked;
use crate::calls::garbage;
use crate::exchange::Kind;
use crate::faults::VerifyKind;
use crate::gateway::Gateway;
use crate::order::{Key, Order, Step};
use crate::pages::{self, Coat};
use crate::remark::Fault;
use crate::routes::{Answer, Inbound};
use crate::sandbox::{ORDERS_MAX, Sandbox};
use crate::trade::{State, Trade};
use message::{BUYER_EMAIL, BUYER_ID};
use quittance_core::Timestamp;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{self, Call, Code, DirectPay, Merchant};
use quittance_core::http::{Method, Reply};
use std::time::Duration;

/// The one address that merchants and browsers call.
pub(crate) const GATEWAY_PATH: &str = "/gateway.do";
/// The service that tells what was booked on an account, a day at once (protocol note 5.4).
pub(crate) const REPORT: &str = "export_trade_account_report";
/// The service that tells the same page by page (protocol note 5.5).
pub(crate) const ACCOUNT_PAGE: &str = "account.page.query";
/// Services that a merchant's server calls; every other one is opened in a browser (protocol note 0).
const API_SERVICES: [&str; 8] = [
    "notify_verify",
    "single_trade_query",
    "close_trade",
    "query_timestamp",
    "refund_fastpay_by_platform_nopwd",
    "refund_fastpay_query",
    REPORT,
    ACCOUNT_PAGE,
];

impl Sandbox {
    /// `gateway.do`: checks the call as the gateway does, and does what it asks for.
    pub(crate) fn gateway(&mut self, now: Timestamp, request: &Inbound) -> Answer {
        let body: &[u8] = if request.method == Method::Post {
            &request.body
        } else {
            &[]
        };
        let call = gateway_side::read_call_under(
            &request.query,
            body,
            &|partner| self.merchant(partner),
            &|partner| self.contract(partner),
        );
        let answered = match call {
            Ok(Call::DirectPay(asked)) => self.checkout(now, *asked, request).map(Answer::at_once),
            Ok(Call::NotifyVerify { partner, notify_id }) => {
                Ok(self.verify(now, &partner, &notify_id, request))
            }
            Ok(Call::QueryTimestamp { partner, charset }) => {
                self.timestamp(now, &partner, charset).map(Answer::at_once)
            }
            Ok(Call::SingleTradeQuery {
                partner,
                out_trade_no,
                trade_no,
            }) => self
                .query(now, &partner, out_trade_no, trade_no, request)
                .map(Answer::at_once),
            Ok(Call::CloseTrade {
                partner,
                out_order_no,
                trade_no,
            }) => self
                .close(now, &partner, out_order_no, trade_no, request)
                .map(Answer::at_once),
            Ok(Call::Refund(batch)) => self.take_refunds(now, *batch, request).map(Answer::at_once),
            Ok(Call::RefundQuery {
                partner,
                batch_no,
                trade_no,
            }) => {
                let trade_no = trade_no.as_deref();
                let reply = self.tell_refund(now, &partner, &batch_no, trade_no, request);
                Ok(Answer::at_once(reply))
            }
            Ok(Call::Statement(asked)) => self.statement(now, *asked, request).map(Answer::at_once),
            Err(code) => Err(code),
        };
        answered.unwrap_or_else(|code| Answer::at_once(self.refuse(now, code, request)))
    }

    /// The buyer's browser brings a payment request: on to the cashier.
    fn checkout(
        &mut self,
        now: Timestamp,
        asked: DirectPay,
        request: &Inbound,
    ) -> Result<Reply, Code> {
        if let Some(timestamp) = &asked.anti_phishing_key {
            self.keys.check(now, &asked.partner, timestamp)?;
        }
        if self
            .merchant(&asked.partner)
            .is_some_and(|merchant| pays_himself(&merchant))
        {
            return Err(Code("BUYER_SELLER_EQUAL"));
        }
        let key = Key::new(&asked.partner, &asked.out_trade_no);
        let full = self.orders.len() >= ORDERS_MAX;
        let token = match self.orders.get_mut(&key) {
            Some(order) => {
                // Paid or closed comes before the comparison: then no request is right (seed 001 5.1).
                if order.state().is_some_and(|state| state != State::Waits) {
                    return Err(Code("TRADE_NOT_ALLOWED_PAY"));
                }
                let same = |known: &DirectPay| known.same_basics(&asked);
                if !order.asked.alipay().is_some_and(same) {
                    return Err(Code("TRADE_DATA_MATCH_ERROR"));
                }
                order.asked = Asked::Alipay(Box::new(asked));
                order.token.clone()
            }
            None if full => return Err(Code("SYSTEM_ERROR")),
            None => {
                let token = self.numbers.token();
                self.by_token.insert(token.clone(), key.clone());
                let asked = Asked::Alipay(Box::new(asked));
                let order = Order::new(self.count(), asked, token.clone());
                self.orders.insert(key.clone(), order);
                token
            }
        };
        let reply = pages::redirect(&format!("{}/cashier/{token}", self.settings.public_url));
        self.remember(now, Kind::Checkout, &key, request, &reply, Vec::new());
        Ok(reply)
    }

    /// A timestamp against phishing. It belongs to no order, so no trade's page shows the exchange.
    fn timestamp(
        &mut self,
        now: Timestamp,
        partner: &str,
        charset: Charset,
    ) -> Result<Reply, Code> {
        let merchant = self.merchant(partner).ok_or(Code("ILLEGAL_PARTNER"))?;
        let timestamp = self.numbers.timestamp();
        self.keys.give(now, partner, &timestamp);
        Ok(gateway_side::timestamp_reply(
            &timestamp, &merchant, charset,
        ))
    }

    fn verify(
        &mut self,
        now: Timestamp,
        partner: &str,
        notify_id: &str,
        request: &Inbound,
    ) -> Answer {
        let known = self.opinions.order_of(partner, notify_id);
        let key = known.map(|out_trade_no| Key::new(partner, out_trade_no));
        let faults = key
            .as_ref()
            .map_or(self.faults(), |key| self.faults_of(key));
        let faults = faults.verify;
        let mut hold = Duration::ZERO;
        let (reply, fault) = match faults.kind {
            VerifyKind::Garbage => (garbage(), Some(Fault::Garbage)),
            VerifyKind::Down => (Reply::new(500, ""), Some(Fault::Down)),
            VerifyKind::False => (gateway_side::verify_reply("false"), Some(Fault::SaidFalse)),
            VerifyKind::Slow => {
                hold = Duration::from_secs(u64::from(faults.secs));
                let word = self.opinions.ask(partner, notify_id, now);
                (
                    gateway_side::verify_reply(word),
                    Some(Fault::Slow(faults.secs)),
                )
            }
            VerifyKind::Ok => {
                let word = self.opinions.ask(partner, notify_id, now);
                (gateway_side::verify_reply(word), None)
            }
        };
        if let Some(key) = key {
            let faults = fault.into_iter().collect();
            self.remember(now, Kind::NotifyVerify, &key, request, &reply, faults);
        }
        Answer { reply, hold }
    }

    fn query(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: Option<String>,
        trade_no: Option<String>,
        request: &Inbound,
    ) -> Result<Reply, Code> {
        let key = self.named(partner, out_trade_no, trade_no)?;
        let merchant = self.merchant(partner).ok_or(Code("ILLEGAL_PARTNER"))?;
        let write = |asked: &Asked, trade: &Trade| match asked.alipay() {
            Some(asked) => message::queried(asked, trade, &merchant, now),
            None => gateway_side::error_reply(Code("TRADE_NOT_EXIST")),
        };
        // Before the buyer opened the cashier there is an order but no trade (protocol note 5.1).
        let none = || gateway_side::error_reply(Code("TRADE_NOT_EXIST"));
        let (reply, faults) = self.answer_query(now, &key, write, none);
        self.remember(now, Kind::Query, &key, request, &reply, faults);
        Ok(reply)
    }

    fn close(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_order_no: Option<String>,
        trade_no: Option<String>,
        request: &Inbound,
    ) -> Result<Reply, Code> {
        let key = self.named(partner, out_order_no, trade_no)?;
        let exists = self
            .orders
            .get(&key)
            .is_some_and(|order| order.trade.is_some());
        let reply = if self.close_unpaid(&key, now, Step::Closed) {
            gateway_side::close_reply()
        } else if exists {
            gateway_side::error_reply(Code("TRADE_STATUS_NOT_AVAILD"))
        } else {
            gateway_side::error_reply(Code("TRADE_NOT_EXIST"))
        };
        self.remember(now, Kind::Close, &key, request, &reply, Vec::new());
        Ok(reply)
    }

    /// Which order a call means: the trade number wins, and must be this merchant's (protocol note 5.1).
    fn named(
        &self,
        partner: &str,
        order_no: Option<String>,
        trade_no: Option<String>,
    ) -> Result<Key, Code> {
        match (trade_no, order_no) {
            (Some(trade_no), _) => {
                let key = self
                    .by_trade_no
                    .get(&trade_no)
                    .filter(|key| key.partner == partner);
                key.cloned().ok_or(Code("TRADE_NOT_EXIST"))
            }
            (None, Some(order_no)) => Ok(Key::new(partner, &order_no)),
            (None, None) => Err(Code("ILLEGAL_ARGUMENT")),
        }
    }

    /// The gateway's no: a page for browsers, the envelope for servers, bare text for `notify_verify`.
    fn refuse(&mut self, now: Timestamp, code: Code, request: &Inbound) -> Reply {
        let refused = self.refused(now, (Gateway::Alipay, "service"), code.0, request);
        let known = API_SERVICES.iter().find(|known| **known == refused.service);
        let reply = match known {
            Some(&"notify_verify") => gateway_side::verify_reply("invalid"),
            Some(&"refund_fastpay_query") => gateway_side::refund_query_error(code),
            Some(_) => gateway_side::error_reply(code),
            None => {
                let again = format!("/refused/{}", refused.number);
                pages::error(Coat::leading_to(request, &again), 400, &refused)
            }
        };
        self.keep_refusal(refused);
        reply
    }
}

/// Whether the merchant is the buyer himself, by number or login.
fn pays_himself(merchant: &Merchant) -> bool {
    merchant.partner == BUYER_ID || merchant.email == BUYER_EMAIL
}
