//! CodePay: one address for a merchant's calls, where the method tells which; terminals, and a hosted page.
//!
//! **Inferred or chosen here, where the sources say nothing:** closing, revoking and the end of an order's time are told
//! to nobody, failed and cancelled payments are (protocol note codepay 3); a revoked payment reads 3, with its money gone
//! back; a refund that is not pushed to a terminal is done at once; a call without `expires` waits for ever; a code that
//! begins with `SIM_` is the sandbox's own (note 5).

mod back;
mod checkout;
pub mod keys;
pub(crate) mod message;
mod settings;
mod terminal;
mod undo;

pub(crate) use back::PaidBack;
pub use quittance_core::gateway::codepay::gateway_side::{App, Ending, Merchant};
pub use settings::CodePaySettings;
pub use terminal::TerminalView;
pub(crate) use terminal::{Press, Terminal, keep_terminals};

use crate::calls::garbage;
use crate::exchange::Kind;
use crate::faults::ReplyKind;
use crate::gateway::Gateway;
use crate::order::Key;
use crate::remark::Fault;
use crate::routes::{Answer, Inbound};
use crate::sandbox::Sandbox;
use quittance_core::Timestamp;
use quittance_core::gateway::codepay::gateway_side::{self, Call, Named, Refusal, Refused, Who};
use quittance_core::http::{Method, Reply};
use std::time::Duration;

/// The path at which merchants' servers call: behind the sandbox's address, which is the `gateway_url` of an account.
/// Everything below it is the same (protocol note codepay 1.1): the method tells what is asked.
pub const ENTRY_PATH: &str = "/api/entry";
/// The waits between the 15 attempts of a notify, in seconds: 5, 10, 15, 30 and 60 seconds, 3, 10 and 15 minutes, three
/// times 30 minutes, three times 3 hours; eleven hours in all (protocol note codepay 3, from a sibling's documents).
pub const GAPS_SECS: [i64; 14] = [
    5, 10, 15, 30, 60, 180, 600, 900, 1_800, 1_800, 1_800, 10_800, 10_800, 10_800,
];
/// How long a merchant may take to acknowledge a notify (protocol note codepay 3).
pub const ACK_SECS: u64 = 5;

/// Where a call names what it wants.
const METHOD: (Gateway, &str) = (Gateway::CodePay, "method");

/// What a call is answered, before the faults: the order that it is about, and what of it is kept.
struct Said {
    kind: Kind,
    key: Key,
    reply: Reply,
    faults: Vec<Fault>,
}

/// Whether this is the address of CodePay's calls, or below it.
pub(crate) fn is_entry(path: &str) -> bool {
    let below = path.strip_prefix(ENTRY_PATH);
    below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

impl Sandbox {
    /// The one address: checks the call as the gateway does, and does what it asks for.
    pub(crate) fn codepay(&mut self, now: Timestamp, request: &Inbound) -> Answer {
        let psn = self.numbers.serial(now);
        match self.codepay_call(now, request) {
            Err(refused) => self.codepay_refuse(now, &psn, refused, request),
            Ok(call) => {
                let who = who(&call).clone();
                match self.codepay_does(now, &psn, call) {
                    Ok(said) => self.codepay_answers(now, said, request),
                    Err(refusal) => {
                        let app_id = Some(who.app_id);
                        self.codepay_refuse(now, &psn, Refused { refusal, app_id }, request)
                    }
                }
            }
        }
    }

    fn codepay_call(&self, now: Timestamp, request: &Inbound) -> Result<Call, Refused> {
        if request.method != Method::Post {
            return Err(Refused {
                refusal: Refusal::parameter("a call is posted"),
                app_id: None,
            });
        }
        gateway_side::read_call(&request.body, now, &|app_id| self.codepay_app(app_id))
    }

    fn codepay_does(&mut self, now: Timestamp, psn: &str, call: Call) -> Result<Said, Refusal> {
        match call {
            Call::Sale(sale) => self.codepay_checkout(now, psn, *sale),
            Call::PayBack(asked) => self.codepay_pays_back(now, psn, *asked),
            Call::Close {
                who,
                terminal_sn,
                order_no,
            } => self.codepay_close(now, psn, &who, &terminal_sn, &order_no),
            Call::Revoke { who, order_no } => self.codepay_revoke(now, psn, &who, &order_no),
            Call::Query { who, named } => self.codepay_query(now, psn, &who, &named),
            Call::RefundQuery { who, named } => self.codepay_refund_query(now, psn, &who, &named),
        }
    }

    fn codepay_query(
        &mut self,
        now: Timestamp,
        psn: &str,
        who: &Who,
        named: &Named,
    ) -> Result<Said, Refusal> {
        let key = self.codepay_named(who, named)?;
        self.codepay_tells(now, psn, who, key, Kind::Query)
    }

    fn codepay_refund_query(
        &mut self,
        now: Timestamp,
        psn: &str,
        who: &Who,
        named: &Named,
    ) -> Result<Said, Refusal> {
        let key = self.codepay_named(who, named)?;
        let order = self.orders.get(&key);
        if order.is_some_and(|order| order.asked.sale().is_some()) {
            return Err(Refusal::order_no());
        }
        self.codepay_tells(now, psn, who, key, Kind::RefundQuery)
    }

    /// How a trade stands, as the faults let it be told.
    fn codepay_tells(
        &self,
        now: Timestamp,
        psn: &str,
        who: &Who,
        key: Key,
        kind: Kind,
    ) -> Result<Said, Refusal> {
        let app = self.codepay_app(&who.app_id).ok_or_else(Refusal::app)?;
        let unknown = || gateway_side::error_reply(Some(&app), psn, &Refusal::order_no());
        let (reply, faults) = self.answer_query(
            now,
            &key,
            |asked, trade| match message::told(asked, trade) {
                Some(told) => gateway_side::query_reply(&app, psn, &told),
                None => unknown(),
            },
            unknown,
        );
        Ok(Said {
            kind,
            key,
            reply,
            faults,
        })
    }

    /// Which order a call means, of the merchant that calls. A number of no order is refused, and makes none.
    fn codepay_named(&self, who: &Who, named: &Named) -> Result<Key, Refusal> {
        match named {
            Named::OrderNo(number) => {
                let key = Key::new(&who.merchant_no, number);
                let known = self.orders.contains_key(&key);
                known.then_some(key).ok_or_else(Refusal::order_no)
            }
            Named::TransNo(number) => {
                let key = self.by_trade_no.get(number);
                key.filter(|key| key.partner == who.merchant_no)
                    .cloned()
                    .ok_or_else(Refusal::trans_no)
            }
        }
    }

    /// The answer goes out as the faults of its order say, and is kept.
    fn codepay_answers(&mut self, now: Timestamp, said: Said, request: &Inbound) -> Answer {
        let Said {
            kind,
            key,
            mut reply,
            mut faults,
        } = said;
        let asked = self.faults_of(&key).reply;
        let mut hold = Duration::ZERO;
        let fault = match asked.kind {
            ReplyKind::Ok => None,
            ReplyKind::Slow => {
                hold = Duration::from_secs(u64::from(asked.secs));
                Some(Fault::Slow(asked.secs))
            }
            ReplyKind::Unsigned => {
                reply.body = message::unsigned(&reply.body);
                Some(Fault::Unsigned)
            }
            ReplyKind::Forged => {
                reply.body = message::forged(&reply.body);
                Some(Fault::Forged)
            }
            ReplyKind::Down => {
                reply = Reply::new(500, "");
                Some(Fault::Down)
            }
            ReplyKind::Garbage => {
                reply = garbage();
                Some(Fault::Garbage)
            }
        };
        faults.extend(fault);
        self.remember(now, kind, &key, request, &reply, faults);
        Answer { reply, hold }
    }

    /// The gateway's no. A question about an order that is not there is no mistake of the merchant's, and is not kept.
    fn codepay_refuse(
        &mut self,
        now: Timestamp,
        psn: &str,
        refused: Refused,
        request: &Inbound,
    ) -> Answer {
        let Refused { refusal, app_id } = refused;
        let app = app_id.and_then(|app_id| self.codepay_app(&app_id));
        let reply = gateway_side::error_reply(app.as_ref(), psn, &refusal);
        if refusal != Refusal::order_no() {
            let kept = self.refused(now, METHOD, refusal.code, request);
            self.keep_refusal(kept);
        }
        Answer::at_once(reply)
    }

    /// The app of this id.
    pub(crate) fn codepay_app(&self, app_id: &str) -> Option<App> {
        let mut apps = self.settings.codepay.apps.iter();
        apps.find(|app| app.app_id == app_id).cloned()
    }

    /// The app that this merchant belongs to.
    pub(crate) fn codepay_app_of(&self, merchant_no: &str) -> Option<&App> {
        let mut apps = self.settings.codepay.apps.iter();
        apps.find(|app| app.merchant_of(merchant_no).is_some())
    }
}

/// Who calls.
fn who(call: &Call) -> &Who {
    match call {
        Call::Sale(sale) => &sale.who,
        Call::PayBack(asked) => &asked.who,
        Call::Close { who, .. }
        | Call::Revoke { who, .. }
        | Call::Query { who, .. }
        | Call::RefundQuery { who, .. } => who,
    }
}
