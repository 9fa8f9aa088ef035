//! The contract between Quittance and a gateway's protocol.
//!
//! A gateway is a folder of pure files with the same parts in the same order as its siblings. Adding one touches its
//! folder, one variant of [`Account`], its sandbox half and its vectors. A flow that a gateway lacks, or that is not
//! built yet, is the value [`NotSupported`], never a default body.

pub mod alipay;
mod answer;
mod beijing;
pub mod cashier;
mod checkout;
mod close;
pub mod codepay;
pub mod dinpay;
mod evidence;
mod foreign;
pub mod inspection;
pub mod keys;
mod reading;
mod refund;
mod refusal;
mod seal;
pub mod setting;
mod statement;
mod terminal;
pub mod verification;
mod wall;

pub use answer::{Answer, Answered};
pub use checkout::{Checkout, CheckoutCall, CheckoutStart, Placed, TO_TERMINAL};
pub use close::{CloseCall, CloseRequest, Closing};
pub use evidence::{Address, Evidence, Personal};
pub use reading::{NotifySources, Opinion, Reading, Verdict};
pub use refund::{Refund, RefundAnswer, RefundAnswered, RefundCall, RefundWay, Refunding};
pub use refusal::{Fault, NotSupported, Refusal};
pub use statement::{Stated, StatementCall};
pub use terminal::{TerminalOutcome, TerminalReport, TerminalResult};

use crate::choice::Choices;
use crate::codes::Codes;
use crate::facts::Proof;
use crate::http::{Reply, Request};
use crate::money::Currency;
use crate::order::Order;
use crate::settings::Wire;
use cashier::Cashier;
use inspection::{Doubt, Inspection, Mistake, Subject};
use jiff::{SignedDuration, Timestamp};
use keys::Keys;
use seal::Seal;

/// One merchant contract at one gateway.
#[derive(Clone, Debug)]
pub enum Account {
    /// Alipay classic instant pay.
    Alipay(alipay::Account),
    /// Dinpay, the classic platform.
    Dinpay(dinpay::Account),
    /// CodePay.
    CodePay(codepay::Account),
}

impl Account {
    /// The account's protocol.
    #[must_use]
    pub fn gateway(&self) -> &dyn Gateway {
        match self {
            Account::Alipay(account) => account,
            Account::Dinpay(account) => account,
            Account::CodePay(account) => account,
        }
    }

    /// The account's keys, ready to use and as they are configured.
    fn sealed(&self) -> (&Seal, &Keys) {
        match self {
            Account::Alipay(account) => account.sealed(),
            Account::Dinpay(account) => account.sealed(),
            Account::CodePay(account) => account.sealed(),
        }
    }
}

/// The codes of every gateway, for those who have no account at hand.
pub const CODES: [Codes; 3] = [alipay::CODES, dinpay::CODES, codepay::CODES];

/// What every gateway's protocol does for the merchant. Pure: time comes in, requests go out as values.
pub trait Gateway: Send + Sync + std::fmt::Debug {
    /// What is fixed about the protocol.
    fn traits(&self) -> Traits;
    /// The account's own identity at the gateway: the payee that its claims carry.
    fn payee(&self) -> &str;
    /// Where the gateway is: the addresses of the account's settings, of which each is called by us or by browsers.
    fn addresses(&self) -> Vec<&str>;
    /// Names of the keys in force, telling nothing about them. For the journal.
    fn key_ids(&self) -> Vec<String>;
    /// How the account's messages are written. For the journal.
    fn wire(&self) -> Wire;
    /// Whether the order can be sent to this gateway at all. Asked at creation.
    ///
    /// # Errors
    /// [`Refusal`] names the field, why it is refused and what to do.
    fn admit(&self, order: &Order) -> Result<(), Refusal>;
    /// Names of the order's `gateway_options` that say who the buyer is. They are kept beside the journal.
    fn personal_options(&self) -> &'static [&'static str];
    /// What a buyer may choose before the cashier, where an order leaves method or bank open.
    fn choices(&self) -> Choices;
    /// Asks the gateway for the token that this account's checkouts need, where they need one. It lives for seconds:
    /// asked for when the buyer is about to be sent.
    ///
    /// # Errors
    /// As [`Gateway::checkout`], for what would be refused whatever the token.
    fn checkout_token(&self, call: &CheckoutCall) -> Result<Option<Request>, Refusal>;
    /// Reads the answer to [`Gateway::checkout_token`], for [`CheckoutCall::token`].
    ///
    /// # Errors
    /// Says why there is no token.
    fn read_checkout_token(&self, reply: &Reply) -> Result<String, String>;
    /// Sends the buyer to the cashier, or asks the gateway where he goes. The same order may be sent again and again,
    /// under its own number.
    ///
    /// # Errors
    /// As [`Gateway::admit`].
    fn checkout(&self, order: &Order, call: &CheckoutCall) -> Result<CheckoutStart, Refusal>;
    /// Reads the answer to the [`CheckoutStart::Call`] of this order. Whatever it says, the gateway may have the order:
    /// only a query tells.
    fn read_checkout(&self, order: &Order, reply: &Reply) -> Placed;
    /// Reads the page that a browser gets which brings the order's request to the gateway.
    ///
    /// # Errors
    /// [`NotSupported`] where no browser brings requests to the gateway.
    fn read_cashier(&self, reply: &Reply) -> Result<Cashier, NotSupported>;
    /// Verifies and reads what the buyer's browser brought back: the query string of a `GET`, the body of a `POST`.
    fn read_return(&self, wire: &[u8], now: Timestamp) -> Reading;
    /// Verifies and reads what the gateway's server sent: the body.
    fn read_notify(&self, wire: &[u8], now: Timestamp) -> Reading;
    /// The order's title in a callback that verified, as the gateway tells it back. `None` where this gateway's callbacks
    /// carry none.
    fn told_title(&self, wire: &[u8]) -> Option<String>;
    /// Asks the gateway whether it sent a callback.
    ///
    /// # Errors
    /// [`NotSupported`] where the gateway has no such call.
    fn second_opinion(&self, notify_id: &str) -> Result<Request, NotSupported>;
    /// Reads the answer to [`Gateway::second_opinion`].
    fn read_second_opinion(&self, reply: &Reply) -> Opinion;
    /// The exact bytes that the gateway must read.
    fn ack(&self) -> &'static str;
    /// The addresses that notifies come from, as the gateway published them. A filter at most, and never a proof.
    fn notify_sources(&self) -> NotifySources;
    /// Asks for the state of an order.
    ///
    /// # Errors
    /// [`NotSupported`] where the gateway has no such call.
    fn query(&self, order_no: &str, now: Timestamp) -> Result<Request, NotSupported>;
    /// Reads the answer to [`Gateway::query`] for this order.
    fn read_query(&self, order_no: &str, reply: &Reply) -> Answered;
    /// Asks the gateway to close an unpaid order.
    ///
    /// # Errors
    /// [`NotSupported`] where the gateway has no such call.
    fn close(&self, call: &CloseCall<'_>) -> Result<CloseRequest, NotSupported>;
    /// Reads the answer to [`Gateway::close`] for this order.
    fn read_close(&self, order_no: &str, reply: &Reply) -> Closing;
    /// How money is paid back at this gateway.
    ///
    /// # Errors
    /// [`NotSupported`] where the gateway, or this contract with it, pays nothing back by request.
    fn refunds(&self) -> Result<RefundWay, NotSupported>;
    /// Whether the refund can be sent to this gateway at all. Asked when somebody wants it.
    ///
    /// # Errors
    /// [`Refusal`] names the field, why it is refused and what to do.
    fn admit_refund(&self, refund: &Refund) -> Result<(), Refusal>;
    /// The number on the wire for what goes out on this day. The same seed gives the same one on the same day.
    fn refund_wire_no(&self, seed: &[u8], now: Timestamp) -> String;
    /// Whether this number may still be sent: some gateways want numbers of the same day.
    fn refund_wire_no_holds(&self, wire_no: &str, now: Timestamp) -> bool;
    /// Asks the gateway to pay money back, where that is [`RefundWay::Call`].
    ///
    /// # Errors
    /// [`NotSupported`] where it is not.
    fn refund(&self, call: &RefundCall<'_>) -> Result<Request, NotSupported>;
    /// Reads the answer to [`Gateway::refund`].
    fn read_refund(&self, reply: &Reply) -> Refunding;
    /// Sends a person to the gateway's page to confirm refunds, where that is [`RefundWay::Page`].
    ///
    /// # Errors
    /// [`NotSupported`] where it is not.
    fn refund_page(&self, call: &RefundCall<'_>, via_get: bool) -> Result<Checkout, NotSupported>;
    /// Asks what became of one refund.
    ///
    /// # Errors
    /// [`NotSupported`] where the gateway has no such call.
    fn refund_query(
        &self,
        wire_no: &str,
        trade_no: &str,
        now: Timestamp,
    ) -> Result<Request, NotSupported>;
    /// Reads the answer to [`Gateway::refund_query`] for this refund.
    fn read_refund_query(&self, wire_no: &str, trade_no: &str, reply: &Reply) -> RefundAnswered;
    /// The clock by whose days the account's statements are made, in seconds ahead of UTC.
    ///
    /// # Errors
    /// [`NotSupported`] where the gateway, or this contract with it, gives none out.
    fn statement_clock(&self) -> Result<i32, NotSupported>;
    /// Asks for a part of the account's statement.
    ///
    /// # Errors
    /// As [`Gateway::statement_clock`].
    fn statement(&self, call: &StatementCall) -> Result<Request, NotSupported>;
    /// Reads the answer to [`Gateway::statement`].
    fn read_statement(&self, call: &StatementCall, reply: &Reply) -> Stated;
    /// Reads what a terminal of this gateway told the till about a payment. It is nobody's signed word.
    ///
    /// # Errors
    /// [`NotSupported`] where the gateway has no terminals.
    fn read_terminal_result(
        &self,
        report: &TerminalReport<'_>,
    ) -> Result<TerminalResult, NotSupported>;
    /// What the gateway's codes mean.
    fn codes(&self) -> Codes;
    /// Explains a message: what was signed, which step of the verification it passes, and which likely mistake would
    /// make its signature fit. Believes nothing.
    fn inspect(&self, subject: &Subject<'_>) -> Inspection;
    /// Explains why the gateway did not say, when it was asked, that a callback is its own. `None` where it did, or where
    /// it cannot be asked.
    fn doubted(&self, doubt: &Doubt<'_>) -> Option<Mistake>;
}

/// The content type of a form.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// What is fixed about a gateway's protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Traits {
    /// The gateway's name in settings and paths: `alipay`.
    pub name: &'static str,
    /// The proof that the gateway's own guide prescribes before an order is handled.
    pub guide: Proof,
    /// Whether [`Gateway::second_opinion`] exists.
    pub second_opinion: bool,
    /// Whether [`Gateway::close`] exists.
    pub close: bool,
    /// Whether a close that is not [`CloseCall::gently`] pays a paid order back.
    pub close_pays_back: bool,
    /// Whether the browser may bring the return by `GET`, in the query string. Where not, only the body of a `POST` is
    /// one. A notify is the body of a `POST` everywhere.
    pub return_by_get: bool,
    /// Whether what the browser brings is signed. Where not, it is not looked into: it leads to its order's page.
    pub return_signed: bool,
    /// The content type of the gateway's notifies, where it is one and known; a body of another type is none then.
    pub notify_type: Option<&'static str>,
    /// How long after [`CheckoutCall::now`] of its last checkout an order can be asked about, where that ends. What
    /// the gateway answers later says nothing.
    pub query_window: Option<SignedDuration>,
    /// The only currency, where there is but one.
    pub currency: Option<Currency>,
}
