//! Dinpay (智付), the classic platform: `direct_pay` V3.0 with MD5 or RSA-S.
//!
//! **Sources.** The facts come from the protocol note `dinpay`, written from the seed 000 (Dinpay's own FAQ for
//! merchants), Dinpay's own samples, libraries and plug-ins, documents and samples of white-labels of the same platform,
//! integrations by others, and logged traffic; the numbers below are the note's sections. The seed wins over everything,
//! Dinpay's own over white-labels, those over other people's code.
//!
//! | what | where |
//! |---|---|
//! | form, address, charset | note 1.1 |
//! | request, methods, bank codes | note 1.2, 1.3 |
//! | signing string, MD5, RSA-S | note 1.4 |
//! | return, notify, statuses | note 2.1, 2.2; seed 000 2, 3, 4, 6 |
//! | acknowledgement, resends | note 2.4; seed 000 1, 7, 8 |
//! | `single_trade_query`, envelope, its signature | note 3.1..3.3 |
//! | no refund, no close, no second opinion | note 2.2, 3.4 |
//! | error codes | note 5 |
//! | signed examples V1..V12 | note 6 |
//!
//! **Not here:** `sign_type` `RSA` (a CMS with the signer's certificate: there is no example to hold it to), QR, H5,
//! barcode and express calls (note 4), the pre-V3 and the newer platform (note 7, 8).
//!
//! **Inferred by the note, not documented:** the fifth resend, the order of the gateway's checks, what a query behind
//! the 12 hours answers, the charset of callbacks for a merchant of GBK (so that `extra` is ASCII there), RSA-S with GBK
//! (ASCII only). **Inferred here:** lengths are in characters; a bank goes with `b2c`; `trade_time` of a paid trade is
//! the time of the payment; `order_time` is that of the checkout, so that the query window begins with it.

mod callback;
mod checkout;
mod choices;
mod codes;
mod envelope;
mod foreign;
pub mod gateway_side;
mod inspect;
mod none;
mod options;
mod query;
mod seal;
mod settings;
mod trade;
mod words;

pub use crate::gateway::keys::{Key, Keys};
pub use crate::gateway::setting::{OptionFault, Problem};
pub use codes::CODES;
pub use settings::Settings;

use crate::choice::Choices;
use crate::codes::Codes;
use crate::facts::Proof;
use crate::gateway::cashier::{self, Cashier};
use crate::gateway::inspection::{Doubt, Inspection, Mistake, Subject};
use crate::gateway::seal::Seal;
use crate::gateway::{
    Answered, Checkout, CheckoutCall, CheckoutStart, CloseCall, CloseRequest, Closing, FORM,
    Gateway, NotSupported, NotifySources, Opinion, Placed, Reading, Refund, RefundAnswered,
    RefundCall, RefundWay, Refunding, Refusal, Stated, StatementCall, TerminalReport,
    TerminalResult, Traits,
};
use crate::http::{Reply, Request};
use crate::money::Currency;
use crate::order::{GatewayOptions, Order};
use crate::settings::Wire;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// The gateway's name in settings and paths.
const NAME: &str = "dinpay";
/// Where Dinpay takes buyers (note 1.1).
pub const GATEWAY_URL: &str = "https://pay.dinpay.com/gateway";
/// Where Dinpay is asked (note 3.1).
pub const QUERY_URL: &str = "https://query.dinpay.com/query";
/// Only orders whose `order_time` is not longer ago can be queried (note 3.1).
pub const QUERY_WINDOW: SignedDuration = SignedDuration::from_hours(12);

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
    /// Further parameters of every payment request, by their names on the wire: `docs/gateways/dinpay.md` lists them.
    pub options: GatewayOptions,
    /// Whether the contract is a cross-border one, whose orders must say who the buyer is (note 1.2).
    pub cross_border: bool,
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
        let faults = options::of_account(&self, &extras.options);
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
}

impl Gateway for Account {
    fn traits(&self) -> Traits {
        Traits {
            name: NAME,
            guide: Proof::Signed,
            second_opinion: false,
            close: false,
            close_pays_back: false,
            return_by_get: false,
            return_signed: true,
            notify_type: Some(FORM),
            query_window: Some(QUERY_WINDOW),
            currency: Some(Currency::CNY),
        }
    }

    fn payee(&self) -> &str {
        &self.settings.merchant_code
    }

    fn addresses(&self) -> Vec<&str> {
        vec![&self.settings.gateway_url, &self.settings.query_url]
    }

    fn key_ids(&self) -> Vec<String> {
        self.seal.ids()
    }

    fn wire(&self) -> Wire {
        Wire {
            charset: self.settings.charset,
            sign_type: self.seal.kind().word().to_owned(),
        }
    }

    fn admit(&self, order: &Order) -> Result<(), Refusal> {
        checkout::admit(self, order)
    }

    fn personal_options(&self) -> &'static [&'static str] {
        &options::PERSONAL
    }

    fn choices(&self) -> Choices {
        choices::CHOICES
    }

    fn checkout_token(&self, _call: &CheckoutCall) -> Result<Option<Request>, Refusal> {
        Ok(None)
    }

    fn read_checkout_token(&self, _reply: &Reply) -> Result<String, String> {
        Err("this gateway gives out no tokens".to_owned())
    }

    fn checkout(&self, order: &Order, call: &CheckoutCall) -> Result<CheckoutStart, Refusal> {
        checkout::checkout(self, order, call).map(CheckoutStart::Ready)
    }

    fn read_checkout(&self, _order: &Order, _reply: &Reply) -> Placed {
        Placed::unknown("this gateway is not called for a checkout")
    }

    fn read_cashier(&self, reply: &Reply) -> Result<Cashier, NotSupported> {
        Ok(cashier::read(CODES, reply))
    }

    fn read_return(&self, wire: &[u8], now: Timestamp) -> Reading {
        callback::read_return(self, wire, now)
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
        "SUCCESS"
    }

    fn notify_sources(&self) -> NotifySources {
        NotifySources {
            seed: &[],
            modern: &[],
        }
    }

    fn query(&self, order_no: &str, _now: Timestamp) -> Result<Request, NotSupported> {
        Ok(query::request(self, order_no))
    }

    fn read_query(&self, order_no: &str, reply: &Reply) -> Answered {
        query::read(self, order_no, reply)
    }

    fn close(&self, _call: &CloseCall<'_>) -> Result<CloseRequest, NotSupported> {
        none::lacks("close")
    }

    fn read_close(&self, _order_no: &str, _reply: &Reply) -> Closing {
        none::closing()
    }

    fn refunds(&self) -> Result<RefundWay, NotSupported> {
        none::lacks("refund")
    }

    fn admit_refund(&self, _refund: &Refund) -> Result<(), Refusal> {
        none::admit_refund()
    }

    fn refund_wire_no(&self, _seed: &[u8], _now: Timestamp) -> String {
        String::new()
    }

    fn refund_wire_no_holds(&self, _wire_no: &str, _now: Timestamp) -> bool {
        false
    }

    fn refund(&self, _call: &RefundCall<'_>) -> Result<Request, NotSupported> {
        none::lacks("refund_call")
    }

    fn read_refund(&self, _reply: &Reply) -> Refunding {
        none::refunding()
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
        _wire_no: &str,
        _trade_no: &str,
        _now: Timestamp,
    ) -> Result<Request, NotSupported> {
        none::lacks("refund_query")
    }

    fn read_refund_query(&self, _wire_no: &str, _trade_no: &str, _reply: &Reply) -> RefundAnswered {
        none::refund()
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
        _report: &TerminalReport<'_>,
    ) -> Result<TerminalResult, NotSupported> {
        none::lacks("terminal_result")
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
