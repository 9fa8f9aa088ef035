//! The contract between Quittance and a gateway's protocol.
//!
//! A gateway is a folder of pure files with the same parts in the same order as its siblings. Adding one touches its
//! folder, one variant of [`Account`], its sandbox half and its vectors. A flow that a gateway lacks, or that is not
//! built yet, is the value [`NotSupported`], never a default body.

pub mod alipay;
mod beijing;
pub mod cashier;
pub mod codepay;
pub mod dinpay;
mod foreign;
pub mod inspection;
pub mod keys;
mod seal;
pub mod setting;
pub mod verification;
mod wall;

use crate::choice::Choices;
use crate::codes::Codes;
use crate::facts::{Claim, Detail, Proof, Witness};
use crate::http::{Reply, Request};
use crate::money::{Currency, Money};
use crate::order::Order;
use crate::sabotage::{Defence, removed};
use crate::settings::Wire;
use cashier::Cashier;
use inspection::{Doubt, Inspection, Mistake, Subject};
use jiff::{SignedDuration, Timestamp};
use keys::Keys;
use seal::Seal;
use serde::{Deserialize, Serialize};

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

/// A flow that this gateway lacks, or that is not built yet: `not_supported_by_gateway`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{gateway} does not support {flow}")]
pub struct NotSupported {
    /// The gateway.
    pub gateway: &'static str,
    /// The flow: `refund`, `close`.
    pub flow: &'static str,
}

/// An order that a gateway would not take.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: {detail}. {help}")]
pub struct Refusal {
    /// The field of the order, by its name in the API.
    pub field: &'static str,
    /// What is wrong with it, for those who say it in words of their own.
    pub fault: Fault,
    /// What is wrong with it, and why.
    pub detail: String,
    /// What to do.
    pub help: String,
}

/// What is wrong with a field of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Nothing is there, and something has to be.
    Missing,
    /// There is more of it than the gateway takes.
    TooLong,
    /// The gateway forbids this character.
    Forbidden(char),
    /// The account's charset has no such character.
    Unmappable(char),
    /// The gateway takes amounts from the first to the second.
    OutOfRange(Money, Money),
    /// It is not as the gateway takes it, in another way.
    NotTaken,
    /// The gateway would answer with this code of its own.
    Code(&'static str),
}

/// What a checkout needs beyond the order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckoutCall {
    /// Where the gateway's server shall call.
    pub notify_url: String,
    /// Where the gateway shall send the browser.
    pub return_url: String,
    /// The buyer's IPv4 address, where the merchant told it.
    pub client_ip: Option<String>,
    /// The token of [`Gateway::checkout_token`], just fetched, where the account needs one.
    pub token: Option<String>,
    /// A redirect to a signed URL instead of a form.
    pub via_get: bool,
    /// When the buyer is sent. Some gateways have it on the wire, and count their query window from it.
    pub now: Timestamp,
}

/// Lists of addresses, or of ranges such as `110.75.128.0/19`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotifySources {
    /// Those of the guide.
    pub seed: &'static [&'static str],
    /// Those of the gateway's later documents.
    pub modern: &'static [&'static str],
}

/// What sends the buyer to the cashier.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Checkout {
    /// A form that the buyer's browser posts, in this charset.
    Form {
        /// Always `POST`.
        method: String,
        /// The cashier's address.
        url: String,
        /// What the form declares as `accept-charset`.
        charset: String,
        /// Hidden fields in their order, as text.
        fields: Vec<(String, String)>,
    },
    /// An address to send the browser to.
    Redirect {
        /// The signed address.
        url: String,
    },
    /// The order is at a terminal, where the buyer pays.
    Terminal {
        /// The terminal's serial number.
        terminal: String,
        /// The gateway's number of the trade, where it told one.
        #[serde(skip_serializing_if = "Option::is_none")]
        trade_no: Option<String>,
        /// The gateway's word about the terminal, where it told one: `ONLINE`.
        #[serde(skip_serializing_if = "Option::is_none")]
        terminal_status: Option<String>,
    },
}

impl Checkout {
    /// Its kind, as the API and the journal name it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Checkout::Form { .. } => "form",
            Checkout::Redirect { .. } => TO_ADDRESS,
            Checkout::Terminal { .. } => TO_TERMINAL,
        }
    }
}

/// How a checkout begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CheckoutStart {
    /// The buyer can be sent.
    Ready(Checkout),
    /// Our server calls first, and the answer says where the buyer goes: [`Gateway::read_checkout`].
    Call {
        /// The call.
        request: Request,
        /// Whether it sends the order to a terminal; else it is asked for an address.
        to_terminal: bool,
    },
}

impl CheckoutStart {
    /// The kind of the checkout that it leads to, as the API and the journal name it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            CheckoutStart::Ready(checkout) => checkout.kind(),
            CheckoutStart::Call { to_terminal, .. } if *to_terminal => TO_TERMINAL,
            CheckoutStart::Call { .. } => TO_ADDRESS,
        }
    }
}

/// The kind of a checkout at a terminal.
pub const TO_TERMINAL: &str = "terminal";
/// The kind of a checkout at an address that the browser is sent to.
const TO_ADDRESS: &str = "redirect";

/// What the gateway said to the call of a checkout.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// Whether it took the order; `None` where it said nothing that can be read.
    pub accepted: Option<bool>,
    /// The gateway's code, or why nothing could be read.
    pub reason: Option<String>,
    /// Where the buyer goes, if it took it.
    pub checkout: Option<Checkout>,
}

impl Placed {
    /// An answer that says nothing. The gateway may have the order all the same.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Placed {
        Placed {
            accepted: None,
            reason: Some(reason.into()),
            checkout: None,
        }
    }
}

/// What is about a closing besides the order's number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CloseCall<'a> {
    /// The order.
    pub order: &'a Order,
    /// Whether a close that leaves a paid order alone will do: an answer just before says that nobody has paid, and no
    /// such close was tried since.
    pub gently: bool,
    /// When it goes out.
    pub now: Timestamp,
}

/// What asks for a closing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CloseRequest {
    /// The request.
    pub request: Request,
    /// Whether it pays back what was paid until it arrives: such a call is journaled before it goes out.
    pub pays_back: bool,
}

/// A claim with what it is about and how it is known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// Which order it concerns.
    pub about: Address,
    /// Who told it.
    pub witness: Witness,
    /// How strongly it is proven.
    pub proof: Proof,
    /// What is claimed.
    #[serde(flatten)]
    pub claim: Claim,
    /// What this telling adds.
    #[serde(flatten)]
    pub detail: Detail,
}

/// How a piece of evidence names its order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// By the merchant's number.
    OrderNo(String),
    /// By the gateway's number of a trade that is known.
    TradeNo(String),
}

/// Personal data that came with a message: kept beside the journal, never in a header.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Personal {
    /// What it belongs to: a trade number, or empty for the order itself.
    pub subject: String,
    /// `buyer_id`, `buyer_email`, `client_ip`.
    pub name: String,
    /// The value.
    pub value: String,
}

/// What a callback turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Signed by the gateway for this account, and unambiguous. Its claims are at [`Proof::Signed`].
    Genuine,
    /// A valid signature over a map that could be cut in another way, or with critical values out of format: no
    /// evidence, but a reason to ask (SEC-001..004).
    Ambiguous,
    /// Validly signed for another payee (SEC-026).
    PayeeMismatch,
    /// The signature is missing, of another kind, or wrong.
    BadSignature,
    /// Not as this gateway sends it.
    Malformed,
    /// From an address outside of the account's filter; not looked into.
    ForeignSource,
}

impl Verdict {
    /// The word in counters.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Genuine => "genuine",
            Verdict::Ambiguous => "ambiguous",
            Verdict::PayeeMismatch => "payee_mismatch",
            Verdict::BadSignature => "bad_signature",
            Verdict::Malformed => "malformed",
            Verdict::ForeignSource => "foreign_source",
        }
    }
}

/// The reading of one callback. Verification and parsing are one step: this is the only thing that the rest accepts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// What it turned out to be.
    pub verdict: Verdict,
    /// Why, in plain words, naming no secret and no expected signature.
    pub reason: Option<String>,
    /// The order that it names, where its signature was valid.
    pub order_no: Option<String>,
    /// The trade that it names, where its signature was valid.
    pub trade_no: Option<String>,
    /// The token for [`Gateway::second_opinion`], where there is one.
    pub notify_id: Option<String>,
    /// The name of the key that its signature fits, where that is a previous one.
    pub previous_key: Option<String>,
    /// The claims. Empty unless genuine; empty too where a genuine callback claims nothing (pending, failed).
    pub evidence: Vec<Evidence>,
    /// What must not stand in a header.
    pub personal: Vec<Personal>,
}

impl Reading {
    /// A reading that is no evidence.
    #[must_use]
    pub fn refused(verdict: Verdict, reason: impl Into<String>) -> Reading {
        Reading {
            verdict,
            reason: Some(reason.into()),
            order_no: None,
            trade_no: None,
            notify_id: None,
            previous_key: None,
            evidence: Vec::new(),
            personal: Vec::new(),
        }
    }

    /// Whether the callback was made by someone who holds the key.
    #[must_use]
    pub fn authentic(&self) -> bool {
        !matches!(
            self.verdict,
            Verdict::BadSignature | Verdict::Malformed | Verdict::ForeignSource
        )
    }
}

/// What the gateway said when asked whether it sent a callback.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    /// Exactly `true`.
    True,
    /// `false`: unknown, expired, used, or blocked. Never "forged".
    False,
    /// Anything else, or nothing.
    Unknown,
}

/// What a query found out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Money was received, whatever became of it later.
    Paid,
    /// The trade exists and waits for the buyer.
    Unpaid,
    /// The gateway knows no such trade.
    NotFound,
    /// The trade was closed unpaid.
    Closed,
    /// No answer, or none that can be believed. Never "unpaid".
    Unknown,
}

/// The reading of an answer to a query.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// In one word.
    pub answer: Answer,
    /// Why it is what it is, where that needs saying.
    pub reason: Option<String>,
    /// The claims, at [`Proof::Queried`].
    pub evidence: Vec<Evidence>,
    /// What must not stand in a header.
    pub personal: Vec<Personal>,
}

impl Answered {
    /// An answer that says nothing.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Answered {
        Answered {
            answer: match removed(Defence::UnknownIsNotUnpaid) {
                true => Answer::Unpaid,
                false => Answer::Unknown,
            },
            reason: Some(reason.into()),
            evidence: Vec::new(),
            personal: Vec::new(),
        }
    }
}

/// What the gateway said to a close. Only the query after it is believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closing {
    /// Whether the gateway says that it closed the trade; `None` where it said nothing that can be read.
    pub accepted: Option<bool>,
    /// The gateway's code, or why nothing could be read.
    pub reason: Option<String>,
}

/// What a terminal told the till, as far as it told anything.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct TerminalReport<'a> {
    /// Its code.
    pub response_code: Option<&'a str>,
    /// Its text.
    pub response_msg: Option<&'a str>,
    /// What it said about the payment, as JSON.
    pub biz_data: Option<&'a str>,
}

/// What a terminal's word comes down to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TerminalResult {
    /// In one word.
    pub outcome: TerminalOutcome,
    /// The gateway's codes and its text.
    pub reason: Option<String>,
}

/// How a payment at a terminal ended, by the terminal's word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerminalOutcome {
    /// Somebody pressed cancel. The only outcome that may be taken as unpaid without asking.
    Canceled,
    /// The terminal says that it is paid.
    Success,
    /// The terminal says that it failed.
    Failed,
    /// The terminal, or nobody, answered in time.
    Timeout,
    /// Anything else.
    Unexpected,
}

/// Who makes the gateway pay money back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundWay {
    /// Our server asks, and the gateway does it.
    Call,
    /// A person confirms it on a page of the gateway.
    Page,
}

/// Money to be paid back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refund {
    /// The trade it is of.
    pub trade_no: String,
    /// How much.
    pub amount: Money,
    /// What the trade brought, where that is known. Some gateways have it on the wire.
    pub received: Option<Money>,
    /// Why. It goes to the gateway.
    pub reason: Option<String>,
}

/// What goes to the gateway at once, under one number.
#[derive(Clone, Debug)]
pub struct RefundCall<'a> {
    /// Our number on the wire.
    pub wire_no: &'a str,
    /// At least one, each of another trade.
    pub refunds: &'a [Refund],
    /// Where the gateway's server shall tell the outcome.
    pub notify_url: &'a str,
    /// When it goes out.
    pub now: Timestamp,
}

/// What the gateway said to [`Gateway::refund`]. Taking it in is not doing it: the outcome comes later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refunding {
    /// Whether it took the refund in; `None` where it said nothing that can be read, or has had this number before.
    pub accepted: Option<bool>,
    /// The gateway's code, or why nothing could be read.
    pub reason: Option<String>,
}

/// What became of a refund, as the gateway says when it is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundAnswer {
    /// Paid back.
    Succeeded,
    /// Refused for good.
    Failed,
    /// Taken in, not done yet.
    Pending,
    /// The gateway knows no refund under this number.
    NotFound,
    /// No answer, or none that can be believed.
    Unknown,
}

/// The reading of an answer to [`Gateway::refund_query`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefundAnswered {
    /// In one word.
    pub answer: RefundAnswer,
    /// The gateway's code, or why it is what it is.
    pub reason: Option<String>,
    /// The claims, at [`Proof::Queried`]; none where the protocol leaves the answer unsigned.
    pub evidence: Vec<Evidence>,
}

/// A part of an account's statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatementCall {
    /// From this instant on.
    pub from: Timestamp,
    /// Up to this one, which is not in it.
    pub to: Timestamp,
    /// Which part, from 1: a page, or what the protocol asks for apart.
    pub part: u32,
}

/// The reading of a part of a statement. What the gateway booked of an order's payment is told as its payment; the fold
/// counts it where it is the order's very amount, and has everything else asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stated {
    /// How many rows are in it; `None` where it cannot be read or believed.
    pub rows: Option<u32>,
    /// The gateway's code, or why it is what it is.
    pub reason: Option<String>,
    /// Whether another part follows.
    pub more: bool,
    /// The claims: at [`Proof::Queried`] where the rows are signed, else at [`Proof::Hint`].
    pub evidence: Vec<Evidence>,
}

impl Stated {
    /// A part that says nothing.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Stated {
        Stated {
            rows: None,
            reason: Some(reason.into()),
            more: false,
            evidence: Vec::new(),
        }
    }
}
