//! Batches of refunds: taken in, done once a person has entered the payment password or at once, asked about.

use super::message;
use crate::calls::garbage;
use crate::delivery::News;
use crate::exchange::Kind;
use crate::faults::QueryKind;
use crate::order::{Key, Step};
use crate::pages;
use crate::remark::Fault;
use crate::routes::Inbound;
use crate::sandbox::Sandbox;
use quittance_core::Timestamp;
use quittance_core::gateway::RefundWay;
use quittance_core::gateway::alipay::gateway_side::{self, Code, RefundBatch, RefundOutcome};
use quittance_core::http::Reply;

/// How many batches a sandbox keeps; above it new ones are answered `SYSTEM_ERROR`. Only memory bounds it.
const BATCHES_MAX: usize = 100_000;

/// What names a batch here: the merchant, and the merchant's number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct BatchKey {
    pub(crate) partner: String,
    pub(crate) batch_no: String,
}

impl BatchKey {
    pub(crate) fn new(partner: &str, batch_no: &str) -> BatchKey {
        BatchKey {
            partner: partner.to_owned(),
            batch_no: batch_no.to_owned(),
        }
    }
}

/// The gateway's record of a batch.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// The newest request. Its items equal the first one's.
    pub(crate) request: RefundBatch,
    /// The name of the page on which it is confirmed.
    pub(crate) token: String,
    /// What became of each item; `None` while nobody has confirmed it.
    pub(crate) outcomes: Option<Vec<RefundOutcome>>,
}

impl Sandbox {
    /// The operator enters the payment password and confirms a batch: each refund is done or refused by its own code,
    /// and the notifies go out.
    ///
    /// # Errors
    /// `REFUND_NOT_EXIST` where no such batch was let in, `DUPLICATE_BATCH_NO` where it is done.
    pub fn operator_confirms(
        &mut self,
        now: Timestamp,
        partner: &str,
        batch_no: &str,
    ) -> Result<(), Code> {
        self.expire(now);
        self.pay_back_all(now, &BatchKey::new(partner, batch_no))
    }

    /// A batch comes in: the page service leads to the password, the other one pays back at once.
    pub(crate) fn take_refunds(
        &mut self,
        now: Timestamp,
        asked: RefundBatch,
        request: &Inbound,
    ) -> Result<Reply, Code> {
        let id = BatchKey::new(&asked.partner, &asked.batch_no);
        let full = self.batches.len() >= BATCHES_MAX;
        let known = self.batches.get(&id);
        // A batch that nobody confirmed may be opened again, as an unpaid order may be; this is not documented.
        if known.is_some_and(|batch| batch.outcomes.is_some() || batch.request.items != asked.items)
        {
            return Err(Code("DUPLICATE_BATCH_NO"));
        }
        asked.check_day(now)?;
        let orders = self.orders_of(&asked)?;
        let token = match known {
            Some(batch) => batch.token.clone(),
            None if full => return Err(Code("SYSTEM_ERROR")),
            None => self.numbers.token(),
        };
        let way = asked.way;
        self.batches_by_token.insert(token.clone(), id.clone());
        let reply = match way {
            RefundWay::Page => {
                pages::redirect(&format!("{}/refunds/{token}", self.settings.public_url))
            }
            RefundWay::Call => gateway_side::refund_reply(),
        };
        let batch = Batch {
            request: asked,
            token,
            outcomes: None,
        };
        self.batches.insert(id.clone(), batch);
        self.remember_for(now, Kind::Refund, &orders, request, &reply, Vec::new());
        if way == RefundWay::Call {
            self.pay_back_all(now, &id)?;
        }
        Ok(reply)
    }

    /// `refund_fastpay_query`: what became of a batch, or of one refund in it. One that nobody confirmed is none.
    pub(crate) fn tell_refund(
        &mut self,
        now: Timestamp,
        partner: &str,
        batch_no: &str,
        trade_no: Option<&str>,
        request: &Inbound,
    ) -> Reply {
        let batch = self.batches.get(&BatchKey::new(partner, batch_no));
        let meant = |outcome: &&RefundOutcome| trade_no.is_none_or(|no| no == outcome.trade_no);
        let done = batch.and_then(|batch| batch.outcomes.as_ref());
        let found: Vec<&RefundOutcome> = done.into_iter().flatten().filter(meant).collect();
        let trades: Vec<&str> = match (trade_no, batch) {
            (Some(trade_no), _) => vec![trade_no],
            (None, Some(batch)) => {
                let items = batch.request.items.iter();
                items.map(|item| item.trade_no.as_str()).collect()
            }
            (None, None) => Vec::new(),
        };
        let known = trades.iter().filter_map(|no| self.by_trade_no.get(*no));
        let orders: Vec<Key> = known
            .filter(|key| key.partner == partner)
            .cloned()
            .collect();
        let faults = orders
            .first()
            .map_or(self.faults(), |key| self.faults_of(key));
        let (reply, fault) = match faults.query.kind {
            QueryKind::Down => (Reply::new(500, ""), Some(Fault::Down)),
            QueryKind::Garbage => (garbage(), Some(Fault::Garbage)),
            QueryKind::Ok | QueryKind::Stale if found.is_empty() => {
                let code = Code("REFUND_NOT_EXIST");
                (gateway_side::refund_query_error(code), None)
            }
            QueryKind::Ok | QueryKind::Stale => {
                (gateway_side::refund_query_reply(batch_no, &found), None)
            }
        };
        let faults = fault.into_iter().collect();
        self.remember_for(now, Kind::RefundQuery, &orders, request, &reply, faults);
        reply
    }

    /// The orders whose trades a batch names, in its order.
    fn orders_of(&self, batch: &RefundBatch) -> Result<Vec<Key>, Code> {
        let order = |trade_no: &String| {
            let key = self.by_trade_no.get(trade_no);
            key.filter(|key| key.partner == batch.partner).cloned()
        };
        let items = batch.items.iter();
        items
            .map(|item| order(&item.trade_no).ok_or(Code("NOT_THIS_PARTNERS_TRADE")))
            .collect()
    }

    /// Does each refund of a batch or refuses it by its own code, once, and tells the merchant.
    pub(crate) fn pay_back_all(&mut self, now: Timestamp, id: &BatchKey) -> Result<(), Code> {
        let batch = self.batches.get(id).ok_or(Code("REFUND_NOT_EXIST"))?;
        if batch.outcomes.is_some() {
            return Err(Code("DUPLICATE_BATCH_NO"));
        }
        let asked = batch.request.clone();
        let orders = self.orders_of(&asked)?;
        let mut outcomes = Vec::with_capacity(asked.items.len());
        for (item, key) in asked.items.iter().zip(&orders) {
            let order = self.orders.get(key);
            let trade =
                order.and_then(|o| Some(message::told(o.asked.alipay()?, o.trade.as_ref()?)));
            let refused = match trade {
                Some(trade) => item.refusal(&trade),
                None => Some(Code("TRADE_NOT_EXIST")),
            };
            match refused {
                None => self.pay_back(now, key, item.amount)?,
                Some(code) => {
                    let number = self.count();
                    if let Some(order) = self.orders.get_mut(key) {
                        order.changes(number, now, Step::NotRefunded(item.amount, code));
                    }
                }
            }
            outcomes.push(item.outcome(refused));
        }
        if let Some(batch) = self.batches.get_mut(id) {
            batch.outcomes = Some(outcomes.clone());
        }
        if let Some(url) = asked.notify_url {
            let news = News::Batch {
                batch_no: asked.batch_no,
                outcomes,
            };
            self.tell(now, orders, url, news);
        }
        Ok(())
    }
}
