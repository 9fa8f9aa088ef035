//! What merchants call: one address, the service tells the call.

use crate::buyer::pays_himself;
use crate::exchange::{Exchange, Kind};
use crate::faults::{QueryKind, VerifyKind};
use crate::order::{Key, Order, Step};
use crate::pages::{self, Coat};
use crate::remark::Fault;
use crate::routes::{Answer, Inbound};
use crate::sandbox::{ORDERS_MAX, Refused, Sandbox};
use jiff::SignedDuration;
use quittance_core::Timestamp;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{self, Call, Code, DirectPay, TradeStatus};
use quittance_core::http::{Method, Reply};
use std::time::Duration;

/// How much of a refused call is kept.
const REFUSED_BYTES_MAX: usize = 8 * 1024;
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
        answered.unwrap_or_else(|code| Answer::at_once(self.refuse(now, code, request, body)))
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
                if order
                    .status()
                    .is_some_and(|status| status != TradeStatus::WaitBuyerPay)
                {
                    return Err(Code("TRADE_NOT_ALLOWED_PAY"));
                }
                if !order.request.same_basics(&asked) {
                    return Err(Code("TRADE_DATA_MATCH_ERROR"));
                }
                if let Some(trade) = &mut order.trade {
                    trade.request = asked.clone();
                }
                order.request = asked;
                order.token.clone()
            }
            None if full => return Err(Code("SYSTEM_ERROR")),
            None => {
                let token = self.numbers.token();
                self.by_token.insert(token.clone(), key.clone());
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
        let faults = self.faults_of(&key).query;
        let order = self.orders.get(&key);
        let stands = |order: &Order| match (faults.kind, faults.secs) {
            (QueryKind::Stale, 0) => order.before_payment(),
            (QueryKind::Stale, secs) => {
                let then = now.checked_sub(SignedDuration::from_secs(i64::from(secs)));
                then.ok().and_then(|then| order.as_of(then))
            }
            _ => order.trade.clone(),
        };
        let (reply, fault) = match (faults.kind, order.and_then(stands)) {
            (QueryKind::Down, _) => (Reply::new(500, ""), Some(Fault::Down)),
            (QueryKind::Garbage, _) => (garbage(), Some(Fault::Garbage)),
            (kind, trade) => {
                let stale = (kind == QueryKind::Stale).then_some(Fault::Stale(faults.secs));
                let reply = match trade {
                    Some(mut trade) => {
                        trade.request.total_fee = faults.amount.unwrap_or(trade.request.total_fee);
                        gateway_side::query_reply(&trade, &merchant, now)
                    }
                    // Before the buyer opened the cashier there is an order but no trade (protocol note 5.1).
                    None => gateway_side::error_reply(Code("TRADE_NOT_EXIST")),
                };
                (reply, stale)
            }
        };
        let told = faults
            .amount
            .filter(|_| matches!(faults.kind, QueryKind::Ok | QueryKind::Stale));
        let faults = fault.into_iter().chain(told.map(Fault::Amount)).collect();
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
    fn refuse(&mut self, now: Timestamp, code: Code, request: &Inbound, body: &[u8]) -> Reply {
        let service = service(&request.query)
            .or_else(|| service(body))
            .unwrap_or_default();
        let mut kept = request.target().into_bytes();
        if !body.is_empty() {
            kept.extend_from_slice(b"\n\n");
            kept.extend_from_slice(body);
        }
        kept.truncate(REFUSED_BYTES_MAX);
        let refused = Refused {
            number: self.count(),
            at: now,
            service,
            code,
            request: kept,
        };
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

    fn remember(
        &mut self,
        now: Timestamp,
        kind: Kind,
        key: &Key,
        request: &Inbound,
        reply: &Reply,
        faults: Vec<Fault>,
    ) {
        self.remember_for(now, kind, std::slice::from_ref(key), request, reply, faults);
    }

    /// The same, where the call is about several orders.
    pub(crate) fn remember_for(
        &mut self,
        now: Timestamp,
        kind: Kind,
        keys: &[Key],
        request: &Inbound,
        reply: &Reply,
        faults: Vec<Fault>,
    ) {
        self.keep_for(keys, heard(now, kind, request, reply, faults));
    }
}

/// A call that came in, and what was answered.
pub(crate) fn heard(
    now: Timestamp,
    kind: Kind,
    request: &Inbound,
    reply: &Reply,
    faults: Vec<Fault>,
) -> Exchange {
    let body = match request.method {
        Method::Get => Vec::new(),
        Method::Post => request.body.clone(),
    };
    let mut exchange = Exchange::new(now, kind, request.method, request.target(), body);
    exchange.status = Some(reply.status);
    exchange.reply.clone_from(&reply.body);
    exchange.faults = faults;
    exchange
}

/// What a broken proxy or a maintenance page in front of a gateway answers.
pub(crate) fn garbage() -> Reply {
    let page =
        "<html><head><title>Error</title></head><body><h1>The system is busy</h1></body></html>";
    let mut reply = Reply::new(200, page);
    reply.headers = vec![("content-type".into(), "text/html".into())];
    reply
}

/// The service that a call names, read leniently: it only decides what the refusal looks like.
fn service(wire: &[u8]) -> Option<String> {
    let service = wire
        .split(|byte| *byte == b'&')
        .find_map(|field| field.strip_prefix(b"service="))?;
    Some(
        service
            .iter()
            .take(40)
            .map(|byte| {
                if byte.is_ascii_graphic() {
                    char::from(*byte)
                } else {
                    '?'
                }
            })
            .collect(),
    )
}
