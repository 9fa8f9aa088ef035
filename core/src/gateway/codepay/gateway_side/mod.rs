//! The gateway's side of the same wire: what a simulator of CodePay needs.
//!
//! [`read_call`] checks and reads what a merchant sends; [`notify_body`] and the replies are what the gateway says.
//! Nothing here is used to believe anything: the merchant's side has its own reader, and the tests let the two meet.
//!
//! Codes that begin with `SIM_` are the simulator's own: no public source names the gateway's (note 5), so nothing may
//! depend on them.

mod answer;
mod asked;
mod call;
mod field;
mod message;
mod refusal;
mod tell;

pub use super::trade::Status;
pub use answer::{
    checkout_reply, close_reply, error_reply, pushed_reply, query_reply, refund_reply, revoke_reply,
};
pub use asked::{Call, Named, PayBack, Place, Push, Queue, Sale, Who};
pub use call::read_call;
pub use refusal::{Refusal, Refused};
pub use tell::notify_body;

use super::words;
use crate::gateway::wall;
use crate::money::Money;
use crate::sign::{PublicKey, rsa};
use jiff::{SignedDuration, Timestamp};
use message::Message;

/// How far the time of a call may be from the gateway's, in either direction (note 1.2).
pub const TIMESTAMP_WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// What the gateway knows of a payment app: its keys, and whose it is.
#[derive(Clone, Debug)]
pub struct App {
    /// The app's id.
    pub app_id: String,
    /// The gateway's private key for it: it signs what the merchant is told.
    pub gateway: rsa::PrivateKey,
    /// The public key that the merchant uploaded: it verifies what the merchant sends.
    pub merchant: PublicKey,
    /// The merchants that the app may speak for.
    pub merchants: Vec<Merchant>,
}

/// A merchant of an app.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merchant {
    /// Its number.
    pub merchant_no: String,
    /// The number of its store, where it has one: another one is refused.
    pub store_no: Option<String>,
    /// The serial numbers of its terminals.
    pub terminals: Vec<String>,
}

impl App {
    /// The app's merchant of this number.
    #[must_use]
    pub fn merchant_of(&self, merchant_no: &str) -> Option<&Merchant> {
        let mut merchants = self.merchants.iter();
        merchants.find(|merchant| merchant.merchant_no == merchant_no)
    }
}

/// What a trade is (note 2.1): of those that the simulator plays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransType {
    /// A payment.
    Sale,
    /// A payment is taken back whole before it is settled.
    Void,
    /// Money is paid back.
    Refund,
}

impl TransType {
    /// The number on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            TransType::Sale => words::SALE,
            TransType::Void => words::VOID,
            TransType::Refund => words::REFUNDED,
        }
    }
}

/// How a try to pay ended without money (note 4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// The customer's bank refused. The code is one of a processor's (note 5: TSYS, insufficient funds); its text is the
    /// simulator's.
    Declined,
    /// Somebody pressed cancel at the terminal.
    Cancelled,
    /// Nobody presented a card in time. The code is the note's, its text the simulator's.
    TimedOut,
}

impl Ending {
    /// `trans_error_code`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Ending::Declined => "TS-D2012",
            Ending::Cancelled => words::CANCELED,
            Ending::TimedOut => words::TIMED_OUT,
        }
    }

    /// `trans_error_msg`.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Ending::Declined => "Transaction declined[[TS-D2012]Insufficient funds]",
            Ending::Cancelled => "Operator cancellation[[K026]Manual cancelation by operator]",
            Ending::TimedOut => "Transaction timeout[[SIM]No card was presented in time]",
        }
    }
}

/// The gateway's record of a trade.
#[derive(Clone, Debug)]
pub struct Trade {
    /// Whose it is.
    pub who: Who,
    /// The terminal that it was pushed to.
    pub terminal_sn: Option<String>,
    /// The merchant's number.
    pub order_no: String,
    /// The gateway's number.
    pub trans_no: String,
    /// The gateway's number of the payment that it takes back, where it does.
    pub orig_trans_no: Option<String>,
    /// What it is.
    pub trans_type: TransType,
    /// How it stands.
    pub status: Status,
    /// The base amount; of what takes money back, that of the payment.
    pub order_amount: Money,
    /// The tip in it.
    pub tip: Money,
    /// The cash that the customer is handed.
    pub cashback: Money,
    /// The amount that is transacted.
    pub trans_amount: Money,
    /// The way to pay.
    pub pay_scenario: Option<String>,
    /// What it was paid by, where it was.
    pub payment: Option<Payment>,
    /// When it ended, if it did.
    pub ended_at: Option<Timestamp>,
    /// Why it ended without money, where somebody or something said so.
    pub ending: Option<Ending>,
    /// What is echoed.
    pub attach: Option<String>,
}

/// What a trade was paid by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment {
    /// `pay_method_id`, such as `Visa`.
    pub method: String,
    /// The masked card, or the user of a wallet.
    pub account: String,
    /// The processor's number.
    pub channel_no: String,
}

/// The same message with why the trade ended without money, where it did.
fn with_ending(message: Message, trade: &Trade) -> Message {
    match trade.ending {
        Some(ending) if trade.status == Status::Failed => message
            .text("trans_error_code", ending.code())
            .text("trans_error_msg", ending.text()),
        _ => message,
    }
}

/// The time as the wire has it: UTC, to the second (note 1.1).
fn utc(at: Timestamp) -> String {
    wall::write(at, &wall::clock(0))
}

/// The text where there is one, else the empty one, which no message has.
fn or_none(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}
