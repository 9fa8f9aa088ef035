//! Alipay classic instant pay: `create_direct_pay_by_user` with MD5 or RSA; DSA is verified.
//!
//! **Sources.** The facts come from the protocol note `alipay-mapi`, written from the seeds 001 and 003, the
//! gateway's own technical document (v1.5) and its demos; the numbers below are the note's sections, and where it
//! differs the seeds win.
//!
//! | what | where |
//! |---|---|
//! | request, bank codes, forbidden characters | note 1.1, 1.2; seed 001 3.2 |
//! | form and address | note 1.3 |
//! | signing string, MD5, RSA and DSA, charsets | note 1.4..1.7; seed 001 5.2 D |
//! | return, notify, statuses, refund marks | note 2.1..2.5; seed 001 3.4, seed 003 |
//! | anti-phishing timestamp | note 4; seed 001 5.1 |
//! | `notify_verify`, acknowledgement | note 3.1, 3.2; seed 001 5.2 F, seed 003 (6), (7), (12) |
//! | `single_trade_query`, `close_trade`, envelope | note 5.0, 5.1, 5.2 |
//! | refunds: the page, the call, the query, the batch refund notify | note 5.3 |
//! | statements: the report, the pages | note 5.4, 5.5, and public programs that read them: `statement/` |
//! | error codes | seed 001 5.1; note 5.2, 5.3, 5.5, 6 |
//! | addresses that notifies come from | note 7; seed 001 5.2 B |
//! | signed examples M1..M15, R1..R4, D1, P1 | note 8 |
//!
//! **Inferred by the note, not documented:** callbacks come in the charset of the request (1.7), a pending trade is
//! not paid to the merchant (2.3), before the buyer reaches the cashier a query answers `TRADE_NOT_EXIST` (5.1), the
//! writings of a DSA signature (1.6).

mod batch;
mod callback;
mod checkout;
mod choices;
mod close;
mod codes;
mod doubt;
mod envelope;
mod foreign;
pub mod gateway_side;
mod inspect;
mod options;
mod query;
mod refund;
mod refund_query;
mod royalty;
mod seal;
mod settings;
mod sources;
mod statement;
mod timestamp;
mod trade;
mod verify;
mod words;

pub use crate::gateway::keys::{Key, Keys};
pub use crate::gateway::setting::{OptionFault, Problem};
pub use codes::CODES;
pub use settings::{Seller, Settings};

use crate::choice::Choices;
use crate::codes::Codes;
use crate::facts::Proof;
use crate::gateway::beijing;
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
use jiff::Timestamp;
use std::sync::Arc;

/// The gateway's name in settings and paths.
const NAME: &str = "alipay";

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
    /// Further parameters of every payment request, by their names on the wire: `docs/gateways/alipay.md` lists them.
    pub options: GatewayOptions,
    /// Whether the contract demands the timestamp against phishing, and the buyer's address with it (note 4).
    pub anti_phishing: bool,
    /// The service by which the account's statements are read, where they are.
    pub statement: Option<StatementService>,
}

/// The two services that tell what was booked on an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StatementService {
    /// `export_trade_account_report`: a day at once (note 5.4).
    Report,
    /// `account.page.query`: page by page (note 5.5).
    Pages,
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
        let mut faults = options::of_account(&extras.options, self.settings.charset);
        if faults.is_empty() && matches!(self.settings.seller, Some(Seller::Email(_))) {
            faults.extend(options::named_twice(&extras.options));
        }
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

    /// The account's identity at the gateway: the seller it names, else its partner.
    fn payee_name(&self) -> &str {
        match &self.settings.seller {
            Some(Seller::Id(name) | Seller::Email(name)) => name,
            None => &self.settings.partner,
        }
    }

    /// The number of the same: where it names a login, that is its partner's.
    fn payee_id(&self) -> &str {
        match &self.settings.seller {
            Some(Seller::Id(id)) => id,
            Some(Seller::Email(_)) | None => &self.settings.partner,
        }
    }
}

impl Gateway for Account {
    fn traits(&self) -> Traits {
        Traits {
            name: NAME,
            guide: Proof::Confirmed,
            second_opinion: true,
            close: true,
            close_pays_back: false,
            return_by_get: true,
            return_signed: true,
            notify_type: Some(FORM),
            query_window: None,
            currency: Some(Currency::CNY),
        }
    }

    fn payee(&self) -> &str {
        self.payee_name()
    }

    fn addresses(&self) -> Vec<&str> {
        vec![&self.settings.gateway_url]
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

    fn checkout_token(&self, call: &CheckoutCall) -> Result<Option<Request>, Refusal> {
        if !self.extras.anti_phishing {
            return Ok(None);
        }
        checkout::buyer_address(call)?;
        Ok(Some(timestamp::request(self)))
    }

    fn read_checkout_token(&self, reply: &Reply) -> Result<String, String> {
        timestamp::read(self, reply)
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

    fn told_title(&self, wire: &[u8]) -> Option<String> {
        callback::title(self, wire)
    }

    fn second_opinion(&self, notify_id: &str) -> Result<Request, NotSupported> {
        Ok(verify::request(self, notify_id))
    }

    fn read_second_opinion(&self, reply: &Reply) -> Opinion {
        verify::read(reply)
    }

    fn ack(&self) -> &'static str {
        "success"
    }

    fn notify_sources(&self) -> NotifySources {
        NotifySources {
            seed: &sources::SEED,
            modern: &sources::MODERN,
        }
    }

    fn query(&self, order_no: &str, _now: Timestamp) -> Result<Request, NotSupported> {
        Ok(query::request(self, order_no))
    }

    fn read_query(&self, order_no: &str, reply: &Reply) -> Answered {
        query::read(self, order_no, reply)
    }

    fn close(&self, call: &CloseCall<'_>) -> Result<CloseRequest, NotSupported> {
        Ok(CloseRequest {
            request: close::request(self, &call.order.key.order_no),
            pays_back: false,
        })
    }

    fn read_close(&self, _order_no: &str, reply: &Reply) -> Closing {
        close::read(self, reply)
    }

    fn refunds(&self) -> Result<RefundWay, NotSupported> {
        refund::way(self)
    }

    fn admit_refund(&self, refund: &Refund) -> Result<(), Refusal> {
        refund::admit(self, refund)
    }

    fn refund_wire_no(&self, seed: &[u8], now: Timestamp) -> String {
        refund::wire_no(seed, now)
    }

    fn refund_wire_no_holds(&self, wire_no: &str, now: Timestamp) -> bool {
        refund::wire_no_holds(wire_no, now)
    }

    fn refund(&self, call: &RefundCall<'_>) -> Result<Request, NotSupported> {
        refund::request(self, call)
    }

    fn read_refund(&self, reply: &Reply) -> Refunding {
        refund::read(self, reply)
    }

    fn refund_page(&self, call: &RefundCall<'_>, via_get: bool) -> Result<Checkout, NotSupported> {
        refund::page(self, call, via_get)
    }

    fn refund_query(
        &self,
        wire_no: &str,
        trade_no: &str,
        _now: Timestamp,
    ) -> Result<Request, NotSupported> {
        refund_query::request(self, wire_no, trade_no)
    }

    fn read_refund_query(&self, wire_no: &str, trade_no: &str, reply: &Reply) -> RefundAnswered {
        refund_query::read(self, wire_no, trade_no, reply)
    }

    fn statement_clock(&self) -> Result<i32, NotSupported> {
        statement::clock(self)
    }

    fn statement(&self, call: &StatementCall) -> Result<Request, NotSupported> {
        statement::request(self, call)
    }

    fn read_statement(&self, call: &StatementCall, reply: &Reply) -> Stated {
        statement::read(self, call, reply)
    }

    fn read_terminal_result(
        &self,
        _report: &TerminalReport<'_>,
    ) -> Result<TerminalResult, NotSupported> {
        Err(NotSupported {
            gateway: NAME,
            flow: "terminal_result",
        })
    }

    fn codes(&self) -> Codes {
        CODES
    }

    fn inspect(&self, subject: &Subject<'_>) -> Inspection {
        inspect::inspect(self, subject)
    }

    fn doubted(&self, doubt: &Doubt<'_>) -> Option<Mistake> {
        doubt::read(doubt)
    }
}
