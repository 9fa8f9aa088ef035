//! CodePay: payments at a terminal and on a hosted page, by signed JSON.
//!
//! **Sources.** The facts come from the protocol note `codepay`, written from the seed 002 (CodePay's own guide to
//! callbacks and polling), CodePay's documents and SDKs, documents of sibling tenants of the same platform, and logged
//! traffic; the numbers below are the note's sections. The seed wins.
//!
//! | what | where |
//! |---|---|
//! | addresses, envelope of requests | note 1.1, 1.2 |
//! | text that is signed, RSA2 | note 1.4 |
//! | envelope of answers | note 1.5 |
//! | types, statuses, fields | note 2.1..2.3 |
//! | push to a terminal | note 2.4; seed 002 3.2 |
//! | query, close, Cancel, refund | note 2.5; seed 002 4.2 |
//! | hosted page | note 2.6; seed 002 3.3 |
//! | notifications | note 3; seed 002 4.1 |
//! | what a terminal tells the till | note 4; seed 002 3.1 |
//! | codes | note 5 |
//! | signed examples R1..R5, P1, P2, N1, N2 | note 6 |
//!
//! **Not here:** cards whose numbers the merchant takes (`pay.merchant.checkout`), codes and wallets
//! (`pay.unifiedorder`, `bscanc.pay.submit`, `cscanb.pay.getqrcode`), authorisations, tips, batches, Basic
//! authentication. A void (`trans_type` 2) is read where the gateway tells of one and never asked for: a refund by call
//! pays back in whole or in part, and needs no terminal.
//!
//! **Inferred:** lengths of texts; that the base amount is the order's and what exceeds it (a tip) is not; that an error may
//! be unsigned; whose verdict a code is, by its family.

mod callback;
mod checkout;
mod close;
mod codes;
pub mod gateway_side;
mod inspect;
mod none;
mod options;
mod query;
mod refund;
mod reply;
mod seal;
mod settings;
mod terminal;
mod trade;
mod words;

pub use crate::gateway::keys::{Key, Keys};
pub use crate::gateway::setting::{OptionFault, Problem};
pub use codes::CODES;
pub use settings::Settings;

use crate::charset::Charset;
use crate::choice::Choices;
use crate::codes::Codes;
use crate::facts::Proof;
use crate::gateway::cashier::Cashier;
use crate::gateway::inspection::{Doubt, Inspection, Mistake, Subject};
use crate::gateway::seal::Seal;
use crate::gateway::{
    Answered, Checkout, CheckoutCall, CheckoutStart, CloseCall, CloseRequest, Closing, Gateway,
    NotSupported, NotifySources, Opinion, Placed, Reading, Refund, RefundAnswered, RefundCall,
    RefundWay, Refunding, Refusal, Stated, StatementCall, TerminalReport, TerminalResult, Traits,
};
use crate::http::{Reply, Request};
use crate::order::{GatewayOptions, Order};
use crate::settings::Wire;
use jiff::Timestamp;
use std::sync::Arc;

/// The gateway's name in settings and paths.
const NAME: &str = "codepay";
/// Where CodePay is (note 1.1). `/api/entry` is put behind it.
pub const GATEWAY_URL: &str = "https://codepay-open.codepay.us";
/// Where notifications come from (note 3).
const SOURCES: [&str; 2] = ["3.135.111.52", "18.217.220.157"];

/// One merchant contract, with settings that hold together.
#[derive(Clone, Debug)]
pub struct Account {
    settings: Settings,
    /// Its keys, read once.
    seal: Arc<Seal>,
    extras: Extras,
}

/// What an account's requests carry beyond what every contract needs.
#[derive(Clone, Default, Debug)]
pub struct Extras {
    /// Further parameters of every payment request, by their names on the wire: `docs/gateways/codepay.md` lists them.
    pub options: GatewayOptions,
}

impl Account {
    /// An account of these settings.
    ///
    /// # Errors
    /// Everything that is wrong with them, each with its cause and what to do.
    pub fn new(settings: Settings) -> Result<Account, Vec<Problem>> {
        let seal = Arc::new(settings::check(&settings)?);
        Ok(Account {
            settings,
            seal,
            extras: Extras::default(),
        })
    }

    /// The same account, whose requests carry this too.
    ///
    /// # Errors
    /// Every parameter that cannot be sent so.
    pub fn with_extras(mut self, extras: Extras) -> Result<Account, Vec<OptionFault>> {
        let faults = options::of_account(&extras.options);
        if faults.is_empty() {
            self.extras = extras;
            Ok(self)
        } else {
            Err(faults)
        }
    }

    /// Its keys, ready to use and as they are configured.
    pub(super) fn sealed(&self) -> (&Seal, &Keys) {
        (&self.seal, &self.settings.keys)
    }

    /// The signed call of a method with these fields; empty ones are left out.
    fn call(&self, method: &str, fields: &[(&str, &str)], now: Timestamp) -> Request {
        let url = format!("{}{}", self.settings.gateway_url, words::ENTRY);
        let message = self.signed(method, fields, now);
        let mut request = Request::post(url, "application/json", message.to_json());
        request
            .headers
            .push(("accept".to_owned(), "application/json".to_owned()));
        request
    }
}

impl Gateway for Account {
    fn traits(&self) -> Traits {
        Traits {
            name: NAME,
            guide: Proof::Signed,
            second_opinion: false,
            close: true,
            close_pays_back: true,
            return_by_get: true,
            return_signed: false,
            // Nobody has written down which one it has (note 3).
            notify_type: None,
            query_window: None,
            currency: self.settings.currency,
        }
    }

    fn payee(&self) -> &str {
        &self.settings.merchant_no
    }

    fn addresses(&self) -> Vec<&str> {
        vec![&self.settings.gateway_url]
    }

    fn key_ids(&self) -> Vec<String> {
        self.seal.ids()
    }

    fn wire(&self) -> Wire {
        Wire {
            charset: Charset::Utf8,
            sign_type: self.seal.kind().word().to_owned(),
        }
    }

    fn admit(&self, order: &Order) -> Result<(), Refusal> {
        checkout::admit(self, order)
    }

    fn personal_options(&self) -> &'static [&'static str] {
        &[]
    }

    fn choices(&self) -> Choices {
        &[]
    }

    fn checkout_token(&self, _call: &CheckoutCall) -> Result<Option<Request>, Refusal> {
        Ok(None)
    }

    fn read_checkout_token(&self, _reply: &Reply) -> Result<String, String> {
        Err("this gateway gives out no tokens".to_owned())
    }

    fn checkout(&self, order: &Order, call: &CheckoutCall) -> Result<CheckoutStart, Refusal> {
        checkout::start(self, order, call)
    }

    fn read_checkout(&self, order: &Order, reply: &Reply) -> Placed {
        checkout::read(self, order, reply)
    }

    fn read_cashier(&self, _reply: &Reply) -> Result<Cashier, NotSupported> {
        none::lacks("cashier")
    }

    fn read_return(&self, _wire: &[u8], _now: Timestamp) -> Reading {
        callback::read_return()
    }

    fn read_notify(&self, wire: &[u8], now: Timestamp) -> Reading {
        callback::read_notify(self, wire, now)
    }

    fn told_title(&self, _wire: &[u8]) -> Option<String> {
        None
    }

    fn second_opinion(&self, _notify_id: &str) -> Result<Request, NotSupported> {
        none::lacks("second_opinion")
    }

    fn read_second_opinion(&self, _reply: &Reply) -> Opinion {
        Opinion::Unknown
    }

    fn ack(&self) -> &'static str {
        words::ACK
    }

    fn notify_sources(&self) -> NotifySources {
        NotifySources {
            seed: &[],
            modern: &SOURCES,
        }
    }

    fn query(&self, order_no: &str, now: Timestamp) -> Result<Request, NotSupported> {
        Ok(query::request(self, order_no, now))
    }

    fn read_query(&self, order_no: &str, reply: &Reply) -> Answered {
        query::read(self, order_no, reply)
    }

    fn close(&self, call: &CloseCall<'_>) -> Result<CloseRequest, NotSupported> {
        Ok(close::request(self, call))
    }

    fn read_close(&self, _order_no: &str, reply: &Reply) -> Closing {
        close::read(self, reply)
    }

    fn refunds(&self) -> Result<RefundWay, NotSupported> {
        Ok(RefundWay::Call)
    }

    fn admit_refund(&self, refund: &Refund) -> Result<(), Refusal> {
        refund::admit(refund)
    }

    fn refund_wire_no(&self, seed: &[u8], _now: Timestamp) -> String {
        refund::wire_no(seed)
    }

    fn refund_wire_no_holds(&self, wire_no: &str, _now: Timestamp) -> bool {
        words::is_order_no(wire_no)
    }

    fn refund(&self, call: &RefundCall<'_>) -> Result<Request, NotSupported> {
        refund::request(self, call).ok_or(NotSupported {
            gateway: NAME,
            flow: "refund_batch",
        })
    }

    fn read_refund(&self, reply: &Reply) -> Refunding {
        refund::read(self, reply)
    }

    fn refund_page(
        &self,
        _call: &RefundCall<'_>,
        _via_get: bool,
    ) -> Result<Checkout, NotSupported> {
        none::lacks("refund_page")
    }

    fn refund_query(
        &self,
        wire_no: &str,
        _trade_no: &str,
        now: Timestamp,
    ) -> Result<Request, NotSupported> {
        Ok(refund::query(self, wire_no, now))
    }

    fn read_refund_query(&self, wire_no: &str, trade_no: &str, reply: &Reply) -> RefundAnswered {
        refund::read_query(self, wire_no, trade_no, reply)
    }

    fn statement_clock(&self) -> Result<i32, NotSupported> {
        none::lacks("statement")
    }

    fn statement(&self, _call: &StatementCall) -> Result<Request, NotSupported> {
        none::lacks("statement")
    }

    fn read_statement(&self, _call: &StatementCall, _reply: &Reply) -> Stated {
        none::stated()
    }

    fn read_terminal_result(
        &self,
        report: &TerminalReport<'_>,
    ) -> Result<TerminalResult, NotSupported> {
        Ok(terminal::read(report))
    }

    fn codes(&self) -> Codes {
        CODES
    }

    fn inspect(&self, subject: &Subject<'_>) -> Inspection {
        inspect::inspect(self, subject)
    }

    fn doubted(&self, _doubt: &Doubt<'_>) -> Option<Mistake> {
        None
    }
}
